"""Witnesses are in the box and their gaps are exact, whatever the networks."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from pyorch.nets.attack import largest_gap
from pyorch.nets.network import CertificationProblem
from tests.property.nets_strategies import points_of, problems


@given(problems(), st.integers(0, 5))
@settings(max_examples=50)
def test_witnesses(problem: CertificationProblem, seed: int) -> None:
    witness = largest_gap(problem, seed=seed, samples=16, restarts=2, steps=4)
    assert problem.box.contains(witness.coordinates)
    differences = problem.difference_at(witness.coordinates)
    assert witness.gap == max(map(abs, differences)) == abs(differences[witness.output])
    assert witness.teacher - witness.student == differences[witness.output]


@given(problems(), st.data())
def test_float_and_exact_evaluation_agree(
    problem: CertificationProblem, data: st.DataObject
) -> None:
    (point,) = data.draw(points_of(problem.box, 1))
    for network in (problem.teacher, problem.student):
        floats = network.evaluate_float([float(x) for x in point])
        for exact, approximate in zip(network.evaluate_exact(point), floats, strict=True):
            assert abs(exact - Fraction(float(approximate))) < Fraction(1, 10**6)
