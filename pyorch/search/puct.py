"""Where the search looks next: PUCT on an AND/OR graph, with values, widening and virtual loss.

The arms of a node are the tactics that led somewhere, and the next few suggestions that nobody
has tried (progressive widening). An arm's score is AlphaZero's (Silver et al. 2017):

      value · (1 + visits) / (1 + visits + in flight)
    + exploration · prior / (sum of the arms' priors)
        · √(1 + visits and in flight of the node) / (1 + visits + in flight)

where what is in flight, being tried by some prover now, counts as a visit that came back with
nothing: the virtual loss.

Values: a tactic has the product of the values of the states that it leaves (all are needed),
times a discount, so that short proofs come first. Untried suggestions have the node's heuristic
value divided by 1 + the batches already tried. A node has the best of its arms' values and not
their average, since one tactic that works is enough, and nothing random needs averaging out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from pyorch.search.graph import Edge, Node, Standing

__all__ = ["LEAST_VALUE", "TreeSettings", "Visit", "back_up", "descend", "width"]

#: Value of an open node that looks hopeless.
LEAST_VALUE = 1e-6


@dataclass(frozen=True)
class TreeSettings:
    """What steers the search.

    Attributes:
        exploration: weight of priors and visits against values.
        discount: factor on the value of a state for the tactic that leads to it.
        width: suggestions tried at a node at first; each further time twice as many.
        widest: most suggestions tried at a time.
        suggestions: most suggestions considered at a node.
        depth: most tactics on the way to a node.
        noise: a prior is raised by up to this part of it at random, to make seeds differ.
        seed: of that noise, which depends on node and tactic, not on the order of events.
    """

    exploration: float = 1.0
    discount: float = 0.97
    width: int = 8
    widest: int = 32
    suggestions: int = 512
    depth: int = 100
    noise: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class Visit:
    """A way from the root to a node with something left to try."""

    path: tuple[Edge, ...]
    node: Node

    @property
    def nodes(self) -> list[Node]:
        """All nodes of the way, the root first."""
        return [*(edge.parent for edge in self.path), self.node]


def width(node: Node, settings: TreeSettings) -> int:
    """How many suggestions are tried next."""
    return min(settings.width << min(node.batches, 16), settings.widest)


def descend(root: Node, settings: TreeSettings) -> Visit | None:
    """The best way to something untried that passes through no node twice.

    Depth first, best arm first; no node is entered twice. So a way may be missed where circles
    lead back to it, and None does not mean that there is none.
    """
    path: list[Edge] = []
    nodes = [root]
    entered = {root}
    moves = [_moves(root, settings)]
    while moves:
        move = next(moves[-1], None)
        if move is None:
            back_up(nodes, settings, last_only=True)
            moves.pop()
            nodes.pop()
            del path[-1:]
            continue
        edge, child = move
        if edge is None:
            return Visit(tuple(path), child)
        # What is needed to prove a node is of no use in proving what is needed for it.
        circular = any(c.status is Standing.OPEN and c in nodes for c in edge.children)
        if child not in entered and not circular:
            path.append(edge)
            nodes.append(child)
            entered.add(child)
            moves.append(_moves(child, settings))
    return None


def back_up(nodes: list[Node], settings: TreeSettings, *, last_only: bool = False) -> None:
    """New values for the nodes of a way from the root, from the last one up.

    What leads back to the way itself is worth nothing on it.
    """
    way = set(nodes)
    for node in nodes[-1:] if last_only else reversed(nodes):
        if node.status is Standing.OPEN:
            values = [
                settings.discount * edge.value
                for edge in node.edges.values()
                if edge.status is Standing.OPEN and way.isdisjoint(edge.children)
            ]
            if not node.exhausted:
                values.append(_hope(node))
            node.value = max(values, default=LEAST_VALUE)
        way.discard(node)


def _moves(node: Node, settings: TreeSettings) -> Iterator[tuple[Edge | None, Node]]:
    """Ways to go on from a node, the best first; without an edge: try suggestions here."""
    edges = [edge for edge in node.edges.values() if edge.status is Standing.OPEN]
    untried = node.untried or ()
    next_few = sum(s.prior for s in islice(untried, width(node, settings)))
    total = (sum(edge.prior for edge in edges) + next_few) or 1.0
    scale = settings.exploration * math.sqrt(1 + node.visits + node.in_flight) / total

    def score(value: float, prior: float, visits: int, in_flight: int) -> float:
        return (value * (1 + visits) + scale * prior) / (1 + visits + in_flight)

    arms: list[tuple[float, Edge | None]] = [
        (score(settings.discount * edge.value, edge.prior, edge.visits, edge.in_flight), edge)
        for edge in edges
    ]
    if untried or node.untried is None:
        tried = node.batches - node.running
        arms.append((score(_hope(node), next_few, tried, node.running), None))
    for _, arm in sorted(arms, key=lambda scored: -scored[0]):
        if arm is None:
            yield None, node
            continue
        # Every goal has to be proved, so a hard one must not keep the others from their turn.
        for child in sorted(arm.children, key=lambda child: child.visits + child.in_flight):
            if child.status is Standing.OPEN:
                yield arm, child


def _hope(node: Node) -> float:
    return node.heuristic / (1 + node.batches)
