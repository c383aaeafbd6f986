import PyOrch.Net.LaneRows

/-!
# Bounds of affine layers in lanes

From the sums of products: halves that belong together are added, the biases come in, and every
lane is rounded up, which moves both bounds outward. Whether the lanes had room is checked with the
sizes of all numbers involved, whether the results have the size that they should by looking at the
upper bits of each lane.
-/

namespace PyOrch

/-- The lowest `l` bits. The kernel divides by a long number in time quadratic in its length. -/
def lowest (l x : Nat) : Nat := Nat.land x (Nat.sub (Nat.pow 2 l) 1)

/-- `lowest` is a remainder. -/
theorem lowest_eq (l x : Nat) : lowest l x = x % 2 ^ l := Nat.and_two_pow_sub_one_eq_mod x l

/-- How many boxes are bounded at once, and in which lanes. -/
structure Batch where
  /-- The number of boxes. -/
  size : Nat
  /-- The width of a lane. -/
  width : Nat
  /-- The width of a value: values are between `-2 ^ (bits - 1)` and `2 ^ (bits - 1)`. -/
  bits : Nat

namespace Batch

noncomputable section
variable (F : Batch)

/-- The width of a group of lanes, those of one entry of a vector. -/
def group : Nat := Nat.mul F.width (Nat.add F.size F.size)

/-- Ones in the lanes of `n` groups. -/
def ones (n : Nat) : Nat := fastFill F.width 1 (Nat.mul n (Nat.add F.size F.size))

/-- All bits of the lower halves of `n` groups. -/
def lowBits (n : Nat) : Nat := fastFill F.group (Nat.sub (Nat.pow 2 (Nat.mul F.width F.size)) 1) n

/-- Both halves of each group in each other's place. -/
def swap (n x : Nat) : Nat := swapHalves (Nat.mul F.width F.size) (F.lowBits n) x

/-- The rows' sums: those with weights above zero, and those with weights beneath, swapped. -/
def fold (n s : Nat) : Nat :=
  let l := Nat.mul F.group n
  Nat.add (lowest l s) (F.swap n (Nat.shiftRight s l))

/-- The rows' absolute weights, each in a lane as wide as a group. -/
def foldTotals (n t : Nat) : Nat :=
  let l := Nat.mul F.group n
  Nat.add (lowest l t) (Nat.shiftRight t l)

/-- The numbers of `w` bits that follow one another in `v`, in lanes as wide as groups. -/
def spread (w n v : Nat) : Nat :=
  Nat.rec (fun _ => 0) (fun _ ih v => Nat.add (Nat.mod v (Nat.pow 2 w))
    (Nat.mul (Nat.pow 2 F.group) (ih (Nat.shiftRight v w)))) n v

/-- The biases, with the opposite sign in the upper halves, moved by `o`; from the biases moved by
`o` in lanes as wide as groups. -/
def biasLanes (n o e : Nat) : Nat :=
  let row := fastFill F.width 1 F.size
  Nat.add (Nat.mul e row) (Nat.mul (Nat.sub (fastFill F.group (Nat.add o o) n) e)
    (Nat.mul (Nat.pow 2 (Nat.mul F.width F.size)) row))

/-- What a lane's value is before it is divided by `2 ^ k`, and a bit above it: from the sums of
products `s` of the rows, which are moved by `z`, and the biases `e`, which are multiples of `2 ^ d`
and moved by `o`; the values are to have `g` bits. -/
def unrounded (n k d g o z e s : Nat) : Nat :=
  Nat.sub
    (Nat.add s (Nat.add (Nat.mul (F.biasLanes n o e) (Nat.pow 2 d))
      (Nat.mul (F.ones n) (Nat.add (Nat.pow 2 (Nat.pred F.width))
        (Nat.add (Nat.pow 2 (Nat.add (Nat.pred g) k)) (Nat.sub (Nat.pow 2 k) 1))))))
    (Nat.add (Nat.mul z (fastFill F.width 1 (Nat.add F.size F.size)))
      (Nat.mul (F.ones n) (Nat.mul o (Nat.pow 2 d))))

