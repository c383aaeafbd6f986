import PyOrch.Net.LaneVectorOps

/-!
# Affine layers, and differences of them, in all boxes of a batch

`Batch.affine` and `Batch.affineDiff` compute what `affineBounds` and the first part of
`affineDiffBounds` do, for the boxes of a batch at once.
-/

namespace PyOrch

namespace Batch

noncomputable section
variable (F : Batch)

/-- The biases of a layer, moved by `biasOffset`. -/
def bias (P : PackedLayer) : Nat := F.spread P.biasBits P.outputs P.bias

/-- What the biases of a layer are moved by. -/
def biasOffset (P : PackedLayer) : Nat := Nat.pow 2 (Nat.pred P.biasBits)

/-- `max w 0` and `max (-w) 0` of each column of a layer. -/
def columns (P : PackedLayer) : List Nat :=
  signColumns (Nat.pred P.bits) (fastFill F.group 1 P.outputs) (Nat.mul F.group P.outputs)
    P.fastColumns

/-- From multiples of `2 ^ -d / den` to multiples of `2 ^ -p`: so many bits are rounded away. -/
def shift (d p den : Nat) : Nat := Nat.sub (Nat.add (Nat.log2 den) d) p

/-- The denominator is a power of two, and there are bits to round away. -/
def hasShift (d p den : Nat) : Bool :=
  and (Nat.beq (Nat.pow 2 (Nat.log2 den)) den) (Nat.ble p (Nat.add (Nat.log2 den) d))

/-- The columns of the layer are as wide as groups of lanes. -/
def hasColumns (P : PackedLayer) : Bool :=
  and (Nat.beq P.stride F.group) (Nat.ble P.bits F.group)

/-- A bound of the sums of products with vectors of `g` bits. -/
def productBound (inputs k g : Nat) : Nat := Nat.mul inputs (Nat.mul (Nat.pow 2 k) (Nat.pow 2 g))

/-- An affine layer before rounding, at a vector `x` of multiples of `2 ^ -d`. -/
def affine (d p : Nat) (P : PackedLayer) (x : Nat) : Nat :=
  F.unrounded P.outputs (shift d p P.den) d F.bits (biasOffset P)
    (Nat.mul (Nat.pow 2 (Nat.pred F.bits)) (F.foldTotals P.outputs (columnsTotal (F.columns P))))
    (F.bias P) (F.fold P.outputs (groupProducts F.group (F.columns P) x))

/-- The affine layer, in multiples of `2 ^ -p`. -/
def affineValue (d p : Nat) (P : PackedLayer) (x : Nat) : Nat :=
  F.rounded P.outputs (shift d p P.den) F.bits (F.affine d p P x)

/-- The computation had room. -/
def affineFits (d p : Nat) (P : PackedLayer) (x : Nat) : Bool :=
  and (and (F.hasColumns P) (hasShift d p P.den))
    (and (F.hasRoom (productBound P.inputs (Nat.pred P.bits) F.bits) (shift d p P.den) d F.bits
        (biasOffset P))
      (F.inRange P.outputs (shift d p P.den) F.bits (F.affine d p P x)))

end

end Batch

/-- A swapped lane is a lane of the same group. -/
theorem exists_swapped {B : Nat} (hB : 0 < B) (f : Nat → Nat) (i : Nat) :
    ∃ i', i' / (B + B) = i / (B + B) ∧ swapped B f i = f i' := by
  have hl := Nat.mod_lt i (show 0 < B + B by omega)
  by_cases h : i % (B + B) < B
  · refine ⟨i / (B + B) * (B + B) + (B + i % (B + B)), (lane_index (by omega)).1, ?_⟩
    rw [swapped, if_pos h, Nat.add_assoc]
  · refine ⟨i / (B + B) * (B + B) + (i % (B + B) - B), (lane_index (by omega)).1, ?_⟩
    rw [swapped, if_neg h]

section
variable {F : Batch} {n k d g o p e A s z c : Nat} {Z a : Nat → Nat} {bias : List Int}

