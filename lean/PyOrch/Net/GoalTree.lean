import PyOrch.Net.DualGoals
import PyOrch.Net.DualSameClass
import PyOrch.Net.PackedSameClass
import PyOrch.Net.Split

/-!
# Goals on a box in parts, each part by its own method

A tree says how a box is bisected and how each part is proved: by intervals or by duality, with a
certificate of its own. What holds on all parts holds on the box, whatever it is: `HoldsOn.split`.
-/

namespace PyOrch

universe u

/-- The outputs of teacher and student have a property, at every point of the box, over every
ordered field. -/
def HoldsOn (P : (α : Type u) → [OrderedField α] → List α → List α → Prop) (T S : Network)
    (box : Box) : Prop :=
  ∀ (α : Type u) [OrderedField α] (x : List α), box.Mem x → P α (T.eval x) (S.eval x)

/-- Every output within one tolerance. -/
def WithinAll (epsNum epsDen : Nat) (α : Type u) [OrderedField α] (y z : List α) : Prop :=
  Close y z (OfNat.ofNat epsNum / OfNat.ofNat epsDen)

/-- Each output within its own tolerance. -/
def WithinEach (εs : List (Nat × Nat)) (α : Type u) [OrderedField α] (y z : List α) : Prop :=
  CloseEach y z (tolerances εs)

/-- The output `i` within a tolerance. -/
def WithinAt (i epsNum epsDen : Nat) (α : Type u) [OrderedField α] (y z : List α) : Prop :=
  CloseAt i y z (OfNat.ofNat epsNum / OfNat.ofNat epsDen)

/-- Both choose the class. -/
def BothChoose (chosen : Nat) (α : Type u) [OrderedField α] (y z : List α) : Prop :=
  Wins chosen y ∧ Wins chosen z

/-- How a box is bisected, and how each part is proved. -/
inductive GoalTree where
  /-- By intervals. -/
  | intervals
  /-- By duality. -/
  | duality (certificate : DualCertificate)
  /-- In two parts: those below and above `cut` in the coordinate `dim` (from 0). -/
  | split (dim : Nat) (cut : Int) (below above : GoalTree)

noncomputable section

/-- Each part passes the test of its method. -/
def GoalTree.check (byIntervals : Box → Bool) (byDuality : DualCertificate → Box → Bool) :
    GoalTree → Box → Bool
  | .intervals, box => byIntervals box
  | .duality c, box => byDuality c box
  | .split dim cut l r, box =>
      and (l.check byIntervals byDuality (box.below dim cut))
        (r.check byIntervals byDuality (box.above dim cut))

/-- The bounds on every part keep all outputs within the tolerance. -/
def GoalTree.checkAll (T S : PackedNetwork) (epsNum epsDen prec : Nat) (tree : GoalTree)
    (box : Box) : Bool :=
  tree.check (fun b => packedCheck T S b epsNum epsDen prec)
    (fun c b => packedDualCheck T S b c epsNum epsDen) box

/-- The bounds on every part keep each output within its tolerance. -/
def GoalTree.checkEach (T S : PackedNetwork) (εs : List (Nat × Nat)) (prec : Nat)
    (tree : GoalTree) (box : Box) : Bool :=
  tree.check (fun b => packedCheckBounds (PairBounds.withinEach (2 ^ prec) εs) T S b prec)
    (fun c b => packedDualCheckBounds (allWithinEach (2 ^ c.prec) εs) T S b c) box

/-- The bounds on every part keep the output `i` within the tolerance. -/
def GoalTree.checkAt (T S : PackedNetwork) (i epsNum epsDen prec : Nat) (tree : GoalTree)
    (box : Box) : Bool :=
  tree.check
    (fun b => packedCheckBounds (PairBounds.withinAt (2 ^ prec) i (epsNum, epsDen)) T S b prec)
    (fun c b => packedDualCheckBounds (withinAt (2 ^ c.prec) (epsNum, epsDen) i) T S b c) box

/-- The bounds on every part put every margin of the class above 0. -/
def GoalTree.checkClass (T S : PackedNetwork) (chosen prec : Nat) (tree : GoalTree) (box : Box) :
    Bool :=
  tree.check (fun b => packedCheckClass T S b chosen prec)
    (fun c b => packedDualCheckClass T S b c chosen) box

