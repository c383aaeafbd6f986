import PyOrch.Numerals
import PyOrch.Quantization

/-! # Codes under 4-bit signed quantization, scale 1/8, zero point 0 -/

namespace PyOrch.Emitted.dequantize_int4_scale_1_8_zero_0

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

/-- The scale is positive. -/
theorem scale_pos (α : Type u) [OrderedField α] : (0 : α) < 1/8 :=
  numeral_lt (by decide +kernel)

/-- Each code from -8 to 7 comes back when its number is quantized, whichever way ties
are broken. -/
theorem quantize_dequantize {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {q : Int} (hlo : -8 ≤ q) (hhi : q ≤ 7) :
    quantize round (params α) (dequantize (params α) q) = q :=
  PyOrch.quantize_dequantize hround (scale_pos α) hlo hhi

/-- No other integer comes back. -/
theorem quantize_dequantize_iff {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (q : Int) :
    quantize round (params α) (dequantize (params α) q) = q ↔ -8 ≤ q ∧ q ≤ 7 :=
  PyOrch.quantize_dequantize_iff hround (scale_pos α)
    (show (-8 : Int) ≤ 7 by decide +kernel) q

/-- Quantizing a second time changes nothing, also where `x` saturates. -/
theorem quantize_dequantize_idempotent {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (x : α) :
    quantize round (params α) (dequantize (params α) (quantize round (params α) x)) =
      quantize round (params α) x :=
  quantize_idempotent hround (scale_pos α)
    (show (-8 : Int) ≤ 7 by decide +kernel) x

end PyOrch.Emitted.dequantize_int4_scale_1_8_zero_0
