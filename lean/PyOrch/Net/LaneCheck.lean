import PyOrch.Net.LaneInputs

/-!
# Many boxes at once: the check

`Batch.check` accepts the boxes of a batch where the bounds prove teacher and student to be close on
each of them: `check_of_batchCheck` says that it accepts nothing that `check` would not.
-/

namespace PyOrch

/-- The number of inputs. -/
noncomputable def PackedNetwork.inputs : PackedNetwork → Nat
  | [] => 0
  | P :: _ => P.inputs

namespace Batch

noncomputable section
variable (F : Batch)

/-- No lower bound is above its upper bound, in `n` entries of any box. -/
def isOrdered (n x : Nat) : Bool :=
  Nat.beq (Nat.land (Nat.shiftRight (Nat.add x (F.swap n x)) F.bits) (F.ones n)) (F.ones n)

/-- All differences lie between `-a / b` and `a / b`. -/
def isWithin (n p a b δ : Nat) : Bool :=
  let e := Nat.div (Nat.mul a (Nat.pow 2 p)) b
  and (Nat.ble (Nat.succ e) (Nat.pow 2 F.bits))
    (Nat.beq (laneMonus (Nat.succ F.bits) (F.ones n) δ
      (Nat.mul (F.ones n) (Nat.add e (Nat.pow 2 F.bits)))) 0)

/-- The shape of the batch makes sense, and the networks fit each other. -/
def hasShape (T S : PackedNetwork) (b : Nat) : Bool :=
  and (and (and (Nat.ble 1 F.size) (Nat.ble 1 F.bits)) (Nat.ble (Nat.add F.bits 2) F.width))
    (and (and (T.wellShaped T.inputs) (S.wellShaped T.inputs))
      (and (Nat.beq (T.outputs T.inputs) (S.outputs T.inputs)) (Nat.ble 1 b)))

/-- The bounds of both networks in all boxes, which are over `2 ^ g`. -/
def bounds (T S : PackedNetwork) (g p x : Nat) : LaneBounds :=
  F.pair p (T.outputs T.inputs) T S g
    ⟨x, x, Nat.mul (F.ones T.inputs) (Nat.pow 2 F.bits), true⟩

/-- The bounds keep teacher minus student within `a / b` on the boxes, of which there are
`F.size`. -/
def check (T S : PackedNetwork) (g p a b : Nat) (boxes : List Box) : Bool :=
  let z := Nat.pow 2 (Nat.pred F.bits)
  let x := F.inputs z boxes
  let y := F.bounds T S g p x
  and (and (F.hasShape T S b) (and (boxesFit z T.inputs boxes) (F.isOrdered T.inputs x)))
    (and y.fits (F.isWithin (T.outputs T.inputs) p a b y.difference))

end

end Batch

section
variable {F : Batch} {T S : PackedNetwork} {g p a b : Nat}

