import PyOrch.PackedWidths

/-! # Accumulators of 4 channels with 5 weights each
-/

set_option maxRecDepth 100000
set_option maxHeartbeats 0

namespace PyOrch.Emitted.weights_f7a63cd4354c9919_inputs_neg_128_to_127

/-- The weights as one number: 4 bits each, row after row, each row with room for 8 weights. -/
noncomputable def data : Nat := joinParts 65536 [
  joinParts 4096 [
    nat_lit 10316157158065732556787467]]

/-- The widths as one number, a byte each. -/
noncomputable def widthData : Nat := joinParts 65536 [
  joinParts 4096 [
    nat_lit 234884109]]

/-- The weights, a row of 5 for each of the 4 output channels. -/
noncomputable def weights : List (List Int) := unpackLayer 4 5 3 4 data

/-- The widths of the channels' accumulators in bits: 0 to 14. -/
noncomputable def widths : List Nat := unpack 8 4 widthData

/-- Each of the widths holds the extreme dot products of its channel, and one bit less does not. -/
theorem leastWidths : LeastWidths (-128) 127 weights widths :=
  leastWidths_of_packedNeed (b := 3) (lo := 128) (hi := 127) (by decide +kernel) (by decide +kernel)
    (by decide +kernel)

/-- `P` bits hold every partial sum of the products of channel `i`, in every order, for all inputs from
-128 to 127, if and only if `P` is at least the channel's width. -/
theorem channel_accumulator_width {i width : Nat} {channel : List Int}
    (hweights : weights[i]? = some channel) (hwidth : widths[i]? = some width) (P : Nat) :
    NoOverflow P (-128) 127 channel ↔ width ≤ P :=
  leastWidths.noOverflow_iff (by decide +kernel) (by decide +kernel) hweights hwidth P

/-- Accumulators of the same width for all channels have to have at least 14 bits, and that is enough. -/
theorem layer_accumulator_width (P : Nat) :
    (∀ channel ∈ weights, NoOverflow P (-128) 127 channel) ↔ 14 ≤ P :=
  leastWidths.layer_noOverflow_iff (by decide +kernel) (by decide +kernel)
    (mem_and_le_maxLane (by decide +kernel)) P

/-- One bit less is not enough: for a channel of width `P + 1`, the inputs of `overflowWitness`, ends
of the range chosen by the signs of the weights, make `P`-bit arithmetic wrap around to a wrong
result. -/
theorem channel_overflow {i P : Nat} {channel : List Int}
    (hweights : weights[i]? = some channel) (hwidth : widths[i]? = some (P + 1)) :
    let pairs := overflowWitness P (-128) 127 channel
    weightsOf pairs = channel ∧ InputsIn (-128) 127 pairs ∧ (wrappingDot P pairs).toInt ≠ dotInt pairs :=
  leastWidths.overflowWitness_wraps (by decide +kernel) hweights hwidth

end PyOrch.Emitted.weights_f7a63cd4354c9919_inputs_neg_128_to_127
