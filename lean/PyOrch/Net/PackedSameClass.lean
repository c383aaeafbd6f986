import PyOrch.Net.ClassRefutation

/-!
# The choice of a class, quickly in the kernel

The margins' layer in packed form: in each column, the lane of the class minus every lane, by one
product and one subtraction. Nothing but the networks themselves has to be emitted.
-/

namespace PyOrch

universe u

/-- Lane `c` of a column minus each of its lanes, stored as `w + 2 ^ k`; `ones` has a 1 in each
lane. -/
def againstColumn (R k ones c col : Nat) : Nat :=
  Nat.sub (Nat.mul (Nat.add (Nat.mod (Nat.shiftRight col (Nat.mul R c)) (Nat.pow 2 R))
    (Nat.pow 2 k)) ones) col

/-- As `Layer.against`: two bits more for each number, and each column a block of its own. -/
noncomputable def PackedLayer.against (c : Nat) (P : PackedLayer) : PackedLayer where
  outputs := P.outputs
  bits := P.bits - 1 + 3
  stride := P.stride
  blocks := List.rec [] (fun col _ rest => (1, againstColumn P.stride (P.bits - 1 + 2)
    (fill P.stride 1 P.outputs) c col) :: rest) P.fastColumns
  biasBits := P.biasBits - 1 + 3
  bias := againstColumn (P.biasBits - 1 + 3) (P.biasBits - 1 + 2)
    (fill (P.biasBits - 1 + 3) 1 P.outputs) c
    (pack (P.biasBits - 1 + 3) (unpack P.biasBits P.outputs P.bias))
  den := P.den
  activation := P.activation

/-- As `Network.against`. -/
noncomputable def PackedNetwork.against (c : Nat) : PackedNetwork → PackedNetwork
  | [] => []
  | [P] => [P.against c]
  | P :: P' :: Ps => P :: PackedNetwork.against c (P' :: Ps)

/-- There is a last layer, it has no activation, and `PackedLayer.against` has room for it. -/
def PackedNetwork.endsAffine (c : Nat) : PackedNetwork → Bool
  | [] => false
  | [P] => P.activation.same .identity && Nat.blt c P.outputs && Nat.blt (P.bits - 1 + 2) P.stride
  | _ :: P' :: Ps => PackedNetwork.endsAffine c (P' :: Ps)

/-- As `checkClass` of the networks that the data stand for, quickly. -/
noncomputable def packedCheckClass (T S : PackedNetwork) (box : Box) (c prec : Nat) : Bool :=
  box.wellShaped && T.fits box.lo && S.fits box.lo && T.endsAffine c && S.endsAffine c
    && (packedOutputBounds (T.against c) (S.against c) box prec).choose c

/-! ## Columns -/

/-- A lane of a packed list. -/
theorem lane_pack {R : Nat} {e : List Nat} (h : LanesLT (2 ^ R) e) {c : Nat} (hc : c < e.length) :
    (pack R e >>> (R * c)) % 2 ^ R = e[c] := by
  induction e generalizing c with
  | nil => cases hc
  | cons a e ih =>
    have ha := h a (.head _)
    cases c with
    | zero => exact lane_add_mod ha
    | succ c =>
      rw [Nat.mul_add, Nat.mul_one, Nat.add_comm, Nat.shiftRight_add, pack, lane_add_shiftRight ha]
      exact ih (fun b hb => h b (.tail _ hb)) (Nat.lt_of_succ_lt_succ hc)

/-- `fill` is a multiple of ones. -/
theorem fill_eq_mul (R a n : Nat) : fill R a n = a * fill R 1 n := by
  induction n with
  | zero => rfl
  | succ n ih => rw [fill, fill, ih, Nat.mul_add, Nat.mul_one, Nat.mul_left_comm]

/-- `digits` reads what `pack` wrote. -/
theorem digits_pack {R s : Nat} (hs : s ≤ R) {e : List Nat} (h : LanesLT (2 ^ s) e) :
    digits R s e.length (pack R e) = e := by
  have hle : 2 ^ s ≤ 2 ^ R := Nat.pow_le_pow_right (by decide) hs
  induction e with
  | nil => rfl
  | cons a e ih =>
    have ha := h a (.head _)
    have hmod : (a + 2 ^ R * pack R e) % 2 ^ s = a := by
      rw [← Nat.mod_mod_of_dvd _ (Nat.pow_dvd_pow 2 hs), lane_add_mod (Nat.lt_of_lt_of_le ha hle),
        Nat.mod_eq_of_lt ha]
    rw [List.length_cons, digits, pack, hmod, lane_add_shiftRight (Nat.lt_of_lt_of_le ha hle),
      ih (fun b hb => h b (.tail _ hb))]

