import PyOrch.Sram

/-! # A 96×128×512 tile in 225280 bytes -/

namespace PyOrch.Emitted.tile_96_128_512_bits_8_3_32_buffers_2_alignment_256_capacity_225280

/-- 8-bit activations, 3-bit weights, 32-bit accumulators, 2 copies of the inputs, aligned to 256 bytes. -/
abbrev format : TileFormat where
  aBits := 8
  wBits := 3
  cBits := 32
  buffers := 2
  alignment := 256

/-- A tile of 96×512 activations, 512×128 weights and 96×128 accumulators takes exactly
196608 bytes. -/
theorem sram_tile_bytes : tileBytes format 96 128 512 = 196608 := by
  decide +kernel

/-- Every tile of at most 96×128×512 fits 225280 bytes. -/
theorem sram_tile_fits {m n k : Nat} (hm : m ≤ 96) (hn : n ≤ 128) (hk : k ≤ 512) :
    TileFits format 225280 m n k :=
  TileFits.mono (m' := 96) (n' := 128) (k' := 512) (by decide +kernel) hm hn hk

/-- With one more row, column or step along `k` it takes 198144, 197632, or 197632
bytes, which is not always too much. -/
theorem sram_tile_successors :
    TileFits format 225280 97 128 512 ∧
    TileFits format 225280 96 129 512 ∧
    TileFits format 225280 96 128 513 := by
  decide +kernel

/-- Not every tile of at most 256×256×512, of 8-bit activations, packed 4-bit weights and 32-bit
accumulators, fits 220 KiB: 131072 + 65536 + 262144 = 458752 > 225280. -/
theorem not_matmul_fits_groq_sram_corrected :
    ¬ ∀ m n k : Nat, m ≤ 256 → n ≤ 256 → k ≤ 512 →
      m * k * 1 + k * n / 2 + m * n * 4 ≤ 220 * 1024 :=
  fun hall => absurd (hall 256 256 512 (by decide) (by decide) (by decide)) (by decide)

end PyOrch.Emitted.tile_96_128_512_bits_8_3_32_buffers_2_alignment_256_capacity_225280
