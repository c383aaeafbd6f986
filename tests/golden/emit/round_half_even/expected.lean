import PyOrch.Rounding

/-! # Error of rounding to the nearest integer, ties to even -/

namespace PyOrch.Emitted.round_half_even

/-- Rounding errs by at most one half. -/
theorem round_error (y : Rat) : AbsLE (y - (roundHalfEven y : Rat)) (1/2) :=
  isNearest_roundHalfEven y

/-- No integer `n` is nearer to `y` than what `y` is rounded to. -/
theorem round_error_nearest (y : Rat) (n : Int) :
    ratAbs (y - (roundHalfEven y : Rat)) ≤ ratAbs (y - (n : Rat)) :=
  isNearest_roundHalfEven.ratAbs_le y n

/-- A tie goes to the even one of its neighbours, as NumPy's `rint` takes it. -/
theorem round_error_ties (n : Int) :
    roundHalfEven ((n : Rat) + 1/2) = if n % 2 = 0 then n else n + 1 :=
  roundHalfEven_tie n

/-- The bound is attained: the error at 1/2 is exactly 1/2. -/
theorem round_error_attained : ratAbs (1/2 - (roundHalfEven (1/2) : Rat)) = 1/2 :=
  by decide +kernel

/-- No bound smaller than 1/2 holds. -/
theorem round_error_least {c : Rat} (hc : ∀ y : Rat, AbsLE (y - (roundHalfEven y : Rat)) c) :
    1/2 ≤ c :=
  isNearest_roundHalfEven.one_half_le hc

end PyOrch.Emitted.round_half_even
