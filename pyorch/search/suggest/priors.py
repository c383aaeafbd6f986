"""Priors learned from Mathlib's proofs: how likely a family of tactics is on a goal like this.

The table ``tactic_priors.json`` is made by ``scripts/tactic_priors.py``; its header names source
and licence. It holds counts of families (`families`) for contexts, and contexts back off:

    all goals ← symbol of the target ← and the tactic before ← and what the hypotheses offer

An estimate is the context's own counts plus `_STRENGTH` observations' worth of the estimate one
step to the left (a hierarchical Dirichlet prior), so that a context seen rarely says little.
Without the table all families are equally likely.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from pyorch.errors import InputError
from pyorch.search.model import ProofState, Suggester, Suggestion
from pyorch.search.suggest.families import FAMILIES, families_of
from pyorch.search.suggest.shape import Shape, Symbol, shape_of

__all__ = [
    "OTHER",
    "START",
    "UNKNOWN",
    "PriorSuggester",
    "TacticPriors",
    "context",
    "contexts",
    "load_priors",
    "parse_table",
]

#: The tactic before: there was none; it was of no family; nobody knows.
START, OTHER, UNKNOWN = "start", "other", ""

_STRENGTH = 60.0
_RESOURCE = "tactic_priors.json"

_OFFERS = {
    "∧": frozenset({Symbol.AND, Symbol.EXISTS, Symbol.IFF}),
    "∨": frozenset({Symbol.OR}),
    "=": frozenset({Symbol.EQ}),
    "≤": frozenset({Symbol.LE, Symbol.LT}),
    "∀": frozenset({Symbol.FORALL, Symbol.IMP}),
    "¬": frozenset({Symbol.NOT, Symbol.NE, Symbol.FALSE}),
}


def context(shape: Shape, previous: str) -> tuple[str, str, str]:
    """What the priors see of a goal: symbol, tactic before (a family), what hypotheses offer."""
    kinds = shape.kinds
    offers = "".join(sign for sign, symbols in _OFFERS.items() if kinds & symbols)
    return shape.target.symbol.value, previous, offers


def contexts(symbol: str, previous: str, offers: str) -> tuple[str, ...]:
    """Keys of the table for a goal, the coarsest first."""
    keys = ["", symbol]
    if previous != UNKNOWN:
        keys.append(f"{symbol}|{previous}")
    keys.append(f"{symbol}|{previous}|{offers}")
    return tuple(keys)


class TacticPriors:
    """Probabilities of the families of tactics.

    Args:
        counts: for each context how often each family was seen; empty for no knowledge.
    """

    def __init__(self, counts: Mapping[str, Mapping[str, float]]) -> None:
        self._counts = {key: dict(row) for key, row in counts.items()}
        self._totals = {key: sum(row.values()) for key, row in self._counts.items()}
        self._of = lru_cache(maxsize=4096)(self._estimate)

    def probabilities(self, symbol: str, previous: str, offers: str) -> Mapping[str, float]:
        """P(family | context), over `FAMILIES`; sums to one."""
        return self._of(symbol, previous, offers)

    def multipliers(self, state: ProofState, previous: str | None = None) -> Mapping[str, float]:
        """How much likelier each family is on this goal than on any.

        Args:
            state: its first goal counts.
            previous: the tactic that led to the state; empty at the root, None if not known.
        """
        if not state.goals or not self._counts:
            return dict.fromkeys(FAMILIES, 1.0)
        shape = shape_of(state.goals[0])
        here = self.probabilities(*context(shape, _family_before(shape, previous)))
        anywhere = self._of(None, UNKNOWN, "")
        return {family: here[family] / anywhere[family] for family in FAMILIES}

    def _estimate(self, symbol: str | None, previous: str, offers: str) -> Mapping[str, float]:
        estimate = dict.fromkeys(FAMILIES, 1.0 / len(FAMILIES))
        keys = ("",) if symbol is None else contexts(symbol, previous, offers)
        for key in keys:
            row = self._counts.get(key)
            if row is not None:
                total = self._totals[key] + _STRENGTH
                estimate = {
                    f: (row.get(f, 0.0) + _STRENGTH * p) / total for f, p in estimate.items()
                }
        return estimate


def _family_before(shape: Shape, previous: str | None) -> str:
    if previous is None:
        return UNKNOWN
    if not previous:
        return START
    names = {name for name, _ in shape.hypotheses}
    found = families_of(previous, names, shape.target.symbol)
    return found[0] if found else OTHER


def load_priors(path: Path | None = None) -> TacticPriors:
    """The table at ``path``, or the one that comes with pyorch; without it all are equal.

    Raises:
        InputError: the file is not such a table.
    """
    place = path or files("pyorch.search.suggest").joinpath(_RESOURCE)
    try:
        text = place.read_text(encoding="utf-8")
    except FileNotFoundError:
        return TacticPriors({})
    except UnicodeDecodeError:
        raise InputError(place, "", "is not UTF-8") from None
    return TacticPriors(parse_table(text, str(place)))


def parse_table(text: str, source: str) -> dict[str, dict[str, float]]:
    """The table's rows: for each context the counts of families.

    Raises:
        InputError: ``text`` is not such a table; ``source`` names it.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise InputError(source, "", f"is not JSON: {problem}") from None
    families = data.get("families") if isinstance(data, dict) else None
    if not isinstance(families, list) or not all(
        isinstance(f, str) and f in FAMILIES for f in families
    ):
        raise InputError(source, "families", f"is no list of families of tactics: {families!r:.80}")
    rows = data.get("contexts")
    if not isinstance(rows, dict):
        raise InputError(source, "contexts", f"is no object: {rows!r:.80}")
    counts: dict[str, dict[str, float]] = {}
    for key, row in rows.items():
        if not isinstance(row, list) or not all(_is_count(n) for n in row):
            raise InputError(source, f"contexts[{key!r}]", f"is no list of counts: {row!r:.80}")
        if len(row) > len(families):
            raise InputError(source, f"contexts[{key!r}]", f"has {len(row)} counts")
        counts[key] = dict(zip(families, row, strict=False))
    return counts


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 10**12


