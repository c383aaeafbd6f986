import PyOrch.IntDot
import PyOrch.Quantization

/-!
# The error of a quantized dot product

An entry of a matrix product is a dot product, given here as a list of (activation, weight) pairs.
Activations and weights are quantized with a scale each, and the integer result is multiplied by
both scales. Seed document 003 uses one scale and multiplies by it once: its `matmul_int4_correct`
is false (`not_matmul_int4_correct`). The bound that holds for `K` pairs is
`K (s_a w_max / 2 + s_w a_max / 2 + s_a s_w / 4)` (`quantized_dot_error`).
-/

namespace PyOrch

universe u

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

variable {α : Type u} [OrderedField α]

/-- The exact dot product of a list of (activation, weight) pairs. -/
def dot : List (α × α) → α
  | [] => 0
  | (a, w) :: rest => a * w + dot rest

/-- The pairs of codes of a list of (activation, weight) pairs. -/
def codes (round : α → Int) (pa pw : QuantParams α) (l : List (α × α)) : List (Int × Int) :=
  l.map fun aw => (quantize round pa aw.1, quantize round pw aw.2)

/-- The pairs of numbers that the pairs of codes stand for. -/
def restored (pa pw : QuantParams α) (l : List (Int × Int)) : List (α × α) :=
  l.map fun q => (dequantize pa q.1, dequantize pw q.2)

/-! ## One product, and their sum -/

