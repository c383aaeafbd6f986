"""Layers with errors and Lipschitz constants, and the affine ones that are sampled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from pyorch.claims.base import FormDefaults, Point
from pyorch.nets.bounds import round_up

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["AffineLayers", "LayerBounds", "UnboundedLipschitz"]

SHOWN_DIGITS = 40
"""A bound whose numerator and denominator have more is rounded."""


@dataclass(frozen=True)
class LayerBounds:
    """What is known of each layer, first layer first: all alike, or one by one.

    Attributes:
        layers: how many there are.
        errors: bounds on the layers' own errors, one for all or one for each.
        lipschitz: Lipschitz constants, one for all or one for each.
    """

    layers: int
    errors: tuple[Fraction, ...]
    lipschitz: tuple[Fraction, ...]

    @property
    def alike(self) -> bool:
        return len(self.errors) == len(self.lipschitz) == 1

    @property
    def pairs(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """Error and Lipschitz constant of every layer."""
        errors, lipschitz = (
            values * self.layers if len(values) == 1 else values
            for values in (self.errors, self.lipschitz)
        )
        return tuple(zip(errors, lipschitz, strict=True))

    @property
    def largest_error(self) -> Fraction:
        return max(self.errors)

    @cached_property
    def total(self) -> Fraction:
        """Σ_l e_l Π_{j>l} L_j, as the definition says."""
        total, product = Fraction(0), Fraction(1)
        for error, lipschitz in reversed(self.pairs):
            total += error * product
            product *= lipschitz
        return total

    def rounded(self, value: Fraction, to: Callable[[Fraction, int], Fraction]) -> Fraction:
        """The value as it is where the least bound is short; else rounded to 12 digits.

        Rounding everything up, or everything down, changes no comparison with what is rounded.
        """
        long = self.total.numerator * self.total.denominator >= 10**SHOWN_DIGITS
        return to(value, 12) if long else value


def _gap(x: Fraction, layers: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    """|exact - computed| behind layers a·x that are computed as a·x + b, given as (a, b).

    Over a common denominator: lowest terms after each layer would take most of the time.
    """
    exact = computed = x.numerator
    den = x.denominator
    for a, b in layers:
        exact *= a.numerator * b.denominator
        computed = a.numerator * computed * b.denominator + b.numerator * a.denominator * den
        den *= a.denominator * b.denominator
    return Fraction(abs(exact - computed), den)


@dataclass(frozen=True)
class AffineLayers(FormDefaults):
    """|exact - computed| behind layers a·x, computed as a·x + b, with |a| ≤ L and |b| ≤ e.

    A point is the input and then a/L and b/e of every layer, from -1 to 1. The quantity is rounded
    up where the bound is.
    """

    bounds: LayerBounds
    bound: Fraction

    @property
    def inputs(self) -> tuple[str, ...]:
        numbers = range(1, self.bounds.layers + 1)
        return ("x", *(name for i in numbers for name in (f"slope_{i}", f"offset_{i}")))

    @property
    def description(self) -> str:
        return f"error of {self.bounds.layers} layers within their bounds"

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        rows = min(count, 1 + 100_000 // self.bounds.layers)
        # quarters keep exact evaluation quick; extremes are what comes near the bound
        sides = rng.integers(-4, 4, (rows, len(self.inputs)), endpoint=True) / 4
        extreme = rng.random((rows, 1)) < rng.random((rows, len(self.inputs)))
        points: NDArray[np.float64] = np.where(extreme, np.where(sides < -0.5, -1.0, 1.0), sides)
        return points

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        exact = computed = samples[:, 0]
        slopes, offsets = samples[:, 1::2].T, samples[:, 2::2].T
        for (error, lipschitz), a, b in zip(self.bounds.pairs, slopes, offsets, strict=True):
            slope = a * float(lipschitz)
            exact, computed = slope * exact, slope * computed + b * float(error)
        gap: NDArray[np.float64] = np.nan_to_num(np.abs(exact - computed))
        return gap

    def exact_point(self, sample: Sequence[float]) -> Point:
        return tuple(map(Fraction, sample))

    def corners(self) -> tuple[Point, ...]:
        sides = [(x, a, b) for x in (0, 1) for a in (-1, 0, 1) for b in (-1, 0, 1)]
        return tuple(tuple(map(Fraction, (x, *(a, b) * self.bounds.layers))) for x, a, b in sides)

    def contains(self, point: Point) -> bool:
        return len(point) == len(self.inputs) and all(-1 <= side <= 1 for side in point[1:])

    def quantity(self, point: Point) -> Fraction:
        layers = zip(self.bounds.pairs, point[1::2], point[2::2], strict=True)
        gap = _gap(point[0], ((a * lipschitz, b * error) for (error, lipschitz), a, b in layers))
        return self.bounds.rounded(gap, round_up)

    def explain(self, point: Point) -> str:
        return f"|exact - computed| = {self.quantity(point)}"

    def symbolic_bound(self) -> Fraction | None:
        """The geometric sum in closed form, where all layers are alike."""
        if not self.bounds.alike:
            return None
        import sympy

        e, ratio = sympy.symbols("e L", positive=True)
        count, i = sympy.symbols("n i", integer=True, positive=True)
        error, lipschitz = (
            sympy.Rational(value.numerator, value.denominator) for value in self.bounds.pairs[0]
        )
        if lipschitz == 0:
            return self.bounds.largest_error
        # Piecewise: n·e where L = 1, else e·(Lⁿ - 1)/(L - 1)
        closed = sympy.summation(e * ratio ** (count - i), (i, 1, count))
        value = closed.subs({ratio: lipschitz, count: self.bounds.layers, e: error})
        return self.bounds.rounded(Fraction(int(value.p), int(value.q)), round_up)


@dataclass(frozen=True)
class UnboundedLipschitz(FormDefaults):
    """The error of layers L·x computed as L·x + e, from the input 0, for whatever L ≥ 0."""

    layers: int
    error: Fraction

    inputs = ("lipschitz",)

    @property
    def description(self) -> str:
        return "the seed's form, for layers with any Lipschitz constant"

    @property
    def bound(self) -> Fraction:
        return self.layers * self.error

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        constants: NDArray[np.float64] = rng.integers(0, 16, (min(count, 1000), 1)) / 4
        return constants

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        total = np.zeros(len(samples))
        for _ in range(self.layers):
            total = total * samples[:, 0] + 1
        return total

    def exact_point(self, sample: Sequence[float]) -> Point:
        return (Fraction(sample[0]),)

    def corners(self) -> tuple[Point, ...]:
        return tuple((Fraction(constant),) for constant in (0, 1, 2))

    def contains(self, point: Point) -> bool:
        return point[0] >= 0

    def quantity(self, point: Point) -> Fraction:
        return _gap(Fraction(0), ((point[0], self.error),) * self.layers)

    def explain(self, point: Point) -> str:
        (constant,) = point
        return (
            f"{self.layers} layers {constant}·x, computed as {constant}·x + {self.error}, turn 0"
            f" into {self.quantity(point)}"
        )
