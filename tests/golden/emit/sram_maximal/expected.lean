import PyOrch.MaximalTiles

/-! # Maximal tiles with the inner dimension 512 in 225280 bytes -/

namespace PyOrch.Emitted.tiles_to_320_320_512_step_32_bits_8_4_32_buffers_1_alignment_1_capacity_225280

/-- 8-bit activations, 4-bit weights, 32-bit accumulators. -/
abbrev format : TileFormat where
  aBits := 8
  wBits := 4
  cBits := 32
  buffers := 1
  alignment := 1

/-- The tiles `m × n × 512` in question: `m` and `n` are positive multiples of 32, at most 320 and
320. -/
abbrev grid : TileGrid where
  k := 512
  step := 32
  mLimit := 320
  nLimit := 320

/-- Of these tiles, exactly the listed ones fit 225280 bytes and cannot grow by 32 in either
direction. -/
theorem sram_maximal_tiles (m n : Nat) :
    grid.IsMaximal format 225280 m n ↔
      (m, n) ∈ [(64, 320), (96, 256), (128, 192), (160, 160), (224, 96), (256, 64), (320, 32)] :=
  IsWholeStaircase.isMaximal_iff (by decide +kernel) m n

/-- One of these tiles fits 225280 bytes if and only if it lies below a listed one. -/
theorem sram_maximal_tiles_fits_iff {m n : Nat} (h : grid.Mem m n) :
    TileFits format 225280 m n 512 ↔
      ∃ t ∈ [(64, 320), (96, 256), (128, 192), (160, 160), (224, 96), (256, 64), (320, 32)], m ≤ t.1 ∧ n ≤ t.2 :=
  IsWholeStaircase.fits_iff (g := grid) (by decide +kernel) h

end PyOrch.Emitted.tiles_to_320_320_512_step_32_bits_8_4_32_buffers_1_alignment_1_capacity_225280
