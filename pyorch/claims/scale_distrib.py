"""scale_distrib: a common scale may be taken out of a sum of codes (seed document 003).

That is what lets an accumulator add integers, and scale once. It holds exactly, not in floating
point. Proofs are in `lean/PyOrch/Quantization.lean`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, FormDefaults, Point, SeedClaim
from pyorch.claims.parameters import RationalParameter
from pyorch.claims.sampling import integers
from pyorch.model import Claim
from pyorch.names import identifier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SCALE_DISTRIB", "Difference", "ScaleDistrib"]


@dataclass(frozen=True)
class Difference(FormDefaults):
    """|(q₁ + q₂)·s - (q₁·s + q₂·s)| = 0 for integers q₁ and q₂."""

    scale: Fraction

    inputs = ("q₁", "q₂")
    bound = Fraction(0)
    description = "the difference between both sides, exactly"

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        return integers(rng, 2 * count, -128, 128, beyond=True).reshape(count, 2)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        # rounding makes them differ in floats: those points are the ones to evaluate exactly
        s = float(self.scale)
        first, second = samples.T
        with np.errstate(all="ignore"):
            difference = np.abs((first + second) * s - (first * s + second * s))
        finite: NDArray[np.float64] = np.nan_to_num(difference)
        return finite

    def exact_point(self, sample: Sequence[float]) -> Point:
        return tuple(map(Fraction, sample))

    def corners(self) -> tuple[Point, ...]:
        codes = [Fraction(q) for q in (-(2**63), -128, -1, 0, 1, 127, 2**63 - 1)]
        return tuple((first, second) for first in codes for second in codes)

    def contains(self, point: Point) -> bool:
        return all(q.denominator == 1 for q in point)

    def quantity(self, point: Point) -> Fraction:
        first, second = point
        return abs((first + second) * self.scale - (first * self.scale + second * self.scale))

    def explain(self, point: Point) -> str:
        first, second = point
        total = (first + second) * self.scale
        return f"{total} is not {first * self.scale} + {second * self.scale}"


@dataclass(frozen=True)
class ScaleDistrib:
    """The claim for one scale."""

    scale: Fraction

    @property
    def family(self) -> Family:
        return SCALE_DISTRIB

    @property
    def claim(self) -> Claim:
        s = str(self.scale) if self.scale.denominator == 1 <= self.scale else f"({self.scale})"
        return Claim(
            name=self.family.name,
            title=f"Sums of codes of scale {self.scale}",
            formula=f"(q₁ + q₂)·{s} = q₁·{s} + q₂·{s} for all integers q₁ and q₂",
            parameters=(("scale", str(self.scale)),),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (Difference(self.scale),)

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        return (f"sum_scale_{identifier(self.scale)}",)


SCALE = RationalParameter("scale", "what a code is multiplied by, of either sign", Fraction(1, 8))

SCALE_DISTRIB = Family(
    name="scale_distrib",
    topic="affine quantization",
    title="Codes of one scale may be added before they are scaled",
    formula="(q₁ + q₂)·s = q₁·s + q₂·s for all integers q₁ and q₂, and so for sums of many",
    parameters=(SCALE,),
    build=lambda values: ScaleDistrib(values[SCALE]),
    theorems=("scale_distrib", "scale_distrib_sum"),
    library=("PyOrch.scale_distrib", "PyOrch.scale_distrib_sum"),
    seeds=(SeedClaim("scale_distrib", "003", "(q₁ + q₂)·s = q₁·s + q₂·s for every real s"),),
)
