"""The search for what proves one ε for all outputs, or a small one: on the whole box by duality, or
on parts of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.goal_claims import split_for
from pyorch.lean.progress import Progress
from pyorch.lean.workbench import Workbench
from pyorch.nets.goal_certificate import GoalCertificate, OneTolerance
from pyorch.nets.split import LEAF, SplitCertificate
from pyorch.stages import Clock, split_progress

if TYPE_CHECKING:
    from pyorch.nets.attack import Witness as Gap
    from pyorch.nets.branch import Splitting
    from pyorch.nets.network import CertificationProblem

__all__ = ["NEARLY", "WORTH", "by_duality", "in_reach", "split", "split_by_duality"]

NEARLY = Fraction(11, 10)  # the ratio of ε and the gap found at which no smaller ε is looked for
_FINEST = 1000  # how much smaller than by intervals on the whole box ε can be expected to become
_FEWEST = 8  # leaves with which it is worth beginning
_FAR = 2.0  # how many times ε the reach of splitting may be for it to be tried
WORTH = Fraction(10, 9)  # by which a smaller ε is worth its leaves
_BUDGET = 15.0  # seconds of search for a way to split the box
_QUICK = 20.0  # seconds of Lean for which no faster proof is looked for


def by_duality(problem: CertificationProblem, clock: Clock) -> SplitCertificate | None:
    """The best certificate by linear relaxation on the whole box, if Lean has time for one."""
    from pyorch.nets.bounds import round_up
    from pyorch.nets.dual_search import KERNEL_WORK, search_dual

    with clock.stage("relaxation", "relaxing the networks linearly"):
        found = search_dual(problem, most=KERNEL_WORK)
    if found is None:
        return None
    epsilon = round_up(found.epsilon, 4)
    return SplitCertificate(epsilon, found.certificate.prec, 0, LEAF, found.certificate)


def in_reach(
    problem: CertificationProblem, epsilon: Fraction, provable: Fraction, bench: Workbench
) -> bool:
    """Whether intervals on parts of the box can be expected to prove ε or nearly: their bounds
    shrink as the sides of the parts do, with the root of their number."""
    from pyorch.nets.splitting import kernel_leaves

    leaves = max(kernel_leaves(problem, bench.config.budget or _BUDGET), 1)
    reach: float = float(provable) / leaves ** (1 / problem.box.dim)
    return reach <= _FAR * float(epsilon)


def split(
    problem: CertificationProblem,
    epsilon: Fraction,
    gap: Gap,
    bench: Workbench,
    clock: Clock,
    progress: Callable[[Progress], None] | None,
) -> tuple[Splitting[SplitCertificate] | None, Gap]:
    """Bisect the box where the bounds on the whole do not suffice, or prove too large an ε.

    Returns:
        What came of it, None where it is not worth its leaves; and the largest gap known now.
    """
    from pyorch.nets.attack import largest_gap
    from pyorch.nets.branch import Budget
    from pyorch.nets.splitting import MAX_LEAVES, kernel_leaves, split_box

    config = bench.config
    budget = config.budget or _BUDGET
    most = MAX_LEAVES
    if problem.epsilon is None:
        # nothing is gained where the gap found is nearly ε, or where Lean has no time for leaves
        most = kernel_leaves(problem, budget)
        if epsilon <= gap.gap * NEARLY or most < _FEWEST:
            return None, gap
    with clock.stage("split", "splitting the box"):
        splitting = split_box(
            problem,
            scale=max(gap.gap, epsilon / _FINEST),
            budget=Budget(budget, config.max_leaves or most),
            workers=config.workers,
            cache=config.cache,
            progress=split_progress(progress),
        )
        found = largest_gap(
            replace(problem, box=splitting.worst), seed=config.seed, stop_above=problem.epsilon
        )
    if found.gap > gap.gap:
        gap = replace(found, evaluations=gap.evaluations + found.evaluations)
    certificate = splitting.certificate
    if problem.epsilon is None and certificate and certificate.epsilon * WORTH > epsilon:
        return None, gap
    return splitting, gap


def split_by_duality(
    problem: CertificationProblem,
    epsilon: Fraction,
    found: SplitCertificate | None,
    bench: Workbench,
    clock: Clock,
    progress: Callable[[Progress], None] | None,
) -> Splitting[GoalCertificate] | None:
    """Bisect the box into parts that duality may prove, where intervals do not reach ε, or where
    Lean takes long for as many parts as they need.

    Args:
        found: what proves ε by intervals; None where nothing does.

    Returns:
        None where it is not worth a search. A certificate is checked faster than the one that was
        found, and has fewer parts.
    """
    from pyorch.nets.goal_splitting import most_leaves
    from pyorch.nets.splitting import MAX_LEAVES, kernel_seconds

    claim, limit, most = OneTolerance(epsilon), bench.config.timeout, MAX_LEAVES
    if found is not None:
        seconds, most = kernel_seconds(problem, found.leaves), found.leaves - 1
        if seconds <= min(_QUICK, limit):
            return None
        limit = min(seconds, limit)
    most = min(most, most_leaves(problem, claim, limit))
    if most < _FEWEST:
        return None
    return split_for(problem, claim, epsilon, bench, clock, progress, most=most)
