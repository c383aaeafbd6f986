import PyOrch.AccumulatorAware

/-! # A2Q: signed 4-bit inputs, a 12-bit accumulator -/

namespace PyOrch.Emitted.int4_in_12_bits_weights_b38bdd6f64bfb98f

/-- If `‖q‖₁ ≤ (2^11 - 1)·2^(1 - 4) = 2047/8` for the weights of a channel, no partial sum of
their products with inputs from -8 to 7, in any order, overflows 12 bits. -/
theorem a2q_l1_bound {weights : List Int} (hnorm : (l1Norm weights : Rat) ≤ 2047/8) :
    NoOverflow 12 (-8) 7 weights :=
  a2q_noOverflow (c := 8) (bound := 2047) (by decide +kernel) (by decide +kernel)
    (by decide +kernel) hnorm

/-- Under that bound 12-bit arithmetic that wraps around gives the exact dot product. -/
theorem a2q_wrapping_exact {l : List (Int × Int)} (hinputs : InputsIn (-8) 7 l)
    (hnorm : (l1Norm (weightsOf l) : Rat) ≤ 2047/8) : (wrappingDot 12 l).toInt = dotInt l :=
  (a2q_l1_bound hnorm).wrappingDot_toInt hinputs

/-- The weights, a row for each output channel. -/
def weights : List (List Int) := [
  [60, -40, 27],
  [0, 0, -255]]

/-- All of them satisfy it, so that none overflows 12 bits. -/
theorem weights_no_overflow : ∀ channel ∈ weights,
    NoOverflow 12 (-8) 7 channel :=
  fun channel h =>
    a2q_l1_bound ((by decide +kernel : ∀ channel ∈ weights, (l1Norm channel : Rat) ≤ 2047/8) channel h)

end PyOrch.Emitted.int4_in_12_bits_weights_b38bdd6f64bfb98f
