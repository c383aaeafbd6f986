import PyOrch.Covers

/-! # Error of 1-bit signed quantization, scale 1, zero point 1/2 -/

namespace PyOrch.Emitted.int1_scale_1_zero_1_2_half_even

universe u

/-- Codes -1, …, 0; code `q` stands for `q * 1 + (1/2)`. -/
abbrev params (α : Type u) [OrderedField α] : QuantParams α where
  scale := 1
  zeroPoint := 1/2
  qMin := -1
  qMax := 0

/-- These are the signed codes of 1 bit. -/
theorem params_eq_signed (α : Type u) [OrderedField α] :
    params α = .signed 1 1 (1/2) :=
  rfl

/-- The numbers of the codes reach, with half a step more on both sides, from -1 to 1; half a
step is 1/2. -/
theorem params_covers (α : Type u) [OrderedField α] :
    (params α).Covers (-1) 1 (1/2) :=
  QuantParams.covers_of_rat (by decide +kernel)

/-- Every `x` from -1 to 1 is restored with an error of at most 1/2. -/
theorem quantization_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round)
    {x : α} (hlo : -1 ≤ x) (hhi : x ≤ 1) :
    AbsLE (x - dequantize (params α) (quantize round (params α) x)) (1/2) :=
  (params_covers α).error_bound hround hlo hhi

/-- No bound smaller than 1/2 holds on that range, whichever way ties are broken. -/
theorem quantization_error_bound_least {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {c : α}
    (hc : ∀ x : α, -1 ≤ x → x ≤ 1 →
      AbsLE (x - dequantize (params α) (quantize round (params α) x)) c) :
    1/2 ≤ c :=
  (params_covers α).le_of_error_bound hround hc

/-- With saturation: an `x` at most `d` outside of the codes' numbers, -1/2 to 1/2, is restored
with an error of at most 1/2 + `d`. -/
theorem quantization_error_saturating {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x d : α} (hd : 0 ≤ d)
    (hlo : dequantize (params α) (params α).qMin - d ≤ x)
    (hhi : x ≤ dequantize (params α) (params α).qMax + d) :
    AbsLE (x - dequantize (params α) (quantize round (params α) x)) (1/2 + d) :=
  (params_covers α).error_saturating hround hd hlo hhi

/-- The bound is attained over the rationals: the error at 1 is exactly 1/2. -/
theorem quantization_error_attained :
    ratAbs (1 -
      dequantize (params Rat) (quantize roundHalfEven (params Rat) 1)) = 1/2 := by
  decide +kernel

end PyOrch.Emitted.int1_scale_1_zero_1_2_half_even
