"""One side of a dot product: a quantizer, and the range of the numbers that it quantizes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pyorch.claims.base import require
from pyorch.claims.parameters import IntParameter, Parameter, RationalParameter, Values
from pyorch.claims.quantizer import Quantizer
from pyorch.claims.sampling import steps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Operand", "OperandParameters"]


@dataclass(frozen=True)
class Operand:
    """Numbers from `least` to `greatest` that one quantizer rounds.

    Attributes:
        quantizer: two's complement codes.
        least: smallest number, at most half a step below the first code's.
        greatest: greatest number, at most half a step above the last code's.
    """

    quantizer: Quantizer
    least: Fraction
    greatest: Fraction

    @property
    def abs_max(self) -> Fraction:
        """The greatest absolute value."""
        return max(-self.least, self.greatest)

    def __contains__(self, x: Fraction) -> bool:
        return self.least <= x <= self.greatest

    def _at(self, x: Fraction) -> float:
        """x in steps from the zero point."""
        return float((x - self.quantizer.zero_point) / self.quantizer.scale)

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Numbers in steps from the zero point, shape (count,)."""
        return steps(rng, count, self._at(self.least), self._at(self.greatest), beyond=False)

    def in_steps(
        self, samples: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The numbers x of samples and their errors x - D(Q(x)), in units of a step."""
        zero = float(self.quantizer.zero_point / self.quantizer.scale)
        return samples + zero, samples - self.quantizer.float_codes(samples)

    def corners(self) -> tuple[Fraction, ...]:
        """Numbers of the range: its ends, 0, 1, a tie, and the ties nearest to the ends."""
        q = self.quantizer
        ends = (self.least, self.greatest)
        marks = {*ends, q.zero_point, q.tie, Fraction(0), Fraction(1)}
        tiny = q.scale / 10**30
        for tie in (q.restore(end) + sign * q.half_step for end in ends for sign in (-1, 1)):
            marks |= {tie - tiny, tie, tie + tiny}
        return tuple(sorted(x for x in marks if x in self))


@dataclass(frozen=True)
class OperandParameters:
    """The parameters that choose an operand."""

    bits: IntParameter
    scale: RationalParameter
    zero_point: RationalParameter
    least: RationalParameter
    greatest: RationalParameter

    @classmethod
    def named(cls, side: str, *, bits: int, scale: Fraction) -> OperandParameters:
        """Those of ``activation`` or ``weight``, with numbers from -1 to 1 by default."""
        return cls(
            IntParameter(f"{side}_bits", f"width of {side}s' codes", bits, least=1, greatest=64),
            RationalParameter(f"{side}_scale", f"scale of {side}s", scale, positive=True),
            RationalParameter(
                f"{side}_zero_point",
                f"the real number that {side}s' code 0 stands for",
                Fraction(0),
            ),
            RationalParameter(f"{side}_min", f"smallest {side}", Fraction(-1)),
            RationalParameter(f"{side}_max", f"greatest {side}", Fraction(1)),
        )

    @property
    def parameters(self) -> tuple[Parameter[Any], ...]:
        """All of them, in the order of the report."""
        return (self.bits, self.scale, self.zero_point, self.least, self.greatest)

    def build(self, values: Values, claim: str, rounding: str) -> Operand:
        """The operand that they choose.

        Args:
            claim: name of the family, for messages.
            rounding: how the quantizer breaks ties.

        Raises:
            UsageError: where a number of the range would saturate by more than half a step.
        """
        q = Quantizer(
            values[self.bits], values[self.scale], values[self.zero_point], True, rounding
        )
        least, greatest = values[self.least], values[self.greatest]
        low, high = self.least.name, self.greatest.name
        require(least <= greatest, claim, f"{low} ≤ {high}", f"{least} > {greatest}")
        at = f"{self.scale.name}·(code {{}} {{}} 1/2) + {self.zero_point.name}"
        require(
            q.lowest <= least, claim, f"{at.format(q.q_min, '-')} ≤ {low}", f"{q.lowest} > {least}"
        )
        require(
            greatest <= q.highest,
            claim,
            f"{high} ≤ {at.format(q.q_max, '+')}",
            f"{greatest} > {q.highest}",
        )
        return Operand(q, least, greatest)

    def show(self, operand: Operand) -> tuple[tuple[str, str], ...]:
        """Names and values, for the report."""
        q = operand.quantizer
        values = (q.bits, q.scale, q.zero_point, operand.least, operand.greatest)
        return tuple(
            (p.name, p.show(value)) for p, value in zip(self.parameters, values, strict=True)
        )
