"""What a search may spend, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pyorch.search.proofs import Proof, ProofStep

__all__ = ["Budget", "SearchProgress", "SearchResult", "Statistics", "Stop"]


@dataclass(frozen=True)
class Budget:
    """When to give up; None is without limit.

    Attributes:
        seconds: looked at between tactics, so that the last one may end later.
        tactics: run by provers, those that make a state again included; never exceeded.
        nodes: of the tree.
    """

    seconds: float | None = 30.0
    tactics: int | None = None
    nodes: int | None = 100_000


class Stop(StrEnum):
    """Why a search ended."""

    PROVED = "proved"
    EXHAUSTED = "everything that was suggested has been tried"
    SECONDS = "out of time"
    TACTICS = "out of tactic calls"
    NODES = "out of nodes"
    INTERRUPTED = "interrupted"
    FAULT = "the prover or the suggester failed"


@dataclass(frozen=True)
class Statistics:
    """What a search did.

    Attributes:
        tactics: run by provers in all.
        replayed: of those, the ones that made a state again.
        recalled: outcomes taken from the log.
        failed: outcomes that were failures, recalled ones included.
        nodes: of the tree.
        proved: nodes that are proved.
        depth: of the tree.
        seconds: wall clock.
    """

    tactics: int = 0
    replayed: int = 0
    recalled: int = 0
    failed: int = 0
    nodes: int = 1
    proved: int = 0
    depth: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class SearchProgress:
    """How far a search is: what it did, and the best it has."""

    statistics: Statistics
    partial: Proof


@dataclass(frozen=True)
class SearchResult:
    """What a search found. Nothing is established by it: the whole file has to be checked.

    Attributes:
        proof: the smallest that was found, if any was.
        partial: that proof, or else the best partial one; its `gaps` are the goals left.
        fault: what failed, if `stop` is `Stop.FAULT`.
    """

    proof: ProofStep | None
    partial: Proof
    stop: Stop
    statistics: Statistics
    fault: str = ""
