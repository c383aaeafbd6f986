"""Python and Lean decide the same about tolerances by output and about classes by duality, with any
multipliers, corrupted ones included."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

import pytest

from pyorch.lean.protocol import Server
from pyorch.lean.workbench import Workbench
from pyorch.nets.dual_emit import lean_dual_certificate
from pyorch.nets.dual_goals import class_targets, forward_tops, gaps_of
from pyorch.nets.dual_steps import DualCertificate
from pyorch.nets.emit_data import lean_pairs
from pyorch.nets.goal_certificate import (
    ChosenClass,
    GoalCertificate,
    GoalClaim,
    OutputTolerances,
    relax,
)
from pyorch.nets.goal_search import dual_gaps, dual_margin
from pyorch.nets.margins import evaluate_class, is_classifier
from pyorch.nets.network import CertificationProblem
from pyorch.nets.split import Leaf
from tests.lean.agreement import Fact, Names, assert_agree, assert_decided_both_ways, stated
from tests.lean.test_nets_dual_agree import corrupted, definitions, masks, row
from tests.lean.test_nets_properties_agree import problem

_CHECKS = (
    ("listOps", "T{0}", "S{0}", "dualCheck"),
    ("packedOps", "PT{0}", "PS{0}", "packedDualCheck"),
    ("packedOps", "QT{0}", "QS{0}", "packedDualCheck"),
)


def variants(rng: random.Random, found: DualCertificate) -> Iterator[DualCertificate]:
    yield found
    yield corrupted(rng, found)
    unit = 1 << found.prec
    rows = [tuple(row(rng, unit) for _ in range(rng.randint(0, 4))) for _ in range(2)]
    yield DualCertificate(found.prec, rng.random() < 0.5, *rows, masks(rng))
    if rng.random() < 0.5:
        yield DualCertificate(found.prec, symbols=(255,) * 4)


def decides(p: CertificationProblem, claim: GoalClaim, certificate: DualCertificate) -> bool:
    return GoalCertificate(claim, certificate.prec, tree=Leaf(certificate)).first_failure(p) is None


def tolerance_facts(
    rng: random.Random, p: CertificationProblem, n: str, named: Names
) -> Iterator[Fact]:
    count = p.teacher.output_dim
    scales = {i: Fraction(rng.randint(0, 3), 4) for i in range(count)}
    found = dual_gaps(p, scales, as_small_as_possible=rng.random() < 0.5, most=None)
    assert found is not None
    for certificate in variants(rng, found.certificate):
        text = named(lean_dual_certificate(certificate))
        whole = OutputTolerances((Fraction(1),) * count)
        relaxed = relax(p, whole, certificate)
        unit = relaxed.bounds.unit
        gaps = list(gaps_of(relaxed.tops, unit).values())
        less = [gap - Fraction(rng.randint(0, 1), unit) for gap in gaps]
        near = [max(gap, Fraction(0)) for gap in less]
        tops = forward_tops(relaxed.bounds, whole.targets(count))
        # on the way forward, and one less: all outputs have to be proved in one way
        forward = gaps if tops is None else list(gaps_of(tops, unit).values())
        fewer = [max(gap - Fraction(rng.randint(0, 1), unit), Fraction(0)) for gap in forward]
        mixed = [min(pair) for pair in zip(gaps, forward, strict=True)]
        others = rng.sample([forward, fewer, mixed, gaps[:-1], [*gaps, Fraction(1)]], 2)
        for epsilons in (gaps, near, *others):
            claim = OutputTolerances(tuple(epsilons))
            truth = decides(p, claim, certificate)
            accepts = f"(allWithinEach (2 ^ {certificate.prec}) {lean_pairs(epsilons)})"
            for _, t, s, check in rng.sample(_CHECKS, 1):
                nets = f"{t.format(n)} {s.format(n)}"
                yield f"{check}Bounds {accepts} {nets} box{n} {text}", truth
        for i, epsilon in enumerate([*near, Fraction(1)]):
            truth = decides(p, OutputTolerances((epsilon,), i), certificate)
            ratio = f"({epsilon.numerator}, {epsilon.denominator})"
            accepts = f"(withinAt (2 ^ {certificate.prec}) {ratio} {i})"
            for _, t, s, check in rng.sample(_CHECKS, 1):
                nets = f"{t.format(n)} {s.format(n)}"
                yield f"{check}Bounds {accepts} {nets} box{n} {text}", truth


def class_facts(
    rng: random.Random, p: CertificationProblem, n: str, named: Names
) -> Iterator[Fact]:
    if not is_classifier(p):
        return
    point = [lo + hi for lo, hi in zip(p.box.lo, p.box.hi, strict=True)]
    chosen = evaluate_class(p, point, 2 * p.box.den).chosen or 0
    found = dual_margin(p, chosen, most=None)
    assert found is not None
    for certificate in variants(rng, found.certificate):
        text = named(lean_dual_certificate(certificate))
        for c in range(p.teacher.output_dim + 1):
            truth = decides(p, ChosenClass(c), certificate)
            for _, t, s, check in rng.sample(_CHECKS, 1):
                nets = f"{t.format(n)} {s.format(n)}"
                yield f"{check}Class {nets} box{n} {text} {c}", truth
        # the bounds themselves, number by number
        tops = relax(p, ChosenClass(chosen), certificate).tops
        for (j, upper), (t_side, s_side) in class_targets(chosen, p.teacher.output_dim).items():
            rows = "upper" if upper else "lower"
            sides = (
                f"(rivalRow {chosen} {j}) 1 [] 1" if upper else f"[] 1 (rivalRow {chosen} {j}) 1"
            )
            assert (t_side if upper else s_side).row[j] == 1
            for ops, t, s, _ in rng.sample(_CHECKS, 1):
                yield (
                    f"LayerOps.back {ops} (box{n}.inputs (2 ^ {certificate.prec}))"
                    f" (dualSteps {ops} {t.format(n)} {s.format(n)} box{n} {text})"
                    f" ({text}.{rows}[{j}]?.getD []) {sides}"
                    f" == {tops[j, upper]}",
                    True,
                )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_lean_decides_as_python_does(seed: int, bench: Workbench, server: Server) -> None:
    pytest.importorskip("scipy")
    environment = bench.library(("PyOrch.Net.DualGoals", "PyOrch.Net.DualSameClass"))
    rng = random.Random(seed)
    found: list[Fact] = []
    parts: list[str] = []
    for number in range(5):
        p, n = problem(rng), str(number)
        named = Names("DualCertificate", f"C{n}")
        some = [*tolerance_facts(rng, p, n, named), *class_facts(rng, p, n, named)]
        parts.append(stated(n, definitions(p, n) + named.definitions, some))
        found += some
    assert_agree(server, environment, parts)
    checks = ("dualCheckBounds", "packedDualCheckBounds", "dualCheckClass", "packedDualCheckClass")
    assert_decided_both_ways(found, checks)
