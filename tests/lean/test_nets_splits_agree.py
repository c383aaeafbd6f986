"""Python and Lean decide the same about boxes in parts, true certificates and corrupted ones."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from pyorch.lean.protocol import Server
from pyorch.lean.workbench import Workbench
from pyorch.nets.emit_data import lean_box, lean_packed_network
from pyorch.nets.lanes import Lanes, lane_grid, lanes_for, lanes_for_whole, pack_lanes
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.packed import PackedLayer
from pyorch.nets.split import (
    LEAF,
    Split,
    SplitCertificate,
    SplitTree,
    grid_of,
    leaf_gap,
    leaf_proves,
    on_grid,
    refine,
)
from pyorch.nets.split_parts import lean_batch, lean_tree
from tests.lean.agreement import Fact, assert_agree, stated
from tests.lean.test_nets_properties_agree import moved as nearby

PROBLEMS = 60


def network(rng: random.Random, widths: tuple[int, ...]) -> Network:
    def numbers(count: int) -> list[float]:
        return [rng.choice([0, 1, -1, 0.5, rng.uniform(-2, 2)]) for _ in range(count)]

    return Network(
        tuple(
            Layer.exact(
                [numbers(inputs) for _ in range(outputs)],
                numbers(outputs),
                rng.choice(list(Activation)),
            )
            for inputs, outputs in pairwise(widths)
        )
    )


def problem(rng: random.Random) -> CertificationProblem:
    inputs, outputs = rng.randint(1, 3), rng.randint(1, 2)
    hidden = tuple(rng.randint(1, 4) for _ in range(rng.randint(0, 2)))
    teacher = network(rng, (inputs, *hidden, outputs))
    if rng.random() < 0.5:
        student = nearby(rng, teacher)
    else:
        student = network(rng, (inputs, rng.randint(1, 3), outputs))
    den = rng.choice([1, 8, 10])
    lo = [rng.randint(-2 * den, 2 * den) for _ in range(inputs)]
    box = Box(tuple(lo), tuple(x + rng.randint(0, den) for x in lo), den)
    return CertificationProblem(teacher, student, box, None, "", "test")


def tree(rng: random.Random, box: Box, refinement: int, depth: int) -> SplitTree:
    """With a cut, most cuts inside the box; a few part nothing off, or are in no coordinate."""
    dim = rng.randrange(box.dim + (rng.random() < 0.05))
    cut = 0
    if dim < box.dim:
        lo, hi = box.lo[dim] << refinement, box.hi[dim] << refinement
        cut = rng.choice([lo, hi, *(rng.randint(lo, hi) for _ in range(8))])
    parts = (
        tree(rng, box, refinement, depth - 1) if rng.random() < 0.2 * depth else LEAF
        for _ in range(2)
    )
    return Split(dim, cut, *parts)


def moved(rng: random.Random, some: SplitTree) -> SplitTree:
    """The tree with one of its cuts elsewhere."""
    assert isinstance(some, Split)
    for side in rng.sample(["below", "above"], 2):
        part = getattr(some, side)
        if isinstance(part, Split) and rng.random() < 0.7:
            return replace(some, **{side: moved(rng, part)})
    return replace(some, cut=some.cut + rng.choice([-1, 1]) * 2 ** rng.randint(0, 40))


def least_epsilon(p: CertificationProblem, some: SplitCertificate) -> Fraction | None:
    """The smallest that the certificate's bounds prove, if none of its boxes is crossed."""
    try:
        return max(leaf_gap(p, part, some.prec) for part in some.parts(p.box))
    except ValueError:
        return None


def term(
    p: CertificationProblem, some: SplitCertificate, lanes: Lanes, networks: str, n: str
) -> str:
    return (
        f"splitCheck {lean_batch(lanes)} {networks} {some.epsilon.numerator} "
        f"{some.epsilon.denominator} {lane_grid(p, some.refinement, some.prec)} {some.prec}\n    "
        f"{lean_tree(some.tree)} (box{n}.refine {some.refinement})"
    )


def altered(rng: random.Random, data: tuple[PackedLayer, ...]) -> tuple[PackedLayer, ...]:
    """The layers with a bit of a weight flipped."""
    index = rng.randrange(len(data))
    layer = data[index]
    (columns, block), *others = layer.blocks
    bit = 1 << rng.randrange(layer.bits * columns)
    layer = replace(layer, blocks=((columns, block ^ bit), *others))
    return (*data[:index], layer, *data[index + 1 :])


def roomy(lanes: Lanes) -> Lanes:
    """With room for other boxes and networks, too."""
    return replace(lanes, width=lanes.width + 400, bits=lanes.bits + 150)


