/-!
# Ten sorries, from easy to hard; three of them are false

`pyorch search examples/search/Sorries.lean --to Closed.lean`
-/

namespace Examples

/-- Trivial. -/
theorem two_add_two : 2 + 2 = 4 := by
  sorry

/-- A term where a proof is wanted. -/
theorem add_zero_again (n : Nat) : n + 0 = n := sorry

/-- Linear arithmetic, under two binders. -/
theorem between : ∀ a b : Nat, a ≤ b → a ≤ b + 1 := by
  sorry

/-- False: a quantized value need not be positive. -/
theorem always_positive (n : Int) : 0 < n * n := by
  sorry

/-- Two goals. -/
theorem both {p q : Prop} (hp : p) (hq : q) : q ∧ p := by
  sorry

/-- Only one case is open. -/
theorem length_map_twice (f g : Nat → Nat) (xs : List Nat) :
    ((xs.map f).map g).length = xs.length := by
  cases xs with
  | nil => rfl
  | cons x xs =>
    -- here one needs a lemma
    sorry

/-- Needs induction. -/
theorem sum_le (xs : List Nat) (h : ∀ x ∈ xs, x ≤ 3) : xs.sum ≤ 3 * xs.length := by
  sorry

/-- False for the empty list. -/
theorem head_is_there (xs : List Nat) : xs.length > 0 := by
  sorry

/-- False: subtraction of natural numbers stops at 0. -/
theorem sub_add_cancel_always (a b : Nat) : a - b + b = a := by
  sorry

/-- A definition, its recursion and a fact about it. -/
def double : Nat → Nat
  | 0 => 0
  | n + 1 => double n + 2

theorem double_eq (n : Nat) : double n = 2 * n := by
  sorry

end Examples
