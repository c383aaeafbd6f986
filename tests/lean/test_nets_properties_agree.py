"""Python and Lean decide the same about random networks, true claims and corrupted ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from pyorch.lean.protocol import Server
from pyorch.lean.workbench import Workbench
from pyorch.nets.bounds import bound_pair
from pyorch.nets.emit_data import (
    lean_box,
    lean_coordinates,
    lean_ints,
    lean_network,
    lean_packed_network,
    lean_pairs,
)
from pyorch.nets.margins import evaluate_class, proves_class
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.packed import pack_pair
from pyorch.nets.tolerances import proves_tolerances
from tests.lean.agreement import Fact, assert_agree, assert_decided_both_ways, stated


def network(rng: random.Random, widths: tuple[int, ...]) -> Network:
    def numbers(count: int) -> list[float]:
        return [rng.choice([0, 1, -1, 0.5, rng.uniform(-2, 2)]) for _ in range(count)]

    pairs = list(pairwise(widths))
    return Network(
        tuple(
            Layer.exact(
                [numbers(inputs) for _ in range(outputs)],
                numbers(outputs),
                Activation.IDENTITY
                if index == len(pairs) and rng.random() < 0.95
                else rng.choice(list(Activation)),
            )
            for index, (inputs, outputs) in enumerate(pairs, 1)
        )
    )


def moved(rng: random.Random, teacher: Network) -> Network:
    """A copy with less precise weights."""
    step = rng.choice([4, 16, 1024])
    layers = []
    for layer in teacher.layers:
        rows = [[round(step * v / layer.den) / step for v in row] for row in layer.weights]
        layers.append(Layer.exact(rows, [v / layer.den for v in layer.bias], layer.activation))
    return Network(tuple(layers))


def problem(rng: random.Random) -> CertificationProblem:
    inputs, outputs = rng.randint(1, 4), rng.randint(2, 4)
    hidden = tuple(rng.randint(1, 5) for _ in range(rng.randint(0, 2)))
    teacher = network(rng, (inputs, *hidden, outputs))
    if rng.random() < 0.7:
        student = moved(rng, teacher)
    else:
        student = network(rng, (inputs, rng.randint(1, 4), outputs))
    den = rng.choice([1, 8, 10])
    lo = [rng.randint(-2 * den, 2 * den) for _ in range(inputs)]
    width = rng.choice([0, 1, den])
    box = Box(tuple(lo), tuple(x + rng.randint(0, width) for x in lo), den)
    return CertificationProblem(teacher, student, box, None, "", "test")


def class_facts(rng: random.Random, p: CertificationProblem, n: str) -> Iterator[Fact]:
    prec = rng.choice([0, 8, 30])
    classes = range(p.teacher.output_dim + 1)
    for c in classes:
        truth = proves_class(p, c, prec)
        yield f"checkClass T{n} S{n} box{n} {c} {prec}", truth
        yield f"packedCheckClass PT{n} PS{n} box{n} {c} {prec}", truth
        yield f"packedCheckClass QT{n} QS{n} box{n} {c} {prec}", truth
        swapped = replace(p, teacher=p.student, student=p.teacher)
        yield f"packedCheckClass PS{n} PT{n} box{n} {c} {prec}", proves_class(swapped, c, prec)
    steps = [rng.randint(0, 3) for _ in p.box.lo]
    point = [3 * lo + k * (hi - lo) for lo, hi, k in zip(p.box.lo, p.box.hi, steps, strict=True)]
    if rng.random() < 0.2:
        point[0] = 3 * p.box.hi[0] + 1  # outside
    den = 3 * p.box.den
    found = evaluate_class(p, point, den)
    inside = p.box.contains(found.coordinates)
    greatest = {i for y in (found.teacher, found.student) for i in classes[:-1] if y[i] == max(y)}
    for i in classes:
        for k in classes:
            yield (
                f"refutesClass T{n} S{n} box{n} {i} {k} {lean_ints(point)} {den}",
                inside and i != k and {i, k} <= greatest,
            )


def tolerance_facts(rng: random.Random, p: CertificationProblem, n: str) -> Iterator[Fact]:
    prec = rng.choice([0, 8, 30])
    gaps = bound_pair(p, prec).gaps
    some = [gap + rng.choice([0, 0, 0, 1, Fraction(-1, 2**31)]) for gap in gaps]
    exact = [max(epsilon, Fraction(0)) for epsilon in some]
    for epsilons in (exact, exact[:-1], [*exact, Fraction(1)]):
        truth = len(epsilons) == len(gaps) and proves_tolerances(p, dict(enumerate(epsilons)), prec)
        accepts = f"(PairBounds.withinEach (2 ^ {prec}) {lean_pairs(epsilons)})"
        yield f"checkBounds {accepts} T{n} S{n} box{n} {prec}", truth
        yield f"packedCheckBounds {accepts} PT{n} PS{n} box{n} {prec}", truth
    for i, epsilon in enumerate([*exact, Fraction(1)]):
        truth = proves_tolerances(p, {i: epsilon}, prec)
        ratio = f"({epsilon.numerator}, {epsilon.denominator})"
        accepts = f"(PairBounds.withinAt (2 ^ {prec}) {i} {ratio})"
        yield f"checkBounds {accepts} T{n} S{n} box{n} {prec}", truth
        yield f"packedCheckBounds {accepts} PT{n} PS{n} box{n} {prec}", truth
        differences = p.difference_at(p.box.lower)
        gap = abs(differences[i]) if i < len(gaps) else Fraction(-1)
        for bound in (max(gap, Fraction(0)), abs(gap) / 2):
            ratio = f"{bound.numerator} {bound.denominator}"
            yield (
                f"refutesAt T{n} S{n} box{n} {i} {ratio} {lean_ints(p.box.lo)} {p.box.den}",
                gap > bound,
            )


def definitions(p: CertificationProblem, n: str) -> str:
    packed, tight = pack_pair(p, 30, margins=True), pack_pair(p, 0)
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
@pytest.mark.parametrize("seed", range(3))
def test_lean_decides_as_python_does(seed: int, bench: Workbench, server: Server) -> None:
    environment = bench.library(("PyOrch.Net.PackedSameClass",))
    rng = random.Random(seed)
    facts: list[Fact] = []
    parts: list[str] = []
    for number in range(8):
        p, n = problem(rng), str(number)
        some = [*class_facts(rng, p, n), *tolerance_facts(rng, p, n)]
        parts.append(stated(n, definitions(p, n), some))
        facts += some
    assert_agree(server, environment, parts)
    checks = ("checkClass", "packedCheckClass", "refutesClass", "checkBounds", "refutesAt")
    assert_decided_both_ways(facts, checks)


def test_many_coordinates_are_those_that_are_meant(bench: Workbench, server: Server) -> None:
    rng = random.Random(0)
    facts = []
    for largest in (0, 1, 2**70):
        values = [rng.randint(-largest - 1, largest) for _ in range(65)]
        facts.append(f"example : {lean_coordinates(values)} = {lean_ints(values)} := by decide\n")
    text = "\n".join(["set_option maxRecDepth 10000\nnamespace PyOrch", *facts, "end PyOrch"])
    result = server.elaborate(text, bench.library(("PyOrch.Net.Packed",)))
    assert not result.errors
