import PyOrch.Net.DualBack

/-!
# The bounds of the steps hold

Those before the activations, from intervals and from the relaxation of the steps before; so `back`
may use them, and the bounds of the outputs that it yields hold.
-/

namespace PyOrch

universe u
variable {α : Type u} [OrderedField α] {β : Type}

/-! ## Tighter bounds -/

/-- The coefficient at an index. -/
theorem rowDot_unitRow_succ (c : Int) (n : Nat) (v : α) (vs : List α) :
    rowDot (unitRow c (n + 1)) (v :: vs) = rowDot (unitRow c n) vs := by
  have h : rowDot (unitRow c (n + 1)) (v :: vs) = ((Int.ofNat 0 : Int) : α) * v
    + rowDot (unitRow c n) vs := rfl
  have zero : ((Int.ofNat 0 : Int) : α) = 0 := intCast_zero
  rw [h, zero, Lean.Grind.Semiring.zero_mul, Lean.Grind.AddCommMonoid.zero_add]

/-- The coefficient of the first value. -/
theorem rowDot_unitRow_zero (c : Int) (v : α) (vs : List α) :
    rowDot (unitRow c 0) (v :: vs) = (c : α) * v := by
  have h : rowDot (unitRow c 0) (v :: vs) = (c : α) * v + rowDot [] vs := rfl
  rw [h, rowDot_nil, Lean.Grind.Semiring.add_zero]

private theorem mul_left_comm {c u v : α} : c * (u * v) = u * (c * v) := by grind

private theorem mul_mul_sub {c u v w : α} : c * (u * (v - w)) = u * (c * v + -c * w) := by grind

/-- `cutDown` keeps what both bound. -/
theorem Interval.Holds.cutDown {bound : Int → Int} {z : Interval} {v : α} (h : z.Holds v)
    (hb : ∀ c : Int, (c : α) * v ≤ ((bound c : Int) : α)) : (cutDown bound z).Holds v := by
  have h₁ := hb (.negSucc 0)
  have h₂ := hb (.ofNat 1)
  have e₁ : ((Int.negSucc 0 : Int) : α) = -1 := by
    rw [show Int.negSucc 0 = -1 from rfl, intCast_neg, intCast_one]
  have e₂ : ((Int.ofNat 1 : Int) : α) = 1 := intCast_one
  rw [e₁, Lean.Grind.Ring.neg_mul, Lean.Grind.Semiring.one_mul] at h₁
  rw [e₂, Lean.Grind.Semiring.one_mul] at h₂
  simp only [PyOrch.cutDown, fastMax_eq, fastMin_eq, fastNeg_eq]
  exact ⟨intCast_max_le h.1 (by rw [intCast_neg]; exact Lean.Grind.OrderedAdd.neg_le_iff.1 h₁),
    le_intCast_min h.2 h₂⟩

/-- `cutDownOpen` keeps bounds. -/
theorem allHold_cutDownOpen {unit : Nat} {bound : Nat → Int → Int} {zs : List Interval}
    {z : List α} (h : AllHold (unit : α) zs z) (n : Nat)
    (hb : ∀ j c, (unit : α) * rowDot (unitRow c j) z ≤ ((bound (n + j) c : Int) : α)) :
    AllHold (unit : α) (cutDownOpen bound zs n) z := by
  induction zs generalizing z n with
  | nil => match z, h with
    | [], _ => trivial
  | cons i is ih => match z, h with
    | v :: vs, h =>
      refine ⟨?_, ih h.2 (n + 1) fun j c => ?_⟩
      · cases isOpen i
        · exact h.1
        · refine h.1.cutDown fun c => ?_
          have := hb 0 c
          rw [rowDot_unitRow_zero] at this
          rwa [mul_left_comm]
      · have := hb (j + 1) c
        rw [rowDot_unitRow_succ] at this
        rwa [show n + 1 + j = n + (j + 1) by omega]

