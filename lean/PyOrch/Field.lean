/-!
# Linear ordered fields

The theorems of this library hold over every linear ordered field, so that one proof serves exact
rational arithmetic (`Rat`, core Lean) and the real numbers (`ℝ`, Mathlib). Core Lean states that
structure as six separate classes; `OrderedField` bundles them, and a type that has the six has
`OrderedField` without further ado.

Core Lean has no absolute value on such fields, and choosing one would need decidability.
`AbsLE a b` says `|a| ≤ b` by its two sides instead.
-/

namespace PyOrch

universe u

open Lean.Grind (AddCommGroup AddCommMonoid CommSemiring Field OrderedAdd OrderedRing Ring
  Semiring)

/-- A linear ordered field: `Rat` is one, and Mathlib supplies the six parts for `ℝ`. -/
class OrderedField (α : Type u) extends
  Field α, LE α, LT α, Std.IsLinearOrder α, Std.LawfulOrderLT α, OrderedRing α

/-- A type with the six parts is an ordered field. -/
instance (priority := 50) OrderedField.ofParts {α : Type u} [Field α] [LE α] [LT α]
    [Std.IsLinearOrder α] [Std.LawfulOrderLT α] [OrderedRing α] : OrderedField α where

-- A concrete type keeps its own order and arithmetic: these are for a type variable only.
attribute [instance 50] OrderedField.toField OrderedField.toLE OrderedField.toLT
  OrderedField.toIsLinearOrder OrderedField.toLawfulOrderLT OrderedField.toOrderedRing

-- The integers and natural numbers inside a ring: core Lean has these casts, not switched on.
attribute [scoped instance 50] Lean.Grind.Ring.intCast Lean.Grind.Semiring.natCast

section
variable {α : Type u} [OrderedField α]

-- Facts that `grind` asks for in every proof, each found at once and not by a search.
instance : Lean.Grind.IsCharP α 0 := inferInstance
instance : Std.IsPreorder α := inferInstance
instance : Std.IsPartialOrder α := inferInstance
instance : Std.IsLinearPreorder α := inferInstance
instance : Std.LawfulOrderLT α := inferInstance
instance : OrderedAdd α := inferInstance

/-! ## Order and products -/

/-- The left factor may be enlarged where the right one is not negative. -/
theorem mul_le_mul_right {a b c : α} (h : a ≤ b) (hc : 0 ≤ c) : a * c ≤ b * c :=
  OrderedRing.mul_le_mul_of_nonneg_right h hc

/-- The right factor may be enlarged where the left one is not negative. -/
theorem mul_le_mul_left {a b c : α} (h : a ≤ b) (hc : 0 ≤ c) : c * a ≤ c * b :=
  OrderedRing.mul_le_mul_of_nonneg_left h hc

/-- Both factors may be enlarged where everything is not negative. -/
theorem mul_le_mul_of_nonneg {a b c d : α} (hac : a ≤ c) (hbd : b ≤ d) (hb : 0 ≤ b) (hc : 0 ≤ c) :
    a * b ≤ c * d :=
  Std.le_trans (mul_le_mul_right hac hb) (mul_le_mul_left hbd hc)

/-- A product of numbers that are not negative is not negative. -/
theorem mul_nonneg {a b : α} (ha : 0 ≤ a) (hb : 0 ≤ b) : 0 ≤ a * b :=
  OrderedRing.mul_nonneg ha hb

/-- A product of positive numbers is positive. -/
theorem mul_pos {a b : α} (ha : 0 < a) (hb : 0 < b) : 0 < a * b :=
  OrderedRing.mul_pos ha hb

/-- What is subtracted on the right may be added on the left. -/
theorem le_sub_iff {a b c : α} : c ≤ b - a ↔ a + c ≤ b := by
  have h : c ≤ b - a ↔ c + a ≤ b - a + a := OrderedAdd.add_le_left_iff a
  rwa [AddCommGroup.sub_add_cancel, AddCommMonoid.add_comm c] at h

/-- What is subtracted on the left may be added on the right. -/
theorem sub_le_iff {a b c : α} : b - a ≤ c ↔ b ≤ a + c := by
  have h : b - a ≤ c ↔ b - a + a ≤ c + a := OrderedAdd.add_le_left_iff a
  rwa [AddCommGroup.sub_add_cancel, AddCommMonoid.add_comm c] at h

/-- A factor distributes over a difference. -/
theorem mul_sub {a b c : α} : a * (b - c) = a * b - a * c := by
  rw [Ring.sub_eq_add_neg, Semiring.left_distrib, Ring.mul_neg, ← Ring.sub_eq_add_neg]

