import PyOrch.Net.DualSteps

/-!
# Weak duality for two networks

`LayerOps.le_back`: whatever the multipliers, `back` is an upper bound of a combination of the
values of both networks, if the bounds of the pre-activations hold. Layer after layer, this is
`a * relu z ≤ p * z + gap` and the constraint `z = (W · y + b) / den` times its multiplier.
-/

namespace PyOrch

universe u

/-- The operations do what they should. -/
structure LayerOps.Lawful {β : Type} (ops : LayerOps β) : Prop where
  den_eq : ∀ L, ops.den L = (ops.toLayer L).den
  bias_eq : ∀ L, ops.bias L = (ops.toLayer L).bias
  activation_eq : ∀ L, ops.activation L = (ops.toLayer L).activation
  rows_eq : ∀ L x, ops.rows L x = rowsBounds (ops.toLayer L).weights x
  dots_eq : ∀ L c, ops.dots L c = dotRows (ops.toLayer L).weights c
  pairs_of_pairs : ∀ T S, ops.pairs T S = true → (ops.toLayer T).pairs (ops.toLayer S) = true
  diffRows_eq : ∀ k₁ k₂ T S x, 0 < k₁ → 0 < k₂ → ops.pairs T S = true →
    ops.diffRows k₁ k₂ T S x
      = rowsDiffBounds (.ofNat k₁) (.ofNat k₂) (ops.toLayer T).weights (ops.toLayer S).weights x
  rowDot_combine : ∀ {α : Type u} [OrderedField α] (L : β) (p : List Int) (x : List α),
    rowDot (ops.combine L p) x = rowDot p ((ops.toLayer L).weights.map fun row => rowDot row x)

/-- A positive denominator, and a bias for each row. -/
def LayerOps.Fine {β : Type} (ops : LayerOps β) (L : β) : Prop :=
  0 < (ops.toLayer L).den ∧ biasForEach (ops.toLayer L).weights (ops.toLayer L).bias = true

variable {α : Type u} [OrderedField α]

/-! ## Arithmetic: each without the hypotheses around it, and with variables in place of casts -/

private theorem zero_add_zero_div {d : α} : (0 : α) = (0 + 0) / d := by grind

private theorem add_add_div {c r b s t d : α} :
    c * ((r + b) / d) + (s + t) / d = (c * r + s + (c * b + t)) / d := by grind

