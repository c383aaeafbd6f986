"""The search tree: statuses, values, selection, and what may be forgotten."""

from __future__ import annotations

import math

import pytest

from pyorch.model import Goal
from pyorch.search.graph import Node, Standing, identity
from pyorch.search.invariants import check_invariants
from pyorch.search.model import Closed, Failed, Outcome, ProofState, Split, Suggestion
from pyorch.search.proofs import Gap, ProofStep, best_partial, gaps, length, smallest
from pyorch.search.tree import Batch, Tree, TreeSettings, Visit
from pyorch.search.value import Heuristic
from tests.unit.search_fakes import proof_state

QUIET = TreeSettings(noise=0.0)


def split(*names: str) -> Split:
    return Split(tuple(map(proof_state, names)))


def suggestions(*tactics: str) -> list[Suggestion]:
    return [Suggestion(tactic, 1.0, "test") for tactic in tactics]


def grow(tree: Tree, node: Node, **outcomes: Outcome) -> None:
    """Try these tactics at a node that has none, whatever selection would say."""
    tree.expand(node, suggestions(*outcomes))
    while node.untried:
        batch = tree.take(_visit(tree, node))
        tree.record(batch, [outcomes[tactic] for tactic in batch.tactics])


def _visit(tree: Tree, node: Node) -> Visit:
    way = []
    place = node
    while place is not tree.root:
        way.append(place.parents[0])
        place = place.parents[0].parent
    return Visit(tuple(reversed(way)), node)


def at(tree: Tree, name: str) -> Node:
    return tree.nodes[identity(proof_state(name))]


def tree_of(name: str = "root", settings: TreeSettings = QUIET) -> Tree:
    return Tree(proof_state(name), None, settings)


def test_a_tactic_needs_all_its_states() -> None:
    tree = tree_of()
    grow(tree, tree.root, constructor=split("left", "right"))
    grow(tree, at(tree, "left"), rfl=Closed())
    assert at(tree, "left").status is Standing.PROVED
    assert tree.root.status is Standing.OPEN
    grow(tree, at(tree, "right"), simp=Closed(), omega=Closed())
    assert tree.root.status is Standing.PROVED
    assert tree.proved == 3
    check_invariants(tree)
    left, right = (Goal("left"),), (Goal("right"),)
    assert smallest(tree.root) == ProofStep(
        "constructor",
        (ProofStep("rfl", (), left), ProofStep("simp", (), right, ("omega",))),
        (Goal("root"),),
    )


def test_one_failed_state_fails_the_tactic_and_all_failed_tactics_the_node() -> None:
    tree = tree_of()
    grow(tree, tree.root, constructor=split("left", "right"), skip=Failed("no"))
    grow(tree, at(tree, "left"), rfl=Failed("no"))
    assert at(tree, "left").status is Standing.FAILED
    assert at(tree, "right").status is Standing.OPEN
    assert tree.root.status is Standing.FAILED
    assert tree.select() is None
    check_invariants(tree)


def test_no_suggestions_are_a_failure() -> None:
    tree = tree_of()
    tree.expand(tree.root, [])
    assert tree.root.status is Standing.FAILED


def test_transpositions_are_one_node() -> None:
    tree = tree_of()
    grow(tree, tree.root, f=split("a"), g=split("b"))
    grow(tree, at(tree, "a"), h=split("c"))
    grow(tree, at(tree, "b"), h=split("c", "c"))
    assert len(tree.nodes) == 4
    grow(tree, at(tree, "c"), rfl=Closed())
    assert {node.status for node in tree.nodes.values()} == {Standing.PROVED}
    check_invariants(tree)
    proof = smallest(tree.root)
    assert proof is not None
    assert (proof.tactic, length(proof)) == ("f", 3)


def test_states_whose_hypotheses_have_other_names_are_not_shared() -> None:
    assert identity(proof_state("a?h")) != identity(proof_state("a?h_1"))
    assert identity(proof_state("a?x✝")) == identity(proof_state("a?y✝"))
    assert identity(proof_state("a?x✝,y")) != identity(proof_state("a?y,x✝"))


