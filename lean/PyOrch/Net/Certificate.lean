import PyOrch.Net.SoundPair

/-!
# Distillation certificates

`check` decides, in integers, that bounds prove a teacher and a student to be `ε`-close on a box;
`close_of_check` says that it is right, over every ordered field. An emitted certificate is an
instance of `close_of_check` whose `check` the kernel evaluates.
-/

namespace PyOrch

universe u

/-- No lower bound is above its upper bound. -/
def allLE : List Int → List Int → Bool
  | l :: lo, h :: hi => decide (l ≤ h) && allLE lo hi
  | [], [] => true
  | _, _ => false

/-- Equally many bounds on both sides, none crossed, and a positive denominator. -/
def Box.wellShaped (box : Box) : Bool := allLE box.lo box.hi && Nat.ble 1 box.den

/-- Every interval over `unit` lies between `-a / b` and `a / b`. -/
def allWithin (unit a b : Nat) : List Interval → Bool
  | [] => true
  | i :: is =>
      decide (-(.ofNat a * .ofNat unit) ≤ i.lo * .ofNat b)
        && decide (i.hi * .ofNat b ≤ .ofNat a * .ofNat unit) && allWithin unit a b is

/-- The bounds keep teacher minus student within `epsNum / epsDen`. -/
def PairBounds.within (unit epsNum epsDen : Nat) (x : PairBounds) : Bool :=
  x.sameOutputs && allWithin unit epsNum epsDen x.difference

/-- The bounds of `outputBounds`, which are numerators over `2 ^ prec`, prove that teacher and
student differ by at most `epsNum / epsDen` on the box; networks and box have matching shapes. -/
def check (teacher student : Network) (box : Box) (epsNum epsDen prec : Nat) : Bool :=
  box.wellShaped && teacher.wellShaped box.lo && student.wellShaped box.lo && Nat.ble 1 epsDen
    && (outputBounds teacher student box prec).within (2 ^ prec) epsNum epsDen

variable {α : Type u} [OrderedField α]

/-- Well-shaped networks have positive denominators. -/
theorem Network.positive_of_wellShaped {N : Network} {inputs : List Int}
    (h : N.wellShaped inputs = true) : N.Positive := by
  induction N generalizing inputs with
  | nil => intro L hL; cases hL
  | cons L Ls ih =>
    simp only [Network.wellShaped, Layer.wellShaped, Bool.and_eq_true, Nat.ble_eq] at h
    intro L' hL'
    cases hL' with
    | head => exact h.1.2
    | tail _ hL' => exact ih h.2 L' hL'

/-- A box's intervals hold for its points. -/
theorem allHold_boxIntervals {den : Nat} (hden : 0 < den) {lo hi : List Int} {x : List α}
    (h : Between den lo hi x) : AllHold (den : α) (boxIntervals lo hi) x := by
  have hd := natCast_pos (α := α) hden
  induction lo generalizing hi x with
  | nil => match hi, x, h with
    | [], [], _ => trivial
  | cons l lo ih => match hi, x, h with
    | h :: hi, x :: xs, hx =>
      refine ⟨?_, ih hx.2⟩
      have h1 := (div_le_iff hd).1 hx.1.1
      have h2 := (le_div_iff hd).1 hx.1.2
      simp only [Interval.Holds]
      grind

/-- A point differs from itself by zero. -/
theorem allHoldDiff_zeros {d : α} {is : List Interval} {x : List α} (h : AllHold d is x) :
    AllHoldDiff d (zeros is) x x := by
  induction is generalizing x with
  | nil => match x, h with
    | [], _ => trivial
  | cons i is ih => match x, h with
    | x :: xs, h => exact ⟨holds_zero (by grind), ih h.2⟩

private theorem mul_mul_comm {v u b : α} : v * (u * b) = u * v * b := by grind

/-- Bounds within `±a / b` make the points `a / b`-close. -/
theorem close_of_allWithin {unit a b : Nat} (hu : 0 < unit) (hb : 0 < b) {is : List Interval}
    {x y : List α} (h : AllHoldDiff (unit : α) is x y) (hw : allWithin unit a b is = true) :
    Close x y ((a : α) / (b : α)) := by
  have hu' := natCast_pos (α := α) hu
  have hb' := natCast_pos (α := α) hb
  induction is generalizing x y with
  | nil => match x, y, h with
    | [], [], _ => trivial
  | cons i is ih => match x, y, h with
    | x :: xs, y :: ys, h =>
      simp only [allWithin, Bool.and_eq_true, decide_eq_true_eq] at hw
      refine ⟨?_, ih h.2 hw.2⟩
      have h1 := intCast_le (α := α) hw.1.1
      have h2 := intCast_le (α := α) hw.1.2
      simp only [intCast_mul, intCast_neg, intCast_ofNat] at h1 h2
      have h3 := mul_le_mul_right h.1.1 (natCast_nonneg b)
      have h4 := mul_le_mul_right h.1.2 (natCast_nonneg b)
      constructor
      · apply le_of_mul_le_mul_right (c := (unit : α) * b) _ (mul_pos hu' hb')
        rw [Lean.Grind.Ring.neg_mul, div_mul_mul_cancel hb', mul_mul_comm,
          Lean.Grind.CommSemiring.mul_comm (unit : α) a]
        exact Std.le_trans h1 h3
      · apply le_of_mul_le_mul_right (c := (unit : α) * b) _ (mul_pos hu' hb')
        rw [div_mul_mul_cancel hb', mul_mul_comm, Lean.Grind.CommSemiring.mul_comm (unit : α) a]
        exact Std.le_trans h4 h2

/-- A distillation certificate: where `check` accepts, teacher and student differ by at most
`epsNum / epsDen` in every output, at every point of the box, over every ordered field. -/
theorem close_of_check {T S : Network} {box : Box} {epsNum epsDen : Nat} (prec : Nat)
    (h : check T S box epsNum epsDen prec = true) {x : List α} (hx : box.Mem x) :
    Close (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) := by
  simp only [check, Box.wellShaped, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨⟨⟨⟨⟨_, hbox⟩, hT⟩, hS⟩, hb⟩, hw⟩ := h
  simp only [PairBounds.within, PairBounds.sameOutputs, Bool.and_eq_true] at hw
  have hu : 0 < 2 ^ prec := Nat.two_pow_pos prec
  have h0 := allHold_boxIntervals hbox hx
  have := hold_pairBounds hu T S (Network.positive_of_wellShaped hT)
    (Network.positive_of_wellShaped hS) hbox (b := box.pairBounds)
    ⟨h0, h0, allHoldDiff_zeros h0⟩ hw.1
  have := close_of_allWithin hu hb this.difference hw.2
  rwa [Lean.Grind.Semiring.ofNat_eq_natCast, Lean.Grind.Semiring.ofNat_eq_natCast]

end PyOrch
