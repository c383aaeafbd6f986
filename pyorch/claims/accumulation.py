"""Forms about sums of products of codes, for vectors that consist of a few runs of equal pairs.

A run is a number of pairs (a, w) that are all the same, so that a vector of thousands of codes is
a few numbers. Within a run a partial sum moves in one direction; the extreme ones, over all orders
of the products, are those of all products above and of all below 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING

from pyorch.claims.base import FormDefaults, Point
from pyorch.claims.twos_complement import greatest, least, width, wrap, wrap_int64

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Codes", "LargestPartialSum", "RunsForm", "WidthOfPartialSums", "WrappingError"]

RUNS = 4


@dataclass(frozen=True)
class Codes:
    """At most `length` pairs of two's complement codes.

    Attributes:
        a_bits: width of the first code of a pair, the activation.
        w_bits: width of the second, the weight.
        length: the greatest number of pairs, K.
    """

    a_bits: int
    w_bits: int
    length: int

    @property
    def a_min(self) -> int:
        return least(self.a_bits)

    @property
    def a_max(self) -> int:
        return greatest(self.a_bits)

    @property
    def w_min(self) -> int:
        return least(self.w_bits)

    @property
    def w_max(self) -> int:
        return greatest(self.w_bits)

    @property
    def exponent(self) -> int:
        """The greatest product is 2 to this."""
        return self.a_bits + self.w_bits - 2

    @property
    def worst(self) -> int:
        """The greatest sum: all codes are the least ones."""
        return self.length << self.exponent

    @property
    def width(self) -> int:
        """The least width of an accumulator that holds it."""
        return width(self.worst)

    @property
    def words(self) -> str:
        products = "product" if self.length == 1 else "products"
        return f"{self.length} {products} of {self.a_bits}-bit and {self.w_bits}-bit codes"


@dataclass(frozen=True)
class RunsForm(FormDefaults):
    """Base of forms about vectors of a few runs. A point is n, a, w for each run."""

    codes: Codes

    inputs = tuple(f"{name}{run}" for run in range(RUNS) for name in "naw")

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        c = self.codes
        # full length for half of the vectors, cut at random places
        total = np.where(rng.random(count) < 0.5, c.length, rng.integers(0, c.length + 1, count))
        cuts = np.sort(np.floor(rng.random((count, RUNS - 1)) * (total[:, None] + 1)), axis=1)
        bounds = np.hstack([np.zeros((count, 1)), cuts, total[:, None]])
        samples = np.empty((count, 3 * RUNS))
        samples[:, 0::3] = np.diff(bounds, axis=1)
        for offset, first, last in ((1, c.a_min, c.a_max), (2, c.w_min, c.w_max)):
            uniform = rng.integers(first, last, (count, RUNS), endpoint=True)
            ends = rng.choice([first, last], (count, RUNS))
            samples[:, offset::3] = np.where(rng.random((count, RUNS)) < 0.5, uniform, ends)
        return samples

    def exact_point(self, sample: Sequence[float]) -> Point:
        return tuple(map(Fraction, sample))

    def corners(self) -> tuple[Point, ...]:
        c = self.codes
        pairs = [(a, w) for a in (c.a_min, 0, c.a_max) for w in (c.w_min, 1, c.w_max)]
        lengths = (0, 1, c.length // 2, c.length)
        alone = [(n, *pair, *(0,) * 3 * (RUNS - 1)) for n in lengths for pair in pairs]
        half = c.length // 2
        halves = [
            (half, *first, c.length - half, *second, *(0,) * 3 * (RUNS - 2))
            for first in pairs
            for second in pairs
        ]
        return tuple(tuple(map(Fraction, point)) for point in alone + halves)

    def contains(self, point: Point) -> bool:
        c = self.codes
        return (
            all(x.denominator == 1 for x in point)
            and all(n >= 0 for n in point[0::3])
            and sum(point[0::3]) <= c.length
            and all(c.a_min <= a <= c.a_max for a in point[1::3])
            and all(c.w_min <= w <= c.w_max for w in point[2::3])
        )

    @staticmethod
    def runs(point: Point) -> list[tuple[int, int, int]]:
        """The runs that are not empty: number of pairs, a and w."""
        n, a, w = (map(int, point[i::3]) for i in range(3))
        return [run for run in zip(n, a, w, strict=True) if run[0]]

    def extremes(self, point: Point) -> tuple[int, int]:
        """The least and the greatest partial sum over all orders of the products."""
        steps = sorted(n * a * w for n, a, w in self.runs(point))
        return min(accumulate(steps, initial=0)), max(accumulate(reversed(steps), initial=0))

    @staticmethod
    def float_extremes(
        samples: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The sums of all products below and of all above 0, one a sample."""
        import numpy as np

        steps = samples[:, 0::3] * samples[:, 1::3] * samples[:, 2::3]
        return np.minimum(steps, 0).sum(axis=1), np.maximum(steps, 0).sum(axis=1)

    def shown(self, point: Point) -> str:
        """The sum, such as ``8192·(-128)·(-8)``."""
        return (
            " + ".join("·".join(_factor(x) for x in run) for run in self.runs(point))
            or "the empty sum"
        )


