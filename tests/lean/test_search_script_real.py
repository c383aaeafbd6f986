"""Lean reads the scripts that are printed, broken lines and goals without bullets included."""

from __future__ import annotations

import pytest

from pyorch.lean.protocol import Environment, Server
from pyorch.model import Goal
from pyorch.search.proofs import ProofStep
from pyorch.search.script import render

ONE = (Goal("p"),)
TWO = (Goal("p ?w"), Goal("Nat"))


def step(tactic: str, *branches: ProofStep, goals: tuple[Goal, ...] = ONE) -> ProofStep:
    return ProofStep(tactic, branches, goals)


PROOFS = {
    "bullets": (
        "(p q : Prop) (hp : p) (hq : q) : (p ∧ q) ∧ (q ∨ p)",
        step(
            "constructor",
            step("constructor", step("exact hp"), step("exact hq")),
            step("apply Or.inl", step("exact hq")),
        ),
    ),
    "flat": (
        ": (∃ n : Nat, n = 5) ∧ True",
        step("constructor", step("apply Exists.intro", step("rfl", goals=TWO)), step("trivial")),
    ),
    "flat_first": (
        "(p : Nat → Prop) (h : p 5) : (∃ n : Nat, p n) ∧ True",
        step(
            "refine ⟨⟨?_, ?_⟩, ?_⟩",
            step("exact 5", step("exact h"), goals=TWO),
            step("trivial"),
        ),
    ),
    "several_lines": (
        "(n : Nat) : 0 + n = n ∧ True",
        step(
            "constructor",
            step("induction n with\n| zero => rfl\n| succ n ih =>\n  simp"),
            step("trivial"),
        ),
    ),
    "wrapped_list": (
        "(a b c : Nat) : a + b + c = c + (b + a)",
        step("simp only [Nat.add_comm, Nat.add_left_comm, Nat.add_assoc, Nat.zero_add, id_eq]"),
    ),
    "wrapped_block": (
        "(f : Nat → Nat) (h : ∀ x, f x = x) (a b : Nat) : f a + f b = b + a",
        step("exact Eq.trans (by rw [h a, h b, Nat.add_comm a b]) (by simp only [Nat.add_comm b])"),
    ),
    "wrapped_inside_a_block": (
        "(f : Nat → Nat → Nat) (h : ∀ x y, f x y = x) (a b : Nat) : f a b = a ∧ True",
        step(
            "exact ⟨by simp only [Nat.add_comm, Nat.add_left_comm, h a b, And.intro, Eq.comm,"
            " h (a + b) (b + a)], True.intro⟩"
        ),
    ),
    "wrapped_cases": (
        "(p q : Prop) (h : p ∨ q) : q ∨ p",
        step("cases h with | inl first => exact Or.inr first | inr second => exact Or.inl second"),
    ),
    "wrapped_term": (
        "(f : Nat → Nat → Nat → Prop) (h : ∀ a b c, f a b c) (a b c : Nat) : f (a + b) (b + c) c",
        step("exact h (a + b) (b + c) c"),
    ),
}


@pytest.mark.parametrize("width", [100, 50, 30, 20])
def test_lean_accepts_the_script(server: Server, width: int) -> None:
    text = "\n\n".join(
        f"theorem {name} {statement} := by\n{render(proof, width=width, indent=2)}"
        for name, (statement, proof) in PROOFS.items()
    )
    elaboration = server.elaborate(text, Environment())
    assert [str(error) for error in elaboration.errors] == [], text
