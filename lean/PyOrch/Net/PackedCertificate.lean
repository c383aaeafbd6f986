import PyOrch.Net.PackedSound

/-!
# The fast checker is the checker

Every packed computation equals the plain one on the network that the data stand for, so a
certificate may run `packedCheck` and state its theorem about `PackedNetwork.toNetwork`.
-/

namespace PyOrch

universe u

/-- The packed differences are columns, and stand for the combination of the columns. -/
theorem diffColumns_spec {R k k₁ k₂ a b rows : Nat} (h : k₁ * 2 ^ a + k₂ * 2 ^ b < 2 ^ k)
    (ha : a < R) (hb : b < R) (hk : k < R) {vs ws : List Nat}
    (hv : ∀ c ∈ vs, IsColumn R a rows c) (hw : ∀ c ∈ ws, IsColumn R b rows c) :
    (∀ c ∈ PackedLayer.diffColumns k₁ k₂ ((2 ^ k + k₂ * 2 ^ b - k₁ * 2 ^ a) * fill R 1 rows) vs ws,
      IsColumn R k rows c) ∧
    signedColumns R k rows
        (PackedLayer.diffColumns k₁ k₂ ((2 ^ k + k₂ * 2 ^ b - k₁ * 2 ^ a) * fill R 1 rows) vs ws)
      = combineColumns (.ofNat k₁) (.ofNat k₂) (signedColumns R a rows vs)
          (signedColumns R b rows ws) := by
  induction vs generalizing ws with
  | nil => exact ⟨nofun, rfl⟩
  | cons v vs ih =>
    match ws with
    | [] => exact ⟨nofun, rfl⟩
    | w :: ws =>
      have ih := ih (fun c h => hv c (.tail _ h)) (ws := ws) (fun c h => hw c (.tail _ h))
      have hd := diff_column h ha hb hk (hv v (.head _)) (hw w (.head _))
      refine ⟨?_, ?_⟩
      · intro c hc
        cases hc with
        | head => exact hd.1
        | tail _ hc => exact ih.1 c hc
      · simp only [signedColumns, combineColumns, ← ih.2, ← hd.2]
        rfl

namespace PackedLayer

/-- The packed bounds of a difference of layers are the layers' own. -/
theorem rowsDiffBounds_eq (k₁ k₂ : Nat) {T S : PackedLayer} (hm : T.outputs = S.outputs)
    (hT : 1 ≤ k₁) (hS : 1 ≤ k₂) (x : List Interval) :
    rowsDiffBounds k₁ k₂ T S x = PyOrch.rowsDiffBounds (.ofNat k₁) (.ofNat k₂) T.toLayer.weights
      S.toLayer.weights x := by
  simp only [rowsDiffBounds, fastColumns_eq, fastFill_eq_fill]
  cases h : (Nat.beq T.stride S.stride && hasRoom T.stride (diffExponent k₁ k₂ T S)
    (diffColumns k₁ k₂ ((2 ^ diffExponent k₁ k₂ T S + k₂ * 2 ^ (S.bits - 1)
      - k₁ * 2 ^ (T.bits - 1)) * fill T.stride 1 T.outputs) T.columns S.columns) x)
  · rfl
  · rw [Bool.and_eq_true, Nat.beq_eq] at h
    obtain ⟨hR, hroom⟩ := h
    have hk := lt_of_hasRoom hroom
    have hlt : k₁ * 2 ^ (T.bits - 1) + k₂ * 2 ^ (S.bits - 1) < 2 ^ diffExponent k₁ k₂ T S :=
      Nat.lt_log2_self
    have hpow : ∀ {a : Nat}, 2 ^ a ≤ k₁ * 2 ^ (T.bits - 1) + k₂ * 2 ^ (S.bits - 1) →
        a < T.stride := fun {a} h =>
      Nat.lt_trans ((Nat.pow_lt_pow_iff_right (by decide)).1 (Nat.lt_of_le_of_lt h hlt)) hk
    have ha : T.bits - 1 < T.stride := hpow (by
      have := Nat.mul_le_mul_right (2 ^ (T.bits - 1)) hT
      omega)
    have hb : S.bits - 1 < T.stride := hpow (by
      have := Nat.mul_le_mul_right (2 ^ (S.bits - 1)) hS
      omega)
    have hcT := T.isColumn_columns ha
    have hcS := S.isColumn_columns (hR ▸ hb)
    rw [← hR, ← hm] at hcS
    have hd := diffColumns_spec hlt ha hb hk hcT hcS
    rw [columnsBounds_eq_rowsBounds (fun _ => hd.1) hroom, hd.2,
      ← rowsDiffBounds_rowsOfColumns _ _ _ _ _ _ (fun c => length_of_mem_signedColumns)
        (fun c => length_of_mem_signedColumns)]
    simp only [toLayer, ← hR, ← hm]
    rfl

