"""Proofs and partial proofs as trees of tactics, and the cheapest one in a search graph."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from pyorch.model import Goal
from pyorch.search.graph import Edge, Node, Standing

__all__ = ["Gap", "Proof", "ProofStep", "best_partial", "cheapest", "gaps", "length", "smallest"]

#: An estimate is multiplied by this a step, so that idle steps do not look like progress.
_STEP = -math.log(0.99)
#: Cost of leaving a goal for which everything has been tried.
_HOPELESS = 3.0
#: Cost of leaving a goal on which a tactic has already closed one of its cases.
_FORGONE = 1.0
#: A step that is part of a proof, or one of whose cases is proved, costs next to nothing.
_FINISHED = 1e-6
#: Steps count first, characters second.
_STEP_LENGTH = 1_000_000


@dataclass(frozen=True)
class Gap:
    """Goals without a proof."""

    goals: tuple[Goal, ...]


@dataclass(frozen=True)
class ProofStep:
    """A tactic and what comes after it.

    Attributes:
        tactic: as Lean text.
        branches: a proof of each state that the tactic leaves; none if it closes the state.
        goals: of the state that it acts on; more than one if they are proved together.
        alternatives: other tactics that are known to leave the same states, the shortest first.
    """

    tactic: str
    branches: tuple[Proof, ...] = ()
    goals: tuple[Goal, ...] = ()
    alternatives: tuple[str, ...] = ()


Proof = ProofStep | Gap


def gaps(proof: Proof) -> Iterator[Gap]:
    """What is left to prove, in the order of the script."""
    if isinstance(proof, Gap):
        yield proof
    else:
        for branch in proof.branches:
            yield from gaps(branch)


def length(proof: Proof) -> int:
    """Number of tactics."""
    return 0 if isinstance(proof, Gap) else 1 + sum(map(length, proof.branches))


def smallest(root: Node) -> ProofStep | None:
    """The proof of ``root`` with the fewest tactics (then characters), if there is one."""
    if root.status is not Standing.PROVED:
        return None
    chosen = cheapest(root, lambda edge: _STEP_LENGTH + len(edge.tactic), lambda node: None)
    proof = _build(root, chosen)
    assert isinstance(proof, ProofStep)
    return proof


def best_partial(root: Node) -> Proof:
    """The way to leave goals open whose product of heuristic values is the largest.

    A goal that is proved is not left open, and one of whose cases some are proved only if that
    is much better. It is the proof itself if there is one.
    """

    def got_somewhere(edge: Edge) -> bool:
        statuses = [child.status for child in edge.children]
        return edge.status is Standing.PROVED or Standing.PROVED in statuses

    def step(edge: Edge) -> float:
        return _FINISHED if got_somewhere(edge) else _STEP

    def leave(node: Node) -> float | None:
        if node.status is Standing.PROVED:
            return None
        cost = -math.log(node.heuristic)
        if node.status is Standing.FAILED:
            cost += _HOPELESS
        if any(map(got_somewhere, node.edges.values())):
            cost += _FORGONE
        return cost

    return smallest(root) or _build(root, cheapest(root, step, leave))


Choice = dict[Node, Edge | None]


def cheapest(
    root: Node, step: Callable[[Edge], float], leave: Callable[[Node], float | None]
) -> Choice:
    """The cheapest tree below ``root``: Dijkstra's algorithm on an AND/OR graph (Knuth 1977).

    The cost of a tree is the sum over its steps and over the nodes that it leaves. Because a
    node is worth more than each node below it, no tree passes through a node twice, whatever
    cycles the graph has.

    Args:
        step: cost of an edge, positive.
        leave: cost of going no further at a node, not negative; None where that is no option.

    Returns:
        The edge to take at a node, None to leave it; it has ``root`` if there is any tree.
    """
    choice: Choice = {}
    heap: list[tuple[float, int, Node, Edge | None]] = []
    serial = count()
    waiting: dict[Edge, int] = {}
    so_far: dict[Edge, float] = {}
    users: dict[Node, list[tuple[Edge, int]]] = {}

    def offer(cost: float, node: Node, edge: Edge | None) -> None:
        heapq.heappush(heap, (cost, next(serial), node, edge))

    seen, fresh = {root}, [root]
    while fresh:
        node = fresh.pop()
        cost = leave(node)
        if cost is not None:
            offer(cost, node, None)
        for edge in node.edges.values():
            if edge.broken:
                continue
            so_far[edge], needed = step(edge), dict.fromkeys(edge.children)
            waiting[edge] = len(needed)
            if not needed:
                offer(so_far[edge], node, edge)
            for child in needed:
                users.setdefault(child, []).append((edge, edge.children.count(child)))
                if child not in seen:
                    seen.add(child)
                    fresh.append(child)
    while heap and root not in choice:
        cost, _, node, taken = heapq.heappop(heap)
        if node in choice:
            continue
        choice[node] = taken
        for edge, times in users.get(node, ()):
            so_far[edge] += times * cost
            waiting[edge] -= 1
            if not waiting[edge]:
                offer(so_far[edge], edge.parent, edge)
    return choice


def _build(root: Node, choice: Choice) -> Proof:
    needed, fresh = {root}, [root]
    while fresh:
        edge = choice[fresh.pop()]
        new = set(edge.children) - needed if edge is not None else set()
        needed |= new
        fresh.extend(new)
    made: dict[Node, Proof] = {}
    for node, edge in choice.items():  # children come before their parents
        if node not in needed:
            continue
        goals = node.state.goals
        if edge is None:
            made[node] = Gap(goals)
            continue
        branches = tuple(made[child] for child in edge.children)
        others = sorted((t for t in edge.tactics if t != edge.tactic), key=len)
        made[node] = ProofStep(edge.tactic, branches, goals, tuple(others))
    return made[root]
