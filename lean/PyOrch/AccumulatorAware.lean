import PyOrch.ChannelWidth
import PyOrch.Field

/-!
# Accumulator-aware quantization: A2Q and A2Q+

Two bounds on the norm `‖q‖₁` of a channel's integer weights under which a `P`-bit accumulator
cannot overflow, whatever the `N`-bit inputs and the order of summation:

* A2Q (Colbert, Pappalardo, Petri-Koenig, arXiv:2308.13504):
  `‖q‖₁ ≤ (2^(P-1) - 1) / 2^N` for unsigned, `(2^(P-1) - 1) / 2^(N-1)` for signed inputs;
* A2Q+ (Colbert, Pappalardo, Petri-Koenig, Umuroglu, arXiv:2401.10432), for weights whose sum is 0:
  `‖q‖₁ ≤ (2^P - 2) / (2^N - 1)`, a hypothesis that it needs (`not_a2qPlus_without_zero_sum`).

Below the width of the accumulator is `P + 1` and that of signed inputs `N + 1`, except where the
bounds are given as numbers (`a2q_noOverflow`, `a2qPlus_noOverflow`).
-/

namespace PyOrch

/-- Inputs of at most `c` in absolute value: the sums are at most `‖q‖₁ * c`. -/
theorem noOverflow_of_l1Norm {P : Nat} {xMin xMax c bound : Int} {ws : List Int}
    (hx : (xMin ≤ 0 ∧ 0 ≤ xMax) ∧ -c ≤ xMin ∧ xMax ≤ c) (hnorm : l1Norm ws * c ≤ bound)
    (hP : FitsSigned P bound) : NoOverflow P xMin xMax ws := by
  obtain ⟨⟨hx₁, hx₂⟩, hc₁, hc₂⟩ := hx
  refine NoOverflow.mono_inputs ((noOverflow_iff (xMin := -c) (xMax := c) ?_ ?_).2 ?_) hc₁ hc₂
  · omega
  · omega
  rw [l1Norm_eq] at hnorm
  have hmax : maxDot (-c) c ws = (posSum ws - negSum ws) * c := by
    rw [maxDot, Int.neg_mul, ← Int.sub_eq_add_neg, ← Int.mul_sub, Int.mul_comm]
  have hmin : minDot (-c) c ws = -((posSum ws - negSum ws) * c) := by
    rw [minDot, Int.mul_comm _ c, Int.mul_sub, Int.neg_sub, Int.neg_mul, Int.add_comm,
      Int.sub_eq_add_neg]
  have hpos := posSum_nonneg ws
  have hneg := negSum_nonpos ws
  have hnn : 0 ≤ (posSum ws - negSum ws) * c := Int.mul_nonneg (by omega) (by omega)
  rw [hmax, hmin]
  have h1 := hP.1
  have h2 := hP.2
  unfold FitsSigned
  omega

/-- Weights that sum to zero: the sums are at most half of `‖q‖₁` times the range of the inputs. -/
theorem noOverflow_of_sum_eq_zero {P : Nat} {xMin xMax bound : Int} {ws : List Int}
    (hx : xMin ≤ 0 ∧ 0 ≤ xMax) (hzero : ws.sum = 0)
    (hnorm : l1Norm ws * (xMax - xMin) ≤ 2 * bound) (hP : FitsSigned P bound) :
    NoOverflow P xMin xMax ws := by
  refine (noOverflow_iff hx.1 hx.2).2 ?_
  rw [sum_eq_posSum_add_negSum] at hzero
  have hpos := posSum_nonneg ws
  have hneg : negSum ws = -posSum ws := by omega
  have hmax : maxDot xMin xMax ws = posSum ws * (xMax - xMin) := by
    rw [maxDot, hneg, Int.mul_neg, ← Int.sub_eq_add_neg, ← Int.sub_mul, Int.mul_comm]
  have hmin : minDot xMin xMax ws = -(posSum ws * (xMax - xMin)) := by
    rw [minDot, hneg, Int.mul_neg, ← Int.sub_eq_add_neg, ← Int.sub_mul, Int.mul_comm, ← Int.mul_neg,
      Int.neg_sub]
  have htwice : l1Norm ws * (xMax - xMin) = 2 * (posSum ws * (xMax - xMin)) := by
    rw [l1Norm_eq, hneg, Int.sub_neg, ← Int.two_mul, Int.mul_assoc]
  have hnn : 0 ≤ posSum ws * (xMax - xMin) := Int.mul_nonneg hpos (by omega)
  rw [hmax, hmin]
  have h1 := hP.1
  have h2 := hP.2
  unfold FitsSigned
  omega

