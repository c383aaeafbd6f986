"""round_error: rounding to the nearest integer errs by at most one half (seed document 003).

The document's ⌊x⌉, Mathlib's ``round``, takes ties up, NumPy's ``rint`` takes them to even; the
claim has both. Proofs are in `lean/PyOrch/Rounding.lean`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, FormDefaults, Point, SeedClaim
from pyorch.claims.parameters import ChoiceParameter
from pyorch.claims.quantizer import HALF, ROUNDINGS, round_floats, round_half
from pyorch.claims.sampling import steps
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["ROUND_ERROR", "AgreesWithNumPy", "RoundError", "RoundingErrorBound"]


@dataclass(frozen=True)
class _OfRounded(FormDefaults):
    """A form in one number y that is rounded; samples are doubles, taken exactly."""

    rounding: str

    inputs = ("y",)

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        return steps(rng, count, -100.5, 100.5, beyond=True).reshape(count, 1)

    def exact_point(self, sample: Sequence[float]) -> Point:
        return (Fraction(sample[0]),)

    def corners(self) -> tuple[Point, ...]:
        ties = [Fraction(n, 2) for n in range(-9, 10, 2)]
        # the doubles next to ties and to 0; from 2⁵² on all are integers
        floats = [math.nextafter(n / 2, side) for n in range(-9, 10) for side in (-9, 9)]
        large = [Fraction(2**k + d) for k in (51, 52, 53, 1000) for d in (-HALF, 0, HALF)]
        return tuple((y,) for y in (*ties, *map(Fraction, floats), *large))


@dataclass(frozen=True)
class RoundingErrorBound(_OfRounded):
    """|y - round(y)| ≤ 1/2."""

    bound = HALF

    @property
    def description(self) -> str:
        return f"the distance of y to its rounding, {_TIES[self.rounding]}"

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        error: NDArray[np.float64] = np.abs(samples - round_floats(samples, self.rounding))[:, 0]
        return error

    def quantity(self, point: Point) -> Fraction:
        return abs(point[0] - round_half(point[0], self.rounding))

    def explain(self, point: Point) -> str:
        (y,) = point
        rounded = round_half(y, self.rounding)
        return f"|{y} - {f'({rounded})' if rounded < 0 else rounded}| = {self.quantity(point)}"

    def symbolic_bound(self) -> Fraction | None:
        """The greatest distance of floor(y) + t, where 0 ≤ t ≤ 1, to the nearer neighbour."""
        import sympy
        from sympy.calculus.util import maximum

        t = sympy.Symbol("t", real=True)
        half = sympy.Rational(1, 2)
        below = maximum(t, t, sympy.Interval(0, half))
        above = maximum(1 - t, t, sympy.Interval(half, 1))
        greatest = sympy.Max(below, above)
        return Fraction(int(greatest.p), int(greatest.q))


@dataclass(frozen=True)
class AgreesWithNumPy(_OfRounded):
    """Exact rounding of a double gives what NumPy gives: ``rint``, or half up by `round_floats`."""

    bound = Fraction(0)

    @property
    def description(self) -> str:
        numpy = "rint(y)" if self.rounding == "half_even" else "floor(y) + (y - floor(y) >= 0.5)"
        return f"the difference between exact rounding and NumPy's {numpy}, for doubles y"

    def contains(self, point: Point) -> bool:
        try:
            return Fraction(float(point[0])) == point[0]
        except OverflowError:
            return False

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        y = samples[:, 0]
        whole = np.trunc(y)
        part = np.abs(y - whole)  # exact
        away = np.sign(y)
        if self.rounding == "half_even":
            moved = (part > 0.5) | ((part == 0.5) & (np.fmod(whole, 2) != 0))
        else:
            moved = (part > 0.5) | ((part == 0.5) & (away > 0))
        difference: NDArray[np.float64] = np.abs(
            whole + moved * away - round_floats(y, self.rounding)
        )
        return difference

    def quantity(self, point: Point) -> Fraction:
        return abs(round_half(point[0], self.rounding) - self._by_numpy(point))

    def explain(self, point: Point) -> str:
        return f"{self._by_numpy(point)} is not {round_half(point[0], self.rounding)}"

    def _by_numpy(self, point: Point) -> Fraction:
        import numpy as np

        return Fraction(round_floats(np.array([float(point[0])]), self.rounding).item())


@dataclass(frozen=True)
class RoundError:
    """The claim for one way to round ties."""

    rounding: str

    @property
    def family(self) -> Family:
        return ROUND_ERROR

    @property
    def claim(self) -> Claim:
        return Claim(
            name=self.family.name,
            title=f"Error of rounding to the nearest integer, {_TIES[self.rounding]}",
            formula="|y - round(y)| ≤ 1/2 for every rational y",
            parameters=(("rounding", self.rounding),),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (RoundingErrorBound(self.rounding), AgreesWithNumPy(self.rounding))

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        return (f"round_{self.rounding}",)


_TIES = {"half_even": "ties to even", "half_up": "ties up"}

ROUNDING = ChoiceParameter(
    "rounding",
    "where ties go: half_even as NumPy's rint, half_up as Mathlib's round",
    "half_even",
    choices=ROUNDINGS,
)


ROUND_ERROR = Family(
    name="round_error",
    topic="rounding",
    title="Rounding to the nearest integer errs by at most one half",
    formula="|y - round(y)| ≤ 1/2; if y = n + 1/2, round(y) is the even neighbour, or n + 1",
    parameters=(ROUNDING,),
    build=lambda values: RoundError(values[ROUNDING]),
    theorems=(
        "round_error",
        "round_error_nearest",
        "round_error_ties",
        "round_error_attained",
        "round_error_least",
    ),
    library=(
        "PyOrch.isNearest_roundHalfEven",
        "PyOrch.isNearest_roundHalfUp",
        "PyOrch.IsNearest.ratAbs_le",
        "PyOrch.roundHalfEven_tie",
        "PyOrch.roundHalfUp_tie",
        "PyOrch.IsNearest.one_half_le",
    ),
    seeds=(SeedClaim("round_error", "003", "|x - ⌊x⌉| ≤ 1/2 for every real x"),),
)
