import PyOrch.Covers

/-! # Error of 3-bit unsigned quantization, scale 1000000, zero point 0 -/

namespace PyOrch.Emitted.uint3_scale_1000000_zero_0_half_up

universe u

/-- Codes 0, …, 7; code `q` stands for `q * 1000000 + 0`. -/
abbrev params (α : Type u) [OrderedField α] : QuantParams α where
  scale := 1000000
  zeroPoint := 0
  qMin := 0
  qMax := 7

/-- These are the unsigned codes of 3 bits. -/
theorem params_eq_unsigned (α : Type u) [OrderedField α] :
    params α = .unsigned 3 1000000 0 :=
  rfl

/-- The numbers of the codes reach, with half a step more on both sides, from -500000 to 7500000; half a
step is 500000. -/
theorem params_covers (α : Type u) [OrderedField α] :
    (params α).Covers (-500000) 7500000 500000 :=
  QuantParams.covers_of_rat (by decide +kernel)

/-- Every `x` from -500000 to 7500000 is restored with an error of at most 500000. -/
theorem quantization_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round)
    {x : α} (hlo : -500000 ≤ x) (hhi : x ≤ 7500000) :
    AbsLE (x - dequantize (params α) (quantize round (params α) x)) 500000 :=
  (params_covers α).error_bound hround hlo hhi

/-- No bound smaller than 500000 holds on that range, whichever way ties are broken. -/
theorem quantization_error_bound_least {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {c : α}
    (hc : ∀ x : α, -500000 ≤ x → x ≤ 7500000 →
      AbsLE (x - dequantize (params α) (quantize round (params α) x)) c) :
    500000 ≤ c :=
  (params_covers α).le_of_error_bound hround hc

/-- With saturation: an `x` at most `d` outside of the codes' numbers, 0 to 7000000, is restored
with an error of at most 500000 + `d`. -/
theorem quantization_error_saturating {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {x d : α} (hd : 0 ≤ d)
    (hlo : dequantize (params α) (params α).qMin - d ≤ x)
    (hhi : x ≤ dequantize (params α) (params α).qMax + d) :
    AbsLE (x - dequantize (params α) (quantize round (params α) x)) (500000 + d) :=
  (params_covers α).error_saturating hround hd hlo hhi

/-- The bound is attained over the rationals: the error at 500000 is exactly 500000. -/
theorem quantization_error_attained :
    ratAbs (500000 -
      dequantize (params Rat) (quantize roundHalfUp (params Rat) 500000)) = 500000 := by
  decide +kernel

/-- Without the range hypothesis the bound is false: the error at -500001 is 500001. -/
theorem not_unguarded_error_bound :
    ¬ ∀ x : Rat,
      AbsLE (x - dequantize (params Rat) (quantize roundHalfUp (params Rat) x)) 500000 :=
  fun hall => absurd (hall (-500001)) (by decide +kernel)

end PyOrch.Emitted.uint3_scale_1000000_zero_0_half_up
