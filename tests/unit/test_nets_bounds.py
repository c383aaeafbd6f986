"""Bounds by hand, and what they prove for the examples."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from pyorch.nets.bounds import (
    Interval,
    bound_pair,
    choose_prec,
    provable_epsilon,
    round_up,
    smallest_epsilon,
)
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.reader import read_problem

EXAMPLES = Path(__file__).parents[2] / "examples"
IDENTITY, RELU = Activation.IDENTITY, Activation.RELU


def test_rounding_is_outward_on_both_sides_of_0() -> None:
    assert Interval(1, 1).round(4, 3) == Interval(1, 2)
    assert Interval(-1, -1).round(4, 3) == Interval(-2, -1)
    assert Interval(-3, 6).round(4, 3) == Interval(-4, 8)


@pytest.mark.parametrize(
    ("difference", "t", "s", "expected"),
    [
        # both active: the difference itself
        (Interval(-2, 3), Interval(10, 20), Interval(10, 20), Interval(-2, 3)),
        # both off
        (Interval(-2, 3), Interval(0, 0), Interval(0, 0), Interval(0, 0)),
        # either may be off
        (Interval(1, 3), Interval(0, 5), Interval(0, 5), Interval(0, 3)),
        # the student is off: the teacher's output
        (Interval(1, 9), Interval(0, 5), Interval(0, 0), Interval(0, 5)),
    ],
)
def test_the_difference_through_a_relu(
    difference: Interval, t: Interval, s: Interval, expected: Interval
) -> None:
    assert difference.relu_diff(t, s) == expected


def test_a_pair_by_hand() -> None:
    # relu(2x − 1) against relu(1.5x − 1), on [0, 1] in halves
    teacher = Network((Layer.exact([[2]], [-1], RELU),))
    student = Network((Layer.exact([[1.5]], [-1], RELU),))
    problem = CertificationProblem(teacher, student, Box((0,), (2,), 2), None, "", "test")
    bounds = bound_pair(problem, 1)
    assert bounds.teacher == (Interval(0, 2),)
    assert bounds.student == (Interval(0, 1),)
    # x/2 lies in [0, 1/2]
    assert bounds.difference == (Interval(0, 1),)
    assert bounds.gaps == (Fraction(1, 2),)


def test_networks_of_different_depth_are_bounded_apart() -> None:
    teacher = Network((Layer.exact([[1]], [0], IDENTITY),) * 2)
    student = Network((Layer.exact([[1]], [0], IDENTITY),))
    problem = CertificationProblem(teacher, student, Box((0,), (1,), 1), None, "", "test")
    assert bound_pair(problem, 0).difference == (Interval(-1, 1),)


def test_a_negative_precision_is_refused() -> None:
    with pytest.raises(ValueError, match="prec -1 is negative"):
        bound_pair(read_problem(EXAMPLES / "seed" / "leancert.json"), -1)


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (Fraction(0), 3, Fraction(0)),
        (Fraction(1, 3), 3, Fraction(334, 1000)),
        (Fraction(1, 3), 1, Fraction(4, 10)),
        (Fraction(1234567), 3, Fraction(1240000)),
        (Fraction(999, 1000), 2, Fraction(1)),
        (Fraction(1, 10**9), 3, Fraction(1, 10**9)),
    ],
)
def test_rounding_up_to_decimals(value: Fraction, digits: int, expected: Fraction) -> None:
    assert round_up(value, digits) == expected


@pytest.mark.parametrize(
    ("name", "prec", "printed"),
    [
        ("leancert", 8, "32,496 | 32,496 | 0,0 "),
        ("leancert_distinct", 8, "32,496 | 32,497 | -32,23 "),
        (
            "leancert_distinct",
            53,
            "1125899906842624,17451448556060672 | 1125899906842624,17428930557923820"
            " | -1103381908705773,788129934789838 ",
        ),
    ],
)
def test_the_numbers_are_those_that_lean_prints(name: str, prec: int, printed: str) -> None:
    # `#eval outputBounds teacher student box prec` in Lean 4.28
    bounds = bound_pair(read_problem(EXAMPLES / "seed" / f"{name}.json"), prec)
    sides = (bounds.teacher, bounds.student, bounds.difference)
    assert "| ".join("".join(f"{lo},{hi} " for lo, hi in side) for side in sides) == printed


@pytest.mark.parametrize(
    ("name", "prec", "epsilon"),
    [
        ("seed/leancert", 8, "0"),
        ("seed/leancert_distinct", 8, "0.125"),
        ("digits/digits", 12, "1.08"),
        ("digits/digits_fp16", 20, "0.00342"),
    ],
)
def test_what_the_examples_prove(name: str, prec: int, epsilon: str) -> None:
    problem = read_problem(EXAMPLES / f"{name}.json")
    assert choose_prec(problem) == prec
    assert smallest_epsilon(problem, prec) == Fraction(epsilon)
    if problem.epsilon is not None:
        assert provable_epsilon(problem, prec) <= problem.epsilon
