import PyOrch.Net.DualCertificate

/-!
# Combinations of rows, from columns

A column's entries are the lanes of one number. Its product with the coefficients as lanes in
reverse order has their inner product as one lane, the middle one, so that one multiplication of big
numbers replaces a sum over all rows.
-/

namespace PyOrch

/-! ## A product of packed lists -/

/-- Sums entry by entry, to the end of the longer list. -/
def addLists : List Nat → List Nat → List Nat
  | x :: xs, y :: ys => (x + y) :: addLists xs ys
  | [], ys => ys
  | xs, [] => xs

/-- The coefficients of a product of polynomials. -/
noncomputable def convolve : List Nat → List Nat → List Nat
  | [], _ => []
  | a :: as, bs => addLists (bs.map (a * ·)) (0 :: convolve as bs)

/-- The inner product of natural numbers. -/
def dotNats : List Nat → List Nat → Nat
  | a :: as, b :: bs => a * b + dotNats as bs
  | _, _ => 0

/-- Packing respects sums. -/
theorem pack_addLists (R : Nat) (xs ys : List Nat) :
    pack R (addLists xs ys) = pack R xs + pack R ys := by
  induction xs generalizing ys with
  | nil => cases ys <;> simp [addLists, pack]
  | cons x xs ih =>
    cases ys with
    | nil => simp [addLists, pack]
    | cons y ys =>
      simp only [addLists, pack, ih, Nat.mul_add]
      omega

/-- Packing respects products. -/
theorem pack_convolve (R : Nat) (as bs : List Nat) :
    pack R (convolve as bs) = pack R as * pack R bs := by
  induction as with
  | nil => simp [convolve, pack]
  | cons a as ih =>
    rw [convolve, pack_addLists, ← mul_pack, pack, pack, ih, Nat.add_mul, Nat.zero_add,
      Nat.mul_assoc]

/-- The sum of sums. -/
theorem sum_addLists (xs ys : List Nat) : (addLists xs ys).sum = xs.sum + ys.sum := by
  induction xs generalizing ys with
  | nil => cases ys <;> simp [addLists]
  | cons x xs ih =>
    cases ys with
    | nil => simp [addLists]
    | cons y ys =>
      simp only [addLists, List.sum_cons, ih]
      omega

/-- The sum of multiples. -/
theorem sum_map_mul (a : Nat) (bs : List Nat) : (bs.map (a * ·)).sum = a * bs.sum := by
  induction bs with
  | nil => rfl
  | cons b bs ih => simp only [List.map_cons, List.sum_cons, ih, Nat.mul_add]

/-- The sum of a product's coefficients. -/
theorem sum_convolve (as bs : List Nat) : (convolve as bs).sum = as.sum * bs.sum := by
  induction as with
  | nil => simp [convolve]
  | cons a as ih =>
    rw [convolve, sum_addLists, sum_map_mul, List.sum_cons, List.sum_cons, ih, Nat.add_mul]
    omega

/-- An entry is at most the sum. -/
theorem le_sum_of_mem {x : Nat} {xs : List Nat} (h : x ∈ xs) : x ≤ xs.sum := by
  induction xs with
  | nil => cases h
  | cons y ys ih =>
    rw [List.sum_cons]
    cases h with
    | head => omega
    | tail _ h => have := ih h; omega

/-- The sum of a list and one more. -/
theorem sum_append_one (xs : List Nat) (y : Nat) : (xs ++ [y]).sum = xs.sum + y := by
  induction xs with
  | nil => simp
  | cons x xs ih => rw [List.cons_append, List.sum_cons, List.sum_cons, ih]; omega

/-- The sum of a reversed list. -/
theorem sum_reverse (xs : List Nat) : xs.reverse.sum = xs.sum := by
  induction xs with
  | nil => rfl
  | cons x xs ih =>
    rw [List.reverse_cons, sum_append_one, ih, List.sum_cons]
    omega

/-- The entry at an index, or 0. -/
def entry : List Nat → Nat → Nat
  | [], _ => 0
  | x :: _, 0 => x
  | _ :: xs, n + 1 => entry xs n

/-- An entry of a sum. -/
theorem entry_addLists (xs ys : List Nat) (n : Nat) :
    entry (addLists xs ys) n = entry xs n + entry ys n := by
  induction xs generalizing ys n with
  | nil => cases ys <;> simp [addLists, entry]
  | cons x xs ih =>
    cases ys with
    | nil => simp [addLists, entry]
    | cons y ys => cases n with
      | zero => rfl
      | succ n => exact ih ys n

/-- An entry of multiples. -/
theorem entry_map_mul (a : Nat) (bs : List Nat) (n : Nat) :
    entry (bs.map (a * ·)) n = a * entry bs n := by
  induction bs generalizing n with
  | nil => simp [entry]
  | cons b bs ih => cases n with
    | zero => rfl
    | succ n => exact ih n

/-- The entry after a first part. -/
theorem entry_append (xs ys : List Nat) (y : Nat) : entry (xs ++ y :: ys) xs.length = y := by
  induction xs with
  | nil => rfl
  | cons x xs ih => exact ih

