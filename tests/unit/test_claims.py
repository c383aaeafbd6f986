"""The registry, parameters from text, and the exact quantizer."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pyorch import claims
from pyorch.claims.parameters import MAX_DIGITS
from pyorch.claims.quantization import QuantizationErrorBound
from pyorch.claims.quantizer import Quantizer
from pyorch.errors import UsageError

NAME = "quantization_error_bound"
KNOWN = ", ".join(sorted(family.name for family in claims.all_families()))


def quantizer(*assignments: str) -> Quantizer:
    instance = claims.get(NAME).instantiate(assignments)
    assert isinstance(instance, QuantizationErrorBound)
    return instance.quantizer


def test_every_family_is_found_by_its_name() -> None:
    for family in claims.all_families():
        assert claims.get(family.name) is family
        assert family.instantiate().claim.name == family.name


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("quantisation_error_bound", "; did you mean 'quantization_error_bound'?"),
        ("goldbach", f"; known: {KNOWN}"),
        ("", f"no claim is called ''; known: {KNOWN}"),
        ("x\ny", r"no claim is called 'x\ny'"),
    ],
)
def test_unknown_claims_are_named_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as error:
        claims.get(name)
    assert hint in str(error.value)
    assert "\n" not in str(error.value)


def test_parameters_are_typed_and_exact() -> None:
    assert quantizer() == Quantizer(4, Fraction(1, 8), Fraction(0), True, "half_even")
    assert quantizer(
        "bits=8", "scale=1e-3", " zero_point = -5/3 ", "signed=False", "rounding=half_up"
    ) == Quantizer(8, Fraction(1, 1000), Fraction(-5, 3), False, "half_up")
    assert quantizer("scale=0.125").scale == quantizer("scale=1/8").scale == Fraction(1, 8)
    assert quantizer("scale=0.1").scale == Fraction(1, 10)


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        (["bits"], "'bits' lacks a value: write name=value"),
        (["bit=4"], f"{NAME} has no parameter 'bit'; did you mean 'bits'?"),
        (
            ["=4"],
            f"{NAME} has no parameter ''; it has bits, scale, zero_point, signed, narrow_range,"
            " rounding",
        ),
        (["bits=4", "bits=4"], f"parameter bits of {NAME} is given twice"),
        (["bits=four"], f"parameter bits of {NAME}: 'four' is not an integer from 1 to 64"),
        (["bits=0"], f"parameter bits of {NAME}: '0' is not an integer from 1 to 64"),
        (["bits=65"], f"parameter bits of {NAME}: '65' is not an integer from 1 to 64"),
        (["bits=1_0"], f"parameter bits of {NAME}: '1_0' is not an integer from 1 to 64"),
        (["bits=4.0"], f"parameter bits of {NAME}: '4.0' is not an integer from 1 to 64"),
        (["bits="], f"parameter bits of {NAME}: '' is not an integer from 1 to 64"),
        (["scale=0"], f"parameter scale of {NAME}: '0' is not positive"),
        (["scale=-1/8"], f"parameter scale of {NAME}: '-1/8' is not positive"),
        (["scale=1/0"], f"parameter scale of {NAME}: '1/0' divides by zero"),
        (
            ["scale=nan"],
            f"parameter scale of {NAME}: 'nan' is not a decimal number or a ratio such as 1/3",
        ),
        (
            ["zero_point=__import__('os')"],
            f"parameter zero_point of {NAME}: \"__import__('os')\" is not a decimal number or a"
            " ratio such as 1/3",
        ),
        (["signed=maybe"], f"parameter signed of {NAME}: 'maybe' is not true or false"),
        (
            ["rounding=half_eve"],
            f"parameter rounding of {NAME}: 'half_eve' is not half_even or half_up;"
            " did you mean 'half_even'?",
        ),
    ],
)
def test_a_wrong_parameter_is_named_with_its_value(assignments: list[str], message: str) -> None:
    with pytest.raises(UsageError) as error:
        claims.get(NAME).instantiate(assignments)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "text", ["1e999999999", "1e-999999999", "9" * 5000, f"1e{MAX_DIGITS}", f"1/1{'0' * MAX_DIGITS}"]
)
def test_absurd_sizes_are_refused_at_once(text: str) -> None:
    with pytest.raises(UsageError, match=f"parameter scale of {NAME}: ") as error:
        claims.get(NAME).instantiate([f"scale={text}"])
    assert len(str(error.value)) < 200


def test_the_largest_sizes_allowed_are_accepted() -> None:
    assert quantizer(f"scale={'9' * MAX_DIGITS}", f"zero_point=-1/{'9' * MAX_DIGITS}")


def test_the_claim_says_the_numbers() -> None:
    claim = claims.get(NAME).instantiate().claim
    assert claim.formula == (
        "|x - D(Q(x))| ≤ 1/16 for -17/16 ≤ x ≤ 15/16,"
        " where Q(x) = clamp(round(x/(1/8)), -8, 7) and D(q) = q·1/8"
    )
    assert claim.parameters == (
        ("bits", "4"),
        ("scale", "1/8"),
        ("zero_point", "0"),
        ("signed", "true"),
        ("narrow_range", "false"),
        ("rounding", "half_even"),
    )
    shifted = claims.get(NAME).instantiate(["scale=3", "zero_point=-1/2", "signed=false"]).claim
    assert "round((x + 1/2)/3), 0, 15) and D(q) = q·3 - 1/2" in shifted.formula


def test_the_seed_form_is_documented_as_false() -> None:
    (seed,) = claims.get(NAME).false_seeds
    assert "every real x" in seed.formula
    assert claims.false_seeds(NAME) == (seed,)
    for name in ("quantization_error_simple", "quantization_error_guided"):
        assert claims.get(name).name == NAME
        assert claims.false_seeds(name) == (seed,)


def test_codes_and_the_seeds_counterexample() -> None:
    q = quantizer("bits=4", "scale=1")
    assert (q.q_min, q.q_max) == (-8, 7)
    assert q.quantize(Fraction(100)) == 7
    assert q.error(Fraction(100)) == 93
    unsigned = quantizer("bits=3", "signed=false")
    assert (unsigned.q_min, unsigned.q_max) == (0, 7)
    assert (quantizer("bits=1").q_min, quantizer("bits=1").q_max) == (-1, 0)


def test_ties_go_as_the_rounding_says() -> None:
    even, up = quantizer("scale=1"), quantizer("scale=1", "rounding=half_up")
    ties = [Fraction(n, 2) for n in (-3, -1, 1, 3, 5)]
    assert [even.quantize(x) for x in ties] == [-2, 0, 0, 2, 2]
    assert [up.quantize(x) for x in ties] == [-1, 0, 1, 2, 3]
