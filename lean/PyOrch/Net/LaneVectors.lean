import PyOrch.Net.PackedCertificate

/-!
# Vectors in one number

`packTo R v n` is the number with the lanes `v 0`, …, `v (n - 1)` of `R` bits. Where no lane
overflows, one operation on such numbers acts on all lanes, and this file says how. Lanes are given
by a function, so that lanes may be permuted and grouped by arithmetic on their indices.
-/

namespace PyOrch

/-- The first `n` values of `v` as lanes of `R` bits, the first lowest. -/
def packTo (R : Nat) (v : Nat → Nat) : Nat → Nat
  | 0 => 0
  | n + 1 => v 0 + 2 ^ R * packTo R (fun i => v (i + 1)) n

/-- The first `n` values are below `b`. -/
def Below (b : Nat) (v : Nat → Nat) (n : Nat) : Prop := ∀ i, i < n → v i < b

section
variable {R b n : Nat} {v w : Nat → Nat}

/-- A bound of all lanes bounds those from the second on. -/
theorem Below.tail (h : Below b v (n + 1)) : Below b (fun i => v (i + 1)) n :=
  fun i hi => h (i + 1) (Nat.succ_lt_succ hi)

/-- A bound may be enlarged. -/
theorem Below.mono {c : Nat} (h : Below b v n) (hbc : b ≤ c) : Below c v n :=
  fun i hi => Nat.lt_of_lt_of_le (h i hi) hbc

/-- Only the first `n` values matter. -/
theorem packTo_congr (h : ∀ i, i < n → v i = w i) : packTo R v n = packTo R w n := by
  induction n generalizing v w with
  | zero => rfl
  | succ n ih =>
    rw [packTo, packTo, h 0 (Nat.succ_pos n), ih fun i hi => h (i + 1) (Nat.succ_lt_succ hi)]

/-- Packing respects sums. -/
theorem packTo_add (R : Nat) (v w : Nat → Nat) (n : Nat) :
    packTo R v n + packTo R w n = packTo R (fun i => v i + w i) n := by
  induction n generalizing v w with
  | zero => rfl
  | succ n ih => simp only [packTo, ← ih, Nat.mul_add]; ac_rfl

/-- Packing respects a product with a number. -/
theorem mul_packTo (R k : Nat) (v : Nat → Nat) (n : Nat) :
    k * packTo R v n = packTo R (fun i => k * v i) n := by
  induction n generalizing v with
  | zero => rfl
  | succ n ih => simp only [packTo, ← ih, Nat.mul_add]; ac_rfl

/-- Packing respects differences in which no lane becomes negative. -/
theorem packTo_sub (h : ∀ i, i < n → w i ≤ v i) :
    packTo R v n - packTo R w n = packTo R (fun i => v i - w i) n := by
  have e : packTo R v n = packTo R (fun i => v i - w i) n + packTo R w n := by
    rw [packTo_add]
    exact packTo_congr fun i hi => (Nat.sub_add_cancel (h i hi)).symm
  omega

/-- Lanes below `2 ^ R` fill no more bits than theirs. -/
theorem packTo_lt (h : Below (2 ^ R) v n) : packTo R v n < 2 ^ (R * n) := by
  induction n generalizing v with
  | zero => exact Nat.one_pos
  | succ n ih =>
    have h0 := h 0 (Nat.succ_pos n)
    have ih := ih h.tail
    have e : 2 ^ (R * (n + 1)) = 2 ^ R * 2 ^ (R * n) := by
      rw [← Nat.pow_add, Nat.mul_succ, Nat.add_comm]
    rw [packTo, e]
    have := Nat.mul_le_mul_left (2 ^ R) ih
    rw [Nat.mul_succ] at this
    omega

/-- The lanes from the `a`-th on. -/
theorem packTo_split (R : Nat) (v : Nat → Nat) (a b : Nat) :
    packTo R v (a + b) = packTo R v a + 2 ^ (R * a) * packTo R (fun i => v (a + i)) b := by
  induction a generalizing v with
  | zero => simp only [packTo, Nat.zero_add, Nat.mul_zero, Nat.pow_zero, Nat.one_mul]
  | succ a ih =>
    have e : 2 ^ (R * (a + 1)) = 2 ^ R * 2 ^ (R * a) := by
      rw [← Nat.pow_add, Nat.mul_succ, Nat.add_comm]
    have i : (fun i => v (a + i + 1)) = fun i => v (a + 1 + i) := by
      funext i; congr 1; omega
    rw [Nat.succ_add, packTo, packTo, ih, e, Nat.mul_add, Nat.mul_assoc, Nat.add_assoc, i]

/-- The lowest lanes. -/
theorem packTo_mod (h : Below (2 ^ R) v n) (m : Nat) :
    (packTo R v n + 2 ^ (R * n) * m) % 2 ^ (R * n) = packTo R v n := by
  rw [Nat.add_mul_mod_self_left, Nat.mod_eq_of_lt (packTo_lt h)]

/-- What is above the lowest lanes. -/
theorem packTo_shiftRight (h : Below (2 ^ R) v n) (m : Nat) :
    (packTo R v n + 2 ^ (R * n) * m) >>> (R * n) = m := by
  rw [Nat.shiftRight_eq_div_pow, Nat.add_mul_div_left _ _ (Nat.two_pow_pos _),
    Nat.div_eq_of_lt (packTo_lt h), Nat.zero_add]

