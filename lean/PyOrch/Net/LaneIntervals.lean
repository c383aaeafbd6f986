import PyOrch.Net.LaneArithmetic

/-!
# Intervals in lanes

A vector of intervals, for each of `B` boxes, in one number: `B + B` lanes for each entry, first the
upper bounds in the `B` boxes, then the lower bounds with the opposite sign, all moved by an offset
so that none is negative. With the sign, what enlarges an interval enlarges both lanes, and the same
operation serves both.
-/

namespace PyOrch

/-- The two lanes of entry `j` in box `b` hold the interval, moved by `z`. -/
def LanesAt (B : Nat) (z : Int) (v : Nat → Nat) (b j : Nat) (x : Interval) : Prop :=
  (v (j * (B + B) + b) : Int) = x.hi + z ∧ (v (j * (B + B) + B + b) : Int) = z - x.lo

/-- The lanes of the entries from `j` on hold the intervals in box `b`, the entry `i` moved by
`z i`. -/
def LanesHold (B : Nat) (z : Nat → Int) (v : Nat → Nat) (b : Nat) : Nat → List Interval → Prop
  | _, [] => True
  | j, x :: xs => LanesAt B (z j) v b j x ∧ LanesHold B z v b (j + 1) xs

section
variable {B b : Nat} {z : Int} {v w d : Nat → Nat} {j : Nat} {x y δ : Interval}

/-- Bounds of a difference. -/
theorem LanesAt.sub (hb : b < B) (hx : LanesAt B z v b j x) (hy : LanesAt B z w b j y) :
    LanesAt B (z + z) (fun i => v i + swapped B w i) b j (x.sub y) := by
  have h := swapped_apply (j := j) hb w
  simp only [LanesAt, Interval.sub, h.1, h.2] at *
  omega

/-- What is in both intervals. -/
theorem LanesAt.inter (hx : LanesAt B z v b j x) (hy : LanesAt B z w b j y) :
    LanesAt B z (fun i => min (v i) (w i)) b j (x.inter y) := by
  simp only [LanesAt, Interval.inter] at *
  omega

/-- Bounds of `max x 0`. -/
theorem LanesAt.relu {c : Nat} (hb : b < B) (hc : (c : Int) = z) (hx : LanesAt B z v b j x) :
    LanesAt B z (mixed B (fun i => max (v i) c) (fun i => min (v i) c)) b j x.relu := by
  have h := mixed_apply (j := j) hb (fun i => max (v i) c) (fun i => min (v i) c)
  simp only [LanesAt, Interval.relu, h.1, h.2] at *
  omega

private theorem clamp_of_eq {d w v : Nat} {s t u e : Int} (hd : (d : Int) = s + e)
    (hw : (w : Int) = t + e) (hv : (v : Int) = u + e) :
    ((min (max d w) v : Nat) : Int) = min (max s t) u + e := by
  omega

private theorem clamp_neg {s t u : Int} : min (max (-s) (-t)) (-u) = -max (min s t) u := by
  omega

/-- Bounds of `max t 0 - max s 0`. -/
theorem LanesAt.reluDiff {c : Nat} (hb : b < B) (hc : (c : Int) = z)
    (hd : LanesAt B (z + z) d b j δ) (hx : LanesAt B z v b j x) (hy : LanesAt B z w b j y) :
    LanesAt B (z + z) (fun i => min (max (d i) (mixed B (swapped B w) v i + c))
      (v i + swapped B w i)) b j (δ.reluDiff x y) := by
  have h := swapped_apply (j := j) hb w
  have k := mixed_apply (j := j) hb (swapped B w) v
  simp only [LanesAt, Interval.reluDiff, h.1, h.2, k.1, k.2] at *
  obtain ⟨⟨d₁, d₂⟩, ⟨x₁, x₂⟩, ⟨y₁, y₂⟩⟩ := hd, hx, hy
  clear h k
  refine ⟨clamp_of_eq d₁ (by omega) (by omega), ?_⟩
  rw [clamp_of_eq (s := -δ.lo) (t := -x.lo) (u := -(x.lo - y.hi)) (e := z + z) (by omega)
    (by omega) (by omega), clamp_neg]
  omega

/-- `-⌊-a / 2 ^ k⌋` in natural numbers. -/
theorem neg_neg_ediv {a : Int} {n m : Nat} {k : Nat} (h : (m : Int) = a + n * 2 ^ k + (2 ^ k - 1)) :
    ((m / 2 ^ k : Nat) : Int) = -(-a / 2 ^ k) + n := by
  have hk : (0 : Int) < 2 ^ k := by
    have := Nat.two_pow_pos k
    exact_mod_cast this
  rw [Int.natCast_ediv, h]
  have e : ((2 ^ k : Nat) : Int) = 2 ^ k := by norm_cast
  rw [e]
  have h1 := Int.emod_add_mul_ediv (-a) (2 ^ k)
  have h2 := Int.emod_nonneg (-a) (Int.ne_of_gt hk)
  have h3 := Int.emod_lt_of_pos (-a) hk
  generalize -a / 2 ^ k = q at *
  generalize -a % 2 ^ k = r at *
  generalize (2 : Int) ^ k = p at *
  have : a + n * p + (p - 1) = (p - 1 - r) + (n - q) * p := by grind
  rw [this, Int.add_mul_ediv_right _ _ (Int.ne_of_gt hk), Int.ediv_eq_zero_of_lt (by omega)
    (by omega)]
  omega

end

end PyOrch
