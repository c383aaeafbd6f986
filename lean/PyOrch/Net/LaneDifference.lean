import PyOrch.Net.LaneJoint

/-!
# The student's affine layer and the difference of two, in all boxes of a batch

`W_S x_S + b_S`, and `W_T δ + (W_T - W_S) x_S + (b_T - b_S)`, from the columns of the teacher's
weights and the joined ones of the student's and the difference's.
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

/-- The student's affine layer before rounding, at its values `s`. -/
def student (d p : Nat) (T S : PackedLayer) (s : Nat) : Nat :=
  let k := commonFactors T.den S.den
  F.unrounded T.outputs (shift d p S.den) d F.bits (biasOffset S)
    (Nat.mul (Nat.pow 2 (Nat.pred F.bits)) (F.lowerRows T.outputs (F.jointTotals k.1 k.2 T S)))
    (F.bias S) (F.lowerRows T.outputs (F.jointSums k.1 k.2 T S s))

/-- The difference of two affine layers before rounding, at a vector of differences `δ` and one of
the student's values `s`. -/
def affineDiff (d p : Nat) (T S : PackedLayer) (δ s : Nat) : Nat :=
  let k := commonFactors T.den S.den
  F.unrounded T.outputs (shift d p (Nat.mul k.1 T.den)) d (Nat.succ F.bits)
    (biasDiffOffset k.1 k.2 T S)
    (Nat.add
      (Nat.mul k.1 (Nat.mul (Nat.pow 2 F.bits)
        (F.foldTotals T.outputs (columnsTotal (F.columns T)))))
      (Nat.mul (Nat.pow 2 (Nat.pred F.bits)) (F.upperRows T.outputs (F.jointTotals k.1 k.2 T S))))
    (F.biasDiff k.1 k.2 T S)
    (Nat.add (Nat.mul k.1 (F.fold T.outputs (groupProducts F.group (F.columns T) δ)))
      (F.upperRows T.outputs (F.jointSums k.1 k.2 T S s)))

/-- The student's layer in multiples of `2 ^ -p`. -/
def studentValue (d p : Nat) (T S : PackedLayer) (s : Nat) : Nat :=
  F.rounded T.outputs (shift d p S.den) F.bits (F.student d p T S s)

/-- The difference in multiples of `2 ^ -p`. -/
def affineDiffValue (d p : Nat) (T S : PackedLayer) (δ s : Nat) : Nat :=
  F.rounded T.outputs (shift d p (Nat.mul (commonFactors T.den S.den).1 T.den)) (Nat.succ F.bits)
    (F.affineDiff d p T S δ s)

/-- The student's weights and those of the difference can be joined. -/
def canJoin (d p k₁ k₂ : Nat) (T S : PackedLayer) : Bool :=
  let e := PackedLayer.diffExponent k₁ k₂ T S
  and (and (and (F.hasColumns T) (F.hasColumns S))
      (and (Nat.ble (Nat.succ e) F.group) (Nat.ble (Nat.pred S.bits) e)))
    (and (hasShift d p S.den) (hasShift d p (Nat.mul k₁ T.den)))

