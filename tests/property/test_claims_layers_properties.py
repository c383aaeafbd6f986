"""Errors through layers, over arbitrary bounds."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pyorch.claims.affine_layers import AffineLayers, LayerBounds, UnboundedLipschitz
from pyorch.claims.layers import LayerErrorBound
from pyorch.numeric import check_form, cross_check
from tests.property.claims_strategies import assert_text_is_plain
from tests.property.fraction_strategies import fractions_between

numbers = fractions_between(0, 3, 1000) | st.just(Fraction(1))
sides, starts = fractions_between(-1, 1, 50), fractions_between(-5, 5, 50)


@st.composite
def bounds(draw: st.DrawFn, most: int = 8) -> LayerBounds:
    count = draw(st.integers(1, most))

    def values() -> tuple[Fraction, ...]:
        length = draw(st.sampled_from([1, count]))
        return tuple(draw(numbers) for _ in range(length))

    return LayerBounds(count, values(), values())


@given(bounds())
def test_the_total_is_the_recursion_layer_by_layer(b: LayerBounds) -> None:
    total = Fraction(0)
    for error, lipschitz in b.pairs:
        total = lipschitz * total + error
    assert b.total == total
    assert len(b.pairs) == b.layers


@given(bounds(), st.data())
def test_layers_within_the_bounds_never_exceed_the_total(
    b: LayerBounds, data: st.DataObject
) -> None:
    """Also where they are not affine: cut off at both sides, and shifted."""
    exact = computed = data.draw(starts)
    for error, lipschitz in b.pairs:
        slope, offset, shift = (
            lipschitz * data.draw(sides),
            error * data.draw(sides),
            data.draw(sides),
        )
        cut = data.draw(numbers)
        exact = max(-cut, min(slope * exact + shift, cut))
        computed = max(-cut, min(slope * computed + shift, cut)) + offset
    assert abs(exact - computed) <= b.total


@given(bounds(), st.integers(0, 2**32))
def test_no_counterexample_and_the_screen_agrees(b: LayerBounds, seed: int) -> None:
    claim = LayerErrorBound(b)
    (form,) = claim.forms
    evidence = check_form(form, seed=seed, samples=60)
    assert evidence.counterexample is None
    assert evidence.largest == claim.bound
    samples = form.sample(np.random.default_rng(seed), 60)
    assert samples.shape == (60, len(form.inputs))
    points = [form.exact_point(sample) for sample in samples.tolist()]
    assert all(map(form.contains, points))
    exact = [float(form.quantity(point)) for point in points]
    assert form.screen(samples).tolist() == pytest.approx(exact, rel=1e-9, abs=1e-9)


@given(bounds(most=2), st.integers(0, 2**32))
def test_a_bound_that_is_too_small_is_refuted(b: LayerBounds, seed: int) -> None:
    assume(b.total > 0)
    form = AffineLayers(b, b.total * Fraction(999, 1000))
    assert check_form(form, seed=seed, samples=10).counterexample is not None


@given(st.integers(1, 60), numbers, numbers)
def test_sympys_closed_form_is_the_total(count: int, error: Fraction, lipschitz: Fraction) -> None:
    claim = LayerErrorBound(LayerBounds(count, (error,), (lipschitz,)))
    assert claim.forms[0].symbolic_bound() == claim.bound
    assert claim.attained <= claim.bounds.total <= claim.bound
    assert claim.bound - claim.attained <= claim.bounds.total / 10**11


@given(st.integers(1, 40), numbers, st.integers(0, 2**32))
def test_the_seeds_sum_holds_only_where_nothing_can_be_enlarged(
    count: int, error: Fraction, seed: int
) -> None:
    form = UnboundedLipschitz(count, error)
    found = check_form(form, seed=seed, samples=50).counterexample
    assert (found is None) == (count == 1 or error == 0)
    if found is not None:
        ((_, lipschitz),) = found.inputs
        assert lipschitz > 1
        assert LayerBounds(count, (error,), (lipschitz,)).total > count * error


@given(bounds())
def test_texts_are_plain_and_parameters_parse_back(b: LayerBounds) -> None:
    assert_text_is_plain(LayerErrorBound(b))


@given(bounds(), bounds())
def test_namespaces_tell_parameters_apart(b: LayerBounds, other: LayerBounds) -> None:
    same = LayerErrorBound(b).namespace == LayerErrorBound(other).namespace
    assert same == (b == other)


def test_symbolic_bounds_are_only_derived_for_equal_layers() -> None:
    listed = LayerBounds(2, (Fraction(1), Fraction(2)), (Fraction(1),))
    assert LayerErrorBound(listed).forms[0].symbolic_bound() is None
    checks = cross_check(LayerErrorBound(listed), samples=50)
    assert checks.symbolic == ()
