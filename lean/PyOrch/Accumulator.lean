import PyOrch.IntDot

/-!
# Accumulators: how wide is wide enough

Sums of products of `a`-bit and `w`-bit two's complement codes in a `P`-bit accumulator. For `K`
pairs of arbitrary codes no partial sum overflows, in any order, if and only if
`K * 2^(a+w-2) < 2^(P-1)` (`accumulator_fits_iff`). Where the exact sum fits, wrapping `P`-bit
arithmetic computes it, even if partial sums wrapped around on the way (`wrapping_dot_toInt`).

Seed document 003's `no_int32_overflow` is false as stated (`not_no_int32_overflow`), and so is the
bound `127 * 7` in its proof (`not_int8_int4_product_bound`); the sizes that it has in mind are
`accumulator_bounded_70B_int4_int4` and `accumulator_bounded_70B_int8_int4`.
-/

namespace PyOrch

/-- `n` is a `P`-bit two's complement number: `-2^(P-1) ≤ n < 2^(P-1)`. It is said of `2 n`, so that
it is also right for `P = 0`. -/
def FitsSigned (P : Nat) (n : Int) : Prop := -2 ^ P ≤ 2 * n ∧ 2 * n < 2 ^ P

instance (P : Nat) (n : Int) : Decidable (FitsSigned P n) :=
  inferInstanceAs (Decidable (_ ∧ _))

/-- The usual form of the two bounds. -/
theorem fitsSigned_succ_iff {P : Nat} {n : Int} :
    FitsSigned (P + 1) n ↔ -2 ^ P ≤ n ∧ n < 2 ^ P := by
  unfold FitsSigned
  rw [Int.pow_succ]
  omega

/-- What lies between two `P`-bit numbers is one. -/
theorem FitsSigned.of_mem {P : Nat} {lo hi n : Int} (hlo : FitsSigned P lo) (hhi : FitsSigned P hi)
    (h₁ : lo ≤ n) (h₂ : n ≤ hi) : FitsSigned P n := by
  have := hlo.1
  have := hhi.2
  unfold FitsSigned
  omega

/-- A number that fits also fits one bit more. -/
theorem FitsSigned.succ {P : Nat} {n : Int} (h : FitsSigned P n) : FitsSigned (P + 1) n := by
  have hpos : (0 : Int) < 2 ^ P := Int.pow_pos (by decide)
  have := h.1
  have := h.2
  unfold FitsSigned
  rw [Int.pow_succ]
  omega

/-- A number that fits also fits every greater width. -/
theorem FitsSigned.mono {P Q : Nat} {n : Int} (h : FitsSigned P n) (hPQ : P ≤ Q) :
    FitsSigned Q n := by
  induction hPQ with
  | refl => exact h
  | step _ ih => exact ih.succ

/-! ## Wrapping arithmetic -/

/-- `n` fits `P` bits just if storing it in `P` bits and reading it back gives `n`. -/
theorem toInt_ofInt_of_fits {P : Nat} {n : Int} (h : FitsSigned P n) :
    (BitVec.ofInt P n).toInt = n := by
  have h1 := h.1
  have h2 := h.2
  rw [BitVec.toInt_ofInt]
  have hpow : ((2 ^ P : Nat) : Int) = 2 ^ P := by simp
  cases P with
  | zero =>
    have hn : n = 0 := by simp only [Int.pow_zero] at h1 h2; omega
    rw [hn]; rfl
  | succ P =>
    have hs : ((2 : Int) ^ (P + 1)) = 2 ^ P * 2 := Int.pow_succ ..
    refine Int.bmod_eq_of_le ?_ ?_ <;> omega

/-- What a `P`-bit accumulator holds that multiplies and adds codes and wraps around. -/
def wrappingDot (P : Nat) : List (Int × Int) → BitVec P
  | [] => 0#P
  | p :: rest => BitVec.ofInt P p.1 * BitVec.ofInt P p.2 + wrappingDot P rest

/-- Wrapping arithmetic computes the exact dot product modulo `2^P`, whatever wrapped around. -/
theorem wrappingDot_eq_ofInt (P : Nat) (l : List (Int × Int)) :
    wrappingDot P l = BitVec.ofInt P (dotInt l) := by
  induction l with
  | nil => rfl
  | cons p rest ih => rw [wrappingDot, dotInt, BitVec.ofInt_add, BitVec.ofInt_mul, ih]

/-- **Wrapping arithmetic is exact where the result fits.** -/
theorem wrappingDot_toInt {P : Nat} {l : List (Int × Int)} (h : FitsSigned P (dotInt l)) :
    (wrappingDot P l).toInt = dotInt l := by
  rw [wrappingDot_eq_ofInt, toInt_ofInt_of_fits h]

/-- What a `P`-bit register holds is a `P`-bit number. -/
theorem fitsSigned_toInt {P : Nat} (x : BitVec P) : FitsSigned P x.toInt :=
  ⟨x.le_two_mul_toInt, x.two_mul_toInt_lt⟩

