"""A scripted prover and suggester over finite AND/OR problems, and a solver by brute force."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

from pyorch.model import Goal, Hypothesis
from pyorch.search.model import Closed, Failed, Outcome, ProofState, Split, Suggestion
from pyorch.search.proofs import Gap, Proof, ProofStep

#: By state and tactic: the states that are left; None where the tactic fails.
Problem = Mapping[str, Mapping[str, Sequence[str] | None]]


def proof_state(name: str, handle: int = 0) -> ProofState:
    """A state; ``name?h1,h2`` has hypotheses of these names, which its key does not see, and
    ``name+name`` is a state of two goals."""
    key, _, hypotheses = name.partition("?")
    local = tuple(Hypothesis(h, "Nat") for h in hypotheses.split(",") if h)
    goals = tuple(Goal(part, local) for part in key.split("+"))
    return ProofState(key, goals, ("Nat.add",), len(key), handle)


def name_of(goals: Sequence[Goal]) -> str:
    names = ",".join(h.name for h in goals[0].hypotheses)
    return "+".join(goal.target for goal in goals) + (f"?{names}" if names else "")


class FakeProver:
    """Runs the tactics of a problem.

    Attributes:
        live: names of the states that have been handed out and not released, by handle.
        calls: state and tactic of all that was run.
        before: called before each request with its number from 0; it may raise.
    """

    def __init__(self, problem: Problem, before: Callable[[int], None] | None = None) -> None:
        self.problem = problem
        self.before = before
        self.live: dict[int, str] = {}
        self.calls: list[tuple[str, str]] = []
        self._handles, self._requests = count(1), count()

    def state(self, name: str) -> ProofState:
        handle = next(self._handles)
        self.live[handle] = name
        return proof_state(name, handle)

    def apply(self, state: ProofState, tactics: Sequence[str]) -> Sequence[Outcome]:
        number = next(self._requests)
        if self.before is not None:
            self.before(number)
        assert tactics, "nothing to run"
        assert self.live[state.handle] == name_of(state.goals), "a state that was released"
        return [self._apply(self.live[state.handle], tactic) for tactic in tactics]

    def release(self, states: Sequence[ProofState]) -> None:
        for state in states:
            del self.live[state.handle]

    def _apply(self, name: str, tactic: str) -> Outcome:
        self.calls.append((name, tactic))
        left = self.problem.get(name, {}).get(tactic)
        if left is None:
            return Failed(f"tactic {tactic} failed")
        return Split(tuple(map(self.state, left))) if left else Closed()


class FakeSuggester:
    """Suggests the tactics of a problem, the first one with the highest prior."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.asked: list[str] = []

    def suggest(self, state: ProofState) -> Sequence[Suggestion]:
        name = name_of(state.goals)
        self.asked.append(name)
        return [
            Suggestion(tactic, 1 / (1 + number), "fake")
            for number, tactic in enumerate(self.problem.get(name, {}))
        ]


def provable(problem: Problem) -> set[str]:
    """All states that have a proof."""
    proved: set[str] = set()
    while True:
        new = {
            name
            for name, tactics in problem.items()
            if name not in proved
            and any(left is not None and proved.issuperset(left) for left in tactics.values())
        }
        if not new:
            return proved
        proved |= new


def fewest_tactics(problem: Problem) -> dict[str, int]:
    """Length of the shortest proof of each state that has one."""
    known: dict[str, int] = {}
    while True:
        better = {
            name: best
            for name, tactics in problem.items()
            for best in [
                min(
                    (
                        1 + sum(known[child] for child in left)
                        for left in tactics.values()
                        if left is not None and all(child in known for child in left)
                    ),
                    default=None,
                )
            ]
            if best is not None and best < known.get(name, best + 1)
        }
        if not better:
            return known
        known |= better


def states_left(problem: Problem, name: str, proof: Proof) -> Iterator[str]:
    """Run a proof of ``name``; AssertionError where it is none.

    Yields:
        The states of its gaps.
    """
    assert name_of(proof.goals) == name
    if isinstance(proof, Gap):
        yield name
        return
    assert isinstance(proof, ProofStep)
    for tactic in (proof.tactic, *proof.alternatives):
        left = problem[name][tactic]
        assert left is not None and len(left) == len(proof.branches)
        for child, branch in zip(left, proof.branches, strict=True):
            assert name_of(branch.goals) == child
    for branch in proof.branches:
        yield from states_left(problem, name_of(branch.goals), branch)
