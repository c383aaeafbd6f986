"""Dot products of quantized vectors, over arbitrary quantizers, ranges and vectors."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyorch.claims.base import Instance
from pyorch.claims.channel_dot_product import ChannelDotProduct, ChannelErrorBound
from pyorch.claims.dot_product import DotErrorBound, DotProduct
from pyorch.claims.operand import Operand
from pyorch.claims.quantizer import ROUNDINGS, Quantizer
from pyorch.numeric import cross_check
from tests.property.claims_strategies import assert_text_is_plain, positive, rationals
from tests.property.fraction_strategies import fractions_between

shares = fractions_between(0, 1)
lengths = st.integers(1, 10**12)


@st.composite
def operands(draw: st.DrawFn, rounding: str = "half_even", bits: int = 64) -> Operand:
    q = Quantizer(draw(st.integers(1, bits)), draw(positive), draw(rationals), True, rounding)
    ends = sorted(draw(st.lists(shares, min_size=2, max_size=2)))
    least, greatest = (q.lowest + place * (q.highest - q.lowest) for place in ends)
    return Operand(q, least, greatest)


@st.composite
def dot_products(draw: st.DrawFn, bits: int = 64) -> DotProduct:
    rounding = draw(st.sampled_from(ROUNDINGS))
    return DotProduct(draw(lengths), draw(operands(rounding, bits)), draw(operands(rounding, bits)))


matrices = st.builds(
    ChannelDotProduct,
    length=lengths,
    activations=operands(),
    weight_bits=st.integers(2, 64),
    weight_scales=st.lists(positive, min_size=1, max_size=4).map(tuple),
)

FAMILIES: dict[str, st.SearchStrategy[Instance]] = {
    "dot_product_error_bound": dot_products(),
    "channel_dot_product_error_bound": matrices,
}
anything = pytest.mark.parametrize("name", FAMILIES)


@anything
@settings(max_examples=15)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_nothing_sampled_is_a_counterexample(name: str, data: st.DataObject, seed: int) -> None:
    checks = cross_check(data.draw(FAMILIES[name]), seed=seed, samples=200, symbolic=False)
    assert checks.failure is None
    assert all(e.largest is not None and e.bound is not None for e in checks.asked)


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


def assert_close(form: DotErrorBound, samples: list[list[float]], screened: list[float]) -> None:
    for sample, found in zip(samples, screened, strict=True):
        point = form.exact_point(sample)
        if form.contains(point):
            size = float(form.bound / form.unit)
            assert abs(found - float(form.quantity(point) / form.unit)) <= 1e-9 * size


@settings(max_examples=25)
@given(dot_products(), st.integers(0, 2**32))
def test_the_screen_agrees(instance: DotProduct, seed: int) -> None:
    (form,) = instance.forms
    assert isinstance(form, DotErrorBound)
    samples = form.sample(np.random.default_rng(seed), 50)
    assert samples.shape == (50, len(form.inputs))
    assert np.isfinite(samples).all()
    assert_close(form, samples.tolist(), form.screen(samples).tolist())


@settings(max_examples=25)
@given(dot_products(), st.integers(0, 2**32))
def test_the_screens_of_the_seeds_forms_agree(instance: DotProduct, seed: int) -> None:
    rng = np.random.default_rng(seed)
    one = instance.seed_form
    q = one.quantizer
    samples = one.sample(rng, 50)
    for sample, found in zip(samples.tolist(), one.screen(samples).tolist(), strict=True):
        point = one.exact_point(sample)
        assert one.contains(point)
        # a factor that lies next to a tie may be rounded the other way in floats, and so may both
        step = 2 * q.scale * max(abs(q.quantize(x)) + 1 for x in point) * one.length
        size = one.length * (1 + q.scale * q.quantize(point[0]) * q.quantize(point[1]))
        exact = one.quantity(point)
        assert abs(found - float(exact)) <= float(step) + 1e-9 * float(abs(size) + exact)
    every = instance.epsilon_form
    unit = instance.length * instance.activations.quantizer.scale * instance.weights.quantizer.scale
    samples = every.sample(rng, 50)
    for sample, found in zip(samples.tolist(), every.screen(samples).tolist(), strict=True):
        point = every.exact_point(sample)
        if every.contains(point):
            size = float(instance.bound / unit / point[2])
            assert abs(found - float(every.quantity(point) / unit)) <= 1e-9 * size


@settings(max_examples=50)
@given(dot_products(bits=8), st.data())
def test_the_error_of_any_vectors_is_within_the_bound(
    instance: DotProduct, data: st.DataObject
) -> None:
    """The definitions alone, with as many different pairs as there are."""
    a, w = instance.activations, instance.weights
    pairs = data.draw(st.lists(st.tuples(shares, shares), min_size=1, max_size=12))
    exact = restored = Fraction(0)
    for place_a, place_w in pairs:
        x = a.least + place_a * (a.greatest - a.least)
        y = w.least + place_w * (w.greatest - w.least)
        exact += x * y
        restored += a.quantizer.restore(x) * w.quantizer.restore(y)
    bound = DotProduct(len(pairs), a, w).bound
    assert abs(exact - restored) <= bound


@settings(max_examples=50)
@given(dot_products(bits=8), st.lists(st.tuples(shares, shares), min_size=1, max_size=12))
def test_the_integer_formula_is_the_restored_dot_product(
    instance: DotProduct, places: list[tuple[Fraction, Fraction]]
) -> None:
    a, w = instance.activations.quantizer, instance.weights.quantizer
    codes = [
        (
            a.quantize(a.lower + p * (a.upper - a.lower)),
            w.quantize(w.lower + q * (w.upper - w.lower)),
        )
        for p, q in places
    ]
    product, activations, weights, constant = DotProduct(
        len(codes), instance.activations, instance.weights
    ).terms
    assert sum(a.dequantize(p) * w.dequantize(q) for p, q in codes) == (
        product * sum(p * q for p, q in codes)
        + activations * sum(p for p, _ in codes)
        + weights * sum(q for _, q in codes)
        + constant
    )


@settings(max_examples=25)
@given(matrices, st.integers(0, 2**32))
def test_the_screen_of_channels_agrees(instance: ChannelDotProduct, seed: int) -> None:
    (form,) = instance.forms
    assert isinstance(form, ChannelErrorBound)
    samples = form.sample(np.random.default_rng(seed), 50)
    assert samples.shape == (50, len(form.inputs))
    for sample, found in zip(samples.tolist(), form.screen(samples).tolist(), strict=True):
        point = form.exact_point(sample)
        if form.contains(point):
            assert abs(found - float(form.quantity(point))) <= 1e-9
