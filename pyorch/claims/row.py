"""Rows whose entries have different quantizers, by a pattern or by groups, and their errors."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from pyorch.claims.base import FormDefaults, Point, require
from pyorch.claims.quantizer import Quantizer, round_floats
from pyorch.claims.sampling import steps
from pyorch.names import identifier

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "MOST_QUANTIZERS",
    "EntryErrorBound",
    "Row",
    "UnguardedErrorBound",
    "identifiers",
    "one_each",
    "shares",
]

MOST_QUANTIZERS = 32
"""Entries of a table of quantizers: Lean takes some 30 ms for each."""

_SHOWN = 4
"""Quantizers that a formula spells out."""

_LONGEST = 60
"""Characters of a list of numbers in a Lean name; a digest stands for a longer one."""

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """How the entries of a row are quantized.

    Attributes:
        quantizers: in order; all break ties in the same way.
        run: how many neighbouring entries share a quantizer.
        repeats: the quantizers start again after the last one, endlessly; else the row ends there.
    """

    quantizers: tuple[Quantizer, ...]
    run: int = 1
    repeats: bool = False

    @property
    def length(self) -> int:
        """Entries that have a quantizer before the first one comes again."""
        return len(self.quantizers) * self.run

    def has(self, index: Fraction) -> bool:
        """Whether that is the index of an entry."""
        return index.denominator == 1 and index >= 0 and (self.repeats or index < self.length)

    def at(self, index: Fraction | int) -> Quantizer:
        """The quantizer of an entry."""
        return self.quantizers[int(index) // self.run % len(self.quantizers)]

    def bounds(self, place: str) -> str:
        """Error bounds and ranges of the first quantizers, in words; `place` is what has one."""
        shown = [
            f"{q.half_step} for {q.lowest} ≤ x ≤ {q.highest} at {place} {number} ({q.bits} bits)"
            for number, q in enumerate(self.quantizers[:_SHOWN])
        ]
        return "; ".join([*shown, *(["…"] if len(self.quantizers) > _SHOWN else [])])


@dataclass(frozen=True)
class _OfEntry(FormDefaults, ABC):
    """A form in an index i and a number x, which the quantizer of entry i rounds.

    A sample is the index, and x in steps from the zero point of that quantizer.
    """

    row: Row

    inputs = ("i", "x")

    @property
    @abstractmethod
    def everywhere(self) -> bool:
        """Whether x may lie outside of the quantizer's range."""

    @abstractmethod
    def units(self) -> Sequence[Fraction]:
        """What a step of each quantizer weighs in the quantity, up to a common factor."""

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        row = self.row
        parts = []
        for place, share in enumerate(shares(count, len(row.quantizers))):
            q = row.quantizers[place]
            period = rng.integers(0, 1000, share) if row.repeats else np.zeros(share, np.int64)
            first = (period * len(row.quantizers) + place) * row.run
            index = first + rng.integers(0, row.run, share)
            x = steps(rng, share, q.q_min - 0.5, q.q_max + 0.5, beyond=self.everywhere)
            parts.append(np.column_stack([index.astype(np.float64), x]))
        return np.concatenate(parts)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        row = self.row
        place = (samples[:, 0] // row.run).astype(np.int64) % len(row.quantizers)
        lowest = np.array([float(q.q_min) for q in row.quantizers])[place]
        greatest = np.array([float(q.q_max) for q in row.quantizers])[place]
        units = self.units()
        weight = np.array([float(u / max(units)) for u in units])[place]
        x = samples[:, 1]
        codes = np.clip(round_floats(x, row.quantizers[0].rounding), lowest, greatest)
        error: NDArray[np.float64] = np.abs(x - codes) * weight
        return error

    def exact_point(self, sample: Sequence[float]) -> Point:
        index, x = sample
        return Fraction(index), self.row.at(int(index)).at_steps(x)

    def corners(self) -> tuple[Point, ...]:
        tiny, huge = Fraction(1, 10**30), Fraction(10**30)
        points = set()
        for place, q in enumerate(self.row.quantizers):
            marks = (q.lowest, q.highest, q.lower, q.upper, q.zero_point, q.tie, Fraction(0))
            for index in {place * self.row.run, (place + 1) * self.row.run - 1}:
                for away in (Fraction(0), tiny, -tiny, q.scale, -q.scale, huge, -huge):
                    points |= {(Fraction(index), mark + away) for mark in marks}
        return tuple(sorted(points))

    def contains(self, point: Point) -> bool:
        index, x = point
        if not self.row.has(index):
            return False
        q = self.row.at(index)
        return self.everywhere or q.lowest <= x <= q.highest

    def explain(self, point: Point) -> str:
        index, x = point
        q = self.row.at(index)
        restored = q.restore(x)
        shown = f"({restored})" if restored < 0 else str(restored)
        return f"entry {index}: |{x} - {shown}| = {q.error(x)}"


@dataclass(frozen=True)
class EntryErrorBound(_OfEntry):
    """|x - D(Q(x))| ≤ s/2 for the quantizer of entry i and x in its range, as a multiple of s/2."""

    everywhere = False
    bound = Fraction(1)
    description = "errors as multiples of the bound of their entry, for every entry and x in range"

    def units(self) -> Sequence[Fraction]:
        return [Fraction(1)] * len(self.row.quantizers)

    def quantity(self, point: Point) -> Fraction:
        index, x = point
        q = self.row.at(index)
        return q.error(x) / q.half_step

    def explain(self, point: Point) -> str:
        half = self.row.at(point[0]).half_step
        return f"{super().explain(point)} is {self.quantity(point)} times {half}"

    def symbolic_bound(self) -> Fraction | None:
        """The greatest error over the numbers nearest to one code, over s/2, for symbolic s."""
        import sympy
        from sympy.calculus.util import maximum

        s = sympy.Symbol("s", positive=True)
        t = sympy.Symbol("t", real=True)
        half = sympy.Rational(1, 2)
        ratio = sympy.simplify(sympy.Abs(t * s) / (s / 2))
        value = maximum(ratio, t, sympy.Interval(-half, half))
        return Fraction(int(value.p), int(value.q))


@dataclass(frozen=True)
class UnguardedErrorBound(_OfEntry):
    """|x - D(Q(x))| ≤ half of the greatest scale, for every entry and every x."""

    everywhere = True
    description = "the seed's form, for every entry and every x"

    @property
    def bound(self) -> Fraction:
        return max(q.half_step for q in self.row.quantizers)

    def units(self) -> Sequence[Fraction]:
        return [q.scale for q in self.row.quantizers]

    def quantity(self, point: Point) -> Fraction:
        index, x = point
        return self.row.at(index).error(x)


def shares(count: int, parts: int) -> list[int]:
    """`count` in so many parts of about the same size."""
    return [len(range(part, count, parts)) for part in range(parts)]


def one_each(given: tuple[T, ...], count: int, claim: str, name: str, each: str) -> tuple[T, ...]:
    """`given`, or its single value for all.

    Args:
        count: how many are needed.
        claim: name of the family, for the message.
        name: of the parameter.
        each: what has one each, in the singular.

    Raises:
        UsageError: for another number of values.
    """
    require(
        len(given) in (1, count),
        claim,
        f"{name} with one value for each {each}, or one for all",
        f"there are {len(given)} for {count}",
    )
    return given if len(given) == count else given * count


def identifiers(values: Iterable[Fraction | int]) -> str:
    """Numbers as a part of a Lean identifier, with a digest where that is long."""
    text = "__".join(identifier(Fraction(value)) for value in values)
    if len(text) <= _LONGEST:
        return text
    digest = hashlib.sha256(text.encode()).digest()[:8]
    return f"sha256_{int.from_bytes(digest)}"
