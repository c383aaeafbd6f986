import PyOrch.Net.DualFormsSound

/-!
# Affine forms: new symbols, and layers of neurons

Forms of values of which only bounds are known, of sums, and of what a ReLU makes of values with
forms.
-/

namespace PyOrch

universe u
variable {α : Type u} [OrderedField α]

private theorem mul_add {u v w : α} : u * (v + w) = u * v + u * w :=
  Lean.Grind.Semiring.left_distrib u v w

private theorem distrib_sub {u v w p q : α} :
    u * ((v + p) - (w + q)) = u * (v - w) + u * (p - q) := by grind

/-! ## New symbols -/

/-- What is as far from `m` as `r` at most is `m` and a part of `r`. -/
private theorem exists_part_of_absLE {m r v : α} (hv : AbsLE (v - m) r) :
    ∃ p : α, (-1 ≤ p ∧ p ≤ 1) ∧ v = m + r * p := by
  by_cases h0 : r = 0
  · refine ⟨0, AbsLE.zero (Std.le_of_lt Lean.Grind.OrderedRing.zero_lt_one), ?_⟩
    obtain ⟨h₁, h₂⟩ := hv
    grind
  · have hpos : 0 < r := Std.lt_of_le_of_ne hv.nonneg (Ne.symm h0)
    refine ⟨(v - m) / r, ⟨(le_div_iff hpos).2 ?_, (div_le_iff hpos).2 ?_⟩, ?_⟩
    · rw [Lean.Grind.Ring.neg_mul, Lean.Grind.Semiring.one_mul]
      exact hv.1
    · rw [Lean.Grind.Semiring.one_mul]
      exact hv.2
    · rw [mul_div_cancel hpos, Lean.Grind.AddCommMonoid.add_comm,
        Lean.Grind.AddCommGroup.sub_add_cancel]

private theorem absLE_of_middle {m r lo hi v : α} (hm : (1 + 1) * m ≤ lo + hi) (hr : r = hi - m)
    (hlo : lo ≤ v) (hhi : v ≤ hi) : AbsLE (v - m) r := by
  constructor <;> grind

/-- A value between bounds is the middle and a part of the radius. -/
theorem exists_part {z : Interval} {v : α} (h : z.Holds v) :
    ∃ p : α, (-1 ≤ p ∧ p ≤ 1) ∧ v = (middle z : α) + (radius z : α) * p := by
  have hm : middle z = (z.lo + z.hi) / 2 := by
    rw [middle, fastFloor_eq (by decide), fastAdd_eq]; rfl
  have hr : radius z = z.hi - middle z := by rw [radius, fastSub_eq]
  have h₁ := intCast_le (α := α) (show 2 * middle z ≤ z.lo + z.hi by clear h hr; omega)
  have two : ((2 : Int) : α) = 1 + 1 := by
    rw [show (2 : Int) = 1 + 1 from rfl, intCast_add, intCast_one]
  rw [intCast_mul, intCast_add, two] at h₁
  exact exists_part_of_absLE
    (absLE_of_middle h₁ (hr ▸ intCast_sub (α := α) z.hi (middle z)) h.1 h.2)

/-- Forms of the values after the first are forms of all. -/
theorem FormsHold.consZeros {u : α} {cs : List (List Int × List Int)} {r : PairBounds}
    {x y : List α} (h : FormsHold u cs r x y) {t s δ : Interval} {v w : α}
    (ht : t.Holds (u * v)) (hs : s.Holds (u * w)) (hδ : δ.Holds (u * (v - w))) :
    FormsHold u (consZeros cs) (r.cons t s δ) (v :: x) (w :: y) := by
  induction cs generalizing x y with
  | nil => exact ⟨⟨ht, h.teacher⟩, ⟨hs, h.student⟩, ⟨hδ, h.difference⟩⟩
  | cons c cs ih =>
    obtain ⟨hl, p, hp, h⟩ := h
    refine ⟨⟨Nat.succ_le_succ hl.1, Nat.succ_le_succ hl.2⟩, p, hp, ?_⟩
    have zero : ∀ cs : List Int, ((headInt (.ofNat 0 :: cs) : Int) : α) = 0 := fun _ => intCast_zero
    have e : ∀ (v : α) (cs : List Int) (x : List α),
        peel p (.ofNat 0 :: cs) (v :: x) = v :: peel p cs x := by
      intro v cs x
      rw [peel, zero]
      congr 1
      grind
    show FormsHold u (PyOrch.consZeros cs) _ (peel p (.ofNat 0 :: c.1) (v :: x))
      (peel p (.ofNat 0 :: c.2) (w :: y))
    rw [e, e]
    exact ih h

