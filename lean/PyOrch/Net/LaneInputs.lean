import PyOrch.Net.LaneNetworks

/-!
# The boxes of a batch in lanes

How the bounds of the boxes come into the lanes.
-/

namespace PyOrch

namespace Batch

noncomputable section
variable (F : Batch)

/-- The absolute value. -/
def absolute (x : Int) : Nat := Int.rec (fun n => n) (fun n => Nat.succ n) x

/-- A number that is at least the absolute value of each bound; or `z`, unless there are equally
many bounds on both sides. -/
def largest (z : Nat) (lo : List Int) : List Int → Nat :=
  List.rec (fun hi => List.rec 0 (fun _ _ _ => z) hi)
    (fun l _ ih hi => List.rec z
      (fun h hs _ => Nat.lor (absolute l) (Nat.lor (absolute h) (ih hs))) hi) lo

/-- The number of bounds. -/
def count (xs : List Int) : Nat := List.rec 0 (fun _ _ ih => Nat.succ ih) xs

/-- `z - x`, for `x ≤ z`. -/
def offsetNeg (z : Nat) (x : Int) : Nat :=
  Int.rec (fun n => Nat.sub z n) (fun n => Nat.add z (Nat.succ n)) x

/-- A box in the lanes of the first one. -/
def boxLanes (z : Nat) (lo hi : List Int) : Nat :=
  zipRec 0 (fun l h rest => Nat.add
    (Nat.add (offset z h)
      (Nat.mul (Nat.pow 2 (Nat.mul F.width F.size)) (offsetNeg z l)))
    (Nat.mul (Nat.pow 2 F.group) rest)) lo hi

/-- The boxes, one in each lane. -/
def inputs (z : Nat) (boxes : List Box) : Nat :=
  List.rec 0 (fun b _ ih => Nat.add (F.boxLanes z b.lo b.hi) (Nat.mul (Nat.pow 2 F.width) ih)) boxes

/-- All boxes have `n` coordinates, and bounds between `-z` and `z`. -/
def boxesFit (z n : Nat) (boxes : List Box) : Bool :=
  List.rec true (fun b _ ih => and (and (Nat.blt (largest z b.lo b.hi) z)
    (Nat.beq (count b.lo) n)) ih) boxes

end

end Batch

/-- The bounds of the coordinate `j` in the box `b` of a list. -/
noncomputable def boxLane (z : Nat) (side : Box → List Int) (sign : Int → Int) (boxes : List Box)
    (j b : Nat) : Nat :=
  match boxes, b with
  | [], _ => 0
  | box :: _, 0 => offset z (sign ((side box).getD j 0))
  | _ :: boxes, b + 1 => boxLane z side sign boxes j b

section
variable {F : Batch} {z n : Nat}

/-- `absolute` is the absolute value. -/
theorem Batch.absolute_eq (x : Int) : Batch.absolute x = x.natAbs := by cases x <;> rfl

/-- `offsetNeg` is `offset` of what is opposite. -/
theorem Batch.offsetNeg_eq (z : Nat) (x : Int) : Batch.offsetNeg z x = offset z (-x) := by
  match x with
  | .ofNat 0 => exact (Nat.zero_add z).symm
  | .ofNat (n + 1) => rfl
  | .negSucc n => exact Nat.add_comm z (n + 1)

