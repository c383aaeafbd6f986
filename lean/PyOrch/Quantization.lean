import PyOrch.Rounding

/-!
# Uniform quantization

Seed document 003's quantizer over any linear ordered field: `quantize` divides by the scale, rounds
and clamps; `dequantize` goes back. The seed claims `|x - dequantize (quantize x)| ≤ scale / 2` for
every `x`. That is false, since `x` may lie far outside of what the codes can represent
(`not_unguarded_error_bound`); it holds for exactly the `x` up to half a step outside the
representable range (`quantization_error_bound`), and no smaller bound does
(`scale_div_two_le_of_error_bound`). For every `x` the error is at most half a step or the distance
to the range, whichever is greater (`quantization_error_le`).
-/

namespace PyOrch

universe u

/-- A uniform quantizer: the integer codes `qMin`, …, `qMax`, and the real number
`q * scale + zeroPoint` that the code `q` stands for. -/
structure QuantParams (α : Type u) where
  /-- The distance between the numbers that neighbouring codes stand for. -/
  scale : α
  /-- The number that code 0 stands for. -/
  zeroPoint : α
  /-- The smallest code. -/
  qMin : Int
  /-- The greatest code. -/
  qMax : Int

/-- Two's complement codes of `bits` bits: `-2^(bits-1)`, …, `2^(bits-1) - 1`. -/
def QuantParams.signed {α : Type u} (bits : Nat) (scale zeroPoint : α) : QuantParams α :=
  { scale, zeroPoint, qMin := -2 ^ (bits - 1), qMax := 2 ^ (bits - 1) - 1 }

/-- Unsigned codes of `bits` bits: `0`, …, `2^bits - 1`. -/
def QuantParams.unsigned {α : Type u} (bits : Nat) (scale zeroPoint : α) : QuantParams α :=
  { scale, zeroPoint, qMin := 0, qMax := 2 ^ bits - 1 }

/-- Signed codes that are symmetric about 0, one fewer than `signed` has:
`-(2^(bits-1) - 1)`, …, `2^(bits-1) - 1`. -/
def QuantParams.symmetric {α : Type u} (bits : Nat) (scale zeroPoint : α) : QuantParams α :=
  { scale, zeroPoint, qMin := -(2 ^ (bits - 1) - 1), qMax := 2 ^ (bits - 1) - 1 }

/-- There are signed codes. -/
theorem QuantParams.signed_qMin_le_qMax {α : Type u} (bits : Nat) (scale zeroPoint : α) :
    (signed bits scale zeroPoint).qMin ≤ (signed bits scale zeroPoint).qMax := by
  have : (0 : Int) < 2 ^ (bits - 1) := Int.pow_pos (by decide)
  simp only [signed]; omega

/-- There are unsigned codes. -/
theorem QuantParams.unsigned_qMin_le_qMax {α : Type u} (bits : Nat) (scale zeroPoint : α) :
    (unsigned bits scale zeroPoint).qMin ≤ (unsigned bits scale zeroPoint).qMax := by
  have : (0 : Int) < 2 ^ bits := Int.pow_pos (by decide)
  simp only [unsigned]; omega

section
variable {α : Type u} [OrderedField α]

/-- The code of `x`: scale, round, clamp. -/
def quantize (round : α → Int) (p : QuantParams α) (x : α) : Int :=
  clampInt p.qMin p.qMax (round ((x - p.zeroPoint) / p.scale))

/-- The number that code `q` stands for. -/
def dequantize (p : QuantParams α) (q : Int) : α := (q : α) * p.scale + p.zeroPoint

/-- What is lost by storing `x` as a code: `x - dequantize (quantize x)`. -/
def quantizationError (round : α → Int) (p : QuantParams α) (x : α) : α :=
  x - dequantize p (quantize round p x)

/-! ## Arithmetic

Each without the hypotheses around it, and with variables in place of codes. -/

private theorem sub_le_sub_right {x y z : α} (h : x ≤ y) : x - z ≤ y - z := by grind

private theorem add_sub_div {q s z : α} (hs : 0 < s) : (q * s + z - z) / s = q := by grind

