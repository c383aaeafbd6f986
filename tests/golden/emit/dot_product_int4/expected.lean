import PyOrch.DotBound

/-! # Error of a dot product of 8192 pairs of 4-bit activations and 4-bit weights -/

namespace PyOrch.Emitted.length_8192_a_int4_1_7__0__neg_1__1_w_int4_1_7__0__neg_1__1_half_even

universe u

/-- Activations: codes -8, …, 7; code `q` stands for `q * (1/7) + 0`. -/
noncomputable abbrev activations (α : Type u) [OrderedField α] : QuantParams α :=
  .signed 4 (1/7) 0

/-- Weights: codes -8, …, 7; code `q` stands for `q * (1/7) + 0`. -/
noncomputable abbrev weights (α : Type u) [OrderedField α] : QuantParams α :=
  .signed 4 (1/7) 0

/-- Activations from -1 to 1, at most 1 in absolute value, and weights from -1 to 1, at
most 1, saturate by no more than half a step; and 8192 times the bound of one product is
59392/49. -/
theorem ranges_and_bound (α : Type u) [OrderedField α] :
    DotBound 8192 (activations α) (weights α) (-1) 1 1 (-1) 1 1
      (59392/49) :=
  dotBound_of_rat (by decide +kernel)

/-- The dot product of 8192 activations and weights in those ranges and that of the numbers that
their codes stand for differ by at most 59392/49. That is
above 8192/7, which is K·s with the activations' scale s, as seed 003 has it. -/
theorem dot_product_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round)
    {l : List (α × α)} (hlength : l.length = 8192)
    (hrange : ∀ aw ∈ l, (-1 ≤ aw.1 ∧ aw.1 ≤ 1) ∧ (-1 ≤ aw.2 ∧ aw.2 ≤ 1)) :
    AbsLE (dot l - dot (restored (activations α) (weights α)
      (codes round (activations α) (weights α) l))) (59392/49) :=
  (ranges_and_bound α).error_bound hround hlength hrange

/-- What hardware computes: the dot product of the numbers that codes stand for is the integer dot
product of the codes, times 1/49. -/
theorem dot_product_integer_formula {α : Type u} [OrderedField α] (l : List (Int × Int)) :
    dot (restored (activations α) (weights α) l) = 1/49 * (dotInt l : α) :=
  dot_restored_of_rat_zero (by decide +kernel) l

/-- Seed 003 takes one quantizer for both, here that of the activations, restores the integer dot
product with its scale alone, and claims 8192 times that scale for vectors in [-1, 1]. It is false
for 8192 times the pair (1, 1). -/
theorem not_matmul_int4_correct :
    ¬ ∀ l : List (Rat × Rat), l.length = 8192 → (∀ aw ∈ l, AbsLE aw.1 1 ∧ AbsLE aw.2 1) →
      AbsLE (dot l - dequantize (activations Rat)
        (dotInt (codes roundHalfEven (activations Rat) (activations Rat) l))) (8192/7) :=
  not_seed_matmul (a := 1) (w := 1) (by decide +kernel)

/-- Nor is the error less than every `ε > 0`, as the introduction of seed 003 claims: it is at least
1 for 8192 times the pair (1, 1/2), which is in range. -/
theorem not_matmul_approximately_correct :
    ¬ ∀ (l : List (Rat × Rat)) (ε : Rat), l.length = 8192 → 0 < ε →
      ratAbs (dot l - dot (restored (activations Rat) (weights Rat)
        (codes roundHalfEven (activations Rat) (weights Rat) l))) < ε :=
  not_within_every_epsilon (a := 1) (w := 1/2) (ε := 1)
    (by decide +kernel)

end PyOrch.Emitted.length_8192_a_int4_1_7__0__neg_1__1_w_int4_1_7__0__neg_1__1_half_even
