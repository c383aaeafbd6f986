import PyOrch.Net.LaneBatches
import PyOrch.Net.Split

/-!
# Distillation certificates in parts

`closeOn_of_splitCheck`: where the bounds prove a teacher and a student close on every box that a
tree makes of a box, they are close on that box. The boxes are checked in batches. A box that is not
bisected is a batch of one (`close_of_splitCheck`): there a layer is a few operations on large
numbers and a few for each column, but none for each neuron.
-/

namespace PyOrch

universe u

/-! The kernel can compare networks: small ones are written as lists, and packed to be checked. -/

/-- Activations can be compared. -/
noncomputable instance : DecidableEq Activation
  | .relu, .relu => isTrue rfl
  | .relu, .identity => isFalse nofun
  | .identity, .relu => isFalse nofun
  | .identity, .identity => isTrue rfl

/-- Layers can be compared, and with them networks. -/
noncomputable instance : DecidableEq Layer := fun L M =>
  decidable_of_iff
    (L.den = M.den ∧ L.activation = M.activation ∧ L.bias = M.bias ∧ L.weights = M.weights)
    ⟨fun ⟨hd, ha, hb, hw⟩ => by cases L; cases M; cases hd; cases ha; cases hb; cases hw; rfl,
      fun h => h ▸ ⟨rfl, rfl, rfl, rfl⟩⟩

/-- The bounds prove teacher and student to be close on all boxes that the tree makes; these are
rounded outward to multiples of `2 ^ -grid`, and the bounds to multiples of `2 ^ -prec`. -/
noncomputable def splitCheck (F : Batch) (teacher student : PackedNetwork)
    (epsNum epsDen grid prec : Nat) (tree : SplitTree) (box : Box) : Bool :=
  Nat.ble 1 box.den && F.checkAll teacher student grid prec epsNum epsDen (tree.boxes grid box [])

/-- A part of a distillation certificate: where `splitCheck` accepts, teacher and student differ by
at most `epsNum / epsDen` in every output, at every point of the box. -/
theorem closeOn_of_splitCheck {F : Batch} {T S : PackedNetwork} {epsNum epsDen grid prec : Nat}
    {tree : SplitTree} {box : Box}
    (h : splitCheck F T S epsNum epsDen grid prec tree box = true) :
    CloseOn.{u} T.toNetwork S.toNetwork epsNum epsDen box := by
  simp only [splitCheck, Bool.and_eq_true, Nat.ble_eq] at h
  exact .of_boxes h.1 fun b hb hd _ _ _ hx =>
    close_of_check prec (check_of_checkAll h.2 b hb hd) hx

/-- A distillation certificate for a box that is not bisected: its bounds, each in a lane of large
numbers, keep teacher and student within `epsNum / epsDen` of each other at every point of it. -/
theorem close_of_splitCheck (grid prec : Nat) {F : Batch} {T S : PackedNetwork}
    {epsNum epsDen : Nat} {box : Box}
    (h : splitCheck F T S epsNum epsDen grid prec .leaf box = true) {α : Type u} [OrderedField α]
    {x : List α} (hx : box.Mem x) : Close (T.toNetwork.eval x) (S.toNetwork.eval x)
      (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) :=
  closeOn_of_splitCheck h α x hx

end PyOrch
