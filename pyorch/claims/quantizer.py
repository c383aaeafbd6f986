"""The uniform quantizer of seed document 003, exactly, and the parameters that choose one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import require
from pyorch.claims.parameters import (
    BoolParameter,
    ChoiceParameter,
    IntParameter,
    RationalParameter,
    Values,
)
from pyorch.names import identifier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "BITS",
    "CODES",
    "NARROW_RANGE",
    "ROUNDING",
    "ROUNDINGS",
    "SCALE",
    "SIGNED",
    "ZERO_POINT",
    "Quantizer",
    "quantizer",
    "round_floats",
    "round_half",
]

HALF = Fraction(1, 2)

ROUNDINGS = ("half_even", "half_up")

BITS = IntParameter("bits", "width of a code", 4, least=1, greatest=64)
SCALE = RationalParameter(
    "scale", "distance between the numbers of neighbouring codes", Fraction(1, 8), positive=True
)
ZERO_POINT = RationalParameter(
    "zero_point",
    "the real number that code 0 stands for: -c·scale where the zero point is given as a code c",
    Fraction(0),
)
SIGNED = BoolParameter("signed", "two's complement codes; false: codes from 0", True)
NARROW_RANGE = BoolParameter(
    "narrow_range", "without the least signed code: as many codes below 0 as above", False
)
ROUNDING = ChoiceParameter(
    "rounding",
    "how ties are rounded where the bound is attained or refuted; the bound holds for both",
    "half_even",
    choices=ROUNDINGS,
)

CODES = (BITS, SCALE, ZERO_POINT, SIGNED, NARROW_RANGE)
"""The parameters that choose a quantizer, whichever way it breaks ties."""


def round_half(y: Fraction, rounding: str) -> int:
    """The integer nearest to `y`; ties go as `rounding` says (one of `ROUNDINGS`)."""
    return round(y) if rounding == "half_even" else math.floor(y + HALF)


def round_floats(y: NDArray[np.float64], rounding: str) -> NDArray[np.float64]:
    """The integers nearest to the exact values of `y`, as NumPy computes them, shape of `y`.

    Half up is not ``floor(y + 0.5)``: that sum is itself rounded, so that 0.49999999999999994
    would go to 1. The fraction is exact where its comparison with one half is close.
    """
    import numpy as np

    if rounding == "half_even":
        rounded: NDArray[np.float64] = np.rint(y)
        return rounded
    below = np.floor(y)
    up: NDArray[np.float64] = below + (y - below >= 0.5)
    return up


@dataclass(frozen=True)
class Quantizer:
    """A uniform quantizer, exactly: Q(x) = clamp(round((x - z)/s), q_min, q_max), D(q) = q·s + z.

    Attributes:
        bits: width of a code.
        scale: s > 0, the distance between the numbers that neighbouring codes stand for.
        zero_point: z, the number (not the code) that code 0 stands for.
        signed: two's complement codes, or codes from 0.
        rounding: how ties go: ``half_even`` as NumPy's ``rint``, or ``half_up``.
        narrow_range: signed codes from -q_max, one fewer.
    """

    bits: int
    scale: Fraction
    zero_point: Fraction
    signed: bool
    rounding: str
    narrow_range: bool = False

    @property
    def q_min(self) -> int:
        if not self.signed:
            return 0
        return -self.q_max if self.narrow_range else -self.q_max - 1

    @property
    def q_max(self) -> int:
        return (1 << (self.bits - 1 if self.signed else self.bits)) - 1

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
    def lowest(self) -> Fraction:
        """The least number that is restored with an error of at most half a step."""
        return self.lower - self.half_step

    @property
    def highest(self) -> Fraction:
        """The greatest number that is restored with an error of at most half a step."""
        return self.upper + self.half_step

    @property
    def tie(self) -> Fraction:
        """Half a step above code 0, where every rounding errs by half a step."""
        return self.zero_point + self.half_step

    def quantize(self, x: Fraction) -> int:
        code = round_half((x - self.zero_point) / self.scale, self.rounding)
        return max(self.q_min, min(code, self.q_max))

    def dequantize(self, code: int) -> Fraction:
        return code * self.scale + self.zero_point

    def restore(self, x: Fraction) -> Fraction:
        """D(Q(x))."""
        return self.dequantize(self.quantize(x))

    def error(self, x: Fraction) -> Fraction:
        """|x - D(Q(x))|."""
        return abs(x - self.restore(x))

    def at_steps(self, steps: float) -> Fraction:
        """The number that lies so many steps above the zero point."""
        return self.zero_point + self.scale * Fraction(steps)

    def float_codes(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Codes of numbers given in steps from the zero point, shape of `steps`."""
        import numpy as np

        codes = round_floats(steps, self.rounding)
        clipped: NDArray[np.float64] = np.clip(codes, float(self.q_min), float(self.q_max))
        return clipped

    @property
    def kind(self) -> str:
        """The kind of codes, as the Lean definition is called."""
        if not self.signed:
            return "unsigned"
        return "symmetric" if self.narrow_range else "signed"

    @property
    def code_formula(self) -> str:
        """Q with numbers."""
        return f"Q(x) = clamp(round({self._formula_of_code}), {self.q_min}, {self.q_max})"

    @property
    def formula(self) -> str:
        """Q and D with numbers."""
        return f"{self.code_formula} and D(q) = {self._formula_of_number}"

    @property
    def _formula_of_code(self) -> str:
        """(x - z)/s with numbers."""
        s, z = self.scale, self.zero_point
        shifted = f"(x {'+' if z < 0 else '-'} {abs(z)})" if z else "x"
        if s == 1:
            return shifted
        return f"{shifted}/({s})" if s.denominator > 1 else f"{shifted}/{s}"

    @property
    def _formula_of_number(self) -> str:
        """q·s + z with numbers."""
        s, z = self.scale, self.zero_point
        product = "q" if s == 1 else f"q·{s}"
        return f"{product} {'-' if z < 0 else '+'} {abs(z)}" if z else product

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Those of `CODES`, names and texts that parse back."""
        return (
            (BITS.name, BITS.show(self.bits)),
            (SCALE.name, SCALE.show(self.scale)),
            (ZERO_POINT.name, ZERO_POINT.show(self.zero_point)),
            (SIGNED.name, SIGNED.show(self.signed)),
            (NARROW_RANGE.name, NARROW_RANGE.show(self.narrow_range)),
        )

    @property
    def identifier(self) -> str:
        """Tells quantizers apart that differ in more than the rounding of ties."""
        kind = f"{'int' if self.signed else 'uint'}{self.bits}{'_narrow' * self.narrow_range}"
        return f"{kind}_scale_{identifier(self.scale)}_zero_{identifier(self.zero_point)}"


def quantizer(values: Values, claim: str, rounding: str) -> Quantizer:
    """The quantizer that the parameters `CODES` choose.

    Args:
        claim: name of the family, for the message.
        rounding: how it breaks ties.

    Raises:
        UsageError: for a narrow range of unsigned codes, or of the two codes of one bit.
    """
    if values[NARROW_RANGE]:
        require(values[SIGNED], claim, "signed=true where narrow_range=true", "signed=false")
        require(values[BITS] > 1, claim, "bits ≥ 2 where narrow_range=true", "bits=1")
    return Quantizer(
        bits=values[BITS],
        scale=values[SCALE],
        zero_point=values[ZERO_POINT],
        signed=values[SIGNED],
        rounding=rounding,
        narrow_range=values[NARROW_RANGE],
    )
