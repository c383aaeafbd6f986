import PyOrch.Accumulator

/-!
# The accumulator of one channel with known weights

Where the weights are known and the inputs range over `[xMin, xMax]`, the extreme dot products are
`maxDot = xMax Σw⁺ + xMin Σw⁻` and `minDot = xMin Σw⁺ + xMax Σw⁻`; both are attained, so the width
that holds them is the smallest one (`channel_fits_iff`). If `xMin ≤ 0 ≤ xMax` it also holds every
partial sum in every order (`noOverflow_iff`). One bit less overflows, and wrapping arithmetic then
gives a wrong result: for the inputs of `overflowWitness` (`IsLeastWidth.overflowWitness_wraps`).
-/

namespace PyOrch

/-- The greatest dot product of `weights` with inputs from `[xMin, xMax]`. -/
def maxDot (xMin xMax : Int) (weights : List Int) : Int :=
  xMax * posSum weights + xMin * negSum weights

/-- The smallest dot product of `weights` with inputs from `[xMin, xMax]`. -/
def minDot (xMin xMax : Int) (weights : List Int) : Int :=
  xMin * posSum weights + xMax * negSum weights

/-- The second members of a list of pairs: the weights. -/
def weightsOf : List (Int × Int) → List Int
  | [] => []
  | p :: rest => p.2 :: weightsOf rest

/-- All inputs are from `[xMin, xMax]`. -/
def InputsIn (xMin xMax : Int) (l : List (Int × Int)) : Prop := ∀ p ∈ l, xMin ≤ p.1 ∧ p.1 ≤ xMax

-- For the kernel to evaluate, not to be compiled.
noncomputable instance (xMin xMax : Int) (l : List (Int × Int)) :
    Decidable (InputsIn xMin xMax l) := inferInstanceAs (Decidable (∀ p ∈ l, _ ∧ _))

/-- One product is at most what its weight contributes to `maxDot`, and at least what it contributes
to `minDot`. -/
theorem product_mem_of_input {xMin xMax x w : Int} (h : xMin ≤ x ∧ x ≤ xMax) :
    xMin * max w 0 + xMax * min w 0 ≤ x * w ∧ x * w ≤ xMax * max w 0 + xMin * min w 0 := by
  have hu : 0 ≤ max w 0 := Int.le_max_right ..
  have hv : min w 0 ≤ 0 := Int.min_le_right ..
  have e : x * w = x * max w 0 + x * min w 0 := by
    rw [← Int.mul_add, show max w 0 + min w 0 = w by clear h; omega]
  rw [e]
  exact ⟨Int.add_le_add (Int.mul_le_mul_of_nonneg_right h.1 hu)
      (Int.mul_le_mul_of_nonpos_right h.2 hv),
    Int.add_le_add (Int.mul_le_mul_of_nonneg_right h.2 hu)
      (Int.mul_le_mul_of_nonpos_right h.1 hv)⟩

/-- **The extremes**: every dot product lies between `minDot` and `maxDot`. -/
theorem dotInt_mem {xMin xMax : Int} {l : List (Int × Int)} (h : InputsIn xMin xMax l) :
    minDot xMin xMax (weightsOf l) ≤ dotInt l ∧ dotInt l ≤ maxDot xMin xMax (weightsOf l) := by
  induction l with
  | nil => simp [minDot, maxDot, weightsOf, posSum, negSum, dotInt]
  | cons p rest ih =>
    have hp := product_mem_of_input (w := p.2) (h p (List.mem_cons_self ..))
    have hrest := ih fun q hq => h q (List.mem_cons_of_mem _ hq)
    simp only [minDot, maxDot, weightsOf, posSum, negSum, dotInt, Int.mul_add] at *
    omega