private theorem sub_half_mul_lt {q s z x : α} (h : q * s + z - s / 2 < x) :
    (q - 1 / 2) * s < x - z := by grind

private theorem lt_add_half_mul {q s z x : α} (h : x < q * s + z + s / 2) :
    x - z < (q + 1 / 2) * s := by grind

private theorem absLE_sub_of_le {y r n b : α} (hb : 1 / 2 ≤ b) (hr : y - r ≤ 1 / 2) (hn : r ≤ n)
    (h : n - b ≤ y) : AbsLE (y - n) b := by constructor <;> grind

private theorem absLE_sub_of_ge {y r n b : α} (hb : 1 / 2 ≤ b) (hr : -(1 / 2) ≤ y - r)
    (hn : n ≤ r) (h : y ≤ n + b) : AbsLE (y - n) b := by constructor <;> grind

private theorem half_mul_le {s b : α} (h : s / 2 ≤ b) : 1 / 2 * s ≤ b := by grind

private theorem sub_mul_le {q s z b c x : α} (hc : c * s = b) (h : q * s + z - b ≤ x) :
    (q - c) * s ≤ x - z := by grind

private theorem le_add_mul {q s z b c x : α} (hc : c * s = b) (h : x ≤ q * s + z + b) :
    x - z ≤ (q + c) * s := by grind

private theorem sub_mul_eq {y k s x z : α} (h : y * s = x - z) :
    (y - k) * s = x - (k * s + z) := by grind

private theorem sub_half_le {q s z x : α} (h : s * (q - 1 / 2) ≤ x - z) :
    q * s + z - s / 2 ≤ x := by grind

private theorem le_add_half {q s z x : α} (h : x - z ≤ s * (q + 1 / 2)) :
    x ≤ q * s + z + s / 2 := by grind

private theorem half_add {s d m x : α} (hs : 0 < s) (hd : 0 ≤ d) :
    s / 2 ≤ s / 2 + d ∧ (m - d ≤ x → m - (s / 2 + d) ≤ x) ∧ (x ≤ m + d → x ≤ m + (s / 2 + d)) := by
  grind

private theorem add_half_sub_div {q s z : α} (hs : 0 < s) :
    (q * s + z + s / 2 - z) / s = q + 1 / 2 := by grind

private theorem half_lt_half {q : α} : q - 1 / 2 < q + 1 / 2 ∧ q + 1 / 2 < q + 1 + 1 / 2 := by grind

private theorem add_half_sub {q s z : α} : q * s + z + s / 2 - (q * s + z) = s / 2 ∧
    q * s + z + s / 2 - ((q + 1) * s + z) = -(s / 2) := by grind

private theorem half_mem {m n s z : α} (hs : 0 < s) (h : s * m ≤ s * n) :
    s * (m - 1 / 2) ≤ m * s + z + s / 2 - z ∧ m * s + z + s / 2 - z ≤ s * (n + 1 / 2) := by grind

private theorem lt_sub_of_le {a m b x : α} (h : a ≤ m) (hx : m + b < x) : b < x - a := by grind

private theorem add_half_lt {a s : α} (hs : 0 < s) : a + s / 2 < a + s := by grind

/-! ## Codes -/

/-- The code lies in the range of codes. -/
theorem quantize_mem {round : α → Int} {p : QuantParams α} (hq : p.qMin ≤ p.qMax) (x : α) :
    p.qMin ≤ quantize round p x ∧ quantize round p x ≤ p.qMax :=
  clampInt_mem hq _

/-- Greater numbers do not get smaller codes, if the rounding is monotone. -/
theorem quantize_monotone_of_monotone {round : α → Int} (h : ∀ x y, x ≤ y → round x ≤ round y)
    {p : QuantParams α} (hs : 0 < p.scale) {x y : α} (hxy : x ≤ y) :
    quantize round p x ≤ quantize round p y := by
  have hle : (x - p.zeroPoint) / p.scale ≤ (y - p.zeroPoint) / p.scale :=
    (le_div_iff hs).2 (by rw [div_mul_cancel hs]; exact sub_le_sub_right hxy)
  exact clampInt_monotone _ _ (h _ _ hle)

