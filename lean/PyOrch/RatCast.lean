import PyOrch.Numerals

/-!
# Rational numbers in ordered fields

`ratCast q` is the element of an ordered field that the rational number `q` is. What is computed
over `Rat`, by evaluation in the kernel, so holds over every ordered field.
-/

namespace PyOrch

universe u

variable {α : Type u} [OrderedField α]

/-- A rational number as an element of an ordered field. -/
def ratCast (q : Rat) : α := (q.num : α) / (q.den : α)

/-- It is that rational number. -/
instance IsRat.ratCast (q : Rat) : IsRat (ratCast q : α) q := ⟨by
  have := natCast_ne_zero (α := α) q.den_pos
  unfold PyOrch.ratCast
  grind⟩

/-- The cast keeps sums. -/
theorem ratCast_add (a b : Rat) : (ratCast (a + b) : α) = ratCast a + ratCast b := numeral_eq rfl

/-- The cast keeps products. -/
theorem ratCast_mul (a b : Rat) : (ratCast (a * b) : α) = ratCast a * ratCast b := numeral_eq rfl

/-- The cast of zero. -/
theorem ratCast_zero : (ratCast 0 : α) = 0 := numeral_eq rfl

/-- The cast of a rational number that is not negative. -/
theorem ratCast_nonneg {q : Rat} (h : 0 ≤ q) : (0 : α) ≤ ratCast q := numeral_le h

/-- Over the rationals the cast changes nothing. -/
theorem ratCast_rat (q : Rat) : (ratCast q : Rat) = q := by
  show (q.num : Rat) / (q.den : Rat) = q
  rw [← Rat.mkRat_eq_div, Rat.mkRat_self]

end PyOrch
