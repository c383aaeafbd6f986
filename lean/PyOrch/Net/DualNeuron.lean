import PyOrch.Net.PackedCertificate

/-!
# Linear relaxation of a neuron, and of a pair of neurons

Coefficients `a` of a neuron's output are replaced by coefficients `p` of what the neuron receives:
`a * relu z ≤ p * z + gap`, where `gap` is the largest `a * relu z - p * z` between the bounds of
`z`. Every `p` is sound. A pair of neurons, one of each network, is relaxed together, with bounds of
`t`, of `s` and of `t - s`. Everything is an integer here and computed by the means of
`PyOrch.Net.FastInt`.
-/

namespace PyOrch

universe u

noncomputable section

/-! ## Evaluation at once

The kernel passes arguments on unevaluated; a value that is used more than once is evaluated first.
-/

/-- `f n`, after `n` is evaluated. -/
def forceNat {γ : Type} (n : Nat) (f : Nat → γ) : γ :=
  Nat.rec (f 0) (fun m _ => f (Nat.succ m)) n

/-- `f a`, after `a` is evaluated. -/
def forceInt {γ : Type} (a : Int) (f : Int → γ) : γ :=
  Int.rec (fun n => forceNat n fun n => f (.ofNat n)) (fun n => forceNat n fun n => f (.negSucc n))
    a

/-- `forceNat` applies the function. -/
@[simp] theorem forceNat_eq {γ : Type} (n : Nat) (f : Nat → γ) : forceNat n f = f n := by
  cases n <;> rfl

/-- `forceInt` applies the function. -/
@[simp] theorem forceInt_eq {γ : Type} (a : Int) (f : Int → γ) : forceInt a f = f a := by
  cases a with
  | ofNat n => exact forceNat_eq n fun n => f (.ofNat n)
  | negSucc n => exact forceNat_eq n fun n => f (.negSucc n)

/-! ## The largest value of a linear function -/

/-- `a * b` -/
def fastMul (a b : Int) : Int :=
  Int.rec (fun m => fastScale m b) (fun m => fastNeg (fastScale (Nat.succ m) b)) a

/-- The largest `c * x`. -/
def top (c : Int) (x : Interval) : Int :=
  Int.rec (fun m => fastScale m x.hi) (fun m => fastNeg (fastScale (Nat.succ m) x.lo)) c

/-- An upper bound of `c * t + e * s`, the least of those by `c * t + e * s =
m * (t - s) + (c - m) * t + (e + m) * s` with `m = 0, c, -e`. -/
def topPair (c e : Int) (t s δ : Interval) : Int :=
  fastMin (fastAdd (top c t) (top e s))
    (fastMin (fastAdd (top c δ) (top (fastAdd c e) s))
      (fastAdd (top (fastNeg e) δ) (top (fastAdd c e) t)))

/-- Not negative. -/
def isNonneg (a : Int) : Bool := Int.rec (fun _ => true) (fun _ => false) a

/-- The sign is open. -/
def isOpen (z : Interval) : Bool :=
  Bool.not (isNonneg z.lo) && Bool.not (isNonneg (fastNeg z.hi))

/-- The larger of the values for the part of `z` where a ReLU passes and for the one where it does
not; only one of them where `z` has one sign. -/
def overSigns (z : Interval) (f : Bool → Interval → Int) : Int :=
  bif isNonneg z.lo then f true z
  else bif isNonneg (fastNeg z.hi) then f false z
  else fastMax (f true ⟨.ofNat 0, z.hi⟩) (f false ⟨z.lo, .ofNat 0⟩)

/-- The largest `a * relu z - p * z`. -/
def reluGap (a p : Int) (z : Interval) : Int :=
  overSigns z fun passes x => forceInt (bif passes then fastSub a p else fastNeg p) fun c => top c x

/-- An upper bound of `a * relu t + b * relu s - p * t - q * s` where `t - s` is in `δ`: each alone,
if both signs are known (multipliers of use then make both zero), or else by the difference, too. -/
def pairGap (a b p q : Int) (t s δ : Interval) : Int :=
  bif isOpen t || isOpen s then
    overSigns t fun passes x => forceInt (bif passes then fastSub a p else fastNeg p) fun c =>
    overSigns s fun passes y => forceInt (bif passes then fastSub b q else fastNeg q) fun e =>
      topPair c e x y δ
  else fastAdd (reluGap a p t) (reluGap b q s)

/-! ## Slopes: those that CROWN takes -/

