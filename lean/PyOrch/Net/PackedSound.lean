import PyOrch.Net.Packed

/-!
# Packed layers compute the bounds of the layers that they stand for

Columns of a layer, and columns of the difference of two layers, as lanes.
-/

namespace PyOrch

/-- The number is a column of `rows` entries below `2 ^ (k + 1)`. -/
def IsColumn (R k rows c : Nat) : Prop :=
  ∃ e : List Nat, e.length = rows ∧ LanesLT (2 ^ (k + 1)) e ∧ c = pack R e

/-- `signedLanes` reads the lanes and takes the offset away. -/
theorem signedLanes_eq (R k rows v : Nat) :
    signedLanes R k rows v = (unpack R rows v).map (unoffset k) := by
  induction rows generalizing v with
  | zero => rfl
  | succ n ih => rw [signedLanes_succ, ih]; rfl

/-- `signedLanes` yields as many lanes as it is asked for. -/
theorem length_signedLanes (R k rows v : Nat) : (signedLanes R k rows v).length = rows := by
  rw [signedLanes_eq, List.length_map, length_unpack]

/-- `signedLanes` reads what `pack` wrote. -/
theorem signedLanes_pack {R k : Nat} {e : List Nat} (h : LanesLT (2 ^ R) e) :
    signedLanes R k e.length (pack R e) = e.map (unoffset k) := by
  have := unpack_pack_append h []
  rw [List.append_nil] at this
  rw [signedLanes_eq, this]

/-- Columns as packed lists. -/
theorem exists_lanes {R k rows : Nat} (hk : k < R) {cs : List Nat}
    (h : ∀ c ∈ cs, IsColumn R k rows c) : ∃ es : List (List Nat), cs = es.map (pack R) ∧
      (∀ e ∈ es, e.length = rows) ∧ (∀ e ∈ es, LanesLT (2 ^ (k + 1)) e) ∧
      signedColumns R k rows cs = es.map (·.map (unoffset k)) := by
  induction cs with
  | nil => exact ⟨[], rfl, nofun, nofun, rfl⟩
  | cons c cs ih =>
    obtain ⟨es, h₁, h₂, h₃, h₄⟩ := ih (fun c' h' => h c' (.tail _ h'))
    obtain ⟨e, e₁, e₂, rfl⟩ := h c (.head _)
    refine ⟨e :: es, by rw [h₁]; rfl, ?_, ?_, ?_⟩
    · intro e' h'; cases h' with
      | head => exact e₁
      | tail _ h' => exact h₂ e' h'
    · intro e' h'; cases h' with
      | head => exact e₂
      | tail _ h' => exact h₃ e' h'
    · rw [signedColumns, h₄, ← e₁,
        signedLanes_pack (e₂.mono (Nat.pow_le_pow_right (by decide) hk))]
      rfl

/-- Where there is room, the offset fits into a lane. -/
theorem lt_of_hasRoom {R k : Nat} {cs : List Nat} {x : List Interval}
    (h : hasRoom R k cs x = true) : k < R := by
  simp only [hasRoom, Nat.ble_eq] at h
  have h : 2 ^ (k + 1) * ((columnCount cs x + (sumHi (belowTotal x) cs x
    + sumLo (belowTotal x) cs x)) + 1) ≤ 2 ^ R := h
  refine Nat.lt_of_not_le fun hle => ?_
  have h1 : 2 ^ R < 2 ^ (k + 1) := Nat.pow_lt_pow_right (by decide) (by omega)
  have h2 := Nat.mul_le_mul_left (2 ^ (k + 1)) (Nat.le_add_left 1 (columnCount cs x
    + (sumHi (belowTotal x) cs x + sumLo (belowTotal x) cs x)))
  rw [Nat.mul_one] at h2
  exact Nat.not_le_of_lt h1 (Nat.le_trans h2 h)

