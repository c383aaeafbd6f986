"""Bounds by relaxation hold whatever the multipliers are, and the programme's are no worse."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pyorch.nets.bounds import Interval
from pyorch.nets.dual import DualBounds, DualCertificate, DualRow, Multipliers
from pyorch.nets.dual_emit import dual_from_json, dual_to_json
from pyorch.nets.dual_neuron import pair_gap, relu_gap
from pyorch.nets.dual_packed import pack_dual
from pyorch.nets.dual_search import optimal_row, search_dual
from pyorch.nets.json_tree import parse_json
from pyorch.nets.network import CertificationProblem
from tests.property.nets_strategies import points_of, problems

coefficients = st.integers(-50, 50)
multipliers = st.lists(st.integers(-3000, 3000), max_size=5).map(tuple)
rows: st.SearchStrategy[DualRow] = st.lists(
    st.builds(Multipliers, multipliers, multipliers), max_size=4
).map(tuple)


masks = st.lists(st.sampled_from([0, 1, 5, 255]), max_size=4).map(tuple)


@st.composite
def certificates(draw: st.DrawFn) -> DualCertificate:
    return DualCertificate(
        draw(st.sampled_from([0, 6, 20])),
        draw(st.booleans()),
        draw(st.lists(rows, max_size=4).map(tuple)),
        draw(st.lists(rows, max_size=4).map(tuple)),
        draw(masks),
    )


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    lo, hi = sorted([draw(coefficients), draw(coefficients)])
    return Interval(lo, hi)


@given(coefficients, coefficients, intervals())
def test_gap_is_the_largest_difference(a: int, p: int, z: Interval) -> None:
    values = [a * max(v, 0) - p * v for v in range(z.lo, z.hi + 1)]
    assert relu_gap(a, p, z) == max(values)


@given(st.lists(coefficients, min_size=4, max_size=4), intervals(), intervals(), intervals())
def test_pair_gap_is_a_bound(c: list[int], t: Interval, s: Interval, delta: Interval) -> None:
    a, b, p, q = c
    gap = pair_gap(a, b, p, q, t, s, delta)
    for v in range(t.lo, t.hi + 1, 3):
        for w in range(max(s.lo, v - delta.hi), min(s.hi, v - delta.lo) + 1):
            assert a * max(v, 0) + b * max(w, 0) - p * v - q * w <= gap


@given(problems(), certificates(), st.data())
def test_bounds_hold_for_any_multipliers(
    problem: CertificationProblem, certificate: DualCertificate, data: st.DataObject
) -> None:
    relaxation = DualBounds.of(problem, certificate)
    bounds = relaxation.bounds(certificate)
    for point in data.draw(points_of(problem.box, 4)):
        for found in (bounds, relaxation.forward or bounds):
            for bound, value in zip(found, problem.difference_at(point), strict=True):
                assert bound.lo <= value * relaxation.unit <= bound.hi


@given(problems(), st.booleans(), masks, st.data())
def test_bounds_of_steps_hold(
    problem: CertificationProblem, tighten: bool, symbols: tuple[int, ...], data: st.DataObject
) -> None:
    relaxation = DualBounds(problem, 20, tighten=tighten, symbols=symbols)
    for point in data.draw(points_of(problem.box, 2)):
        t, s = point, point
        for step in reversed(relaxation.steps):
            values = []
            for layer, x in ((step.teacher, t), (step.student, s)):
                sums = () if layer is None else tuple(
                    (sum(w * v for w, v in zip(row, x, strict=True)) + b) / Fraction(layer.den)
                    for row, b in zip(layer.weights, layer.bias, strict=True)
                )  # fmt: skip
                values.append(sums)
            both = [v - w for v, w in zip(*values, strict=False)]
            all_bounds = (step.teacher_bounds, step.student_bounds, step.difference_bounds)
            for bounds, found in zip(all_bounds, (*values, both), strict=True):
                for bound, value in zip(bounds, found, strict=True):
                    assert bound.lo <= value * relaxation.unit <= bound.hi
            t, s = (
                (tuple(max(v, Fraction(0)) for v in found) if step.is_relu else found) or before
                for found, before in zip(values, (t, s), strict=True)
            )


@settings(max_examples=30)
@given(problems(), st.booleans())
def test_the_programme_is_no_worse_than_crown(problem: CertificationProblem, upper: bool) -> None:
    pytest.importorskip("scipy")
    relaxation = DualBounds(problem, 40)
    # in a pair, corners that the difference excludes count in Lean's bound, not in the programme
    assume(not any(s.teacher and s.student and s.is_relu for s in relaxation.steps))
    crown = relaxation.bound(0, upper=upper)
    row = optimal_row(relaxation, 0, upper=upper)
    scale = 1 + abs(crown) / relaxation.unit
    assert relaxation.bound(0, upper=upper, row=row) - crown <= 1e-5 * scale * relaxation.unit


@settings(max_examples=30)
@given(problems())
def test_a_search_reports_what_its_certificate_proves(problem: CertificationProblem) -> None:
    pytest.importorskip("scipy")
    result = search_dual(problem, 24)
    relaxation = DualBounds.of(problem, result.certificate)
    assert result.epsilon >= relaxation.epsilon(result.certificate)


@given(certificates())
def test_json_round_trip(certificate: DualCertificate) -> None:
    import json

    text = json.dumps({**dual_to_json(certificate)}).encode()
    assert dual_from_json(parse_json(text, "test")) == certificate


@given(problems(), certificates())
def test_packed_layers_are_the_layers(
    problem: CertificationProblem, certificate: DualCertificate
) -> None:
    relaxation = DualBounds.of(problem, certificate)
    packed = pack_dual(relaxation, certificate)
    networks = (problem.teacher, problem.student)
    for layers, network in zip(packed, networks, strict=True):
        assert tuple(layer.unpack() for layer in layers) == network.layers