/-- A lane of a packed list. -/
theorem pack_shiftRight_mod {R : Nat} {xs : List Nat} (h : LanesLT (2 ^ R) xs) (n : Nat) :
    (pack R xs >>> (R * n)) % 2 ^ R = entry xs n := by
  induction xs generalizing n with
  | nil => simp [pack, entry]
  | cons x xs ih =>
    have hx := h x (.head _)
    cases n with
    | zero => rw [Nat.mul_zero, Nat.shiftRight_zero, pack, lane_add_mod hx]; rfl
    | succ n =>
      rw [Nat.mul_add, Nat.mul_one, Nat.add_comm (R * n), Nat.shiftRight_add, pack,
        lane_add_shiftRight hx, ih (fun y hy => h y (.tail _ hy))]
      rfl

/-- The middle coefficient of a product with a reversed list is the inner product. -/
theorem entry_convolve_reverse {as fs : List Nat} (h : as.length = fs.length) (more : List Nat) :
    entry (convolve as (fs.reverse ++ more)) (fs.length - 1) = dotNats as fs := by
  induction as generalizing fs more with
  | nil => match fs, h with
    | [], _ => rfl
  | cons a as ih => match fs, h with
    | f :: fs, h =>
      have h := Nat.succ.inj h
      have ih := ih h (f :: more)
      have e : (f :: fs).reverse ++ more = fs.reverse ++ f :: more := by simp
      have hm : entry (fs.reverse ++ f :: more) fs.length = f := by
        have := entry_append fs.reverse more f
        rwa [List.length_reverse] at this
      rw [e, convolve, entry_addLists, entry_map_mul, List.length_cons, Nat.add_sub_cancel, hm,
        dotNats]
      cases hl : fs.length with
      | zero =>
        rw [hl] at h
        match as, fs, h, hl with
        | [], [], _, _ => rfl
      | succ m =>
        rw [hl, Nat.add_sub_cancel] at ih
        rw [← ih]
        rfl

/-- The lane in the middle of a product with reversed lanes is the inner product. -/
theorem middle_lane {R : Nat} {as fs : List Nat} (h : as.length = fs.length)
    (hR : as.sum * fs.sum < 2 ^ R) :
    ((pack R as * pack R fs.reverse) >>> (R * (fs.length - 1))) % 2 ^ R = dotNats as fs := by
  have hl : LanesLT (2 ^ R) (convolve as fs.reverse) := by
    intro x hx
    have := le_sum_of_mem hx
    rw [sum_convolve, sum_reverse] at this
    omega
  rw [← pack_convolve, pack_shiftRight_mod hl]
  have := entry_convolve_reverse h []
  rwa [List.append_nil] at this

/-! ## Coefficients as lanes -/

noncomputable section

/-- The coefficients moved by `z`, as many as there are rows. -/
def offsets (z : Nat) : Nat → List Int → List Nat
  | 0, _ => []
  | n + 1, p => offset z (headInt p) :: offsets z n (tailInts p)

/-- The packed `offsets` in reverse order, above `sum`. -/
def reversedLanes (R z rows : Nat) : List Int → Nat → Nat :=
  Nat.rec (fun _ sum => sum) (fun _ ih p sum =>
    ih (tailInts p) (Nat.add (Nat.shiftLeft sum R) (offset z (headInt p)))) rows

/-- The sum of `offsets`. -/
def sumOffsets (z rows : Nat) : List Int → Nat :=
  Nat.rec (fun _ => 0) (fun _ ih p => Nat.add (offset z (headInt p)) (ih (tailInts p))) rows

/-- At least as much as any coefficient is below zero. -/
def belowInts (p : List Int) : Nat :=
  List.rec 0 (fun c _ rest => Nat.add (below c) rest) p

/-- `reversedLanes` packs the reversed list. -/
theorem reversedLanes_eq (R z rows : Nat) (p : List Int) (sum : Nat) :
    reversedLanes R z rows p sum = pack R ((offsets z rows p).reverse ++ [sum]) := by
  induction rows generalizing p sum with
  | zero =>
    show sum = _
    simp [offsets, pack]
  | succ n ih =>
    have e : reversedLanes R z (n + 1) p sum = reversedLanes R z n (tailInts p)
      (Nat.add (Nat.shiftLeft sum R) (offset z (headInt p))) := rfl
    rw [e, ih, offsets, List.reverse_cons, List.append_assoc, pack_append, pack_append]
    simp only [List.cons_append, List.nil_append, pack, Nat.mul_zero, Nat.add_zero]
    congr 2
    rw [Nat.add_eq, Nat.add_comm, Nat.mul_comm]
    exact congrArg (_ + ·) (Nat.shiftLeft_eq sum R)

/-- `sumOffsets` is the sum. -/
theorem sumOffsets_eq (z rows : Nat) (p : List Int) :
    sumOffsets z rows p = (offsets z rows p).sum := by
  induction rows generalizing p with
  | zero => rfl
  | succ n ih =>
    rw [offsets, List.sum_cons, ← ih]
    rfl

/-- As many as there are rows. -/
theorem length_offsets (z rows : Nat) (p : List Int) : (offsets z rows p).length = rows := by
  induction rows generalizing p with
  | zero => rfl
  | succ n ih => rw [offsets, List.length_cons, ih]

end

end PyOrch