/-- What symbols leave of the first value. -/
theorem peel_singleton (w : α) (c : Int) (v : α) (x : List α) :
    peel w [c] (v :: x) = (v - (c : α) * w) :: x := by
  show (v - (c : α) * w) :: peel w [] x = _
  rw [peel_nil]

private theorem take_part {u v m r p : α} (h : u * v = m + r * (u * p)) :
    u * (v - r * p) = m := by grind

private theorem take_difference {u v w m r p d s q : α} (h : u * v = m + r * (u * p))
    (hd : u * (v - w) = d + s * (u * q)) : u * (w - r * p - -s * q) = m - d := by grind

private theorem take_both {u a b m d : α} (ha : u * a = m) (hb : u * b = m - d) :
    u * (a - b) = d := by
  rw [mul_sub, ha, hb]
  clear ha hb
  grind

/-- A new value with symbols of its own. -/
theorem FormsHold.consSymbol {u : α} (hu : 0 < u) {f : Forms} {x y : List α}
    (h : FormsHold u f.symbols f.rest x y) {t δ : Interval} {v w : α} (ht : t.Holds (u * v))
    (hδ : δ.Holds (u * (v - w))) :
    FormsHold u (f.consSymbol t δ).symbols (f.consSymbol t δ).rest (v :: x) (w :: y) := by
  -- symbols are parts over `u`
  have part : ∀ p : α, ∃ q, p = u * q := fun p => ⟨p / u, (mul_div_cancel hu).symm⟩
  obtain ⟨p, hp, ev⟩ := exists_part ht
  obtain ⟨p, rfl⟩ := part p
  have hl : ∀ (c : Int) (v : α) (x : List α), [c].length ≤ (v :: x).length := fun _ _ _ =>
    Nat.succ_le_succ (Nat.zero_le _)
  have one : ∀ (c : Int) (v : α), v = (c : α) → (point c).Holds v := fun c v h =>
    h ▸ ⟨Std.le_refl _, Std.le_refl _⟩
  unfold Forms.consSymbol
  cases hz : isZeroPoint δ
  · obtain ⟨q, hq, ed⟩ := exists_part hδ
    obtain ⟨q, rfl⟩ := part q
    refine ⟨⟨hl _ _ _, hl _ _ _⟩, p, hp, ?_⟩
    refine ⟨⟨Nat.zero_le _, by rw [length_peel]; exact hl _ _ y⟩, q, hq, ?_⟩
    simp only [peel_singleton, peel_nil]
    refine h.consZeros (one _ _ ?_) (one _ _ ?_) (one _ _ ?_)
    all_goals clear h ht hδ hp hq hl one hz hu part
    · exact take_part ev
    · rw [fastSub_eq, intCast_sub, fastNeg_eq, intCast_neg]
      exact take_difference ev ed
    · rw [fastNeg_eq, intCast_neg]
      exact take_both (take_part ev) (take_difference ev ed)
  · simp only [isZeroPoint, Bool.and_eq_true] at hz
    have h₁ := hδ.1
    have h₂ := hδ.2
    rw [eq_zero_of_isZero hz.1, intCast_zero] at h₁
    rw [eq_zero_of_isZero hz.2, intCast_zero] at h₂
    have same := Std.le_antisymm h₂ h₁
    refine ⟨⟨hl _ _ _, hl _ _ _⟩, p, hp, ?_⟩
    simp only [peel_singleton]
    refine h.consZeros (one _ _ ?_) (one _ _ ?_) (one _ _ (Eq.trans ?_ intCast_zero.symm))
    all_goals clear h ht hδ hp hl one hz hu part h₁ h₂
    all_goals rw [mul_sub] at same
    all_goals have same := Lean.Grind.AddCommGroup.sub_eq_zero_iff.1 same
    all_goals have same := take_part (same.symm.trans ev)
    · exact take_part ev
    · exact same
    · rw [mul_sub, take_part ev, same, Lean.Grind.AddCommGroup.sub_self]

