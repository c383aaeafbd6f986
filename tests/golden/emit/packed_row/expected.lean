import PyOrch.PackedRow

/-! # The size of a packed row of 8192 entries -/

namespace PyOrch.Emitted.bits_4__3_length_8192

/-- The widths of the entries in bits; they repeat along the row. -/
abbrev widths : List Nat := [4, 3]

/-- 8192 entries take 28672 bits, and packed without gaps 3584 bytes. -/
theorem packed_row_size :
    rowBits widths (by decide) 8192 = 28672 ∧ rowBytes widths (by decide) 8192 = 3584 := by
  have hbits : rowBits widths (by decide) 8192 = 28672 :=
    (rowBits_formula _ _ _).trans (by decide +kernel)
  exact ⟨hbits, rowBytes_eq hbits (by decide +kernel)⟩

/-- No fewer than 3584 bytes can hold the row. -/
theorem packed_row_size_least {bytes : Nat}
    (hbytes : rowBits widths (by decide) 8192 ≤ 8 * bytes) : 3584 ≤ bytes :=
  packed_row_size.2 ▸ rowBytes_le hbytes

/-- An entry of this row takes 7/2 bits on average. -/
theorem packed_row_average_width :
    (rowBits widths (by decide) 8192 : Rat) / (8192 : Nat) = 7/2 := by
  rw [packed_row_size.1]
  decide +kernel

/-- The first `n` entries of any row take the 7 bits of a period for each 2 of them, and the
widths of the rest. -/
theorem packed_row_bits (n : Nat) :
    rowBits widths (by decide) n = n / 2 * 7 + (widths.take (n % 2)).sum :=
  rowBits_formula widths (by decide) n

end PyOrch.Emitted.bits_4__3_length_8192
