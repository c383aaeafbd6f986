import PyOrch.LayerWidth

/-! # Accumulators of 2 channels with 3 weights each
-/

set_option maxRecDepth 100000
set_option maxHeartbeats 0

namespace PyOrch.Emitted.weights_36b09e1df48213b0_inputs_0_to_255

/-- The weights, a row of 3 for each of the 2 output channels. -/
noncomputable def weights : List (List Int) := [
  [3, -8, 7],
  [-1, 2, 5]]

/-- The widths of the channels' accumulators in bits: 12 to 13. -/
def widths : List Nat := [13, 12]

/-- Each of the widths holds the extreme dot products of its channel, and one bit less does not. -/
theorem leastWidths : LeastWidths 0 255 weights widths :=
  by decide +kernel

/-- `P` bits hold every partial sum of the products of channel `i`, in every order, for all inputs from
0 to 255, if and only if `P` is at least the channel's width. -/
theorem channel_accumulator_width {i width : Nat} {channel : List Int}
    (hweights : weights[i]? = some channel) (hwidth : widths[i]? = some width) (P : Nat) :
    NoOverflow P 0 255 channel ↔ width ≤ P :=
  leastWidths.noOverflow_iff (by decide +kernel) (by decide +kernel) hweights hwidth P

/-- Accumulators of the same width for all channels have to have at least 13 bits, and that is enough. -/
theorem layer_accumulator_width (P : Nat) :
    (∀ channel ∈ weights, NoOverflow P 0 255 channel) ↔ 13 ≤ P :=
  leastWidths.layer_noOverflow_iff (by decide +kernel) (by decide +kernel)
    (by decide +kernel) P

/-- The least and the greatest dot product of each channel. And for each channel, one bit less than
its width and pairs of inputs and its weights: their dot product, and what arithmetic of so many
bits makes of it by wrapping around. -/
theorem channel_overflow :
    weights.map (fun channel => (minDot 0 255 channel, maxDot 0 255 channel)) =
      [(-2040, 2550), (-255, 1785)] ∧
    ([
      (12, [(255, 3), (0, -8), (255, 7)]),
      (11, [(0, -1), (255, 2), (255, 5)])] : List (Nat × List (Int × Int))).map
        (fun (bits, pairs) => (dotInt pairs, (wrappingDot bits pairs).toInt)) =
      [(2550, -1546), (1785, -263)] :=
  by decide +kernel

end PyOrch.Emitted.weights_36b09e1df48213b0_inputs_0_to_255