/-- **Wrapping arithmetic is exact just where the result fits.** -/
theorem wrappingDot_toInt_iff {P : Nat} {l : List (Int × Int)} :
    (wrappingDot P l).toInt = dotInt l ↔ FitsSigned P (dotInt l) :=
  ⟨fun h => h ▸ fitsSigned_toInt _, wrappingDot_toInt⟩

/-! ## Arbitrary codes of given widths -/

/-- A pair of an `a + 1`-bit and a `w + 1`-bit two's complement code. -/
def IsCodePair (a w : Nat) (p : Int × Int) : Prop :=
  (-2 ^ a ≤ p.1 ∧ p.1 < 2 ^ a) ∧ (-2 ^ w ≤ p.2 ∧ p.2 < 2 ^ w)

/-- The product of two factors bounded in absolute value, both sides. -/
theorem mul_mem_of_bounds {x y A B : Int} (hA : -A ≤ x ∧ x ≤ A) (hB : -B ≤ y ∧ y ≤ B) :
    -(A * B) ≤ x * y ∧ x * y ≤ A * B := by
  have h1 := Int.mul_nonneg (show 0 ≤ A - x by omega) (show 0 ≤ B - y by omega)
  have h2 := Int.mul_nonneg (show 0 ≤ A + x by omega) (show 0 ≤ B - y by omega)
  have h3 := Int.mul_nonneg (show 0 ≤ A - x by omega) (show 0 ≤ B + y by omega)
  have h4 := Int.mul_nonneg (show 0 ≤ A + x by omega) (show 0 ≤ B + y by omega)
  constructor <;> grind

/-- The product of a pair of codes is at most `2^(a+w)` in absolute value. -/
theorem IsCodePair.product_mem {a w : Nat} {p : Int × Int} (h : IsCodePair a w p) :
    -2 ^ (a + w) ≤ p.1 * p.2 ∧ p.1 * p.2 ≤ 2 ^ (a + w) := by
  obtain ⟨h1, h2⟩ := h
  rw [Int.pow_add]
  exact mul_mem_of_bounds ⟨h1.1, by omega⟩ ⟨h2.1, by omega⟩

/-- Products from a range. -/
theorem products_mem {lo hi : Int} {l : List (Int × Int)}
    (h : ∀ p ∈ l, lo ≤ p.1 * p.2 ∧ p.1 * p.2 ≤ hi) :
    ∀ t ∈ products l, lo ≤ t ∧ t ≤ hi := by
  induction l with
  | nil => intro t ht; cases ht
  | cons p rest ih =>
    intro t ht
    rw [products] at ht
    rcases List.mem_cons.1 ht with rfl | ht
    · exact h p (List.mem_cons_self ..)
    · exact ih (fun q hq => h q (List.mem_cons_of_mem _ hq)) t ht

/-- There is one product for each pair. -/
theorem length_products (l : List (Int × Int)) : (products l).length = l.length := by
  induction l with
  | nil => rfl
  | cons p rest ih => rw [products, List.length_cons, List.length_cons, ih]

/-- **No overflow**: if `K * 2^(a+w) < 2^P`, then the sum of the first `k` products, in any order,
of at most `K` pairs of `a + 1`-bit and `w + 1`-bit codes fits `P + 1` bits, on both sides. -/
theorem partial_sum_fits {a w K P : Nat} (hP : (K : Int) * 2 ^ (a + w) < 2 ^ P)
    {l : List (Int × Int)} (hl : ∀ p ∈ l, IsCodePair a w p) (hK : l.length ≤ K)
    {order : List Int} (horder : order.Perm (products l)) (k : Nat) :
    FitsSigned (P + 1) (order.take k).sum := by
  have hmem := products_mem fun p hp => (hl p hp).product_mem
  have hpow : (0 : Int) ≤ 2 ^ (a + w) := Int.le_of_lt (Int.pow_pos (by decide))
  have hpos := posSum_le hpow fun t ht => (hmem t ht).2
  have hneg := le_negSum (show -2 ^ (a + w) ≤ (0 : Int) by omega) fun t ht => (hmem t ht).1
  have hsum := partial_sum_mem horder k
  rw [length_products] at hpos hneg
  have hlen : (l.length : Int) * 2 ^ (a + w) ≤ K * 2 ^ (a + w) :=
    Int.mul_le_mul_of_nonneg_right (by omega) hpow
  rw [Int.mul_neg] at hneg
  rw [fitsSigned_succ_iff]
  omega

/-- The whole dot product fits, too. -/
theorem dotInt_fits {a w K P : Nat} (hP : (K : Int) * 2 ^ (a + w) < 2 ^ P)
    {l : List (Int × Int)} (hl : ∀ p ∈ l, IsCodePair a w p) (hK : l.length ≤ K) :
    FitsSigned (P + 1) (dotInt l) := by
  have := partial_sum_fits hP hl hK (List.Perm.refl _) (products l).length
  rw [List.take_length, ← dotInt_eq_sum] at this
  exact this