/-- `c` times the slope of the chord of the ReLU over `z`, rounded down. -/
def chord (c : Int) (z : Interval) : Int :=
  bif isNonneg z.lo then c
  else bif isNonneg (fastNeg z.hi) then .ofNat 0
  else Int.rec (fun m => fastFloor m (fastMul z.hi c)) (fun _ => .ofNat 0) (fastSub z.hi z.lo)

/-- `c` times the slope of the line above the ReLU (if `c` is not negative) or of one below it. -/
def slope (c : Int) (z : Interval) : Int :=
  bif isNonneg c then chord c z
  else bif isNonneg (fastAdd z.lo z.hi) then c else .ofNat 0

/-- The slopes are taken by the difference, because it has the narrower bounds. -/
def byDifference (t δ : Interval) : Bool :=
  Bool.not (isNonneg (fastSub (fastSub δ.hi δ.lo) (fastSub t.hi t.lo)))

/-- The coefficient of `t`, if `a` is that of `relu t`. -/
def teacherSlope (a : Int) (t s δ : Interval) : Int :=
  bif byDifference t δ then
    bif isNonneg t.lo && isNonneg s.lo then a
    else bif isNonneg (fastNeg t.hi) && isNonneg (fastNeg s.hi) then .ofNat 0
    else chord a (bif isNonneg a then δ else ⟨fastNeg δ.hi, fastNeg δ.lo⟩)
  else slope a t

/-- The coefficient of `s`, if `a` and `b` are those of `relu t` and `relu s`. -/
def studentSlope (a b : Int) (t s δ : Interval) : Int :=
  bif byDifference t δ then fastSub (slope (fastAdd a b) s) (teacherSlope a t s δ) else slope b s

end

/-! ## Soundness -/

variable {α : Type u} [OrderedField α]

/-- `top` is an upper bound. -/
theorem le_top (c : Int) {x : Interval} {v : α} (h : x.Holds v) :
    (c : α) * v ≤ ((top c x : Int) : α) := by
  have := (h.scale c).2
  cases c with
  | ofNat m =>
    show _ ≤ ((fastScale m x.hi : Int) : α)
    rw [fastScale_eq]
    exact this
  | negSucc m =>
    show _ ≤ ((fastNeg (fastScale (Nat.succ m) x.lo) : Int) : α)
    rw [fastNeg_eq, fastScale_eq, ← Int.neg_mul]
    exact this

