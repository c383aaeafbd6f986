import PyOrch.Rounding

/-! # Clamping to -3, …, -3 -/

namespace PyOrch.Emitted.clamp_neg_3_to_neg_3

/-- A clamped integer lies between -3 and -3. -/
theorem clamp_in_range (q : Int) :
    -3 ≤ max (-3) (min q (-3)) ∧ max (-3) (min q (-3)) ≤ -3 :=
  clampInt_mem (by decide +kernel) q

/-- An integer between -3 and -3 is left alone. -/
theorem clamp_in_range_unchanged {q : Int} (hlo : -3 ≤ q) (hhi : q ≤ -3) :
    max (-3) (min q (-3)) = q :=
  clampInt_of_mem hlo hhi

/-- No integer `m` between -3 and -3 is nearer to `q` than the clamped one. -/
theorem clamp_in_range_nearest {m : Int} (hlo : -3 ≤ m) (hhi : m ≤ -3) (q : Int) :
    (q - max (-3) (min q (-3))).natAbs ≤ (q - m).natAbs :=
  natAbs_sub_clampInt_le hlo hhi q

/-- Clamping keeps order. -/
theorem clamp_in_range_monotone {q r : Int} (h : q ≤ r) :
    max (-3) (min q (-3)) ≤ max (-3) (min r (-3)) :=
  clampInt_monotone _ _ h

/-- Both ends are attained, so that no smaller range will do. -/
theorem clamp_in_range_attained :
    max (-3) (min (-3) (-3)) = (-3 : Int) ∧ max (-3) (min (-3) (-3)) = (-3 : Int) :=
  by decide +kernel

end PyOrch.Emitted.clamp_neg_3_to_neg_3