/-- `columnsBounds_eq` for columns given as numbers. -/
theorem columnsBounds_eq_rowsBounds {R k rows : Nat} {cs : List Nat} {x : List Interval}
    (h : k < R → ∀ c ∈ cs, IsColumn R k rows c) (hroom : hasRoom R k cs x = true) :
    columnsBounds R k rows (fill R 1 rows) cs x
      = rowsBounds (rowsOfColumns rows (signedColumns R k rows cs)) x := by
  have hk := lt_of_hasRoom hroom
  obtain ⟨es, rfl, h₂, h₃, h₄⟩ := exists_lanes hk (h hk)
  rw [h₄, columnsBounds_eq h₂ h₃ hroom]

/-! ## Columns of a layer -/

/-- What `blockColumns` yields are columns. -/
theorem isColumn_blockColumns {R s rows : Nat} (hs : s ≤ R) (rest : List Nat)
    (hrest : ∀ c ∈ rest, IsColumn R (s - 1) rows c) (n v : Nat) :
    ∀ c ∈ blockColumns s (fill R (2 ^ s - 1) rows) rest n v, IsColumn R (s - 1) rows c := by
  induction n generalizing v with
  | zero => exact hrest
  | succ n ih =>
    intro c hc
    cases hc with
    | head =>
      refine ⟨digits R s rows v, length_digits _ _ _ _, (digits_lt R s rows v).mono
        (Nat.pow_le_pow_right (by decide) (by omega)), ?_⟩
      exact and_fill hs rows v
    | tail _ hc => exact ih _ c hc

/-- A layer's columns are columns. -/
theorem PackedLayer.isColumn_columns (P : PackedLayer) (h : P.bits - 1 < P.stride) :
    ∀ c ∈ P.columns, IsColumn P.stride (P.bits - 1) P.outputs c := by
  rw [PackedLayer.columns]
  generalize P.blocks = bs
  induction bs with
  | nil => exact nofun
  | cons b bs ih => exact isColumn_blockColumns (by omega) _ ih _ _

/-- Columns that were read have an entry for each row. -/
theorem length_of_mem_signedColumns {R k rows : Nat} {cs : List Nat} {c : List Int}
    (h : c ∈ signedColumns R k rows cs) : c.length = rows := by
  induction cs with
  | nil => cases h
  | cons d cs ih =>
    cases h with
    | head => exact length_signedLanes _ _ _ _
    | tail _ h => exact ih h

/-- A row for each output. -/
theorem PackedLayer.length_weights (P : PackedLayer) : P.toLayer.weights.length = P.outputs :=
  length_rowsOfColumns (fun _ => length_of_mem_signedColumns)

/-- The packed products are the products of the layer's weights. -/
theorem PackedLayer.rowsBounds_eq (P : PackedLayer) (x : List Interval) :
    P.rowsBounds x = PyOrch.rowsBounds P.toLayer.weights x := by
  rw [PackedLayer.rowsBounds, PackedLayer.fastColumns_eq, fastFill_eq_fill]
  cases hz : allZero x
  · rw [cond_false]
    cases h : hasRoom P.stride (P.bits - 1) P.columns x
    · rfl
    · exact columnsBounds_eq_rowsBounds P.isColumn_columns h
  · rw [cond_true, rowsBounds_of_allZero hz, PackedLayer.length_weights]

/-! ## The difference of two layers -/

/-- The combination of two lists of columns. -/
noncomputable def combineColumns (k₁ k₂ : Int) : List (List Int) → List (List Int) → List (List Int)
  | v :: vs, w :: ws => List.zipWith (fun v w => k₁ * v - k₂ * w) v w :: combineColumns k₁ k₂ vs ws
  | _, _ => []