Previous = Callable[[ProofState], str | None]
"""Says which tactic led to a state: empty at the root, None if it is not known."""


def _unknown(_: ProofState) -> str | None:
    return None


class PriorSuggester:
    """Another suggester's suggestions, with priors corrected by what Mathlib's proofs do.

    A prior is multiplied by the ratio of its family's probability on this goal to that on any
    goal, to the power ``strength``: what is left of it where the inner suggester has looked at
    the goal as well. Within a family the inner suggester's proportions stay.

    Args:
        inner: whose suggestions.
        priors: the table.
        strength: 0 changes nothing, 1 is the ratio itself.
        previous: which tactic led to a state, where somebody knows.
    """

    def __init__(
        self,
        inner: Suggester,
        priors: TacticPriors,
        *,
        strength: float = 0.7,
        previous: Previous = _unknown,
    ) -> None:
        self._inner, self._priors = inner, priors
        self._strength, self._previous = strength, previous

    def suggest(self, state: ProofState) -> Sequence[Suggestion]:
        """See `Suggester.suggest`."""
        suggestions = self._inner.suggest(state)
        if not suggestions or not state.goals:
            return suggestions
        shape = shape_of(state.goals[0])
        names = {name for name, _ in shape.hypotheses}
        factors = self._priors.multipliers(state, self._previous(state))
        weighted = []
        for s in suggestions:
            found = families_of(s.tactic, names, shape.target.symbol)
            ratio = sum(factors[f] for f in found) / len(found) if found else 1.0
            weighted.append(Suggestion(s.tactic, s.prior * ratio**self._strength, s.source))
        return sorted(weighted, key=lambda s: -s.prior)