/-- Where `largest` is small there are equally many bounds, and all are small. -/
theorem Batch.spec_of_largest {lo hi : List Int} (h : Batch.largest z lo hi < z) :
    hi.length = lo.length ∧ ∀ j, (-(z : Int) < lo.getD j 0 ∧ lo.getD j 0 < z) ∧
      (-(z : Int) < hi.getD j 0 ∧ hi.getD j 0 < z) := by
  induction lo generalizing hi with
  | nil => match hi, h with
    | [], h =>
      have h : 0 < z := h
      refine ⟨rfl, fun j => ?_⟩
      rw [List.getD_nil]
      omega
    | _ :: _, h => exact absurd h (Nat.lt_irrefl z)
  | cons l lo ih => match hi, h with
    | [], h => exact absurd h (Nat.lt_irrefl z)
    | x :: hi, h =>
      have h : (Batch.absolute l ||| (Batch.absolute x ||| Batch.largest z lo hi)) < z := h
      have h₁ := Nat.lt_of_le_of_lt Nat.left_le_or h
      have h₂ := Nat.lt_of_le_of_lt Nat.right_le_or h
      have h₃ := Nat.lt_of_le_of_lt Nat.left_le_or h₂
      obtain ⟨hl, hj⟩ := ih (Nat.lt_of_le_of_lt Nat.right_le_or h₂)
      rw [Batch.absolute_eq] at h₁ h₃
      refine ⟨by rw [List.length_cons, List.length_cons, hl], fun j => ?_⟩
      cases j with
      | zero => simp only [List.getD_cons_zero]; omega
      | succ j => exact hj j

/-- `count` counts. -/
theorem Batch.count_eq (xs : List Int) : Batch.count xs = xs.length := by
  induction xs with
  | nil => rfl
  | cons x xs ih => exact congrArg Nat.succ ih

/-- `boxesFit` says so of each box. -/
theorem Batch.spec_of_boxesFit {boxes : List Box} (h : Batch.boxesFit z n boxes = true) :
    ∀ b ∈ boxes, b.lo.length = n ∧ Batch.largest z b.lo b.hi < z := by
  induction boxes with
  | nil => exact nofun
  | cons b bs ih =>
    have h : ((Nat.blt (Batch.largest z b.lo b.hi) z && Nat.beq (Batch.count b.lo) n)
      && Batch.boxesFit z n bs) = true := h
    simp only [Bool.and_eq_true, Nat.blt_eq] at h
    intro c hc
    cases hc with
    | head => exact ⟨by rw [← Batch.count_eq]; exact Nat.eq_of_beq_eq_true h.1.2, h.1.1⟩
    | tail _ hc => exact ih h.2 c hc

/-- One box in lanes. -/
theorem Batch.boxLanes_eq (F : Batch) (z : Nat) {lo hi : List Int} (hl : hi.length = lo.length) :
    F.boxLanes z lo hi = packTo (F.width * (F.size + F.size)) (fun j => offset z (hi.getD j 0)
      + 2 ^ (F.width * F.size) * offset z (-lo.getD j 0)) lo.length := by
  induction lo generalizing hi with
  | nil => match hi, hl with
    | [], _ => rfl
  | cons l lo ih => match hi, hl with
    | h :: hi, hl =>
      have e : F.boxLanes z (l :: lo) (h :: hi) = (offset z h
        + 2 ^ (F.width * F.size) * Batch.offsetNeg z l)
        + 2 ^ (F.width * (F.size + F.size)) * F.boxLanes z lo hi := rfl
      rw [e, ih (Nat.succ.inj hl), Batch.offsetNeg_eq]
      rfl

/-- All boxes in lanes. -/
theorem Batch.inputs_eq (F : Batch) {boxes : List Box}
    (h : ∀ b ∈ boxes, b.lo.length = n ∧ b.hi.length = n) :
    F.inputs z boxes = packTo (F.width * (F.size + F.size)) (fun j =>
      packTo F.width (boxLane z Box.hi id boxes j) boxes.length
        + 2 ^ (F.width * F.size)
          * packTo F.width (boxLane z Box.lo (- ·) boxes j) boxes.length) n := by
  induction boxes with
  | nil =>
    have := mul_packTo (F.width * (F.size + F.size)) 0 (fun _ => 0) n
    rw [Nat.zero_mul] at this
    exact this
  | cons b bs ih =>
    have hb := h b (.head _)
    have e : F.inputs z (b :: bs) = F.boxLanes z b.lo b.hi + 2 ^ F.width * F.inputs z bs := rfl
    rw [e, ih fun c hc => h c (.tail _ hc), F.boxLanes_eq z (hb.2.trans hb.1.symm), hb.1,
      mul_packTo, packTo_add]
    refine packTo_congr fun j _ => ?_
    simp only [List.length_cons, packTo, boxLane, Nat.mul_add, id]
    ac_rfl

