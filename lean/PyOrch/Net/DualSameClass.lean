import PyOrch.Net.DualPackedCertificate
import PyOrch.Net.Properties

/-!
# Teacher and student choose the same class, by duality

The class is `c` where every other output minus output `c` is negative, in the teacher and in the
student. Each of these combinations is carried back through the networks as a whole, so that what
both of its outputs do alike cancels first; a margin from bounds of the outputs would be smaller.
-/

namespace PyOrch

universe u

noncomputable section

/-- The coefficients of output `j` minus output `c`. -/
def rivalRow (c j : Nat) : List Int :=
  addMultiple (.negSucc 0) (unitRow (.ofNat 1) c) (unitRow (.ofNat 1) j)

/-- Below zero. -/
def isBelowZero (a : Int) : Bool := Int.rec (fun _ => false) (fun _ => true) a

/-- From the output `n` on, every output but `c` is smaller than output `c`: in the teacher, by the
multipliers in `teacher`, and in the student, by those in `student`. -/
def LayerOps.rivalsLose {β : Type} (ops : LayerOps β) (i : LayerOps.Inputs)
    (steps : List (DualStep β)) (c : Nat) (outputs : List Int) :
    Nat → List DualRow → List DualRow → Bool :=
  List.rec (fun _ _ _ => true) (fun _ _ ih n teacher student =>
    and (or (Nat.beq n c) (and
        (isBelowZero (ops.back i steps (List.rec [] (fun row _ _ => row) teacher) (rivalRow c n) 1
          [] 1))
        (isBelowZero (ops.back i steps (List.rec [] (fun row _ _ => row) student) [] 1
          (rivalRow c n) 1))))
      (ih (Nat.succ n) (List.rec [] (fun _ rows _ => rows) teacher)
        (List.rec [] (fun _ rows _ => rows) student))) outputs

/-- Both networks have equally many outputs, one of them is `chosen`, and it is greater than every
other: of the teacher by the multipliers `c.upper`, and of the student by `c.lower`, both for each
output. -/
def dualChooses {β : Type} (ops : LayerOps β) (T S : List β) (box : Box) (c : DualCertificate)
    (chosen : Nat) : Bool :=
  sameLength (ops.outputs box.lo T) (ops.outputs box.lo S)
    && Nat.blt chosen (ops.outputs box.lo T).length
    && ops.rivalsLose (box.inputs (2 ^ c.prec)) (dualSteps ops T S box c) chosen
      (ops.outputs box.lo T) 0 c.upper c.lower

/-- Both networks choose the class on the box, by duality; networks and box have matching shapes. -/
def dualCheckClass (teacher student : Network) (box : Box) (certificate : DualCertificate)
    (chosen : Nat) : Bool :=
  box.wellShaped && teacher.wellShaped box.lo && student.wellShaped box.lo
    && dualChooses listOps teacher student box certificate chosen

/-- As `dualCheckClass` of the networks that the data stand for, quickly. -/
def packedDualCheckClass (teacher student : PackedNetwork) (box : Box)
    (certificate : DualCertificate) (chosen : Nat) : Bool :=
  box.wellShaped && teacher.fits box.lo && student.fits box.lo
    && dualChooses packedOps teacher student box certificate chosen

end

variable {α : Type u} [OrderedField α]

/-! ## The combinations -/

/-- The coefficient at an index takes the value there. -/
theorem rowDot_unitRow {ys : List α} {n : Nat} {y : α} (hy : ys[n]? = some y) (a : Int) :
    rowDot (unitRow a n) ys = (a : α) * y := by
  induction n generalizing ys with
  | zero => match ys, hy with
    | v :: vs, hy => rw [rowDot_unitRow_zero, show v = y from Option.some.inj hy]
  | succ n ih => match ys, hy with
    | v :: vs, hy => rw [rowDot_unitRow_succ, ih hy]

