"""Accumulators of arbitrary codes, over arbitrary widths and lengths."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate, permutations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pyorch.claims.accumulation import Codes, LargestPartialSum, WidthOfPartialSums, WrappingError
from pyorch.claims.accumulator import AccumulatorNoOverflow, MinimalAccumulatorWidth
from pyorch.claims.accumulator_seeds import SeedProduct, SeedSum
from pyorch.claims.base import Point
from pyorch.claims.twos_complement import greatest, least, width, wrap, wrap_int64
from pyorch.numeric import check_form, cross_check
from tests.property.claims_strategies import assert_screen_agrees, assert_text_is_plain

integers = st.integers(-(2**70), 2**70) | st.integers(-300, 300)
codes = st.builds(
    Codes, st.integers(1, 32), st.integers(1, 32), st.integers(1, 10**9) | st.integers(1, 20)
).filter(lambda c: c.width <= 64)
seeds = st.integers(0, 2**32 - 1)


@st.composite
def accumulators(draw: st.DrawFn) -> AccumulatorNoOverflow:
    chosen = draw(codes)
    return AccumulatorNoOverflow(chosen, draw(st.integers(chosen.width, 64)))


@st.composite
def short_vectors(draw: st.DrawFn) -> tuple[Codes, list[tuple[int, int, int]]]:
    """Widths, and runs of one or two pairs of codes."""
    a_bits, w_bits = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    run = st.tuples(
        st.integers(1, 2),
        st.integers(least(a_bits), greatest(a_bits)),
        st.integers(least(w_bits), greatest(w_bits)),
    )
    runs = draw(st.lists(run, max_size=4))
    return Codes(a_bits, w_bits, max(1, sum(n for n, _, _ in runs))), runs


def as_point(runs: list[tuple[int, int, int]]) -> Point:
    return tuple(Fraction(x) for run in [*runs, *[(0, 0, 0)] * (4 - len(runs))] for x in run)


@given(integers, st.integers(0, 80))
def test_wrapping_is_the_number_of_that_width_that_is_congruent(value: int, bits: int) -> None:
    wrapped = wrap(value, bits)
    assert (wrapped - value) % 2**bits == 0
    assert -(2**bits) <= 2 * wrapped < 2**bits or wrapped == bits == 0
    assert width(wrapped) <= bits
    assert (wrapped == value) == (width(value) <= bits)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1), st.integers(1, 64))
def test_numpy_wraps_the_same(values: list[int], bits: int) -> None:
    wrapped = wrap_int64(np.array(values, dtype=np.int64), bits)
    assert wrapped.tolist() == [wrap(v, bits) for v in values]


@given(short_vectors())
def test_extremes_are_those_over_all_orders_of_single_products(
    vector: tuple[Codes, list[tuple[int, int, int]]],
) -> None:
    chosen, runs = vector
    products = [a * w for n, a, w in runs for _ in range(n)]
    assume(len(products) <= 6)
    sums = {s for order in permutations(products) for s in accumulate(order, initial=0)}
    form = LargestPartialSum(chosen)
    point = as_point(runs)
    assert form.contains(point)
    assert form.extremes(point) == (min(sums), max(sums))
    assert form.quantity(point) == max(map(abs, sums)) <= form.bound
    assert WidthOfPartialSums(chosen).quantity(point) == max(map(width, sums))


@given(short_vectors(), st.integers(1, 20))
def test_wrapping_after_each_step_is_what_the_form_does_in_runs(
    vector: tuple[Codes, list[tuple[int, int, int]]], bits: int
) -> None:
    chosen, runs = vector
    register = exact = 0
    errors = [0]
    for n, a, w in runs:
        for _ in range(n):
            register = wrap(register + wrap(a, bits) * wrap(w, bits), bits)
            exact += a * w
        errors.append(abs(register - exact))
    assert WrappingError(chosen, bits).quantity(as_point(runs)) == max(errors)


@given(accumulators(), seeds)
def test_no_counterexample_for_any_parameters(instance: AccumulatorNoOverflow, seed: int) -> None:
    largest, wrapping = (check_form(f, seed=seed, samples=200) for f in instance.forms)
    assert largest.counterexample is wrapping.counterexample is None
    assert largest.largest == instance.codes.worst
    assert_text_is_plain(instance)


@given(accumulators())
@settings(max_examples=15)  # the counterexamples are simplified, which takes long
def test_every_false_form_of_the_seed_is_refuted(instance: AccumulatorNoOverflow) -> None:
    checks = cross_check(instance, samples=2_000, symbolic=False)
    assert set(checks.counterexamples) == {seed.name for seed in instance.family.false_seeds}


@given(codes, seeds)
def test_the_least_width_is_attained(chosen: Codes, seed: int) -> None:
    instance = MinimalAccumulatorWidth(chosen)
    checks = cross_check(instance, seed=seed, samples=200)
    assert checks.failure is None
    assert checks.asked[0].largest == instance.bits
    assert instance.wrapped != chosen.worst
    assert_text_is_plain(instance)


@given(accumulators(), seeds)
def test_screens_agree_with_the_exact_quantities(
    instance: AccumulatorNoOverflow, seed: int
) -> None:
    chosen = instance.codes
    for form in (LargestPartialSum(chosen), SeedProduct(chosen)):
        samples = form.sample(np.random.default_rng(seed), 20)
        for sample, screened in zip(samples.tolist(), form.screen(samples).tolist(), strict=True):
            exact = form.quantity(form.exact_point(sample))
            assert abs(screened - exact) <= 1e-9 * exact
    assert_screen_agrees(WrappingError(chosen, instance.bits), Fraction(1), seed=seed, count=20)


@given(codes, st.integers(1, 64), st.booleans(), st.booleans(), seeds)
def test_the_seeds_screen_agrees(
    chosen: Codes, bits: int, free_width: bool, free_length: bool, seed: int
) -> None:
    form = SeedSum(chosen, bits, free_width=free_width, free_length=free_length)
    samples = form.sample(np.random.default_rng(seed), 20)
    for sample, screened in zip(samples.tolist(), form.screen(samples).tolist(), strict=True):
        point = form.exact_point(sample)
        assert len(point) == len(form.inputs)
        assert form.contains(point)
        exact = form.quantity(point)
        assert abs(screened - exact) <= 1e-9 * abs(exact)


@given(codes)
@settings(max_examples=15)
def test_a_form_with_one_bit_less_has_a_counterexample(chosen: Codes) -> None:
    assert check_form(WrappingError(chosen, chosen.width - 1), samples=10).counterexample
