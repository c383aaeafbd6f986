"""Dot products of quantized vectors: bounds, the integer formula, hypotheses, refutations."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pyorch import claims
from pyorch.claims.channel_dot_product import ChannelDotProduct, ChannelErrorBound
from pyorch.claims.dot_product import DotErrorBound, DotProduct
from pyorch.claims.dot_product_seeds import EveryEpsilon, SeedMatmul
from pyorch.claims.quantizer import Quantizer
from pyorch.errors import UsageError
from pyorch.numeric import check_form, cross_check

NAME = "dot_product_error_bound"
TENTH = ("activation_scale=1/10", "activation_min=-3/4", "activation_max=3/4")
"""The seed's scale, with activations that do not saturate."""


def dot(*assignments: str) -> DotProduct:
    instance = claims.get(NAME).instantiate(assignments)
    assert isinstance(instance, DotProduct)
    return instance


def per_channel(*assignments: str) -> ChannelDotProduct:
    instance = claims.get("channel_dot_product_error_bound").instantiate(assignments)
    assert isinstance(instance, ChannelDotProduct)
    return instance


@pytest.mark.parametrize(
    ("assignments", "bound"),
    [
        ([], 8192 * (Fraction(1, 14) + Fraction(1, 14) + Fraction(1, 196))),
        (["length=1"], Fraction(29, 196)),
        # ranges need not be symmetric: the greater of both ends counts
        (["length=1", "activation_min=-1/2", "weight_max=0"], Fraction(29, 196)),
        (["length=1", "activation_min=0", "activation_max=0"], Fraction(15, 196)),
    ],
)
def test_the_bound(assignments: list[str], bound: Fraction) -> None:
    assert dot(*assignments).bound == bound


def test_the_claim_compares_itself_with_the_seed() -> None:
    assert dot().claim.formula == (
        "|Σ a·w - Σ D(Q(a))·D(Q(w))| ≤ 59392/49 for 8192 pairs with -1 ≤ a ≤ 1 and -1 ≤ w ≤ 1;"
        " that is above 8192/7, which is K·s with the activations' scale s, as seed 003 has it"
    )
    fine = dot("activation_scale=1", "activation_max=1", "weight_bits=8", "weight_scale=1/127")
    assert "that is below 8192" in fine.claim.formula


def test_the_bound_is_attained_where_both_ends_are_ties_that_go_outwards() -> None:
    """At scale 2/3 the number 1 is a tie, and goes to 4/3: 16/9 - 1 = s + s²/4."""
    tie = ("activation_scale=2/3", "weight_scale=2/3", "length=8192")
    checks = cross_check(dot(*tie), samples=100)
    assert checks.failure is None
    assert checks.asked[0].largest == checks.asked[0].bound == 8192 * Fraction(7, 9)


def test_vectors_repeat_a_few_pairs() -> None:
    form = dot("length=10").forms[0]
    assert isinstance(form, DotErrorBound)
    assert form.inputs == ("a0", "a1", "a2", "a3", "w0", "w1", "w2", "w3")
    halves, zeros = (Fraction(1, 2),) * 4, (Fraction(0),) * 3
    # 1/2 goes to 4/7 in 3 of the 10 pairs: 4/7·4/7 - 1/2·1/2 = 15/196
    assert form.quantity((Fraction(1, 2), *zeros, *halves)) == 3 * Fraction(15, 196)
    assert form.quantity((*zeros, Fraction(1, 2), *halves)) == 2 * Fraction(15, 196)
    assert dot("length=2").forms[0].inputs == ("a0", "a1", "w0", "w1")


@pytest.mark.parametrize(
    ("assignments", "terms"),
    [
        ([], (Fraction(1, 49), 0, 0, 0)),
        (
            ["length=3", "activation_zero_point=1/14", "weight_zero_point=-1/14"],
            (Fraction(1, 49), Fraction(-1, 98), Fraction(1, 98), Fraction(-3, 196)),
        ),
    ],
)
def test_the_integer_formula(
    assignments: list[str], terms: tuple[Fraction, Fraction, Fraction, Fraction]
) -> None:
    instance = dot(*assignments)
    assert instance.terms == terms
    codes = [(-8, 7), (3, -2), (0, 5)]
    a, w = instance.activations.quantizer, instance.weights.quantizer
    restored = sum(a.dequantize(p) * w.dequantize(q) for p, q in codes)
    product, activations, weights, constant = terms
    assert restored == (
        product * sum(p * q for p, q in codes)
        + activations * sum(p for p, _ in codes)
        + weights * sum(q for _, q in codes)
        + constant
    )