/-- `cutDownDiff` keeps bounds. -/
theorem allHoldDiff_cutDownDiff {unit : Nat} {bound : Nat → Int → Int} {δs ts ss : List Interval}
    {t s : List α} (h : AllHoldDiff (unit : α) δs t s) (ht : AllHold (unit : α) ts t)
    (hs : AllHold (unit : α) ss s) (n : Nat)
    (hb : ∀ j c, (unit : α) * (rowDot (unitRow c j) t + rowDot (unitRow (fastNeg c) j) s)
      ≤ ((bound (n + j) c : Int) : α)) :
    AllHoldDiff (unit : α) (cutDownDiff bound δs n ts ss) t s := by
  induction δs generalizing ts ss t s n with
  | nil => match t, s, h with
    | [], [], _ => trivial
  | cons δ δs ih => match t, s, ts, ss, h, ht, hs with
    | v :: t, w :: s, i :: ts, j :: ss, h, ht, hs =>
      have hi : (⟨fastMax δ.lo (fastSub i.lo j.hi), fastMin δ.hi (fastSub i.hi j.lo)⟩
          : Interval).Holds ((unit : α) * (v - w)) := by
        rw [fastMax_eq, fastMin_eq, fastSub_eq, fastSub_eq]
        refine h.1.inter (y := i.sub j) ?_
        rw [mul_sub]
        exact ht.1.sub hs.1
      refine ⟨?_, ih h.2 ht.2 hs.2 (n + 1) fun k c => ?_⟩
      · cases isOpen i || isOpen j
        · exact hi
        · refine hi.cutDown fun c => ?_
          have := hb 0 c
          rw [rowDot_unitRow_zero, rowDot_unitRow_zero, fastNeg_eq, intCast_neg] at this
          rwa [mul_mul_sub]
      · have := hb (k + 1) c
        rw [rowDot_unitRow_succ, rowDot_unitRow_succ] at this
        rwa [show n + 1 + k = n + (k + 1) by omega]

namespace LayerOps
variable {ops : LayerOps β}

/-! ## Bounds before the activations -/

/-- `before` bounds a layer's pre-activations. -/
theorem allHold_before (h : Lawful.{u} ops) {unit : Nat} (hu : 0 < unit) {L : β} (hL : ops.Fine L)
    {is : List Interval} {x : List α} (hx : AllHold (unit : α) is x) :
    AllHold (unit : α) (ops.before unit L is) (ops.pre L x) := by
  have hden : 0 < ops.den L := by rw [h.den_eq]; exact hL.1
  rw [before, fastAffine_eq hu hden, h.rows_eq, h.bias_eq, h.den_eq]
  exact allHold_affineBounds hu hL.1 _ _ hx

/-- `beforePair` bounds the pre-activations of two layers. -/
theorem hold_beforePair (h : Lawful.{u} ops) {unit : Nat} (hu : 0 < unit) {T S : β}
    (hT : ops.Fine T) (hS : ops.Fine S) (hp : ops.pairs T S = true) {b : PairBounds}
    {x y : List α} (hb : b.Hold (unit : α) x y) :
    (ops.beforePair unit T S b).Hold (unit : α) (ops.pre T x) (ops.pre S y) := by
  have hp' := h.pairs_of_pairs T S hp
  simp only [Layer.pairs, Bool.and_eq_true] at hp'
  obtain ⟨⟨⟨_, h₂⟩, h₁⟩, h₃⟩ := hp'
  have ht := allHold_before h hu hT hb.teacher
  have hs := allHold_before h hu hS hb.student
  have hk := commonFactors_spec hT.1 hS.1
  have hk' := commonFactors_spec hS.1 hT.1
  have hk₂ : 0 < (commonFactors (ops.toLayer T).den (ops.toLayer S).den).2 := by
    refine Nat.pos_of_ne_zero fun h0 => ?_
    have e := hk.1
    rw [h0, Nat.zero_mul] at e
    have := Nat.mul_pos hk.2 hT.1
    omega
  refine ⟨ht, hs, ?_⟩
  simp only [beforePair]
  rw [h.den_eq, h.den_eq, fastAffineDiff_eq hu (Nat.mul_pos hk.2 hT.1), h.rows_eq,
    h.diffRows_eq _ _ _ _ _ hk.2 hk₂ hp, h.bias_eq, h.bias_eq]
  exact allHoldDiff_affineDiffBounds hu hT.1 hS.1 hk.1 hk.2 hb.difference hb.student
    _ _ _ _ _ _ h₁ h₂ h₃ ht hs

variable {i : Inputs} {x : List α} {steps : List (DualStep β)}

