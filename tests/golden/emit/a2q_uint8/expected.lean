import PyOrch.AccumulatorAware

/-! # A2Q: unsigned 8-bit inputs, a 16-bit accumulator -/

namespace PyOrch.Emitted.uint8_in_16_bits

/-- If `‖q‖₁ ≤ (2^15 - 1)·2^(0 - 8) = 32767/256` for the weights of a channel, no partial sum of
their products with inputs from 0 to 255, in any order, overflows 16 bits. -/
theorem a2q_l1_bound {weights : List Int} (hnorm : (l1Norm weights : Rat) ≤ 32767/256) :
    NoOverflow 16 0 255 weights :=
  a2q_noOverflow (c := 256) (bound := 32767) (by decide +kernel) (by decide +kernel)
    (by decide +kernel) hnorm

/-- Under that bound 16-bit arithmetic that wraps around gives the exact dot product. -/
theorem a2q_wrapping_exact {l : List (Int × Int)} (hinputs : InputsIn 0 255 l)
    (hnorm : (l1Norm (weightsOf l) : Rat) ≤ 32767/256) : (wrappingDot 16 l).toInt = dotInt l :=
  (a2q_l1_bound hnorm).wrappingDot_toInt hinputs

end PyOrch.Emitted.uint8_in_16_bits
