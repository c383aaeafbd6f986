"""What seed document 003 says of quantized matrix products; both claims are false.

Vectors all of whose pairs are the same are enough to refute them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import FormDefaults, Point, SeedClaim
from pyorch.claims.operand import Operand
from pyorch.claims.quantizer import Quantizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MATMUL_APPROXIMATE", "MATMUL_INT4", "EveryEpsilon", "SeedMatmul"]

MATMUL_INT4 = SeedClaim(
    name="matmul_int4_correct",
    source="003",
    formula="|Σ a·w - D(Σ Q(a)·Q(w))| ≤ K·s for K pairs with |a| ≤ 1 and |w| ≤ 1",
    why_false=(
        "The product of two codes has to be restored with both scales, and ±1 may saturate:"
        " with 4 bits and s = 1/10, 1·1 is restored as 49/10."
    ),
    refutation="not_matmul_int4_correct",
)

MATMUL_APPROXIMATE = SeedClaim(
    name="matmul_approximately_correct",
    source="003",
    formula="‖A·W - D(Q(A)·Q(W))‖ < ε for all matrices A and W and every ε > 0",
    why_false="The error would have to be 0, but only products of codes' numbers are exact.",
    refutation="not_matmul_approximately_correct",
)


@dataclass(frozen=True)
class SeedMatmul(FormDefaults):
    """|Σ a·w - D(Σ Q(a)·Q(w))| ≤ K·s for K equal pairs in [-1, 1], with one quantizer for both.

    Samples are the numbers themselves.
    """

    length: int
    quantizer: Quantizer

    inputs = ("a", "w")

    @property
    def description(self) -> str:
        return (
            f"the seed's form with the activations' quantizer, for {_pairs(self.length)}, all equal"
        )

    @property
    def bound(self) -> Fraction:
        return self.length * self.quantizer.scale

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        uniform = rng.uniform(-1, 1, (count, 2))
        return np.where(rng.random((count, 2)) < 0.25, np.sign(uniform), uniform)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        q = self.quantizer
        scale, zero = float(q.scale), float(q.zero_point)
        codes = q.float_codes((samples - zero) / scale)
        with np.errstate(over="ignore", invalid="ignore"):
            products = samples.prod(axis=1) - scale * codes.prod(axis=1)
            error: NDArray[np.float64] = np.abs(self.length * products - zero)
        return error

    def exact_point(self, sample: Sequence[float]) -> Point:
        a, w = sample
        return Fraction(a), Fraction(w)

    def corners(self) -> tuple[Point, ...]:
        q = self.quantizer
        marks = {q.lower, q.upper, q.zero_point, q.tie, q.scale, -q.tie, Fraction(1, 2)}
        marks |= {Fraction(-1), Fraction(0), Fraction(1)}
        return tuple((a, w) for a in sorted(marks) for w in sorted(marks))

    def contains(self, point: Point) -> bool:
        return all(abs(x) <= 1 for x in point)

    def _products(self, point: Point) -> tuple[Fraction, Fraction]:
        a, w = point
        q = self.quantizer
        return self.length * a * w, q.dequantize(self.length * q.quantize(a) * q.quantize(w))

    def quantity(self, point: Point) -> Fraction:
        exact, restored = self._products(point)
        return abs(exact - restored)

    def explain(self, point: Point) -> str:
        exact, restored = self._products(point)
        shown = f"({restored})" if restored < 0 else str(restored)
        return f"{_pairs(self.length)}: |{exact} - {shown}| = {abs(exact - restored)}"


@dataclass(frozen=True)
class EveryEpsilon(FormDefaults):
    """|Σ a·w - Σ D(Q(a))·D(Q(w))| < ε for K equal pairs in range and every ε > 0.

    The seed has no range; a counterexample in range shows that saturation is not what is amiss.
    Samples are in steps from the zero points, and the logarithm of ε.
    """

    length: int
    activations: Operand
    weights: Operand

    inputs = ("a", "w", "epsilon")
    strict = True
    bound = Fraction(1)

    @property
    def description(self) -> str:
        return f"the seed's form as a multiple of ε, for {_pairs(self.length)} in range, all equal"

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        return np.column_stack(
            [
                self.activations.sample(rng, count),
                self.weights.sample(rng, count),
                rng.uniform(-60, 60, count),
            ]
        )

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        a, e = self.activations.in_steps(samples[:, 0])
        w, f = self.weights.in_steps(samples[:, 1])
        with np.errstate(over="ignore", invalid="ignore"):
            ratio: NDArray[np.float64] = np.abs(a * f + w * e - e * f) / 10.0 ** np.rint(
                samples[:, 2]
            )
        return ratio

    def exact_point(self, sample: Sequence[float]) -> Point:
        a, w, exponent = sample
        return (
            self.activations.quantizer.at_steps(a),
            self.weights.quantizer.at_steps(w),
            Fraction(10) ** round(exponent),
        )

    def corners(self) -> tuple[Point, ...]:
        epsilon = Fraction(1, 10**30)
        return tuple(
            (a, w, epsilon) for a in self.activations.corners() for w in self.weights.corners()
        )

    def contains(self, point: Point) -> bool:
        a, w, epsilon = point
        return a in self.activations and w in self.weights and epsilon > 0

    def _error(self, a: Fraction, w: Fraction) -> tuple[Fraction, Fraction]:
        restored = self.activations.quantizer.restore(a) * self.weights.quantizer.restore(w)
        return self.length * a * w, self.length * restored

    def quantity(self, point: Point) -> Fraction:
        a, w, epsilon = point
        exact, restored = self._error(a, w)
        return abs(exact - restored) / epsilon

    def explain(self, point: Point) -> str:
        a, w, epsilon = point
        exact, restored = self._error(a, w)
        shown = f"({restored})" if restored < 0 else str(restored)
        ratio = self.quantity(point)
        return f"{_pairs(self.length)}: |{exact} - {shown}| is {ratio} times ε = {epsilon}"


def _pairs(count: int) -> str:
    return f"{count} pair{'' if count == 1 else 's'}"