/-- Both computations had room. -/
def differenceFits (d p : Nat) (T S : PackedLayer) (δ s : Nat) : Bool :=
  let k := commonFactors T.den S.den
  let A := productBound T.inputs (PackedLayer.diffExponent k.1 k.2 T S) F.bits
  and (and (F.canJoin d p k.1 k.2 T S)
      (and (F.hasRoom A (shift d p S.den) d F.bits (biasOffset S))
        (F.inRange T.outputs (shift d p S.den) F.bits (F.student d p T S s))))
    (and (F.hasRoom
        (Nat.add (Nat.mul k.1 (productBound T.inputs (Nat.pred T.bits) (Nat.succ F.bits))) A)
        (shift d p (Nat.mul k.1 T.den)) d (Nat.succ F.bits) (biasDiffOffset k.1 k.2 T S))
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

/-- `biasDiff` has the differences of the biases. -/
theorem Batch.biasDiff_spec (hm : T.outputs = S.outputs) (k₁ k₂ : Nat) :
    (∀ r, -(Batch.biasDiffOffset k₁ k₂ T S : Int)
        ≤ (combineBias (.ofNat k₁) (.ofNat k₂) T.biases S.biases).getD r 0 ∧
      (combineBias (.ofNat k₁) (.ofNat k₂) T.biases S.biases).getD r 0
        ≤ Batch.biasDiffOffset k₁ k₂ T S) ∧
    F.biasDiff k₁ k₂ T S = packTo F.group (fun r => offset (Batch.biasDiffOffset k₁ k₂ T S)
      ((combineBias (.ofNat k₁) (.ofNat k₂) T.biases S.biases).getD r 0)) T.outputs := by
  have hl : T.biases.length = S.biases.length := T.length_bias.trans (hm.trans S.length_bias.symm)
  have key := fun r => offset_combine (k₁ := k₁) (k₂ := k₂)
    (getD_signedLanes T.biasBits T.outputs T.bias r)
    (getD_signedLanes S.biasBits T.outputs S.bias r)
  have e : S.biases = signedLanes S.biasBits (S.biasBits - 1) T.outputs S.bias := by rw [hm]; rfl
  simp only [getD_combineBias _ _ hl]
  rw [e]
  refine ⟨fun r => (key r).1, ?_⟩
  show k₁ * F.spread _ _ _ + fastFill _ (2 * (k₂ * 2 ^ (S.biasBits - 1))) _
    - k₂ * F.spread _ _ _ = _
  rw [F.spread_eq, F.spread_eq, ← hm, fastFill_eq F.group, mul_packTo, mul_packTo, packTo_add,
    packTo_sub fun r _ => (key r).2.1]
  exact packTo_congr fun r _ => (key r).2.2

/-- Sums of products in lanes, and totals of weights: what they are, how large, and which bounds
they hold. -/
structure Batch.Sums (F : Batch) (n A s z : Nat) (a Z : Nat → Nat) (R : Nat → List Interval) :
    Prop where
  /-- The sums. -/
  sums : s = packTo F.width a (n * (F.size + F.size))
  /-- The totals. -/
  totals : z = packTo F.group Z n
  /-- The sums are at most `A`. -/
  sums_le : ∀ i, i < n * (F.size + F.size) → a i ≤ A
  /-- And so are the totals times a value. -/
  totals_le : ∀ r, r < n → 2 ^ F.bits * Z r ≤ A
  /-- The bounds, moved by the totals. -/
  holds : ∀ b, b < F.size →
    LanesHold F.size (fun r => ((2 ^ (F.bits - 1) : Nat) : Int) * Z r) a b 0 (R b)

/-- The joined sums hold the bounds of the student's rows and of the difference's. -/
theorem Batch.joint_spec (hF : F.Positive) (hT : F.hasColumns T = true)
    (hS : F.hasColumns S = true) (hm : T.outputs = S.outputs) (hn : T.inputs = S.inputs)
    {k₁ k₂ k : Nat} (he : PackedLayer.diffExponent k₁ k₂ T S = k) (hk : k < F.group)
    (hb : S.bits - 1 ≤ k) {w : Nat → Nat}
    (hw : Below (2 ^ F.bits) w (T.inputs * (F.size + F.size)))
    (hA : Batch.productBound T.inputs k F.bits < 2 ^ F.width) {X : Nat → List Interval}
    (hX : ∀ b, b < F.size → (X b).length = T.inputs ∧
      LanesHold F.size (fun _ => (2 ^ (F.bits - 1) : Nat)) w b 0 (X b)) :
    ∃ a Z a' Z' : Nat → Nat,
      F.Sums T.outputs (Batch.productBound T.inputs k F.bits)
        (F.lowerRows T.outputs
          (F.jointSums k₁ k₂ T S (packTo F.width w (T.inputs * (F.size + F.size)))))
        (F.lowerRows T.outputs (F.jointTotals k₁ k₂ T S)) a Z
        (fun b => rowsBounds S.toLayer.weights (X b)) ∧
      F.Sums T.outputs (Batch.productBound T.inputs k F.bits)
        (F.upperRows T.outputs
          (F.jointSums k₁ k₂ T S (packTo F.width w (T.inputs * (F.size + F.size)))))
        (F.upperRows T.outputs (F.jointTotals k₁ k₂ T S)) a' Z'
        (fun b => rowsDiffBounds (.ofNat k₁) (.ofNat k₂) T.toLayer.weights S.toLayer.weights
          (X b)) := by
  obtain ⟨es, hl, hlt, hcol, hrows⟩ := Batch.exists_jointColumns hF hT hS hm hn he hk hb
  rw [← hl] at hw hA hX ⊢
  have hm' : 0 < F.size + F.size := Nat.add_pos_left hF.size _
  obtain ⟨hs, hz, hle, hZ⟩ := hF.products_spec hlt hw (by have := hF.room; omega) hA hcol
  have hbelow : Below (2 ^ F.width) (rowLanes F.size k es w)
      ((T.outputs + T.outputs) * (F.size + F.size)) :=
    fun i hi => Nat.lt_of_le_of_lt (hle i hi) hA
  have htotal : Below (2 ^ F.group) (fun r => rowTotal (above k) es r + rowTotal (beneath k) es r)
      (T.outputs + T.outputs) := fun r hr => by
    have h1 := hZ r hr
    have h2 := Nat.le_mul_of_pos_left (rowTotal (above k) es r + rowTotal (beneath k) es r)
      (Nat.two_pow_pos F.bits)
    have h3 : 2 ^ F.width ≤ 2 ^ F.group := Nat.pow_le_pow_right (by decide)
      (Nat.le_mul_of_pos_right _ hm')
    show _ + _ < _
    omega
  have hs : F.jointSums k₁ k₂ T S (packTo F.width w (es.length * (F.size + F.size)))
    = packTo F.width (rowLanes F.size k es w) ((T.outputs + T.outputs) * (F.size + F.size)) := hs
  have hz : F.jointTotals k₁ k₂ T S = packTo F.group
    (fun r => rowTotal (above k) es r + rowTotal (beneath k) es r) (T.outputs + T.outputs) := hz
  have hold := fun b hb => lanesHold_rowsBounds (k := k) (T.outputs + T.outputs) hb
    (hX b hb).1 (hX b hb).2
  simp only [hrows] at hold
  rw [Nat.add_mul] at hle
  refine ⟨_, _, _, _,
    ⟨hs ▸ F.lowerRows_lanes _ hbelow, hz ▸ F.lowerRows_eq _ htotal, fun i hi => hle i (by omega),
      fun r hr => hZ r (by omega), fun b hb => (hold b hb).append.1⟩,
    ⟨hs ▸ F.upperRows_lanes _ hbelow, hz ▸ F.upperRows_eq _ htotal, fun i hi => hle _ (by omega),
      fun r hr => hZ _ (by omega), fun b hb => ?_⟩⟩
  have := (hold b hb).append.2
  rw [length_rowsBounds, S.length_weights, ← hm, Nat.zero_add] at this
  exact LanesHold.drop (j := 0) this

/-- `studentValue` and `affineDiffValue` hold the bounds of the student's layer and the first bounds
of the difference. -/
theorem Batch.Holds.affineDiff (hF : F.Positive) (hm : T.outputs = S.outputs)
    (hn : T.inputs = S.inputs) {δ s : Nat} {D X : Nat → List Interval}
    (hδ : F.Holds (F.bits + 1) T.inputs δ D) (hs : F.Holds F.bits T.inputs s X)
    (h : F.differenceFits d p T S δ s = true) :
    (F.Holds F.bits T.outputs (F.studentValue d p T S s) fun b =>
      affineBounds (2 ^ p) (2 ^ d) S.den (rowsBounds S.toLayer.weights (X b)) S.toLayer.bias) ∧
    F.Holds (F.bits + 1) T.outputs (F.affineDiffValue d p T S δ s) fun b =>
      affineBounds (2 ^ p) (2 ^ d) ((commonFactors T.den S.den).1 * T.den)
        (combineRows (commonFactors T.den S.den).1 (rowsBounds T.toLayer.weights (D b))
          (rowsDiffBounds (.ofNat (commonFactors T.den S.den).1)
            (.ofNat (commonFactors T.den S.den).2) T.toLayer.weights S.toLayer.weights (X b)))
        (combineBias (.ofNat (commonFactors T.den S.den).1)
          (.ofNat (commonFactors T.den S.den).2) T.toLayer.bias S.toLayer.bias) := by
  simp only [Batch.differenceFits, Batch.canJoin, Bool.and_eq_true] at h
  obtain ⟨⟨⟨⟨⟨hT, hS⟩, hexp, hb⟩, shS, shT⟩, roomS, fitsS⟩, room, fits⟩ := h
  have hexp := Nat.lt_of_succ_le (Nat.le_of_ble_eq_true hexp)
  obtain ⟨hden, hshift⟩ := Batch.spec_of_hasShift shT
  obtain ⟨hdenS, hshiftS⟩ := Batch.spec_of_hasShift shS
  obtain ⟨es, hl, hlt, hcol, hw⟩ := Batch.exists_columns hF hT
  obtain ⟨v, rfl, hv, hD⟩ := hδ
  obtain ⟨w, rfl, hv', hX⟩ := hs
  have hsum := hF.lt_of_hasRoom room
  simp only [Nat.add_eq, Nat.mul_eq, Nat.pred_eq_sub_one, Nat.succ_eq_add_one] at hsum
  obtain ⟨a, Z, a', Z', sS, sD⟩ := Batch.joint_spec hF hT hS hm hn rfl hexp
    (Nat.le_of_ble_eq_true hb) hv' (hF.lt_of_hasRoom roomS) hX
  have hbias : (combineBias (.ofNat (commonFactors T.den S.den).1)
      (.ofNat (commonFactors T.den S.den).2) T.biases S.biases).length = T.outputs :=
    length_combineBias T.length_bias (S.length_bias.trans hm.symm)
  obtain ⟨ho, hc⟩ := Batch.biasDiff_spec (F := F) hm (commonFactors T.den S.den).1
    (commonFactors T.den S.den).2
  have hk₁ : 0 < (commonFactors T.den S.den).1 := by
    refine Nat.pos_of_ne_zero fun h0 => ?_
    rw [h0] at hden
    have := Nat.two_pow_pos (Nat.log2 (Nat.mul 0 T.den))
    have : Nat.mul 0 T.den = 0 := Nat.zero_mul _
    omega
  have hA₁ : Batch.productBound T.inputs (T.bits - 1) (F.bits + 1) < 2 ^ F.width := by
    have := Nat.le_mul_of_pos_left (Batch.productBound T.inputs (T.bits - 1) (F.bits + 1)) hk₁
    omega
  have hpow : 2 ^ (F.bits - 1) ≤ 2 ^ F.bits := Nat.pow_le_pow_right (by decide) (by omega)
  have hpow' : 2 ^ F.bits ≤ 2 ^ (F.bits + 1) := Nat.pow_le_pow_right (by decide) (by omega)
  refine ⟨?_, ?_⟩
  · have := hF.holds_affine (n := T.outputs) (Z := fun r => 2 ^ (F.bits - 1) * Z r) (p := p)
      (bias := S.biases) (R := fun b => rowsBounds S.toLayer.weights (X b)) (e := Nat.log2 S.den)
      hF.bits sS.sums (by rw [sS.totals, ← mul_packTo]; rfl) (by rw [hm]; exact F.spread_eq _ _ _)
      sS.sums_le (fun r hr => Nat.le_trans (Nat.mul_le_mul_right _ hpow) (sS.totals_le r hr))
      (getD_signedLanes _ _ _) (S.length_bias.trans hm.symm) hshiftS roomS fitsS
      fun b hb => ⟨(length_rowsBounds _ _).trans (S.length_weights.trans hm.symm), by
        simp only [Int.natCast_mul]; exact sS.holds b hb⟩
    rw [hdenS] at this
    exact this
  rw [← hl] at hv hA₁
  obtain ⟨s₁, z₁, a₁, t₁⟩ := hF.products_spec hlt hv (by have := hF.room; omega) hA₁ hcol
  rw [hl] at s₁ a₁ t₁
  rw [Batch.affineDiffValue]
  have unfolded : F.affineDiff d p T S (packTo F.width v (T.inputs * (F.size + F.size)))
      (packTo F.width w (T.inputs * (F.size + F.size)))
      = F.unrounded T.outputs (Batch.shift d p ((commonFactors T.den S.den).1 * T.den)) d
        (F.bits + 1) (Batch.biasDiffOffset (commonFactors T.den S.den).1
          (commonFactors T.den S.den).2 T S) _ _ _ := rfl
  rw [unfolded] at fits ⊢
  clear unfolded fitsS
  generalize hk : commonFactors T.den S.den = k at *
  generalize he : PackedLayer.diffExponent k.1 k.2 T S = e at *
  have := hF.holds_affine (n := T.outputs) (g := F.bits + 1) (d := d) (p := p)
    (A := k.1 * Batch.productBound T.inputs (T.bits - 1) (F.bits + 1)
      + Batch.productBound T.inputs e F.bits)
    (a := fun i => k.1 * rowLanes F.size (T.bits - 1) es v i + a' i)
    (Z := fun r => k.1 * (2 ^ F.bits
        * (rowTotal (above (T.bits - 1)) es r + rowTotal (beneath (T.bits - 1)) es r))
      + 2 ^ (F.bits - 1) * Z' r)
    (R := fun b => combineRows k.1 (rowsBounds T.toLayer.weights (D b))
      (rowsDiffBounds (.ofNat k.1) (.ofNat k.2) T.toLayer.weights S.toLayer.weights (X b)))
    (Nat.succ_pos _) (by rw [← packTo_add, ← mul_packTo, ← s₁, ← sD.sums]; rfl)
    (by rw [← packTo_add, ← mul_packTo, ← mul_packTo, ← mul_packTo, ← z₁, ← sD.totals]; rfl)
    hc ?_ ?_ ho hbias hshift room fits ?_
  · rw [hden] at this
    exact this
  · intro i hi
    exact Nat.add_le_add (Nat.mul_le_mul_left k.1 (a₁ i hi)) (sD.sums_le i hi)
  · intro r hr
    have h₁ := Nat.mul_le_mul_left k.1 (Nat.le_trans (Nat.mul_le_mul_right _ hpow') (t₁ r hr))
    have h₂ := Nat.le_trans (Nat.mul_le_mul_right _ hpow) (sD.totals_le r hr)
    exact Nat.add_le_add h₁ h₂
  · intro b hb
    refine ⟨length_combineRows ((length_rowsBounds _ _).trans T.length_weights)
      (length_rowsDiffBounds _ _ T.length_weights (S.length_weights.trans hm.symm)), ?_⟩
    have h₁ := lanesHold_rowsBounds (k := T.bits - 1) T.outputs hb ((hD b hb).1.trans hl.symm)
      (hD b hb).2
    rw [← hw] at h₁
    have := h₁.combine (k := k.1) (sD.holds b hb)
    simp only [Int.natCast_add, Int.natCast_mul]
    simp only [Int.natCast_add, Nat.add_sub_cancel] at this
    exact this

end

end PyOrch
