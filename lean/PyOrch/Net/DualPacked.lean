import PyOrch.Net.DualProduct

/-!
# Certificates by duality, quickly in the kernel

The check of `PyOrch.Net.DualCertificate` on packed networks: a combination of rows takes one
product of big numbers a column.
-/

namespace PyOrch

universe u

namespace PackedLayer

noncomputable section

/-- The sum of the entries of each column, as stored. -/
def columnSums (R rows : Nat) (columns : List Nat) : List Nat :=
  List.rec [] (fun c _ rest => Nat.mod (Nat.shiftRight (Nat.mul c (fill R 1 rows))
    (Nat.mul R (rows - 1))) (Nat.pow 2 R) :: rest) columns

/-- The inner product of each column with coefficients, given as reversed lanes `key` that were
moved by `z`: the stored entries are moved, too, and what that adds is `less - more`. -/
def columnProducts (R z more less mid key : Nat) : List Nat → List Nat → List Int :=
  zipRec [] fun c sum rest =>
    fastSubNat (Nat.add (Nat.mod (Nat.shiftRight (Nat.mul c key) mid) (Nat.pow 2 R)) more)
      (Nat.add (Nat.mul z sum) less) :: rest

/-- Whether lanes of `R` bits hold the product of `rows` entries below `2 ^ (k + 1)` with
coefficients of that sum. -/
def combineRoom (R k rows sum : Nat) : Bool :=
  Nat.ble (Nat.succ k) R
    && Nat.blt (Nat.mul (Nat.mul rows (Nat.pow 2 (Nat.succ k))) (Nat.add sum rows)) (Nat.pow 2 R)

/-- The combination of the layer's rows with these coefficients. -/
def combine (P : PackedLayer) (p : List Int) : List Int :=
  let k := P.bits - 1
  let z := belowInts p
  let sum := sumOffsets z P.outputs p
  bif combineRoom P.stride k P.outputs sum then
    columnProducts P.stride z (Nat.mul (Nat.pow 2 k) (Nat.mul P.outputs z))
      (Nat.mul (Nat.pow 2 k) sum) (Nat.mul P.stride (P.outputs - 1))
      (reversedLanes P.stride z P.outputs p 0) P.fastColumns
      (columnSums P.stride P.outputs P.fastColumns)
  else combinedRow p P.toLayer.weights

end

end PackedLayer

/-! ## One column -/

/-- `offset` moves what is not too far below zero. -/
theorem belowInts_cons (c : Int) (cs : List Int) :
    belowInts (c :: cs) = below c + belowInts cs := rfl

/-- The inner product with entries and coefficients both moved. -/
theorem dotNats_offsets {k z : Nat} (e : List Nat) {p : List Int} (hz : belowInts p ≤ z) :
    (dotNats e (offsets z e.length p) : Int)
      = dotInts p (e.map (unoffset k)) + z * e.sum + 2 ^ k * (offsets z e.length p).sum
        - 2 ^ k * (e.length * z) := by
  induction e generalizing p with
  | nil =>
    have : dotInts p [] = 0 := by cases p <;> rfl
    simp [offsets, dotNats, this]
  | cons x e ih =>
    have hp : belowInts (tailInts p) ≤ z := by
      cases p with
      | nil => exact Nat.zero_le _
      | cons c cs =>
        rw [belowInts_cons] at hz
        exact Nat.le_trans (Nat.le_add_left _ _) hz
    have hc : (offset z (headInt p) : Int) = headInt p + z := by
      refine offset_eq ?_
      cases p with
      | nil => exact show -(z : Int) ≤ 0 by omega
      | cons c cs =>
        rw [belowInts_cons] at hz
        have := neg_below_le c
        show -(z : Int) ≤ c
        omega
    have hd : dotInts p ((x :: e).map (unoffset k))
        = headInt p * unoffset k x + dotInts (tailInts p) (e.map (unoffset k)) := by
      cases p with
      | nil =>
        show Int.ofNat 0 = Int.ofNat 0 * _ + dotInts [] _
        have : dotInts [] (e.map (unoffset k)) = 0 := by cases e <;> rfl
        rw [this]; simp
      | cons c cs =>
        show fastAdd (fastMul c (unoffset k x)) _ = _
        rw [fastAdd_eq, fastMul_eq]
        rfl
    have ih := ih hp
    rw [unoffset_eq] at hd
    simp only [List.length_cons, offsets, dotNats, List.sum_cons, Int.natCast_add,
      Int.natCast_mul] at *
    rw [hc, ih, hd]
    simp only [Int.natCast_pow] at *
    grind