/-- `noise` describes values by their bounds. -/
theorem formsHold_noise {u : α} (hu : 0 < u) {t s δ : List Interval} {x y : List α}
    (h : PairBounds.Hold ⟨t, s, δ⟩ u x y) (mask : Nat) :
    FormsHold u (noise t s δ mask).symbols (noise t s δ mask).rest x y := by
  induction t generalizing s δ x y mask with
  | nil => match x, s, y, δ, h with
    | [], [], [], [], _ => exact ⟨trivial, trivial, trivial⟩
    | [], [], [], _ :: _, h => exact h.difference.elim
    | [], [], _ :: _, _, h => exact h.student.elim
    | [], _ :: _, [], _, h => exact h.student.elim
    | [], _ :: _, _ :: _, [], h => exact h.difference.elim
    | [], _ :: _, _ :: _, _ :: _, h => exact h.difference.elim
    | _ :: _, _, _, _, h => exact h.teacher.elim
  | cons t ts ih => match x, s, y, δ, h with
    | [], _, _, _, h => exact h.teacher.elim
    | _ :: _, [], [], [], h => exact h.difference.elim
    | _ :: _, [], [], _ :: _, h => exact h.difference.elim
    | _ :: _, [], _ :: _, _, h => exact h.student.elim
    | _ :: _, _ :: _, [], _, h => exact h.student.elim
    | _ :: _, _ :: _, _ :: _, [], h => exact h.difference.elim
    | v :: x, s :: ss, w :: y, δ :: δs, h =>
      have ih := ih ⟨h.teacher.2, h.student.2, h.difference.2⟩ (Nat.div mask 2)
      have e : noise (t :: ts) (s :: ss) (δ :: δs) mask
        = bif Nat.beq (Nat.mod mask 2) 1 then (noise ts ss δs (Nat.div mask 2)).consSymbol t δ
          else ⟨consZeros (noise ts ss δs (Nat.div mask 2)).symbols,
            (noise ts ss δs (Nat.div mask 2)).rest.cons t s δ⟩ := rfl
      rw [e]
      cases Nat.beq (Nat.mod mask 2) 1
      · exact ih.consZeros h.teacher.1 h.student.1 h.difference.1
      · exact ih.consSymbol hu h.teacher.1 h.difference.1

/-! ## Sums -/

/-- The sums entry by entry. -/
noncomputable def addEach : List α → List α → List α
  | x :: xs, y :: ys => (x + y) :: addEach xs ys
  | _, _ => []

/-- There are as many sums as values, where there are equally many. -/
theorem length_addEach {x y : List α} (h : x.length = y.length) :
    (addEach x y).length = x.length := by
  induction x generalizing y with
  | nil => rfl
  | cons x xs ih => match y, h with
    | y :: ys, h => exact congrArg Nat.succ (ih (Nat.succ.inj h))

/-- Symbols of the first values leave the second ones alone. -/
theorem peel_addEach (w : α) (a : List Int) (x g : List α) :
    peel w a (addEach x g) = addEach (peel w a x) g ∧
      peel w a (addEach x g) = addEach x (peel w a g) := by
  induction x generalizing a g with
  | nil => cases g <;> exact ⟨rfl, rfl⟩
  | cons v x ih => match g with
    | [] => exact ⟨rfl, rfl⟩
    | k :: g =>
      have ih := ih (tailInts a) g
      simp only [addEach, peel]
      constructor
      · rw [ih.1]; congr 1; grind
      · rw [ih.2]; congr 1; grind

