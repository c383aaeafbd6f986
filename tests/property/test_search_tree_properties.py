"""The search on random finite problems, against brute force."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pyorch.search.graph import Edge, Node, Standing, identity
from pyorch.search.invariants import check_invariants
from pyorch.search.mcts import Budget, SearchResult, Stop, search
from pyorch.search.model import Outcome
from pyorch.search.proofs import best_partial, length, smallest
from pyorch.search.tree import Batch, Tree, TreeSettings
from tests.unit.search_fakes import (
    FakeProver,
    FakeSuggester,
    Problem,
    fewest_tactics,
    proof_state,
    provable,
    states_left,
)

NAMES = "abcdefg"
ENDLESS = Budget(seconds=None, tactics=None, nodes=None)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """States that lead to each other, circles and repetitions included."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    left = st.none() | st.lists(st.sampled_from(names), max_size=3).map(tuple)
    tactics = {name: draw(st.lists(left, max_size=5)) for name in names}
    return {name: {f"t{n}": to for n, to in enumerate(tactics[name])} for name in names}


settings_of_trees = st.builds(
    TreeSettings,
    exploration=st.sampled_from([0.0, 0.3, 1.0, 4.0]),
    width=st.integers(1, 4),
    widest=st.integers(1, 8),
    seed=st.integers(0, 3),
)


def run(problem: Problem, settings: TreeSettings, provers: int = 1) -> SearchResult:
    fakes = [FakeProver(problem) for _ in range(provers)]
    roots = [fake.state("a") for fake in fakes]
    result = search(
        roots[0],
        fakes[0],
        FakeSuggester(problem),
        others=list(zip(fakes[1:], roots[1:], strict=True)),
        budget=ENDLESS,
        settings=settings,
    )
    for fake, root in zip(fakes, roots, strict=True):
        assert fake.live == {root.handle: "a"}, "all states but the root are released"
    return result


@given(problems(), settings_of_trees, st.integers(1, 3))
def test_finds_a_proof_if_and_only_if_there_is_one(
    problem: Problem, settings: TreeSettings, provers: int
) -> None:
    result = run(problem, settings, provers)
    left = list(states_left(problem, "a", result.partial))
    if "a" in provable(problem):
        assert result.stop is Stop.PROVED
        assert result.proof is not None and result.proof == result.partial
        assert left == []
    else:
        assert result.stop is Stop.EXHAUSTED
        assert result.proof is None
        assert left


@given(problems(), settings_of_trees)
def test_same_seed_same_run(problem: Problem, settings: TreeSettings) -> None:
    def once() -> tuple[SearchResult, list[tuple[str, str]]]:
        prover = FakeProver(problem)
        result = search(
            prover.state("a"),
            prover,
            FakeSuggester(problem),
            budget=ENDLESS,
            settings=settings,
            clock=lambda: 0.0,
        )
        return result, prover.calls

    assert once() == once()


@given(problems(), settings_of_trees, st.data())
def test_invariants_hold_whatever_is_under_way(
    problem: Problem, settings: TreeSettings, data: st.DataObject
) -> None:
    """Batches are taken, come back in any order, or are cancelled; tactics turn out wrong."""
    tree = Tree(proof_state("a"), None, settings)
    prover, suggester = FakeProver(problem), FakeSuggester(problem)
    under_way: list[Batch] = []
    wrong = False
    for _ in range(60):
        move = data.draw(st.sampled_from(["take", "take", "record", "record", "cancel", "kill"]))
        if move == "take" and (visit := tree.select()) is not None:
            if visit.node.untried is None:
                tree.expand(visit.node, suggester.suggest(visit.node.state))
            if visit.node.untried:
                under_way.append(tree.take(visit, data.draw(st.none() | st.integers(1, 3))))
        elif move == "kill":
            edges = [e for n in tree.nodes.values() for e in n.edges.values() if e.tactics]
            if edges and data.draw(st.integers(0, 9)) == 0:
                edge = data.draw(st.sampled_from(edges))
                tree.kill(edge, edge.tactics[0])
                wrong = True
        elif under_way and move != "take":
            batch = under_way.pop(data.draw(st.integers(0, len(under_way) - 1)))
            if move == "cancel":
                tree.cancel(batch)
            else:
                tree.record(batch, outcomes(prover, batch))
        check_invariants(tree)
    for batch in under_way:
        tree.cancel(batch)
    check_invariants(tree)
    assert all(n.in_flight == n.running == 0 for n in tree.nodes.values()), "no virtual loss left"
    proved = {n.key[0] for n in tree.nodes.values() if n.status is Standing.PROVED}
    failed = {n.key[0] for n in tree.nodes.values() if n.status is Standing.FAILED}
    assert proved <= provable(problem)
    assert wrong or not failed & provable(problem)


def outcomes(prover: FakeProver, batch: Batch) -> list[Outcome]:
    state = prover.state(batch.visit.node.key[0])
    return list(prover.apply(state, batch.tactics))


@given(problems(), settings_of_trees)
def test_taking_and_cancelling_changes_nothing(problem: Problem, settings: TreeSettings) -> None:
    tree = Tree(proof_state("a"), None, settings)
    tree.expand(tree.root, FakeSuggester(problem).suggest(tree.root.state))
    visit = tree.select()
    if visit is None:
        return
    before = list(tree.root.untried or ())
    tree.cancel(tree.take(visit))
    assert list(tree.root.untried or ()) == before
    assert (tree.root.in_flight, tree.root.visits, tree.root.batches) == (0, 0, 0)


@given(problems())
def test_the_smallest_proof_and_the_best_partial_one(problem: Problem) -> None:
    """On the whole graph of a problem, which a search need not have seen."""
    states = {name: proof_state(name) for name in problem}
    nodes = {name: Node(state, identity(state), 0, 0.5, 0.5) for name, state in states.items()}
    for name, tactics in problem.items():
        for tactic, left in tactics.items():
            if left is not None and name not in left:
                children = tuple(nodes[child] for child in left)
                known = nodes[name].edges.setdefault(children, Edge(nodes[name], children, [], 1.0))
                known.tactics.append(tactic)
        if name in provable(problem):
            nodes[name].status = Standing.PROVED
    fewest = fewest_tactics(problem)
    for name, node in nodes.items():
        proof = smallest(node)
        assert (length(proof) if proof else None) == fewest.get(name)
        assert proof is None or list(states_left(problem, name, proof)) == []
        partial = best_partial(node)
        left_open = list(states_left(problem, name, partial))
        assert bool(left_open) == (proof is None)
        assert not provable(problem).intersection(left_open)
