"""Theorems of the file itself, which no environment has, as premises."""

from __future__ import annotations

from collections.abc import Sequence

from pyorch.search.model import Suggester
from pyorch.search.suggest.combined import CombinedSuggester
from pyorch.search.suggest.premises import PremiseIndex, PremiseSuggester
from pyorch.search.suggest.theorem import Theorem

__all__ = ["with_earlier"]

#: How likely it is that a theorem of the same file helps, one that is proved and one that is still
#: open, if it is 1 that something else does.
_EARLIER, _DOUBTFUL = 0.25, 0.05


def with_earlier(
    suggester: Suggester, settled: Sequence[Theorem], doubtful: Sequence[Theorem], *, seed: int
) -> Suggester:
    """The suggester, mixed with tactics that quote theorems of the file.

    Args:
        settled: those that are proved.
        doubtful: those that are still open; they come late.
        seed: for the order of equals.
    """
    earlier = [
        (PremiseSuggester(PremiseIndex(theorems)), weight)
        for theorems, weight in ((settled, _EARLIER), (doubtful, _DOUBTFUL))
        if theorems
    ]
    if not earlier:
        return suggester
    return CombinedSuggester([(suggester, 1.0), *earlier], seed=seed)
