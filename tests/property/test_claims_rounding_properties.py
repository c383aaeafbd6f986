"""Rounding, stochastic rounding, clamping and codes, over arbitrary parameters."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyorch.claims.activation import ActivationQuantizationBounded
from pyorch.claims.base import Instance
from pyorch.claims.clamping import ClampInRange
from pyorch.claims.quantization import QuantizationErrorBound
from pyorch.claims.quantizer import ROUNDINGS, round_floats, round_half
from pyorch.claims.stochastic_rounding import StochasticGrid, StochasticRoundingError
from pyorch.numeric import cross_check
from tests.property.claims_strategies import (
    assert_screen_agrees,
    assert_text_is_plain,
    instances,
    of_quantizers,
    positive,
    rationals,
)

roundings = st.sampled_from(ROUNDINGS)
ends = st.tuples(st.integers(-(10**18) + 1, 10**18 - 1), st.integers(-(10**18) + 1, 10**18 - 1))

FAMILIES = {
    "round_error": instances("round_error", rounding=roundings),
    "stochastic_rounding_error": instances("stochastic_rounding_error", scale=positive),
    "clamp_in_range": ends.map(lambda e: ClampInRange(min(e), max(e))),
    "scale_distrib": instances("scale_distrib", scale=rationals),
    "quantization_error_bound": of_quantizers("quantization_error_bound"),
    "quantize_monotone": of_quantizers("quantize_monotone"),
    "quantize_dequantize": of_quantizers("quantize_dequantize"),
    "activation_quantization_bounded": instances(
        "activation_quantization_bounded", bits=st.integers(2, 64), scale=positive
    ),
}
anything = pytest.mark.parametrize("name", FAMILIES)


@anything
@settings(max_examples=15)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_nothing_sampled_is_a_counterexample(name: str, data: st.DataObject, seed: int) -> None:
    instance: Instance = data.draw(FAMILIES[name])
    checks = cross_check(instance, seed=seed, samples=300, symbolic=False)
    assert checks.failure is None
    assert all(e.largest is not None and e.bound is not None for e in checks.asked)
    assert all(point.inputs for point in checks.counterexamples.values())


@anything
@settings(max_examples=15)
@given(data=st.data())
def test_the_text_is_plain(name: str, data: st.DataObject) -> None:
    assert_text_is_plain(data.draw(FAMILIES[name]))


@anything
@settings(max_examples=15)
@given(data=st.data())
def test_namespaces_tell_parameters_apart(name: str, data: st.DataObject) -> None:
    one, other = data.draw(FAMILIES[name]), data.draw(FAMILIES[name])
    assert (one.namespace == other.namespace) == (one == other)


def units(instance: Instance) -> tuple[Fraction, ...]:
    """What the screened quantity of each form is a multiple of."""
    match instance:
        case StochasticRoundingError(grid):
            return (grid.step, grid.step, grid.step**2)
        case QuantizationErrorBound(q):
            return (q.scale, q.scale)
        case ActivationQuantizationBounded(q):
            return (Fraction(1), 1 / q.factor)
        case _:
            return (Fraction(1),) * len(instance.forms)


@pytest.mark.parametrize(
    # the screens of the others are noise by design: they look for what floats get wrong
    "name",
    [name for name in FAMILIES if name not in ("scale_distrib", "quantize_dequantize")],
)
@settings(max_examples=15)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_what_is_screened_is_the_quantity(name: str, data: st.DataObject, seed: int) -> None:
    instance: Instance = data.draw(FAMILIES[name])
    for form, unit in zip(instance.forms, units(instance), strict=True):
        assert_screen_agrees(form, unit, seed=seed)


@given(st.floats(allow_nan=False, allow_infinity=False), roundings)
def test_floats_are_rounded_as_exact_numbers(y: float, rounding: str) -> None:
    assert round_floats(np.array([y]), rounding)[0] == round_half(Fraction(y), rounding)


@given(rationals, roundings, st.integers(-3, 3))
def test_no_integer_is_nearer(y: Fraction, rounding: str, offset: int) -> None:
    rounded = round_half(y, rounding)
    assert abs(y - rounded) <= abs(y - (rounded + offset))


@given(st.integers(-(10**20), 10**20))
def test_ties_go_as_the_theorems_say(n: int) -> None:
    tie = Fraction(2 * n + 1, 2)
    assert round_half(tie, "half_up") == n + 1
    assert round_half(tie, "half_even") == (n if n % 2 == 0 else n + 1)


@given(positive, rationals)
def test_outcomes_are_neighbours_and_unbiased(step: Fraction, x: Fraction) -> None:
    grid = StochasticGrid(step)
    (down_probability, down), (up_probability, up) = grid.outcomes(x)
    assert down <= x <= up
    assert up - down in (0, step)
    assert (down / step).denominator == 1
    assert 0 <= up_probability < 1
    assert down_probability + up_probability == 1
    assert grid.mean(x) == x
    assert grid.variance(x) == (x - down) * (up - x) <= step**2 / 4
