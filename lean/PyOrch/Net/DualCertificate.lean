import PyOrch.Net.DualOutputs

/-!
# Certificates by duality

`dualCheck` decides, in integers, that a linear relaxation proves a teacher and a student to be
`ε`-close on a box, with the multipliers of a certificate or with those of CROWN;
`close_of_dualCheck` says that it is right, over every ordered field.
-/

namespace PyOrch

universe u

noncomputable section

/-! ## Layers as lists -/

/-- `c * row + sum`, where missing entries are 0. -/
def addMultiple (c : Int) (row : List Int) : List Int → List Int :=
  List.rec (fun sum => sum) (fun w _ ih sum =>
    fastAdd (fastMul c w) (headInt sum) :: ih (tailInts sum)) row

/-- The combination of rows with these coefficients. -/
def combinedRow (p : List Int) (rows : List (List Int)) : List Int :=
  zipRec [] (fun c row sum => bif isZero c then sum else addMultiple c row sum) p rows

/-- Layers whose weights are lists. -/
def listOps : LayerOps Layer where
  toLayer L := L
  den L := L.den
  bias L := L.bias
  activation L := L.activation
  rows L x := rowsBounds L.weights x
  diffRows k₁ k₂ T S x := rowsDiffBounds (.ofNat k₁) (.ofNat k₂) T.weights S.weights x
  combine L p := combinedRow p L.weights
  dots L c := dotRows L.weights c
  pairs T S := T.pairs S

/-- The relaxation with these multipliers proves that teacher and student differ by at most
`epsNum / epsDen` on the box; networks and box have matching shapes. -/
def dualCheck (teacher student : Network) (box : Box) (certificate : DualCertificate)
    (epsNum epsDen : Nat) : Bool :=
  box.wellShaped && teacher.wellShaped box.lo && student.wellShaped box.lo && Nat.ble 1 epsDen
    && dualAccepts (allWithin (2 ^ certificate.prec) epsNum epsDen) listOps teacher student box
      certificate

end

variable {α : Type u} [OrderedField α]

/-- A point of a box has as many entries as the box. -/
theorem Between.length_eq {den : Nat} {lo hi : List Int} {x : List α} (h : Between den lo hi x) :
    x.length = lo.length := by
  induction lo generalizing hi x with
  | nil => match hi, x, h with
    | [], [], _ => rfl
  | cons l lo ih => match hi, x, h with
    | _ :: _, _ :: _, h => exact congrArg Nat.succ (ih h.2)

/-- The steps go from the input to the outputs, and their bounds hold. -/
theorem hold_dualSteps {β : Type} {ops : LayerOps β} (h : LayerOps.Lawful.{u} ops)
    {T S : List β} (hT : ∀ L ∈ T, ops.Fine L) (hS : ∀ L ∈ S, ops.Fine L) {box : Box}
    (hbox : 0 < box.den) (c : DualCertificate) {x : List α} (hx : box.Mem x) :
    ops.Hold (2 ^ c.prec) (dualSteps ops T S box c) x ∧
      ops.values (dualSteps ops T S box c) x
        = ((ops.toNetwork T).eval x, (ops.toNetwork S).eval x) := by
  have hu := Nat.two_pow_pos c.prec
  have h0 := allHold_boxIntervals hbox hx
  have h1 := allHold_roundAll (unit := 2 ^ c.prec) hbox h0
  have hb : PairBounds.Hold ⟨_, _, _⟩ ((2 ^ c.prec : Nat) : α) x x :=
    ⟨h1, h1, allHoldDiff_zeros h1⟩
  exact LayerOps.hold_steps (tighten := c.tighten) (i := box.inputs (2 ^ c.prec)) h hu hbox h0
    hT hS (steps := []) trivial hb (holdForms_firstForms (natCast_pos hu) hb c.symbols)

