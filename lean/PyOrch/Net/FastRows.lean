import PyOrch.Net.ProductSound

/-!
# Row by row, quickly in the kernel

The row functions of `PyOrch.Net.Bounds` once more, by the means of `PyOrch.Net.FastInt`, each with
the theorem that it is the same function.
-/

namespace PyOrch

noncomputable section

/-- Whether all intervals are `⟨0, 0⟩`, as those of the difference are at the shared input. -/
def allZero (xs : List Interval) : Bool :=
  List.rec true (fun x _ rest => and (and (isZero x.lo) (isZero x.hi)) rest) xs

/-- So many zero intervals. -/
def zeroRows (n : Nat) : List Interval :=
  Nat.rec [] (fun _ rest => ⟨.ofNat 0, .ofNat 0⟩ :: rest) n

/-- Zero times anything is zero. -/
theorem dotBounds_of_allZero {xs : List Interval} (h : allZero xs = true) (row : List Int) :
    dotBounds row xs = ⟨0, 0⟩ := by
  induction xs generalizing row with
  | nil => cases row <;> rfl
  | cons x xs ih =>
    have h : ((isZero x.lo && isZero x.hi) && allZero xs) = true := h
    simp only [Bool.and_eq_true] at h
    match row with
    | [] => rfl
    | w :: ws =>
      have e : x = ⟨0, 0⟩ := by
        have h₁ := eq_zero_of_isZero h.1.1
        have h₂ := eq_zero_of_isZero h.1.2
        cases x
        simp only at h₁ h₂
        rw [h₁, h₂]
      have hs : Interval.scale w ⟨0, 0⟩ = ⟨0, 0⟩ := by
        cases w <;> simp only [Interval.scale, Int.mul_zero]
      rw [dotBounds, ih h.2, e, hs]
      rfl

/-- Zero times anything is zero. -/
theorem rowsBounds_of_allZero {xs : List Interval} (h : allZero xs = true)
    (rows : List (List Int)) : rowsBounds rows xs = zeroRows rows.length := by
  induction rows with
  | nil => rfl
  | cons row rows ih =>
    rw [rowsBounds, dotBounds_of_allZero h, ih]
    rfl

/-- As `affineBounds`, where `u / n` is `unit / (den * d)`. -/
def fastAffine (u n d : Nat) : List Interval → List Int → List Interval :=
  zipRec [] fun r b rest =>
    ⟨fastFloor n (fastScale u (fastAdd r.lo (fastScale d b))),
      fastCeil n (fastScale u (fastAdd r.hi (fastScale d b)))⟩ :: rest

/-- `unit / (den * d)`, reduced where `unit` is `d`. -/
def roundFactors (unit d den : Nat) : Nat × Nat :=
  bif Nat.beq unit d then (1, den) else (unit, den * d)

/-- The reduced factors round as the full ones do. -/
theorem div_roundFactors {unit d den : Nat} (hd : 0 < d) (a : Int) :
    ((roundFactors unit d den).1 * a) / ((roundFactors unit d den).2 : Int)
      = a * .ofNat unit / .ofNat (den * d) := by
  unfold roundFactors
  cases h : Nat.beq unit d
  · simp only [cond_false, Int.ofNat_eq_natCast, Int.mul_comm]
  · rw [Nat.beq_eq] at h
    subst h
    simp only [cond_true, Int.ofNat_eq_natCast, Int.natCast_mul, Int.natCast_one, Int.one_mul]
    rw [Int.mul_ediv_mul_of_pos_left _ _ (by omega)]

/-- The reduced divisor is positive. -/
theorem roundFactors_pos {unit d den : Nat} (hd : 0 < d) (hden : 0 < den) :
    0 < (roundFactors unit d den).2 := by
  unfold roundFactors
  cases Nat.beq unit d
  · exact Nat.mul_pos hden hd
  · exact hden

/-- Rounding with the reduced factors is `Interval.round`. -/
theorem fastRound_eq {unit d den : Nat} (hd : 0 < d) (hden : 0 < den) (x : Interval) :
    (⟨fastFloor (roundFactors unit d den).2 (fastScale (roundFactors unit d den).1 x.lo),
      fastCeil (roundFactors unit d den).2 (fastScale (roundFactors unit d den).1 x.hi)⟩ : Interval)
      = x.round unit (den * d) := by
  have hn := roundFactors_pos (unit := unit) hd hden
  rw [fastFloor_eq hn, fastCeil_eq hn, fastScale_eq, fastScale_eq, div_roundFactors hd,
    ← Int.mul_neg, div_roundFactors hd, Interval.round, Int.neg_mul]

