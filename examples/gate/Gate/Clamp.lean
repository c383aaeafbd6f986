import PyOrch.Rounding

/-! # Clamping to the range of a quantizer -/

namespace Gate

open PyOrch

/-- What a quantizer does to codes beyond the ends of its range. -/
def clamp (lower upper x : Int) : Int :=
  if x < lower then lower else if upper < x then upper else x

/-- Every code is in the range. -/
theorem clamp_mem (lower upper x : Int) (h : lower ≤ upper) :
    lower ≤ clamp lower upper x ∧ clamp lower upper x ≤ upper := by
  unfold clamp
  repeat' split
  all_goals omega

/-- Codes grow with the values, whatever the rounding does with ties. -/
theorem clamp_round_mono {α : Type} [OrderedField α] {round : α → Int} (hr : IsNearest round)
    {lower upper : Int} (h : lower ≤ upper) {x y : α} (hxy : x ≤ y) :
    clamp lower upper (round x) ≤ clamp lower upper (round y) := by
  have := hr.monotone hxy
  unfold clamp
  repeat' split
  all_goals omega

end Gate
