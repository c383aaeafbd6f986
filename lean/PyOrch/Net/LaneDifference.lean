import PyOrch.Net.LaneLayers

/-!
# The difference of two affine layers in all boxes of a batch

`W_T δ + (W_T - W_S) x_S + (b_T - b_S)`, from the columns of the teacher's weights and those of the
difference of the weights.
-/

namespace PyOrch

namespace Batch

noncomputable section
variable (F : Batch)

/-- What the differences of the biases are moved by. -/
def biasDiffOffset (k₁ k₂ : Nat) (T S : PackedLayer) : Nat :=
  Nat.add (Nat.mul k₁ (biasOffset T)) (Nat.mul k₂ (biasOffset S))

/-- The differences `k₁ * b - k₂ * c` of the biases, moved by `biasDiffOffset`. -/
def biasDiff (k₁ k₂ : Nat) (T S : PackedLayer) : Nat :=
  Nat.sub (Nat.add (Nat.mul k₁ (F.bias T))
      (fastFill F.group (Nat.mul 2 (Nat.mul k₂ (biasOffset S))) T.outputs))
    (Nat.mul k₂ (F.bias S))

/-- The difference of two affine layers before rounding, at a vector of differences `δ` and one of
the student's values `s`. -/
def affineDiff (d p : Nat) (T S : PackedLayer) (δ s : Nat) : Nat :=
  let k := commonFactors T.den S.den
  let cols := F.columns T
  let cols' := F.diffColumns k.1 k.2 T S
  F.unrounded T.outputs (shift d p (Nat.mul k.1 T.den)) d (Nat.succ F.bits)
    (biasDiffOffset k.1 k.2 T S)
    (Nat.add
      (Nat.mul k.1 (Nat.mul (Nat.pow 2 F.bits) (F.foldTotals T.outputs (columnsTotal cols))))
      (Nat.mul (Nat.pow 2 (Nat.pred F.bits)) (F.foldTotals T.outputs (columnsTotal cols'))))
    (F.biasDiff k.1 k.2 T S)
    (Nat.add (Nat.mul k.1 (groupProducts F.group cols δ)) (groupProducts F.group cols' s))

/-- The difference in multiples of `2 ^ -p`. -/
def affineDiffValue (d p : Nat) (T S : PackedLayer) (δ s : Nat) : Nat :=
  F.rounded T.outputs (shift d p (Nat.mul (commonFactors T.den S.den).1 T.den)) (Nat.succ F.bits)
    (F.affineDiff d p T S δ s)

/-- The computation had room. -/
def affineDiffFits (d p : Nat) (T S : PackedLayer) (δ s : Nat) : Bool :=
  let k := commonFactors T.den S.den
  let e := PackedLayer.diffExponent k.1 k.2 T S
  and (and (and (F.hasColumns T) (F.hasColumns S))
      (and (Nat.ble (Nat.succ e) F.group) (hasShift d p (Nat.mul k.1 T.den))))
    (and (F.hasRoom (Nat.add
        (Nat.mul k.1 (productBound T.inputs (Nat.pred T.bits) (Nat.succ F.bits)))
        (productBound T.inputs e F.bits)) (shift d p (Nat.mul k.1 T.den)) d (Nat.succ F.bits)
        (biasDiffOffset k.1 k.2 T S))
      (F.inRange T.outputs (shift d p (Nat.mul k.1 T.den)) (Nat.succ F.bits)
        (F.affineDiff d p T S δ s)))

end

end Batch

/-- The entries of `combineBias`. -/
theorem getD_combineBias (k₁ k₂ : Int) {bs cs : List Int} (h : bs.length = cs.length) (r : Nat) :
    (combineBias k₁ k₂ bs cs).getD r 0 = k₁ * bs.getD r 0 - k₂ * cs.getD r 0 := by
  induction bs generalizing cs r with
  | nil => match cs, h with
    | [], _ => simp only [combineBias, List.getD_nil, Int.mul_zero, Int.sub_zero]
  | cons b bs ih => match cs, h with
    | c :: cs, h => cases r with
      | zero => rfl
      | succ r => exact ih (Nat.succ.inj h) r

/-- A difference of numbers that are moved. -/
theorem offset_combine {k₁ k₂ o₁ o₂ : Nat} {b c : Int} (hb : -(o₁ : Int) ≤ b ∧ b ≤ o₁)
    (hc : -(o₂ : Int) ≤ c ∧ c ≤ o₂) :
    (-((k₁ * o₁ + k₂ * o₂ : Nat) : Int) ≤ .ofNat k₁ * b - .ofNat k₂ * c ∧
      .ofNat k₁ * b - .ofNat k₂ * c ≤ (k₁ * o₁ + k₂ * o₂ : Nat)) ∧
    k₂ * offset o₂ c ≤ k₁ * offset o₁ b + 2 * (k₂ * o₂) ∧
    k₁ * offset o₁ b + 2 * (k₂ * o₂) - k₂ * offset o₂ c
      = offset (k₁ * o₁ + k₂ * o₂) (.ofNat k₁ * b - .ofNat k₂ * c) := by
  have e₁ := congrArg ((k₁ : Int) * ·) (offset_eq hb.1)
  have e₂ := congrArg ((k₂ : Int) * ·) (offset_eq hc.1)
  have h₁ := Int.mul_le_mul_of_nonneg_left hb.1 (Int.natCast_nonneg k₁)
  have h₂ := Int.mul_le_mul_of_nonneg_left hb.2 (Int.natCast_nonneg k₁)
  have h₃ := Int.mul_le_mul_of_nonneg_left hc.1 (Int.natCast_nonneg k₂)
  have h₄ := Int.mul_le_mul_of_nonneg_left hc.2 (Int.natCast_nonneg k₂)
  simp only [Int.mul_add, Int.mul_neg, ← Int.natCast_mul] at e₁ e₂ h₁ h₂ h₃ h₄
  have hlow : -((k₁ * o₁ + k₂ * o₂ : Nat) : Int) ≤ .ofNat k₁ * b - .ofNat k₂ * c := by
    simp only [Int.ofNat_eq_natCast]
    omega
  have e₃ := offset_eq hlow
  simp only [Int.ofNat_eq_natCast] at hlow e₃ ⊢
  refine ⟨⟨hlow, ?_⟩, ?_, ?_⟩ <;> omega

/-- Lanes of a combination. -/
theorem LanesHold.combine {B b k j : Nat} {Z Z' : Nat → Int} {a a' : Nat → Nat}
    {as bs : List Interval} (ha : LanesHold B Z a b j as) (hb : LanesHold B Z' a' b j bs) :
    LanesHold B (fun r => k * Z r + Z' r) (fun i => k * a i + a' i) b j (combineRows k as bs) := by
  induction as generalizing bs j with
  | nil => cases bs <;> trivial
  | cons x xs ih => match bs with
    | [] => trivial
    | y :: ys =>
      refine ⟨?_, ih ha.2 hb.2⟩
      have h₁ := ha.1
      have h₂ := hb.1
      simp only [LanesAt, scale_natCast, Interval.add, Int.natCast_add, Int.natCast_mul] at *
      rw [h₁.1, h₁.2, h₂.1, h₂.2]
      constructor <;> grind

section
variable {F : Batch} {d p : Nat} {T S : PackedLayer}

/-- The columns of the difference of two layers, by the weights that they store. -/
theorem Batch.exists_diffColumns (hF : F.Positive) (hT : F.hasColumns T = true)
    (hS : F.hasColumns S = true) (hm : T.outputs = S.outputs) (hn : T.inputs = S.inputs)
    {k₁ k₂ e : Nat} (he : PackedLayer.diffExponent k₁ k₂ T S = e) (hk : e < F.group) :
    ∃ es : List (Nat → Nat), es.length = T.inputs ∧
      (∀ f ∈ es, Below (2 ^ (e + 1)) f T.outputs) ∧
      F.diffColumns k₁ k₂ T S
        = (es.map fun f => packTo F.group (fun r => above e (f r)) T.outputs
          + 2 ^ (F.group * T.outputs) * packTo F.group (fun r => beneath e (f r)) T.outputs)
      ∧ ∀ xs, rowsDiffBounds (.ofNat k₁) (.ofNat k₂) T.toLayer.weights S.toLayer.weights xs
          = rowsBounds (rowsOfColumns T.outputs (es.map (weightsFrom e · 0 T.outputs))) xs := by
  subst he
  have hg : 0 < F.group := Nat.mul_pos hF.width (Nat.add_pos_left hF.size _)
  simp only [Batch.hasColumns, Bool.and_eq_true, Nat.ble_eq] at hT hS
  have hsT := Nat.eq_of_beq_eq_true hT.1
  have hsS := Nat.eq_of_beq_eq_true hS.1
  have ha : T.bits - 1 < F.group := by omega
  have hb : S.bits - 1 < F.group := by omega
  have hcT := T.isColumn_columns (by rw [hsT]; exact ha)
  have hcS := S.isColumn_columns (by rw [hsS]; exact hb)
  rw [hsT] at hcT
  rw [hsS, ← hm] at hcS
  obtain ⟨h₁, h₂⟩ := diffColumns_spec (k := PackedLayer.diffExponent k₁ k₂ T S)
    Nat.lt_log2_self ha hb hk hcT hcS
  obtain ⟨es, e₁, e₂, e₃⟩ := exists_entries hk h₁
  refine ⟨es, ?_, e₂, ?_, fun xs => ?_⟩
  · have := congrArg List.length e₁
    rw [List.length_map] at this
    rw [← this]
    have len : ∀ (vs ws : List Nat) (c n : Nat), vs.length = n → ws.length = n →
        (PackedLayer.diffColumns k₁ k₂ c vs ws).length = n := by
      intro vs
      induction vs with
      | nil => intro ws c n h _; cases ws <;> exact h
      | cons v vs ih =>
        intro ws c n h h'
        match ws, n, h, h' with
        | w :: ws, n + 1, h, h' =>
          simp only [List.length_cons, Nat.succ.injEq] at h h'
          show (PackedLayer.diffColumns k₁ k₂ c vs ws).length + 1 = n + 1
          rw [ih ws c n h h']
    exact len _ _ _ _ T.length_columns (by rw [S.length_columns, hn])
  · rw [Batch.diffColumns, PackedLayer.fastColumns_eq, PackedLayer.fastColumns_eq, fastFill_eq_fill,
      e₁, ← fastFill_eq_fill, fastFill_eq]
    exact signColumns_eq hk e₂
  · rw [← e₃, h₂, ← rowsDiffBounds_rowsOfColumns _ _ _ _ _ _
      (fun c => length_of_mem_signedColumns) (fun c => length_of_mem_signedColumns)]
    simp only [PackedLayer.toLayer, hsT, hsS, hm]

/-- `biasDiff` has the differences of the biases. -/
theorem Batch.biasDiff_spec (hF : F.Positive) (hm : T.outputs = S.outputs) (k₁ k₂ : Nat) :
    (∀ r, -(Batch.biasDiffOffset k₁ k₂ T S : Int)
        ≤ (combineBias (.ofNat k₁) (.ofNat k₂) T.biases S.biases).getD r 0 ∧
      (combineBias (.ofNat k₁) (.ofNat k₂) T.biases S.biases).getD r 0
        ≤ Batch.biasDiffOffset k₁ k₂ T S) ∧
    F.biasDiff k₁ k₂ T S = packTo F.group (fun r => offset (Batch.biasDiffOffset k₁ k₂ T S)
      ((combineBias (.ofNat k₁) (.ofNat k₂) T.biases S.biases).getD r 0)) T.outputs := by
  have hl : T.biases.length = S.biases.length := T.length_bias.trans (hm.trans S.length_bias.symm)
  have key := fun r => offset_combine (k₁ := k₁) (k₂ := k₂)
    (getD_signedLanes T.biasBits T.outputs T.bias r) (getD_signedLanes S.biasBits T.outputs S.bias r)
  have e : S.biases = signedLanes S.biasBits (S.biasBits - 1) T.outputs S.bias := by rw [hm]; rfl
  simp only [getD_combineBias _ _ hl]
  rw [e]
  refine ⟨fun r => (key r).1, ?_⟩
  show k₁ * F.spread _ _ _ + fastFill _ (2 * (k₂ * 2 ^ (S.biasBits - 1))) _
    - k₂ * F.spread _ _ _ = _
  rw [F.spread_eq, F.spread_eq, ← hm, fastFill_eq F.group, mul_packTo, mul_packTo, packTo_add,
    packTo_sub fun r _ => (key r).2.1]
  exact packTo_congr fun r _ => (key r).2.2

/-- `affineDiffValue` holds the first bounds of the difference. -/
theorem Batch.Holds.affineDiff (hF : F.Positive) (hm : T.outputs = S.outputs)
    (hn : T.inputs = S.inputs) {δ s : Nat} {D X : Nat → List Interval}
    (hδ : F.Holds (F.bits + 1) T.inputs δ D) (hs : F.Holds F.bits T.inputs s X)
    (h : F.affineDiffFits d p T S δ s = true) :
    F.Holds (F.bits + 1) T.outputs (F.affineDiffValue d p T S δ s) fun b =>
      affineBounds (2 ^ p) (2 ^ d) ((commonFactors T.den S.den).1 * T.den)
        (combineRows (commonFactors T.den S.den).1 (rowsBounds T.toLayer.weights (D b))
          (rowsDiffBounds (.ofNat (commonFactors T.den S.den).1)
            (.ofNat (commonFactors T.den S.den).2) T.toLayer.weights S.toLayer.weights (X b)))
        (combineBias (.ofNat (commonFactors T.den S.den).1)
          (.ofNat (commonFactors T.den S.den).2) T.toLayer.bias S.toLayer.bias) := by
  simp only [Batch.affineDiffFits, Bool.and_eq_true] at h
  obtain ⟨⟨⟨hT, hS⟩, hexp, hsh⟩, room, fits⟩ := h
  have hexp := Nat.lt_of_succ_le (Nat.le_of_ble_eq_true hexp)
  obtain ⟨hden, hshift⟩ := Batch.spec_of_hasShift hsh
  obtain ⟨es, hl, hlt, hcol, hw⟩ := Batch.exists_columns hF hT
  obtain ⟨es', hl', hlt', hcol', hw'⟩ := Batch.exists_diffColumns hF hT hS hm hn rfl hexp
  obtain ⟨v, rfl, hv, hD⟩ := hδ
  obtain ⟨w, rfl, hv', hX⟩ := hs
  have hsum := hF.lt_of_hasRoom room
  simp only [Nat.add_eq, Nat.mul_eq, Nat.pred_eq_sub_one, Nat.succ_eq_add_one] at hsum
  have hbias : (combineBias (.ofNat (commonFactors T.den S.den).1)
      (.ofNat (commonFactors T.den S.den).2) T.biases S.biases).length = T.outputs :=
    length_combineBias T.length_bias (S.length_bias.trans hm.symm)
  obtain ⟨ho, hc⟩ := Batch.biasDiff_spec hF hm (commonFactors T.den S.den).1
    (commonFactors T.den S.den).2
  have hk₁ : 0 < (commonFactors T.den S.den).1 := by
    refine Nat.pos_of_ne_zero fun h0 => ?_
    rw [h0] at hden
    have := Nat.two_pow_pos (Nat.log2 (Nat.mul 0 T.den))
    have : Nat.mul 0 T.den = 0 := Nat.zero_mul _
    omega
  have hA₁ : productBound T.inputs (T.bits - 1) (F.bits + 1) < 2 ^ F.width := by
    have := Nat.le_mul_of_pos_left (productBound T.inputs (T.bits - 1) (F.bits + 1)) hk₁
    omega
  have hpow : 2 ^ (F.bits - 1) ≤ 2 ^ F.bits := Nat.pow_le_pow_right (by decide) (by omega)
  have hpow' : 2 ^ F.bits ≤ 2 ^ (F.bits + 1) := Nat.pow_le_pow_right (by decide) (by omega)
  rw [← hl] at hv hA₁
  rw [← hl'] at hv'
  obtain ⟨s₁, z₁, a₁, t₁⟩ := hF.products_spec hlt hv (by have := hF.room; omega) hA₁ hcol
  obtain ⟨s₂, z₂, a₂, t₂⟩ := hF.products_spec hlt' hv' (by have := hF.room; omega)
    (by rw [hl']; omega) hcol'
  rw [hl] at s₁ a₁ t₁
  rw [hl'] at s₂ a₂ t₂
  have unfolded : F.affineDiff d p T S (packTo F.width v (T.inputs * (F.size + F.size)))
      (packTo F.width w (T.inputs * (F.size + F.size)))
      = F.unrounded T.outputs (Batch.shift d p ((commonFactors T.den S.den).1 * T.den)) d
        (F.bits + 1) (Batch.biasDiffOffset (commonFactors T.den S.den).1
          (commonFactors T.den S.den).2 T S) _ _ _ := rfl
  rw [Batch.affineDiffValue]
  rw [unfolded] at fits ⊢
  clear unfolded
  generalize hk : commonFactors T.den S.den = k at *
  generalize he : PackedLayer.diffExponent k.1 k.2 T S = e at *
  have := hF.holds_affine (n := T.outputs) (g := F.bits + 1) (d := d) (p := p)
    (A := k.1 * productBound T.inputs (T.bits - 1) (F.bits + 1) + productBound T.inputs e F.bits)
    (P := fun i => k.1 * laneProducts (F.size + F.size) (above (T.bits - 1)) es v i
      + laneProducts (F.size + F.size) (above e) es' w i)
    (Q := fun i => k.1 * laneProducts (F.size + F.size) (beneath (T.bits - 1)) es v i
      + laneProducts (F.size + F.size) (beneath e) es' w i)
    (Z := fun r => k.1 * (2 ^ F.bits
        * (rowTotal (above (T.bits - 1)) es r + rowTotal (beneath (T.bits - 1)) es r))
      + 2 ^ (F.bits - 1) * (rowTotal (above e) es' r + rowTotal (beneath e) es' r))
    (s := k.1 * groupProducts F.group (F.columns T)
        (packTo F.width v (T.inputs * (F.size + F.size)))
      + groupProducts F.group (F.diffColumns k.1 k.2 T S)
        (packTo F.width w (T.inputs * (F.size + F.size))))
    (z := k.1 * (2 ^ F.bits * F.foldTotals T.outputs (columnsTotal (F.columns T)))
      + 2 ^ (F.bits - 1) * F.foldTotals T.outputs (columnsTotal (F.diffColumns k.1 k.2 T S)))
    (R := fun b => combineRows k.1 (rowsBounds T.toLayer.weights (D b))
      (rowsDiffBounds (.ofNat k.1) (.ofNat k.2) T.toLayer.weights S.toLayer.weights (X b)))
    (Nat.succ_pos _) ?_ ?_ hc ?_ ?_ ho hbias hshift room fits ?_
  · rw [hden] at this
    exact this
  · rw [s₁, s₂, Nat.mul_add, mul_packTo, Nat.mul_left_comm, mul_packTo, ← packTo_add, ← packTo_add]
    simp only [Nat.mul_add]
    ac_rfl
  · rw [z₁, z₂, mul_packTo, mul_packTo, mul_packTo, packTo_add]
  · intro i hi i' hi'
    have h₁ := Nat.mul_le_mul_left k.1 (a₁ i hi i' hi')
    have h₂ := a₂ i hi i' hi'
    rw [Nat.mul_add] at h₁
    simp only
    omega
  · intro r hr
    have h₁ := Nat.mul_le_mul_left k.1 (Nat.le_trans (Nat.mul_le_mul_right _ hpow') (t₁ r hr))
    have h₂ := Nat.le_trans (Nat.mul_le_mul_right _ hpow) (t₂ r hr)
    exact Nat.add_le_add h₁ h₂
  · intro b hb
    refine ⟨length_combineRows ((length_rowsBounds _ _).trans T.length_weights)
      (length_rowsDiffBounds _ _ T.length_weights (S.length_weights.trans hm.symm)), ?_⟩
    have h₁ := lanesHold_rowsBounds (k := T.bits - 1) T.outputs hb ((hD b hb).1.trans hl.symm)
      (hD b hb).2
    have h₂ := lanesHold_rowsBounds (k := e) T.outputs hb ((hX b hb).1.trans hl'.symm) (hX b hb).2
    rw [← hw] at h₁
    rw [← hw'] at h₂
    have := h₁.combine (k := k.1) h₂
    have lanes : (fun i => k.1 * rowLanes F.size (T.bits - 1) es v i + rowLanes F.size e es' w i)
        = fun i => k.1 * laneProducts (F.size + F.size) (above (T.bits - 1)) es v i
            + laneProducts (F.size + F.size) (above e) es' w i
            + swapped F.size (fun i => k.1 * laneProducts (F.size + F.size)
                (beneath (T.bits - 1)) es v i
              + laneProducts (F.size + F.size) (beneath e) es' w i) i := by
      funext i
      simp only [rowLanes, swapped]
      split <;> rw [Nat.mul_add] <;> omega
    rw [lanes] at this
    simp only [Int.natCast_add, Int.natCast_mul]
    simp only [Int.natCast_add, Nat.add_sub_cancel] at this
    exact this

end

end PyOrch
