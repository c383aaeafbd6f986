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

private theorem neg_bounds {y f : α} (h₁ : f ≤ -y) (h₂ : -y < f + 1) : y ≤ -f ∧ -f < y + 1 := by
  constructor <;> grind

/-- Only an integer has the same floor and ceiling; all else lies between neighbouring integers. -/
theorem IsFloor.ceil {floor : α → Int} (h : IsFloor floor) (y : α) :
    -floor (-y) = floor y ∧ y = (floor y : α) ∨ -floor (-y) = floor y + 1 ∧ (floor y : α) < y := by
  obtain ⟨h₁, h₂⟩ := h y
  have above : y ≤ ((-floor (-y) : Int) : α) ∧ ((-floor (-y) : Int) : α) < y + 1 := by
    rw [intCast_neg]
    exact neg_bounds (h (-y)).1 (h (-y)).2
  have hle : floor y ≤ -floor (-y) := intCast_le_iff.1 (Std.le_trans h₁ above.1)
  have hlt : -floor (-y) < floor y + 1 + 1 := (intCast_lt_iff (α := α)).1 (by
    rw [intCast_add, intCast_add, intCast_one]
    exact Std.lt_trans above.2 (Lean.Grind.OrderedAdd.add_lt_left_iff 1 |>.1 h₂))
  rcases (by clear h₁ h₂ above; omega :
    -floor (-y) = floor y ∨ -floor (-y) = floor y + 1) with heq | heq
  · rw [heq] at above
    exact Or.inl ⟨heq, Std.le_antisymm above.1 h₁⟩
  · rw [heq, intCast_add, intCast_one] at above
    exact Or.inr ⟨heq, (Lean.Grind.OrderedAdd.add_lt_left_iff 1).2 above.2⟩

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
  have hx : x / s * s = x := div_mul_cancel hs
  have hlo := mul_le_mul_right (h (x / s)).1 (Std.le_of_lt hs)
  have hhi := mul_le_mul_right (Std.le_of_lt (h (x / s)).2) (Std.le_of_lt hs)
  rw [hx] at hlo hhi
  unfold stochasticDown stochasticUp
  rcases h.ceil (x / s) with ⟨hc, heq⟩ | ⟨hc, _⟩
  · rw [hc, ← heq, hx]
    exact ⟨Std.le_refl _, Std.le_refl _, .inl rfl⟩
  · rw [hc, intCast_add, intCast_one]
    refine ⟨hlo, hhi, .inr ?_⟩
    rw [Lean.Grind.Semiring.right_distrib, Lean.Grind.Semiring.one_mul]

private theorem sub_mul_lt {x r s : α} (h : x < (r + 1) * s) : x - r * s < s := by grind

private theorem add_one_mul_sub_lt {x r s : α} (h : r * s < x) : (r + 1) * s - x < s := by grind

/-- **The error of stochastic rounding**: both outcomes are less than a step away. -/
theorem stochastic_rounding_error {floor : α → Int} (h : IsFloor floor) {s : α} (hs : 0 < s)
    (x : α) : x - stochasticDown floor s x < s ∧ stochasticUp floor s x - x < s := by
  have hx : x / s * s = x := div_mul_cancel hs
  have hhi : x / s * s < ((floor (x / s) : α) + 1) * s :=
    Lean.Grind.OrderedRing.mul_lt_mul_of_pos_right (h (x / s)).2 hs
  rw [hx] at hhi
  refine ⟨sub_mul_lt hhi, ?_⟩
  unfold stochasticUp
  rcases h.ceil (x / s) with ⟨hc, heq⟩ | ⟨hc, hlt⟩
  · rw [hc, ← heq, hx, Lean.Grind.AddCommGroup.sub_self]
    exact hs
  · have := Lean.Grind.OrderedRing.mul_lt_mul_of_pos_right hlt hs
    rw [hx] at this
    rw [hc, intCast_add, intCast_one]
    exact add_one_mul_sub_lt this