/-- Where 0 is among the inputs, the positive products do not exceed `maxDot`, nor the negative ones
`minDot`. -/
theorem products_parts_mem {xMin xMax : Int} (hmin : xMin ≤ 0) (hmax : 0 ≤ xMax)
    {l : List (Int × Int)} (h : InputsIn xMin xMax l) :
    minDot xMin xMax (weightsOf l) ≤ negSum (products l) ∧
      posSum (products l) ≤ maxDot xMin xMax (weightsOf l) := by
  induction l with
  | nil => simp [minDot, maxDot, weightsOf, posSum, negSum, products]
  | cons p rest ih =>
    have hp := product_mem_of_input (w := p.2) (h p (List.mem_cons_self ..))
    have hzero := product_mem_of_input (x := 0) (w := p.2) ⟨hmin, hmax⟩
    have hrest := ih fun q hq => h q (List.mem_cons_of_mem _ hq)
    rw [Int.zero_mul] at hzero
    simp only [minDot, maxDot, weightsOf, posSum, negSum, products, Int.mul_add] at *
    omega

/-- The inputs that attain `maxDot`, with their weights. -/
def maximizer (xMin xMax : Int) : List Int → List (Int × Int)
  | [] => []
  | w :: rest => (if 0 ≤ w then xMax else xMin, w) :: maximizer xMin xMax rest

/-- The inputs that attain `minDot` are those that attain `maxDot` with the range's ends swapped. -/
def minimizer (xMin xMax : Int) (weights : List Int) : List (Int × Int) :=
  maximizer xMax xMin weights

/-- The maximizer has the weights that it was made for. -/
theorem weightsOf_maximizer (xMin xMax : Int) (ws : List Int) :
    weightsOf (maximizer xMin xMax ws) = ws := by
  induction ws with
  | nil => rfl
  | cons w rest ih => rw [maximizer, weightsOf, ih]

/-- The maximizer's inputs are ends of the range. -/
theorem mem_maximizer {xMin xMax : Int} {ws : List Int} {p : Int × Int}
    (hp : p ∈ maximizer xMin xMax ws) : p.1 = xMin ∨ p.1 = xMax := by
  induction ws with
  | nil => cases hp
  | cons w rest ih =>
    rw [maximizer] at hp
    rcases List.mem_cons.1 hp with rfl | hp
    · simp only; split <;> simp
    · exact ih hp

/-- `maxDot` is attained. -/
theorem dotInt_maximizer (xMin xMax : Int) (ws : List Int) :
    dotInt (maximizer xMin xMax ws) = maxDot xMin xMax ws := by
  induction ws with
  | nil => simp [maximizer, dotInt, maxDot, posSum, negSum]
  | cons w rest ih =>
    simp only [maximizer, dotInt, ih, maxDot, posSum, negSum, Int.mul_add]
    by_cases hw : 0 ≤ w
    · rw [if_pos hw, show max w 0 = w by omega, show min w 0 = 0 by omega]; omega
    · rw [if_neg hw, show max w 0 = 0 by omega, show min w 0 = w by omega]; omega

/-- `minDot` is attained. -/
theorem dotInt_minimizer (xMin xMax : Int) (ws : List Int) :
    dotInt (minimizer xMin xMax ws) = minDot xMin xMax ws :=
  dotInt_maximizer xMax xMin ws

/-- **The smallest width of a channel**: `P` bits hold the dot product of the weights with all
inputs from `[xMin, xMax]` if and only if they hold `minDot` and `maxDot`. -/
theorem channel_fits_iff {P : Nat} {xMin xMax : Int} (hx : xMin ≤ xMax) {ws : List Int} :
    (∀ l, weightsOf l = ws → InputsIn xMin xMax l → FitsSigned P (dotInt l)) ↔
      FitsSigned P (minDot xMin xMax ws) ∧ FitsSigned P (maxDot xMin xMax ws) := by
  constructor
  · intro h
    constructor
    · rw [← dotInt_minimizer]
      refine h _ (weightsOf_maximizer ..) fun p hp => ?_
      rcases mem_maximizer hp with hp | hp <;> omega
    · rw [← dotInt_maximizer]
      refine h _ (weightsOf_maximizer ..) fun p hp => ?_
      rcases mem_maximizer hp with hp | hp <;> omega
  · rintro ⟨hmin, hmax⟩ l rfl hl
    exact hmin.of_mem hmax (dotInt_mem hl).1 (dotInt_mem hl).2

