import PyOrch.Net.DualSound

/-!
# A packed matrix times integers

A column's entries are the lanes of one number, so that a combination of the columns is one of
numbers: a multiplication and an addition each. Its lanes are the inner products of the rows, moved
by what the entries and the lanes are stored with.
-/

namespace PyOrch

noncomputable section

/-- The sum of the coefficients that meet a column. -/
def meetSum (c : List Int) (columns : List Nat) : Int :=
  zipRec (.ofNat 0) (fun c _ rest => fastAdd c rest) c columns

/-- The combination of the columns with these coefficients. -/
def combineColumn (c : List Int) (columns : List Nat) : Int :=
  zipRec (.ofNat 0) (fun c column rest => fastAdd (fastMul c (.ofNat column)) rest) c columns

/-- The sum of the absolute values. -/
def sumSizes (c : List Int) : Nat := List.rec 0 (fun c _ rest => Nat.add (size c) rest) c

/-- The natural number, or 0. -/
def natPart (a : Int) : Nat := Int.rec (fun n => n) (fun _ => 0) a

namespace PackedLayer

/-- The inner products of the layer's rows with a list. -/
def dots (P : PackedLayer) (c : List Int) : List Int :=
  bif Nat.ble P.bits (P.stride - 1) && Nat.blt (Nat.mul (Nat.pow 2 (P.bits - 1)) (sumSizes c))
      (Nat.pow 2 (P.stride - 1)) && Nat.ble 1 P.stride && Nat.ble 1 P.bits then
    signedLanes P.stride (P.stride - 1) P.outputs (natPart (fastAdd (combineColumn c P.fastColumns)
      (fastMul (fastSub (.ofNat (Nat.pow 2 (P.stride - 1)))
        (fastScale (Nat.pow 2 (P.bits - 1)) (meetSum c P.fastColumns)))
        (.ofNat (fill P.stride 1 P.outputs)))))
  else dotRows P.toLayer.weights c

end PackedLayer

/-! ## Lanes of integers -/

/-- Integers as digits. -/
def packInt (R : Nat) : List Int → Int
  | [] => 0
  | x :: xs => x + 2 ^ R * packInt R xs

/-- The columns' lanes without what they are stored with. -/
theorem packInt_unoffset (R k : Nat) (e : List Nat) :
    packInt R (e.map (unoffset k)) = pack R e - 2 ^ k * fill R 1 e.length := by
  induction e with
  | nil => simp [packInt, pack, fill]
  | cons x e ih =>
    rw [List.map_cons, packInt, ih, unoffset_eq, pack, List.length_cons, fill]
    simp only [Int.natCast_add, Int.natCast_mul, Int.natCast_pow]
    simp only [Int.cast_ofNat_Int]
    grind

