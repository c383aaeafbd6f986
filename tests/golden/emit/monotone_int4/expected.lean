import PyOrch.Covers

/-! # Order under 4-bit signed quantization, scale 1/8, zero point 0 -/

namespace PyOrch.Emitted.monotone_int4_scale_1_8_zero_0

universe u

/-- Codes -8, …, 7; code `q` stands for `q * (1/8) + 0`. -/
abbrev params (α : Type u) [OrderedField α] : QuantParams α where
  scale := 1/8
  zeroPoint := 0
  qMin := -8
  qMax := 7

/-- These are the signed codes of 4 bits. -/
theorem params_eq_signed (α : Type u) [OrderedField α] :
    params α = .signed 4 (1/8) 0 :=
  rfl

/-- The numbers of the codes reach, with half a step more on both sides, from -17/16 to 15/16; half a
step is 1/16. -/
theorem params_covers (α : Type u) [OrderedField α] :
    (params α).Covers (-17/16) (15/16) (1/16) :=
  QuantParams.covers_of_rat (by decide +kernel)

/-- Greater numbers do not get smaller codes, whichever way ties are broken. -/
theorem quantize_monotone {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x y : α} (hxy : x ≤ y) :
    quantize round (params α) x ≤ quantize round (params α) y :=
  PyOrch.quantize_monotone hround (params_covers α).scale_pos hxy

/-- Numbers from -17/16 to 15/16 that are more than 1/8 apart get different codes,
the greater number the greater code. -/
theorem quantize_monotone_strict {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x y : α}
    (hlo : -17/16 ≤ x) (hxy : x + 1/8 < y) (hhi : y ≤ 15/16) :
    quantize round (params α) x < quantize round (params α) y :=
  (params_covers α).quantize_lt hround hlo hxy hhi

end PyOrch.Emitted.monotone_int4_scale_1_8_zero_0
