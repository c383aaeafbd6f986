import PyOrch.QuantizedAccumulator

/-! # A 2-bit accumulator for 1 product of 1-bit and 1-bit codes -/

namespace PyOrch.Emitted.int1_int1_length_1_in_2_bits

universe u

/-- The numbers of this file: at most 1 products of codes from -1 to 0 and from -1 to
0; the greatest sum is 1 · (-1) · (-1) = 1. -/
theorem worst_case : IsWorstCase 1 (-1) 0 (-1) 0 1 := by decide +kernel

/-- Whatever the at most 1 weights from -1 to 0 and the inputs from -1 to 0, no partial
sum of their products, in any order, overflows 2 bits on either side. -/
theorem accumulator_no_overflow {weights : List Int}
    (hweights : ∀ w ∈ weights, -1 ≤ w ∧ w ≤ 0) (hK : weights.length ≤ 1) :
    NoOverflow 2 (-1) 0 weights :=
  worst_case.noOverflow (by decide +kernel) hweights hK

/-- No partial sum in any order exceeds 1 in absolute value, and that is attained: by
1 pairs of the least codes. -/
theorem accumulator_worst_case :
    (∀ l : List (Int × Int), (∀ p ∈ l, (-1 ≤ p.1 ∧ p.1 ≤ 0) ∧ -1 ≤ p.2 ∧ p.2 ≤ 0) →
      l.length ≤ 1 → ∀ order : List Int, order.Perm (products l) → ∀ k,
        -1 ≤ (order.take k).sum ∧ (order.take k).sum ≤ 1) ∧
    dotInt (List.replicate 1 (-1, -1)) = 1 :=
  ⟨fun _ hl hK _ horder k => worst_case.partial_sum_mem hl hK horder k, worst_case.attained⟩

/-- 2-bit arithmetic that wraps around gives the exact sum. As this holds for every list of
pairs, it holds after every step and in every order. -/
theorem wrapping_accumulator_exact {l : List (Int × Int)}
    (hl : ∀ p ∈ l, (-1 ≤ p.1 ∧ p.1 ≤ 0) ∧ -1 ≤ p.2 ∧ p.2 ≤ 0) (hK : l.length ≤ 1) :
    (wrappingDot 2 l).toInt = dotInt l :=
  worst_case.wrappingDot_toInt (by decide +kernel) hl hK

/-- Whatever 1 or fewer pairs of numbers are quantized to 1 and 1 bits, with any scales, zero points
and rounding, the sum of the products of their codes is at most 1 in absolute value. -/
theorem quantized_accumulator_bounded {α : Type u} [OrderedField α] (round : α → Int)
    (aScale aZero wScale wZero : α) (l : List (α × α)) (hK : l.length ≤ 1) :
    -1 ≤ dotInt (codes round (.signed 1 aScale aZero) (.signed 1 wScale wZero) l) ∧
      dotInt (codes round (.signed 1 aScale aZero) (.signed 1 wScale wZero) l) ≤ 1 :=
  worst_case.quantized_dotInt_mem (by decide +kernel) (by decide +kernel) round
    aScale aZero wScale wZero l hK

end PyOrch.Emitted.int1_int1_length_1_in_2_bits