def test_a_proof_does_not_pass_through_itself() -> None:
    tree = tree_of()
    grow(tree, tree.root, symm=split("turned"), again=split("root"))
    assert [edge.tactics for edge in tree.root.edges.values()] == [["symm"]]
    grow(tree, at(tree, "turned"), symm=split("root"))
    assert tree.root.status is Standing.OPEN
    assert tree.select() is None
    assert tree.root.status is at(tree, "turned").status is Standing.FAILED
    check_invariants(tree)


def test_a_circle_with_a_way_out_is_left_by_it() -> None:
    tree = tree_of()
    tree.expand(tree.root, suggestions("symm", "simp"))
    visit = tree.select()
    assert visit is not None
    tree.record(tree.take(visit, 1), [split("turned")])
    grow(tree, at(tree, "turned"), symm=split("root"))
    visit = tree.select()
    assert visit is not None
    assert (visit.path, visit.node) == ((), tree.root)
    tree.record(tree.take(visit), [Closed()])
    assert tree.root.status is Standing.PROVED
    assert at(tree, "turned").status is Standing.PROVED
    check_invariants(tree)


def test_priors_are_normalized_and_odd_ones_dropped() -> None:
    tree = tree_of()
    odd = [
        Suggestion("a", 1.0, "one"),
        Suggestion("a", 3.0, "two"),
        Suggestion("b", 1.0, "one"),
        *(Suggestion(f"odd{x}", x, "one") for x in (0.0, -1.0, math.nan, math.inf)),
    ]
    tree.expand(tree.root, odd)
    assert [(s.tactic, s.prior, s.source) for s in tree.root.untried or ()] == [
        ("a", 0.75, "two"),
        ("b", 0.25, "one"),
    ]


def test_huge_priors_and_too_many_suggestions() -> None:
    tree = tree_of(settings=TreeSettings(suggestions=10))
    tree.expand(tree.root, [Suggestion(str(n), 1e308, "model") for n in range(10_000)])
    assert len(tree.root.untried or ()) == 10
    assert sum(s.prior for s in tree.root.untried or ()) == pytest.approx(1)


def test_few_suggestions_first_and_more_later() -> None:
    tree = tree_of(settings=TreeSettings(width=2, widest=5))
    tree.expand(tree.root, suggestions(*map(str, range(12))))
    sizes = []
    while (visit := tree.select()) is not None:
        batch = tree.take(visit)
        sizes.append(len(batch.suggestions))
        tree.record(batch, [Failed("no")] * len(batch.suggestions))
    assert sizes == [2, 4, 5, 1]
    assert tree.root.status is Standing.FAILED


def test_virtual_loss_sends_the_next_batch_elsewhere() -> None:
    tree = tree_of()
    grow(tree, tree.root, f=split("a"), g=split("b"))
    taken: list[Batch] = []
    for _ in range(2):
        visit = tree.select()
        assert visit is not None
        tree.expand(visit.node, suggestions("x", "y"))
        taken.append(tree.take(visit, 1))
    assert {batch.visit.node.key for batch in taken} == {identity(proof_state(n)) for n in "ab"}
    check_invariants(tree)
    for batch in taken:
        tree.cancel(batch)
    assert all(node.in_flight == 0 for node in tree.nodes.values())


def test_nothing_to_select_while_everything_is_under_way() -> None:
    tree = tree_of()
    tree.expand(tree.root, suggestions("x"))
    visit = tree.select()
    assert visit is not None
    batch = tree.take(visit)
    assert tree.select() is None
    assert tree.root.status is Standing.OPEN
    tree.record(batch, [Closed()])
    assert tree.root.status is Standing.PROVED


def test_the_depth_is_bounded() -> None:
    tree = tree_of(settings=TreeSettings(depth=1))
    grow(tree, tree.root, f=split("a"))
    grow(tree, at(tree, "a"), f=split("b"))
    assert tree.root.status is Standing.FAILED
    assert (tree.depth, len(tree.nodes)) == (1, 2)


def test_what_can_still_matter() -> None:
    tree = tree_of()
    grow(tree, tree.root, f=split("a"), g=split("b", "c"))
    grow(tree, at(tree, "a"), f=split("d"))
    assert tree.live() == set(tree.nodes.values())
    grow(tree, at(tree, "c"), f=Failed("no"))
    assert tree.decided() == [at(tree, "c")]
    assert tree.live() == {tree.root, at(tree, "a"), at(tree, "d")}
    grow(tree, at(tree, "d"), f=Closed())
    assert set(tree.decided()) == {tree.root, at(tree, "a"), at(tree, "d")}
    assert tree.decided() == []
    assert tree.live() == set()


