import PyOrch.SymmetricQuantization

/-! # Symmetric 4-bit codes of activations, multiplied by 1/3 -/

namespace PyOrch.Emitted.activation_int4_times_1_3

universe u

/-- The code of every activation lies between -7 and 7, whatever the rounding function. -/
theorem activation_quantization_bounded {α : Type u} [OrderedField α] (round : α → Int) (x : α) :
    -7 ≤ clampInt (-7) 7 (round (x * (1/3))) ∧
      clampInt (-7) 7 (round (x * (1/3))) ≤ 7 :=
  clampInt_mem (by decide +kernel) _

/-- Activations from -21 to 21 do not saturate. -/
theorem activation_quantization_unsaturated {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x : α} (hx : AbsLE x 21) :
    clampInt (-7) 7 (round (x * (1/3))) = round (x * (1/3)) :=
  activation_code_unsaturated hround (numeral_le (by decide +kernel))
    (numeral_eq (by decide +kernel)) hx

/-- Activations from -21 to 21 are restored with an error of at most 3/2. -/
theorem activation_quantization_error {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x : α} (hx : AbsLE x 21) :
    AbsLE (x - (clampInt (-7) 7 (round (x * (1/3))) : α) / (1/3)) (3/2) :=
  activation_error_bound hround (numeral_lt (by decide +kernel)) (numeral_eq (by decide +kernel))
    (numeral_eq (by decide +kernel)) hx

/-- Both ends of the range are attained: at -21 and 21. -/
theorem activation_quantization_attained {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) :
    clampInt (-7) 7 (round (-21 * (1/3))) = -7 ∧
      clampInt (-7) 7 (round (21 * (1/3))) = 7 :=
  activation_code_attained hround (by decide +kernel) (numeral_eq (by decide +kernel))

end PyOrch.Emitted.activation_int4_times_1_3
