"""Forms about weights whose norm is bounded, and the bounds of A2Q and A2Q+."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING

from pyorch.claims.base import FormDefaults, Point
from pyorch.claims.twos_complement import greatest, least

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Accumulator", "NormBound", "WithinBound"]

PAIRS = 4


@dataclass(frozen=True)
class Accumulator:
    """An accumulator and the integers that come in.

    Attributes:
        bits: its width, P.
        input_bits: width of the inputs, N.
        signed: two's complement inputs, or inputs from 0.
    """

    bits: int
    input_bits: int
    signed: bool

    @property
    def x_min(self) -> int:
        return least(self.input_bits) if self.signed else 0

    @property
    def x_max(self) -> int:
        return greatest(self.input_bits) if self.signed else (1 << self.input_bits) - 1

    @property
    def greatest(self) -> int:
        """The greatest number that it holds."""
        return greatest(self.bits)


@dataclass(frozen=True)
class NormBound:
    """A published bound on the norm of integer weights.

    Attributes:
        zero_centred: that of A2Q+, for weights that sum to zero; or that of A2Q.
    """

    accumulator: Accumulator
    zero_centred: bool

    @property
    def factor(self) -> int:
        """By what the greatest sum is divided for A2Q, and twice of it for A2Q+."""
        acc = self.accumulator
        return acc.x_max - acc.x_min if self.zero_centred else 1 << (acc.input_bits - acc.signed)

    @property
    def norm(self) -> Fraction:
        """The bound."""
        return Fraction(self.accumulator.greatest * (1 + self.zero_centred), self.factor)

    @property
    def norm_formula(self) -> str:
        acc = self.accumulator
        if self.zero_centred:
            return f"(2^{acc.bits} - 2)/(2^{acc.input_bits} - 1)"
        return f"(2^{acc.bits - 1} - 1)·2^({int(acc.signed)} - {acc.input_bits})"


@dataclass(frozen=True)
class WithinBound(FormDefaults):
    """|partial sum| ≤ 2^(P - 1) - 1 in every order, for weights within the bound on the norm.

    A point is x, q for each of a few pairs of an input and a weight. Without a sum of zero, where
    the bound needs one, the form is false: the overflow is then to one side, and what is bounded is
    max(s, -1 - s), which is at most 2^(P - 1) - 1 just if the partial sum s fits.

    Attributes:
        zero_sum: only weights that sum to zero, if the bound needs it.
    """

    norm_bound: NormBound
    zero_sum: bool = True

    inputs = tuple(f"{name}{pair}" for pair in range(PAIRS) for name in "xq")

    @property
    def _centred(self) -> bool:
        return self.norm_bound.zero_centred and self.zero_sum

    @property
    def description(self) -> str:
        b = self.norm_bound
        that = " that sum to zero" if self._centred else ""
        form = "partial sums in every order" if self.zero_sum else "the form without zero sums"
        return f"{form}, for weights{that} with ‖q‖₁ ≤ {b.norm}, as max(s, -1 - s)"

    @property
    def bound(self) -> Fraction:
        return Fraction(self.norm_bound.accumulator.greatest)

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        b = self.norm_bound
        acc = b.accumulator
        # floats above 2^53 are even more than integers; a little less keeps them within the bound
        largest = float(b.norm.__floor__())
        total = np.floor(np.where(rng.random(count) < 0.5, 1.0, rng.random(count)) * largest)
        half = np.floor(total / 2) if self._centred else total
        samples = np.empty((count, 2 * PAIRS))
        shape = (count, PAIRS)
        uniform = rng.integers(acc.x_min, acc.x_max, shape, endpoint=True).astype(np.float64)
        ends = rng.choice([float(acc.x_min), float(acc.x_max)], shape)
        samples[:, 0::2] = np.where(rng.random((count, 1)) < 0.5, uniform, ends)
        first = np.floor(half * rng.choice([0.0, 0.5, 1.0], count) * rng.random(count))
        if self._centred:
            second = np.floor(half * rng.random(count))
            parts = np.column_stack([first, half - first, -second, second - half])
            samples[:, 1::2] = parts * rng.choice([-1.0, 1.0], (count, 1))
        else:
            second = np.floor((half - first) * rng.choice([0.0, 1.0], count) * rng.random(count))
            parts = np.column_stack([first, second, half - first - second, np.zeros(count)])
            samples[:, 1::2] = parts * rng.choice([-1.0, 1.0], shape)
        return samples

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        products = samples[:, 0::2] * samples[:, 1::2]
        above = np.maximum(products, 0).sum(axis=1)
        below = np.minimum(products, 0).sum(axis=1)
        largest: NDArray[np.float64] = np.maximum(above, -1 - below)
        return largest

    def exact_point(self, sample: Sequence[float]) -> Point:
        return tuple(map(Fraction, sample))

    def corners(self) -> tuple[Point, ...]:
        acc = self.norm_bound.accumulator
        most = self.norm_bound.norm.__floor__()
        half = most // 2
        rest = (0,) * 2 * (PAIRS - 2)
        points = [
            (x, q, y, -q if self._centred else r, *rest)
            for x in (acc.x_min, acc.x_max)
            for y in (acc.x_min, acc.x_max)
            for q in (half, -half, most, -most)
            for r in (0, half, -half)
        ]
        return tuple(tuple(map(Fraction, point)) for point in dict.fromkeys(points))

    def contains(self, point: Point) -> bool:
        acc = self.norm_bound.accumulator
        inputs, weights = point[0::2], point[1::2]
        return (
            all(x.denominator == 1 for x in point)
            and all(acc.x_min <= x <= acc.x_max for x in inputs)
            and sum(map(abs, weights)) <= self.norm_bound.norm
            and (not self._centred or sum(weights) == 0)
        )

    def _extremes(self, point: Point) -> tuple[int, int]:
        """The least and the greatest partial sum, over all orders of the products."""
        numbers = [x.numerator for x in point]
        products = sorted(x * q for x, q in zip(numbers[0::2], numbers[1::2], strict=True))
        return min(accumulate(products, initial=0)), max(accumulate(reversed(products), initial=0))

    def quantity(self, point: Point) -> Fraction:
        below, above = self._extremes(point)
        return Fraction(max(above, -1 - below))

    def explain(self, point: Point) -> str:
        below, above = self._extremes(point)
        terms = zip(point[0::2], point[1::2], strict=True)
        shown = " + ".join(f"{_factor(x)}·{_factor(q)}" for x, q in terms if q)
        return f"partial sums of {shown or '0'} reach from {below} to {above}"


def _factor(x: Fraction) -> str:
    return f"({x})" if x < 0 else str(x)
