import PyOrch.Net.DualFormsRelu
import PyOrch.Net.DualHold

/-!
# Affine forms through the layers of two networks

Forms of the inputs of two layers that pair become forms of their pre-activations and, after the
activation, of their outputs; and where forms hold, their bounds do.
-/

namespace PyOrch

universe u
variable {α : Type u} [OrderedField α] {β : Type}

/-! ## Images of symbols -/

/-- `image` is made of inner products, rounded down. -/
theorem image_eq {ops : LayerOps β} (h : LayerOps.Lawful.{u} ops) (L : β) (c : List Int) :
    ops.image L c
      = (ops.toLayer L).weights.map fun row => fastFloor (ops.toLayer L).den (dotInts row c) := by
  rw [LayerOps.image, h.dots_eq, h.den_eq]
  generalize (ops.toLayer L).weights = rows
  induction rows with
  | nil => rfl
  | cons row rows ih =>
    rw [List.map_cons, ← ih]
    rfl

private theorem eq_sub_zero_mul {x w : α} : x = x - 0 * w := by grind

private theorem mul_sub_add_sub {c x a w r d : α} :
    c * (x - a * w) + (r - d * w) = c * x + r - (c * a + d) * w := by grind

private theorem sub_mem {p q : α} (h : q ≤ p ∧ p ≤ q + 1) : 0 ≤ p - q ∧ p - q ≤ 1 := by grind

private theorem affine_sub {u w s d p r c : α} : u * w * (s / d - p)
    = u * ((r + c) / d - p * w - (r - s * w + c) / d) := by grind

/-- The inner product with what symbols leave. -/
theorem rowDot_peel (row : List Int) {a : List Int} {x : List α} (h : a.length ≤ x.length)
    (w : α) : rowDot row (peel w a x) = rowDot row x - (dotInts row a : α) * w := by
  have zero : ((Int.ofNat 0 : Int) : α) = 0 := intCast_zero
  have none : ∀ row : List Int, dotInts row [] = Int.ofNat 0 := fun row => by cases row <;> rfl
  induction row generalizing a x with
  | nil =>
    have : dotInts [] a = Int.ofNat 0 := rfl
    rw [this, zero, rowDot_nil, rowDot_nil]
    exact eq_sub_zero_mul
  | cons c cs ih => match x, a, h with
    | [], [], _ =>
      rw [none, zero, peel, rowDot_nil_right]
      exact eq_sub_zero_mul
    | x :: xs, [], _ =>
      rw [none, zero, peel_nil]
      exact eq_sub_zero_mul
    | x :: xs, a :: as, h =>
      have ih := ih (a := as) (x := xs) (Nat.le_of_succ_le_succ h)
      have e : dotInts (c :: cs) (a :: as) = fastAdd (fastMul c a) (dotInts cs as) := rfl
      show (c : α) * (x - (a : α) * w) + rowDot cs (peel w as xs) = _
      rw [ih, e, fastAdd_eq, fastMul_eq, intCast_add, intCast_mul, rowDot]
      exact mul_sub_add_sub

