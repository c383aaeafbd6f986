import PyOrch.Accumulator
import PyOrch.Field

/-!
# The accumulator of one channel with known weights

Where the weights are known and the inputs range over `[xMin, xMax]`, the extreme dot products are
`maxDot = xMax Σw⁺ + xMin Σw⁻` and `minDot = xMin Σw⁺ + xMax Σw⁻`; both are attained, so the width
that holds them is the smallest one (`channel_fits_iff`). If `xMin ≤ 0 ≤ xMax` it also holds every
partial sum in every order (`channel_partial_sum_fits`).

Two sufficient conditions by the norm of the weights alone, as used to train networks for narrow
accumulators: A2Q (Colbert, Pappalardo, Petri-Koenig 2023), and A2Q+ (Colbert et al. 2024) for
weights that sum to zero, a hypothesis that it needs (`not_a2qPlus_without_zero_sum`).
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

/-- One product is at most what its weight contributes to `maxDot`, and at least what it contributes
to `minDot`. -/
theorem product_mem_of_input {xMin xMax x w : Int} (h : xMin ≤ x ∧ x ≤ xMax) :
    xMin * max w 0 + xMax * min w 0 ≤ x * w ∧ x * w ≤ xMax * max w 0 + xMin * min w 0 := by
  have h1 := Int.mul_nonneg (show 0 ≤ xMax - x by omega) (show 0 ≤ max w 0 by omega)
  have h2 := Int.mul_nonneg (show 0 ≤ xMax - x by omega) (show 0 ≤ -min w 0 by omega)
  have h3 := Int.mul_nonneg (show 0 ≤ x - xMin by omega) (show 0 ≤ max w 0 by omega)
  have h4 := Int.mul_nonneg (show 0 ≤ x - xMin by omega) (show 0 ≤ -min w 0 by omega)
  have hw : w = max w 0 + min w 0 := by omega
  generalize max w 0 = u at *
  generalize min w 0 = v at *
  subst hw
  constructor <;> grind

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

/-- `P` is the smallest width for the weights and the range of inputs: it holds both extremes, and
one bit less does not. -/
def IsLeastWidth (P : Nat) (xMin xMax : Int) (ws : List Int) : Prop :=
  (FitsSigned P (minDot xMin xMax ws) ∧ FitsSigned P (maxDot xMin xMax ws)) ∧
    (P = 0 ∨ ¬ (FitsSigned (P - 1) (minDot xMin xMax ws) ∧
      FitsSigned (P - 1) (maxDot xMin xMax ws)))

instance (P : Nat) (xMin xMax : Int) (ws : List Int) : Decidable (IsLeastWidth P xMin xMax ws) :=
  inferInstanceAs (Decidable (_ ∧ _))

/-- In every smaller width one of the two extreme inputs overflows. -/
theorem IsLeastWidth.overflows {P Q : Nat} {xMin xMax : Int} {ws : List Int}
    (h : IsLeastWidth P xMin xMax ws) (hQ : Q < P) :
    ¬ FitsSigned Q (dotInt (minimizer xMin xMax ws)) ∨
      ¬ FitsSigned Q (dotInt (maximizer xMin xMax ws)) := by
  rw [dotInt_minimizer, dotInt_maximizer]
  rcases h.2 with rfl | hless
  · omega
  · by_cases h1 : FitsSigned Q (minDot xMin xMax ws)
    · by_cases h2 : FitsSigned Q (maxDot xMin xMax ws)
      · exact absurd ⟨h1.mono (by omega), h2.mono (by omega)⟩ hless
      · exact .inr h2
    · exact .inl h1

end PyOrch
