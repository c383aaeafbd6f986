import PyOrch.Net.DualSound

/-!
# Weak duality for two networks: all steps

`LayerOps.le_back`: whatever the multipliers, `back` is an upper bound of a combination of the
values of both networks after the steps, where the bounds of the pre-activations hold.
-/

namespace PyOrch

universe u
variable {α : Type u} [OrderedField α] {β : Type}

/-! ## Arithmetic: inequalities in which quotients are atoms -/

private theorem mul_add_div_div {u r s m n : α} (hm : 0 < m) (hn : 0 < n) :
    u * ((r + s) / m / n) = u * s / (m * n) + u * (r / (m * n)) := by grind

private theorem add_left {u A A' B c e : α} (h : u * A ≤ c + u * A') (h' : u * (A' + B) ≤ e) :
    u * (A + B) ≤ c + e := by grind

private theorem add_right {u A B B' c e : α} (h : u * B ≤ c + u * B') (h' : u * (A + B') ≤ e) :
    u * (A + B) ≤ c + e := by grind

private theorem add_both {u s A B c e : α} (h : s ≤ c + (u * A + u * B)) (h' : u * (A + B) ≤ e) :
    s ≤ c + e := by grind

private theorem add_two {u A A' B B' c c' e : α} (h : u * A ≤ c + u * A')
    (h' : u * B ≤ c' + u * B') (h'' : u * (A' + B') ≤ e) : u * (A + B) ≤ c + c' + e :=
  add_both (by grind : u * (A + B) ≤ c + c' + (u * A' + u * B')) h''

private theorem sub_mul_mul {u d s q : α} : (s - q) * (d * u) = u * (s * d - d * q) := by grind

private theorem sub_sub_mul_mul {u d A B p q : α} :
    (u * (A + B) - p - q) * (d * u) = u * (u * (A * d) + u * (B * d) - d * p - d * q) := by grind

private theorem mul_add_mul_mul {u A B d n : α} :
    u * (A + B) * (d * n) = u * (n * (A * d + B * d)) := by grind

private theorem le_add_of_sub_sub_le {a b b' c : α} (h : a - b - b' ≤ c) : a ≤ c + (b + b') := by
  grind

private theorem le_add_of_sub_le {a b c : α} (h : a - b ≤ c) : a ≤ c + b := by grind

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
  rw [mul_add_div_div hden' hd']
  exact Lean.Grind.OrderedAdd.add_le_left hc _

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
      rw [sub_mul_mul, div_mul_cancel hd']
      exact le_gapSum (u := unit) (d := d) h a p)
  rw [natCast_mul] at hc
  rw [← mul_div_assoc, mul_div_cancel hu']
  exact le_add_of_sub_le (Std.le_trans hg hc)

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
      have e₂ : rb / dB * ((k₁ : α) * dA) = k₂ * rb := by rw [hk', div_mul_mul_cancel hB']
      rw [sub_sub_mul_mul, div_mul_mul_cancel hA', e₂, ← Lean.Grind.Semiring.mul_assoc,
        ← Lean.Grind.Semiring.mul_assoc (unit : α) k₂]
      exact hs)
  rw [mul_div_cancel hu', mul_div_cancel hu']
  exact le_add_of_sub_sub_le (Std.le_trans hg hc)

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
    have e₂ : rowDot b x / dB * ((k₁ : α) * dA) = k₂ * rowDot b x := by
      rw [hk', div_mul_mul_cancel hB']
    rw [mul_add_mul_mul, div_mul_mul_cancel hA', e₂]
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
