"""The search for the largest gap."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pyorch.nets.attack import GRID_BITS, AttackProgress, largest_gap
from pyorch.nets.float_network import FloatNetwork
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network
from pyorch.nets.reader import read_problem

EXAMPLES = Path(__file__).parents[2] / "examples"
IDENTITY, RELU = Activation.IDENTITY, Activation.RELU


def linear(*row: float) -> Network:
    return Network((Layer.exact([row], [0], IDENTITY),))


def on_box(teacher: Network, student: Network, box: Box) -> CertificationProblem:
    return CertificationProblem(teacher, student, box, None, "", "test")


def test_a_linear_difference_is_largest_at_a_corner() -> None:
    box = Box((0, -1, 2), (1, 5, 2), 3)
    witness = largest_gap(on_box(linear(1, -2, 3), linear(0.5, 1, 2), box), samples=16)
    assert witness.coordinates == (Fraction(0), Fraction(5, 3), Fraction(2, 3))
    assert witness.gap == Fraction(13, 3)
    assert (witness.teacher, witness.student) == (Fraction(-4, 3), Fraction(3))
    assert witness.den == 3


def test_a_peak_inside_the_box_is_found_to_the_grid() -> None:
    # 1 − |x − 1/3|·4 in ReLU pieces, against 0
    third = 1 / 3
    teacher = Network(
        (
            Layer.exact([[1], [-1]], [-third, third], RELU),
            Layer.exact([[-4, -4]], [1], IDENTITY),
        )
    )
    problem = on_box(teacher, linear(0), Box((0,), (1,), 2))
    witness = largest_gap(problem, samples=2)
    assert 1 - Fraction(4, 2**GRID_BITS) < witness.gap <= 1


def test_the_witness_is_exact_and_in_the_box() -> None:
    problem = read_problem(EXAMPLES / "digits" / "digits.json")
    witness = largest_gap(problem, samples=64, restarts=2, steps=5)
    assert problem.box.contains(witness.coordinates)
    assert abs(problem.difference_at(witness.coordinates)[witness.output]) == witness.gap
    assert witness.evaluations == 65 + 5 * 2 * 10 * 2


def test_a_seed_repeats_itself_and_the_search_stops_when_told() -> None:
    problem = read_problem(EXAMPLES / "seed" / "leancert_distinct.json")
    first = largest_gap(problem, seed=3)
    assert first == largest_gap(problem, seed=3)
    early = largest_gap(problem, seed=3, stop_above=Fraction(1, 1000))
    assert Fraction(1, 1000) < early.gap <= first.gap
    assert early.evaluations < first.evaluations
    assert largest_gap(problem, seed=3, time_limit=-1).evaluations == early.evaluations


def test_equal_networks_have_no_gap() -> None:
    assert largest_gap(read_problem(EXAMPLES / "seed" / "leancert.json"), samples=8).gap == 0


def test_progress_is_reported() -> None:
    seen: list[AttackProgress] = []
    problem = on_box(linear(1), linear(0), Box((0,), (1,), 1))
    largest_gap(problem, samples=2, steps=3, progress=seen.append)
    assert [p.done for p in seen] == [0, 1, 2, 3]
    assert seen[-1].gap == 1.0


def test_overflow_in_float_is_not_reported_as_a_gap() -> None:
    big = Network(tuple(Layer.exact([[2.0**300]], [0], IDENTITY) for _ in range(4)))
    witness = largest_gap(on_box(big, linear(0), Box((0,), (1,), 1)), samples=4, steps=2)
    assert witness.gap == abs(witness.teacher)


def test_gradients_agree_with_finite_differences() -> None:
    rng = np.random.default_rng(0)
    network = FloatNetwork.of(
        Network(
            (
                Layer.exact(rng.normal(size=(5, 3)).tolist(), rng.normal(size=5).tolist(), RELU),
                Layer.exact(
                    rng.normal(size=(2, 5)).tolist(), rng.normal(size=2).tolist(), IDENTITY
                ),
            )
        )
    )
    points, directions = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    step = 1e-6
    numeric = np.stack(
        [
            ((network.outputs(points + d) - network.outputs(points - d)) * directions).sum(axis=1)
            / (2 * step)
            for d in step * np.eye(3)
        ],
        axis=1,
    )
    assert network.gradients(points, directions) == pytest.approx(numeric, abs=1e-6)
