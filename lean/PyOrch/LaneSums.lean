import PyOrch.Net.Lanes

/-!
# The sums of rows of lanes

A number whose lanes are the entries of a matrix, row after row, each row `2 ^ k` lanes long. Adding
neighbouring lanes `k` times, all at once, leaves one lane a row, its sum (`unpack_laneSums`). The
kernel needs a few operations on long numbers for that, however many entries there are.
-/

namespace PyOrch

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

/-! ## Packing and unpacking -/

/-- Lanes are below their bound. -/
theorem unpack_lt (R n v : Nat) : LanesLT (2 ^ R) (unpack R n v) := by
  induction n generalizing v with
  | zero => intro a ha; cases ha
  | succ n ih =>
    intro a ha
    rcases List.mem_cons.1 ha with rfl | ha
    · exact Nat.mod_lt _ (Nat.two_pow_pos R)
    · exact ih _ a ha

/-- `pack` is the inverse of `unpack`. -/
theorem pack_unpack (R n v : Nat) : pack R (unpack R n v) = v % 2 ^ (R * n) := by
  induction n generalizing v with
  | zero => simp [unpack, pack, Nat.mod_one]
  | succ n ih =>
    have e : 2 ^ (R * (n + 1)) = 2 ^ R * 2 ^ (R * n) := by
      rw [← Nat.pow_add, Nat.mul_add, Nat.mul_one, Nat.add_comm]
    rw [unpack, pack, ih, e, Nat.mod_mul, Nat.shiftRight_eq_div_pow]

/-- What `pack` packs, `unpack` gives back. -/
theorem unpack_pack {R : Nat} {as : List Nat} (h : LanesLT (2 ^ R) as) :
    unpack R as.length (pack R as) = as := by
  have := unpack_pack_append h []
  rwa [List.append_nil] at this

/-- Packed lanes take no more bits than theirs. -/
theorem pack_lt {R : Nat} {as : List Nat} (h : LanesLT (2 ^ R) as) :
    pack R as < 2 ^ (R * as.length) := by
  have := pack_unpack R as.length (pack R as)
  rw [unpack_pack h] at this
  rw [this]
  exact Nat.mod_lt _ (Nat.two_pow_pos _)

/-- Further lanes of zeros change nothing. -/
theorem unpack_pack_of_le {R n : Nat} {as : List Nat} (h : LanesLT (2 ^ R) as)
    (hn : as.length ≤ n) :
    unpack R n (pack R as) = as ++ List.replicate (n - as.length) 0 := by
  have hzero : ∀ n, pack R (List.replicate n 0) = 0 := by
    intro n
    induction n with
    | zero => rfl
    | succ n ih => rw [List.replicate_succ, pack, ih, Nat.mul_zero]
  have hlt : LanesLT (2 ^ R) (as ++ List.replicate (n - as.length) 0) := by
    intro a ha
    rcases List.mem_append.1 ha with ha | ha
    · exact h a ha
    · rw [(List.mem_replicate.1 ha).2]
      exact Nat.two_pow_pos R
  have hsum := unpack_pack hlt
  rw [List.length_append, List.length_replicate, Nat.add_sub_cancel' hn, pack_append, hzero,
    Nat.mul_zero, Nat.add_zero] at hsum
  exact hsum

/-- More lanes, in two parts. -/
theorem unpack_add (R m n v : Nat) :
    unpack R (m + n) v = unpack R m v ++ unpack R n (v >>> (R * m)) := by
  induction m generalizing v with
  | zero => simp [unpack]
  | succ m ih =>
    rw [show m + 1 + n = (m + n) + 1 by omega, unpack, unpack, ih, List.cons_append,
      ← Nat.shiftRight_add, Nat.mul_add, Nat.mul_one, Nat.add_comm R]

