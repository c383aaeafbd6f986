"""What is said of margins and tolerances holds at the points of the box."""

from __future__ import annotations

from dataclasses import replace
from math import lcm

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pyorch.nets.bounds import bound_pair
from pyorch.nets.class_attack import attack_class
from pyorch.nets.margins import (
    class_margin,
    evaluate_class,
    is_classifier,
    margin_bounds,
    proves_class,
)
from pyorch.nets.network import Activation, CertificationProblem, Network
from pyorch.nets.properties import PerOutput
from pyorch.nets.tolerances import choose_tolerances, closest_gap
from tests.property.nets_strategies import points_of, problems


def _without_last_activation(network: Network) -> Network:
    *layers, last = network.layers
    return Network((*layers, replace(last, activation=Activation.IDENTITY)))


classifiers = (
    problems()
    .map(
        lambda p: replace(
            p,
            teacher=_without_last_activation(p.teacher),
            student=_without_last_activation(p.student),
        )
    )
    .filter(is_classifier)
)
precs = st.sampled_from([0, 8, 20])


@given(classifiers, st.data(), precs)
def test_margins_are_above_their_bound(
    problem: CertificationProblem, data: st.DataObject, prec: int
) -> None:
    c = data.draw(st.integers(0, problem.teacher.output_dim - 1))
    bounds = margin_bounds(problem, c, prec)
    margin = class_margin(bounds, c)
    assert proves_class(problem, c, prec) == (margin > 0)
    for point in data.draw(points_of(problem.box, 3)):
        den = lcm(*(x.denominator for x in point))
        found = evaluate_class(problem, [int(x * den) for x in point], den)
        assert margin <= found.margin(c)
        if margin > 0:
            assert found.chosen == c


@given(classifiers, st.data(), precs)
def test_margins_are_bounded_no_worse_than_by_the_outputs(
    problem: CertificationProblem, data: st.DataObject, prec: int
) -> None:
    c = data.draw(st.integers(0, problem.teacher.output_dim - 1))
    outputs, margins = bound_pair(problem, prec), margin_bounds(problem, c, prec)
    for ours, theirs in ((margins.teacher, outputs.teacher), (margins.student, outputs.student)):
        for j, margin in enumerate(ours):
            assert margin.lo >= theirs[c].lo - theirs[j].hi


@settings(max_examples=30, deadline=None)
@given(classifiers)
def test_a_refutation_is_one(problem: CertificationProblem) -> None:
    found = attack_class(problem)
    c = found.middle.chosen
    if found.refutation is not None:
        again = evaluate_class(problem, found.refutation.point, found.refutation.den)
        assert again == found.refutation
        assert problem.box.contains(again.coordinates)
        assert again.rivals is not None
        assert again.rivals[0] != again.rivals[1]
        for i in again.rivals:
            assert any(y[i] == max(y) for y in (again.teacher, again.student))
    if c is not None and proves_class(problem, c, 20):
        assert found.refutation is None
        assert found.least.margin(c) > 0


@settings(max_examples=30, deadline=None)
@given(problems(), st.data())
def test_the_closest_gap_is_exact_and_within_what_is_proved(
    problem: CertificationProblem, data: st.DataObject
) -> None:
    tolerances = choose_tolerances(problem, PerOutput(None))
    assert not tolerances.missed
    assume(any(tolerances.epsilons.values()))
    found = closest_gap(problem, tolerances.epsilons)
    assert problem.box.contains(found.coordinates)
    assert found.teacher - found.student == problem.difference_at(found.coordinates)[found.output]
    assert found.gap <= tolerances.epsilons[found.output]
