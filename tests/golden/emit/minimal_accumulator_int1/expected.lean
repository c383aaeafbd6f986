import PyOrch.AccumulatorWidth

/-! # The least accumulator for 1 product of 1-bit and 1-bit codes -/

namespace PyOrch.Emitted.int1_int1_length_1

/-- The numbers of this file: at most 1 products of codes from -1 to 0 and from -1 to
0; the greatest sum is 1 · (-1) · (-1) = 1. -/
theorem worst_case : IsWorstCase 1 (-1) 0 (-1) 0 1 := by decide +kernel

/-- An accumulator of `P` bits is wide enough for all weights from -1 to 0, at most 1 of them, all
inputs from -1 to 0 and all orders of summation, if and only if `P` is at least 2. -/
theorem minimal_accumulator_width (P : Nat) :
    (∀ weights : List Int, (∀ w ∈ weights, -1 ≤ w ∧ w ≤ 0) → weights.length ≤ 1 →
      NoOverflow P (-1) 0 weights) ↔ 2 ≤ P :=
  worst_case.noOverflow_iff (by decide +kernel) (by decide +kernel) P

/-- With `P = 1` the least codes overflow: the dot product of 1 pairs of them is 1, and
arithmetic that wraps around makes -1 of it. -/
theorem one_bit_less_overflows :
    dotInt (List.replicate 1 (-1, -1)) = 1 ∧
      (wrappingDot 1 (List.replicate 1 (-1, -1))).toInt = -1 :=
  ⟨worst_case.attained, worst_case.wraps (by decide +kernel)⟩

end PyOrch.Emitted.int1_int1_length_1