# ---- the seed's claims ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assignments", "explanation"),
    [
        (["length=1", *TENTH], "1 pair: |1 - 49/10| = 39/10 > 1/10"),
        ([], "8192 pairs: |8192 - 57344| = 49152 > 8192/7"),
        # without saturation: one scale cannot undo a product of two
        (["length=1", *TENTH, "activation_bits=8"], "1 pair: |1 - 10| = 9 > 1/10"),
    ],
)
def test_the_seeds_matmul_fails_at_1_times_1(assignments: list[str], explanation: str) -> None:
    found = cross_check(dot(*assignments)).counterexamples["matmul_int4_correct"]
    assert found.inputs == (("a", Fraction(1)), ("w", Fraction(1)))
    assert found.explanation == explanation


def test_at_coarse_scales_the_seeds_matmul_is_not_refuted() -> None:
    """With scale 1 codes are -1, 0 and 1, and products stay within 1 of each other."""
    checks = cross_check(dot("activation_scale=1", "activation_min=-1"))
    assert set(checks.counterexamples) == {"matmul_approximately_correct"}


def test_no_error_is_below_every_epsilon() -> None:
    found = cross_check(dot()).counterexamples["matmul_approximately_correct"]
    point = dict(found.inputs)
    assert point["epsilon"] > 0
    assert found.explanation.endswith(" ≥ 1")
    instance = dot()
    form = EveryEpsilon(instance.length, instance.activations, instance.weights)
    assert not form.contains((Fraction(1), Fraction(1), Fraction(0)))
    assert form.quantity((Fraction(1), Fraction(1, 2), Fraction(2))) == Fraction(2048, 7)


def test_exact_products_refute_nothing() -> None:
    checks = cross_check(
        dot("activation_min=0", "activation_max=0", "weight_min=0", "weight_max=0"), samples=1000
    )
    assert checks.failure is None
    assert "matmul_approximately_correct" not in checks.counterexamples


def test_the_seed_restores_with_one_scale_and_its_zero_point() -> None:
    form = SeedMatmul(3, Quantizer(4, Fraction(1, 2), Fraction(1, 8), True, "half_even"))
    # 1 has code round(7/4) = 2; D(3·2·2) = 12/2 + 1/8
    assert form.quantity((Fraction(1), Fraction(1))) == Fraction(49, 8) - 3
    assert form.bound == Fraction(3, 2)
    assert not form.contains((Fraction(2), Fraction(0)))


# ---- output channels -----------------------------------------------------------------------------


def test_each_channel_has_its_bound() -> None:
    instance = per_channel("length=4096", "weight_scales=1/7,1/28")
    s_a = Fraction(1, 127)
    assert [channel.bound for channel in instance.channels] == [
        4096 * (s_a * (7 * s) / 2 + s / 2 + s_a * s / 4) for s in (Fraction(1, 7), Fraction(1, 28))
    ]
    assert [channel.weights.greatest for channel in instance.channels] == [1, Fraction(1, 4)]


def test_a_channels_errors_are_measured_by_its_bound() -> None:
    instance = per_channel("length=1", "activation_scale=2/3", "weight_scales=2,1")
    form = ChannelErrorBound(instance.channels)
    assert form.inputs == ("channel", "a0", "w0")
    # 1 goes to 4/3 and 1/2 to 0: |1·1/2 - 4/3·0| = 1/2; the bound is 2/3·7/2 + 1/2 + 2/3/4 = 3
    assert form.quantity((Fraction(1), Fraction(1), Fraction(1, 2))) == Fraction(1, 2) / 3
    assert form.contains((Fraction(0), Fraction(1), Fraction(14)))
    assert not form.contains((Fraction(1), Fraction(1), Fraction(14)))
    assert not form.contains((Fraction(2), Fraction(0), Fraction(0)))
    evidence = check_form(form, samples=1000)
    assert evidence.counterexample is None


# ---- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        (
            "activation_max=2",
            "needs activation_max ≤ activation_scale·(code 7 + 1/2) + activation_zero_point,"
            " but 2 > 15/14",
        ),
        (
            "weight_min=-2",
            "needs weight_scale·(code -8 - 1/2) + weight_zero_point ≤ weight_min, but -17/14 > -2",
        ),
        ("weight_min=2", "needs weight_min ≤ weight_max, but 2 > 1"),
    ],
)
def test_saturating_ranges_are_refused(assignment: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        dot(assignment)
    assert str(error.value) == f"{NAME} {message}"


@pytest.mark.parametrize(
    ("name", "assignment"),
    [
        (NAME, "length=0"),
        (NAME, "length=1000000000001"),
        (NAME, "activation_scale=0"),
        (NAME, "weight_bits=65"),
        ("channel_dot_product_error_bound", "weight_bits=1"),
        ("channel_dot_product_error_bound", f"weight_scales={','.join(['1'] * 33)}"),
    ],
)
def test_values_outside_of_their_domain_are_named(name: str, assignment: str) -> None:
    parameter = assignment.partition("=")[0]
    with pytest.raises(UsageError, match=f"parameter {parameter} of {name}: ") as error:
        claims.get(name).instantiate([assignment])
    assert "\n" not in str(error.value)