/-- A rational bound on an integer, times a factor. -/
theorem mul_le_of_le_rat {n c bound : Int} {q : Rat} (hc : 0 ≤ c) (hn : (n : Rat) ≤ q)
    (hq : q * c ≤ bound) : n * c ≤ bound := by
  have h := mul_le_mul_right hn (intCast_le (α := Rat) hc)
  have : ((n * c : Int) : Rat) ≤ (bound : Rat) := by
    rw [intCast_mul]
    exact Rat.le_trans (by simpa using h) hq
  exact intCast_le_iff.1 this

/-- **A2Q** with its numbers: the bound `q` on the norm, times the greatest absolute value of an
input, fits. -/
theorem a2q_noOverflow {P : Nat} {xMin xMax c bound : Int} {q : Rat} {ws : List Int}
    (hx : (xMin ≤ 0 ∧ 0 ≤ xMax) ∧ -c ≤ xMin ∧ xMax ≤ c) (hq : q * c ≤ bound)
    (hP : FitsSigned P bound) (hnorm : (l1Norm ws : Rat) ≤ q) : NoOverflow P xMin xMax ws :=
  noOverflow_of_l1Norm hx (mul_le_of_le_rat (by omega) hnorm hq) hP

/-- **A2Q+** with its numbers: the bound `q` on the norm, times the range of the inputs, fits twice;
the weights have to sum to zero. -/
theorem a2qPlus_noOverflow {P : Nat} {xMin xMax bound : Int} {q : Rat} {ws : List Int}
    (hx : xMin ≤ 0 ∧ 0 ≤ xMax) (hq : q * (xMax - xMin : Int) ≤ (2 * bound : Int))
    (hP : FitsSigned P bound) (hzero : ws.sum = 0) (hnorm : (l1Norm ws : Rat) ≤ q) :
    NoOverflow P xMin xMax ws :=
  noOverflow_of_sum_eq_zero hx hzero (mul_le_of_le_rat (by omega) hnorm hq) hP

/-- **A2Q** for unsigned inputs of `N` bits and an accumulator of `P + 1` bits. -/
theorem a2q_unsigned {N P : Nat} {ws : List Int} (hnorm : l1Norm ws * 2 ^ N ≤ 2 ^ P - 1) :
    NoOverflow (P + 1) 0 (2 ^ N - 1) ws := by
  have hN : (0 : Int) < 2 ^ N := Int.pow_pos (by decide)
  have hP : (0 : Int) < 2 ^ P := Int.pow_pos (by decide)
  exact noOverflow_of_l1Norm (c := 2 ^ N) (by omega) hnorm (fitsSigned_succ_iff.2 (by omega))

/-- **A2Q** for signed inputs of `N + 1` bits and an accumulator of `P + 1` bits. -/
theorem a2q_signed {N P : Nat} {ws : List Int} (hnorm : l1Norm ws * 2 ^ N ≤ 2 ^ P - 1) :
    NoOverflow (P + 1) (-2 ^ N) (2 ^ N - 1) ws := by
  have hN : (0 : Int) < 2 ^ N := Int.pow_pos (by decide)
  have hP : (0 : Int) < 2 ^ P := Int.pow_pos (by decide)
  exact noOverflow_of_l1Norm (c := 2 ^ N) (by omega) hnorm (fitsSigned_succ_iff.2 (by omega))

/-- **A2Q+**: inputs that take `2 ^ N` consecutive values, 0 among them, and an accumulator of
`P + 1` bits. -/
theorem a2qPlus {N P : Nat} {xMin xMax : Int} {ws : List Int} (hx : xMin ≤ 0 ∧ 0 ≤ xMax)
    (hwidth : xMax - xMin = 2 ^ N - 1) (hzero : ws.sum = 0)
    (hnorm : l1Norm ws * (2 ^ N - 1) ≤ 2 ^ (P + 1) - 2) : NoOverflow (P + 1) xMin xMax ws := by
  have hP : (0 : Int) < 2 ^ P := Int.pow_pos (by decide)
  have hpow : (2 : Int) ^ (P + 1) = 2 ^ P * 2 := Int.pow_succ ..
  refine noOverflow_of_sum_eq_zero (bound := 2 ^ P - 1) hx hzero ?_
    (fitsSigned_succ_iff.2 (by omega))
  rw [hwidth]
  omega

/-- **A2Q+ needs zero-centred weights**: one weight of 256 with unsigned 8-bit inputs satisfies its
bound for a 16-bit accumulator, `256 * 255 ≤ 2^16 - 2`, and overflows it with the input 255. -/
theorem not_a2qPlus_without_zero_sum :
    ¬ ∀ ws : List Int, l1Norm ws * (2 ^ 8 - 1) ≤ 2 ^ 16 - 2 → NoOverflow 16 0 255 ws :=
  fun h => not_noOverflow (l := [(255, 256)]) (by decide) (by decide) (h [256] (by decide))

end PyOrch
