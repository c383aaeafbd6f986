"""Python and Lean decide the same about goals on boxes in parts, whatever the trees are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from pyorch.lean.protocol import Server
from pyorch.lean.workbench import Workbench
from pyorch.nets.branch import Budget
from pyorch.nets.dual_steps import DualCertificate
from pyorch.nets.emit_data import lean_pairs
from pyorch.nets.goal_certificate import (
    ChosenClass,
    GoalCertificate,
    GoalClaim,
    OneTolerance,
    OutputTolerances,
)
from pyorch.nets.goal_splitting import split_goal
from pyorch.nets.margins import evaluate_class, is_classifier
from pyorch.nets.network import CertificationProblem
from pyorch.nets.split import LEAF, Leaf, Split, SplitTree
from pyorch.nets.split_parts import lean_goal_tree
from tests.lean.agreement import Fact, assert_agree, assert_decided_both_ways, stated
from tests.lean.test_nets_dual_agree import corrupted, definitions, masks
from tests.lean.test_nets_properties_agree import problem


def random_tree(rng: random.Random, p: CertificationProblem, depth: int) -> SplitTree:
    """Cuts anywhere, outside of the box included, in coordinates that need not be there."""
    if depth == 0 or rng.random() < 0.3:
        dual = DualCertificate(rng.choice([0, 20]), rng.random() < 0.5, symbols=masks(rng))
        return rng.choice([LEAF, Leaf(dual)])
    dim = rng.randint(0, p.box.dim)
    inside = p.box.lo[dim % p.box.dim], p.box.hi[dim % p.box.dim]
    cut = 2 * rng.choice(inside) + rng.randint(-1, 1)
    return Split(dim, cut, random_tree(rng, p, depth - 1), random_tree(rng, p, depth - 1))


def altered(rng: random.Random, tree: SplitTree) -> SplitTree:
    """Another method, other multipliers or another cut at one place."""
    if isinstance(tree, Split):
        if rng.random() < 0.4:
            return Split(tree.dim, tree.cut + rng.choice([-9, 1, 2]), tree.below, tree.above)
        if rng.random() < 0.5:
            return Split(tree.dim, tree.cut, altered(rng, tree.below), tree.above)
        return Split(tree.dim, tree.cut, tree.below, altered(rng, tree.above))
    return LEAF if tree.dual is None else Leaf(corrupted(rng, tree.dual))


def facts(rng: random.Random, p: CertificationProblem, n: str, cache: Path) -> Iterator[Fact]:
    count = p.teacher.output_dim
    middle = [lo + hi for lo, hi in zip(p.box.lo, p.box.hi, strict=True)]
    gaps = [abs(d) for d in p.difference_at([Fraction(v, 2 * p.box.den) for v in middle])]
    wide = tuple(gap * rng.choice([1, 2, 8]) + rng.choice([0, 1]) for gap in gaps)
    claims: list[GoalClaim] = [OutputTolerances(wide), OneTolerance(max(wide))]
    i = rng.randrange(count)
    claims.append(OutputTolerances(wide[i : i + 1], i))
    if is_classifier(p):
        claims.append(ChosenClass(evaluate_class(p, middle, 2 * p.box.den).chosen or 0))
    for claim in claims:
        found = split_goal(
            p, claim, scale=Fraction(1, 4), budget=Budget(2.0, 6), workers="1", cache=cache
        ).certificate
        certificates = [GoalCertificate(claim, 16, 1, random_tree(rng, p, 2)) for _ in range(2)]
        if found is not None:
            certificates += [found, GoalCertificate(claim, 0, found.refinement, found.tree)]
            wrong = altered(rng, found.tree)
            certificates.append(GoalCertificate(claim, found.prec, found.refinement, wrong))
        for certificate in certificates:
            yield lean_fact(rng, p, certificate, n)


def lean_fact(
    rng: random.Random, p: CertificationProblem, certificate: GoalCertificate, n: str
) -> Fact:
    claim, prec = certificate.claim, certificate.prec
    nets = rng.choice([f"PT{n} PS{n}", f"QT{n} QS{n}"])
    if isinstance(claim, ChosenClass):
        check, numbers = "checkClass", f"{claim.output}"
    elif isinstance(claim, OneTolerance):
        check, numbers = "checkAll", f"{claim.epsilon.numerator} {claim.epsilon.denominator}"
    elif claim.output is None:
        check, numbers = "checkEach", lean_pairs(claim.epsilons)
    else:
        (epsilon,) = claim.epsilons
        check = "checkAt"
        numbers = f"{claim.output} {epsilon.numerator} {epsilon.denominator}"
    tree = lean_goal_tree(certificate.tree)
    box = f"(box{n}.refine {certificate.refinement})"
    truth = certificate.first_failure(p) is None
    return f"GoalTree.{check} {nets} {numbers} {prec} {tree} {box}", truth


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_lean_decides_as_python_does(
    seed: int, bench: Workbench, server: Server, tmp_path: Path
) -> None:
    pytest.importorskip("scipy")
    environment = bench.library(("PyOrch.Net.GoalTree",))
    rng = random.Random(seed)
    found: list[Fact] = []
    parts: list[str] = []
    for number in range(8):
        p, n = problem(rng), str(number)
        some = list(facts(rng, p, n, tmp_path))
        parts.append(stated(n, definitions(p, n), some))
        found += some
    assert_agree(server, environment, parts)
    checks = ("checkAll", "checkEach", "checkAt", "checkClass")
    assert_decided_both_ways(found, [f"GoalTree.{check}" for check in checks])
