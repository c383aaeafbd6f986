import PyOrch.PackedRow
import PyOrch.SharedScale

/-! # Error of blocks of 1 with a shared power-of-two scale, 2-bit codes -/

namespace PyOrch.Emitted.int2_block_1_exponent_bits_0_exponents_3

universe u

/-- Block by block: the width, the codes -1, …, 1 (with the scale, a power of two), the range in which
an entry is at most half a step away from a code's number, and that half step. -/
noncomputable def blocks : List (EntryQuantizer Rat) := [
  { bits := 2, params := .symmetric 2 8 0, lo := -12, hi := 12, bound := 4 }]

/-- Entry `i` of the row of 1 is in block `i / 1`, rounded down. -/
noncomputable abbrev entry (α : Type u) [OrderedField α] (i : Nat) (h : i < 1) : EntryQuantizer α :=
  (groupOf blocks 1 i h).over α

/-- The scales are 2 to these exponents. -/
theorem scales_are_powers_of_two :
    blocks.map (fun e => e.params.scale) = ([3] : List Int).map (fun e => (2 : Rat) ^ e) := by
  decide +kernel

/-- The numbers above are right: the codes fit in their width, they are symmetric, ranges and bounds
are those of scale and codes. -/
theorem blocks_valid : ∀ e ∈ blocks, e.Valid ∧ e.IsSymmetric 1 := by
  decide +kernel

/-- Every entry in the range of its block, up to 3/2 times the scale in absolute value, is restored
with an error of at most the block's bound, half of its scale. -/
theorem shared_scale_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (i : Nat) (h : i < 1)
    {x : α} (hlo : (entry α i h).lo ≤ x) (hhi : x ≤ (entry α i h).hi) :
    AbsLE (x - dequantize (entry α i h).params (quantize round (entry α i h).params x))
      (entry α i h).bound :=
  (blocks_valid _ (groupOf_mem ..)).1.error_bound hround hlo hhi

/-- A power of two costs less than a bit. Let `amax` bound a block's entries, let its scale be enough
for that, and half of it, `bound`, too little. Then every entry errs by at most `bound`, which is
less than `amax / 1`, twice the bound for the finest scale that is enough. -/
theorem shared_scale_cost {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (i : Nat) (h : i < 1)
    {amax x : α} (hfits : amax ≤ 1 * (entry α i h).params.scale)
    (hleast : 1 * (entry α i h).bound < amax) (hx : AbsLE x amax) :
    AbsLE (x - dequantize (entry α i h).params (quantize round (entry α i h).params x))
        (entry α i h).bound ∧
      (entry α i h).bound < amax / 1 :=
  have hb := blocks_valid _ (groupOf_mem ..)
  hb.1.shared_scale_error hb.2 hround hfits hleast hx

/-- With 0 bits for the exponent of a block, an entry of 2 bits takes 2 bits on average,
whatever the number of blocks. -/
theorem shared_scale_average_width (count : Nat) (hcount : 0 < count) :
    (groupwiseBits 2 0 1 count : Rat) / (count * 1 : Nat) = 2 :=
  (groupwiseBits_avg 2 0 1 count (by decide) hcount).trans
    (by decide +kernel)

end PyOrch.Emitted.int2_block_1_exponent_bits_0_exponents_3
