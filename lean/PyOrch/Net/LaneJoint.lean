import PyOrch.Net.LaneLayers

/-!
# Sums of products with the student's weights and with the difference of the weights

Both are multiplied by the student's values. So a column of the student's weights and one of the
difference `k₁ * T - k₂ * S` are joined: one column with twice as many rows, whose signs are
separated and which is multiplied and added up in the same number of steps.
-/

namespace PyOrch

namespace Batch

noncomputable section
variable (F : Batch)

/-- A column of the student, to whose lanes `c` is added, and from bit `l` on one of the difference,
to whose lanes `shift` is added. -/
def joinColumns (k₁ k₂ shift c l : Nat) : List Nat → List Nat → List Nat :=
  zipRec [] fun v w rest => Nat.add (Nat.add w c) (Nat.shiftLeft
    (Nat.sub (Nat.add (Nat.mul k₁ v) shift) (Nat.mul k₂ w)) l) :: rest

/-- `max w 0` and `max (-w) 0` of each column of the student and of the difference. -/
def jointColumns (k₁ k₂ : Nat) (T S : PackedLayer) : List Nat :=
  let k := PackedLayer.diffExponent k₁ k₂ T S
  let ones := fastFill F.group 1 T.outputs
  signColumns k (fastFill F.group 1 (Nat.add T.outputs T.outputs))
    (Nat.mul F.group (Nat.add T.outputs T.outputs))
    (joinColumns k₁ k₂ ((2 ^ k + k₂ * 2 ^ (S.bits - 1) - k₁ * 2 ^ (T.bits - 1)) * ones)
      ((2 ^ k - 2 ^ (S.bits - 1)) * ones) (F.group * T.outputs) T.fastColumns S.fastColumns)

/-- The sums of products with the vector `s`: of the student's rows, and of the difference's. -/
def jointSums (k₁ k₂ : Nat) (T S : PackedLayer) (s : Nat) : Nat :=
  F.fold (Nat.add T.outputs T.outputs) (groupProducts F.group (F.jointColumns k₁ k₂ T S) s)

/-- The absolute weights of these rows. -/
def jointTotals (k₁ k₂ : Nat) (T S : PackedLayer) : Nat :=
  F.foldTotals (Nat.add T.outputs T.outputs) (columnsTotal (F.jointColumns k₁ k₂ T S))

/-- The lanes of the lower `n` groups, the student's. -/
def lowerRows (n x : Nat) : Nat := lowest (Nat.mul F.group n) x

/-- The lanes above the lower `n` groups, the difference's. -/
def upperRows (n x : Nat) : Nat := Nat.shiftRight x (Nat.mul F.group n)

end

end Batch

/-- The entries of a joined column of `n` and `n` rows. -/
def jointEntry (n c : Nat) (s δ : Nat → Nat) (i : Nat) : Nat := if i < n then s i + c else δ (i - n)

/-- A joined column. -/
theorem packTo_jointEntry (R n c : Nat) (s δ : Nat → Nat) :
    packTo R s n + c * packTo R (fun _ => 1) n + 2 ^ (R * n) * packTo R δ n
      = packTo R (jointEntry n c s δ) (n + n) := by
  rw [mul_packTo, packTo_add, packTo_split]
  congr 1
  · exact packTo_congr fun i hi => by rw [jointEntry, if_pos hi, Nat.mul_one]
  · congr 1
    exact packTo_congr fun i _ => by rw [jointEntry, if_neg (by omega), Nat.add_sub_cancel_left]

/-- `joinColumns` joins the student's columns and those of the difference. -/
theorem Batch.joinColumns_eq (k₁ k₂ shift c l : Nat) (vs ws : List Nat) :
    Batch.joinColumns k₁ k₂ shift c l vs ws = List.zipWith (fun w δ => w + c + 2 ^ l * δ) ws
      (PackedLayer.diffColumns k₁ k₂ shift vs ws) := by
  induction vs generalizing ws with
  | nil => cases ws <;> rfl
  | cons v vs ih => match ws with
    | [] => rfl
    | w :: ws =>
      show (w + c + (_ : Nat) <<< l) :: Batch.joinColumns k₁ k₂ shift c l vs ws = _
      rw [ih, Nat.shiftLeft_eq, Nat.mul_comm _ (2 ^ l)]
      rfl

/-! ## Rows of joined columns -/

