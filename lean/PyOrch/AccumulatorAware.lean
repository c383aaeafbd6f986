import PyOrch.ChannelWidth

/-!
# Accumulator-aware quantization: A2Q and A2Q+

Two bounds on the norm `‖q‖₁` of a channel's integer weights under which a `P`-bit accumulator
cannot overflow, whatever the `N`-bit inputs. Below, `P + 1` is the width of the accumulator, and
`E` is `N` for unsigned and `N - 1` for signed inputs (the papers' `N - 1_signed`).
-/

namespace PyOrch

/-- **A2Q**: if `‖q‖₁ * 2^E ≤ 2^P - 1`, no partial sum in any order overflows `P + 1` bits. -/
theorem a2q_partial_sum_fits {E P : Nat} {l : List (Int × Int)}
    (hl : InputsIn (-2 ^ E) (2 ^ E) l) (hnorm : l1Norm (weightsOf l) * 2 ^ E ≤ 2 ^ P - 1)
    {order : List Int} (horder : order.Perm (products l)) (k : Nat) :
    FitsSigned (P + 1) (order.take k).sum := by
  have hpow : (0 : Int) < 2 ^ E := Int.pow_pos (by decide)
  rw [l1Norm_eq] at hnorm
  have hmax : maxDot (-2 ^ E) (2 ^ E) (weightsOf l) =
      (posSum (weightsOf l) - negSum (weightsOf l)) * 2 ^ E := by unfold maxDot; grind
  have hmin : minDot (-2 ^ E) (2 ^ E) (weightsOf l) =
      -((posSum (weightsOf l) - negSum (weightsOf l)) * 2 ^ E) := by unfold minDot; grind
  have hpos := posSum_nonneg (weightsOf l)
  have hneg := negSum_nonpos (weightsOf l)
  have hnn : 0 ≤ (posSum (weightsOf l) - negSum (weightsOf l)) * 2 ^ E :=
    Int.mul_nonneg (by omega) (Int.le_of_lt hpow)
  refine channel_partial_sum_fits (xMin := -2 ^ E) (xMax := 2 ^ E) (by omega) (by omega) hl ?_ ?_
    horder k <;> rw [fitsSigned_succ_iff] <;> omega

/-- A2Q for unsigned inputs of `N` bits. -/
theorem a2q_unsigned {N P : Nat} {l : List (Int × Int)} (hl : InputsIn 0 (2 ^ N - 1) l)
    (hnorm : l1Norm (weightsOf l) * 2 ^ N ≤ 2 ^ P - 1)
    {order : List Int} (horder : order.Perm (products l)) (k : Nat) :
    FitsSigned (P + 1) (order.take k).sum :=
  have hpow : (0 : Int) < 2 ^ N := Int.pow_pos (by decide)
  a2q_partial_sum_fits (fun p hp => by have := hl p hp; omega) hnorm horder k

/-- A2Q for signed inputs of `N + 1` bits. -/
theorem a2q_signed {N P : Nat} {l : List (Int × Int)} (hl : InputsIn (-2 ^ N) (2 ^ N - 1) l)
    (hnorm : l1Norm (weightsOf l) * 2 ^ N ≤ 2 ^ P - 1)
    {order : List Int} (horder : order.Perm (products l)) (k : Nat) :
    FitsSigned (P + 1) (order.take k).sum :=
  a2q_partial_sum_fits (fun p hp => by have := hl p hp; omega) hnorm horder k

/-- The bound on the norm in the paper's form, `‖q‖₁ ≤ (2^P - 1) / 2^E`. -/
theorem a2q_norm_iff {E P : Nat} {norm : Int} :
    (norm : Rat) ≤ ((2 ^ P - 1 : Int) : Rat) / ((2 ^ E : Int) : Rat) ↔
      norm * 2 ^ E ≤ 2 ^ P - 1 := by
  have hpow : (0 : Int) < 2 ^ E := Int.pow_pos (by decide)
  have hpos : (0 : Rat) < ((2 ^ E : Int) : Rat) := by
    have := intCast_lt (α := Rat) hpow
    exact this
  rw [le_div_iff hpos, ← Rat.intCast_mul, Rat.intCast_le_intCast]

/-- **A2Q+**: if the weights sum to zero, inputs take at most `2^N` consecutive values that include
0, and `‖q‖₁ * (2^N - 1) ≤ 2^(P+1) - 2`, no partial sum in any order overflows `P + 1` bits. -/
theorem a2qPlus_partial_sum_fits {N P : Nat} {xMin xMax : Int} (hx₁ : xMin ≤ 0) (hx₂ : 0 ≤ xMax)
    (hwidth : xMax - xMin ≤ 2 ^ N - 1) {l : List (Int × Int)} (hl : InputsIn xMin xMax l)
    (hzero : (weightsOf l).sum = 0)
    (hnorm : l1Norm (weightsOf l) * (2 ^ N - 1) ≤ 2 ^ (P + 1) - 2)
    {order : List Int} (horder : order.Perm (products l)) (k : Nat) :
    FitsSigned (P + 1) (order.take k).sum := by
  rw [sum_eq_posSum_add_negSum] at hzero
  have hpos := posSum_nonneg (weightsOf l)
  have hneg : negSum (weightsOf l) = -posSum (weightsOf l) := by omega
  have hP : (2 : Int) ^ (P + 1) = 2 ^ P * 2 := Int.pow_succ ..
  rw [l1Norm_eq, hneg] at hnorm
  have hmono := Int.mul_le_mul_of_nonneg_left hwidth hpos
  have hmono0 := Int.mul_nonneg hpos (show 0 ≤ xMax - xMin by omega)
  have hmax : maxDot xMin xMax (weightsOf l) = posSum (weightsOf l) * (xMax - xMin) := by
    unfold maxDot; rw [hneg]; grind
  have hmin : minDot xMin xMax (weightsOf l) = -(posSum (weightsOf l) * (xMax - xMin)) := by
    unfold minDot; rw [hneg]; grind
  have hhalf : (posSum (weightsOf l) - -posSum (weightsOf l)) * (2 ^ N - 1) =
      2 * (posSum (weightsOf l) * (2 ^ N - 1)) := by grind
  refine channel_partial_sum_fits hx₁ hx₂ hl ?_ ?_ horder k <;> rw [fitsSigned_succ_iff] <;> omega

/-- **A2Q+ needs zero-centred weights**: one weight of 256 with unsigned 8-bit inputs satisfies its
bound for a 16-bit accumulator, `256 * 255 ≤ 2^16 - 2`, and overflows it with the input 255. -/
theorem not_a2qPlus_without_zero_sum :
    ¬ ∀ l : List (Int × Int), InputsIn 0 255 l →
      l1Norm (weightsOf l) * (2 ^ 8 - 1) ≤ 2 ^ 16 - 2 → FitsSigned 16 (dotInt l) := by
  intro h
  have := h [(255, 256)]
    (by intro p hp; rw [List.mem_singleton.1 hp]; decide) (by decide)
  revert this
  decide

end PyOrch
