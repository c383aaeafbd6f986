import PyOrch.Net.Bounds

/-!
# The computed bounds hold

Soundness of `PyOrch.Net.Bounds` over every ordered field, from one interval up to two networks.
Numerators are compared with `d * x`, so no division appears before the layer's own.
-/

namespace PyOrch

universe u

open Lean.Grind (AddCommGroup OrderedAdd Ring Semiring)

variable {α : Type u} [OrderedField α]

/-- The value lies between the bounds. -/
def Interval.Holds (i : Interval) (v : α) : Prop := (i.lo : α) ≤ v ∧ v ≤ (i.hi : α)

/-- The cast of a natural number, by way of the constructor. -/
theorem intCast_ofNat (n : Nat) : ((Int.ofNat n : Int) : α) = (n : α) := intCast_natCast n

/-- The cast keeps products. -/
theorem natCast_mul (m n : Nat) : ((m * n : Nat) : α) = m * n := Lean.Grind.Semiring.natCast_mul m n

/-- The cast of a maximum is the cast of the larger. -/
theorem intCast_max (a b : Int) : ((max a b : Int) : α) = a ∧ (b : α) ≤ a ∨
    ((max a b : Int) : α) = b ∧ (a : α) ≤ b := by
  rcases Int.le_total b a with h | h
  · exact .inl ⟨by rw [Int.max_eq_left h], intCast_le h⟩
  · exact .inr ⟨by rw [Int.max_eq_right h], intCast_le h⟩

/-- The cast of a minimum is the cast of the smaller. -/
theorem intCast_min (a b : Int) : ((min a b : Int) : α) = a ∧ (a : α) ≤ b ∨
    ((min a b : Int) : α) = b ∧ (b : α) ≤ a := by
  rcases Int.le_total a b with h | h
  · exact .inl ⟨by rw [Int.min_eq_left h], intCast_le h⟩
  · exact .inr ⟨by rw [Int.min_eq_right h], intCast_le h⟩

/-- What two numbers do not exceed, neither does the cast of their maximum. -/
theorem intCast_max_le {a b : Int} {v : α} (ha : (a : α) ≤ v) (hb : (b : α) ≤ v) :
    ((max a b : Int) : α) ≤ v := by
  rcases intCast_max (α := α) a b with h | h <;> rw [h.1] <;> assumption

/-- What does not exceed two numbers does not exceed the cast of their minimum. -/
theorem le_intCast_min {a b : Int} {v : α} (ha : v ≤ (a : α)) (hb : v ≤ (b : α)) :
    v ≤ ((min a b : Int) : α) := by
  rcases intCast_min (α := α) a b with h | h <;> rw [h.1] <;> assumption

/-! ## Arithmetic: each without the hypotheses around it, and with variables in place of casts -/

private theorem neg_le_neg {a b : α} (h : a ≤ b) : -b ≤ -a :=
  OrderedAdd.neg_le_iff.2 ((AddCommGroup.neg_neg a).symm ▸ h)

