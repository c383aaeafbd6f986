/-!
# Many numbers in one: lanes

`pack R [a₀, a₁, …] = a₀ + 2 ^ R * a₁ + 2 ^ (2 * R) * a₂ + …`. One addition or multiplication of
packed numbers does the work of all lanes, and the kernel computes it in one step. This file has the
facts that a checker needs: packing is linear, `&&&` acts on each lane, `unpack` is the inverse.
-/

namespace PyOrch

/-- The numbers as lanes of `R` bits of one number, the first lowest. -/
def pack (R : Nat) : List Nat → Nat
  | [] => 0
  | a :: as => a + 2 ^ R * pack R as

/-- The lowest `n` lanes of `R` bits. -/
def unpack (R : Nat) : Nat → Nat → List Nat
  | 0, _ => []
  | n + 1, v => v % 2 ^ R :: unpack R n (v >>> R)

/-- The number with the same `a` in each of `n` lanes. -/
def fill (R a : Nat) : Nat → Nat
  | 0 => 0
  | n + 1 => a + 2 ^ R * fill R a n

/-- Every lane is below `b`. -/
def LanesLT (b : Nat) (as : List Nat) : Prop := ∀ a ∈ as, a < b

/-- A bound of all lanes may be enlarged. -/
theorem LanesLT.mono {b c : Nat} {as : List Nat} (h : LanesLT b as) (hbc : b ≤ c) :
    LanesLT c as := fun a ha => Nat.lt_of_lt_of_le (h a ha) hbc

/-- Packing respects a product with a number. -/
theorem mul_pack (R k : Nat) (as : List Nat) : k * pack R as = pack R (as.map (k * ·)) := by
  induction as with
  | nil => rfl
  | cons a as ih =>
    simp only [pack, List.map_cons, ← ih, Nat.mul_add]
    ac_rfl

/-- Packing respects sums of lists of equal length. -/
theorem pack_add {R : Nat} {as bs : List Nat} (h : as.length = bs.length) :
    pack R as + pack R bs = pack R (List.zipWith (· + ·) as bs) := by
  induction as generalizing bs with
  | nil => match bs, h with
    | [], _ => rfl
  | cons a as ih => match bs, h with
    | b :: bs, h =>
      have := ih (Nat.succ.inj h)
      simp only [pack, List.zipWith_cons_cons, ← this, Nat.mul_add]
      ac_rfl

/-- Packing respects differences in which no lane becomes negative. -/
theorem pack_sub {R : Nat} {as bs : List Nat} (h : as.length = bs.length)
    (hle : ∀ p ∈ as.zip bs, p.2 ≤ p.1) :
    pack R as - pack R bs = pack R (List.zipWith (· - ·) as bs) := by
  have : pack R (List.zipWith (· - ·) as bs) + pack R bs = pack R as := by
    induction as generalizing bs with
    | nil => match bs, h with
      | [], _ => rfl
    | cons a as ih => match bs, h with
      | b :: bs, h =>
        have h1 := ih (Nat.succ.inj h) (fun p hp => hle p (.tail _ hp))
        have h2 : b ≤ a := hle (a, b) (.head _)
        simp only [pack, List.zipWith_cons_cons, ← h1, Nat.mul_add]
        omega
  omega

/-- The lanes of a concatenation. -/
theorem pack_append (R : Nat) (as bs : List Nat) :
    pack R (as ++ bs) = pack R as + 2 ^ (R * as.length) * pack R bs := by
  induction as with
  | nil => simp [pack]
  | cons a as ih =>
    simp only [List.cons_append, pack, ih, List.length_cons, Nat.mul_add, Nat.mul_one, Nat.pow_add]
    rw [Nat.add_assoc]
    congr 2
    ac_rfl

/-- `fill` packs equal numbers. -/
theorem fill_eq_pack (R a n : Nat) : fill R a n = pack R (List.replicate n a) := by
  induction n with
  | zero => rfl
  | succ n ih => simp only [fill, List.replicate_succ, pack, ih]

/-- `fill`, in a few steps however many lanes there are. -/
noncomputable def fastFill (R a n : Nat) : Nat :=
  Nat.rec (Nat.mul a n) (fun _ _ =>
    Nat.mul a (Nat.div (Nat.sub (Nat.pow 2 (Nat.mul R n)) 1) (Nat.sub (Nat.pow 2 R) 1))) R

