import PyOrch.Net.DualSound

/-!
# Weak duality for two networks: all steps

`LayerOps.le_back`: whatever the multipliers, `back` is an upper bound of a combination of the
values of both networks after the steps, where the bounds of the pre-activations hold.
-/

namespace PyOrch

universe u
variable {α : Type u} [OrderedField α] {β : Type}

namespace LayerOps
variable (ops : LayerOps β)

/-- A layer's values before its activation. -/
noncomputable def pre (L : β) (x : List α) : List α :=
  affine (ops.toLayer L).den (ops.toLayer L).weights (ops.toLayer L).bias x

/-- A layer's value is the activation of its values before. -/
theorem eval_eq_map_pre (L : β) (x : List α) :
    (ops.toLayer L).eval x = (ops.pre L x).map (ops.toLayer L).activation.eval :=
  Layer.eval_eq_map_affine _ _

/-- The values of teacher and student after the steps, the last step first. -/
noncomputable def values : List (DualStep β) → List α → List α × List α
  | [], x => (x, x)
  | .both T S _ :: rest, x =>
      ((ops.toLayer T).eval (values rest x).1, (ops.toLayer S).eval (values rest x).2)
  | .teacher T _ :: rest, x => ((ops.toLayer T).eval (values rest x).1, (values rest x).2)
  | .student S _ :: rest, x => ((values rest x).1, (ops.toLayer S).eval (values rest x).2)

/-- The bounds of all steps hold at an input, and the layers are in shape. -/
def Hold (unit : Nat) : List (DualStep β) → List α → Prop
  | [], _ => True
  | .both T S z :: rest, x =>
      (ops.Fine T ∧ ops.Fine S ∧ (ops.toLayer T).activation = (ops.toLayer S).activation) ∧
      z.Hold (unit : α) (ops.pre T (ops.values rest x).1) (ops.pre S (ops.values rest x).2) ∧
      Hold unit rest x
  | .teacher T z :: rest, x =>
      ops.Fine T ∧ AllHold (unit : α) z (ops.pre T (ops.values rest x).1) ∧ Hold unit rest x
  | .student S z :: rest, x =>
      ops.Fine S ∧ AllHold (unit : α) z (ops.pre S (ops.values rest x).2) ∧ Hold unit rest x

variable {ops}

/-- Through the weights of a layer: its constraints times their multipliers. -/
theorem le_through (h : Lawful.{u} ops) (unit : Nat) {L : β} (hL : ops.Fine L) {d : Nat}
    (hd : 0 < d) (p : List Int) (x : List α) :
    (unit : α) * (rowDot p (ops.pre L x) / d)
      ≤ ((ops.biasTerm unit L p d : Int) : α)
        + (unit : α) * (rowDot (ops.combine L p) x / ((ops.den L * d : Nat) : α)) := by
  have hd' := natCast_pos (α := α) hd
  have hden : 0 < ops.den L := by rw [h.den_eq]; exact hL.1
  have hden' := natCast_pos (α := α) hden
  have hc := le_fastCeil (α := α) (Nat.mul_pos hden hd) (fastScale unit (dotInts p (ops.bias L)))
  rw [pre, rowDot_affine _ hL.2, ← h.rowDot_combine, ← h.den_eq, ← h.bias_eq]
  rw [biasTerm]
  simp only [fastScale_eq, intCast_mul, intCast_natCast, natCast_mul] at hc ⊢
  rw [show (unit : α) * ((rowDot (ops.combine L p) x + (dotInts p (ops.bias L) : α))
      / ops.den L / d)
    = unit * (dotInts p (ops.bias L) : α) / (ops.den L * d)
      + unit * (rowDot (ops.combine L p) x / (ops.den L * d)) by grind]
  grind

/-- Through the activations of a layer. -/
theorem le_relu {unit d : Nat} (hu : 0 < unit) (hd : 0 < d) {zs : List Interval} {z : List α}
    (h : AllHold (unit : α) zs z) (a p : List Int) :
    (unit : α) * (rowDot a (z.map Activation.relu.eval) / d)
      ≤ ((fastCeil (d * unit) (gapSum unit d zs a p) : Int) : α)
        + (unit : α) * (rowDot p z / unit) := by
  have hu' := natCast_pos (α := α) hu
  have hd' := natCast_pos (α := α) hd
  have hc := le_fastCeil (α := α) (Nat.mul_pos hd hu) (gapSum unit d zs a p)
  have hg := (le_div_iff (mul_pos hd' hu') (a := unit * rowDot a (z.map Activation.relu.eval) / d
    - rowDot p z)).2 (by
      refine Std.le_trans ?_ (le_gapSum (u := unit) (d := d) h a p)
      rw [show (unit * rowDot a (z.map Activation.relu.eval) / d - rowDot p z) * ((d : α) * unit)
        = unit * (unit * rowDot a (z.map Activation.relu.eval) - d * rowDot p z) by grind]
      grind)
  rw [natCast_mul] at hc
  rw [show (unit : α) * (rowDot a (z.map Activation.relu.eval) / d)
    = unit * rowDot a (z.map Activation.relu.eval) / d by grind,
    show (unit : α) * (rowDot p z / unit) = rowDot p z by grind]
  grind

