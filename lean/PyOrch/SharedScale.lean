import PyOrch.EntryQuantizer
import PyOrch.MixedPrecision

/-!
# Blocks with a shared power-of-two scale

The microscaling (MX) formats give each block of numbers one scale, a power of two, and small
symmetric integers as codes. Here is what the coarse scale costs, for tables of blocks.
-/

namespace PyOrch

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

universe u

/-- The codes are `-q`, …, `q`, and code 0 stands for 0. -/
def EntryQuantizer.IsSymmetric (e : EntryQuantizer Rat) (q : Nat) : Prop :=
  0 < q ∧ e.params.zeroPoint = 0 ∧ e.params.qMin = -(q : Int) ∧ e.params.qMax = (q : Int)

instance (e : EntryQuantizer Rat) (q : Nat) : Decidable (e.IsSymmetric q) :=
  inferInstanceAs (Decidable (_ ∧ _))

variable {α : Type u} [OrderedField α]

/-- **The price of a coarse scale.** Let `amax` bound the numbers of a block, and let its scale fit
(`amax ≤ q * scale`) while half of it, `bound`, would not. Each number errs by at most `bound`, and
`bound < amax / q`: less than twice the error with the finest scale that fits, `amax / q`. -/
theorem EntryQuantizer.Valid.shared_scale_error {e : EntryQuantizer Rat} (he : e.Valid) {q : Nat}
    (hsym : e.IsSymmetric q) {round : α → Int} (h : IsNearest round) {amax x : α}
    (hfits : amax ≤ (OfNat.ofNat q : α) * (e.over α).params.scale)
    (hleast : (OfNat.ofNat q : α) * (e.over α).bound < amax) (hx : AbsLE x amax) :
    AbsLE (x - dequantize (e.over α).params (quantize round (e.over α).params x))
        (e.over α).bound ∧
      (e.over α).bound < amax / (OfNat.ofNat q : α) := by
  obtain ⟨hq, hz, hmin, hmax⟩ := hsym
  have hcovers := he.covers (α := α)
  have hparams : (e.over α).params = ⟨(e.over α).params.scale, 0, -(q : Int), q⟩ := by
    have h0 : (ratCast e.params.zeroPoint : α) = 0 := numeral_eq hz
    simp only [EntryQuantizer.over, QuantParams.over, h0, hmin, hmax]
  have hhalf : (e.over α).bound = (e.over α).params.scale / 2 := hcovers.half_eq.symm
  have hcast : (OfNat.ofNat q : α) = ((q : Int) : α) := by
    rw [Lean.Grind.Semiring.ofNat_eq_natCast, intCast_natCast]
  rw [hcast] at hfits hleast ⊢
  rw [hhalf] at hleast ⊢
  have key := PyOrch.shared_scale_error h (qMax := (q : Int)) (by omega) hcovers.scale_pos hfits
    hleast hx
  rw [← hparams] at key
  exact key

end

end PyOrch
