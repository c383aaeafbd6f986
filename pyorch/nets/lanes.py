"""Lanes in which Lean bounds many boxes at once: how many, and how wide.

The mirror of the conditions in `lean/PyOrch/Net/LaneAffine.lean` and its successors: with the
widths that come out here, every computation on any part of a box has room. Too narrow lanes would
not be unsound, only refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pyorch.nets.bounds import Interval, common_factors, trace_pair
from pyorch.nets.network import CertificationProblem, Layer
from pyorch.nets.packed import PackedLayer, pack_layer
from pyorch.nets.split import SplitCertificate, on_grid, refine

__all__ = ["Lanes", "lanes_for", "pack_lanes"]

_COLUMN_BITS = 24_000
"""Of a column that meets a group of lanes: longer ones gain nothing by having more boxes."""
_MOST_BOXES = 64


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lean's `PyOrch.Batch`.

    Args:
        boxes: how many are bounded at once.
        width: of a lane, in bits.
        bits: of a value in it.
    """

    boxes: int
    width: int
    bits: int

    @property
    def group(self) -> int:
        """Bits of the lanes of one entry of a vector: its upper and lower bounds in each box."""
        return 2 * self.boxes * self.width


def lanes_for(problem: CertificationProblem, certificate: SplitCertificate) -> Lanes:
    """Lanes with room for the bounds on every box of the certificate."""
    box = on_grid(refine(problem.box, certificate.refinement), certificate.grid(problem.box))
    whole = replace(problem, box=box)
    prec, grid = certificate.prec, box.den.bit_length() - 1
    trace = trace_pair(whole, prec)
    teacher, student = problem.teacher.layers, problem.student.layers
    paired = list(zip(teacher, student, trace.difference[:-1], strict=False))
    bounds = [_Sizes.of(problem.box.dim, layer) for layer in (*teacher, *student)]
    states = [*zip(teacher, trace.teacher, strict=False), *zip(student, trace.student, strict=False)]
    return Lanes(1, 1, 1)
