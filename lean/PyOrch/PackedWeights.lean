import PyOrch.ChannelWidth

/-!
# Channels of thousands of weights, packed in one number

A list literal of thousands of integers is slow to elaborate, and a recursion as deep as the list
overflows the stack. Here the weights come out of one number by halves, and so do the sums of their
positive and negative parts, which the kernel evaluates without making the list.
-/

namespace PyOrch

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

/-- `2^depth` weights out of one packed number: codes of `bits` bits, the first in the lowest bits,
each with `offset` added to make it a natural number. -/
def unpackHalves (bits offset : Nat) : (depth data : Nat) → List Int
  | 0, data => [(data : Int) - (offset : Int)]
  | depth + 1, data =>
    unpackHalves bits offset depth (data % 2 ^ (bits * 2 ^ depth)) ++
      unpackHalves bits offset depth (data / 2 ^ (bits * 2 ^ depth))

/-- The positive part of the packed weights. -/
def packedPos (bits offset : Nat) : (depth data : Nat) → Nat
  | 0, data => data - offset
  | depth + 1, data =>
    packedPos bits offset depth (data % 2 ^ (bits * 2 ^ depth)) +
      packedPos bits offset depth (data / 2 ^ (bits * 2 ^ depth))

/-- The negative part of the packed weights, without its sign. -/
def packedNeg (bits offset : Nat) : (depth data : Nat) → Nat
  | 0, data => offset - data
  | depth + 1, data =>
    packedNeg bits offset depth (data % 2 ^ (bits * 2 ^ depth)) +
      packedNeg bits offset depth (data / 2 ^ (bits * 2 ^ depth))

/-- The positive part of two lists in a row. -/
theorem posSum_append (s t : List Int) : posSum (s ++ t) = posSum s + posSum t := by
  induction s with
  | nil => simp [posSum]
  | cons a s ih => rw [List.cons_append, posSum, posSum, ih, Int.add_assoc]

/-- The negative part of two lists in a row. -/
theorem negSum_append (s t : List Int) : negSum (s ++ t) = negSum s + negSum t := by
  induction s with
  | nil => simp [negSum]
  | cons a s ih => rw [List.cons_append, negSum, negSum, ih, Int.add_assoc]

/-- `packedPos` is the positive part of the list. -/
theorem posSum_unpackHalves (bits offset depth data : Nat) :
    posSum (unpackHalves bits offset depth data) = packedPos bits offset depth data := by
  induction depth generalizing data with
  | zero => simp only [unpackHalves, packedPos, posSum]; omega
  | succ depth ih => rw [unpackHalves, packedPos, posSum_append, ih, ih, Int.natCast_add]

/-- `packedNeg` is the negative part of the list. -/
theorem negSum_unpackHalves (bits offset depth data : Nat) :
    negSum (unpackHalves bits offset depth data) = -(packedNeg bits offset depth data : Int) := by
  induction depth generalizing data with
  | zero => simp only [unpackHalves, packedNeg, negSum]; omega
  | succ depth ih =>
    rw [unpackHalves, packedNeg, negSum_append, ih, ih, Int.natCast_add, Int.neg_add]

/-- There are `2^depth` weights. -/
theorem length_unpackHalves (bits offset depth data : Nat) :
    (unpackHalves bits offset depth data).length = 2 ^ depth := by
  induction depth generalizing data with
  | zero => rfl
  | succ depth ih => rw [unpackHalves, List.length_append, ih, ih, Nat.pow_succ]; omega

/-- **The smallest width of a packed channel**, by two sums that the kernel evaluates and the check
of a few integers. -/
theorem isLeastWidth_unpackHalves {bits offset depth data P pos neg : Nat} {xMin xMax : Int}
    (hpos : packedPos bits offset depth data = pos) (hneg : packedNeg bits offset depth data = neg)
    (hfits : FitsSigned P (xMin * pos - xMax * neg) ∧ FitsSigned P (xMax * pos - xMin * neg))
    (hleast : P = 0 ∨ ¬ (FitsSigned (P - 1) (xMin * pos - xMax * neg) ∧
      FitsSigned (P - 1) (xMax * pos - xMin * neg))) :
    IsLeastWidth P xMin xMax (unpackHalves bits offset depth data) := by
  unfold IsLeastWidth minDot maxDot
  rw [posSum_unpackHalves, negSum_unpackHalves, hpos, hneg, Int.mul_neg, Int.mul_neg,
    ← Int.sub_eq_add_neg, ← Int.sub_eq_add_neg]
  exact ⟨hfits, hleast⟩

end

end PyOrch