/-- A positive common factor can be cancelled from `≤`. -/
theorem le_of_mul_le_mul_right {a b c : α} (h : a * c ≤ b * c) (hc : 0 < c) : a ≤ b :=
  Std.not_lt.1 fun hab => Std.not_lt.2 h (OrderedRing.mul_lt_mul_of_pos_right hab hc)

/-- A positive divisor cancels. -/
theorem div_mul_cancel {a c : α} (hc : 0 < c) : a / c * c = a := by
  have h : c ≠ 0 := fun h => Std.not_lt.2 (Std.le_refl 0) (h ▸ hc)
  rw [Field.div_eq_mul_inv, Semiring.mul_assoc, Field.inv_mul_cancel h, Semiring.mul_one]

/-- A positive divisor cancels. -/
theorem mul_div_cancel {a c : α} (hc : 0 < c) : c * (a / c) = a := by
  rw [CommSemiring.mul_comm, div_mul_cancel hc]

/-- A positive divisor cancels one of two factors. -/
theorem div_mul_mul_cancel {a b c : α} (hc : 0 < c) : a / c * (b * c) = b * a := by
  rw [CommSemiring.mul_comm b, ← Semiring.mul_assoc, div_mul_cancel hc, CommSemiring.mul_comm]

/-- A factor of a quotient is one of the dividend. -/
theorem mul_div_assoc {a b c : α} : a * b / c = a * (b / c) := by
  rw [Field.div_eq_mul_inv, Field.div_eq_mul_inv, Semiring.mul_assoc]

/-- `a / c ≤ b` and `a ≤ b * c` say the same of a positive `c`. -/
theorem div_le_iff {a b c : α} (hc : 0 < c) : a / c ≤ b ↔ a ≤ b * c := by
  have hmul := div_mul_cancel (a := a) hc
  constructor
  · intro h
    exact hmul ▸ mul_le_mul_right h (Std.le_of_lt hc)
  · intro h
    exact le_of_mul_le_mul_right (hmul.symm ▸ h) hc

/-- `a ≤ b / c` and `a * c ≤ b` say the same of a positive `c`. -/
theorem le_div_iff {a b c : α} (hc : 0 < c) : a ≤ b / c ↔ a * c ≤ b := by
  have hmul := div_mul_cancel (a := b) hc
  constructor
  · intro h
    exact hmul ▸ mul_le_mul_right h (Std.le_of_lt hc)
  · intro h
    exact le_of_mul_le_mul_right (hmul.symm ▸ h) hc

/-- `a / c < b` and `a < b * c` say the same of a positive `c`. -/
theorem div_lt_iff {a b c : α} (hc : 0 < c) : a / c < b ↔ a < b * c :=
  Std.not_le.symm.trans ((not_congr (le_div_iff hc)).trans Std.not_le)

/-- `a < b / c` and `a * c < b` say the same of a positive `c`. -/
theorem lt_div_iff {a b c : α} (hc : 0 < c) : a < b / c ↔ a * c < b :=
  Std.not_le.symm.trans ((not_congr (div_le_iff hc)).trans Std.not_le)

/-! ## Casts of integers and natural numbers -/

/-- The cast keeps sums. -/
theorem intCast_add (a b : Int) : ((a + b : Int) : α) = a + b := Lean.Grind.Ring.intCast_add a b

/-- The cast keeps differences. -/
theorem intCast_sub (a b : Int) : ((a - b : Int) : α) = a - b := Lean.Grind.Ring.intCast_sub a b

/-- The cast keeps products. -/
theorem intCast_mul (a b : Int) : ((a * b : Int) : α) = a * b := Lean.Grind.Ring.intCast_mul a b

/-- The cast keeps signs. -/
theorem intCast_neg (a : Int) : ((-a : Int) : α) = -a := Lean.Grind.Ring.intCast_neg a

/-- The cast of zero. -/
theorem intCast_zero : ((0 : Int) : α) = 0 := Lean.Grind.Ring.intCast_zero

/-- The cast of one. -/
theorem intCast_one : ((1 : Int) : α) = 1 := Lean.Grind.Ring.intCast_one

/-- A natural number becomes the same element, cast directly or by way of the integers. -/
theorem intCast_natCast (n : Nat) : ((n : Int) : α) = (n : α) :=
  Lean.Grind.Ring.intCast_natCast n

