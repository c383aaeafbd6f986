import Gate.Clamp

/-! # Still to be proved -/

namespace Gate

/-- Clamping twice is clamping once. -/
theorem clamp_clamp (lower upper x : Int) (h : lower ≤ upper) :
    clamp lower upper (clamp lower upper x) = clamp lower upper x := by
  sorry

end Gate