@dataclass(frozen=True)
class LargestPartialSum(RunsForm):
    """|partial sum| ≤ K·2^(a_bits + w_bits - 2), for every prefix in every order."""

    @property
    def description(self) -> str:
        return f"partial sums in every order of at most {self.codes.words}"

    @property
    def bound(self) -> Fraction:
        return Fraction(self.codes.worst)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        below, above = self.float_extremes(samples)
        largest: NDArray[np.float64] = np.maximum(-below, above)
        return largest

    def quantity(self, point: Point) -> Fraction:
        return Fraction(max(map(abs, self.extremes(point))))

    def explain(self, point: Point) -> str:
        below, above = self.extremes(point)
        return f"partial sums of {self.shown(point)} reach from {below} to {above}"

    def symbolic_bound(self) -> Fraction | None:
        """K times the greatest product, which is at a corner of the codes' ranges."""
        import sympy

        # p, q ≥ 0, so that the ranges [-p - 1, p] and [-q - 1, q] are those of any two widths
        p, q = sympy.symbols("p q", nonnegative=True)
        corners = [abs(x * y) for x in (-p - 1, p) for y in (-q - 1, q)]
        (greatest_product,) = {
            c for c in corners if all(sympy.expand(c - d).is_nonnegative for d in corners)
        }
        c = self.codes
        value = c.length * greatest_product.subs({p: c.a_max, q: c.w_max})
        return Fraction(int(value))


@dataclass(frozen=True)
class WrappingError(RunsForm):
    """A register of `bits` bits that wraps around holds the exact sum, after every run."""

    bits: int

    bound = Fraction(0)

    @property
    def description(self) -> str:
        return f"wrapping {self.bits}-bit against exact arithmetic, for at most {self.codes.words}"

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        n, a, w = (samples[:, i::3].astype(np.int64) for i in range(3))
        exact = np.cumsum(n * a * w, axis=1)
        error: NDArray[np.float64] = np.abs(wrap_int64(exact, self.bits) - exact).max(axis=1)
        return error.astype(np.float64)

    def quantity(self, point: Point) -> Fraction:
        register = exact = error = 0
        for n, a, w in self.runs(point):
            product = wrap(wrap(a, self.bits) * wrap(w, self.bits), self.bits)
            register = wrap(register + n * product, self.bits)
            exact += n * a * w
            error = max(error, abs(register - exact))
        return Fraction(error)

    def explain(self, point: Point) -> str:
        exact = sum(n * a * w for n, a, w in self.runs(point))
        return f"{self.shown(point)} = {exact}, held as {wrap(exact, self.bits)}"


@dataclass(frozen=True)
class WidthOfPartialSums(RunsForm):
    """The width that partial sums need, in every order, is at most that of the worst case."""

    @property
    def description(self) -> str:
        return f"bits that partial sums need, of at most {self.codes.words} in every order"

    @property
    def bound(self) -> Fraction:
        return Fraction(self.codes.width)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        below, above = self.float_extremes(samples)
        # a sum s ≥ 0 needs a bit more than its digits, and so does -1 - s
        needed = np.frexp(np.maximum(above, -1 - below))[1] + 1
        return needed.astype(np.float64)

    def quantity(self, point: Point) -> Fraction:
        return Fraction(max(map(width, self.extremes(point))))

    def explain(self, point: Point) -> str:
        below, above = self.extremes(point)
        return (
            f"partial sums of {self.shown(point)} reach from {below} to {above} and need"
            f" {self.quantity(point)} bits"
        )


def _factor(x: int) -> str:
    return f"({x})" if x < 0 else str(x)
