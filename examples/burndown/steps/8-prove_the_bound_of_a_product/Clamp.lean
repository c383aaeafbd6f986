/-! # Clamping to a range -/

/-- The number in `[lo, hi]` that is nearest to `x`. -/
def clamp (lo hi x : Int) : Int := max lo (min x hi)

theorem clamp_le (lo hi x : Int) (h : lo ≤ hi) : clamp lo hi x ≤ hi := by
  unfold clamp
  omega

theorem le_clamp (lo hi x : Int) (_ : lo ≤ hi) : lo ≤ clamp lo hi x := by
  unfold clamp
  omega
