import PyOrch.Rounding

/-!
# Stochastic rounding

Stochastic rounding to the multiples of a step `s` takes one of the two neighbours of `x` on that
grid at random: the upper one with the probability that is `x`'s place between them, in steps. Its
error is less than a step, twice what rounding to nearest errs, but it is right on average; so
errors of many roundings do not add up in one direction.

Source: Croci, Fasi, Higham, Mary, Mikaitis: Stochastic rounding: implementation, error analysis and
applications (2022); Gupta, Agrawal, Gopalakrishnan, Narayanan: Deep learning with limited numerical
precision (2015).
-/

namespace PyOrch

universe u

section
variable {α : Type u} [OrderedField α]

/-- `floor` takes each number to the greatest integer that does not exceed it. -/
def IsFloor (floor : α → Int) : Prop := ∀ y : α, (floor y : α) ≤ y ∧ y < (floor y : α) + 1

/-- The lower neighbour of `x` among the multiples of `s`: `⌊x/s⌋ s`. -/
def stochasticDown (floor : α → Int) (s x : α) : α := (floor (x / s) : α) * s

/-- The upper neighbour of `x` among the multiples of `s`: `⌈x/s⌉ s`, where `⌈y⌉ = -⌊-y⌋`. -/
def stochasticUp (floor : α → Int) (s x : α) : α := ((-floor (-(x / s)) : Int) : α) * s

/-- The probability of rounding up, the fraction `x/s - ⌊x/s⌋`. -/
def stochasticProb (floor : α → Int) (s x : α) : α := x / s - (floor (x / s) : α)

/-- The expectation of what `x` is rounded to. -/
def stochasticMean (floor : α → Int) (s x : α) : α :=
  (1 - stochasticProb floor s x) * stochasticDown floor s x +
    stochasticProb floor s x * stochasticUp floor s x

/-- The expectation of the square of the error. -/
def stochasticVariance (floor : α → Int) (s x : α) : α :=
  (1 - stochasticProb floor s x) *
      ((stochasticDown floor s x - x) * (stochasticDown floor s x - x)) +
    stochasticProb floor s x * ((stochasticUp floor s x - x) * (stochasticUp floor s x - x))

/-- Only an integer has the same floor and ceiling; all else lies between neighbouring integers. -/
theorem IsFloor.ceil {floor : α → Int} (h : IsFloor floor) (y : α) :
    -floor (-y) = floor y ∧ y = (floor y : α) ∨ -floor (-y) = floor y + 1 ∧ (floor y : α) < y := by
  have h1 := (h y).1; have h2 := (h y).2; have h3 := (h (-y)).1; have h4 := (h (-y)).2
  have hlt : floor y < -floor (-y) + 1 := (intCast_lt_iff (α := α)).1 (by
    rw [intCast_add, intCast_neg, intCast_one]; grind)
  have hlt' : -floor (-y) < floor y + 1 + 1 := (intCast_lt_iff (α := α)).1 (by
    rw [intCast_add, intCast_add, intCast_neg, intCast_one]; grind)
  rcases (by omega : -floor (-y) = floor y ∨ -floor (-y) = floor y + 1) with heq | heq
  · have : ((-floor (-y) : Int) : α) = (floor y : α) := by rw [heq]
    rw [intCast_neg] at this
    exact Or.inl ⟨heq, by grind⟩
  · have : ((-floor (-y) : Int) : α) = (floor y + 1 : Int) := by rw [heq]
    rw [intCast_neg, intCast_add, intCast_one] at this
    exact Or.inr ⟨heq, by grind⟩

/-- The probability is one. -/
theorem stochasticProb_mem {floor : α → Int} (h : IsFloor floor) (s x : α) :
    0 ≤ stochasticProb floor s x ∧ stochasticProb floor s x < 1 := by
  have := h (x / s)
  unfold stochasticProb; grind

/-- `x` lies between the outcomes, and the outcomes are one number or one step apart. -/
theorem stochastic_neighbours {floor : α → Int} (h : IsFloor floor) {s : α} (hs : 0 < s) (x : α) :
    stochasticDown floor s x ≤ x ∧ x ≤ stochasticUp floor s x ∧
      (stochasticUp floor s x = stochasticDown floor s x ∨
        stochasticUp floor s x = stochasticDown floor s x + s) := by
  have hx : x / s * s = x := by grind
  have hlo := mul_le_mul_right (h (x / s)).1 (show 0 ≤ s by grind)
  have hhi := mul_le_mul_right (show x / s ≤ (floor (x / s) : α) + 1 by have := h (x / s); grind)
    (show 0 ≤ s by grind)
  unfold stochasticDown stochasticUp
  rcases h.ceil (x / s) with ⟨hc, heq⟩ | ⟨hc, _⟩
  · rw [hc]; grind
  · rw [hc, intCast_add, intCast_one]; grind

