"""Splitting as the pipeline wants it: precision, workers and log are seen to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from pyorch import __version__
from pyorch.nets.branch import Budget, SearchProgress, Splitting, TreeSearch
from pyorch.nets.float_cuts import FloatCuts
from pyorch.nets.leaf_gaps import LeafGaps, choose_split_prec
from pyorch.nets.network import CertificationProblem
from pyorch.nets.pool import open_pool
from pyorch.nets.search_log import SearchLog
from pyorch.nets.split import SplitCertificate, fits_on_grid

__all__ = ["MAX_LEAVES", "kernel_leaves", "kernel_seconds", "log_subject", "split_box"]

MAX_LEAVES = 100_000
"""Leaves that a search for a given ε makes at most, unless told otherwise."""

#: Modules on whose text depends what a leaf's bounds are.
_BOUNDS = ("bounds.py", "leaf_gaps.py", "network.py", "paths.py", "split.py")
_MAX_DEPTH = 200  # bisections of one box


def split_box(
    problem: CertificationProblem,
    *,
    scale: Fraction,
    budget: Budget,
    workers: str,
    cache: Path,
    progress: Callable[[SearchProgress], None] | None = None,
) -> Splitting[SplitCertificate]:
    """Search for a tree that proves the problem's ε, or without one, an ε as small as it can.

    A search that was killed goes on where it was when it is asked for again.

    Args:
        scale: the size of ε to be expected where the problem has none.
        workers: as `pyorch.nets.pool.open_pool`.
        cache: folder in which the log is kept.
    """
    prec = choose_split_prec(problem, problem.epsilon or scale)
    epsilon, box = problem.epsilon, problem.box
    with (
        SearchLog(cache / "splits", log_subject(problem, prec, _BOUNDS)) as log,
        open_pool(LeafGaps(problem, prec), workers) as pool,
    ):
        search = TreeSearch(
            box, pool, log, budget,
            max_depth=next((d for d in range(_MAX_DEPTH, 0, -1) if fits_on_grid(box, d, prec)), 0),
            floats=FloatCuts(problem),
            target=None if epsilon is None else float(epsilon),
            progress=progress,
        )  # fmt: skip
        if epsilon is None:
            epsilon, tree, refinement = search.find()
            log.remove()  # what it finds depends on the time it has, not on earlier searches
        elif (found := search.prove()) is not None:
            tree, refinement = found
        else:
            return search.result(None)
        return search.result(SplitCertificate(epsilon, prec, refinement, tree))


def kernel_seconds(problem: CertificationProblem, leaves: int) -> float:
    """About how long the embedded Lean's kernel needs for so many leaves."""
    return leaves * _leaf_seconds(problem)


def kernel_leaves(problem: CertificationProblem, seconds: float) -> int:
    """About how many leaves the embedded Lean can check in that time."""
    return int(seconds / kernel_seconds(problem, 1))


def _leaf_seconds(problem: CertificationProblem) -> float:
    """Measured: an input costs a fifth of a millisecond, and so on."""
    layers = (*problem.teacher.layers, *problem.student.layers)
    columns = sum(layer.input_dim for layer in layers)
    weights = sum(layer.input_dim * layer.output_dim for layer in layers)
    return (3.0 + 0.2 * problem.box.dim + 0.02 * columns + 0.0013 * weights) / 1000


def log_subject(
    problem: CertificationProblem, prec: int, modules: Sequence[str], *claim: object
) -> str:
    """All on which the facts in a log depend: with the text of these modules of this package."""
    folder = Path(__file__).parent
    code = "".join((folder / name).read_text(encoding="utf-8") for name in modules)
    data = (problem.teacher, problem.student, problem.box, problem.epsilon, problem.goal, *claim)
    parts = (__version__, hashlib.sha256(code.encode()).hexdigest(), prec, data)
    return repr(parts)