/-- The error of a product whose factors have the errors `ea` and `ew`. -/
theorem product_error {a w a' w' ea ew aMax wMax : α} (ha : AbsLE (a - a') ea)
    (hw : AbsLE (w - w') ew) (haMax : AbsLE a aMax) (hwMax : AbsLE w wMax) :
    AbsLE (a * w - a' * w') (ea * wMax + aMax * ew + ea * ew) := by
  refine (((ha.mul hwMax).add (haMax.mul hw)).sub (ha.mul hw)).congr ?_ ?_ <;> grind

private theorem sub_add_sub {a b s t : α} : a - b + (s - t) = a + s - (b + t) := by grind

private theorem add_mul_self {n b : α} : b + n * b = (n + 1) * b := by grind

/-- The error of a dot product whose entries have the errors `ea` and `ew`, term by term. -/
theorem dot_error {ea ew aMax wMax : α} (approx : α × α → α × α) (l : List (α × α))
    (h : ∀ aw ∈ l, AbsLE (aw.1 - (approx aw).1) ea ∧ AbsLE (aw.2 - (approx aw).2) ew ∧
      AbsLE aw.1 aMax ∧ AbsLE aw.2 wMax) :
    AbsLE (dot l - dot (l.map approx)) ((l.length : α) * (ea * wMax + aMax * ew + ea * ew)) := by
  induction l with
  | nil =>
    have h0 : (([] : List (α × α)).length : α) = 0 := Lean.Grind.Semiring.natCast_zero
    have : dot (([] : List (α × α)).map approx) = (0 : α) := rfl
    rw [this, h0]
    have : dot ([] : List (α × α)) = (0 : α) := rfl
    rw [this]
    rw [Lean.Grind.AddCommGroup.sub_self, Lean.Grind.Semiring.zero_mul]
    exact AbsLE.zero (Std.le_refl _)
  | cons aw rest ih =>
    obtain ⟨ha, hw, haMax, hwMax⟩ := h aw (List.mem_cons_self ..)
    have hrest := ih fun x hx => h x (List.mem_cons_of_mem _ hx)
    have hlen : (((aw :: rest).length : Nat) : α) = (rest.length : α) + 1 :=
      Lean.Grind.Semiring.natCast_succ _
    rw [hlen, List.map_cons]
    refine ((product_error ha hw haMax hwMax).add hrest).congr ?_ ?_
    · exact sub_add_sub
    · exact add_mul_self

/-! ## From codes to numbers -/

/-- One more product with its corrections. -/
private theorem cons_restored {a b s t z w d x y n : α} :
    (a * s + z) * (b * t + w) + (s * t * d + s * w * x + z * t * y + n * (z * w))
      = s * t * (a * b + d) + s * w * (a + x) + z * t * (b + y) + (n + 1) * (z * w) := by grind

/-- With zero points three corrections are added: two sums of codes, and a constant. -/
theorem dot_restored_zeroPoint (pa pw : QuantParams α) (l : List (Int × Int)) :
    dot (restored pa pw l) = pa.scale * pw.scale * (dotInt l : α)
      + pa.scale * pw.zeroPoint * (((l.map Prod.fst).sum : Int) : α)
      + pa.zeroPoint * pw.scale * (((l.map Prod.snd).sum : Int) : α)
      + (l.length : α) * (pa.zeroPoint * pw.zeroPoint) := by
  induction l with
  | nil =>
    have h1 : ((dotInt [] : Int) : α) = 0 := intCast_zero
    have h2 : ((([] : List Int).sum : Int) : α) = 0 := intCast_zero
    have h3 : (([] : List (Int × Int)).length : α) = 0 := Lean.Grind.Semiring.natCast_zero
    rw [List.map_nil, List.map_nil, h1, h2, h3]
    simp only [restored, List.map_nil, dot, Lean.Grind.Semiring.mul_zero,
      Lean.Grind.Semiring.zero_mul, Lean.Grind.AddCommMonoid.add_zero]
  | cons q rest ih =>
    have h1 : ((dotInt (q :: rest) : Int) : α) = (q.1 : α) * q.2 + dotInt rest := by
      rw [dotInt, intCast_add, intCast_mul]
    have h2 : ((((q :: rest).length : Nat)) : α) = (rest.length : α) + 1 :=
      Lean.Grind.Semiring.natCast_succ _
    rw [List.map_cons, List.map_cons, List.sum_cons, List.sum_cons, intCast_add, intCast_add, h1,
      h2]
    simp only [restored, List.map_cons, dot] at ih ⊢
    rw [ih, dequantize, dequantize]
    exact cons_restored

/-- Without zero points the restored dot product is the integer one times both scales. -/
theorem dot_restored {pa pw : QuantParams α} (ha : pa.zeroPoint = 0) (hw : pw.zeroPoint = 0)
    (l : List (Int × Int)) :
    dot (restored pa pw l) = pa.scale * pw.scale * (dotInt l : α) := by
  rw [dot_restored_zeroPoint, ha, hw]
  simp only [Lean.Grind.Semiring.mul_zero, Lean.Grind.Semiring.zero_mul,
    Lean.Grind.AddCommMonoid.add_zero]

/-! ## The bound -/

/-- A pair is in the ranges of both quantizers and bounded by `aMax` and `wMax`. -/
structure PairInRange (pa pw : QuantParams α) (aMax wMax : α) (aw : α × α) : Prop where
  /-- The activation does not saturate by more than half a step, below. -/
  a_lo : pa.scale * ((pa.qMin : α) - 1 / 2) ≤ aw.1 - pa.zeroPoint
  /-- Nor above. -/
  a_hi : aw.1 - pa.zeroPoint ≤ pa.scale * ((pa.qMax : α) + 1 / 2)
  /-- The weight does not saturate by more than half a step, below. -/
  w_lo : pw.scale * ((pw.qMin : α) - 1 / 2) ≤ aw.2 - pw.zeroPoint
  /-- Nor above. -/
  w_hi : aw.2 - pw.zeroPoint ≤ pw.scale * ((pw.qMax : α) + 1 / 2)
  /-- The activation is at most `aMax` in absolute value. -/
  a_max : AbsLE aw.1 aMax
  /-- The weight is at most `wMax` in absolute value. -/
  w_max : AbsLE aw.2 wMax

/-- **Error of a quantized dot product**, in terms of the restored codes (any zero points). -/
theorem restored_dot_error {round : α → Int} (h : IsNearest round) {pa pw : QuantParams α}
    (hsa : 0 < pa.scale) (hsw : 0 < pw.scale) (hqa : pa.qMin ≤ pa.qMax) (hqw : pw.qMin ≤ pw.qMax)
    {aMax wMax : α} (l : List (α × α)) (hl : ∀ aw ∈ l, PairInRange pa pw aMax wMax aw) :
    AbsLE (dot l - dot (restored pa pw (codes round pa pw l)))
      ((l.length : α) *
        (pa.scale * wMax / 2 + pw.scale * aMax / 2 + pa.scale * pw.scale / 4)) := by
  have key := dot_error (ea := pa.scale / 2) (ew := pw.scale / 2) (aMax := aMax) (wMax := wMax)
    (fun aw => (dequantize pa (quantize round pa aw.1), dequantize pw (quantize round pw aw.2))) l
    (fun aw haw => by
      have r := hl aw haw
      exact ⟨quantization_error_bound h hsa hqa r.a_lo r.a_hi,
        quantization_error_bound h hsw hqw r.w_lo r.w_hi, r.a_max, r.w_max⟩)
  have hmap : restored pa pw (codes round pa pw l) = l.map fun aw =>
      (dequantize pa (quantize round pa aw.1), dequantize pw (quantize round pw aw.2)) := by
    rw [restored, codes, List.map_map]; rfl
  rw [hmap]
  exact key.congr (Eq.refl _) (by clear key hmap hl h hsa hsw hqa hqw; grind)

/-- **Error of a quantized dot product** (seed 003, `matmul_int4_correct`, repaired): the integer
dot product of the codes, times both scales, misses the exact one by at most
`K (s_a w_max / 2 + s_w a_max / 2 + s_a s_w / 4)`. -/
theorem quantized_dot_error {round : α → Int} (h : IsNearest round) {pa pw : QuantParams α}
    (hsa : 0 < pa.scale) (hsw : 0 < pw.scale) (hqa : pa.qMin ≤ pa.qMax) (hqw : pw.qMin ≤ pw.qMax)
    (hza : pa.zeroPoint = 0) (hzw : pw.zeroPoint = 0)
    {aMax wMax : α} (l : List (α × α)) (hl : ∀ aw ∈ l, PairInRange pa pw aMax wMax aw) :
    AbsLE (dot l - pa.scale * pw.scale * (dotInt (codes round pa pw l) : α))
      ((l.length : α) *
        (pa.scale * wMax / 2 + pw.scale * aMax / 2 + pa.scale * pw.scale / 4)) := by
  rw [← dot_restored hza hzw]
  exact restored_dot_error h hsa hsw hqa hqw l hl

/-! ## The seed's bound is false -/

/-- Seed 003's `matmul_int4_correct` for one quantizer: every dot product of `K` pairs from [-1, 1]
is restored from its codes to within `K * scale`. -/
def SeedMatmulCorrect (round : α → Int) (p : QuantParams α) : Prop :=
  ∀ l : List (α × α), (∀ aw ∈ l, AbsLE aw.1 1 ∧ AbsLE aw.2 1) →
    AbsLE (dot l - dequantize p (dotInt (codes round p p l))) ((l.length : α) * p.scale)

private theorem tenth_pos : (0 : α) < 1 / 10 := by grind

private theorem seven_tenths : ((7 : Int) : α) * (1 / 10) + 0 - 1 / 10 / 2 < 1 := by grind

private theorem ten_tenths : ((10 : Int) : α) * (1 / 10) + 0 = 1 := by grind

private theorem int4_error :
    ¬ -(1 * (1 / 10)) ≤ (1 : α) * 1 + 0 - (((49 : Int) : α) * (1 / 10) + 0) := by grind

private theorem int8_error :
    ¬ -(1 * (1 / 10)) ≤ (1 : α) * 1 + 0 - (((100 : Int) : α) * (1 / 10) + 0) := by grind

/-- **It is false** for INT4 with scale 1/10: `1 * 1` is restored as `7 * 7 / 10 = 4.9`. -/
theorem not_matmul_int4_correct {round : α → Int} (h : IsNearest round) :
    ¬ SeedMatmulCorrect round (.signed 4 (1 / 10) (0 : α)) := by
  intro hall
  have h1 : (0 : α) < 1 := Lean.Grind.OrderedRing.zero_lt_one
  have hcode : quantize round (.signed 4 (1 / 10) (0 : α)) 1 = 7 :=
    quantize_eq_qMax h (p := .signed 4 (1 / 10) (0 : α))
      tenth_pos (QuantParams.signed_qMin_le_qMax ..) seven_tenths
  have hbound := hall [(1, 1)] (by
    intro aw haw
    rw [List.mem_singleton.1 haw]
    exact ⟨.of_nonneg (Std.le_of_lt h1), .of_nonneg (Std.le_of_lt h1)⟩)
  have hlen : (([((1 : α), (1 : α))].length : Nat) : α) = 1 := Lean.Grind.Semiring.natCast_one
  simp only [codes, List.map_cons, List.map_nil, hcode, dotInt, dot, hlen] at hbound
  exact int4_error hbound.1

/-- Nor does saturation alone break it: for INT8 with scale 1/10, where nothing saturates, `1 * 1`
is restored as `10 * 10 / 10 = 10`, since one scale cannot undo a product of two. -/
theorem not_matmul_int8_correct {round : α → Int} (h : IsNearest round) :
    ¬ SeedMatmulCorrect round (.signed 8 (1 / 10) (0 : α)) := by
  intro hall
  have h1 : (0 : α) < 1 := Lean.Grind.OrderedRing.zero_lt_one
  have hone : dequantize (.signed 8 (1 / 10) (0 : α)) 10 = 1 := ten_tenths
  have hcode : quantize round (.signed 8 (1 / 10) (0 : α)) 1 = 10 := by
    have hback := quantize_dequantize h (p := .signed 8 (1 / 10) (0 : α)) (q := 10)
      tenth_pos (show (-2 ^ 7 : Int) ≤ 10 by decide)
      (show (10 : Int) ≤ 2 ^ 7 - 1 by decide)
    rw [hone] at hback
    exact hback
  have hbound := hall [(1, 1)] (by
    intro aw haw
    rw [List.mem_singleton.1 haw]
    exact ⟨.of_nonneg (Std.le_of_lt h1), .of_nonneg (Std.le_of_lt h1)⟩)
  have hlen : (([((1 : α), (1 : α))].length : Nat) : α) = 1 := Lean.Grind.Semiring.natCast_one
  simp only [codes, List.map_cons, List.map_nil, hcode, dotInt, dot, hlen] at hbound
  exact int8_error hbound.1

end

end PyOrch
