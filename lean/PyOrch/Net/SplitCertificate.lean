import PyOrch.Net.Split

/-!
# Distillation certificates in parts

`close_of_splitCheck` and `close_of_packedSplitCheck`: where the bounds prove a teacher and a
student close on the box of every leaf of a tree of bisections, they are close on the whole box.
What concerns the networks alone is checked once; a leaf checks its box and its bounds.
-/

namespace PyOrch

universe u

/-- The bounds prove teacher and student to be close on the box. -/
def leafCheck (teacher student : Network) (epsNum epsDen prec : Nat) (box : Box) : Bool :=
  box.wellShaped && (outputBounds teacher student box prec).within (2 ^ prec) epsNum epsDen

/-- The networks fit the box, and neither it nor the bound has the denominator 0. -/
def shapesCheck (teacher student : Network) (box : Box) (epsDen : Nat) : Bool :=
  teacher.wellShaped box.lo && student.wellShaped box.lo && Nat.ble 1 epsDen && Nat.ble 1 box.den

/-- As `leafCheck`, quickly. -/
noncomputable def packedLeafCheck (teacher student : PackedNetwork) (epsNum epsDen prec : Nat)
    (box : Box) : Bool :=
  box.wellShaped && (packedOutputBounds teacher student box prec).within (2 ^ prec) epsNum epsDen

/-- As `shapesCheck`. -/
def packedShapesCheck (teacher student : PackedNetwork) (box : Box) (epsDen : Nat) : Bool :=
  teacher.fits box.lo && student.fits box.lo && Nat.ble 1 epsDen && Nat.ble 1 box.den

/-- Shapes depend on the number of inputs only. -/
theorem rowsHaveLength_congr {v w : List Int} (h : v.length = w.length) {M : List (List Int)}
    (hM : rowsHaveLength v M = true) : rowsHaveLength w M = true := by
  induction M with
  | nil => rfl
  | cons m M ih =>
    simp only [rowsHaveLength, Bool.and_eq_true] at hM ⊢
    exact ⟨sameLength_of_length_eq ((length_eq_of_sameLength hM.1).trans h), ih hM.2⟩

/-- Shapes depend on the number of inputs only. -/
theorem Network.wellShaped_congr {v w : List Int} (h : v.length = w.length) {N : Network}
    (hN : N.wellShaped v = true) : N.wellShaped w = true := by
  cases N with
  | nil => rfl
  | cons L Ls =>
    simp only [Network.wellShaped, Layer.wellShaped, Bool.and_eq_true] at hN ⊢
    exact ⟨⟨⟨rowsHaveLength_congr h hN.1.1.1, hN.1.1.2⟩, hN.1.2⟩, hN.2⟩

/-- `hasCount` depends on the length only. -/
theorem hasCount_congr {v w : List Int} {n : Nat} (h : v.length = w.length)
    (hv : hasCount v n = true) : hasCount w n = true := by
  induction v generalizing w n with
  | nil => match w, h with
    | [], _ => exact hv
  | cons x v ih => match w, h with
    | y :: w, h => match n, hv with
      | n + 1, hv => exact ih (w := w) (n := n) (Nat.succ.inj h) hv

/-- Shapes depend on the number of inputs only. -/
theorem PackedNetwork.fits_congr {v w : List Int} (h : v.length = w.length) {N : PackedNetwork}
    (hN : N.fits v = true) : N.fits w = true := by
  cases N with
  | nil => rfl
  | cons P Ps =>
    simp only [PackedNetwork.fits, Bool.and_eq_true] at hN ⊢
    exact ⟨hasCount_congr h hN.1, hN.2⟩

variable {α : Type u} [OrderedField α] {epsNum epsDen k prec : Nat} {tree : SplitTree} {box : Box}
  {x : List α}

/-- A distillation certificate in parts: where every leaf is accepted, teacher and student differ by
at most `epsNum / epsDen` in every output, at every point of the box, over every ordered field. The
cuts are over `2 ^ k` times the denominator of the box. -/
theorem close_of_splitCheck {T S : Network} (shapes : shapesCheck T S box epsDen = true)
    (h : tree.check (leafCheck T S epsNum epsDen prec) (box.refine k) = true) (hx : box.Mem x) :
    Close (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) := by
  simp only [shapesCheck, Bool.and_eq_true, Nat.ble_eq] at shapes
  obtain ⟨⟨⟨hT, hS⟩, hb⟩, hd⟩ := shapes
  refine SplitTree.forall_of_check (P := fun x => Close (T.eval x) (S.eval x) _) ?_
    (length_scaleEntries _ _) h (Box.mem_refine hd k hx)
  intro b hn hleaf x hx
  simp only [leafCheck, Bool.and_eq_true] at hleaf
  refine close_of_check prec ?_ hx
  simp only [check, Bool.and_eq_true, Nat.ble_eq]
  exact ⟨⟨⟨⟨hleaf.1, Network.wellShaped_congr hn.symm hT⟩, Network.wellShaped_congr hn.symm hS⟩,
    hb⟩, hleaf.2⟩

/-- `close_of_splitCheck` for packed networks. -/
theorem close_of_packedSplitCheck {T S : PackedNetwork}
    (shapes : packedShapesCheck T S box epsDen = true)
    (h : tree.check (packedLeafCheck T S epsNum epsDen prec) (box.refine k) = true)
    (hx : box.Mem x) :
    Close (T.toNetwork.eval x) (S.toNetwork.eval x)
      (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) := by
  simp only [packedShapesCheck, Bool.and_eq_true, Nat.ble_eq] at shapes
  obtain ⟨⟨⟨hT, hS⟩, hb⟩, hd⟩ := shapes
  refine SplitTree.forall_of_check
    (P := fun x => Close (T.toNetwork.eval x) (S.toNetwork.eval x) _) ?_
    (length_scaleEntries _ _) h (Box.mem_refine hd k hx)
  intro b hn hleaf x hx
  simp only [packedLeafCheck, Bool.and_eq_true] at hleaf
  refine close_of_packedCheck prec ?_ hx
  simp only [packedCheck, Bool.and_eq_true, Nat.ble_eq]
  exact ⟨⟨⟨⟨hleaf.1, PackedNetwork.fits_congr hn.symm hT⟩, PackedNetwork.fits_congr hn.symm hS⟩,
    hb⟩, hleaf.2⟩

end PyOrch
