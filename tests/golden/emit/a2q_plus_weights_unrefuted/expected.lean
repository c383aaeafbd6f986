import PyOrch.AccumulatorAware

/-! # A2Q+: signed 32-bit inputs, a 64-bit accumulator -/

namespace PyOrch.Emitted.int32_in_64_bits_weights_ea57a8f402b17bcf

/-- If the weights of a channel sum to zero and `‖q‖₁ ≤ (2^64 - 2)/(2^32 - 1) = 18446744073709551614/4294967295`, no partial sum of
their products with inputs from -2147483648 to 2147483647, in any order, overflows 64 bits. -/
theorem a2q_plus_l1_bound {weights : List Int} (hzero : weights.sum = 0)
    (hnorm : (l1Norm weights : Rat) ≤ 18446744073709551614/4294967295) : NoOverflow 64 (-2147483648) 2147483647 weights :=
  a2qPlus_noOverflow (bound := 9223372036854775807) (by decide +kernel) (by decide +kernel) (by decide +kernel)
    hzero hnorm

/-- Under these conditions 64-bit arithmetic that wraps around gives the exact dot product. -/
theorem a2q_plus_wrapping_exact {l : List (Int × Int)} (hinputs : InputsIn (-2147483648) 2147483647 l)
    (hzero : (weightsOf l).sum = 0) (hnorm : (l1Norm (weightsOf l) : Rat) ≤ 18446744073709551614/4294967295) :
    (wrappingDot 64 l).toInt = dotInt l :=
  (a2q_plus_l1_bound hzero hnorm).wrappingDot_toInt hinputs

/-- The weights, a row for each output channel. -/
def weights : List (List Int) := [
  [128, -100, -28]]

/-- All of them satisfy it, so that none overflows 64 bits. -/
theorem weights_no_overflow : ∀ channel ∈ weights,
    NoOverflow 64 (-2147483648) 2147483647 channel :=
  fun channel h =>
    have hall : ∀ channel ∈ weights, channel.sum = 0 ∧ (l1Norm channel : Rat) ≤ 18446744073709551614/4294967295 := by
      decide +kernel
    a2q_plus_l1_bound (hall channel h).1 (hall channel h).2

end PyOrch.Emitted.int32_in_64_bits_weights_ea57a8f402b17bcf