/-- `teacherTop` is an upper bound. -/
theorem le_teacherTop (h : Lawful.{u} ops) (hu : 0 < i.unit) (hi : 0 < i.den)
    (hx : AllHold (i.den : α) i.box x) (hs : ops.Hold i.unit steps x) {T : β} (hT : ops.Fine T)
    (n : Nat) (c : Int) :
    (i.unit : α) * rowDot (unitRow c n) (ops.pre T (ops.values steps x).1)
      ≤ ((ops.teacherTop i steps T n c : Int) : α) := by
  have hden : 0 < ops.den T := by rw [h.den_eq]; exact hT.1
  have h₁ := le_through h i.unit hT Nat.one_pos (unitRow c n) (ops.values steps x).1
  have h₂ := le_back h hu hi hx hs [] (ops.combine T (unitRow c n)) hden [] Nat.one_pos
  have one : ((1 : Nat) : α) = 1 := Lean.Grind.Semiring.natCast_one
  rw [Nat.mul_one, one] at h₁
  rw [rowDot_nil] at h₂
  rw [teacherTop, fastAdd_eq, intCast_add]
  generalize rowDot (ops.combine T (unitRow c n)) (ops.values steps x).1 / (ops.den T : α) = r at *
  grind

/-- `studentTop` is an upper bound. -/
theorem le_studentTop (h : Lawful.{u} ops) (hu : 0 < i.unit) (hi : 0 < i.den)
    (hx : AllHold (i.den : α) i.box x) (hs : ops.Hold i.unit steps x) {S : β} (hS : ops.Fine S)
    (n : Nat) (c : Int) :
    (i.unit : α) * rowDot (unitRow c n) (ops.pre S (ops.values steps x).2)
      ≤ ((ops.studentTop i steps S n c : Int) : α) := by
  have hden : 0 < ops.den S := by rw [h.den_eq]; exact hS.1
  have h₁ := le_through h i.unit hS Nat.one_pos (unitRow c n) (ops.values steps x).2
  have h₂ := le_back h hu hi hx hs [] [] Nat.one_pos (ops.combine S (unitRow c n)) hden
  have one : ((1 : Nat) : α) = 1 := Lean.Grind.Semiring.natCast_one
  rw [Nat.mul_one, one] at h₁
  rw [rowDot_nil] at h₂
  rw [studentTop, fastAdd_eq, intCast_add]
  generalize rowDot (ops.combine S (unitRow c n)) (ops.values steps x).2 / (ops.den S : α) = r at *
  grind

/-- `pairTop` is an upper bound. -/
theorem le_pairTop (h : Lawful.{u} ops) (hu : 0 < i.unit) (hi : 0 < i.den)
    (hx : AllHold (i.den : α) i.box x) (hs : ops.Hold i.unit steps x) {T S : β} (hT : ops.Fine T)
    (hS : ops.Fine S) (n : Nat) (c : Int) :
    (i.unit : α) * (rowDot (unitRow c n) (ops.pre T (ops.values steps x).1)
        + rowDot (unitRow (fastNeg c) n) (ops.pre S (ops.values steps x).2))
      ≤ ((ops.pairTop i steps T S n c : Int) : α) := by
  have hden : 0 < ops.den T := by rw [h.den_eq]; exact hT.1
  have hden' : 0 < ops.den S := by rw [h.den_eq]; exact hS.1
  have h₁ := le_through h i.unit hT Nat.one_pos (unitRow c n) (ops.values steps x).1
  have h₁' := le_through h i.unit hS Nat.one_pos (unitRow (fastNeg c) n) (ops.values steps x).2
  have h₂ := le_back h hu hi hx hs [] (ops.combine T (unitRow c n)) hden
    (ops.combine S (unitRow (fastNeg c) n)) hden'
  have one : ((1 : Nat) : α) = 1 := Lean.Grind.Semiring.natCast_one
  rw [Nat.mul_one, one] at h₁ h₁'
  rw [pairTop, fastAdd_eq, fastAdd_eq, intCast_add, intCast_add]
  generalize rowDot (ops.combine T (unitRow c n)) (ops.values steps x).1 / (ops.den T : α) = r at *
  generalize rowDot (ops.combine S _) (ops.values steps x).2 / (ops.den S : α) = r' at *
  grind

end LayerOps

end PyOrch
