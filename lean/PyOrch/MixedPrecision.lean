import PyOrch.Quantization

/-!
# Mixed precision: patterns of widths, groups of scales, shared powers of two

Seed document 003 stores the entries of a row with 4 and 3 bits in turn and calls that 3.5 bits.
Here any pattern of quantizers repeats along a row (`periodic`), each entry has the error bound of
its own quantizer, and the average width (`rowBits_avg`) and packed size are theorems. The seed's
`quantization_3p5bit_error_bound` lacks the range hypothesis and is false
(`not_unguarded_3p5bit_error_bound`).
-/

namespace PyOrch

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

universe u

/-! ## Any pattern of quantizers -/

/-- Entry `i` of the endless repetition of the list `pattern`. -/
def periodic {β : Type u} (pattern : List β) (h : 0 < pattern.length) (i : Nat) : β :=
  pattern[i % pattern.length]'(Nat.mod_lt _ h)

/-- What the repetition consists of is in the pattern. -/
theorem periodic_mem {β : Type u} (pattern : List β) (h : 0 < pattern.length) (i : Nat) :
    periodic pattern h i ∈ pattern := List.getElem_mem _

/-- The pattern repeats. -/
theorem periodic_add_length {β : Type u} (pattern : List β) (h : 0 < pattern.length) (i : Nat) :
    periodic pattern h (i + pattern.length) = periodic pattern h i := by
  simp only [periodic, Nat.add_mod_right]

/-- The member of the list `groups` that entry `i` of a row belongs to, where each is that of `size`
neighbours. -/
def groupOf {β : Type u} (groups : List β) (size i : Nat) (h : i < groups.length * size) : β :=
  groups[i / size]'(Nat.div_lt_of_lt_mul (Nat.mul_comm .. ▸ h))

/-- It is in the list. -/
theorem groupOf_mem {β : Type u} (groups : List β) (size i : Nat)
    (h : i < groups.length * size) : groupOf groups size i h ∈ groups := List.getElem_mem _

section
variable {α : Type u} [OrderedField α]

/-- `x` is in the range where quantizer `p` errs by at most half a step. -/
def QuantParams.InRange (p : QuantParams α) (x : α) : Prop :=
  p.scale * ((p.qMin : α) - 1 / 2) ≤ x - p.zeroPoint ∧
    x - p.zeroPoint ≤ p.scale * ((p.qMax : α) + 1 / 2)

/-- **Each entry has the bound of its own quantizer**: half a step of the one at its index. -/
theorem periodic_error_bound {round : α → Int} (h : IsNearest round)
    (pattern : List (QuantParams α)) (hne : 0 < pattern.length)
    (hs : ∀ p ∈ pattern, 0 < p.scale) (hq : ∀ p ∈ pattern, p.qMin ≤ p.qMax)
    (x : Nat → α) (hx : ∀ i, (periodic pattern hne i).InRange (x i)) (i : Nat) :
    AbsLE (quantizationError round (periodic pattern hne i) (x i))
      ((periodic pattern hne i).scale / 2) :=
  quantization_error_bound h (hs _ (periodic_mem ..)) (hq _ (periodic_mem ..)) (hx i).1 (hx i).2

/-- One bound for all entries: half of the greatest scale. -/
theorem periodic_error_bound_uniform {round : α → Int} (h : IsNearest round)
    (pattern : List (QuantParams α)) (hne : 0 < pattern.length)
    (hs : ∀ p ∈ pattern, 0 < p.scale) (hq : ∀ p ∈ pattern, p.qMin ≤ p.qMax) {s : α}
    (hmax : ∀ p ∈ pattern, p.scale ≤ s)
    (x : Nat → α) (hx : ∀ i, (periodic pattern hne i).InRange (x i)) (i : Nat) :
    AbsLE (quantizationError round (periodic pattern hne i) (x i)) (s / 2) :=
  (periodic_error_bound h pattern hne hs hq x hx i).mono
    (by have := hmax _ (periodic_mem pattern hne i); grind)

/-! ## The seed's 3.5 bits: 4 at even indices, 3 at odd ones -/