/-- Zipping with equal entries is mapping. -/
theorem zipWith_replicate_eq_map {β γ δ : Type} (f : β → γ → δ) (b : β) (cs : List γ) :
    List.zipWith f (List.replicate cs.length b) cs = cs.map (f b) := by
  induction cs with
  | nil => rfl
  | cons c cs ih => rw [List.length_cons, List.replicate_succ, List.zipWith_cons_cons, ih,
      List.map_cons]

/-- `againstColumn` is a column, and stands for differences from its entry `c`. -/
theorem againstColumn_spec {R a rows c col : Nat} (ha : a + 2 < R) (hc : c < rows)
    (h : IsColumn R a rows col) :
    IsColumn R (a + 2) rows (againstColumn R (a + 2) (fill R 1 rows) c col) ∧
    signedLanes R (a + 2) rows (againstColumn R (a + 2) (fill R 1 rows) c col)
      = (signedLanes R a rows col).map ((signedLanes R a rows col).getD c 0 - ·) := by
  obtain ⟨e, he, hlt, rfl⟩ := h
  have hR : 2 ^ (a + 1) ≤ 2 ^ R := Nat.pow_le_pow_right (by decide) (by omega)
  have hce : c < e.length := by omega
  have hlane := lane_pack (hlt.mono hR) hce
  have hpow : 1 * 2 ^ a + 1 * 2 ^ a < 2 ^ (a + 2) := by
    have := Nat.two_pow_pos a
    rw [Nat.pow_succ, Nat.pow_succ]
    omega
  have hrep : LanesLT (2 ^ (a + 1)) (List.replicate rows e[c]) := by
    intro b hb
    rw [(List.mem_replicate.1 hb).2]
    exact hlt _ (List.getElem_mem hce)
  have hd := diff_column (rows := rows) hpow (by omega) (by omega) ha
    ⟨List.replicate rows e[c], List.length_replicate, hrep, fill_eq_pack R e[c] rows⟩
    ⟨e, he, hlt, rfl⟩
  have hnum : againstColumn R (a + 2) (fill R 1 rows) c (pack R e)
      = 1 * fill R e[c] rows + (2 ^ (a + 2) + 1 * 2 ^ a - 1 * 2 ^ a) * fill R 1 rows
        - 1 * pack R e := by
    have : againstColumn R (a + 2) (fill R 1 rows) c (pack R e)
      = ((pack R e >>> (R * c)) % 2 ^ R + 2 ^ (a + 2)) * fill R 1 rows - pack R e := rfl
    rw [this, hlane, fill_eq_mul R e[c], Nat.add_sub_cancel, Nat.one_mul, Nat.one_mul, Nat.add_mul]
  have hs := signedLanes_pack (k := a) (hlt.mono hR)
  have hv := signedLanes_pack (R := R) (k := a) (hrep.mono hR)
  rw [he] at hs
  rw [List.length_replicate, ← fill_eq_pack] at hv
  rw [hnum]
  refine ⟨hd.1, ?_⟩
  rw [hd.2, hs, hv, List.map_replicate, ← he, ← List.length_map (unoffset a),
    zipWith_replicate_eq_map, List.getD_eq_getElem?_getD, List.getElem?_map,
    List.getElem?_eq_getElem hce]
  simp only [Option.map_some, Option.getD_some, Int.ofNat_eq_natCast, Int.natCast_one, Int.one_mul]

/-! ## Layers -/

/-- `consColumn` puts an entry in front of each row. -/
theorem consColumn_eq_zipWith (v : List Int) (M : List (List Int)) :
    consColumn v M = List.zipWith (· :: ·) v M := by
  induction v generalizing M with
  | nil => cases M <;> rfl
  | cons x v ih => cases M with
    | nil => rfl
    | cons r M => rw [consColumn, ih, List.zipWith_cons_cons]

