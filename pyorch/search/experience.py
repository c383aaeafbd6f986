"""What a search learns about tactics while it runs: kinds that keep failing come later.

In one environment ``grind`` proves what is left of a goal, in another it lacks the lemmas that it
needs, or the goals are not of its kind. A prior cannot know that; the outcomes tell. The prior of a
tactic is multiplied by

    √((successes + patience) / (trials + patience))

over the tactics of its kind so far, where a success closed the goal or left new ones, and by the
same with less patience over the trials of this very tactic, so that a ``simp [f]`` which loops is
not tried on every goal. So a kind that never fails keeps its priors, and one that failed 50 times
has about a quarter of them left: enough to be tried where nothing else is suggested.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pyorch.search.model import Failed, Outcome, Suggestion

__all__ = ["Experience", "kind"]

_PATIENCE, _PATIENCE_WITH_ONE = 4.0, 1.0
_WORD = re.compile(r"[\w'?!]+")


def kind(tactic: str) -> str:
    """What tactics are counted by: first word, whether there is a list of lemmas, and what follows
    ``<;>``. ``simp [f, g]`` is of the kind ``simp []``."""
    first, *rest = tactic.split("<;>")
    words = [word[0] if (word := _WORD.match(part.strip())) else "" for part in (first, *rest)]
    return f"{words[0]} []" if "[" in first and not rest else " <;> ".join(words)


class Experience:
    """Counts of trials and successes, by `kind` and by tactic. A function of the outcomes that it
    is told, in any order."""

    def __init__(self) -> None:
        self._trials: Counter[str] = Counter()
        self._successes: Counter[str] = Counter()

    def learn(self, outcomes: Iterable[tuple[str, Outcome]]) -> None:
        """Take in what became of tactics."""
        for tactic, outcome in outcomes:
            for key in {kind(tactic), tactic}:
                self._trials[key] += 1
                self._successes[key] += not isinstance(outcome, Failed)

    def weigh(self, suggestions: Iterable[Suggestion]) -> Sequence[Suggestion]:
        """The suggestions with new priors."""
        return [replace(s, prior=s.prior * self._factor(s.tactic)) for s in suggestions]

    def _factor(self, tactic: str) -> float:
        of = kind(tactic)
        factor = self._rate(of, _PATIENCE)
        return factor if of == tactic else factor * self._rate(tactic, _PATIENCE_WITH_ONE)

    def _rate(self, key: str, patience: float) -> float:
        return math.sqrt((self._successes[key] + patience) / (self._trials[key] + patience))
