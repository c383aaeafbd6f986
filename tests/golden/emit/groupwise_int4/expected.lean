import PyOrch.EntryQuantizer
import PyOrch.PackedRow

/-! # Error of group-wise quantization, 3 groups of 128 -/

namespace PyOrch.Emitted.int4_group_128_scale_bits_16_scale_1_8__1_32__3_64_zero_0__0__0

universe u

/-- Group by group: the width, the codes (with scale and zero point), the range in which an entry is
at most half a step away from a code's number, and that half step. -/
noncomputable def groups : List (EntryQuantizer Rat) := [
  { bits := 4, params := .signed 4 (1/8) 0, lo := -17/16, hi := 15/16, bound := 1/16 },
  { bits := 4, params := .signed 4 (1/32) 0, lo := -17/64, hi := 15/64, bound := 1/64 },
  { bits := 4, params := .signed 4 (3/64) 0, lo := -51/128, hi := 45/128, bound := 3/128 }]

/-- Entry `i` of the row of 384 is in group `i / 128`, rounded down. -/
noncomputable abbrev entry (α : Type u) [OrderedField α] (i : Nat) (h : i < 384) : EntryQuantizer α :=
  (groupOf groups 128 i h).over α

/-- The numbers above are right: the codes fit in their width, ranges and bounds are those of scale,
zero point and codes. -/
theorem groups_valid : ∀ e ∈ groups, e.Valid := by
  decide +kernel

/-- Every entry in the range of its group is restored with an error of at most the group's bound,
half of its scale. -/
theorem groupwise_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (i : Nat) (h : i < 384)
    {x : α} (hlo : (entry α i h).lo ≤ x) (hhi : x ≤ (entry α i h).hi) :
    AbsLE (x - dequantize (entry α i h).params (quantize round (entry α i h).params x))
      (entry α i h).bound :=
  (groups_valid _ (groupOf_mem ..)).error_bound hround hlo hhi

/-- No smaller bound holds on the range of any entry, whichever way ties are broken. -/
theorem groupwise_error_bound_least {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (i : Nat) (h : i < 384) {c : α}
    (hc : ∀ x : α, (entry α i h).lo ≤ x → x ≤ (entry α i h).hi →
      AbsLE (x - dequantize (entry α i h).params (quantize round (entry α i h).params x)) c) :
    (entry α i h).bound ≤ c :=
  (groups_valid _ (groupOf_mem ..)).le_of_error_bound hround hc

/-- With 16 bits for what is stored once a group, an entry of 4 bits takes 33/8 bits on average,
whatever the number of groups. -/
theorem groupwise_average_width (count : Nat) (hcount : 0 < count) :
    (groupwiseBits 4 16 128 count : Rat) / (count * 128 : Nat) = 33/8 :=
  (groupwiseBits_avg 4 16 128 count (by decide) hcount).trans
    (by decide +kernel)

end PyOrch.Emitted.int4_group_128_scale_bits_16_scale_1_8__1_32__3_64_zero_0__0__0
