import PyOrch.Numerals
import PyOrch.Quantization

/-! # Codes under 8-bit symmetric quantization, scale 1/127, zero point 0 -/

namespace PyOrch.Emitted.dequantize_int8_narrow_scale_1_127_zero_0

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

/-- The scale is positive. -/
theorem scale_pos (α : Type u) [OrderedField α] : (0 : α) < 1/127 :=
  numeral_lt (by decide +kernel)

/-- Each code from -127 to 127 comes back when its number is quantized, whichever way ties
are broken. -/
theorem quantize_dequantize {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {q : Int} (hlo : -127 ≤ q) (hhi : q ≤ 127) :
    quantize round (params α) (dequantize (params α) q) = q :=
  PyOrch.quantize_dequantize hround (scale_pos α) hlo hhi

/-- No other integer comes back. -/
theorem quantize_dequantize_iff {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (q : Int) :
    quantize round (params α) (dequantize (params α) q) = q ↔ -127 ≤ q ∧ q ≤ 127 :=
  PyOrch.quantize_dequantize_iff hround (scale_pos α)
    (show (-127 : Int) ≤ 127 by decide +kernel) q

/-- Quantizing a second time changes nothing, also where `x` saturates. -/
theorem quantize_dequantize_idempotent {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (x : α) :
    quantize round (params α) (dequantize (params α) (quantize round (params α) x)) =
      quantize round (params α) x :=
  quantize_idempotent hround (scale_pos α)
    (show (-127 : Int) ≤ 127 by decide +kernel) x

end PyOrch.Emitted.dequantize_int8_narrow_scale_1_127_zero_0
