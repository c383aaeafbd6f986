"""A box in parts for other goals than one ε: where to cut, and how each part is proved.

A part is proved by intervals where they suffice, else by duality, with CROWN's slopes or, where
those do not suffice, with multipliers from linear programmes; else it is halved. As duality sees
through both networks at once, it needs far fewer parts than intervals. Bounds of neurons are not
tightened by relaxation on parts: halving is cheaper.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from fractions import Fraction

from pyorch.nets.bounds import PRECS
from pyorch.nets.branch import Budget
from pyorch.nets.dual import DualBounds
from pyorch.nets.dual_goal_search import targets_work
from pyorch.nets.dual_goals import bound_targets
from pyorch.nets.dual_steps import DualCertificate
from pyorch.nets.goal_certificate import ChosenClass, GoalCertificate, GoalClaim
from pyorch.nets.goal_search import dual_gaps, dual_margin
from pyorch.nets.network import Box, CertificationProblem
from pyorch.nets.paths import ROOT, above, below, corners, tree_of
from pyorch.nets.split import LEAF, Leaf

__all__ = ["GoalSplitting", "most_leaves", "split_goal"]

_TRIED = 8  # coordinates, those with the widest bounds, in which a part is halved for a trial
_FINE = 12  # binary digits of a bound of the size that matters
_MAX_DEPTH = 60  # bisections of one box


@dataclass(frozen=True, slots=True)
class GoalSplitting:
    """What a search came to.

    Args:
        certificate: proves the claim on the whole box; None where parts are open.
        proved: parts on which it is proved.
        open: parts on which it is not.
        volume: share of the box's volume that is proved.
    """

    certificate: GoalCertificate | None
    proved: int
    open: int
    volume: float


def most_leaves(problem: CertificationProblem, claim: GoalClaim, seconds: float) -> int:
    """About how many parts the embedded Lean can check in that time, elaboration and replay, if all
    are proved by duality. Measured: 3.5 ms for each neuron in each pass, 50 µs for each weight."""
    targets = len(claim.targets(problem.teacher.output_dim))
    neurons = sum(sum(n.widths[1:]) for n in (problem.teacher, problem.student))
    weights = targets_work(problem, targets, tighten=False)
    return int(seconds / (2 * (0.0035 * targets * neurons + 0.00005 * weights)))


def split_goal(
    problem: CertificationProblem,
    claim: GoalClaim,
    budget: Budget,
    *,
    scale: Fraction,
) -> GoalSplitting:
    """Halve the problem's box until the claim is proved on every part, or the budget is spent.

    Args:
        scale: a size of bounds that matters, such as the smallest tolerance; above 0.
    """
    prec = min(_FINE + math.ceil(1 / scale).bit_length(), PRECS[-1])
    search = _Search(problem, claim, prec)
    end = time.monotonic() + budget.seconds
    splits: dict[str, int] = {}
    leaves: dict[str, Leaf] = {}
    todo, volume = [(ROOT, 0)], 0.0
    while todo and len(leaves) + len(todo) <= budget.leaves and time.monotonic() < end:
        path, depth = todo.pop()
        leaf = search.prove(path)
        if leaf is not None:
            leaves[path] = leaf
            volume += 0.5**depth
        elif depth == _MAX_DEPTH:
            todo.append((path, depth))
            break
        else:
            splits[path] = search.dimension(path)
            todo += [(half(path, splits[path]), depth + 1) for half in (above, below)]
    if todo:
        return GoalSplitting(None, len(leaves), len(todo), volume)
    tree, refinement = tree_of(problem.box, splits, leaves)
    certificate = GoalCertificate(claim, prec, refinement, tree)
    return GoalSplitting(certificate, len(leaves), 0, 1.0)


@dataclass(frozen=True, slots=True)
class _Search:
    problem: CertificationProblem
    claim: GoalClaim
    prec: int

    def part(self, path: str) -> CertificationProblem:
        found = corners(self.problem.box, path)
        return replace(self.problem, box=Box(found.lo, found.hi, found.den))

    def prove(self, path: str) -> Leaf | None:
        """A leaf whose method proves the claim on a part."""
        part, claim, prec = self.part(path), self.claim, self.prec
        if claim.is_proved(part, prec):
            return LEAF
        work = targets_work(part, len(claim.targets(part.teacher.output_dim)), tighten=False)
        if isinstance(claim, ChosenClass):
            margin = dual_margin(part, claim.output, prec=prec, most=work)
            assert margin is not None
            return Leaf(margin.certificate) if margin.margin > 0 else None
        gaps = dual_gaps(part, claim.by_output, as_small_as_possible=False, prec=prec, most=work)
        assert gaps is not None
        proved = all(gaps.gaps[i] <= epsilon for i, epsilon in claim.by_output.items())
        return Leaf(gaps.certificate) if proved else None

    def dimension(self, path: str) -> int:
        """The coordinate in which halving leaves the smallest bounds on the worse half."""
        box = self.part(path).box
        widths = [hi - lo for lo, hi in zip(box.lo, box.hi, strict=True)]
        widest = sorted(range(len(widths)), key=lambda dim: -widths[dim])[:_TRIED]

        def worse(dim: int) -> Fraction:
            return max(self.bound(half(path, dim)) for half in (below, above))

        return min(widest, key=worse) if len(widest) > 1 else widest[0]

    def bound(self, path: str) -> Fraction:
        """The largest of CROWN's bounds on a part: of a rival's lead, or of a part of its
        tolerance."""
        part, claim = self.part(path), self.claim
        bounds = DualBounds(part, self.prec)
        targets = claim.targets(part.teacher.output_dim)
        tops = bound_targets(bounds, targets, DualCertificate(self.prec))
        scales = {} if isinstance(claim, ChosenClass) else claim.by_output
        return max(top / (scales.get(i) or Fraction(1)) for (i, _), top in tops.items())
