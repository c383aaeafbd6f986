"""clamp_in_range: a clamped integer lies in the range (seed document 003).

Proofs are in `lean/PyOrch/Rounding.lean`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, FormDefaults, Point, SeedClaim, require
from pyorch.claims.parameters import IntParameter, Values
from pyorch.claims.sampling import integers
from pyorch.model import Claim
from pyorch.names import identifier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CLAMP_IN_RANGE", "ClampInRange", "InRange"]


@dataclass(frozen=True)
class InRange(FormDefaults):
    """lo ≤ max(lo, min(q, hi)) ≤ hi: how far the clamped integer lies outside, or below 0."""

    lo: int
    hi: int

    inputs = ("q",)
    bound = Fraction(0)
    description = "how far the clamped integer lies outside of the range"

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        width = self.hi - self.lo
        return integers(rng, count, self.lo - width - 1, self.hi + width + 1, beyond=True).reshape(
            count, 1
        )

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        lo, hi = float(self.lo), float(self.hi)
        clamped = np.clip(samples[:, 0], lo, hi)
        outside: NDArray[np.float64] = np.maximum(lo - clamped, clamped - hi)
        return outside

    def exact_point(self, sample: Sequence[float]) -> Point:
        return (Fraction(sample[0]),)

    def corners(self) -> tuple[Point, ...]:
        near = (end + d for end in (self.lo, self.hi, 0) for d in (-1, 0, 1))
        return tuple((Fraction(q),) for q in (*near, 2**63, -(2**63)))

    def contains(self, point: Point) -> bool:
        return point[0].denominator == 1

    def quantity(self, point: Point) -> Fraction:
        clamped = max(Fraction(self.lo), min(point[0], Fraction(self.hi)))
        return max(self.lo - clamped, clamped - self.hi)

    def explain(self, point: Point) -> str:
        clamped = max(Fraction(self.lo), min(point[0], Fraction(self.hi)))
        return f"{point[0]} is clamped to {clamped}, {self.quantity(point)} outside"


@dataclass(frozen=True)
class ClampInRange:
    """The claim for one range of integers."""

    lo: int
    hi: int

    @property
    def family(self) -> Family:
        return CLAMP_IN_RANGE

    @property
    def claim(self) -> Claim:
        return Claim(
            name=self.family.name,
            title=f"Clamping to {self.lo}, …, {self.hi}",
            formula=(
                f"{self.lo} ≤ max({self.lo}, min(q, {self.hi})) ≤ {self.hi} for every integer q"
            ),
            parameters=(("lo", str(self.lo)), ("hi", str(self.hi))),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (InRange(self.lo, self.hi),)

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        return (f"clamp_{identifier(Fraction(self.lo))}_to_{identifier(Fraction(self.hi))}",)


_LARGEST = 10**18 - 1

LO = IntParameter("lo", "lower end of the range", -8, least=-_LARGEST, greatest=_LARGEST)
HI = IntParameter("hi", "upper end of the range", 7, least=-_LARGEST, greatest=_LARGEST)


def _build_clamp(values: Values) -> ClampInRange:
    lo, hi = values[LO], values[HI]
    require(lo <= hi, "clamp_in_range", "lo ≤ hi", f"{lo} > {hi}")
    return ClampInRange(lo, hi)


CLAMP_IN_RANGE = Family(
    name="clamp_in_range",
    topic="rounding",
    title="A clamped integer lies in the range, and is the nearest integer there",
    formula="lo ≤ max(lo, min(q, hi)) ≤ hi for every integer q, if lo ≤ hi",
    parameters=(LO, HI),
    build=_build_clamp,
    theorems=(
        "clamp_in_range",
        "clamp_in_range_unchanged",
        "clamp_in_range_nearest",
        "clamp_in_range_monotone",
        "clamp_in_range_attained",
    ),
    library=(
        "PyOrch.clampInt_mem",
        "PyOrch.clampInt_of_mem",
        "PyOrch.natAbs_sub_clampInt_le",
        "PyOrch.clampInt_monotone",
    ),
    seeds=(
        SeedClaim("clamp_in_range", "003", "a ≤ max(a, min(x, b)) ≤ b for integers x and a ≤ b"),
    ),
)
