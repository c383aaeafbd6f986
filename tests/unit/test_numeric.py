"""The cross-check finds what is false and nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import pytest

from pyorch import claims
from pyorch.claims.base import Point
from pyorch.claims.quantization import ErrorBound, QuantizationErrorBound
from pyorch.claims.quantizer import Quantizer
from pyorch.numeric import check_form, check_symbolically, cross_check, simplest_failure

INT4 = Quantizer(4, Fraction(1, 8), Fraction(0), True, "half_even")
QUANTIZERS = [
    INT4,
    replace(INT4, scale=Fraction(1)),
    replace(INT4, rounding="half_up", zero_point=Fraction(-5, 3)),
    Quantizer(1, Fraction(3, 7), Fraction(1, 2), False, "half_even"),
    Quantizer(32, Fraction(1, 10**9), Fraction(123456789, 1000), True, "half_up"),
    Quantizer(64, Fraction(1, 10**99), Fraction(10**99), True, "half_even"),
]


@pytest.mark.parametrize("quantizer", QUANTIZERS, ids=str)
def test_the_repaired_form_holds_and_is_tight(quantizer: Quantizer) -> None:
    checks = cross_check(QuantizationErrorBound(quantizer), samples=2000)
    assert len(checks.asked) == 2  # in range, and with saturation
    for asked in checks.asked:
        assert asked.counterexample is None
        assert asked.largest == asked.bound == quantizer.scale / 2
        assert asked.samples > 2000
    (symbolic,) = checks.symbolic
    assert symbolic.largest == quantizer.scale / 2


@pytest.mark.parametrize("quantizer", QUANTIZERS, ids=str)
def test_the_seeds_form_is_refuted_exactly(quantizer: Quantizer) -> None:
    checks = cross_check(QuantizationErrorBound(quantizer), samples=2000, symbolic=False)
    counterexample = checks.counterexamples["quantization_error_bound"]
    ((name, x),) = counterexample.inputs
    assert name == "x"
    assert quantizer.error(x) > quantizer.half_step
    assert x.denominator == 1
    assert [e.counterexample for e in checks.evidence] == [None, None, counterexample]


@pytest.mark.parametrize(
    ("quantizer", "x", "explanation"),
    [
        (INT4, 1, "|1 - 7/8| = 1/8 > 1/16"),
        (replace(INT4, scale=Fraction(1)), 8, "|8 - 7| = 1 > 1/2"),
        (replace(INT4, zero_point=Fraction(-5, 3)), 0, "|0 - (-19/24)| = 19/24 > 1/16"),
        (replace(INT4, zero_point=Fraction(1)), -1, "|-1 - 0| = 1 > 1/16"),
    ],
)
def test_witnesses_are_simple(quantizer: Quantizer, x: int, explanation: str) -> None:
    evidence = check_form(QuantizationErrorBound(quantizer).seed_forms[0][1], samples=2000)
    assert evidence.counterexample is not None
    assert evidence.counterexample.inputs == (("x", Fraction(x)),)
    assert evidence.counterexample.explanation == explanation


@pytest.mark.parametrize("share", [Fraction(1, 2), Fraction(99, 100), 1 - Fraction(1, 10**12)])
@pytest.mark.parametrize("quantizer", QUANTIZERS, ids=str)
def test_a_bound_that_is_too_small_is_noticed(quantizer: Quantizer, share: Fraction) -> None:
    form = ErrorBound(quantizer, share * quantizer.half_step, in_range=True)
    evidence = check_form(form, samples=2000)
    assert evidence.largest == quantizer.half_step
    assert evidence.counterexample is not None
    ((_, x),) = evidence.counterexample.inputs
    assert form.contains((x,))
    assert quantizer.error(x) > form.bound
    (symbolic,) = check_symbolically([form])
    assert symbolic.largest is not None
    assert symbolic.largest > form.bound


@dataclass(frozen=True)
class Truncating(Quantizer):
    """A quantizer with a bug: it rounds down."""

    def quantize(self, x: Fraction) -> int:
        return max(self.q_min, min(math.floor((x - self.zero_point) / self.scale), self.q_max))


def test_a_quantizer_that_truncates_is_noticed() -> None:
    truncating = Truncating(4, Fraction(1, 8), Fraction(0), True, "half_even")
    evidence = check_form(QuantizationErrorBound(truncating).forms[0], samples=2000)
    assert evidence.largest is not None
    assert evidence.largest > truncating.half_step
    assert evidence.counterexample is not None


@dataclass(frozen=True)
class NoCorners(ErrorBound):
    """Only random samples."""

    def corners(self) -> tuple[Point, ...]:
        return ()


def test_samples_alone_find_the_saturation() -> None:
    evidence = check_form(NoCorners(INT4, INT4.half_step, in_range=False), samples=200)
    assert evidence.counterexample is not None
    assert evidence.counterexample.inputs == (("x", Fraction(1)),)


def test_samples_alone_come_close_to_the_bound() -> None:
    evidence = check_form(NoCorners(INT4, INT4.half_step, in_range=True), samples=2000)
    assert evidence.largest is not None
    assert INT4.half_step * (1 - Fraction(1, 10**6)) < evidence.largest <= INT4.half_step


def test_no_point_is_no_evidence() -> None:
    evidence = check_form(NoCorners(INT4, INT4.half_step, in_range=True), samples=0)
    assert (evidence.samples, evidence.largest, evidence.counterexample) == (0, None, None)


def test_the_result_depends_on_the_seed_alone() -> None:
    instance = claims.get("quantization_error_bound").instantiate()
    first = cross_check(instance, seed=7, samples=500, symbolic=False)
    assert first == cross_check(instance, seed=7, samples=500, symbolic=False)
    other = cross_check(instance, seed=8, samples=500, symbolic=False)
    assert first.seeds != other.seeds
    assert first.counterexamples == other.counterexamples


@dataclass(frozen=True)
class Sum(ErrorBound):
    """|x + y| ≤ bound for 1/3 ≤ x ≤ 1: two coordinates."""

    inputs = ("x", "y")  # type: ignore[assignment]

    def contains(self, point: Point) -> bool:
        return Fraction(1, 3) <= point[0] <= 1

    def quantity(self, point: Point) -> Fraction:
        return abs(sum(point, Fraction(0)))


@pytest.mark.parametrize(
    ("bound", "start", "simplest"),
    [
        ("10", ("5/7", "12345.678"), ("1", "10")),
        ("10", ("5/7", "-12345.678"), ("1", "-12")),
        ("-1", ("2/5", "1e-30"), ("1", "0")),
        ("5/12", ("0.45", "0"), ("1", "0")),
    ],
)
def test_each_coordinate_is_simplified_within_the_domain(
    bound: str, start: tuple[str, str], simplest: tuple[str, str]
) -> None:
    form = Sum(INT4, Fraction(bound), in_range=True)
    point = simplest_failure(form, (Fraction(start[0]), Fraction(start[1])))
    assert point == tuple(map(Fraction, simplest))