/-- The values of `g` bits. -/
def rounded (n k g v : Nat) : Nat :=
  Nat.land (Nat.shiftRight v k) (Nat.mul (F.ones n) (Nat.sub (Nat.pow 2 g) 1))

/-- The values have `g` bits. -/
def inRange (n k g v : Nat) : Bool :=
  Nat.beq (Nat.land (Nat.shiftRight v (Nat.add k g))
      (Nat.mul (F.ones n) (Nat.sub (Nat.pow 2 (Nat.sub F.width (Nat.add k g))) 1)))
    (Nat.mul (F.ones n) (Nat.pow 2 (Nat.sub (Nat.pred F.width) (Nat.add k g))))

/-- There is room for sums of products up to `a` and for the rest. -/
def hasRoom (a k d g o : Nat) : Bool :=
  Nat.ble (Nat.add a (Nat.add (Nat.mul (Nat.mul 2 o) (Nat.pow 2 d)) (Nat.pow 2 (Nat.add k g))))
    (Nat.pow 2 (Nat.pred F.width))

end
end Batch

/-! ## What they compute -/

/-- The lanes of `Batch.biasLanes`. -/
noncomputable def biasLane (B o : Nat) (bias : List Int) (i : Nat) : Nat :=
  if i % (B + B) < B then offset o (bias.getD (i / (B + B)) 0)
  else o + o - offset o (bias.getD (i / (B + B)) 0)

section
variable {F : Batch} {n : Nat} {v : Nat → Nat}

/-- There are boxes, and lanes have room for their values. -/
structure Batch.Positive (F : Batch) : Prop where
  /-- There is a box. -/
  size : 0 < F.size
  /-- A value has bits. -/
  bits : 0 < F.bits
  /-- A lane has more bits than a difference of values. -/
  room : F.bits + 1 < F.width

/-- A lane has bits. -/
theorem Batch.Positive.width (hF : F.Positive) : 0 < F.width :=
  Nat.lt_of_le_of_lt (Nat.zero_le _) hF.room

/-- `ones` has ones. -/
theorem Batch.Positive.ones_eq (hF : F.Positive) (n : Nat) :
    F.ones n = packTo F.width (fun _ => 1) (n * (F.size + F.size)) :=
  fastFill_eq F.width 1 _

/-- `lowBits` has the bits of the lower halves. -/
theorem Batch.Positive.lowBits_eq (hF : F.Positive) (n : Nat) :
    F.lowBits n = halfBits F.width F.size n :=
  fastFill_eq F.group _ _

/-- `swap` exchanges the halves. -/
theorem Batch.Positive.swap_eq (hF : F.Positive)
    (hv : Below (2 ^ F.width) v (n * (F.size + F.size))) :
    F.swap n (packTo F.width v (n * (F.size + F.size)))
      = packTo F.width (swapped F.size v) (n * (F.size + F.size)) := by
  rw [Batch.swap, hF.lowBits_eq]
  exact swapHalves_eq hF.size hv

/-- The widths of `n` groups, and of their lanes. -/
theorem Batch.group_mul (F : Batch) (n : Nat) :
    F.group * n = F.width * (n * (F.size + F.size)) := by
  show F.width * (F.size + F.size) * n = _
  ac_rfl

/-- `fold` adds what belongs together. -/
theorem Batch.Positive.fold_eq (hF : F.Positive) {P Q : Nat → Nat}
    (hP : Below (2 ^ F.width) P (n * (F.size + F.size)))
    (hQ : Below (2 ^ F.width) Q (n * (F.size + F.size))) :
    F.fold n (packTo F.width P (n * (F.size + F.size))
        + 2 ^ (F.group * n) * packTo F.width Q (n * (F.size + F.size)))
      = packTo F.width (fun i => P i + swapped F.size Q i) (n * (F.size + F.size)) := by
  have h : F.fold n (packTo F.width P (n * (F.size + F.size))
        + 2 ^ (F.group * n) * packTo F.width Q (n * (F.size + F.size)))
      = (packTo F.width P (n * (F.size + F.size))
          + 2 ^ (F.group * n) * packTo F.width Q (n * (F.size + F.size))) % 2 ^ (F.group * n)
        + F.swap n ((packTo F.width P (n * (F.size + F.size))
          + 2 ^ (F.group * n) * packTo F.width Q (n * (F.size + F.size))) >>> (F.group * n)) :=
    congrArg (· + _) (lowest_eq _ _)
  rw [h, F.group_mul, packTo_mod hP, packTo_shiftRight hP, hF.swap_eq hQ, packTo_add]

