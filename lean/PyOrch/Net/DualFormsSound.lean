import PyOrch.Net.DualSound

/-!
# Affine forms hold

What it means that affine forms describe the values of two networks, and that bounds, sums,
multiples and new symbols keep it.
-/

namespace PyOrch

universe u
variable {α : Type u} [OrderedField α]

/-! ## What forms say -/

/-- `x - w * a`, entry by entry; missing coefficients are zero. -/
noncomputable def peel (w : α) : List Int → List α → List α
  | _, [] => []
  | a, x :: xs => (x - (headInt a : α) * w) :: peel w (tailInts a) xs

/-- For some values of the symbols, `u * w` between -1 and 1 each, the rest is within its bounds. -/
def FormsHold (u : α) : List (List Int × List Int) → PairBounds → List α → List α → Prop
  | [], r, x, y => r.Hold u x y
  | c :: cs, r, x, y => (c.1.length ≤ x.length ∧ c.2.length ≤ y.length) ∧
      ∃ w : α, (-1 ≤ u * w ∧ u * w ≤ 1) ∧ FormsHold u cs r (peel w c.1 x) (peel w c.2 y)

/-- `peel` keeps the length. -/
@[simp] theorem length_peel (w : α) (a : List Int) (x : List α) :
    (peel w a x).length = x.length := by
  induction x generalizing a with
  | nil => rfl
  | cons x xs ih => exact congrArg Nat.succ (ih _)

/-- No coefficients. -/
@[simp] theorem peel_nil (w : α) (x : List α) : peel w [] x = x := by
  induction x with
  | nil => rfl
  | cons x xs ih =>
    have zero : ((headInt [] : Int) : α) = 0 := intCast_zero
    have e : tailInts [] = [] := rfl
    rw [peel, zero, e, ih]
    congr 1
    grind

private theorem sub_sub_sub {x y c : α} : x - c - (y - c) = x - y := by grind

private theorem peel_bounds {u x c w m : α} (h : c * (u * w) ≤ m ∧ -m ≤ c * (u * w)) :
    -m ≤ u * x - u * (x - c * w) ∧ u * x - u * (x - c * w) ≤ m := by
  rw [show u * x - u * (x - c * w) = c * (u * w) by clear h; grind]
  exact ⟨h.2, h.1⟩

private theorem peel_bounds_diff {u x y c e w m : α}
    (h : (c - e) * (u * w) ≤ m ∧ -m ≤ (c - e) * (u * w)) :
    -m ≤ u * (x - y) - u * (x - c * w - (y - e * w)) ∧
      u * (x - y) - u * (x - c * w - (y - e * w)) ≤ m := by
  rw [show u * (x - y) - u * (x - c * w - (y - e * w)) = (c - e) * (u * w) by clear h; grind]
  exact ⟨h.2, h.1⟩

private theorem near_diff {u x x' y y' : α} :
    u * (x' - x) - u * (y' - y) = u * (x' - y') - u * (x - y) := by grind

/-- A product with a number between -1 and 1. -/
theorem mul_le_size (a : Int) {t : α} (h : -1 ≤ t ∧ t ≤ 1) :
    (a : α) * t ≤ (size a : α) ∧ -(size a : α) ≤ (a : α) * t := by
  have key : ∀ n : Nat, (n : α) * t ≤ n ∧ -(n : α) ≤ n * t := by
    intro n
    have hn := natCast_nonneg (α := α) n
    have h₁ := mul_le_mul_left h.2 hn
    have h₂ := mul_le_mul_left h.1 hn
    rw [Lean.Grind.Semiring.mul_one] at h₁
    rw [Lean.Grind.Ring.mul_neg, Lean.Grind.Semiring.mul_one] at h₂
    exact ⟨h₁, h₂⟩
  cases a with
  | ofNat n =>
    have e : ((Int.ofNat n : Int) : α) = n := intCast_ofNat n
    rw [e]
    exact key n
  | negSucc n =>
    have e : ((Int.negSucc n : Int) : α) = -((n + 1 : Nat) : α) := by
      rw [Int.negSucc_eq, intCast_neg]
      exact congrArg Neg.neg (intCast_ofNat (n + 1))
    have h := AbsLE.neg (absLE_iff.2 (key (n + 1)).symm)
    rw [e, Lean.Grind.Ring.neg_mul]
    exact ⟨h.2, h.1⟩