/-- **Wrapping equals exact arithmetic** for codes of these widths. -/
theorem wrapping_dot_toInt {a w K P : Nat} (hP : (K : Int) * 2 ^ (a + w) < 2 ^ P)
    {l : List (Int × Int)} (hl : ∀ p ∈ l, IsCodePair a w p) (hK : l.length ≤ K) :
    (wrappingDot (P + 1) l).toInt = dotInt l :=
  wrappingDot_toInt (dotInt_fits hP hl hK)

/-- The worst case: all codes are the smallest ones. -/
theorem dotInt_replicate_min (a w K : Nat) :
    dotInt (List.replicate K ((-2 ^ a : Int), (-2 ^ w : Int))) = K * 2 ^ (a + w) := by
  induction K with
  | zero => simp [dotInt]
  | succ K ih =>
    rw [List.replicate_succ, dotInt, ih, Int.pow_add, Int.natCast_succ, Int.neg_mul_neg,
      Int.add_mul, Int.one_mul, Int.add_comm]

/-- **The smallest accumulator**: `P + 1` bits hold the dot product of every `K` pairs of
`a + 1`-bit and `w + 1`-bit codes if and only if `K * 2^(a+w) < 2^P`. -/
theorem accumulator_fits_iff {a w K P : Nat} :
    (∀ l : List (Int × Int), l.length = K → (∀ p ∈ l, IsCodePair a w p) →
      FitsSigned (P + 1) (dotInt l)) ↔ (K : Int) * 2 ^ (a + w) < 2 ^ P := by
  constructor
  · intro h
    have ha : (0 : Int) < 2 ^ a := Int.pow_pos (by decide)
    have hw : (0 : Int) < 2 ^ w := Int.pow_pos (by decide)
    have hfits := h (List.replicate K (-2 ^ a, -2 ^ w)) (List.length_replicate ..) (by
      intro p hp
      rw [(List.mem_replicate.1 hp).2, IsCodePair]
      simp only
      omega)
    rw [dotInt_replicate_min, fitsSigned_succ_iff] at hfits
    exact hfits.2
  · intro h l hlen hl
    exact dotInt_fits h hl (by omega)

/-! ## Seed 003 -/

/-- INT4 × INT4, 8192 terms (LLaMA 70B's hidden size): every partial sum, in every order, fits 32
bits; 21 bits are enough, since `8192 * 64 = 2^19`. -/
theorem accumulator_bounded_70B_int4_int4 {l : List (Int × Int)} (hl : ∀ p ∈ l, IsCodePair 3 3 p)
    (hK : l.length ≤ 8192) {order : List Int} (horder : order.Perm (products l)) (k : Nat) :
    FitsSigned 21 (order.take k).sum ∧ FitsSigned 32 (order.take k).sum :=
  have h := partial_sum_fits (P := 20) (by decide) hl hK horder k
  ⟨h, h.mono (by decide)⟩

/-- INT8 × INT4, 8192 terms: 25 bits are enough, since `8192 * 1024 = 2^23`. -/
theorem accumulator_bounded_70B_int8_int4 {l : List (Int × Int)} (hl : ∀ p ∈ l, IsCodePair 7 3 p)
    (hK : l.length ≤ 8192) {order : List Int} (horder : order.Perm (products l)) (k : Nat) :
    FitsSigned 25 (order.take k).sum ∧ FitsSigned 32 (order.take k).sum :=
  have h := partial_sum_fits (P := 24) (by decide) hl hK horder k
  ⟨h, h.mono (by decide)⟩

/-- Neither width can be reduced: 20 and 24 bits overflow. -/
theorem accumulator_70B_least :
    ¬ FitsSigned 20 (dotInt (List.replicate 8192 (-2 ^ 3, -2 ^ 3))) ∧
      ¬ FitsSigned 24 (dotInt (List.replicate 8192 (-2 ^ 7, -2 ^ 3))) := by
  rw [dotInt_replicate_min, dotInt_replicate_min]
  decide

/-- **`no_int32_overflow` is false as stated**: it leaves the number of bits free, and the product
of two 32-bit codes alone exceeds 32 bits. -/
theorem not_no_int32_overflow :
    ¬ ∀ (bits : Nat) (l : List (Int × Int)), l.length ≤ 8192 →
      (∀ p ∈ l, IsCodePair (bits - 1) (bits - 1) p) → dotInt l < 2 ^ 31 := by
  intro h
  have := h 32 [(2 ^ 31 - 1, 2 ^ 31 - 1)] (by decide) (by
    intro p hp
    rw [List.mem_singleton.1 hp, IsCodePair]
    decide)
  revert this
  decide

/-- **The product bound in its proof is false**: `-128 * -8` is 1024, which exceeds `127 * 7`. -/
theorem not_int8_int4_product_bound :
    ¬ ∀ p : Int × Int, IsCodePair 7 3 p → -(127 * 7) ≤ p.1 * p.2 ∧ p.1 * p.2 ≤ 127 * 7 := by
  intro h
  have := h (-128, -8) (by rw [IsCodePair]; decide)
  revert this
  decide

end PyOrch
