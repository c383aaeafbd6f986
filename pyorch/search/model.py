"""What the search speaks of: proof states, what a tactic made of one, and suggestions.

The two seams are `Prover`, behind which Lean runs tactics, and `Suggester`, which proposes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pyorch.model import Goal

__all__ = [
    "Closed",
    "Failed",
    "Outcome",
    "ProofState",
    "Prover",
    "Split",
    "Suggester",
    "Suggestion",
]


@dataclass(frozen=True)
class ProofState:
    """What is left to prove at a place.

    Nearly always one goal. Goals that share a metavariable, so that what closes one decides what
    the others say, stay together in one state, and tactics act on the first of them.

    Attributes:
        key: the same for states that are equal up to the names of bound and local variables;
            transpositions are found by it.
        goals: as Lean prints them, the first one first.
        constants: what the first goal mentions, as fully qualified names: for retrieval.
        size: number of nodes of the expressions of all goals.
        handle: of the state in the prover; it means nothing to others.
    """

    key: str
    goals: tuple[Goal, ...]
    constants: tuple[str, ...] = ()
    size: int = 0
    handle: int = 0


@dataclass(frozen=True)
class Closed:
    """The tactic proved the state."""


@dataclass(frozen=True)
class Split:
    """The tactic leaves these states, all of which need a proof; in the order of Lean's goals."""

    states: tuple[ProofState, ...]


@dataclass(frozen=True)
class Failed:
    """The tactic does not apply, or is refused.

    Attributes:
        message: Lean's words, or why it is refused.
    """

    message: str


Outcome = Closed | Split | Failed


class Prover(Protocol):
    """Runs tactics on saved proof states. Tests have a scripted one."""

    def apply(self, state: ProofState, tactics: Sequence[str]) -> Sequence[Outcome]:
        """What each tactic makes of ``state``, which stays as it is; one outcome a tactic."""
        ...

    def release(self, states: Sequence[ProofState]) -> None:
        """Forget states that will not be asked for again."""
        ...


@dataclass(frozen=True)
class Suggestion:
    """A tactic to try.

    Attributes:
        tactic: one tactic, as Lean text.
        prior: how likely it is to be the right one, positive; need not be normalized.
        source: who suggested it, for the report.
    """

    tactic: str
    prior: float
    source: str


class Suggester(Protocol):
    """Proposes tactics for a proof state, the best first."""

    def suggest(self, state: ProofState) -> Sequence[Suggestion]: ...
