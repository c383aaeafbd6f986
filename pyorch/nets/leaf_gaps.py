"""The exact bounds on parts of a box, as a search for an ε asks for them: by paths, and at what
precision.

A box is rounded as it will be in the certificate, or to a coarser grid, which only loosens bounds:
how fine the grid will be is known when the whole tree is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from pyorch.nets.bounds import PRECS, provable_epsilon
from pyorch.nets.branch import Trial
from pyorch.nets.network import Box, CertificationProblem
from pyorch.nets.paths import ROOT, corners
from pyorch.nets.split import LEAF, Corners, fits_on_grid, grid_of, leaf_gap, on_grid

__all__ = ["LeafGaps", "choose_split_prec"]

_DEPTH = 50  # bisections that should always be possible


@dataclass(frozen=True, slots=True)
class LeafGaps:
    """The worker: the smallest ε that the exact bounds prove on the box of each path, and whether
    they prove the problem's ε."""

    problem: CertificationProblem
    prec: int

    def __call__(self, paths: Sequence[str]) -> list[Trial]:
        return [self._trial(path) for path in paths]

    def _trial(self, path: str) -> Trial:
        gap, epsilon = leaf_gap(self.problem, self._part(path), self.prec), self.problem.epsilon
        return Trial(path, LEAF if epsilon is not None and gap <= epsilon else None, gap=gap)

    def _part(self, path: str) -> Corners:
        part = corners(self.problem.box, path)
        return part if path == ROOT else on_grid(part, grid_of(part.den, self.prec))


def choose_split_prec(problem: CertificationProblem, epsilon: Fraction) -> int:
    """A precision at which rounding costs less than 1 % of ε.

    It is measured at the middle of the box, where all that a bound is above the true difference is
    due to rounding. One is chosen that leaves boxes room to be bisected.
    """
    box = problem.box
    precs = [p for p in PRECS if fits_on_grid(box, _DEPTH, p)] or PRECS[:1]
    middle = tuple(lo + hi for lo, hi in zip(box.lo, box.hi, strict=True))
    point = replace(problem, box=Box(middle, middle, 2 * box.den))
    exact = provable_epsilon(point, PRECS[-1])
    return next(
        (p for p in precs if provable_epsilon(point, p) - exact <= epsilon / 100), precs[-1]
    )