/-- Differences of rows, column by column. -/
theorem rowsOfColumns_against {rows c : Nat} (hc : c < rows) {cols : List (List Int)}
    (h : ∀ v ∈ cols, v.length = rows) :
    (rowsOfColumns rows cols).map (((rowsOfColumns rows cols).getD c []).zipWith (· - ·))
      = rowsOfColumns rows (cols.map fun v => v.map (v.getD c 0 - ·)) := by
  induction cols with
  | nil =>
    have : ∀ r ∈ emptyRows rows, ((emptyRows rows).getD c []).zipWith (· - ·) r = r := by
      intro r hr
      rw [eq_nil_of_mem_emptyRows hr, List.zipWith_nil_right]
    rw [List.map_nil, rowsOfColumns, List.map_congr_left this, List.map_id']
  | cons v cols ih =>
    have hv := h v (.head _)
    have hcols := fun w hw => h w (.tail _ hw)
    have hM := length_rowsOfColumns hcols
    rw [List.map_cons, rowsOfColumns, rowsOfColumns, ← ih hcols]
    generalize rowsOfColumns rows cols = M at hM
    have h1 : c < (List.zipWith (· :: ·) v M).length := by rw [List.length_zipWith]; omega
    simp only [consColumn_eq_zipWith, List.getD_eq_getElem?_getD, List.getElem?_eq_getElem h1,
      List.getElem?_eq_getElem (show c < v.length by omega),
      List.getElem?_eq_getElem (show c < M.length by omega), Option.getD_some, List.getElem_zipWith]
    apply List.ext_getElem
    · simp only [List.length_map, List.length_zipWith]
    · intro j _ _
      simp only [List.getElem_map, List.getElem_zipWith, List.zipWith_cons_cons]

namespace PackedLayer

/-- The columns of the margins' layer. -/
theorem columns_against {c : Nat} {P : PackedLayer} (hc : c < P.outputs)
    (hR : P.bits - 1 + 2 < P.stride) : (P.against c).columns = P.columns.map
      (againstColumn P.stride (P.bits - 1 + 2) (fill P.stride 1 P.outputs) c) := by
  have hcol := P.isColumn_columns (by omega)
  rw [columns, against, fastColumns_eq]
  simp only
  generalize P.columns = cs at hcol
  induction cs with
  | nil => rfl
  | cons col cs ih =>
    have ih := ih fun d hd => hcol d (.tail _ hd)
    obtain ⟨e, he, hlt, h⟩ := (againstColumn_spec hR hc (hcol col (.head _))).1
    rw [List.map_cons, ← ih, blocksColumns]
    rw [blockColumns_succ, and_fill (by omega), h, ← he, digits_pack (by omega) hlt]
    rfl

/-- `signedColumns` maps over the numbers. -/
theorem signedColumns_map {R k k' rows : Nat} {f : Nat → Nat} {g : List Int → List Int}
    {cs : List Nat} (h : ∀ c ∈ cs, signedLanes R k' rows (f c) = g (signedLanes R k rows c)) :
    signedColumns R k' rows (cs.map f) = (signedColumns R k rows cs).map g := by
  induction cs with
  | nil => rfl
  | cons c cs ih => rw [List.map_cons, signedColumns, signedColumns, List.map_cons, h c (.head _),
      ih fun d hd => h d (.tail _ hd)]

/-- `PackedLayer.against` stands for `Layer.against`. -/
theorem toLayer_against {c : Nat} {P : PackedLayer} (hc : c < P.outputs)
    (hR : P.bits - 1 + 2 < P.stride) : (P.against c).toLayer = P.toLayer.against c := by
  have hcol := P.isColumn_columns (by omega)
  have hw : (P.against c).toLayer.weights = (P.toLayer.against c).weights := by
    show rowsOfColumns P.outputs (signedColumns P.stride (P.bits - 1 + 3 - 1) P.outputs
      (P.against c).columns) = _
    rw [Nat.add_sub_assoc (by decide), columns_against hc hR, signedColumns_map (k := P.bits - 1)
      (g := fun v => v.map (v.getD c 0 - ·)) fun col h => (againstColumn_spec hR hc (hcol col h)).2,
      ← rowsOfColumns_against hc fun v hv => length_of_mem_signedColumns hv]
    rfl
  have hb : (P.against c).toLayer.bias = (P.toLayer.against c).bias := by
    have hlt : LanesLT (2 ^ (P.biasBits - 1 + 1)) (unpack P.biasBits P.outputs P.bias) := by
      have lt : ∀ n v, LanesLT (2 ^ P.biasBits) (unpack P.biasBits n v) := by
        intro n
        induction n with
        | zero => exact nofun
        | succ n ih =>
          intro v a ha
          cases ha with
          | head => exact Nat.mod_lt _ (Nat.two_pow_pos _)
          | tail _ ha => exact ih _ a ha
      exact (lt _ _).mono (Nat.pow_le_pow_right (by decide) (by omega))
    have hs := signedLanes_pack (R := P.biasBits - 1 + 3) (k := P.biasBits - 1)
      (hlt.mono (Nat.pow_le_pow_right (by decide) (by omega)))
    rw [length_unpack, ← signedLanes_eq] at hs
    have := (againstColumn_spec (R := P.biasBits - 1 + 3) (by omega) hc
      ⟨_, length_unpack _ _ _, hlt, rfl⟩).2
    rw [hs] at this
    exact this
  exact Layer.mk.injEq .. |>.mpr ⟨hw, hb, rfl, rfl⟩

end PackedLayer

/-! ## Networks -/

/-- `PackedNetwork.against` stands for `Network.against`, and shares its preconditions. -/
theorem PackedNetwork.toNetwork_against {N : PackedNetwork} {c : Nat}
    (h : N.endsAffine c = true) :
    (N.against c).toNetwork = N.toNetwork.against c ∧ N.toNetwork.endsAffine = true := by
  induction N with
  | nil => cases h
  | cons P Ps ih =>
    match Ps with
    | [] =>
      simp only [PackedNetwork.endsAffine, Bool.and_eq_true, Nat.blt_eq] at h
      exact ⟨congrArg (· :: []) (PackedLayer.toLayer_against h.1.2 h.2), h.1.1⟩
    | P' :: Ps => exact ⟨congrArg (P.toLayer :: ·) (ih h).1, (ih h).2⟩

/-- Denominators stay positive. -/
theorem PackedNetwork.positive_against {N : PackedNetwork} (h : N.Positive) (c : Nat) :
    (N.against c).Positive := by
  induction N with
  | nil => exact h
  | cons P Ps ih =>
    match Ps with
    | [] =>
      intro Q hQ
      cases hQ with
      | head => exact h P (.head _)
      | tail _ hQ => cases hQ
    | P' :: Ps =>
      intro Q hQ
      cases hQ with
      | head => exact h P (.head _)
      | tail _ hQ => exact ih (fun Q hQ => h Q (.tail _ hQ)) Q hQ

/-- What `packedCheckClass` accepts, `checkClass` accepts. -/
theorem checkClass_of_packedCheckClass {T S : PackedNetwork} {box : Box} {c prec : Nat}
    (h : packedCheckClass T S box c prec = true) :
    checkClass T.toNetwork S.toNetwork box c prec = true := by
  simp only [packedCheckClass, Bool.and_eq_true] at h
  obtain ⟨⟨⟨⟨⟨hbox, hT⟩, hS⟩, hfT⟩, hfS⟩, hw⟩ := h
  have hT := PackedNetwork.spec_of_fits hT
  have hS := PackedNetwork.spec_of_fits hS
  have hfT := PackedNetwork.toNetwork_against hfT
  have hfS := PackedNetwork.toNetwork_against hfS
  rw [packedOutputBounds, packedPairBounds_eq (Nat.two_pow_pos prec)
    (PackedNetwork.positive_against hT.1 c) (PackedNetwork.positive_against hS.1 c)
    (Box.den_pos_of_wellShaped hbox), hfT.1, hfS.1] at hw
  simp only [checkClass, Bool.and_eq_true]
  exact ⟨⟨⟨⟨⟨hbox, hT.2⟩, hS.2⟩, hfT.2⟩, hfS.2⟩, hw⟩

variable {α : Type u} [OrderedField α]

/-- `wins_of_checkClass` in packed form. -/
theorem wins_of_packedCheckClass {T S : PackedNetwork} {box : Box} {c : Nat} (prec : Nat)
    (h : packedCheckClass T S box c prec = true) {x : List α} (hx : box.Mem x) :
    Wins c (T.toNetwork.eval x) ∧ Wins c (S.toNetwork.eval x) :=
  wins_of_checkClass prec (checkClass_of_packedCheckClass h) hx

end PyOrch
