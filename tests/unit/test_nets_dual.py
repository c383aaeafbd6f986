"""Bounds by relaxation on networks small enough to be computed by hand, and on the examples."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from pyorch.errors import InputError
from pyorch.nets.bounds import Interval, provable_epsilon
from pyorch.nets.dual import DualBounds, DualCertificate, Multipliers
from pyorch.nets.dual_emit import dual_from_json, lean_dual_certificate
from pyorch.nets.dual_neuron import pair_gap, pair_slopes, relu_gap, slope
from pyorch.nets.dual_search import search_dual
from pyorch.nets.goal_certificate import GoalCertificate, OutputTolerances
from pyorch.nets.goal_search import dual_gaps
from pyorch.nets.json_tree import parse_json
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.pair_options import PairOptions
from pyorch.nets.reader import read_problem
from pyorch.nets.split import Leaf

EXAMPLES = Path(__file__).parents[2] / "examples"


def linear(rows: list[list[int]], bias: list[int], den: int = 1) -> Layer:
    return Layer(tuple(map(tuple, rows)), tuple(bias), den, Activation.IDENTITY)


def relu(rows: list[list[int]], bias: list[int], den: int = 1) -> Layer:
    return Layer(tuple(map(tuple, rows)), tuple(bias), den, Activation.RELU)


def problem(teacher: list[Layer], student: list[Layer], box: Box) -> CertificationProblem:
    return CertificationProblem(
        Network(tuple(teacher)), Network(tuple(student)), box, None, "", "test"
    )


def test_what_both_networks_do_alike_cancels_at_the_input() -> None:
    # the same function, 3x, as one layer and as two: intervals alone see 6 times the width
    p = problem([linear([[3]], [0])], [linear([[1]], [0]), linear([[3]], [0])], Box((-1,), (1,), 1))
    assert provable_epsilon(p, 8) == 6
    assert DualBounds(p, 8).bounds(DualCertificate(8)) == (Interval(0, 0),)


def test_an_absolute_value_has_its_triangle() -> None:
    # relu(x) + relu(−x) on [−1, 1] is at most 1, by chords of slope 1/2
    p = problem(
        [relu([[1], [-1]], [0, 0]), linear([[1, 1]], [0])],
        [linear([[0]], [0])],
        Box((-1,), (1,), 1),
    )
    relaxation = DualBounds(p, 4)
    assert relaxation.bound(0, upper=True) == 16
    # p = (1, 0) is worse: relu(x) ≤ x + 1 and relu(−x) ≤ 1 give 3
    chosen = (Multipliers((), ()), Multipliers((), ()), Multipliers((16, 0), ()))
    assert relaxation.bound(0, upper=True, row=chosen) == 48


def test_missing_multipliers_are_zero_and_others_ignored() -> None:
    p = problem(
        [relu([[1], [-1]], [0, 0]), linear([[1, 1]], [0])],
        [linear([[0]], [0])],
        Box((-1,), (1,), 1),
    )
    relaxation = DualBounds(p, 4)
    none = Multipliers((), ())
    for given in ((), (0,), (0, 0), (0, 0, 7)):
        row = (none, none, Multipliers(given, (5,)), none)
        assert relaxation.bound(0, upper=True, row=row) == 32


@pytest.mark.parametrize(
    ("a", "p", "z", "expected"),
    [(2, 1, Interval(-3, 5), 5), (2, 2, Interval(0, 5), 0), (2, 0, Interval(-5, 0), 0),
     (-2, -2, Interval(-3, 5), 0), (-2, 0, Interval(-3, 5), 0), (0, 0, Interval(0, 0), 0)],
)  # fmt: skip
def test_gap_of_a_neuron(a: int, p: int, z: Interval, expected: int) -> None:
    assert relu_gap(a, p, z) == expected


def test_gap_of_a_pair_knows_the_difference() -> None:
    wide, narrow = Interval(-8, 8), Interval(-1, 1)
    # relu(t) − relu(s) ≤ max(t − s, 0), whatever t and s are
    assert pair_gap(1, -1, 0, 0, wide, wide, narrow) == 1
    assert pair_gap(1, -1, 0, 0, wide, wide, Interval(-16, 16)) == 8


def test_slopes_are_those_of_crown() -> None:
    assert slope(8, Interval(-1, 3)) == 6
    assert slope(-8, Interval(-1, 3)) == -8
    assert slope(-8, Interval(-3, 1)) == 0
    assert slope(8, Interval(-3, 0)) == 0
    assert slope(8, Interval(0, 3)) == 8
    assert pair_slopes(8, -8, Interval(-9, 9), Interval(-9, 9), Interval(-1, 1)) == (4, -4)
    assert pair_slopes(8, -8, Interval(1, 9), Interval(0, 9), Interval(-1, 1)) == (8, -8)


@pytest.mark.parametrize(
    ("name", "most"), [("digits/digits.json", "0.45"), ("digits/digits_deeper.json", "0.321"),
                       ("digits/digits_fp16.json", "0.00206"), ("regression/surface.json", "2.6")],
)  # fmt: skip
def test_examples_without_any_programme(name: str, most: str) -> None:
    p = read_problem(EXAMPLES / name)
    result = search_dual(p, 24, optimise=False)
    assert result.programmes == 0
    assert (result.certificate.upper, result.certificate.lower) == ((), ())
    assert result.epsilon <= Fraction(most)
    assert result.epsilon < provable_epsilon(p, 24)


def test_programmes_only_where_they_can_help() -> None:
    pytest.importorskip("scipy")
    digits = search_dual(read_problem(EXAMPLES / "digits/digits.json"), 24)
    assert digits.programmes == 0  # no sign is open: the bound is exact
    surface = read_problem(EXAMPLES / "regression/surface.json")
    crown, best = search_dual(surface, 24, optimise=False), search_dual(surface, 24)
    assert best.programmes > 0
    assert best.epsilon < crown.epsilon * Fraction(9, 10)


CONTROL = PairOptions(
    None,
    EXAMPLES / "regression/control_teacher.onnx",
    EXAMPLES / "regression/control_fp16.onnx",
    EXAMPLES / "regression/control.vnnlib",
)


def test_affine_forms_of_a_deep_pair() -> None:
    pytest.importorskip("onnx")
    p = CONTROL.read()
    found = search_dual(replace(p, epsilon=Fraction(1, 20)), most=300_000)
    assert found is not None
    assert found.epsilon <= Fraction(1, 20)
    assert found.certificate.symbols == (31,) + (0,) * 6  # the inputs alone are enough
    assert found.certificate.upper == ()
    best = search_dual(p, most=300_000)
    assert best is not None
    assert best.epsilon < Fraction(1, 1000)
    assert sum(mask.bit_count() for mask in best.certificate.symbols[1:]) == 13  # all open neurons
    # intervals, and a relaxation above them, are far off
    assert provable_epsilon(p, 32) > Fraction(1, 2)
    assert DualBounds(p, 32).epsilon(DualCertificate(32)) > Fraction(1, 4)


def test_affine_forms_prove_tolerances_of_a_deep_pair() -> None:
    pytest.importorskip("onnx")
    p = CONTROL.read()
    tolerances = {i: Fraction(1, 20 + i) for i in range(5)}
    found = dual_gaps(p, tolerances, as_small_as_possible=False)
    assert found is not None
    assert all(found.gaps[i] <= tolerances[i] for i in tolerances)
    assert found.certificate.symbols == (31,) + (0,) * 6
    assert (found.certificate.upper, found.certificate.lower) == ((), ())
    # outputs that are proved do not help another
    for epsilons, failure in ((found.gaps, None), ({**found.gaps, 3: Fraction(1, 10**4)}, 1)):
        claim = OutputTolerances(tuple(epsilons.values()))
        proof = GoalCertificate(claim, found.certificate.prec, tree=Leaf(found.certificate))
        assert proof.first_failure(p) == failure


def test_symbols_keep_what_cancels() -> None:
    # relu(x) − relu(x) on [−1, 1], through two copies: the gap cancels only as a symbol
    layers = [relu([[1]], [0]), linear([[1], [1]], [0, 0]), linear([[1, -1]], [0])]
    p = problem(layers, layers, Box((-1,), (1,), 1))
    widths = {}
    for mask in (0, 1):
        (z,) = DualBounds(p, 8, symbols=(1, mask, 0)).steps[0].teacher_bounds
        widths[mask] = z.hi - z.lo
    assert widths[0] >= 256
    assert widths[1] <= 20  # rounding


@pytest.mark.parametrize("symbols", [(1,), (1, 3), (0, 0), (1, 3, 3, 3)])
def test_forms_never_lose_to_intervals(symbols: tuple[int, ...]) -> None:
    t = [relu([[3], [-2]], [1, 1], 2), linear([[1, 1], [2, -1]], [0, 3])]
    s = [relu([[3], [-2]], [1, 2], 2), linear([[1, 1], [2, -1]], [0, 3])]
    p = problem(t, s, Box((-1,), (2,), 1))
    found = DualBounds(p, 8, symbols=symbols).forward
    plain = DualBounds(p, 8).forward
    assert found is not None
    assert plain is not None
    assert all(a.lo >= b.lo and a.hi <= b.hi for a, b in zip(found, plain, strict=True))


def test_lean_text() -> None:
    row = (Multipliers((1, -2), ()), Multipliers((), ()))
    assert lean_dual_certificate(DualCertificate(4, True, (row, ()), (), (3, 0))) == (
        "{ prec := 4, tighten := true, symbols := [3, 0],"
        " upper := [[(signedLanes 2 1 2 0x3, []), ([], [])], []], lower := [] }"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"prec": -1, "tighten": true}', "prec"),
        ('{"prec": 8}', "'tighten' is missing"),
        ('{"prec": 8, "tighten": 1}', "expected true or false"),
        ('{"prec": 8, "tighten": true, "upper": []}', "non-empty"),
        ('{"prec": 8, "tighten": true, "upper": [1]}', "array"),
        ('{"prec": 8, "tighten": true, "upper": [[[0]]]}', "two networks, not of 1"),
        ('{"prec": 8, "tighten": true, "upper": [[[0, [0.5]]]]}', "integer"),
        ('{"prec": 8, "tighten": true, "upper": [[[0, [1e9999]]]]}', "upper"),
        ('{"prec": 8, "tighten": true, "middle": 0}', "unknown field"),
        ('{"prec": 8, "tighten": true, "symbols": 3}', "array"),
        ('{"prec": 8, "tighten": true, "symbols": []}', "non-empty"),
        ('{"prec": 8, "tighten": true, "symbols": [3, -1]}', "-1 is negative"),
        ('{"prec": 8, "tighten": true, "symbols": [0.5]}', "integer"),
        ('{"prec": 8, "tighten": true, "symbols": [1e9999]}', "symbols"),
    ],
)
def test_bad_json_is_refused_by_field(text: str, message: str) -> None:
    json.loads(text)
    with pytest.raises(InputError, match=message):
        dual_from_json(parse_json(text.encode(), "cert"))
