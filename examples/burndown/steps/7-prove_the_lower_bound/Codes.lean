import Clamp

/-! # Codes of four bits -/

/-- The code of a number. -/
def code (x : Int) : Int := clamp (-8) 7 x

theorem code_le (x : Int) : code x ≤ 7 := clamp_le _ _ _ (by decide)

theorem le_code (x : Int) : -8 ≤ code x := le_clamp _ _ _ (by decide)