/-- A first column contributes its product to each row. -/
theorem rowsDiffBounds_consColumn (k₁ k₂ : Int) (v w : List Int) (A B : List (List Int))
    (x : Interval) (xs : List Interval) :
    rowsDiffBounds k₁ k₂ (consColumn v A) (consColumn w B) (x :: xs)
      = List.zipWith (fun c acc => (x.scale c).add acc)
          (List.zipWith (fun v w => k₁ * v - k₂ * w) v w) (rowsDiffBounds k₁ k₂ A B xs) := by
  induction v generalizing w A B with
  | nil => cases A <;> rfl
  | cons a v ih =>
    match A, w, B with
    | [], w, B => cases w <;> cases B <;> rfl
    | r :: A, [], _ => rfl
    | r :: A, b :: w, [] => rfl
    | r :: A, b :: w, q :: B =>
      simp only [consColumn, rowsDiffBounds, dotDiffBounds, List.zipWith_cons_cons, ih]

/-- Empty rows are empty. -/
theorem eq_nil_of_mem_emptyRows {n : Nat} {r : List Int} (h : r ∈ emptyRows n) : r = [] := by
  induction n with
  | zero => cases h
  | succ n ih =>
    cases h with
    | head => rfl
    | tail _ h => exact ih h

/-- Where all products vanish, the bounds are those of empty rows. -/
theorem rowsDiffBounds_eq_zero {k₁ k₂ : Int} {xs : List Interval} {M N : List (List Int)}
    (hl : M.length = N.length)
    (h : ∀ r ∈ M, ∀ s ∈ N, dotDiffBounds k₁ k₂ r s xs = ⟨0, 0⟩) :
    rowsDiffBounds k₁ k₂ M N xs = List.replicate M.length ⟨0, 0⟩ := by
  induction M generalizing N with
  | nil => cases N <;> rfl
  | cons m M ih =>
    match N, hl with
    | n :: N, hl =>
      simp only [rowsDiffBounds, List.length_cons, List.replicate_succ]
      rw [h m (.head _) n (.head _), ih (Nat.succ.inj hl)
        (fun r hr s hs => h r (.tail _ hr) s (.tail _ hs))]

/-- Empty rows have the product zero. -/
theorem rowsBounds_emptyRows (n : Nat) (xs : List Interval) :
    rowsBounds (emptyRows n) xs = List.replicate n ⟨0, 0⟩ := by
  induction n with
  | zero => rfl
  | succ n ih => simp only [emptyRows, rowsBounds, dotBounds, List.replicate_succ, ih]

/-- Combined columns are as long as the columns. -/
theorem length_combineColumns (k₁ k₂ : Int) {rows : Nat} {A B : List (List Int)}
    (hA : ∀ c ∈ A, c.length = rows) (hB : ∀ c ∈ B, c.length = rows) :
    ∀ c ∈ combineColumns k₁ k₂ A B, c.length = rows := by
  induction A generalizing B with
  | nil => intro c hc; simp only [combineColumns, List.not_mem_nil] at hc
  | cons a A ih =>
    match B with
    | [] => intro c hc; simp only [combineColumns, List.not_mem_nil] at hc
    | b :: B =>
      intro c hc
      simp only [combineColumns, List.mem_cons] at hc
      rcases hc with rfl | hc
      · rw [List.length_zipWith, hA a (.head _), hB b (.head _), Nat.min_self]
      · exact ih (fun c h => hA c (.tail _ h)) (fun c h => hB c (.tail _ h)) c hc

