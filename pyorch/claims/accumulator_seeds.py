"""What seed document 003 says of accumulators; all but the last claim are false.

Vectors all of whose pairs are the same are enough to refute them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.accumulation import Codes
from pyorch.claims.base import FormDefaults, Point, SeedClaim
from pyorch.claims.quantizer import Quantizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "ACCUMULATOR_BOUNDED",
    "INT32_OVERFLOW",
    "INTEGER_OVERFLOW",
    "PRODUCT",
    "SeedProduct",
    "SeedSum",
]

INT32_OVERFLOW = SeedClaim(
    name="no_int32_overflow",
    source="003",
    formula="Σ Q(a)·Q(w) < 2^31 for at most 8192 pairs of numbers, whatever the width of codes",
    why_false=(
        "The width is free: one product of two codes of 17 bits can be 2^32. Nor does the claim"
        " have a lower side."
    ),
    refutation="not_no_int32_overflow",
)
PRODUCT = SeedClaim(
    name="h_product",
    source="003",
    formula="|q_a·q_w| ≤ 127·7 for an 8-bit and a 4-bit code, a step in no_int32_overflow",
    why_false="The least codes are further from 0 than the greatest: (-128)·(-8) is 1024.",
    refutation="not_h_product",
)
INTEGER_OVERFLOW = SeedClaim(
    name="no_integer_overflow",
    source="003",
    formula="Σ Q(a)·Q(w) < 2^31 for any number of pairs of numbers",
    why_false="Enough products of the same sign exceed any bound.",
    refutation="not_no_integer_overflow",
)
ACCUMULATOR_BOUNDED = SeedClaim(
    name="accumulator_bounded_70B",
    source="003",
    formula=(
        "|Σ Q(a)·Q(w)| < 2^31 for 8192 pairs of numbers and codes of 4 bits (8192·64 at most), or"
        " of 8 and 4 bits (8192·1024)"
    ),
)


@dataclass(frozen=True)
class SeedSum(FormDefaults):
    """Σ Q(a)·Q(w) < 2^(bits - 1) for equal pairs of numbers, and one scale and zero point.

    Samples are the length, the width of codes, the binary logarithm of the scale, the zero point
    in quarters, and the numbers in steps.

    Attributes:
        codes: their widths, and the greatest number of pairs.
        bits: of the accumulator.
        free_width: codes of any width, the same for both numbers, instead.
        free_length: any number of pairs instead.
    """

    codes: Codes
    bits: int
    free_width: bool = False
    free_length: bool = False

    strict = True

    @property
    def inputs(self) -> tuple[str, ...]:
        return ("length", *(("bits",) if self.free_width else ()), "scale", "zero_point", "a", "w")

    @property
    def description(self) -> str:
        c = self.codes
        pairs = "any number of pairs" if self.free_length else f"at most {c.length} pairs"
        widths = (
            "codes of any width" if self.free_width else f"{c.a_bits}- and {c.w_bits}-bit codes"
        )
        return f"the seed's form, for {pairs} of numbers and {widths}"

    @property
    def bound(self) -> Fraction:
        return Fraction(1 << (self.bits - 1))

    def _widths(self, free: Fraction | float | None) -> tuple[int, int]:
        return (self.codes.a_bits, self.codes.w_bits) if free is None else (int(free), int(free))

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        longest = 2.0**70 if self.free_length else float(self.codes.length)
        length = np.floor(longest ** rng.random(count))
        widths = rng.integers(1, 65, count)
        logarithm = rng.integers(-8, 9, count) * rng.integers(0, 2, count)
        quarters = rng.integers(-9, 10, count) * rng.integers(0, 2, count)
        numbers = rng.choice([-1.0, 1.0], (count, 2)) * np.exp2(rng.integers(0, 70, (count, 2)))
        return np.column_stack([length, widths, logarithm, quarters, numbers])

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        c = self.codes
        ends = np.exp2(samples[:, 1] - 1)
        a_end, w_end = (ends, ends) if self.free_width else (float(-c.a_min), float(-c.w_min))
        a, w = np.rint(samples[:, 4]), np.rint(samples[:, 5])
        product = np.clip(a, -a_end, a_end - 1) * np.clip(w, -w_end, w_end - 1)
        total: NDArray[np.float64] = samples[:, 0] * product
        return total

    def exact_point(self, sample: Sequence[float]) -> Point:
        length, widths, logarithm, quarters, a, w = map(Fraction, sample)
        scale, zero = Fraction(2) ** int(logarithm), quarters / 4
        free = (widths,) if self.free_width else ()
        return (length, *free, scale, zero, zero + scale * a, zero + scale * w)

    def contains(self, point: Point) -> bool:
        length, *free, scale, _, _, _ = point
        return (
            scale > 0
            and length.denominator == 1
            and length >= 0
            and (self.free_length or length <= self.codes.length)
            and all(x.denominator == 1 and 1 <= x <= 64 for x in free)
        )

    def factors(self, point: Point) -> tuple[int, int, int]:
        """The length and the two codes."""
        length, *free, scale, zero, a, w = point
        # ties half up, as Mathlib's round, which the seed uses
        qa, qw = (
            Quantizer(bits, scale, zero, signed=True, rounding="half_up").quantize(x)
            for bits, x in zip(self._widths(free[0] if free else None), (a, w), strict=True)
        )
        return int(length), qa, qw

    def quantity(self, point: Point) -> Fraction:
        length, qa, qw = self.factors(point)
        return Fraction(length * (qa * qw))

    def explain(self, point: Point) -> str:
        length, qa, qw = self.factors(point)
        return f"{length} times ({qa})·({qw}) = {length * qa * qw}"


@dataclass(frozen=True)
class SeedProduct(FormDefaults):
    """|q_a·q_w| ≤ the product of the greatest codes."""

    codes: Codes

    inputs = ("a", "w")

    @property
    def description(self) -> str:
        return f"the seed's bound on a product, {self.codes.a_max}·{self.codes.w_max}"

    @property
    def bound(self) -> Fraction:
        return Fraction(self.codes.a_max * self.codes.w_max)

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        c = self.codes
        a = rng.integers(c.a_min, c.a_max, count, endpoint=True)
        w = rng.integers(c.w_min, c.w_max, count, endpoint=True)
        return np.column_stack([a, w]).astype(np.float64)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        product: NDArray[np.float64] = np.abs(samples[:, 0] * samples[:, 1])
        return product

    def exact_point(self, sample: Sequence[float]) -> Point:
        return tuple(map(Fraction, sample))

    def corners(self) -> tuple[Point, ...]:
        c = self.codes
        return tuple(
            (Fraction(a), Fraction(w)) for a in (c.a_min, 0, c.a_max) for w in (c.w_min, 0, c.w_max)
        )

    def contains(self, point: Point) -> bool:
        a, w = point
        c = self.codes
        whole = a.denominator == w.denominator == 1
        return whole and c.a_min <= a <= c.a_max and c.w_min <= w <= c.w_max

    def quantity(self, point: Point) -> Fraction:
        return abs(point[0] * point[1])

    def explain(self, point: Point) -> str:
        return f"|({point[0]})·({point[1]})| = {self.quantity(point)}"