/-- `grow` bounds what is near. -/
theorem Interval.Holds.grow {z : Interval} {v w : α} (h : z.Holds v) {m : Nat}
    (hm : -(m : α) ≤ w - v ∧ w - v ≤ m) : (PyOrch.grow m z).Holds w := by
  have e : ((Int.ofNat m : Int) : α) = m := intCast_ofNat m
  simp only [Interval.Holds, PyOrch.grow, fastSub_eq, fastAdd_eq, intCast_sub, intCast_add, e] at *
  grind

/-- Growing twice. -/
theorem grow_grow (m n : Nat) (z : Interval) : grow m (grow n z) = grow (m + n) z := by
  simp only [grow, fastSub_eq, fastAdd_eq, Int.ofNat_eq_natCast]
  congr 1 <;> omega

/-- Growing by nothing. -/
theorem grow_zero (z : Interval) : grow 0 z = z := by
  cases z
  simp only [grow, fastSub_eq, fastAdd_eq, Int.ofNat_eq_natCast]
  congr 1 <;> omega

section
variable {u w : α} (hw : -1 ≤ u * w ∧ u * w ≤ 1)
include hw

/-- A symbol adds its absolute values. -/
theorem allHold_addSizes {ms : List Nat} {is : List Interval} {a : List Int} {x : List α}
    (h : AllHold u (growBy ms is) (peel w a x)) : AllHold u (growBy (addSizes a ms) is) x := by
  induction ms generalizing is a x with
  | nil => match x, h with
    | [], _ => trivial
  | cons m ms ih => match is, x, h with
    | [], [], _ => trivial
    | i :: is, x :: xs, h =>
      refine ⟨?_, ih h.2⟩
      show (grow (size (headInt a) + m) i).Holds (u * x)
      rw [← grow_grow]
      refine h.1.grow ?_
      exact peel_bounds (mul_le_size (headInt a) hw)

/-- A symbol adds the absolute values of its differences. -/
theorem allHoldDiff_addDiffSizes {ms : List Nat} {is : List Interval} {a b : List Int}
    {x y : List α} (h : AllHoldDiff u (growBy ms is) (peel w a x) (peel w b y)) :
    AllHoldDiff u (growBy (addDiffSizes a b ms) is) x y := by
  induction ms generalizing is a b x y with
  | nil => match x, y, h with
    | [], [], _ => trivial
  | cons m ms ih => match is, x, y, h with
    | [], [], [], _ => trivial
    | i :: is, x :: xs, y :: ys, h =>
      refine ⟨?_, ih h.2⟩
      show (grow (size (fastSub (headInt a) (headInt b)) + m) i).Holds (u * (x - y))
      rw [← grow_grow]
      refine h.1.grow ?_
      have := mul_le_size (fastSub (headInt a) (headInt b)) hw
      rw [fastSub_eq, intCast_sub] at this
      rw [fastSub_eq]
      exact peel_bounds_diff this

end

