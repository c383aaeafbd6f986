"""What all suggesters do last: drop what must not be tried, and put the best first."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from pyorch.search.model import Suggestion
from pyorch.search.suggest.policy import refusal

__all__ = ["allowed", "ranked"]


@lru_cache(maxsize=1 << 16)
def allowed(tactic: str) -> bool:
    """Does the policy let this tactic pass? The same ones come up again and again."""
    return refusal(tactic) is None


def ranked(weighted: Iterable[tuple[str, float]], source: str) -> tuple[Suggestion, ...]:
    """Suggestions in the order of their priors; a tactic that comes twice counts once.

    Args:
        weighted: tactics and their priors; those that the policy refuses, and those whose prior
            is not positive, are dropped.
        source: the suggester's name.
    """
    best: dict[str, float] = {}
    for tactic, prior in weighted:
        if prior > best.get(tactic, 0.0):
            best[tactic] = prior
    found = (Suggestion(t, p, source) for t, p in best.items() if allowed(t))
    # `sorted` is stable: equal priors stay in the order in which they came
    return tuple(sorted(found, key=lambda s: -s.prior))