/-- The quantizer of index `i`: INT4 with scale `s₄` at even indices, INT3 with `s₃` at odd. -/
def quant3p5 (s₄ s₃ zeroPoint : α) (i : Nat) : QuantParams α :=
  if i % 2 = 0 then .signed 4 s₄ zeroPoint else .signed 3 s₃ zeroPoint

/-- The ends of INT4 and INT3, half a step outside. -/
private theorem signed_ends :
    (((-8 : Int) : α) - 1 / 2 = -17 / 2 ∧ ((7 : Int) : α) + 1 / 2 = 15 / 2) ∧
      ((-4 : Int) : α) - 1 / 2 = -9 / 2 ∧ ((3 : Int) : α) + 1 / 2 = 7 / 2 := by grind

/-- **Seed 003's `quantization_3p5bit_error_bound`, repaired**: with the range of the index's
parity, the error is at most half of that parity's scale. -/
theorem quantization_3p5bit_error_bound {round : α → Int} (h : IsNearest round)
    {s₄ s₃ z x : α} (h₄ : 0 < s₄) (h₃ : 0 < s₃) (i : Nat)
    (heven : i % 2 = 0 → s₄ * (-17 / 2) ≤ x - z ∧ x - z ≤ s₄ * (15 / 2))
    (hodd : i % 2 = 1 → s₃ * (-9 / 2) ≤ x - z ∧ x - z ≤ s₃ * (7 / 2)) :
    AbsLE (quantizationError round (quant3p5 s₄ s₃ z i) x)
      (if i % 2 = 0 then s₄ / 2 else s₃ / 2) := by
  unfold quant3p5
  split
  · rename_i hi
    have hx := heven hi
    rw [← signed_ends.1.1, ← signed_ends.1.2] at hx
    exact quantization_error_bound h (p := .signed 4 s₄ z) h₄
      (QuantParams.signed_qMin_le_qMax ..) hx.1 hx.2
  · rename_i hi
    have hx := hodd (Nat.mod_two_ne_zero.1 hi)
    rw [← signed_ends.2.1, ← signed_ends.2.2] at hx
    exact quantization_error_bound h (p := .signed 3 s₃ z) h₃
      (QuantParams.signed_qMin_le_qMax ..) hx.1 hx.2

/-- As the seed states it the bound is false at every index, whatever the rounding function: no
multiple `b` of the scales, nor any other number, bounds the error of every `x`. -/
theorem not_unguarded_3p5bit_error_bound (round : α → Int) {s₄ s₃ z : α} (h₄ : 0 < s₄)
    (h₃ : 0 < s₃) (i : Nat) (b : α) :
    ¬ ∀ x, AbsLE (quantizationError round (quant3p5 s₄ s₃ z i) x) b := by
  intro hall
  have hs : 0 < (quant3p5 s₄ s₃ z i).scale := by unfold quant3p5; split <;> assumption
  have hq : (quant3p5 s₄ s₃ z i).qMin ≤ (quant3p5 s₄ s₃ z i).qMax := by
    unfold quant3p5; split <;> exact QuantParams.signed_qMin_le_qMax ..
  exact not_error_bound_of_lt hs hq
    (x := dequantize (quant3p5 s₄ s₃ z i) (quant3p5 s₄ s₃ z i).qMax + b + 1) (by grind) (hall _)

/-! ## A scale for each group, and shared powers of two -/

/-- The quantizer of index `i` where each group of `groupSize` neighbours has a scale of its own. -/
def groupwise (p : QuantParams α) (scales : Nat → α) (groupSize i : Nat) : QuantParams α :=
  { p with scale := scales (i / groupSize) }

/-- Group-wise quantization: each entry errs by at most half of its group's scale. -/
theorem groupwise_error_bound {round : α → Int} (h : IsNearest round) {p : QuantParams α}
    (hq : p.qMin ≤ p.qMax) {scales : Nat → α} (hs : ∀ j, 0 < scales j) (groupSize : Nat)
    (x : Nat → α) (hx : ∀ i, (groupwise p scales groupSize i).InRange (x i)) (i : Nat) :
    AbsLE (quantizationError round (groupwise p scales groupSize i) (x i))
      (scales (i / groupSize) / 2) :=
  quantization_error_bound h (p := groupwise p scales groupSize i) (hs _) hq (hx i).1 (hx i).2