/-- `bounds` bounds. -/
theorem FormsHold.bounds {u : α} {cs : List (List Int × List Int)} {r : PairBounds}
    {x y : List α} (h : FormsHold u cs r x y) : (Forms.bounds ⟨cs, r⟩).Hold u x y := by
  have same : ∀ is : List Interval, growBy (noRadii is) is = is := by
    intro is
    induction is with
    | nil => rfl
    | cons i is ih =>
      show grow 0 i :: growBy (noRadii is) is = _
      rw [ih, grow_zero]
  have step : ∀ (f : List Int × List Int → List Nat → List Nat) (is : List Interval)
      (c : List Int × List Int) (cs : List (List Int × List Int)),
      radii f is (c :: cs) = f c (radii f is cs) := by
    intro f is c cs
    show forceNats (radii f is cs) (f c) = _
    rw [forceNats_eq]
  induction cs generalizing x y with
  | nil =>
    refine ⟨?_, ?_, ?_⟩
    · show AllHold u (growBy (noRadii r.teacher) r.teacher) x
      rw [same]; exact h.teacher
    · show AllHold u (growBy (noRadii r.student) r.student) y
      rw [same]; exact h.student
    · show AllHoldDiff u (growBy (noRadii r.difference) r.difference) x y
      rw [same]; exact h.difference
  | cons c cs ih =>
    obtain ⟨_, w, hw, h⟩ := h
    have ih := ih h
    simp only [Forms.bounds, step] at ih ⊢
    exact ⟨allHold_addSizes hw ih.teacher, allHold_addSizes hw ih.student,
      allHoldDiff_addDiffSizes hw ih.difference⟩

/-! ## Near values -/

/-- The values differ by at most 1 over `u`, and so do their differences. -/
def Near (u : α) : List α → List α → List α → List α → Prop
  | x :: xs, x' :: xs', y :: ys, y' :: ys' =>
      ((-1 ≤ u * (x' - x) ∧ u * (x' - x) ≤ 1) ∧ (-1 ≤ u * (y' - y) ∧ u * (y' - y) ≤ 1) ∧
        -1 ≤ u * (x' - x) - u * (y' - y) ∧ u * (x' - x) - u * (y' - y) ≤ 1) ∧
      Near u xs xs' ys ys'
  | [], [], [], [] => True
  | _, _, _, _ => False

/-- `peel` keeps them near. -/
theorem Near.peel {u : α} {x x' y y' : List α} (h : Near u x x' y y') (w : α) (a b : List Int) :
    Near u (peel w a x) (peel w a x') (peel w b y) (peel w b y') := by
  induction x generalizing x' y y' a b with
  | nil => match x', y, y', h with
    | [], [], [], _ => trivial
  | cons x xs ih => match x', y, y', h with
    | x' :: xs', y :: ys, y' :: ys', h =>
      refine ⟨?_, ih h.2 _ _⟩
      rw [sub_sub_sub, sub_sub_sub]
      exact h.1

/-- Their lengths. -/
theorem Near.length {u : α} {x x' y y' : List α} (h : Near u x x' y y') :
    x'.length = x.length ∧ y'.length = y.length := by
  induction x generalizing x' y y' with
  | nil => match x', y, y', h with
    | [], [], [], _ => exact ⟨rfl, rfl⟩
  | cons x xs ih => match x', y, y', h with
    | x' :: xs', y :: ys, y' :: ys', h =>
      exact ⟨congrArg Nat.succ (ih h.2).1, congrArg Nat.succ (ih h.2).2⟩

/-- Bounds grown by one hold of near values. -/
theorem Near.hold {u : α} {x x' y y' : List α} (h : Near u x x' y y') {r : PairBounds}
    (hr : r.Hold u x y) : (r.each (grow 1)).Hold u x' y' := by
  obtain ⟨t, s, δ⟩ := r
  have one : ((1 : Nat) : α) = 1 := Lean.Grind.Semiring.natCast_one
  induction x generalizing x' y y' t s δ with
  | nil => match x', y, y', h with
    | [], [], [], _ => match t, s, δ, hr with
      | [], [], [], _ => exact ⟨trivial, trivial, trivial⟩
      | _ :: _, _, _, hr => exact hr.teacher.elim
      | [], _ :: _, _, hr => exact hr.student.elim
      | [], [], _ :: _, hr => exact hr.difference.elim
  | cons x xs ih => match x', y, y', h with
    | x' :: xs', y :: ys, y' :: ys', h => match t, s, δ, hr with
      | [], _, _, hr => exact hr.teacher.elim
      | _ :: _, [], _, hr => exact hr.student.elim
      | _ :: _, _ :: _, [], hr => exact hr.difference.elim
      | t :: ts, s :: ss, δ :: δs, hr =>
        have := ih h.2 ts ss δs ⟨hr.teacher.2, hr.student.2, hr.difference.2⟩
        have n := h.1
        refine ⟨⟨hr.teacher.1.grow ?_, this.teacher⟩, ⟨hr.student.1.grow ?_, this.student⟩,
          ⟨hr.difference.1.grow ?_, this.difference⟩⟩ <;> rw [one]
        · exact mul_sub (a := u) ▸ n.1
        · exact mul_sub (a := u) ▸ n.2.1
        · exact near_diff (u := u) ▸ n.2.2