/-- `rivalRow` is output `j` minus output `c`. -/
theorem rowDot_rivalRow {ys : List α} {c j : Nat} {y z : α} (hc : ys[c]? = some y)
    (hj : ys[j]? = some z) : rowDot (rivalRow c j) ys = z - y := by
  have e₁ : ((Int.negSucc 0 : Int) : α) = -1 := by
    rw [show Int.negSucc 0 = -1 from rfl, intCast_neg, intCast_one]
  have e₂ : ((Int.ofNat 1 : Int) : α) = 1 := intCast_one
  rw [rivalRow, rowDot_addMultiple, rowDot_unitRow hc, rowDot_unitRow hj, e₁, e₂]
  grind

/-- What is below zero is negative. -/
theorem lt_zero_of_isBelowZero {a : Int} (h : isBelowZero a = true) : a < 0 := by
  cases a with
  | ofNat n => cases h
  | negSucc n => exact Int.negSucc_lt_zero n

/-- A value with a bound below zero is negative. -/
theorem lt_zero_of_top {unit : Nat} {bound : Int} {v : α}
    (hb : (unit : α) * v ≤ (bound : α)) (h : isBelowZero bound = true) : v < 0 := by
  have h0 := intCast_zero (α := α)
  have hneg := intCast_lt (α := α) (lt_zero_of_isBelowZero h)
  refine Classical.byContradiction fun hn => ?_
  have := mul_nonneg (natCast_nonneg (α := α) unit) (show 0 ≤ v by grind)
  grind

namespace LayerOps
variable {β : Type} {ops : LayerOps β} {i : Inputs} {steps : List (DualStep β)} {c : Nat}

/-- `rivalsLose` has two bounds below zero for every output but `c`. -/
theorem spec_of_rivalsLose {outputs : List Int} {n : Nat} {teacher student : List DualRow}
    (h : ops.rivalsLose i steps c outputs n teacher student = true) {j : Nat}
    (hj : j < outputs.length) (hc : n + j ≠ c) :
    (∃ row, isBelowZero (ops.back i steps row (rivalRow c (n + j)) 1 [] 1) = true) ∧
      ∃ row, isBelowZero (ops.back i steps row [] 1 (rivalRow c (n + j)) 1) = true := by
  induction outputs generalizing n teacher student j with
  | nil => cases hj
  | cons o os ih =>
    have h : (or (Nat.beq n c) (and _ _) && ops.rivalsLose i steps c os (n + 1) _ _) = true := h
    rw [Bool.and_eq_true] at h
    match j with
    | 0 =>
      have hn : Nat.beq n c = false := by
        cases hb : Nat.beq n c
        · rfl
        · exact absurd (Nat.eq_of_beq_eq_true hb) hc
      have h := h.1
      rw [hn, Bool.false_or, Bool.and_eq_true] at h
      exact ⟨⟨_, h.1⟩, _, h.2⟩
    | j + 1 =>
      rw [show n + (j + 1) = n + 1 + j by omega] at hc ⊢
      exact ih h.2 (Nat.lt_of_succ_lt_succ hj) hc

end LayerOps

/-! ## The certificate -/

private theorem lt_of_teacher {v w : α} (h : (v - w) / 1 + 0 / 1 < 0) : v < w := by grind

private theorem lt_of_student {v w : α} (h : 0 / 1 + (v - w) / 1 < 0) : v < w := by grind

