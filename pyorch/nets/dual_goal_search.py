"""Multipliers that keep several combinations of the outputs small, each below its own limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from pyorch.nets.bounds import PRECS
from pyorch.nets.dual import DualBounds
from pyorch.nets.dual_goals import Key, Target, bound_targets
from pyorch.nets.dual_plans import DualPlan, best_plan, dual_plans, has_plan
from pyorch.nets.dual_search import MAX_PROGRAMMES, has_open_sign, row_for
from pyorch.nets.dual_steps import DualCertificate, DualRow
from pyorch.nets.network import CertificationProblem

__all__ = ["DualGoalResult", "Excess", "search_targets"]

Excess = Callable[[Key, Fraction], Fraction]
"""How much a target's bound is in need of improvement; it is proved where this is not positive."""

_LOSS = Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class DualGoalResult:
    """A certificate and the upper bounds of the targets that it proves.

    Args:
        programmes: how many linear programmes were solved.
    """

    certificate: DualCertificate
    tops: Mapping[Key, int]
    programmes: int


def search_targets(
    problem: CertificationProblem,
    targets: Mapping[Key, Target],
    excess: Excess,
    *,
    prec: int | None = None,
    most: int | None = None,
    enough: Fraction | None = None,
) -> DualGoalResult | None:
    """The way to bounds that is checked most quickly of those that are good enough (CROWN with or
    without tightened bounds, affine forms), else the one with the smallest largest excess; and then
    the best multipliers for the targets with the largest excess, as long as one is above `enough`.

    Args:
        excess: of a target's bound (a number, not over the unit).
        prec: of the bounds; chosen if None.
        most: work that the check may take, about, in multiplications; None for no limit.
        enough: an excess that needs no improvement; None to improve all that can be.

    Returns:
        None where every check would take more.
    """
    if most is not None and not has_plan(problem, targets, most):
        return None
    if prec is None:
        prec = _choose_prec(problem, targets)
    unit = 1 << prec

    def need(key: Key, top: int) -> Fraction:
        return excess(key, Fraction(top, unit))

    def worst(plan: DualPlan) -> Fraction:
        return max(need(*item) for item in plan.tops.items())

    plan = best_plan(dual_plans(problem, targets, prec, most), worst, enough)
    if plan is None:
        return None
    relaxation, tops = plan.relaxation, dict(plan.tops)
    rows: dict[Key, DualRow] = {}
    programmes = 0
    if plan.passes and has_open_sign(relaxation):
        for key in sorted(tops, key=lambda key: need(key, tops[key]), reverse=True):
            if programmes == MAX_PROGRAMMES:
                break
            if enough is not None and need(key, tops[key]) <= enough:
                continue
            programmes += 1
            row = row_for(relaxation, *targets[key])
            top = relaxation.back(relaxation.steps, row, *targets[key])
            if top < tops[key]:
                rows[key], tops[key] = row, top
    certificate = DualCertificate(prec, relaxation.tighten, symbols=relaxation.symbols)
    if rows:
        count = problem.teacher.output_dim
        upper, lower = (
            tuple(rows.get((index, side), ()) for index in range(count)) for side in (True, False)
        )
        certificate = replace(certificate, upper=upper, lower=lower)
    return DualGoalResult(certificate, tops, programmes)


def _choose_prec(problem: CertificationProblem, targets: Mapping[Key, Target]) -> int:
    """The smallest listed precision that loses less than a thousandth of each of CROWN's bounds;
    those near 0 may lose a millionth of the largest."""

    def tops(prec: int) -> dict[Key, Fraction]:
        found = bound_targets(DualBounds(problem, prec), targets, DualCertificate(prec))
        return {key: Fraction(top, 1 << prec) for key, top in found.items()}

    finest = tops(PRECS[-1])
    least = max(map(abs, finest.values())) * _LOSS**2
    limits = {key: top + max(abs(top) * _LOSS, least) for key, top in finest.items()}
    return next(
        (p for p in PRECS if all(top <= limits[key] for key, top in tops(p).items())), PRECS[-1]
    )
