"""The ways to prove a goal that are compared, and how each is measured.

What counts as closed: the proof that was found is run once more on the posed statement as one
script, and Lean accepts it, kernel included; and it was found within the budget.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from goals import Goal, Setting, pose

from pyorch.errors import ServerError
from pyorch.lean.protocol import Limits, Server
from pyorch.search.mcts import search
from pyorch.search.model import Closed, ProofState, Suggester
from pyorch.search.proofs import Proof, ProofStep
from pyorch.search.prover import LeanProver
from pyorch.search.puct import TreeSettings
from pyorch.search.result import Budget
from pyorch.search.script import render
from pyorch.search.suggest.portfolio import PORTFOLIO_SEQUENCE

__all__ = ["MCTS", "PLAIN", "SEQUENCE", "SINGLES", "Trial", "in_sequence", "run_single", "run_tree"]

SINGLES = tuple(f"`{tactic}`" for tactic in PORTFOLIO_SEQUENCE)
SEQUENCE, MCTS, PLAIN = "portfolio in sequence", "MCTS", "MCTS without priors"

#: Lean's own default for a tactic of a user's.
_HEARTBEATS = 200_000


@dataclass(frozen=True)
class Trial:
    """What became of a goal.

    Attributes:
        budget: seconds that it could take.
        closed: proved within the budget, and checked.
        seconds: until the proof, or until it gave up.
        tactics: how many were run.
        stop: why it ended, in words.
        load: of the machine, when it ended.
    """

    goal: str
    split: str
    method: str
    budget: float
    closed: bool
    seconds: float
    tactics: int
    script: str
    stop: str
    load: float


def run_single(server: Server, goal: Goal, setting: Setting, tactic: str, seconds: float) -> Trial:
    """`intros`, then the tactic, with Lean's default limit of heartbeats."""
    script = f"intros; {tactic}"
    limits = Limits(seconds=seconds, heartbeats=_HEARTBEATS)
    with LeanProver(server, limits=limits) as prover:
        state = pose(prover, goal, setting)
        begin = time.monotonic()
        (outcome,) = prover.apply(state, [script])
        took = time.monotonic() - begin
        closed = isinstance(outcome, Closed)
        checked = closed and _check(prover, state, script)
        stop = "proved" if closed else getattr(outcome, "message", "goals are left")
        return _trial(goal, f"`{tactic}`", seconds, checked, took, 1, script, stop)


def run_tree(
    server: Server,
    goal: Goal,
    setting: Setting,
    method: str,
    suggester: Suggester,
    settings: TreeSettings,
    seconds: float,
) -> Trial:
    """The search from the statement as it stands."""
    with LeanProver(server) as prover:
        state = pose(prover, goal, setting)
        budget = Budget(seconds=seconds)
        result = search(state, prover, suggester, budget=budget, settings=settings)
        done = result.statistics
        # an early environment has no bullets yet
        scripts = [render(result.proof), flat(result.proof)] if result.proof is not None else [""]
        accepted = next((s for s in scripts if s and _check(prover, state, s)), "")
        script, checked = accepted or scripts[0], bool(accepted)
        stop = result.fault or result.stop.value
        return _trial(goal, method, seconds, checked, done.seconds, done.tactics, script, stop)


def flat(proof: Proof) -> str:
    """The tactics one after the other, which is the same, as each acts on the first goal."""
    if not isinstance(proof, ProofStep):
        return ""
    return "\n".join([proof.tactic, *(flat(branch) for branch in proof.branches)])


def _check(prover: LeanProver, state: ProofState, script: str) -> bool:
    """The whole script on the statement."""
    try:
        (outcome,) = prover.apply(state, [script])
    except ServerError:
        return False
    return isinstance(outcome, Closed)


def _trial(
    goal: Goal,
    method: str,
    budget: float,
    checked: bool,
    seconds: float,
    tactics: int,
    script: str,
    stop: str,
) -> Trial:
    if script and stop == "proved" and not checked:
        stop = "the proof found is not accepted as a whole"
    elif checked and seconds > budget:
        stop = "proved too late"
    closed = checked and seconds <= budget
    load = round(os.getloadavg()[0], 1)
    return Trial(
        goal.name, goal.split, method, budget, closed, round(seconds, 3), tactics,
        script if checked else "", stop[:200], load,
    )  # fmt: skip


def in_sequence(trials: Iterable[Trial]) -> Iterator[Trial]:
    """The portfolio in sequence, from the trials of its tactics alone: one after the other until
    one closes the goal or the budget is gone. Goals that lack a trial are left out."""
    ordered = sorted((t for t in trials if t.method in SINGLES), key=lambda t: (t.goal, t.budget))
    for _, group in itertools.groupby(ordered, key=lambda t: (t.goal, t.budget)):
        alone = {trial.method: trial for trial in group}
        if len(alone) < len(SINGLES):
            continue
        seconds, tactics = 0.0, 0
        for method in SINGLES:
            last = alone[method]
            seconds += last.seconds
            tactics += 1
            if last.closed or seconds > last.budget:
                break
        closed = last.closed and seconds <= last.budget
        yield Trial(
            last.goal, last.split, SEQUENCE, last.budget, closed, min(seconds, last.budget),
            tactics, last.script if closed else "", last.stop, last.load,
        )  # fmt: skip
