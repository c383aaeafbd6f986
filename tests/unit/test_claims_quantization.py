"""The quantizer's codes, saturation, and the other families of affine quantization."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pyorch import claims
from pyorch.claims.activation import ActivationQuantizer, CodeSize, RestoredError
from pyorch.claims.codes import CodeLost, SecondChange
from pyorch.claims.monotone import Disorder
from pyorch.claims.quantization import QuantizationErrorBound, SaturatingErrorBound
from pyorch.claims.quantizer import CODES, Quantizer
from pyorch.claims.scale_distrib import Difference
from pyorch.errors import UsageError
from pyorch.numeric import check_form, cross_check

INT4 = Quantizer(4, Fraction(1, 8), Fraction(0), True, "half_even")


def quantizer(*assignments: str) -> Quantizer:
    instance = claims.get("quantization_error_bound").instantiate(assignments)
    assert isinstance(instance, QuantizationErrorBound)
    return instance.quantizer


@pytest.mark.parametrize(
    ("assignments", "kind", "codes"),
    [
        (["bits=4"], "signed", (-8, 7)),
        (["bits=1"], "signed", (-1, 0)),
        (["bits=64"], "signed", (-(2**63), 2**63 - 1)),
        (["bits=4", "signed=false"], "unsigned", (0, 15)),
        (["bits=1", "signed=false"], "unsigned", (0, 1)),
        (["bits=8", "narrow_range=true"], "symmetric", (-127, 127)),
        (["bits=2", "narrow_range=true"], "symmetric", (-1, 1)),
    ],
)
def test_the_range_of_codes(assignments: list[str], kind: str, codes: tuple[int, int]) -> None:
    q = quantizer(*assignments)
    assert q.kind == kind
    assert (q.q_min, q.q_max) == codes


@pytest.mark.parametrize("name", ["quantization_error_bound", "quantize_monotone"])
@pytest.mark.parametrize(
    ("assignments", "problem"),
    [
        (["signed=false"], "signed=true where narrow_range=true, but signed=false"),
        (["bits=1"], "bits ≥ 2 where narrow_range=true, but bits=1"),
    ],
)
def test_a_narrow_range_needs_signed_codes(name: str, assignments: list[str], problem: str) -> None:
    with pytest.raises(UsageError) as error:
        claims.get(name).instantiate(["narrow_range=true", *assignments])
    assert str(error.value) == f"{name} needs {problem}"


def test_a_zero_point_given_as_a_code() -> None:
    """ONNX's uint8 with scale 1/50 and zero point 128: D(q) = (q - 128)/50."""
    q = quantizer("bits=8", "signed=false", "scale=1/50", "zero_point=-128/50")
    assert q.dequantize(128) == 0
    assert (q.lower, q.upper) == (Fraction(-128, 50), Fraction(127, 50))


@pytest.mark.parametrize(
    ("x", "excess", "explanation"),
    [
        ("100", "0", "|100 - 7/8| = 793/8, less 793/8: 0"),
        ("15/16", "0", "|15/16 - 7/8| = 1/16, less 1/16: 0"),
        ("1/16", "1/16", "|1/16 - 0| = 1/16, less 0: 1/16"),
        ("-3", "0", "|-3 - (-1)| = 2, less 2: 0"),
    ],
)
def test_saturation(x: str, excess: str, explanation: str) -> None:
    form = SaturatingErrorBound(INT4)
    assert form.quantity((Fraction(x),)) == Fraction(excess)
    assert form.explain((Fraction(x),)) == explanation
    assert form.contains((Fraction(10**40),))


def test_the_second_form_bounds_the_error_with_saturation() -> None:
    in_range, saturating = QuantizationErrorBound(INT4).forms
    assert check_form(in_range, samples=1000).largest == Fraction(1, 16)
    assert check_form(saturating, samples=1000).largest == Fraction(1, 16)


def test_only_numbers_more_than_a_step_apart_get_different_codes() -> None:
    """A step apart is not enough with ties to even: 3/2 and 5/2 steps both get code 2."""
    apart = Disorder(INT4, apart=True)
    point = (Fraction(3, 16), Fraction(5, 16))
    assert apart.quantity(point) == 0
    assert not apart.contains(point)
    assert apart.contains((point[0], point[1] + Fraction(1, 10**9)))
    assert not apart.contains((INT4.lowest - 1, INT4.upper))
    assert apart.strict
    assert not Disorder(INT4, apart=False).strict