/-- Through the activations of two layers that pair. -/
theorem le_pair_relu {unit dA dB : Nat} (hu : 0 < unit) (hA : 0 < dA) (hB : 0 < dB)
    {z : PairBounds} {t s : List α} (h : z.Hold (unit : α) t s) (a b p q : List Int) :
    (unit : α) * (rowDot a (t.map Activation.relu.eval) / dA
        + rowDot b (s.map Activation.relu.eval) / dB)
      ≤ ((fastCeil ((commonFactors dA dB).1 * dA * unit) (pairGapSum
          (unit * (commonFactors dA dB).1) (unit * (commonFactors dA dB).2)
          ((commonFactors dA dB).1 * dA) z.teacher z.student z.difference a b p q) : Int) : α)
        + ((unit : α) * (rowDot p t / unit) + (unit : α) * (rowDot q s / unit)) := by
  obtain ⟨hk, hk₁⟩ := commonFactors_spec hA hB
  generalize (commonFactors dA dB).1 = k₁ at *
  generalize (commonFactors dA dB).2 = k₂ at *
  have hu' := natCast_pos (α := α) hu
  have hA' := natCast_pos (α := α) hA
  have hB' := natCast_pos (α := α) hB
  have hk₁' := natCast_pos (α := α) hk₁
  have hk' := congrArg (Nat.cast (R := α)) hk
  simp only [natCast_mul] at hk'
  have hc := le_fastCeil (α := α) (Nat.mul_pos (Nat.mul_pos hk₁ hA) hu)
    (pairGapSum (unit * k₁) (unit * k₂) (k₁ * dA) z.teacher z.student z.difference a b p q)
  have hs := le_pairGapSum (u := unit * k₁) (v := unit * k₂) (d := k₁ * dA)
    h.teacher h.student h.difference a b p q
  simp only [natCast_mul] at hc hs
  generalize rowDot a (t.map Activation.relu.eval) = ra at *
  generalize rowDot b (s.map Activation.relu.eval) = rb at *
  generalize rowDot p t = rp at *
  generalize rowDot q s = rq at *
  have hg := (le_div_iff (mul_pos (mul_pos hk₁' hA') hu')
    (a := (unit : α) * (ra / dA + rb / dB) - rp - rq)).2 (by
      refine Std.le_trans ?_ hs
      have e₁ : ra / dA * (k₁ * dA) = k₁ * ra := by grind
      have e₂ : rb / dB * ((k₁ : α) * dA) = k₂ * rb := by rw [hk']; grind
      have e : ((unit : α) * (ra / dA + rb / dB) - rp - rq) * ((k₁ : α) * dA * unit)
          = unit * (unit * (ra / dA * (k₁ * dA)) + unit * (rb / dB * (k₁ * dA))
            - (k₁ * dA) * rp - (k₁ * dA) * rq) := by grind
      rw [e, e₁, e₂]
      grind)
  rw [show (unit : α) * (rp / unit) = rp by grind, show (unit : α) * (rq / unit) = rq by grind]
  grind

/-- Weak duality: `back` is an upper bound, whatever the multipliers. -/
theorem le_back (h : Lawful.{u} ops) {i : Inputs} (hu : 0 < i.unit) (hi : 0 < i.den) {x : List α}
    (hx : AllHold (i.den : α) i.box x) {steps : List (DualStep β)}
    (hs : ops.Hold i.unit steps x) (row : DualRow) (a : List Int) {dA : Nat} (hA : 0 < dA)
    (b : List Int) {dB : Nat} (hB : 0 < dB) :
    (i.unit : α) * (rowDot a (ops.values steps x).1 / dA + rowDot b (ops.values steps x).2 / dB)
      ≤ ((ops.back i steps row a dA b dB : Int) : α) := by
  have pos : ∀ {L : β} {d : Nat}, ops.Fine L → 0 < d → 0 < ops.den L * d := by
    intro L d hL hd
    rw [h.den_eq]
    exact Nat.mul_pos hL.1 hd
  -- sums of the inequalities of one step, in which the quotients are atoms
  have add_left : ∀ {u A A' B c e : α}, u * A ≤ c + u * A' → u * (A' + B) ≤ e →
      u * (A + B) ≤ c + e := by grind
  have add_right : ∀ {u A B B' c e : α}, u * B ≤ c + u * B' → u * (A + B') ≤ e →
      u * (A + B) ≤ c + e := by grind
  have add_two : ∀ {u A A' B B' c c' e : α}, u * A ≤ c + u * A' → u * B ≤ c' + u * B' →
      u * (A' + B') ≤ e → u * (A + B) ≤ c + c' + e := by grind
  have add_both : ∀ {u S A B c e : α}, u * S ≤ c + (u * A + u * B) → u * (A + B) ≤ e →
      u * S ≤ c + e := by grind
  induction steps generalizing row a dA b dB with
  | nil =>
    obtain ⟨hk, hk₁⟩ := commonFactors_spec hA hB
    simp only [back, values]
    generalize (commonFactors dA dB).1 = k₁ at *
    generalize (commonFactors dA dB).2 = k₂ at *
    have hA' := natCast_pos (α := α) hA
    have hB' := natCast_pos (α := α) hB
    have hi' := natCast_pos (α := α) hi
    have hk₁' := natCast_pos (α := α) hk₁
    have hk' := congrArg (Nat.cast (R := α)) hk
    simp only [natCast_mul] at hk'
    refine Std.le_trans ?_ (le_fastCeil (Nat.mul_pos (Nat.mul_pos hk₁ hA) hi) _)
    have ht := mul_le_mul_left (le_inputTop (k₁ := k₁) (k₂ := k₂) hx a b)
      (natCast_nonneg (α := α) i.unit)
    simp only [fastScale_eq, intCast_mul, intCast_natCast, natCast_mul]
    refine (le_div_iff (mul_pos (mul_pos hk₁' hA') hi')).2 (Std.le_trans ?_ ht)
    have e₁ : rowDot a x / dA * (k₁ * dA) = k₁ * rowDot a x := by grind
    have e₂ : rowDot b x / dB * ((k₁ : α) * dA) = k₂ * rowDot b x := by rw [hk']; grind
    rw [show (i.unit : α) * (rowDot a x / dA + rowDot b x / dB) * (k₁ * dA * i.den)
      = i.unit * (i.den * (rowDot a x / dA * (k₁ * dA) + rowDot b x / dB * (k₁ * dA))) by grind,
      e₁, e₂]
    exact Std.le_refl _
  | cons step rest ih =>
    cases step with
    | teacher T z =>
      obtain ⟨hT, hz, hs⟩ := hs
      have hf := h.activation_eq T
      simp only [values, eval_eq_map_pre]
      cases hact : ops.activation T <;> simp only [back, hact, forceInts_eq] <;> rw [← hf, hact]
      · generalize row.teacherOr (slopes i.unit dA z a) = p
        have h₁ := le_relu hu hA hz a p
        have h₂ := le_through h i.unit hT hu p (ops.values rest x).1
        have h₃ := ih hs row.rest (ops.combine T p) (pos hT hu) b hB
        simp only [fastAdd_eq, intCast_add]
        exact add_left h₁ (add_left h₂ h₃)
      · have h₂ := le_through h i.unit hT hA a (ops.values rest x).1
        have h₃ := ih hs row.rest (ops.combine T a) (pos hT hA) b hB
        simp only [fastAdd_eq, intCast_add, map_identity_eval]
        exact add_left h₂ h₃
    | student S z =>
      obtain ⟨hS, hz, hs⟩ := hs
      have hf := h.activation_eq S
      simp only [values, eval_eq_map_pre]
      cases hact : ops.activation S <;> simp only [back, hact, forceInts_eq] <;> rw [← hf, hact]
      · generalize row.studentOr (slopes i.unit dB z b) = q
        have h₁ := le_relu hu hB hz b q
        have h₂ := le_through h i.unit hS hu q (ops.values rest x).2
        have h₃ := ih hs row.rest a hA (ops.combine S q) (pos hS hu)
        simp only [fastAdd_eq, intCast_add]
        exact add_right h₁ (add_right h₂ h₃)
      · have h₂ := le_through h i.unit hS hB b (ops.values rest x).2
        have h₃ := ih hs row.rest a hA (ops.combine S b) (pos hS hB)
        simp only [fastAdd_eq, intCast_add, map_identity_eval]
        exact add_right h₂ h₃
    | both T S z =>
      obtain ⟨⟨hT, hS, hTS⟩, hz, hs⟩ := hs
      have hf := h.activation_eq T
      simp only [values, eval_eq_map_pre]
      cases hact : ops.activation T <;> simp only [back, hact, forceInts_eq] <;>
        rw [← hTS, ← hf, hact]
      · generalize row.teacherOr _ = p
        generalize row.studentOr _ = q
        have h₁ := le_pair_relu hu hA hB hz a b p q
        have h₂ := le_through h i.unit hT hu p (ops.values rest x).1
        have h₃ := le_through h i.unit hS hu q (ops.values rest x).2
        have h₄ := ih hs row.rest (ops.combine T p) (pos hT hu) (ops.combine S q) (pos hS hu)
        simp only [fastAdd_eq, intCast_add]
        exact add_both h₁ (add_two h₂ h₃ h₄)
      · have h₂ := le_through h i.unit hT hA a (ops.values rest x).1
        have h₃ := le_through h i.unit hS hB b (ops.values rest x).2
        have h₄ := ih hs row.rest (ops.combine T a) (pos hT hA) (ops.combine S b) (pos hS hB)
        simp only [fastAdd_eq, intCast_add, map_identity_eval]
        exact add_two h₂ h₃ h₄

end LayerOps

end PyOrch
