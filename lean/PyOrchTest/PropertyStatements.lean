import PyOrch

/-!
# Golden statements of further properties

What the theorems say on which verdicts about classes and single outputs rest, as Lean prints them,
and what the definitions in them mean for a few lists.
-/

namespace PyOrch

/-- info: @wins_of_checkClass : ∀ {α : Type u_1} [inst : OrderedField α] {T S : Network} {box : Box} {c : Nat} (prec : Nat),
  checkClass T S box c prec = true → ∀ {x : List α}, box.Mem x → Wins c (T.eval x) ∧ Wins c (S.eval x) -/
#guard_msgs in
#check @wins_of_checkClass

/-- info: @sameClass_of_checkClass : ∀ {α : Type u_1} [inst : OrderedField α] {T S : Network} {box : Box} {c : Nat} (prec : Nat),
  checkClass T S box c prec = true → ∀ {x : List α}, box.Mem x → SameClass (T.eval x) (S.eval x) -/
#guard_msgs in
#check @sameClass_of_checkClass

/-- info: @wins_of_packedCheckClass : ∀ {α : Type u_1} [inst : OrderedField α] {T S : PackedNetwork} {box : Box} {c : Nat}
  (prec : Nat),
  packedCheckClass T S box c prec = true →
    ∀ {x : List α}, box.Mem x → Wins c (T.toNetwork.eval x) ∧ Wins c (S.toNetwork.eval x) -/
#guard_msgs in
#check @wins_of_packedCheckClass

/-- info: @closeEach_of_dualCheck : ∀ {α : Type u_1} [inst : OrderedField α] {box : Box} {x : List α} {T S : Network}
  {εs : List (Nat × Nat)} (certificate : DualCertificate),
  dualCheckBounds (allWithinEach (2 ^ certificate.prec) εs) T S box certificate = true →
    box.Mem x → CloseEach (T.eval x) (S.eval x) (tolerances εs) -/
#guard_msgs in
#check @closeEach_of_dualCheck

/-- info: @closeEach_of_packedDualCheck : ∀ {α : Type u_1} [inst : OrderedField α] {box : Box} {x : List α} {T S : PackedNetwork}
  {εs : List (Nat × Nat)} (certificate : DualCertificate),
  packedDualCheckBounds (allWithinEach (2 ^ certificate.prec) εs) T S box certificate = true →
    box.Mem x → CloseEach (T.toNetwork.eval x) (S.toNetwork.eval x) (tolerances εs) -/
#guard_msgs in
#check @closeEach_of_packedDualCheck

