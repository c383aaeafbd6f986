"""quantize_dequantize: the number of a code has that code again; quantization is idempotent.

Proofs are in `lean/PyOrch/Quantization.lean`. They hold for every rounding to a nearest integer;
both of the usual ones are sampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, FormDefaults, Point, SeedClaim
from pyorch.claims.quantizer import CODES, ROUNDINGS, Quantizer, quantizer
from pyorch.claims.sampling import integers, steps
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "QUANTIZE_DEQUANTIZE",
    "CodeLost",
    "QuantizeDequantize",
    "SecondChange",
    "WhateverTies",
]


@dataclass(frozen=True)
class WhateverTies(FormDefaults):
    """A form about a quantizer, for both ways to round ties; samples are in steps."""

    quantizer: Quantizer

    @cached_property
    def both(self) -> tuple[Quantizer, ...]:
        return tuple(replace(self.quantizer, rounding=rounding) for rounding in ROUNDINGS)

    def exact_point(self, sample: Sequence[float]) -> Point:
        return tuple(map(self.quantizer.at_steps, sample))

    @property
    def marks(self) -> tuple[Fraction, ...]:
        """Ends of ranges and ties, and what lies close to them."""
        q = self.quantizer
        tiny = q.scale / 10**30
        marks = (q.lowest, q.lower, q.tie - q.scale, q.tie, q.tie + q.scale, q.upper, q.highest)
        return tuple(sorted({mark + d for mark in marks for d in (-tiny, Fraction(0), tiny)}))


@dataclass(frozen=True)
class CodeLost(WhateverTies):
    """|Q(D(q)) - q| = 0 for the codes q."""

    inputs = ("q",)
    bound = Fraction(0)

    @property
    def description(self) -> str:
        return (
            f"the distance of Q(D(q)) to q for {self.quantizer.q_min} ≤ q ≤ {self.quantizer.q_max}"
        )

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        q = self.quantizer
        return integers(rng, count, q.q_min, q.q_max, beyond=False).reshape(count, 1)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        # in the units of x, where float arithmetic is not exact and finds the delicate codes
        s, z = float(self.quantizer.scale), float(self.quantizer.zero_point)
        codes = samples[:, 0]
        with np.errstate(all="ignore"):
            lost: NDArray[np.float64] = np.abs(((codes * s + z) - z) / s - codes)
        return np.nan_to_num(lost)

    def exact_point(self, sample: Sequence[float]) -> Point:
        return (Fraction(sample[0]),)

    def corners(self) -> tuple[Point, ...]:
        q = self.quantizer
        codes = (end + d for end in (q.q_min, q.q_max, 0) for d in (-1, 0, 1))
        return tuple((Fraction(code),) for code in codes)

    def contains(self, point: Point) -> bool:
        (code,) = point
        return code.denominator == 1 and self.quantizer.q_min <= code <= self.quantizer.q_max

    def quantity(self, point: Point) -> Fraction:
        code = int(point[0])
        return Fraction(max(abs(q.quantize(q.dequantize(code)) - code) for q in self.both))

    def explain(self, point: Point) -> str:
        x = self.quantizer.dequantize(int(point[0]))
        codes = ", ".join(f"{q.quantize(x)} ({q.rounding})" for q in self.both)
        return f"D({point[0]}) = {x} has code {codes}"


@dataclass(frozen=True)
class SecondChange(WhateverTies):
    """|Q(D(Q(x))) - Q(x)| = 0 for every x."""

    inputs = ("x",)
    bound = Fraction(0)
    description = "what quantizing a second time changes, Q(D(Q(x))) - Q(x), for every x"

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        q = self.quantizer
        return steps(rng, count, q.q_min - 0.5, q.q_max + 0.5, beyond=True).reshape(count, 1)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        codes = np.stack([q.float_codes(samples[:, 0]) for q in self.both])
        again = np.stack([q.float_codes(c) for q, c in zip(self.both, codes, strict=True)])
        change: NDArray[np.float64] = np.abs(again - codes).max(axis=0)
        return change

    def corners(self) -> tuple[Point, ...]:
        return tuple((x,) for x in self.marks)

    def quantity(self, point: Point) -> Fraction:
        codes = [(q.quantize(point[0]), q.quantize(q.restore(point[0]))) for q in self.both]
        return Fraction(max(abs(again - code) for code, again in codes))

    def explain(self, point: Point) -> str:
        codes = ", ".join(
            f"{q.quantize(point[0])} then {q.quantize(q.restore(point[0]))} ({q.rounding})"
            for q in self.both
        )
        return f"{point[0]} has code {codes}"


@dataclass(frozen=True)
class QuantizeDequantize:
    """The claim that codes come back, for one quantizer."""

    quantizer: Quantizer

    @property
    def family(self) -> Family:
        return QUANTIZE_DEQUANTIZE

    @property
    def claim(self) -> Claim:
        q = self.quantizer
        return Claim(
            name=self.family.name,
            title=f"Codes under {q.bits}-bit {q.kind} quantization",
            formula=f"Q(D(q)) = q for {q.q_min} ≤ q ≤ {q.q_max}, where {q.formula}",
            parameters=q.parameters,
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (CodeLost(self.quantizer), SecondChange(self.quantizer))

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        return (f"dequantize_{self.quantizer.identifier}",)


QUANTIZE_DEQUANTIZE = Family(
    name="quantize_dequantize",
    topic="affine quantization",
    title="The number of a code has that code again, so that quantizing twice changes nothing",
    formula=(
        "Q(D(q)) = q for q_min ≤ q ≤ q_max, where"
        " Q(x) = clamp(round((x - z)/s), q_min, q_max) and D(q) = q·s + z"
    ),
    parameters=CODES,
    build=lambda values: QuantizeDequantize(quantizer(values, "quantize_dequantize", ROUNDINGS[0])),
    theorems=("quantize_dequantize", "quantize_dequantize_iff", "quantize_dequantize_idempotent"),
    library=(
        "PyOrch.quantize_dequantize",
        "PyOrch.quantize_dequantize_iff",
        "PyOrch.quantize_idempotent",
    ),
)
