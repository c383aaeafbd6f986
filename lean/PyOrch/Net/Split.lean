import PyOrch.Net.Certificate
import PyOrch.Net.FastInt

/-!
# A box in parts

A box that is too large for the bounds is cut into parts until they suffice. Whatever the cuts are,
every point is on one side of each, so what holds on all parts holds on the box: `CloseOn.split`.
Where to cut is written as a tree. The parts are rounded outward to multiples of a power of two
(`Box.onGrid`), with which the bounds are computed quickly.
-/

namespace PyOrch

universe u

/-- Teacher and student differ by at most `epsNum / epsDen` in every output, at every point of the
box, over every ordered field. -/
def CloseOn (T S : Network) (epsNum epsDen : Nat) (box : Box) : Prop :=
  ∀ (α : Type u) [OrderedField α] (x : List α), box.Mem x →
    Close (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α)

/-- How a box is bisected: not at all, or at the numerator `cut` in the coordinate `dim` (from 0),
and then each of the two parts. -/
inductive SplitTree where
  /-- A box that is not bisected. -/
  | leaf
  /-- A box that is. -/
  | split (dim : Nat) (cut : Int) (below above : SplitTree)

noncomputable section

/-- The list with another entry at an index; the same list where it has no such entry. -/
def setEntry (i : Nat) (v : Int) : List Int → List Int :=
  Nat.rec (fun xs => List.rec [] (fun _ xs _ => v :: xs) xs)
    (fun _ ih xs => List.rec [] (fun x xs _ => x :: ih xs) xs) i

/-- From multiples of `1 / den` to multiples of `1 / unit`, rounded down. -/
def floorAll (unit den : Nat) (xs : List Int) : List Int :=
  List.rec [] (fun x _ ih => fastFloor den (fastScale unit x) :: ih) xs

/-- From multiples of `1 / den` to multiples of `1 / unit`, rounded up. -/
def ceilAll (unit den : Nat) (xs : List Int) : List Int :=
  List.rec [] (fun x _ ih => fastCeil den (fastScale unit x) :: ih) xs

/-- Every entry times a natural number. -/
def scaleAll (k : Nat) (xs : List Int) : List Int :=
  List.rec [] (fun x _ ih => fastScale k x :: ih) xs

namespace Box

/-- The same box over a denominator that is `2 ^ k` times as large, for finer cuts. -/
def refine (box : Box) (k : Nat) : Box where
  lo := scaleAll (2 ^ k) box.lo
  hi := scaleAll (2 ^ k) box.hi
  den := 2 ^ k * box.den

/-- The smallest box around this one whose bounds are multiples of `2 ^ -g`. -/
def onGrid (box : Box) (g : Nat) : Box :=
  bif Nat.beq box.den (2 ^ g) then box
  else ⟨floorAll (2 ^ g) box.den box.lo, ceilAll (2 ^ g) box.den box.hi, 2 ^ g⟩

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

/-- The boxes that a tree makes of a box, from left to right, in multiples of `2 ^ -g`; and then
`rest`. -/
def SplitTree.boxes (g : Nat) (tree : SplitTree) (box : Box) (rest : List Box) : List Box :=
  SplitTree.rec (fun box rest => box.onGrid g :: rest)
    (fun dim cut _ _ l r box rest => l (box.below dim cut) (r (box.above dim cut) rest))
    tree box rest

end

/-! ## Every point is in some part -/

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
theorem Between.scaleAll {den k : Nat} (hk : 0 < k) (hd : 0 < den) {lo hi : List Int}
    {x : List α} (h : Between den lo hi x) :
    Between (k * den) (scaleAll k lo) (scaleAll k hi) x := by
  have hk' := natCast_pos (α := α) hk
  have hd' := natCast_pos (α := α) hd
  have e : ∀ v : Int, ((fastScale k v : Int) : α) / ((k * den : Nat) : α)
      = (v : α) / (den : α) := by
    intro v
    rw [fastScale_eq, intCast_mul, intCast_natCast, natCast_mul]
    grind
  induction lo generalizing hi x with
  | nil => match hi, x, h with
    | [], [], _ => trivial
  | cons l lo ih => match hi, x, h with
    | h :: hi, x :: xs, hx =>
      refine ⟨?_, ih hx.2⟩
      show ((fastScale k l : Int) : α) / _ ≤ x ∧ x ≤ ((fastScale k h : Int) : α) / _
      rw [e, e]
      exact hx.1

