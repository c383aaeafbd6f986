"""How promising a proof state looks before anything was tried on it.

The heuristic, in full: with ``goals`` the number of goals, ``size`` the number of nodes of their
expressions, and ``start`` the same for the state that the search started from,

    difficulty = 0.5 · (goals − 1)
               + 0.1 · log2(1 + size)
               + 0.25 · max(0, log2((1 + size) / (1 + start)))
    value      = 1 / (1 + difficulty)

so more goals are worse than fewer, bigger ones worse than smaller ones, and what has grown since
the start, which is the opposite of progress, is worse still. Nothing is learned; another `Value`
may be passed to the search.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from pyorch.search.model import ProofState

__all__ = ["Heuristic", "Value"]


class Value(Protocol):
    """Estimates how likely a proof state is to be proved."""

    def __call__(self, state: ProofState, start: ProofState) -> float:
        """A number above 0 and at most 1, for ``state`` in a search that began at ``start``."""
        ...


@dataclass(frozen=True)
class Heuristic:
    """The heuristic of the module's description.

    Attributes:
        per_goal: weight of each goal beyond the first.
        per_doubling: weight of each doubling of the size.
        per_growth: weight of each doubling beyond the size of the start.
    """

    per_goal: float = 0.5
    per_doubling: float = 0.1
    per_growth: float = 0.25

    def __call__(self, state: ProofState, start: ProofState) -> float:
        size = math.log2(1 + max(0, state.size))
        growth = max(0.0, size - math.log2(1 + max(0, start.size)))
        goals = max(0, len(state.goals) - 1)
        difficulty = self.per_goal * goals + self.per_doubling * size + self.per_growth * growth
        return 1 / (1 + difficulty)
