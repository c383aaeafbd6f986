import PyOrch.Net.Sound

/-!
# The computed bounds hold: layers and networks

From `PyOrch.Net.Sound` to whole networks, alone and in pairs.
-/

namespace PyOrch

universe u
variable {α : Type u} [OrderedField α]

/-- A layer's values before its activation. -/
noncomputable def affine (den : Nat) (rows : List (List Int)) (bias : List Int) (x : List α) :
    List α :=
  rows.zipWith (fun row (b : Int) => (rowDot row x + (b : α)) / (den : α)) bias

/-- A layer's value is the activation of its affine values. -/
theorem Layer.eval_eq_map_affine (L : Layer) (x : List α) :
    L.eval x = (affine L.den L.weights L.bias x).map L.activation.eval := by
  simp only [Layer.eval, affine, List.map_zipWith]

/-- `affineBounds` bounds the affine values. -/
theorem allHold_affineBounds {unit d den : Nat} (hd : 0 < d) (hden : 0 < den)
    (rows : List (List Int)) (bias : List Int) {is : List Interval} {x : List α}
    (h : AllHold (d : α) is x) :
    AllHold (unit : α) (affineBounds unit d den (rowsBounds rows is) bias)
      (affine den rows bias x) := by
  induction rows generalizing bias with
  | nil => trivial
  | cons row rows ih =>
    match bias with
    | [] => trivial
    | b :: bs =>
      refine ⟨Interval.Holds.round (Nat.mul_pos hden hd) ?_, ih bs⟩
      have hrow := (holds_dotBounds row h).shift (b * .ofNat d)
      have hden' := natCast_pos (α := α) hden
      simp only [intCast_mul, intCast_ofNat] at hrow
      rwa [natCast_mul, show (den : α) * d * ((rowDot row x + b) / den)
        = d * rowDot row x + b * d by grind]

private theorem distrib_sub {a d u v : α} : a * d * (u - v) = d * (u * a) - d * (v * a) := by
  grind

