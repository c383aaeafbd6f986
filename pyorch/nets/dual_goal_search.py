"""Multipliers that keep several combinations of the outputs small, each below its own limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from pyorch.nets.bounds import PRECS, Interval
from pyorch.nets.dual import DualBounds
from pyorch.nets.dual_goals import Key, Target, bound_targets
from pyorch.nets.dual_neuron import is_open
from pyorch.nets.dual_search import MAX_PROGRAMMES, row_for
from pyorch.nets.dual_steps import DualCertificate, DualRow
from pyorch.nets.network import CertificationProblem

__all__ = ["DualGoalResult", "Excess", "search_targets", "targets_work"]

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


def targets_work(problem: CertificationProblem, targets: int, *, tighten: bool) -> int:
    """Multiplications that the check takes, about: passes times weights."""
    networks = (problem.teacher, problem.student)
    hidden = sum(sum(n.widths[1:-1]) for n in networks)
    passes = targets + (2 * hidden if tighten else 0)
    return passes * sum(n.parameter_count for n in networks)


def search_targets(
    problem: CertificationProblem,
    targets: Mapping[Key, Target],
    excess: Excess,
    *,
    prec: int | None = None,
    most: int | None = None,
    enough: Fraction | None = None,
) -> DualGoalResult | None:
    """CROWN with or without tightened bounds, whichever has the smaller largest excess, and then
    the best multipliers for the targets with the largest excess, as long as one is above `enough`.

    Args:
        excess: of a target's bound (a number, not over the unit).
        prec: of the bounds; chosen if None.
        most: work that the check may take (`targets_work`); None for no limit.
        enough: an excess that needs no improvement; None to improve all that can be.

    Returns:
        None where every check would take more.
    """
    choices = [
        tighten
        for tighten in (False, True)
        if most is None or targets_work(problem, len(targets), tighten=tighten) <= most
    ]
    if not choices:
        return None
    if prec is None:
        prec = _choose_prec(problem, targets)
    relaxations = [DualBounds(problem, prec, tighten=tighten) for tighten in choices]
    crown = [(r, bound_targets(r, targets, DualCertificate(prec, r.tighten))) for r in relaxations]
    unit = 1 << prec

    def need(key: Key, top: int) -> Fraction:
        return excess(key, Fraction(top, unit))

    # the untightened one is checked faster: it is taken unless the other is better
    relaxation, tops = min(crown, key=lambda pair: max(need(*item) for item in pair[1].items()))
    rows: dict[Key, DualRow] = {}
    programmes = 0
    if any(map(is_open, _intervals(relaxation))):
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
    certificate = DualCertificate(prec, relaxation.tighten)
    if rows:
        count = problem.teacher.output_dim
        upper, lower = (
            tuple(rows.get((index, side), ()) for index in range(count)) for side in (True, False)
        )
        certificate = replace(certificate, upper=upper, lower=lower)
    return DualGoalResult(certificate, tops, programmes)


def _intervals(relaxation: DualBounds) -> list[Interval]:
    return [
        z
        for step in relaxation.steps
        if step.is_relu
        for z in (*step.teacher_bounds, *step.student_bounds)
    ]


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
