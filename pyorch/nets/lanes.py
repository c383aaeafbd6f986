"""Lanes in which Lean bounds many boxes at once: how many, and how wide.

The conditions of `lean/PyOrch/Net/LaneAffine.lean` and the files after it: in the lanes that come
out here, every computation on any part of a box has room. Too narrow ones would not be unsound;
Lean would refuse the certificate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pyorch.nets.bounds import Interval, PairTrace, common_factors, trace_pair
from pyorch.nets.network import Box, CertificationProblem, Layer
from pyorch.nets.packed import PackedLayer, pack_layer, signed_bits
from pyorch.nets.split import (
    LEAF,
    Corners,
    SplitCertificate,
    grid_of,
    leaf_proves,
    on_grid,
    refine,
)

__all__ = ["Lanes", "lane_grid", "lanes_for", "lanes_for_whole", "pack_lanes"]

_MOST_COORDINATES = 2_000
"""Of all boxes together: what the kernel's recursion on the embedded Lean's stack bears."""
_MOST_BOXES = 64
_COLUMN_BITS = 64_000
"""Length of a column up to which the kernel gains from more boxes."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lean's `PyOrch.Batch`.

    Args:
        boxes: that are bounded at once.
        width: of a lane, in bits.
        bits: of a value in a lane.
    """

    boxes: int
    width: int
    bits: int

    @property
    def group(self) -> int:
        """Bits of one entry of a vector: its upper and its lower bound in each box."""
        return 2 * self.boxes * self.width


@dataclass(frozen=True, slots=True)
class _Product:
    """A matrix of integers and a bound of what it is multiplied with."""

    rows: tuple[tuple[int, ...], ...]
    offset_bits: int
    largest: int
    is_difference: bool

    @property
    def reach(self) -> int:
        """A bound of the products."""
        return max(sum(map(abs, row)) for row in self.rows) * self.largest


@dataclass(frozen=True, slots=True)
class _Step:
    """An affine map as a lane computes it: products and biases, divided by 2^shift.

    Args:
        factor: of the first product.
        bias_offset: at least the absolute value of each bias.
        depth: the biases are multiplied by 2^depth.
    """

    products: tuple[_Product, ...]
    factor: int
    bias: tuple[int, ...]
    bias_offset: int
    depth: int
    shift: int
    is_difference: bool

    @property
    def reach(self) -> int:
        """A bound of the values, rounded."""
        first, *others = (p.reach for p in self.products)
        sums = self.factor * first + sum(others)
        return ((sums + (max(map(abs, self.bias)) << self.depth)) >> self.shift) + 1

    def width(self, bits: int) -> int:
        """Of the lanes, for values of that many bits."""
        first, *others = (
            len(p.rows[0]) << (p.offset_bits + bits + p.is_difference) for p in self.products
        )
        total = self.factor * first + sum(others)
        total += 2 * self.bias_offset << self.depth
        total += 1 << (self.shift + bits + self.is_difference)
        return 1 + (total - 1).bit_length()


def lane_grid(problem: CertificationProblem, refinement: int, prec: int) -> int:
    """Lean rounds boxes outward to multiples of 2^-this.

    Where the denominator of the box is a power of two it is enough, if the first layers leave bits
    to be rounded away; then Lean has nothing to round.
    """
    den = problem.box.den << refinement
    power = den.bit_length() - 1
    if den != 1 << power:
        return grid_of(den, prec)
    first = min(network.layers[0].den for network in (problem.teacher, problem.student))
    return max(power, prec - (first.bit_length() - 1))


def lanes_for(problem: CertificationProblem, certificate: SplitCertificate) -> Lanes:
    """Lanes with room for the bounds on every box of the certificate.

    Raises:
        ValueError: for a certificate that proves nothing, since its boxes are no boxes.
    """
    hull = certificate.hull(problem.box)
    grid = lane_grid(problem, certificate.refinement, certificate.prec)
    part = on_grid(Corners(hull.lo, hull.hi, hull.den), grid)
    whole = replace(problem, box=Box(part.lo, part.hi, part.den))
    steps = list(_steps(whole, certificate.prec))
    inputs = max(map(abs, (*whole.box.lo, *whole.box.hi)))
    epsilon = (certificate.epsilon.numerator << certificate.prec) // certificate.epsilon.denominator
    bits = 1 + max(
        inputs.bit_length(),
        epsilon.bit_length(),
        *(step.reach.bit_length() - step.is_difference for step in steps),
    )
    width = max(bits + 2, *(step.width(bits) for step in steps))
    rows = max(len(step.bias) for step in steps)
    boxes = min(_COLUMN_BITS // (4 * width * rows), _MOST_COORDINATES // problem.box.dim)
    return Lanes(max(1, min(boxes, _MOST_BOXES, certificate.leaves)), width, bits)


def lanes_for_whole(
    problem: CertificationProblem, epsilon: Fraction, prec: int
) -> tuple[Lanes, int] | None:
    """Lanes for the box that is not bisected, and the grid to which Lean rounds it outward.

    None where the bounds on the rounded box do not prove ε; on the box as it is they may. A box
    whose denominator is a power of two is not changed.
    """
    grid = lane_grid(problem, 0, prec)
    part = on_grid(refine(problem.box, 0), grid)
    if not leaf_proves(problem, part, epsilon, prec):
        return None
    return lanes_for(problem, SplitCertificate(epsilon, prec, 0, LEAF)), grid


def pack_lanes(
    problem: CertificationProblem, lanes: Lanes
) -> tuple[tuple[PackedLayer, ...], tuple[PackedLayer, ...]]:
    """Teacher and student in packed form, their rows as far apart as the groups of lanes."""
    teacher, student = (
        tuple(pack_layer(layer, lanes.group) for layer in network.layers)
        for network in (problem.teacher, problem.student)
    )
    return teacher, student


def _steps(problem: CertificationProblem, prec: int) -> Iterable[_Step]:
    """Every affine map of both networks, and of the difference of paired layers.

    Of paired layers Lean computes the student's with the difference, its weights offset like those;
    the difference needs more room in any case.
    """
    trace = trace_pair(problem, prec)
    depth = problem.box.den.bit_length() - 1
    for network, states in (
        (problem.teacher, trace.teacher),
        (problem.student, trace.student),
    ):
        for index, (layer, x) in enumerate(zip(network.layers, states, strict=False)):
            yield _single(layer, x, depth if index == 0 else prec, prec)
    yield from _differences(problem, trace, depth, prec)


def _single(layer: Layer, x: Sequence[Interval], depth: int, prec: int) -> _Step:
    product = _Product(layer.weights, _offset_bits(layer), _largest(x), False)
    shift = _shift(layer.den, depth, prec)
    return _Step((product,), 1, layer.bias, _bias_offset(layer), depth, shift, False)


def _differences(
    problem: CertificationProblem, trace: PairTrace, depth: int, prec: int
) -> Iterable[_Step]:
    layers = zip(problem.teacher.layers, problem.student.layers, strict=False)
    for (t, s), delta, x in zip(layers, trace.difference[:-1], trace.student, strict=False):
        k1, k2 = common_factors(t.den, s.den)
        change = tuple(
            tuple(k1 * v - k2 * w for v, w in zip(row1, row2, strict=True))
            for row1, row2 in zip(t.weights, s.weights, strict=True)
        )
        offset = ((k1 << _offset_bits(t)) + (k2 << _offset_bits(s))).bit_length()
        yield _Step(
            (
                _Product(t.weights, _offset_bits(t), _largest(delta), True),
                _Product(change, offset, _largest(x), False),
            ),
            k1,
            tuple(k1 * b - k2 * c for b, c in zip(t.bias, s.bias, strict=True)),
            k1 * _bias_offset(t) + k2 * _bias_offset(s),
            depth,
            _shift(k1 * t.den, depth, prec),
            True,
        )
        depth = prec


def _offset_bits(layer: Layer) -> int:
    """The weights are stored as w + 2^this."""
    return pack_layer(layer, 1 << 20).bits - 1


def _bias_offset(layer: Layer) -> int:
    """The biases are stored as b + this."""
    return 1 << (signed_bits(layer.bias) - 1)


def _largest(x: Sequence[Interval]) -> int:
    return max(abs(v) for interval in x for v in interval)


def _shift(den: int, depth: int, prec: int) -> int:
    return den.bit_length() - 1 + depth - prec
