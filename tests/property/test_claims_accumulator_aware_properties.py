"""The bounds of A2Q and A2Q+, over arbitrary accumulators, inputs and weights."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pyorch.claims.accumulator_aware import AccumulatorAware
from pyorch.claims.channel_forms import Channels
from pyorch.claims.norm_forms import Accumulator, NormBound, WithinBound
from pyorch.claims.twos_complement import greatest, least
from pyorch.nets.integer_weights import IntegerWeights
from pyorch.numeric import check_form
from tests.property.claims_strategies import assert_text_is_plain

accumulators = st.builds(Accumulator, st.integers(2, 64), st.integers(1, 32), st.booleans())
bounds = st.builds(NormBound, accumulators, st.booleans())
seeds = st.integers(0, 2**32 - 1)


@st.composite
def weights_within(draw: st.DrawFn, bound: NormBound) -> list[int]:
    """Weights that satisfy the hypotheses of the bound."""
    left = math.floor(bound.norm) // (1 + bound.zero_centred)
    weights: list[int] = []
    for _ in range(draw(st.integers(1, 6))):
        size = draw(st.integers(0, left))
        left -= size
        sign = draw(st.sampled_from([1, -1]))
        weights += [sign * size, -sign * size] if bound.zero_centred else [sign * size]
    return draw(st.permutations(weights))


@given(st.data(), bounds)
def test_weights_within_the_bound_have_no_overflow(data: st.DataObject, bound: NormBound) -> None:
    row = tuple(data.draw(weights_within(bound)))
    acc = bound.accumulator
    channels = Channels(IntegerWeights((row,), ",".join(map(str, row))), acc.x_min, acc.x_max)
    ((low, high),) = channels.extremes
    assert least(acc.bits) <= low
    assert high <= greatest(acc.bits)


@given(st.data(), accumulators)
def test_twice_the_norm_for_weights_that_sum_to_zero(
    data: st.DataObject, accumulator: Accumulator
) -> None:
    plain = NormBound(accumulator, zero_centred=False).norm
    centred = NormBound(accumulator, zero_centred=True).norm
    assert plain < centred
    assert (2 * plain < centred) == (not accumulator.signed)


@given(st.integers(2, 7), st.integers(1, 3), st.booleans(), st.booleans())
def test_the_bounds_are_enough_over_all_small_weights(
    bits: int, input_bits: int, signed: bool, zero_centred: bool
) -> None:
    bound = NormBound(Accumulator(bits, input_bits, signed), zero_centred)
    acc = bound.accumulator
    for row in product(range(-5, 6), repeat=3):
        if sum(map(abs, row)) <= bound.norm and not (zero_centred and sum(row)):
            channels = Channels(IntegerWeights((row,), ""), acc.x_min, acc.x_max)
            assert channels.widest <= bits


@given(bounds, seeds)
def test_no_counterexample_for_any_parameters(bound: NormBound, seed: int) -> None:
    instance = AccumulatorAware(bound, None)
    for form in instance.forms:
        assert check_form(form, seed=seed, samples=200).counterexample is None
    assert_text_is_plain(instance)


@given(accumulators, seeds)
@settings(max_examples=25)
def test_without_zero_sums_it_is_refuted_where_any_weight_is_allowed(
    accumulator: Accumulator, seed: int
) -> None:
    bound = NormBound(accumulator, zero_centred=True)
    evidence = check_form(WithinBound(bound, zero_sum=False), seed=seed, samples=2000)
    assert (evidence.counterexample is not None) == (math.floor(bound.norm) > 0)


@given(bounds, st.booleans(), seeds)
def test_the_screen_agrees_with_the_exact_quantity(
    bound: NormBound, zero_sum: bool, seed: int
) -> None:
    form = WithinBound(bound, zero_sum=zero_sum)
    samples = form.sample(np.random.default_rng(seed), 20)
    assert samples.shape == (20, len(form.inputs))
    for sample, screened in zip(samples.tolist(), form.screen(samples).tolist(), strict=True):
        exact = form.quantity(form.exact_point(sample))
        assert abs(screened - exact) <= 1e-9 * max(1, exact)


@given(bounds, seeds)
def test_samples_are_within_the_bound_where_floats_are_exact(bound: NormBound, seed: int) -> None:
    form = WithinBound(bound)
    if bound.norm >= 2**53:
        return
    for sample in form.sample(np.random.default_rng(seed), 20).tolist():
        point = form.exact_point(sample)
        assert form.contains(point)
        assert sum(map(abs, point[1::2]), Fraction(0)) <= bound.norm
