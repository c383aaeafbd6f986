import PyOrch.Net.LaneVectors

/-!
# Arithmetic lane by lane

Least and greatest, halves of groups of lanes, and rounding, each by a few operations on numbers
with many lanes.
-/

namespace PyOrch

noncomputable section

/-- In each lane `a - b`, or zero where `b` is more; values below `2 ^ g`. -/
def laneMonus (g ones a b : Nat) : Nat :=
  let v := Nat.sub (Nat.add a (Nat.mul ones (Nat.pow 2 g))) b
  Nat.land v (Nat.mul (Nat.land (Nat.shiftRight v g) ones) (Nat.sub (Nat.pow 2 g) 1))

/-- The least of `a` and `b` in each lane. -/
def laneMin (g ones a b : Nat) : Nat := Nat.sub a (laneMonus g ones a b)

/-- The greatest of `a` and `b` in each lane. -/
def laneMax (g ones a b : Nat) : Nat := Nat.add b (laneMonus g ones a b)

/-- The lower half of each group of lanes; `w` is the width of a half, `half` has all bits of the
lower halves. -/
def lowHalves (half x : Nat) : Nat := Nat.land x half

/-- The upper half of each group of lanes, moved to the lower one's place. -/
def highHalves (w half x : Nat) : Nat := Nat.land (Nat.shiftRight x w) half

/-- Groups from their halves. -/
def joinHalves (w low high : Nat) : Nat := Nat.add low (Nat.shiftLeft high w)

/-- The halves of each group change places. -/
def swapHalves (w half x : Nat) : Nat := joinHalves w (highHalves w half x) (lowHalves half x)

/-- The lower halves of `x` with the upper ones of `y`. -/
def mixHalves (w half x y : Nat) : Nat := joinHalves w (lowHalves half x) (highHalves w half y)

end

section
variable {R g n : Nat} {a b : Nat → Nat}

/-- The bit `g` of `a + 2 ^ g - b` tells whether `b ≤ a`. -/
theorem monus_bit {x y : Nat} (hx : x < 2 ^ g) (hy : y < 2 ^ g) :
    (x + 2 ^ g - y) &&& (x + 2 ^ g - y) / 2 ^ g % 2 ^ 1 * (2 ^ g - 1) = x - y := by
  have h := Nat.two_pow_pos g
  by_cases hle : y ≤ x
  · have e : (x + 2 ^ g - y) / 2 ^ g = 1 := by
      apply Nat.div_eq_of_lt_le <;> omega
    rw [e, Nat.pow_one, Nat.one_mod, Nat.one_mul, Nat.and_two_pow_sub_one_eq_mod,
      show x + 2 ^ g - y = x - y + 2 ^ g by omega, Nat.add_mod_right, Nat.mod_eq_of_lt (by omega)]
  · rw [Nat.div_eq_of_lt (by omega), Nat.zero_mod, Nat.zero_mul, Nat.and_zero]; omega