/-- Sums of bounds. -/
theorem AllHold.addEach {u : α} {is js : List Interval} {x g : List α} (h : AllHold u is x)
    (hg : AllHold u js g) :
    AllHold u (zipRec [] (fun x y rest => plus x y :: rest) is js) (addEach x g)  := by
  induction is generalizing js x g with
  | nil => match x, h with
    | [], _ => trivial
  | cons i is ih => match x, h, js, g, hg with
    | v :: x, _, [], [], _ => trivial
    | v :: x, h, j :: js, k :: g, hg =>
      refine ⟨?_, ih h.2 hg.2⟩
      have h₁ := h.1
      have h₂ := hg.1
      simp only [Interval.Holds, plus, fastAdd_eq, intCast_add, mul_add] at *
      exact ⟨Lean.Grind.OrderedAdd.add_le_add h₁.1 h₂.1, Lean.Grind.OrderedAdd.add_le_add h₁.2 h₂.2⟩

/-- Sums of bounds of differences. -/
theorem AllHoldDiff.addEach {u : α} {is js : List Interval} {x y g k : List α}
    (h : AllHoldDiff u is x y) (hg : AllHoldDiff u js g k) :
    AllHoldDiff u (zipRec [] (fun x y rest => plus x y :: rest) is js) (PyOrch.addEach x g)
      (PyOrch.addEach y k) := by
  induction is generalizing js x y g k with
  | nil => match x, y, h with
    | [], [], _ => trivial
  | cons i is ih => match x, y, h, js, g, k, hg with
    | v :: x, w :: y, _, [], [], [], _ => trivial
    | v :: x, w :: y, h, j :: js, p :: g, q :: k, hg =>
      refine ⟨?_, ih h.2 hg.2⟩
      have h₁ := h.1
      have h₂ := hg.1
      simp only [Interval.Holds, plus, fastAdd_eq, intCast_add, distrib_sub] at *
      exact ⟨Lean.Grind.OrderedAdd.add_le_add h₁.1 h₂.1, Lean.Grind.OrderedAdd.add_le_add h₁.2 h₂.2⟩

/-- Forms of sums with values of which bounds are known. -/
theorem FormsHold.addBounds {u : α} {cs : List (List Int × List Int)} {r n : PairBounds}
    {x y g k : List α} (h : FormsHold u cs r x y) (hn : n.Hold u g k)
    (hx : x.length = g.length) (hy : y.length = k.length) :
    FormsHold u cs (r.zip plus n) (addEach x g) (addEach y k) := by
  induction cs generalizing x y with
  | nil => exact ⟨h.teacher.addEach hn.teacher, h.student.addEach hn.student,
      h.difference.addEach hn.difference⟩
  | cons c cs ih =>
    obtain ⟨hl, w, hw, h⟩ := h
    have lx : (addEach x g).length = x.length := length_addEach hx
    have ly : (addEach y k).length = y.length := length_addEach hy
    refine ⟨by rw [lx, ly]; exact hl, w, hw, ?_⟩
    rw [(peel_addEach w c.1 x g).1, (peel_addEach w c.2 y k).1]
    exact ih h (by rw [length_peel, hx]) (by rw [length_peel, hy])

/-- Forms of sums. -/
theorem FormsHold.plus {u : α} {cs ns : List (List Int × List Int)} {r n : PairBounds}
    {x y g k : List α} (h : FormsHold u cs r x y) (hn : FormsHold u ns n g k)
    (hx : x.length = g.length) (hy : y.length = k.length) :
    FormsHold u (bothSymbols ns cs) (r.zip PyOrch.plus n) (addEach x g) (addEach y k) := by
  induction ns generalizing g k with
  | nil => exact h.addBounds hn hx hy
  | cons c ns ih =>
    obtain ⟨hl, w, hw, hn⟩ := hn
    have lx : (addEach x g).length = g.length := (length_addEach hx).trans hx
    have ly : (addEach y k).length = k.length := (length_addEach hy).trans hy
    refine ⟨by rw [lx, ly]; exact hl, w, hw, ?_⟩
    rw [(peel_addEach w c.1 x g).2, (peel_addEach w c.2 y k).2]
    exact ih hn (by rw [length_peel, hx]) (by rw [length_peel, hy])

end PyOrch