/-- Wide lanes that consist of `m` narrow ones. -/
theorem unpack_mul (R m n v : Nat) :
    unpack R (m * n) v = ((unpack (R * m) n v).map (unpack R m)).flatten := by
  induction n generalizing v with
  | zero => rfl
  | succ n ih =>
    rw [Nat.mul_succ, Nat.add_comm, unpack_add, ih, unpack, List.map_cons, List.flatten_cons,
      unpack_mod]

/-- Packing rows of lanes and packing the packed rows is the same. -/
theorem pack_flatten {R m : Nat} {rows : List (List Nat)} (hm : ∀ r ∈ rows, r.length = m) :
    pack R rows.flatten = pack (R * m) (rows.map (pack R)) := by
  induction rows with
  | nil => rfl
  | cons r rows ih =>
    rw [List.flatten_cons, pack_append, ih fun q hq => hm q (.tail _ hq), hm r (.head _),
      List.map_cons, pack]

/-- Packed rows of lanes, as wide lanes. -/
theorem unpack_pack_flatten {R m : Nat} {rows : List (List Nat)}
    (hm : ∀ r ∈ rows, r.length = m) (hlt : ∀ r ∈ rows, LanesLT (2 ^ R) r) :
    unpack (R * m) rows.length (pack R rows.flatten) = rows.map (pack R) := by
  have h : LanesLT (2 ^ (R * m)) (rows.map (pack R)) := by
    intro a ha
    obtain ⟨r, hr, rfl⟩ := List.mem_map.1 ha
    rw [← hm r hr]
    exact pack_lt (hlt r hr)
  have := unpack_pack h
  rw [List.length_map] at this
  rw [pack_flatten hm, this]

/-! ## Adding lanes -/

/-- The number with `a` in each of `n` lanes, without recursion. -/
def fillFast (R a n : Nat) : Nat := a * ((1 <<< (R * n) - 1) / (2 ^ R - 1))

/-- `fillFast` is `fill`. -/
theorem fillFast_eq {R : Nat} (hR : 0 < R) (a n : Nat) : fillFast R a n = fill R a n := by
  have hpos : 0 < 2 ^ R - 1 := by
    have := Nat.pow_le_pow_right (n := 2) (by decide) hR
    omega
  have hone : ∀ n, fill R 1 n * (2 ^ R - 1) = 2 ^ (R * n) - 1 := by
    intro n
    induction n with
    | zero => simp [fill]
    | succ n ih =>
      have h1 := Nat.two_pow_pos R
      have h2 := Nat.two_pow_pos (R * n)
      have e : 2 ^ (R * (n + 1)) = 2 ^ R * 2 ^ (R * n) := by
        rw [← Nat.pow_add, Nat.mul_add, Nat.mul_one, Nat.add_comm]
      rw [fill, Nat.add_mul, Nat.one_mul, Nat.mul_assoc, ih, e, Nat.mul_sub, Nat.mul_one]
      have : 2 ^ R ≤ 2 ^ R * 2 ^ (R * n) := Nat.le_mul_of_pos_right _ h2
      omega
  have hmul : ∀ n, a * fill R 1 n = fill R a n := by
    intro n
    induction n with
    | zero => rfl
    | succ n ih => rw [fill, fill, ← ih, Nat.mul_add, Nat.mul_one, Nat.mul_left_comm]
  rw [fillFast, Nat.one_shiftLeft, ← hone n, Nat.mul_div_cancel _ hpos, hmul]

/-- The sums of neighbours in a list of even length. -/
def pairs : List Nat → List Nat
  | a :: b :: rest => (a + b) :: pairs rest
  | _ => []

/-- The sums of lanes 0 and 1, 2 and 3, …: `n` lanes of twice the width. -/
def pairSums (R n v : Nat) : Nat :=
  (v &&& fillFast (2 * R) (2 ^ R - 1) n) + (v >>> R &&& fillFast (2 * R) (2 ^ R - 1) n)

/-- The sums of `n` rows of `2 ^ k` lanes: `n` lanes that are `2 ^ k` times as wide. -/
def laneSums (n : Nat) : (R k v : Nat) → Nat
  | _, 0, v => v
  | R, k + 1, v => laneSums n (2 * R) k (pairSums R (2 ^ k * n) v)