/-- `fastAffine` is `affineBounds`. -/
theorem fastAffine_eq {unit d den : Nat} (hd : 0 < d) (hden : 0 < den) (rs : List Interval)
    (bs : List Int) : fastAffine (roundFactors unit d den).1 (roundFactors unit d den).2 d rs bs
      = affineBounds unit d den rs bs := by
  induction rs generalizing bs with
  | nil => rfl
  | cons r rs ih =>
    match bs with
    | [] => rfl
    | b :: bs =>
      have h := fastRound_eq (unit := unit) hd hden (r.shift (b * .ofNat d))
      have e : fastScale d b = b * .ofNat d := by
        rw [fastScale_eq, Int.mul_comm, Int.ofNat_eq_natCast]
      simp only [Interval.shift] at h
      show _ :: fastAffine _ _ d rs bs = _
      rw [ih bs, e, fastAdd_eq, fastAdd_eq, h]
      rfl

/-- As `affineDiffBounds`, where `u / n` is `unit / (den * d)`. -/
def fastAffineDiff (u n d k₁ k₂ : Nat) (as bs : List Interval) (cs₁ cs₂ : List Int)
    (ts ss : List Interval) : List Interval :=
  List.rec (fun _ _ _ _ _ => [])
    (fun a _ ih bs cs₁ cs₂ ts ss =>
      List.rec [] (fun b bs _ => List.rec [] (fun c₁ cs₁ _ => List.rec [] (fun c₂ cs₂ _ =>
        List.rec [] (fun t ts _ => List.rec [] (fun s ss _ =>
          ⟨fastMax (fastFloor n (fastScale u (fastAdd (fastAdd (fastScale k₁ a.lo) b.lo)
              (fastScale d (fastSub (fastScale k₁ c₁) (fastScale k₂ c₂)))))) (fastSub t.lo s.hi),
            fastMin (fastCeil n (fastScale u (fastAdd (fastAdd (fastScale k₁ a.hi) b.hi)
              (fastScale d (fastSub (fastScale k₁ c₁) (fastScale k₂ c₂)))))) (fastSub t.hi s.lo)⟩
            :: ih bs cs₁ cs₂ ts ss) ss) ts) cs₂) cs₁) bs)
    as bs cs₁ cs₂ ts ss

/-- The product with a natural number. -/
theorem scale_natCast (k : Nat) (x : Interval) : x.scale (.ofNat k) = ⟨k * x.lo, k * x.hi⟩ := rfl

/-- `fastAffineDiff` is `affineDiffBounds`. -/
theorem fastAffineDiff_eq {unit d den k₁ k₂ : Nat} (hd : 0 < d) (hden : 0 < den)
    (as bs : List Interval) (cs₁ cs₂ : List Int) (ts ss : List Interval) :
    fastAffineDiff (roundFactors unit d den).1 (roundFactors unit d den).2 d k₁ k₂ as bs cs₁ cs₂
        ts ss
      = affineDiffBounds unit d den (.ofNat k₁) (.ofNat k₂) as bs cs₁ cs₂ ts ss := by
  induction as generalizing bs cs₁ cs₂ ts ss with
  | nil => rfl
  | cons a as ih =>
    match bs, cs₁, cs₂, ts, ss with
    | [], _, _, _, _ => rfl
    | _ :: _, [], _, _, _ => rfl
    | _ :: _, _ :: _, [], _, _ => rfl
    | _ :: _, _ :: _, _ :: _, [], _ => rfl
    | _ :: _, _ :: _, _ :: _, _ :: _, [] => rfl
    | b :: bs, c₁ :: cs₁, c₂ :: cs₂, t :: ts, s :: ss =>
      have h := fastRound_eq (unit := unit) hd hden (((a.scale (.ofNat k₁)).add b).shift
        ((.ofNat k₁ * c₁ - .ofNat k₂ * c₂) * .ofNat d))
      have e : fastScale d (fastSub (fastScale k₁ c₁) (fastScale k₂ c₂))
          = (.ofNat k₁ * c₁ - .ofNat k₂ * c₂) * .ofNat d := by
        simp only [fastScale_eq, fastSub_eq, Int.ofNat_eq_natCast, Int.mul_comm]
      simp only [Interval.shift, Interval.add, scale_natCast, Interval.round] at h
      have h := Interval.mk.inj h
      show _ :: fastAffineDiff _ _ d k₁ k₂ as bs cs₁ cs₂ ts ss = _
      rw [ih bs cs₁ cs₂ ts ss, e]
      simp only [fastAdd_eq, fastMax_eq, fastMin_eq, fastSub_eq, fastScale_eq k₁]
      rw [h.1, h.2]
      rfl

