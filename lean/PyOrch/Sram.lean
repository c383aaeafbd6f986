/-!
# Tiles of a matrix product in on-chip memory

A tile multiplies `m × k` activations of `aBits` bits by `k × n` weights of `wBits` bits into
`m × n` accumulators of `cBits` bits. Seed document 003 claims that 320×320×512 and then 256×256×512
tiles (INT8, INT4, INT32) fit 220 KiB; neither does. 160×160×512 fits to the byte
(`tile_160_160_512_fits`), and a tile is shown to be best possible by its three successors
(`IsMaximalTile`).

With double buffering the activations and weights of the next step along `k` are loaded while those
of this one are multiplied: two copies of both inputs, and one of the accumulators, which stay.
-/

namespace PyOrch

/-- How a tile lies in memory. -/
structure TileFormat where
  /-- Bits of an activation. -/
  aBits : Nat
  /-- Bits of a weight. -/
  wBits : Nat
  /-- Bits of an accumulator. -/
  cBits : Nat
  /-- Copies of the activations and of the weights: 2 for double buffering. -/
  buffers : Nat := 1
  /-- Each copy of an operand takes a multiple of so many bytes; at least 1. -/
  alignment : Nat := 1

/-- INT8 activations, packed INT4 weights, INT32 accumulators. -/
def int8Int4Int32 : TileFormat := { aBits := 8, wBits := 4, cBits := 32 }

/-- The bytes of `count` packed entries of `bits` bits, rounded up. -/
def packedBytes (count bits : Nat) : Nat := (count * bits + 7) / 8

/-- The bytes of `count` packed entries of `bits` bits, rounded up to a multiple of `alignment`. -/
def alignedBytes (alignment count bits : Nat) : Nat :=
  (packedBytes count bits + (alignment - 1)) / alignment * alignment

/-- The bytes of a tile: every copy of its activations and weights, and its accumulators. -/
def tileBytes (f : TileFormat) (m n k : Nat) : Nat :=
  f.buffers * (alignedBytes f.alignment (m * k) f.aBits + alignedBytes f.alignment (k * n) f.wBits)
    + alignedBytes f.alignment (m * n) f.cBits

/-- The tile fits a memory of `capacity` bytes. -/
def TileFits (f : TileFormat) (capacity m n k : Nat) : Prop := tileBytes f m n k ≤ capacity

instance (f : TileFormat) (capacity m n k : Nat) : Decidable (TileFits f capacity m n k) :=
  inferInstanceAs (Decidable (_ ≤ _))

/-- More entries take no fewer bytes. -/
theorem packedBytes_mono {c d : Nat} (h : c ≤ d) (bits : Nat) :
    packedBytes c bits ≤ packedBytes d bits :=
  Nat.div_le_div_right (Nat.add_le_add_right (Nat.mul_le_mul_right bits h) 7)

/-- More entries take no fewer bytes with alignment either. -/
theorem alignedBytes_mono {c d : Nat} (h : c ≤ d) (alignment bits : Nat) :
    alignedBytes alignment c bits ≤ alignedBytes alignment d bits :=
  Nat.mul_le_mul_right alignment
    (Nat.div_le_div_right (Nat.add_le_add_right (packedBytes_mono h bits) _))

/-- Alignment wastes less than `alignment` bytes: what it gives is the least multiple that holds the
entries. -/
theorem alignedBytes_bounds {alignment : Nat} (h : 0 < alignment) (count bits : Nat) :
    packedBytes count bits ≤ alignedBytes alignment count bits ∧
      alignedBytes alignment count bits < packedBytes count bits + alignment := by
  have h1 := Nat.div_add_mod (packedBytes count bits + (alignment - 1)) alignment
  have h2 := Nat.mod_lt (packedBytes count bits + (alignment - 1)) h
  unfold alignedBytes
  rw [Nat.mul_comm] at h1
  omega

