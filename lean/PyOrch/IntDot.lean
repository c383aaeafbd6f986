/-!
# Integer dot products and their partial sums

An accumulator adds products of codes one by one, in an order that the hardware chooses. Every
partial sum, in every order, lies between the sum of the negative products and the sum of the
positive ones (`partial_sum_mem`).
-/

namespace PyOrch

/-- The exact integer dot product of a list of pairs. -/
def dotInt : List (Int × Int) → Int
  | [] => 0
  | p :: rest => p.1 * p.2 + dotInt rest

/-- The products of a list of pairs. -/
def products : List (Int × Int) → List Int
  | [] => []
  | p :: rest => p.1 * p.2 :: products rest

/-- The dot product is the sum of the products. -/
theorem dotInt_eq_sum (l : List (Int × Int)) : dotInt l = (products l).sum := by
  induction l with
  | nil => rfl
  | cons p rest ih => rw [dotInt, products, List.sum_cons, ih]

/-- The dot product of equal pairs. -/
theorem dotInt_replicate (n : Nat) (x w : Int) :
    dotInt (List.replicate n (x, w)) = n * (x * w) := by
  induction n with
  | zero => simp [dotInt]
  | succ n ih => rw [List.replicate_succ, dotInt, ih, Int.natCast_succ, Int.add_mul, Int.one_mul,
      Int.add_comm]

/-- Sum of the positive numbers of a list. -/
def posSum : List Int → Int
  | [] => 0
  | t :: rest => max t 0 + posSum rest

/-- Sum of the negative numbers of a list: never positive. -/
def negSum : List Int → Int
  | [] => 0
  | t :: rest => min t 0 + negSum rest

/-- Sum of the absolute values of a list: the norm `‖·‖₁`. -/
def l1Norm : List Int → Int
  | [] => 0
  | t :: rest => max t (-t) + l1Norm rest

/-- The positive part is not negative. -/
theorem posSum_nonneg (t : List Int) : 0 ≤ posSum t := by
  induction t with
  | nil => exact Int.le_refl _
  | cons a t ih => rw [posSum]; omega

/-- The negative part is not positive. -/
theorem negSum_nonpos (t : List Int) : negSum t ≤ 0 := by
  induction t with
  | nil => exact Int.le_refl _
  | cons a t ih => rw [negSum]; omega

/-- The norm is the positive part less the negative part. -/
theorem l1Norm_eq (t : List Int) : l1Norm t = posSum t - negSum t := by
  induction t with
  | nil => rfl
  | cons a t ih => rw [l1Norm, posSum, negSum]; omega

/-- The sum is the positive part plus the negative part. -/
theorem sum_eq_posSum_add_negSum (t : List Int) : t.sum = posSum t + negSum t := by
  induction t with
  | nil => rfl
  | cons a t ih => rw [List.sum_cons, posSum, negSum]; omega

/-- The positive part does not depend on the order. -/
theorem posSum_perm {s t : List Int} (h : s.Perm t) : posSum s = posSum t := by
  induction h with
  | nil => rfl
  | cons a _ ih => rw [posSum, posSum, ih]
  | swap a b t => simp only [posSum]; omega
  | trans _ _ ih₁ ih₂ => rw [ih₁, ih₂]

/-- The negative part does not depend on the order. -/
theorem negSum_perm {s t : List Int} (h : s.Perm t) : negSum s = negSum t := by
  induction h with
  | nil => rfl
  | cons a _ ih => rw [negSum, negSum, ih]
  | swap a b t => simp only [negSum]; omega
  | trans _ _ ih₁ ih₂ => rw [ih₁, ih₂]

/-- The sum of the first `k` numbers lies between the negative and the positive part of all. -/
theorem take_sum_mem (t : List Int) (k : Nat) :
    negSum t ≤ (t.take k).sum ∧ (t.take k).sum ≤ posSum t := by
  induction t generalizing k with
  | nil => simp [negSum, posSum]
  | cons a t ih =>
    cases k with
    | zero =>
      rw [List.take_zero, List.sum_nil]
      exact ⟨negSum_nonpos _, posSum_nonneg _⟩
    | succ k =>
      have := ih k
      rw [List.take_succ_cons, List.sum_cons, negSum, posSum]
      omega

/-- **Every partial sum, in every order**, lies between the negative and the positive part. -/
theorem partial_sum_mem {order t : List Int} (h : order.Perm t) (k : Nat) :
    negSum t ≤ (order.take k).sum ∧ (order.take k).sum ≤ posSum t := by
  have := take_sum_mem order k
  rw [posSum_perm h, negSum_perm h] at this
  exact this

/-- `n` numbers that are at most `hi` have a positive part of at most `n * hi`. -/
theorem posSum_le {t : List Int} {hi : Int} (hhi : 0 ≤ hi) (h : ∀ a ∈ t, a ≤ hi) :
    posSum t ≤ t.length * hi := by
  induction t with
  | nil => simp [posSum]
  | cons a t ih =>
    have ha := h a (List.mem_cons_self ..)
    have := ih fun b hb => h b (List.mem_cons_of_mem _ hb)
    rw [posSum, List.length_cons, Int.natCast_succ, Int.add_mul]
    omega

/-- `n` numbers that are at least `lo` have a negative part of at least `n * lo`. -/
theorem le_negSum {t : List Int} {lo : Int} (hlo : lo ≤ 0) (h : ∀ a ∈ t, lo ≤ a) :
    t.length * lo ≤ negSum t := by
  induction t with
  | nil => simp [negSum]
  | cons a t ih =>
    have ha := h a (List.mem_cons_self ..)
    have := ih fun b hb => h b (List.mem_cons_of_mem _ hb)
    rw [negSum, List.length_cons, Int.natCast_succ, Int.add_mul]
    omega

end PyOrch