def test_a_tactic_that_turns_out_wrong_is_gone_and_may_be_replaced() -> None:
    tree = tree_of()
    tree.expand(tree.root, suggestions("f", "g", "h"))
    visit = tree.select()
    assert visit is not None
    tree.record(tree.take(visit, 1), [split("a")])
    (edge,) = tree.root.edges.values()
    tree.kill(edge, "f")
    assert edge.status is Standing.FAILED
    assert tree.root.status is Standing.OPEN
    tree.record(tree.take(visit, 1), [split("a")])
    assert edge.status is Standing.OPEN
    assert edge.tactics == ["g"]
    grow(tree, at(tree, "a"), rfl=Closed())
    tree.kill(edge, "g")
    assert edge.tactics == ["g"], "what is proved stays so"
    check_invariants(tree)


class TestBestPartial:
    def test_nothing_is_better_than_no_progress(self) -> None:
        tree = tree_of("goal")
        grow(tree, tree.root, harder=split("a much longer goal than before"))
        assert best_partial(tree.root) == Gap((Goal("goal"),))

    def test_a_smaller_goal_is_progress(self) -> None:
        tree = tree_of("a goal of some length")
        grow(tree, tree.root, simp=split("short"))
        partial = best_partial(tree.root)
        assert isinstance(partial, ProofStep)
        assert list(gaps(partial)) == [Gap((Goal("short"),))]

    def test_a_case_that_is_proved_is_progress_even_if_the_other_is_harder(self) -> None:
        tree = tree_of("goal")
        grow(tree, tree.root, induction=split("zero", "a much longer goal than before"))
        grow(tree, at(tree, "zero"), simp=Closed())
        partial = best_partial(tree.root)
        assert length(partial) == 2
        assert list(gaps(partial)) == [Gap((Goal("a much longer goal than before"),))]

    def test_proved_goals_are_never_left(self) -> None:
        tree = tree_of("goal")
        grow(tree, tree.root, step=split("s0", "x"))
        for n in range(80):
            grow(tree, at(tree, f"s{n}"), step=split(f"s{n + 1}"))
        grow(tree, at(tree, "s80"), simp=Closed())
        assert [gap.goals[0].target for gap in gaps(best_partial(tree.root))] == ["x"]


class TestHeuristic:
    def test_as_documented(self) -> None:
        def state(goals: int, size: int) -> ProofState:
            return ProofState("", (Goal("p"),) * goals, (), size)

        start = state(1, 7)
        assert Heuristic()(state(1, 0), start) == 1
        assert Heuristic()(state(1, 7), start) == pytest.approx(1 / 1.3)
        assert Heuristic()(state(2, 7), start) == pytest.approx(1 / 1.8)
        assert Heuristic()(state(1, 31), start) == pytest.approx(1 / (1 + 0.5 + 0.5))

    @pytest.mark.parametrize(("value", "kept"), [(math.nan, 1e-6), (7.0, 1.0), (-1.0, 1e-6)])
    def test_another_one_is_kept_within_bounds(self, value: float, kept: float) -> None:
        tree = Tree(proof_state("root"), lambda state, start: value)
        assert tree.root.value == kept


def test_the_seed_changes_the_order_of_equal_suggestions() -> None:
    def order(seed: int) -> list[str]:
        tree = tree_of(settings=TreeSettings(seed=seed))
        tree.expand(tree.root, suggestions(*map(str, range(20))))
        return [s.tactic for s in tree.root.untried or ()]

    assert order(1) == order(1) != order(2)


def test_what_was_not_tried_of_a_batch_comes_first_next_time() -> None:
    tree = tree_of()
    tree.expand(tree.root, suggestions(*(f"simp {n}" for n in range(12))))
    batch = tree.take(_visit(tree, tree.root))
    outcomes: list[Outcome | None] = [Failed("no")] * 3 + [None] * (len(batch.tactics) - 3)
    tree.record(batch, outcomes)
    check_invariants(tree)
    assert tree.root.status is Standing.OPEN
    assert tree.take(_visit(tree, tree.root), 2).tactics == batch.tactics[3:5]
