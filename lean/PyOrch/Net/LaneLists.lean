import PyOrch.Net.LaneRounding

/-!
# Lists of bounds, taken apart

`affineDiffBounds` as an affine layer and an intersection, and the lengths of what the functions of
`PyOrch.Net.Bounds` yield.
-/

namespace PyOrch

/-- The intersections of intervals. -/
def interAll : List Interval → List Interval → List Interval
  | x :: xs, y :: ys => x.inter y :: interAll xs ys
  | _, _ => []

/-- The rows of `k * a + b`. -/
def combineRows (k : Nat) : List Interval → List Interval → List Interval
  | a :: as, b :: bs => (a.scale (.ofNat k)).add b :: combineRows k as bs
  | _, _ => []

/-- The differences `k₁ * b - k₂ * c`. -/
def combineBias (k₁ k₂ : Int) : List Int → List Int → List Int
  | b :: bs, c :: cs => (k₁ * b - k₂ * c) :: combineBias k₁ k₂ bs cs
  | _, _ => []

/-- The bounds of a difference are those of an affine layer, and those of the values subtracted. -/
theorem affineDiffBounds_eq (unit d den k₁ k₂ : Nat) (as bs : List Interval) (cs₁ cs₂ : List Int)
    (ts ss : List Interval) :
    affineDiffBounds unit d den (.ofNat k₁) (.ofNat k₂) as bs cs₁ cs₂ ts ss
      = interAll (affineBounds unit d den (combineRows k₁ as bs)
          (combineBias (.ofNat k₁) (.ofNat k₂) cs₁ cs₂)) (subAll ts ss) := by
  induction as generalizing bs cs₁ cs₂ ts ss with
  | nil =>
    cases bs <;> cases cs₁ <;> cases cs₂ <;> cases ts <;> cases ss <;> rfl
  | cons a as ih =>
    match bs, cs₁, cs₂, ts, ss with
    | [], cs₁, cs₂, ts, ss => cases cs₁ <;> cases cs₂ <;> cases ts <;> cases ss <;> rfl
    | _ :: _, [], cs₂, ts, ss => cases cs₂ <;> cases ts <;> cases ss <;> rfl
    | _ :: _, _ :: _, [], ts, ss => cases ts <;> cases ss <;> rfl
    | _ :: _, _ :: _, _ :: _, [], ss => cases ss <;> rfl
    | _ :: _, _ :: _, _ :: _, _ :: _, [] => rfl
    | b :: bs, c₁ :: cs₁, c₂ :: cs₂, t :: ts, s :: ss =>
      simp only [affineDiffBounds, combineRows, combineBias, affineBounds, subAll, interAll, ih]

/-! ## Lengths -/

/-- As many differences as intervals. -/
theorem length_subAll {n : Nat} {xs ys : List Interval} (hx : xs.length = n) (hy : ys.length = n) :
    (subAll xs ys).length = n := by
  induction xs generalizing n ys with
  | nil => cases ys <;> exact hx
  | cons x xs ih => match ys, n, hx, hy with
    | y :: ys, n + 1, hx, hy =>
      simp only [List.length_cons, Nat.succ.injEq] at hx hy
      simp only [subAll, List.length_cons, ih hx hy]

/-- As many intersections as intervals. -/
theorem length_interAll {n : Nat} {xs ys : List Interval} (hx : xs.length = n)
    (hy : ys.length = n) : (interAll xs ys).length = n := by
  induction xs generalizing n ys with
  | nil => cases ys <;> exact hx
  | cons x xs ih => match ys, n, hx, hy with
    | y :: ys, n + 1, hx, hy =>
      simp only [List.length_cons, Nat.succ.injEq] at hx hy
      simp only [interAll, List.length_cons, ih hx hy]

/-- An activation keeps the number of intervals. -/
theorem length_activation (f : Activation) (xs : List Interval) :
    (f.bounds xs).length = xs.length := by
  induction xs with
  | nil => cases f <;> rfl
  | cons x xs ih => cases f with
    | identity => rfl
    | relu => simp only [Activation.bounds, List.length_cons, ih]

/-- An activation keeps the number of differences. -/
theorem length_activationDiff (f : Activation) {n : Nat} {δs xs ys : List Interval}
    (hδ : δs.length = n) (hx : xs.length = n) (hy : ys.length = n) :
    (f.diffBounds δs xs ys).length = n := by
  cases f with
  | identity => cases δs <;> exact hδ
  | relu =>
    induction δs generalizing n xs ys with
    | nil => cases xs <;> cases ys <;> exact hδ
    | cons δ δs ih => match xs, ys, n, hδ, hx, hy with
      | x :: xs, y :: ys, n + 1, hδ, hx, hy =>
        simp only [List.length_cons, Nat.succ.injEq] at hδ hx hy
        simp only [Activation.diffBounds, List.length_cons, ih hδ hx hy]

/-- As many differences as biases. -/
theorem length_combineBias {k₁ k₂ : Int} {n : Nat} {bs cs : List Int} (hb : bs.length = n)
    (hc : cs.length = n) : (combineBias k₁ k₂ bs cs).length = n := by
  induction bs generalizing n cs with
  | nil => cases cs <;> exact hb
  | cons b bs ih => match cs, n, hb, hc with
    | c :: cs, n + 1, hb, hc =>
      simp only [List.length_cons, Nat.succ.injEq] at hb hc
      simp only [combineBias, List.length_cons, ih hb hc]

/-- As many combined rows as rows. -/
theorem length_combineRows {k n : Nat} {as bs : List Interval} (ha : as.length = n)
    (hb : bs.length = n) : (combineRows k as bs).length = n := by
  induction as generalizing n bs with
  | nil => cases bs <;> exact ha
  | cons a as ih => match bs, n, ha, hb with
    | b :: bs, n + 1, ha, hb =>
      simp only [List.length_cons, Nat.succ.injEq] at ha hb
      simp only [combineRows, List.length_cons, ih ha hb]

/-- As many rows of differences as rows. -/
theorem length_rowsDiffBounds (k₁ k₂ : Int) {n : Nat} {M N : List (List Int)} {xs : List Interval}
    (hM : M.length = n) (hN : N.length = n) : (rowsDiffBounds k₁ k₂ M N xs).length = n := by
  induction M generalizing n N with
  | nil => cases N <;> exact hM
  | cons r M ih => match N, n, hM, hN with
    | s :: N, n + 1, hM, hN =>
      simp only [List.length_cons, Nat.succ.injEq] at hM hN
      simp only [rowsDiffBounds, List.length_cons, ih hM hN]

/-- As many rows of products as rows. -/
theorem length_rowsBounds (M : List (List Int)) (xs : List Interval) :
    (rowsBounds M xs).length = M.length := by
  induction M with
  | nil => rfl
  | cons r M ih => simp only [rowsBounds, List.length_cons, ih]

end PyOrch