/-- A natural number's cast is not negative. -/
theorem natCast_nonneg (n : Nat) : (0 : α) ≤ (n : α) := by
  have := OrderedRing.ofNat_nonneg (R := α) n
  rw [Lean.Grind.Semiring.ofNat_eq_natCast] at this
  exact this

/-- The cast of natural numbers keeps `≤`. -/
theorem natCast_le {m n : Nat} (h : m ≤ n) : (m : α) ≤ (n : α) :=
  OrderedRing.natCast_le_natCast_of_le m n h

/-- A positive natural number's cast is positive. -/
theorem natCast_pos {n : Nat} (h : 0 < n) : (0 : α) < (n : α) :=
  Std.lt_of_lt_of_le OrderedRing.zero_lt_one (Semiring.natCast_one (α := α) ▸ natCast_le h)

/-- The cast of integers keeps `≤`. -/
theorem intCast_le {a b : Int} (h : a ≤ b) : (a : α) ≤ (b : α) := by
  refine OrderedAdd.sub_nonneg_iff.1 ?_
  rw [← intCast_sub, ← Int.toNat_of_nonneg (Int.sub_nonneg_of_le h), intCast_natCast]
  exact natCast_nonneg _

/-- The cast of integers keeps `<`. -/
theorem intCast_lt {a b : Int} (h : a < b) : (a : α) < (b : α) := by
  have := natCast_pos (α := α) (n := (b - a).toNat) (by omega)
  rw [← intCast_natCast, Int.toNat_of_nonneg (by omega), intCast_sub] at this
  exact OrderedAdd.sub_pos_iff.1 this

/-- The cast of integers is an order embedding. -/
theorem intCast_le_iff {a b : Int} : (a : α) ≤ (b : α) ↔ a ≤ b :=
  ⟨fun h => Int.not_lt.1 fun hab => Std.not_lt.2 h (intCast_lt hab), intCast_le⟩

/-- The cast of integers is a strict order embedding. -/
theorem intCast_lt_iff {a b : Int} : (a : α) < (b : α) ↔ a < b :=
  ⟨fun h => Int.not_le.1 fun hab => Std.not_le.2 h (intCast_le hab), intCast_lt⟩

/-! ## Absolute values -/

/-- `|a| ≤ b`, said by its two sides: `-b ≤ a` and `a ≤ b`. -/
def AbsLE (a b : α) : Prop := -b ≤ a ∧ a ≤ b

/-- `|a| ≤ b` is the two inequalities. -/
theorem absLE_iff {a b : α} : AbsLE a b ↔ -b ≤ a ∧ a ≤ b := Iff.rfl

/-- Nothing negative bounds an absolute value. -/
theorem AbsLE.nonneg {a b : α} (h : AbsLE a b) : 0 ≤ b := by
  have := h.1; have := h.2; grind

/-- `|a| ≤ a` where `a` is not negative. -/
theorem AbsLE.of_nonneg {a : α} (h : 0 ≤ a) : AbsLE a a :=
  ⟨by grind, Std.le_refl a⟩

/-- The bound may be enlarged. -/
theorem AbsLE.mono {a b c : α} (h : AbsLE a b) (hbc : b ≤ c) : AbsLE a c :=
  ⟨OrderedAdd.neg_le_iff.2 (Std.le_trans (OrderedAdd.neg_le_iff.1 h.1) hbc), Std.le_trans h.2 hbc⟩

/-- `|0| ≤ b` where `b` is not negative. -/
theorem AbsLE.zero {b : α} (h : 0 ≤ b) : AbsLE 0 b :=
  (AbsLE.of_nonneg (Std.le_refl 0)).mono h

/-- `|-a| = |a|`. -/
theorem AbsLE.neg {a b : α} (h : AbsLE a b) : AbsLE (-a) b :=
  ⟨OrderedAdd.neg_le_iff.2 ((AddCommGroup.neg_neg a).symm ▸ h.2), OrderedAdd.neg_le_iff.1 h.1⟩

/-- The triangle inequality. -/
theorem AbsLE.add {a b c d : α} (h₁ : AbsLE a b) (h₂ : AbsLE c d) : AbsLE (a + c) (b + d) :=
  ⟨AddCommGroup.neg_add b d ▸ OrderedAdd.add_le_add h₁.1 h₂.1, OrderedAdd.add_le_add h₁.2 h₂.2⟩

/-- The triangle inequality for a difference. -/
theorem AbsLE.sub {a b c d : α} (h₁ : AbsLE a b) (h₂ : AbsLE c d) : AbsLE (a - c) (b + d) :=
  AddCommGroup.sub_eq_add_neg a c ▸ h₁.add h₂.neg