def define(name: str, data: tuple[PackedLayer, ...]) -> str:
    return f"def {name} : PackedNetwork := {lean_packed_network(data)}\n"


def definitions(p: CertificationProblem, data: tuple[tuple[PackedLayer, ...], ...], n: str) -> str:
    return (
        define(f"T{n}", data[0])
        + define(f"S{n}", data[1])
        + f"def box{n} : Box := {lean_box(p.box)}\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_lean_decides_as_python_does(seed: int, bench: Workbench, server: Server) -> None:
    environment = bench.library(("PyOrch.Net.SplitCertificate",))
    rng = random.Random(seed)
    truths: list[bool] = []
    parts: list[str] = []
    while len(parts) < PROBLEMS:
        p, n = problem(rng), str(len(parts))
        prec, refinement = rng.choice([8, 12, 30]), rng.randint(0, 20)
        some = SplitCertificate(Fraction(1), prec, refinement, tree(rng, p.box, refinement, 4))
        epsilon = least_epsilon(p, some)
        if epsilon is None:
            continue
        some = replace(some, epsilon=epsilon)
        lanes = lanes_for(p, some)
        data = pack_lanes(p, roomy(lanes))
        text, tight = definitions(p, data, n), f"T{n}t S{n}t"
        for side, layers in zip("TS", pack_lanes(p, lanes), strict=True):
            text += define(f"{side}{n}t", layers)
        claims = [(term(p, some, lanes, tight, n), True)]
        less = epsilon - Fraction(1, 2 ** rng.choice([1, 4, prec, 60]))
        if less >= 0:
            claims.append((term(p, replace(some, epsilon=less), lanes, tight, n), False))
        for _ in range(4):
            if rng.random() < 0.3:  # another network
                other, teacher = altered(rng, data[0]), f"T{n}x{len(claims)}"
                q = replace(p, teacher=Network(tuple(layer.unpack() for layer in other)))
                text += define(teacher, other)
            else:
                q, teacher = p, f"T{n}"
            changed = replace(
                some,
                tree=moved(rng, some.tree) if rng.random() < 0.7 else some.tree,
                epsilon=epsilon + rng.choice([0, 0, 1, Fraction(1, 8), Fraction(1, 2**61)]),
            )
            networks = f"{teacher} S{n}"
            claims.append((term(q, changed, roomy(lanes), networks, n), changed.proves(q)))
        parts.append(stated(n, text, claims))
        truths += [truth for _, truth in claims]
    assert_agree(server, environment, parts)
    assert min(truths.count(True), truths.count(False)) > PROBLEMS


@pytest.mark.slow
def test_so_do_they_on_a_box_that_is_not_bisected(bench: Workbench, server: Server) -> None:
    environment = bench.library(("PyOrch.Net.SplitCertificate",))
    rng = random.Random(0)
    truths: list[bool] = []
    parts: list[str] = []
    while len(parts) < PROBLEMS:
        p, n, prec = problem(rng), str(len(parts)), rng.choice([8, 12, 30])
        rounded = on_grid(refine(p.box, 0), grid_of(p.box.den, prec))
        epsilon = leaf_gap(p, rounded, prec)
        if p.box.den != 10:  # a power of two
            assert epsilon == leaf_gap(p, refine(p.box, 0), prec)
        whole = lanes_for_whole(p, epsilon, prec)
        assert whole
        less = epsilon - Fraction(1, 2 ** rng.choice([1, 4, prec, 60]))
        assert lanes_for_whole(p, less, prec) is None
        data = pack_lanes(p, whole[0])
        text = definitions(p, data, n)
        claims = [(f"T{n} S{n}", epsilon, True)] + [(f"T{n} S{n}", less, False)] * (less >= 0)
        for side in range(2):
            other = altered(rng, data[side])
            network = Network(tuple(layer.unpack() for layer in other))
            q = replace(p, student=network) if side else replace(p, teacher=network)
            if not leaf_proves(q, rounded, epsilon, prec):
                networks = f"T{n} S{n}x" if side else f"T{n}x S{n}"
                text += define(f"{'TS'[side]}{n}x", other)
                claims.append((networks, epsilon, False))
        facts: list[Fact] = [
            (
                f"splitCheck {lean_batch(whole[0])} {networks} {e.numerator} {e.denominator} "
                f"{whole[1]} {prec} .leaf box{n}",
                truth,
            )
            for networks, e, truth in claims
        ]
        parts.append(stated(n, text, facts))
        truths += [truth for _, truth in facts]
    assert_agree(server, environment, parts)
    assert min(truths.count(True), truths.count(False)) >= PROBLEMS
