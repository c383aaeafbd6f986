import PyOrch.Net.Network

/-!
# Further properties of a teacher and a student

Besides `Close`, one tolerance for all outputs: a tolerance for each output, a tolerance for one
output, and the choice of the same class. Read this file to know what such a certificate states.
-/

namespace PyOrch

universe u
variable {α : Type u} [OrderedField α]

/-- Equally many outputs as tolerances, and each differs by at most its own. -/
def CloseEach : List α → List α → List α → Prop
  | y :: ys, z :: zs, ε :: εs => AbsLE (y - z) ε ∧ CloseEach ys zs εs
  | [], [], [] => True
  | _, _, _ => False

/-- Both have an output `i` (counted from 0), and it differs by at most `ε`. -/
def CloseAt (i : Nat) (ys zs : List α) (ε : α) : Prop :=
  ∃ y z, ys[i]? = some y ∧ zs[i]? = some z ∧ AbsLE (y - z) ε

/-- There is an output `c` (counted from 0), and it is strictly greater than every other. -/
def Wins (c : Nat) (ys : List α) : Prop :=
  ∃ y, ys[c]? = some y ∧ ∀ (j : Nat) (z : α), ys[j]? = some z → j ≠ c → z < y

/-- Both choose the same class: one and the same output is strictly the greatest of both. -/
def SameClass (ys zs : List α) : Prop := ∃ c, Wins c ys ∧ Wins c zs

/-- There is at most one winner. -/
theorem Wins.unique {c d : Nat} {ys : List α} (hc : Wins c ys) (hd : Wins d ys) : c = d := by
  obtain ⟨y, hy, hc⟩ := hc
  obtain ⟨z, hz, hd⟩ := hd
  refine Classical.byContradiction fun h => ?_
  have := hc d z hz (Ne.symm h)
  have := hd c y hy h
  grind

end PyOrch
