"""Packing loses nothing, and its lanes hold what Lean computes in them."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from pyorch.nets.bounds import Interval, trace_pair
from pyorch.nets.network import CertificationProblem, Layer
from pyorch.nets.packed import PackedLayer, pack_layer, pack_pair
from tests.property.nets_strategies import layers, problems

shapes = st.tuples(st.integers(1, 6), st.integers(1, 6))


@given(shapes.flatmap(lambda shape: layers(*shape)), st.integers(0, 100))
def test_packing_and_unpacking(layer: Layer, room: int) -> None:
    bits = pack_layer(layer, 400).bits
    packed = pack_layer(layer, bits + room)
    assert packed.unpack() == layer
    assert sum(columns for columns, _ in packed.blocks) == layer.input_dim
    assert all(columns * packed.bits <= packed.stride for columns, _ in packed.blocks)


def lanes_needed(layer: PackedLayer, x: Sequence[Interval]) -> int:
    """The largest of the sums that one lane meets, over all rows: offset entries times offset
    inputs, and the sum of the entries."""
    z = sum(max(-v, 0) for interval in x for v in interval)
    offset = 1 << (layer.bits - 1)
    return max(
        max(
            sum((w + offset) * (v.hi + z) for w, v in zip(row, x, strict=True)),
            sum((w + offset) * (v.lo + z) for w, v in zip(row, x, strict=True)),
            sum(w + offset for w in row),
        )
        for row in layer.unpack().weights
    )


@given(problems(), st.integers(0, 24))
def test_lanes_have_room(problem: CertificationProblem, prec: int) -> None:
    trace = trace_pair(problem, prec)
    teacher, student = pack_pair(problem, prec)
    for network, states in ((teacher, trace.teacher), (student, trace.student)):
        for layer, x in zip(network, states, strict=False):
            assert lanes_needed(layer, x) < 2**layer.stride
    for t, s, delta in zip(teacher, student, trace.difference[:-1], strict=False):
        assert t.stride == s.stride
        assert lanes_needed(t, delta) < 2**t.stride