/-- info: @closeAt_of_dualCheck : ∀ {α : Type u_1} [inst : OrderedField α] {box : Box} {x : List α} {T S : Network}
  {i epsNum epsDen : Nat} (certificate : DualCertificate),
  dualCheckBounds (withinAt (2 ^ certificate.prec) (epsNum, epsDen) i) T S box certificate = true →
    box.Mem x → CloseAt i (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#check @closeAt_of_dualCheck

/-- info: @closeAt_of_packedDualCheck : ∀ {α : Type u_1} [inst : OrderedField α] {box : Box} {x : List α} {T S : PackedNetwork}
  {i epsNum epsDen : Nat} (certificate : DualCertificate),
  packedDualCheckBounds (withinAt (2 ^ certificate.prec) (epsNum, epsDen) i) T S box certificate = true →
    box.Mem x → CloseAt i (T.toNetwork.eval x) (S.toNetwork.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#check @closeAt_of_packedDualCheck

/-- info: @wins_of_dualCheckClass : ∀ {α : Type u_1} [inst : OrderedField α] {T S : Network} {box : Box} {chosen : Nat}
  (certificate : DualCertificate),
  dualCheckClass T S box certificate chosen = true →
    ∀ {x : List α}, box.Mem x → Wins chosen (T.eval x) ∧ Wins chosen (S.eval x) -/
#guard_msgs in
#check @wins_of_dualCheckClass

/-- info: @wins_of_packedDualCheckClass : ∀ {α : Type u_1} [inst : OrderedField α] {T S : PackedNetwork} {box : Box}
  {chosen : Nat} (certificate : DualCertificate),
  packedDualCheckClass T S box certificate chosen = true →
    ∀ {x : List α}, box.Mem x → Wins chosen (T.toNetwork.eval x) ∧ Wins chosen (S.toNetwork.eval x) -/
#guard_msgs in
#check @wins_of_packedDualCheckClass

/-- info: @withinAll_of_check : ∀ {T S : PackedNetwork} {box : Box} {tree : GoalTree} {prec epsNum epsDen : Nat},
  GoalTree.checkAll T S epsNum epsDen prec tree box = true →
    HoldsOn (WithinAll epsNum epsDen) T.toNetwork S.toNetwork box -/
#guard_msgs in
#check @withinAll_of_check

/-- info: @withinEach_of_check : ∀ {T S : PackedNetwork} {box : Box} {tree : GoalTree} {prec : Nat} {εs : List (Nat × Nat)},
  GoalTree.checkEach T S εs prec tree box = true → HoldsOn (WithinEach εs) T.toNetwork S.toNetwork box -/
#guard_msgs in
#check @withinEach_of_check

/-- info: @withinAt_of_check : ∀ {T S : PackedNetwork} {box : Box} {tree : GoalTree} {prec i epsNum epsDen : Nat},
  GoalTree.checkAt T S i epsNum epsDen prec tree box = true →
    HoldsOn (WithinAt i epsNum epsDen) T.toNetwork S.toNetwork box -/
#guard_msgs in
#check @withinAt_of_check

/-- info: @bothChoose_of_check : ∀ {T S : PackedNetwork} {box : Box} {tree : GoalTree} {prec chosen : Nat},
  GoalTree.checkClass T S chosen prec tree box = true → HoldsOn (BothChoose chosen) T.toNetwork S.toNetwork box -/
#guard_msgs in
#check @bothChoose_of_check

/-- info: @HoldsOn.of_refine : ∀ {P : (α : Type u_1) → [OrderedField α] → List α → List α → Prop} {T S : Network} {box : Box}
  {k : Nat},
  HoldsOn P T S (box.refine k) →
    Nat.ble 1 box.den = true →
      ∀ {α : Type u_1} [inst : OrderedField α] {x : List α}, box.Mem x → P α (T.eval x) (S.eval x) -/
#guard_msgs in
#check @HoldsOn.of_refine

/-- info: @not_sameClass_of_refutesClass : ∀ {α : Type u_1} [inst : OrderedField α] {T S : Network} {box : Box} (i k : Nat)
  (x : List Int) (d : Nat),
  refutesClass T S box i k x d = true → ¬∀ (x : List α), box.Mem x → SameClass (T.eval x) (S.eval x) -/
#guard_msgs in
#check @not_sameClass_of_refutesClass

/-- info: @closeEach_of_check : ∀ {α : Type u_1} [inst : OrderedField α] {T S : Network} {box : Box} {εs : List (Nat × Nat)}
  (prec : Nat),
  checkBounds (PairBounds.withinEach (2 ^ prec) εs) T S box prec = true →
    ∀ {x : List α}, box.Mem x → CloseEach (T.eval x) (S.eval x) (tolerances εs) -/
#guard_msgs in
#check @closeEach_of_check

/-- info: @closeEach_of_packedCheck : ∀ {α : Type u_1} [inst : OrderedField α] {T S : PackedNetwork} {box : Box}
  {εs : List (Nat × Nat)} (prec : Nat),
  packedCheckBounds (PairBounds.withinEach (2 ^ prec) εs) T S box prec = true →
    ∀ {x : List α}, box.Mem x → CloseEach (T.toNetwork.eval x) (S.toNetwork.eval x) (tolerances εs) -/
#guard_msgs in
#check @closeEach_of_packedCheck

/-- info: @closeAt_of_check : ∀ {α : Type u_1} [inst : OrderedField α] {T S : Network} {box : Box} {i epsNum epsDen : Nat}
  (prec : Nat),
  checkBounds (PairBounds.withinAt (2 ^ prec) i (epsNum, epsDen)) T S box prec = true →
    ∀ {x : List α}, box.Mem x → CloseAt i (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#check @closeAt_of_check

/-- info: @closeAt_of_packedCheck : ∀ {α : Type u_1} [inst : OrderedField α] {T S : PackedNetwork} {box : Box}
  {i epsNum epsDen : Nat} (prec : Nat),
  packedCheckBounds (PairBounds.withinAt (2 ^ prec) i (epsNum, epsDen)) T S box prec = true →
    ∀ {x : List α},
      box.Mem x → CloseAt i (T.toNetwork.eval x) (S.toNetwork.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#check @closeAt_of_packedCheck

/-- info: @not_closeEach_of_refutesAt : ∀ {α : Type u_1} [inst : OrderedField α] {T S : Network} {box : Box}
  {εs : List (Nat × Nat)} {i epsNum epsDen : Nat},
  εs[i]? = some (epsNum, epsDen) →
    ∀ (x : List Int) (d : Nat),
      refutesAt T S box i epsNum epsDen x d = true →
        ¬∀ (x : List α), box.Mem x → CloseEach (T.eval x) (S.eval x) (tolerances εs) -/
#guard_msgs in
#check @not_closeEach_of_refutesAt

/-- info: @not_closeAt_of_refutesAt : ∀ {α : Type u_1} [inst : OrderedField α] {T S : Network} {box : Box} {i epsNum epsDen : Nat}
  (x : List Int) (d : Nat),
  refutesAt T S box i epsNum epsDen x d = true →
    ¬∀ (x : List α), box.Mem x → CloseAt i (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#check @not_closeAt_of_refutesAt

#guard_msgs in
example : Wins 1 [(1 : Rat), 3, 2] :=
  ⟨3, rfl, fun j z hz hj => by
    match j with
    | 0 | 2 => cases hz; decide
    | 1 => contradiction⟩

/-! A tie has no winner, nor has what is not there. -/

#guard_msgs in
example : ¬ Wins 0 [(3 : Rat), 3] := fun ⟨_, hy, h⟩ => by
  cases hy
  exact absurd (h 1 3 rfl (by decide)) (by decide)

#guard_msgs in
example : ¬ Wins 2 [(3 : Rat), 1] := fun ⟨_, hy, _⟩ => nomatch hy

#guard_msgs in
example : CloseAt 1 [(0 : Rat), 1] [5, 2] 1 := ⟨1, 2, rfl, rfl, by decide +kernel⟩

#guard_msgs in
example : CloseEach [(0 : Rat), 1] [5, 2] [5, 1] := by simp only [CloseEach]; decide +kernel

end PyOrch
