"""a2q_l1_bound and a2q_plus_l1_bound: the published bounds, their hypotheses, the refutation."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pyorch import claims, emit
from pyorch.claims.accumulator_aware import UNCENTRED, AccumulatorAware
from pyorch.claims.norm_forms import Accumulator, NormBound, WithinBound
from pyorch.errors import UsageError
from pyorch.numeric import check_form, cross_check


def a2q(name: str, *assignments: str) -> AccumulatorAware:
    instance = claims.get(name).instantiate(assignments)
    assert isinstance(instance, AccumulatorAware)
    return instance


@pytest.mark.parametrize(
    ("bits", "input_bits", "signed", "plain", "centred"),
    [
        (16, 8, False, Fraction(32767, 256), Fraction(65534, 255)),
        (16, 8, True, Fraction(32767, 128), Fraction(65534, 255)),
        (32, 8, False, Fraction(2**31 - 1, 256), Fraction(2**32 - 2, 255)),
        (12, 4, False, Fraction(2047, 16), Fraction(4094, 15)),
        (2, 1, False, Fraction(1, 2), Fraction(2)),
        (2, 1, True, Fraction(1), Fraction(2)),
        (64, 32, True, Fraction(2**63 - 1, 2**31), Fraction(2**64 - 2, 2**32 - 1)),
    ],
)
def test_the_published_bounds(
    bits: int, input_bits: int, signed: bool, plain: Fraction, centred: Fraction
) -> None:
    accumulator = Accumulator(bits, input_bits, signed)
    assert NormBound(accumulator, zero_centred=False).norm == plain
    assert NormBound(accumulator, zero_centred=True).norm == centred


def test_the_claims_say_the_numbers() -> None:
    assert a2q("a2q_l1_bound", "signed=true").claim.formula == (
        "if ‖q‖₁ ≤ (2^15 - 1)·2^(1 - 8) = 32767/128, no partial sum of products with inputs from"
        " -128 to 127, in any order, overflows 16 bits"
    )
    assert a2q("a2q_plus_l1_bound").claim.formula == (
        "if Σq = 0 and ‖q‖₁ ≤ (2^16 - 2)/(2^8 - 1) = 65534/255, no partial sum of products with"
        " inputs from 0 to 255, in any order, overflows 16 bits"
    )


# ---- weights -------------------------------------------------------------------------------------


def test_weights_within_the_bounds() -> None:
    plain = a2q("a2q_l1_bound", "weights=60,-40,27;0,0,127")
    assert plain.family.theorems[-1] == "weights_no_overflow"
    assert len(plain.forms) == 2
    assert "theorem weights_no_overflow : ∀ channel ∈ weights," in emit.emit(plain).text
    assert claims.get("a2q_l1_bound").theorems == ("a2q_l1_bound", "a2q_wrapping_exact")
    assert a2q("a2q_plus_l1_bound", "weights=128,-100,-28").weights is not None
    assert a2q("a2q_l1_bound", "weights=none").weights is None


@pytest.mark.parametrize(
    ("name", "weights", "message"),
    [
        (
            "a2q_l1_bound",
            "1,2;127,1",
            "‖q‖₁ ≤ (2^15 - 1)·2^(0 - 8) = 32767/256 for each channel, but the norm of channel 1"
            " is 128",
        ),
        (
            "a2q_plus_l1_bound",
            "129,-129",
            "‖q‖₁ ≤ (2^16 - 2)/(2^8 - 1) = 65534/255 for each channel, but the norm of channel 0"
            " is 258",
        ),
        (
            "a2q_plus_l1_bound",
            "1,-1;3,-2",
            "Σq = 0 for each channel, but the weights of channel 1 sum to 1",
        ),
        (
            "a2q_l1_bound",
            ",".join(["1"] * 65),
            "at most 64 weights (channel_accumulator_width takes more), but there are 65",
        ),
    ],
)
def test_weights_beyond_them_are_named(name: str, weights: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        a2q(name, f"weights={weights}")
    assert str(error.value) == f"{name} needs {message}"


def test_weights_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez(path, w=np.array([[3, -3]]))
    instance = a2q("a2q_plus_l1_bound", f"weights={path}:w")
    assert instance.weights is not None
    assert instance.weights.sha256 in emit.emit(instance).text
    assert ("sha256", instance.weights.sha256) in instance.claim.parameters


# ---- the forms -----------------------------------------------------------------------------------


def point(*pairs: tuple[int, int]) -> tuple[Fraction, ...]:
    padded = [*pairs, *[(0, 0)] * (4 - len(pairs))]
    return tuple(Fraction(v) for pair in padded for v in pair)


def test_partial_sums_by_hand() -> None:
    form = WithinBound(NormBound(Accumulator(16, 8, signed=True), zero_centred=False))
    given = point((-128, 100), (127, -50), (-128, -50))
    # -12800 - 6350 and + 6400: what fits 16 bits is max(s, -1 - s) ≤ 32767
    assert form.quantity(given) == 19149
    assert form.contains(given)
    assert not form.contains(point((-128, 256)))
    assert not form.contains(point((-129, 1)))
    assert form.explain(given) == (
        "partial sums of (-128)·100 + 127·(-50) + (-128)·(-50) reach from -19150 to 6400"
    )


def test_zero_sums_are_a_hypothesis() -> None:
    bound = NormBound(Accumulator(16, 8, signed=False), zero_centred=True)
    unbalanced = point((255, 200), (0, -56))
    assert not WithinBound(bound).contains(unbalanced)
    assert WithinBound(bound, zero_sum=False).contains(unbalanced)
    assert WithinBound(bound).contains(point((255, 128), (0, -128)))


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("bits", "input_bits"), [(16, 8), (9, 8), (64, 32), (64, 1), (3, 2)])
def test_without_zero_sums_samples_refute_it(bits: int, input_bits: int, signed: bool) -> None:
    given = (f"P={bits}", f"N={input_bits}", f"signed={signed}")
    instance = a2q("a2q_plus_l1_bound", *given)
    checks = cross_check(instance)
    assert checks.failure is None
    witness = checks.counterexamples[UNCENTRED.name]
    pairs = instance.pairs(dict(witness.inputs))
    assert abs(sum(x * q for x, q in pairs)) >= 2 ** (bits - 1)
    assert sum(abs(q) for _, q in pairs) <= instance.bound.norm
    assert sum(q for _, q in pairs) != 0
    text = emit.emit(instance, checks.counterexamples).text
    assert "theorem not_a2q_plus_without_zero_centring" in text


def test_where_only_zero_weights_are_allowed_nothing_is_refuted() -> None:
    instance = a2q("a2q_plus_l1_bound", "P=8", "N=8")
    assert math.floor(instance.bound.norm) == 0
    checks = cross_check(instance)
    assert checks.counterexamples == {}
    assert "not_a2q" not in emit.emit(instance).text


def test_a_norm_of_one_more_overflows() -> None:
    """The bound of A2Q for signed inputs is the greatest integer that is safe."""
    accumulator = Accumulator(16, 8, signed=True)
    form = WithinBound(NormBound(accumulator, zero_centred=False))
    assert math.floor(form.norm_bound.norm) == 255
    assert form.quantity(point((-128, -255))) <= form.bound < form.quantity(point((-128, -256)))
    assert check_form(form).largest == 128 * 255