/-- The packed bounds of a layer are the layer's own. -/
theorem bounds_eq (unit : Nat) {P : PackedLayer} (hP : 0 < P.den) {d : Nat} (hd : 0 < d)
    (x : List Interval) : P.bounds unit d x = P.toLayer.bounds unit d x := by
  simp only [bounds, Layer.bounds, P.rowsBounds_eq, fastActivation_eq,
    fastAffine_eq hd hP]
  rfl

/-! ## Shapes -/

/-- There are as many columns as inputs. -/
theorem length_columns (P : PackedLayer) : P.columns.length = P.inputs := by
  rw [columns, inputs]
  generalize P.blocks = bs
  induction bs with
  | nil => rfl
  | cons b bs ih =>
    show _ = b.1 + List.rec 0 (fun b _ ih => Nat.add b.1 ih) bs
    rw [blocksColumns, ← ih]
    generalize blocksColumns _ _ bs = rest
    generalize b.2 = v
    induction b.1 generalizing v with
    | zero => exact (Nat.zero_add _).symm
    | succ n ih => rw [blockColumns_succ, List.length_cons, ih]; omega

end PackedLayer

/-- Equal lengths pass `sameLength`. -/
theorem sameLength_of_length_eq {v w : List Int} (h : v.length = w.length) :
    sameLength v w = true := by
  induction v generalizing w with
  | nil => match w, h with
    | [], _ => rfl
  | cons x v ih => match w, h with
    | y :: w, h => exact ih (Nat.succ.inj h)

/-- Equal lengths pass `biasForEach`. -/
theorem biasForEach_of_length_eq {v : List (List Int)} {w : List Int} (h : v.length = w.length) :
    biasForEach v w = true := by
  induction v generalizing w with
  | nil => match w, h with
    | [], _ => rfl
  | cons x v ih => match w, h with
    | y :: w, h => exact ih (Nat.succ.inj h)

/-- A column in front makes every row longer by one. -/
theorem length_of_mem_consColumn {n : Nat} {v : List Int} {M : List (List Int)}
    (h : ∀ r ∈ M, r.length = n) : ∀ r ∈ consColumn v M, r.length = n + 1 := by
  induction v generalizing M with
  | nil => intro r hr; cases M <;> simp only [consColumn, List.not_mem_nil] at hr
  | cons x v ih =>
    match M with
    | [] => intro r hr; simp only [consColumn, List.not_mem_nil] at hr
    | m :: M =>
      intro r hr
      simp only [consColumn, List.mem_cons] at hr
      rcases hr with rfl | hr
      · rw [List.length_cons, h m (.head _)]
      · exact ih (fun r hr => h r (.tail _ hr)) r hr

/-- Every row has an entry for each column. -/
theorem length_of_mem_rowsOfColumns {rows : Nat} (cols : List (List Int)) :
    ∀ r ∈ rowsOfColumns rows cols, r.length = cols.length := by
  induction cols with
  | nil => intro r hr; rw [eq_nil_of_mem_emptyRows hr]; rfl
  | cons c cols ih => exact length_of_mem_consColumn ih

