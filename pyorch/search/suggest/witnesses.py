"""Tactics that refute: small witnesses for what is said of all values, then a decision.

A goal ``¬ ∀ (n : Nat), P n`` becomes ``h : ∀ (n : Nat), P n ⊢ False``; each value that is tried
specializes ``h``, until it says something that can be decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

from pyorch.model import Goal
from pyorch.search.model import ProofState, Suggestion
from pyorch.search.suggest.names import local_name
from pyorch.search.suggest.rank import ranked

__all__ = ["WitnessSuggester"]

#: ``(x y : T)``, and with braces or brackets; the type without brackets of its own inside.
_BINDER = re.compile(
    r"(?P<open>[({\[⦃])(?:(?P<names>[^:(){}\[\]]+) : )?(?P<type>[^(){}\[\]⦃⦄]+)[)}\]⦄]"
)
_VALUES: dict[str, tuple[str, ...]] = {
    "Nat": ("0", "1", "2", "3", "4", "7", "10", "100"),
    "Int": ("0", "1", "(-1)", "2", "(-2)", "3", "10", "(-10)"),
    "Rat": ("0", "1", "(-1)", "(1/2)", "2", "(-1/2)", "(3/2)", "10"),
    "Bool": ("true", "false"),
    "Prop": ("True", "False"),
    "Unit": ("()",),
    "String": ('""', '"a"'),
    "Char": ("'a'",),
    "Type": ("Nat", "Bool", "Unit", "Empty"),
}
#: The same for types that are applied to others.
_OF_FAMILIES: dict[str, tuple[str, ...]] = {
    "Fin": ("0", "1", "2"),
    "BitVec": ("0", "1", "2", "(-1)"),
    "List": ("[]", "[0]", "[0, 1]", "[1, 0]"),
    "Array": ("#[]", "#[0]", "#[0, 1]"),
    "Option": ("none", "(some 0)", "(some 1)"),
    "Type": ("Nat", "Bool", "Unit", "Empty"),
    "Sort": ("Nat", "Bool", "True", "False"),
}


#: Binders, and combinations of values for them, that are tried in one tactic.
_MOST_BOUND, _COMBINATIONS = 4, 24


class WitnessSuggester:
    """Suggests tactics for goals that say that something is false."""

    def suggest(self, state: ProofState) -> Sequence[Suggestion]:
        """See `Suggester.suggest`."""
        return ranked(_tactics(state.goals[0]), "witness") if state.goals else ()


def _tactics(goal: Goal) -> Iterator[tuple[str, float]]:
    if goal.target.startswith("¬"):
        yield "intro h", 1.0
        yield "decide", 0.5
        return
    if goal.target != "False":
        return
    yield from (("contradiction", 0.4), ("omega", 0.5), ("simp_all", 0.3))
    for hypothesis in goal.hypotheses:
        name = local_name(hypothesis.name)
        if name is None:
            continue
        match = _first_binder(hypothesis.type)
        if match is None:
            yield f"exact absurd {name} (by decide)", 1.0
            yield f"simp at {name}", 0.4
            if "→" in hypothesis.type:
                for proof in ("(by decide)", "rfl", "(by simp)", "(by omega)"):
                    yield f"specialize {name} {proof}", 0.5
            continue
        if match["open"] == "[":
            yield f"specialize @{name} inferInstance", 0.9
            continue
        yield from _all_at_once(name, hypothesis.type)
        head = f"@{name}" if match["open"] in "{⦃" else name
        for rank, value in enumerate(_values(match["type"].strip())):
            yield f"specialize {head} {value}", 0.9 * 0.8**rank


def _first_binder(type_: str) -> re.Match[str] | None:
    return _BINDER.match(type_, 2) if type_.startswith("∀ ") else None


def _all_at_once(name: str, type_: str) -> Iterator[tuple[str, float]]:
    """Values for all that is bound explicitly at the beginning, then a decision."""
    choices: list[tuple[str, ...]] = []
    rest = type_.removeprefix("∀ ")
    while (match := _BINDER.match(rest)) and match["open"] == "(" and match["names"]:
        values = _values(match["type"].strip())
        choices += [values] * len(match["names"].split())
        rest = rest[match.end() :].removeprefix(" ")
    if not choices or not all(choices) or len(choices) > _MOST_BOUND:
        return
    ordered = sorted(
        product(*(tuple(enumerate(values)) for values in choices)),
        key=lambda combination: sum(rank for rank, _ in combination),
    )
    for place, combination in enumerate(ordered[:_COMBINATIONS]):
        words = " ".join(value for _, value in combination)
        yield f"exact absurd ({name} {words}) (by decide)", 1.2 * 0.93**place


def _values(type_: str) -> tuple[str, ...]:
    return _VALUES.get(type_) or _OF_FAMILIES.get(type_.split()[0], ())