/-- The lane of a box is its bound, moved. -/
theorem boxLane_eq {side : Box → List Int} {sign : Int → Int} {boxes : List Box} {j b : Nat}
    (hb : b < boxes.length) :
    boxLane z side sign boxes j b = offset z (sign ((side boxes[b]).getD j 0)) := by
  induction boxes generalizing b with
  | nil => exact absurd hb (Nat.not_lt_zero _)
  | cons box boxes ih => cases b with
    | zero => rfl
    | succ b => exact ih (Nat.lt_of_succ_lt_succ hb)

/-- The intervals of a box, one by one. -/
theorem lanesHold_boxIntervals {B b : Nat} {v : Nat → Nat} {lo hi : List Int}
    (hl : hi.length = lo.length) (h : ∀ j, j < lo.length →
      (v (j * (B + B) + b) : Int) = hi.getD j 0 + z ∧
      (v (j * (B + B) + B + b) : Int) = z - lo.getD j 0) :
    LanesHold B (fun _ => (z : Int)) v b 0 (boxIntervals lo hi) := by
  have key : ∀ (lo' hi' : List Int) (j : Nat), hi'.length = lo'.length →
      j + lo'.length = lo.length → (∀ i, lo'.getD i 0 = lo.getD (j + i) 0) →
      (∀ i, hi'.getD i 0 = hi.getD (j + i) 0) →
      LanesHold B (fun _ => (z : Int)) v b j (boxIntervals lo' hi') := by
    intro lo'
    induction lo' with
    | nil => intro hi' j hl' _ _ _; cases hi' <;> trivial
    | cons l lo' ih =>
      intro hi' j hl' hj hlo hhi
      match hi', hl' with
      | x :: hi', hl' =>
        simp only [List.length_cons] at hj hl'
        refine ⟨?_, ih hi' (j + 1) (by omega) (by omega) (fun i => ?_) fun i => ?_⟩
        · have e₁ := hlo 0
          have e₂ := hhi 0
          rw [List.getD_cons_zero, Nat.add_zero] at e₁ e₂
          have := h j (by omega)
          rw [← e₁, ← e₂] at this
          exact this
        · have := hlo (i + 1)
          rw [List.getD_cons_succ] at this
          rw [this]
          congr 1
          omega
        · have := hhi (i + 1)
          rw [List.getD_cons_succ] at this
          rw [this]
          congr 1
          omega
  exact key lo hi 0 hl (Nat.zero_add _) (fun i => by rw [Nat.zero_add])
    fun i => by rw [Nat.zero_add]

/-- As many intervals as bounds. -/
theorem length_boxIntervals {lo hi : List Int} (hl : hi.length = lo.length) :
    (boxIntervals lo hi).length = lo.length := by
  induction lo generalizing hi with
  | nil => cases hi <;> rfl
  | cons l lo ih => match hi, hl with
    | h :: hi, hl => simp only [boxIntervals, List.length_cons, ih (Nat.succ.inj hl)]

/-- The boxes of a batch, `boxes[b]` in box `b`. -/
theorem Batch.holds_inputs (hF : F.Positive) {boxes : List Box} (hl : boxes.length = F.size)
    (h : Batch.boxesFit (2 ^ (F.bits - 1)) n boxes = true) :
    F.Holds F.bits n (F.inputs (2 ^ (F.bits - 1)) boxes) fun b =>
      boxIntervals (boxes[b]?.getD ⟨[], [], 0⟩).lo (boxes[b]?.getD ⟨[], [], 0⟩).hi := by
  have spec := Batch.spec_of_boxesFit h
  have hlen : ∀ b ∈ boxes, b.lo.length = n ∧ b.hi.length = n := fun b hb =>
    ⟨(spec b hb).1, (Batch.spec_of_largest (spec b hb).2).1.trans (spec b hb).1⟩
  have hz : 2 ^ F.bits = 2 ^ (F.bits - 1) + 2 ^ (F.bits - 1) := by
    rw [← Nat.two_mul, ← Nat.pow_succ']
    congr 1
    have := hF.bits
    omega
  have hp := Nat.two_pow_pos (F.bits - 1)
  generalize hzz : 2 ^ (F.bits - 1) = z at *
  have small : ∀ (j b : Nat) (hb : b < boxes.length),
      (-(z : Int) < boxes[b].lo.getD j 0 ∧ boxes[b].lo.getD j 0 < z) ∧
      (-(z : Int) < boxes[b].hi.getD j 0 ∧ boxes[b].hi.getD j 0 < z) :=
    fun j b hb => (Batch.spec_of_largest (spec _ (List.getElem_mem hb)).2).2 j
  have upper : ∀ (j b : Nat) (hb : b < boxes.length),
      (boxLane z Box.hi id boxes j b : Int) = boxes[b].hi.getD j 0 + z := by
    intro j b hb
    have := (small j b hb).2
    rw [boxLane_eq hb, id, offset_eq (by omega)]
  have lower : ∀ (j b : Nat) (hb : b < boxes.length),
      (boxLane z Box.lo (- ·) boxes j b : Int) = -boxes[b].lo.getD j 0 + z := by
    intro j b hb
    have := (small j b hb).1
    rw [boxLane_eq hb, offset_eq (by omega)]
  refine ⟨fun i => if i % (F.size + F.size) < F.size
      then boxLane z Box.hi id boxes (i / (F.size + F.size)) (i % (F.size + F.size))
      else boxLane z Box.lo (- ·) boxes (i / (F.size + F.size)) (i % (F.size + F.size) - F.size),
    ?_, ?_, fun b hb => ⟨?_, ?_⟩⟩
  · rw [F.inputs_eq hlen, hl, ← joinHalves_eq hF.size]
    show _ = _ + (_ : Nat) <<< (_ : Nat)
    rw [Nat.shiftLeft_eq, Nat.mul_comm _ (2 ^ _), mul_packTo, packTo_add]
  · intro i _
    have hm := Nat.mod_lt i (Nat.add_pos_left hF.size F.size)
    simp only
    split
    · rename_i hlt
      have hlt : i % (F.size + F.size) < boxes.length := by omega
      have l := upper (i / (F.size + F.size)) _ hlt
      have := (small (i / (F.size + F.size)) _ hlt).2
      omega
    · have hlt : i % (F.size + F.size) - F.size < boxes.length := by omega
      have l := lower (i / (F.size + F.size)) _ hlt
      have := (small (i / (F.size + F.size)) _ hlt).1
      omega
  · have hb' : b < boxes.length := hl.symm ▸ hb
    simp only [List.getElem?_eq_getElem hb', Option.getD_some]
    have := hlen _ (List.getElem_mem hb')
    rw [length_boxIntervals (this.2.trans this.1.symm), this.1]
  · have hb' : b < boxes.length := hl.symm ▸ hb
    simp only [List.getElem?_eq_getElem hb', Option.getD_some]
    have := hlen _ (List.getElem_mem hb')
    refine lanesHold_boxIntervals (this.2.trans this.1.symm) fun j _ => ?_
    have i₁ := lane_index (j := j) (k := b) (m := F.size + F.size) (by omega)
    have i₂ := lane_index (j := j) (k := F.size + b) (m := F.size + F.size) (by omega)
    rw [← Nat.add_assoc] at i₂
    simp only [i₁.1, i₁.2, i₂.1, i₂.2, if_pos hb, if_neg (show ¬ F.size + b < F.size by omega),
      Nat.add_sub_cancel_left, upper j b hb', lower j b hb']
    omega

end

end PyOrch
