import PyOrch.Numerals
import PyOrch.Quantization

/-!
# Quantization with concrete numbers

Emitted files name the ends of the range and the bound as numbers. `QuantParams.Covers` ties them to
the parameters; over every ordered field it is a matter of rational numbers (`covers_of_rat`), which
the kernel decides.
-/

namespace PyOrch

universe u

variable {α : Type u} [OrderedField α]

/-- `[lo, hi]` is the range in which nothing saturates by more than half a step, and `b` is half a
step: the numbers of `quantization_error_bound`, worked out. -/
structure QuantParams.Covers (p : QuantParams α) (lo hi b : α) : Prop where
  /-- The scale is positive. -/
  scale_pos : 0 < p.scale
  /-- There are codes. -/
  qMin_le_qMax : p.qMin ≤ p.qMax
  /-- The lower end, half a step below the first code's number. -/
  lo_eq : p.zeroPoint + p.scale * ((p.qMin : α) - 1 / 2) = lo
  /-- The upper end, half a step above the last code's number. -/
  hi_eq : p.zeroPoint + p.scale * ((p.qMax : α) + 1 / 2) = hi
  /-- Half a step. -/
  half_eq : p.scale / 2 = b

/-- Over the rationals it can be decided. -/
noncomputable instance (p : QuantParams Rat) (lo hi b : Rat) : Decidable (p.Covers lo hi b) :=
  decidable_of_iff (0 < p.scale ∧ p.qMin ≤ p.qMax ∧
      p.zeroPoint + p.scale * ((p.qMin : Rat) - 1 / 2) = lo ∧
      p.zeroPoint + p.scale * ((p.qMax : Rat) + 1 / 2) = hi ∧ p.scale / 2 = b)
    ⟨fun ⟨h₁, h₂, h₃, h₄, h₅⟩ => ⟨h₁, h₂, h₃, h₄, h₅⟩,
      fun ⟨h₁, h₂, h₃, h₄, h₅⟩ => ⟨h₁, h₂, h₃, h₄, h₅⟩⟩

/-- With concrete numbers it is a matter of rational numbers. -/
theorem QuantParams.covers_of_rat {scale zeroPoint lo hi b : α} {qMin qMax : Int}
    {s z l h c : Rat} [IsRat scale s] [IsRat zeroPoint z] [IsRat lo l] [IsRat hi h] [IsRat b c]
    (hrat : QuantParams.Covers ⟨s, z, qMin, qMax⟩ l h c) :
    QuantParams.Covers ⟨scale, zeroPoint, qMin, qMax⟩ lo hi b where
  scale_pos := numeral_lt (q := 0) (r := s) hrat.scale_pos
  qMin_le_qMax := hrat.qMin_le_qMax
  lo_eq := numeral_eq (q := z + s * (qMin - 1 / 2)) hrat.lo_eq
  hi_eq := numeral_eq (q := z + s * (qMax + 1 / 2)) hrat.hi_eq
  half_eq := numeral_eq (q := s / 2) hrat.half_eq

/-- `quantization_error_bound` with the range as `[lo, hi]` and the bound as `b`. -/
theorem QuantParams.Covers.error_bound {p : QuantParams α} {lo hi b : α} (hp : p.Covers lo hi b)
    {round : α → Int} (h : IsNearest round) {x : α} (hlo : lo ≤ x) (hhi : x ≤ hi) :
    AbsLE (x - dequantize p (quantize round p x)) b := by
  obtain ⟨hs, hq, rfl, rfl, rfl⟩ := hp
  exact quantization_error_bound h hs hq (le_sub_iff.2 hlo) (sub_le_iff.2 hhi)

/-- `scale_div_two_le_of_error_bound` with the range as `[lo, hi]` and the bound as `b`. -/
theorem QuantParams.Covers.le_of_error_bound {p : QuantParams α} {lo hi b : α}
    (hp : p.Covers lo hi b) {round : α → Int} (h : IsNearest round) {c : α}
    (hc : ∀ x, lo ≤ x → x ≤ hi → AbsLE (x - dequantize p (quantize round p x)) c) : b ≤ c := by
  obtain ⟨hs, hq, rfl, rfl, rfl⟩ := hp
  exact scale_div_two_le_of_error_bound h hs hq (fun x hx₁ hx₂ =>
    hc x (le_sub_iff.1 hx₁) (sub_le_iff.1 hx₂))

