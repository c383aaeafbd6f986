import PyOrch.Rounding

/-! # Clamping to -8, …, 7 -/

namespace PyOrch.Emitted.clamp_neg_8_to_7

/-- A clamped integer lies between -8 and 7. -/
theorem clamp_in_range (q : Int) :
    -8 ≤ max (-8) (min q 7) ∧ max (-8) (min q 7) ≤ 7 :=
  clampInt_mem (by decide +kernel) q

/-- An integer between -8 and 7 is left alone. -/
theorem clamp_in_range_unchanged {q : Int} (hlo : -8 ≤ q) (hhi : q ≤ 7) :
    max (-8) (min q 7) = q :=
  clampInt_of_mem hlo hhi

/-- No integer `m` between -8 and 7 is nearer to `q` than the clamped one. -/
theorem clamp_in_range_nearest {m : Int} (hlo : -8 ≤ m) (hhi : m ≤ 7) (q : Int) :
    (q - max (-8) (min q 7)).natAbs ≤ (q - m).natAbs :=
  natAbs_sub_clampInt_le hlo hhi q

/-- Clamping keeps order. -/
theorem clamp_in_range_monotone {q r : Int} (h : q ≤ r) :
    max (-8) (min q 7) ≤ max (-8) (min r 7) :=
  clampInt_monotone _ _ h

/-- Both ends are attained, so that no smaller range will do. -/
theorem clamp_in_range_attained :
    max (-8) (min (-8) 7) = (-8 : Int) ∧ max (-8) (min 7 7) = (7 : Int) :=
  by decide +kernel

end PyOrch.Emitted.clamp_neg_8_to_7
