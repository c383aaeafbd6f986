import PyOrch.MixedPrecision

/-!
# The size of a packed row

How many bits and bytes a row takes whose entries have the widths of a repeating pattern, or share
a scale by groups; and the average number of bits an entry.
-/

namespace PyOrch

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

/-- The bits of the first `n` entries of a row with the repeating pattern `widths`. -/
def rowBits (widths : List Nat) (h : 0 < widths.length) : Nat → Nat
  | 0 => 0
  | n + 1 => rowBits widths h n + periodic widths h n

/-- The bytes of a packed row: its bits, rounded up to whole bytes. -/
def rowBytes (widths : List Nat) (h : 0 < widths.length) (n : Nat) : Nat :=
  (rowBits widths h n + 7) / 8

/-- The bits of entries `m`, …, `m + n - 1` come on top of the first `m`. -/
theorem rowBits_add_eq (widths : List Nat) (h : 0 < widths.length) (n : Nat) :
    rowBits widths h (n + widths.length) = rowBits widths h widths.length + rowBits widths h n := by
  induction n with
  | zero => simp [rowBits]
  | succ n ih =>
    have hstep : n + 1 + widths.length = (n + widths.length) + 1 := by omega
    rw [hstep, rowBits, rowBits, ih, periodic_add_length]
    omega

/-- The first `n` entries, no more than a pattern long, take the sum of their widths. -/
theorem rowBits_of_le (widths : List Nat) (h : 0 < widths.length) {n : Nat}
    (hn : n ≤ widths.length) : rowBits widths h n = (widths.take n).sum := by
  induction n with
  | zero => simp [rowBits]
  | succ n ih =>
    have hlt : n < widths.length := hn
    rw [rowBits, ih (by omega), List.take_succ_eq_append_getElem hlt, List.sum_append_nat]
    simp [periodic, Nat.mod_eq_of_lt hlt]

/-- One whole pattern takes the sum of its widths. -/
theorem rowBits_length (widths : List Nat) (h : 0 < widths.length) :
    rowBits widths h widths.length = widths.sum := by
  rw [rowBits_of_le widths h (Nat.le_refl _), List.take_length]

/-- **Size of a packed row**: whole patterns, and the part of one that is left over. -/
theorem rowBits_eq (widths : List Nat) (h : 0 < widths.length) (periods rest : Nat)
    (hrest : rest ≤ widths.length) :
    rowBits widths h (rest + periods * widths.length) =
      periods * widths.sum + (widths.take rest).sum := by
  induction periods with
  | zero => simp [rowBits_of_le widths h hrest]
  | succ k ih =>
    have hstep : rest + (k + 1) * widths.length = (rest + k * widths.length) + widths.length := by
      rw [Nat.succ_mul]; omega
    rw [hstep, rowBits_add_eq, rowBits_length, ih, Nat.succ_mul]
    omega

/-- The size of a row of any length: its whole patterns, and the rest. -/
theorem rowBits_formula (widths : List Nat) (h : 0 < widths.length) (n : Nat) :
    rowBits widths h n =
      n / widths.length * widths.sum + (widths.take (n % widths.length)).sum := by
  have heq := rowBits_eq widths h (n / widths.length) (n % widths.length)
    (Nat.le_of_lt (Nat.mod_lt _ h))
  rwa [Nat.mul_comm (n / widths.length), Nat.mod_add_div] at heq

/-- The size in bytes, with the number of bits worked out. -/
theorem rowBytes_eq {widths : List Nat} {h : 0 < widths.length} {n bits bytes : Nat}
    (hbits : rowBits widths h n = bits) (hbytes : (bits + 7) / 8 = bytes) :
    rowBytes widths h n = bytes := by
  rw [rowBytes, hbits, hbytes]

/-- Fewer bytes do not hold the row. -/
theorem rowBytes_le {widths : List Nat} {h : 0 < widths.length} {n bytes : Nat}
    (hbytes : rowBits widths h n ≤ 8 * bytes) : rowBytes widths h n ≤ bytes := by
  rw [rowBytes]; omega