/-- `dualDifference` bounds the differences of the outputs. -/
theorem allHoldDiff_dualDifference {β : Type} {ops : LayerOps β} (h : LayerOps.Lawful.{u} ops)
    {T S : List β} (hT : ∀ L ∈ T, ops.Fine L) (hS : ∀ L ∈ S, ops.Fine L) {box : Box}
    (hbox : 0 < box.den) {c : DualCertificate}
    (hl : sameLength (ops.outputs box.lo T) (ops.outputs box.lo S) = true) {x : List α}
    (hx : box.Mem x) :
    AllHoldDiff ((2 ^ c.prec : Nat) : α) (dualDifference ops T S box c)
      ((ops.toNetwork T).eval x) ((ops.toNetwork S).eval x) := by
  have hs := hold_dualSteps h hT hS hbox c hx
  have hlT := LayerOps.length_eval h hT (x := x) (Between.length_eq hx)
  have hlS := LayerOps.length_eval h hS (x := x) (Between.length_eq hx)
  refine LayerOps.allHoldDiff_difference h (i := box.inputs (2 ^ c.prec)) (Nat.two_pow_pos c.prec)
    hbox (allHold_boxIntervals hbox hx) hs.1 hlT
    (by rw [hlS, length_eq_of_sameLength hl]) 0 c.upper c.lower fun j k => ?_
  rw [Nat.zero_add]
  exact ⟨by rw [hs.2], by rw [hs.2]⟩

/-- Bounds that `dualAccepts` accepts hold at every point of the box. -/
theorem exists_of_dualAccepts {β : Type} {ops : LayerOps β} (h : LayerOps.Lawful.{u} ops)
    {T S : List β} (hT : ∀ L ∈ T, ops.Fine L) (hS : ∀ L ∈ S, ops.Fine L) {box : Box}
    (hbox : 0 < box.den) {c : DualCertificate} {accepts : List Interval → Bool}
    (hw : dualAccepts accepts ops T S box c = true) {x : List α} (hx : box.Mem x) :
    ∃ is, AllHoldDiff ((2 ^ c.prec : Nat) : α) is ((ops.toNetwork T).eval x)
      ((ops.toNetwork S).eval x) ∧ accepts is = true := by
  rw [dualAccepts, Bool.and_eq_true, Bool.or_eq_true] at hw
  cases hw.2 with
  | inl h' =>
    have hs := hold_dualSteps h hT hS hbox c hx
    have := LayerOps.exists_of_lastAccepts (i := box.inputs (2 ^ c.prec)) h
      (Nat.two_pow_pos c.prec) hs.1 h'
    rwa [hs.2] at this
  | inr h' => exact ⟨_, allHoldDiff_dualDifference h hT hS hbox hw.1 hx, h'⟩

/-- Where `dualAccepts` keeps each output within a tolerance, the networks are close. -/
theorem close_of_dualAccepts {β : Type} {ops : LayerOps β} (h : LayerOps.Lawful.{u} ops)
    {T S : List β} (hT : ∀ L ∈ T, ops.Fine L) (hS : ∀ L ∈ S, ops.Fine L) {box : Box}
    (hbox : 0 < box.den) {c : DualCertificate} {epsNum epsDen : Nat} (he : 0 < epsDen)
    (hw : dualAccepts (allWithin (2 ^ c.prec) epsNum epsDen) ops T S box c = true) {x : List α}
    (hx : box.Mem x) :
    Close ((ops.toNetwork T).eval x) ((ops.toNetwork S).eval x)
      (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) := by
  rw [Lean.Grind.Semiring.ofNat_eq_natCast, Lean.Grind.Semiring.ofNat_eq_natCast]
  obtain ⟨_, hold, ha⟩ := exists_of_dualAccepts h hT hS hbox hw hx
  exact close_of_allWithin (Nat.two_pow_pos c.prec) he hold ha

/-! ## Layers as lists -/