/-- A tile that is no smaller in any direction takes no fewer bytes. -/
theorem tileBytes_mono (f : TileFormat) {m n k m' n' k' : Nat} (hm : m ≤ m') (hn : n ≤ n')
    (hk : k ≤ k') : tileBytes f m n k ≤ tileBytes f m' n' k' :=
  Nat.add_le_add (Nat.mul_le_mul_left _ (Nat.add_le_add
    (alignedBytes_mono (Nat.mul_le_mul hm hk) _ _) (alignedBytes_mono (Nat.mul_le_mul hk hn) _ _)))
    (alignedBytes_mono (Nat.mul_le_mul hm hn) _ _)

/-- What is contained in a tile that fits also fits. -/
theorem TileFits.mono {f : TileFormat} {capacity m n k m' n' k' : Nat}
    (h : TileFits f capacity m' n' k') (hm : m ≤ m') (hn : n ≤ n') (hk : k ≤ k') :
    TileFits f capacity m n k := Nat.le_trans (tileBytes_mono f hm hn hk) h

/-! ## Maximal tiles -/

/-- The tile fits, and one more row, column or step of the inner dimension does not. -/
def IsMaximalTile (f : TileFormat) (capacity m n k : Nat) : Prop :=
  TileFits f capacity m n k ∧ ¬ TileFits f capacity (m + 1) n k ∧
    ¬ TileFits f capacity m (n + 1) k ∧ ¬ TileFits f capacity m n (k + 1)

instance (f : TileFormat) (capacity m n k : Nat) : Decidable (IsMaximalTile f capacity m n k) :=
  inferInstanceAs (Decidable (_ ∧ _ ∧ _ ∧ _))

/-- **A maximal tile is Pareto-optimal**: no other tile that fits contains it. -/
theorem IsMaximalTile.eq_of_le {f : TileFormat} {capacity m n k m' n' k' : Nat}
    (h : IsMaximalTile f capacity m n k) (hfits : TileFits f capacity m' n' k')
    (hm : m ≤ m') (hn : n ≤ n') (hk : k ≤ k') : m' = m ∧ n' = n ∧ k' = k := by
  obtain ⟨-, h1, h2, h3⟩ := h
  refine ⟨?_, ?_, ?_⟩
  · by_cases hlt : m + 1 ≤ m'
    · exact absurd (hfits.mono hlt hn hk) h1
    · omega
  · by_cases hlt : n + 1 ≤ n'
    · exact absurd (hfits.mono hm hlt hk) h2
    · omega
  · by_cases hlt : k + 1 ≤ k'
    · exact absurd (hfits.mono hm hn hlt) h3
    · omega

/-- **The maximal tiles miss nothing**: every tile within the limits that fits is contained in one
that fits and that, within the limits, cannot grow in any direction. -/
theorem exists_maximal_of_fits {f : TileFormat} {capacity limM limN limK m n k : Nat}
    (h : TileFits f capacity m n k) (hm : m ≤ limM) (hn : n ≤ limN) (hk : k ≤ limK) :
    ∃ m' n' k', (m ≤ m' ∧ n ≤ n' ∧ k ≤ k') ∧ (m' ≤ limM ∧ n' ≤ limN ∧ k' ≤ limK) ∧
      TileFits f capacity m' n' k' ∧ (m' = limM ∨ ¬ TileFits f capacity (m' + 1) n' k') ∧
      (n' = limN ∨ ¬ TileFits f capacity m' (n' + 1) k') ∧
      (k' = limK ∨ ¬ TileFits f capacity m' n' (k' + 1)) := by
  generalize hroom : (limM - m) + (limN - n) + (limK - k) = room
  induction room generalizing m n k with
  | zero =>
    exact ⟨m, n, k, by omega, by omega, h, .inl (by omega), .inl (by omega), .inl (by omega)⟩
  | succ room ih =>
    by_cases h1 : m < limM ∧ TileFits f capacity (m + 1) n k
    · obtain ⟨m', n', k', hle, hrest⟩ := ih h1.2 (by omega) hn hk (by omega)
      exact ⟨m', n', k', by omega, hrest⟩
    by_cases h2 : n < limN ∧ TileFits f capacity m (n + 1) k
    · obtain ⟨m', n', k', hle, hrest⟩ := ih h2.2 hm (by omega) hk (by omega)
      exact ⟨m', n', k', by omega, hrest⟩
    by_cases h3 : k < limK ∧ TileFits f capacity m n (k + 1)
    · obtain ⟨m', n', k', hle, hrest⟩ := ih h3.2 hm hn (by omega) (by omega)
      exact ⟨m', n', k', by omega, hrest⟩
    refine ⟨m, n, k, by omega, ⟨hm, hn, hk⟩, h, ?_, ?_, ?_⟩
    · by_cases hlt : m < limM
      · exact .inr fun hfits => h1 ⟨hlt, hfits⟩
      · exact .inl (by omega)
    · by_cases hlt : n < limN
      · exact .inr fun hfits => h2 ⟨hlt, hfits⟩
      · exact .inl (by omega)
    · by_cases hlt : k < limK
      · exact .inr fun hfits => h3 ⟨hlt, hfits⟩
      · exact .inl (by omega)

/-- The frontier for a fixed inner dimension `k`: entry `i` of `widths` is the greatest `n` for
which `m + i` rows fit. -/
def IsFrontier (f : TileFormat) (capacity k : Nat) : (m : Nat) → (widths : List Nat) → Prop
  | _, [] => True
  | m, n :: rest => (TileFits f capacity m n k ∧ ¬ TileFits f capacity m (n + 1) k) ∧
      IsFrontier f capacity k (m + 1) rest

/-- A frontier can be checked entry by entry. -/
def decideFrontier (f : TileFormat) (capacity k : Nat) :
    (m : Nat) → (widths : List Nat) → Decidable (IsFrontier f capacity k m widths)
  | _, [] => .isTrue trivial
  | m, _ :: rest =>
    have : Decidable (IsFrontier f capacity k (m + 1) rest) :=
      decideFrontier f capacity k (m + 1) rest
    inferInstanceAs (Decidable (_ ∧ _))

instance (f : TileFormat) (capacity k m : Nat) (widths : List Nat) :
    Decidable (IsFrontier f capacity k m widths) := decideFrontier f capacity k m widths

/-- **A frontier is complete**: for each of its numbers of rows, exactly the tiles up to its width
fit. -/
theorem IsFrontier.fits_iff {f : TileFormat} {capacity k m : Nat} {widths : List Nat}
    (h : IsFrontier f capacity k m widths) {i : Nat} (hi : i < widths.length) (n : Nat) :
    TileFits f capacity (m + i) n k ↔ n ≤ widths[i] := by
  induction widths generalizing m i with
  | nil => exact absurd hi (Nat.not_lt_zero _)
  | cons w rest ih =>
    obtain ⟨⟨hfits, hnot⟩, hrest⟩ := h
    cases i with
    | zero =>
      rw [List.getElem_cons_zero, Nat.add_zero]
      constructor
      · intro hn
        by_cases hlt : w + 1 ≤ n
        · exact absurd (hn.mono (Nat.le_refl _) hlt (Nat.le_refl _)) hnot
        · omega
      · exact fun hn => hfits.mono (Nat.le_refl _) hn (Nat.le_refl _)
    | succ i =>
      have := ih hrest (i := i) (Nat.lt_of_succ_lt_succ hi)
      rw [List.getElem_cons_succ, show m + (i + 1) = m + 1 + i by omega]
      exact this

/-! ## Seed 003: 220 KiB -/

/-- The bytes of one of the seed's memories: 220 KiB. -/
def seedCapacity : Nat := 220 * 1024

/-- The seed counts the bytes in the same way. -/
theorem tileBytes_int8Int4Int32 (m n k : Nat) (h : k * n % 2 = 0) :
    tileBytes int8Int4Int32 m n k = m * k * 1 + k * n / 2 + m * n * 4 := by
  simp only [tileBytes, alignedBytes, packedBytes, int8Int4Int32]
  omega

/-- **`matmul_fits_groq_sram` is false**: 320×320×512 takes 655,360 bytes of 225,280. -/
theorem not_matmul_fits_groq_sram :
    ¬ ∀ m n k, m ≤ 320 → n ≤ 320 → k ≤ 512 → TileFits int8Int4Int32 seedCapacity m n k :=
  fun h => absurd (h 320 320 512 (by decide) (by decide) (by decide)) (by decide)

/-- **`matmul_fits_groq_sram_corrected` is false**: 256×256×512 takes 458,752 bytes of 225,280. -/
theorem not_matmul_fits_groq_sram_corrected :
    ¬ ∀ m n k, m ≤ 256 → n ≤ 256 → k ≤ 512 → TileFits int8Int4Int32 seedCapacity m n k :=
  fun h => absurd (h 256 256 512 (by decide) (by decide) (by decide)) (by decide)

/-- The sizes of the seed's two tiles. -/
theorem seed_tileBytes : tileBytes int8Int4Int32 320 320 512 = 655360 ∧
    tileBytes int8Int4Int32 256 256 512 = 458752 := by decide

/-- **What fits**: every tile up to 160×160×512. -/
theorem tile_160_160_512_fits {m n k : Nat} (hm : m ≤ 160) (hn : n ≤ 160) (hk : k ≤ 512) :
    TileFits int8Int4Int32 seedCapacity m n k :=
  have h : TileFits int8Int4Int32 seedCapacity 160 160 512 := by decide
  h.mono hm hn hk

/-- 160×160×512 fills the memory to the byte, and nothing that contains it fits. -/
theorem tile_160_160_512_maximal : tileBytes int8Int4Int32 160 160 512 = seedCapacity ∧
    IsMaximalTile int8Int4Int32 seedCapacity 160 160 512 := by decide

/-- It is the largest square for this inner dimension: 161×161×512 does not fit. -/
theorem not_tile_161_161_512_fits : ¬ TileFits int8Int4Int32 seedCapacity 161 161 512 := by decide

end PyOrch