/-- Greater numbers do not get smaller codes. -/
theorem quantize_monotone {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hs : 0 < p.scale) {x y : α} (hxy : x ≤ y) : quantize round p x ≤ quantize round p y :=
  quantize_monotone_of_monotone (fun _ _ => h.monotone) hs hxy

/-- Greater codes stand for greater numbers. -/
theorem dequantize_monotone {p : QuantParams α} (hs : 0 ≤ p.scale) {q r : Int} (h : q ≤ r) :
    dequantize p q ≤ dequantize p r :=
  Lean.Grind.OrderedAdd.add_le_left (mul_le_mul_right (intCast_le h) hs) _

/-- Quantizing what a code stands for gives the code back. -/
theorem quantize_dequantize {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hs : 0 < p.scale) {q : Int} (h1 : p.qMin ≤ q) (h2 : q ≤ p.qMax) :
    quantize round p (dequantize p q) = q := by
  have hdiv : (dequantize p q - p.zeroPoint) / p.scale = (q : α) := add_sub_div hs
  unfold quantize
  rw [hdiv, h.round_intCast, clampInt_of_mem h1 h2]

/-- The codes of the range, and no others, come back. -/
theorem quantize_dequantize_iff {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hs : 0 < p.scale) (hq : p.qMin ≤ p.qMax) (q : Int) :
    quantize round p (dequantize p q) = q ↔ p.qMin ≤ q ∧ q ≤ p.qMax :=
  ⟨fun heq => heq ▸ quantize_mem hq _, fun ⟨h1, h2⟩ => quantize_dequantize h hs h1 h2⟩

/-- Quantizing twice is quantizing once. -/
theorem quantize_idempotent {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hs : 0 < p.scale) (hq : p.qMin ≤ p.qMax) (x : α) :
    quantize round p (dequantize p (quantize round p x)) = quantize round p x :=
  quantize_dequantize h hs (quantize_mem hq x).1 (quantize_mem hq x).2

/-- The scale distributes over a sum of codes (seed 003, `scale_distrib`). -/
theorem scale_distrib (q₁ q₂ : Int) (scale : α) :
    ((q₁ + q₂ : Int) : α) * scale = (q₁ : α) * scale + (q₂ : α) * scale := by
  rw [intCast_add]; grind

/-- Codes may be added up, however many, before the sum is scaled. -/
theorem scale_distrib_sum (codes : List Int) (scale : α) :
    ((codes.sum : Int) : α) * scale = (codes.map fun q : Int => (q : α) * scale).sum := by
  induction codes with
  | nil => rw [List.sum_nil, List.map_nil, List.sum_nil, intCast_zero]; grind
  | cons q codes ih => rw [List.sum_cons, List.map_cons, List.sum_cons, ← ih, scale_distrib]

/-- Saturation above: everything more than half a step below the last code's number, or greater,
gets the last code. -/
theorem quantize_eq_qMax {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hs : 0 < p.scale) (hq : p.qMin ≤ p.qMax) {x : α}
    (hx : dequantize p p.qMax - p.scale / 2 < x) : quantize round p x = p.qMax := by
  exact clampInt_of_ge hq (h.le_round ((lt_div_iff hs).2 (sub_half_mul_lt hx)))

/-- Saturation below: everything less than half a step above the first code's number, or smaller,
gets the first code. -/
theorem quantize_eq_qMin {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hs : 0 < p.scale) {x : α} (hx : x < dequantize p p.qMin + p.scale / 2) :
    quantize round p x = p.qMin := by
  exact clampInt_of_le (h.round_le ((div_lt_iff hs).2 (lt_add_half_mul hx)))

/-! ## The error bound -/

/-- Rounding and clamping `y` errs by at most `b`, if `b` is at least one half and `y` is at most
`b` outside of the range of codes. -/
theorem absLE_sub_clampInt_round {round : α → Int} (h : IsNearest round) {lo hi : Int}
    (hq : lo ≤ hi) {y b : α} (hb : 1 / 2 ≤ b) (hlo : (lo : α) - b ≤ y) (hhi : y ≤ (hi : α) + b) :
    AbsLE (y - (clampInt lo hi (round y) : α)) b := by
  by_cases hl : round y ≤ lo
  · rw [clampInt_of_le hl]
    exact absLE_sub_of_le hb (h y).2 (intCast_le hl) hlo
  · by_cases hr : hi ≤ round y
    · rw [clampInt_of_ge hq hr]
      exact absLE_sub_of_ge hb (h y).1 (intCast_le hr) hhi
    · rw [clampInt_of_mem (by omega) (by omega)]
      exact (h y).mono hb

