"""A box in parts: trees of bisections, and the check that Lean makes of them.

The mirror of `lean/PyOrch/Net/Split.lean` and `SplitCertificate.lean`. A tree proves ε where the
bounds of `pyorch.nets.bounds` prove it on the box of every leaf; since a cut leaves a point on one
of its sides, whatever the cut is, any tree covers the box.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from pyorch.nets.bounds import bound_pair
from pyorch.nets.network import Box, CertificationProblem

__all__ = [
    "LEAF",
    "Corners",
    "Leaf",
    "Split",
    "SplitCertificate",
    "SplitTree",
    "count_leaves",
    "leaf_boxes",
    "leaf_gap",
    "leaf_proves",
    "refine",
]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A box that is not bisected."""


LEAF = Leaf()


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
    """

    epsilon: Fraction
    prec: int
    refinement: int
    tree: SplitTree

    @property
    def leaves(self) -> int:
        return count_leaves(self.tree)

    def proves(self, problem: CertificationProblem) -> bool:
        """What Lean's checker decides: the bounds prove ε on every leaf."""
        return self.first_failure(problem) is None

    def first_failure(self, problem: CertificationProblem) -> int | None:
        """The number of the first leaf, from 1, on which the bounds do not prove ε."""
        parts = leaf_boxes(self.tree, refine(problem.box, self.refinement))
        for number, part in enumerate(parts, 1):
            if not leaf_proves(problem, part, self.epsilon, self.prec):
                return number
        return None


def count_leaves(tree: SplitTree) -> int:
    """How many boxes the tree makes."""
    return 1 if isinstance(tree, Leaf) else count_leaves(tree.below) + count_leaves(tree.above)


def leaf_boxes(tree: SplitTree, box: Corners) -> Iterator[Corners]:
    """The boxes of the leaves, from left to right."""
    todo = [(tree, box)]
    while todo:
        node, part = todo.pop()
        if isinstance(node, Leaf):
            yield part
        else:
            todo.append((node.above, part.above(node.dim, node.cut)))
            todo.append((node.below, part.below(node.dim, node.cut)))


def leaf_proves(problem: CertificationProblem, part: Corners, epsilon: Fraction, prec: int) -> bool:
    """Whether the bounds prove ε on a part; of a part with crossed bounds, nothing."""
    if any(lo > hi for lo, hi in zip(part.lo, part.hi, strict=True)):
        return False
    return leaf_gap(problem, part, prec) <= epsilon


def leaf_gap(problem: CertificationProblem, part: Corners, prec: int) -> Fraction:
    """The smallest ε that the bounds prove on a part.

    Raises:
        ValueError: for crossed bounds.
    """
    return bound_pair(replace(problem, box=Box(part.lo, part.hi, part.den)), prec).gap


def _with_entry(values: tuple[int, ...], index: int, value: int) -> tuple[int, ...]:
    """The tuple with another entry; the same where it has no such entry."""
    if not 0 <= index < len(values):
        return values
    return (*values[:index], value, *values[index + 1 :])