/-- `fastFill` is `fill`. -/
theorem fastFill_eq_fill (R a n : Nat) : fastFill R a n = fill R a n := by
  have mul : fill R a n = a * fill R 1 n := by
    induction n with
    | zero => rfl
    | succ n ih => rw [fill, fill, ih, Nat.mul_add, Nat.mul_one, Nat.mul_left_comm]
  rw [mul]
  clear mul
  cases R with
  | zero =>
    have : fill 0 1 n = n := by
      induction n with
      | zero => rfl
      | succ n ih => rw [fill, ih, Nat.pow_zero, Nat.one_mul, Nat.add_comm]
    rw [this]
    rfl
  | succ R =>
    have h2 : 2 ≤ 2 ^ (R + 1) := Nat.pow_le_pow_right (by decide : 0 < 2) (Nat.succ_pos R)
    have e : (2 ^ (R + 1) - 1) * fill (R + 1) 1 n = 2 ^ ((R + 1) * n) - 1 := by
      induction n with
      | zero => rfl
      | succ n ih =>
        have p : 2 ^ ((R + 1) * (n + 1)) = 2 ^ (R + 1) * 2 ^ ((R + 1) * n) := by
          rw [← Nat.pow_add, Nat.mul_succ, Nat.add_comm]
        have h1 := Nat.mul_le_mul_left (2 ^ (R + 1)) (Nat.two_pow_pos ((R + 1) * n))
        rw [fill, Nat.mul_add, Nat.mul_left_comm, ih, p, Nat.mul_sub, Nat.mul_one, Nat.mul_one]
        omega
    show a * ((2 ^ ((R + 1) * n) - 1) / (2 ^ (R + 1) - 1)) = _
    rw [← e, Nat.mul_div_cancel_left _ (by omega)]

/-- `unpack` yields as many lanes as it is asked for. -/
theorem length_unpack (R n v : Nat) : (unpack R n v).length = n := by
  induction n generalizing v with
  | zero => rfl
  | succ n ih => simp only [unpack, List.length_cons, ih]

/-- A number of one lane and a rest, taken apart. -/
theorem lane_add_mod {R a b : Nat} (h : a < 2 ^ R) : (a + 2 ^ R * b) % 2 ^ R = a := by
  rw [Nat.add_mul_mod_self_left, Nat.mod_eq_of_lt h]

/-- A number of one lane and a rest, taken apart. -/
theorem lane_add_shiftRight {R a b : Nat} (h : a < 2 ^ R) : (a + 2 ^ R * b) >>> R = b := by
  rw [Nat.shiftRight_eq_div_pow, Nat.add_mul_div_left _ _ (Nat.two_pow_pos R),
    Nat.div_eq_of_lt h, Nat.zero_add]

/-- `unpack` sees nothing above the lanes that it reads. -/
theorem unpack_mod (R n v : Nat) : unpack R n (v % 2 ^ (R * n)) = unpack R n v := by
  induction n generalizing v with
  | zero => rfl
  | succ n ih =>
    have e : 2 ^ (R * (n + 1)) = 2 ^ R * 2 ^ (R * n) := by
      rw [← Nat.pow_add, Nat.mul_add, Nat.mul_one, Nat.add_comm]
    simp only [unpack]
    rw [e, Nat.mod_mod_of_dvd _ (Nat.dvd_mul_right _ _), Nat.shiftRight_eq_div_pow,
      Nat.mod_mul_right_div_self, ih, Nat.shiftRight_eq_div_pow]

/-- `unpack` is the inverse of `pack`, and sees nothing above the lanes that it reads. -/
theorem unpack_pack_append {R : Nat} {as : List Nat} (h : LanesLT (2 ^ R) as) (bs : List Nat) :
    unpack R as.length (pack R (as ++ bs)) = as := by
  induction as with
  | nil => rfl
  | cons a as ih =>
    have ha := h a (.head _)
    simp only [List.length_cons, List.cons_append, unpack, pack, lane_add_mod ha,
      lane_add_shiftRight ha, ih (fun x hx => h x (.tail _ hx))]

/-- Shifting all lanes of a first part away. -/
theorem pack_append_shiftRight {R : Nat} {as : List Nat} (h : LanesLT (2 ^ R) as) (bs : List Nat) :
    pack R (as ++ bs) >>> (R * as.length) = pack R bs := by
  induction as with
  | nil => simp
  | cons a as ih =>
    have ha := h a (.head _)
    rw [List.length_cons, Nat.mul_add, Nat.mul_one, Nat.add_comm, Nat.shiftRight_add,
      List.cons_append, pack, lane_add_shiftRight ha, ih (fun x hx => h x (.tail _ hx))]