/-- **Stochastic rounding is unbiased**: the expectation of what `x` is rounded to is `x`. -/
theorem stochastic_rounding_unbiased {floor : α → Int} (h : IsFloor floor) {s : α} (hs : 0 < s)
    (x : α) : stochasticMean floor s x = x := by
  have hx : x / s * s = x := div_mul_cancel hs
  unfold stochasticMean stochasticProb stochasticDown stochasticUp
  rcases h.ceil (x / s) with ⟨hc, heq⟩ | ⟨hc, _⟩
  · rw [hc]; grind
  · rw [hc, intCast_add, intCast_one]; grind

private theorem variance_of_int {y s : α} (hs : 0 ≤ s) :
    (1 - (y - y)) * ((y * s - y * s) * (y * s - y * s))
      + (y - y) * ((y * s - y * s) * (y * s - y * s)) ≤ s * s / 4 := by
  have := mul_nonneg hs hs
  simp only [Lean.Grind.AddCommGroup.sub_self, Lean.Grind.Semiring.mul_zero,
    Lean.Grind.AddCommMonoid.add_zero]
  grind

/-- **Its variance is at most a quarter of the squared step.** -/
theorem stochastic_rounding_variance {floor : α → Int} (h : IsFloor floor) {s : α} (hs : 0 < s)
    (x : α) : stochasticVariance floor s x ≤ s * s / 4 := by
  have hx : x / s * s = x := div_mul_cancel hs
  unfold stochasticVariance stochasticProb stochasticDown stochasticUp
  generalize x / s = y at *
  subst hx
  rcases h.ceil y with ⟨hc, heq⟩ | ⟨hc, _⟩
  · rw [hc, ← heq]
    exact variance_of_int (Std.le_of_lt hs)
  · -- with `t = y - ⌊y⌋` the variance is `t (1 - t) s²`, and `(t - 1/2)² s²` is what is missing
    have := Lean.Grind.OrderedRing.sq_nonneg (a := (y - (floor y : α) - 1 / 2) * s)
    rw [hc, intCast_add, intCast_one]
    generalize (floor y : α) = r at this
    clear h hs hc
    grind

private theorem mean_bounds {c s : α} (hc : 0 ≤ c) (h : c < s) :
    0 ≤ (c + s) / 2 ∧ c < (c + s) / 2 ∧ (c + s) / 2 < s := by grind

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
    obtain ⟨hm₀, hm₁, hm₂⟩ := mean_bounds h0 (Std.not_le.1 hlt)
    have hbound := hc ((c + s) / 2)
    clear hc
    unfold stochasticDown at hbound
    generalize (c + s) / 2 = m at *
    have h1 : 0 ≤ m / s := (le_div_iff hs).2 (by rwa [Lean.Grind.Semiring.zero_mul])
    have h2 : m / s < 1 := (div_lt_iff hs).2 (by rwa [Lean.Grind.Semiring.one_mul])
    have hlo : 0 < floor (m / s) + 1 := (intCast_lt_iff (α := α)).1 (by
      rw [intCast_zero, intCast_add, intCast_one]
      exact Std.lt_of_le_of_lt h1 (h _).2)
    have hhi : floor (m / s) < 1 := (intCast_lt_iff (α := α)).1 (by
      rw [intCast_one]
      exact Std.lt_of_le_of_lt (h _).1 h2)
    rw [show floor (m / s) = 0 by clear hbound hm₀ hm₁ hm₂ h0 h1 h2; omega, intCast_zero,
      Lean.Grind.Semiring.zero_mul, Lean.Grind.AddCommGroup.sub_eq_add_neg,
      Lean.Grind.AddCommGroup.neg_zero, Lean.Grind.AddCommMonoid.add_zero] at hbound
    exact absurd hm₁ (Std.not_lt.2 hbound)

end

/-- The floor of rational numbers is one. -/
theorem isFloor_ratFloor : IsFloor Rat.floor := fun y =>
  ⟨Rat.floor_le y, by have := Rat.lt_floor_add_one y; grind⟩

end PyOrch
