import PyOrch.EntryQuantizer
import PyOrch.PackedRow

/-! # Error of group-wise quantization, 2 groups of 64 -/

namespace PyOrch.Emitted.uint3_group_64_scale_bits_19_scale_1_100__3_7_zero_neg_1_25__2

universe u

/-- Group by group: the width, the codes (with scale and zero point), the range in which an entry is
at most half a step away from a code's number, and that half step. -/
noncomputable def groups : List (EntryQuantizer Rat) := [
  { bits := 3, params := .unsigned 3 (1/100) (-1/25), lo := -9/200, hi := 7/200, bound := 1/200 },
  { bits := 3, params := .unsigned 3 (3/7) 2, lo := 25/14, hi := 73/14, bound := 3/14 }]

/-- Entry `i` of the row of 128 is in group `i / 64`, rounded down. -/
noncomputable abbrev entry (α : Type u) [OrderedField α] (i : Nat) (h : i < 128) : EntryQuantizer α :=
  (groupOf groups 64 i h).over α

/-- The numbers above are right: the codes fit in their width, ranges and bounds are those of scale,
zero point and codes. -/
theorem groups_valid : ∀ e ∈ groups, e.Valid := by
  decide +kernel

/-- Every entry in the range of its group is restored with an error of at most the group's bound,
half of its scale. -/
theorem groupwise_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (i : Nat) (h : i < 128)
    {x : α} (hlo : (entry α i h).lo ≤ x) (hhi : x ≤ (entry α i h).hi) :
    AbsLE (x - dequantize (entry α i h).params (quantize round (entry α i h).params x))
      (entry α i h).bound :=
  (groups_valid _ (groupOf_mem ..)).error_bound hround hlo hhi

/-- No smaller bound holds on the range of any entry, whichever way ties are broken. -/
theorem groupwise_error_bound_least {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (i : Nat) (h : i < 128) {c : α}
    (hc : ∀ x : α, (entry α i h).lo ≤ x → x ≤ (entry α i h).hi →
      AbsLE (x - dequantize (entry α i h).params (quantize round (entry α i h).params x)) c) :
    (entry α i h).bound ≤ c :=
  (groups_valid _ (groupOf_mem ..)).le_of_error_bound hround hc

/-- With 19 bits for what is stored once a group, an entry of 3 bits takes 211/64 bits on average,
whatever the number of groups. -/
theorem groupwise_average_width (count : Nat) (hcount : 0 < count) :
    (groupwiseBits 3 19 64 count : Rat) / (count * 64 : Nat) = 211/64 :=
  (groupwiseBits_avg 3 19 64 count (by decide) hcount).trans
    (by decide +kernel)

end PyOrch.Emitted.uint3_group_64_scale_bits_19_scale_1_100__3_7_zero_neg_1_25__2
