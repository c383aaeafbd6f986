import PyOrch.EntryQuantizer
import PyOrch.PackedRow

/-! # Error of mixed-precision quantization, a pattern of 2 widths that repeats -/

namespace PyOrch.Emitted.int_4__3_scale_1_8__1_4_zero_0_half_even

universe u

/-- Position by position: the width, the codes (with scale and zero point), the range in which an
entry is at most half a step away from a code's number, and that half step. -/
noncomputable def pattern : List (EntryQuantizer Rat) := [
  { bits := 4, params := .signed 4 (1/8) 0, lo := -17/16, hi := 15/16, bound := 1/16 },
  { bits := 3, params := .signed 3 (1/4) 0, lo := -9/8, hi := 7/8, bound := 1/8 }]

/-- Entry `i` of a row has the quantizer at position `i` modulo 2. -/
noncomputable abbrev entry (α : Type u) [OrderedField α] (i : Nat) : EntryQuantizer α :=
  (periodic pattern (by decide) i).over α

/-- The numbers above are right: the codes fit in their width, ranges and bounds are those of scale,
zero point and codes. -/
theorem pattern_valid : ∀ e ∈ pattern, e.Valid := by
  decide +kernel

/-- Every entry `i` in its range is restored with an error of at most its bound, half a step of the
quantizer at its position. -/
theorem mixed_precision_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (i : Nat)
    {x : α} (hlo : (entry α i).lo ≤ x) (hhi : x ≤ (entry α i).hi) :
    AbsLE (x - dequantize (entry α i).params (quantize round (entry α i).params x))
      (entry α i).bound :=
  (pattern_valid _ (periodic_mem ..)).error_bound hround hlo hhi

/-- No smaller bound holds on the range of any entry, whichever way ties are broken. -/
theorem mixed_precision_error_bound_least {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) (i : Nat) {c : α}
    (hc : ∀ x : α, (entry α i).lo ≤ x → x ≤ (entry α i).hi →
      AbsLE (x - dequantize (entry α i).params (quantize round (entry α i).params x)) c) :
    (entry α i).bound ≤ c :=
  (pattern_valid _ (periodic_mem ..)).le_of_error_bound hround hc

/-- In a row of whole periods, of 2 entries each, an entry takes 7/2 bits on average. -/
theorem mixed_precision_average_width (periods : Nat) (hperiods : 0 < periods) :
    (rowBits (pattern.map EntryQuantizer.bits) (by decide) (periods * 2) : Rat) /
      (periods * 2 : Nat) = 7/2 :=
  (rowBits_avg (pattern.map EntryQuantizer.bits) (by decide) periods hperiods).trans
    (by decide +kernel)

/-- Without the ranges the bound is false: at 2, entry 0 errs by 9/8, more than half of the
greatest scale, 1/8. -/
theorem not_unguarded_mixed_precision_error_bound :
    ¬ ∀ (i : Nat) (x : Rat),
      AbsLE (x - dequantize (periodic pattern (by decide) i).params
        (quantize roundHalfEven (periodic pattern (by decide) i).params x)) (1/8) :=
  fun hall => absurd (hall 0 2) (by decide +kernel)

end PyOrch.Emitted.int_4__3_scale_1_8__1_4_zero_0_half_even