/-- Rounded outward, bounds still hold. -/
theorem Between.onGrid {den unit : Nat} (hd : 0 < den) (hu : 0 < unit) {lo hi : List Int}
    {x : List α} (h : Between den lo hi x) :
    Between unit (floorAll unit den lo) (ceilAll unit den hi) x := by
  have hd' := natCast_pos (α := α) hd
  have hu' := natCast_pos (α := α) hu
  have hdi : (0 : Int) < den := by omega
  induction lo generalizing hi x with
  | nil => match hi, x, h with
    | [], [], _ => trivial
  | cons l lo ih => match hi, x, h with
    | h :: hi, x :: xs, hx =>
      have e₁ : fastFloor den (fastScale unit l) = unit * l / den := by
        rw [fastFloor_eq hd, fastScale_eq]
      have e₂ : fastCeil den (fastScale unit h) = -(-(unit * h) / den) := by
        rw [fastCeil_eq hd, fastScale_eq]
      refine ⟨?_, ih hx.2⟩
      show ((fastFloor den (fastScale unit l) : Int) : α) / _ ≤ x
        ∧ x ≤ ((fastCeil den (fastScale unit h) : Int) : α) / _
      rw [e₁, e₂]
      have f₁ := Int.ediv_mul_le (unit * l) (Int.ne_of_gt hdi)
      have f₂ := Int.ediv_mul_le (-(unit * h)) (Int.ne_of_gt hdi)
      generalize (unit * l) / den = q at *
      generalize -(unit * h) / den = r at *
      have f₁ := intCast_le (α := α) f₁
      have f₂ := intCast_le (α := α) f₂
      simp only [intCast_mul, intCast_neg, intCast_natCast] at f₁ f₂
      have h₁ := (div_le_iff hd').1 hx.1.1
      have h₂ := (le_div_iff hd').1 hx.1.2
      constructor
      · apply (div_le_iff hu').2
        apply le_of_mul_le_mul_right (c := (den : α)) _ hd'
        rw [Lean.Grind.CommSemiring.mul_comm x, Lean.Grind.Semiring.mul_assoc]
        exact Std.le_trans f₁ (mul_le_mul_left h₁ (natCast_nonneg (α := α) unit))
      · apply (le_div_iff hu').2
        apply le_of_mul_le_mul_right (c := (den : α)) _ hd'
        have := mul_le_mul_left h₂ (natCast_nonneg (α := α) unit)
        rw [intCast_neg]
        grind

end

section
variable {T S : Network} {epsNum epsDen : Nat} {box : Box}

/-- What holds on both parts of a box holds on the box. -/
theorem CloseOn.split {dim : Nat} {cut : Int}
    (below : CloseOn.{u} T S epsNum epsDen (box.below dim cut))
    (above : CloseOn.{u} T S epsNum epsDen (box.above dim cut)) :
    CloseOn.{u} T S epsNum epsDen box := by
  intro α _ x hx
  rcases Between.below_or_above hx dim cut with h | h
  · exact below α x h
  · exact above α x h

/-- The bounds of `onGrid` are multiples of `2 ^ -g`. -/
theorem Box.den_onGrid (box : Box) (g : Nat) : (box.onGrid g).den = 2 ^ g := by
  rw [Box.onGrid]
  cases h : Nat.beq box.den (2 ^ g)
  · rfl
  · exact Nat.eq_of_beq_eq_true h

/-- What is in a box is in the one with rounded bounds. -/
theorem Box.Mem.onGrid {α : Type u} [OrderedField α] (hd : 0 < box.den) {x : List α}
    (hx : box.Mem x) (g : Nat) : (box.onGrid g).Mem x := by
  rw [Box.onGrid]
  cases Nat.beq box.den (2 ^ g)
  · exact Between.onGrid hd (Nat.two_pow_pos g) hx
  · exact hx

/-- What holds on the box with rounded bounds holds on the box. -/
theorem CloseOn.of_onGrid {g : Nat} (hd : 0 < box.den)
    (h : CloseOn.{u} T S epsNum epsDen (box.onGrid g)) : CloseOn.{u} T S epsNum epsDen box :=
  fun α _ x hx => h α x (hx.onGrid hd g)

/-- What holds on all boxes that a tree makes of a box holds on the box. -/
theorem CloseOn.of_boxes {g : Nat} {tree : SplitTree} {rest : List Box} (hd : 0 < box.den)
    (h : ∀ b ∈ tree.boxes g box rest, b.den = 2 ^ g → CloseOn.{u} T S epsNum epsDen b) :
    CloseOn.{u} T S epsNum epsDen box := by
  have mem : ∀ (tree : SplitTree) (box : Box) (rest : List Box), ∀ b ∈ rest,
      b ∈ tree.boxes g box rest := by
    intro tree
    induction tree with
    | leaf => exact fun _ _ b hb => .tail _ hb
    | split dim cut l r ihl ihr => exact fun box rest b hb => ihl _ _ b (ihr _ _ b hb)
  induction tree generalizing box rest with
  | leaf => exact .of_onGrid hd (h _ (.head _) (box.den_onGrid g))
  | split dim cut l r ihl ihr =>
    exact .split (ihl (box := box.below dim cut) hd fun b hb => h b hb)
      (ihr (box := box.above dim cut) hd fun b hb => h b (mem l _ _ b hb))

/-- What holds on the refined box holds on the box. -/
theorem CloseOn.close {k : Nat} (h : CloseOn.{u} T S epsNum epsDen (box.refine k))
    (hd : Nat.ble 1 box.den = true) {α : Type u} [OrderedField α] {x : List α} (hx : box.Mem x) :
    Close (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) :=
  h α x (Between.scaleAll (Nat.two_pow_pos k) (Nat.le_of_ble_eq_true hd) hx)

end

end PyOrch