/-- **Average width**: over whole patterns an entry takes `sum / length` bits. -/
theorem rowBits_avg (widths : List Nat) (h : 0 < widths.length) (periods : Nat)
    (hp : 0 < periods) :
    (rowBits widths h (periods * widths.length) : Rat) / (periods * widths.length : Nat) =
      (widths.sum : Rat) / (widths.length : Rat) := by
  have heq := rowBits_eq widths h periods 0 (by omega)
  have hp' : (0 : Rat) < (periods : Rat) := natCast_pos hp
  have hl' : (0 : Rat) < (widths.length : Rat) := natCast_pos h
  have hcast : ((rowBits widths h (periods * widths.length) : Nat) : Rat) =
      (periods : Rat) * (widths.sum : Rat) := by
    rw [← Rat.natCast_mul]; congr 1; simpa using heq
  rw [hcast, Rat.natCast_mul]
  have := mul_pos hp' hl'
  grind

/-- Seed 003's pattern: 4 and 3 bits in turn are 7/2 bits an entry, in every row of even length. -/
theorem rowBits_avg_3p5 (pairs : Nat) (hp : 0 < pairs) :
    (rowBits [4, 3] (by decide) (pairs * 2) : Rat) / (pairs * 2 : Nat) = 7 / 2 := by
  have := rowBits_avg [4, 3] (by decide) pairs hp
  simpa using this

/-- With 4 and 3 bits in turn a row of even length takes 7 bits for each pair of entries. -/
theorem rowBits_3p5 {n : Nat} (hn : n % 2 = 0) : rowBits [4, 3] (by decide) n = 7 * (n / 2) := by
  have heq := rowBits_eq [4, 3] (by decide) (n / 2) 0 (by decide)
  have hlen : 0 + n / 2 * [4, 3].length = n := by simp only [List.length]; omega
  have hsum : n / 2 * [4, 3].sum + ([4, 3].take 0).sum = 7 * (n / 2) := by simp; omega
  rw [hlen, hsum] at heq
  exact heq

/-- A row of 8192 entries with 4 and 3 bits in turn takes 28,672 bits, which are 3,584 bytes. -/
theorem rowBytes_3p5_8192 : rowBytes [4, 3] (by decide) 8192 = 3584 := by
  rw [rowBytes, rowBits_3p5 (by decide)]

/-- The bits of `groups` groups of `groupSize` entries of `bits` bits, with a scale of `scaleBits`
bits for each group. -/
def groupwiseBits (bits scaleBits groupSize groups : Nat) : Nat :=
  groups * (groupSize * bits + scaleBits)

/-- Group-wise quantization takes `bits + scaleBits / groupSize` bits an entry. -/
theorem groupwiseBits_avg (bits scaleBits groupSize groups : Nat) (hg : 0 < groupSize)
    (hn : 0 < groups) :
    (groupwiseBits bits scaleBits groupSize groups : Rat) / (groups * groupSize : Nat) =
      (bits : Rat) + (scaleBits : Rat) / (groupSize : Rat) := by
  have hg' : (0 : Rat) < (groupSize : Rat) := natCast_pos hg
  have hn' : (0 : Rat) < (groups : Rat) := natCast_pos hn
  unfold groupwiseBits
  simp only [Rat.natCast_mul, Rat.natCast_add]
  have := mul_pos hn' hg'
  grind

/-- INT4 in groups of 128 with 16-bit scales takes 4.125 bits an entry. -/
theorem groupwiseBits_avg_int4_g128 (groups : Nat) (hn : 0 < groups) :
    (groupwiseBits 4 16 128 groups : Rat) / (groups * 128 : Nat) = 33 / 8 := by
  rw [groupwiseBits_avg 4 16 128 groups (by decide) hn]
  decide +kernel

end

end PyOrch
