"""quantization_error_bound: the error of uniform quantization is at most half a step, in range.

Seed document 003 states it for every real x, which is false where x saturates. The repaired form
has the range hypothesis; its proof is `lean/PyOrch/Quantization.lean`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, FormDefaults, Point, SeedClaim, identifier
from pyorch.claims.parameters import (
    BoolParameter,
    ChoiceParameter,
    IntParameter,
    RationalParameter,
    Values,
)
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["QUANTIZATION_ERROR_BOUND", "ErrorBound", "QuantizationErrorBound", "Quantizer"]

HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Quantizer:
    """A uniform quantizer, exactly: Q(x) = clamp(round((x - z)/s), q_min, q_max), D(q) = q·s + z.

    Attributes:
        bits: width of a code.
        scale: s > 0, the distance between the numbers that neighbouring codes stand for.
        zero_point: z, the number (not the code) that code 0 stands for.
        signed: two's complement codes, or codes from 0.
        rounding: how ties go: ``half_even`` as NumPy's ``rint``, or ``half_up``.
    """

    bits: int
    scale: Fraction
    zero_point: Fraction
    signed: bool
    rounding: str

    @property
    def q_min(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def q_max(self) -> int:
        return self.q_min + (1 << self.bits) - 1

    @property
    def half_step(self) -> Fraction:
        return self.scale / 2

    @property
    def lower(self) -> Fraction:
        """The number of the first code."""
        return self.dequantize(self.q_min)

    @property
    def upper(self) -> Fraction:
        """The number of the last code."""
        return self.dequantize(self.q_max)

    @property
    def tie(self) -> Fraction:
        """Half a step above code 0, where every rounding errs by half a step."""
        return self.zero_point + self.half_step

    def quantize(self, x: Fraction) -> int:
        y = (x - self.zero_point) / self.scale
        code = round(y) if self.rounding == "half_even" else math.floor(y + HALF)
        return max(self.q_min, min(code, self.q_max))

    def dequantize(self, code: int) -> Fraction:
        return code * self.scale + self.zero_point

    def restore(self, x: Fraction) -> Fraction:
        """D(Q(x))."""
        return self.dequantize(self.quantize(x))

    def error(self, x: Fraction) -> Fraction:
        """|x - D(Q(x))|."""
        return abs(x - self.restore(x))


@dataclass(frozen=True)
class ErrorBound(FormDefaults):
    """|x - D(Q(x))| ≤ bound, for x up to half a step outside the codes' numbers, or for every x.

    Samples are in steps from the zero point, where the screened float arithmetic is precise
    whatever the scale.
    """

    quantizer: Quantizer
    bound: Fraction
    in_range: bool

    inputs = ("x",)

    @property
    def description(self) -> str:
        if not self.in_range:
            return "the seed's form, for every x"
        lowest, highest = self._range
        return f"the repaired form, for {lowest} ≤ x ≤ {highest}"

    @property
    def _range(self) -> tuple[Fraction, Fraction]:
        q = self.quantizer
        return q.lower - q.half_step, q.upper + q.half_step

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        q = self.quantizer
        first, last = q.q_min - 0.5, q.q_max + 0.5
        uniform = rng.uniform(first, last, count)
        near_ties = np.floor(rng.uniform(first, last, count)) + 0.5 + rng.normal(0, 1e-9, count)
        small = rng.choice([-1.0, 1.0], count) * 10.0 ** rng.uniform(-30, 2, count)
        kind = rng.integers(0, 4, count)
        mixed = np.choose(kind, [uniform, uniform, near_ties, small])
        steps: NDArray[np.float64] = np.clip(mixed, first, last)
        if not self.in_range:
            beyond = rng.choice([first, last], count) * 10.0 ** rng.uniform(0, 30, count)
            steps = np.where(rng.random(count) < 0.5, steps, beyond)
        return steps.reshape(count, 1)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        steps = samples[:, 0]
        q = self.quantizer
        codes = np.rint(steps) if q.rounding == "half_even" else np.floor(steps + 0.5)
        error: NDArray[np.float64] = np.abs(steps - np.clip(codes, float(q.q_min), float(q.q_max)))
        return error

    def exact_point(self, sample: Sequence[float]) -> Point:
        (steps,) = sample
        return (self.quantizer.zero_point + self.quantizer.scale * Fraction(steps),)

    def corners(self) -> tuple[Point, ...]:
        q = self.quantizer
        tiny, huge = Fraction(1, 10**30), Fraction(10**30)
        lowest, highest = self._range
        marks = {lowest, highest, q.lower, q.upper, q.zero_point, q.tie, Fraction(0)}
        steps = (tiny, q.half_step, q.scale, Fraction(1), huge)
        near = {mark + sign * step for mark in marks for sign in (-1, 1) for step in steps}
        return tuple((x,) for x in sorted(marks | near))

    def contains(self, point: Point) -> bool:
        lowest, highest = self._range
        return not self.in_range or lowest <= point[0] <= highest

    def quantity(self, point: Point) -> Fraction:
        return self.quantizer.error(point[0])

    def explain(self, point: Point) -> str:
        (x,) = point
        restored = self.quantizer.restore(x)
        shown = f"({restored})" if restored < 0 else str(restored)
        return f"|{x} - {shown}| = {self.quantity(point)}"

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
class QuantizationErrorBound:
    """The claim for one quantizer."""

    quantizer: Quantizer

    @property
    def family(self) -> Family:
        return QUANTIZATION_ERROR_BOUND

    @property
    def claim(self) -> Claim:
        q = self.quantizer
        lowest, highest = q.lower - q.half_step, q.upper + q.half_step
        values = Values(vars(q))
        return Claim(
            name=self.family.name,
            title=f"Error of {q.bits}-bit {'signed' if q.signed else 'unsigned'} quantization",
            formula=(
                f"|x - D(Q(x))| ≤ {q.half_step} for {lowest} ≤ x ≤ {highest}, where"
                f" Q(x) = clamp(round({_formula_of_code(q)}), {q.q_min}, {q.q_max}) and"
                f" D(q) = {_formula_of_number(q)}"
            ),
            parameters=tuple((p.name, p.show(values[p])) for p in self.family.parameters),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (ErrorBound(self.quantizer, self.quantizer.half_step, in_range=True),)

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        unguarded = ErrorBound(self.quantizer, self.quantizer.half_step, in_range=False)
        return ((SEED, unguarded),)

    @property
    def namespace(self) -> tuple[str, ...]:
        q = self.quantizer
        kind = f"{'int' if q.signed else 'uint'}{q.bits}"
        return (f"{kind}_scale_{identifier(q.scale)}_zero_{identifier(q.zero_point)}_{q.rounding}",)


def _formula_of_code(q: Quantizer) -> str:
    """(x - z)/s with numbers."""
    sign = "+" if q.zero_point < 0 else "-"
    shifted = f"(x {sign} {abs(q.zero_point)})" if q.zero_point else "x"
    if q.scale == 1:
        return shifted
    return f"{shifted}/({q.scale})" if q.scale.denominator > 1 else f"{shifted}/{q.scale}"


def _formula_of_number(q: Quantizer) -> str:
    """q·s + z with numbers."""
    sign = "-" if q.zero_point < 0 else "+"
    product = "q" if q.scale == 1 else f"q·{q.scale}"
    return f"{product} {sign} {abs(q.zero_point)}" if q.zero_point else product


BITS = IntParameter("bits", "width of a code", 4, least=1, greatest=64)
SCALE = RationalParameter(
    "scale", "distance between the numbers of neighbouring codes", Fraction(1, 8), positive=True
)
ZERO_POINT = RationalParameter("zero_point", "the real number that code 0 stands for", Fraction(0))
SIGNED = BoolParameter("signed", "two's complement codes; false: codes from 0", True)
ROUNDING = ChoiceParameter(
    "rounding",
    "how ties are rounded where the bound is attained or refuted; the bound holds for both",
    "half_even",
    choices=("half_even", "half_up"),
)


SEED = SeedClaim(
    name="quantization_error_bound",
    source="003",
    formula="|x - D(Q(x))| ≤ s/2 for every real x",
    why_false="The codes reach no further than s·q_max + z, so that a larger x saturates.",
    refutation="not_unguarded_error_bound",
)


def _build(values: Values) -> QuantizationErrorBound:
    return QuantizationErrorBound(
        Quantizer(
            bits=values[BITS],
            scale=values[SCALE],
            zero_point=values[ZERO_POINT],
            signed=values[SIGNED],
            rounding=values[ROUNDING],
        )
    )


QUANTIZATION_ERROR_BOUND = Family(
    name="quantization_error_bound",
    topic="affine quantization",
    title="Quantizing and restoring a number in range errs by at most half a step",
    formula=(
        "|x - D(Q(x))| ≤ s/2 for s(q_min - 1/2) ≤ x - z ≤ s(q_max + 1/2), where"
        " Q(x) = clamp(round((x - z)/s), q_min, q_max) and D(q) = q·s + z"
    ),
    parameters=(BITS, SCALE, ZERO_POINT, SIGNED, ROUNDING),
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
        "PyOrch.quantization_error_saturating",
    ),
    seeds=(SEED,),
)
