"""The search tree, which is a graph: proof states (OR) joined by tactics (AND). No input, output.

A batch of tactics goes through it like this, and several may be under way:

    visit = tree.select()                      where to look next (`pyorch.search.puct`)
    tree.expand(visit.node, suggestions)       if nobody has asked for suggestions there
    batch = tree.take(visit)                   these tactics are being tried: virtual loss
    tree.record(batch, outcomes)               or tree.cancel(batch)

A node is proved when a tactic leaves only proved nodes, so a proof never rests on itself. It
fails when nothing is left to try and each tactic leaves a failed node. What only goes round in
circles fails when the root has nothing else left.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from pyorch.search.graph import Edge, Node, Standing, identity
from pyorch.search.model import Closed, Failed, Outcome, ProofState, Suggestion
from pyorch.search.proofs import cheapest
from pyorch.search.puct import LEAST_VALUE, TreeSettings, Visit, back_up, descend, width
from pyorch.search.value import Heuristic, Value

__all__ = ["Batch", "Tree", "TreeSettings", "Visit"]


@dataclass(frozen=True)
class Batch:
    """Suggestions that are being tried."""

    visit: Visit
    suggestions: tuple[Suggestion, ...]

    @property
    def tactics(self) -> list[str]:
        return [suggestion.tactic for suggestion in self.suggestions]


class Tree:
    """All that a search knows.

    Attributes:
        nodes: by `identity`.
        proved: number of nodes that are proved.
        depth: of the deepest node.
    """

    def __init__(
        self,
        root: ProofState,
        value: Value | None = None,
        settings: TreeSettings | None = None,
    ) -> None:
        self.settings = settings or TreeSettings()
        self._value = value or Heuristic()
        self._start = root
        self._decided: list[Node] = []
        self.nodes: dict[str, Node] = {}
        self.proved = self.depth = 0
        self.root = self._intern(root, identity(root), 0)

    def select(self) -> Visit | None:
        """Where to try something next; None if there is nothing, for now or for good."""
        if self.root.status is not Standing.OPEN:
            return None
        visit = descend(self.root, self.settings)
        if visit is None and not self.root.in_flight:
            visit = self._decide_circles()
        return visit

    def expand(self, node: Node, suggestions: Iterable[Suggestion]) -> None:
        """Give a node its suggestions. Those without a proper prior, and repetitions, go."""
        best: dict[str, Suggestion] = {}
        for new in suggestions:
            known = best.get(new.tactic)
            if 0 < new.prior < math.inf and (known is None or known.prior < new.prior):
                best[new.tactic] = new
        unit = max((s.prior for s in best.values()), default=1.0)
        priors = {t: s.prior / unit * (1 + self._noise(node, t)) for t, s in best.items()}
        chosen = sorted(priors, key=lambda t: -priors[t])[: self.settings.suggestions]
        total = sum(priors[t] for t in chosen)
        node.untried = deque(replace(best[t], prior=priors[t] / total) for t in chosen)
        self._settle([node])

    def take(self, visit: Visit, most: int | None = None) -> Batch:
        """The next suggestions of the node, at most ``most``, which are under way from now on."""
        node = visit.node
        assert node.untried
        size = min(width(node, self.settings), len(node.untried))
        size = size if most is None else min(size, most)
        chosen = tuple(node.untried.popleft() for _ in range(size))
        node.running += 1
        node.batches += 1
        self._pass(visit, in_flight=1, visits=0)
        return Batch(visit, chosen)

    def record(self, batch: Batch, outcomes: Sequence[Outcome | None]) -> None:
        """What became of a batch, one outcome a suggestion; None for what was not tried."""
        node = batch.visit.node
        assert node.untried is not None
        left = []
        for suggestion, outcome in zip(batch.suggestions, outcomes, strict=True):
            if outcome is None:
                left.append(suggestion)
            else:
                self._add(node, suggestion, outcome)
        node.untried.extendleft(reversed(left))
        node.running -= 1
        self._pass(batch.visit, in_flight=-1, visits=1)
        self._settle([node])
        back_up(batch.visit.nodes, self.settings)

    def cancel(self, batch: Batch) -> None:
        """A batch was not tried; it is as if it had not been taken."""
        node = batch.visit.node
        assert node.untried is not None
        node.untried.extendleft(reversed(batch.suggestions))
        node.running -= 1
        node.batches -= 1
        self._pass(batch.visit, in_flight=-1, visits=0)

    def kill(self, edge: Edge, tactic: str) -> None:
        """The tactic does not do what it was said to do. What is proved already stays so."""
        if edge.status is not Standing.PROVED and tactic in edge.tactics:
            edge.tactics.remove(tactic)
            self._settle([edge.parent])

    def decided(self) -> list[Node]:
        """Nodes that were proved or failed since this was last asked: nothing will be tried there
        any more."""
        decided, self._decided = self._decided, []
        return decided

    def live(self) -> set[Node]:
        """The nodes that can still matter: those on some open way from the root."""
        if self.root.status is not Standing.OPEN:
            return set()
        seen, fresh = {self.root}, [self.root]
        while fresh:
            for edge in fresh.pop().edges.values():
                if edge.status is Standing.OPEN:
                    new = {c for c in edge.children if c.status is Standing.OPEN} - seen
                    seen |= new
                    fresh.extend(new)
        return seen

    def _decide_circles(self) -> Visit | None:
        """The shortest way to something untried whose tactics could make a proof; if there is
        none, all that is left goes round in circles, and fails."""

        def leave(node: Node) -> float | None:
            return None if node.status is Standing.FAILED or _spent(node) else 0.0

        choice = cheapest(self.root, lambda edge: 1.0, leave)
        if self.root not in choice:
            for node in self.live() - choice.keys():
                self._decide(node, Standing.FAILED)
            return None
        path: list[Edge] = []
        node = self.root
        while (edge := choice[node]) is not None:
            path.append(edge)
            node = next(child for child in edge.children if child.status is Standing.OPEN)
        return Visit(tuple(path), node)

    def _add(self, node: Node, suggestion: Suggestion, outcome: Outcome) -> None:
        if isinstance(outcome, Failed):
            return
        states = () if isinstance(outcome, Closed) else outcome.states
        keys = [identity(state) for state in states]
        depth = node.depth + 1
        if node.key in keys or (states and depth > self.settings.depth):
            return
        children = tuple(self._intern(s, k, depth) for s, k in zip(states, keys, strict=True))
        edge = node.edges.get(children)
        if edge is not None:
            edge.tactics.append(suggestion.tactic)
            edge.prior += suggestion.prior
            return
        edge = Edge(node, children, [suggestion.tactic], suggestion.prior)
        node.edges[children] = edge
        for child in dict.fromkeys(children):
            child.parents.append(edge)

    def _intern(self, state: ProofState, key: str, depth: int) -> Node:
        node = self.nodes.get(key)
        if node is None:
            value = min(1.0, max(LEAST_VALUE, self._value(state, self._start)))
            node = self.nodes[key] = Node(state, key, depth, value, value)
            self.depth = max(self.depth, depth)
        return node

    def _pass(self, visit: Visit, *, in_flight: int, visits: int) -> None:
        for edge in visit.path:
            edge.in_flight += in_flight
            edge.visits += visits
        for node in visit.nodes:
            node.in_flight += in_flight
            node.visits += visits

    def _settle(self, nodes: list[Node]) -> None:
        """Draw the conclusions for these nodes and upwards."""
        while nodes:
            node = nodes.pop()
            if node.status is not Standing.OPEN:
                continue
            known = {edge.status for edge in node.edges.values()}
            if Standing.PROVED in known:
                self._decide(node, Standing.PROVED)
            elif node.exhausted and Standing.OPEN not in known:
                self._decide(node, Standing.FAILED)
            else:
                continue
            nodes.extend(edge.parent for edge in node.parents)

    def _decide(self, node: Node, status: Standing) -> None:
        node.status = status
        node.value = 1.0 if status is Standing.PROVED else 0.0
        self.proved += status is Standing.PROVED
        self._decided.append(node)

    def _noise(self, node: Node, tactic: str) -> float:
        text = f"{self.settings.seed}\0{node.key}\0{tactic}".encode("utf-8", "surrogatepass")
        digest = blake2b(text, digest_size=8).digest()
        return self.settings.noise * int.from_bytes(digest) / 2**64


def _spent(node: Node) -> bool:
    return node.status is Standing.OPEN and node.exhausted