/-- `&&&` acts on the lowest lane and on the rest. -/
theorem and_lane {R a b : Nat} (v : Nat) (h : a < 2 ^ R) :
    v &&& (a + 2 ^ R * b) = (v &&& a) + 2 ^ R * (v >>> R &&& b) := by
  have hmod : (v &&& (a + 2 ^ R * b)) % 2 ^ R = v &&& a := by
    rw [Nat.and_mod_two_pow, lane_add_mod h, ← Nat.mod_eq_of_lt (Nat.and_lt_two_pow v h),
      Nat.and_mod_two_pow, Nat.mod_eq_of_lt h]
  have hdiv : (v &&& (a + 2 ^ R * b)) / 2 ^ R = v >>> R &&& b := by
    rw [Nat.and_div_two_pow, ← Nat.shiftRight_eq_div_pow, ← Nat.shiftRight_eq_div_pow,
      lane_add_shiftRight h]
  rw [← hmod, ← hdiv]
  exact (Nat.mod_add_div _ _).symm

/-- `&&&` acts on each lane. -/
theorem and_pack {R : Nat} {as bs : List Nat} (hl : as.length = bs.length)
    (ha : LanesLT (2 ^ R) as) (hb : LanesLT (2 ^ R) bs) :
    pack R as &&& pack R bs = pack R (List.zipWith (· &&& ·) as bs) := by
  induction as generalizing bs with
  | nil => match bs, hl with
    | [], _ => exact Nat.zero_and _
  | cons a as ih => match bs, hl with
    | b :: bs, hl =>
      have h1 := ha a (.head _)
      have h2 := hb b (.head _)
      have h3 := ih (Nat.succ.inj hl) (fun x hx => ha x (.tail _ hx))
        (fun x hx => hb x (.tail _ hx))
      simp only [pack, List.zipWith_cons_cons]
      rw [and_lane _ h2, lane_add_shiftRight h1, h3]
      congr 1
      rw [Nat.and_comm, and_lane _ h1, Nat.shiftRight_eq_div_pow, Nat.div_eq_of_lt h2,
        Nat.zero_and, Nat.mul_zero, Nat.add_zero, Nat.and_comm]

/-- The lowest `s` bits of each of `n` lanes. -/
def digits (R s : Nat) : Nat → Nat → List Nat
  | 0, _ => []
  | n + 1, v => v % 2 ^ s :: digits R s n (v >>> R)

/-- `digits` yields as many lanes as it is asked for. -/
theorem length_digits (R s n v : Nat) : (digits R s n v).length = n := by
  induction n generalizing v with
  | zero => rfl
  | succ n ih => simp only [digits, List.length_cons, ih]

/-- Digits of `s` bits are below `2 ^ s`. -/
theorem digits_lt (R s n v : Nat) : LanesLT (2 ^ s) (digits R s n v) := by
  induction n generalizing v with
  | zero => intro a ha; cases ha
  | succ n ih =>
    intro a ha
    cases ha with
    | head => exact Nat.mod_lt _ (Nat.two_pow_pos s)
    | tail _ ha => exact ih _ a ha

/-- One `&&&` takes the lowest `s` bits of every lane. -/
theorem and_fill {R s : Nat} (h : s ≤ R) (n v : Nat) :
    v &&& fill R (2 ^ s - 1) n = pack R (digits R s n v) := by
  induction n generalizing v with
  | zero => exact Nat.and_zero v
  | succ n ih =>
    have h1 : 2 ^ s - 1 < 2 ^ R :=
      Nat.lt_of_lt_of_le (Nat.sub_lt (Nat.two_pow_pos s) Nat.one_pos)
        (Nat.pow_le_pow_right (by decide) h)
    simp only [fill, digits, pack]
    rw [and_lane _ h1, ih, Nat.and_two_pow_sub_one_eq_mod]

/-- The bit `k` of every lane, by one shift and one `&&&`. -/
theorem digits_shiftRight {R k : Nat} {as : List Nat} (hk : k < R) (h : LanesLT (2 ^ R) as) :
    digits R 1 as.length (pack R as >>> k) = as.map (fun a => a >>> k % 2) := by
  induction as with
  | nil => rfl
  | cons a as ih =>
    have ha := h a (.head _)
    simp only [List.length_cons, digits, List.map_cons, Nat.pow_one]
    congr 1
    · rw [pack, show (2 : Nat) ^ R = 2 ^ k * (2 * 2 ^ (R - k - 1)) by
        rw [← Nat.pow_succ', ← Nat.pow_add]; congr 1; omega, Nat.shiftRight_eq_div_pow,
        Nat.mul_assoc, Nat.add_mul_div_left _ _ (Nat.two_pow_pos k), Nat.mul_assoc,
        Nat.add_mul_mod_self_left, Nat.shiftRight_eq_div_pow]
    · rw [← Nat.shiftRight_add, Nat.add_comm, Nat.shiftRight_add, pack, lane_add_shiftRight ha,
        ih (fun x hx => h x (.tail _ hx))]

end PyOrch