/-- `foldTotals` adds what belongs together. -/
theorem Batch.foldTotals_eq {P Q : Nat → Nat} (hP : Below (2 ^ F.group) P n) :
    F.foldTotals n (packTo F.group P n + 2 ^ (F.group * n) * packTo F.group Q n)
      = packTo F.group (fun r => P r + Q r) n := by
  have h : F.foldTotals n (packTo F.group P n + 2 ^ (F.group * n) * packTo F.group Q n)
      = (packTo F.group P n + 2 ^ (F.group * n) * packTo F.group Q n) % 2 ^ (F.group * n)
        + (packTo F.group P n + 2 ^ (F.group * n) * packTo F.group Q n) >>> (F.group * n) :=
    congrArg (· + _) (lowest_eq _ _)
  rw [h, packTo_mod hP, packTo_shiftRight hP, packTo_add]

/-- `spread` has the numbers that `signedLanes` reads, moved. -/
theorem Batch.spread_eq (F : Batch) (w n v : Nat) : F.spread w n v = packTo F.group
    (fun r => offset (2 ^ (w - 1)) ((signedLanes w (w - 1) n v).getD r 0)) n := by
  induction n generalizing v with
  | zero => rfl
  | succ n ih =>
    have h : offset (2 ^ (w - 1)) (unoffset (w - 1) (v % 2 ^ w)) = v % 2 ^ w := by
      have := offset_eq (z := 2 ^ (w - 1)) (i := unoffset (w - 1) (v % 2 ^ w))
        (by rw [unoffset_eq]; omega)
      rw [unoffset_eq] at this ⊢
      omega
    show v % 2 ^ w + 2 ^ F.group * F.spread w n (v >>> w) = _
    rw [ih, packTo, signedLanes_succ, List.getD_cons_zero, h]
    simp only [List.getD_cons_succ]