/-- Reading columns keeps their number. -/
theorem length_signedColumns (R k rows : Nat) (cs : List Nat) :
    (signedColumns R k rows cs).length = cs.length := by
  induction cs with
  | nil => rfl
  | cons c cs ih => simp only [signedColumns, List.length_cons, ih]

namespace PackedLayer

/-- A bias for each output. -/
theorem length_bias (P : PackedLayer) : P.toLayer.bias.length = P.outputs :=
  length_signedLanes _ _ _ _

/-- A weight for each input in every row. -/
theorem length_of_mem_weights (P : PackedLayer) : ∀ r ∈ P.toLayer.weights, r.length = P.inputs := by
  intro r hr
  rw [length_of_mem_rowsOfColumns _ r hr, length_signedColumns, length_columns]

end PackedLayer

/-- Matrices of equal dimensions pass `sameShape`. -/
theorem sameShape_of_length {n : Nat} {v w : List (List Int)} (h : v.length = w.length)
    (hv : ∀ r ∈ v, r.length = n) (hw : ∀ r ∈ w, r.length = n) : sameShape v w = true := by
  induction v generalizing w with
  | nil => match w, h with
    | [], _ => rfl
  | cons x v ih => match w, h with
    | y :: w, h =>
      simp only [sameShape, Bool.and_eq_true]
      exact ⟨sameLength_of_length_eq (by rw [hv x (.head _), hw y (.head _)]),
        ih (Nat.succ.inj h) (fun r hr => hv r (.tail _ hr)) (fun r hr => hw r (.tail _ hr))⟩

/-- The quick test implies the full one. -/
theorem PackedLayer.layer_pairs {T S : PackedLayer} (h : T.pairs S = true) :
    T.toLayer.pairs S.toLayer = true := by
  simp only [PackedLayer.pairs, Bool.and_eq_true, Nat.beq_eq] at h
  obtain ⟨⟨hf, hm⟩, hn⟩ := h
  simp only [Layer.pairs, Bool.and_eq_true]
  exact ⟨⟨⟨hf, sameLength_of_length_eq (by rw [T.length_bias, S.length_bias, hm])⟩,
    biasForEach_of_length_eq (by rw [T.length_weights, T.length_bias])⟩,
    sameShape_of_length (by rw [T.length_weights, S.length_weights, hm]) T.length_of_mem_weights
      (by rw [hn]; exact S.length_of_mem_weights)⟩

/-- `sameLength` means equal lengths. -/
theorem length_eq_of_sameLength {v w : List Int} (h : sameLength v w = true) :
    v.length = w.length := by
  induction v generalizing w with
  | nil => match w, h with
    | [], _ => rfl
  | cons x v ih => match w, h with
    | y :: w, h => exact congrArg Nat.succ (ih h)

/-- Layers that pair have equally many outputs. -/
theorem PackedLayer.outputs_eq_of_layer_pairs {T S : PackedLayer}
    (h : T.toLayer.pairs S.toLayer = true) : T.outputs = S.outputs := by
  simp only [Layer.pairs, Bool.and_eq_true] at h
  rw [← T.length_bias, ← S.length_bias, length_eq_of_sameLength h.1.1.2]

/-! ## Networks -/

/-- Every denominator is positive. -/
def PackedNetwork.Positive (N : PackedNetwork) : Prop := ∀ P ∈ N, 0 < P.den

