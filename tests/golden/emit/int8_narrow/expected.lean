import PyOrch.Covers

/-! # Error of 8-bit symmetric quantization, scale 1/127, zero point 0 -/

namespace PyOrch.Emitted.int8_narrow_scale_1_127_zero_0_half_even

universe u

/-- Codes -127, …, 127; code `q` stands for `q * (1/127) + 0`. -/
abbrev params (α : Type u) [OrderedField α] : QuantParams α where
  scale := 1/127
  zeroPoint := 0
  qMin := -127
  qMax := 127

/-- These are the symmetric codes of 8 bits. -/
theorem params_eq_symmetric (α : Type u) [OrderedField α] :
    params α = .symmetric 8 (1/127) 0 :=
  rfl

/-- The numbers of the codes reach, with half a step more on both sides, from -255/254 to 255/254; half a
step is 1/254. -/
theorem params_covers (α : Type u) [OrderedField α] :
    (params α).Covers (-255/254) (255/254) (1/254) :=
  QuantParams.covers_of_rat (by decide +kernel)

/-- Every `x` from -255/254 to 255/254 is restored with an error of at most 1/254. -/
theorem quantization_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round)
    {x : α} (hlo : -255/254 ≤ x) (hhi : x ≤ 255/254) :
    AbsLE (x - dequantize (params α) (quantize round (params α) x)) (1/254) :=
  (params_covers α).error_bound hround hlo hhi

/-- No bound smaller than 1/254 holds on that range, whichever way ties are broken. -/
theorem quantization_error_bound_least {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {c : α}
    (hc : ∀ x : α, -255/254 ≤ x → x ≤ 255/254 →
      AbsLE (x - dequantize (params α) (quantize round (params α) x)) c) :
    1/254 ≤ c :=
  (params_covers α).le_of_error_bound hround hc

/-- With saturation: an `x` at most `d` outside of the codes' numbers, -1 to 1, is restored
with an error of at most 1/254 + `d`. -/
theorem quantization_error_saturating {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x d : α} (hd : 0 ≤ d)
    (hlo : dequantize (params α) (params α).qMin - d ≤ x)
    (hhi : x ≤ dequantize (params α) (params α).qMax + d) :
    AbsLE (x - dequantize (params α) (quantize round (params α) x)) (1/254 + d) :=
  (params_covers α).error_saturating hround hd hlo hhi

/-- The bound is attained over the rationals: the error at 1/254 is exactly 1/254. -/
theorem quantization_error_attained :
    ratAbs (1/254 -
      dequantize (params Rat) (quantize roundHalfEven (params Rat) (1/254))) = 1/254 := by
  decide +kernel

/-- Without the range hypothesis the bound is false: the error at 2 is 1. -/
theorem not_unguarded_error_bound :
    ¬ ∀ x : Rat,
      AbsLE (x - dequantize (params Rat) (quantize roundHalfEven (params Rat) x)) (1/254) :=
  fun hall => absurd (hall 2) (by decide +kernel)

end PyOrch.Emitted.int8_narrow_scale_1_127_zero_0_half_even