/-- A first column contributes its multiple. -/
theorem packInt_consColumn (R : Nat) (c : Int) (cs col : List Int) (M : List (List Int))
    (h : col.length = M.length) : packInt R (dotRows (consColumn col M) (c :: cs))
      = c * packInt R col + packInt R (dotRows M cs) := by
  induction col generalizing M with
  | nil => match M, h with
    | [], _ =>
      show packInt R [] = c * packInt R [] + packInt R []
      simp only [packInt]
      omega
  | cons w ws ih => match M, h with
    | row :: M, h =>
      have ih := ih M (Nat.succ.inj h)
      have e : dotRows (consColumn (w :: ws) (row :: M)) (c :: cs)
        = fastAdd (fastMul w c) (dotInts row cs) :: dotRows (consColumn ws M) (c :: cs) := rfl
      have e' : dotRows (row :: M) cs = dotInts row cs :: dotRows M cs := rfl
      rw [e, e', packInt, packInt, packInt, ih, fastAdd_eq, fastMul_eq]
      grind

/-- Zeros. -/
theorem packInt_of_forall_zero (R : Nat) {xs : List Int} (h : ∀ x ∈ xs, x = 0) :
    packInt R xs = 0 := by
  induction xs with
  | nil => rfl
  | cons x xs ih =>
    rw [packInt, h x (.head _), ih fun y hy => h y (.tail _ hy)]
    omega

/-- An inner product with nothing. -/
theorem dotInts_nil (row : List Int) : dotInts row [] = 0 := by cases row <;> rfl

/-- The combination of the columns has the inner products as digits. -/
theorem packInt_dotRows {R k rows : Nat} {es : List (List Nat)} (h : ∀ e ∈ es, e.length = rows)
    (c : List Int) :
    packInt R (dotRows (rowsOfColumns rows (es.map (·.map (unoffset k)))) c)
      = combineColumn c (es.map (pack R))
        - 2 ^ k * meetSum c (es.map (pack R)) * fill R 1 rows := by
  have none : ∀ M : List (List Int), ∀ x ∈ dotRows M [], x = 0 := by
    intro M
    induction M with
    | nil => exact nofun
    | cons row M ih =>
      intro x hx
      cases hx with
      | head => exact dotInts_nil row
      | tail _ hx => exact ih x hx
  have empty : ∀ (n : Nat) (c : List Int), ∀ x ∈ dotRows (emptyRows n) c, x = 0 := by
    intro n c
    induction n with
    | zero => exact nofun
    | succ n ih =>
      intro x hx
      cases hx with
      | head => rfl
      | tail _ hx => exact ih x hx
  induction es generalizing c with
  | nil =>
    have e₁ : combineColumn c [] = 0 := by cases c <;> rfl
    have e₂ : meetSum c [] = 0 := by cases c <;> rfl
    rw [List.map_nil, List.map_nil, e₁, e₂, rowsOfColumns, packInt_of_forall_zero R (empty rows c)]
    simp
  | cons e es ih => match c with
    | [] =>
      have e₁ : ∀ cs : List Nat, combineColumn [] cs = 0 := fun _ => rfl
      have e₂ : ∀ cs : List Nat, meetSum [] cs = 0 := fun _ => rfl
      rw [e₁, e₂, packInt_of_forall_zero R (none _)]
      simp
    | c :: cs =>
      have htl := fun e' h' => h e' (.tail _ h')
      have ih := ih htl cs
      have he := h e (.head _)
      have e₁ : combineColumn (c :: cs) (pack R e :: es.map (pack R))
        = fastAdd (fastMul c (.ofNat (pack R e))) (combineColumn cs (es.map (pack R))) := rfl
      have e₂ : meetSum (c :: cs) (pack R e :: es.map (pack R))
        = fastAdd c (meetSum cs (es.map (pack R))) := rfl
      have hl : ∀ col ∈ es.map (·.map (unoffset k)), col.length = rows := by
        intro col hcol
        obtain ⟨e', he', rfl⟩ := List.mem_map.1 hcol
        rw [List.length_map, htl e' he']
      rw [List.map_cons, List.map_cons, rowsOfColumns, packInt_consColumn _ _ _ _ _
        (by rw [List.length_map, length_rowsOfColumns hl, he]), ih, packInt_unoffset, he, e₁, e₂,
        fastAdd_eq, fastAdd_eq, fastMul_eq, Int.ofNat_eq_natCast]
      grind

/-- Digits that are moved, so that none is negative. -/
theorem natPart_packInt {R o : Nat} {xs : List Int} (h : ∀ x ∈ xs, -(o : Int) ≤ x) :
    natPart (packInt R xs + o * fill R 1 xs.length)
      = pack R (xs.map fun x : Int => (x + o).toNat) := by
  have key : packInt R xs + o * fill R 1 xs.length
      = (pack R (xs.map fun x : Int => (x + o).toNat) : Nat) := by
    induction xs with
    | nil => simp [packInt, pack, fill]
    | cons x xs ih =>
      have ih := ih fun y hy => h y (.tail _ hy)
      have hx := h x (.head _)
      rw [List.map_cons, packInt, pack, List.length_cons, fill]
      have : ((x + o).toNat : Int) = x + o := by omega
      simp only [Int.natCast_add, Int.natCast_mul, Int.natCast_pow, this, ← ih]
      simp only [Int.cast_ofNat_Int]
      grind
  rw [key]
  rfl

