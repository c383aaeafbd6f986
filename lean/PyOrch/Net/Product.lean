import PyOrch.Net.Lanes
import PyOrch.Net.Exact
import PyOrch.Net.FastInt

/-!
# Interval products of a packed matrix

A matrix is given by its columns; a column's entries are lanes of one number, stored with the
offset `2 ^ k` so that they are not negative. `columnsBounds` computes the bounds of all rows with a
few products of big numbers a column, and `columnsBounds_eq` says that it equals `rowsBounds`.

With `e = w + 2 ^ k`, `p = max w 0` and inputs `l ≤ x ≤ u` moved by `z` to `l', u' ≥ 0`, the bounds
of `w * x` are `p * u' + (e - p) * l' - 2 ^ k * l' - z * w` above and `u'`, `l'` swapped below.
-/

namespace PyOrch

noncomputable section

/-- `i + z` as a natural number, for `-z ≤ i`. -/
def offset (z : Nat) (i : Int) : Nat :=
  Int.rec (fun n => Nat.add n z) (fun n => Nat.sub z (Nat.succ n)) i

/-- How far the integer is below zero. -/
def below (i : Int) : Nat := Int.rec (fun _ => 0) (fun n => Nat.succ n) i

/-- At least as much as any of the bounds is below zero. -/
def belowTotal (xs : List Interval) : Nat :=
  List.rec 0 (fun x _ rest => Nat.add (below x.lo) (Nat.add (below x.hi) rest)) xs

/-- One step of `belowTotal`. -/
theorem belowTotal_cons (x : Interval) (xs : List Interval) :
    belowTotal (x :: xs) = below x.lo + (below x.hi + belowTotal xs) := rfl

/-- In each lane the offset entry `e`, less `2 ^ k` where it is more, else zero. -/
def positivePart (k ones e : Nat) : Nat :=
  Nat.land e (Nat.mul (Nat.land (Nat.shiftRight e k) ones) (Nat.sub (Nat.pow 2 k) 1))

/-- The products of a column, in five groups of `width` bits: `p * u`, `e * u`, `p * l`, `e * l` and
`e`. -/
def columnTerm (k width ones e u l : Nat) : Nat :=
  let q := Nat.add (positivePart k ones e) (Nat.shiftLeft e width)
  Nat.add (Nat.mul q u) (Nat.shiftLeft (Nat.add (Nat.mul q l)
    (Nat.shiftLeft e (Nat.mul 2 width))) (Nat.mul 2 width))

/-- The sum of the products of all columns. -/
def columnsSum (k width ones z : Nat) : List Nat → List Interval → Nat :=
  zipRec 0 fun e x rest =>
    Nat.add (columnTerm k width ones e (offset z x.hi) (offset z x.lo)) rest

/-- The number of columns that meet an input. -/
def columnCount : List Nat → List Interval → Nat := zipRec 0 fun _ _ rest => Nat.succ rest

/-- The sum of the moved upper bounds. -/
def sumHi (z : Nat) : List Nat → List Interval → Nat :=
  zipRec 0 fun _ x rest => Nat.add (offset z x.hi) rest

/-- The sum of the moved lower bounds. -/
def sumLo (z : Nat) : List Nat → List Interval → Nat :=
  zipRec 0 fun _ x rest => Nat.add (offset z x.lo) rest

section
variable (k width ones z e : Nat) (es : List Nat) (x : Interval) (xs : List Interval)

/-- One step of `columnsSum`. -/
theorem columnsSum_cons : columnsSum k width ones z (e :: es) (x :: xs)
    = columnTerm k width ones e (offset z x.hi) (offset z x.lo)
      + columnsSum k width ones z es xs := rfl

/-- One step of `columnCount`. -/
theorem columnCount_cons : columnCount (e :: es) (x :: xs) = columnCount es xs + 1 := rfl

/-- One step of `sumHi`. -/
theorem sumHi_cons : sumHi z (e :: es) (x :: xs) = offset z x.hi + sumHi z es xs := rfl

/-- One step of `sumLo`. -/
theorem sumLo_cons : sumLo z (e :: es) (x :: xs) = offset z x.lo + sumLo z es xs := rfl

end

/-- The interval of each row from the five sums, where `a = 2 ^ k * Σ u'`, `b = 2 ^ k * Σ l'` and
`c = z * 2 ^ k * n`. -/
def combineSums (z a b c : Nat) :
    List Nat → List Nat → List Nat → List Nat → List Nat → List Interval
  | pu :: pus, eu :: eus, pl :: pls, el :: els, e :: es =>
      ⟨fastSubNat (Nat.add (Nat.add pl eu) c) (Nat.add (Nat.add pu a) (Nat.mul z e)),
        fastSubNat (Nat.add (Nat.add pu el) c) (Nat.add (Nat.add pl b) (Nat.mul z e))⟩
        :: combineSums z a b c pus eus pls els es
  | _, _, _, _, _ => []

