import PyOrch.Field

/-!
# Concrete numbers in any ordered field

`-7/5` names an element of every ordered field, but only the rational numbers compute. `IsRat a q`
says that `a` is that rational number, and the instances below find `q` from how `a` is written; so
an equation or inequality between concrete numbers of any ordered field is one between rational
numbers, which the kernel works out: `numeral_le (by decide +kernel)`.
-/

namespace PyOrch

universe u

variable {α : Type u} [OrderedField α]

/-- The element `a` of an ordered field is the rational number `q`: `a * q.den = q.num`. -/
class IsRat (a : α) (q : outParam Rat) : Prop where
  /-- `q`'s numerator is `a` times its denominator. -/
  mul_den : a * (q.den : α) = (q.num : α)

/-- A positive natural number's cast is not zero. -/
theorem natCast_ne_zero {n : Nat} (h : 0 < n) : (n : α) ≠ 0 := by
  have := natCast_pos (α := α) h
  grind

namespace IsRat

/-- A fraction need not be in lowest terms. -/
theorem of_mkRat {a : α} {n : Int} {d : Nat} (hd : 0 < d) (h : a * (d : α) = (n : α)) :
    IsRat a (mkRat n d) := by
  have hne : (d : α) ≠ 0 := natCast_ne_zero hd
  have heq : (mkRat n d).num * (d : Int) = n * ((mkRat n d).den : Int) :=
    (Rat.mkRat_eq_iff (mkRat n d).den_nz (by omega)).1 (Rat.mkRat_self _)
  have hcast : ((mkRat n d).num : α) * (d : α) = (n : α) * ((mkRat n d).den : α) := by
    rw [← intCast_natCast, ← intCast_natCast, ← intCast_mul, ← intCast_mul, heq]
  exact ⟨by grind⟩

/-- Two elements that are the same rational number are equal. -/
theorem unique {a b : α} {q : Rat} (ha : IsRat a q) (hb : IsRat b q) : a = b := by
  have := natCast_ne_zero (α := α) q.den_pos
  have := ha.mul_den; have := hb.mul_den
  grind

/-- An integer is itself. -/
instance intCast (n : Int) : IsRat (n : α) (n : Rat) :=
  ⟨by change (n : α) * ((1 : Nat) : α) = (n : α); grind⟩

/-- A natural number is itself. -/
instance natCast (n : Nat) : IsRat (n : α) (n : Rat) :=
  ⟨by change (n : α) * ((1 : Nat) : α) = ((n : Int) : α); rw [intCast_natCast]; grind⟩

/-- A literal is itself. -/
instance ofNat (n : Nat) : IsRat (no_index (OfNat.ofNat n) : α) (n : Rat) :=
  Lean.Grind.Semiring.ofNat_eq_natCast (α := α) n ▸ natCast n

/-- Zero is itself, whatever the instance that its literal is read by. -/
instance zero : IsRat (no_index 0 : α) 0 :=
  ⟨by change (0 : α) * ((1 : Nat) : α) = ((0 : Int) : α); grind⟩

/-- Sums. -/
instance add {a b : α} {q r : Rat} [ha : IsRat a q] [hb : IsRat b r] : IsRat (a + b) (q + r) := by
  rw [← Rat.mkRat_self q, ← Rat.mkRat_self r, Rat.mkRat_add_mkRat _ _ q.den_nz r.den_nz]
  refine of_mkRat (Nat.mul_pos q.den_pos r.den_pos) ?_
  have := ha.mul_den; have := hb.mul_den
  rw [intCast_add, intCast_mul, intCast_mul, ← intCast_natCast, Int.natCast_mul, intCast_mul,
    intCast_natCast, intCast_natCast]
  grind

/-- Products. -/
instance mul {a b : α} {q r : Rat} [ha : IsRat a q] [hb : IsRat b r] : IsRat (a * b) (q * r) := by
  rw [← Rat.mkRat_self q, ← Rat.mkRat_self r, Rat.mkRat_mul_mkRat]
  refine of_mkRat (Nat.mul_pos q.den_pos r.den_pos) ?_
  have := ha.mul_den; have := hb.mul_den
  rw [intCast_mul, ← intCast_natCast, Int.natCast_mul, intCast_mul, intCast_natCast,
    intCast_natCast]
  grind