/-- The distance from `x` to `y` is the distance from `y` to `x`. -/
theorem AbsLE.symm {x y b : α} (h : AbsLE (x - y) b) : AbsLE (y - x) b :=
  AddCommGroup.neg_sub x y ▸ h.neg

/-- Distances add along a path. -/
theorem AbsLE.trans {x y z b c : α} (h₁ : AbsLE (x - y) b) (h₂ : AbsLE (y - z) c) :
    AbsLE (x - z) (b + c) := by
  have e : x - z = x - y + (y - z) := by clear h₁ h₂; grind
  exact e ▸ h₁.add h₂

/-- `|c a| ≤ c |a|` for a factor that is not negative. -/
theorem AbsLE.mul_nonneg_left {a b c : α} (h : AbsLE a b) (hc : 0 ≤ c) : AbsLE (c * a) (c * b) :=
  ⟨Ring.mul_neg c b ▸ mul_le_mul_left h.1 hc, mul_le_mul_left h.2 hc⟩

/-- `|a c| ≤ |a| c` for a factor that is not negative. -/
theorem AbsLE.mul_nonneg_right {a b c : α} (h : AbsLE a b) (hc : 0 ≤ c) :
    AbsLE (a * c) (b * c) :=
  ⟨Ring.neg_mul b c ▸ mul_le_mul_right h.1 hc, mul_le_mul_right h.2 hc⟩

/-- `|a c| ≤ |a| |c|`. -/
theorem AbsLE.mul {a b c d : α} (h₁ : AbsLE a b) (h₂ : AbsLE c d) : AbsLE (a * c) (b * d) := by
  -- twice each of the two sides of the claim is a sum of two products that are not negative
  have key : ∀ {s t s' t' : α}, 0 ≤ s → 0 ≤ t → 0 ≤ s' → 0 ≤ t' → 0 ≤ s * t + s' * t' :=
    fun hs ht hs' ht' => by
      have := OrderedAdd.add_le_add (mul_nonneg hs ht) (mul_nonneg hs' ht')
      rwa [AddCommMonoid.add_zero] at this
  have p := OrderedAdd.sub_nonneg_iff.2 h₁.2
  have p' := OrderedAdd.sub_nonneg_iff.2 h₁.1
  have q := OrderedAdd.sub_nonneg_iff.2 h₂.2
  have q' := OrderedAdd.sub_nonneg_iff.2 h₂.1
  have h := key p q p' q'
  have h' := key p q' p' q
  clear h₁ h₂ p p' q q' key
  constructor <;> grind

/-- The bounded number and its bound may be rewritten. -/
theorem AbsLE.congr {a a' b b' : α} (h : AbsLE a b) (ha : a = a') (hb : b = b') : AbsLE a' b' :=
  ha ▸ hb ▸ h

end

/-! ## Rational numbers -/

/-- Over the rationals `AbsLE` can be decided. -/
instance (a b : Rat) : Decidable (AbsLE a b) := inferInstanceAs (Decidable (-b ≤ a ∧ a ≤ b))

/-- The absolute value of a rational number (core Lean has none). -/
def ratAbs (a : Rat) : Rat := if a.num < 0 then -a else a

/-- Over the rationals `AbsLE a b` is `|a| ≤ b`. -/
theorem absLE_iff_ratAbs_le {a b : Rat} : AbsLE a b ↔ ratAbs a ≤ b := by
  unfold AbsLE ratAbs
  split <;> rename_i h
  · have ha : a ≤ 0 := Std.le_of_lt (Std.not_le.1 fun h' => Int.not_le.2 h (Rat.num_nonneg.2 h'))
    exact ⟨fun h => OrderedAdd.neg_le_iff.1 h.1, fun h => ⟨OrderedAdd.neg_le_iff.2 h,
      Std.le_trans ha (Std.le_trans (OrderedAdd.neg_nonneg_iff.2 ha) h)⟩⟩
  · have ha : 0 ≤ a := Rat.num_nonneg.1 (Int.not_lt.1 h)
    exact ⟨And.right, fun h => ⟨Std.le_trans
      (OrderedAdd.neg_nonneg_iff.1 ((AddCommGroup.neg_neg b).symm ▸ Std.le_trans ha h)) ha, h⟩⟩

/-- `|a| ≤ b` fails where `b` is below `a`. -/
theorem not_absLE_of_lt {α : Type u} [OrderedField α] {a b : α} (h : b < a) : ¬ AbsLE a b :=
  fun hab => Std.not_le.2 h hab.2

end PyOrch