private theorem gap_step {u n d a p r v ra rp g s : α} (h : u * a * (n * r) - d * p * (n * v) ≤ g)
    (h' : n * (u * ra - d * rp) ≤ s) :
    n * (u * (a * r + ra) - d * (p * v + rp)) ≤ g + s := by grind

private theorem pairGap_step {n u v d a b p q r r' x y ra rb rp rq g s : α}
    (h : u * a * (n * r) + v * b * (n * r') - d * p * (n * x) - d * q * (n * y) ≤ g)
    (h' : n * (u * ra + v * rb - d * rp - d * rq) ≤ s) :
    n * (u * (a * r + ra) + v * (b * r' + rb) - d * (p * x + rp) - d * (q * y + rq)) ≤ g + s := by
  grind

/-! ## Rows of coefficients -/

/-- The first coefficient and the others. -/
theorem rowDot_cons (a : List Int) (v : α) (vs : List α) :
    rowDot a (v :: vs) = (headInt a : α) * v + rowDot (tailInts a) vs := by
  cases a with
  | nil =>
    have h : ((headInt [] : Int) : α) = 0 := intCast_zero
    have : rowDot (tailInts []) vs = 0 := rfl
    rw [h, this, rowDot]
    · grind
    · simp
  | cons c cs => rfl

/-- No coefficients. -/
theorem rowDot_nil (v : List α) : rowDot [] v = 0 := by cases v <;> rfl

/-- No values. -/
theorem rowDot_nil_right (a : List Int) : rowDot a ([] : List α) = 0 := by cases a <;> rfl

/-- `fastMul` is multiplication. -/
theorem fastMul_eq (a b : Int) : fastMul a b = a * b := by
  cases a with
  | ofNat m =>
    show fastScale m b = _
    rw [fastScale_eq]; rfl
  | negSucc m =>
    show fastNeg (fastScale (Nat.succ m) b) = _
    rw [fastNeg_eq, fastScale_eq, ← Int.neg_mul]; rfl

/-- A quotient rounded up is not smaller. -/
theorem le_fastCeil {n : Nat} (hn : 0 < n) (z : Int) :
    (z : α) / (n : α) ≤ ((fastCeil n z : Int) : α) := by
  have hn' := natCast_pos (α := α) hn
  rw [fastCeil_eq hn, div_le_iff hn']
  have h := intCast_le (α := α) (Int.ediv_mul_le (-z) (show (n : Int) ≠ 0 by omega))
  simp only [intCast_mul, intCast_neg, intCast_natCast] at h ⊢
  grind

/-- A combination of a layer's pre-activations, by its weights and biases. -/
theorem rowDot_affine (den : Nat) {rows : List (List Int)} {bias : List Int}
    (h : biasForEach rows bias = true) (p : List Int) (x : List α) :
    rowDot p (affine den rows bias x)
      = (rowDot p (rows.map fun row => rowDot row x) + (dotInts p bias : α)) / (den : α) := by
  have zero : ((Int.ofNat 0 : Int) : α) = 0 := intCast_zero
  induction rows generalizing bias p with
  | nil =>
    match bias, h with
    | [], _ =>
      have : dotInts p [] = Int.ofNat 0 := by cases p <;> rfl
      rw [this, zero]
      simp only [affine, List.zipWith_nil_left, List.map_nil, rowDot_nil_right]
      exact zero_add_zero_div
  | cons row rows ih =>
    match bias, h with
    | b :: bs, h =>
      have ih := ih (bias := bs) h
      cases p with
      | nil =>
        have : dotInts [] (b :: bs) = Int.ofNat 0 := rfl
        rw [this, zero, rowDot_nil, rowDot_nil]
        exact zero_add_zero_div
      | cons c cs =>
        have ih := ih cs
        have : dotInts (c :: cs) (b :: bs) = fastAdd (fastMul c b) (dotInts cs bs) := rfl
        rw [this, fastAdd_eq, fastMul_eq, intCast_add, intCast_mul]
        simp only [affine, List.zipWith_cons_cons, List.map_cons, rowDot] at ih ⊢
        rw [ih]
        exact add_add_div

/-! ## A layer of neurons -/

/-- The activation of a multiple. -/
theorem relu_eval_mul (n : Nat) (v : α) :
    Activation.relu.eval ((n : α) * v) = (n : α) * Activation.relu.eval v := by
  have hn := natCast_nonneg (α := α) n
  simp only [Activation.eval]
  by_cases hv : 0 ≤ v
  · have := mul_nonneg hn hv
    simp only [hv, this, if_true]
  · have := mul_le_mul_left (Std.le_of_lt (Std.not_le.1 hv)) hn
    simp only [hv, if_false]
    rw [Lean.Grind.Semiring.mul_zero] at this ⊢
    split
    · rename_i h
      exact Std.le_antisymm this h
    · rfl

/-- `gapSum` bounds what the replacement of coefficients changes. -/
theorem le_gapSum {unit u d : Nat} {zs : List Interval} {z : List α}
    (h : AllHold (unit : α) zs z) (a p : List Int) :
    (unit : α) * ((u : α) * rowDot a (z.map Activation.relu.eval) - (d : α) * rowDot p z)
      ≤ ((gapSum u d zs a p : Int) : α) := by
  induction zs generalizing z a p with
  | nil =>
    match z, h with
    | [], _ =>
      show _ ≤ ((Int.ofNat 0 : Int) : α)
      have zero : ((Int.ofNat 0 : Int) : α) = 0 := intCast_zero
      simp only [List.map_nil, rowDot_nil_right, zero, Lean.Grind.Semiring.mul_zero,
        Lean.Grind.AddCommGroup.sub_self]
      exact Std.le_refl _
  | cons i is ih =>
    match z, h with
    | v :: vs, h =>
      have h₁ := le_reluGap (fastScale u (headInt a)) (fastScale d (headInt p)) h.1
      have h₂ := ih h.2 (tailInts a) (tailInts p)
      show _ ≤ ((fastAdd (forceInt _ fun x => forceInt _ fun y => reluGap x y i)
        (gapSum u d is (tailInts a) (tailInts p)) : Int) : α)
      rw [relu_eval_mul, fastScale_eq, fastScale_eq] at h₁
      rw [fastAdd_eq, intCast_add, List.map_cons, rowDot_cons, rowDot_cons, forceInt_eq,
        forceInt_eq, fastScale_eq, fastScale_eq]
      simp only [intCast_mul, intCast_natCast] at h₁
      exact gap_step h₁ h₂

/-- `pairGapSum` bounds what the replacement of coefficients changes. -/
theorem le_pairGapSum {unit u v d : Nat} {ts ss δs : List Interval} {t s : List α}
    (ht : AllHold (unit : α) ts t) (hs : AllHold (unit : α) ss s)
    (hδ : AllHoldDiff (unit : α) δs t s) (a b p q : List Int) :
    (unit : α) * ((u : α) * rowDot a (t.map Activation.relu.eval)
        + (v : α) * rowDot b (s.map Activation.relu.eval) - (d : α) * rowDot p t
        - (d : α) * rowDot q s)
      ≤ ((pairGapSum u v d ts ss δs a b p q : Int) : α) := by
  induction ts generalizing t s ss δs a b p q with
  | nil =>
    match t, δs, s, ht, hδ with
    | [], [], [], _, _ =>
      show _ ≤ ((Int.ofNat 0 : Int) : α)
      have zero : ((Int.ofNat 0 : Int) : α) = 0 := intCast_zero
      simp only [List.map_nil, rowDot_nil_right, zero, Lean.Grind.Semiring.mul_zero,
        Lean.Grind.AddCommGroup.sub_self, Lean.Grind.AddCommMonoid.add_zero]
      exact Std.le_refl _
  | cons i is ih =>
    match t, δs, s, ht, hδ with
    | x :: xs, k :: ks, y :: ys, ht, hδ =>
      match ss, hs with
      | j :: js, hs =>
        have hk : k.Holds ((unit : α) * x - unit * y) := by
          have := hδ.1
          rwa [mul_sub] at this
        have h₁ := le_pairGap (fastScale u (headInt a)) (fastScale v (headInt b))
          (fastScale d (headInt p)) (fastScale d (headInt q)) ht.1 hs.1 hk
        have h₂ := ih ht.2 hs.2 hδ.2 (tailInts a) (tailInts b) (tailInts p) (tailInts q)
        show _ ≤ ((fastAdd (forceInt _ fun x => forceInt _ fun y => forceInt _ fun z =>
          forceInt _ fun w => pairGap x y z w i j k) (pairGapSum u v d is js ks (tailInts a)
          (tailInts b) (tailInts p) (tailInts q)) : Int) : α)
        rw [relu_eval_mul, relu_eval_mul] at h₁
        rw [fastAdd_eq, intCast_add, forceInt_eq, forceInt_eq, forceInt_eq, forceInt_eq,
          List.map_cons, List.map_cons, rowDot_cons, rowDot_cons,
          rowDot_cons, rowDot_cons]
        simp only [fastScale_eq, intCast_mul, intCast_natCast] at h₁ ⊢
        exact pairGap_step h₁ h₂

/-- `inputTop` bounds a combination of the inputs. -/
theorem le_inputTop {k₁ k₂ den : Nat} {xs : List Interval} {x : List α}
    (h : AllHold (den : α) xs x) (a b : List Int) :
    (den : α) * ((k₁ : α) * rowDot a x + (k₂ : α) * rowDot b x)
      ≤ ((inputTop k₁ k₂ xs a b : Int) : α) := by
  induction xs generalizing x a b with
  | nil =>
    match x, h with
    | [], _ =>
      show _ ≤ ((Int.ofNat 0 : Int) : α)
      have zero : ((Int.ofNat 0 : Int) : α) = 0 := intCast_zero
      simp only [rowDot_nil_right]
      grind
  | cons i is ih =>
    match x, h with
    | v :: vs, h =>
      have h₁ := le_top (fastAdd (fastScale k₁ (headInt a)) (fastScale k₂ (headInt b))) h.1
      have h₂ := ih h.2 (tailInts a) (tailInts b)
      show _ ≤ ((fastAdd (top _ i) (inputTop k₁ k₂ is (tailInts a) (tailInts b)) : Int) : α)
      rw [fastAdd_eq, intCast_add, rowDot_cons, rowDot_cons]
      simp only [fastAdd_eq, fastScale_eq, intCast_add, intCast_mul, intCast_natCast] at h₁ ⊢
      grind

end PyOrch
