"""The loop of the search: budgets, interruptions, several provers, the log, and progress."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from pyorch.errors import ServerCrashed
from pyorch.search.graph import identity
from pyorch.search.log import OutcomeLog
from pyorch.search.mcts import search
from pyorch.search.model import ProofState
from pyorch.search.proofs import Gap, Proof, length
from pyorch.search.puct import TreeSettings
from pyorch.search.result import Budget, SearchProgress, SearchResult, Stop
from tests.unit.search_fakes import FakeProver, FakeSuggester, Problem, proof_state, states_left

ENDLESS = Budget(seconds=None, tactics=None, nodes=None)

#: Two goals, each of which takes a few steps; and a way that leads nowhere.
PROBLEM: Problem = {
    "goal": {"simp": None, "induction": ["zero", "succ"], "symm": ["laog"], "grow": ["larger1"]},
    "laog": {"symm": ["goal"]},
    "zero": {"simp": None, "rfl": []},
    "succ": {"intro": ["succ1"], "rfl": None},
    "succ1": {"rw": ["succ2"], "simp": None},
    "succ2": {"omega": [], "rfl": []},
    **{f"larger{n}": {"grow": [f"larger{n + 1}"]} for n in range(1, 1000)},
}
#: The same without the last step.
OPEN: Problem = {**PROBLEM, "succ2": {"omega": None}}


def run(
    prover: FakeProver,
    *,
    budget: Budget = ENDLESS,
    log: OutcomeLog | None = None,
    others: tuple[FakeProver, ...] = (),
    settings: TreeSettings | None = None,
    progress: Callable[[SearchProgress], None] | None = None,
    clock: Callable[[], float] = lambda: 0.0,
) -> SearchResult:
    root = prover.state("goal")
    return search(
        root,
        prover,
        FakeSuggester(prover.problem),
        others=[(other, other.state("goal")) for other in others],
        budget=budget,
        settings=settings,
        log=log,
        progress=progress,
        clock=clock,
    )


def left_open(proof: Proof) -> list[str]:
    return list(states_left(PROBLEM, "goal", proof))


def test_finds_the_proof() -> None:
    prover = FakeProver(PROBLEM)
    result = run(prover)
    assert result.stop is Stop.PROVED
    assert result.proof == result.partial
    assert (length(result.partial), left_open(result.partial)) == (5, [])
    assert list(prover.live.values()) == ["goal"]
    assert result.statistics.tactics == len(prover.calls)
    assert result.statistics.proved >= 5


def test_no_tactic_is_run_twice_on_a_state() -> None:
    prover = FakeProver(OPEN)
    run(prover, budget=Budget(seconds=None, tactics=500))
    assert len(prover.calls) == len(set(prover.calls)) <= 500


@pytest.mark.parametrize("tactics", [0, 1, 2, 3, 7, 50])
def test_the_budget_of_tactics_is_kept_and_used(tactics: int) -> None:
    prover = FakeProver(OPEN)
    result = run(prover, budget=Budget(seconds=None, tactics=tactics))
    assert result.stop is Stop.TACTICS
    assert result.statistics.tactics == len(prover.calls) == tactics
    assert list(prover.live.values()) == ["goal"]


def test_the_budget_of_nodes() -> None:
    result = run(FakeProver(OPEN), budget=Budget(seconds=None, nodes=20))
    assert result.stop is Stop.NODES
    assert result.statistics.nodes == 20


def test_the_budget_of_seconds() -> None:
    ticks = count()
    result = run(FakeProver(OPEN), budget=Budget(seconds=100), clock=lambda: float(next(ticks)))
    assert result.stop is Stop.SECONDS
    assert result.statistics.seconds >= 100


def test_the_best_partial_proof_when_out_of_budget() -> None:
    result = run(FakeProver(OPEN), budget=Budget(seconds=None, tactics=200))
    assert result.proof is None
    assert left_open(result.partial) == ["succ"]


def test_everything_tried() -> None:
    problem: Problem = {"goal": {"symm": ["laog"], "simp": None}, "laog": {"symm": ["goal"]}}
    result = run(FakeProver(problem))
    assert result.stop is Stop.EXHAUSTED
    assert isinstance(result.partial, Gap)


def test_ctrl_c_gives_the_best_so_far() -> None:
    def interrupt(number: int) -> None:
        if number == 6:
            raise KeyboardInterrupt

    prover = FakeProver(OPEN, interrupt)
    result = run(prover)
    assert result.stop is Stop.INTERRUPTED
    assert left_open(result.partial) == ["succ"]
    assert list(prover.live.values()) == ["goal"]


def test_ctrl_c_with_several_provers() -> None:
    def interrupt(progress: SearchProgress) -> None:
        if progress.statistics.tactics > 10:
            raise KeyboardInterrupt

    ticks = count()
    result = run(
        FakeProver(OPEN),
        others=(FakeProver(OPEN),),
        progress=interrupt,
        clock=lambda: float(next(ticks)),
    )
    assert result.stop is Stop.INTERRUPTED
    assert left_open(result.partial)


@pytest.mark.parametrize("provers", [1, 2])
def test_a_prover_that_fails_ends_the_search_and_says_why(provers: int) -> None:
    def crash(number: int) -> None:
        if number == 3:
            raise ServerCrashed("Lean ended")

    fakes = [FakeProver(OPEN, crash) for _ in range(provers)]
    result = run(fakes[0], others=tuple(fakes[1:]))
    assert (result.stop, result.fault) == (Stop.FAULT, "Lean ended")
    assert result.proof is None


def test_progress_is_reported_now_and_then() -> None:
    seen: list[SearchProgress] = []
    ticks = count()
    run(
        FakeProver(OPEN),
        budget=Budget(seconds=None, tactics=60),
        progress=seen.append,
        clock=lambda: next(ticks) / 10,
    )
    tactics = [progress.statistics.tactics for progress in seen]
    assert tactics == sorted(tactics)
    assert 2 <= len(tactics) < 60
    assert left_open(seen[-1].partial)
    assert seen[-1].statistics.depth >= 2


def test_several_provers_work_at_the_same_time() -> None:
    """They meet at a barrier, which only breaks open if all have something to do at once."""
    problem: Problem = {
        "goal": {"split": ["a", "b", "c"]},
        **{name: {"simp": None, "rfl": []} for name in "abc"},
    }
    barrier = threading.Barrier(3)

    def meet_at(request: int) -> Callable[[int], None]:
        def meet(number: int) -> None:
            if number == request:
                barrier.wait(60)

        return meet

    first = FakeProver(problem, meet_at(1))
    second, third = FakeProver(problem, meet_at(0)), FakeProver(problem, meet_at(0))
    result = run(first, others=(second, third), settings=TreeSettings(width=2, widest=2))
    assert result.stop is Stop.PROVED
    assert list(states_left(problem, "goal", result.partial)) == []
    assert result.statistics.replayed == 2, "two of them had to get to their goals first"
    for prover in (first, second, third):
        assert list(prover.live.values()) == ["goal"]


class TestLog:
    def log(self, folder: Path) -> OutcomeLog:
        return OutcomeLog(folder, "statement", "environment", "toolchain")

    def test_a_killed_search_goes_on_where_it_was(self, tmp_path: Path) -> None:
        whole = FakeProver(PROBLEM)
        expected = run(whole)
        for stop_at in range(1, len(whole.calls)):
            folder = tmp_path / str(stop_at)
            first, second = FakeProver(PROBLEM), FakeProver(PROBLEM)
            with self.log(folder) as log:
                run(first, log=log, budget=Budget(seconds=None, tactics=stop_at))
            with self.log(folder) as log:
                result = run(second, log=log)
            assert result.proof == expected.proof
            assert result.statistics.nodes == expected.statistics.nodes
            assert result.statistics.recalled == stop_at
            again = len(second.calls) - result.statistics.replayed
            assert first.calls + [c for c in second.calls if c not in first.calls] == whole.calls
            assert stop_at + again == len(whole.calls), "what is known is not tried again"

    def test_a_finished_search_runs_nothing(self, tmp_path: Path) -> None:
        with self.log(tmp_path) as log:
            first = run(FakeProver(PROBLEM), log=log)
        prover = FakeProver(PROBLEM)
        with self.log(tmp_path) as log:
            assert run(prover, log=log).proof == first.proof
        assert prover.calls == []

    def test_a_state_that_cannot_be_made_again_is_given_up(self, tmp_path: Path) -> None:
        """The log says that `induction` worked; this time it does not."""
        with self.log(tmp_path) as log:
            run(FakeProver(PROBLEM), log=log, budget=Budget(seconds=None, tactics=8))
        changed: Problem = {**PROBLEM, "goal": {**PROBLEM["goal"], "induction": None}}
        with self.log(tmp_path) as log:
            result = search(
                (prover := FakeProver(changed)).state("goal"),
                prover,
                FakeSuggester(PROBLEM),
                budget=Budget(seconds=None, tactics=100),
                log=log,
            )
            assert result.stop is Stop.TACTICS
            assert ("goal", "induction") in prover.calls
            assert result.statistics.tactics == len(prover.calls) == 100
            assert log.recall(identity(proof_state("goal")), ["induction"]) == {}

    def test_a_log_that_breaks_does_not_end_the_search(self, tmp_path: Path) -> None:
        with self.log(tmp_path) as log:
            log._database.close()
            result = run(FakeProver(PROBLEM), log=log)
            assert result.stop is Stop.PROVED
            assert log.problem is not None


def test_states_are_released_as_the_tree_drops_them() -> None:
    """A chain that branches into dead ends: few states are held at any time."""
    problem: Problem = {
        "goal": {"go": ["s0"]},
        **{
            f"s{n}": {"dead": [f"d{n}"], "bad": [f"d{n}", f"s{n + 1}"], "go": [f"s{n + 1}"]}
            for n in range(60)
        },
        **{f"d{n}": {"rfl": None} for n in range(60)},
        "s60": {"rfl": []},
    }
    held: list[int] = []
    prover = FakeProver(problem)
    prover.before = lambda number: held.append(len(prover.live))
    assert run(prover).stop is Stop.PROVED
    assert max(held) < 80 + 60


def test_a_root_without_suggestions() -> None:
    prover = FakeProver({})
    state: ProofState = prover.state("goal")
    result = search(state, prover, FakeSuggester({}), budget=ENDLESS)
    assert result.stop is Stop.EXHAUSTED
    assert prover.calls == []


def test_nothing_is_run_after_what_closes_a_goal() -> None:
    problem: Problem = {"goal": {"simp": None, "rfl": [], "grind": [], "omega": None}}
    prover = FakeProver(problem)
    result = run(prover)
    assert prover.calls == [("goal", "simp"), ("goal", "rfl")]
    assert result.statistics.tactics == 2


def test_time_is_looked_at_between_the_tactics_of_a_batch() -> None:
    now = count()
    problem: Problem = {"goal": dict.fromkeys((f"simp {n}" for n in range(8)), None)}
    prover = FakeProver(problem)
    result = run(prover, budget=Budget(seconds=4), clock=lambda: float(next(now)))
    assert result.stop is Stop.SECONDS
    assert 1 <= len(prover.calls) < 8
    assert result.statistics.tactics == len(prover.calls)
