"""Several suggesters as one: a mixture of what each finds likely."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from pyorch.search.model import ProofState, Suggester, Suggestion
from pyorch.search.suggest.arguments import ArgumentSuggester
from pyorch.search.suggest.portfolio import PortfolioSuggester
from pyorch.search.suggest.priors import PriorSuggester, TacticPriors
from pyorch.search.suggest.rank import allowed

__all__ = ["CombinedSuggester", "model_free"]


class CombinedSuggester:
    """The mixture of several suggesters.

    The priors of each are scaled to sum to its weight; those of a tactic that several suggest
    are added, and its sources joined by ``+``. The result sums to one. Tactics of equal prior
    stand in an order that depends on the seed, the state's key and the tactic alone.

    Args:
        suggesters: what to mix, each with its weight.
        seed: for the order of equals.
        most: at most so many suggestions for a state.
    """

    def __init__(
        self,
        suggesters: Sequence[tuple[Suggester, float]],
        *,
        seed: int = 0,
        most: int = 128,
    ) -> None:
        if any(weight <= 0 for _, weight in suggesters):
            raise ValueError("the weights of suggesters are positive")
        self._suggesters, self._seed, self._most = tuple(suggesters), seed, most

    def suggest(self, state: ProofState) -> Sequence[Suggestion]:
        """See `Suggester.suggest`."""
        priors: dict[str, float] = {}
        sources: dict[str, dict[str, None]] = {}
        for suggester, weight in self._suggesters:
            found = [s for s in suggester.suggest(state) if s.prior > 0]
            total = sum(s.prior for s in found)
            for s in found:
                tactic = s.tactic.strip()
                priors[tactic] = priors.get(tactic, 0.0) + weight * s.prior / total
                sources.setdefault(tactic, {})[s.source] = None
        kept = [t for t in priors if allowed(t)]
        order = sorted(kept, key=lambda t: (-priors[t], self._ticket(state, t)))[: self._most]
        total = sum(priors[t] for t in order)
        return tuple(Suggestion(t, priors[t] / total, "+".join(sources[t])) for t in order)

    def _ticket(self, state: ProofState, tactic: str) -> bytes:
        """Where equals stand: the same in each run, unlike Python's own hash."""
        text = f"{self._seed}\n{state.key}\n{tactic}"
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def model_free(
    premises: Suggester | None = None, priors: TacticPriors | None = None, *, seed: int = 0
) -> Suggester:
    """The suggesters that need no language model, mixed.

    Args:
        premises: lemmas of the environment, a `premises.PremiseSuggester`; None for no lemmas.
        priors: learned ones (`priors.load_priors`); None for the suggesters' own.
        seed: for the order of equals.
    """
    suggesters: list[tuple[Suggester, float]] = [
        (PortfolioSuggester(), 0.35),
        (ArgumentSuggester(), 0.4),
    ]
    if premises is not None:
        suggesters.append((premises, 0.25))
    mixed = CombinedSuggester(suggesters, seed=seed)
    return mixed if priors is None else PriorSuggester(mixed, priors)