/-- `combineSums` of the lanes of five numbers. -/
def combineLanes (R z a b c rows s₁ s₂ s₃ s₄ s₅ : Nat) : List Interval :=
  Nat.rec (fun _ _ _ _ _ => [])
    (fun _ ih s₁ s₂ s₃ s₄ s₅ =>
      ⟨fastSubNat (Nat.add (Nat.add (Nat.mod s₃ (Nat.pow 2 R)) (Nat.mod s₂ (Nat.pow 2 R))) c)
          (Nat.add (Nat.add (Nat.mod s₁ (Nat.pow 2 R)) a)
            (Nat.mul z (Nat.mod s₅ (Nat.pow 2 R)))),
        fastSubNat (Nat.add (Nat.add (Nat.mod s₁ (Nat.pow 2 R)) (Nat.mod s₄ (Nat.pow 2 R))) c)
          (Nat.add (Nat.add (Nat.mod s₃ (Nat.pow 2 R)) b)
            (Nat.mul z (Nat.mod s₅ (Nat.pow 2 R))))⟩
        :: ih (Nat.shiftRight s₁ R) (Nat.shiftRight s₂ R) (Nat.shiftRight s₃ R)
          (Nat.shiftRight s₄ R) (Nat.shiftRight s₅ R))
    rows s₁ s₂ s₃ s₄ s₅

/-- `combineLanes` is `combineSums` of the unpacked lanes. -/
theorem combineLanes_eq (R z a b c rows s₁ s₂ s₃ s₄ s₅ : Nat) :
    combineLanes R z a b c rows s₁ s₂ s₃ s₄ s₅ = combineSums z a b c (unpack R rows s₁)
      (unpack R rows s₂) (unpack R rows s₃) (unpack R rows s₄) (unpack R rows s₅) := by
  induction rows generalizing s₁ s₂ s₃ s₄ s₅ with
  | zero => rfl
  | succ n ih =>
    show _ :: combineLanes R z a b c n _ _ _ _ _ = _
    rw [ih]
    rfl

/-- The group `j` of the sums: so many lanes of `R` bits. -/
def sumGroup (R rows s j : Nat) : Nat :=
  Nat.mod (Nat.shiftRight s (Nat.mul j (Nat.mul R rows))) (Nat.pow 2 (Nat.mul R rows))

/-- The lanes of a group. -/
theorem unpack_sumGroup (R rows s j : Nat) :
    unpack R rows (sumGroup R rows s j) = unpack R rows (s >>> (j * (R * rows))) :=
  unpack_mod R rows _

/-- Bounds of the rows' products with a point, if the lanes have room for them. -/
def columnsBounds (R k rows ones : Nat) (es : List Nat) (x : List Interval) : List Interval :=
  let z := belowTotal x
  let s := columnsSum k (Nat.mul R rows) ones z es x
  combineLanes R z (Nat.mul (Nat.pow 2 k) (sumHi z es x)) (Nat.mul (Nat.pow 2 k) (sumLo z es x))
    (Nat.mul (Nat.mul z (Nat.pow 2 k)) (columnCount es x)) rows (sumGroup R rows s 0)
    (sumGroup R rows s 1) (sumGroup R rows s 2) (sumGroup R rows s 3) (sumGroup R rows s 4)

/-- Whether lanes of `R` bits hold all sums. -/
def hasRoom (R k : Nat) (es : List Nat) (x : List Interval) : Bool :=
  Nat.ble (Nat.mul (Nat.pow 2 (Nat.succ k)) (Nat.succ (Nat.add (columnCount es x)
    (Nat.add (sumHi (belowTotal x) es x) (sumLo (belowTotal x) es x))))) (Nat.pow 2 R)

end

/-- `e - 2 ^ k`: the integer that is stored as `e`. -/
noncomputable def unoffset (k e : Nat) : Int := fastSubNat e (2 ^ k)

/-- A column in front of the rows. -/
def consColumn : List Int → List (List Int) → List (List Int)
  | w :: ws, row :: rows => (w :: row) :: consColumn ws rows
  | _, _ => []

/-- So many empty rows. -/
def emptyRows : Nat → List (List Int)
  | 0 => []
  | n + 1 => [] :: emptyRows n

/-- The rows of the matrix with these columns. -/
def rowsOfColumns (rows : Nat) : List (List Int) → List (List Int)
  | [] => emptyRows rows
  | col :: cols => consColumn col (rowsOfColumns rows cols)

end PyOrch
