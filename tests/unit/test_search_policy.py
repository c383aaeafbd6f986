"""What a suggested tactic may not contain."""

from __future__ import annotations

import pytest

from pyorch.search.suggest.policy import LONGEST, refusal

GOOD = [
    "omega", "simp", "rfl", "exact?", "simp_all", "decide +kernel", "intro x", "rintro ⟨x, hx⟩",
    "rw [Nat.add_comm, ← h₁]", "simp only [Nat.mul_comm] at h ⊢", "exact fun n ↦ h n",
    "exact ⟨1, by omega⟩", "cases h with | inl h => exact h | inr h => simp [h]",
    "induction n <;> simp_all [Nat.pow_succ]", "refine ⟨?_, ?_⟩", "exact (h.1 0x1F).2",
    "have := h (1e3 : Float)", "exact congrArg String.length \"a b\"", "norm_num [Real.pi_pos]",
    "exact Exists.intro (2 ^ n) (by grind)", "· omega", "exact h ▸ rfl", "specialize h ℕ ‹_›",
    "exact «my name»", "refine α₁ ∘ β", "obtain ⟨x⟩ | h := h", "exact 𝓝.elim", "exact xᵀ⁻¹",
    "exact IOrd.le", "exact relabel_apply", "exact evaluate_sorryless", "exact important",
    "exact h.axiom_of_choice", "exact #[1, 2].size_toArray",
]  # fmt: skip

BAD = [
    ("", "is empty"), (" \t", "is empty"), ("x" * (LONGEST + 1), "more than 300 characters"),
    ("simp\nsorry", "U+000A"), ("simp\r", "U+000D"), ("simp\tx", "U+0009"), ("a\0", "U+0000"),
    ("simp\x1b[2K", "U+001B"), ("simp\x85x", "U+0085"), ("simp\u2028x", "U+2028"),
    ("so\u200brry", "U+200B"), ("\ufeffsimp", "U+FEFF"), ("x\u202ey", "U+202E"),
    ("x\u2066y", "U+2066"), ("x\u061cy", "U+061C"), ("so\u00adrry", "U+00AD"),
    ("x\u00a0y", "U+00A0"), ("x\u3164y", "U+3164"), ("sоrry", "U+043E"), ("ｓｏｒｒｙ", "U+FF53"),
    ("so\u0301rry", "U+0301"), ("\ud800", "U+D800"), ("x\U000e0041", "U+E0041"),
    ("x\U0010ffff", "U+10FFFF"), ("１", "U+FF11"), ("x\ue000", "U+E000"), ("٣", "U+0663"),
    ("x\ufe0f", "U+FE0F"), ("sorry", "'sorry'"), ("exact sorry", "'sorry'"),
    ("exact (sorry)", "'sorry'"), ("αsorry", "sorry"), ("exact x.1sorry", "joins a number"),
    ("exact 0x1sorry", "joins a number"), ("exact 1e5sorry", "joins a number"),
    ("exact 0b1sorry", "joins a number"), ("exact 1_sorry", "joins a number"),
    ("𝓈orry", "'sorry'"), ("𝐬𝐨𝐫𝐫𝐲", "'sorry'"), ("exact sorryAx _", "'sorryAx'"),
    ("exact sorry'", "'sorry'"), ("admit", "'admit'"), ("stop", "'stop'"),
    ("native_decide", "'native_decide'"), ("decide +native", "'native'"),
    ("bv_decide", "'bv_decide'"), ("decide (config := {native := true})", "'native'"),
    ("exact Lean.ofReduceBool _ _ rfl", "Reduce"), ("#eval 1", "'#'"),
    ("simp #check x", "'#'"), ("run_tac x", "'run_tac'"), ("run_cmd x", "'run_cmd'"),
    ("exact by_elab x", "'by_elab'"), ("exact eval% x", "'eval'"),
    ("exact include_str \"/x\"", "include_str"), ("import Lean", "'import'"),
    ("simp axiom a : False", "'axiom'"), ("unsafe x", "'unsafe'"),
    ("exact unsafeCast x", "'unsafeCast'"), ("elab \"x\" : tactic => x", "'elab'"),
    ("macro x", "'macro'"), ("syntax x", "'syntax'"),
    ("set_option debug.skipKernelTC true in simp", "'set_option'"), ("exact IO.mk x", "'IO'"),
    ("exact (pure 1 : IO Nat)", "'IO'"), ("simp theorem x : True", "'theorem'"),
    ("simp end Foo", "'end'"), ("simp open Lean", "'open'"), ("simp @[simp] x", "'@['"),
    ("sleep 9", "'sleep'"), ("apply?", "'apply?'"), ("simp -- fine", "'--'"),
    ("simp /- fine -/", "'/-'"), ("simp -/", "'-/'"), ("exact `(x)", "'`'"),
    ("exact (h", "does not close '('"), ("exact h)", "')' that closes nothing"),
    ("exact ⟨h)", "')' that closes nothing"), ("exact «h", "does not close '«'"),
    ("exact \"h", "quotation"), ("skip) <;> (skip", "closes nothing"),
]  # fmt: skip


@pytest.mark.parametrize("tactic", GOOD)
def test_what_passes(tactic: str) -> None:
    assert refusal(tactic) is None


@pytest.mark.parametrize(("tactic", "reason"), BAD)
def test_what_is_refused(tactic: str, reason: str) -> None:
    assert reason in (refusal(tactic) or "")
