"""Python and Lean compute the same bounds by relaxation, with any multipliers, corrupted ones
included, and so decide the same about every certificate."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest

from pyorch.lean.protocol import Server
from pyorch.lean.workbench import Workbench
from pyorch.nets.dual import DualBounds, DualCertificate, DualRow, Multipliers
from pyorch.nets.dual_emit import lean_dual_certificate
from pyorch.nets.dual_packed import pack_dual
from pyorch.nets.dual_search import search_dual
from pyorch.nets.emit_data import lean_box, lean_network, lean_packed_network
from pyorch.nets.network import CertificationProblem
from pyorch.nets.packed import pack_pair
from tests.lean.agreement import Fact, Names, assert_agree, assert_decided_both_ways, stated
from tests.lean.test_nets_properties_agree import problem


def numbers(rng: random.Random, unit: int) -> tuple[int, ...]:
    count = rng.choice([0, 1, 3, 5, 6])
    return tuple(rng.choice([0, rng.randint(-2 * unit, 2 * unit)]) for _ in range(count))


def row(rng: random.Random, unit: int) -> DualRow:
    steps = rng.choice([0, 1, 2, 3, 5])
    return tuple(Multipliers(numbers(rng, unit), numbers(rng, unit)) for _ in range(steps))


def masks(rng: random.Random) -> tuple[int, ...]:
    """Symbols for affine forms that go on for some layers; bits past the last neuron, too."""
    return tuple(rng.choice([0, 1, 255, rng.randrange(64)]) for _ in range(rng.randrange(5)))


def corrupted(rng: random.Random, certificate: DualCertificate) -> DualCertificate:
    """Other multipliers, other lengths, another precision, rows that changed places, other
    symbols."""
    unit = 1 << certificate.prec
    match rng.randrange(7):
        case 0:
            return replace(certificate, tighten=not certificate.tighten)
        case 1:
            return replace(certificate, prec=rng.choice([0, 5, 31]))
        case 2:
            return replace(certificate, upper=certificate.lower, lower=certificate.upper)
        case 3:
            upper = [*certificate.upper, row(rng, unit)]
            rng.shuffle(upper)
            return replace(certificate, upper=tuple(upper))
        case 4 | 5:
            return replace(certificate, symbols=masks(rng))
        case _:
            return replace(certificate, lower=(row(rng, unit),) * rng.randint(0, 3))


def certificates(rng: random.Random, p: CertificationProblem) -> Iterator[DualCertificate]:
    found = search_dual(p, rng.choice([8, 24])).certificate
    yield found
    for _ in range(5):
        yield corrupted(rng, found)
    unit = 1 << found.prec
    rows = [tuple(row(rng, unit) for _ in range(rng.randint(0, 4))) for _ in range(2)]
    yield DualCertificate(found.prec, rng.random() < 0.5, *rows, masks(rng))
    yield DualCertificate(found.prec, symbols=(255,) * 4)


def facts(rng: random.Random, p: CertificationProblem, n: str, named: Names) -> Iterator[Fact]:
    for certificate in certificates(rng, p):
        text = named(lean_dual_certificate(certificate))
        relaxation = DualBounds.of(p, certificate)
        shown = ", ".join(f"({b.lo}, {b.hi})" for b in relaxation.bounds(certificate))
        least = relaxation.epsilon(certificate)
        most = least.numerator * relaxation.unit // least.denominator
        forward = relaxation.forward
        for operations, t, s, check in (
            ("listOps", f"T{n}", f"S{n}", "dualCheck"),
            ("packedOps", f"PT{n}", f"PS{n}", "packedDualCheck"),
            ("packedOps", f"QT{n}", f"QS{n}", "packedDualCheck"),
        ):
            difference = f"dualDifference {operations} {t} {s} box{n} {text}"
            yield f"({difference}).map (fun i => (i.lo, i.hi)) == [{shown}]", True
            last = 0 if forward is None else max(max(-b.lo, b.hi, 0) for b in forward)
            for numerator in (last, last - 1) if last else (last,):
                steps = f"dualSteps {operations} {t} {s} box{n} {text}"
                test = f"(allWithin {relaxation.unit} {numerator} {relaxation.unit})"
                within = f"{operations}.lastAccepts {test}"
                yield f"{within} ({steps})", forward is not None and numerator == last
            for numerator in (most, most - 1):
                if numerator >= 0:
                    epsilon = Fraction(numerator, relaxation.unit)
                    ratio = f"{epsilon.numerator} {epsilon.denominator}"
                    yield f"{check} {t} {s} box{n} {text} {ratio}", numerator == most
        yield f"dualCheck T{n} S{n} box{n} {text} 1000000000 0", False


def definitions(p: CertificationProblem, n: str) -> str:
    certificate = DualCertificate(24, True, symbols=(255,) * 4)
    packed = pack_dual(DualBounds.of(p, certificate), certificate)
    tight = pack_pair(p, 0)  # lanes without room
    return f"""
def T{n} : Network := {lean_network(p.teacher)}
def S{n} : Network := {lean_network(p.student)}
def PT{n} : PackedNetwork := {lean_packed_network(packed[0])}
def PS{n} : PackedNetwork := {lean_packed_network(packed[1])}
def QT{n} : PackedNetwork := {lean_packed_network(tight[0])}
def QS{n} : PackedNetwork := {lean_packed_network(tight[1])}
def box{n} : Box := {lean_box(p.box)}
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_lean_bounds_as_python_does(seed: int, bench: Workbench, server: Server) -> None:
    pytest.importorskip("scipy")
    environment = bench.library(("PyOrch.Net.DualPackedCertificate",))
    rng = random.Random(seed)
    found: list[Fact] = []
    for number in range(8):
        p, n = problem(rng), str(number)
        named = Names("DualCertificate", f"C{n}")
        some = list(facts(rng, p, n, named))
        text = stated(n, definitions(p, n) + named.definitions, some)
        assert_agree(server, environment, [text])
        found += some
    assert len(found) > 400
    assert_decided_both_ways(found, ("dualCheck", "packedDualCheck"))
