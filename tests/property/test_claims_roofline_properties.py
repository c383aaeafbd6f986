"""Roofline latencies, over arbitrary quantities and rates."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pyorch.claims.roofline import EnoughTime, Roofline, RooflineLatency
from pyorch.numeric import check_form, cross_check
from tests.property.claims_strategies import assert_text_is_plain, positive

sizes = positive | st.sampled_from([Fraction(1), Fraction(10**12), Fraction(1, 10**12)])
rooflines = st.builds(
    Roofline, bytes=sizes, bytes_per_second=sizes, operations=sizes, operations_per_second=sizes
)

factors = st.just(1) | sizes.map(lambda x: 1 + x)


@st.composite
def latencies(draw: st.DrawFn) -> RooflineLatency:
    roofline = draw(rooflines)
    return RooflineLatency(roofline, roofline.seconds * draw(factors))


@given(rooflines, sizes)
def test_a_time_is_enough_from_the_bound_on(r: Roofline, more: Fraction) -> None:
    assert r.is_enough(r.seconds)
    assert r.is_enough(r.seconds * (1 + more))
    assert not r.is_enough(r.seconds / (1 + more))
    assert r.seconds in (r.memory_seconds, r.compute_seconds)


@given(latencies(), st.integers(0, 2**32))
def test_no_counterexample(claim: RooflineLatency, seed: int) -> None:
    for form in claim.forms:
        assert check_form(form, seed=seed, samples=100).counterexample is None


@given(rooflines, st.integers(0, 2**32))
def test_the_screen_agrees(r: Roofline, seed: int) -> None:
    form = EnoughTime(r)
    samples = form.sample(np.random.default_rng(seed), 100)
    exact = [form.quantity(form.exact_point(sample)) for sample in samples.tolist()]
    assert form.screen(samples).tolist() == exact


@given(latencies())
def test_sympys_units_give_the_same_seconds(claim: RooflineLatency) -> None:
    latency, enough = claim.forms
    assert latency.symbolic_bound() == claim.roofline.seconds
    assert enough.symbolic_bound() is None


@given(latencies())
def test_milliseconds_are_refuted_where_they_are_too_few(claim: RooflineLatency) -> None:
    found = cross_check(claim, samples=5, symbolic=False).counterexamples
    assert bool(found) == (claim.roofline.seconds * 1000 > claim.seconds)


@given(latencies())
def test_texts_are_plain_and_parameters_parse_back(claim: RooflineLatency) -> None:
    assert_text_is_plain(claim)


@given(latencies(), latencies())
def test_namespaces_tell_parameters_apart(claim: RooflineLatency, other: RooflineLatency) -> None:
    assert (claim.namespace == other.namespace) == (claim == other)
