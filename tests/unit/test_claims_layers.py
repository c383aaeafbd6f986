"""layer_error_bound: sums by hand, the seed's claim, hypotheses."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pyorch import claims
from pyorch.claims.affine_layers import AffineLayers, LayerBounds, UnboundedLipschitz
from pyorch.claims.layers import LayerErrorBound
from pyorch.errors import UsageError
from pyorch.numeric import check_form, cross_check

NAME = "layer_error_bound"


def layers(*assignments: str) -> LayerErrorBound:
    instance = claims.get(NAME).instantiate(assignments)
    assert isinstance(instance, LayerErrorBound)
    return instance


@pytest.mark.parametrize(
    ("assignments", "total"),
    [
        ([], "32768/5"),  # 80 · 81.92
        (["layers=1", "error=1/3", "lipschitz=100"], "1/3"),
        (["layers=3", "error=1", "lipschitz=2"], "7"),  # 4 + 2 + 1
        (["layers=3", "error=1,10,100", "lipschitz=2,3,5"], "165"),  # 15 + 50 + 100
        (["layers=3", "error=1,10,100", "lipschitz=0"], "100"),
        (["layers=4", "error=1", "lipschitz=1/2"], "15/8"),
        (["layers=2", "error=0", "lipschitz=9"], "0"),
    ],
)
def test_totals(assignments: list[str], total: str) -> None:
    claim = layers(*assignments)
    assert claim.bound == claim.attained == claim.bounds.total == Fraction(total)
    assert f"= {total}" in claim.claim.formula


def test_a_long_bound_is_rounded_up() -> None:
    claim = layers("layers=100", "error=0.001", "lipschitz=1.05")
    assert claim.attained < claim.bounds.total < claim.bound
    assert claim.bound - claim.attained == Fraction(1, 10**11)
    assert "≤ 261002515693/100000000000" in claim.claim.formula
    checks = cross_check(claim, samples=300)
    assert checks.failure is None
    assert [e.largest for e in (*checks.asked, *checks.symbolic)] == [claim.bound] * 2


@pytest.mark.parametrize(
    "assignments",
    [
        [],
        ["layers=1"],
        ["layers=5", "error=1/7", "lipschitz=0"],
        ["layers=5", "error=0.1,0.2,0,0.4,0.5", "lipschitz=1.5"],
        ["layers=7", "error=3", "lipschitz=0.5,1,2,0,1,1,1/3"],
        ["layers=256", "error=0.01", "lipschitz=0.99"],
    ],
)
def test_the_bound_is_attained_and_never_exceeded(assignments: list[str]) -> None:
    claim = layers(*assignments)
    checks = cross_check(claim, samples=2000)
    assert checks.failure is None
    assert checks.asked[0].largest == claim.bound
    derived = [e.largest for e in checks.symbolic]
    assert derived == ([claim.bound] if claim.bounds.alike else [])


def test_a_smaller_bound_would_be_refuted() -> None:
    bounds = LayerBounds(3, (Fraction(1),), (Fraction(2),))
    evidence = check_form(AffineLayers(bounds, Fraction(69, 10)), samples=2000)
    assert evidence.counterexample is not None


def test_layers_run_as_they_say() -> None:
    form = AffineLayers(LayerBounds(2, (Fraction(1), Fraction(3)), (Fraction(2),)), Fraction(5))
    assert form.inputs == ("x", "slope_1", "offset_1", "slope_2", "offset_2")
    # 10 ↦ 20, computed as 20 - 1; then -40, computed as -38 + 3/2
    point = tuple(map(Fraction, ("10", "1", "-1", "-1", "1/2")))
    assert form.quantity(point) == Fraction(7, 2)
    assert form.contains(point)
    assert not form.contains((*point[:-1], Fraction(2)))


@pytest.mark.parametrize(
    ("assignments", "explanation"),
    [
        (
            [],
            "80 layers 2·x, computed as 2·x + 2048/25, turn 0 into 99035203142830421991929856"
            " > 32768/5",
        ),
        (["layers=2", "error=1/3"], "2 layers 2·x, computed as 2·x + 1/3, turn 0 into 1 > 2/3"),
        # with the largest of the errors in every layer
        (
            ["layers=2", "error=1/3,3"],
            "2 layers 2·x, computed as 2·x + 3, turn 0 into 9 > 6",
        ),
    ],
)
def test_the_seeds_sum_is_refuted(assignments: list[str], explanation: str) -> None:
    witness = cross_check(layers(*assignments), samples=500).counterexamples
    assert witness["llama70b_error_bounded"].explanation == explanation


@pytest.mark.parametrize("assignments", [["layers=1"], ["error=0"]])
def test_it_holds_for_one_layer_and_without_errors(assignments: list[str]) -> None:
    assert cross_check(layers(*assignments), samples=500).counterexamples == {}


def test_any_constant_above_one_refutes_it() -> None:
    form = UnboundedLipschitz(3, Fraction(1))
    assert [form.quantity((Fraction(c),)) for c in (0, 1, 2)] == [1, 3, 7]
    assert form.bound == 3
    assert not form.contains((Fraction(-1),))


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        (
            ["layers=3", "error=1,2"],
            f"{NAME} needs one error for all layers or one for each, but there are 2 for 3 layers",
        ),
        (
            ["lipschitz=1,1"],
            f"{NAME} needs one lipschitz for all layers or one for each, but there are 2 for 80"
            " layers",
        ),
        (["error=-1/2"], f"{NAME} needs error ≥ 0, but -1/2 < 0"),
        (["layers=2", "lipschitz=1,-3"], f"{NAME} needs lipschitz ≥ 0, but -3 < 0"),
        (
            ["layers=257"],
            f"parameter layers of {NAME}: '257' is not an integer from 1 to 256",
        ),
        (
            ["layers=33", f"error={','.join('1' * 33)}"],
            f"parameter error of {NAME}: 33 values are more than 32",
        ),
        (
            ["layers=256", f"lipschitz=1.{'0' * 40}1"],
            f"{NAME} needs at most 10000 digits in all layers' errors and Lipschitz constants"
            " together, but there are 22528",
        ),
        (
            ["error="],
            f"parameter error of {NAME}: '' is not a decimal number or a ratio such as 1/3",
        ),
    ],
)
def test_hypotheses(assignments: list[str], message: str) -> None:
    with pytest.raises(UsageError) as error:
        claims.get(NAME).instantiate(assignments)
    assert str(error.value) == message