/-- `laneMonus` subtracts in each lane. -/
theorem laneMonus_eq (hg : g < R) (ha : Below (2 ^ g) a n) (hb : Below (2 ^ g) b n) :
    laneMonus g (packTo R (fun _ => 1) n) (packTo R a n) (packTo R b n)
      = packTo R (fun i => a i - b i) n := by
  have hp : 2 ^ g + 2 ^ g ≤ 2 ^ R := by
    rw [← Nat.two_mul, ← Nat.pow_succ']; exact Nat.pow_le_pow_right (by decide) hg
  have hv : Below (2 ^ R) (fun i => a i + 2 ^ g - b i) n := by
    intro i hi
    have := ha i hi
    simp only
    omega
  have hm : Below (2 ^ R) (fun i => (2 ^ g - 1) * ((a i + 2 ^ g - b i) / 2 ^ g % 2 ^ 1)) n := by
    intro i _
    have : (a i + 2 ^ g - b i) / 2 ^ g % 2 ^ 1 ≤ 1 := by omega
    have := Nat.mul_le_mul_left (2 ^ g - 1) this
    have := Nat.two_pow_pos g
    simp only
    omega
  have e : packTo R a n + packTo R (fun _ => 1) n * 2 ^ g - packTo R b n
      = packTo R (fun i => a i + 2 ^ g - b i) n := by
    rw [Nat.mul_comm, mul_packTo, packTo_add, packTo_sub]
    · simp only [Nat.mul_one]
    · intro i hi
      have := hb i hi
      omega
  have one : (fun _ : Nat => 1) = fun _ => 2 ^ 1 - 1 := rfl
  simp only [laneMonus, Nat.add_eq, Nat.mul_eq, Nat.sub_eq, Nat.pow_eq, e]
  show packTo R _ n &&& ((packTo R _ n >>> g) &&& _) * (2 ^ g - 1) = _
  rw [one, packTo_bits (by omega) hv, Nat.mul_comm _ (2 ^ g - 1), mul_packTo, packTo_and hv hm]
  refine packTo_congr fun i hi => ?_
  rw [Nat.mul_comm (2 ^ g - 1)]
  exact monus_bit (ha i hi) (hb i hi)

/-- `laneMin` is the least in each lane. -/
theorem laneMin_eq (hg : g < R) (ha : Below (2 ^ g) a n) (hb : Below (2 ^ g) b n) :
    laneMin g (packTo R (fun _ => 1) n) (packTo R a n) (packTo R b n)
      = packTo R (fun i => min (a i) (b i)) n := by
  show _ - laneMonus _ _ _ _ = _
  rw [laneMonus_eq hg ha hb, packTo_sub fun i _ => Nat.sub_le _ _]
  exact packTo_congr fun i _ => by omega

/-- `laneMax` is the greatest in each lane. -/
theorem laneMax_eq (hg : g < R) (ha : Below (2 ^ g) a n) (hb : Below (2 ^ g) b n) :
    laneMax g (packTo R (fun _ => 1) n) (packTo R a n) (packTo R b n)
      = packTo R (fun i => max (a i) (b i)) n := by
  show _ + laneMonus _ _ _ _ = _
  rw [laneMonus_eq hg ha hb, packTo_add]
  exact packTo_congr fun i _ => by omega

end

/-! ## Halves of groups of `B + B` lanes -/

section
variable {R B n : Nat} {v x y : Nat → Nat}

/-- The bits of all lower halves. -/
def halfBits (R B n : Nat) : Nat := packTo (R * (B + B)) (fun _ => 2 ^ (R * B) - 1) n

/-- The lanes of a group, from its two halves. -/
theorem group_split (R B : Nat) (v : Nat → Nat) (r : Nat) :
    packTo R (fun i => v (r * (B + B) + i)) (B + B)
      = packTo R (fun i => v (r * (B + B) + i)) B
        + 2 ^ (R * B) * packTo R (fun i => v (r * (B + B) + B + i)) B := by
  rw [packTo_split]
  simp only [Nat.add_assoc]

/-- The lanes of a group are below `2 ^ R` where all are. -/
theorem below_group (hv : Below (2 ^ R) v (n * (B + B))) {r k l : Nat} (hr : r < n)
    (hk : k + l ≤ B + B) : Below (2 ^ R) (fun i => v (r * (B + B) + k + i)) l := by
  intro i hi
  apply hv
  have := Nat.mul_le_mul_right (B + B) (Nat.succ_le_of_lt hr)
  rw [Nat.succ_mul] at this
  omega

/-- The two halves of a group. -/
theorem group_halves (hv : Below (2 ^ R) v (n * (B + B))) {r : Nat} (hr : r < n) :
    packTo R (fun i => v (r * (B + B) + i)) B < 2 ^ (R * B) ∧
      packTo R (fun i => v (r * (B + B) + B + i)) B < 2 ^ (R * B) :=
  ⟨packTo_lt (below_group (k := 0) hv hr (by omega)), packTo_lt (below_group hv hr (by omega))⟩

/-- Numbers of lanes as numbers of groups. -/
theorem packTo_groups (hv : Below (2 ^ R) v (n * (B + B))) :
    packTo R v (n * (B + B)) = packTo (R * (B + B)) (fun r =>
      packTo R (fun i => v (r * (B + B) + i)) B
        + 2 ^ (R * B) * packTo R (fun i => v (r * (B + B) + B + i)) B) n ∧
    Below (2 ^ (R * (B + B))) (fun r => packTo R (fun i => v (r * (B + B) + i)) B
        + 2 ^ (R * B) * packTo R (fun i => v (r * (B + B) + B + i)) B) n := by
  refine ⟨?_, fun r hr => ?_⟩
  · rw [← packTo_packTo]
    exact packTo_congr fun r _ => group_split R B v r
  · show _ + _ < _
    rw [← group_split]
    exact packTo_lt (below_group (k := 0) hv hr (by omega))

/-- `lowHalves` takes the lower halves. -/
theorem lowHalves_eq (hv : Below (2 ^ R) v (n * (B + B))) :
    lowHalves (halfBits R B n) (packTo R v (n * (B + B)))
      = packTo (R * (B + B)) (fun r => packTo R (fun i => v (r * (B + B) + i)) B) n := by
  obtain ⟨e, hb⟩ := packTo_groups hv
  have := packTo_bits (k := 0) (s := R * B) (by rw [Nat.mul_add]; omega) hb
  rw [Nat.shiftRight_zero] at this
  show _ &&& packTo _ _ _ = _
  rw [e, this]
  refine packTo_congr fun r hr => ?_
  rw [Nat.pow_zero, Nat.div_one, Nat.add_mul_mod_self_left, Nat.mod_eq_of_lt (group_halves hv hr).1]

/-- `highHalves` takes the upper halves. -/
theorem highHalves_eq (hv : Below (2 ^ R) v (n * (B + B))) :
    highHalves (R * B) (halfBits R B n) (packTo R v (n * (B + B)))
      = packTo (R * (B + B)) (fun r => packTo R (fun i => v (r * (B + B) + B + i)) B) n := by
  obtain ⟨e, hb⟩ := packTo_groups hv
  show (_ >>> _) &&& packTo _ _ _ = _
  rw [e, packTo_bits (by rw [Nat.mul_add]; omega) hb]
  refine packTo_congr fun r hr => ?_
  have := group_halves hv hr
  rw [Nat.add_mul_div_left _ _ (Nat.two_pow_pos _), Nat.div_eq_of_lt this.1, Nat.zero_add,
    Nat.mod_eq_of_lt this.2]

/-- `joinHalves` puts halves together. -/
theorem joinHalves_eq (hB : 0 < B) (R n : Nat) (x y : Nat → Nat → Nat) :
    joinHalves (R * B) (packTo (R * (B + B)) (fun r => packTo R (x r) B) n)
        (packTo (R * (B + B)) (fun r => packTo R (y r) B) n)
      = packTo R (fun i => if i % (B + B) < B then x (i / (B + B)) (i % (B + B))
          else y (i / (B + B)) (i % (B + B) - B)) (n * (B + B)) := by
  show (_ : Nat) + (_ : Nat) <<< (_ : Nat) = _
  rw [Nat.shiftLeft_eq, Nat.mul_comm _ (2 ^ _), mul_packTo, packTo_add, ← packTo_packTo]
  refine packTo_congr fun r _ => ?_
  rw [packTo_split]
  have key : ∀ i, i < B + B →
      (r * (B + B) + i) / (B + B) = r ∧ (r * (B + B) + i) % (B + B) = i := by
    intro i hi
    rw [Nat.mul_comm, Nat.mul_add_div (by omega), Nat.mul_add_mod, Nat.div_eq_of_lt hi,
      Nat.mod_eq_of_lt hi]
    exact ⟨Nat.add_zero r, rfl⟩
  congr 1
  · refine packTo_congr fun i hi => ?_
    have := key i (by omega)
    simp only [this.1, this.2, if_pos hi]
  · congr 1
    refine packTo_congr fun i hi => ?_
    have := key (B + i) (by omega)
    simp only [this.1, this.2, if_neg (show ¬ B + i < B by omega), Nat.add_sub_cancel_left]

/-- The lanes with the halves of each group in each other's place. -/
def swapped (B : Nat) (v : Nat → Nat) (i : Nat) : Nat :=
  if i % (B + B) < B then v (i / (B + B) * (B + B) + B + i % (B + B))
  else v (i / (B + B) * (B + B) + (i % (B + B) - B))

/-- The lower halves of `x` with the upper ones of `y`. -/
def mixed (B : Nat) (x y : Nat → Nat) (i : Nat) : Nat :=
  if i % (B + B) < B then x (i / (B + B) * (B + B) + i % (B + B))
  else y (i / (B + B) * (B + B) + B + (i % (B + B) - B))

/-- `swapHalves` exchanges the halves. -/
theorem swapHalves_eq (hB : 0 < B) (hv : Below (2 ^ R) v (n * (B + B))) :
    swapHalves (R * B) (halfBits R B n) (packTo R v (n * (B + B)))
      = packTo R (swapped B v) (n * (B + B)) := by
  rw [swapHalves, lowHalves_eq hv, highHalves_eq hv, joinHalves_eq hB]
  rfl

/-- `mixHalves` mixes. -/
theorem mixHalves_eq (hB : 0 < B) (hx : Below (2 ^ R) x (n * (B + B)))
    (hy : Below (2 ^ R) y (n * (B + B))) :
    mixHalves (R * B) (halfBits R B n) (packTo R x (n * (B + B))) (packTo R y (n * (B + B)))
      = packTo R (mixed B x y) (n * (B + B)) := by
  rw [mixHalves, lowHalves_eq hx, highHalves_eq hy, joinHalves_eq hB]
  rfl

/-- The place of the lane `k` of the group `j`. -/
theorem lane_index {j k m : Nat} (hk : k < m) : (j * m + k) / m = j ∧ (j * m + k) % m = k := by
  rw [Nat.mul_comm, Nat.mul_add_div (by omega), Nat.mul_add_mod, Nat.div_eq_of_lt hk,
    Nat.mod_eq_of_lt hk]
  exact ⟨Nat.add_zero j, rfl⟩

/-- The swapped lanes of a group. -/
theorem swapped_apply {b j : Nat} (hb : b < B) (v : Nat → Nat) :
    swapped B v (j * (B + B) + b) = v (j * (B + B) + B + b) ∧
      swapped B v (j * (B + B) + B + b) = v (j * (B + B) + b) := by
  have h₁ := lane_index (j := j) (k := b) (m := B + B) (by omega)
  have h₂ := lane_index (j := j) (k := B + b) (m := B + B) (by omega)
  rw [← Nat.add_assoc] at h₂
  constructor
  · rw [swapped, h₁.1, h₁.2, if_pos hb]
  · rw [swapped, h₂.1, h₂.2, if_neg (by omega), Nat.add_sub_cancel_left]

/-- The mixed lanes of a group. -/
theorem mixed_apply {b j : Nat} (hb : b < B) (x y : Nat → Nat) :
    mixed B x y (j * (B + B) + b) = x (j * (B + B) + b) ∧
      mixed B x y (j * (B + B) + B + b) = y (j * (B + B) + B + b) := by
  have h₁ := lane_index (j := j) (k := b) (m := B + B) (by omega)
  have h₂ := lane_index (j := j) (k := B + b) (m := B + B) (by omega)
  rw [← Nat.add_assoc] at h₂
  constructor
  · rw [mixed, h₁.1, h₁.2, if_pos hb]
  · rw [mixed, h₂.1, h₂.2, if_neg (by omega), Nat.add_sub_cancel_left]

/-- Swapping keeps bounds. -/
theorem Below.swapped {c : Nat} (h : Below c v (n * (B + B))) :
    Below c (swapped B v) (n * (B + B)) := by
  intro i hi
  rcases Nat.eq_zero_or_pos B with rfl | hB
  · omega
  have hm : 0 < B + B := by omega
  have hr : i / (B + B) < n := Nat.div_lt_of_lt_mul (by rwa [Nat.mul_comm])
  have hl := Nat.mod_lt i hm
  have := Nat.mul_le_mul_right (B + B) (Nat.succ_le_of_lt hr)
  rw [Nat.succ_mul] at this
  unfold PyOrch.swapped
  split <;> apply h <;> omega

/-- Mixing keeps bounds. -/
theorem Below.mixed {c : Nat} (hx : Below c x (n * (B + B))) (hy : Below c y (n * (B + B))) :
    Below c (mixed B x y) (n * (B + B)) := by
  intro i hi
  rcases Nat.eq_zero_or_pos B with rfl | hB
  · omega
  have hm : 0 < B + B := by omega
  have hr : i / (B + B) < n := Nat.div_lt_of_lt_mul (by rwa [Nat.mul_comm])
  have hl := Nat.mod_lt i hm
  have := Nat.mul_le_mul_right (B + B) (Nat.succ_le_of_lt hr)
  rw [Nat.succ_mul] at this
  unfold PyOrch.mixed
  split
  · apply hx; omega
  · apply hy; omega

end

end PyOrch