/-- The difference of two products is the product of the difference, column by column. -/
theorem rowsDiffBounds_rowsOfColumns (k₁ k₂ : Int) (rows : Nat) (A B : List (List Int))
    (xs : List Interval) (hA : ∀ c ∈ A, c.length = rows) (hB : ∀ c ∈ B, c.length = rows) :
    rowsDiffBounds k₁ k₂ (rowsOfColumns rows A) (rowsOfColumns rows B) xs
      = rowsBounds (rowsOfColumns rows (combineColumns k₁ k₂ A B)) xs := by
  induction A generalizing B xs with
  | nil =>
    have lA := length_rowsOfColumns hA
    rw [rowsDiffBounds_eq_zero (lA.trans (length_rowsOfColumns hB).symm), lA]
    · exact (rowsBounds_emptyRows rows xs).symm
    · intro r hr s _
      rw [eq_nil_of_mem_emptyRows hr]; rfl
  | cons a A ih =>
    have lA := length_rowsOfColumns hA
    match B, xs with
    | [], xs =>
      rw [rowsDiffBounds_eq_zero (lA.trans (length_rowsOfColumns hB).symm), lA]
      · exact (rowsBounds_emptyRows rows xs).symm
      · intro r _ s hs
        rw [eq_nil_of_mem_emptyRows hs]; cases r <;> rfl
    | b :: B, [] =>
      rw [rowsDiffBounds_eq_zero (lA.trans (length_rowsOfColumns hB).symm), lA, rowsBounds_nil,
        length_rowsOfColumns (length_combineColumns k₁ k₂ hA hB)]
      intro r _ s _
      cases r <;> cases s <;> rfl
    | b :: B, x :: xs =>
      simp only [rowsOfColumns, combineColumns]
      rw [rowsDiffBounds_consColumn, rowsBounds_consColumn,
        ih B xs (fun c h => hA c (.tail _ h)) (fun c h => hB c (.tail _ h))]

/-- A lane of the packed difference. -/
theorem unoffset_diff {k k₁ k₂ a b v w : Nat}
    (h : k₁ * 2 ^ a + k₂ * 2 ^ b ≤ 2 ^ k) (hw : w < 2 ^ (b + 1)) :
    unoffset k (k₁ * v + (2 ^ k + k₂ * 2 ^ b - k₁ * 2 ^ a) - k₂ * w)
      = Int.ofNat k₁ * unoffset a v - Int.ofNat k₂ * unoffset b w := by
  rw [unoffset_eq, unoffset_eq, unoffset_eq]
  rw [Nat.pow_succ] at hw
  have h1 := Nat.mul_le_mul_left k₂ (Nat.le_of_lt hw)
  rw [Nat.mul_comm _ 2, Nat.mul_left_comm] at h1
  simp only [Int.ofNat_eq_natCast, Int.mul_sub]
  rw [← Int.natCast_mul, ← Int.natCast_mul, ← Int.natCast_mul, ← Int.natCast_mul]
  omega

private theorem cons_difference {r c k₁ k₂ x y t p q l n : Nat} (h : t + k₂ * y = k₁ * x + c)
    (ih : l + k₂ * q = k₁ * p + c * n) :
    t + r * l + k₂ * (y + r * q) = k₁ * (x + r * p) + c * (1 + r * n) := by
  have e : t + r * l + k₂ * (y + r * q) = t + k₂ * y + r * (l + k₂ * q) := by clear h ih; grind
  rw [e, h, ih]
  clear e h ih
  grind

/-- A difference of packed numbers, where each lane of it is a natural number. -/
private theorem pack_difference {R c k₁ k₂ rows : Nat} {e f : List Nat} (he : e.length = rows)
    (hf : f.length = rows) (h : ∀ z ∈ f, k₂ * z ≤ c) :
    pack R (List.zipWith (fun v w => k₁ * v + c - k₂ * w) e f) + k₂ * pack R f
      = k₁ * pack R e + c * fill R 1 rows := by
  subst he
  induction e generalizing f with
  | nil => match f, hf with
    | [], _ => rfl
  | cons x e ih => match f, hf with
    | y :: f, hf =>
      exact cons_difference (Nat.sub_add_cancel (Nat.le_trans (h y (.head _)) (Nat.le_add_left ..)))
        (ih (fun z hz => h z (.tail _ hz)) (Nat.succ.inj hf))

