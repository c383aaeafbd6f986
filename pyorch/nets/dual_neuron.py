"""Linear relaxation of one neuron, and of a pair of neurons, in integers.

The mirror of `lean/PyOrch/Net/DualNeuron.lean`, where the names are those of here in camel case.
"""

from __future__ import annotations

from pyorch.nets.bounds import Interval

__all__ = ["chord", "is_open", "pair_gap", "pair_slopes", "relu_gap", "slope", "top"]


def top(c: int, x: Interval) -> int:
    """The largest c·x."""
    return c * x.hi if c >= 0 else c * x.lo


def is_open(z: Interval) -> bool:
    """The sign is open."""
    return z.lo < 0 < z.hi


def _signs(z: Interval) -> list[tuple[bool, Interval]]:
    """The part of z where a ReLU passes, and the one where it does not; at least one of them."""
    if z.lo >= 0:
        return [(True, z)]
    if z.hi <= 0:
        return [(False, z)]
    return [(True, Interval(0, z.hi)), (False, Interval(z.lo, 0))]


def relu_gap(a: int, p: int, z: Interval) -> int:
    """The largest a·relu(z) − p·z."""
    return max(top(a - p if on else -p, part) for on, part in _signs(z))


def pair_gap(a: int, b: int, p: int, q: int, t: Interval, s: Interval, delta: Interval) -> int:
    """A bound of a·relu(t) + b·relu(s) − p·t − q·s where t − s is in delta: each alone, if both
    signs are known (multipliers of use then make both zero), or else by the difference, too."""
    if not (is_open(t) or is_open(s)):
        return relu_gap(a, p, t) + relu_gap(b, q, s)
    return max(
        top_pair(a - p if t_on else -p, b - q if s_on else -q, t_part, s_part, delta)
        for t_on, t_part in _signs(t)
        for s_on, s_part in _signs(s)
    )


def top_pair(c: int, e: int, t: Interval, s: Interval, delta: Interval) -> int:
    """A bound of c·t + e·s = m·(t − s) + (c − m)·t + (e + m)·s by the best m; the largest value,
    where the bounds have a common point."""
    return min(
        top(c, t) + top(e, s),
        top(c, delta) + top(c + e, s),
        top(-e, delta) + top(c + e, t),
    )


def chord(c: int, z: Interval) -> int:
    """c times the slope of the chord of the ReLU over z."""
    if z.lo >= 0:
        return c
    return 0 if z.hi <= 0 else c * z.hi // (z.hi - z.lo)


def slope(c: int, z: Interval) -> int:
    """c times the slope of the line above the ReLU (c ≥ 0), or of one of those below it."""
    if c >= 0:
        return chord(c, z)
    return c if z.lo + z.hi >= 0 else 0


def pair_slopes(a: int, b: int, t: Interval, s: Interval, delta: Interval) -> tuple[int, int]:
    """Of t and of s: by the difference, where it has the narrower bounds, or each alone."""
    if delta.hi - delta.lo >= t.hi - t.lo:
        return slope(a, t), slope(b, s)
    if t.lo >= 0 and s.lo >= 0:
        p = a
    elif t.hi <= 0 and s.hi <= 0:
        p = 0
    else:
        p = chord(a, delta if a >= 0 else Interval(-delta.hi, -delta.lo))
    return p, slope(a + b, s) - p
