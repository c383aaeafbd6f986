import PyOrch.Numerals
import PyOrch.StochasticRounding

/-! # Error of stochastic rounding to multiples of 1/8 -/

namespace PyOrch.Emitted.stochastic_scale_1_8

universe u

/-- The step is positive. -/
theorem step_pos (α : Type u) [OrderedField α] : (0 : α) < 1/8 :=
  numeral_lt (by decide +kernel)

/-- Both outcomes are less than 1/8 away from `x`. -/
theorem stochastic_rounding_error {α : Type u} [OrderedField α]
    {floor : α → Int} (hfloor : IsFloor floor) (x : α) :
    x - stochasticDown floor (1/8) x < 1/8 ∧ stochasticUp floor (1/8) x - x < 1/8 :=
  PyOrch.stochastic_rounding_error hfloor (step_pos α) x

/-- `x` lies between the outcomes, which are the same multiple of 1/8 or two neighbouring ones. -/
theorem stochastic_rounding_neighbours {α : Type u} [OrderedField α]
    {floor : α → Int} (hfloor : IsFloor floor) (x : α) :
    stochasticDown floor (1/8) x ≤ x ∧ x ≤ stochasticUp floor (1/8) x ∧
      (stochasticUp floor (1/8) x = stochasticDown floor (1/8) x ∨
        stochasticUp floor (1/8) x = stochasticDown floor (1/8) x + 1/8) :=
  stochastic_neighbours hfloor (step_pos α) x

/-- The probability of rounding up is at least 0 and below 1. -/
theorem stochastic_rounding_probability {α : Type u} [OrderedField α]
    {floor : α → Int} (hfloor : IsFloor floor) (x : α) :
    0 ≤ stochasticProb floor (1/8) x ∧ stochasticProb floor (1/8) x < 1 :=
  stochasticProb_mem hfloor _ x

/-- The expectation of the outcome is `x`: the rounding is unbiased. -/
theorem stochastic_rounding_unbiased {α : Type u} [OrderedField α]
    {floor : α → Int} (hfloor : IsFloor floor) (x : α) : stochasticMean floor (1/8) x = x :=
  PyOrch.stochastic_rounding_unbiased hfloor (step_pos α) x

/-- The expectation of the squared error is at most 1/256. -/
theorem stochastic_rounding_variance {α : Type u} [OrderedField α]
    {floor : α → Int} (hfloor : IsFloor floor) (x : α) :
    stochasticVariance floor (1/8) x ≤ 1/256 :=
  Std.le_trans (PyOrch.stochastic_rounding_variance hfloor (step_pos α) x)
    (numeral_le (by decide +kernel))

/-- No bound smaller than 1/8 holds for the error. -/
theorem stochastic_rounding_least {α : Type u} [OrderedField α]
    {floor : α → Int} (hfloor : IsFloor floor) {c : α}
    (hc : ∀ x, x - stochasticDown floor (1/8) x ≤ c) : 1/8 ≤ c :=
  step_le_of_stochastic_error hfloor (step_pos α) hc

end PyOrch.Emitted.stochastic_scale_1_8