/-- `addMultiple` adds. -/
theorem rowDot_addMultiple (c : Int) (row sum : List Int) (x : List α) :
    rowDot (addMultiple c row sum) x = (c : α) * rowDot row x + rowDot sum x := by
  induction row generalizing sum x with
  | nil =>
    show rowDot sum x = _
    rw [rowDot_nil]
    grind
  | cons w ws ih =>
    match x with
    | [] => simp only [rowDot_nil_right]; grind
    | v :: vs =>
      show rowDot (fastAdd (fastMul c w) (headInt sum) :: addMultiple c ws (tailInts sum)) _ = _
      rw [rowDot_cons sum, rowDot, ih, fastAdd_eq, fastMul_eq, intCast_add, intCast_mul, rowDot]
      grind

/-- `combinedRow` combines. -/
theorem rowDot_combinedRow (p : List Int) (rows : List (List Int)) (x : List α) :
    rowDot (combinedRow p rows) x = rowDot p (rows.map fun row => rowDot row x) := by
  induction p generalizing rows with
  | nil =>
    have : combinedRow [] rows = [] := rfl
    rw [this, rowDot_nil, rowDot_nil]
  | cons c cs ih =>
    match rows with
    | [] =>
      have : combinedRow (c :: cs) [] = [] := rfl
      rw [this, rowDot_nil, List.map_nil, rowDot_nil_right]
    | row :: rows =>
      have ih := ih rows
      rw [List.map_cons, rowDot, ← ih]
      show rowDot (bif isZero c then combinedRow cs rows
        else addMultiple c row (combinedRow cs rows)) x = _
      cases hc : isZero c
      · rw [cond_false, rowDot_addMultiple]
      · rw [cond_true, eq_zero_of_isZero hc, intCast_zero]
        grind

/-- `listOps` do what they should. -/
theorem lawful_listOps : LayerOps.Lawful.{u} listOps where
  den_eq _ := rfl
  bias_eq _ := rfl
  activation_eq _ := rfl
  rows_eq _ _ := rfl
  dots_eq _ _ := rfl
  pairs_of_pairs _ _ h := h
  diffRows_eq _ _ _ _ _ _ _ _ := rfl
  rowDot_combine L p x := rowDot_combinedRow p L.weights x

/-- The network that lists stand for is the network. -/
theorem toNetwork_listOps (N : Network) : listOps.toNetwork N = N := by
  induction N with
  | nil => rfl
  | cons L Ls ih => exact congrArg (L :: ·) ih

/-- Well-shaped layers have a positive denominator and a bias for each row. -/
theorem fine_of_wellShaped {N : Network} {inputs : List Int} (h : N.wellShaped inputs = true) :
    ∀ L ∈ N, listOps.Fine L := by
  induction N generalizing inputs with
  | nil => exact nofun
  | cons L Ls ih =>
    simp only [Network.wellShaped, Layer.wellShaped, Bool.and_eq_true, Nat.ble_eq] at h
    intro L' hL'
    cases hL' with
    | head => exact ⟨h.1.2, h.1.1.2⟩
    | tail _ hL' => exact ih h.2 L' hL'

/-- A certificate by duality: where `dualCheck` accepts, teacher and student differ by at most
`epsNum / epsDen` in every output, at every point of the box, over every ordered field. -/
theorem close_of_dualCheck {T S : Network} {box : Box} {epsNum epsDen : Nat}
    (certificate : DualCertificate) (h : dualCheck T S box certificate epsNum epsDen = true)
    {x : List α} (hx : box.Mem x) :
    Close (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) := by
  simp only [dualCheck, Box.wellShaped, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨⟨⟨⟨⟨_, hbox⟩, hT⟩, hS⟩, hb⟩, hw⟩ := h
  have := close_of_dualAccepts lawful_listOps (fine_of_wellShaped hT) (fine_of_wellShaped hS)
    hbox hb hw hx
  rwa [toNetwork_listOps, toNetwork_listOps] at this

end PyOrch
