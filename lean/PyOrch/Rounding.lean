import PyOrch.Field

/-!
# Rounding to an integer, and clamping

What the quantization theorems need of a rounding is only that it goes to a nearest integer
(`IsNearest`); how it breaks ties does not matter to them. The two roundings in use, half up
(`⌊y + 1/2⌋`) and half to even (NumPy's `rint`), are shown to be of that kind over the rationals.

Seed document 003 calls these facts `round_error` and `clamp_in_range`.
-/

namespace PyOrch

universe u

section
variable {α : Type u} [OrderedField α]

/-- `round` goes to a nearest integer: `|y - round y| ≤ 1/2` for every `y`. Ties are free. -/
def IsNearest (round : α → Int) : Prop := ∀ y : α, AbsLE (y - (round y : α)) (1 / 2)

/-- A nearest rounding leaves integers alone. -/
theorem IsNearest.round_intCast {round : α → Int} (h : IsNearest round) (n : Int) :
    round (n : α) = n := by
  have hlo := (h (n : α)).1
  have hhi := (h (n : α)).2
  have h1 : round (n : α) < n + 1 := (intCast_lt_iff (α := α)).1 (by grind)
  have h2 : n < round (n : α) + 1 := (intCast_lt_iff (α := α)).1 (by grind)
  omega

/-- A nearest rounding of anything above `n - 1/2` is at least `n`. -/
theorem IsNearest.le_round {round : α → Int} (h : IsNearest round) {n : Int} {y : α}
    (hy : (n : α) - 1 / 2 < y) : n ≤ round y := by
  have := (h y).2
  have h1 : n < round y + 1 := (intCast_lt_iff (α := α)).1 (by grind)
  omega

/-- A nearest rounding of anything below `n + 1/2` is at most `n`. -/
theorem IsNearest.round_le {round : α → Int} (h : IsNearest round) {n : Int} {y : α}
    (hy : y < (n : α) + 1 / 2) : round y ≤ n := by
  have := (h y).1
  have h1 : round y < n + 1 := (intCast_lt_iff (α := α)).1 (by grind)
  omega

/-- Every nearest rounding is monotone, whatever it does with ties. -/
theorem IsNearest.monotone {round : α → Int} (h : IsNearest round) {x y : α} (hxy : x ≤ y) :
    round x ≤ round y := by
  by_cases heq : x = y
  · rw [heq]; exact Int.le_refl _
  · have := (h x).1
    have := (h y).2
    have h1 : round x < round y + 1 := (intCast_lt_iff (α := α)).1 (by grind)
    omega

private theorem half_le_above {y r n b : α} (h : -(1 / 2) ≤ y - r) (hr : n + 1 ≤ r)
    (hb : y - n ≤ b) : 1 / 2 ≤ b := by grind

private theorem half_le_below {y r n b : α} (h : y - r ≤ 1 / 2) (hr : r + 1 ≤ n)
    (hb : -b ≤ y - n) : 1 / 2 ≤ b := by grind

/-- No integer is nearer: what bounds the distance to some integer bounds that to `round y`. -/
theorem IsNearest.absLE_of_int {round : α → Int} (h : IsNearest round) {y b : α} {n : Int}
    (hn : AbsLE (y - (n : α)) b) : AbsLE (y - (round y : α)) b := by
  by_cases heq : n = round y
  · exact heq ▸ hn
  · refine (h y).mono ?_
    have cast : ∀ {a b : Int}, a + 1 ≤ b → (a : α) + 1 ≤ (b : α) := fun hab => by
      have := intCast_le (α := α) hab
      rwa [intCast_add, intCast_one] at this
    cases Int.lt_or_gt_of_ne heq with
    | inl hlt => exact half_le_above (h y).1 (cast hlt) hn.2
    | inr hlt => exact half_le_below (h y).2 (cast hlt) hn.1

/-- No bound below one half holds for all numbers: rounding one half errs by one half. -/
theorem IsNearest.one_half_le {round : α → Int} (h : IsNearest round) {c : α}
    (hc : ∀ y : α, AbsLE (y - (round y : α)) c) : 1 / 2 ≤ c := by
  have h1 := (h (1 / 2)).1; have h2 := (h (1 / 2)).2
  have h3 := (hc (1 / 2)).1; have h4 := (hc (1 / 2)).2
  by_cases hle : round (1 / 2) ≤ 0
  · have := intCast_le (α := α) hle
    rw [intCast_zero] at this
    grind
  · have := intCast_le (α := α) (show 1 ≤ round (1 / 2) by omega)
    rw [intCast_one] at this
    grind

end

/-! ## The two roundings in use, over the rationals -/

-- One half is written `mkRat 1 2` in the definitions, since the embedded toolchain's code
-- generator cannot share what it makes of a rational literal between modules.

/-- Round to nearest, ties upward: `⌊y + 1/2⌋`. -/
def roundHalfUp (y : Rat) : Int := (y + mkRat 1 2).floor

/-- Round to nearest, ties to the even neighbour, as NumPy's `rint` does: `⌊y + 1/2⌋`, or one less
where `y + 1/2` is an odd integer. -/
def roundHalfEven (y : Rat) : Int :=
  if (y + mkRat 1 2).den = 1 ∧ (y + mkRat 1 2).floor % 2 = 1
  then (y + mkRat 1 2).floor - 1
  else (y + mkRat 1 2).floor

/-- One half, in the two notations. -/
theorem mkRat_one_two : mkRat 1 2 = (1 / 2 : Rat) := by decide +kernel

/-- The definition of `roundHalfUp` in the usual notation. -/
theorem roundHalfUp_eq (y : Rat) : roundHalfUp y = (y + 1 / 2).floor := by
  rw [roundHalfUp, mkRat_one_two]

/-- The definition of `roundHalfEven` in the usual notation. -/
theorem roundHalfEven_eq (y : Rat) :
    roundHalfEven y =
      if ((y + 1 / 2).floor : Rat) = y + 1 / 2 ∧ (y + 1 / 2).floor % 2 = 1
      then (y + 1 / 2).floor - 1
      else (y + 1 / 2).floor := by
  have hden : ∀ z : Rat, z.den = 1 ↔ (z.floor : Rat) = z := by
    intro z
    constructor
    · intro h
      rw [Rat.floor_def, h]
      exact Rat.ext (by simp) (by simp [h])
    · intro h
      rw [← h]; rfl
  simp only [roundHalfEven, mkRat_one_two, hden]

/-- Rounding half up errs by at most one half. -/
theorem isNearest_roundHalfUp : IsNearest roundHalfUp := by
  intro y
  have h1 := Rat.floor_le (y + 1 / 2)
  have h2 := Rat.lt_floor_add_one (y + 1 / 2)
  rw [AbsLE, roundHalfUp_eq]
  grind

/-- Rounding half to even errs by at most one half. -/
theorem isNearest_roundHalfEven : IsNearest roundHalfEven := by
  intro y
  have h1 := Rat.floor_le (y + 1 / 2)
  have h2 := Rat.lt_floor_add_one (y + 1 / 2)
  rw [AbsLE, roundHalfEven_eq]
  split <;> grind

/-- On a tie, rounding half to even gives an even number. -/
theorem roundHalfEven_even_of_tie {y : Rat} (h : ((y + 1 / 2).floor : Rat) = y + 1 / 2) :
    roundHalfEven y % 2 = 0 := by
  rw [roundHalfEven_eq]
  grind

/-- Away from ties the two roundings agree. -/
theorem roundHalfEven_eq_roundHalfUp {y : Rat} (h : ((y + 1 / 2).floor : Rat) ≠ y + 1 / 2) :
    roundHalfEven y = roundHalfUp y := by
  rw [roundHalfEven_eq, roundHalfUp_eq]
  grind

/-- Half up: a tie goes to the greater neighbour. -/
theorem roundHalfUp_tie (n : Int) : roundHalfUp ((n : Rat) + 1 / 2) = n + 1 := by
  rw [roundHalfUp_eq, show (n : Rat) + 1 / 2 + 1 / 2 = ((n + 1 : Int) : Rat) by grind,
    Rat.floor_intCast]

/-- Half to even: a tie goes to the even one of its neighbours. -/
theorem roundHalfEven_tie (n : Int) :
    roundHalfEven ((n : Rat) + 1 / 2) = if n % 2 = 0 then n else n + 1 := by
  rw [roundHalfEven_eq, show (n : Rat) + 1 / 2 + 1 / 2 = ((n + 1 : Int) : Rat) by grind,
    Rat.floor_intCast]
  grind

/-- No integer is nearer to `y` than `round y`. -/
theorem IsNearest.ratAbs_le {round : Rat → Int} (h : IsNearest round) (y : Rat) (n : Int) :
    ratAbs (y - (round y : Rat)) ≤ ratAbs (y - (n : Rat)) :=
  absLE_iff_ratAbs_le.1 (h.absLE_of_int (absLE_iff_ratAbs_le.2 Rat.le_refl))

/-! ## Clamping -/

/-- The integer of `[lo, hi]` nearest to `q`: what saturating hardware stores. -/
def clampInt (lo hi q : Int) : Int := max lo (min q hi)

/-- A clamped integer lies in the range. -/
theorem clampInt_mem {lo hi : Int} (h : lo ≤ hi) (q : Int) :
    lo ≤ clampInt lo hi q ∧ clampInt lo hi q ≤ hi := by
  unfold clampInt; omega

/-- Clamping leaves the range itself alone. -/
theorem clampInt_of_mem {lo hi q : Int} (h1 : lo ≤ q) (h2 : q ≤ hi) : clampInt lo hi q = q := by
  unfold clampInt; omega

/-- What lies below the range is clamped to its lower end. -/
theorem clampInt_of_le {lo hi q : Int} (h : q ≤ lo) : clampInt lo hi q = lo := by
  unfold clampInt; omega

/-- What lies above the range is clamped to its upper end. -/
theorem clampInt_of_ge {lo hi q : Int} (h : lo ≤ hi) (hq : hi ≤ q) : clampInt lo hi q = hi := by
  unfold clampInt; omega

/-- Clamping is monotone. -/
theorem clampInt_monotone (lo hi : Int) {q r : Int} (h : q ≤ r) :
    clampInt lo hi q ≤ clampInt lo hi r := by
  unfold clampInt; omega

/-- Clamping goes to the nearest integer of the range. -/
theorem natAbs_sub_clampInt_le {lo hi m : Int} (h1 : lo ≤ m) (h2 : m ≤ hi) (q : Int) :
    (q - clampInt lo hi q).natAbs ≤ (q - m).natAbs := by
  unfold clampInt; omega

/-- Seed 003, `activation_quantization_bounded`: a symmetric INT8 code lies in [-127, 127]. -/
theorem activation_quantization_bounded {α : Type u} [OrderedField α] (round : α → Int) (x : α) :
    -127 ≤ clampInt (-127) 127 (round (x * 127)) ∧
      clampInt (-127) 127 (round (x * 127)) ≤ 127 :=
  clampInt_mem (by decide) _

end PyOrch
