"""round_error, stochastic_rounding_error and clamp_in_range: seed numbers, ties, hypotheses."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from pyorch import claims
from pyorch.claims.base import Form
from pyorch.claims.clamping import InRange
from pyorch.claims.quantizer import ROUNDINGS, round_floats, round_half
from pyorch.claims.rounding import AgreesWithNumPy, RoundingErrorBound
from pyorch.claims.stochastic_rounding import Bias, LargestError, StochasticGrid, Variance
from pyorch.errors import UsageError
from pyorch.numeric import check_form, cross_check

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("y", "even", "up"),
    [
        ("-5/2", -2, -2),
        ("-3/2", -2, -1),
        ("-1/2", 0, 0),
        ("1/2", 0, 1),
        ("3/2", 2, 2),
        ("5/2", 2, 3),
        ("7/3", 2, 2),
        ("-7/3", -2, -2),
        (str(Fraction(2**52) + HALF), 2**52, 2**52 + 1),
    ],
)
def test_ties(y: str, even: int, up: int) -> None:
    assert round_half(Fraction(y), "half_even") == even
    assert round_half(Fraction(y), "half_up") == up


def test_half_up_in_floats_is_not_the_floor_of_a_rounded_sum() -> None:
    y = np.array([0.49999999999999994, -1e-30, -0.5, 2.0**52 - 0.5, 4503599627370497.0])
    assert round_floats(y, "half_up").tolist() == [0, 0, 0, 2.0**52, 4503599627370497.0]
    assert math.floor(y[0] + 0.5) == 1  # what is written commonly, and wrong


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_exact_rounding_agrees_with_numpy(rounding: str) -> None:
    evidence = check_form(AgreesWithNumPy(rounding), samples=20_000)
    assert evidence.counterexample is None
    assert evidence.largest == evidence.bound == 0


def test_a_disagreement_with_numpy_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyorch.claims.rounding.round_floats", lambda y, _: np.floor(y + 0.5))
    evidence = check_form(AgreesWithNumPy("half_even"), samples=2000)
    assert evidence.counterexample is not None
    ((_, y),) = evidence.counterexample.inputs
    assert math.floor(float(y) + 0.5) != round(y)
    assert "is not" in evidence.counterexample.explanation


def test_only_doubles_are_compared_with_numpy() -> None:
    form = AgreesWithNumPy("half_even")
    assert form.contains((Fraction(1, 8),))
    assert not form.contains((Fraction(1, 3),))
    assert not form.contains((Fraction(10**400),))


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_one_half_is_attained_and_derived(rounding: str) -> None:
    instance = claims.get("round_error").instantiate([f"rounding={rounding}"])
    checks = cross_check(instance, samples=2000)
    assert checks.failure is None
    assert checks.asked[0].largest == checks.asked[0].bound == HALF
    assert [e.largest for e in checks.symbolic] == [HALF]
    assert RoundingErrorBound(rounding).explain((Fraction(-3, 4),)) == "|-3/4 - (-1)| = 1/4"


@pytest.mark.parametrize(
    ("step", "x", "outcomes"),
    [
        ("1", "5/4", (("3/4", "1"), ("1/4", "2"))),
        ("1", "-5/4", (("1/4", "-2"), ("3/4", "-1"))),
        ("1/8", "3/8", (("1", "3/8"), ("0", "3/8"))),
        ("2/3", "1", (("1/2", "2/3"), ("1/2", "4/3"))),
        ("1/8", "0", (("1", "0"), ("0", "0"))),
    ],
)
def test_outcomes_of_stochastic_rounding(
    step: str, x: str, outcomes: tuple[tuple[str, str], ...]
) -> None:
    expected = tuple((Fraction(p), Fraction(y)) for p, y in outcomes)
    assert StochasticGrid(Fraction(step)).outcomes(Fraction(x)) == expected


def test_stochastic_rounding_is_strictly_less_than_a_step_off() -> None:
    instance = claims.get("stochastic_rounding_error").instantiate(["scale=1/3"])
    error, bias, variance = cross_check(instance, samples=2000).asked
    assert error.bound == Fraction(1, 3)
    assert error.largest is not None
    assert Fraction(99, 300) < error.largest < Fraction(1, 3)
    assert error.counterexample is bias.counterexample is variance.counterexample is None
    assert bias.largest == 0
    assert variance.largest == variance.bound == Fraction(1, 36)


def test_the_least_bounds_of_stochastic_rounding_are_derived() -> None:
    grid = StochasticGrid(Fraction(3, 7))
    assert LargestError(grid).symbolic_bound() == Fraction(3, 7)
    assert Variance(grid).symbolic_bound() == Fraction(9, 196)
    assert Bias(grid).symbolic_bound() is None


@pytest.mark.parametrize(
    ("grid_form", "x"),
    [(LargestError, "1/16"), (Bias, "1/16"), (Variance, "1/16")],
)
def test_each_quantity_is_explained(grid_form: type[LargestError], x: str) -> None:
    form: Form = grid_form(StochasticGrid(Fraction(1, 8)))
    assert x in form.explain((Fraction(x),))


def test_clamping_needs_a_range() -> None:
    with pytest.raises(UsageError) as error:
        claims.get("clamp_in_range").instantiate(["lo=7", "hi=-8"])
    assert str(error.value) == "clamp_in_range needs lo ≤ hi, but 7 > -8"


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("lo=1.5", "parameter lo of clamp_in_range: '1.5' is not an integer from -9999"),
        ("hi=1000000000000000000", "'1000000000000000000' is not an integer from -9999"),
    ],
)
def test_ends_are_integers_of_bounded_size(assignment: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        claims.get("clamp_in_range").instantiate([assignment])


@pytest.mark.parametrize(
    ("q", "inside"), [(-9, 0), (-8, 0), (0, -7), (7, 0), (100, 0), (-(2**63), 0)]
)
def test_how_far_a_clamped_integer_is_outside(q: int, inside: int) -> None:
    assert InRange(-8, 7).quantity((Fraction(q),)) == inside


def test_a_clamp_that_leaves_the_range_would_be_found() -> None:
    class Wrong(InRange):
        def quantity(self, point: tuple[Fraction, ...]) -> Fraction:
            return point[0] - self.hi

    evidence = check_form(Wrong(-8, 7), samples=1000)
    assert evidence.counterexample is not None
    assert evidence.counterexample.inputs == (("q", Fraction(8)),)
