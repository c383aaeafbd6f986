import PyOrch.MaximalTiles

/-! # Maximal tiles with the inner dimension 77 in 10007 bytes -/

namespace PyOrch.Emitted.tiles_to_100_1000_77_step_12_bits_8_4_32_buffers_2_alignment_32_capacity_10007

/-- 8-bit activations, 4-bit weights, 32-bit accumulators, 2 copies of the inputs, aligned to 32 bytes. -/
abbrev format : TileFormat where
  aBits := 8
  wBits := 4
  cBits := 32
  buffers := 2
  alignment := 32

/-- The tiles `m × n × 77` in question: `m` and `n` are positive multiples of 12, at most 100 and
1000. -/
abbrev grid : TileGrid where
  k := 77
  step := 12
  mLimit := 100
  nLimit := 1000

/-- Of these tiles, exactly the listed ones fit 10007 bytes and cannot grow by 12 in either
direction. -/
theorem sram_maximal_tiles (m n : Nat) :
    grid.IsMaximal format 10007 m n ↔
      (m, n) ∈ [(12, 60), (24, 36), (36, 12)] :=
  IsWholeStaircase.isMaximal_iff (by decide +kernel) m n

/-- One of these tiles fits 10007 bytes if and only if it lies below a listed one. -/
theorem sram_maximal_tiles_fits_iff {m n : Nat} (h : grid.Mem m n) :
    TileFits format 10007 m n 77 ↔
      ∃ t ∈ [(12, 60), (24, 36), (36, 12)], m ≤ t.1 ∧ n ≤ t.2 :=
  IsWholeStaircase.fits_iff (g := grid) (by decide +kernel) h

end PyOrch.Emitted.tiles_to_100_1000_77_step_12_bits_8_4_32_buffers_2_alignment_32_capacity_10007
