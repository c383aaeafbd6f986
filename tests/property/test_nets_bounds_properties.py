"""The bounds hold at every point, tighten with precision, and are never worse than apart."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pyorch.nets.bounds import (
    Interval,
    bound_pair,
    choose_prec,
    provable_epsilon,
    round_down,
    round_up,
    smallest_epsilon,
)
from pyorch.nets.network import CertificationProblem
from tests.property.fraction_strategies import fractions_between
from tests.property.nets_strategies import points_of, problems

precs = st.integers(0, 40)


@given(problems(), precs, st.data())
def test_bounds_hold_at_points_of_the_box(
    problem: CertificationProblem, prec: int, data: st.DataObject
) -> None:
    bounds = bound_pair(problem, prec)
    assert bounds.den == 2**prec
    for point in data.draw(points_of(problem.box, 3)):
        for intervals, values in (
            (bounds.teacher, problem.teacher.evaluate_exact(point)),
            (bounds.student, problem.student.evaluate_exact(point)),
            (bounds.difference, problem.difference_at(point)),
        ):
            for interval, value in zip(intervals, values, strict=True):
                assert interval.lo <= value * bounds.den <= interval.hi
        assert max(map(abs, problem.difference_at(point))) <= bounds.gap


@given(problems(paired=True), precs)
def test_equal_networks_differ_by_0(problem: CertificationProblem, prec: int) -> None:
    same = dataclasses.replace(problem, student=problem.teacher)
    assert bound_pair(same, prec).difference == (Interval(0, 0),) * same.teacher.output_dim
    assert smallest_epsilon(same, prec) == 0


@given(problems(), precs, st.integers(0, 20))
def test_more_precision_never_loosens(problem: CertificationProblem, prec: int, more: int) -> None:
    coarse, fine = bound_pair(problem, prec), bound_pair(problem, prec + more)
    for wide, narrow in zip(coarse.difference, fine.difference, strict=True):
        assert wide.lo << more <= narrow.lo <= narrow.hi <= wide.hi << more


@given(problems(paired=True), precs)
def test_pairing_never_loosens(problem: CertificationProblem, prec: int) -> None:
    bounds = bound_pair(problem, prec)
    for d, t, s in zip(bounds.difference, bounds.teacher, bounds.student, strict=True):
        apart = t.sub(s)
        assert apart.lo <= d.lo <= d.hi <= apart.hi


@given(problems(), st.one_of(st.none(), fractions_between(Fraction(1, 1000), 10)))
def test_the_chosen_precision_proves_what_can_be_proved(
    problem: CertificationProblem, epsilon: Fraction | None
) -> None:
    problem = dataclasses.replace(problem, epsilon=epsilon)
    proved, finest = provable_epsilon(problem, choose_prec(problem)), provable_epsilon(problem, 512)
    if epsilon is not None and finest <= epsilon:
        assert proved <= epsilon
    else:
        assert finest <= proved <= finest * Fraction(101, 100)


@given(st.fractions(0, 10**9), st.integers(1, 6))
def test_rounding_up(value: Fraction, digits: int) -> None:
    rounded = round_up(value, digits)
    assert value <= rounded <= value * (1 + Fraction(10, 10**digits))
    decimal = Decimal(rounded.numerator) / Decimal(rounded.denominator)
    assert Fraction(decimal) == rounded
    assert len(decimal.normalize().as_tuple().digits) <= digits
    assert round_up(rounded, digits) == rounded


@given(st.fractions(min_value=0, max_value=10**9), st.integers(1, 8))
def test_rounding_keeps_its_side_and_its_digits(value: Fraction, digits: int) -> None:
    below, above = round_down(value, digits), round_up(value, digits)
    assert below <= value <= above
    for rounded in (below, above):
        assert (
            len(f"{float(rounded):.{digits}e}".split("e")[0].rstrip("0").replace(".", "")) <= digits
        )
    if value:
        assert above - below <= value / 10 ** (digits - 1)
