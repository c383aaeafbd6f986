import PyOrch.DotBound

/-! # Error of a dot product of 3 pairs of 8-bit activations and 8-bit weights -/

namespace PyOrch.Emitted.length_3_a_int8_1_255__128_255__0__1_w_int8_1_100__neg_1_10__neg_1__1_half_up

universe u

/-- Activations: codes -128, …, 127; code `q` stands for `q * (1/255) + (128/255)`. -/
noncomputable abbrev activations (α : Type u) [OrderedField α] : QuantParams α :=
  .signed 8 (1/255) (128/255)

/-- Weights: codes -128, …, 127; code `q` stands for `q * (1/100) + (-1/10)`. -/
noncomputable abbrev weights (α : Type u) [OrderedField α] : QuantParams α :=
  .signed 8 (1/100) (-1/10)

/-- Activations from 0 to 1, at most 1 in absolute value, and weights from -1 to 1, at
most 1, saturate by no more than half a step; and 3 times the bound of one product is
711/34000. -/
theorem ranges_and_bound (α : Type u) [OrderedField α] :
    DotBound 3 (activations α) (weights α) 0 1 1 (-1) 1 1
      (711/34000) :=
  dotBound_of_rat (by decide +kernel)

/-- The dot product of 3 activations and weights in those ranges and that of the numbers that
their codes stand for differ by at most 711/34000. That is
above 1/85, which is K·s with the activations' scale s, as seed 003 has it. -/
theorem dot_product_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round)
    {l : List (α × α)} (hlength : l.length = 3)
    (hrange : ∀ aw ∈ l, (0 ≤ aw.1 ∧ aw.1 ≤ 1) ∧ (-1 ≤ aw.2 ∧ aw.2 ≤ 1)) :
    AbsLE (dot l - dot (restored (activations α) (weights α)
      (codes round (activations α) (weights α) l))) (711/34000) :=
  (ranges_and_bound α).error_bound hround hlength hrange

/-- What hardware computes: the dot product of the numbers that 3 pairs of codes stand for,
from the integer dot product of the codes, the sum of the activations' codes, that of the weights'
codes, and a constant. -/
theorem dot_product_integer_formula {α : Type u} [OrderedField α]
    {l : List (Int × Int)} (hlength : l.length = 3) :
    dot (restored (activations α) (weights α) l) =
      1/25500 * (dotInt l : α)
        + -1/2550 * ((l.map Prod.fst).sum : α)
        + 32/6375 * ((l.map Prod.snd).sum : α)
        + -64/425 :=
  dot_restored_of_rat (by decide +kernel) hlength

/-- Seed 003 takes one quantizer for both, here that of the activations, restores the integer dot
product with its scale alone, and claims 3 times that scale for vectors in [-1, 1]. It is false
for 3 times the pair (-1, 1). -/
theorem not_matmul_int4_correct :
    ¬ ∀ l : List (Rat × Rat), l.length = 3 → (∀ aw ∈ l, AbsLE aw.1 1 ∧ AbsLE aw.2 1) →
      AbsLE (dot l - dequantize (activations Rat)
        (dotInt (codes roundHalfUp (activations Rat) (activations Rat) l))) (1/85) :=
  not_seed_matmul (a := -1) (w := 1) (by decide +kernel)

end PyOrch.Emitted.length_3_a_int8_1_255__128_255__0__1_w_int8_1_100__neg_1_10__neg_1__1_half_up