/-- What `hasShape` says. -/
theorem Batch.spec_of_hasShape (h : F.hasShape T S b = true) :
    F.Positive ∧ T.wellShaped T.inputs = true ∧ S.wellShaped T.inputs = true ∧
      S.outputs T.inputs = T.outputs T.inputs ∧ 1 ≤ b := by
  simp only [Batch.hasShape, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨⟨⟨h₁, h₂⟩, h₃⟩, ⟨h₄, h₅⟩, h₆, h₇⟩ := h
  exact ⟨⟨h₁, h₂, h₃⟩, h₄, h₅, (Nat.eq_of_beq_eq_true h₆).symm, h₇⟩

/-- Ordered lanes are ordered intervals. -/
theorem Batch.Holds.ordered (hF : F.Positive) {n x : Nat} {X : Nat → List Interval}
    (hx : F.Holds F.bits n x X) (h : F.isOrdered n x = true) {b : Nat} (hb : b < F.size) :
    ∀ i ∈ X b, i.lo ≤ i.hi := by
  have hd := hx.difference hF hx
  obtain ⟨v, e, hv, hX⟩ := hd
  have h : (F.difference n x x >>> F.bits &&& F.ones n) = F.ones n := Nat.eq_of_beq_eq_true h
  have one : (fun _ : Nat => 1) = fun _ => 2 ^ 1 - 1 := rfl
  have hp : 2 ^ (F.bits + 1) ≤ 2 ^ F.width :=
    Nat.pow_le_pow_right (by decide) (by have := hF.room; omega)
  rw [e, hF.ones_eq, one, packTo_bits (by have := hF.room; omega) (hv.mono hp), ← one] at h
  have key := eq_of_packTo_eq (R := F.width)
    (fun i _ => Nat.lt_of_lt_of_le (Nat.mod_lt _ (Nat.two_pow_pos 1))
      (Nat.pow_le_pow_right (by decide) hF.width))
    (fun i _ => Nat.one_lt_two_pow (Nat.ne_of_gt hF.width)) h
  have key : ∀ i, i < n * (F.size + F.size) → 2 ^ F.bits ≤ v i := by
    intro i hi
    have h1 := key i hi
    refine Nat.le_of_not_lt fun hlt => ?_
    rw [Nat.div_eq_of_lt hlt] at h1
    exact absurd h1 (by decide)
  have hlen := (hX b hb).1
  have hold := (hX b hb).2
  simp only [Nat.add_sub_cancel] at hold
  have all : ∀ (xs : List Interval) (j : Nat), j + (subAll xs xs).length = n →
      LanesHold F.size (fun _ => (2 ^ F.bits : Nat)) v b j (subAll xs xs) →
      ∀ i ∈ xs, i.lo ≤ i.hi := by
    intro xs
    induction xs with
    | nil => intro _ _ _ i hi; cases hi
    | cons y ys ih =>
      intro j hj hold i hi
      simp only [subAll, List.length_cons] at hj
      cases hi with
      | head =>
        have h1 := hold.1.1
        simp only [Interval.sub] at h1
        have hm := Nat.mul_le_mul_right (F.size + F.size) (show j + 1 ≤ n by omega)
        rw [Nat.succ_mul] at hm
        have := key (j * (F.size + F.size) + b) (by omega)
        omega
      | tail _ hi => exact ih (j + 1) (by omega) hold.2 i hi
  exact all (X b) 0 (by rw [Nat.zero_add]; exact hlen) hold

/-- As many intervals as entries. -/
theorem Batch.Holds.length {n x i : Nat} {X : Nat → List Interval} (h : F.Holds g n x X)
    (hi : i < F.size) : (X i).length = n := by
  obtain ⟨_, _, _, h⟩ := h
  exact (h i hi).1

/-- `isWithin` is `allWithin`. -/
theorem Batch.Holds.allWithin (hF : F.Positive) {n δ : Nat} {D : Nat → List Interval}
    (hδ : F.Holds (F.bits + 1) n δ D) (h : F.isWithin n p a b δ = true) {i : Nat}
    (hi : i < F.size) : allWithin (2 ^ p) a b (D i) = true := by
  simp only [Batch.isWithin, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨he, hm⟩ := h
  have hm := Nat.eq_of_beq_eq_true hm
  obtain ⟨v, rfl, hv, hD⟩ := hδ
  have he : a * 2 ^ p / b + 1 ≤ 2 ^ F.bits := he
  have hm : laneMonus (F.bits + 1) (F.ones n) (packTo F.width v (n * (F.size + F.size)))
    (F.ones n * (a * 2 ^ p / b + 2 ^ F.bits)) = 0 := hm
  have hdiv : a * 2 ^ p / b * b ≤ a * 2 ^ p := Nat.div_mul_le_self _ _
  generalize a * 2 ^ p / b = e at *
  have hs : 2 ^ (F.bits + 1) = 2 ^ F.bits + 2 ^ F.bits := by rw [Nat.pow_succ]; omega
  have hc : Below (2 ^ (F.bits + 1)) (fun _ => e + 2 ^ F.bits) (n * (F.size + F.size)) := by
    intro i _
    simp only
    omega
  have ec : F.ones n * (e + 2 ^ F.bits)
      = packTo F.width (fun _ => e + 2 ^ F.bits) (n * (F.size + F.size)) := by
    rw [hF.ones_eq, Nat.mul_comm, mul_packTo]
    simp only [Nat.mul_one]
  have hz : packTo F.width (fun _ => 0) (n * (F.size + F.size)) = 0 := by
    have := mul_packTo F.width 0 (fun _ => 0) (n * (F.size + F.size))
    rw [Nat.zero_mul] at this
    exact this.symm
  have hm : packTo F.width (fun i => v i - (e + 2 ^ F.bits)) (n * (F.size + F.size)) = 0 := by
    rw [← laneMonus_eq hF.room hv hc, ← ec, ← hF.ones_eq]
    exact hm
  rw [← hz] at hm
  have hp : 2 ^ (F.bits + 1) ≤ 2 ^ F.width :=
    Nat.pow_le_pow_right (by decide) (by have := hF.room; omega)
  have key := eq_of_packTo_eq (fun i hi => by
    have := hv i hi
    show v i - (e + 2 ^ F.bits) < _
    omega) (fun _ _ => Nat.two_pow_pos _) hm
  have hlen := (hD i hi).1
  have hold := (hD i hi).2
  simp only [Nat.add_sub_cancel] at hold
  clear hm hz ec hc hv hp hs he
  have all : ∀ (xs : List Interval) (j : Nat), j + xs.length = n →
      LanesHold F.size (fun _ => (2 ^ F.bits : Nat)) v i j xs →
      PyOrch.allWithin (2 ^ p) a b xs = true := by
    intro xs
    induction xs with
    | nil => intros; rfl
    | cons x xs ih =>
      intro j hj hold
      simp only [List.length_cons] at hj
      have hm := Nat.mul_le_mul_right (F.size + F.size) (show j + 1 ≤ n by omega)
      rw [Nat.succ_mul] at hm
      have k₁ := key (j * (F.size + F.size) + i) (by omega)
      have k₂ := key (j * (F.size + F.size) + F.size + i) (by omega)
      have l := hold.1
      simp only [LanesAt] at l
      have hhi : x.hi ≤ e := by omega
      have hlo : -x.lo ≤ e := by omega
      simp only [PyOrch.allWithin, Bool.and_eq_true, decide_eq_true_eq]
      have hdiv : (e : Int) * b ≤ a * (2 ^ p : Nat) := by exact_mod_cast hdiv
      have h₁ := Int.mul_le_mul_of_nonneg_right hhi (Int.natCast_nonneg b)
      have h₂ := Int.mul_le_mul_of_nonneg_right hlo (Int.natCast_nonneg b)
      rw [Int.neg_mul] at h₂
      simp only [Int.ofNat_eq_natCast]
      exact ⟨⟨by omega, by omega⟩, ih (j + 1) (by omega) hold.2⟩
  exact all (D i) 0 (by omega) hold

/-- The zero differences at the inputs. -/
theorem Batch.Positive.holds_zeros (hF : F.Positive) {n : Nat} {X : Nat → List Interval}
    (hX : ∀ i, i < F.size → (X i).length = n) :
    F.Holds (F.bits + 1) n (F.ones n * 2 ^ F.bits) fun i => zeros (X i) := by
  refine ⟨fun _ => 2 ^ F.bits, ?_, fun _ _ => Nat.pow_lt_pow_right (by decide) (by omega),
    fun i hi => ⟨?_, ?_⟩⟩
  · rw [hF.ones_eq, Nat.mul_comm, mul_packTo]
    simp only [Nat.mul_one]
  · rw [← hX i hi]
    show (zeros (X i)).length = _
    generalize X i = xs
    induction xs with
    | nil => rfl
    | cons x xs ih => exact congrArg Nat.succ ih
  · have : ∀ (xs : List Interval) (j : Nat), LanesHold F.size
        (fun _ => (2 ^ (F.bits + 1 - 1) : Nat)) (fun _ => 2 ^ F.bits) i j (zeros xs) := by
      intro xs
      induction xs with
      | nil => intro j; trivial
      | cons x xs ih =>
        intro j
        refine ⟨?_, ih (j + 1)⟩
        simp only [LanesAt, Nat.add_sub_cancel]
        omega
    exact this _ 0

/-- Ordered intervals are ordered bounds. -/
theorem allLE_of_boxIntervals {lo hi : List Int} (hl : hi.length = lo.length)
    (h : ∀ i ∈ boxIntervals lo hi, i.lo ≤ i.hi) : allLE lo hi = true := by
  induction lo generalizing hi with
  | nil => match hi, hl with
    | [], _ => rfl
  | cons l lo ih => match hi, hl with
    | x :: hi, hl =>
      simp only [allLE, Bool.and_eq_true, decide_eq_true_eq]
      exact ⟨h ⟨l, x⟩ (.head _), ih (Nat.succ.inj hl) fun i hi => h i (.tail _ hi)⟩

/-- What a batch accepts, `check` accepts. -/
theorem check_of_batchCheck {boxes : List Box} (hl : boxes.length = F.size)
    (h : F.check T S g p a b boxes = true) {box : Box} (hbox : box ∈ boxes)
    (hden : box.den = 2 ^ g) : check T.toNetwork S.toNetwork box a b p = true := by
  simp only [Batch.check, Bool.and_eq_true] at h
  obtain ⟨⟨shape, fit, ordered⟩, fits, within⟩ := h
  obtain ⟨hF, hT, hS, hm, hb⟩ := Batch.spec_of_hasShape shape
  have hx := Batch.holds_inputs hF hl fit
  obtain ⟨i, hi, rfl⟩ := List.getElem_of_mem hbox
  have hi' : i < F.size := hl ▸ hi
  have spec := Batch.spec_of_boxesFit fit _ hbox
  have small := (Batch.spec_of_largest spec.2).1
  have sorted := hx.ordered hF ordered hi'
  simp only [List.getElem?_eq_getElem hi, Option.getD_some] at sorted
  have out := Batch.Holds.pair (p := p) (d := g) hF hT hS rfl hm
    (X := fun i => (boxes[i]?.getD ⟨[], [], 0⟩).pairBounds)
    (x := ⟨_, _, Nat.mul (F.ones T.inputs) (Nat.pow 2 F.bits), true⟩) hx hx
    (hF.holds_zeros fun _ => hx.length) fits
  have within := out.2.2.allWithin hF within hi'
  have ht := out.1.length hi'
  have hs := out.2.1.length hi'
  simp only [List.getElem?_eq_getElem hi, Option.getD_some] at within ht hs
  have same : ∀ {xs ys : List Interval} {n : Nat}, xs.length = n → ys.length = n →
      sameOutputs xs ys = true := by
    intro xs
    induction xs with
    | nil => intro ys n h h'; cases ys with
      | nil => rfl
      | cons => subst h; exact absurd h' (by simp)
    | cons x xs ih => intro ys n h h'; cases ys with
      | nil => subst h'; exact absurd h (by simp)
      | cons y ys =>
        subst h
        exact ih rfl (Nat.succ.inj h')
  simp only [PyOrch.check, Box.wellShaped, Bool.and_eq_true, Nat.ble_eq, PairBounds.within,
    PairBounds.sameOutputs]
  refine ⟨⟨⟨⟨⟨allLE_of_boxIntervals small sorted, ?_⟩, ?_⟩, ?_⟩, hb⟩, ?_, ?_⟩
  · rw [hden]; exact Nat.two_pow_pos g
  · exact (PackedNetwork.spec_of_wellShaped (by rw [spec.1]; exact hT)).2
  · exact (PackedNetwork.spec_of_wellShaped (by rw [spec.1]; exact hS)).2
  · rw [outputBounds, hden]
    exact same ht hs
  · rw [outputBounds, hden]
    exact within

end

end PyOrch
