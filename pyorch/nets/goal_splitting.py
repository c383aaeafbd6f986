"""Splitting into parts that may be proved by duality: precision, workers and log are seen to."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from pyorch.nets.bounds import PRECS
from pyorch.nets.branch import Budget, SearchProgress, Splitting, TreeSearch
from pyorch.nets.dual_plans import passes_work
from pyorch.nets.goal_certificate import GoalCertificate, GoalClaim
from pyorch.nets.goal_leaves import GoalLeaves
from pyorch.nets.network import CertificationProblem
from pyorch.nets.pool import open_pool
from pyorch.nets.search_log import SearchLog
from pyorch.nets.splitting import log_subject

__all__ = ["most_leaves", "split_goal"]

_FINE = 12  # binary digits of a bound of the size that matters
_MAX_DEPTH = 60  # bisections of one box

#: Modules on whose text depends what proves a leaf, and where a box is halved.
_PROOFS = (
    "bounds.py", "dual.py", "dual_forms.py", "dual_goal_search.py", "dual_goals.py",
    "dual_neuron.py", "dual_plans.py", "dual_search.py", "dual_steps.py", "goal_certificate.py",
    "goal_leaves.py", "goal_search.py", "margins.py", "network.py", "paths.py", "tolerances.py",
)  # fmt: skip


def most_leaves(problem: CertificationProblem, claim: GoalClaim, seconds: float) -> int:
    """About how many parts the embedded Lean can check in that time if all are proved by duality.

    Measured: 3.5 ms for each neuron in each pass, 50 µs for each weight."""
    targets = len(claim.targets(problem.teacher.output_dim))
    neurons = sum(sum(n.widths[1:]) for n in (problem.teacher, problem.student))
    weights = passes_work(problem, targets)
    return int(seconds / (0.0035 * targets * neurons + 0.00005 * weights))


def split_goal(
    problem: CertificationProblem,
    claim: GoalClaim,
    *,
    scale: Fraction,
    budget: Budget,
    workers: str,
    cache: Path,
    progress: Callable[[SearchProgress], None] | None = None,
) -> Splitting[GoalCertificate]:
    """Halve the problem's box until the claim is proved on every part, or the budget is spent.

    A search that was killed goes on where it was when it is asked for again.

    Args:
        scale: a size of bounds that matters, such as the smallest tolerance; above 0.
        workers: as `pyorch.nets.pool.open_pool`.
        cache: folder in which the log is kept.
    """
    prec = min(_FINE + math.ceil(1 / scale).bit_length(), PRECS[-1])
    with (
        SearchLog(cache / "splits", log_subject(problem, prec, _PROOFS, claim)) as log,
        open_pool(GoalLeaves(problem, claim, prec), workers) as pool,
    ):
        search = TreeSearch(problem.box, pool, log, budget, max_depth=_MAX_DEPTH, progress=progress)
        found = search.prove()
        if found is None:
            return search.result(None)
        tree, refinement = found
        return search.result(GoalCertificate(claim, prec, refinement, tree))
