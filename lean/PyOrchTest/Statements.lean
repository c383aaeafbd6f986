import PyOrch

/-!
# Golden statements

What the theorems say that verdicts rest on, as Lean prints them. A change here is a change of what
pyorch proves.
-/

namespace PyOrch

/-- info: @quantization_error_bound : ∀ {α : Type u_1} [inst : OrderedField α] {round : α → Int},
  IsNearest round →
    ∀ {p : QuantParams α},
      0 < p.scale →
        p.qMin ≤ p.qMax →
          ∀ {x : α},
            p.scale * (↑p.qMin - 1 / 2) ≤ x - p.zeroPoint →
              x - p.zeroPoint ≤ p.scale * (↑p.qMax + 1 / 2) → AbsLE (quantizationError round p x) (p.scale / 2) -/
#guard_msgs in
#check @quantization_error_bound

/-- info: @quantization_error_saturating : ∀ {α : Type u_1} [inst : OrderedField α] {round : α → Int},
  IsNearest round →
    ∀ {p : QuantParams α},
      0 < p.scale →
        p.qMin ≤ p.qMax →
          ∀ {x d : α},
            0 ≤ d →
              dequantize p p.qMin - d ≤ x →
                x ≤ dequantize p p.qMax + d → AbsLE (quantizationError round p x) (p.scale / 2 + d) -/
#guard_msgs in
#check @quantization_error_saturating

/-- info: @not_unguarded_error_bound : ∀ {α : Type u_1} [inst : OrderedField α] (round : α → Int) {p : QuantParams α},
  0 < p.scale → p.qMin ≤ p.qMax → ¬∀ (x : α), AbsLE (quantizationError round p x) (p.scale / 2) -/
#guard_msgs in
#check @not_unguarded_error_bound

/-- info: @close_of_check : ∀ {α : Type u_1} [inst : OrderedField α] {T S : Network} {box : Box} {epsNum epsDen : Nat}
  (prec : Nat),
  check T S box epsNum epsDen prec = true →
    ∀ {x : List α}, box.Mem x → Close (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#check @close_of_check

/-- info: @close_of_packedCheck : ∀ {α : Type u_1} [inst : OrderedField α] {T S : PackedNetwork} {box : Box} {epsNum epsDen : Nat}
  (prec : Nat),
  packedCheck T S box epsNum epsDen prec = true →
    ∀ {x : List α},
      box.Mem x → Close (T.toNetwork.eval x) (S.toNetwork.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#check @close_of_packedCheck

/-- info: def PyOrch.CloseOn.{u} : Network → Network → Nat → Nat → Box → Prop :=
fun T S epsNum epsDen box =>
  ∀ (α : Type u) [inst : OrderedField α] (x : List α),
    box.Mem x → Close (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#print CloseOn

/-- info: @closeOn_of_splitCheck : ∀ {F : Batch} {T S : PackedNetwork} {epsNum epsDen grid prec : Nat} {tree : SplitTree}
  {box : Box},
  splitCheck F T S epsNum epsDen grid prec tree box = true → CloseOn T.toNetwork S.toNetwork epsNum epsDen box -/
#guard_msgs in
#check @closeOn_of_splitCheck

/-- info: close_of_splitCheck : ∀ (grid prec : Nat) {F : Batch} {T S : PackedNetwork} {epsNum epsDen : Nat} {box : Box},
  splitCheck F T S epsNum epsDen grid prec SplitTree.leaf box = true →
    ∀ {α : Type u_1} [inst : OrderedField α] {x : List α},
      box.Mem x → Close (T.toNetwork.eval x) (S.toNetwork.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#check @close_of_splitCheck

/-- info: @close_of_dualCheck : ∀ {α : Type u_1} [inst : OrderedField α] {T S : Network} {box : Box} {epsNum epsDen : Nat}
  (certificate : DualCertificate),
  dualCheck T S box certificate epsNum epsDen = true →
    ∀ {x : List α}, box.Mem x → Close (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#check @close_of_dualCheck

/-- info: @close_of_packedDualCheck : ∀ {α : Type u_1} [inst : OrderedField α] {T S : PackedNetwork} {box : Box}
  {epsNum epsDen : Nat} (certificate : DualCertificate),
  packedDualCheck T S box certificate epsNum epsDen = true →
    ∀ {x : List α},
      box.Mem x → Close (T.toNetwork.eval x) (S.toNetwork.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#check @close_of_packedDualCheck

/-- info: @CloseOn.split : ∀ {T S : Network} {epsNum epsDen : Nat} {box : Box} {dim : Nat} {cut : Int},
  CloseOn T S epsNum epsDen (box.below dim cut) →
    CloseOn T S epsNum epsDen (box.above dim cut) → CloseOn T S epsNum epsDen box -/
#guard_msgs in
#check @CloseOn.split

/-- info: @CloseOn.close : ∀ {T S : Network} {epsNum epsDen : Nat} {box : Box} {k : Nat},
  CloseOn T S epsNum epsDen (box.refine k) →
    Nat.ble 1 box.den = true →
      ∀ {α : Type u_1} [inst : OrderedField α] {x : List α},
        box.Mem x → Close (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#check @CloseOn.close

/-- info: @not_close_of_refutes : ∀ {α : Type u_1} [inst : OrderedField α] {T S : Network} {box : Box} {epsNum epsDen : Nat}
  (x : List Int) (d : Nat),
  refutes T S box epsNum epsDen x d = true →
    ¬∀ (x : List α), box.Mem x → Close (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen) -/
#guard_msgs in
#check @not_close_of_refutes

/-- info: @Network.eval_rationalPoint : ∀ {α : Type u_1} [inst : OrderedField α] (N : Network),
  N.Positive → ∀ {p : List Int × Nat}, 0 < p.snd → N.eval (rationalPoint p) = rationalPoint (N.evalExact p) -/
#guard_msgs in
#check @Network.eval_rationalPoint

#guard_msgs in
example : (quantize roundHalfEven (QuantParams.signed 4 1 0) (100 : Rat)) = 7 := by decide +kernel

#guard_msgs in
example : roundHalfEven (5/2) = 2 ∧ roundHalfUp (5/2) = 3 := by decide +kernel

#guard_msgs in
example : tileBytes { aBits := 3, wBits := 1, cBits := 17 } 5 2 7 = 14 + 2 + 22 := by decide

#guard_msgs in
example : tileBytes { aBits := 3, wBits := 1, cBits := 17, buffers := 2, alignment := 8 } 5 2 7 =
    2 * (16 + 8) + 24 := by decide

#guard_msgs in
example : errorThrough [(1, 2), (10, 3), (100, 5)] 0 = 1 * (3 * 5) + 10 * 5 + 100 := by
  decide +kernel

#guard_msgs in
example : (roofline { bytes := 6 } { bytesPerSecond := 2 } { operations := 5 }
    { operationsPerSecond := 4 }).seconds = 3 := by decide +kernel

#guard_msgs in
example : (milliseconds 250).seconds = 1 / 4 := by decide +kernel

end PyOrch