/-- Weights are equal where entries are. -/
theorem weightsFrom_congr {k k' : Nat} {e e' : Nat → Nat} (n : Nat) {r r' : Nat}
    (h : ∀ i, i < n → unoffset k (e (r + i)) = unoffset k' (e' (r' + i))) :
    weightsFrom k e r n = weightsFrom k' e' r' n := by
  induction n generalizing r r' with
  | zero => rfl
  | succ n ih =>
    rw [weightsFrom, weightsFrom, ih fun i hi => ?_]
    · have := h 0 (Nat.succ_pos n)
      rw [Nat.add_zero, Nat.add_zero] at this
      rw [this]
    · have := h (i + 1) (Nat.succ_lt_succ hi)
      rwa [← Nat.add_assoc, ← Nat.add_assoc, Nat.add_right_comm r, Nat.add_right_comm r'] at this

/-- The weights of the first rows and of the others. -/
theorem weightsFrom_add (k : Nat) (e : Nat → Nat) (r m n : Nat) :
    weightsFrom k e r (m + n) = weightsFrom k e r m ++ weightsFrom k e (r + m) n := by
  induction m generalizing r with
  | zero => rw [Nat.zero_add]; rfl
  | succ m ih =>
    rw [Nat.succ_add, weightsFrom, weightsFrom, ih, List.cons_append, Nat.succ_add_eq_add_succ]

/-- As many weights as rows. -/
theorem length_weightsFrom (k : Nat) (e : Nat → Nat) (r n : Nat) :
    (weightsFrom k e r n).length = n := by
  induction n generalizing r with
  | zero => rfl
  | succ n ih => rw [weightsFrom, List.length_cons, ih]

/-- A column in front of rows, in two parts. -/
theorem consColumn_append {as bs : List Int} {M N : List (List Int)} (h : as.length = M.length) :
    consColumn (as ++ bs) (M ++ N) = consColumn as M ++ consColumn bs N := by
  induction as generalizing M with
  | nil => match M, h with
    | [], _ => rfl
  | cons a as ih => match M, h with
    | r :: M, h => exact congrArg (_ :: ·) (ih (Nat.succ.inj h))

/-- The rows of joined columns are the student's and the difference's. -/
theorem rowsOfColumns_joint {k k' n : Nat} (hk : 2 ^ k' ≤ 2 ^ k) {es δs : List (Nat → Nat)}
    (h : es.length = δs.length) :
    rowsOfColumns (n + n) ((List.zipWith (jointEntry n (2 ^ k - 2 ^ k')) es δs).map
        (weightsFrom k · 0 (n + n)))
      = rowsOfColumns n (es.map (weightsFrom k' · 0 n))
        ++ rowsOfColumns n (δs.map (weightsFrom k · 0 n)) := by
  induction es generalizing δs with
  | nil => match δs, h with
    | [], _ =>
      have : ∀ m, emptyRows (m + n) = emptyRows m ++ emptyRows n := by
        intro m
        induction m with
        | zero => rw [Nat.zero_add]; rfl
        | succ m ih => rw [Nat.succ_add, emptyRows, ih]; rfl
      exact this n
  | cons e es ih => match δs, h with
    | δ :: δs, h =>
      have low : weightsFrom k (jointEntry n (2 ^ k - 2 ^ k') e δ) 0 n = weightsFrom k' e 0 n :=
        weightsFrom_congr n fun i hi => by
          rw [jointEntry, Nat.zero_add, if_pos hi, unoffset_eq, unoffset_eq]
          omega
      have high : weightsFrom k (jointEntry n (2 ^ k - 2 ^ k') e δ) (0 + n) n
          = weightsFrom k δ 0 n :=
        weightsFrom_congr n fun i hi => by
          rw [jointEntry, if_neg (by omega)]
          congr 2
          omega
      have hlen : ∀ c ∈ es.map (weightsFrom k' · 0 n), c.length = n := fun c hc => by
        obtain ⟨e', _, rfl⟩ := List.mem_map.1 hc
        exact length_weightsFrom _ _ _ _
      rw [List.zipWith_cons_cons, List.map_cons, List.map_cons, List.map_cons, rowsOfColumns,
        ih (Nat.succ.inj h), weightsFrom_add, low, high, rowsOfColumns, rowsOfColumns]
      exact consColumn_append ((length_weightsFrom _ _ _ _).trans (length_rowsOfColumns hlen).symm)

/-- The bounds of rows in two parts. -/
theorem rowsBounds_append (M N : List (List Int)) (xs : List Interval) :
    rowsBounds (M ++ N) xs = rowsBounds M xs ++ rowsBounds N xs := by
  induction M with
  | nil => rfl
  | cons r M ih => exact congrArg (_ :: ·) ih

section
variable {B b : Nat}

/-- The lanes of a list in two parts. -/
theorem LanesHold.append {z : Nat → Int} {v : Nat → Nat} {j : Nat} {xs ys : List Interval}
    (h : LanesHold B z v b j (xs ++ ys)) :
    LanesHold B z v b j xs ∧ LanesHold B z v b (j + xs.length) ys := by
  induction xs generalizing j with
  | nil => exact ⟨trivial, h⟩
  | cons x xs ih =>
    have := ih h.2
    rw [List.length_cons, Nat.add_comm xs.length, ← Nat.add_assoc]
    exact ⟨⟨h.1, this.1⟩, this.2⟩

/-- Lanes further up. -/
theorem LanesHold.drop {n : Nat} {z : Nat → Int} {v : Nat → Nat} {j : Nat} {xs : List Interval}
    (h : LanesHold B z v b (n + j) xs) :
    LanesHold B (fun r => z (n + r)) (fun i => v (n * (B + B) + i)) b j xs := by
  induction xs generalizing j with
  | nil => trivial
  | cons x xs ih =>
    refine ⟨?_, ih (j := j + 1) h.2⟩
    have h := h.1
    simp only [LanesAt, Nat.add_mul, Nat.add_assoc] at h ⊢
    exact h

end

/-! ## What the sums hold -/

section
variable {F : Batch} {T S : PackedLayer}

/-- Numbers of the lower rows. -/
theorem Batch.lowerRows_eq (F : Batch) (n : Nat) {v : Nat → Nat}
    (h : Below (2 ^ F.group) v (n + n)) :
    F.lowerRows n (packTo F.group v (n + n)) = packTo F.group v n := by
  show lowest (F.group * n) _ = _
  rw [lowest_eq, packTo_split, packTo_mod fun i hi => h i (by omega)]

/-- Numbers of the upper rows. -/
theorem Batch.upperRows_eq (F : Batch) (n : Nat) {v : Nat → Nat}
    (h : Below (2 ^ F.group) v (n + n)) :
    F.upperRows n (packTo F.group v (n + n)) = packTo F.group (fun i => v (n + i)) n := by
  show _ >>> (F.group * n) = _
  rw [packTo_split, packTo_shiftRight fun i hi => h i (by omega)]

/-- Lanes of the lower rows. -/
theorem Batch.lowerRows_lanes (F : Batch) (n : Nat) {v : Nat → Nat}
    (h : Below (2 ^ F.width) v ((n + n) * (F.size + F.size))) :
    F.lowerRows n (packTo F.width v ((n + n) * (F.size + F.size)))
      = packTo F.width v (n * (F.size + F.size)) := by
  rw [Nat.add_mul] at h
  show lowest (F.group * n) _ = _
  rw [lowest_eq, Nat.add_mul, F.group_mul, packTo_split, packTo_mod fun i hi => h i (by omega)]

/-- Lanes of the upper rows. -/
theorem Batch.upperRows_lanes (F : Batch) (n : Nat) {v : Nat → Nat}
    (h : Below (2 ^ F.width) v ((n + n) * (F.size + F.size))) :
    F.upperRows n (packTo F.width v ((n + n) * (F.size + F.size)))
      = packTo F.width (fun i => v (n * (F.size + F.size) + i)) (n * (F.size + F.size)) := by
  rw [Nat.add_mul] at h
  show _ >>> (F.group * n) = _
  rw [Nat.add_mul, F.group_mul, packTo_split, packTo_shiftRight fun i hi => h i (by omega)]

/-- The joined columns, by the weights that they store. -/
theorem Batch.exists_jointColumns (hF : F.Positive) (hT : F.hasColumns T = true)
    (hS : F.hasColumns S = true) (hm : T.outputs = S.outputs) (hn : T.inputs = S.inputs)
    {k₁ k₂ k : Nat} (he : PackedLayer.diffExponent k₁ k₂ T S = k) (hk : k < F.group)
    (hb : S.bits - 1 ≤ k) :
    ∃ es : List (Nat → Nat), es.length = T.inputs ∧
      (∀ f ∈ es, Below (2 ^ (k + 1)) f (T.outputs + T.outputs)) ∧
      F.jointColumns k₁ k₂ T S = (es.map fun f =>
        packTo F.group (fun r => above k (f r)) (T.outputs + T.outputs)
          + 2 ^ (F.group * (T.outputs + T.outputs))
            * packTo F.group (fun r => beneath k (f r)) (T.outputs + T.outputs)) ∧
      ∀ xs, rowsBounds (rowsOfColumns (T.outputs + T.outputs)
          (es.map (weightsFrom k · 0 (T.outputs + T.outputs)))) xs
        = rowsBounds S.toLayer.weights xs
          ++ rowsDiffBounds (.ofNat k₁) (.ofNat k₂) T.toLayer.weights S.toLayer.weights xs := by
  subst he
  have hg : 0 < F.group := Nat.mul_pos hF.width (Nat.add_pos_left hF.size _)
  simp only [Batch.hasColumns, Bool.and_eq_true, Nat.ble_eq] at hT hS
  have hsT := Nat.eq_of_beq_eq_true hT.1
  have hsS := Nat.eq_of_beq_eq_true hS.1
  have ha : T.bits - 1 < F.group := by omega
  have hb' : S.bits - 1 < F.group := by omega
  have hcT := T.isColumn_columns (by rw [hsT]; exact ha)
  have hcS := S.isColumn_columns (by rw [hsS]; exact hb')
  rw [hsT] at hcT
  rw [hsS, ← hm] at hcS
  obtain ⟨h₁, h₂⟩ := diffColumns_spec (k := PackedLayer.diffExponent k₁ k₂ T S)
    Nat.lt_log2_self ha hb' hk hcT hcS
  obtain ⟨δs, d₁, d₂, d₃⟩ := exists_entries hk h₁
  obtain ⟨es, e₁, e₂, e₃⟩ := exists_entries hb' hcS
  have hes : es.length = T.inputs := by
    have := congrArg List.length e₁
    rw [List.length_map, S.length_columns] at this
    rw [← this, hn]
  have hδs : δs.length = T.inputs := by
    have := congrArg List.length d₁
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
  have hpow : 2 ^ (S.bits - 1) ≤ 2 ^ PackedLayer.diffExponent k₁ k₂ T S :=
    Nat.pow_le_pow_right (by decide) hb
  have hbelow : ∀ f ∈ List.zipWith (jointEntry T.outputs
      (2 ^ PackedLayer.diffExponent k₁ k₂ T S - 2 ^ (S.bits - 1))) es δs,
      Below (2 ^ (PackedLayer.diffExponent k₁ k₂ T S + 1)) f (T.outputs + T.outputs) := by
    intro f hf i hi
    rw [← List.map_uncurry_zip_eq_zipWith] at hf
    obtain ⟨⟨s, δ⟩, hp, rfl⟩ := List.mem_map.1 hf
    show jointEntry _ _ s δ i < _
    rw [jointEntry]
    split
    · rename_i hlt
      have := e₂ s (List.of_mem_zip hp).1 i hlt
      rw [Nat.pow_succ] at this ⊢
      omega
    · exact d₂ δ (List.of_mem_zip hp).2 _ (by omega)
  refine ⟨_, ?_, hbelow, ?_, fun xs => ?_⟩
  · rw [List.length_zipWith, hes, hδs, Nat.min_self]
  · rw [Batch.jointColumns, PackedLayer.fastColumns_eq, PackedLayer.fastColumns_eq,
      Batch.joinColumns_eq, fastFill_eq_fill F.group 1 T.outputs, d₁, e₁, List.zipWith_map,
      ← fastFill_eq_fill, fastFill_eq, fastFill_eq]
    simp only [packTo_jointEntry]
    rw [← signColumns_eq hk hbelow, List.map_zipWith]
    rfl
  · rw [rowsOfColumns_joint hpow (hes.trans hδs.symm), rowsBounds_append, ← d₃, h₂, ← e₃,
      ← rowsDiffBounds_rowsOfColumns _ _ _ _ _ _
        (fun c => length_of_mem_signedColumns) (fun c => length_of_mem_signedColumns)]
    simp only [PackedLayer.toLayer, hsT, hsS, hm]

end

end PyOrch