private theorem collect {k₁ k₂ d p p' q b c : α} :
    d * (k₁ * (p + b)) - d * (k₂ * (q + c))
      = k₁ * (d * (p - p')) + d * (k₁ * p' - k₂ * q) + (k₁ * b - k₂ * c) * d := by grind

/-- `affineDiffBounds` bounds the differences of affine values. -/
theorem allHoldDiff_affineDiffBounds {unit d den₁ den₂ k₁ k₂ : Nat} (hd : 0 < d) (h₁ : 0 < den₁)
    (h₂ : 0 < den₂) (hk : k₁ * den₁ = k₂ * den₂) (hk₁ : 0 < k₁) {δ s : List Interval} {x y : List α}
    (hδ : AllHoldDiff (d : α) δ x y) (hs : AllHold (d : α) s y) :
    ∀ (rows₁ rows₂ : List (List Int)) (bias₁ bias₂ : List Int) (t' s' : List Interval),
      biasForEach rows₁ bias₁ = true → sameLength bias₁ bias₂ = true →
      sameShape rows₁ rows₂ = true → AllHold (unit : α) t' (affine den₁ rows₁ bias₁ x) →
      AllHold (unit : α) s' (affine den₂ rows₂ bias₂ y) →
      AllHoldDiff (unit : α)
        (affineDiffBounds unit d (k₁ * den₁) (.ofNat k₁) (.ofNat k₂) (rowsBounds rows₁ δ)
          (rowsDiffBounds (.ofNat k₁) (.ofNat k₂) rows₁ rows₂ s) bias₁ bias₂ t' s')
        (affine den₁ rows₁ bias₁ x) (affine den₂ rows₂ bias₂ y)
  | [], [], [], [], [], [], _, _, _, _, _ => trivial
  | r₁ :: rows₁, r₂ :: rows₂, b₁ :: bias₁, b₂ :: bias₂, i :: t', j :: s', e₁, e₂, e₃, ht, hs' => by
    simp only [sameShape, Bool.and_eq_true] at e₃
    refine ⟨?_, allHoldDiff_affineDiffBounds hd h₁ h₂ hk hk₁ hδ hs _ _ _ _ _ _ e₁ e₂ e₃.2 ht.2
      hs'.2⟩
    refine Interval.Holds.inter (Interval.Holds.round (Nat.mul_pos (Nat.mul_pos hk₁ h₁) hd) ?_) ?_
    · have hrow := (((holds_dotBounds_diff r₁ hδ).scale (.ofNat k₁)).add
        (holds_dotDiffBounds (k₁ := .ofNat k₁) (k₂ := .ofNat k₂) e₃.1 hs)).shift
        ((.ofNat k₁ * b₁ - .ofNat k₂ * b₂) * .ofNat d)
      have h₁' := natCast_pos (α := α) h₁
      have h₂' := natCast_pos (α := α) h₂
      have hk' := congrArg (Nat.cast (R := α)) hk
      simp only [natCast_mul] at hk'
      simp only [intCast_mul, intCast_sub, intCast_ofNat] at hrow
      simp only [natCast_mul]
      rwa [distrib_sub, div_mul_mul_cancel h₁', hk', div_mul_mul_cancel h₂',
        collect (p' := rowDot r₁ y)]
    · have := ht.1.sub hs'.1
      rwa [← mul_sub] at this

/-- The identity changes nothing. -/
theorem map_identity_eval (x : List α) : x.map Activation.identity.eval = x := by
  induction x with
  | nil => rfl
  | cons x xs ih => simp only [List.map_cons, ih, Activation.eval]

/-- `Activation.bounds` bounds the activations. -/
theorem allHold_activation_bounds {unit : Nat} (hu : 0 < unit) (f : Activation)
    {is : List Interval} {x : List α} (h : AllHold (unit : α) is x) :
    AllHold (unit : α) (f.bounds is) (x.map f.eval) := by
  have hu' := natCast_pos (α := α) hu
  induction is generalizing x with
  | nil =>
    match x, h with
    | [], _ => cases f <;> trivial
  | cons i is ih =>
    match x, h with
    | x :: xs, h =>
      cases f
      · exact ⟨h.1.relu hu', ih h.2⟩
      · rwa [map_identity_eval]

/-- `Activation.diffBounds` bounds the differences of activations. -/
theorem allHoldDiff_activation_diffBounds {unit : Nat} (hu : 0 < unit) (f : Activation)
    {δ t s : List Interval} {x y : List α} (hδ : AllHoldDiff (unit : α) δ x y)
    (ht : AllHold (unit : α) t (x.map f.eval)) (hs : AllHold (unit : α) s (y.map f.eval)) :
    AllHoldDiff (unit : α) (f.diffBounds δ t s) (x.map f.eval) (y.map f.eval) := by
  have hu' := natCast_pos (α := α) hu
  cases f
  · induction δ generalizing t s x y with
    | nil =>
      match x, y, hδ with
      | [], [], _ => trivial
    | cons d ds ih =>
      match x, y, t, s, hδ, ht, hs with
      | x :: xs, y :: ys, t :: ts, s :: ss, hδ, ht, hs =>
        exact ⟨hδ.1.reluDiff hu' ht.1 hs.1, ih hδ.2 ht.2 hs.2⟩
  · simpa only [map_identity_eval, Activation.diffBounds] using hδ

/-- Rounding outward keeps bounds. -/
theorem allHold_roundAll {unit d : Nat} (hd : 0 < d) {is : List Interval} {x : List α}
    (h : AllHold (d : α) is x) : AllHold (unit : α) (roundAll unit d is) x := by
  induction is generalizing x with
  | nil => match x, h with
    | [], _ => trivial
  | cons i is ih => match x, h with
    | x :: xs, h => exact ⟨h.1.round hd, ih h.2⟩

/-- Rounding outward keeps bounds of differences. -/
theorem allHoldDiff_roundAll {unit d : Nat} (hd : 0 < d) {is : List Interval} {x y : List α}
    (h : AllHoldDiff (d : α) is x y) : AllHoldDiff (unit : α) (roundAll unit d is) x y := by
  induction is generalizing x y with
  | nil => match x, y, h with
    | [], [], _ => trivial
  | cons i is ih => match x, y, h with
    | x :: xs, y :: ys, h => exact ⟨h.1.round hd, ih h.2⟩

/-- Every denominator is positive. -/
def Network.Positive (N : Network) : Prop := ∀ L ∈ N, 0 < L.den

/-- `Layer.bounds` bounds a layer's values. -/
theorem allHold_layer_bounds {unit d : Nat} (hu : 0 < unit) (hd : 0 < d) {L : Layer}
    (hL : 0 < L.den) {is : List Interval} {x : List α} (h : AllHold (d : α) is x) :
    AllHold (unit : α) (L.bounds unit d is) (L.eval x) := by
  rw [L.eval_eq_map_affine]
  exact allHold_activation_bounds hu _ (allHold_affineBounds hd hL _ _ h)

/-- `Network.bounds` bounds a network's values. -/
theorem allHold_network_bounds {unit : Nat} (hu : 0 < unit) (N : Network) (hN : N.Positive)
    {d : Nat} (hd : 0 < d) {is : List Interval} {x : List α} (h : AllHold (d : α) is x) :
    AllHold (unit : α) (N.bounds unit d is) (N.eval x) := by
  induction N generalizing d is x with
  | nil => exact allHold_roundAll hd h
  | cons L Ls ih =>
    exact ih (fun L' h' => hN L' (.tail _ h')) hu
      (allHold_layer_bounds hu hd (hN L (.head _)) h)

/-- `subAll` bounds the differences. -/
theorem allHoldDiff_subAll {d : α} {t s : List Interval} {x y : List α} (ht : AllHold d t x)
    (hs : AllHold d s y) (hl : sameOutputs t s = true) : AllHoldDiff d (subAll t s) x y := by
  induction t generalizing s x y with
  | nil =>
    match s, x, y, ht, hs, hl with
    | [], [], [], _, _, _ => trivial
  | cons t ts ih =>
    match s, x, y, ht, hs, hl with
    | s :: ss, x :: xs, y :: ys, ht, hs, hl =>
      refine ⟨?_, ih ht.2 hs.2 hl⟩
      have := ht.1.sub hs.1
      rwa [← show d * (x - y) = d * x - d * y by grind] at this

/-- The bounds of a pair of points hold. -/
structure PairBounds.Hold (b : PairBounds) (d : α) (x y : List α) : Prop where
  teacher : AllHold d b.teacher x
  student : AllHold d b.student y
  difference : AllHoldDiff d b.difference x y

/-- `commonFactors` makes the denominators equal, with a positive factor. -/
theorem commonFactors_spec {m n : Nat} (hm : 0 < m) (hn : 0 < n) :
    (commonFactors m n).1 * m = (commonFactors m n).2 * n ∧ 0 < (commonFactors m n).1 := by
  unfold commonFactors
  split
  · rename_i h
    exact ⟨by rw [Nat.one_mul, Nat.div_mul_cancel (Nat.dvd_of_mod_eq_zero h)], Nat.one_pos⟩
  · rename_i h _
    have hd := Nat.dvd_of_mod_eq_zero h
    exact ⟨by rw [Nat.one_mul, Nat.div_mul_cancel hd], Nat.div_pos (Nat.le_of_dvd hn hd) hm⟩
  · exact ⟨Nat.mul_comm _ _, hn⟩

/-- `same` means equal. -/
theorem Activation.same_eq {f g : Activation} (h : f.same g = true) : f = g := by
  cases f <;> cases g <;> first | rfl | contradiction

/-- `Layer.pairBounds` holds for the values of two layers. -/
theorem hold_layer_pairBounds {unit d : Nat} (hu : 0 < unit) (hd : 0 < d) {T S : Layer}
    (hT : 0 < T.den) (hS : 0 < S.den) (hp : T.pairs S = true) {b : PairBounds} {x y : List α}
    (h : b.Hold (d : α) x y) :
    (T.pairBounds unit S d b).Hold (unit : α) (T.eval x) (S.eval y) := by
  simp only [Layer.pairs, Bool.and_eq_true] at hp
  obtain ⟨⟨⟨hf, h₂⟩, h₁⟩, h₃⟩ := hp
  have hf := Activation.same_eq hf
  have hk := commonFactors_spec hT hS
  have ht := allHold_affineBounds (unit := unit) hd hT T.weights T.bias h.teacher
  have hs := allHold_affineBounds (unit := unit) hd hS S.weights S.bias h.student
  have hδ := allHoldDiff_affineDiffBounds hd hT hS hk.1 hk.2 h.difference h.student
    _ _ _ _ _ _ h₁ h₂ h₃ ht hs
  rw [T.eval_eq_map_affine, S.eval_eq_map_affine, ← hf]
  have ht' := allHold_activation_bounds hu T.activation ht
  have hs' := allHold_activation_bounds hu T.activation hs
  exact ⟨ht', hs', allHoldDiff_activation_diffBounds hu _ hδ ht' hs'⟩

/-- `independentBounds` holds for the values of two networks. -/
theorem hold_independentBounds {unit : Nat} (hu : 0 < unit) {T S : Network} (hT : T.Positive)
    (hS : S.Positive) {d : Nat} (hd : 0 < d) {b : PairBounds} {x y : List α}
    (h : b.Hold (d : α) x y)
    (hl : sameOutputs (independentBounds unit T S d b).teacher
      (independentBounds unit T S d b).student = true) :
    (independentBounds unit T S d b).Hold (unit : α) (T.eval x) (S.eval y) := by
  have ht := allHold_network_bounds hu T hT hd h.teacher
  have hs := allHold_network_bounds hu S hS hd h.student
  exact ⟨ht, hs, allHoldDiff_subAll ht hs hl⟩

/-- `pairBounds` holds for the values of two networks. -/
theorem hold_pairBounds {unit : Nat} (hu : 0 < unit) (T S : Network) (hT : T.Positive)
    (hS : S.Positive) {d : Nat} (hd : 0 < d) {b : PairBounds} {x y : List α}
    (h : b.Hold (d : α) x y)
    (hl : sameOutputs (pairBounds unit T S d b).teacher (pairBounds unit T S d b).student = true) :
    (pairBounds unit T S d b).Hold (unit : α) (T.eval x) (S.eval y) := by
  induction T generalizing S d b x y with
  | nil =>
    match S with
    | [] =>
      exact ⟨allHold_roundAll hd h.teacher, allHold_roundAll hd h.student,
        allHoldDiff_roundAll hd h.difference⟩
    | S :: Ss => exact hold_independentBounds hu hT hS hd h hl
  | cons T Ts ih =>
    match S with
    | [] => exact hold_independentBounds hu hT hS hd h hl
    | S :: Ss =>
      cases hp : T.pairs S <;> rw [pairBounds_cons, hp] at hl ⊢
      · exact hold_independentBounds hu hT hS hd h hl
      · exact ih Ss (fun L h => hT L (.tail _ h)) (fun L h => hS L (.tail _ h)) hu
          (hold_layer_pairBounds hu hd (hT T (.head _)) (hS S (.head _)) hp h) hl

end PyOrch