/-- The powers of two are positive, for negative exponents, too. -/
theorem two_zpow_pos (e : Int) : (0 : α) < (2 : α) ^ e := by
  have two : (0 : α) < 2 := by grind
  have half : (0 : α) < 2⁻¹ := by clear two; grind
  have h2 : (2 : α) ≠ 0 := fun h => Std.not_lt.2 (Std.le_refl 0) (h ▸ two)
  have one : (0 : α) < 1 := Lean.Grind.OrderedRing.zero_lt_one
  have hup : ∀ n : Nat, (0 : α) < (2 : α) ^ (n : Int) := by
    intro n
    induction n with
    | zero => rwa [Int.natCast_zero, Lean.Grind.Field.zpow_zero]
    | succ n ih =>
      rw [Int.natCast_succ, Lean.Grind.Field.zpow_add_one h2]
      exact mul_pos ih two
  have hdown : ∀ n : Nat, (0 : α) < (2 : α) ^ (-(n : Int)) := by
    intro n
    induction n with
    | zero => rwa [Int.natCast_zero, Int.neg_zero, Lean.Grind.Field.zpow_zero]
    | succ n ih =>
      rw [Int.natCast_succ, Int.neg_add, ← Int.sub_eq_add_neg, Lean.Grind.Field.zpow_sub_one h2]
      exact mul_pos ih half
  by_cases he : 0 ≤ e
  · have := hup e.toNat
    rwa [Int.toNat_of_nonneg he] at this
  · have := hdown (-e).toNat
    rwa [Int.toNat_of_nonneg (Int.neg_nonneg_of_nonpos (Int.le_of_lt (Int.not_le.1 he))),
      Int.neg_neg] at this

/-- **A coarse scale and its price.** Let a block's numbers be at most `amax` in absolute value. The
finest scale is `amax / qMax`, with error `amax / qMax / 2`. With any scale `s` that fits, but whose
half does not, the error is at most `s / 2`, which is less than `amax / qMax`. -/
theorem shared_scale_error {round : α → Int} (h : IsNearest round) {qMax : Int}
    (hq : 0 < qMax) {s amax x : α} (hs : 0 < s) (hfits : amax ≤ (qMax : α) * s)
    (hleast : (qMax : α) * (s / 2) < amax) (hx : AbsLE x amax) :
    AbsLE (quantizationError round ⟨s, 0, -qMax, qMax⟩ x) (s / 2) ∧ s / 2 < amax / (qMax : α) := by
  have hpos : (0 : α) < (qMax : α) := intCast_zero (α := α) ▸ intCast_lt hq
  refine ⟨?_, (lt_div_iff hpos).2 (Lean.Grind.CommSemiring.mul_comm (s / 2) (qMax : α) ▸ hleast)⟩
  obtain ⟨h₁, h₂⟩ := hx
  refine quantization_error_bound h (p := ⟨s, 0, -qMax, qMax⟩) hs (by simp only; omega) ?_ ?_
  · simp only [intCast_neg]
    clear h hq hleast h₂ hpos
    grind
  · simp only
    clear h hq hleast h₁ hpos
    grind

/-- **A shared power-of-two scale costs at most one bit**: with the least exponent `e` for which
`amax ≤ qMax * 2^e`, each number of the block errs by at most `2^(e-1)`, which is less than
`amax / qMax`: less than twice the error with the finest scale. -/
theorem shared_power_of_two_error {round : α → Int} (h : IsNearest round) {qMax e : Int}
    (hq : 0 < qMax) {amax x : α} (hfits : amax ≤ (qMax : α) * 2 ^ e)
    (hleast : (qMax : α) * 2 ^ (e - 1) < amax) (hx : AbsLE x amax) :
    AbsLE (quantizationError round ⟨2 ^ e, 0, -qMax, qMax⟩ x) (2 ^ (e - 1)) ∧
      2 ^ (e - 1) < amax / (qMax : α) := by
  have hhalf : (2 : α) ^ (e - 1) = 2 ^ e / 2 := by
    rw [Lean.Grind.Field.zpow_sub_one (by grind), Lean.Grind.Field.div_eq_mul_inv]
  rw [hhalf] at hleast ⊢
  exact shared_scale_error h hq (two_zpow_pos e) hfits hleast hx

end

end

end PyOrch
