"""Lean terms of networks and boxes, letter by letter."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from pyorch.nets.emit_data import (
    MAX_LISTED_COORDINATES,
    lean_box,
    lean_comment,
    lean_coordinates,
    lean_ints,
    lean_network,
    lean_ratio,
)
from pyorch.nets.network import Box
from pyorch.nets.reader import read_problem

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_a_network_by_list_literals() -> None:
    problem = read_problem(EXAMPLES / "seed" / "leancert.json")
    assert lean_network(problem.teacher) == (
        "[\n  { weights := [[8, -4], [-6, 10]], bias := [2, -1], den := 8, activation := .relu },\n"
        "  { weights := [[8, 4]], bias := [1], den := 8, activation := .identity }]"
    )
    assert lean_box(problem.box) == "{ lo := [0, 0], hi := [1, 1], den := 1 }"


def test_signs_and_large_numbers() -> None:
    assert lean_ints([-1, 0, 2**70]) == "[-1, 0, 1180591620717411303424]"
    assert lean_box(Box((-7,), (3,), 10)) == "{ lo := [-7], hi := [3], den := 10 }"


def test_many_coordinates_are_one_number() -> None:
    few = [*range(-3, MAX_LISTED_COORDINATES - 3)]
    assert lean_coordinates(few) == lean_ints(few)
    assert lean_coordinates([-1, 0, *[1] * 70]).startswith("(signedLanes 2 1 72 0x")


def test_ratios_keep_their_denominator() -> None:
    assert lean_ratio(Fraction("1.08")) == "27/25"
    assert (lean_ratio(Fraction(0)), lean_ratio(Fraction(3))) == ("0/1", "3/1")
    with pytest.raises(ValueError, match="-1 is negative"):
        lean_ratio(Fraction(-1))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mon réseau 学生.json", "mon réseau 学生.json"),
        ("a -/ theorem evil", "a - / theorem evil"),
        ("a /- b", "a / - b"),
        ("/-/", "/ - /"),
        ("-/-/", "- / - /"),
        ("--//", "-- //"),
        ("two\nlines\t\x1b[31m", "two\\u000alines\\u0009\\u001b[31m"),
        ("\u202eabc\ud800", "\\u202eabc\\ud800"),
    ],
)
def test_comments_cannot_be_left(text: str, shown: str) -> None:
    assert lean_comment(text) == shown
