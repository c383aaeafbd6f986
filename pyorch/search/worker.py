"""A prover, the states that it holds, and how it comes by those that it does not.

A search does not depend on which prover ran a tactic, or whether any did in this run: outcomes
may come from the log, or from another prover. A state is then made again when something is to be
tried on it, by running the tactics that lead there from the last state that is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pyorch.search.graph import Edge, Node, Standing, identity
from pyorch.search.model import Closed, Outcome, ProofState, Prover, Split
from pyorch.search.tree import Batch, Tree

__all__ = ["Job", "Leg", "Report", "Worker"]


@dataclass(frozen=True)
class Leg:
    """A tactic to run again, of which edge it is, and the identity of the state to go on with."""

    tactic: str
    edge: Edge
    target: str


@dataclass(frozen=True)
class Job:
    """What a prover has to do; it may run in a thread of its own.

    Attributes:
        batch: the suggestions that are tried.
        tactics: of those, the ones that have to be run.
        recalled: outcomes of the others.
        release: states that the prover may forget first.
        start: the state to begin with.
        route: what to run from there to reach the node of the batch.
        over: asked between tactics: has the search no more time?
    """

    prover: Prover
    batch: Batch
    tactics: tuple[str, ...]
    recalled: Mapping[str, Outcome]
    release: tuple[ProofState, ...]
    start: ProofState
    route: tuple[Leg, ...]
    over: Callable[[], bool]

    def run(self) -> Report:
        """Do it.

        Raises:
            PyorchError: what the prover raises.
        """
        if self.release:
            self.prover.release(self.release)
        state, replayed = self.start, list[Outcome]()
        for leg in self.route:
            (outcome,) = self.prover.apply(state, [leg.tactic])
            replayed.append(outcome)
            states = outcome.states if isinstance(outcome, Split) else ()
            found = next((s for s in states if identity(s) == leg.target), None)
            if found is None:
                return Report(self, tuple(replayed), None)
            state = found
        outcomes: list[Outcome] = []
        for tactic in self.tactics:
            outcomes += self.prover.apply(state, [tactic])
            if isinstance(outcomes[-1], Closed) or self.over():
                break
        return Report(self, tuple(replayed), tuple(outcomes))


@dataclass(frozen=True)
class Report:
    """What came of a job.

    Attributes:
        replayed: outcomes of the route's tactics, as far as it was gone.
        outcomes: of the job's tactics, up to the first one that closed the goal or the end of the
            time; None if the last tactic that was replayed did not lead where it had led before.
    """

    job: Job
    replayed: tuple[Outcome, ...]
    outcomes: tuple[Outcome, ...] | None


class Worker:
    """One prover of a search.

    Args:
        start: the root of the tree as this prover knows it. It belongs to the caller, and is
            never released.
    """

    def __init__(self, prover: Prover, tree: Tree, start: ProofState) -> None:
        self._prover = prover
        self._tree = tree
        self._held: dict[Node, ProofState] = {tree.root: start}
        self._doomed: list[ProofState] = []
        self._sweep_at = 64

    def distance(self, batch: Batch) -> int:
        """How many tactics have to be run to reach the node of the batch."""
        nodes = batch.visit.nodes
        return next(n for n, node in enumerate(reversed(nodes)) if node in self._held)

    def job(
        self,
        batch: Batch,
        tactics: Iterable[str],
        recalled: Mapping[str, Outcome],
        over: Callable[[], bool],
    ) -> Job:
        """The job of running these tactics of a batch, where the outcomes of the others are
        known."""
        release, self._doomed = tuple(self._doomed), []
        nodes, begin = batch.visit.nodes, len(batch.visit.path) - self.distance(batch)
        route = tuple(
            Leg(edge.tactics[0], edge, target.key)
            for edge, target in zip(batch.visit.path[begin:], nodes[begin + 1 :], strict=True)
        )
        state = self._held[nodes[begin]]
        return Job(self._prover, batch, tuple(tactics), recalled, release, state, route, over)

    def keep(self, outcomes: Iterable[Outcome]) -> None:
        """Take over the states of outcomes that the tree knows of."""
        for outcome in outcomes:
            for state in outcome.states if isinstance(outcome, Split) else ():
                node = self._tree.nodes.get(identity(state))
                matters = node is not None and node.status is Standing.OPEN
                kept = self._held.setdefault(node, state) if node and matters else None
                if kept is None or kept.handle != state.handle:
                    self._doomed.append(state)

    def drop(self, nodes: Iterable[Node]) -> None:
        """These nodes do not matter any more."""
        for node in nodes:
            if node is not self._tree.root and node in self._held:
                self._doomed.append(self._held.pop(node))

    def sweep(self) -> None:
        """Drop what cannot matter any more, if the states have doubled since the last time."""
        if len(self._held) > self._sweep_at:
            live = self._tree.live()
            self.drop([node for node in self._held if node not in live])
            self._sweep_at = max(64, 2 * len(self._held))

    def close(self) -> None:
        """Release all states but the root."""
        self.drop(list(self._held))
        if self._doomed:
            doomed, self._doomed = self._doomed, []
            self._prover.release(doomed)