/-- **The error of quantization, everywhere.** It is at most any `b` that is at least half a step
and at least the distance of `x` to the range of the numbers that the codes stand for. -/
theorem quantization_error_le {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hs : 0 < p.scale) (hq : p.qMin ≤ p.qMax) {x b : α} (hb : p.scale / 2 ≤ b)
    (hlo : dequantize p p.qMin - b ≤ x) (hhi : x ≤ dequantize p p.qMax + b) :
    AbsLE (quantizationError round p x) b := by
  have hbs : b / p.scale * p.scale = b := div_mul_cancel hs
  have key := absLE_sub_clampInt_round h hq
    (y := (x - p.zeroPoint) / p.scale) (b := b / p.scale)
    ((le_div_iff hs).2 (half_mul_le hb)) ((le_div_iff hs).2 (sub_mul_le hbs hlo))
    ((div_le_iff hs).2 (le_add_mul hbs hhi))
  exact (key.mul_nonneg_right (Std.le_of_lt hs)).congr (sub_mul_eq (div_mul_cancel hs)) hbs

/-- **The error of quantization in range** (seed 003, `quantization_error_bound`, with the range
hypothesis that it lacks): at most half a step, for every `x` from half a step below the first
code's number to half a step above the last code's. -/
theorem quantization_error_bound {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hs : 0 < p.scale) (hq : p.qMin ≤ p.qMax) {x : α}
    (hlo : p.scale * ((p.qMin : α) - 1 / 2) ≤ x - p.zeroPoint)
    (hhi : x - p.zeroPoint ≤ p.scale * ((p.qMax : α) + 1 / 2)) :
    AbsLE (quantizationError round p x) (p.scale / 2) :=
  quantization_error_le h hs hq (Std.le_refl _) (sub_half_le hlo) (le_add_half hhi)

/-- **The error of quantization with saturation**: at most half a step more than the distance `d`
of `x` to the range of the numbers that the codes stand for. -/
theorem quantization_error_saturating {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hs : 0 < p.scale) (hq : p.qMin ≤ p.qMax) {x d : α} (hd : 0 ≤ d)
    (hlo : dequantize p p.qMin - d ≤ x) (hhi : x ≤ dequantize p p.qMax + d) :
    AbsLE (quantizationError round p x) (p.scale / 2 + d) :=
  quantization_error_le h hs hq (half_add (m := d) (x := d) hs hd).1 ((half_add hs hd).2.1 hlo)
    ((half_add hs hd).2.2 hhi)

/-! ## No smaller bound holds -/

/-- Halfway between two codes' numbers the error is exactly half a step, up or down, whichever way
ties are broken; so it is half a step above the last code's number. -/
theorem quantization_error_midpoint {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hs : 0 < p.scale) {q : Int} (h1 : p.qMin ≤ q) (h2 : q ≤ p.qMax) :
    quantizationError round p (dequantize p q + p.scale / 2) = p.scale / 2 ∨
      quantizationError round p (dequantize p q + p.scale / 2) = -(p.scale / 2) := by
  have hdiv : (dequantize p q + p.scale / 2 - p.zeroPoint) / p.scale = (q : α) + 1 / 2 :=
    add_half_sub_div hs
  have hge : q ≤ round ((q : α) + 1 / 2) := h.le_round half_lt_half.1
  have hle : round ((q : α) + 1 / 2) ≤ q + 1 := h.round_le (by
    rw [intCast_add, intCast_one]; exact half_lt_half.2)
  have hcode : quantize round p (dequantize p q + p.scale / 2) = q ∨
      quantize round p (dequantize p q + p.scale / 2) = q + 1 := by
    unfold quantize; rw [hdiv]; unfold clampInt; omega
  unfold quantizationError
  rcases hcode with hcode | hcode <;> rw [hcode] <;> unfold dequantize
  · exact .inl add_half_sub.1
  · exact .inr (by rw [intCast_add, intCast_one]; exact add_half_sub.2)