/-- Negation. -/
instance neg {a : α} {q : Rat} [ha : IsRat a q] : IsRat (-a) (-q) := by
  rw [← Rat.mkRat_self q, Rat.neg_mkRat]
  refine of_mkRat q.den_pos ?_
  have := ha.mul_den
  rw [intCast_neg]; grind

/-- Differences. -/
instance sub {a b : α} {q r : Rat} [ha : IsRat a q] [hb : IsRat b r] : IsRat (a - b) (q - r) := by
  rw [Rat.sub_eq_add_neg, Lean.Grind.Ring.sub_eq_add_neg]; infer_instance

/-- Reciprocals; that of zero is zero in both. -/
instance inv {a : α} {q : Rat} [ha : IsRat a q] : IsRat a⁻¹ q⁻¹ := by
  by_cases h0 : q = 0
  · have : a = 0 := ha.unique (h0 ▸ zero)
    subst h0
    rw [this, Lean.Grind.Field.inv_zero, Rat.inv_zero]; exact zero
  · have hq : q * q⁻¹ = 1 := Rat.mul_inv_cancel q h0
    have hden := natCast_ne_zero (α := α) q⁻¹.den_pos
    -- the number with numerator and denominator of `q⁻¹` is the reciprocal of `a`
    have hb : IsRat ((q⁻¹.num : α) / (q⁻¹.den : α)) q⁻¹ := ⟨by grind⟩
    have hmul : a * ((q⁻¹.num : α) / (q⁻¹.den : α)) = 1 :=
      unique (q := 1) (hq ▸ mul (ha := ha) (hb := hb)) (ofNat 1)
    have heq : a⁻¹ = (q⁻¹.num : α) / (q⁻¹.den : α) := by grind
    exact heq ▸ hb

/-- Quotients. -/
instance div {a b : α} {q r : Rat} [ha : IsRat a q] [hb : IsRat b r] : IsRat (a / b) (q / r) := by
  rw [Rat.div_def, Lean.Grind.Field.div_eq_mul_inv]; infer_instance

end IsRat

/-- Concrete numbers are equal if they are the same rational number. -/
theorem numeral_eq {a b : α} {q r : Rat} [ha : IsRat a q] [hb : IsRat b r] (h : q = r) : a = b :=
  (h ▸ ha : IsRat a r).unique hb

/-- Products with the denominators, for comparisons. -/
private theorem IsRat.mul_den_den {a b : α} {q r : Rat} (ha : IsRat a q) (hb : IsRat b r) :
    a * (q.den : α) * (r.den : α) = ((q.num * (r.den : Int) : Int) : α) ∧
      b * (q.den : α) * (r.den : α) = ((r.num * (q.den : Int) : Int) : α) := by
  have := ha.mul_den; have := hb.mul_den
  rw [intCast_mul, intCast_mul, intCast_natCast, intCast_natCast]
  grind

/-- Concrete numbers are ordered as rational numbers are. -/
theorem numeral_le {a b : α} {q r : Rat} [ha : IsRat a q] [hb : IsRat b r] (h : q ≤ r) : a ≤ b := by
  have hcast := intCast_le (α := α) ((Rat.le_iff q r).1 h)
  rw [← (ha.mul_den_den hb).1, ← (ha.mul_den_den hb).2] at hcast
  exact le_of_mul_le_mul_right (le_of_mul_le_mul_right hcast (natCast_pos r.den_pos))
    (natCast_pos q.den_pos)

/-- Concrete numbers are strictly ordered as rational numbers are. -/
theorem numeral_lt {a b : α} {q r : Rat} [ha : IsRat a q] [hb : IsRat b r] (h : q < r) : a < b := by
  have hle : a ≤ b := numeral_le (Rat.le_of_lt h)
  have hcast := intCast_lt (α := α) ((Rat.lt_iff q r).1 h)
  rw [← (ha.mul_den_den hb).1, ← (ha.mul_den_den hb).2] at hcast
  have hne : a ≠ b := by rintro rfl; grind
  grind

/-- Bounds of absolute values of concrete numbers. -/
theorem numeral_absLE {a b : α} {q r : Rat} [ha : IsRat a q] [hb : IsRat b r] (h : AbsLE q r) :
    AbsLE a b :=
  ⟨numeral_le h.1, numeral_le h.2⟩

end PyOrch
