"""Replacing tactics that search by what they found: ``exact?`` by a term, ``simp`` by its lemmas.

Such a tactic says what it did when it is asked with a question mark (``Try this: …``). The answer
takes its place where it leaves the same states, fits on a line, and passes the policy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from pyorch.search.model import Closed, Outcome, ProofState, Prover, Split
from pyorch.search.proofs import Gap, Proof
from pyorch.search.suggest.policy import refusal

__all__ = ["HintingProver", "make_explicit"]

#: Tactics with a form that says what it did, and that form.
_ASKING = re.compile(
    r"(?P<head>simp_all|simp|exact\?|apply\?|rw\?)(?![\w!?'])(?P<rest>.*)", re.DOTALL
)
_ANSWER = re.compile(
    r"Try this:\s*(?:\[apply\]\s*)?(?P<tactic>.*?)(?=\n\s*Try this:|\Z)", re.DOTALL
)
#: Longer answers say less than the tactic itself.
_LONGEST = 200


class HintingProver(Prover, Protocol):
    """A prover that can tell what Lean said beside the outcome of a tactic."""

    def hint(self, state: ProofState, tactic: str) -> str: ...


def make_explicit(proof: Proof, state: ProofState, prover: HintingProver) -> Proof:
    """The same proof of ``state`` with such tactics replaced, where that is possible."""
    if isinstance(proof, Gap):
        return proof
    (outcome,) = prover.apply(state, [proof.tactic])
    tactic = _replacement(proof.tactic, state, outcome, prover) or proof.tactic
    states = outcome.states if isinstance(outcome, Split) else ()
    branches: Sequence[Proof] = proof.branches
    if len(states) == len(branches):
        branches = [make_explicit(b, s, prover) for b, s in zip(branches, states, strict=True)]
    prover.release(states)
    return replace(proof, tactic=tactic, branches=tuple(branches))


def _replacement(
    tactic: str, state: ProofState, outcome: Outcome, prover: HintingProver
) -> str | None:
    match = _ASKING.fullmatch(tactic)
    if match is None or " only" in match["rest"]:
        return None
    question = f"{match['head'].rstrip('?')}?{match['rest']}"
    answer = _ANSWER.search(prover.hint(state, question))
    if answer is None:
        return None
    found = " ".join(answer["tactic"].split())
    if not found or len(found) > _LONGEST or refusal(found) is not None:
        return None
    (other,) = prover.apply(state, [found])
    same = _identity(other) == _identity(outcome)
    if isinstance(other, Split):
        prover.release(other.states)
    return found if same else None


def _identity(outcome: Outcome) -> object:
    if isinstance(outcome, Split):
        return [state.key for state in outcome.states]
    return isinstance(outcome, Closed)
