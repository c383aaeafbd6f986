import PyOrch.Rounding

/-! # Error of rounding to the nearest integer, ties up -/

namespace PyOrch.Emitted.round_half_up

/-- Rounding errs by at most one half. -/
theorem round_error (y : Rat) : AbsLE (y - (roundHalfUp y : Rat)) (1/2) :=
  isNearest_roundHalfUp y

/-- No integer `n` is nearer to `y` than what `y` is rounded to. -/
theorem round_error_nearest (y : Rat) (n : Int) :
    ratAbs (y - (roundHalfUp y : Rat)) ≤ ratAbs (y - (n : Rat)) :=
  isNearest_roundHalfUp.ratAbs_le y n

/-- A tie goes up. -/
theorem round_error_ties (n : Int) : roundHalfUp ((n : Rat) + 1/2) = n + 1 :=
  roundHalfUp_tie n

/-- The bound is attained: the error at 1/2 is exactly 1/2. -/
theorem round_error_attained : ratAbs (1/2 - (roundHalfUp (1/2) : Rat)) = 1/2 :=
  by decide +kernel

/-- No bound smaller than 1/2 holds. -/
theorem round_error_least {c : Rat} (hc : ∀ y : Rat, AbsLE (y - (roundHalfUp y : Rat)) c) :
    1/2 ≤ c :=
  isNearest_roundHalfUp.one_half_le hc

end PyOrch.Emitted.round_half_up
