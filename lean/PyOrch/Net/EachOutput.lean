import PyOrch.Net.PackedCertificate
import PyOrch.Net.Properties

/-!
# A tolerance for each output, or for one output

The bounds of `outputBounds` are those of every output, so they prove a tolerance for each as well
as one for all. Tolerances are pairs of numerator and denominator.
-/

namespace PyOrch

universe u

/-! ## Whatever the bounds prove -/

/-- Networks and box have matching shapes, and the bounds of `outputBounds` pass a test. -/
def checkBounds (accepts : PairBounds → Bool) (T S : Network) (box : Box) (prec : Nat) : Bool :=
  box.wellShaped && T.wellShaped box.lo && S.wellShaped box.lo
    && accepts (outputBounds T S box prec)

/-- As `checkBounds` of the networks that the data stand for, quickly. -/
noncomputable def packedCheckBounds (accepts : PairBounds → Bool) (T S : PackedNetwork) (box : Box)
    (prec : Nat) : Bool :=
  box.wellShaped && T.fits box.lo && S.fits box.lo && accepts (packedOutputBounds T S box prec)

/-- Data that fit stand for a network that fits. -/
theorem PackedNetwork.spec_of_fits {N : PackedNetwork} {inputs : List Int}
    (h : N.fits inputs = true) : N.Positive ∧ N.toNetwork.wellShaped inputs = true := by
  match N, h with
  | [], _ => exact ⟨nofun, rfl⟩
  | P :: Ps, h =>
    rw [PackedNetwork.fits, Bool.and_eq_true] at h
    exact PackedNetwork.spec_of_wellShaped (by rw [length_eq_of_hasCount h.1]; exact h.2)

/-- A well-shaped box has a positive denominator. -/
theorem Box.den_pos_of_wellShaped {box : Box} (h : box.wellShaped = true) : 0 < box.den := by
  rw [Box.wellShaped, Bool.and_eq_true, Nat.ble_eq] at h
  exact h.2

/-- What `packedCheckBounds` accepts, `checkBounds` accepts. -/
theorem checkBounds_of_packedCheckBounds {accepts : PairBounds → Bool} {T S : PackedNetwork}
    {box : Box} {prec : Nat} (h : packedCheckBounds accepts T S box prec = true) :
    checkBounds accepts T.toNetwork S.toNetwork box prec = true := by
  simp only [packedCheckBounds, Bool.and_eq_true] at h
  obtain ⟨⟨⟨hbox, hT⟩, hS⟩, ha⟩ := h
  have hT := PackedNetwork.spec_of_fits hT
  have hS := PackedNetwork.spec_of_fits hS
  simp only [checkBounds, Bool.and_eq_true]
  rw [packedOutputBounds, packedPairBounds_eq (Nat.two_pow_pos prec) hT.1 hS.1
    (Box.den_pos_of_wellShaped hbox)] at ha
  exact ⟨⟨⟨hbox, hT.2⟩, hS.2⟩, ha⟩

variable {α : Type u} [OrderedField α]

/-- The bounds of `outputBounds` hold at every point of the box. -/
theorem hold_outputBounds {T S : Network} {box : Box} (hbox : box.wellShaped = true)
    (hT : T.Positive) (hS : S.Positive) {prec : Nat}
    (hl : (outputBounds T S box prec).sameOutputs = true) {x : List α} (hx : box.Mem x) :
    (outputBounds T S box prec).Hold ((2 ^ prec : Nat) : α) (T.eval x) (S.eval x) := by
  have hd := Box.den_pos_of_wellShaped hbox
  have h0 := allHold_boxIntervals hd hx
  exact hold_pairBounds (Nat.two_pow_pos prec) T S hT hS hd (b := box.pairBounds)
    ⟨h0, h0, allHoldDiff_zeros h0⟩ hl

/-! ## The tests -/

/-- Tolerances as elements of the field. -/
def tolerances : List (Nat × Nat) → List α
  | ε :: εs => OfNat.ofNat ε.1 / OfNat.ofNat ε.2 :: tolerances εs
  | [] => []

/-- Each interval over `unit` lies within its own tolerance. -/
def allWithinEach (unit : Nat) : List (Nat × Nat) → List Interval → Bool
  | ε :: εs, i :: is =>
      Nat.ble 1 ε.2 && allWithin unit ε.1 ε.2 [i] && allWithinEach unit εs is
  | [], [] => true
  | _, _ => false

