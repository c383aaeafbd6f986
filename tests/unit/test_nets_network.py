"""Exact networks: values, shapes, limits."""

from __future__ import annotations

import math
import sys
from fractions import Fraction

import pytest

from pyorch.nets.network import (
    MAX_NUMERATOR_BITS,
    Activation,
    Box,
    CertificationProblem,
    Layer,
    Network,
)

IDENTITY, RELU = Activation.IDENTITY, Activation.RELU


def one_layer(weight: float, bias: float = 0.0) -> Network:
    return Network((Layer.exact([[weight]], [bias], IDENTITY),))


def test_a_layer_is_on_the_smallest_common_power_of_two() -> None:
    layer = Layer.exact([[0.5, -0.75], [3, 0.0]], [1, 0.125], RELU)
    assert layer == Layer(((4, -6), (24, 0)), (8, 1), 8, RELU)
    assert (layer.output_dim, layer.input_dim, layer.numerator_bits) == (2, 2, 5)


@pytest.mark.parametrize(
    "value",
    [0.1, -0.1, 1 / 3, 5e-324, sys.float_info.min, 2.0**-1022 * 0.75, -0.0, 2**53 + 1, 1e22],
)
def test_a_weight_is_the_exact_value_of_the_float(value: float) -> None:
    layer = Layer.exact([[value]], [0], IDENTITY)
    assert Fraction(layer.weights[0][0], layer.den) == Fraction(value)


def test_negative_zero_is_zero() -> None:
    assert Layer.exact([[-0.0]], [-0.0], IDENTITY) == Layer(((0,),), (0,), 1, IDENTITY)


def test_every_float32_fits_beside_every_other() -> None:
    layer = Layer.exact([[2.0**-149, (2 - 2.0**-23) * 2.0**127]], [0.0], RELU)
    assert layer.numerator_bits <= MAX_NUMERATOR_BITS


@pytest.mark.parametrize("row", [[1e300, 1e-300], [5e-324, 1.0], [1e308], [10**400]])
def test_too_many_bits_are_refused(row: list[float]) -> None:
    with pytest.raises(ValueError, match="mix too many magnitudes"):
        Layer.exact([row], [0.0], RELU)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_numbers_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        Layer.exact([[value]], [0.0], RELU)


@pytest.mark.parametrize(
    ("weights", "bias", "den", "message"),
    [
        ((), (), 1, "at least one output"),
        (((),), (0,), 1, "at least one output"),
        (((1, 2), (3,)), (0, 0), 1, "differ in length"),
        (((1,),), (0, 0), 1, "2 biases for 1 outputs"),
        (((1,),), (0,), 3, "not a power of two"),
        (((1,),), (0,), 0, "not a power of two"),
    ],
)
def test_layer_shapes(
    weights: tuple[tuple[int, ...], ...], bias: tuple[int, ...], den: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Layer(weights, bias, den, RELU)


def test_layers_must_fit_each_other() -> None:
    wide = Layer(((1,), (1,)), (0, 0), 1, RELU)
    with pytest.raises(ValueError, match="layer 1 takes 1 inputs, layer 0 has 2 outputs"):
        Network((wide, wide))
    with pytest.raises(ValueError, match="at least one layer"):
        Network(())


def test_evaluation_by_hand() -> None:
    network = Network(
        (
            Layer.exact([[1, -1], [-1, 1]], [0, 0.5], RELU),
            Layer.exact([[2, -4]], [-0.25], IDENTITY),
        )
    )
    assert network.widths == (2, 2, 1)
    assert network.parameter_count == 9
    # hidden (2/3, 0): 4/3 − 1/4
    assert network.evaluate_exact([Fraction(1), Fraction(1, 3)]) == (Fraction(13, 12),)
    # hidden (0, 1): −17/4, and no ReLU after the last layer
    assert network.evaluate_exact([Fraction(0), Fraction(1, 2)]) == (Fraction(-17, 4),)
    assert network.evaluate_float([[1, 0.0], [0, 0.5]]).tolist() == [[1.75], [-4.25]]
    with pytest.raises(ValueError, match="1 coordinates for 2 inputs"):
        network.evaluate_exact([Fraction(0)])


def test_relu_on_the_last_layer_is_applied_only_where_it_is_said() -> None:
    relu = Network((Layer.exact([[1]], [0], RELU),))
    assert relu.evaluate_exact([Fraction(-1)]) == (Fraction(0),)
    assert one_layer(1).evaluate_exact([Fraction(-1)]) == (Fraction(-1),)


def test_a_box_on_its_common_denominator() -> None:
    box = Box.exact([Fraction(0), Fraction(1, 10)], [Fraction(1, 4), Fraction(1, 10)])
    assert box == Box((0, 2), (5, 2), 20)
    assert box.lower == (Fraction(0), Fraction(1, 10))
    assert box.upper == (Fraction(1, 4), Fraction(1, 10))
    assert box.contains(box.lower)
    assert not box.contains((Fraction(1, 3), Fraction(1, 10)))
    assert not box.contains((Fraction(0),))


@pytest.mark.parametrize(
    ("lo", "hi", "den", "message"),
    [
        ((), (), 1, "at least one coordinate"),
        ((0,), (1, 1), 1, "1 lower and 2 upper"),
        ((0, 2), (0, 1), 4, "coordinate 1: lower bound 1/2 above upper bound 1/4"),
        ((0,), (0,), 0, "not positive"),
        ((0,), (2**400,), 1, "401-bit"),
    ],
)
def test_boxes_that_are_refused(
    lo: tuple[int, ...], hi: tuple[int, ...], den: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Box(lo, hi, den)


def test_bounds_without_a_common_denominator_in_the_limit_are_refused() -> None:
    bounds = [Fraction(1, 3**200), Fraction(1, 5**200)]
    with pytest.raises(ValueError, match="no common denominator"):
        Box.exact(bounds, bounds)


def problem(teacher: Network, student: Network, epsilon: Fraction | None) -> CertificationProblem:
    return CertificationProblem(teacher, student, Box((0,), (1,), 1), epsilon, "", "test")


def test_problems_that_are_refused() -> None:
    wide = Network((Layer.exact([[1, 1]], [0], IDENTITY),))
    with pytest.raises(ValueError, match=r"student\.input_dim is 2, the teacher's is 1"):
        problem(one_layer(1), wide, None)
    with pytest.raises(ValueError, match=r"box\.dim is 1, the teacher's is 2"):
        problem(wide, wide, None)
    with pytest.raises(ValueError, match="epsilon 0 is not positive"):
        problem(one_layer(1), one_layer(1), Fraction(0))


def test_pairing_and_difference() -> None:
    pair = problem(one_layer(1, 0.5), one_layer(0.75), Fraction(1))
    assert pair.is_paired
    assert pair.difference_at([Fraction(1, 3)]) == (Fraction(7, 12),)
    relu = Network((Layer.exact([[1]], [0], RELU),))
    assert not problem(one_layer(1), relu, None).is_paired
