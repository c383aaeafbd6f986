import PyOrch.PackedRow

/-! # The size of a packed row of 1 entry -/

namespace PyOrch.Emitted.bits_3_length_1

/-- The widths of the entries in bits; they repeat along the row. -/
abbrev widths : List Nat := [3]

/-- 1 entry takes 3 bits, and packed without gaps 1 byte. -/
theorem packed_row_size :
    rowBits widths (by decide) 1 = 3 ∧ rowBytes widths (by decide) 1 = 1 := by
  have hbits : rowBits widths (by decide) 1 = 3 :=
    (rowBits_formula _ _ _).trans (by decide +kernel)
  exact ⟨hbits, rowBytes_eq hbits (by decide +kernel)⟩

/-- No fewer than 1 byte can hold the row. -/
theorem packed_row_size_least {bytes : Nat}
    (hbytes : rowBits widths (by decide) 1 ≤ 8 * bytes) : 1 ≤ bytes :=
  packed_row_size.2 ▸ rowBytes_le hbytes

/-- An entry of this row takes 3 bits on average. -/
theorem packed_row_average_width :
    (rowBits widths (by decide) 1 : Rat) / (1 : Nat) = 3 := by
  rw [packed_row_size.1]
  decide +kernel

/-- The first `n` entries of any row take the 3 bits of a period for each 1 of them, and the
widths of the rest. -/
theorem packed_row_bits (n : Nat) :
    rowBits widths (by decide) n = n / 1 * 3 + (widths.take (n % 1)).sum :=
  rowBits_formula widths (by decide) n

end PyOrch.Emitted.bits_3_length_1
