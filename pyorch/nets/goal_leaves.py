"""How a part of a box is proved by intervals or by duality, and where to halve it if it is not.

By intervals where they suffice, else by duality, with CROWN's slopes or, where those do not
suffice, with multipliers from linear programmes. As duality sees through both networks at once, it
needs far fewer parts than intervals. Bounds of neurons are not tightened by relaxation on parts:
halving is cheaper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pyorch.nets.branch import Trial
from pyorch.nets.dual import DualBounds
from pyorch.nets.dual_goals import bound_targets
from pyorch.nets.dual_plans import passes_work
from pyorch.nets.dual_steps import DualCertificate
from pyorch.nets.goal_certificate import ChosenClass, GoalClaim, OneTolerance, OutputTolerances
from pyorch.nets.goal_search import dual_gaps, dual_margin
from pyorch.nets.network import Box, CertificationProblem
from pyorch.nets.paths import above, below, corners
from pyorch.nets.split import LEAF, Leaf

__all__ = ["GoalLeaves"]

_TRIED = 8  # coordinates, those with the widest bounds, in which a part is halved for a trial


@dataclass(frozen=True, slots=True)
class GoalLeaves:
    """The worker: proofs of the claim on the boxes of some paths."""

    problem: CertificationProblem
    claim: GoalClaim
    prec: int

    def __call__(self, paths: Sequence[str]) -> list[Trial]:
        return [self._trial(path) for path in paths]

    def _trial(self, path: str) -> Trial:
        leaf = self._prove(path)
        return Trial(path, leaf, self._dimension(path) if leaf is None else None)

    def _part(self, path: str) -> CertificationProblem:
        found = corners(self.problem.box, path)
        return replace(self.problem, box=Box(found.lo, found.hi, found.den))

    def _prove(self, path: str) -> Leaf | None:
        """A leaf whose method proves the claim on a part."""
        part, claim, prec = self._part(path), self.claim, self.prec
        if claim.is_proved(part, prec):
            return LEAF
        work = passes_work(part, len(claim.targets(part.teacher.output_dim)))
        if isinstance(claim, ChosenClass):
            margin = dual_margin(part, claim.output, prec=prec, most=work)
            assert margin is not None
            return Leaf(margin.certificate) if margin.margin > 0 else None
        tolerances = self._tolerances
        gaps = dual_gaps(part, tolerances, as_small_as_possible=False, prec=prec, most=work)
        assert gaps is not None
        proved = all(gaps.gaps[i] <= epsilon for i, epsilon in tolerances.items())
        return Leaf(gaps.certificate) if proved else None

    @property
    def _tolerances(self) -> Mapping[int, Fraction]:
        """By outputs; none for a class."""
        match self.claim:
            case OneTolerance(epsilon=epsilon):
                return dict.fromkeys(range(self.problem.teacher.output_dim), epsilon)
            case OutputTolerances():
                return self.claim.by_output
            case _:
                return {}

    def _dimension(self, path: str) -> int:
        """The coordinate in which halving leaves the smallest bounds on the worse half."""
        box = self._part(path).box
        widths = [hi - lo for lo, hi in zip(box.lo, box.hi, strict=True)]
        widest = sorted(range(len(widths)), key=lambda dim: -widths[dim])[:_TRIED]

        def worse(dim: int) -> Fraction:
            return max(self._bound(half(path, dim)) for half in (below, above))

        return min(widest, key=worse) if len(widest) > 1 else widest[0]

    def _bound(self, path: str) -> Fraction:
        """The largest of CROWN's bounds on a part: of a rival's lead, or of a part of its
        tolerance."""
        part, claim = self._part(path), self.claim
        bounds = DualBounds(part, self.prec)
        targets = claim.targets(part.teacher.output_dim)
        tops = bound_targets(bounds, targets, DualCertificate(self.prec))
        scales = self._tolerances
        return max(top / (scales.get(i) or Fraction(1)) for (i, _), top in tops.items())
