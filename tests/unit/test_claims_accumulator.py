"""accumulator_no_overflow and minimal_accumulator_width: the seed's numbers, runs by hand."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from pyorch import claims
from pyorch.claims.accumulation import Codes, LargestPartialSum, WidthOfPartialSums, WrappingError
from pyorch.claims.accumulator import AccumulatorNoOverflow, MinimalAccumulatorWidth
from pyorch.claims.accumulator_seeds import SeedProduct, SeedSum
from pyorch.claims.base import Point
from pyorch.claims.twos_complement import greatest, least, width, wrap, wrap_int64
from pyorch.errors import UsageError
from pyorch.numeric import check_form, check_symbolically, cross_check

INT8_INT4 = Codes(8, 4, 8192)
INT4_INT4 = Codes(4, 4, 8192)


def no_overflow(*assignments: str) -> AccumulatorNoOverflow:
    instance = claims.get("accumulator_no_overflow").instantiate(assignments)
    assert isinstance(instance, AccumulatorNoOverflow)
    return instance


def minimal(*assignments: str) -> MinimalAccumulatorWidth:
    instance = claims.get("minimal_accumulator_width").instantiate(assignments)
    assert isinstance(instance, MinimalAccumulatorWidth)
    return instance


def runs(*pairs: tuple[int, int, int]) -> Point:
    padded = [*pairs, *[(0, 0, 0)] * (4 - len(pairs))]
    return tuple(Fraction(x) for run in padded for x in run)


# ---- two's complement ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "bits"),
    [
        (0, 0),
        (-1, 1),
        (1, 2),
        (-2, 2),
        (127, 8),
        (128, 9),
        (-128, 8),
        (-129, 9),
        (2**31 - 1, 32),
        (2**31, 33),
        (-(2**31), 32),
    ],
)
def test_width(value: int, bits: int) -> None:
    assert width(value) == bits
    assert wrap(value, bits) == value
    assert bits == 0 or wrap(value, bits - 1) != value or value == 0


def test_wrapping() -> None:
    assert [wrap(n, 3) for n in range(-5, 10)] == [
        3,
        -4,
        -3,
        -2,
        -1,
        0,
        1,
        2,
        3,
        -4,
        -3,
        -2,
        -1,
        0,
        1,
    ]
    assert [wrap(n, 1) for n in range(-2, 3)] == [0, -1, 0, -1, 0]
    assert wrap(12345, 0) == 0
    assert (least(8), greatest(8), least(1), greatest(1)) == (-128, 127, -1, 0)
    values = np.array([0, 1, 127, 128, -129, 2**40 + 5, 2**63 - 1, -(2**63)], dtype=np.int64)
    for bits in (1, 2, 8, 9, 33, 63, 64):
        assert wrap_int64(values, bits).tolist() == [wrap(v, bits) for v in values.tolist()]


# ---- the claims ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a_bits", "w_bits", "length", "worst", "bits", "wrapped"),
    [
        (8, 4, 8192, 8192 * 1024, 25, -(2**23)),
        (4, 4, 8192, 8192 * 64, 21, -(2**19)),
        (8, 8, 8192, 2**27, 29, -(2**27)),
        (8, 4, 8191, 8191 * 1024, 24, 8191 * 1024 - 2**23),
        (1, 1, 1, 1, 2, -1),
        (2, 3, 3, 24, 6, -8),
        (32, 31, 1, 2**61, 63, -(2**61)),
    ],
)
def test_worst_case_and_least_width(
    a_bits: int, w_bits: int, length: int, worst: int, bits: int, wrapped: int
) -> None:
    given = [f"a_bits={a_bits}", f"w_bits={w_bits}", f"K={length}"]
    instance = minimal(*given)
    assert instance.codes.worst == worst
    assert (instance.bits, instance.wrapped) == (bits, wrapped)
    assert no_overflow(*given, f"P={bits}").codes == instance.codes
    with pytest.raises(UsageError, match=f"the least P that is enough is {bits}"):
        no_overflow(*given, f"P={bits - 1}")


def test_a_narrow_accumulator_is_refused_with_the_least_that_is_enough() -> None:
    with pytest.raises(UsageError) as error:
        no_overflow("P=16")
    assert str(error.value) == (
        "accumulator_no_overflow needs K·2^(a_bits + w_bits - 2) < 2^(P - 1), but 8192·2^10 ="
        " 8388608 ≥ 32768 = 2^15; the least P that is enough is 25"
    )


def test_beyond_machine_integers_is_refused() -> None:
    with pytest.raises(UsageError) as error:
        minimal("a_bits=32", "w_bits=32", "K=4")
    assert str(error.value) == (
        "minimal_accumulator_width needs K·2^(a_bits + w_bits - 2) < 2^63, but 4·2^62 ="
        " 18446744073709551616 needs 66 bits"
    )


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("a_bits=0", "parameter a_bits of NAME: '0' is not an integer from 1 to 32"),
        ("w_bits=33", "parameter w_bits of NAME: '33' is not an integer from 1 to 32"),
        ("K=0", "parameter K of NAME: '0' is not an integer from 1 to 1000000000"),
        ("K=1e9", "parameter K of NAME: '1e9' is not an integer from 1 to 1000000000"),
        ("P=65", "parameter P of NAME: '65' is not an integer from 1 to 64"),
    ],
)
def test_wrong_parameters_are_named(assignment: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        no_overflow(assignment)
    assert str(error.value) == message.replace("NAME", "accumulator_no_overflow")


def test_the_claims_say_the_numbers() -> None:
    assert no_overflow().claim.formula == (
        "|partial sum| ≤ 8192·2^10 = 8388608 < 2^31 for at most 8192 products of 8-bit and 4-bit"
        " codes, in every order; wrapping 32-bit arithmetic is exact"
    )
    assert minimal("K=1", "a_bits=1", "w_bits=1").claim.formula == (
        "no partial sum of at most 1 product of 1-bit and 1-bit codes overflows P bits, in any"
        " order, if and only if P ≥ 2; with P = 1, 1 wraps around to -1"
    )


def test_the_seeds_true_claim_is_the_family() -> None:
    assert claims.get("accumulator_bounded_70B") is claims.get("accumulator_no_overflow")
    assert claims.false_seeds("accumulator_bounded_70B") == ()
    assert no_overflow("a_bits=4").codes.worst == 8192 * 64 < 2**31
    assert no_overflow().codes.worst == 8192 * 1024 < 2**31


# ---- the forms -----------------------------------------------------------------------------------


def test_partial_sums_in_every_order() -> None:
    form = LargestPartialSum(Codes(8, 4, 10))
    point = runs((3, 100, 7), (2, -128, 7), (1, -1, -8))
    # + 2100 - 1792 + 8: all positive ones first, or all negative ones
    assert form.extremes(point) == (-1792, 2108)
    assert form.quantity(point) == 2108
    assert form.quantity(runs()) == 0
    assert form.explain(point) == (
        "partial sums of 3·100·7 + 2·(-128)·7 + 1·(-1)·(-8) reach from -1792 to 2108"
    )
    assert WidthOfPartialSums(Codes(8, 4, 10)).quantity(point) == width(2108) == 13


@pytest.mark.parametrize(
    "point",
    [
        runs((11, 0, 0)),
        runs((1, 128, 0)),
        runs((1, 0, 8)),
        runs((1, -129, 0)),
        runs((-1, 0, 0)),
        (Fraction(1, 2), *runs()[1:]),
    ],
)
def test_what_is_not_a_vector_of_codes(point: Point) -> None:
    form = LargestPartialSum(Codes(8, 4, 10))
    assert form.contains(runs((10, -128, -8)))
    assert not form.contains(point)


def test_wrapping_differs_where_the_sum_does_not_fit() -> None:
    point = runs((8192, -128, -8))
    assert WrappingError(INT8_INT4, 25).quantity(point) == 0
    assert WrappingError(INT8_INT4, 24).quantity(point) == 2**24
    assert WrappingError(INT8_INT4, 24).explain(point) == (
        "8192·(-128)·(-8) = 8388608, held as -8388608"
    )
    # the same overflow on the way, although the sum fits in the end
    back = runs((8192, -128, -8), (8192, 127, -8))
    assert WrappingError(Codes(8, 4, 2 * 8192), 24).quantity(back) == 2**24


def test_a_wider_form_than_the_theorem_is_false() -> None:
    evidence = check_form(WrappingError(INT8_INT4, 24))
    assert evidence.counterexample is not None
    assert check_form(WrappingError(INT8_INT4, 25)).counterexample is None


def test_bounds_are_attained_and_derived() -> None:
    for codes in (INT8_INT4, INT4_INT4, Codes(1, 1, 1), Codes(1, 32, 1000), Codes(32, 31, 1)):
        largest = LargestPartialSum(codes)
        (symbolic,) = check_symbolically([largest])
        assert check_form(largest, samples=1000).largest == symbolic.largest == codes.worst
        widths = check_form(WidthOfPartialSums(codes), samples=1000)
        assert widths.largest == codes.width


def test_one_bit_less_is_wrong() -> None:
    one_bit_less = minimal().forms[1]
    ((length,),) = one_bit_less.corners()
    assert length == 8192
    assert one_bit_less.quantity((length,)) == one_bit_less.bound == -(2**24)
    assert one_bit_less.explain((length,)) == (
        "-|wrapped - exact| = -16777216 for 8192·(-128)·(-8)"
    )


# ---- the seed ------------------------------------------------------------------------------------


def test_the_seeds_false_forms_are_refuted_from_samples() -> None:
    instance = no_overflow()
    assert [s.name for s, _ in instance.seed_forms] == [s.name for s in instance.family.false_seeds]
    found = cross_check(instance, symbolic=False).counterexamples
    free_width = dict(found["no_int32_overflow"].inputs)
    assert free_width["bits"] == 17
    assert free_width["length"] * free_width["a"] * free_width["w"] >= 2**31
    product = dict(found["h_product"].inputs)
    assert abs(product["a"] * product["w"]) > 127 * 7
    free_length = dict(found["no_integer_overflow"].inputs)
    assert free_length["length"] * free_length["a"] * free_length["w"] >= 2**31
    assert free_length["length"] > 8192


def test_the_seeds_form_for_given_widths_and_length_is_true() -> None:
    for codes in (INT8_INT4, INT4_INT4):
        form = SeedSum(codes, 32)
        assert "bits" not in form.inputs
        assert check_form(form).counterexample is None


def test_seed_sums_by_hand() -> None:
    form = SeedSum(INT8_INT4, 32, free_width=True)
    # 4 bits: 100 saturates to 7, and 0.5 and -0.5 are rounded half up
    point = tuple(map(Fraction, (5, 4, 1, 0, 100, Fraction(1, 2))))
    assert form.factors(point) == (5, 7, 1)
    assert form.quantity(point) == 35
    assert form.factors((*point[:4], Fraction(-1, 2), Fraction(-100))) == (5, 0, -8)
    # scale 2 and zero point 1 for both
    assert form.factors(tuple(map(Fraction, (1, 8, 2, 1, 7, -9)))) == (1, 3, -5)
    assert not form.contains((Fraction(8193), *point[1:]))
    assert not form.contains((Fraction(1), Fraction(65), *point[2:]))
    assert not form.contains((*point[:2], Fraction(0), *point[3:]))


def test_seed_product() -> None:
    form = SeedProduct(INT8_INT4)
    assert form.bound == 127 * 7
    assert form.quantity((Fraction(-128), Fraction(-8))) == 1024
    assert form.explain((Fraction(-128), Fraction(-8))) == "|(-128)·(-8)| = 1024"
    assert not form.contains((Fraction(128), Fraction(0)))
    assert check_form(SeedProduct(Codes(1, 1, 1))).counterexample is not None
