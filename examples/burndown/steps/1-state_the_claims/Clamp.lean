/-! # Clamping to a range -/

/-- The number in `[lo, hi]` that is nearest to `x`. -/
def clamp (lo hi x : Int) : Int := sorry

theorem clamp_le (lo hi x : Int) (h : lo ≤ hi) : clamp lo hi x ≤ hi := by
  sorry

theorem le_clamp (lo hi x : Int) (h : lo ≤ hi) : lo ≤ clamp lo hi x := by
  sorry
