"""Branch and bound: where to bisect a box so that the bounds prove an ε on every part.

Bounds in float64 propose; a leaf counts as proved when the exact bounds, which Lean's kernel
repeats, prove ε on it. For a given ε the tree depends on the problem alone: a box is bisected
exactly where its bound is above ε. Without an ε the box with the largest bound is bisected next, so
that whatever the budget allows, the largest bound left is an ε for the whole box.
"""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from pyorch.nets.bounds import round_up
from pyorch.nets.float_bounds import FloatBounds
from pyorch.nets.leaf_gaps import Gaps
from pyorch.nets.network import Box, CertificationProblem
from pyorch.nets.paths import ROOT, above, below, corners, leaf_paths, tree_of
from pyorch.nets.pool import Pool
from pyorch.nets.search_log import SearchLog
from pyorch.nets.split import SplitCertificate, fits_on_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Budget", "SearchProgress", "Splitting", "search"]

_BATCH = 64  # boxes that are bisected at once
_TRIED = 8  # coordinates that are tried for each of them
_TASK = 8  # leaves that a worker checks at once
_MAX_DEPTH = 200  # bisections of one box
_EVERY = 1.0  # seconds between two reports of progress


@dataclass(frozen=True, slots=True)
class Budget:
    """When to stop: seconds of search, and leaves."""

    seconds: float
    leaves: int


@dataclass(frozen=True, slots=True)
class SearchProgress:
    """How far a search is.

    Args:
        proved: leaves on which ε is proved.
        open: boxes on which it is not yet.
        volume: share of the box's volume that is proved.
        epsilon: the largest bound on any box that is not to be bisected further, in float64.
    """

    proved: int
    open: int
    volume: float
    epsilon: float


@dataclass(frozen=True, slots=True)
class Splitting:
    """What a search came to.

    Args:
        certificate: proves its ε on the whole box; None where boxes are open.
        proved: leaves on which ε is proved.
        open: boxes on which it is not.
        volume: share of the box's volume that is proved.
        resumed: leaves that an earlier run had proved.
        worst: the box with the largest bound that is left.
    """

    certificate: SplitCertificate | None
    proved: int
    open: int
    volume: float
    resumed: int
    worst: Box


def search(
    problem: CertificationProblem,
    prec: int,
    pool: Pool[Sequence[str], Gaps],
    log: SearchLog,
    budget: Budget,
    *,
    progress: Callable[[SearchProgress], None] | None = None,
) -> Splitting:
    """Bisect the problem's box until the bounds prove its ε, or a small one if it has none.

    Args:
        prec: of the exact bounds.
        pool: runs `pyorch.nets.leaf_gaps.LeafGaps(problem, prec)`.
        log: what is known from an earlier run is used, what is found is added.
    """
    return _Search(problem, prec, pool, log, budget, progress or _ignore).run()


def _ignore(_: SearchProgress) -> None:
    pass


@dataclass(frozen=True, slots=True)
class _Node:
    path: str
    depth: int
    lo: Floats
    hi: Floats
    gap: float = math.inf

    def __lt__(self, other: _Node) -> bool:
        """The largest gap first."""
        return (-self.gap, self.path) < (-other.gap, other.path)

    def halves(self, dim: int) -> tuple[_Node, _Node]:
        middle = (self.lo[dim] + self.hi[dim]) / 2
        lo, hi = self.lo.copy(), self.hi.copy()
        lo[dim] = hi[dim] = middle
        depth = self.depth + 1
        return (
            _Node(below(self.path, dim), depth, self.lo, hi),
            _Node(above(self.path, dim), depth, lo, self.hi),
        )