/-- **The error of stochastic rounding**: both outcomes are less than a step away. -/
theorem stochastic_rounding_error {floor : α → Int} (h : IsFloor floor) {s : α} (hs : 0 < s)
    (x : α) : x - stochasticDown floor s x < s ∧ stochasticUp floor s x - x < s := by
  have hx : x / s * s = x := by grind
  have hhi : x / s * s < ((floor (x / s) : α) + 1) * s :=
    Lean.Grind.OrderedRing.mul_lt_mul_of_pos_right (h (x / s)).2 hs
  unfold stochasticDown stochasticUp
  rcases h.ceil (x / s) with ⟨hc, heq⟩ | ⟨hc, hlt⟩
  · rw [hc]; grind
  · have := Lean.Grind.OrderedRing.mul_lt_mul_of_pos_right hlt hs
    rw [hc, intCast_add, intCast_one]; grind

/-- **Stochastic rounding is unbiased**: the expectation of what `x` is rounded to is `x`. -/
theorem stochastic_rounding_unbiased {floor : α → Int} (h : IsFloor floor) {s : α} (hs : 0 < s)
    (x : α) : stochasticMean floor s x = x := by
  have hx : x / s * s = x := by grind
  unfold stochasticMean stochasticProb stochasticDown stochasticUp
  rcases h.ceil (x / s) with ⟨hc, heq⟩ | ⟨hc, _⟩
  · rw [hc]; grind
  · rw [hc, intCast_add, intCast_one]; grind

/-- **Its variance is at most a quarter of the squared step.** -/
theorem stochastic_rounding_variance {floor : α → Int} (h : IsFloor floor) {s : α} (hs : 0 < s)
    (x : α) : stochasticVariance floor s x ≤ s * s / 4 := by
  have hx : x / s * s = x := by grind
  unfold stochasticVariance stochasticProb stochasticDown stochasticUp
  generalize x / s = y at *
  subst hx
  rcases h.ceil y with ⟨hc, heq⟩ | ⟨hc, _⟩
  · have := Lean.Grind.OrderedRing.sq_nonneg (a := s)
    have : (floor y : α) * s - y * s = 0 := by grind
    rw [hc, this]
    grind
  · -- with `t = y - ⌊y⌋` the variance is `t (1 - t) s²`, and `(t - 1/2)² s²` is what is missing
    have := Lean.Grind.OrderedRing.sq_nonneg (a := (y - (floor y : α) - 1 / 2) * s)
    rw [hc, intCast_add, intCast_one]
    grind

/-- **No smaller bound holds**: whatever bounds the distance to the lower outcome for all numbers is
at least a step. -/
theorem step_le_of_stochastic_error {floor : α → Int} (h : IsFloor floor) {s c : α} (hs : 0 < s)
    (hc : ∀ x, x - stochasticDown floor s x ≤ c) : s ≤ c := by
  by_cases hlt : s ≤ c
  · exact hlt
  · have h0 : (0 : α) ≤ c := by
      have := hc 0
      have := (stochastic_neighbours h hs 0).1
      grind
    -- halfway between `c` and `s` the lower outcome is 0, and the error too great
    have hdiv : (c + s) / 2 / s * s = (c + s) / 2 := by grind
    have hbound := hc ((c + s) / 2)
    clear hc
    unfold stochasticDown at hbound
    generalize (c + s) / 2 / s = y at *
    have h1 : 0 ≤ y := le_of_mul_le_mul_right (by grind) hs
    have h2 : y < 1 := by
      by_cases hge : 1 ≤ y
      · have := mul_le_mul_right hge (show 0 ≤ s by grind); grind
      · grind
    have hlo : -1 < floor y := (intCast_lt_iff (α := α)).1 (by
      have := (h y).2; rw [intCast_neg, intCast_one]; grind)
    have hhi : floor y < 1 := (intCast_lt_iff (α := α)).1 (by
      have := (h y).1; rw [intCast_one]; grind)
    rw [show floor y = 0 by omega, intCast_zero] at hbound
    grind

end

/-- The floor of rational numbers is one. -/
theorem isFloor_ratFloor : IsFloor Rat.floor := fun y =>
  ⟨Rat.floor_le y, by have := Rat.lt_floor_add_one y; grind⟩

end PyOrch
