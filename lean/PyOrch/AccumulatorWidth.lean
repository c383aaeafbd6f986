import PyOrch.ChannelWidth

/-!
# Accumulators for arbitrary weights

Inputs from `[aMin, aMax]`, at most `K` weights from `[wMin, wMax]`, both ranges as those of two's
complement codes: the smallest code is the greatest in absolute value. Then no partial sum exceeds
`K * (aMin * wMin)` in absolute value, `K` pairs of the smallest codes attain it, and the smallest
width of an accumulator follows (`IsWorstCase.noOverflow_iff`). The numbers are parameters, so that
a theorem for concrete widths has them in its statement.
-/

namespace PyOrch

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

/-- A range of two's complement codes, or one inside of it that has the smallest code: it contains
0, and no code is greater than the smallest in absolute value. -/
def IsCodeRange (lo hi : Int) : Prop := (lo ≤ 0 ∧ 0 ≤ hi) ∧ hi ≤ -lo

instance (lo hi : Int) : Decidable (IsCodeRange lo hi) := inferInstanceAs (Decidable (_ ∧ _))

/-- `worst` is the sum of `K` products of the smallest codes of two ranges. -/
def IsWorstCase (K : Nat) (aMin aMax wMin wMax worst : Int) : Prop :=
  (IsCodeRange aMin aMax ∧ IsCodeRange wMin wMax) ∧ K * (aMin * wMin) = worst

instance (K : Nat) (aMin aMax wMin wMax worst : Int) :
    Decidable (IsWorstCase K aMin aMax wMin wMax worst) := inferInstanceAs (Decidable (_ ∧ _))

/-- The weight of a pair is one of the weights. -/
theorem mem_weightsOf {p : Int × Int} {l : List (Int × Int)} (h : p ∈ l) : p.2 ∈ weightsOf l := by
  induction l with
  | nil => cases h
  | cons q l ih =>
    rw [weightsOf]
    rcases List.mem_cons.1 h with rfl | h
    · exact List.mem_cons_self ..
    · exact List.mem_cons_of_mem _ (ih h)

/-- There are as many weights as pairs. -/
theorem length_weightsOf (l : List (Int × Int)) : (weightsOf l).length = l.length := by
  induction l with
  | nil => rfl
  | cons p l ih => rw [weightsOf, List.length_cons, List.length_cons, ih]

/-- The weights of equal pairs. -/
theorem weightsOf_replicate (n : Nat) (x w : Int) :
    weightsOf (List.replicate n (x, w)) = List.replicate n w := by
  induction n with
  | zero => rfl
  | succ n ih => rw [List.replicate_succ, weightsOf, ih, List.replicate_succ]

namespace IsWorstCase

variable {K : Nat} {aMin aMax wMin wMax worst : Int}

/-- The worst case is a sum of products of two numbers that are not positive. -/
theorem nonneg (h : IsWorstCase K aMin aMax wMin wMax worst) : 0 ≤ worst := by
  rw [← h.2]
  exact Int.mul_nonneg (Int.natCast_nonneg _)
    (Int.mul_nonneg_of_nonpos_of_nonpos h.1.1.1.1 h.1.2.1.1)

/-- **No partial sum in any order exceeds the worst case**, on either side. -/
theorem partial_sum_mem (h : IsWorstCase K aMin aMax wMin wMax worst) {l : List (Int × Int)}
    (hl : ∀ p ∈ l, (aMin ≤ p.1 ∧ p.1 ≤ aMax) ∧ wMin ≤ p.2 ∧ p.2 ≤ wMax) (hK : l.length ≤ K)
    {order : List Int} (horder : order.Perm (products l)) (k : Nat) :
    -worst ≤ (order.take k).sum ∧ (order.take k).sum ≤ worst := by
  obtain ⟨⟨⟨⟨ha1, -⟩, ha2⟩, ⟨⟨hw1, -⟩, hw2⟩⟩, hworst⟩ := h
  have hmem := products_mem (lo := -(aMin * wMin)) (hi := aMin * wMin) fun p hp => by
    have := hl p hp
    rw [← Int.neg_mul_neg aMin wMin]
    exact mul_mem_of_bounds (by omega) (by omega)
  have hnn : 0 ≤ aMin * wMin := Int.mul_nonneg_of_nonpos_of_nonpos ha1 hw1
  have hpos := posSum_le hnn fun t ht => (hmem t ht).2
  have hneg := le_negSum (show -(aMin * wMin) ≤ 0 by omega) fun t ht => (hmem t ht).1
  have hsum := PyOrch.partial_sum_mem horder k
  rw [length_products] at hpos hneg
  have hlen : (l.length : Int) * (aMin * wMin) ≤ K * (aMin * wMin) :=
    Int.mul_le_mul_of_nonneg_right (by omega) hnn
  rw [Int.mul_neg] at hneg
  omega

