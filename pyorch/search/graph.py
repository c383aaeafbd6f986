"""The nodes of the search: proof states (OR) and the tactics between them (AND)."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from math import prod

from pyorch.search.model import ProofState, Suggestion

__all__ = ["Edge", "Node", "Standing", "identity"]


class Standing(Enum):
    """What is known of a node or an edge."""

    OPEN = "open"
    PROVED = "proved"
    FAILED = "failed"
    """Everything that was suggested has been tried in vain."""


def identity(state: ProofState) -> str:
    """What makes two proof states the same node.

    `ProofState.key` does not see the names of hypotheses, but tactics do: ``exact h`` is no proof
    where the same hypothesis is called ``h_1``. So the names belong to it, all but the
    inaccessible ones, which no tactic can say.
    """
    names = [["" if "✝" in h.name else h.name for h in g.hypotheses] for g in state.goals]
    return state.key + json.dumps(names, ensure_ascii=False, separators=(",", ":"))


@dataclass(eq=False, slots=True)
class Edge:
    """A tactic with the states that it leaves, all of which need a proof.

    Attributes:
        parent: the node that the tactic acts on.
        children: in the order of Lean's goals; one may occur twice.
        tactics: all tactics that are known to do this, in the order of their discovery; none are
            left if they did something else when they were run again.
        prior: sum of their priors.
        visits: how often the search has come through.
        in_flight: how often it is on its way through now: the virtual loss.
    """

    parent: Node = field(repr=False)
    children: tuple[Node, ...]
    tactics: list[str]
    prior: float
    visits: int = 0
    in_flight: int = 0

    @property
    def broken(self) -> bool:
        return not self.tactics

    @property
    def status(self) -> Standing:
        if self.broken or any(child.status is Standing.FAILED for child in self.children):
            return Standing.FAILED
        if all(child.status is Standing.PROVED for child in self.children):
            return Standing.PROVED
        return Standing.OPEN

    @property
    def value(self) -> float:
        """The product over the distinct children: the probability that all can be proved if they
        are independent. Unlike the minimum, it tells one open goal from two."""
        return prod(child.value for child in dict.fromkeys(self.children))

    @property
    def tactic(self) -> str:
        """The shortest of the tactics."""
        return min(self.tactics, key=len)


@dataclass(eq=False, slots=True)
class Node:
    """A proof state, which needs one tactic that works.

    Attributes:
        state: as it was first met; its handle may be stale (`pyorch.search.worker` keeps those).
        key: `identity` of the state.
        depth: number of tactics on the way on which it was first met.
        heuristic: value before anything was tried.
        value: the present estimate: 1 if proved, 0 if failed.
        untried: suggestions that nobody has tried, the best first; None before any were asked for.
        edges: by their children.
        parents: the edges that lead here.
        batches: how many batches of suggestions were taken for trial.
        running: how many of these have not come back.
        visits: how often the search has come through or ended here.
        in_flight: how often it is on its way through or to this node now.
    """

    state: ProofState
    key: str
    depth: int
    heuristic: float
    value: float
    untried: deque[Suggestion] | None = None
    edges: dict[tuple[Node, ...], Edge] = field(default_factory=dict, repr=False)
    parents: list[Edge] = field(default_factory=list, repr=False)
    status: Standing = Standing.OPEN
    batches: int = 0
    running: int = 0
    visits: int = 0
    in_flight: int = 0

    @property
    def exhausted(self) -> bool:
        """Nothing is left to try here, or being tried."""
        return self.untried is not None and not self.untried and not self.running