/-- Images of symbols, rounded, are near those of the values. -/
theorem near_affine {u w : α} (hw : -1 ≤ u * w ∧ u * w ≤ 1) {d e : Nat} (hd : 0 < d) (he : 0 < e)
    {a b : List Int} {x y : List α} (ha : a.length ≤ x.length) (hb : b.length ≤ y.length) :
    ∀ (rows₁ rows₂ : List (List Int)) (bias₁ bias₂ : List Int), biasForEach rows₁ bias₁ = true →
      sameLength bias₁ bias₂ = true → sameShape rows₁ rows₂ = true →
      Near u (affine d rows₁ bias₁ (peel w a x))
        (peel w (rows₁.map fun row => fastFloor d (dotInts row a)) (affine d rows₁ bias₁ x))
        (affine e rows₂ bias₂ (peel w b y))
        (peel w (rows₂.map fun row => fastFloor e (dotInts row b)) (affine e rows₂ bias₂ y))
  | [], [], [], [], _, _, _ => trivial
  | r₁ :: rows₁, r₂ :: rows₂, b₁ :: bias₁, b₂ :: bias₂, h₁, h₂, h₃ => by
    simp only [sameShape, Bool.and_eq_true] at h₃
    refine ⟨?_, near_affine hw hd he ha hb rows₁ rows₂ bias₁ bias₂ h₁ h₂ h₃.2⟩
    have f₁ := fastFloor_bounds (α := α) hd (dotInts r₁ a)
    have f₂ := fastFloor_bounds (α := α) he (dotInts r₂ b)
    have n := near_rounded hw
      (e := (dotInts r₁ a : α) / d - ((fastFloor d (dotInts r₁ a) : Int) : α))
      (e' := (dotInts r₂ b : α) / e - ((fastFloor e (dotInts r₂ b) : Int) : α))
      (sub_mem f₁) (sub_mem f₂)
    have key : ∀ (r : List Int) (c : Int) {d : Nat} {a : List Int} {x : List α} (p : α),
        a.length ≤ x.length → u * w * ((dotInts r a : α) / d - p)
          = u * ((rowDot r x + (c : α)) / (d : α) - p * w
            - (rowDot r (peel w a x) + (c : α)) / (d : α)) := by
      intro r c d a x p ha
      rw [rowDot_peel r ha]
      exact affine_sub
    rw [key r₁ b₁ _ ha, key r₂ b₂ _ hb] at n
    exact n

/-- The lengths of both values agree, where bounds of the differences hold. -/
theorem AllHoldDiff.length_eq {u : α} {is : List Interval} {x y : List α}
    (h : AllHoldDiff u is x y) : y.length = x.length := by
  induction is generalizing x y with
  | nil => match x, y, h with
    | [], [], _ => rfl
  | cons i is ih => match x, y, h with
    | x :: xs, y :: ys, h => exact congrArg Nat.succ (ih h.2)

/-- What both allow holds. -/
theorem PairBounds.Hold.meet {u : α} {a b : PairBounds} {x y : List α} (ha : a.Hold u x y)
    (hb : b.Hold u x y) : (a.zip PyOrch.meet b).Hold u x y := by
  have one : ∀ {i j : Interval} {v : α}, i.Holds v → j.Holds v → (PyOrch.meet i j).Holds v := by
    intro i j v h h'
    rw [PyOrch.meet, fastMax_eq, fastMin_eq]
    exact h.inter h'
  have all : ∀ {is js : List Interval} {x : List α}, AllHold u is x → AllHold u js x →
      AllHold u (zipRec [] (fun x y rest => PyOrch.meet x y :: rest) is js) x := by
    intro is
    induction is with
    | nil => intro js x h _; match x, h with
      | [], _ => trivial
    | cons i is ih => intro js x h h'; match x, h, js, h' with
      | x :: xs, h, j :: js, h' => exact ⟨one h.1 h'.1, ih h.2 h'.2⟩
  refine ⟨all ha.teacher hb.teacher, all ha.student hb.student, ?_⟩
  have hd := ha.difference
  have hd' := hb.difference
  show AllHoldDiff u (zipRec [] (fun x y rest => PyOrch.meet x y :: rest) _ _) x y
  generalize a.difference = is at *
  generalize b.difference = js at *
  clear ha hb all
  induction is generalizing js x y with
  | nil => match x, y, hd with
    | [], [], _ => trivial
  | cons i is ih => match x, y, hd, js, hd' with
    | x :: xs, y :: ys, hd, j :: js, hd' => exact ⟨one hd.1 hd'.1, ih hd.2 js hd'.2⟩

/-- The forms hold, if there are any. -/
def HoldForms (u : α) (forms : Option Forms) (x y : List α) : Prop :=
  ∀ f, forms = some f → FormsHold u f.symbols f.rest x y

/-- Bounds within those of the forms hold. -/
theorem HoldForms.meet {u : α} {forms : Option Forms} {x y : List α} (h : HoldForms u forms x y)
    {z : PairBounds} (hz : z.Hold u x y) : (meetForms forms z).Hold u x y := by
  cases forms with
  | none => exact hz
  | some f => exact hz.meet (h f rfl).bounds

/-- Forms after an activation hold. -/
theorem HoldForms.after {unit : Nat} (hu : 0 < unit) {forms : Option Forms} {x y : List α}
    (h : HoldForms (unit : α) forms x y) {z : PairBounds} (hz : z.Hold (unit : α) x y)
    (activation : Activation) (masks : List Nat) :
    HoldForms (unit : α)
      (Option.rec none (fun f => formsAfter unit activation z masks f) forms)
      (x.map activation.eval) (y.map activation.eval) := by
  cases forms with
  | none => exact nofun
  | some f => cases masks with
    | nil => exact nofun
    | cons mask masks =>
      intro g hg
      have hg := Option.some.inj hg
      subst hg
      cases activation with
      | relu => exact (h f rfl).relu hu hz mask
      | identity =>
        rw [map_identity_eval, map_identity_eval]
        exact h f rfl

/-- The forms of the inputs hold. -/
theorem holdForms_firstForms {u : α} (hu : 0 < u) {z : PairBounds} {x y : List α}
    (hz : z.Hold u x y) (symbols : List Nat) : HoldForms u (firstForms z symbols) x y := by
  cases symbols with
  | nil => exact nofun
  | cons mask masks =>
    intro g hg
    have hg := Option.some.inj hg
    subst hg
    exact formsHold_noise hu hz mask

namespace LayerOps
variable {ops : LayerOps β}

/-- Forms of the pre-activations of two layers hold. -/
theorem holdForms_through (h : Lawful.{u} ops) {unit : Nat} (hu : 0 < unit) {T S : β}
    (hT : ops.Fine T) (hS : ops.Fine S) (hp : ops.pairs T S = true) {forms : Option Forms}
    {x y : List α} (hf : HoldForms (unit : α) forms x y) :
    HoldForms (unit : α) (Option.rec none (fun f => some (ops.through unit T S f)) forms)
      (ops.pre T x) (ops.pre S y) := by
  cases forms with
  | none => exact nofun
  | some f =>
    intro g hg
    have hg := Option.some.inj hg
    subst hg
    have hp' := h.pairs_of_pairs T S hp
    simp only [Layer.pairs, Bool.and_eq_true] at hp'
    have hf := hf f rfl
    have len : ∀ {L : β}, ops.Fine L → ∀ (a : List Int) (x : List α), a.length ≤ x.length →
        (ops.image L a).length ≤ (ops.pre L x).length := by
      intro L hL a x _
      have hb := hL.2
      rw [image_eq h, pre, List.length_map]
      generalize (ops.toLayer L).weights = rows at hb ⊢
      generalize (ops.toLayer L).bias = bias at hb ⊢
      induction rows generalizing bias with
      | nil => exact Nat.zero_le _
      | cons r rs ih => match bias, hb with
        | b :: bs, hb => exact Nat.succ_le_succ (ih bs hb)
    refine FormsHold.map (F := ops.pre T) (G := ops.pre S) (n := x.length) (len hT) (len hS)
      (fun x y _ _ hr => hold_beforePair h hu hT hS hp hr) (fun w a b x y hw ha hb _ _ => ?_)
      rfl hf.bounds.difference.length_eq hf
    rw [image_eq h, image_eq h]
    exact near_affine hw hT.1 hS.1 ha hb _ _ _ _ hp'.1.2 hp'.1.1.2 hp'.2

end LayerOps

end PyOrch