/-- **Half a step is the best bound**: whatever bounds the error for every `x` in the range of
`quantization_error_bound` is at least half a step. -/
theorem scale_div_two_le_of_error_bound {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hs : 0 < p.scale) (hq : p.qMin ≤ p.qMax) {c : α}
    (hc : ∀ x, p.scale * ((p.qMin : α) - 1 / 2) ≤ x - p.zeroPoint →
      x - p.zeroPoint ≤ p.scale * ((p.qMax : α) + 1 / 2) →
      AbsLE (quantizationError round p x) c) :
    p.scale / 2 ≤ c := by
  have hmem := half_mem (z := p.zeroPoint) hs
    (mul_le_mul_left (intCast_le (α := α) hq) (Std.le_of_lt hs))
  have hbound := hc (dequantize p p.qMin + p.scale / 2) hmem.1 hmem.2
  rcases quantization_error_midpoint h hs (Int.le_refl _) hq with heq | heq <;> rw [heq] at hbound
  · exact hbound.2
  · exact Lean.Grind.AddCommGroup.neg_neg (p.scale / 2) ▸ hbound.neg.2

/-! ## Without the range hypothesis the bound is false -/

/-- More than `b` above the number of the last code, the error exceeds `b`, whatever the rounding
function. -/
theorem not_error_bound_of_lt {round : α → Int} {p : QuantParams α} (hs : 0 < p.scale)
    (hq : p.qMin ≤ p.qMax) {x b : α} (hx : dequantize p p.qMax + b < x) :
    ¬ AbsLE (quantizationError round p x) b := by
  have := dequantize_monotone (Std.le_of_lt hs) (quantize_mem (round := round) hq x).2
  exact not_absLE_of_lt (lt_sub_of_le this hx)

/-- **Seed 003's `quantization_error_bound` is false as stated**, for every quantizer, whatever the
rounding function: it fails one step above the number of the last code. -/
theorem not_unguarded_error_bound (round : α → Int) {p : QuantParams α} (hs : 0 < p.scale)
    (hq : p.qMin ≤ p.qMax) : ¬ ∀ x, AbsLE (quantizationError round p x) (p.scale / 2) := by
  intro hall
  exact not_error_bound_of_lt hs hq (x := dequantize p p.qMax + p.scale) (add_half_lt hs)
    (hall _)

/-- More than half a step above the number of the last code, the error is the distance to it. -/
theorem quantization_error_above {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hs : 0 < p.scale) (hq : p.qMin ≤ p.qMax) {x : α}
    (hx : dequantize p p.qMax - p.scale / 2 < x) :
    quantizationError round p x = x - dequantize p p.qMax := by
  unfold quantizationError
  rw [quantize_eq_qMax h hs hq hx]

/-- Seed 003's own instance: 4 bits, scale 1, zero point 0. At `x = 100` the error is 93. -/
theorem int4_error_at_100 {round : α → Int} (h : IsNearest round) :
    quantizationError round (QuantParams.signed 4 1 0) (100 : α) = 93 := by
  have hs : (0 : α) < 1 := Lean.Grind.OrderedRing.zero_lt_one
  have hq := QuantParams.signed_qMin_le_qMax 4 (1 : α) 0
  have hmax : dequantize (QuantParams.signed 4 (1 : α) 0) 7 = 7 := by
    unfold dequantize QuantParams.signed; grind
  have hx : dequantize (QuantParams.signed 4 (1 : α) 0) 7 - 1 / 2 < 100 := by
    rw [hmax]; clear hs hq hmax h; grind
  have herr : quantizationError round (QuantParams.signed 4 1 0) 100 =
      100 - dequantize (QuantParams.signed 4 (1 : α) 0) 7 := quantization_error_above h hs hq hx
  rw [herr, hmax]
  clear hs hq hmax hx herr h
  grind

end

end PyOrch