/-- What `signedLanes` reads has the size of its lanes. -/
theorem getD_signedLanes (w n v r : Nat) :
    -((2 ^ (w - 1) : Nat) : Int) ≤ (signedLanes w (w - 1) n v).getD r 0 ∧
      (signedLanes w (w - 1) n v).getD r 0 ≤ (2 ^ (w - 1) : Nat) := by
  induction n generalizing v r with
  | zero =>
    show -((2 ^ (w - 1) : Nat) : Int) ≤ 0 ∧ (0 : Int) ≤ (2 ^ (w - 1) : Nat)
    generalize 2 ^ (w - 1) = z
    omega
  | succ n ih =>
    rw [signedLanes_succ]
    cases r with
    | zero =>
      have h1 := Nat.mod_lt v (Nat.two_pow_pos w)
      have h2 : 2 ^ w ≤ 2 * 2 ^ (w - 1) := by
        rw [← Nat.pow_succ']; exact Nat.pow_le_pow_right (by decide) (by omega)
      rw [List.getD_cons_zero, unoffset_eq]
      omega
    | succ r => rw [List.getD_cons_succ]; exact ih _ r

/-- `biasLanes` has the biases. -/
theorem Batch.Positive.biasLanes_eq (hF : F.Positive) {o : Nat} {bias : List Int}
    (ho : ∀ r, -(o : Int) ≤ bias.getD r 0 ∧ bias.getD r 0 ≤ o) (n : Nat) :
    F.biasLanes n o (packTo F.group (fun r => offset o (bias.getD r 0)) n)
      = packTo F.width (biasLane F.size o bias) (n * (F.size + F.size)) := by
  have hm : 0 < F.size + F.size := Nat.add_pos_left hF.size _
  have zero : packTo F.width (fun _ => 0) F.size = 0 := by
    have := mul_packTo F.width 0 (fun _ => 0) F.size
    rw [Nat.zero_mul] at this
    exact this.symm
  have low : fastFill F.width 1 F.size
      = packTo F.width (fun i => if i < F.size then 1 else 0) (F.size + F.size) := by
    rw [fastFill_eq F.width, packTo_split]
    have e : ∀ i, ¬ F.size + i < F.size := fun i => by omega
    simp only [e, if_false, zero, Nat.mul_zero, Nat.add_zero]
    exact packTo_congr fun i hi => (if_pos hi).symm
  have high : 2 ^ (F.width * F.size) * fastFill F.width 1 F.size
      = packTo F.width (fun i => if i < F.size then 0 else 1) (F.size + F.size) := by
    rw [fastFill_eq F.width, packTo_split]
    have e : ∀ i, ¬ F.size + i < F.size := fun i => by omega
    simp only [e, if_false]
    rw [packTo_congr (w := fun _ => 0) fun i hi => if_pos hi, zero, Nat.zero_add]
  have hle : ∀ r, offset o (bias.getD r 0) ≤ o + o := fun r => by
    have := ho r
    have := offset_eq this.1
    omega
  show _ * fastFill F.width 1 F.size + (fastFill F.group (o + o) n - _)
    * (2 ^ (F.width * F.size) * fastFill F.width 1 F.size) = _
  rw [high, low, fastFill_eq F.group, packTo_sub fun r _ => hle r, Batch.group, Nat.mul_eq,
    Nat.add_eq, packTo_mul_packTo hm, packTo_mul_packTo hm, packTo_add]
  refine packTo_congr fun i _ => ?_
  simp only [biasLane]
  split <;> simp only [Nat.mul_one, Nat.mul_zero, Nat.add_zero, Nat.zero_add]

/-- The bias lanes of an entry. -/
theorem biasLane_apply {B b o : Nat} (hb : b < B) {bias : List Int} {r : Nat}
    (h : -(o : Int) ≤ bias.getD r 0 ∧ bias.getD r 0 ≤ o) :
    (biasLane B o bias (r * (B + B) + b) : Int) = o + bias.getD r 0 ∧
      (biasLane B o bias (r * (B + B) + B + b) : Int) = o - bias.getD r 0 := by
  have h₁ := lane_index (j := r) (k := b) (m := B + B) (by omega)
  have h₂ := lane_index (j := r) (k := B + b) (m := B + B) (by omega)
  rw [← Nat.add_assoc] at h₂
  constructor
  · rw [biasLane, h₁.1, h₁.2, if_pos hb, offset_eq h.1]; omega
  · have := offset_eq h.1
    rw [biasLane, h₂.1, h₂.2, if_neg (by omega)]
    omega

/-- A lane before rounding. -/
noncomputable def unroundedLane (F : Batch) (k d g o : Nat) (Z : Nat → Nat) (bias : List Int)
    (a : Nat → Nat) (i : Nat) : Nat :=
  a i + (biasLane F.size o bias i * 2 ^ d
      + (2 ^ (F.width - 1) + (2 ^ (g - 1 + k) + (2 ^ k - 1))))
    - (Z (i / (F.size + F.size)) + o * 2 ^ d)

/-- Sizes of the terms of a lane. -/
structure Batch.Room (F : Batch) (n k d g o : Nat) (Z : Nat → Nat) (bias : List Int)
    (a : Nat → Nat) : Prop where
  /-- The sums of products and the rest. -/
  high : ∀ i, i < n * (F.size + F.size) →
    a i + 2 * o * 2 ^ d + 2 ^ (k + g) ≤ 2 ^ (F.width - 1)
  /-- The offsets. -/
  low : ∀ r, r < n → Z r + o * 2 ^ d ≤ 2 ^ (F.width - 1)
  /-- The biases. -/
  bias : ∀ r, -(o : Int) ≤ bias.getD r 0 ∧ bias.getD r 0 ≤ o

/-- A lane before rounding has `F.width` bits. -/
theorem Batch.Room.unroundedLane_lt {k d g o : Nat} {Z : Nat → Nat} {bias : List Int}
    {a : Nat → Nat} (hF : F.Positive) (hg : 0 < g) (h : F.Room n k d g o Z bias a) {i : Nat}
    (hi : i < n * (F.size + F.size)) :
    unroundedLane F k d g o Z bias a i < 2 ^ F.width ∧
      Z (i / (F.size + F.size)) + o * 2 ^ d ≤ a i + (biasLane F.size o bias i * 2 ^ d
        + (2 ^ (F.width - 1) + (2 ^ (g - 1 + k) + (2 ^ k - 1)))) := by
  have hr : i / (F.size + F.size) < n := Nat.div_lt_of_lt_mul (by rwa [Nat.mul_comm])
  have h1 := h.high i hi
  have h2 := h.low _ hr
  have hb : biasLane F.size o bias i ≤ 2 * o := by
    have := h.bias (i / (F.size + F.size))
    have := offset_eq this.1
    unfold biasLane
    split <;> omega
  have h3 := Nat.mul_le_mul_right (2 ^ d) hb
  have hw : 2 ^ F.width = 2 ^ (F.width - 1) + 2 ^ (F.width - 1) := by
    rw [← Nat.two_mul, ← Nat.pow_succ', Nat.succ_eq_add_one, Nat.sub_add_cancel hF.width]
  have hp : 2 ^ (k + g) = 2 ^ (g - 1 + k) + 2 ^ (g - 1 + k) := by
    rw [← Nat.two_mul, ← Nat.pow_succ']; congr 1; omega
  have hk : 2 ^ k ≤ 2 ^ (g - 1 + k) := Nat.pow_le_pow_right (by decide) (by omega)
  have := Nat.two_pow_pos k
  unfold unroundedLane
  omega

/-- `unrounded` has these lanes. -/
theorem Batch.Positive.unrounded_eq (hF : F.Positive) {k d g o : Nat} (hg : 0 < g)
    {Z : Nat → Nat} {bias : List Int} {a : Nat → Nat} (h : F.Room n k d g o Z bias a) :
    F.unrounded n k d g o (packTo F.group Z n)
        (packTo F.group (fun r => offset o (bias.getD r 0)) n)
        (packTo F.width a (n * (F.size + F.size)))
      = packTo F.width (unroundedLane F k d g o Z bias a) (n * (F.size + F.size)) := by
  have hm : 0 < F.size + F.size := Nat.add_pos_left hF.size _
  have e : ∀ c, F.ones n * c = packTo F.width (fun _ => c) (n * (F.size + F.size)) := by
    intro c
    rw [hF.ones_eq, Nat.mul_comm, mul_packTo]
    simp only [Nat.mul_one]
  have ez : packTo F.group Z n * fastFill F.width 1 (F.size + F.size)
      = packTo F.width (fun i => Z (i / (F.size + F.size))) (n * (F.size + F.size)) := by
    rw [fastFill_eq F.width]
    refine (packTo_mul_packTo hm F.width Z (fun _ => 1) n).trans ?_
    simp only [Nat.mul_one]
  simp only [Batch.unrounded, Nat.add_eq, Nat.mul_eq, Nat.sub_eq, Nat.pow_eq, Nat.pred_eq_sub_one,
    hF.biasLanes_eq h.bias]
  rw [e, e, ez, Nat.mul_comm _ (2 ^ d), mul_packTo, packTo_add, packTo_add, packTo_add, packTo_sub]
  · refine packTo_congr fun i _ => ?_
    simp only [unroundedLane, Nat.mul_comm (2 ^ d)]
  · intro i hi
    have := (h.unroundedLane_lt hF hg hi).2
    simp only [Nat.mul_comm (2 ^ d)]
    exact this

end

end PyOrch