/-- The packed bounds of a pair of layers are the layers' own. -/
theorem PackedLayer.pairBounds_eq (unit : Nat) {T S : PackedLayer} (hm : T.outputs = S.outputs)
    (hT : 0 < T.den) (hS : 0 < S.den) {d : Nat} (hd : 0 < d) (x : PairBounds) :
    T.pairBounds unit S d x = T.toLayer.pairBounds unit S.toLayer d x := by
  have h₁ := commonFactors_spec hT hS
  have h₂ := commonFactors_spec hS hT
  have hk₂ : 0 < (commonFactors T.den S.den).2 := by
    refine Nat.pos_of_ne_zero fun h0 => ?_
    have h := h₁.1
    rw [h0, Nat.zero_mul] at h
    have := Nat.mul_pos h₁.2 hT
    omega
  have := rowsDiffBounds_eq _ _ hm h₁.2 hk₂ x.student
  simp only [PackedLayer.pairBounds, Layer.pairBounds, PackedLayer.rowsBounds_eq, this]
  exact fastPairStep_eq (T := T.toLayer) (S := S.toLayer) hd hT hS _ _ _ _

/-- The packed bounds of a network are the network's own. -/
theorem PackedNetwork.bounds_eq {unit : Nat} (hu : 0 < unit) {N : PackedNetwork} (hN : N.Positive)
    {d : Nat} (hd : 0 < d) (x : List Interval) :
    N.bounds unit d x = N.toNetwork.bounds unit d x := by
  induction N generalizing d x with
  | nil => rfl
  | cons P Ps ih =>
    simp only [PackedNetwork.bounds, PackedNetwork.toNetwork, Network.bounds]
    rw [PackedLayer.bounds_eq unit (hN P (.head _)) hd, ih (fun Q h => hN Q (.tail _ h)) hu]

/-- The packed bounds of each network alone are the plain ones. -/
theorem packedIndependentBounds_eq {unit : Nat} (hu : 0 < unit) {T S : PackedNetwork}
    (hT : T.Positive) (hS : S.Positive) {d : Nat} (hd : 0 < d) (x : PairBounds) :
    packedIndependentBounds unit T S d x
      = independentBounds unit T.toNetwork S.toNetwork d x := by
  simp only [packedIndependentBounds, independentBounds, PackedNetwork.bounds_eq hu hT hd,
    PackedNetwork.bounds_eq hu hS hd]

/-- The packed bounds of a pair of networks are the plain ones. -/
theorem packedPairBounds_eq {unit : Nat} (hu : 0 < unit) {T S : PackedNetwork} (hT : T.Positive)
    (hS : S.Positive) {d : Nat} (hd : 0 < d) (x : PairBounds) :
    packedPairBounds unit T S d x = pairBounds unit T.toNetwork S.toNetwork d x := by
  induction T generalizing S d x with
  | nil =>
    match S with
    | [] => rfl
    | S :: Ss => exact packedIndependentBounds_eq hu hT hS hd x
  | cons T Ts ih =>
    match S with
    | [] => exact packedIndependentBounds_eq hu hT hS hd x
    | S :: Ss =>
      have e : (T.pairs S || T.toLayer.pairs S.toLayer) = T.toLayer.pairs S.toLayer := by
        cases h : T.pairs S
        · rfl
        · exact (PackedLayer.layer_pairs h).symm
      rw [packedPairBounds_cons, PackedNetwork.toNetwork, PackedNetwork.toNetwork,
        pairBounds_cons, e]
      cases h : T.toLayer.pairs S.toLayer
      · exact packedIndependentBounds_eq hu hT hS hd x
      · rw [cond_true, cond_true, PackedLayer.pairBounds_eq unit
          (PackedLayer.outputs_eq_of_layer_pairs h) (hT T (.head _)) (hS S (.head _)) hd,
          ih (fun P h => hT P (.tail _ h)) (fun P h => hS P (.tail _ h)) hu]

