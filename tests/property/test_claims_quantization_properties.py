"""The exact quantizer and its claim, over arbitrary parameters."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pyorch import claims
from pyorch.claims.quantization import QuantizationErrorBound, SaturatingErrorBound
from pyorch.claims.quantizer import ROUNDINGS, Quantizer
from tests.property.claims_strategies import positive, rationals
from tests.property.fraction_strategies import fractions_between

FAMILY = claims.get("quantization_error_bound")

quantizers = st.builds(
    Quantizer,
    bits=st.integers(1, 64),
    scale=positive,
    zero_point=rationals,
    signed=st.booleans(),
    rounding=st.sampled_from(ROUNDINGS),
) | st.builds(
    Quantizer,
    bits=st.integers(2, 64),
    scale=positive,
    zero_point=rationals,
    signed=st.just(True),
    rounding=st.sampled_from(ROUNDINGS),
    narrow_range=st.just(True),
)


@given(quantizers, fractions_between(0, 1))
def test_the_error_is_at_most_half_a_step_in_range(q: Quantizer, place: Fraction) -> None:
    lowest, highest = q.lower - q.half_step, q.upper + q.half_step
    assert q.error(lowest + place * (highest - lowest)) <= q.half_step


@given(quantizers, rationals.map(abs).filter(bool))
def test_it_is_more_on_both_sides_of_the_range(q: Quantizer, beyond: Fraction) -> None:
    assert q.error(q.upper + q.half_step + beyond) == q.half_step + beyond
    assert q.error(q.lower - q.half_step - beyond) == q.half_step + beyond


@given(quantizers, rationals)
def test_with_saturation_it_is_more_by_the_distance(q: Quantizer, x: Fraction) -> None:
    nearest = min(max(x, q.lower), q.upper)
    form = SaturatingErrorBound(q)
    assert form.quantity((x,)) == q.error(x) - abs(x - nearest) <= form.bound


@given(quantizers)
def test_it_is_attained_at_the_tie(q: Quantizer) -> None:
    assert q.error(q.tie) == q.half_step


@given(quantizers, rationals)
def test_the_code_is_a_nearest_one(q: Quantizer, x: Fraction) -> None:
    code = q.quantize(x)
    assert q.q_min <= code <= q.q_max
    neighbours = (n for n in (code - 1, code + 1) if q.q_min <= n <= q.q_max)
    assert all(abs(x - q.dequantize(n)) >= q.error(x) for n in neighbours)


@given(st.integers(1, 16), st.floats(-1e6, 1e6))
def test_half_even_is_what_numpy_does(bits: int, x: float) -> None:
    q = Quantizer(bits, Fraction(1), Fraction(0), True, "half_even")
    assert q.quantize(Fraction(x)) == np.clip(np.rint(x), q.q_min, q.q_max)


@given(quantizers)
def test_the_claims_parameters_parse_back(q: Quantizer) -> None:
    instance = QuantizationErrorBound(q)
    again = FAMILY.instantiate(f"{name}={value}" for name, value in instance.claim.parameters)
    assert again == instance


@given(quantizers, quantizers)
def test_namespaces_tell_parameters_apart(q: Quantizer, other: Quantizer) -> None:
    same = QuantizationErrorBound(q).namespace == QuantizationErrorBound(other).namespace
    assert same == (q == other)


@given(rationals)
def test_rationals_parse_exactly(value: Fraction) -> None:
    instance = FAMILY.instantiate([f"zero_point={value}"])
    assert isinstance(instance, QuantizationErrorBound)
    assert instance.quantizer.zero_point == value
