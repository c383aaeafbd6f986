"""What floating point proposes of the boxes of a search: bounds on them, and where to bisect them.

Bounds by intervals in float64; an exact check has to confirm what they say.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pyorch.nets.float_bounds import FloatBounds
from pyorch.nets.network import Box, CertificationProblem
from pyorch.nets.paths import ROOT, above, below

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["FloatCuts", "Halves", "Node"]

_TRIED = 8  # coordinates that are tried for each box


@dataclass(frozen=True, slots=True)
class Node:
    """A box of a search.

    Args:
        path: its name, as in `pyorch.nets.paths`.
        depth: bisections on the way to it.
        lo, hi: its corners, shape (inputs,).
        gap: a bound on it in float64; those with the largest are bisected first.
    """

    path: str
    depth: int
    lo: Floats
    hi: Floats
    gap: float = -math.inf

    def __lt__(self, other: Node) -> bool:
        """The largest gap first."""
        return (-self.gap, self.path) < (-other.gap, other.path)

    @classmethod
    def root(cls, box: Box) -> Node:
        lo, hi = (np.array([float(x) for x in side]) for side in (box.lower, box.upper))
        return cls(ROOT, 0, lo, hi)

    def halves(self, dim: int) -> tuple[Node, Node]:
        """The parts below and above the middle of a coordinate."""
        middle = (self.lo[dim] + self.hi[dim]) / 2
        lo, hi = self.lo.copy(), self.hi.copy()
        lo[dim] = hi[dim] = middle
        depth = self.depth + 1
        return (
            Node(below(self.path, dim), depth, self.lo, hi),
            Node(above(self.path, dim), depth, lo, self.hi),
        )


@dataclass(frozen=True, slots=True)
class Halves:
    """A box that is bisected in a coordinate, and its parts."""

    node: Node
    dim: int
    low: Node
    high: Node


class FloatCuts:
    """Bounds of a problem's networks on boxes inside its own."""

    def __init__(self, problem: CertificationProblem) -> None:
        self._bounds = FloatBounds(problem)
        self._influence = self._bounds.influence()

    def bounded(self, nodes: Sequence[Node]) -> list[Node]:
        """The boxes with their bounds."""
        if not nodes:
            return []
        gaps = self._bounds.gaps(np.stack([n.lo for n in nodes]), np.stack([n.hi for n in nodes]))
        return [replace(n, gap=float(gap)) for n, gap in zip(nodes, gaps, strict=True)]

    def bisected(self, nodes: Sequence[Node]) -> list[Halves]:
        """Each box in the coordinate that leaves the smallest bounds; without those that are too
        thin for float64 to have a middle."""
        tried = [(node, dim) for node in nodes for dim in self._candidates(node)]
        children = self.bounded([half for node, dim in tried for half in node.halves(dim)])
        best: dict[str, tuple[tuple[float, float], Halves]] = {}
        for (node, dim), low, high in zip(tried, children[::2], children[1::2], strict=True):
            score = max(low.gap, high.gap), min(low.gap, high.gap)
            if node.path not in best or score < best[node.path][0]:
                best[node.path] = score, Halves(node, dim, low, high)
        return [halves for _, halves in best.values()]

    def _candidates(self, node: Node) -> list[int]:
        """The coordinates worth trying."""
        middle = (node.lo + node.hi) / 2
        wide = np.flatnonzero((node.lo < middle) & (middle < node.hi))
        order = np.argsort(-((node.hi - node.lo) * self._influence)[wide], kind="stable")
        return [int(dim) for dim in wide[order[:_TRIED]]]
