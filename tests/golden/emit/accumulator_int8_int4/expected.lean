import PyOrch.QuantizedAccumulator

/-! # A 32-bit accumulator for 8192 products of 8-bit and 4-bit codes -/

namespace PyOrch.Emitted.int8_int4_length_8192_in_32_bits

universe u

/-- The numbers of this file: at most 8192 products of codes from -128 to 127 and from -8 to
7; the greatest sum is 8192 · (-128) · (-8) = 8388608. -/
theorem worst_case : IsWorstCase 8192 (-128) 127 (-8) 7 8388608 := by decide +kernel

/-- Whatever the at most 8192 weights from -8 to 7 and the inputs from -128 to 127, no partial
sum of their products, in any order, overflows 32 bits on either side. -/
theorem accumulator_no_overflow {weights : List Int}
    (hweights : ∀ w ∈ weights, -8 ≤ w ∧ w ≤ 7) (hK : weights.length ≤ 8192) :
    NoOverflow 32 (-128) 127 weights :=
  worst_case.noOverflow (by decide +kernel) hweights hK

/-- No partial sum in any order exceeds 8388608 in absolute value, and that is attained: by
8192 pairs of the least codes. -/
theorem accumulator_worst_case :
    (∀ l : List (Int × Int), (∀ p ∈ l, (-128 ≤ p.1 ∧ p.1 ≤ 127) ∧ -8 ≤ p.2 ∧ p.2 ≤ 7) →
      l.length ≤ 8192 → ∀ order : List Int, order.Perm (products l) → ∀ k,
        -8388608 ≤ (order.take k).sum ∧ (order.take k).sum ≤ 8388608) ∧
    dotInt (List.replicate 8192 (-128, -8)) = 8388608 :=
  ⟨fun _ hl hK _ horder k => worst_case.partial_sum_mem hl hK horder k, worst_case.attained⟩

/-- 32-bit arithmetic that wraps around gives the exact sum. As this holds for every list of
pairs, it holds after every step and in every order. -/
theorem wrapping_accumulator_exact {l : List (Int × Int)}
    (hl : ∀ p ∈ l, (-128 ≤ p.1 ∧ p.1 ≤ 127) ∧ -8 ≤ p.2 ∧ p.2 ≤ 7) (hK : l.length ≤ 8192) :
    (wrappingDot 32 l).toInt = dotInt l :=
  worst_case.wrappingDot_toInt (by decide +kernel) hl hK

/-- Whatever 8192 or fewer pairs of numbers are quantized to 8 and 4 bits, with any scales, zero points
and rounding, the sum of the products of their codes is at most 8388608 in absolute value. -/
theorem quantized_accumulator_bounded {α : Type u} [OrderedField α] (round : α → Int)
    (aScale aZero wScale wZero : α) (l : List (α × α)) (hK : l.length ≤ 8192) :
    -8388608 ≤ dotInt (codes round (.signed 8 aScale aZero) (.signed 4 wScale wZero) l) ∧
      dotInt (codes round (.signed 8 aScale aZero) (.signed 4 wScale wZero) l) ≤ 8388608 :=
  worst_case.quantized_dotInt_mem (by decide +kernel) (by decide +kernel) round
    aScale aZero wScale wZero l hK

/-- Where the width of the codes is free, the claim is false: with 17 bits, scale 1 and zero point
0, the sum for the pair (-32768, -65536), 1 times, is not below 2147483648. -/
theorem not_no_int32_overflow :
    ¬ ∀ (bits : Nat) (scale zeroPoint : Rat), 0 < scale → ∀ l : List (Rat × Rat),
      l.length ≤ 8192 → dotInt (codes roundHalfUp (.signed bits scale zeroPoint)
        (.signed bits scale zeroPoint) l) < 2147483648 :=
  fun hall => absurd (hall 17 1 0 (by decide +kernel)
    (List.replicate 1 (-32768, -65536)) (by rw [List.length_replicate]; decide +kernel))
    (by rw [dotInt_codes_replicate]; decide +kernel)

/-- The bound 127 · 7 = 889 on a product of codes is false: 112 · (-8) is -896. -/
theorem not_h_product :
    ¬ ∀ a w : Int, (-128 ≤ a ∧ a ≤ 127) → (-8 ≤ w ∧ w ≤ 7) →
      -(127 * 7) ≤ a * w ∧ a * w ≤ 127 * 7 :=
  fun hall => absurd (hall 112 (-8) (by decide +kernel) (by decide +kernel))
    (by decide +kernel)

/-- Where the number of products is free, the claim is false: with scale 1 and zero point 0, the
sum for the pair (-128, -8), 2097152 times, is not below 2147483648. -/
theorem not_no_integer_overflow :
    ¬ ∀ scale zeroPoint : Rat, 0 < scale → ∀ l : List (Rat × Rat),
      dotInt (codes roundHalfUp (.signed 8 scale zeroPoint)
        (.signed 4 scale zeroPoint) l) < 2147483648 :=
  fun hall => absurd (hall 1 0 (by decide +kernel)
    (List.replicate 2097152 (-128, -8)))
    (by rw [dotInt_codes_replicate]; decide +kernel)

end PyOrch.Emitted.int8_int4_length_8192_in_32_bits