/-- Forms hold of near values, where their rest grows. -/
theorem FormsHold.near {u : α} {cs : List (List Int × List Int)} {r : PairBounds}
    {x x' y y' : List α} (h : FormsHold u cs r x y) (hn : Near u x x' y y') :
    FormsHold u cs (r.each (grow 1)) x' y' := by
  induction cs generalizing x x' y y' with
  | nil => exact hn.hold h
  | cons c cs ih =>
    obtain ⟨hl, w, hw, h⟩ := h
    have := hn.length
    exact ⟨by rw [this.1, this.2]; exact hl, w, hw, ih h (hn.peel w c.1 c.2)⟩

/-- Growing by one more. -/
theorem each_grow_succ (r : PairBounds) (n : Nat) :
    (r.each (grow n)).each (grow 1) = r.each (grow (n + 1)) := by
  have h : ∀ is : List Interval,
      eachBounds (grow 1) (eachBounds (grow n) is) = eachBounds (grow (n + 1)) is := by
    intro is
    induction is with
    | nil => rfl
    | cons i is ih =>
      show grow 1 (grow n i) :: eachBounds (grow 1) (eachBounds (grow n) is) = _
      rw [ih]
      rw [grow_grow, Nat.add_comm]
      rfl
  simp only [PairBounds.each, h]

/-- Growing by nothing. -/
theorem each_grow_zero (r : PairBounds) : r.each (grow 0) = r := by
  have h : ∀ is : List Interval, eachBounds (grow 0) is = is := by
    intro is
    induction is with
    | nil => rfl
    | cons i is ih =>
      show grow 0 i :: eachBounds (grow 0) is = _
      rw [ih, grow_zero]
  simp only [PairBounds.each, h]

/-- Forms of the images under two maps that commute with symbols up to rounding. -/
theorem FormsHold.map {u : α} {f g : List Int → List Int} {F G : List α → List α} {n : Nat}
    {r r' : PairBounds} (hlen : ∀ a x, a.length ≤ x.length → (f a).length ≤ (F x).length)
    (hlen' : ∀ b y, b.length ≤ y.length → (g b).length ≤ (G y).length)
    (hr : ∀ x y, x.length = n → y.length = n → r.Hold u x y → r'.Hold u (F x) (G y))
    (hn : ∀ (w : α) a b x y, -1 ≤ u * w ∧ u * w ≤ 1 → a.length ≤ x.length → b.length ≤ y.length →
      x.length = n → y.length = n →
      Near u (F (peel w a x)) (peel w (f a) (F x)) (G (peel w b y)) (peel w (g b) (G y)))
    {cs : List (List Int × List Int)} {x y : List α} (hx : x.length = n) (hy : y.length = n)
    (h : FormsHold u cs r x y) :
    FormsHold u (eachSymbol f g cs) (r'.each (grow (count cs))) (F x) (G y) := by
  induction cs generalizing x y with
  | nil =>
    show (r'.each (grow 0)).Hold u (F x) (G y)
    rw [each_grow_zero]
    exact hr x y hx hy h
  | cons c cs ih =>
    obtain ⟨hl, w, hw, h⟩ := h
    have ih := ih (by rw [length_peel, hx]) (by rw [length_peel, hy]) h
    refine ⟨⟨hlen _ _ hl.1, hlen' _ _ hl.2⟩, w, hw, ?_⟩
    have := ih.near (hn w c.1 c.2 x y hw hl.1 hl.2 hx hy)
    rwa [each_grow_succ] at this

end PyOrch
