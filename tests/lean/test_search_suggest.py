"""What the suggesters write is Lean: it parses, names are found, and the typical ones work."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pyorch.lean.protocol import Environment, Server
from pyorch.model import Diagnostic, Elaboration, Goal
from pyorch.search.model import ProofState, Suggester
from pyorch.search.suggest.arguments import ArgumentSuggester
from pyorch.search.suggest.portfolio import PORTFOLIO, PORTFOLIO_SEQUENCE, PortfolioSuggester
from pyorch.search.suggest.premises import Conclusion, PremiseIndex, PremiseSuggester, Theorem

INIT = Environment()

THEOREMS = [
    Theorem("Nat.add_comm", ("Eq", "Nat", "HAdd.hAdd"), "HAdd.hAdd", Conclusion.EQ),
    Theorem("Nat.lt_irrefl", ("Nat", "LT.lt", "Not"), "Not", Conclusion.OTHER),
    Theorem("and_comm", ("Iff", "And"), "And", Conclusion.IFF),
    Theorem("List.length_append", ("Eq", "List.length", "HAppend.hAppend"), "", Conclusion.EQ),
    *(
        Theorem(f"Nat.{name}", ("Nat", "Eq", f"Nat.{name}"), "", Conclusion.EQ)
        for name in ("add_assoc", "mul_comm", "mul_assoc", "add_zero", "zero_add", "mul_one")
    ),
]
CONSTANTS = ("Eq", "Nat", "List", "HAdd.hAdd", "HAppend.hAppend", "List.length", "And", "Iff")

#: Statements whose goals have hypotheses and targets of every kind that the suggesters tell apart.
STATEMENTS = (
    "(xs ys : List Nat) : (xs ++ ys).length = xs.length + ys.length",
    "(p q r : Prop) (h : p ∧ q) (g : q ∨ r) (n : ¬ p) : q ∧ (p ↔ r)",
    "(a b c : Nat) (h : a ≤ b) (g : b < c) (e : a = c) : False",
    "(f : Nat → Nat) (h : ∀ x y, f x = f y → x = y) (n : Nat) : ∃ x y : Nat, f x = n ∧ y ≤ 3",
    "(p : Nat → Prop) (h : ∃ n m, p n ∧ p m) (g : p 3 ↔ p 4) : p 3 ∨ p 4",
    "(b c : Bool) (x : BitVec 8) (i : Fin 3) : (if b then x else 0#8) = (if c then 0#8 else x)",
    "(o : Option Nat) (t : Nat × Nat) (z : Int) : ∀ n, o = some n → t.1 ≠ n ∧ z ∣ n",
    "(s : String) (c : Char) (arr : Array Nat) : s.length = arr.size ↔ c = 'a'",
    "(«end» αβ x' n₁ : Nat) (h : «end» = αβ) (l : List Nat) (m : x' ∈ l) : n₁ ∣ αβ",
    "(f g : Nat → Nat) (h : ∀ x, f x = g x) : (fun x => f x) = g ∘ id",
    "(n : Nat) (h : 3 ≠ n) (f : False) : let k := n + 1; k ≠ n",
)


def state(server: Server, statement: str, before: str = "") -> ProofState:
    """The goal of a statement after some tactics, with constants as a server would give them."""
    text = f"example {statement} := by\n  {before + chr(10) if before else ''}  sorry\n"
    (hole,) = server.elaborate(text, INIT, goals=True).holes
    return ProofState("key", hole.goals, CONSTANTS)


def run(server: Server, statement: str, tactic: str, before: str = "") -> Elaboration:
    """The tactic on the statement's goal; what it leaves is left."""
    lines = [line for line in (before, f"({tactic})", "all_goals sorry") if line]
    return server.elaborate(f"example {statement} := by\n  " + "\n  ".join(lines), INIT)


def parse_errors(server: Server, tactics: Sequence[str]) -> tuple[Diagnostic, ...]:
    # `first` stops at `trivial`, so the rest is parsed and never run
    lines = [f"example : True := by first | trivial | ({tactic})" for tactic in tactics]
    return server.elaborate("\n".join(lines), INIT).errors


def all_of(suggester: Suggester, found: ProofState) -> list[str]:
    return [s.tactic for s in suggester.suggest(found)]


