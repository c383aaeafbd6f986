import PyOrch.Covers

/-! # Error of 8-bit signed quantization, scale 3/7, zero point -5/3 -/

namespace PyOrch.Emitted.int8_scale_3_7_zero_neg_5_3_half_even

universe u

/-- Codes -128, …, 127; code `q` stands for `q * (3/7) + (-5/3)`. -/
abbrev params (α : Type u) [OrderedField α] : QuantParams α where
  scale := 3/7
  zeroPoint := -5/3
  qMin := -128
  qMax := 127

/-- These are the signed codes of 8 bits. -/
theorem params_eq_signed (α : Type u) [OrderedField α] :
    params α = .signed 8 (3/7) (-5/3) :=
  rfl

/-- The numbers of the codes reach, with half a step more on both sides, from -2383/42 to 2225/42; half a
step is 3/14. -/
theorem params_covers (α : Type u) [OrderedField α] :
    (params α).Covers (-2383/42) (2225/42) (3/14) :=
  QuantParams.covers_of_rat (by decide +kernel)

/-- Every `x` from -2383/42 to 2225/42 is restored with an error of at most 3/14. -/
theorem quantization_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round)
    {x : α} (hlo : -2383/42 ≤ x) (hhi : x ≤ 2225/42) :
    AbsLE (x - dequantize (params α) (quantize round (params α) x)) (3/14) :=
  (params_covers α).error_bound hround hlo hhi

/-- No bound smaller than 3/14 holds on that range, whichever way ties are broken. -/
theorem quantization_error_bound_least {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {c : α}
    (hc : ∀ x : α, -2383/42 ≤ x → x ≤ 2225/42 →
      AbsLE (x - dequantize (params α) (quantize round (params α) x)) c) :
    3/14 ≤ c :=
  (params_covers α).le_of_error_bound hround hc

/-- With saturation: an `x` at most `d` outside of the codes' numbers, -1187/21 to 1108/21, is restored
with an error of at most 3/14 + `d`. -/
theorem quantization_error_saturating {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x d : α} (hd : 0 ≤ d)
    (hlo : dequantize (params α) (params α).qMin - d ≤ x)
    (hhi : x ≤ dequantize (params α) (params α).qMax + d) :
    AbsLE (x - dequantize (params α) (quantize round (params α) x)) (3/14 + d) :=
  (params_covers α).error_saturating hround hd hlo hhi

/-- The bound is attained over the rationals: the error at -61/42 is exactly 3/14. -/
theorem quantization_error_attained :
    ratAbs (-61/42 -
      dequantize (params Rat) (quantize roundHalfEven (params Rat) (-61/42))) = 3/14 := by
  decide +kernel

/-- Without the range hypothesis the bound is false: the error at 53 is 5/21. -/
theorem not_unguarded_error_bound :
    ¬ ∀ x : Rat,
      AbsLE (x - dequantize (params Rat) (quantize roundHalfEven (params Rat) x)) (3/14) :=
  fun hall => absurd (hall 53) (by decide +kernel)

end PyOrch.Emitted.int8_scale_3_7_zero_neg_5_3_half_even
