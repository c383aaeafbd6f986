import PyOrch.Net.DualPackedCertificate
import PyOrch.Net.EachOutput

/-!
# A tolerance for each output, or for one output, by duality

`dualDifference` bounds the difference of every output, so it proves a tolerance for each as well as
one for all. The kernel evaluates the bounds of those outputs only that a test looks at.
-/

namespace PyOrch

universe u

/-! ## Whatever the bounds prove -/

/-- Networks and box have matching shapes, and the bounds by duality pass a test. -/
noncomputable def dualCheckBounds (accepts : List Interval → Bool) (teacher student : Network)
    (box : Box) (certificate : DualCertificate) : Bool :=
  box.wellShaped && teacher.wellShaped box.lo && student.wellShaped box.lo
    && dualAccepts accepts listOps teacher student box certificate

/-- As `dualCheckBounds` of the networks that the data stand for, quickly. -/
noncomputable def packedDualCheckBounds (accepts : List Interval → Bool)
    (teacher student : PackedNetwork) (box : Box) (certificate : DualCertificate) : Bool :=
  box.wellShaped && teacher.fits box.lo && student.fits box.lo
    && dualAccepts accepts packedOps teacher student box certificate

section
variable {α : Type u} [OrderedField α] {accepts : List Interval → Bool} {box : Box}
  {certificate : DualCertificate} {x : List α}

/-- Bounds that pass the test hold at every point of the box. -/
theorem exists_of_dualCheckBounds {T S : Network}
    (h : dualCheckBounds accepts T S box certificate = true) (hx : box.Mem x) :
    ∃ is, AllHoldDiff ((2 ^ certificate.prec : Nat) : α) is (T.eval x) (S.eval x) ∧
      accepts is = true := by
  simp only [dualCheckBounds, Box.wellShaped, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨⟨⟨⟨_, hbox⟩, hT⟩, hS⟩, ha⟩ := h
  have := exists_of_dualAccepts lawful_listOps (fine_of_wellShaped hT) (fine_of_wellShaped hS)
    hbox ha hx
  rwa [toNetwork_listOps, toNetwork_listOps] at this

/-- `exists_of_dualCheckBounds` in packed form. -/
theorem exists_of_packedDualCheckBounds {T S : PackedNetwork}
    (h : packedDualCheckBounds accepts T S box certificate = true) (hx : box.Mem x) :
    ∃ is, AllHoldDiff ((2 ^ certificate.prec : Nat) : α) is (T.toNetwork.eval x)
      (S.toNetwork.eval x) ∧ accepts is = true := by
  simp only [packedDualCheckBounds, Box.wellShaped, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨⟨⟨⟨_, hbox⟩, hT⟩, hS⟩, ha⟩ := h
  have := exists_of_dualAccepts lawful_packedOps (PackedNetwork.fine_of_fits hT)
    (PackedNetwork.fine_of_fits hS) hbox ha hx
  rwa [toNetwork_packedOps, toNetwork_packedOps] at this

end

/-! ## The certificates -/

section
variable {α : Type u} [OrderedField α] {box : Box} {x : List α}

/-- Where the bounds by duality keep each output within its tolerance, teacher and student differ by
at most these, at every point of the box, over every ordered field. -/
theorem closeEach_of_dualCheck {T S : Network} {εs : List (Nat × Nat)}
    (certificate : DualCertificate)
    (h : dualCheckBounds (allWithinEach (2 ^ certificate.prec) εs) T S box certificate = true)
    (hx : box.Mem x) : CloseEach (T.eval x) (S.eval x) (tolerances εs) :=
  have ⟨_, hold, ha⟩ := exists_of_dualCheckBounds h hx
  closeEach_of_allWithinEach (Nat.two_pow_pos _) hold ha

/-- Where the bounds by duality keep the output `i` within the tolerance, it differs by at most
that, at every point of the box, over every ordered field. -/
theorem closeAt_of_dualCheck {T S : Network} {i epsNum epsDen : Nat}
    (certificate : DualCertificate)
    (h : dualCheckBounds (withinAt (2 ^ certificate.prec) (epsNum, epsDen) i) T S box certificate
      = true) (hx : box.Mem x) :
    CloseAt i (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) :=
  have ⟨_, hold, ha⟩ := exists_of_dualCheckBounds h hx
  closeAt_of_withinAt (ε := (epsNum, epsDen)) (Nat.two_pow_pos _) hold ha

/-- `closeEach_of_dualCheck` in packed form. -/
theorem closeEach_of_packedDualCheck {T S : PackedNetwork} {εs : List (Nat × Nat)}
    (certificate : DualCertificate)
    (h : packedDualCheckBounds (allWithinEach (2 ^ certificate.prec) εs) T S box certificate
      = true) (hx : box.Mem x) :
    CloseEach (T.toNetwork.eval x) (S.toNetwork.eval x) (tolerances εs) :=
  have ⟨_, hold, ha⟩ := exists_of_packedDualCheckBounds h hx
  closeEach_of_allWithinEach (Nat.two_pow_pos _) hold ha

/-- `closeAt_of_dualCheck` in packed form. -/
theorem closeAt_of_packedDualCheck {T S : PackedNetwork} {i epsNum epsDen : Nat}
    (certificate : DualCertificate)
    (h : packedDualCheckBounds (withinAt (2 ^ certificate.prec) (epsNum, epsDen) i) T S box
      certificate = true) (hx : box.Mem x) :
    CloseAt i (T.toNetwork.eval x) (S.toNetwork.eval x)
      (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) :=
  have ⟨_, hold, ha⟩ := exists_of_packedDualCheckBounds h hx
  closeAt_of_withinAt (ε := (epsNum, epsDen)) (Nat.two_pow_pos _) hold ha

end

end PyOrch
