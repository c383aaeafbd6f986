"""Branch and bound: where to bisect a box so that something can be proved on every part.

A part counts as proved when a worker of a pool has found a proof by the exact bounds, which Lean's
kernel repeats. Where floating point proposes (`pyorch.nets.float_cuts`), only those boxes are tried
whose bound is small enough in float64, and the others are bisected without a trial; or else every
box is tried, and the worker says where to bisect those that it cannot prove. What a proof is, the
search does not know.

What is to be proved given, the tree depends on the problem alone, not on the order in which the
workers answer. Without an ε the box with the largest bound is bisected next, so that whatever the
budget allows, the largest bound left is an ε for the whole box.
"""

from __future__ import annotations

import heapq
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Generic, TypeVar

from pyorch.nets.bounds import round_up
from pyorch.nets.float_cuts import FloatCuts, Halves, Node
from pyorch.nets.network import Box
from pyorch.nets.paths import ROOT, corners, leaf_paths, tree_of
from pyorch.nets.pool import Pool
from pyorch.nets.search_log import SearchLog
from pyorch.nets.split import Leaf, SplitTree

__all__ = ["Budget", "SearchProgress", "Splitting", "TreeSearch", "Trial"]

_BATCH = 64  # boxes that are bisected at once
_TASK = 8  # boxes that floating point proposes, which a worker tries at once
_EVERY = 1.0  # seconds between two reports of progress

Certificate = TypeVar("Certificate")


@dataclass(frozen=True, slots=True)
class Budget:
    """When to stop: seconds of search, and leaves."""

    seconds: float
    leaves: int


@dataclass(frozen=True, slots=True)
class SearchProgress:
    """How far a search is.

    Args:
        proved: leaves that are proved.
        open: boxes that are not yet.
        volume: share of the box's volume that is proved.
        epsilon: the largest bound on any box that is not to be bisected further, in float64; None
            where something else than one ε is to be proved.
    """

    proved: int
    open: int
    volume: float
    epsilon: float | None


@dataclass(frozen=True, slots=True)
class Splitting(Generic[Certificate]):
    """What a search came to.

    Args:
        certificate: proves what is to be proved on the whole box; None where boxes are open.
        proved: leaves on which it is proved.
        open: boxes on which it is not.
        volume: share of the box's volume that is proved.
        resumed: leaves that an earlier run had proved.
        worst: the box with the largest bound that is left.
    """

    certificate: Certificate | None
    proved: int
    open: int
    volume: float
    resumed: int
    worst: Box


@dataclass(frozen=True, slots=True)
class Trial:
    """What a worker has to say of a box.

    Args:
        leaf: proves on it what is to be proved; None if the worker found nothing that does.
        dim: the coordinate in which it should be bisected then; None where floating point proposes.
        gap: the smallest ε that is proved on it, if that was looked for.
    """

    path: str
    leaf: Leaf | None
    dim: int | None = None
    gap: Fraction | None = None


