import PyOrch.SymmetricQuantization

/-! # Symmetric 8-bit codes of activations, multiplied by 127 -/

namespace PyOrch.Emitted.activation_int8_times_127

universe u

/-- The code of every activation lies between -127 and 127, whatever the rounding function. -/
theorem activation_quantization_bounded {α : Type u} [OrderedField α] (round : α → Int) (x : α) :
    -127 ≤ clampInt (-127) 127 (round (x * 127)) ∧
      clampInt (-127) 127 (round (x * 127)) ≤ 127 :=
  clampInt_mem (by decide +kernel) _

/-- Activations from -1 to 1 do not saturate. -/
theorem activation_quantization_unsaturated {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x : α} (hx : AbsLE x 1) :
    clampInt (-127) 127 (round (x * 127)) = round (x * 127) :=
  activation_code_unsaturated hround (numeral_le (by decide +kernel))
    (numeral_eq (by decide +kernel)) hx

/-- Activations from -1 to 1 are restored with an error of at most 1/254. -/
theorem activation_quantization_error {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x : α} (hx : AbsLE x 1) :
    AbsLE (x - (clampInt (-127) 127 (round (x * 127)) : α) / 127) (1/254) :=
  activation_error_bound hround (numeral_lt (by decide +kernel)) (numeral_eq (by decide +kernel))
    (numeral_eq (by decide +kernel)) hx

/-- Both ends of the range are attained: at -1 and 1. -/
theorem activation_quantization_attained {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) :
    clampInt (-127) 127 (round (-1 * 127)) = -127 ∧
      clampInt (-127) 127 (round (1 * 127)) = 127 :=
  activation_code_attained hround (by decide +kernel) (numeral_eq (by decide +kernel))

end PyOrch.Emitted.activation_int8_times_127
