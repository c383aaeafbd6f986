"""What accumulators are sampled with is what the theorems about them are about."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from pyorch.claims.channel_forms import Channels
from pyorch.claims.twos_complement import width, wrap
from pyorch.lean.protocol import Server
from pyorch.lean.workbench import Workbench
from pyorch.nets.emit_data import lean_ints
from pyorch.nets.integer_weights import IntegerWeights
from pyorch.nets.packed_weights import pack_rows


def pairs_of(inputs: tuple[int, ...], weights: tuple[int, ...]) -> str:
    return f"[{', '.join(f'({x}, {w})' for x, w in zip(inputs, weights, strict=True))}]"


def registers(rng: random.Random) -> Iterator[str]:
    for bits in (0, 1, rng.randint(2, 40)):
        value = rng.choice([rng.randint(-9, 9), rng.randint(-(2**45), 2**45), 2**bits // 2])
        yield f"(BitVec.ofInt {bits} ({value})).toInt = {wrap(value, bits)}"
        yield f"{'' if width(value) <= bits else '¬ '}FitsSigned {bits} ({value})"


def channels(rng: random.Random) -> Iterator[str]:
    features = rng.randint(1, 7)
    bits = rng.randint(1, 9)
    rows = tuple(
        tuple(rng.randint(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for _ in range(features))
        for _ in range(rng.randint(1, 4))
    )
    c = Channels(IntegerWeights(rows, ""), rng.randint(-300, 0), rng.randint(0, 300))
    ends = f"({c.x_min}) {c.x_max}"
    for index, (row, bits) in enumerate(zip(rows, c.widths, strict=True)):
        ws = lean_ints(row)
        low, high = c.extremes[index]
        yield f"minDot {ends} {ws} = {low} ∧ maxDot {ends} {ws} = {high}"
        yield f"IsLeastWidth {bits} {ends} {ws} ∧ ¬ IsLeastWidth {bits + 1} {ends} {ws}"
        yield f"l1Norm {ws} = {sum(map(abs, row))} ∧ List.sum {ws} = {sum(row)}"
        inputs = tuple(rng.randint(c.x_min, c.x_max) for _ in row)
        dot, some = c.dot(index, inputs), rng.randint(1, 12)
        yield f"dotInt {pairs_of(inputs, row)} = {dot}"
        yield f"(wrappingDot {some} {pairs_of(inputs, row)}).toInt = {wrap(dot, some)}"
        if bits:
            witness = pairs_of(c.witness(index), row)
            exact, wrapped = c.run(index)
            yield f"overflowWitness {bits - 1} {ends} {ws} = {witness}"
            yield f"dotInt {witness} = {exact}"
            yield f"(wrappingDot {bits - 1} {witness}).toInt = {wrapped}"
    yield from packed(rng, c)


def packed(rng: random.Random, c: Channels) -> Iterator[str]:
    p = pack_rows(c.weights.rows)
    shape = f"{p.bits} {p.in_features} {p.log_lanes} {p.out_channels} {p.data}"
    rows = ", ".join(map(lean_ints, c.weights.rows))
    yield f"unpackLayer {shape} = [{rows}]"
    widths = int.from_bytes(bytes(c.widths), "little")
    yield f"unpack 8 {p.out_channels} {widths} = {lean_ints(c.widths)}"
    yield f"maxLane 8 {p.out_channels} {widths} = {c.widest}"
    yield f"packedNeed {-c.x_min} {c.x_max} {shape} {widths} = true"
    # a width that is changed, and empty lanes that are not empty
    index = rng.randrange(p.out_channels)
    changed = list(c.widths)
    changed[index] += 1 if changed[index] == 0 else rng.choice([-1, 1])
    wrong = int.from_bytes(bytes(changed), "little")
    yield f"packedNeed {-c.x_min} {c.x_max} {shape} {wrong} = false"
    if p.in_features < 1 << p.log_lanes:
        stray = p.data | 1 << (p.bits * p.in_features)
        with_stray = f"{p.bits} {p.in_features} {p.log_lanes} {p.out_channels} {stray}"
        yield f"unpackLayer {with_stray} = [{rows}]"
        yield f"packedNeed {-c.x_min} {c.x_max} {with_stray} {widths} = true"


@pytest.mark.parametrize("seed", range(6))
def test_lean_computes_what_python_computes(seed: int, bench: Workbench, server: Server) -> None:
    environment = bench.library(("PyOrch.AccumulatorAware", "PyOrch.PackedWidths"))
    rng = random.Random(seed)
    facts = [*registers(rng), *channels(rng)]
    examples = (f"example : {fact} := by decide +kernel\n" for fact in facts)
    result = server.elaborate("\n".join(("open PyOrch", *examples)), environment)
    assert not result.errors, [str(e)[:500] for e in result.errors]


def test_a_false_width_is_not_proved(bench: Workbench, server: Server) -> None:
    environment = bench.library(("PyOrch.PackedWidths",))
    text = "open PyOrch\nexample : IsLeastWidth {} 0 255 [3, -8, 7] := by decide +kernel\n"
    assert not server.elaborate(text.format(13), environment).errors
    assert server.elaborate(text.format(12), environment).errors
    assert server.elaborate(text.format(14), environment).errors