private theorem sub_le_sub {a b c d : α} (h : a ≤ b) (h' : c ≤ d) : a - d ≤ b - c := by grind

private theorem mul_le_mul_of_nonpos {a b c : α} (h : a ≤ b) (hc : c ≤ 0) : c * b ≤ c * a := by
  have := neg_le_neg (mul_le_mul_left h (OrderedAdd.neg_nonneg_iff.2 hc))
  rwa [Ring.neg_mul, Ring.neg_mul, AddCommGroup.neg_neg, AddCommGroup.neg_neg] at this

private theorem mul_add_add {d w x r : α} : d * (w * x + r) = w * (d * x) + d * r := by grind

private theorem mul_add_sub_add {d w x y r s : α} :
    d * (w * x + r - (w * y + s)) = w * (d * (x - y)) + d * (r - s) := by grind

private theorem mul_diff {d k₁ k₂ v w x r s : α} :
    d * (k₁ * (v * x + r) - k₂ * (w * x + s))
      = (k₁ * v - k₂ * w) * (d * x) + d * (k₁ * r - k₂ * s) := by grind

namespace Interval
variable {x y : Interval} {v w : α}

/-- `scale` bounds products with an integer. -/
theorem Holds.scale (c : Int) (h : x.Holds v) : (x.scale c).Holds ((c : α) * v) := by
  have hlo := h.1
  have hhi := h.2
  by_cases hc : c < 0
  · have hc' := intCast_le (α := α) (Int.le_of_lt hc)
    rw [intCast_zero] at hc'
    simp only [scale_of_neg hc, Holds, intCast_mul]
    exact ⟨mul_le_mul_of_nonpos hhi hc', mul_le_mul_of_nonpos hlo hc'⟩
  · have hc := Int.not_lt.1 hc
    have hc' := intCast_le (α := α) hc
    rw [intCast_zero] at hc'
    simp only [scale_of_nonneg hc, Holds, intCast_mul]
    exact ⟨mul_le_mul_left hlo hc', mul_le_mul_left hhi hc'⟩

/-- `add` bounds sums. -/
theorem Holds.add (h : x.Holds v) (h' : y.Holds w) : (x.add y).Holds (v + w) := by
  simp only [Holds, Interval.add, intCast_add] at *
  exact ⟨OrderedAdd.add_le_add h.1 h'.1, OrderedAdd.add_le_add h.2 h'.2⟩

/-- `sub` bounds differences. -/
theorem Holds.sub (h : x.Holds v) (h' : y.Holds w) : (x.sub y).Holds (v - w) := by
  simp only [Holds, Interval.sub, intCast_sub] at *
  exact ⟨sub_le_sub h.1 h'.2, sub_le_sub h.2 h'.1⟩

/-- `shift` bounds sums with an integer. -/
theorem Holds.shift (c : Int) (h : x.Holds v) : (x.shift c).Holds (v + c) := by
  simp only [Holds, Interval.shift, intCast_add] at *
  exact ⟨OrderedAdd.add_le_left h.1 _, OrderedAdd.add_le_left h.2 _⟩

/-- `inter` keeps what both bound. -/
theorem Holds.inter (h : x.Holds v) (h' : y.Holds v) : (x.inter y).Holds v :=
  ⟨intCast_max_le h.1 h'.1, le_intCast_min h.2 h'.2⟩

/-- `relu` bounds the activation. -/
theorem Holds.relu {d : α} (hd : 0 < d) (h : x.Holds (d * w)) :
    x.relu.Holds (d * Activation.relu.eval w) := by
  have zero := intCast_zero (α := α)
  simp only [Holds, Interval.relu, Activation.eval] at *
  by_cases hw : 0 ≤ w
  · rw [if_pos hw]
    exact ⟨intCast_max_le h.1 (zero ▸ mul_nonneg (Std.le_of_lt hd) hw),
      Std.le_trans h.2 (intCast_le (Int.le_max_left _ _))⟩
  · have hneg := mul_le_mul_left (Std.le_of_lt (Std.not_le.1 hw)) (Std.le_of_lt hd)
    rw [if_neg hw]
    rw [Semiring.mul_zero] at hneg ⊢
    exact ⟨intCast_max_le (Std.le_trans h.1 hneg) (zero ▸ Std.le_refl _),
      zero ▸ intCast_le (Int.le_max_right _ _)⟩

/-- `round` rounds outward. -/
theorem Holds.round {unit den : Nat} (hden : 0 < den) (h : x.Holds ((den : α) * v)) :
    (x.round unit den).Holds ((unit : α) * v) := by
  have hlo := h.1
  have hhi := h.2
  have hd := natCast_pos (α := α) hden
  have hu := natCast_nonneg (α := α) unit
  have hne : Int.ofNat den ≠ 0 := by rw [Int.ofNat_eq_natCast]; omega
  simp only [Holds, Interval.round]
  constructor
  · apply le_of_mul_le_mul_right (c := (den : α)) _ hd
    have h1 := intCast_le (α := α) (Int.ediv_mul_le (x.lo * .ofNat unit) hne)
    simp only [intCast_mul, intCast_ofNat] at h1
    have h2 := mul_le_mul_right hlo hu
    grind
  · apply le_of_mul_le_mul_right (c := (den : α)) _ hd
    have h1 := intCast_le (α := α) (Int.ediv_mul_le (-(x.hi * .ofNat unit)) hne)
    simp only [intCast_mul, intCast_ofNat, intCast_neg] at h1 ⊢
    have h2 := mul_le_mul_right hhi hu
    grind

end Interval

/-- `max` of two values, one pair of bounds at a time: the step of `reluDiff`. -/
theorem relu_sub_relu_bounds {t s : α} :
    let f := Activation.relu.eval (α := α)
    (f t - f s ≤ t - s ∨ f t - f s ≤ -f s) ∧ (t - s ≤ f t - f s ∨ f t ≤ f t - f s) := by
  simp only [Activation.eval]
  by_cases ht : 0 ≤ t <;> by_cases hs : 0 ≤ s <;> simp only [ht, hs, if_true, if_false] <;> grind

/-- `reluDiff` bounds the difference of two activations. -/
theorem Interval.Holds.reluDiff {δ t s : Interval} {d x y : α} (hd : 0 < d)
    (hδ : δ.Holds (d * (x - y))) (ht : t.Holds (d * Activation.relu.eval x))
    (hs : s.Holds (d * Activation.relu.eval y)) :
    (δ.reluDiff t s).Holds (d * (Activation.relu.eval x - Activation.relu.eval y)) := by
  have key := relu_sub_relu_bounds (t := x) (s := y)
  simp only at key
  generalize Activation.relu.eval x = a at *
  generalize Activation.relu.eval y = b at *
  have hd0 := Std.le_of_lt hd
  constructor
  · refine intCast_max_le ?_ (by rw [intCast_sub, mul_sub]; exact sub_le_sub ht.1 hs.2)
    rcases key.2 with h | h <;> refine Std.le_trans ?_ (mul_le_mul_left h hd0)
    · exact Std.le_trans (intCast_le (Int.min_le_left _ _)) hδ.1
    · exact Std.le_trans (intCast_le (Int.min_le_right _ _)) ht.1
  · refine le_intCast_min ?_ (by rw [intCast_sub, mul_sub]; exact sub_le_sub ht.2 hs.1)
    rcases key.1 with h | h <;> refine Std.le_trans (mul_le_mul_left h hd0) ?_
    · exact Std.le_trans hδ.2 (intCast_le (Int.le_max_left _ _))
    · refine Std.le_trans ?_ (intCast_le (Int.le_max_right _ _))
      rw [Ring.mul_neg, intCast_neg]
      exact neg_le_neg hs.1

/-! ## Rows and layers -/

/-- Each interval bounds `d` times the corresponding entry. -/
def AllHold (d : α) : List Interval → List α → Prop
  | i :: is, x :: xs => i.Holds (d * x) ∧ AllHold d is xs
  | [], [] => True
  | _, _ => False

/-- Each interval bounds `d` times the difference of the corresponding entries. -/
def AllHoldDiff (d : α) : List Interval → List α → List α → Prop
  | i :: is, x :: xs, y :: ys => i.Holds (d * (x - y)) ∧ AllHoldDiff d is xs ys
  | [], [], [] => True
  | _, _, _ => False

/-- Zero lies between zero and zero. -/
theorem holds_zero {v : α} (h : v = 0) : (⟨0, 0⟩ : Interval).Holds v := by
  rw [h]
  show ((0 : Int) : α) ≤ 0 ∧ (0 : α) ≤ ((0 : Int) : α)
  rw [intCast_zero]
  exact ⟨Std.le_refl _, Std.le_refl _⟩

/-- `dotBounds` bounds inner products. -/
theorem holds_dotBounds {d : α} (row : List Int) {is : List Interval} {xs : List α}
    (h : AllHold d is xs) : (dotBounds row is).Holds (d * rowDot row xs) := by
  induction row generalizing is xs with
  | nil => exact holds_zero (Semiring.mul_zero d)
  | cons w ws ih =>
    match is, xs, h with
    | [], [], _ => exact holds_zero (Semiring.mul_zero d)
    | i :: is, x :: xs, h =>
      have := (h.1.scale w).add (ih h.2)
      simp only [dotBounds, rowDot]
      rwa [mul_add_add]

/-- `dotBounds` bounds differences of inner products of one row. -/
theorem holds_dotBounds_diff {d : α} (row : List Int) {is : List Interval} {xs ys : List α}
    (h : AllHoldDiff d is xs ys) :
    (dotBounds row is).Holds (d * (rowDot row xs - rowDot row ys)) := by
  induction row generalizing is xs ys with
  | nil => exact holds_zero (by
      simp only [rowDot]; rw [AddCommGroup.sub_self, Semiring.mul_zero])
  | cons w ws ih =>
    match is, xs, ys, h with
    | [], [], [], _ => exact holds_zero (by
      simp only [rowDot]; rw [AddCommGroup.sub_self, Semiring.mul_zero])
    | i :: is, x :: xs, y :: ys, h =>
      have := (h.1.scale w).add (ih h.2)
      simp only [dotBounds, rowDot]
      rwa [mul_add_sub_add]

/-- `dotDiffBounds` bounds differences of inner products with one point. -/
theorem holds_dotDiffBounds {d : α} {k₁ k₂ : Int} {r₁ r₂ : List Int} {is : List Interval}
    {xs : List α} (hr : sameLength r₁ r₂ = true) (h : AllHold d is xs) :
    (dotDiffBounds k₁ k₂ r₁ r₂ is).Holds (d * (k₁ * rowDot r₁ xs - k₂ * rowDot r₂ xs)) := by
  induction r₁ generalizing r₂ is xs with
  | nil =>
    match r₂, hr with
    | [], _ => exact holds_zero (by
      simp only [rowDot, Semiring.mul_zero, AddCommGroup.sub_self])
  | cons v vs ih =>
    match r₂, is, xs, hr, h with
    | w :: ws, [], [], _, _ => exact holds_zero (by
      simp only [rowDot, Semiring.mul_zero, AddCommGroup.sub_self])
    | w :: ws, i :: is, x :: xs, hr, h =>
      have := (h.1.scale (k₁ * v - k₂ * w)).add (ih (r₂ := ws) hr h.2)
      simp only [intCast_sub, intCast_mul] at this
      simp only [dotDiffBounds, rowDot]
      rwa [mul_diff]

end PyOrch
