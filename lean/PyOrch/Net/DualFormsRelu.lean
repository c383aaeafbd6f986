import PyOrch.Net.DualFormsNoise

/-!
# Affine forms through a layer of neurons

A ReLU is `λ` times its argument and a gap, whatever `λ` is: forms of the multiple, and new symbols
or a larger rest for the gap.
-/

namespace PyOrch

universe u
variable {α : Type u} [OrderedField α]

/-! ## Arithmetic -/

private theorem sub_sub_div {u k x c c' w : α} :
    u * (k * x / u - c' * w - k * (x - c * w) / u) = u * w * (k * c / u - c') := by grind

private theorem sub_mul_self {u k r x : α} :
    u * (r - k * x / u) * u = u * (u * r) - k * (u * x) := by grind

private theorem sub_sub_mul_self {u k r r' x y : α} :
    u * ((r - k * x / u) - (r' - k * y / u)) * u
      = u * (u * r) - u * (u * r') - k * (u * x) + k * (u * y) := by grind

private theorem div_sub_div_mul {u k x y : α} :
    u * (k * (x - y) / u) = u * (k * x / u - k * y / u) := by grind

private theorem neg_le_of_neg {u k r x g : α} (h : -u * r - -k * x ≤ g) :
    -g ≤ u * r - k * x := by grind

private theorem neg_le_of_neg_pair {u k r r' x y g : α}
    (h : -u * r + u * r' - -k * x - k * y ≤ g) : -g ≤ u * r - u * r' - k * x + k * y := by grind

private theorem pair_le {u k r r' x y g : α} (h : u * r + -u * r' - k * x - -k * y ≤ g) :
    u * r - u * r' - k * x + k * y ≤ g := by grind

private theorem relu_eval_of_nonpos {x : α} (h : x ≤ 0) : Activation.relu.eval x = 0 := by
  simp only [Activation.eval]
  split <;> grind

/-! ## Rounding -/

/-- A quotient rounded down is at most one less. -/
theorem fastFloor_bounds {n : Nat} (hn : 0 < n) (z : Int) :
    ((fastFloor n z : Int) : α) ≤ (z : α) / n ∧ (z : α) / n ≤ ((fastFloor n z : Int) : α) + 1 := by
  have hn' := natCast_pos (α := α) hn
  have h₁ := intCast_le (α := α) (Int.ediv_mul_le z (show (n : Int) ≠ 0 by omega))
  have h₂ := intCast_le (α := α)
    (Int.le_of_lt (Int.lt_ediv_add_one_mul_self z (show (0 : Int) < n by omega)))
  rw [fastFloor_eq hn]
  simp only [intCast_mul, intCast_add, intCast_one, intCast_natCast] at h₁ h₂
  exact ⟨(le_div_iff hn').2 h₁, (div_le_iff hn').2 h₂⟩

/-- What rounding changes, times a symbol. -/
theorem near_rounded {t e e' : α} (ht : -1 ≤ t ∧ t ≤ 1) (h : 0 ≤ e ∧ e ≤ 1) (h' : 0 ≤ e' ∧ e' ≤ 1) :
    (-1 ≤ t * e ∧ t * e ≤ 1) ∧ (-1 ≤ t * e' ∧ t * e' ≤ 1) ∧
      -1 ≤ t * e - t * e' ∧ t * e - t * e' ≤ 1 := by
  have key : ∀ {s : α}, AbsLE s 1 → AbsLE (t * s) 1 := fun hs =>
    (AbsLE.mul ht hs).congr rfl (Lean.Grind.Semiring.mul_one 1)
  have he := (AbsLE.of_nonneg h.1).mono h.2
  have he' := (AbsLE.of_nonneg h'.1).mono h'.2
  have hd : AbsLE (e - e') 1 := by clear key he he'; constructor <;> grind
  exact ⟨key he, key he', mul_sub (a := t) ▸ key hd⟩

/-! ## Multiples -/

/-- The values times their factors over `unit`. -/
noncomputable def scaled (unit : Nat) : List Nat → List α → List α
  | k :: ks, x :: xs => (k : α) * x / (unit : α) :: scaled unit ks xs
  | _, _ => []

/-- As many as there are factors. -/
theorem length_scaled (unit : Nat) {ks : List Nat} {x : List α} (h : x.length = ks.length) :
    (scaled unit ks x).length = x.length := by
  induction ks generalizing x with
  | nil => match x, h with
    | [], _ => rfl
  | cons k ks ih => match x, h with
    | x :: xs, h => exact congrArg Nat.succ (ih (Nat.succ.inj h))

/-- There are at most as many multiples of coefficients. -/
theorem length_scaleInts (unit : Nat) (ks : List Nat) (a : List Int) (x : List α)
    (h : a.length ≤ x.length) :
    (scaleInts unit ks a).length ≤ (scaled unit ks x).length := by
  induction ks generalizing a x with
  | nil => exact Nat.le_refl 0
  | cons k ks ih => match a, x, h with
    | [], _, _ => exact Nat.zero_le _
    | a :: as, x :: xs, h => exact Nat.succ_le_succ (ih as xs (Nat.le_of_succ_le_succ h))

section
variable {unit : Nat} (hu : 0 < unit)
include hu

/-- A multiple of a coefficient, rounded down. -/
theorem scaleDown_bounds (k : Nat) (c : Int) :
    0 ≤ (k : α) * c / unit - ((scaleDown unit k c : Int) : α) ∧
      (k : α) * c / unit - ((scaleDown unit k c : Int) : α) ≤ 1 := by
  have hu' := natCast_pos (α := α) hu
  unfold scaleDown
  cases h : Nat.beq k unit
  · have := fastFloor_bounds (α := α) hu (fastScale k c)
    simp only [fastScale_eq, intCast_mul, intCast_natCast] at this
    rw [cond_false]
    simp only [fastScale_eq]
    generalize (k : α) * c / unit = q at *
    obtain ⟨h₁, h₂⟩ := this
    clear hu hu' h
    constructor <;> grind
  · rw [Nat.beq_eq] at h
    rw [cond_true, h, mul_div_assoc, mul_div_cancel hu', Lean.Grind.AddCommGroup.sub_self]
    exact ⟨Std.le_refl 0, Std.le_of_lt Lean.Grind.OrderedRing.zero_lt_one⟩

/-- `scaleBounds` bounds a multiple. -/
theorem Interval.Holds.scaleBounds {z : Interval} {x : α} (h : z.Holds ((unit : α) * x))
    (k : Nat) : (PyOrch.scaleBounds unit k z).Holds ((unit : α) * ((k : α) * x / unit)) := by
  have hu' := natCast_pos (α := α) hu
  unfold PyOrch.scaleBounds
  cases hk : Nat.beq k unit
  · have h₁ := (fastFloor_bounds (α := α) hu (fastScale k z.lo)).1
    have h₂ := le_fastCeil (α := α) hu (fastScale k z.hi)
    have h₃ := (h.scale (.ofNat k)).1
    have h₄ := (h.scale (.ofNat k)).2
    have ek : ((Int.ofNat k : Int) : α) = k := intCast_ofNat k
    simp only [scale_natCast, ek] at h₃ h₄
    have e : (unit : α) * ((k : α) * x / unit) = (k : α) * (unit * x) / unit := by
      rw [mul_div_cancel hu', mul_div_assoc, mul_div_assoc, mul_div_cancel hu']
    rw [cond_false, e]
    simp only [Interval.Holds, fastScale_eq] at *
    refine ⟨Std.le_trans h₁ ?_, Std.le_trans ?_ h₂⟩
    · refine (le_div_iff hu').2 ?_
      rw [div_mul_cancel hu']
      exact h₃
    · refine (le_div_iff hu').2 ?_
      rw [div_mul_cancel hu']
      exact h₄
  · rw [Nat.beq_eq] at hk
    rw [cond_true, hk]
    rwa [mul_div_cancel hu']

/-- `scaleEach` bounds the multiples. -/
theorem AllHold.scaleEach {is : List Interval} {ks : List Nat} {x : List α}
    (h : AllHold (unit : α) is x) (hk : x.length = ks.length) :
    AllHold (unit : α) (PyOrch.scaleEach unit ks is) (scaled unit ks x) := by
  induction ks generalizing is x with
  | nil => match x, hk with
    | [], _ => trivial
  | cons k ks ih => match x, hk, is, h with
    | x :: xs, hk, i :: is, h => exact ⟨h.1.scaleBounds hu k, ih h.2 (Nat.succ.inj hk)⟩

/-- `scaleEach` bounds the multiples of differences. -/
theorem AllHoldDiff.scaleEach {is : List Interval} {ks : List Nat} {x y : List α}
    (h : AllHoldDiff (unit : α) is x y) (hk : x.length = ks.length) :
    AllHoldDiff (unit : α) (PyOrch.scaleEach unit ks is) (scaled unit ks x) (scaled unit ks y) := by
  induction ks generalizing is x y with
  | nil => match x, hk with
    | [], _ => trivial
  | cons k ks ih => match x, hk, is, y, h with
    | x :: xs, hk, i :: is, y :: ys, h =>
      refine ⟨?_, ih h.2 (Nat.succ.inj hk)⟩
      have := h.1.scaleBounds hu k
      rwa [div_sub_div_mul] at this

/-- Multiples of symbols, rounded, are near those of the values. -/
theorem near_scaled {ks : List Nat} {w : α} (hw : -1 ≤ (unit : α) * w ∧ (unit : α) * w ≤ 1)
    {a b : List Int} {x y : List α} (ha : a.length ≤ x.length) (hb : b.length ≤ y.length)
    (hx : x.length = ks.length) (hy : y.length = ks.length) :
    Near (unit : α) (scaled unit ks (peel w a x)) (peel w (scaleInts unit ks a) (scaled unit ks x))
      (scaled unit ks (peel w b y)) (peel w (scaleInts unit ks b) (scaled unit ks y)) := by
  have hu' := natCast_pos (α := α) hu
  have head : ∀ (k : Nat) (ks : List Nat) (a : List Int),
      (headInt (scaleInts unit (k :: ks) a) : α) = (scaleDown unit k (headInt a) : α) ∧
        tailInts (scaleInts unit (k :: ks) a) = scaleInts unit ks (tailInts a) := by
    intro k ks a
    cases a with
    | nil =>
      refine ⟨?_, by cases ks <;> rfl⟩
      show ((Int.ofNat 0 : Int) : α) = _
      congr 1
      show Int.ofNat 0 = bif Nat.beq k unit then Int.ofNat 0 else
        Int.ofNat (Nat.div (Nat.mul k 0) unit)
      have : Nat.div (Nat.mul k 0) unit = 0 := Nat.zero_div unit
      rw [this]
      cases Nat.beq k unit <;> rfl
    | cons c cs => exact ⟨rfl, rfl⟩
  have tail : ∀ (a : List Int) (x : List α) (v : α), a.length ≤ (v :: x).length →
      (tailInts a).length ≤ x.length := by
    intro a x v h
    cases a with
    | nil => exact Nat.zero_le _
    | cons c cs => exact Nat.le_of_succ_le_succ h
  induction ks generalizing a b x y with
  | nil => match x, y, hx, hy with
    | [], [], _, _ => trivial
  | cons k ks ih => match x, y, hx, hy with
    | x :: xs, y :: ys, hx, hy =>
      have ih := ih (tail _ _ _ ha) (tail _ _ _ hb) (Nat.succ.inj hx) (Nat.succ.inj hy)
      simp only [scaled, peel, head]
      refine ⟨?_, ih⟩
      have h₁ := scaleDown_bounds (α := α) hu k (headInt a)
      have h₂ := scaleDown_bounds (α := α) hu k (headInt b)
      have n := near_rounded hw h₁ h₂
      rw [sub_sub_div, sub_sub_div]
      exact n

/-! ## Gaps -/

/-- A neuron whose sign is known is a multiple. -/
theorem relu_eq_of_isLinear {k : Nat} {z : Interval} {x : α} (h : z.Holds ((unit : α) * x))
    (hl : isLinear unit k z = true) : Activation.relu.eval x - (k : α) * x / unit = 0 := by
  have hu' := natCast_pos (α := α) hu
  have zero := intCast_zero (α := α)
  unfold isLinear at hl
  cases h₀ : isNonneg z.lo
  · rw [h₀, cond_false, Bool.and_eq_true, Nat.beq_eq, isNonneg_iff, fastNeg_eq] at hl
    have h₁ := intCast_le (α := α) (show z.hi ≤ 0 by omega)
    have h₂ := h.2
    rw [zero] at h₁
    have hx : x ≤ 0 := Std.not_lt.1 fun hx =>
      Std.not_lt.2 (Std.le_trans h₂ h₁) (mul_pos hu' hx)
    rw [hl.1, Lean.Grind.Semiring.natCast_zero, relu_eval_of_nonpos hx]
    clear hu hu' h hl h₁ h₂ zero hx
    grind
  · rw [h₀, cond_true, Nat.beq_eq] at hl
    rw [isNonneg_iff] at h₀
    have h₁ := intCast_le (α := α) h₀
    have h₂ := h.1
    rw [zero] at h₁
    have hx : 0 ≤ x := le_of_mul_le_mul_right (c := (unit : α)) (by
      rw [Lean.Grind.Semiring.zero_mul, Lean.Grind.CommSemiring.mul_comm]
      exact Std.le_trans h₁ h₂) hu'
    rw [hl, mul_div_assoc, mul_div_cancel hu']
    simp only [Activation.eval, hx, if_true]
    exact Lean.Grind.AddCommGroup.sub_self x

/-- The gap of a neuron is within its bounds. -/
theorem holds_gapBounds {z : Interval} {x : α} (h : z.Holds ((unit : α) * x)) (k : Nat) :
    (gapBounds unit k z).Holds ((unit : α) * (Activation.relu.eval x - (k : α) * x / unit)) := by
  have hu' := natCast_pos (α := α) hu
  have h₁ := le_reluGap (.ofNat unit) (.ofNat k) h
  have h₂ := le_reluGap (fastNeg (.ofNat unit)) (fastNeg (.ofNat k)) h
  have f := (fastFloor_bounds (α := α) hu
    (fastNeg (reluGap (fastNeg (.ofNat unit)) (fastNeg (.ofNat k)) z))).1
  have c := le_fastCeil (α := α) hu (reluGap (.ofNat unit) (.ofNat k) z)
  have ek : ((Int.ofNat k : Int) : α) = k := intCast_ofNat k
  have eu : ((Int.ofNat unit : Int) : α) = unit := intCast_ofNat unit
  rw [relu_eval_mul] at h₁ h₂
  simp only [gapBounds, forceInt_eq]
  by_cases hl : isLinear unit k z = true
  · rw [hl, cond_true, relu_eq_of_isLinear hu h hl]
    exact holds_zero (Lean.Grind.Semiring.mul_zero _)
  rw [Bool.eq_false_iff.2 hl, cond_false]
  generalize reluGap (.ofNat unit) (.ofNat k) z = G at *
  generalize reluGap (fastNeg (.ofNat unit)) (fastNeg (.ofNat k)) z = G' at *
  simp only [Interval.Holds, fastNeg_eq, intCast_neg, ek, eu] at *
  refine ⟨Std.le_trans f ((div_le_iff hu').2 ?_), Std.le_trans ((le_div_iff hu').2 ?_) c⟩ <;>
    rw [sub_mul_self]
  · exact neg_le_of_neg h₂
  · exact h₁

/-- The difference of the gaps of two neurons is within its bounds. -/
theorem holds_pairGapBounds {t s δ : Interval} {x y : α} (ht : t.Holds ((unit : α) * x))
    (hs : s.Holds ((unit : α) * y)) (hδ : δ.Holds ((unit : α) * (x - y))) (k : Nat) :
    (pairGapBounds unit k t s δ).Holds ((unit : α) *
      ((Activation.relu.eval x - (k : α) * x / unit)
        - (Activation.relu.eval y - (k : α) * y / unit))) := by
  have hu' := natCast_pos (α := α) hu
  have hδ' : δ.Holds ((unit : α) * x - unit * y) := by
    rwa [mul_sub] at hδ
  have h₁ := le_pairGap (.ofNat unit) (fastNeg (.ofNat unit)) (.ofNat k) (fastNeg (.ofNat k))
    ht hs hδ'
  have h₂ := le_pairGap (fastNeg (.ofNat unit)) (.ofNat unit) (fastNeg (.ofNat k)) (.ofNat k)
    ht hs hδ'
  have f := (fastFloor_bounds (α := α) hu (fastNeg (pairGap (fastNeg (.ofNat unit)) (.ofNat unit)
    (fastNeg (.ofNat k)) (.ofNat k) t s δ))).1
  have c := le_fastCeil (α := α) hu (pairGap (.ofNat unit) (fastNeg (.ofNat unit)) (.ofNat k)
    (fastNeg (.ofNat k)) t s δ)
  have ek : ((Int.ofNat k : Int) : α) = k := intCast_ofNat k
  have eu : ((Int.ofNat unit : Int) : α) = unit := intCast_ofNat unit
  rw [relu_eval_mul, relu_eval_mul] at h₁ h₂
  simp only [pairGapBounds, forceInt_eq]
  by_cases hl : (isLinear unit k t && isLinear unit k s) = true
  · rw [hl, cond_true]
    rw [Bool.and_eq_true] at hl
    rw [relu_eq_of_isLinear hu ht hl.1, relu_eq_of_isLinear hu hs hl.2]
    exact holds_zero (by rw [Lean.Grind.AddCommGroup.sub_self, Lean.Grind.Semiring.mul_zero])
  rw [Bool.eq_false_iff.2 hl, cond_false]
  generalize pairGap (.ofNat unit) _ _ _ t s δ = G at *
  generalize pairGap (fastNeg (.ofNat unit)) _ _ _ t s δ = G' at *
  simp only [Interval.Holds, fastNeg_eq, intCast_neg, ek, eu] at *
  refine ⟨Std.le_trans f ((div_le_iff hu').2 ?_), Std.le_trans ((le_div_iff hu').2 ?_) c⟩ <;>
    rw [sub_sub_mul_self]
  · exact neg_le_of_neg_pair h₂
  · exact pair_le h₁

/-- The gaps of neurons. -/
noncomputable def gapsOf (unit : Nat) : List Nat → List α → List α
  | k :: ks, x :: xs => (Activation.relu.eval x - (k : α) * x / (unit : α)) :: gapsOf unit ks xs
  | _, _ => []

end

/-- There are as many gaps as factors. -/
theorem length_gapsOf (unit : Nat) {ks : List Nat} {x : List α} (h : x.length = ks.length) :
    (gapsOf unit ks x).length = x.length := by
  induction ks generalizing x with
  | nil => match x, h with
    | [], _ => rfl
  | cons k ks ih => match x, h with
    | x :: xs, h => exact congrArg Nat.succ (ih (Nat.succ.inj h))

/-- A ReLU is a multiple and a gap. -/
theorem addEach_scaled_gapsOf (unit : Nat) {ks : List Nat} {x : List α}
    (h : x.length = ks.length) :
    addEach (scaled unit ks x) (gapsOf unit ks x) = x.map Activation.relu.eval := by
  induction ks generalizing x with
  | nil => match x, h with
    | [], _ => rfl
  | cons k ks ih => match x, h with
    | x :: xs, h =>
      rw [scaled, gapsOf, addEach, ih (Nat.succ.inj h), List.map_cons]
      congr 1
      grind

/-- There is a factor for each neuron. -/
theorem length_chords {u : α} (unit : Nat) {ts : List Interval} {x : List α}
    (h : AllHold u ts x) : x.length = (chords unit ts).length := by
  induction ts generalizing x with
  | nil => match x, h with
    | [], _ => rfl
  | cons t ts ih => match x, h with
    | x :: xs, h => exact congrArg Nat.succ (ih h.2)

section
variable {unit : Nat} (hu : 0 < unit)
include hu

/-- `gapsBounds` bound the gaps. -/
theorem allHold_gapsBounds {ks : List Nat} {zs : List Interval} {x : List α}
    (h : AllHold (unit : α) zs x) (hk : x.length = ks.length) :
    AllHold (unit : α) (gapsBounds unit ks zs) (gapsOf unit ks x) := by
  induction ks generalizing zs x with
  | nil => match x, hk with
    | [], _ => trivial
  | cons k ks ih => match x, hk, zs, h with
    | x :: xs, hk, z :: zs, h => exact ⟨holds_gapBounds hu h.1 k, ih h.2 (Nat.succ.inj hk)⟩

/-- `pairGapsBounds` bound the differences of the gaps. -/
theorem allHoldDiff_pairGapsBounds {ks : List Nat} {ts ss δs : List Interval} {x y : List α}
    (ht : AllHold (unit : α) ts x) (hs : AllHold (unit : α) ss y)
    (hδ : AllHoldDiff (unit : α) δs x y) (hk : x.length = ks.length) :
    AllHoldDiff (unit : α) (pairGapsBounds unit ks ts ss δs) (gapsOf unit ks x)
      (gapsOf unit ks y) := by
  induction ks generalizing ts ss δs x y with
  | nil => match x, hk with
    | [], _ => trivial
  | cons k ks ih => match x, hk, ts, ht, δs, y, hδ, ss, hs with
    | x :: xs, hk, t :: ts, ht, δ :: δs, y :: ys, hδ, s :: ss, hs =>
      exact ⟨holds_pairGapBounds hu ht.1 hs.1 hδ.1 k, ih ht.2 hs.2 hδ.2 (Nat.succ.inj hk)⟩

/-- Forms after a ReLU. -/
theorem FormsHold.relu {f : Forms} {x y : List α}
    (h : FormsHold (unit : α) f.symbols f.rest x y) {z : PairBounds}
    (hz : z.Hold (unit : α) x y) (mask : Nat) :
    FormsHold (unit : α) (f.relu unit z mask).symbols (f.relu unit z mask).rest
      (x.map Activation.relu.eval) (y.map Activation.relu.eval) := by
  have hu' := natCast_pos (α := α) hu
  have hx := length_chords unit hz.teacher
  have same : ∀ {is : List Interval} {x y : List α}, AllHoldDiff (unit : α) is x y →
      y.length = x.length := by
    intro is
    induction is with
    | nil => intro x y h; match x, y, h with
      | [], [], _ => rfl
    | cons i is ih => intro x y h; match x, y, h with
      | x :: xs, y :: ys, h => exact congrArg Nat.succ (ih h.2)
  have hy := (same hz.difference).trans hx
  simp only [Forms.relu, forceNats_eq, forcePair_eq]
  generalize chords unit z.teacher = ks at *
  rw [← addEach_scaled_gapsOf unit hx, ← addEach_scaled_gapsOf unit hy]
  refine FormsHold.plus ?_ (formsHold_noise hu'
    ⟨allHold_gapsBounds hu hz.teacher hx, allHold_gapsBounds hu hz.student hy,
      allHoldDiff_pairGapsBounds hu hz.teacher hz.student hz.difference hx⟩ mask)
    (by rw [length_scaled _ hx, length_gapsOf _ hx])
    (by rw [length_scaled _ hy, length_gapsOf _ hy])
  refine FormsHold.map (n := ks.length) (length_scaleInts unit ks) (length_scaleInts unit ks)
    (fun x y hx hy hr => ⟨hr.teacher.scaleEach hu hx, hr.student.scaleEach hu hy,
      hr.difference.scaleEach hu hx⟩)
    (fun w a b x y hw ha hb hx hy => near_scaled hu hw ha hb hx hy) hx hy h

end

end PyOrch