class TreeSearch:
    """A search under way; what its log knows is taken over at once.

    Args:
        box: the whole.
        pool: tries the boxes of some paths.
        log: what is known from an earlier run is used, what is found is added.
        max_depth: bisections of one box.
        floats: propose where to bisect, and what to try.
        target: the bound in float64 with which a box is tried; None if every box is to be bisected.
        progress: told every second.
    """

    def __init__(
        self,
        box: Box,
        pool: Pool[Sequence[str], Sequence[Trial]],
        log: SearchLog,
        budget: Budget,
        *,
        max_depth: int,
        floats: FloatCuts | None = None,
        target: float | None = None,
        progress: Callable[[SearchProgress], None] | None = None,
    ) -> None:
        self._box, self._pool, self._log, self._budget = box, pool, log, budget
        self._floats, self._target, self._max_depth = floats, target, max_depth
        self._progress = progress
        self._deadline = time.monotonic() + budget.seconds
        self._reported = -math.inf
        self._open: list[Node] = []  # a heap: boxes to bisect
        self._stuck: list[Node] = []  # boxes that cannot be bisected
        self._ready: deque[Node] = deque()  # boxes to try
        self._under_way: dict[str, Node] = {}  # boxes that are being tried
        self._proved = 0
        self._volume = 0.0
        self._gaps: dict[str, float] = {}  # of all boxes that were bisected
        self._resume()
        self._resumed = self._proved

    def prove(self) -> tuple[SplitTree, int] | None:
        """Bisect until it is proved everywhere; the tree and its refinement."""
        while not self._is_over() and (self._open or self._ready):
            self._bisect(_BATCH)
            if not self._open or len(self._ready) >= _BATCH * _TASK:
                self._try()
            self._report(self._target)
        self._try()
        if self._left:
            return None
        return tree_of(self._box, self._splits, self._log.proved)

    def find(self) -> tuple[Fraction, SplitTree, int]:
        """Bisect what is worst; the ε that is left, the tree, and its refinement."""
        while not self._is_over() and self._open:
            worst = self._open[0].gap
            self._bisect(max(1, min(_BATCH, len(self._open) // 8)))
            self._report(worst)
        # a box whose bound is small enough was bisected for nothing
        bound = float(round_up(Fraction(min(self._left).gap)))
        splits = {path: dim for path, dim in self._splits.items() if self._gaps[path] > bound}
        exact = [trial.gap for trial in self._trials(_tasks(leaf_paths(splits)))]
        return round_up(max(gap for gap in exact if gap is not None)), *tree_of(self._box, splits)

    def result(self, certificate: Certificate | None) -> Splitting[Certificate]:
        """How it stands, with what the tree has come to."""
        left = self._left
        worst = corners(self._box, min(left).path if left else ROOT)
        whole = Box(worst.lo, worst.hi, worst.den)
        return Splitting(certificate, self._proved, len(left), self._volume, self._resumed, whole)

    @property
    def _left(self) -> list[Node]:
        return [*self._open, *self._stuck, *self._ready]

    @property
    def _splits(self) -> dict[str, int]:
        """What the log says of the boxes that were bisected; it may know of more."""
        return {path: self._log.splits[path] for path in self._gaps}

    @property
    def _room(self) -> int:
        """How many boxes may still be bisected."""
        leaves = len(self._left) + len(self._under_way) + self._proved
        return self._budget.leaves - leaves

    def _is_over(self) -> bool:
        return self._gives_up or time.monotonic() > self._deadline or self._room <= 0

    @property
    def _gives_up(self) -> bool:
        """A box that cannot be bisected is no good where every trial is dear."""
        return self._floats is None and bool(self._stuck)

    def _resume(self) -> None:
        """The tree as far as the log knows it, and the budget allows."""
        level = [Node.root(self._box)]
        room = self._budget.leaves - 1
        while level:
            bounded = self._floats.bounded(level) if self._floats else level
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
        """Bisect the worst boxes, as floating point proposes."""
        worst = [heapq.heappop(self._open) for _ in range(min(count, len(self._open), self._room))]
        if not worst or self._floats is None:
            return
        self._cut(self._floats.bisected([n for n in worst if n.depth < self._max_depth]))
        self._stuck += [node for node in worst if node.path not in self._gaps]

    def _cut(self, bisected: Sequence[Halves]) -> None:
        for halves in bisected:
            self._gaps[halves.node.path] = halves.node.gap
            self._sort(halves.low)
            self._sort(halves.high)
        self._log.split((halves.node.path, halves.dim) for halves in bisected)

    def _sort(self, node: Node) -> None:
        if self._floats is None or (self._target is not None and node.gap <= self._target):
            self._ready.append(node)
        else:
            heapq.heappush(self._open, node)

    def _try(self) -> None:
        """Have the workers try what is ready, and what becomes ready by that."""
        for trial in self._trials(_Tasks(self._next_task)):
            node = self._under_way.pop(trial.path)
            if trial.leaf is not None:
                self._count(node)
                self._log.prove({trial.path: trial.leaf})
            elif self._target is not None and self._floats is not None:
                above_target = math.nextafter(self._target, math.inf)
                heapq.heappush(self._open, replace(node, gap=above_target))
            elif trial.dim is None or node.depth >= self._max_depth or self._room <= 1:
                self._stuck.append(node)
            else:
                self._cut([Halves(node, trial.dim, *node.halves(trial.dim))])
            self._report(self._target)

    def _next_task(self) -> list[str]:
        """Paths to try; none if that is over. What floating point found small is tried whatever
        the time: it is soon done, and would be lost."""
        if self._gives_up or (self._floats is None and time.monotonic() > self._deadline):
            return []
        count = _TASK if self._floats else 1
        nodes = [self._ready.popleft() for _ in range(min(count, len(self._ready)))]
        self._under_way |= {node.path: node for node in nodes}
        return [node.path for node in nodes]

    def _trials(self, tasks: Iterable[Sequence[str]]) -> Iterator[Trial]:
        for trials in self._pool.results(tasks):
            yield from trials

    def _count(self, node: Node) -> None:
        self._proved += 1
        self._volume += 0.5**node.depth

    def _report(self, epsilon: float | None) -> None:
        if self._progress is None or time.monotonic() - self._reported < _EVERY:
            return
        self._reported = time.monotonic()
        count = len(self._left) + len(self._under_way)
        self._progress(SearchProgress(self._proved, count, self._volume, epsilon))


class _Tasks:
    """Tasks as they come up: there may be none now, and more after some results."""

    def __init__(self, following: Callable[[], list[str]]) -> None:
        self._following = following

    def __iter__(self) -> _Tasks:
        return self

    def __next__(self) -> list[str]:
        task = self._following()
        if not task:
            raise StopIteration
        return task


def _tasks(paths: Iterable[str]) -> Iterator[list[str]]:
    todo = list(paths)
    return (todo[i : i + _TASK] for i in range(0, len(todo), _TASK))
