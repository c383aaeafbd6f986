"""Certificates by duality of other goals, where bounds by intervals are too wide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from pyorch.nets.bounds import PRECS
from pyorch.nets.dual_goal_search import search_targets
from pyorch.nets.dual_goals import Key, class_targets, gaps_of, output_targets
from pyorch.nets.dual_search import KERNEL_WORK
from pyorch.nets.dual_steps import DualCertificate
from pyorch.nets.network import CertificationProblem

__all__ = ["DualGaps", "DualMargin", "dual_gaps", "dual_margin"]

_BELOW_ZERO = Fraction(-1, 1 << PRECS[-1])
"""As near 0 as a bound below 0 can be."""


@dataclass(frozen=True, slots=True)
class DualGaps:
    """A certificate and, for each output in question, the bound of |T_i − S_i| that it proves."""

    certificate: DualCertificate
    gaps: Mapping[int, Fraction]


@dataclass(frozen=True, slots=True)
class DualMargin:
    """A certificate and the number that it puts below every margin of a class."""

    certificate: DualCertificate
    margin: Fraction


def dual_gaps(
    problem: CertificationProblem,
    scales: Mapping[int, Fraction],
    *,
    as_small_as_possible: bool,
    prec: int | None = None,
    most: int | None = KERNEL_WORK,
) -> DualGaps | None:
    """Bounds of the differences of some outputs.

    Args:
        scales: by these outputs, the tolerance that is to be proved, or what is known already.
        as_small_as_possible: improve all of them, not only those above their scale.
        prec: of the bounds; chosen if None.
        most: work that the check may take; None for no limit.

    Returns:
        None where every check would take more.
    """

    def excess(key: Key, top: Fraction) -> Fraction:
        scale = scales[key[0]]
        return top / scale - 1 if scale else top

    found = search_targets(
        problem,
        output_targets(tuple(scales)),
        excess,
        prec=prec,
        most=most,
        enough=None if as_small_as_possible else Fraction(0),
    )
    if found is None:
        return None
    return DualGaps(found.certificate, gaps_of(found.tops, 1 << found.certificate.prec))


def dual_margin(
    problem: CertificationProblem,
    chosen: int,
    *,
    prec: int | None = None,
    most: int | None = KERNEL_WORK,
) -> DualMargin | None:
    """The least margin of a class over the others, in either network.

    Args:
        prec: of the bounds; chosen if None.
        most: work that the check may take; None for no limit.

    Returns:
        None where every check would take more.
    """
    found = search_targets(
        problem,
        class_targets(chosen, problem.teacher.output_dim),
        lambda _, top: top,
        prec=prec,
        most=most,
        enough=_BELOW_ZERO,
    )
    if found is None:
        return None
    top = Fraction(max(found.tops.values()), 1 << found.certificate.prec)
    return DualMargin(found.certificate, -top)
