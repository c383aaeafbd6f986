import PyOrch.AccumulatorAware

/-! # A2Q+: unsigned 8-bit inputs, a 16-bit accumulator -/

namespace PyOrch.Emitted.uint8_in_16_bits

/-- If the weights of a channel sum to zero and `‖q‖₁ ≤ (2^16 - 2)/(2^8 - 1) = 65534/255`, no partial sum of
their products with inputs from 0 to 255, in any order, overflows 16 bits. -/
theorem a2q_plus_l1_bound {weights : List Int} (hzero : weights.sum = 0)
    (hnorm : (l1Norm weights : Rat) ≤ 65534/255) : NoOverflow 16 0 255 weights :=
  a2qPlus_noOverflow (bound := 32767) (by decide +kernel) (by decide +kernel) (by decide +kernel)
    hzero hnorm

/-- Under these conditions 16-bit arithmetic that wraps around gives the exact dot product. -/
theorem a2q_plus_wrapping_exact {l : List (Int × Int)} (hinputs : InputsIn 0 255 l)
    (hzero : (weightsOf l).sum = 0) (hnorm : (l1Norm (weightsOf l) : Rat) ≤ 65534/255) :
    (wrappingDot 16 l).toInt = dotInt l :=
  (a2q_plus_l1_bound hzero hnorm).wrappingDot_toInt hinputs

/-- The weights have to sum to zero: without that, weight 256 with input 128 satisfies the
bound on the norm and overflows. -/
theorem not_a2q_plus_without_zero_centring :
    ¬ ∀ weights : List Int, (l1Norm weights : Rat) ≤ 65534/255 →
      NoOverflow 16 0 255 weights :=
  fun hall => not_noOverflow
    (l := [(128, 256)]) (by decide +kernel) (by decide +kernel)
    (hall [256] (by decide +kernel))

end PyOrch.Emitted.uint8_in_16_bits