/-- As `Activation.bounds`. -/
def fastActivation (f : Activation) (x : List Interval) : List Interval :=
  Activation.rec
    (List.rec [] (fun i _ ih => ⟨fastMax i.lo (.ofNat 0), fastMax i.hi (.ofNat 0)⟩ :: ih) x) x f

/-- `fastActivation` is `Activation.bounds`. -/
theorem fastActivation_eq (f : Activation) (x : List Interval) :
    fastActivation f x = f.bounds x := by
  cases f
  · induction x with
    | nil => rfl
    | cons i x ih =>
      show _ :: fastActivation .relu x = _
      rw [ih, fastMax_eq, fastMax_eq]
      rfl
  · cases x <;> rfl

/-- As `Activation.diffBounds`. -/
def fastActivationDiff (f : Activation) (δ t s : List Interval) : List Interval :=
  Activation.rec
    (List.rec (fun _ _ => []) (fun d _ ih t s =>
      List.rec [] (fun t ts _ => List.rec [] (fun s ss _ =>
      ⟨fastMax (fastMin d.lo t.lo) (fastSub t.lo s.hi),
        fastMin (fastMax d.hi (fastNeg s.lo)) (fastSub t.hi s.lo)⟩ :: ih ts ss) s) t) δ t s)
    δ f

/-- `fastActivationDiff` is `Activation.diffBounds`. -/
theorem fastActivationDiff_eq (f : Activation) (δ t s : List Interval) :
    fastActivationDiff f δ t s = f.diffBounds δ t s := by
  cases f
  · induction δ generalizing t s with
    | nil => rfl
    | cons d δ ih =>
      match t, s with
      | [], _ => rfl
      | _ :: _, [] => rfl
      | t :: ts, s :: ss =>
        show _ :: fastActivationDiff .relu δ ts ss = _
        rw [ih ts ss]
        simp only [fastMax_eq, fastMin_eq, fastSub_eq, fastNeg_eq]
        rfl
  · cases δ <;> cases t <;> cases s <;> rfl

/-! ## Layers -/

/-- As `Layer.pairStep`. -/
def fastPairStep (unit d den₁ den₂ : Nat) (f : Activation) (bias₁ bias₂ : List Int)
    (t s a b : List Interval) : PairBounds :=
  let k := commonFactors den₁ den₂
  let t := fastAffine (roundFactors unit d den₁).1 (roundFactors unit d den₁).2 d t bias₁
  let s := fastAffine (roundFactors unit d den₂).1 (roundFactors unit d den₂).2 d s bias₂
  let q := roundFactors unit d (k.1 * den₁)
  let δ := fastAffineDiff q.1 q.2 d k.1 k.2 a b bias₁ bias₂ t s
  let t' := fastActivation f t
  let s' := fastActivation f s
  ⟨t', s', fastActivationDiff f δ t' s'⟩

/-- `fastPairStep` is `Layer.pairStep`. -/
theorem fastPairStep_eq {unit d : Nat} (hd : 0 < d) {T S : Layer} (hT : 0 < T.den)
    (hS : 0 < S.den) (t s a b : List Interval) :
    fastPairStep unit d T.den S.den T.activation T.bias S.bias t s a b
      = T.pairStep unit S d t s a b := by
  have hk := Nat.mul_pos (commonFactors_spec hT hS).2 hT
  simp only [fastPairStep, Layer.pairStep, fastAffine_eq hd hT, fastAffine_eq hd hS,
    fastAffineDiff_eq hd hk, fastActivation_eq, fastActivationDiff_eq]

end

end PyOrch