/-- **Every partial sum of a channel, in every order**, fits a width that holds `minDot` and
`maxDot`, if 0 is among the inputs. -/
theorem channel_partial_sum_fits {P : Nat} {xMin xMax : Int} (hx₁ : xMin ≤ 0) (hx₂ : 0 ≤ xMax)
    {l : List (Int × Int)} (hl : InputsIn xMin xMax l)
    (hmin : FitsSigned P (minDot xMin xMax (weightsOf l)))
    (hmax : FitsSigned P (maxDot xMin xMax (weightsOf l)))
    {order : List Int} (horder : order.Perm (products l)) (k : Nat) :
    FitsSigned P (order.take k).sum := by
  have h1 := products_parts_mem hx₁ hx₂ hl
  have h2 := partial_sum_mem horder k
  exact hmin.of_mem hmax (by omega) (by omega)

/-- **No overflow**: for all inputs from `[xMin, xMax]` and all orders in which the products of
inputs and weights are added, every partial sum is a `P`-bit two's complement number. -/
def NoOverflow (P : Nat) (xMin xMax : Int) (weights : List Int) : Prop :=
  ∀ l, weightsOf l = weights → InputsIn xMin xMax l →
    ∀ order : List Int, order.Perm (products l) → ∀ k, FitsSigned P (order.take k).sum

/-- There is no overflow in a wider accumulator, either. -/
theorem NoOverflow.mono {P Q : Nat} {xMin xMax : Int} {ws : List Int}
    (h : NoOverflow P xMin xMax ws) (hPQ : P ≤ Q) : NoOverflow Q xMin xMax ws :=
  fun l hw hl order horder k => (h l hw hl order horder k).mono hPQ

/-- Nor for fewer inputs. -/
theorem NoOverflow.mono_inputs {P : Nat} {xMin xMax yMin yMax : Int} {ws : List Int}
    (h : NoOverflow P yMin yMax ws) (hmin : yMin ≤ xMin) (hmax : xMax ≤ yMax) :
    NoOverflow P xMin xMax ws :=
  fun l hw hl => h l hw fun p hp => by have := hl p hp; omega

/-- The complete dot product is one of the partial sums. -/
theorem NoOverflow.dotInt_fits {P : Nat} {xMin xMax : Int} {l : List (Int × Int)}
    (h : NoOverflow P xMin xMax (weightsOf l)) (hl : InputsIn xMin xMax l) :
    FitsSigned P (dotInt l) := by
  have := h l rfl hl (products l) (List.Perm.refl _) (products l).length
  rw [List.take_length, ← dotInt_eq_sum] at this
  exact this

/-- Inputs whose dot product does not fit show an overflow. -/
theorem not_noOverflow {P : Nat} {xMin xMax : Int} {l : List (Int × Int)}
    (hl : InputsIn xMin xMax l) (h : ¬ FitsSigned P (dotInt l)) :
    ¬ NoOverflow P xMin xMax (weightsOf l) := fun hno => h (hno.dotInt_fits hl)

/-- Without overflow, wrapping arithmetic is exact. -/
theorem NoOverflow.wrappingDot_toInt {P : Nat} {xMin xMax : Int} {l : List (Int × Int)}
    (h : NoOverflow P xMin xMax (weightsOf l)) (hl : InputsIn xMin xMax l) :
    (wrappingDot P l).toInt = dotInt l :=
  PyOrch.wrappingDot_toInt (h.dotInt_fits hl)