/-- The interval of the output `i`, which there is, lies within the tolerance. -/
def withinAt (unit : Nat) (ε : Nat × Nat) : Nat → List Interval → Bool
  | 0, i :: _ => Nat.ble 1 ε.2 && allWithin unit ε.1 ε.2 [i]
  | n + 1, _ :: is => withinAt unit ε n is
  | _, [] => false

/-- The bounds keep each output of teacher minus student within its tolerance. -/
def PairBounds.withinEach (unit : Nat) (εs : List (Nat × Nat)) (x : PairBounds) : Bool :=
  x.sameOutputs && allWithinEach unit εs x.difference

/-- The bounds keep the output `i` of teacher minus student within the tolerance. -/
def PairBounds.withinAt (unit i : Nat) (ε : Nat × Nat) (x : PairBounds) : Bool :=
  x.sameOutputs && PyOrch.withinAt unit ε i x.difference

/-- One interval within a tolerance. -/
theorem absLE_of_allWithin {unit : Nat} {ε : Nat × Nat} (hu : 0 < unit) {i : Interval} {x y : α}
    (h : i.Holds ((unit : α) * (x - y)))
    (hw : (Nat.ble 1 ε.2 && allWithin unit ε.1 ε.2 [i]) = true) :
    AbsLE (x - y) (OfNat.ofNat ε.1 / OfNat.ofNat ε.2 : α) := by
  rw [Bool.and_eq_true, Nat.ble_eq] at hw
  rw [Lean.Grind.Semiring.ofNat_eq_natCast, Lean.Grind.Semiring.ofNat_eq_natCast]
  exact (close_of_allWithin (is := [i]) (x := [x]) (y := [y]) hu hw.1 ⟨h, trivial⟩ hw.2).1

/-- Bounds within their tolerances make the points close. -/
theorem closeEach_of_allWithinEach {unit : Nat} (hu : 0 < unit) {εs : List (Nat × Nat)}
    {is : List Interval} {x y : List α} (h : AllHoldDiff (unit : α) is x y)
    (hw : allWithinEach unit εs is = true) : CloseEach x y (tolerances εs) := by
  induction εs generalizing is x y with
  | nil => match is, x, y, h, hw with
    | [], [], [], _, _ => trivial
  | cons ε εs ih => match is, x, y, h, hw with
    | i :: is, x :: xs, y :: ys, h, hw =>
      rw [allWithinEach, Bool.and_eq_true] at hw
      exact ⟨absLE_of_allWithin hu h.1 hw.1, ih h.2 hw.2⟩

/-- A bound within its tolerance makes the output close. -/
theorem closeAt_of_withinAt {unit n : Nat} (hu : 0 < unit) {ε : Nat × Nat}
    {is : List Interval} {x y : List α} (h : AllHoldDiff (unit : α) is x y)
    (hw : withinAt unit ε n is = true) :
    CloseAt n x y (OfNat.ofNat ε.1 / OfNat.ofNat ε.2 : α) := by
  induction n generalizing is x y with
  | zero => match is, x, y, h, hw with
    | i :: is, x :: xs, y :: ys, h, hw => exact ⟨x, y, rfl, rfl, absLE_of_allWithin hu h.1 hw⟩
  | succ n ih => match is, x, y, h, hw with
    | i :: is, x :: xs, y :: ys, h, hw =>
      obtain ⟨y', z', hy, hz, h⟩ := ih h.2 hw
      exact ⟨y', z', hy, hz, h⟩

/-! ## The certificates -/

/-- Where the bounds keep each output within its tolerance, teacher and student differ by at most
these, at every point of the box, over every ordered field. -/
theorem closeEach_of_check {T S : Network} {box : Box} {εs : List (Nat × Nat)} (prec : Nat)
    (h : checkBounds (PairBounds.withinEach (2 ^ prec) εs) T S box prec = true) {x : List α}
    (hx : box.Mem x) : CloseEach (T.eval x) (S.eval x) (tolerances εs) := by
  simp only [checkBounds, PairBounds.withinEach, Bool.and_eq_true] at h
  obtain ⟨⟨⟨hbox, hT⟩, hS⟩, hl, hw⟩ := h
  exact closeEach_of_allWithinEach (Nat.two_pow_pos prec) (hold_outputBounds hbox
    (Network.positive_of_wellShaped hT) (Network.positive_of_wellShaped hS) hl hx).difference hw