/-- `pairs` halves the length. -/
theorem length_pairs (n : Nat) {as : List Nat} (h : as.length = 2 * n) :
    (pairs as).length = n := by
  induction n generalizing as with
  | zero => rw [List.eq_nil_of_length_eq_zero h]; rfl
  | succ n ih => match as, h with
    | a :: b :: as, h =>
      rw [pairs, List.length_cons, ih (by simp only [List.length_cons] at h; omega)]

/-- `pairs` keeps the sum. -/
theorem sum_pairs (n : Nat) {as : List Nat} (h : as.length = 2 * n) :
    (pairs as).sum = as.sum := by
  induction n generalizing as with
  | zero => rw [List.eq_nil_of_length_eq_zero h]; rfl
  | succ n ih => match as, h with
    | a :: b :: as, h =>
      rw [pairs, List.sum_cons, List.sum_cons, List.sum_cons,
        ih (by simp only [List.length_cons] at h; omega), Nat.add_assoc]

/-- `pairs` of lanes of `R` bits are lanes of `2 * R` bits. -/
theorem pairs_lt {R : Nat} (hR : 0 < R) (n : Nat) {as : List Nat} (h : as.length = 2 * n)
    (hlt : LanesLT (2 ^ R) as) : LanesLT (2 ^ (2 * R)) (pairs as) := by
  have h2 : 2 ^ R + 2 ^ R ≤ 2 ^ (2 * R) := by
    rw [← Nat.two_mul, ← Nat.pow_succ']
    exact Nat.pow_le_pow_right (by decide) (by omega)
  induction n generalizing as with
  | zero => rw [List.eq_nil_of_length_eq_zero h]; intro x hx; cases hx
  | succ n ih => match as, h with
    | a :: b :: as, h =>
      intro x hx
      have ha := hlt a (.head _)
      have hb := hlt b (.tail _ (.head _))
      rcases List.mem_cons.1 hx with rfl | hx
      · omega
      · exact ih (by simp only [List.length_cons] at h; omega)
          (fun y hy => hlt y (.tail _ (.tail _ hy))) x hx

/-- `pairs` works on rows of even length each for itself. -/
theorem pairs_append (n : Nat) {as : List Nat} (h : as.length = 2 * n) (bs : List Nat) :
    pairs (as ++ bs) = pairs as ++ pairs bs := by
  induction n generalizing as with
  | zero => rw [List.eq_nil_of_length_eq_zero h]; rfl
  | succ n ih => match as, h with
    | a :: b :: as, h =>
      rw [List.cons_append, List.cons_append, pairs, pairs, List.cons_append,
        ih (by simp only [List.length_cons] at h; omega)]

/-- The same for all rows. -/
theorem pairs_flatten (n : Nat) {rows : List (List Nat)} (h : ∀ r ∈ rows, r.length = 2 * n) :
    pairs rows.flatten = (rows.map pairs).flatten := by
  induction rows with
  | nil => rfl
  | cons r rows ih =>
    rw [List.flatten_cons, pairs_append n (h r (.head _)), ih fun q hq => h q (.tail _ hq),
      List.map_cons, List.flatten_cons]

/-- The even and the odd lanes, added. -/
theorem zipWith_digits (R n v : Nat) :
    List.zipWith (· + ·) (digits (2 * R) R n v) (digits (2 * R) R n (v >>> R)) =
      pairs (unpack R (2 * n) v) := by
  induction n generalizing v with
  | zero => rfl
  | succ n ih =>
    have e : v >>> R >>> R = v >>> (2 * R) := by rw [← Nat.shiftRight_add, Nat.two_mul]
    have e' : v >>> R >>> (2 * R) = v >>> (2 * R) >>> R := by
      rw [← Nat.shiftRight_add, ← Nat.shiftRight_add, Nat.add_comm]
    rw [show 2 * (n + 1) = (2 * n + 1) + 1 by omega]
    simp only [unpack, digits, List.zipWith_cons_cons, pairs, e, e', ih]

/-- `pairSums` packs the sums of neighbours. -/
theorem pairSums_eq {R : Nat} (hR : 0 < R) (n v : Nat) :
    pairSums R n v = pack (2 * R) (pairs (unpack R (2 * n) v)) := by
  rw [pairSums, fillFast_eq (by omega), and_fill (by omega), and_fill (by omega),
    pack_add (by rw [length_digits, length_digits]), zipWith_digits]

/-- The rows of `pairSums`. -/
theorem unpack_pairSums {R : Nat} (hR : 0 < R) (m n v : Nat) :
    unpack (2 * R * m) n (pairSums R (m * n) v) =
      (unpack (2 * R * m) n v).map fun row => pack (2 * R) (pairs (unpack R (2 * m) row)) := by
  have hwide : R * (2 * m) = 2 * R * m := by rw [← Nat.mul_assoc, Nat.mul_comm R]
  have hrows : ∀ r ∈ (unpack (R * (2 * m)) n v).map (unpack R (2 * m)), r.length = 2 * m := by
    intro r hr
    obtain ⟨row, -, rfl⟩ := List.mem_map.1 hr
    exact length_unpack ..
  have hlt : ∀ r ∈ (unpack (R * (2 * m)) n v).map (unpack R (2 * m)), LanesLT (2 ^ R) r := by
    intro r hr
    obtain ⟨row, -, rfl⟩ := List.mem_map.1 hr
    exact unpack_lt _ _ _
  have h := unpack_pack_flatten (R := 2 * R) (m := m)
    (rows := ((unpack (R * (2 * m)) n v).map (unpack R (2 * m))).map pairs)
    (fun r hr => by
      obtain ⟨q, hq, rfl⟩ := List.mem_map.1 hr
      exact length_pairs m (hrows q hq))
    (fun r hr => by
      obtain ⟨q, hq, rfl⟩ := List.mem_map.1 hr
      exact pairs_lt hR m (hrows q hq) (hlt q hq))
  rw [List.length_map, List.length_map, length_unpack] at h
  rw [pairSums_eq hR, ← Nat.mul_assoc, unpack_mul, pairs_flatten m hrows, h, List.map_map,
    List.map_map, hwide]
  rfl

/-- **`laneSums` computes the sums of all rows.** -/
theorem unpack_laneSums {R : Nat} (hR : 0 < R) (k n v : Nat) :
    unpack (R * 2 ^ k) n (laneSums n R k v) =
      (unpack (R * 2 ^ k) n v).map fun row => (unpack R (2 ^ k) row).sum := by
  induction k generalizing R v with
  | zero =>
    rw [laneSums, Nat.pow_zero, Nat.mul_one]
    refine (List.map_id' _).symm.trans (List.map_congr_left fun a ha => ?_)
    simp [unpack, Nat.mod_eq_of_lt (unpack_lt R n v a ha)]
  | succ k ih =>
    have hwide : R * 2 ^ (k + 1) = 2 * R * 2 ^ k := by
      rw [Nat.pow_succ, Nat.mul_comm (2 ^ k), ← Nat.mul_assoc, Nat.mul_comm R]
    rw [laneSums, hwide, ih (by omega), unpack_pairSums hR, List.map_map]
    refine List.map_congr_left fun row _ => ?_
    have hlen := length_unpack R (2 * 2 ^ k) row
    have hunpack := unpack_pack (pairs_lt hR (2 ^ k) hlen (unpack_lt R (2 * 2 ^ k) row))
    rw [length_pairs _ hlen] at hunpack
    show (unpack (2 * R) (2 ^ k) (pack (2 * R) (pairs (unpack R (2 * 2 ^ k) row)))).sum = _
    rw [hunpack, sum_pairs _ hlen, Nat.pow_succ, Nat.mul_comm]

end

end PyOrch