def test_the_portfolio_parses(server: Server) -> None:
    tactics = [*(t.text for t in PORTFOLIO), *PORTFOLIO_SEQUENCE]
    assert parse_errors(server, tactics) == ()
    # what does not parse is told
    assert len(parse_errors(server, ["rfl", "exact ⟨", "rfl"])) == 1


@pytest.mark.parametrize("statement", STATEMENTS)
def test_arguments_parse_and_their_names_are_found(server: Server, statement: str) -> None:
    found = state(server, statement)
    tactics = all_of(ArgumentSuggester(), found)
    assert len(tactics) > 5
    assert parse_errors(server, tactics) == ()
    premises = PremiseSuggester(PremiseIndex(THEOREMS))
    assert parse_errors(server, all_of(premises, found)) == ()


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_suggestion_names_what_is_not_there(server: Server, statement: str) -> None:
    found = state(server, statement)
    suggesters: tuple[Suggester, ...] = (PortfolioSuggester(), ArgumentSuggester())
    tactics = [t for s in suggesters for t in all_of(s, found) if t != "exact?"]
    text = "\n".join(f"example {statement} := by\n  ({t})\n  all_goals sorry" for t in tactics)
    # a tactic may fail, but not for a name that Lean does not know
    found_errors = server.elaborate(text, INIT).errors
    assert not [d for d in found_errors if "nknown" in d.text or "nexpected token" in d.text]
    assert len(found_errors) < len(tactics)


def test_the_test_above_sees_unknown_names(server: Server) -> None:
    for tactic in ("exact nope", "rw [nope]", "simp [nope]", "cases nope", "unfold nope"):
        assert any("nknown" in d.text for d in run(server, ": True", tactic).errors)


@pytest.mark.parametrize(
    ("statement", "before", "tactic"),
    [
        ("(n : Nat) : 0 + n = n", "", "induction n with | zero => ?_ | succ n ih => ?_"),
        (
            "(n m : Nat) : m + n = n + m",
            "",
            "induction n generalizing m with | zero => ?_ | succ n ih => ?_",
        ),
        ("(n : Nat) : 0 + n = n", "", "induction n using Nat.strongRecOn with | ind n ih => ?_"),
        ("(l : List Nat) : l = l", "", "induction l with | nil => ?_ | cons a l ih => ?_"),
        ("(p q : Prop) (h : p ∧ q) : q", "", "rcases h with ⟨h_1, h_2⟩"),
        ("(p q : Prop) (h : p ∨ q) : q", "", "rcases h with h_1 | h_1"),
        ("(h : ∃ n m : Nat, n < m) : False", "", "rcases h with ⟨n, m, h_1⟩"),
        ("(n : Nat) : ∃ m, m = n", "", "exists n"),
        (": ∀ x y : Nat, x = y", "", "intro x y"),
        ("(p q : Prop) : p ∧ q → q", "", "rintro ⟨h, h_1⟩"),
        ("(p : Prop) (h : False) : p", "", "exact h.elim"),
        ("(p q : Prop) (h : p → q) (k : p) : q", "", "exact h k"),
        ("(a b : Nat) (h : a = b) : b = a", "", "rw [h]"),
        ("(a b : Nat) (h : a = b) : b = a", "", "subst h"),
        ("(p q : Prop) : p → q", "intro", "rename_i h"),
        ("(p q : Prop) : p ↔ q", "", "refine ⟨fun h => ?_, fun h => ?_⟩"),
        ("(l : List Nat) : l.length = 3", "", "fun_cases List.length"),
    ],
)
def test_typical_suggestions_are_made_and_work(
    server: Server, statement: str, before: str, tactic: str
) -> None:
    assert tactic in all_of(ArgumentSuggester(), state(server, statement, before))
    assert run(server, statement, tactic, before).errors == ()


def test_a_goal_without_names_is_named_first(server: Server) -> None:
    found = state(server, "(a : Nat) : a = 1 → a = 2 → a = 3", "intro _; intro _")
    assert len(found.goals[0].hypotheses) == 3
    tactics = all_of(ArgumentSuggester(), found)
    assert "rename_i h h_1" in tactics
    assert not any("✝" in t or "_hyg" in t for t in tactics)


def test_goals_come_as_the_suggesters_read_them(server: Server) -> None:
    (goal,) = state(server, "(n : Nat) (h : n = 2 ∧ n ≤ 3) : ∃ m, n = m ∧ m < 4").goals
    assert isinstance(goal, Goal)
    assert goal.target == "∃ m, n = m ∧ m < 4"
