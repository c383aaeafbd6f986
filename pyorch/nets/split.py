"""A box in parts: trees of bisections, and the check that Lean makes of them.

A tree proves ε where the bounds of `pyorch.nets.bounds` prove it on the box of every leaf; since a
cut leaves a point on one of its sides, whatever the cut is, any tree covers the box.

A box that is not cut is checked as it is (`check` in `lean/PyOrch/Net/Certificate.lean`). The boxes
that cuts leave are rounded outward to multiples of a power of two first, with which Lean's kernel
bounds many of them at once (`splitCheck` in `lean/PyOrch/Net/SplitCertificate.lean`); bounds of a
box whose denominator is a power of two are not changed by that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from pyorch.nets.bounds import bound_pair
from pyorch.nets.dual import DualBounds
from pyorch.nets.dual_steps import DualCertificate
from pyorch.nets.network import MAX_NUMERATOR_BITS, Box, CertificationProblem

__all__ = [
    "LEAF",
    "Corners",
    "Leaf",
    "Split",
    "SplitCertificate",
    "SplitTree",
    "count_leaves",
    "fits_on_grid",
    "grid_of",
    "leaf_boxes",
    "leaf_gap",
    "leaf_proves",
    "leaves_and_boxes",
    "leaves_of",
    "on_grid",
    "refine",
]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A box that is not bisected.

    Args:
        dual: multipliers that prove what is claimed of it, in place of intervals; only in trees of
            `pyorch.nets.goal_certificate`.
    """

    dual: DualCertificate | None = None


LEAF = Leaf()
_FINER = 17


@dataclass(frozen=True, slots=True)
class Split:
    """A box that is cut at a numerator in one coordinate.

    Args:
        dim: the coordinate, from 0.
        cut: numerator over the denominator of the refined box.
        below, above: how the two parts are bisected.
    """

    dim: int
    cut: int
    below: SplitTree
    above: SplitTree


SplitTree = Leaf | Split


@dataclass(frozen=True, slots=True)
class Corners:
    """What a tree makes of a box: bounds over a denominator that may be crossed, where a cut lies
    outside."""

    lo: tuple[int, ...]
    hi: tuple[int, ...]
    den: int

    def below(self, dim: int, cut: int) -> Corners:
        return replace(self, hi=_with_entry(self.hi, dim, cut))

    def above(self, dim: int, cut: int) -> Corners:
        return replace(self, lo=_with_entry(self.lo, dim, cut))


def refine(box: Box, refinement: int) -> Corners:
    """The box over a denominator that is 2^refinement times as large."""
    factor = 1 << refinement
    return Corners(
        tuple(v * factor for v in box.lo), tuple(v * factor for v in box.hi), box.den * factor
    )


@dataclass(frozen=True, slots=True)
class SplitCertificate:
    """A claim with the tree that should prove it.

    Args:
        epsilon: the bound on the difference of the outputs.
        prec: binary digits after the point in the bounds.
        refinement: cuts are numerators over 2^refinement times the denominator of the box.
        tree: how the box is bisected.
        dual: where the box is not bisected, multipliers that prove ε in place of intervals
            (`dualCheck` in `lean/PyOrch/Net/DualCertificate.lean`).
    """

    epsilon: Fraction
    prec: int
    refinement: int
    tree: SplitTree
    dual: DualCertificate | None = None

    @property
    def leaves(self) -> int:
        return count_leaves(self.tree)

    def proves(self, problem: CertificationProblem) -> bool:
        """What Lean's checker decides: the bounds prove ε on every leaf."""
        return self.first_failure(problem) is None

    def first_failure(self, problem: CertificationProblem) -> int | None:
        """The number of the first leaf, from 1, on which the bounds do not prove ε."""
        if self.dual is not None:
            bounds = DualBounds.of(problem, self.dual)
            proved = self.leaves == 1 and bounds.epsilon(self.dual) <= self.epsilon
            return None if proved else 1
        for number, part in enumerate(self.parts(problem.box), 1):
            if not leaf_proves(problem, part, self.epsilon, self.prec):
                return number
        return None

    def parts(self, box: Box) -> Iterator[Corners]:
        """The boxes that are checked, from left to right."""
        whole = refine(box, self.refinement)
        if isinstance(self.tree, Leaf):
            return iter((whole,))
        grid = self.grid(box)
        return (on_grid(part, grid) for part in leaf_boxes(self.tree, whole))

    def grid(self, box: Box) -> int:
        """The parts of the box are rounded outward to multiples of 2^-this."""
        return grid_of(box.den << self.refinement, self.prec)

    def hull(self, box: Box) -> Box:
        """The smallest box around those that are checked.

        Raises:
            ValueError: for bounds that are crossed or too long.
        """
        parts = list(self.parts(box))
        return Box(
            tuple(map(min, zip(*(part.lo for part in parts), strict=True))),
            tuple(map(max, zip(*(part.hi for part in parts), strict=True))),
            parts[0].den,
        )


