"""stochastic_rounding_error: rounding up or down at random, on a grid of steps.

The upper neighbour is taken with the probability that is the place of x between the neighbours,
in steps: less than a step of error, twice that of rounding to nearest, and none on average.
Definitions and proofs are in `lean/PyOrch/StochasticRounding.lean`; source: Gupta, Agrawal,
Gopalakrishnan, Narayanan, Deep Learning with Limited Numerical Precision (2015).
"""

from __future__ import annotations

import math
from abc import ABC
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, FormDefaults, Point, SeedClaim
from pyorch.claims.parameters import RationalParameter
from pyorch.claims.sampling import steps
from pyorch.model import Claim
from pyorch.names import identifier

if TYPE_CHECKING:
    import numpy as np
    import sympy
    from numpy.typing import NDArray

__all__ = [
    "STOCHASTIC_ROUNDING_ERROR",
    "Bias",
    "LargestError",
    "StochasticGrid",
    "StochasticRoundingError",
    "Variance",
]


@dataclass(frozen=True)
class StochasticGrid:
    """The multiples of a step, among which numbers are rounded at random, exactly.

    Attributes:
        step: s > 0, the distance between neighbours.
    """

    step: Fraction

    def outcomes(self, x: Fraction) -> tuple[tuple[Fraction, Fraction], ...]:
        """What x is rounded to: pairs of a probability and a number."""
        places = x / self.step
        up = places - math.floor(places)
        return (1 - up, math.floor(places) * self.step), (up, math.ceil(places) * self.step)

    def mean(self, x: Fraction) -> Fraction:
        return sum((p * y for p, y in self.outcomes(x)), Fraction(0))

    def variance(self, x: Fraction) -> Fraction:
        """The expectation of the squared error."""
        return sum((p * (y - x) ** 2 for p, y in self.outcomes(x)), Fraction(0))


@dataclass(frozen=True)
class _OnGrid(FormDefaults, ABC):
    """A form in one number x; samples are in steps."""

    grid: StochasticGrid

    inputs = ("x",)

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        return steps(rng, count, -100, 100, beyond=True).reshape(count, 1)

    def exact_point(self, sample: Sequence[float]) -> Point:
        return (self.grid.step * Fraction(sample[0]),)

    def corners(self) -> tuple[Point, ...]:
        tiny, huge = Fraction(1, 10**30), Fraction(10**30)
        places = (n + d for n in (-huge, -1, 0, 1, huge) for d in (-tiny, 0, tiny, Fraction(1, 2)))
        return tuple((self.grid.step * place,) for place in places)


@dataclass(frozen=True)
class LargestError(_OnGrid):
    """|outcome - x| < s, for both outcomes."""

    strict = True
    description = "the distance of x to the farther of the two outcomes"

    @property
    def bound(self) -> Fraction:
        return self.grid.step

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        x = samples[:, 0]
        error: NDArray[np.float64] = np.maximum(x - np.floor(x), np.ceil(x) - x)
        return error

    def quantity(self, point: Point) -> Fraction:
        return max(abs(y - point[0]) for _, y in self.grid.outcomes(point[0]))

    def explain(self, point: Point) -> str:
        (_, down), (_, up) = self.grid.outcomes(point[0])
        return f"{point[0]} is rounded to {down} or {up}, up to {self.quantity(point)} away"

    def symbolic_bound(self) -> Fraction | None:
        """The supremum of t·s, for x that lies t steps from its lower neighbour."""
        return self.grid.step * _greatest(lambda t: t)


@dataclass(frozen=True)
class Bias(_OnGrid):
    """|E(outcome) - x| = 0."""

    bound = Fraction(0)
    description = "the distance of x to the mean of the outcomes"

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        x = samples[:, 0]
        up = x - np.floor(x)
        bias: NDArray[np.float64] = np.abs((1 - up) * np.floor(x) + up * np.ceil(x) - x)
        return bias

    def quantity(self, point: Point) -> Fraction:
        return abs(self.grid.mean(point[0]) - point[0])

    def explain(self, point: Point) -> str:
        return f"the mean of the outcomes for {point[0]} is {self.grid.mean(point[0])}"


@dataclass(frozen=True)
class Variance(_OnGrid):
    """E((outcome - x)²) ≤ s²/4."""

    description = "the variance of the outcomes"

    @property
    def bound(self) -> Fraction:
        return self.grid.step**2 / 4

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        x = samples[:, 0]
        up = x - np.floor(x)
        variance: NDArray[np.float64] = (1 - up) * up
        return variance

    def quantity(self, point: Point) -> Fraction:
        return self.grid.variance(point[0])

    def explain(self, point: Point) -> str:
        return f"the variance of the outcomes for {point[0]} is {self.quantity(point)}"

    def symbolic_bound(self) -> Fraction | None:
        """The maximum of (1 - t)·(t·s)² + t·((1 - t)·s)², as for `LargestError`."""
        return self.grid.step**2 * _greatest(lambda t: (1 - t) * t**2 + t * (1 - t) ** 2)


@dataclass(frozen=True)
class StochasticRoundingError:
    """The claim for one grid."""

    grid: StochasticGrid

    @property
    def family(self) -> Family:
        return STOCHASTIC_ROUNDING_ERROR

    @property
    def variance_bound(self) -> Fraction:
        return Variance(self.grid).bound

    @property
    def claim(self) -> Claim:
        s = self.grid.step
        return Claim(
            name=self.family.name,
            title=f"Error of stochastic rounding to multiples of {s}",
            formula=(
                f"|outcome - x| < {s}, E(outcome) = x and E((outcome - x)²) ≤ {s**2 / 4}, where the"
                f" outcome is ⌈x/s⌉·s with probability x/s - ⌊x/s⌋, else ⌊x/s⌋·s, for s = {s}"
            ),
            parameters=(("scale", str(s)),),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (LargestError(self.grid), Bias(self.grid), Variance(self.grid))

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        return (f"stochastic_scale_{identifier(self.grid.step)}",)


def _greatest(of: Callable[[sympy.Expr], sympy.Expr]) -> Fraction:
    """The supremum of a function of t, 0 ≤ t < 1."""
    import sympy
    from sympy.calculus.util import maximum

    t = sympy.Symbol("t", real=True)
    value = maximum(of(t), t, sympy.Interval(0, 1))
    return Fraction(int(value.p), int(value.q))


SCALE = RationalParameter(
    "scale", "distance between neighbours on the grid", Fraction(1, 8), positive=True
)


STOCHASTIC_ROUNDING_ERROR = Family(
    name="stochastic_rounding_error",
    topic="rounding",
    title="Stochastic rounding errs by less than a step, and not at all on average",
    formula=(
        "|outcome - x| < s, E(outcome) = x and E((outcome - x)²) ≤ s²/4, where the outcome is"
        " ⌈x/s⌉·s with probability x/s - ⌊x/s⌋, else ⌊x/s⌋·s"
    ),
    parameters=(SCALE,),
    build=lambda values: StochasticRoundingError(StochasticGrid(values[SCALE])),
    theorems=(
        "stochastic_rounding_error",
        "stochastic_rounding_neighbours",
        "stochastic_rounding_probability",
        "stochastic_rounding_unbiased",
        "stochastic_rounding_variance",
        "stochastic_rounding_least",
    ),
    library=(
        "PyOrch.stochastic_rounding_error",
        "PyOrch.stochastic_neighbours",
        "PyOrch.stochasticProb_mem",
        "PyOrch.stochastic_rounding_unbiased",
        "PyOrch.stochastic_rounding_variance",
        "PyOrch.step_le_of_stochastic_error",
    ),
)
