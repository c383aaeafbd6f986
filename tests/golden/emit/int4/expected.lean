import PyOrch.Covers

/-! # Error of 4-bit signed quantization, scale 1/8, zero point 0 -/

namespace PyOrch.Emitted.int4_scale_1_8_zero_0_half_even

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

/-- Every `x` from -17/16 to 15/16 is restored with an error of at most 1/16. -/
theorem quantization_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round)
    {x : α} (hlo : -17/16 ≤ x) (hhi : x ≤ 15/16) :
    AbsLE (x - dequantize (params α) (quantize round (params α) x)) (1/16) :=
  (params_covers α).error_bound hround hlo hhi

/-- No bound smaller than 1/16 holds on that range, whichever way ties are broken. -/
theorem quantization_error_bound_least {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {c : α}
    (hc : ∀ x : α, -17/16 ≤ x → x ≤ 15/16 →
      AbsLE (x - dequantize (params α) (quantize round (params α) x)) c) :
    1/16 ≤ c :=
  (params_covers α).le_of_error_bound hround hc

/-- With saturation: an `x` at most `d` outside of the codes' numbers, -1 to 7/8, is restored
with an error of at most 1/16 + `d`. -/
theorem quantization_error_saturating {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x d : α} (hd : 0 ≤ d)
    (hlo : dequantize (params α) (params α).qMin - d ≤ x)
    (hhi : x ≤ dequantize (params α) (params α).qMax + d) :
    AbsLE (x - dequantize (params α) (quantize round (params α) x)) (1/16 + d) :=
  (params_covers α).error_saturating hround hd hlo hhi

/-- The bound is attained over the rationals: the error at 1/16 is exactly 1/16. -/
theorem quantization_error_attained :
    ratAbs (1/16 -
      dequantize (params Rat) (quantize roundHalfEven (params Rat) (1/16))) = 1/16 := by
  decide +kernel

/-- Without the range hypothesis the bound is false: the error at 1 is 1/8. -/
theorem not_unguarded_error_bound :
    ¬ ∀ x : Rat,
      AbsLE (x - dequantize (params Rat) (quantize roundHalfEven (params Rat) x)) (1/16) :=
  fun hall => absurd (hall 1) (by decide +kernel)

end PyOrch.Emitted.int4_scale_1_8_zero_0_half_even
