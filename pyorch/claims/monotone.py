"""quantize_monotone: greater numbers do not get smaller codes.

Proofs are in `lean/PyOrch/Quantization.lean` and `Covers.lean`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, Point, SeedClaim
from pyorch.claims.codes import WhateverTies
from pyorch.claims.quantizer import CODES, ROUNDINGS, Quantizer, quantizer
from pyorch.claims.sampling import steps
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["QUANTIZE_MONOTONE", "Disorder", "QuantizeMonotone"]


@dataclass(frozen=True)
class Disorder(WhateverTies):
    """Q(x) - Q(y) ≤ 0 for x ≤ y; or Q(x) - Q(y) < 0 in range for x + s < y.

    Attributes:
        apart: the second.
    """

    apart: bool

    inputs = ("x", "y")
    bound = Fraction(0)

    @property
    def strict(self) -> bool:  # type: ignore[override]
        return self.apart

    @property
    def description(self) -> str:
        q = self.quantizer
        if not self.apart:
            return "Q(x) - Q(y) for x ≤ y"
        return f"Q(x) - Q(y) for {q.lowest} ≤ x, x + {q.scale} < y and y ≤ {q.highest}"

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        first, last = self.quantizer.q_min - 0.5, self.quantizer.q_max + 0.5
        x = steps(rng, count, first, last, beyond=not self.apart)
        other = steps(rng, count, first, last, beyond=not self.apart)
        close = x + self.apart + np.abs(rng.normal(0, 1e-3, count))
        return np.sort(np.stack([x, np.where(rng.random(count) < 0.5, other, close)], axis=1))

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        codes = [q.float_codes(samples) for q in self.both]
        disorder: NDArray[np.float64] = np.max([c[:, 0] - c[:, 1] for c in codes], axis=0)
        if self.apart:
            inside = samples[:, 1] <= self.quantizer.q_max + 0.5
            disorder[~inside | (samples[:, 1] - samples[:, 0] <= 1)] = -np.inf
        return disorder

    def corners(self) -> tuple[Point, ...]:
        return tuple((x, y) for x in self.marks for y in self.marks)

    def contains(self, point: Point) -> bool:
        x, y = point
        q = self.quantizer
        return (q.lowest <= x and x + q.scale < y and y <= q.highest) if self.apart else x <= y

    def quantity(self, point: Point) -> Fraction:
        x, y = point
        return Fraction(max(q.quantize(x) - q.quantize(y) for q in self.both))

    def explain(self, point: Point) -> str:
        x, y = point
        worst = max(self.both, key=lambda q: q.quantize(x) - q.quantize(y))
        return f"Q({x}) = {worst.quantize(x)}, Q({y}) = {worst.quantize(y)} ({worst.rounding})"


@dataclass(frozen=True)
class QuantizeMonotone:
    """The claim that order is kept, for one quantizer."""

    quantizer: Quantizer

    @property
    def family(self) -> Family:
        return QUANTIZE_MONOTONE

    @property
    def claim(self) -> Claim:
        q = self.quantizer
        return Claim(
            name=self.family.name,
            title=f"Order under {q.bits}-bit {q.kind} quantization",
            formula=f"x ≤ y → Q(x) ≤ Q(y), where {q.code_formula}",
            parameters=q.parameters,
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (Disorder(self.quantizer, apart=False), Disorder(self.quantizer, apart=True))

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        return (f"monotone_{self.quantizer.identifier}",)


QUANTIZE_MONOTONE = Family(
    name="quantize_monotone",
    topic="affine quantization",
    title="Greater numbers do not get smaller codes",
    formula=(
        "x ≤ y → Q(x) ≤ Q(y); and Q(x) < Q(y) in range where x + s < y, where"
        " Q(x) = clamp(round((x - z)/s), q_min, q_max)"
    ),
    parameters=CODES,
    build=lambda values: QuantizeMonotone(quantizer(values, "quantize_monotone", ROUNDINGS[0])),
    theorems=("quantize_monotone", "quantize_monotone_strict"),
    library=("PyOrch.quantize_monotone", "PyOrch.QuantParams.Covers.quantize_lt"),
)