end

section
variable {P : (α : Type u) → [OrderedField α] → List α → List α → Prop} {T S : Network} {box : Box}

/-- What holds on both parts of a box holds on the box. -/
theorem HoldsOn.split {dim : Nat} {cut : Int} (below : HoldsOn P T S (box.below dim cut))
    (above : HoldsOn P T S (box.above dim cut)) : HoldsOn P T S box := by
  intro α _ x hx
  rcases Between.below_or_above hx dim cut with h | h
  · exact below α x h
  · exact above α x h

/-- What holds on the refined box holds at every point of the box. -/
theorem HoldsOn.of_refine {k : Nat} (h : HoldsOn P T S (box.refine k))
    (hd : Nat.ble 1 box.den = true) {α : Type u} [OrderedField α] {x : List α}
    (hx : box.Mem x) : P α (T.eval x) (S.eval x) :=
  h α x (Between.scaleAll (Nat.two_pow_pos k) (Nat.le_of_ble_eq_true hd) hx)

/-- Where the tests are sound, what they accept on all parts holds on the box. -/
theorem HoldsOn.of_check {byIntervals : Box → Bool} {byDuality : DualCertificate → Box → Bool}
    (hi : ∀ b, byIntervals b = true → HoldsOn P T S b)
    (hd : ∀ c b, byDuality c b = true → HoldsOn P T S b) {tree : GoalTree}
    (h : tree.check byIntervals byDuality box = true) : HoldsOn P T S box := by
  induction tree generalizing box with
  | intervals => exact hi box h
  | duality c => exact hd c box h
  | split dim cut l r ihl ihr =>
    rw [GoalTree.check, Bool.and_eq_true] at h
    exact .split (ihl h.1) (ihr h.2)

end

section
variable {T S : PackedNetwork} {box : Box} {tree : GoalTree} {prec : Nat}

/-- A certificate in parts: where `checkAll` accepts, teacher and student differ by at most this
tolerance in every output, at every point of the box. -/
theorem withinAll_of_check {epsNum epsDen : Nat}
    (h : tree.checkAll T S epsNum epsDen prec box = true) :
    HoldsOn.{u} (WithinAll epsNum epsDen) T.toNetwork S.toNetwork box :=
  .of_check (fun _ h _ _ _ hx => close_of_packedCheck prec h hx)
    (fun c _ h _ _ _ hx => close_of_packedDualCheck c h hx) h

/-- A certificate for each output, in parts: where `checkEach` accepts, teacher and student differ
by at most these tolerances at every point of the box. -/
theorem withinEach_of_check {εs : List (Nat × Nat)}
    (h : tree.checkEach T S εs prec box = true) :
    HoldsOn.{u} (WithinEach εs) T.toNetwork S.toNetwork box :=
  .of_check (fun _ h _ _ _ hx => closeEach_of_packedCheck prec h hx)
    (fun c _ h _ _ _ hx => closeEach_of_packedDualCheck c h hx) h

/-- A certificate for one output, in parts: where `checkAt` accepts, it differs by at most the
tolerance at every point of the box. -/
theorem withinAt_of_check {i epsNum epsDen : Nat}
    (h : tree.checkAt T S i epsNum epsDen prec box = true) :
    HoldsOn.{u} (WithinAt i epsNum epsDen) T.toNetwork S.toNetwork box :=
  .of_check (fun _ h _ _ _ hx => closeAt_of_packedCheck prec h hx)
    (fun c _ h _ _ _ hx => closeAt_of_packedDualCheck c h hx) h

/-- A certificate of a class, in parts: where `checkClass` accepts, output `chosen` is strictly the
greatest of the teacher and of the student at every point of the box. -/
theorem bothChoose_of_check {chosen : Nat} (h : tree.checkClass T S chosen prec box = true) :
    HoldsOn.{u} (BothChoose chosen) T.toNetwork S.toNetwork box :=
  .of_check (fun _ h _ _ _ hx => wins_of_packedCheckClass prec h hx)
    (fun c _ h _ _ _ hx => wins_of_packedDualCheckClass c h hx) h

end

end PyOrch
