import PyOrch.LaneSums
import PyOrch.LayerWidth

/-!
# The weights of a layer, packed in one number

A list literal of thousands of integers is slow to elaborate, and a recursion as deep as the list
overflows the stack. Here the weights of a layer are lanes of one number. The kernel computes the
sums of the positive and of the negative weights of all channels with a few operations on such
numbers (`packedSums_eq`): one `&&&` clears the lanes of the negative weights, and `laneSums` adds.
-/

namespace PyOrch

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

/-- One number out of parts of `bits` bits, the lowest first: how a number of more digits than Lean
reads quickly is written. -/
def joinParts (bits : Nat) : List Nat → Nat
  | [] => 0
  | part :: rest => part + joinParts bits rest <<< bits

/-- `cols` weights out of one number: codes of `bits` bits, the first in the lowest bits, each with
`2 ^ (bits - 1)` added to make it a natural number. -/
def unpackWeights (bits cols data : Nat) : List Int :=
  (unpack bits cols data).map fun (c : Nat) => (c : Int) - (2 ^ (bits - 1) : Nat)

/-- The weights of `rows` channels, the first in the lowest bits, with room for `2 ^ k` each. -/
def unpackLayer (bits cols k rows data : Nat) : List (List Int) :=
  (unpack (bits * 2 ^ k) rows data).map (unpackWeights bits cols)

/-! ## The sums of the channels -/

/-- The codes without their offset where they stand for a weight above 0, and 0 elsewhere. The top
bit of a lane says which; as a factor it makes the mask for the other bits. -/
def positiveLanes (bits n v : Nat) : Nat :=
  v &&& (2 ^ (bits - 1) - 1) * (v >>> (bits - 1) &&& fillFast bits 1 n)

/-- Makes pairs of the sum of the positive weights and that of the negative ones, without its sign,
of the sum of the positive weights and that of the codes. -/
def signedSums (offset : Nat) (positive codes : List Nat) : List (Nat × Nat) :=
  List.zipWith (fun p c => (p, p + offset - c)) positive codes

/-- The sums of the positive and of the negative weights of all channels, from the codes alone. -/
def maskedSums (bits cols k rows v : Nat) : List (Nat × Nat) :=
  signedSums (cols * 2 ^ (bits - 1))
    (unpack (bits * 2 ^ k) rows (laneSums rows bits k (positiveLanes bits (2 ^ k * rows) v)))
    (unpack (bits * 2 ^ k) rows (laneSums rows bits k v))

/-- The sums of the positive and of the negative weights of all channels. -/
def packedSums (bits cols k rows data : Nat) : List (Nat × Nat) :=
  maskedSums bits cols k rows
    (data &&& fillFast (bits * 2 ^ k) (2 ^ (bits * cols) - 1) rows)

/-- One lane of `positiveLanes`. -/
theorem and_topBit_mask {b a : Nat} (h : a < 2 ^ (b + 1)) :
    a &&& (2 ^ b - 1) * (a >>> b % 2) = a - 2 ^ b := by
  rw [Nat.pow_succ] at h
  rw [Nat.shiftRight_eq_div_pow]
  by_cases hb : a < 2 ^ b
  · rw [Nat.div_eq_of_lt hb, Nat.zero_mod, Nat.mul_zero, Nat.and_zero]
    omega
  · have hdiv : a / 2 ^ b = 1 := by
      rw [Nat.div_eq_iff (Nat.two_pow_pos b)]
      omega
    rw [hdiv, Nat.mul_one, Nat.and_two_pow_sub_one_eq_mod, Nat.mod_eq_sub_mod (by omega),
      Nat.mod_eq_of_lt (by omega)]

/-- The lanes of `positiveLanes`. -/
theorem positiveLanes_pack {b : Nat} {as : List Nat} (h : LanesLT (2 ^ (b + 1)) as) :
    positiveLanes (b + 1) as.length (pack (b + 1) as) = pack (b + 1) (as.map (· - 2 ^ b)) := by
  have htop := and_fill (R := b + 1) (s := 1) (by omega) as.length (pack (b + 1) as >>> b)
  rw [digits_shiftRight (by omega) h] at htop
  have hmask : LanesLT (2 ^ (b + 1))
      ((as.map fun a => a >>> b % 2).map ((2 ^ b - 1) * ·)) := by
    intro x hx
    obtain ⟨y, hy, rfl⟩ := List.mem_map.1 hx
    obtain ⟨a, -, rfl⟩ := List.mem_map.1 hy
    have h1 : a >>> b % 2 ≤ 1 := by omega
    have h2 := Nat.mul_le_mul_left (2 ^ b - 1) h1
    have h3 := Nat.two_pow_pos b
    rw [Nat.pow_succ]
    omega
  rw [positiveLanes, Nat.add_sub_cancel, fillFast_eq (by omega), htop, mul_pack,
    and_pack (by simp) h hmask]
  congr 1
  rw [List.map_map, List.zipWith_map_right, List.zipWith_self]
  exact List.map_congr_left fun a ha => and_topBit_mask (h a ha)

/-- The rows of `positiveLanes`. -/
theorem unpack_positiveLanes (b m n v : Nat) :
    unpack ((b + 1) * m) n (positiveLanes (b + 1) (m * n) (v % 2 ^ ((b + 1) * (m * n)))) =
      (unpack ((b + 1) * m) n v).map
        fun row => pack (b + 1) ((unpack (b + 1) m row).map (· - 2 ^ b)) := by
  have hlt := unpack_lt (b + 1) (m * n) v
  have hpos := positiveLanes_pack hlt
  rw [length_unpack, pack_unpack, unpack_mul, List.map_flatten, List.map_map] at hpos
  have h := unpack_pack_flatten (R := b + 1) (m := m)
    (rows := (unpack ((b + 1) * m) n v).map fun row => (unpack (b + 1) m row).map (· - 2 ^ b))
    (fun r hr => by
      obtain ⟨row, -, rfl⟩ := List.mem_map.1 hr
      rw [List.length_map, length_unpack])
    (fun r hr => by
      obtain ⟨row, -, rfl⟩ := List.mem_map.1 hr
      intro x hx
      obtain ⟨a, ha, rfl⟩ := List.mem_map.1 hx
      have := unpack_lt _ _ _ a ha
      omega)
  rw [List.length_map, length_unpack, List.map_map] at h
  rw [hpos]
  exact h