private theorem le_of_mul_sub {c e v w a b : α} (h : c * (v - w) ≤ a) (h' : (c + e) * w ≤ b) :
    c * v + e * w ≤ a + b := by grind

private theorem le_of_neg_mul_sub {c e v w a b : α} (h : -e * (v - w) ≤ a)
    (h' : (c + e) * v ≤ b) : c * v + e * w ≤ a + b := by grind

/-- `topPair` is an upper bound. -/
theorem le_topPair (c e : Int) {t s δ : Interval} {v w : α} (ht : t.Holds v) (hs : s.Holds w)
    (hδ : δ.Holds (v - w)) : (c : α) * v + e * w ≤ ((topPair c e t s δ : Int) : α) := by
  have h₁ := le_top c ht
  have h₂ := le_top e hs
  have h₃ := le_top c hδ
  have h₄ := le_top (c + e) hs
  have h₅ := le_top (-e) hδ
  have h₆ := le_top (c + e) ht
  rw [intCast_add] at h₄ h₆
  rw [intCast_neg] at h₅
  simp only [topPair, fastMin_eq, fastAdd_eq, fastNeg_eq]
  refine le_intCast_min ?_ (le_intCast_min ?_ ?_) <;> rw [intCast_add]
  · exact Lean.Grind.OrderedAdd.add_le_add h₁ h₂
  · exact le_of_mul_sub h₃ h₄
  · exact le_of_neg_mul_sub h₅ h₆

/-- `isNonneg` decides the sign. -/
theorem isNonneg_iff (a : Int) : isNonneg a = true ↔ 0 ≤ a := by
  cases a with
  | ofNat n => exact ⟨fun _ => Int.natCast_nonneg n, fun _ => rfl⟩
  | negSucc n =>
    exact ⟨fun h => absurd (show false = true from h) (by decide), fun h => by omega⟩

/-- Whatever a neuron receives, one of the parts of its bounds holds it. -/
theorem exists_le_overSigns {z : Interval} {v : α} (h : z.Holds v) (f : Bool → Interval → Int) :
    ∃ passes x, Interval.Holds x v ∧ Activation.relu.eval v = (bif passes then v else 0) ∧
      f passes x ≤ overSigns z f := by
  have h0 := intCast_zero (α := α)
  have hz : Int.ofNat 0 = 0 := rfl
  unfold overSigns
  cases h₁ : isNonneg z.lo
  · cases h₂ : isNonneg (fastNeg z.hi)
    · simp only [cond_false, fastMax_eq]
      by_cases hv : 0 ≤ v
      · refine ⟨true, ⟨.ofNat 0, z.hi⟩, ⟨?_, h.2⟩, ?_, by omega⟩
        · simp only [hz, h0]; exact hv
        · simp only [Activation.eval, hv, if_true, cond_true]
      · refine ⟨false, ⟨z.lo, .ofNat 0⟩, ⟨h.1, ?_⟩, ?_, by omega⟩
        · simp only [hz, h0]; exact Std.le_of_lt (Std.not_le.1 hv)
        · simp only [Activation.eval, hv, if_false, cond_false]
    · refine ⟨false, z, h, ?_, by simp only [cond_false, cond_true]; omega⟩
      rw [isNonneg_iff, fastNeg_eq] at h₂
      have h₃ := intCast_le (α := α) (show z.hi ≤ 0 by omega)
      rw [h0] at h₃
      simp only [Activation.eval, cond_false]
      split
      · rename_i h₀
        exact Std.le_antisymm (Std.le_trans h.2 h₃) h₀
      · rfl
  · refine ⟨true, z, h, ?_, by simp only [cond_true]; omega⟩
    rw [isNonneg_iff] at h₁
    have h₃ := intCast_le (α := α) h₁
    rw [h0] at h₃
    have hv : 0 ≤ v := Std.le_trans h₃ h.1
    simp only [Activation.eval, hv, if_true, cond_true]

/-- What a neuron that passes or does not makes of two coefficients. -/
private theorem gap_eq (a p : Int) (passes : Bool) (v : α) :
    (a : α) * (bif passes then v else 0) - p * v
      = ((bif passes then fastSub a p else fastNeg p : Int) : α) * v := by
  cases passes <;>
    simp only [cond_true, cond_false, fastSub_eq, fastNeg_eq, intCast_sub, intCast_neg] <;>
    grind

private theorem add_sub_sub {a b p q : α} : a + b - p - q = a - p + (b - q) := by grind

/-- `reluGap` is an upper bound. -/
theorem le_reluGap (a p : Int) {z : Interval} {v : α} (h : z.Holds v) :
    (a : α) * Activation.relu.eval v - p * v ≤ ((reluGap a p z : Int) : α) := by
  simp only [reluGap, forceInt_eq]
  obtain ⟨passes, x, hx, hv, hle⟩ := exists_le_overSigns h
    fun passes x => top (bif passes then fastSub a p else fastNeg p) x
  have hle := intCast_le (α := α) hle
  have ht := le_top (bif passes then fastSub a p else fastNeg p) hx
  rw [hv, gap_eq]
  exact Std.le_trans ht hle

/-- `pairGap` is an upper bound. -/
theorem le_pairGap (a b p q : Int) {t s δ : Interval} {v w : α} (ht : t.Holds v) (hs : s.Holds w)
    (hδ : δ.Holds (v - w)) :
    (a : α) * Activation.relu.eval v + b * Activation.relu.eval w - p * v - q * w
      ≤ ((pairGap a b p q t s δ : Int) : α) := by
  simp only [pairGap, forceInt_eq]
  cases isOpen t || isOpen s
  · have h₁ := le_reluGap a p ht
    have h₂ := le_reluGap b q hs
    rw [cond_false, fastAdd_eq, intCast_add, add_sub_sub]
    exact Lean.Grind.OrderedAdd.add_le_add h₁ h₂
  · rw [cond_true]
    obtain ⟨on, x, hx, hv, hle⟩ := exists_le_overSigns ht fun passes x =>
      overSigns s fun passes' y => topPair (bif passes then fastSub a p else fastNeg p)
        (bif passes' then fastSub b q else fastNeg q) x y δ
    obtain ⟨on', y, hy, hw, hle'⟩ := exists_le_overSigns hs fun passes' y =>
      topPair (bif on then fastSub a p else fastNeg p)
        (bif passes' then fastSub b q else fastNeg q) x y δ
    have hle := intCast_le (α := α) (Int.le_trans hle' hle)
    have hp := le_topPair (bif on then fastSub a p else fastNeg p)
      (bif on' then fastSub b q else fastNeg q) hx hy hδ
    rw [hv, hw, add_sub_sub, gap_eq, gap_eq]
    exact Std.le_trans hp hle

end PyOrch
