"""Affine forms of two networks' values, bit for bit as Lean computes them.

The mirror of `lean/PyOrch/Net/DualForms.lean`. The values of both networks are affine in symbols
between −1 and 1 that both share, up to a rest: one symbol for each input, and two for a pair of
neurons whose sign is open, if the certificate asks for them (affine arithmetic, de Figueiredo and
Stolfi, 2004; zonotopes). What both networks do alike then cancels on the way forward, and a layer
costs a product of its weights with each symbol's coefficients, whatever the depth.

Coefficients are integers over unit, rounded down, which changes a value by at most 1 for each
symbol: that goes into the rest, whose bounds are kept of the teacher, of the student and of their
difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pyorch.nets.bounds import Interval, layer_pair_bounds
from pyorch.nets.dual_neuron import chord, is_open, pair_gap, relu_gap
from pyorch.nets.dual_steps import Intervals
from pyorch.nets.network import Activation, Layer

__all__ = ["Forms", "Pair", "Symbol", "noise", "widest_gaps"]

_ZERO = Interval(0, 0)


class Symbol(NamedTuple):
    """A symbol's coefficients over unit in the teacher's values and in the student's; one past the
    end is 0."""

    teacher: tuple[int, ...]
    student: tuple[int, ...]


class Pair(NamedTuple):
    """Bounds over unit of the teacher's values, of the student's and of teacher minus student."""

    teacher: Intervals
    student: Intervals
    difference: Intervals

    def plus(self, other: Pair) -> Pair:
        return Pair(*(tuple(map(Interval.add, a, b)) for a, b in zip(self, other, strict=True)))

    def meet(self, other: Pair) -> Pair:
        """What both allow."""
        return Pair(*(tuple(map(Interval.inter, a, b)) for a, b in zip(self, other, strict=True)))

    def grow(self, most: int) -> Pair:
        return Pair(*(tuple(_grow(z, most) for z in side) for side in self))

    def scale(self, unit: int, factors: Sequence[int]) -> Pair:
        """Each neuron's values times its factor over unit."""
        return Pair(
            *(
                tuple(z.scale(k).round(1, unit) for k, z in zip(factors, side, strict=True))
                for side in self
            )
        )

    def cons(self, t: Interval, s: Interval, d: Interval) -> Pair:
        return Pair((t, *self.teacher), (s, *self.student), (d, *self.difference))


@dataclass(frozen=True, slots=True)
class Forms:
    """Affine forms: symbols, and bounds of what is left."""

    symbols: tuple[Symbol, ...]
    rest: Pair

    @property
    def bounds(self) -> Pair:
        """Of the values."""
        t, s, d = map(list, self.rest)
        for a, b in self.symbols:
            width = max(len(a), len(b))
            a, b = _padded(a, width), _padded(b, width)
            for i, (x, y) in enumerate(zip(a, b, strict=True)):
                t[i], s[i], d[i] = _grow(t[i], abs(x)), _grow(s[i], abs(y)), _grow(d[i], abs(x - y))
        return Pair(tuple(t), tuple(s), tuple(d))

    def through(self, unit: int, teacher: Layer, student: Layer) -> Forms:
        """Before the activations of two layers that pair."""
        t, s = (replace(layer, activation=Activation.IDENTITY) for layer in (teacher, student))
        rest = Pair(*layer_pair_bounds(unit, t, s, unit, *self.rest))
        symbols = tuple(Symbol(_image(teacher, a), _image(student, b)) for a, b in self.symbols)
        return Forms(symbols, rest.grow(len(symbols)))

    def relu(self, unit: int, z: Pair, mask: int) -> Forms:
        """After a ReLU, where z bounds the values before it: λ times those, and a gap that has
        symbols of its own where `mask` has the neuron's bit."""
        factors = [chord(unit, t) for t in z.teacher]
        more = noise(_gaps(unit, factors, z), mask)
        symbols = tuple(Symbol(_scaled(unit, factors, a), _scaled(unit, factors, b))
                        for a, b in self.symbols)  # fmt: skip
        rest = self.rest.scale(unit, factors).grow(len(symbols))
        return Forms(more.symbols + symbols, rest.plus(more.rest))


def noise(z: Pair, mask: int) -> Forms:
    """Forms of values of which only bounds are known: where `mask` has the bit, with symbols, one
    for both networks, and one for the difference, if that is not 0; or else a rest."""
    symbols: list[Symbol] = []
    rest = Pair((), (), ())
    for index, (t, s, d) in reversed(list(enumerate(zip(*z, strict=True)))):
        symbols = [Symbol((0, *a), (0, *b)) for a, b in symbols]
        if not mask >> index & 1:
            rest = rest.cons(t, s, d)
            continue
        center, radius = _middle(t)
        apart, reach = _middle(d)
        if d != _ZERO:
            symbols.insert(0, Symbol((), (-reach,)))
        symbols.insert(0, Symbol((radius,), (radius,)))
        rest = rest.cons(_point(center), _point(center - apart), _point(apart))
    return Forms(tuple(symbols), rest)


def widest_gaps(z: Pair, most: int) -> int:
    """The bits of so many neurons whose sign is open, those with the widest triangles."""
    widths = {
        index: max(-x.lo * x.hi // (x.hi - x.lo) for x in (t, s) if is_open(x))
        for index, (t, s) in enumerate(zip(z.teacher, z.student, strict=True))
        if is_open(t) or is_open(s)
    }
    return sum(1 << i for i in sorted(widths, key=lambda i: (-widths[i], i))[:most])


def _image(layer: Layer, c: Sequence[int]) -> tuple[int, ...]:
    return tuple(
        sum(w * x for w, x in zip(row, c, strict=False)) // layer.den for row in layer.weights
    )


def _scaled(unit: int, factors: Sequence[int], c: Sequence[int]) -> tuple[int, ...]:
    return tuple(k * x // unit for k, x in zip(factors, c, strict=False))


def _gaps(unit: int, factors: Sequence[int], z: Pair) -> Pair:
    """Bounds of relu(t) − λ·t, of relu(s) − λ·s and of the difference of the two."""
    t_gaps, s_gaps, d_gaps = [], [], []
    for k, t, s, d in zip(factors, *z, strict=True):
        t_gaps.append(_over(unit, relu_gap(-unit, -k, t), relu_gap(unit, k, t)))
        s_gaps.append(_over(unit, relu_gap(-unit, -k, s), relu_gap(unit, k, s)))
        below = pair_gap(-unit, unit, -k, k, t, s, d)
        d_gaps.append(_over(unit, below, pair_gap(unit, -unit, k, -k, t, s, d)))
    return Pair(tuple(t_gaps), tuple(s_gaps), tuple(d_gaps))


def _over(unit: int, below: int, above: int) -> Interval:
    return Interval(-below, above).round(1, unit)


def _middle(z: Interval) -> tuple[int, int]:
    """The middle rounded down, and the distance to the farther end."""
    center = (z.lo + z.hi) // 2
    return center, z.hi - center


def _point(c: int) -> Interval:
    return Interval(c, c)


def _grow(z: Interval, most: int) -> Interval:
    return Interval(z.lo - most, z.hi + most)


def _padded(c: tuple[int, ...], width: int) -> tuple[int, ...]:
    return c + (0,) * (width - len(c))