def test_order_is_lost_by_nothing_sampled() -> None:
    for assignments in (["bits=1"], ["narrow_range=true", "zero_point=-7/3"]):
        instance = claims.get("quantize_monotone").instantiate(assignments)
        kept, apart = cross_check(instance, samples=2000).asked
        assert kept.counterexample is apart.counterexample is None
        assert kept.largest == 0
        assert apart.largest == -1


def test_a_quantizer_that_turns_order_around_would_be_found() -> None:
    class Backwards(Quantizer):
        def quantize(self, x: Fraction) -> int:
            return -super().quantize(x)

    evidence = check_form(Disorder(Backwards(**vars(INT4)), apart=False), samples=1000)
    assert evidence.counterexample is not None
    assert "Q(" in evidence.counterexample.explanation


@pytest.mark.parametrize("code", [-8, -1, 0, 7])
def test_codes_come_back(code: int) -> None:
    form = CodeLost(INT4)
    assert form.contains((Fraction(code),))
    assert form.quantity((Fraction(code),)) == 0


@pytest.mark.parametrize("code", ["-9", "8", "1/2"])
def test_other_numbers_are_no_codes(code: str) -> None:
    assert not CodeLost(INT4).contains((Fraction(code),))


def test_code_8_of_four_bits_is_lost() -> None:
    assert CodeLost(INT4).quantity((Fraction(8),)) == 1
    assert CodeLost(INT4).explain((Fraction(8),)) == "D(8) = 1 has code 7 (half_even), 7 (half_up)"


def test_quantizing_again_changes_nothing() -> None:
    evidence = check_form(SecondChange(INT4), samples=2000)
    assert evidence.largest == 0
    assert SecondChange(INT4).explain((Fraction(1, 16),)) == (
        "1/16 has code 0 then 0 (half_even), 1 then 1 (half_up)"
    )


def test_the_seeds_activation_quantizer() -> None:
    q = ActivationQuantizer(8, Fraction(127))
    assert q.limit == 127
    assert q.reach == 1
    assert q.half_step == Fraction(1, 254)
    assert q.codes(Fraction(1)) == (127, 127)
    assert q.codes(Fraction(-2)) == (-127, -127)
    assert q.codes(Fraction(1, 254)) == (0, 1)
    assert claims.get("activation_quantization_bounded").instantiate().forms == (
        CodeSize(q),
        RestoredError(q),
    )


def test_other_widths_of_activations() -> None:
    instance = claims.get("activation_quantization_bounded").instantiate(["bits=4", "scale=1/3"])
    size, error = cross_check(instance, samples=2000).asked
    assert size.largest == size.bound == 7
    assert error.largest == error.bound == Fraction(3, 2)
    assert RestoredError(ActivationQuantizer(4, Fraction(1, 3))).symbolic_bound() == Fraction(3, 2)
    assert "round(x·(1/3)), -7, 7)" in instance.claim.formula


def test_the_scale_distributes_exactly_where_floats_differ() -> None:
    tenth = Fraction(1, 10)
    assert Difference(tenth).quantity((Fraction(1), Fraction(2))) == 0
    assert (1 + 5) * 0.1 != 1 * 0.1 + 5 * 0.1
    assert check_form(Difference(tenth), samples=1000).largest == 0


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("round_error", "003"),
        ("clamp_in_range", "003"),
        ("scale_distrib", "003"),
        ("activation_quantization_bounded", "003"),
    ],
)
def test_true_seed_claims_have_nothing_to_refute(name: str, source: str) -> None:
    (seed,) = claims.get(name).seeds
    assert (seed.name, seed.source, seed.holds, seed.refutation) == (name, source, True, "")
    assert claims.false_seeds(name) == ()
    assert claims.get(name).instantiate().seed_forms == ()


@pytest.mark.parametrize("name", ["quantize_monotone", "quantize_dequantize"])
def test_quantizers_are_chosen_by_the_same_parameters(name: str) -> None:
    family = claims.get(name)
    assert family.parameters == CODES
    claim = family.instantiate(["bits=3", "signed=false", "zero_point=-1/3"]).claim
    assert dict(claim.parameters) == {
        "bits": "3",
        "scale": "1/8",
        "zero_point": "-1/3",
        "signed": "false",
        "narrow_range": "false",
    }
