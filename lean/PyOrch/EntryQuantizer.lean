import PyOrch.Covers
import PyOrch.RatCast

/-!
# Tables of quantizers with exact numbers

Emitted files list the quantizers of a row with their ranges and error bounds as rational numbers
(`EntryQuantizer Rat`). That the numbers are right (`EntryQuantizer.Valid`) is decided by
evaluation, for the whole table at once; the error bound then holds over every ordered field.
-/

namespace PyOrch

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

universe u

/-- How an entry of a row is quantized, with the numbers worked out. -/
structure EntryQuantizer (α : Type u) where
  /-- The width of a code. -/
  bits : Nat
  /-- Scale, zero point and codes. -/
  params : QuantParams α
  /-- The lower end of the range where nothing saturates by more than half a step. -/
  lo : α
  /-- The upper end of that range. -/
  hi : α
  /-- The error bound in that range: half a step. -/
  bound : α

/-- The codes fit in the width, and the range and the bound are those of the quantizer. -/
def EntryQuantizer.Valid (e : EntryQuantizer Rat) : Prop :=
  e.params.qMax - e.params.qMin < 2 ^ e.bits ∧ e.params.Covers e.lo e.hi e.bound

instance (e : EntryQuantizer Rat) : Decidable e.Valid :=
  inferInstanceAs (Decidable (_ ∧ _))

/-! ## Over any ordered field -/

variable {α : Type u} [OrderedField α]

/-- The same quantizer over any ordered field. -/
def QuantParams.over (α : Type u) [OrderedField α] (p : QuantParams Rat) : QuantParams α where
  scale := ratCast p.scale
  zeroPoint := ratCast p.zeroPoint
  qMin := p.qMin
  qMax := p.qMax

/-- The same table entry over any ordered field. -/
def EntryQuantizer.over (α : Type u) [OrderedField α] (e : EntryQuantizer Rat) :
    EntryQuantizer α where
  bits := e.bits
  params := e.params.over α
  lo := ratCast e.lo
  hi := ratCast e.hi
  bound := ratCast e.bound

/-- What a quantizer covers over the rationals it covers over every ordered field. -/
theorem EntryQuantizer.Valid.covers {e : EntryQuantizer Rat} (he : e.Valid) :
    (e.over α).params.Covers (e.over α).lo (e.over α).hi (e.over α).bound :=
  QuantParams.covers_of_rat (lo := ratCast e.lo) (hi := ratCast e.hi) (b := ratCast e.bound) he.2

/-- **What the table promises**: every `x` of the range is restored to within the bound. -/
theorem EntryQuantizer.Valid.error_bound {e : EntryQuantizer Rat} (he : e.Valid)
    {round : α → Int} (h : IsNearest round) {x : α} (hlo : (e.over α).lo ≤ x)
    (hhi : x ≤ (e.over α).hi) :
    AbsLE (x - dequantize (e.over α).params (quantize round (e.over α).params x))
      (e.over α).bound :=
  he.covers.error_bound h hlo hhi

/-- No smaller bound holds in the range, whichever way ties are broken. -/
theorem EntryQuantizer.Valid.le_of_error_bound {e : EntryQuantizer Rat} (he : e.Valid)
    {round : α → Int} (h : IsNearest round) {c : α}
    (hc : ∀ x, (e.over α).lo ≤ x → x ≤ (e.over α).hi →
      AbsLE (x - dequantize (e.over α).params (quantize round (e.over α).params x)) c) :
    (e.over α).bound ≤ c :=
  he.covers.le_of_error_bound h hc

end

end PyOrch
