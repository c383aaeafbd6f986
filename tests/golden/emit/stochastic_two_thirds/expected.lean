import PyOrch.Numerals
import PyOrch.StochasticRounding

/-! # Error of stochastic rounding to multiples of 2/3 -/

namespace PyOrch.Emitted.stochastic_scale_2_3

universe u

/-- The step is positive. -/
theorem step_pos (α : Type u) [OrderedField α] : (0 : α) < 2/3 :=
  numeral_lt (by decide +kernel)

/-- Both outcomes are less than 2/3 away from `x`. -/
theorem stochastic_rounding_error {α : Type u} [OrderedField α]
    {floor : α → Int} (hfloor : IsFloor floor) (x : α) :
    x - stochasticDown floor (2/3) x < 2/3 ∧ stochasticUp floor (2/3) x - x < 2/3 :=
  PyOrch.stochastic_rounding_error hfloor (step_pos α) x

/-- `x` lies between the outcomes, which are the same multiple of 2/3 or two neighbouring ones. -/
theorem stochastic_rounding_neighbours {α : Type u} [OrderedField α]
    {floor : α → Int} (hfloor : IsFloor floor) (x : α) :
    stochasticDown floor (2/3) x ≤ x ∧ x ≤ stochasticUp floor (2/3) x ∧
      (stochasticUp floor (2/3) x = stochasticDown floor (2/3) x ∨
        stochasticUp floor (2/3) x = stochasticDown floor (2/3) x + 2/3) :=
  stochastic_neighbours hfloor (step_pos α) x

/-- The probability of rounding up is at least 0 and below 1. -/
theorem stochastic_rounding_probability {α : Type u} [OrderedField α]
    {floor : α → Int} (hfloor : IsFloor floor) (x : α) :
    0 ≤ stochasticProb floor (2/3) x ∧ stochasticProb floor (2/3) x < 1 :=
  stochasticProb_mem hfloor _ x

/-- The expectation of the outcome is `x`: the rounding is unbiased. -/
theorem stochastic_rounding_unbiased {α : Type u} [OrderedField α]
    {floor : α → Int} (hfloor : IsFloor floor) (x : α) : stochasticMean floor (2/3) x = x :=
  PyOrch.stochastic_rounding_unbiased hfloor (step_pos α) x

/-- The expectation of the squared error is at most 1/9. -/
theorem stochastic_rounding_variance {α : Type u} [OrderedField α]
    {floor : α → Int} (hfloor : IsFloor floor) (x : α) :
    stochasticVariance floor (2/3) x ≤ 1/9 :=
  Std.le_trans (PyOrch.stochastic_rounding_variance hfloor (step_pos α) x)
    (numeral_le (by decide +kernel))

/-- No bound smaller than 2/3 holds for the error. -/
theorem stochastic_rounding_least {α : Type u} [OrderedField α]
    {floor : α → Int} (hfloor : IsFloor floor) {c : α}
    (hc : ∀ x, x - stochasticDown floor (2/3) x ≤ c) : 2/3 ≤ c :=
  step_le_of_stochastic_error hfloor (step_pos α) hc

end PyOrch.Emitted.stochastic_scale_2_3
