import PyOrch.AccumulatorWidth

/-! # The least accumulator for 8192 products of 8-bit and 4-bit codes -/

namespace PyOrch.Emitted.int8_int4_length_8192

/-- The numbers of this file: at most 8192 products of codes from -128 to 127 and from -8 to
7; the greatest sum is 8192 · (-128) · (-8) = 8388608. -/
theorem worst_case : IsWorstCase 8192 (-128) 127 (-8) 7 8388608 := by decide +kernel

/-- An accumulator of `P` bits is wide enough for all weights from -8 to 7, at most 8192 of them, all
inputs from -128 to 127 and all orders of summation, if and only if `P` is at least 25. -/
theorem minimal_accumulator_width (P : Nat) :
    (∀ weights : List Int, (∀ w ∈ weights, -8 ≤ w ∧ w ≤ 7) → weights.length ≤ 8192 →
      NoOverflow P (-128) 127 weights) ↔ 25 ≤ P :=
  worst_case.noOverflow_iff (by decide +kernel) (by decide +kernel) P

/-- With `P = 24` the least codes overflow: the dot product of 8192 pairs of them is 8388608, and
arithmetic that wraps around makes -8388608 of it. -/
theorem one_bit_less_overflows :
    dotInt (List.replicate 8192 (-128, -8)) = 8388608 ∧
      (wrappingDot 24 (List.replicate 8192 (-128, -8))).toInt = -8388608 :=
  ⟨worst_case.attained, worst_case.wraps (by decide +kernel)⟩

end PyOrch.Emitted.int8_int4_length_8192
