"""Interval and differential bounds of two networks, bit for bit as Lean computes them.

The mirror of `lean/PyOrch/Net/Bounds.lean`, function by function (names in snake case), so that
what is proposed here is what the kernel's check accepts. A bound is an integer over a denominator
known from the context: the box's for the inputs, unit = 2^prec after the first layer, to which
each layer rounds outward. While the layers of the two networks pair (same widths, same
activation), the difference is carried along: W_T·x_T − W_S·x_S = W_T·(x_T − x_S) + (W_T − W_S)·x_S.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from pyorch.nets.network import Activation, CertificationProblem, Layer

__all__ = [
    "PRECS",
    "Interval",
    "PairBounds",
    "PairTrace",
    "affine_bounds",
    "bound_pair",
    "choose_prec",
    "common_factors",
    "layer_pair_bounds",
    "pairs",
    "provable_epsilon",
    "round_down",
    "round_up",
    "smallest_epsilon",
    "trace_pair",
]

PRECS = (8, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 192, 256, 384, 512)
"""The precisions that are tried."""
_LOSS = Fraction(101, 100)


class Interval(NamedTuple):
    """The integers from lo to hi, as bounds of a numerator."""

    lo: int
    hi: int

    def add(self, other: Interval) -> Interval:
        return Interval(self.lo + other.lo, self.hi + other.hi)

    def sub(self, other: Interval) -> Interval:
        return Interval(self.lo - other.hi, self.hi - other.lo)

    def shift(self, c: int) -> Interval:
        return Interval(self.lo + c, self.hi + c)

    def inter(self, other: Interval) -> Interval:
        return Interval(max(self.lo, other.lo), min(self.hi, other.hi))

    def scale(self, w: int) -> Interval:
        return Interval(w * self.lo, w * self.hi) if w >= 0 else Interval(w * self.hi, w * self.lo)

    def round(self, unit: int, den: int) -> Interval:
        """From the denominator `den` to `unit`, outward."""
        return Interval(self.lo * unit // den, -(-(self.hi * unit) // den))

    def relu(self) -> Interval:
        return Interval(max(self.lo, 0), max(self.hi, 0))

    def relu_diff(self, t: Interval, s: Interval) -> Interval:
        """relu(t) − relu(s), from this interval of t − s and those of the two outputs."""
        return Interval(max(min(self.lo, t.lo), t.lo - s.hi), min(max(self.hi, -s.lo), t.hi - s.lo))


Intervals = Sequence[Interval]


@dataclass(frozen=True, slots=True)
class PairBounds:
    """Bounds over one denominator `den` for each output of the teacher, of the student, and of
    teacher minus student."""

    teacher: tuple[Interval, ...]
    student: tuple[Interval, ...]
    difference: tuple[Interval, ...]
    den: int

    @property
    def gaps(self) -> tuple[Fraction, ...]:
        """An upper bound of |T_i − S_i| for each output i."""
        return tuple(Fraction(max(-d.lo, d.hi), self.den) for d in self.difference)

    @property
    def gap(self) -> Fraction:
        """The largest of `gaps`: the smallest ε that these bounds prove."""
        return max(self.gaps)


@dataclass(frozen=True, slots=True)
class PairTrace:
    """The bounds between the layers.

    Args:
        teacher, student: before each layer, and after the last: tuples of intervals.
        difference: of teacher minus student, before each layer that is paired, and after the last
            of those.
    """

    teacher: tuple[tuple[Interval, ...], ...]
    student: tuple[tuple[Interval, ...], ...]
    difference: tuple[tuple[Interval, ...], ...]


def bound_pair(problem: CertificationProblem, prec: int) -> PairBounds:
    """Bounds of the problem's networks over its box, over the denominator 2^prec.

    Raises:
        ValueError: for a negative `prec`.
    """
    trace = trace_pair(problem, prec)
    teacher, student = trace.teacher[-1], trace.student[-1]
    if len(trace.teacher) == len(trace.student) == len(trace.difference):
        difference = trace.difference[-1]
    else:
        difference = tuple(map(Interval.sub, teacher, student))
    return PairBounds(teacher, student, difference, 1 << prec)


def trace_pair(problem: CertificationProblem, prec: int) -> PairTrace:
    """The bounds before and after every layer: over the box's denominator before the first, over
    2^prec from there on.

    Raises:
        ValueError: for a negative `prec`.
    """
    if prec < 0:
        raise ValueError(f"prec {prec} is negative")
    unit, box = 1 << prec, problem.box
    inputs = tuple(map(Interval, box.lo, box.hi))
    teacher, student = [inputs], [inputs]
    difference = [(Interval(0, 0),) * box.dim]
    d, paired = box.den, 0
    for t_layer, s_layer in zip(problem.teacher.layers, problem.student.layers, strict=False):
        if not pairs(t_layer, s_layer):
            break
        t, s, delta = layer_pair_bounds(
            unit, t_layer, s_layer, d, teacher[-1], student[-1], difference[-1]
        )
        teacher.append(t)
        student.append(s)
        difference.append(delta)
        d, paired = unit, paired + 1
    for network, states in ((problem.teacher, teacher), (problem.student, student)):
        below = d
        for layer in network.layers[paired:]:
            values = affine_bounds(unit, layer, below, states[-1])
            states.append(_activation_bounds(layer.activation, values))
            below = unit
    return PairTrace(tuple(teacher), tuple(student), tuple(difference))


def provable_epsilon(problem: CertificationProblem, prec: int) -> Fraction:
    """The smallest ε that the bounds prove at this precision, exactly (0 for equal networks)."""
    return bound_pair(problem, prec).gap


def smallest_epsilon(problem: CertificationProblem, prec: int) -> Fraction:
    """`provable_epsilon` rounded up to a decimal of three significant digits."""
    return round_up(provable_epsilon(problem, prec))


def choose_prec(problem: CertificationProblem) -> int:
    """A small precision that is enough.

    The smallest listed one that proves the problem's epsilon; where there is none or it is out of
    reach, the smallest whose ε is within 1 % of what the finest precision proves.
    """
    finest = provable_epsilon(problem, PRECS[-1])
    target = problem.epsilon
    if target is None or target < finest:
        target = finest * _LOSS
    return next((p for p in PRECS if provable_epsilon(problem, p) <= target), PRECS[-1])


def round_up(value: Fraction, digits: int = 3) -> Fraction:
    """The smallest number ≥ `value` ≥ 0 with at most that many significant decimal digits."""
    unit = _last_place(value, digits)
    return -(-value // unit) * unit


def round_down(value: Fraction, digits: int = 3) -> Fraction:
    """The largest number ≤ `value` with at most that many significant decimal digits; 0 below 0."""
    unit = _last_place(value, digits)
    return max(value // unit, 0) * unit


def _last_place(value: Fraction, digits: int) -> Fraction:
    """The weight of the last of that many significant digits."""
    unit = Fraction(1)
    if value > 0:
        while value >= unit * 10**digits:
            unit *= 10
        while value < unit * 10 ** (digits - 1):
            unit /= 10
    return unit


def _dot_bounds(row: Sequence[int], x: Intervals) -> Interval:
    lo = hi = 0
    for w, (x_lo, x_hi) in zip(row, x, strict=True):
        if w >= 0:
            lo += w * x_lo
            hi += w * x_hi
        else:
            lo += w * x_hi
            hi += w * x_lo
    return Interval(lo, hi)


def affine_bounds(unit: int, layer: Layer, d: int, x: Intervals) -> list[Interval]:
    return [
        _dot_bounds(row, x).shift(b * d).round(unit, layer.den * d)
        for row, b in zip(layer.weights, layer.bias, strict=True)
    ]


def _activation_bounds(activation: Activation, x: Intervals) -> tuple[Interval, ...]:
    return tuple(v.relu() for v in x) if activation is Activation.RELU else tuple(x)


def pairs(teacher: Layer, student: Layer) -> bool:
    """Whether the difference of two layers is bounded row by row."""
    return (
        teacher.activation is student.activation
        and teacher.output_dim == student.output_dim
        and teacher.input_dim == student.input_dim
    )


def common_factors(den1: int, den2: int) -> tuple[int, int]:
    """(k1, k2) with k1·den1 = k2·den2, small where one divides the other."""
    if den1 % den2 == 0:
        return 1, den1 // den2
    if den2 % den1 == 0:
        return den2 // den1, 1
    return den2, den1


def layer_pair_bounds(
    unit: int,
    teacher: Layer,
    student: Layer,
    d: int,
    x_teacher: Intervals,
    x_student: Intervals,
    x_difference: Intervals,
) -> tuple[tuple[Interval, ...], tuple[Interval, ...], tuple[Interval, ...]]:
    k1, k2 = common_factors(teacher.den, student.den)
    t = affine_bounds(unit, teacher, d, x_teacher)
    s = affine_bounds(unit, student, d, x_student)
    difference = []
    for row1, b1, row2, b2, t_i, s_i in zip(
        teacher.weights, teacher.bias, student.weights, student.bias, t, s, strict=True
    ):
        change = [k1 * v - k2 * w for v, w in zip(row1, row2, strict=True)]
        exact = (
            _dot_bounds(row1, x_difference)
            .scale(k1)
            .add(_dot_bounds(change, x_student))
            .shift((k1 * b1 - k2 * b2) * d)
        )
        rounded = exact.round(unit, k1 * teacher.den * d)
        difference.append(rounded.inter(t_i.sub(s_i)))
    t_out = _activation_bounds(teacher.activation, t)
    s_out = _activation_bounds(teacher.activation, s)
    if teacher.activation is Activation.RELU:
        difference = list(map(Interval.relu_diff, difference, t_out, s_out))
    return t_out, s_out, tuple(difference)
