"""Accumulators for arbitrary codes: that they do not overflow, and how narrow they may be.

Seed document 003 claims that 32 bits never overflow, which is false where the width of the codes
or the number of products is free. Proofs for given ones: `lean/PyOrch/AccumulatorWidth.lean` and
`lean/PyOrch/QuantizedAccumulator.lean`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pyorch.claims.accumulation import (
    Codes,
    LargestPartialSum,
    WidthOfPartialSums,
    WrappingError,
)
from pyorch.claims.accumulator_seeds import (
    ACCUMULATOR_BOUNDED,
    INT32_OVERFLOW,
    INTEGER_OVERFLOW,
    PRODUCT,
    SeedProduct,
    SeedSum,
)
from pyorch.claims.base import Family, FiniteForm, Form, Point, SeedClaim, require
from pyorch.claims.parameters import IntParameter, Values
from pyorch.claims.twos_complement import greatest, least, wrap
from pyorch.model import Claim

__all__ = [
    "ACCUMULATOR_NO_OVERFLOW",
    "MINIMAL_ACCUMULATOR_WIDTH",
    "TOPIC",
    "AccumulatorNoOverflow",
    "MinimalAccumulatorWidth",
]

TOPIC = "accumulators"
WIDEST = 64
"""Bits of an accumulator, up to which the cross-check computes with machine integers."""

A_BITS = IntParameter("a_bits", "width of the activations' signed codes", 8, least=1, greatest=32)
W_BITS = IntParameter("w_bits", "width of the weights' signed codes", 4, least=1, greatest=32)
K = IntParameter("K", "number of products at most", 8192, least=1, greatest=10**9)
P = IntParameter("P", "width of the accumulator in bits", 32, least=1, greatest=WIDEST)


@dataclass(frozen=True)
class AccumulatorNoOverflow:
    """The claim for given widths and length."""

    codes: Codes
    bits: int

    @property
    def family(self) -> Family:
        return ACCUMULATOR_NO_OVERFLOW

    @property
    def least(self) -> int:
        """The least number that the accumulator holds."""
        return least(self.bits)

    @property
    def greatest(self) -> int:
        return greatest(self.bits)

    @property
    def claim(self) -> Claim:
        c = self.codes
        return Claim(
            name=self.family.name,
            title=f"A {self.bits}-bit accumulator for {c.a_bits}-bit and {c.w_bits}-bit codes",
            formula=(
                f"|partial sum| ≤ {c.length}·2^{c.exponent} = {c.worst} < 2^{self.bits - 1} for at"
                f" most {c.words}, in every order; wrapping {self.bits}-bit arithmetic is exact"
            ),
            parameters=(*_parameters(c), (P.name, P.show(self.bits))),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (LargestPartialSum(self.codes), WrappingError(self.codes, self.bits))

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return (
            (INT32_OVERFLOW, SeedSum(self.codes, self.bits, free_width=True)),
            (PRODUCT, SeedProduct(self.codes)),
            (INTEGER_OVERFLOW, SeedSum(self.codes, self.bits, free_length=True)),
        )

    @property
    def namespace(self) -> tuple[str, ...]:
        return (f"{_identifier(self.codes)}_in_{self.bits}_bits",)


@dataclass(frozen=True)
class MinimalAccumulatorWidth:
    """The claim for given widths of codes and length."""

    codes: Codes

    @property
    def family(self) -> Family:
        return MINIMAL_ACCUMULATOR_WIDTH

    @property
    def bits(self) -> int:
        """The least width."""
        return self.codes.width

    @property
    def wrapped(self) -> int:
        """What one bit less makes of the worst case."""
        return wrap(self.codes.worst, self.bits - 1)

    @property
    def claim(self) -> Claim:
        c = self.codes
        return Claim(
            name=self.family.name,
            title=f"The least accumulator for {c.a_bits}-bit and {c.w_bits}-bit codes",
            formula=(
                f"no partial sum of at most {c.words} overflows P bits, in any order, if and only"
                f" if P ≥ {self.bits}; with P = {self.bits - 1}, {c.worst} wraps around to"
                f" {self.wrapped}"
            ),
            parameters=_parameters(c),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        c, bits = self.codes, self.bits - 1

        def error(point: Point) -> Fraction:
            (length,) = map(int, point)
            product = wrap(wrap(c.a_min, bits) * wrap(c.w_min, bits), bits)
            return Fraction(-abs(wrap(length * product, bits) - length * (c.a_min * c.w_min)))

        def show(point: Point) -> str:
            return f"-|wrapped - exact| = {error(point)} for {point[0]}·({c.a_min})·({c.w_min})"

        one_bit_less = FiniteForm(
            description=f"that P = {bits} is wrong for the least codes, -|wrapped - exact|",
            inputs=("length",),
            bound=Fraction(-(1 << bits)),
            points=((Fraction(c.length),),),
            evaluate=error,
            show=show,
        )
        return (WidthOfPartialSums(c), one_bit_less)

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        return (_identifier(self.codes),)


def _parameters(codes: Codes) -> tuple[tuple[str, str], ...]:
    return (
        (A_BITS.name, A_BITS.show(codes.a_bits)),
        (W_BITS.name, W_BITS.show(codes.w_bits)),
        (K.name, K.show(codes.length)),
    )


def _identifier(codes: Codes) -> str:
    return f"int{codes.a_bits}_int{codes.w_bits}_length_{codes.length}"


def _codes(values: Values) -> Codes:
    return Codes(values[A_BITS], values[W_BITS], values[K])


def _no_overflow(values: Values) -> AccumulatorNoOverflow:
    codes, bits = _codes(values), values[P]
    require(
        codes.worst <= greatest(bits),
        "accumulator_no_overflow",
        "K·2^(a_bits + w_bits - 2) < 2^(P - 1)",
        f"{codes.length}·2^{codes.exponent} = {codes.worst} ≥ {greatest(bits) + 1} = 2^{bits - 1};"
        f" the least P that is enough is {codes.width}",
    )
    return AccumulatorNoOverflow(codes, bits)


def _minimal(values: Values) -> MinimalAccumulatorWidth:
    codes = _codes(values)
    require(
        codes.width <= WIDEST,
        "minimal_accumulator_width",
        f"K·2^(a_bits + w_bits - 2) < 2^{WIDEST - 1}",
        f"{codes.length}·2^{codes.exponent} = {codes.worst} needs {codes.width} bits",
    )
    return MinimalAccumulatorWidth(codes)


ACCUMULATOR_NO_OVERFLOW = Family(
    name="accumulator_no_overflow",
    topic=TOPIC,
    title="A wide enough accumulator does not overflow, whatever the codes and their order",
    formula=(
        "|partial sum| ≤ K·2^(a_bits + w_bits - 2) < 2^(P - 1) for at most K products of codes of"
        " a_bits and w_bits bits, in every order; wrapping P-bit arithmetic is exact"
    ),
    parameters=(A_BITS, W_BITS, K, P),
    build=_no_overflow,
    theorems=(
        "accumulator_no_overflow",
        "accumulator_worst_case",
        "wrapping_accumulator_exact",
        "quantized_accumulator_bounded",
    ),
    library=(
        "PyOrch.IsWorstCase.noOverflow",
        "PyOrch.IsWorstCase.partial_sum_mem",
        "PyOrch.IsWorstCase.attained",
        "PyOrch.IsWorstCase.wrappingDot_toInt",
        "PyOrch.IsWorstCase.quantized_dotInt_mem",
    ),
    seeds=(INT32_OVERFLOW, PRODUCT, INTEGER_OVERFLOW, ACCUMULATOR_BOUNDED),
)

MINIMAL_ACCUMULATOR_WIDTH = Family(
    name="minimal_accumulator_width",
    topic=TOPIC,
    title="The least width of an accumulator for all codes of given widths",
    formula=(
        "no partial sum of at most K products of codes of a_bits and w_bits bits overflows P bits,"
        " in any order, if and only if K·2^(a_bits + w_bits - 2) < 2^(P - 1)"
    ),
    parameters=(A_BITS, W_BITS, K),
    build=_minimal,
    theorems=("minimal_accumulator_width", "one_bit_less_overflows"),
    library=(
        "PyOrch.IsWorstCase.noOverflow_iff",
        "PyOrch.IsWorstCase.attained",
        "PyOrch.IsWorstCase.wraps",
    ),
)
