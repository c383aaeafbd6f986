"""The question to a language model: ``prompts/suggest_tactics.md.j2`` with a state filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from pyorch.model import Goal, Hypothesis
from pyorch.resources import prompts_dir
from pyorch.search.model import ProofState

__all__ = ["render"]

# In characters: a question is paid by its length.
_EXPRESSION, _MESSAGE = 2000, 300
_HYPOTHESES, _PREMISES, _FAILURES = 8000, 6000, 4000
_GOALS = 3


def render(
    state: ProofState,
    count: int,
    premises: Sequence[tuple[str, str]] = (),
    failures: Sequence[tuple[str, str]] = (),
) -> str:
    """The prompt that asks for tactics; long parts are cut, and say so by an ellipsis.

    Args:
        count: how many tactics are asked for.
        premises: names and statements of theorems that may help; the first ones are kept.
        failures: tactics that failed, with Lean's messages; the last ones are kept.
    """
    text = _template().render(
        count=count,
        goals=[_goal(goal) for goal in state.goals[:_GOALS]],
        others=max(0, len(state.goals) - _GOALS),
        premises=_fitting(premises, _EXPRESSION, _PREMISES),
        failures=_fitting(reversed(failures), _MESSAGE, _FAILURES)[::-1],
    )
    # Lone surrogates cannot be sent.
    return text.encode("utf-8", "replace").decode("utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(prompts_dir()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (Markdown for a model, not HTML)
    )
    return environment.get_template("suggest_tactics.md.j2")


def _goal(goal: Goal) -> Goal:
    """Of many hypotheses the last ones are kept, which were introduced last."""
    latest = _fitting(
        ((h.name, h.type + (f" := {h.value}" if h.value else "")) for h in goal.hypotheses[::-1]),
        _EXPRESSION,
        _HYPOTHESES,
    )
    hypotheses = [Hypothesis(name, text) for name, text in reversed(latest)]
    return Goal(_cut(goal.target, _EXPRESSION), tuple(hypotheses), goal.name)


def _fitting(
    pairs: Iterable[tuple[str, str]], longest: int, together: int
) -> list[tuple[str, str]]:
    """The first of the pairs, each cut to ``longest`` characters, all no more than ``together``."""
    cut = ((_cut(name, _MESSAGE), _cut(text, longest)) for name, text in pairs)
    kept: list[tuple[str, str]] = []
    for name, text in cut:
        together -= len(name) + len(text)
        if together < 0:
            break
        kept.append((name, text))
    return kept


def _cut(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
