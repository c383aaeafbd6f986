"""Witnesses against what is said of all values."""

from __future__ import annotations

import pytest

from pyorch.model import Goal, Hypothesis
from pyorch.search.model import ProofState
from pyorch.search.suggest.witnesses import WitnessSuggester


def tactics(target: str, *hypotheses: str) -> list[str]:
    local = tuple(Hypothesis(f"h{i}", type_) for i, type_ in enumerate(hypotheses))
    state = ProofState("key", (Goal(target, local),))
    return [s.tactic for s in WitnessSuggester().suggest(state)]


def test_a_negation_is_introduced() -> None:
    assert tactics("¬∀ (n : Nat), n < 3")[0] == "intro h"


def test_nothing_is_said_of_other_goals() -> None:
    assert tactics("1 + 1 = 2", "∀ (n : Nat), n < 3") == []


def test_all_that_is_bound_gets_values_at_once() -> None:
    found = tactics("False", "∀ (a b : Nat), a - b + b = a", "∀ (n : Nat) (c : Bool), P")
    assert "exact absurd (h0 0 1) (by decide)" in found
    assert "exact absurd (h1 0 false) (by decide)" in found
    assert "specialize h0 0" in found


@pytest.mark.parametrize(
    ("type_", "tactic"),
    [
        ("∀ (xs : List Nat), xs.length > 0", "specialize h0 []"),
        ("∀ {n : Nat}, n < 3", "specialize @h0 3"),
        ("∀ {α : Type} (x : α), True", "specialize @h0 Nat"),
        ("∀ [inst : DecidableEq α], P", "specialize @h0 inferInstance"),
        ("0 < 1 → 1 < 0", "specialize h0 (by decide)"),
        ("1 < 0", "exact absurd h0 (by decide)"),
        ("∀ (x : BitVec 8), x + 1 > x", "specialize h0 (-1)"),
    ],
)
def test_hypotheses_are_specialized(type_: str, tactic: str) -> None:
    assert tactic in tactics("False", type_)


@pytest.mark.parametrize("type_", ["∀ (n : Weird), P", "∀", "∀ (n : ", "∀ (", "→", "", "∀ () : )"])
def test_types_that_it_does_not_know(type_: str) -> None:
    assert all(t != "specialize h0 0" for t in tactics("False", type_))