/-- The packed difference of two columns. -/
theorem diff_column {R k k₁ k₂ a b rows : Nat} (h : k₁ * 2 ^ a + k₂ * 2 ^ b < 2 ^ k)
    (ha : a < R) (hb : b < R) (hk : k < R) {v w : Nat}
    (hv : IsColumn R a rows v) (hw : IsColumn R b rows w) :
    IsColumn R k rows
      (k₁ * v + (2 ^ k + k₂ * 2 ^ b - k₁ * 2 ^ a) * fill R 1 rows - k₂ * w) ∧
    signedLanes R k rows (k₁ * v + (2 ^ k + k₂ * 2 ^ b - k₁ * 2 ^ a) * fill R 1 rows - k₂ * w)
      = List.zipWith (fun v w => Int.ofNat k₁ * v - Int.ofNat k₂ * w) (signedLanes R a rows v)
          (signedLanes R b rows w) := by
  obtain ⟨e, he, hea, rfl⟩ := hv
  obtain ⟨f, hf, hfb, rfl⟩ := hw
  have hRa : 2 ^ (a + 1) ≤ 2 ^ R := Nat.pow_le_pow_right (by decide) ha
  have hRb : 2 ^ (b + 1) ≤ 2 ^ R := Nat.pow_le_pow_right (by decide) hb
  have hRk : 2 ^ (k + 1) ≤ 2 ^ R := Nat.pow_le_pow_right (by decide) hk
  have s₁ := signedLanes_pack (k := a) (hea.mono hRa)
  have s₂ := signedLanes_pack (k := b) (hfb.mono hRb)
  rw [he] at s₁
  rw [hf] at s₂
  rw [s₁, s₂]
  generalize hc : 2 ^ k + k₂ * 2 ^ b - k₁ * 2 ^ a = c
  have key : k₁ * pack R e + c * fill R 1 rows - k₂ * pack R f
      = pack R (List.zipWith (fun v w => k₁ * v + c - k₂ * w) e f) := by
    refine Nat.sub_eq_of_eq_add (pack_difference he hf fun z hz => ?_).symm
    have h1 := Nat.mul_le_mul_left k₂ (Nat.le_of_lt (hfb z hz))
    rw [Nat.pow_succ, Nat.mul_comm _ 2, Nat.mul_left_comm] at h1
    clear s₁ s₂ he hf hea hfb hRa hRb hRk
    omega
  rw [key]
  have hlt : LanesLT (2 ^ (k + 1)) (List.zipWith (fun v w => k₁ * v + c - k₂ * w) e f) := by
    clear key s₁ s₂ he hf
    induction e generalizing f with
    | nil => intro z hz; simp only [List.zipWith_nil_left, List.not_mem_nil] at hz
    | cons x e ih =>
      match f with
      | [] => intro z hz; simp only [List.zipWith_nil_right, List.not_mem_nil] at hz
      | y :: f =>
        intro z hz
        simp only [List.zipWith_cons_cons, List.mem_cons] at hz
        rcases hz with rfl | hz
        · have hx := hea x (.head _)
          rw [Nat.pow_succ] at hx ⊢
          have h1 := Nat.mul_le_mul_left k₁ (Nat.le_of_lt hx)
          rw [Nat.mul_comm _ 2, Nat.mul_left_comm] at h1
          omega
        · exact ih (fun z hz => hea z (.tail _ hz)) f (fun z hz => hfb z (.tail _ hz)) z hz
  have hlen : (List.zipWith (fun v w => k₁ * v + c - k₂ * w) e f).length = rows := by
    rw [List.length_zipWith, he, hf, Nat.min_self]
  refine ⟨⟨_, hlen, hlt, rfl⟩, ?_⟩
  have := signedLanes_pack (k := k) (hlt.mono hRk)
  rw [hlen] at this
  rw [this, List.map_zipWith, List.zipWith_map]
  clear this key s₁ s₂ hlen hlt he hf hea
  induction e generalizing f with
  | nil => rfl
  | cons x e ih =>
    match f with
    | [] => rfl
    | y :: f =>
      simp only [List.zipWith_cons_cons]
      rw [ih f (fun z hz => hfb z (.tail _ hz)), ← hc,
        unoffset_diff (Nat.le_of_lt h) (hfb y (.head _))]

end PyOrch