/-- Lanes of lanes are lanes. -/
theorem packTo_packTo (R m : Nat) (v : Nat → Nat) (n : Nat) :
    packTo (R * m) (fun r => packTo R (fun i => v (r * m + i)) m) n = packTo R v (n * m) := by
  induction n generalizing v with
  | zero => rw [Nat.zero_mul]; rfl
  | succ n ih =>
    have i : (fun r => packTo R (fun i => v ((r + 1) * m + i)) m)
        = fun r => packTo R (fun i => v (m + (r * m + i))) m := by
      funext r; congr 1; funext i; congr 1; rw [Nat.succ_mul]; omega
    rw [packTo, i, ih fun i => v (m + i), Nat.succ_mul, Nat.add_comm (n * m) m, packTo_split]
    simp only [Nat.zero_mul, Nat.zero_add]

/-- The product of two numbers has the products of their lanes, where those of the first are wide
enough. -/
theorem packTo_mul_packTo {m : Nat} (hm : 0 < m) (R : Nat) (c x : Nat → Nat) (n : Nat) :
    packTo (R * m) c n * packTo R x m = packTo R (fun i => c (i / m) * x (i % m)) (n * m) := by
  rw [Nat.mul_comm, mul_packTo, ← packTo_packTo]
  refine packTo_congr fun r _ => ?_
  rw [Nat.mul_comm, mul_packTo]
  refine packTo_congr fun i hi => ?_
  rw [Nat.mul_comm r m, Nat.mul_add_div hm, Nat.div_eq_of_lt hi, Nat.mul_add_mod,
    Nat.mod_eq_of_lt hi, Nat.add_zero]

/-- `&&&` acts on each lane. -/
theorem packTo_and (hv : Below (2 ^ R) v n) (hw : Below (2 ^ R) w n) :
    packTo R v n &&& packTo R w n = packTo R (fun i => v i &&& w i) n := by
  induction n generalizing v w with
  | zero => exact Nat.zero_and _
  | succ n ih =>
    have h0 := hv 0 (Nat.succ_pos n)
    have h1 := hw 0 (Nat.succ_pos n)
    rw [packTo, packTo, and_lane _ h1, lane_add_shiftRight h0, ih hv.tail hw.tail, packTo,
      Nat.and_comm, and_lane _ h0, Nat.shiftRight_eq_div_pow, Nat.div_eq_of_lt h1, Nat.zero_and,
      Nat.mul_zero, Nat.add_zero, Nat.and_comm]

/-- The bits from the `k`-th on of each lane, `s` of them, by one shift and one `&&&`. -/
theorem packTo_bits {k s : Nat} (h : k + s ≤ R) (hv : Below (2 ^ R) v n) :
    packTo R v n >>> k &&& packTo R (fun _ => 2 ^ s - 1) n
      = packTo R (fun i => v i / 2 ^ k % 2 ^ s) n := by
  have hs : 2 ^ s - 1 < 2 ^ R :=
    Nat.lt_of_lt_of_le (Nat.sub_lt (Nat.two_pow_pos s) Nat.one_pos)
      (Nat.pow_le_pow_right (by decide) (by omega))
  have e : 2 ^ R = 2 ^ k * (2 ^ s * 2 ^ (R - k - s)) := by
    rw [← Nat.pow_add, ← Nat.pow_add]; congr 1; omega
  induction n generalizing v with
  | zero => exact Nat.and_zero _
  | succ n ih =>
    have h0 := hv 0 (Nat.succ_pos n)
    rw [packTo, packTo, packTo, and_lane _ hs, ← Nat.shiftRight_add, Nat.add_comm k R,
      Nat.shiftRight_add, lane_add_shiftRight h0, ih hv.tail]
    congr 1
    rw [Nat.and_two_pow_sub_one_eq_mod, Nat.shiftRight_eq_div_pow, e, Nat.mul_assoc,
      Nat.add_mul_div_left _ _ (Nat.two_pow_pos k), Nat.mul_assoc, Nat.add_mul_mod_self_left]

/-- Lanes below `2 ^ R` are determined by their number. -/
theorem eq_of_packTo_eq (hv : Below (2 ^ R) v n) (hw : Below (2 ^ R) w n)
    (h : packTo R v n = packTo R w n) : ∀ i, i < n → v i = w i := by
  induction n generalizing v w with
  | zero => intro i hi; exact absurd hi (Nat.not_lt_zero i)
  | succ n ih =>
    have v0 := hv 0 (Nat.succ_pos n)
    have w0 := hw 0 (Nat.succ_pos n)
    rw [packTo, packTo] at h
    have e0 : v 0 = w 0 := by
      rw [← lane_add_mod (b := packTo R (fun i => v (i + 1)) n) v0, h, lane_add_mod w0]
    have e1 : packTo R (fun i => v (i + 1)) n = packTo R (fun i => w (i + 1)) n := by
      rw [← lane_add_shiftRight (b := packTo R (fun i => v (i + 1)) n) v0, h,
        lane_add_shiftRight w0]
    intro i hi
    match i with
    | 0 => exact e0
    | i + 1 => exact ih hv.tail hw.tail e1 i (Nat.lt_of_succ_lt_succ hi)

end

/-- `fastFill` has equal lanes. -/
theorem fastFill_eq (R a n : Nat) : fastFill R a n = packTo R (fun _ => a) n := by
  rw [fastFill_eq_fill]
  induction n with
  | zero => rfl
  | succ n ih => rw [fill, packTo, ih]

/-- A list of numbers as a function, zero from its end on. -/
theorem pack_eq_packTo (R : Nat) (as : List Nat) :
    pack R as = packTo R (as.getD · 0) as.length := by
  induction as with
  | nil => rfl
  | cons a as ih =>
    simp only [pack, List.length_cons, packTo, ih]
    rfl

end PyOrch
