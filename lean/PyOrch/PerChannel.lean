import PyOrch.DotBound
import PyOrch.EntryQuantizer

/-!
# Matrix products with a scale for each output channel

The columns of a weight matrix, its output channels, are quantized with a scale each; an entry of
the product is a dot product with one column. A table lists the channels with exact numbers
(`Channel Rat`), and each entry of the product has the bound of its channel.
-/

namespace PyOrch

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

universe u

/-- The quantizer of an output channel's weights, with the numbers worked out. -/
structure Channel (α : Type u) where
  /-- Scale, zero point and codes of the weights. -/
  params : QuantParams α
  /-- A bound on the absolute values of the weights. -/
  absMax : α
  /-- The error bound of an output. -/
  bound : α

section
variable {α : Type u} [OrderedField α] {m k n : Nat}

/-- The same channel over any ordered field. -/
def Channel.over (α : Type u) [OrderedField α] (c : Channel Rat) : Channel α where
  params := c.params.over α
  absMax := ratCast c.absMax
  bound := ratCast c.bound

/-- Row `i` of the activations beside column `j` of the weights. -/
def rowColumn (A : Fin m → Fin k → α) (W : Fin k → Fin n → α) (i : Fin m) (j : Fin n) :
    List (α × α) :=
  List.ofFn fun t => (A i t, W t j)

/-- Entry (`i`, `j`) of the matrix product `A W`. -/
def matmul (A : Fin m → Fin k → α) (W : Fin k → Fin n → α) (i : Fin m) (j : Fin n) : α :=
  dot (rowColumn A W i j)

/-- Entry (`i`, `j`) of the matrix product of the numbers that the codes stand for, where column `j`
of the weights has the quantizer `pw j`. -/
def quantizedMatmul (round : α → Int) (pa : QuantParams α) (pw : Fin n → QuantParams α)
    (A : Fin m → Fin k → α) (W : Fin k → Fin n → α) (i : Fin m) (j : Fin n) : α :=
  dot (restored pa (pw j) (codes round pa (pw j) (rowColumn A W i j)))

omit [OrderedField α] in
/-- An entry of the product is the sum over `k` products. -/
theorem length_rowColumn (A : Fin m → Fin k → α) (W : Fin k → Fin n → α) (i : Fin m) (j : Fin n) :
    (rowColumn A W i j).length = k := List.length_ofFn

/-- The numbers of a channel are those of a dot product of that length with activations from `aMin`
to `aMax` and weights of at most `absMax` in absolute value, without a zero point. -/
def Channel.Valid (length : Nat) (pa : QuantParams α) (aMin aMax aAbs : α) (c : Channel α) :
    Prop :=
  c.params.zeroPoint = 0 ∧
    DotBound length pa c.params aMin aMax aAbs (-c.absMax) c.absMax c.absMax c.bound

instance (length : Nat) (pa : QuantParams Rat) (aMin aMax aAbs : Rat) (c : Channel Rat) :
    Decidable (c.Valid length pa aMin aMax aAbs) := inferInstanceAs (Decidable (_ ∧ _))

/-- With concrete numbers it is a matter of rational numbers. -/
theorem Channel.valid_of_rat {length : Nat} {channels : List (Channel Rat)}
    {s z aMin aMax aAbs : α} {qMin qMax : Int} {s' z' aMin' aMax' aAbs' : Rat} [IsRat s s']
    [IsRat z z'] [IsRat aMin aMin'] [IsRat aMax aMax'] [IsRat aAbs aAbs']
    (h : ∀ c ∈ channels, c.Valid length ⟨s', z', qMin, qMax⟩ aMin' aMax' aAbs') :
    ∀ c ∈ channels, (c.over α).Valid length ⟨s, z, qMin, qMax⟩ aMin aMax aAbs := fun c hc =>
  ⟨numeral_eq (a := ratCast c.params.zeroPoint) (h c hc).1,
    dotBound_of_rat (wMin := -ratCast c.absMax) (wMax := ratCast c.absMax)
      (wAbs := ratCast c.absMax) (bound := ratCast c.bound) (h c hc).2⟩

/-- **Each entry of the product has the bound of its channel.** -/
theorem Channel.matmul_error_bound {pa : QuantParams α} {aMin aMax aAbs : α}
    {channel : Fin n → Channel α} (hc : ∀ j, (channel j).Valid k pa aMin aMax aAbs)
    {round : α → Int} (h : IsNearest round) {A : Fin m → Fin k → α} {W : Fin k → Fin n → α}
    (hA : ∀ i t, aMin ≤ A i t ∧ A i t ≤ aMax) (hW : ∀ t j, AbsLE (W t j) (channel j).absMax)
    (i : Fin m) (j : Fin n) :
    AbsLE (matmul A W i j - quantizedMatmul round pa (fun j => (channel j).params) A W i j)
      (channel j).bound := by
  refine (hc j).2.error_bound h (length_rowColumn A W i j) ?_
  intro aw haw
  obtain ⟨t, rfl⟩ := List.mem_ofFn.1 haw
  exact ⟨hA i t, hW t j⟩

/-- **What hardware computes** for an entry: the integer dot product times both scales, and a
correction by the sum of the channel's codes where the activations have a zero point. -/
theorem Channel.quantizedMatmul_eq {pa : QuantParams α} {aMin aMax aAbs : α}
    {channel : Fin n → Channel α} (hc : ∀ j, (channel j).Valid k pa aMin aMax aAbs)
    (round : α → Int) (A : Fin m → Fin k → α) (W : Fin k → Fin n → α) (i : Fin m) (j : Fin n) :
    quantizedMatmul round pa (fun j => (channel j).params) A W i j = (channel j).params.scale *
      (pa.scale * (dotInt (codes round pa (channel j).params (rowColumn A W i j)) : α)
        + pa.zeroPoint *
          (((codes round pa (channel j).params (rowColumn A W i j)).map Prod.snd).sum : α)) := by
  rw [quantizedMatmul, dot_restored_zeroPoint, (hc j).1]
  grind

/-- Without zero points that is the integer dot product times both scales. -/
theorem Channel.quantizedMatmul_eq_zero {pa : QuantParams α} {aMin aMax aAbs : α}
    {channel : Fin n → Channel α} (hc : ∀ j, (channel j).Valid k pa aMin aMax aAbs)
    (hz : pa.zeroPoint = 0) (round : α → Int) (A : Fin m → Fin k → α) (W : Fin k → Fin n → α)
    (i : Fin m) (j : Fin n) :
    quantizedMatmul round pa (fun j => (channel j).params) A W i j =
      pa.scale * (channel j).params.scale *
        (dotInt (codes round pa (channel j).params (rowColumn A W i j)) : α) :=
  dot_restored hz (hc j).1 _

end

end

end PyOrch