/-- The positive part of weights that are stored with an offset. -/
theorem posSum_map_sub (as : List Nat) (c : Nat) :
    posSum (as.map fun (a : Nat) => (a : Int) - c) = (as.map (· - c)).sum := by
  induction as with
  | nil => rfl
  | cons a as ih => rw [List.map_cons, posSum, ih, List.map_cons, List.sum_cons]; omega

/-- The negative part, from the sum of all codes. -/
theorem negSum_map_sub (as : List Nat) (c : Nat) :
    negSum (as.map fun (a : Nat) => (a : Int) - c) =
      -(((as.map (· - c)).sum + as.length * c - as.sum : Nat) : Int) ∧
    as.sum ≤ (as.map (· - c)).sum + as.length * c := by
  induction as with
  | nil => exact ⟨by simp [negSum], Nat.zero_le _⟩
  | cons a as ih =>
    obtain ⟨ih, hle⟩ := ih
    rw [List.map_cons, negSum, ih, List.map_cons, List.sum_cons, List.sum_cons, List.length_cons,
      Nat.add_mul, Nat.one_mul]
    omega

/-- The lowest bits of every lane. -/
theorem digits_eq_map {R s : Nat} (h : s ≤ R) (n v : Nat) :
    digits R s n v = (unpack R n v).map (· % 2 ^ s) := by
  induction n generalizing v with
  | zero => rfl
  | succ n ih =>
    rw [digits, unpack, ih, List.map_cons, Nat.mod_mod_of_dvd _ (Nat.pow_dvd_pow 2 h)]

/-- The sums of one channel: room for further codes is empty. -/
theorem row_sums {b cols k row : Nat} (hk : cols ≤ 2 ^ k) :
    (unpack (b + 1) (2 ^ k) (pack (b + 1) ((unpack (b + 1) (2 ^ k)
        (row % 2 ^ ((b + 1) * cols))).map (· - 2 ^ b)))).sum =
      ((unpack (b + 1) cols row).map (· - 2 ^ b)).sum ∧
    (unpack (b + 1) (2 ^ k) (row % 2 ^ ((b + 1) * cols))).sum =
      (unpack (b + 1) cols row).sum := by
  have hlt := unpack_lt (b + 1) cols row
  have hlen := length_unpack (b + 1) cols row
  rw [← pack_unpack]
  generalize unpack (b + 1) cols row = as at hlt hlen
  rw [unpack_pack_of_le hlt (by omega)]
  constructor
  · have hmap : LanesLT (2 ^ (b + 1))
        ((as ++ List.replicate (2 ^ k - as.length) 0).map (· - 2 ^ b)) := by
      intro x hx
      obtain ⟨a, ha, rfl⟩ := List.mem_map.1 hx
      rcases List.mem_append.1 ha with ha | ha
      · have := hlt a ha
        omega
      · rw [(List.mem_replicate.1 ha).2, Nat.zero_sub]
        exact Nat.two_pow_pos _
    have h := unpack_pack hmap
    rw [List.length_map, List.length_append, List.length_replicate,
      Nat.add_sub_cancel' (by omega)] at h
    rw [h, List.map_append, List.sum_append_nat]
    simp
  · rw [List.sum_append_nat]
    simp

/-- **`packedSums` computes the sums of the weights.** -/
theorem packedSums_eq {b cols k : Nat} (hk : cols ≤ 2 ^ k) (rows data : Nat) :
    packedSums (b + 1) cols k rows data =
      (unpackLayer (b + 1) cols k rows data).map
        fun ws => ((posSum ws).toNat, (-negSum ws).toNat) := by
  have hle : (b + 1) * cols ≤ (b + 1) * 2 ^ k := Nat.mul_le_mul_left _ hk
  have hpos : 0 < (b + 1) * 2 ^ k := Nat.mul_pos (by omega) (Nat.two_pow_pos k)
  have hlt := (digits_lt ((b + 1) * 2 ^ k) ((b + 1) * cols) rows data).mono
    (Nat.pow_le_pow_right (by decide) hle)
  have hpack := unpack_pack hlt
  have hmod := Nat.mod_eq_of_lt (pack_lt hlt)
  rw [length_digits] at hpack hmod
  rw [packedSums, fillFast_eq hpos, and_fill hle, maskedSums, unpack_laneSums (by omega),
    unpack_laneSums (by omega), hpack, ← hmod, Nat.mul_assoc, unpack_positiveLanes, hpack,
    digits_eq_map hle, signedSums, unpackLayer, List.map_map, List.map_map, List.map_map,
    List.map_map, List.zipWith_map, List.zipWith_self]
  refine List.map_congr_left fun row _ => ?_
  simp only [Function.comp_apply]
  obtain ⟨h1, h2⟩ := row_sums (b := b) (row := row) hk
  have hneg := negSum_map_sub (unpack (b + 1) cols row) (2 ^ b)
  rw [length_unpack] at hneg
  rw [h1, h2, unpackWeights, Nat.add_sub_cancel, posSum_map_sub, hneg.1, Int.toNat_natCast,
    Int.neg_neg, Int.toNat_natCast]

end

end PyOrch
