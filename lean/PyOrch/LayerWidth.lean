import PyOrch.ChannelWidth

/-!
# The accumulators of a layer with known weights

A layer is a list of channels, the rows of its matrix of weights. `LeastWidths` says of a list of
numbers that they are the smallest widths of the channels' accumulators; what that means for the
sums that the hardware forms is `LeastWidths.noOverflow_iff`.
-/

namespace PyOrch

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

/-- `widths` are the smallest widths of the channels, one for each row of `weights`. -/
def LeastWidths (xMin xMax : Int) (weights : List (List Int)) (widths : List Nat) : Prop :=
  weights.length = widths.length ∧ ∀ c ∈ weights.zip widths, IsLeastWidth c.2 xMin xMax c.1

instance (xMin xMax : Int) (weights : List (List Int)) (widths : List Nat) :
    Decidable (LeastWidths xMin xMax weights widths) := inferInstanceAs (Decidable (_ ∧ _))

namespace LeastWidths

variable {xMin xMax : Int} {weights : List (List Int)} {widths : List Nat}

/-- The smallest width of the channel at one place. -/
theorem isLeastWidth (h : LeastWidths xMin xMax weights widths) {i P : Nat} {ws : List Int}
    (hw : weights[i]? = some ws) (hP : widths[i]? = some P) : IsLeastWidth P xMin xMax ws := by
  refine h.2 (ws, P) (List.mem_of_getElem? (i := i) ?_)
  rw [List.getElem?_zip_eq_some]
  exact ⟨hw, hP⟩

/-- **The width of each channel**: just the widths from `widths[i]` on have no overflow. -/
theorem noOverflow_iff (h : LeastWidths xMin xMax weights widths) (hx₁ : xMin ≤ 0)
    (hx₂ : 0 ≤ xMax) {i P : Nat} {ws : List Int} (hw : weights[i]? = some ws)
    (hP : widths[i]? = some P) (Q : Nat) : NoOverflow Q xMin xMax ws ↔ P ≤ Q :=
  (h.isLeastWidth hw hP).noOverflow_iff hx₁ hx₂ Q

/-- **The width of the layer**, the same for all of its accumulators: the greatest of theirs. -/
theorem layer_noOverflow_iff (h : LeastWidths xMin xMax weights widths) (hx₁ : xMin ≤ 0)
    (hx₂ : 0 ≤ xMax) {P : Nat} (hP : P ∈ widths ∧ ∀ Q ∈ widths, Q ≤ P) (Q : Nat) :
    (∀ ws ∈ weights, NoOverflow Q xMin xMax ws) ↔ P ≤ Q := by
  constructor
  · intro hall
    obtain ⟨i, hi⟩ := List.mem_iff_getElem?.1 hP.1
    have hlt : i < weights.length := by
      rw [h.1]
      exact (List.getElem?_eq_some_iff.1 hi).1
    have hw := List.getElem?_eq_getElem hlt
    exact (h.noOverflow_iff hx₁ hx₂ hw hi Q).1 (hall _ (List.getElem_mem hlt))
  · intro hQ ws hws
    obtain ⟨i, hi⟩ := List.mem_iff_getElem?.1 hws
    have hlt : i < widths.length := by
      rw [← h.1]
      exact (List.getElem?_eq_some_iff.1 hi).1
    have hw := List.getElem?_eq_getElem hlt
    have hle := hP.2 _ (List.getElem_mem hlt)
    exact (h.noOverflow_iff hx₁ hx₂ hi hw Q).2 (by omega)

/-- **One bit less wraps around**, in every channel that needs an accumulator at all. -/
theorem overflowWitness_wraps (h : LeastWidths xMin xMax weights widths) (hx : xMin ≤ xMax)
    {i P : Nat} {ws : List Int} (hw : weights[i]? = some ws) (hP : widths[i]? = some (P + 1)) :
    weightsOf (overflowWitness P xMin xMax ws) = ws ∧
      InputsIn xMin xMax (overflowWitness P xMin xMax ws) ∧
      (wrappingDot P (overflowWitness P xMin xMax ws)).toInt ≠
        dotInt (overflowWitness P xMin xMax ws) :=
  (h.isLeastWidth hw hP).overflowWitness_wraps hx

end LeastWidths

end

end PyOrch
