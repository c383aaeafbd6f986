import PyOrch.Covers

/-! # Order under 8-bit unsigned quantization, scale 1/50, zero point -64/25 -/

namespace PyOrch.Emitted.monotone_uint8_scale_1_50_zero_neg_64_25

universe u

/-- Codes 0, …, 255; code `q` stands for `q * (1/50) + (-64/25)`. -/
abbrev params (α : Type u) [OrderedField α] : QuantParams α where
  scale := 1/50
  zeroPoint := -64/25
  qMin := 0
  qMax := 255

/-- These are the unsigned codes of 8 bits. -/
theorem params_eq_unsigned (α : Type u) [OrderedField α] :
    params α = .unsigned 8 (1/50) (-64/25) :=
  rfl

/-- The numbers of the codes reach, with half a step more on both sides, from -257/100 to 51/20; half a
step is 1/100. -/
theorem params_covers (α : Type u) [OrderedField α] :
    (params α).Covers (-257/100) (51/20) (1/100) :=
  QuantParams.covers_of_rat (by decide +kernel)

/-- Greater numbers do not get smaller codes, whichever way ties are broken. -/
theorem quantize_monotone {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x y : α} (hxy : x ≤ y) :
    quantize round (params α) x ≤ quantize round (params α) y :=
  PyOrch.quantize_monotone hround (params_covers α).scale_pos hxy

/-- Numbers from -257/100 to 51/20 that are more than 1/50 apart get different codes,
the greater number the greater code. -/
theorem quantize_monotone_strict {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x y : α}
    (hlo : -257/100 ≤ x) (hxy : x + 1/50 < y) (hhi : y ≤ 51/20) :
    quantize round (params α) x < quantize round (params α) y :=
  (params_covers α).quantize_lt hround hlo hxy hhi

end PyOrch.Emitted.monotone_uint8_scale_1_50_zero_neg_64_25
