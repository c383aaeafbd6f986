"""quantization_error_bound: the error of uniform quantization is at most half a step, in range.

Seed document 003 states it for every real x, which is false where x saturates. The repaired form
has the range hypothesis; a second form bounds the error for every x. Their proofs are in
`lean/PyOrch/Quantization.lean`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, FormDefaults, Point, SeedClaim
from pyorch.claims.parameters import Values
from pyorch.claims.quantizer import CODES, ROUNDING, Quantizer, quantizer
from pyorch.claims.sampling import steps
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "QUANTIZATION_ERROR_BOUND",
    "ErrorBound",
    "QuantizationErrorBound",
    "SaturatingErrorBound",
]


@dataclass(frozen=True)
class _OfNumber(FormDefaults, ABC):
    """A form in one number x that is quantized.

    Samples are in steps from the zero point, where the screened float arithmetic is precise
    whatever the scale.
    """

    quantizer: Quantizer

    inputs = ("x",)

    @property
    @abstractmethod
    def everywhere(self) -> bool:
        """Whether x may lie outside of `Quantizer.lowest` to `Quantizer.highest`."""

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        q = self.quantizer
        inner = steps(rng, count, q.q_min - 0.5, q.q_max + 0.5, beyond=self.everywhere)
        return inner.reshape(count, 1)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        x = samples[:, 0]
        error: NDArray[np.float64] = np.abs(x - self.quantizer.float_codes(x))
        return error

    def exact_point(self, sample: Sequence[float]) -> Point:
        return (self.quantizer.at_steps(sample[0]),)

    def corners(self) -> tuple[Point, ...]:
        q = self.quantizer
        tiny, huge = Fraction(1, 10**30), Fraction(10**30)
        marks = {q.lowest, q.highest, q.lower, q.upper, q.zero_point, q.tie, Fraction(0)}
        distances = (tiny, q.half_step, q.scale, Fraction(1), huge)
        near = {mark + sign * d for mark in marks for sign in (-1, 1) for d in distances}
        return tuple((x,) for x in sorted(marks | near))

    def contains(self, point: Point) -> bool:
        return self.everywhere or self.quantizer.lowest <= point[0] <= self.quantizer.highest

    def quantity(self, point: Point) -> Fraction:
        return self.quantizer.error(point[0])

    def explain(self, point: Point) -> str:
        (x,) = point
        restored = self.quantizer.restore(x)
        shown = f"({restored})" if restored < 0 else str(restored)
        return f"|{x} - {shown}| = {self.quantizer.error(x)}"


@dataclass(frozen=True)
class ErrorBound(_OfNumber):
    """|x - D(Q(x))| ≤ bound, for x up to half a step outside the codes' numbers, or for every x."""

    bound: Fraction
    in_range: bool

    @property
    def everywhere(self) -> bool:
        return not self.in_range

    @property
    def description(self) -> str:
        if not self.in_range:
            return "the seed's form, for every x"
        return f"the repaired form, for {self.quantizer.lowest} ≤ x ≤ {self.quantizer.highest}"

    def symbolic_bound(self) -> Fraction | None:
        """The greatest error over the numbers nearest to one code, for symbolic s, z and q."""
        if not self.in_range:
            return None
        import sympy
        from sympy.calculus.util import maximum

        s = sympy.Symbol("s", positive=True)
        z, t = sympy.symbols("z t", real=True)
        q = sympy.Symbol("q", integer=True)
        half = sympy.Rational(1, 2)
        # x is t steps from the number of its code q; at the ends of the range that code is the
        # first or the last, so that nothing changes there.
        error = sympy.simplify(sympy.Abs((q + t) * s + z - (q * s + z)))
        greatest = maximum(error, t, sympy.Interval(-half, half))
        scale = self.quantizer.scale
        value = greatest.subs(s, sympy.Rational(scale.numerator, scale.denominator))
        return Fraction(int(value.p), int(value.q))


@dataclass(frozen=True)
class SaturatingErrorBound(_OfNumber):
    """|x - D(Q(x))| - d ≤ s/2 for every x, where d is the distance of x to the codes' numbers."""

    everywhere = True
    description = "with saturation: the error less the distance of x to the codes' numbers"

    @property
    def bound(self) -> Fraction:
        return self.quantizer.half_step

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        x = samples[:, 0]
        nearest = np.clip(x, float(self.quantizer.q_min), float(self.quantizer.q_max))
        excess: NDArray[np.float64] = super().screen(samples) - np.abs(x - nearest)
        return excess

    def _distance(self, x: Fraction) -> Fraction:
        return max(Fraction(0), self.quantizer.lower - x, x - self.quantizer.upper)

    def quantity(self, point: Point) -> Fraction:
        return self.quantizer.error(point[0]) - self._distance(point[0])

    def explain(self, point: Point) -> str:
        return f"{super().explain(point)}, less {self._distance(point[0])}: {self.quantity(point)}"


@dataclass(frozen=True)
class QuantizationErrorBound:
    """The claim for one quantizer."""

    quantizer: Quantizer

    @property
    def family(self) -> Family:
        return QUANTIZATION_ERROR_BOUND

    @property
    def claim(self) -> Claim:
        q = self.quantizer
        return Claim(
            name=self.family.name,
            title=f"Error of {q.bits}-bit {q.kind} quantization",
            formula=(
                f"|x - D(Q(x))| ≤ {q.half_step} for {q.lowest} ≤ x ≤ {q.highest}, where {q.formula}"
            ),
            parameters=(*q.parameters, (ROUNDING.name, q.rounding)),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        q = self.quantizer
        return (ErrorBound(q, q.half_step, in_range=True), SaturatingErrorBound(q))

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        unguarded = ErrorBound(self.quantizer, self.quantizer.half_step, in_range=False)
        return ((SEED, unguarded),)

    @property
    def namespace(self) -> tuple[str, ...]:
        return (f"{self.quantizer.identifier}_{self.quantizer.rounding}",)


SEED = SeedClaim(
    name="quantization_error_bound",
    source="003",
    formula="|x - D(Q(x))| ≤ s/2 for every real x",
    why_false="The codes reach no further than s·q_max + z, so that a larger x saturates.",
    refutation="not_unguarded_error_bound",
    also=("quantization_error_simple", "quantization_error_guided"),
)


def _build(values: Values) -> QuantizationErrorBound:
    return QuantizationErrorBound(quantizer(values, SEED.name, values[ROUNDING]))


QUANTIZATION_ERROR_BOUND = Family(
    name="quantization_error_bound",
    topic="affine quantization",
    title="Quantizing and restoring a number in range errs by at most half a step",
    formula=(
        "|x - D(Q(x))| ≤ s/2 for s(q_min - 1/2) ≤ x - z ≤ s(q_max + 1/2), where"
        " Q(x) = clamp(round((x - z)/s), q_min, q_max) and D(q) = q·s + z"
    ),
    parameters=(*CODES, ROUNDING),
    build=_build,
    theorems=(
        "quantization_error_bound",
        "quantization_error_bound_least",
        "quantization_error_saturating",
        "quantization_error_attained",
    ),
    library=(
        "PyOrch.QuantParams.Covers.error_bound",
        "PyOrch.QuantParams.Covers.le_of_error_bound",
        "PyOrch.QuantParams.Covers.error_saturating",
    ),
    seeds=(SEED,),
)