/-- Rows of ones sum a column. -/
theorem dotNats_replicate_one (e : List Nat) : dotNats e (List.replicate e.length 1) = e.sum := by
  induction e with
  | nil => rfl
  | cons x e ih => simp only [List.length_cons, List.replicate_succ, dotNats, List.sum_cons, ih,
      Nat.mul_one]

/-- A sum of entries that are below a bound. -/
theorem sum_le_of_lanesLT {b : Nat} {e : List Nat} (h : LanesLT b e) : e.sum ≤ e.length * b := by
  induction e with
  | nil => exact Nat.zero_le _
  | cons x e ih =>
    have := ih fun y hy => h y (.tail _ hy)
    have := h x (.head _)
    rw [List.sum_cons, List.length_cons, Nat.add_mul]
    omega

/-- The sum of ones. -/
theorem sum_replicate_one (n : Nat) : (List.replicate n 1).sum = n := by
  induction n with
  | zero => rfl
  | succ n ih => rw [List.replicate_succ, List.sum_cons, ih]; omega

/-- The inner product of one column with the coefficients. -/
theorem columnProduct_eq {R k rows c : Nat} {p : List Int}
    (hroom : PackedLayer.combineRoom R k rows (sumOffsets (belowInts p) rows p) = true)
    (hc : IsColumn R k rows c) :
    fastSubNat (Nat.add (Nat.mod (Nat.shiftRight
        (Nat.mul c (reversedLanes R (belowInts p) rows p 0)) (Nat.mul R (rows - 1))) (Nat.pow 2 R))
        (Nat.mul (Nat.pow 2 k) (Nat.mul rows (belowInts p))))
      (Nat.add (Nat.mul (belowInts p) (Nat.mod (Nat.shiftRight (Nat.mul c (fill R 1 rows))
        (Nat.mul R (rows - 1))) (Nat.pow 2 R)))
        (Nat.mul (Nat.pow 2 k) (sumOffsets (belowInts p) rows p)))
      = dotInts p (signedLanes R k rows c) := by
  obtain ⟨e, rfl, he, rfl⟩ := hc
  generalize hz : belowInts p = z at *
  simp only [PackedLayer.combineRoom, Bool.and_eq_true, Nat.ble_eq] at hroom
  obtain ⟨hk, hlt⟩ := hroom
  have hlt : e.length * 2 ^ (k + 1) * (sumOffsets z e.length p + e.length) < 2 ^ R :=
    Nat.le_of_ble_eq_true hlt
  have hsum := sum_le_of_lanesLT he
  have hR : ∀ m, m ≤ sumOffsets z e.length p + e.length → e.sum * m < 2 ^ R := fun m hm =>
    Nat.lt_of_le_of_lt (Nat.mul_le_mul hsum hm) hlt
  have h₁ := middle_lane (R := R) (as := e) (fs := offsets z e.length p)
    (length_offsets _ _ _).symm (hR _ (by rw [← sumOffsets_eq]; omega))
  have h₂ := middle_lane (R := R) (as := e) (fs := List.replicate e.length 1)
    (List.length_replicate ..).symm (hR _ (by rw [sum_replicate_one]; omega))
  rw [length_offsets] at h₁
  rw [List.length_replicate, List.reverse_replicate, ← fill_eq_pack, dotNats_replicate_one] at h₂
  have hkey : reversedLanes R z e.length p 0 = pack R (offsets z e.length p).reverse := by
    rw [reversedLanes_eq, pack_append]
    simp [pack]
  have hd := dotNats_offsets (k := k) e (p := p) (z := z) (by omega)
  rw [hkey]
  show fastSubNat (((pack R e * pack R (offsets z e.length p).reverse) >>> (R * (e.length - 1)))
      % 2 ^ R + 2 ^ k * (e.length * z))
    (z * (((pack R e * fill R 1 e.length) >>> (R * (e.length - 1))) % 2 ^ R)
      + 2 ^ k * sumOffsets z e.length p) = _
  rw [h₁, h₂, fastSubNat_eq, signedLanes_pack (he.mono (Nat.pow_le_pow_right (by decide) hk)),
    sumOffsets_eq]
  simp only [Int.natCast_add, Int.natCast_mul, Int.natCast_pow] at *
  rw [hd]
  simp only [Int.cast_ofNat_Int]
  omega

end PyOrch