/-- `quantization_error_saturating` with half a step as `b`. -/
theorem QuantParams.Covers.error_saturating {p : QuantParams α} {lo hi b : α}
    (hp : p.Covers lo hi b) {round : α → Int} (h : IsNearest round) {x d : α} (hd : 0 ≤ d)
    (hlo : dequantize p p.qMin - d ≤ x) (hhi : x ≤ dequantize p p.qMax + d) :
    AbsLE (x - dequantize p (quantize round p x)) (b + d) := by
  obtain ⟨hs, hq, rfl, rfl, rfl⟩ := hp
  exact quantization_error_saturating h hs hq hd hlo hhi

/-- Everywhere above `hi` the bound fails, whatever the rounding function. -/
theorem QuantParams.Covers.not_error_bound {p : QuantParams α} {lo hi b : α}
    (hp : p.Covers lo hi b) (round : α → Int) {x : α} (hx : hi < x) :
    ¬ AbsLE (x - dequantize p (quantize round p x)) b := by
  obtain ⟨hs, hq, rfl, rfl, rfl⟩ := hp
  exact not_error_bound_of_lt hs hq (by unfold dequantize; grind)

private theorem lt_of_nearest {r r' s t : α} (h : -(1 / 2) ≤ s - r) (h' : t - r' ≤ 1 / 2)
    (hst : s + 1 < t) : r < r' := by grind

private theorem lt_of_half {m n s t : α} (hs : m - 1 / 2 ≤ s) (ht : t ≤ n + 1 / 2)
    (hst : s + 1 < t) : m + 1 - 1 / 2 < t ∧ s < n - 1 + 1 / 2 ∧ m < n := by grind

private theorem add_sub_lt {x y z s : α} (h : x + s < y) : x - z + s < y - z := by grind

/-- Numbers in range that are more than a step apart get different codes. -/
theorem QuantParams.Covers.quantize_lt {p : QuantParams α} {lo hi b : α} (hp : p.Covers lo hi b)
    {round : α → Int} (h : IsNearest round) {x y : α} (hlo : lo ≤ x) (hxy : x + p.scale < y)
    (hhi : y ≤ hi) : quantize round p x < quantize round p y := by
  obtain ⟨hs, hq, rfl, rfl, rfl⟩ := hp
  have h1 : (p.qMin : α) - 1 / 2 ≤ (x - p.zeroPoint) / p.scale := (le_div_iff hs).2 (by
    rw [Lean.Grind.CommSemiring.mul_comm]
    exact le_sub_iff.2 hlo)
  have h2 : (y - p.zeroPoint) / p.scale ≤ (p.qMax : α) + 1 / 2 := (div_le_iff hs).2 (by
    rw [Lean.Grind.CommSemiring.mul_comm]
    exact sub_le_iff.2 hhi)
  have h3 : (x - p.zeroPoint) / p.scale + 1 < (y - p.zeroPoint) / p.scale := (lt_div_iff hs).2 (by
    rw [Lean.Grind.Semiring.right_distrib, div_mul_cancel hs, Lean.Grind.Semiring.one_mul]
    exact add_sub_lt hxy)
  unfold quantize
  generalize (x - p.zeroPoint) / p.scale = s at *
  generalize (y - p.zeroPoint) / p.scale = t at *
  obtain ⟨h4, h5, h6⟩ := lt_of_half h1 h2 h3
  have hlt : round s < round t := (intCast_lt_iff (α := α)).1 (lt_of_nearest (h s).1 (h t).2 h3)
  have hmin : p.qMin + 1 ≤ round t := h.le_round (by rw [intCast_add, intCast_one]; exact h4)
  have hmax : round s ≤ p.qMax - 1 := h.round_le (by rw [intCast_sub, intCast_one]; exact h5)
  have hcodes : p.qMin < p.qMax := (intCast_lt_iff (α := α)).1 h6
  unfold clampInt; omega

end PyOrch
