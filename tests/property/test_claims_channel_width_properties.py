"""Accumulators of channels, over arbitrary weights and ranges of inputs."""

from __future__ import annotations

import string
from itertools import accumulate, permutations, product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pyorch import emit
from pyorch.claims.channel_forms import Channels, ChannelSums, WitnessWraps
from pyorch.claims.channel_width import ChannelWidths
from pyorch.claims.twos_complement import width, wrap
from pyorch.nets.integer_weights import IntegerWeights
from pyorch.nets.packed_weights import PART_BITS, grouped_parts, pack_rows, packed_bits
from pyorch.numeric import check_form, cross_check

_PLAIN = set(string.printable) | set("·×∀∈↔≤≠∧")

weight = st.integers(-(2**31), 2**31 - 1) | st.integers(-9, 9)


def matrices(
    values: st.SearchStrategy[int], channels: int, features: int
) -> st.SearchStrategy[IntegerWeights]:
    def rows(n: int) -> st.SearchStrategy[list[tuple[int, ...]]]:
        return st.lists(st.tuples(*[values] * n), min_size=1, max_size=channels)

    return st.integers(1, features).flatmap(rows).map(_weights)


def _weights(rows: list[tuple[int, ...]]) -> IntegerWeights:
    return IntegerWeights(tuple(rows), ";".join(",".join(map(str, row)) for row in rows))


layers = st.builds(
    Channels,
    matrices(weight, 6, 8),
    st.integers(-(2**16), 0) | st.integers(-3, 0),
    st.integers(0, 2**16) | st.integers(0, 3),
)
tiny = st.builds(
    Channels, matrices(st.integers(-4, 4), 2, 3), st.integers(-2, 0), st.integers(0, 2)
)
seeds = st.integers(0, 2**32 - 1)


@given(tiny)
def test_widths_are_the_least_over_all_inputs_and_orders(c: Channels) -> None:
    inputs = range(c.x_min, c.x_max + 1)
    for row, (low, high), bits in zip(c.weights.rows, c.extremes, c.widths, strict=True):
        sums = {
            partial
            for xs in product(inputs, repeat=len(row))
            for order in permutations(x * w for x, w in zip(xs, row, strict=True))
            for partial in accumulate(order, initial=0)
        }
        assert (low, high) == (min(sums), max(sums))
        assert bits == max(map(width, sums))


@given(layers)
def test_witnesses_are_in_range_and_wrap_around(c: Channels) -> None:
    for channel, bits in enumerate(c.widths):
        witness = c.witness(channel)
        assert all(c.x_min <= x <= c.x_max for x in witness)
        exact = c.dot(channel, witness)
        assert exact in c.extremes[channel]
        if bits:
            assert c.run(channel) == (exact, wrap(exact, bits - 1))
            assert wrap(exact, bits - 1) != exact == wrap(exact, bits)


@given(layers, seeds)
def test_no_counterexample_for_any_weights(c: Channels, seed: int) -> None:
    if not c.widest:
        return
    instance = ChannelWidths(c)
    checks = cross_check(instance, seed=seed, samples=200)
    assert checks.failure is None
    assert checks.asked[0].largest == 0
    emitted = emit.emit(instance)
    assert set(emitted.text) <= _PLAIN
    for theorem in emitted.theorems:
        assert emitted.text.count(f"\ntheorem {theorem.rpartition('.')[2]} ") == 1
    again = instance.family.instantiate(f"{k}={v}" for k, v in instance.claim.parameters)
    assert again == instance


@given(layers, seeds)
def test_a_width_too_small_has_a_counterexample(c: Channels, seed: int) -> None:
    for channel, bits in enumerate(c.widths):
        if bits:
            less = tuple(b - (i == channel) for i, b in enumerate(c.widths))
            assert check_form(ChannelSums(c, less), seed=seed, samples=10).counterexample


@given(layers, seeds)
def test_the_screen_agrees_with_the_exact_quantity(c: Channels, seed: int) -> None:
    form = ChannelSums(c, c.widths)
    samples = form.sample(np.random.default_rng(seed), 20)
    for sample, screened in zip(samples.tolist(), form.screen(samples).tolist(), strict=True):
        point = form.exact_point(sample)
        assert form.contains(point)
        exact = form.quantity(point)
        # no bits at all, and -1 in one bit, are screened as one bit
        assert screened == max(exact, 1 - c.widths[int(point[0])])


@given(layers)
def test_the_witness_form_is_the_run(c: Channels) -> None:
    form = WitnessWraps(c)
    for point in form.corners():
        exact, wrapped = c.run(int(point[0]))
        assert form.quantity(point) == -abs(exact - wrapped) <= form.bound


@given(matrices(weight, 9, 40))
def test_packing_and_unpacking(weights: IntegerWeights) -> None:
    packed = pack_rows(weights.rows)
    assert packed.unpack() == weights.rows
    assert packed.data < 2 ** packed_bits(weights.rows)
    assert packed.in_features <= 2**packed.log_lanes < 2 * packed.in_features or (
        packed.in_features == 1 and packed.log_lanes == 0
    )


@given(st.integers(0, 2**300_000) | st.integers(0, 100))
def test_parts_of_a_number(number: int) -> None:
    groups = grouped_parts(number)
    parts = [part for group in groups for part in group]
    assert parts
    assert all(0 <= part < 2**PART_BITS for part in parts)
    assert sum(part << (PART_BITS * i) for i, part in enumerate(parts)) == number
    assert {len(group) for group in groups[:-1]} <= {16}