/-- Where the bounds keep the output `i` within the tolerance, it differs by at most that, at every
point of the box, over every ordered field. -/
theorem closeAt_of_check {T S : Network} {box : Box} {i epsNum epsDen : Nat} (prec : Nat)
    (h : checkBounds (PairBounds.withinAt (2 ^ prec) i (epsNum, epsDen)) T S box prec = true)
    {x : List α} (hx : box.Mem x) :
    CloseAt i (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) := by
  simp only [checkBounds, PairBounds.withinAt, Bool.and_eq_true] at h
  obtain ⟨⟨⟨hbox, hT⟩, hS⟩, hl, hw⟩ := h
  exact closeAt_of_withinAt (ε := (epsNum, epsDen)) (Nat.two_pow_pos prec) (hold_outputBounds hbox
    (Network.positive_of_wellShaped hT) (Network.positive_of_wellShaped hS) hl hx).difference hw

/-- `closeEach_of_check` in packed form. -/
theorem closeEach_of_packedCheck {T S : PackedNetwork} {box : Box} {εs : List (Nat × Nat)}
    (prec : Nat) (h : packedCheckBounds (PairBounds.withinEach (2 ^ prec) εs) T S box prec = true)
    {x : List α} (hx : box.Mem x) :
    CloseEach (T.toNetwork.eval x) (S.toNetwork.eval x) (tolerances εs) :=
  closeEach_of_check prec (checkBounds_of_packedCheckBounds h) hx

/-- `closeAt_of_check` in packed form. -/
theorem closeAt_of_packedCheck {T S : PackedNetwork} {box : Box} {i epsNum epsDen : Nat}
    (prec : Nat)
    (h : packedCheckBounds (PairBounds.withinAt (2 ^ prec) i (epsNum, epsDen)) T S box prec = true)
    {x : List α} (hx : box.Mem x) :
    CloseAt i (T.toNetwork.eval x) (S.toNetwork.eval x)
      (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) :=
  closeAt_of_check prec (checkBounds_of_packedCheckBounds h) hx

/-! ## Refutations -/

/-- Every denominator is positive. -/
def Network.positiveDens : Network → Bool
  | [] => true
  | L :: Ls => Nat.ble 1 L.den && Network.positiveDens Ls

/-- The point with numerators `x` over `d` lies in the box, and no denominator is zero. What the
networks do there does not depend on matching shapes. -/
def isPoint (T S : Network) (box : Box) (x : List Int) (d : Nat) : Bool :=
  T.positiveDens && S.positiveDens && Nat.ble 1 box.den && Nat.ble 1 d
    && betweenExact box.den d box.lo box.hi x

/-- At the point with numerators `x` over `d`, which lies in the box, the output `i` of teacher and
student differs by more than `epsNum / epsDen`. -/
def refutesAt (T S : Network) (box : Box) (i epsNum epsDen : Nat) (x : List Int) (d : Nat) : Bool :=
  isPoint T S box x d && Nat.ble 1 epsDen
    && exceedsAt epsNum epsDen (T.evalExact (x, d)).2 (S.evalExact (x, d)).2 i
      (T.evalExact (x, d)).1 (S.evalExact (x, d)).1
where
  /-- `exceeds` for one output. -/
  exceedsAt (a b dy dz : Nat) : Nat → List Int → List Int → Bool
    | 0, y :: _, z :: _ => exceeds a b dy dz [y] [z]
    | n + 1, _ :: ys, _ :: zs => exceedsAt a b dy dz n ys zs
    | _, _, _ => false

/-- `positiveDens` means every denominator. -/
theorem Network.positive_of_positiveDens {N : Network} (h : N.positiveDens = true) :
    N.Positive := by
  induction N with
  | nil => exact nofun
  | cons L Ls ih =>
    rw [Network.positiveDens, Bool.and_eq_true, Nat.ble_eq] at h
    intro K hK
    cases hK with
    | head => exact h.1
    | tail _ hK => exact ih h.2 K hK

