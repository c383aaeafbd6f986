import PyOrch.PackedRow
import PyOrch.SharedScale

/-! # Error of blocks of 32 with a shared power-of-two scale, 8-bit codes -/

namespace PyOrch.Emitted.int8_block_32_exponent_bits_8_exponents_neg_6__neg_3__0

universe u

/-- Block by block: the width, the codes -127, …, 127 (with the scale, a power of two), the range in which
an entry is at most half a step away from a code's number, and that half step. -/
noncomputable def blocks : List (EntryQuantizer Rat) := [
  { bits := 8, params := .symmetric 8 (1/64) 0, lo := -255/128, hi := 255/128, bound := 1/128 },
  { bits := 8, params := .symmetric 8 (1/8) 0, lo := -255/16, hi := 255/16, bound := 1/16 },
  { bits := 8, params := .symmetric 8 1 0, lo := -255/2, hi := 255/2, bound := 1/2 }]

/-- Entry `i` of the row of 96 is in block `i / 32`, rounded down. -/
noncomputable abbrev entry (α : Type u) [OrderedField α] (i : Nat) (h : i < 96) : EntryQuantizer α :=
  (groupOf blocks 32 i h).over α

/-- The scales are 2 to these exponents. -/
theorem scales_are_powers_of_two :
    blocks.map (fun e => e.params.scale) = ([-6, -3, 0] : List Int).map (fun e => (2 : Rat) ^ e) := by
  decide +kernel

/-- The numbers above are right: the codes fit in their width, they are symmetric, ranges and bounds
are those of scale and codes. -/
theorem blocks_valid : ∀ e ∈ blocks, e.Valid ∧ e.IsSymmetric 127 := by
  decide +kernel

/-- Every entry in the range of its block, up to 255/2 times the scale in absolute value, is restored
with an error of at most the block's bound, half of its scale. -/
theorem shared_scale_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (i : Nat) (h : i < 96)
    {x : α} (hlo : (entry α i h).lo ≤ x) (hhi : x ≤ (entry α i h).hi) :
    AbsLE (x - dequantize (entry α i h).params (quantize round (entry α i h).params x))
      (entry α i h).bound :=
  (blocks_valid _ (groupOf_mem ..)).1.error_bound hround hlo hhi

/-- A power of two costs less than a bit. Let `amax` bound a block's entries, let its scale be enough
for that, and half of it, `bound`, too little. Then every entry errs by at most `bound`, which is
less than `amax / 127`, twice the bound for the finest scale that is enough. -/
theorem shared_scale_cost {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (i : Nat) (h : i < 96)
    {amax x : α} (hfits : amax ≤ 127 * (entry α i h).params.scale)
    (hleast : 127 * (entry α i h).bound < amax) (hx : AbsLE x amax) :
    AbsLE (x - dequantize (entry α i h).params (quantize round (entry α i h).params x))
        (entry α i h).bound ∧
      (entry α i h).bound < amax / 127 :=
  have hb := blocks_valid _ (groupOf_mem ..)
  hb.1.shared_scale_error hb.2 hround hfits hleast hx

/-- With 8 bits for the exponent of a block, an entry of 8 bits takes 33/4 bits on average,
whatever the number of blocks. -/
theorem shared_scale_average_width (count : Nat) (hcount : 0 < count) :
    (groupwiseBits 8 8 32 count : Rat) / (count * 32 : Nat) = 33/4 :=
  (groupwiseBits_avg 8 8 32 count (by decide) hcount).trans
    (by decide +kernel)

end PyOrch.Emitted.int8_block_32_exponent_bits_8_exponents_neg_6__neg_3__0