def count_leaves(tree: SplitTree) -> int:
    """How many boxes the tree makes."""
    return sum(1 for _ in leaves_of(tree))


def grid_of(den: int, prec: int) -> int:
    """A grid that has all multiples of 1/den, or that is 2^16 times as fine; and not too coarse for
    the precision of the bounds."""
    power = den.bit_length() - 1
    return max(prec, power if den == 1 << power else power + _FINER)


def on_grid(part: Corners, grid: int) -> Corners:
    """The part rounded outward to multiples of 2^-grid."""
    unit = 1 << grid
    return Corners(
        tuple(v * unit // part.den for v in part.lo),
        tuple(-(-v * unit // part.den) for v in part.hi),
        unit,
    )


def fits_on_grid(box: Box, refinement: int, prec: int) -> bool:
    """Whether parts of the box over 2^refinement times its denominator may be boxes, rounded."""
    part = on_grid(refine(box, refinement), grid_of(box.den << refinement, prec))
    return max(v.bit_length() for v in (*part.lo, *part.hi, part.den)) <= MAX_NUMERATOR_BITS


def leaf_boxes(tree: SplitTree, box: Corners) -> Iterator[Corners]:
    """The boxes of the leaves, from left to right."""
    return (part for _, part in leaves_and_boxes(tree, box))


def leaves_of(tree: SplitTree) -> Iterator[Leaf]:
    """The leaves, from left to right."""
    if isinstance(tree, Leaf):
        yield tree
    else:
        yield from leaves_of(tree.below)
        yield from leaves_of(tree.above)


def leaves_and_boxes(tree: SplitTree, box: Corners) -> Iterator[tuple[Leaf, Corners]]:
    """The leaves with their boxes, from left to right."""
    todo = [(tree, box)]
    while todo:
        node, part = todo.pop()
        if isinstance(node, Leaf):
            yield node, part
        else:
            todo.append((node.above, part.above(node.dim, node.cut)))
            todo.append((node.below, part.below(node.dim, node.cut)))


def leaf_proves(problem: CertificationProblem, part: Corners, epsilon: Fraction, prec: int) -> bool:
    """Whether the bounds prove ε on a part; of one with crossed bounds, or with numbers of more
    bits than a box may have, nothing."""
    try:
        return leaf_gap(problem, part, prec) <= epsilon
    except ValueError:
        return False


def leaf_gap(problem: CertificationProblem, part: Corners, prec: int) -> Fraction:
    """The smallest ε that the bounds prove on a part.

    Raises:
        ValueError: for bounds that are crossed or too long.
    """
    return bound_pair(replace(problem, box=Box(part.lo, part.hi, part.den)), prec).gap


def _with_entry(values: tuple[int, ...], index: int, value: int) -> tuple[int, ...]:
    """The tuple with another entry; the same where it has no such entry."""
    if not 0 <= index < len(values):
        return values
    return (*values[:index], value, *values[index + 1 :])