/-- An inner product is at most the largest entry times the absolute values. -/
theorem dotInts_bounds {b : Nat} {row : List Int} (h : ∀ w ∈ row, -(b : Int) ≤ w ∧ w ≤ b)
    (c : List Int) : -((b * sumSizes c : Nat) : Int) ≤ dotInts row c ∧
      dotInts row c ≤ ((b * sumSizes c : Nat) : Int) := by
  induction row generalizing c with
  | nil =>
    have : dotInts [] c = 0 := rfl
    rw [this]
    omega
  | cons w ws ih => match c with
    | [] =>
      rw [dotInts_nil]
      omega
    | c :: cs =>
      have ih := ih (fun w' h' => h w' (.tail _ h')) cs
      have hw := h w (.head _)
      have e : dotInts (w :: ws) (c :: cs) = fastAdd (fastMul w c) (dotInts ws cs) := rfl
      have e' : sumSizes (c :: cs) = size c + sumSizes cs := rfl
      have hs : (size c : Int) = c ∨ (size c : Int) = -c := by
        cases c with
        | ofNat n => exact .inl rfl
        | negSucc n => exact .inr rfl
      have hp : (0 : Int) ≤ size c := Int.natCast_nonneg _
      have h₁ := Int.mul_le_mul_of_nonneg_right hw.1 hp
      have h₂ := Int.mul_le_mul_of_nonneg_right hw.2 hp
      rw [e, e', fastAdd_eq, fastMul_eq, Nat.mul_add]
      simp only [Int.natCast_add, Int.natCast_mul] at *
      rcases hs with hs | hs <;> rw [hs] at h₁ h₂ ⊢ <;> grind

/-- The entries of the rows of a matrix are those of its columns. -/
theorem forall_rowsOfColumns {p : Int → Prop} {rows : Nat} {cols : List (List Int)}
    (h : ∀ col ∈ cols, ∀ w ∈ col, p w) : ∀ row ∈ rowsOfColumns rows cols, ∀ w ∈ row, p w := by
  induction cols with
  | nil =>
    intro row hrow w hw
    rw [eq_nil_of_mem_emptyRows hrow] at hw
    cases hw
  | cons col cols ih =>
    have ih := ih fun col' h' => h col' (.tail _ h')
    have hcol := h col (.head _)
    rw [rowsOfColumns]
    generalize rowsOfColumns rows cols = M at ih
    clear h
    induction col generalizing M with
    | nil => exact nofun
    | cons w ws ihw => match M with
      | [] => exact nofun
      | r :: M =>
        intro row hrow v hv
        cases hrow with
        | head => cases hv with
          | head => exact hcol w (.head _)
          | tail _ hv => exact ih r (.head _) v hv
        | tail _ hrow =>
          exact ihw (fun w' h' => hcol w' (.tail _ h')) M
            (fun row' h' => ih row' (.tail _ h')) row hrow v hv

