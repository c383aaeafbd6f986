import PyOrch.AccumulatorWidth
import PyOrch.DotProduct

/-!
# Accumulators of quantized numbers

The codes that a quantizer makes are codes of its width, whatever the numbers, the scale, the zero
point and the rounding function. So the theorems on accumulators apply to every quantized matrix
product, without any assumption on activations and weights.
-/

namespace PyOrch

universe u

variable {α : Type u} [OrderedField α]

/-- Quantizers of `a + 1` and `w + 1` bits make pairs of codes of these widths. -/
theorem codes_isCodePair (round : α → Int) (a w : Nat) (sa za sw zw : α) (l : List (α × α)) :
    ∀ p ∈ codes round (.signed (a + 1) sa za) (.signed (w + 1) sw zw) l, IsCodePair a w p := by
  intro p hp
  obtain ⟨aw, -, rfl⟩ := List.mem_map.1 hp
  have ha := quantize_mem (round := round) (QuantParams.signed_qMin_le_qMax (a + 1) sa za) aw.1
  have hw := quantize_mem (round := round) (QuantParams.signed_qMin_le_qMax (w + 1) sw zw) aw.2
  simp only [QuantParams.signed, Nat.add_sub_cancel] at ha hw
  simp only [IsCodePair, QuantParams.signed, Nat.add_sub_cancel]
  omega

/-- As many pairs of codes as pairs of numbers. -/
theorem length_codes (round : α → Int) (pa pw : QuantParams α) (l : List (α × α)) :
    (codes round pa pw l).length = l.length := List.length_map ..

/-- **Seed 003's `no_int32_overflow` with widths and length given**: if `K * 2^(a+w) < 2^P`, no
partial sum of at most `K` products, in any order, overflows `P + 1` bits, on either side. -/
theorem quantized_partial_sum_fits (round : α → Int) {a w K P : Nat} (sa za sw zw : α)
    (hP : (K : Int) * 2 ^ (a + w) < 2 ^ P) (l : List (α × α)) (hK : l.length ≤ K)
    {order : List Int}
    (horder : order.Perm
      (products (codes round (.signed (a + 1) sa za) (.signed (w + 1) sw zw) l))) (k : Nat) :
    FitsSigned (P + 1) (order.take k).sum :=
  partial_sum_fits hP (codes_isCodePair round a w sa za sw zw l)
    (by rw [length_codes]; exact hK) horder k

/-- **Wrapping arithmetic is exact arithmetic** for quantized dot products of such widths. -/
theorem quantized_wrapping_dot_toInt (round : α → Int) {a w K P : Nat} (sa za sw zw : α)
    (hP : (K : Int) * 2 ^ (a + w) < 2 ^ P) (l : List (α × α)) (hK : l.length ≤ K) :
    (wrappingDot (P + 1) (codes round (.signed (a + 1) sa za) (.signed (w + 1) sw zw) l)).toInt =
      dotInt (codes round (.signed (a + 1) sa za) (.signed (w + 1) sw zw) l) :=
  wrapping_dot_toInt hP (codes_isCodePair round a w sa za sw zw l)
    (by rw [length_codes]; exact hK)

/-- **The worst case bounds quantized dot products**, for codes of `a` and `w` bits whose ranges are
given as numbers. -/
theorem IsWorstCase.quantized_dotInt_mem {K a w : Nat} {aMin aMax wMin wMax worst : Int}
    (h : IsWorstCase K aMin aMax wMin wMax worst)
    (ha : -2 ^ (a - 1) = aMin ∧ 2 ^ (a - 1) - 1 = aMax)
    (hw : -2 ^ (w - 1) = wMin ∧ 2 ^ (w - 1) - 1 = wMax) (round : α → Int) (sa za sw zw : α)
    (l : List (α × α)) (hK : l.length ≤ K) :
    -worst ≤ dotInt (codes round (.signed a sa za) (.signed w sw zw) l) ∧
      dotInt (codes round (.signed a sa za) (.signed w sw zw) l) ≤ worst := by
  refine h.dotInt_mem (fun p hp => ?_) (by rw [length_codes]; exact hK)
  obtain ⟨aw, -, rfl⟩ := List.mem_map.1 hp
  have hqa := quantize_mem (round := round) (QuantParams.signed_qMin_le_qMax a sa za) aw.1
  have hqw := quantize_mem (round := round) (QuantParams.signed_qMin_le_qMax w sw zw) aw.2
  rw [← ha.1, ← ha.2, ← hw.1, ← hw.2]
  exact ⟨hqa, hqw⟩

/-- The dot product of equal pairs of numbers, quantized. -/
theorem dotInt_codes_replicate (round : α → Int) (pa pw : QuantParams α) (n : Nat) (a w : α) :
    dotInt (codes round pa pw (List.replicate n (a, w))) =
      n * (quantize round pa a * quantize round pw w) := by
  rw [codes, List.map_replicate, dotInt_replicate]

/-- Seed 003's `accumulator_bounded_70B`: INT8 activations, INT4 weights, 8192 terms, a 32-bit
accumulator that may wrap around: it holds the exact result. -/
theorem quantized_accumulator_70B (round : α → Int) (sa za sw zw : α) (l : List (α × α))
    (hK : l.length ≤ 8192) :
    (wrappingDot 32 (codes round (.signed 8 sa za) (.signed 4 sw zw) l)).toInt =
      dotInt (codes round (.signed 8 sa za) (.signed 4 sw zw) l) :=
  quantized_wrapping_dot_toInt round (a := 7) (w := 3) (P := 31) sa za sw zw (by decide) l hK

/-- **Seed 003's `no_int32_overflow` is false for quantized numbers, too**: it does not bound the
number of bits, and with 32 of them one product of two numbers overflows. -/
theorem not_quantized_no_int32_overflow {round : α → Int} (h : IsNearest round) :
    ¬ ∀ (bits : Nat) (l : List (α × α)), l.length ≤ 8192 →
      dotInt (codes round (.signed bits 1 0) (.signed bits 1 0) l) < 2 ^ 31 := by
  intro hall
  have hs : (0 : α) < 1 := Lean.Grind.OrderedRing.zero_lt_one
  have hcode := quantize_dequantize h (p := .signed 32 (1 : α) 0) (q := 2 ^ 31 - 1) hs
    (show (-2 ^ 31 : Int) ≤ 2 ^ 31 - 1 by decide) (Int.le_refl _)
  have hbound := hall 32 [(dequantize (.signed 32 (1 : α) 0) (2 ^ 31 - 1),
    dequantize (.signed 32 (1 : α) 0) (2 ^ 31 - 1))] (Nat.le_of_ble_eq_true rfl)
  rw [codes, List.map_cons, List.map_nil, hcode] at hbound
  revert hbound
  decide

end PyOrch
