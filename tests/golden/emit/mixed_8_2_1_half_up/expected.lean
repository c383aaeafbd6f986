import PyOrch.EntryQuantizer
import PyOrch.PackedRow

/-! # Error of mixed-precision quantization, a pattern of 3 widths that repeats -/

namespace PyOrch.Emitted.uint_8__2__1_scale_1_100__1_3__2_zero_neg_5_3_half_up

universe u

/-- Position by position: the width, the codes (with scale and zero point), the range in which an
entry is at most half a step away from a code's number, and that half step. -/
noncomputable def pattern : List (EntryQuantizer Rat) := [
  { bits := 8, params := .unsigned 8 (1/100) (-5/3), lo := -1003/600, hi := 533/600, bound := 1/200 },
  { bits := 2, params := .unsigned 2 (1/3) (-5/3), lo := -11/6, hi := -1/2, bound := 1/6 },
  { bits := 1, params := .unsigned 1 2 (-5/3), lo := -8/3, hi := 4/3, bound := 1 }]

/-- Entry `i` of a row has the quantizer at position `i` modulo 3. -/
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

/-- In a row of whole periods, of 3 entries each, an entry takes 11/3 bits on average. -/
theorem mixed_precision_average_width (periods : Nat) (hperiods : 0 < periods) :
    (rowBits (pattern.map EntryQuantizer.bits) (by decide) (periods * 3) : Rat) /
      (periods * 3 : Nat) = 11/3 :=
  (rowBits_avg (pattern.map EntryQuantizer.bits) (by decide) periods hperiods).trans
    (by decide +kernel)

/-- Without the ranges the bound is false: at -3, entry 1 errs by 4/3, more than half of the
greatest scale, 1. -/
theorem not_unguarded_mixed_precision_error_bound :
    ¬ ∀ (i : Nat) (x : Rat),
      AbsLE (x - dequantize (periodic pattern (by decide) i).params
        (quantize roundHalfUp (periodic pattern (by decide) i).params x)) 1 :=
  fun hall => absurd (hall 1 (-3)) (by decide +kernel)

end PyOrch.Emitted.uint_8__2__1_scale_1_100__1_3__2_zero_neg_5_3_half_up