/-- **The widths without overflow** are those that hold `minDot` and `maxDot`. -/
theorem noOverflow_iff {P : Nat} {xMin xMax : Int} (hx₁ : xMin ≤ 0) (hx₂ : 0 ≤ xMax)
    {ws : List Int} : NoOverflow P xMin xMax ws ↔
      FitsSigned P (minDot xMin xMax ws) ∧ FitsSigned P (maxDot xMin xMax ws) := by
  constructor
  · intro h
    refine (channel_fits_iff (by omega)).1 ?_
    rintro l rfl hl
    exact h.dotInt_fits hl
  · rintro ⟨hmin, hmax⟩ l rfl hl order horder k
    exact channel_partial_sum_fits hx₁ hx₂ hl hmin hmax horder k

/-- `P` is the smallest width for the weights and the range of inputs: it holds both extremes, and
one bit less does not. -/
def IsLeastWidth (P : Nat) (xMin xMax : Int) (ws : List Int) : Prop :=
  (FitsSigned P (minDot xMin xMax ws) ∧ FitsSigned P (maxDot xMin xMax ws)) ∧
    (P = 0 ∨ ¬ (FitsSigned (P - 1) (minDot xMin xMax ws) ∧
      FitsSigned (P - 1) (maxDot xMin xMax ws)))

instance (P : Nat) (xMin xMax : Int) (ws : List Int) : Decidable (IsLeastWidth P xMin xMax ws) :=
  inferInstanceAs (Decidable (_ ∧ _))

/-- **The smallest width is what it is called**: just the widths from it on have no overflow. -/
theorem IsLeastWidth.noOverflow_iff {P : Nat} {xMin xMax : Int} {ws : List Int}
    (h : IsLeastWidth P xMin xMax ws) (hx₁ : xMin ≤ 0) (hx₂ : 0 ≤ xMax) (Q : Nat) :
    NoOverflow Q xMin xMax ws ↔ P ≤ Q := by
  rw [PyOrch.noOverflow_iff hx₁ hx₂]
  constructor
  · rintro ⟨hmin, hmax⟩
    rcases h.2 with rfl | hless
    · exact Nat.zero_le _
    · by_cases hQ : P ≤ Q
      · exact hQ
      · exact absurd ⟨hmin.mono (by omega), hmax.mono (by omega)⟩ hless
  · intro hQ
    exact ⟨h.1.1.mono hQ, h.1.2.mono hQ⟩

/-- Weights with inputs that overflow `P` bits, if any do: the maximizer or the minimizer. -/
def overflowWitness (P : Nat) (xMin xMax : Int) (weights : List Int) : List (Int × Int) :=
  if FitsSigned P (maxDot xMin xMax weights) then minimizer xMin xMax weights
  else maximizer xMin xMax weights

/-- **One bit less wraps around**: the inputs of `overflowWitness` are in range, and wrapping
arithmetic with one bit less than the smallest width gives another result than the exact one. -/
theorem IsLeastWidth.overflowWitness_wraps {P : Nat} {xMin xMax : Int} {ws : List Int}
    (h : IsLeastWidth (P + 1) xMin xMax ws) (hx : xMin ≤ xMax) :
    weightsOf (overflowWitness P xMin xMax ws) = ws ∧
      InputsIn xMin xMax (overflowWitness P xMin xMax ws) ∧
      (wrappingDot P (overflowWitness P xMin xMax ws)).toInt ≠
        dotInt (overflowWitness P xMin xMax ws) := by
  have hless : ¬ (FitsSigned P (minDot xMin xMax ws) ∧ FitsSigned P (maxDot xMin xMax ws)) := by
    rcases h.2 with h0 | hless
    · omega
    · exact hless
  rw [Ne, wrappingDot_toInt_iff]
  unfold overflowWitness
  split
  · rename_i hmax
    refine ⟨weightsOf_maximizer .., fun p hp => ?_, fun hmin => hless ⟨?_, hmax⟩⟩
    · rcases mem_maximizer hp with hp | hp <;> omega
    · rw [← dotInt_minimizer]; exact hmin
  · rename_i hmax
    refine ⟨weightsOf_maximizer .., fun p hp => ?_, fun hmax' => hmax ?_⟩
    · rcases mem_maximizer hp with hp | hp <;> omega
    · rw [← dotInt_maximizer]; exact hmax'

end PyOrch