/-- An affine layer, from the sums of its products. -/
theorem Batch.Positive.holds_affine (hF : F.Positive) (hg : 0 < g)
    (hs : s = packTo F.width a (n * (F.size + F.size))) (hz : z = packTo F.group Z n)
    (hc : c = packTo F.group (fun r => offset o (bias.getD r 0)) n)
    (hA : ∀ i, i < n * (F.size + F.size) → a i ≤ A) (hZ : ∀ r, r < n → Z r ≤ A)
    (ho : ∀ r, -(o : Int) ≤ bias.getD r 0 ∧ bias.getD r 0 ≤ o) (hbias : bias.length = n)
    (hk : e + d = k + p) (room : F.hasRoom A k d g o = true)
    (fits : F.inRange n k g (F.unrounded n k d g o z c s) = true) {R : Nat → List Interval}
    (hR : ∀ b, b < F.size → (R b).length = n ∧
      LanesHold F.size (fun r => (Z r : Int)) a b 0 (R b)) :
    F.Holds g n (F.rounded n k g (F.unrounded n k d g o z c s))
      fun b => affineBounds (2 ^ p) (2 ^ d) (2 ^ e) (R b) bias := by
  have room : A + (2 * o * 2 ^ d + 2 ^ (k + g)) ≤ 2 ^ (F.width - 1) := Nat.le_of_ble_eq_true room
  have hpos := Nat.two_pow_pos (k + g)
  have hroom : F.Room n k d g o Z bias a := by
    refine ⟨fun i hi => ?_, fun r hr => ?_, ho⟩
    · have := hA i hi
      omega
    · have h1 := hZ r hr
      rw [Nat.mul_assoc] at room
      omega
  have hkg : k + g ≤ F.width - 1 :=
    (Nat.pow_le_pow_iff_right (by decide : 1 < 2)).1 (by omega)
  have hV : Below (2 ^ F.width) (unroundedLane F k d g o Z bias a) (n * (F.size + F.size)) :=
    fun i hi => (hroom.unroundedLane_lt hF hg hi).1
  rw [hs, hz, hc, hF.unrounded_eq hg hroom] at fits ⊢
  obtain ⟨e₁, e₂, e₃⟩ := hF.rounded_eq hkg hV fits
  refine ⟨_, e₁, e₂, fun b hb => ⟨?_, ?_⟩⟩
  · have : ∀ (rs : List Interval) (bs : List Int) (m : Nat), rs.length = m → bs.length = m →
        (affineBounds (2 ^ p) (2 ^ d) (2 ^ e) rs bs).length = m := by
      intro rs
      induction rs with
      | nil => intro bs m h _; cases bs <;> exact h
      | cons r rs ih =>
        intro bs m h h'
        match bs, m, h, h' with
        | b :: bs, m + 1, h, h' =>
          simp only [List.length_cons, Nat.succ.injEq] at h h'
          simp only [affineBounds, List.length_cons, ih bs m h h']
    exact this _ _ _ (hR b hb).1 hbias
  · refine lanesHold_affineBounds hb hk ho (fun i hi => ⟨e₃ i hi, ?_⟩) (hR b hb).1 hbias
      (hR b hb).2
    rw [unroundedLane, Nat.sub_add_cancel (hroom.unroundedLane_lt hF hg hi).2]

/-- The shift is what the names promise. -/
theorem Batch.spec_of_hasShift {den : Nat} (h : Batch.hasShift d p den = true) :
    2 ^ Nat.log2 den = den ∧ Nat.log2 den + d = Batch.shift d p den + p := by
  simp only [Batch.hasShift, Bool.and_eq_true, Nat.ble_eq] at h
  refine ⟨Nat.eq_of_beq_eq_true h.1, ?_⟩
  have : Batch.shift d p den = Nat.log2 den + d - p := rfl
  have h := h.2
  simp only [Nat.add_eq] at h
  omega

/-- The columns of a layer, by the weights that they store. -/
theorem Batch.exists_columns (hF : F.Positive) {L : PackedLayer} (h : F.hasColumns L = true) :
    ∃ es : List (Nat → Nat), es.length = L.inputs ∧
      (∀ e ∈ es, Below (2 ^ (L.bits - 1 + 1)) e L.outputs) ∧
      F.columns L = (es.map fun e => packTo F.group (fun r => above (L.bits - 1) (e r)) L.outputs
        + 2 ^ (F.group * L.outputs)
          * packTo F.group (fun r => beneath (L.bits - 1) (e r)) L.outputs)
      ∧ L.toLayer.weights = rowsOfColumns L.outputs
          (es.map (weightsFrom (L.bits - 1) · 0 L.outputs)) := by
  have hg : 0 < F.group := Nat.mul_pos hF.width (Nat.add_pos_left hF.size _)
  simp only [Batch.hasColumns, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨hs, hb⟩ := h
  have hs := Nat.eq_of_beq_eq_true hs
  have hk : L.bits - 1 < F.group := by omega
  have hc := L.isColumn_columns (by rw [hs]; exact hk)
  rw [hs] at hc
  obtain ⟨es, h₁, h₂, h₃⟩ := exists_entries hk hc
  refine ⟨es, ?_, h₂, ?_, ?_⟩
  · rw [← L.length_columns, h₁, List.length_map]
  · rw [Batch.columns, fastFill_eq F.group, PackedLayer.fastColumns_eq, h₁]
    exact signColumns_eq hk h₂
  · rw [← h₃, ← hs]
    rfl

/-- The sums of products with a vector of `g` bits, and the totals of the weights. -/
theorem Batch.Positive.products_spec (hF : F.Positive) {es : List (Nat → Nat)} {v : Nat → Nat}
    (hlt : ∀ e ∈ es, Below (2 ^ (k + 1)) e n)
    (hv : Below (2 ^ g) v (es.length * (F.size + F.size))) (hg : g ≤ F.width)
    (hA : productBound es.length k g < 2 ^ F.width) {cols : List Nat}
    (hc : cols = es.map fun e => packTo F.group (fun r => above k (e r)) n
      + 2 ^ (F.group * n) * packTo F.group (fun r => beneath k (e r)) n) :
    F.fold n (groupProducts F.group cols (packTo F.width v (es.length * (F.size + F.size))))
        = packTo F.width (rowLanes F.size k es v) (n * (F.size + F.size)) ∧
      F.foldTotals n (columnsTotal cols)
        = packTo F.group (fun r => rowTotal (above k) es r + rowTotal (beneath k) es r) n ∧
      (∀ i, i < n * (F.size + F.size) → rowLanes F.size k es v i ≤ productBound es.length k g) ∧
      ∀ r, r < n → 2 ^ g * (rowTotal (above k) es r + rowTotal (beneath k) es r)
        ≤ productBound es.length k g := by
  have hm : 0 < F.size + F.size := Nat.add_pos_left hF.size _
  have hbound : productBound es.length k g = es.length * (2 ^ k * 2 ^ g) := rfl
  have htotal : ∀ r, r < n → 2 ^ g * (rowTotal (above k) es r + rowTotal (beneath k) es r)
      ≤ productBound es.length k g := by
    intro r hr
    have := Nat.mul_le_mul_left (2 ^ g) (rowTotal_le hlt hr)
    rw [hbound, ← Nat.mul_assoc, Nat.mul_comm _ (2 ^ g)]
    exact this
  have hle : ∀ i, i < n * (F.size + F.size) →
      ∀ i', i' / (F.size + F.size) = i / (F.size + F.size) →
      laneProducts (F.size + F.size) (above k) es v i
        + laneProducts (F.size + F.size) (beneath k) es v i' ≤ productBound es.length k g :=
    fun i hi i' hi' => laneProducts_le hlt (Nat.div_lt_of_lt_mul (by rwa [Nat.mul_comm])) hi'
      (fun i hi => Nat.le_of_lt (hv i hi)) hm
  subst hc
  refine ⟨?_, ?_, fun i hi => ?_, htotal⟩
  · refine (congrArg (F.fold n)
      (groupProducts_eq hm es (hv.mono (Nat.pow_le_pow_right (by decide) hg)))).trans ?_
    exact hF.fold_eq
      (fun i hi => Nat.lt_of_le_of_lt (Nat.le_trans (Nat.le_add_right _ _) (hle i hi i rfl)) hA)
      fun i hi => Nat.lt_of_le_of_lt (Nat.le_trans (Nat.le_add_left _ _) (hle i hi i rfl)) hA
  · rw [columnsTotal_eq, Batch.foldTotals_eq]
    intro r hr
    have h1 := htotal r hr
    have h2 := Nat.le_mul_of_pos_left (rowTotal (above k) es r + rowTotal (beneath k) es r)
      (Nat.two_pow_pos g)
    have h3 : 2 ^ F.width ≤ 2 ^ F.group := Nat.pow_le_pow_right (by decide)
      (Nat.le_mul_of_pos_right _ hm)
    omega
  · obtain ⟨i', h₁, h₂⟩ :=
      exists_swapped hF.size (laneProducts (F.size + F.size) (beneath k) es v) i
    rw [rowLanes, h₂]
    exact hle i hi i' h₁

/-- What has room in a lane fits into it. -/
theorem Batch.Positive.lt_of_hasRoom (hF : F.Positive) (h : F.hasRoom A k d g o = true) :
    A < 2 ^ F.width := by
  have room : A + (2 * o * 2 ^ d + 2 ^ (k + g)) ≤ 2 ^ (F.width - 1) := Nat.le_of_ble_eq_true h
  have hw : 2 ^ (F.width - 1) < 2 ^ F.width :=
    Nat.pow_lt_pow_right (by decide) (by have := hF.width; omega)
  have hpos := Nat.two_pow_pos (k + g)
  omega

/-- `affineValue` holds the bounds of an affine layer. -/
theorem Batch.Holds.affine (hF : F.Positive) {L : PackedLayer} {x : Nat} {X : Nat → List Interval}
    (hx : F.Holds F.bits L.inputs x X) (h : F.affineFits d p L x = true) :
    F.Holds F.bits L.outputs (F.affineValue d p L x) fun b =>
      affineBounds (2 ^ p) (2 ^ d) L.den (rowsBounds L.toLayer.weights (X b)) L.toLayer.bias := by
  simp only [Batch.affineFits, Bool.and_eq_true] at h
  obtain ⟨⟨hc, hsh⟩, room, fits⟩ := h
  obtain ⟨hden, hshift⟩ := Batch.spec_of_hasShift hsh
  obtain ⟨es, hl, hlt, hcol, hw⟩ := Batch.exists_columns hF hc
  obtain ⟨v, rfl, hv, hX⟩ := hx
  rw [← hl] at hv room hX fits ⊢
  have hpow : 2 ^ (F.bits - 1) ≤ 2 ^ F.bits := Nat.pow_le_pow_right (by decide) (by omega)
  obtain ⟨hs, hz, hA, hZ⟩ := hF.products_spec hlt hv (by have := hF.room; omega)
    (hF.lt_of_hasRoom room) hcol
  have := hF.holds_affine (n := L.outputs) (Z := fun r => 2 ^ (F.bits - 1)
      * (rowTotal (above (L.bits - 1)) es r + rowTotal (beneath (L.bits - 1)) es r))
    (z := 2 ^ (F.bits - 1) * F.foldTotals L.outputs (columnsTotal (F.columns L)))
    (bias := L.biases) (R := fun b => rowsBounds L.toLayer.weights (X b)) (p := p)
    (e := Nat.log2 L.den) hF.bits hs (by rw [hz, mul_packTo])
    (F.spread_eq _ _ _) hA
    (fun r hr => Nat.le_trans (Nat.mul_le_mul_right _ hpow) (hZ r hr))
    (getD_signedLanes _ _ _) L.length_bias hshift room fits
    fun b hb => ⟨?_, ?_⟩
  · rw [hden] at this
    exact this
  · have : ∀ (M : List (List Int)) (xs : List Interval), (rowsBounds M xs).length = M.length := by
      intro M xs
      induction M with
      | nil => rfl
      | cons r M ih => simp only [rowsBounds, List.length_cons, ih]
    rw [this, L.length_weights]
  · have := lanesHold_rowsBounds (k := L.bits - 1) L.outputs hb (hX b hb).1 (hX b hb).2
    rw [hw]
    simp only [Int.natCast_mul]
    exact this

end

end PyOrch