/-- `dots` are the inner products of the layer's rows. -/
theorem PackedLayer.dots_eq (P : PackedLayer) (c : List Int) :
    P.dots c = dotRows P.toLayer.weights c := by
  unfold dots
  cases hroom : (Nat.ble P.bits (P.stride - 1) && Nat.blt (Nat.mul (Nat.pow 2 (P.bits - 1))
    (sumSizes c)) (Nat.pow 2 (P.stride - 1)) && Nat.ble 1 P.stride && Nat.ble 1 P.bits)
  · rfl
  simp only [Bool.and_eq_true, Nat.ble_eq] at hroom
  obtain ⟨⟨⟨hbits, hlt⟩, hR⟩, hb⟩ := hroom
  have hlt : 2 ^ (P.bits - 1) * sumSizes c < 2 ^ (P.stride - 1) := Nat.le_of_ble_eq_true hlt
  have hk : P.bits - 1 < P.stride := by omega
  obtain ⟨es, h₁, h₂, h₃, h₄⟩ := exists_lanes hk (P.isColumn_columns hk)
  have hw : P.toLayer.weights
      = rowsOfColumns P.outputs (es.map (·.map (unoffset (P.bits - 1)))) := by
    rw [← h₄]; rfl
  have hl : ∀ col ∈ es.map (·.map (unoffset (P.bits - 1))), col.length = P.outputs := by
    intro col hcol
    obtain ⟨e', he', rfl⟩ := List.mem_map.1 hcol
    rw [List.length_map, h₂ e' he']
  rw [cond_true, P.fastColumns_eq, h₁, hw]
  have hlen : (dotRows (rowsOfColumns P.outputs (es.map (·.map (unoffset (P.bits - 1))))) c).length
      = P.outputs := by
    rw [show ∀ M : List (List Int), (dotRows M c).length = M.length from fun M => by
      induction M with
      | nil => rfl
      | cons r M ih => exact congrArg Nat.succ ih, length_rowsOfColumns hl]
  have hpow : (2 : Int) ^ (P.bits - 1 + 1) = 2 * 2 ^ (P.bits - 1) := by
    rw [Int.pow_succ]; omega
  have entries : ∀ row ∈ rowsOfColumns P.outputs (es.map (·.map (unoffset (P.bits - 1)))),
      ∀ w ∈ row, -((2 ^ (P.bits - 1) : Nat) : Int) ≤ w ∧ w ≤ ((2 ^ (P.bits - 1) : Nat) : Int) := by
    refine forall_rowsOfColumns fun col hcol w hw' => ?_
    obtain ⟨e, he, rfl⟩ := List.mem_map.1 hcol
    obtain ⟨x, hx, rfl⟩ := List.mem_map.1 hw'
    have := h₃ e he x hx
    rw [Nat.pow_succ] at this
    rw [unoffset_eq]
    clear hlt hbits hR hb hk hpow hlen
    omega
  have bounds : ∀ x ∈ dotRows (rowsOfColumns P.outputs
      (es.map (·.map (unoffset (P.bits - 1))))) c,
      -((2 ^ (P.stride - 1) : Nat) : Int) ≤ x ∧ x < ((2 ^ (P.stride - 1) : Nat) : Int) := by
    generalize rowsOfColumns P.outputs _ = M at entries
    induction M with
    | nil => exact nofun
    | cons row M ih =>
      intro x hx
      cases hx with
      | head =>
        have := dotInts_bounds (entries row (.head _)) c
        clear ih hbits hR hb hk hpow hlen
        omega
      | tail _ hx => exact ih (fun r hr => entries r (.tail _ hr)) x hx
  have key := packInt_dotRows (R := P.stride) (k := P.bits - 1) h₂ c
  have arith : fastAdd (combineColumn c (es.map (pack P.stride)))
      (fastMul (fastSub (.ofNat (Nat.pow 2 (P.stride - 1)))
        (fastScale (Nat.pow 2 (P.bits - 1)) (meetSum c (es.map (pack P.stride)))))
        (.ofNat (fill P.stride 1 P.outputs)))
      = packInt P.stride (dotRows (rowsOfColumns P.outputs
          (es.map (·.map (unoffset (P.bits - 1))))) c)
        + ((2 ^ (P.stride - 1) : Nat) : Int) * fill P.stride 1 P.outputs := by
    rw [key, fastAdd_eq, fastMul_eq, fastSub_eq, fastScale_eq]
    simp only [Int.ofNat_eq_natCast, Nat.pow_eq, Int.natCast_pow]
    simp only [Int.cast_ofNat_Int]
    clear key bounds entries hpow hlen hl hw h₁ h₂ h₃ h₄ hbits hlt hk hR hb
    grind
  have hn := natPart_packInt (R := P.stride) fun x hx => (bounds x hx).1
  rw [hlen] at hn
  rw [arith, hn]
  generalize dotRows _ c = xs at bounds hlen
  have lanes : LanesLT (2 ^ P.stride)
      (xs.map fun x => (x + ((2 ^ (P.stride - 1) : Nat) : Int)).toNat) := by
    intro v hv
    obtain ⟨x, hx, rfl⟩ := List.mem_map.1 hv
    have := bounds x hx
    have e : 2 ^ P.stride = 2 * 2 ^ (P.stride - 1) := by
      rw [← Nat.pow_succ', Nat.succ_eq_add_one, Nat.sub_add_cancel hR]
    clear bounds hlt hbits hR hb hk hpow
    omega
  have := signedLanes_pack (k := P.stride - 1) lanes
  rw [List.length_map, hlen] at this
  rw [this, List.map_map]
  have id : ∀ x ∈ xs, (unoffset (P.stride - 1) ∘ fun x : Int =>
      (x + ((2 ^ (P.stride - 1) : Nat) : Int)).toNat) x = x := by
    intro x hx
    have := bounds x hx
    simp only [Function.comp, unoffset_eq]
    clear bounds hlt hbits hR hb hk hpow
    omega
  rw [List.map_congr_left id, List.map_id']

end

end PyOrch
