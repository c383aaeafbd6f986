import PyOrch.Net.PackedCertificate

/-!
# A box in parts

A box that is too large for the bounds is bisected until they suffice. The certificate is the tree
of bisections; whatever its cuts are, every point of the box lies in the box of some leaf, so a
property that the check of a leaf proves on that leaf's box holds on the whole.
-/

namespace PyOrch

universe u

/-- How a box is bisected: not at all, or at the numerator `cut` in the coordinate `dim` (from 0),
and then each of the two parts. -/
inductive SplitTree where
  /-- A box that is not bisected. -/
  | leaf
  /-- A box that is. -/
  | split (dim : Nat) (cut : Int) (below above : SplitTree)

/-- The list with another entry at an index; the same list where it has no such entry. -/
def setEntry : Nat → Int → List Int → List Int
  | _, _, [] => []
  | 0, v, _ :: xs => v :: xs
  | i + 1, v, x :: xs => x :: setEntry i v xs

/-- Every entry times a natural number. -/
def scaleEntries (k : Nat) : List Int → List Int
  | [] => []
  | x :: xs => .ofNat k * x :: scaleEntries k xs

namespace Box

/-- The same box over a denominator that is `2 ^ k` times as large, for finer cuts. -/
def refine (box : Box) (k : Nat) : Box where
  lo := scaleEntries (2 ^ k) box.lo
  hi := scaleEntries (2 ^ k) box.hi
  den := 2 ^ k * box.den

/-- The part of the box below a cut. -/
def below (box : Box) (dim : Nat) (cut : Int) : Box where
  lo := box.lo
  hi := setEntry dim cut box.hi
  den := box.den

/-- The part of the box above a cut. -/
def above (box : Box) (dim : Nat) (cut : Int) : Box where
  lo := setEntry dim cut box.lo
  hi := box.hi
  den := box.den

end Box

/-- The check accepts the box of every leaf. -/
def SplitTree.check (leaf : Box → Bool) : SplitTree → Box → Bool
  | .leaf, box => leaf box
  | .split dim cut l r, box => l.check leaf (box.below dim cut) && r.check leaf (box.above dim cut)

/-- What is known of both parts is known of the whole. With this, the leaves may be checked in
several lemmas. -/
theorem check_split {leaf : Box → Bool} {l r : SplitTree} {box : Box} {dim : Nat} {cut : Int}
    (hl : l.check leaf (box.below dim cut) = true) (hr : r.check leaf (box.above dim cut) = true) :
    (SplitTree.split dim cut l r).check leaf box = true := by
  simp only [SplitTree.check, hl, hr, Bool.and_self]

/-! ## Every point is in some leaf -/

/-- Replacing an entry keeps the length. -/
theorem length_setEntry (i : Nat) (v : Int) (xs : List Int) :
    (setEntry i v xs).length = xs.length := by
  induction xs generalizing i with
  | nil => cases i <;> rfl
  | cons x xs ih => cases i with
    | zero => rfl
    | succ i => exact congrArg Nat.succ (ih i)

/-- Scaling keeps the length. -/
theorem length_scaleEntries (k : Nat) (xs : List Int) : (scaleEntries k xs).length = xs.length := by
  induction xs with
  | nil => rfl
  | cons x xs ih => exact congrArg Nat.succ ih

section
variable {α : Type u} [OrderedField α]

/-- A point between bounds is below any cut, or above it. -/
theorem Between.below_or_above {den : Nat} {lo hi : List Int} {x : List α}
    (h : Between den lo hi x) (dim : Nat) (cut : Int) :
    Between den lo (setEntry dim cut hi) x ∨ Between den (setEntry dim cut lo) hi x := by
  induction lo generalizing hi x dim with
  | nil => match hi, x, h with
    | [], [], _ => cases dim <;> exact .inl trivial
  | cons l lo ih => match hi, x, h with
    | h :: hi, x :: xs, hx => cases dim with
      | zero =>
        rcases Std.le_total (a := x) (b := (cut : α) / (den : α)) with hc | hc
        · exact .inl ⟨⟨hx.1.1, hc⟩, hx.2⟩
        · exact .inr ⟨⟨hc, hx.1.2⟩, hx.2⟩
      | succ dim =>
        rcases ih hx.2 dim with hr | hr
        · exact .inl ⟨hx.1, hr⟩
        · exact .inr ⟨hx.1, hr⟩

/-- The refined bounds are the same numbers. -/
theorem Between.scaleEntries {den k : Nat} (hk : 0 < k) (hd : 0 < den) {lo hi : List Int}
    {x : List α} (h : Between den lo hi x) :
    Between (k * den) (scaleEntries k lo) (scaleEntries k hi) x := by
  have hk' := natCast_pos (α := α) hk
  have hd' := natCast_pos (α := α) hd
  have e : ∀ v : Int, ((.ofNat k * v : Int) : α) / ((k * den : Nat) : α) = (v : α) / (den : α) := by
    intro v
    rw [intCast_mul, intCast_ofNat, natCast_mul]
    grind
  induction lo generalizing hi x with
  | nil => match hi, x, h with
    | [], [], _ => trivial
  | cons l lo ih => match hi, x, h with
    | h :: hi, x :: xs, hx =>
      refine ⟨?_, ih hx.2⟩
      rw [e, e]
      exact hx.1

/-- What the check of a leaf proves of every point of a box, the check of a tree does. `n` is the
number of coordinates. -/
theorem SplitTree.forall_of_check {leaf : Box → Bool} {P : List α → Prop} {n : Nat}
    (hleaf : ∀ b : Box, b.lo.length = n → leaf b = true → ∀ x, b.Mem x → P x) {tree : SplitTree}
    {box : Box} (hn : box.lo.length = n) (h : tree.check leaf box = true) {x : List α}
    (hx : box.Mem x) : P x := by
  induction tree generalizing box with
  | leaf => exact hleaf box hn h x hx
  | split dim cut l r ihl ihr =>
    simp only [SplitTree.check, Bool.and_eq_true] at h
    rcases Between.below_or_above hx dim cut with hx | hx
    · exact ihl (box := box.below dim cut) hn h.1 hx
    · exact ihr ((length_setEntry dim cut box.lo).trans hn) h.2 hx

/-- The refined box is the same box. -/
theorem Box.mem_refine {box : Box} (hd : 0 < box.den) (k : Nat) {x : List α} (hx : box.Mem x) :
    (box.refine k).Mem x :=
  Between.scaleEntries (Nat.two_pow_pos k) hd hx

end

end PyOrch