class _Search:
    def __init__(
        self,
        problem: CertificationProblem,
        prec: int,
        pool: Pool[Sequence[str], Gaps],
        log: SearchLog,
        budget: Budget,
        progress: Callable[[SearchProgress], None],
    ) -> None:
        self._problem, self._prec, self._pool, self._log = problem, prec, pool, log
        self._budget, self._progress = budget, progress
        self._deadline = time.monotonic() + budget.seconds
        self._reported = -math.inf
        self._bounds = FloatBounds(problem)
        self._influence = self._bounds.influence()
        epsilon = problem.epsilon
        self._target = -math.inf if epsilon is None else float(epsilon)
        self._max_depth = next(
            (d for d in range(_MAX_DEPTH, 0, -1) if fits_on_grid(problem.box, d, prec)), 0
        )
        self._open: list[_Node] = []  # a heap: boxes to bisect
        self._stuck: list[_Node] = []  # boxes that cannot be bisected
        self._ready: list[_Node] = []  # boxes whose bound is small enough in float64
        self._proved = 0
        self._volume = 0.0
        self._gaps: dict[str, float] = {}  # of all boxes that were bisected

    def run(self) -> Splitting:
        self._resume()
        resumed = self._proved
        epsilon = self._problem.epsilon
        certificate = self._find() if epsilon is None else self._prove(epsilon)
        left = [*self._open, *self._stuck]
        worst = corners(self._problem.box, min(left).path if left else ROOT)
        return Splitting(
            certificate,
            self._proved,
            len(left),
            self._volume,
            resumed,
            Box(worst.lo, worst.hi, worst.den),
        )

    def _prove(self, epsilon: Fraction) -> SplitCertificate | None:
        """Bisect until ε is proved everywhere."""
        while not self._is_over() and (self._open or self._ready):
            self._bisect(_BATCH)
            if not self._open or len(self._ready) >= _BATCH * _TASK:
                self._confirm(epsilon)
            self._report(self._target)
        self._confirm(epsilon)
        if self._open or self._stuck:
            return None
        return self._certificate(epsilon, self._splits)

    def _find(self) -> SplitCertificate:
        """Bisect what is worst, then take the ε that is left."""
        while not self._is_over() and self._open:
            worst = self._open[0].gap
            self._bisect(max(1, min(_BATCH, len(self._open) // 8)))
            self._report(worst)
        left = min([*self._open, *self._stuck]).gap
        # a box whose bound is small enough was bisected for nothing
        bound = float(round_up(Fraction(left)))
        splits = {path: dim for path, dim in self._splits.items() if self._gaps[path] > bound}
        exact = max(gap for _, gap in self._exact_gaps(leaf_paths(splits)))
        return self._certificate(round_up(exact), splits)

    def _certificate(self, epsilon: Fraction, splits: dict[str, int]) -> SplitCertificate:
        tree, refinement = tree_of(self._problem.box, splits)
        return SplitCertificate(epsilon, self._prec, refinement, tree)

    @property
    def _splits(self) -> dict[str, int]:
        """What the log says of the boxes that were bisected; it may know of more."""
        return {path: self._log.splits[path] for path in self._gaps}

    @property
    def _room(self) -> int:
        """How many boxes may still be bisected."""
        leaves = len(self._open) + len(self._stuck) + len(self._ready) + self._proved
        return self._budget.leaves - leaves

    def _is_over(self) -> bool:
        return time.monotonic() > self._deadline or self._room <= 0

    def _resume(self) -> None:
        """The tree as far as the log knows it, and the budget allows."""
        lo, hi = (
            np.array([float(x) for x in side])
            for side in (self._problem.box.lower, self._problem.box.upper)
        )
        level = [_Node(ROOT, 0, lo, hi)]
        room = self._budget.leaves - 1
        while level:
            bounded = self._bounded(level)
            level = []
            for node in bounded:
                dim = self._log.splits.get(node.path)
                if dim is not None and room > 0:
                    room -= 1
                    self._gaps[node.path] = node.gap
                    level += node.halves(dim)
                elif node.path in self._log.proved:
                    self._count(node)
                else:
                    self._sort(node)

    def _bisect(self, count: int) -> None:
        """Bisect the worst boxes, each in the coordinate that leaves the smallest bounds."""
        count = min(count, len(self._open), self._room)
        tried = [
            (node, dim)
            for node in (heapq.heappop(self._open) for _ in range(count))
            for dim in self._candidates(node)
        ]
        children = self._bounded([half for node, dim in tried for half in node.halves(dim)])
        best: dict[str, tuple[tuple[float, float], int, _Node, _Node, _Node]] = {}
        for (node, dim), low, high in zip(tried, children[::2], children[1::2], strict=True):
            score = max(low.gap, high.gap), min(low.gap, high.gap)
            if node.path not in best or score < best[node.path][0]:
                best[node.path] = score, dim, node, low, high
        for _, _, node, low, high in best.values():
            self._gaps[node.path] = node.gap
            self._sort(low)
            self._sort(high)
        self._log.split((path, dim) for path, (_, dim, *_) in best.items())

    def _candidates(self, node: _Node) -> Iterable[int]:
        """The coordinates worth trying; a box that has none is stuck."""
        widths = node.hi - node.lo
        middle = (node.lo + node.hi) / 2
        wide = np.flatnonzero((node.lo < middle) & (middle < node.hi))
        if node.depth >= self._max_depth or not len(wide):
            self._stuck.append(node)
            return []
        order = np.argsort(-(widths * self._influence)[wide], kind="stable")
        return [int(dim) for dim in wide[order[:_TRIED]]]

    def _bounded(self, nodes: list[_Node]) -> list[_Node]:
        if not nodes:
            return []
        gaps = self._bounds.gaps(np.stack([n.lo for n in nodes]), np.stack([n.hi for n in nodes]))
        return [replace(n, gap=float(gap)) for n, gap in zip(nodes, gaps, strict=True)]

    def _sort(self, node: _Node) -> None:
        if node.gap <= self._target:
            self._ready.append(node)
        else:
            heapq.heappush(self._open, node)

    def _confirm(self, epsilon: Fraction) -> None:
        """Check exactly what is ready; what fails has to be bisected."""
        nodes = {node.path: node for node in self._ready}
        self._ready = []
        for path, gap in self._exact_gaps(nodes):
            if gap <= epsilon:
                self._count(nodes[path])
                self._log.prove([path])
                self._report(self._target)
            else:
                above_target = math.nextafter(self._target, math.inf)
                heapq.heappush(self._open, replace(nodes[path], gap=above_target))

    def _exact_gaps(self, paths: Iterable[str]) -> Iterator[tuple[str, Fraction]]:
        todo = list(paths)
        tasks = (todo[i : i + _TASK] for i in range(0, len(todo), _TASK))
        for result in self._pool.results(tasks):
            yield from result

    def _count(self, node: _Node) -> None:
        self._proved += 1
        self._volume += 0.5**node.depth

    def _report(self, epsilon: float) -> None:
        if time.monotonic() - self._reported < _EVERY:
            return
        self._reported = time.monotonic()
        count = len(self._open) + len(self._stuck) + len(self._ready)
        self._progress(SearchProgress(self._proved, count, self._volume, epsilon))