/-- Well-shaped data stand for a well-shaped network. -/
theorem PackedNetwork.spec_of_wellShaped {N : PackedNetwork} {inputs : List Int}
    (h : N.wellShaped inputs.length = true) :
    N.Positive ∧ N.toNetwork.wellShaped inputs = true := by
  have rows : ∀ {n : Nat} {M : List (List Int)}, (∀ r ∈ M, r.length = n) →
      ∀ {inputs : List Int}, inputs.length = n → rowsHaveLength inputs M = true := by
    intro n M
    induction M with
    | nil => intros; rfl
    | cons m M ih =>
      intro h inputs hi
      simp only [rowsHaveLength, Bool.and_eq_true]
      exact ⟨sameLength_of_length_eq (by rw [h m (.head _), hi]),
        ih (fun r hr => h r (.tail _ hr)) hi⟩
  induction N generalizing inputs with
  | nil => exact ⟨nofun, rfl⟩
  | cons P Ps ih =>
    simp only [PackedNetwork.wellShaped, Bool.and_eq_true, Nat.beq_eq] at h
    obtain ⟨⟨hn, hd⟩, hrest⟩ := h
    rw [← P.length_bias] at hrest
    have ih := ih hrest
    refine ⟨?_, ?_⟩
    · intro Q hQ
      cases hQ with
      | head => exact Nat.le_of_ble_eq_true hd
      | tail _ hQ => exact ih.1 Q hQ
    · simp only [PackedNetwork.toNetwork, Network.wellShaped, Layer.wellShaped, Bool.and_eq_true]
      exact ⟨⟨⟨rows P.length_of_mem_weights hn.symm,
        biasForEach_of_length_eq (by rw [P.length_weights, P.length_bias])⟩, hd⟩, ih.2⟩

/-- `hasCount` means the length. -/
theorem length_eq_of_hasCount {v : List Int} {n : Nat} (h : hasCount v n = true) :
    v.length = n := by
  induction v generalizing n with
  | nil => match n, h with
    | 0, _ => rfl
  | cons x v ih => match n, h with
    | n + 1, h => exact congrArg Nat.succ (ih h)

/-- What `packedCheck` accepts, `check` accepts. -/
theorem check_of_packedCheck {T S : PackedNetwork} {box : Box} {a b prec : Nat}
    (h : packedCheck T S box a b prec = true) :
    check T.toNetwork S.toNetwork box a b prec = true := by
  have shape : ∀ N : PackedNetwork, N.fits box.lo = true →
      N.Positive ∧ N.toNetwork.wellShaped box.lo = true := by
    intro N h
    match N, h with
    | [], _ => exact ⟨nofun, rfl⟩
    | P :: Ps, h =>
      simp only [PackedNetwork.fits, Bool.and_eq_true] at h
      exact PackedNetwork.spec_of_wellShaped (by rw [length_eq_of_hasCount h.1]; exact h.2)
  simp only [packedCheck, Bool.and_eq_true] at h
  obtain ⟨⟨⟨⟨hbox, hT⟩, hS⟩, hb⟩, hw⟩ := h
  have hT := shape T hT
  have hS := shape S hS
  simp only [check, Bool.and_eq_true]
  refine ⟨⟨⟨⟨hbox, hT.2⟩, hS.2⟩, hb⟩, ?_⟩
  simp only [Box.wellShaped, Bool.and_eq_true, Nat.ble_eq] at hbox
  rwa [packedOutputBounds, packedPairBounds_eq (Nat.two_pow_pos prec) hT.1 hS.1 hbox.2] at hw

variable {α : Type u} [OrderedField α]

/-- A distillation certificate in packed form: where `packedCheck` accepts, the networks that the
data stand for differ by at most `epsNum / epsDen` in every output, at every point of the box, over
every ordered field. -/
theorem close_of_packedCheck {T S : PackedNetwork} {box : Box} {epsNum epsDen : Nat} (prec : Nat)
    (h : packedCheck T S box epsNum epsDen prec = true) {x : List α} (hx : box.Mem x) :
    Close (T.toNetwork.eval x) (S.toNetwork.eval x)
      (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) :=
  close_of_check prec (check_of_packedCheck h) hx

end PyOrch