/-- Where `dualChooses` accepts, the class is the choice of both networks. -/
theorem wins_of_dualChooses {β : Type} {ops : LayerOps β} (h : LayerOps.Lawful.{u} ops)
    {T S : List β} (hT : ∀ L ∈ T, ops.Fine L) (hS : ∀ L ∈ S, ops.Fine L) {box : Box}
    (hbox : 0 < box.den) {c : DualCertificate} {chosen : Nat}
    (hw : dualChooses ops T S box c chosen = true) {x : List α} (hx : box.Mem x) :
    Wins chosen ((ops.toNetwork T).eval x) ∧ Wins chosen ((ops.toNetwork S).eval x) := by
  simp only [dualChooses, Bool.and_eq_true] at hw
  obtain ⟨⟨hl, hc⟩, hw⟩ := hw
  have hc := Nat.le_of_ble_eq_true hc
  have one : ((1 : Nat) : α) = 1 := Lean.Grind.Semiring.natCast_one
  have hu := Nat.two_pow_pos c.prec
  have hs := hold_dualSteps h hT hS hbox c hx
  have hlT := LayerOps.length_eval h hT (x := x) (Between.length_eq hx)
  have hlS := LayerOps.length_eval h hS (x := x) (Between.length_eq hx)
  have hback := fun row a b => LayerOps.le_back h (i := box.inputs (2 ^ c.prec)) hu hbox
    (allHold_boxIntervals hbox hx) hs.1 row a Nat.one_pos b Nat.one_pos
  simp only [hs.2, one] at hback
  rw [← length_eq_of_sameLength hl] at hlS
  have spec := fun j => LayerOps.spec_of_rivalsLose hw (j := j)
  simp only [Nat.zero_add] at spec
  generalize (ops.toNetwork T).eval x = y at hlT hlS hback ⊢
  generalize (ops.toNetwork S).eval x = z at hlS hback ⊢
  have hy : chosen < y.length := by rw [hlT]; exact hc
  have hz : chosen < z.length := by rw [hlS]; exact hc
  refine ⟨⟨y[chosen], List.getElem?_eq_getElem hy, fun j v hv hj => ?_⟩,
    z[chosen], List.getElem?_eq_getElem hz, fun j v hv hj => ?_⟩
  · have hlt : j < y.length := (List.getElem?_eq_some_iff.1 hv).1
    obtain ⟨row, hrow⟩ := (spec j (by rw [← hlT]; exact hlt) hj).1
    have := lt_zero_of_top (hback row (rivalRow chosen j) []) hrow
    rw [rowDot_rivalRow (List.getElem?_eq_getElem hy) hv, rowDot_nil] at this
    exact lt_of_teacher this
  · have hlt : j < z.length := (List.getElem?_eq_some_iff.1 hv).1
    obtain ⟨row, hrow⟩ := (spec j (by rw [← hlS]; exact hlt) hj).2
    have := lt_zero_of_top (hback row [] (rivalRow chosen j)) hrow
    rw [rowDot_rivalRow (List.getElem?_eq_getElem hz) hv, rowDot_nil] at this
    exact lt_of_student this

/-- A certificate of the class by duality: where `dualCheckClass` accepts, output `chosen` is
strictly the greatest of the teacher and of the student, at every point of the box, over every
ordered field. -/
theorem wins_of_dualCheckClass {T S : Network} {box : Box} {chosen : Nat}
    (certificate : DualCertificate) (h : dualCheckClass T S box certificate chosen = true)
    {x : List α} (hx : box.Mem x) : Wins chosen (T.eval x) ∧ Wins chosen (S.eval x) := by
  simp only [dualCheckClass, Box.wellShaped, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨⟨⟨⟨_, hbox⟩, hT⟩, hS⟩, hw⟩ := h
  have := wins_of_dualChooses lawful_listOps (fine_of_wellShaped hT) (fine_of_wellShaped hS)
    hbox hw hx
  rwa [toNetwork_listOps, toNetwork_listOps] at this

/-- `wins_of_dualCheckClass` in packed form. -/
theorem wins_of_packedDualCheckClass {T S : PackedNetwork} {box : Box} {chosen : Nat}
    (certificate : DualCertificate) (h : packedDualCheckClass T S box certificate chosen = true)
    {x : List α} (hx : box.Mem x) :
    Wins chosen (T.toNetwork.eval x) ∧ Wins chosen (S.toNetwork.eval x) := by
  simp only [packedDualCheckClass, Box.wellShaped, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨⟨⟨⟨_, hbox⟩, hT⟩, hS⟩, hw⟩ := h
  have := wins_of_dualChooses lawful_packedOps (PackedNetwork.fine_of_fits hT)
    (PackedNetwork.fine_of_fits hS) hbox hw hx
  rwa [toNetwork_packedOps, toNetwork_packedOps] at this

end PyOrch
