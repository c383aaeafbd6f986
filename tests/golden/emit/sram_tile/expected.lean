import PyOrch.Sram

/-! # A 160×160×512 tile in 225280 bytes -/

namespace PyOrch.Emitted.tile_160_160_512_bits_8_4_32_buffers_1_alignment_1_capacity_225280

/-- 8-bit activations, 4-bit weights, 32-bit accumulators. -/
abbrev format : TileFormat where
  aBits := 8
  wBits := 4
  cBits := 32
  buffers := 1
  alignment := 1

/-- A tile of 160×512 activations, 512×160 weights and 160×160 accumulators takes exactly
225280 bytes. -/
theorem sram_tile_bytes : tileBytes format 160 160 512 = 225280 := by
  decide +kernel

/-- Every tile of at most 160×160×512 fits 225280 bytes. -/
theorem sram_tile_fits {m n k : Nat} (hm : m ≤ 160) (hn : n ≤ 160) (hk : k ≤ 512) :
    TileFits format 225280 m n k :=
  TileFits.mono (m' := 160) (n' := 160) (k' := 512) (by decide +kernel) hm hn hk

/-- The tile is maximal: with one more row, column or step along `k` it takes 226432, 226176, or 225520
bytes, which is too much. -/
theorem sram_tile_successors :
    ¬ TileFits format 225280 161 160 512 ∧
    ¬ TileFits format 225280 160 161 512 ∧
    ¬ TileFits format 225280 160 160 513 := by
  decide +kernel

/-- Not every tile of at most 320×320×512, of 8-bit activations, packed 4-bit weights and 32-bit
accumulators, fits 220 KiB: 163840 + 81920 + 409600 = 655360 > 225280. -/
theorem not_matmul_fits_groq_sram :
    ¬ ∀ m n k : Nat, m ≤ 320 → n ≤ 320 → k ≤ 512 →
      m * k * 1 + k * n / 2 + m * n * 4 ≤ 220 * 1024 :=
  fun hall => absurd (hall 320 320 512 (by decide) (by decide) (by decide)) (by decide)

/-- Not every tile of at most 256×256×512, of 8-bit activations, packed 4-bit weights and 32-bit
accumulators, fits 220 KiB: 131072 + 65536 + 262144 = 458752 > 225280. -/
theorem not_matmul_fits_groq_sram_corrected :
    ¬ ∀ m n k : Nat, m ≤ 256 → n ≤ 256 → k ≤ 512 →
      m * k * 1 + k * n / 2 + m * n * 4 ≤ 220 * 1024 :=
  fun hall => absurd (hall 256 256 512 (by decide) (by decide) (by decide)) (by decide)

end PyOrch.Emitted.tile_160_160_512_bits_8_4_32_buffers_1_alignment_1_capacity_225280
