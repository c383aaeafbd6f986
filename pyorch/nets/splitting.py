"""Splitting as the pipeline wants it: precision, workers and log are seen to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from pyorch import __version__
from pyorch.nets.branch import (
    Budget,
    SearchProgress,
    Splitting,
    search,
)
from pyorch.nets.leaf_gaps import LeafGaps, choose_split_prec
from pyorch.nets.network import CertificationProblem
from pyorch.nets.pool import open_pool
from pyorch.nets.search_log import SearchLog

__all__ = ["MAX_LEAVES", "kernel_leaves", "kernel_seconds", "split_box"]

MAX_LEAVES = 100_000
"""Leaves that a search for a given ε makes at most, unless told otherwise."""

#: Modules on whose text depends what a leaf's bounds are.
_BOUNDS = ("bounds.py", "leaf_gaps.py", "network.py", "paths.py", "split.py")


def split_box(
    problem: CertificationProblem,
    *,
    scale: Fraction,
    budget: Budget,
    workers: str,
    cache: Path,
    progress: Callable[[SearchProgress], None] | None = None,
) -> Splitting:
    """Search for a tree that proves the problem's ε, or without one, an ε as small as it can.

    A search that was killed goes on where it was when it is asked for again.

    Args:
        scale: the size of ε to be expected where the problem has none.
        workers: as `pyorch.nets.pool.open_pool`.
        cache: folder in which the log is kept.
    """
    prec = choose_split_prec(problem, problem.epsilon or scale)
    with (
        SearchLog(cache / "splits", _subject(problem, prec)) as log,
        open_pool(LeafGaps(problem, prec), workers) as pool,
    ):
        found = search(problem, prec, pool, log, budget, progress=progress)
        if problem.epsilon is None:
            log.remove()  # what it finds depends on the time it has, not on earlier searches
        return found


def kernel_seconds(problem: CertificationProblem, leaves: int) -> float:
    """About how long the embedded Lean needs for so many leaves: elaboration and replay."""
    return 2 * leaves * _leaf_seconds(problem)


def kernel_leaves(problem: CertificationProblem, seconds: float) -> int:
    """About how many leaves the embedded Lean can check in that time."""
    return int(seconds / kernel_seconds(problem, 1))


def _leaf_seconds(problem: CertificationProblem) -> float:
    """Measured: a bound of an input costs half a millisecond, and so on."""
    layers = (*problem.teacher.layers, *problem.student.layers)
    columns = sum(layer.input_dim for layer in layers)
    weights = sum(layer.input_dim * layer.output_dim for layer in layers)
    return (2.5 + 0.5 * problem.box.dim + 0.05 * columns + 0.0032 * weights) / 1000


def _subject(problem: CertificationProblem, prec: int) -> str:
    """All on which the facts in the log depend."""
    folder = Path(__file__).parent
    code = "".join((folder / name).read_text(encoding="utf-8") for name in _BOUNDS)
    data = (problem.teacher, problem.student, problem.box, problem.epsilon, problem.goal)
    parts = (__version__, hashlib.sha256(code.encode()).hexdigest(), prec, data)
    return repr(parts)
