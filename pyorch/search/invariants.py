"""What is true of a search tree between any two of its operations."""

from __future__ import annotations

from collections import Counter

from pyorch.search.graph import Node, Standing, identity
from pyorch.search.proofs import cheapest
from pyorch.search.tree import Tree

__all__ = ["check_invariants"]


def check_invariants(tree: Tree) -> None:
    """Raise AssertionError with the invariant that does not hold."""
    links: Counter[int] = Counter()
    for key, node in tree.nodes.items():
        assert key == node.key == identity(node.state), "a node is found by its identity"
        assert node.depth <= tree.depth, "no node is deeper than the tree"
        for children, edge in node.edges.items():
            assert edge.parent is node and edge.children == children, "an edge knows its ends"
            assert node not in children, "no tactic leads back at once"
            for child in set(children):
                assert tree.nodes.get(child.key) is child, "states are shared"
                assert edge in child.parents, "a node knows what leads to it"
                links[id(child)] += 1
        _check_counts(node)
        _check_status(node)
    for node in tree.nodes.values():
        assert len(node.parents) == links[id(node)], "nothing else leads to it"
    proved = [node for node in tree.nodes.values() if node.status is Standing.PROVED]
    assert tree.proved == len(proved), "the proved nodes are counted"
    for node in proved:
        assert node in cheapest(node, lambda edge: 1, lambda _: None), "a proof is well-founded"


def _check_counts(node: Node) -> None:
    edges = node.edges.values()
    assert min(node.running, node.in_flight, *(e.in_flight for e in edges), 0) == 0, "not negative"
    in_flight = node.running + sum(edge.in_flight for edge in edges)
    assert node.in_flight == in_flight, "what is on its way through goes on, or is tried here"
    visits = node.batches - node.running + sum(edge.visits for edge in edges)
    assert node.visits == visits, "so did what has been through"
    assert node.running <= node.batches, "what runs was taken"
    priors = sum(s.prior for s in node.untried or ()) + sum(edge.prior for edge in edges)
    assert priors <= 1 + 1e-9, "priors are probabilities"


def _check_status(node: Node) -> None:
    known = {edge.status for edge in node.edges.values()}
    assert 0 <= node.value <= 1 and 0 < node.heuristic <= 1, "values are probabilities"
    assert (node.status is Standing.PROVED) == (Standing.PROVED in known), "one proof is enough"
    if node.status is Standing.FAILED:
        assert node.exhausted and Standing.OPEN not in known, "nothing is left of a failed node"
        assert node.value == 0, "it is worth nothing"
    elif node.status is Standing.PROVED:
        assert node.value == 1, "certain is certain"
    else:
        assert node.value > 0, "an open node may be proved"
        assert not node.exhausted or Standing.OPEN in known, "an open node has something left"