/-- What `evalExact` says about a point of the box. -/
theorem spec_of_isPoint {T S : Network} {box : Box} {x : List Int} {d : Nat}
    (h : isPoint T S box x d = true) :
    box.Mem (rationalPoint (x, d) : List α) ∧
      (T.eval (rationalPoint (x, d) : List α) = rationalPoint (T.evalExact (x, d)) ∧
        0 < (T.evalExact (x, d)).2) ∧
      (S.eval (rationalPoint (x, d) : List α) = rationalPoint (S.evalExact (x, d)) ∧
        0 < (S.evalExact (x, d)).2) := by
  simp only [isPoint, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨⟨⟨⟨hT, hS⟩, hbox⟩, hd⟩, hx⟩ := h
  have hT := Network.positive_of_positiveDens hT
  have hS := Network.positive_of_positiveDens hS
  exact ⟨between_of_betweenExact hbox hd hx,
    ⟨T.eval_rationalPoint hT (p := (x, d)) hd, T.evalExact_den_pos hT (p := (x, d)) hd⟩,
    ⟨S.eval_rationalPoint hS (p := (x, d)) hd, S.evalExact_den_pos hS (p := (x, d)) hd⟩⟩

/-- `exceedsAt` refutes closeness of that output. -/
theorem not_closeAt_of_exceedsAt {a b dy dz : Nat} (hb : 0 < b) (hdy : 0 < dy) (hdz : 0 < dz)
    {i : Nat} {ys zs : List Int} (h : refutesAt.exceedsAt a b dy dz i ys zs = true) :
    ¬ CloseAt i (rationalPoint (ys, dy) : List α) (rationalPoint (zs, dz))
      ((a : α) / (b : α)) := by
  induction i generalizing ys zs with
  | zero => match ys, zs, h with
    | y :: _, z :: _, h =>
      rintro ⟨y', z', hy, hz, hc⟩
      cases hy
      cases hz
      exact not_close_of_exceeds (α := α) hb hdy hdz h ⟨hc, trivial⟩
  | succ i ih => match ys, zs, h with
    | _ :: ys, _ :: zs, h =>
      rintro ⟨y', z', hy, hz, hc⟩
      exact ih h ⟨y', z', hy, hz, hc⟩

/-- A refutation: where `refutesAt` accepts, the output `i` is not close on the box. -/
theorem not_closeAt_of_refutesAt {T S : Network} {box : Box} {i epsNum epsDen : Nat} (x : List Int)
    (d : Nat) (h : refutesAt T S box i epsNum epsDen x d = true) :
    ¬ ∀ x : List α, box.Mem x →
      CloseAt i (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) := by
  simp only [refutesAt, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨⟨hp, hb⟩, he⟩ := h
  obtain ⟨hx, ⟨hT, hdT⟩, hS, hdS⟩ := spec_of_isPoint (α := α) hp
  intro hc
  have hc := hc _ hx
  rw [hT, hS, Lean.Grind.Semiring.ofNat_eq_natCast, Lean.Grind.Semiring.ofNat_eq_natCast] at hc
  exact not_closeAt_of_exceedsAt hb hdT hdS he hc

/-- Close in each output is close in any one. -/
theorem CloseEach.closeAt {εs : List (Nat × Nat)} {i epsNum epsDen : Nat} {ys zs : List α}
    (h : CloseEach ys zs (tolerances εs)) (hi : εs[i]? = some (epsNum, epsDen)) :
    CloseAt i ys zs (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) := by
  induction εs generalizing i ys zs with
  | nil => cases hi
  | cons ε εs ih => match i, ys, zs, h, hi with
    | _, [], [], h, _ => exact h.elim
    | _, [], _ :: _, h, _ => exact h.elim
    | _, _ :: _, [], h, _ => exact h.elim
    | 0, y :: ys, z :: zs, h, hi =>
      cases hi
      exact ⟨y, z, rfl, rfl, h.1⟩
    | i + 1, y :: ys, z :: zs, h, hi =>
      obtain ⟨y', z', hy, hz, h⟩ := ih h.2 hi
      exact ⟨y', z', hy, hz, h⟩

/-- A refutation: where `refutesAt` accepts for the tolerance of the output `i`, the outputs are not
all close on the box. -/
theorem not_closeEach_of_refutesAt {T S : Network} {box : Box} {εs : List (Nat × Nat)}
    {i epsNum epsDen : Nat} (hi : εs[i]? = some (epsNum, epsDen)) (x : List Int) (d : Nat)
    (h : refutesAt T S box i epsNum epsDen x d = true) :
    ¬ ∀ x : List α, box.Mem x → CloseEach (T.eval x) (S.eval x) (tolerances εs) :=
  fun hc => not_closeAt_of_refutesAt x d h fun x hx => (hc x hx).closeAt hi

end PyOrch
