"""Outcomes as JSON text, for the log. Handles are left out: only their prover knows them."""

from __future__ import annotations

import json
from typing import Any

from pyorch.model import Goal, Hypothesis
from pyorch.search.model import Closed, Failed, Outcome, ProofState, Split

__all__ = ["parse_outcome", "render_outcome"]

#: Longest message of Lean that is kept.
_MESSAGE = 500


def render_outcome(outcome: Outcome) -> str:
    """ASCII, on one line."""
    data: dict[str, Any]
    match outcome:
        case Closed():
            data = {"closed": True}
        case Failed(message):
            data = {"failed": message[:_MESSAGE]}
        case Split(states):
            data = {"split": [_render_state(state) for state in states]}
    return json.dumps(data)


def _render_state(state: ProofState) -> dict[str, Any]:
    goals = [
        {
            "target": goal.target,
            "hypotheses": [[h.name, h.type, h.value] for h in goal.hypotheses],
            "name": goal.name,
        }
        for goal in state.goals
    ]
    return {
        "key": state.key,
        "goals": goals,
        "constants": list(state.constants),
        "size": state.size,
    }


def parse_outcome(text: object) -> Outcome | None:
    """None if it is not an outcome as `render_outcome` writes them."""
    try:
        data = json.loads(text) if isinstance(text, str) else None
        match data:
            case {"closed": True}:
                return Closed()
            case {"failed": str(message)}:
                return Failed(message)
            case {"split": [*states]}:
                return Split(tuple(_parse_state(state) for state in states))
    except (ValueError, RecursionError):
        pass
    return None


def _parse_state(data: object) -> ProofState:
    match data:
        case {"key": str(key), "goals": [*goals], "constants": [*names], "size": int(size)}:
            constants = tuple(_text(name) for name in names)
            return ProofState(key, tuple(_parse_goal(goal) for goal in goals), constants, size)
    raise ValueError("not a state")


def _parse_goal(data: object) -> Goal:
    match data:
        case {"target": str(target), "hypotheses": [*hypotheses], "name": str(name)}:
            return Goal(target, tuple(_parse_hypothesis(h) for h in hypotheses), name)
    raise ValueError("not a goal")


def _parse_hypothesis(data: object) -> Hypothesis:
    match data:
        case [str(name), str(kind), str() | None as value]:
            return Hypothesis(name, kind, value)
    raise ValueError("not a hypothesis")


def _text(data: object) -> str:
    if not isinstance(data, str):
        raise ValueError("not text")
    return data