/-- The whole dot product does not exceed it, either. -/
theorem dotInt_mem (h : IsWorstCase K aMin aMax wMin wMax worst) {l : List (Int × Int)}
    (hl : ∀ p ∈ l, (aMin ≤ p.1 ∧ p.1 ≤ aMax) ∧ wMin ≤ p.2 ∧ p.2 ≤ wMax) (hK : l.length ≤ K) :
    -worst ≤ dotInt l ∧ dotInt l ≤ worst := by
  have := h.partial_sum_mem hl hK (List.Perm.refl _) (products l).length
  rw [List.take_length, ← dotInt_eq_sum] at this
  exact this

/-- **The worst case is attained** by `K` pairs of the smallest codes. -/
theorem attained (h : IsWorstCase K aMin aMax wMin wMax worst) :
    dotInt (List.replicate K (aMin, wMin)) = worst := by rw [dotInt_replicate, h.2]

/-- What a register that wraps around makes of it. -/
theorem wraps (h : IsWorstCase K aMin aMax wMin wMax worst) {P : Nat} {wrapped : Int}
    (hw : (BitVec.ofInt P worst).toInt = wrapped) :
    (wrappingDot P (List.replicate K (aMin, wMin))).toInt = wrapped := by
  rw [wrappingDot_eq_ofInt, h.attained, hw]

/-- **No overflow** in a width that holds the worst case. -/
theorem noOverflow (h : IsWorstCase K aMin aMax wMin wMax worst) {P : Nat}
    (hP : FitsSigned P worst) {ws : List Int} (hws : ∀ w ∈ ws, wMin ≤ w ∧ w ≤ wMax)
    (hK : ws.length ≤ K) : NoOverflow P aMin aMax ws := by
  rintro l rfl hl order horder k
  have hnn := h.nonneg
  have hsum := h.partial_sum_mem (fun p hp => ⟨hl p hp, hws _ (mem_weightsOf hp)⟩)
    (by rw [← length_weightsOf]; exact hK) horder k
  have h1 := hP.1
  have h2 := hP.2
  unfold FitsSigned
  omega

/-- **Wrapping arithmetic is exact** in a width that holds the worst case. -/
theorem wrappingDot_toInt (h : IsWorstCase K aMin aMax wMin wMax worst) {P : Nat}
    (hP : FitsSigned P worst) {l : List (Int × Int)}
    (hl : ∀ p ∈ l, (aMin ≤ p.1 ∧ p.1 ≤ aMax) ∧ wMin ≤ p.2 ∧ p.2 ≤ wMax) (hK : l.length ≤ K) :
    (wrappingDot P l).toInt = dotInt l := by
  have hnn := h.nonneg
  have hmem := h.dotInt_mem hl hK
  have h1 := hP.1
  have h2 := hP.2
  refine PyOrch.wrappingDot_toInt ?_
  unfold FitsSigned
  omega

/-- **The smallest accumulator**: if the worst case fits `P` bits and not one bit less, then just
the widths from `P` on have no overflow, whatever the at most `K` weights. -/
theorem noOverflow_iff (h : IsWorstCase K aMin aMax wMin wMax worst) {P : Nat}
    (hfits : FitsSigned P worst) (hless : ¬ FitsSigned (P - 1) worst) (Q : Nat) :
    (∀ ws : List Int, (∀ w ∈ ws, wMin ≤ w ∧ w ≤ wMax) → ws.length ≤ K →
      NoOverflow Q aMin aMax ws) ↔ P ≤ Q := by
  constructor
  · intro hall
    have ha := h.1.1
    have hw := h.1.2
    unfold IsCodeRange at ha hw
    have hno := hall (List.replicate K wMin) (by
      intro w hw'
      rw [(List.mem_replicate.1 hw').2]
      omega) (by rw [List.length_replicate]; exact Nat.le_refl _)
    rw [← weightsOf_replicate K aMin wMin] at hno
    have hfit := hno.dotInt_fits (by
      intro p hp
      rw [(List.mem_replicate.1 hp).2]
      exact ⟨Int.le_refl _, by simp only; omega⟩)
    rw [h.attained] at hfit
    by_cases hQ : P ≤ Q
    · exact hQ
    · exact absurd (hfit.mono (by omega)) hless
  · intro hQ ws hws hK
    exact (h.noOverflow hfits hws hK).mono hQ

end IsWorstCase

end

end PyOrch
