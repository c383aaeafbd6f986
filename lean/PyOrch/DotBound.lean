import PyOrch.DotProduct
import PyOrch.Numerals

/-!
# Bounds of quantized dot products with concrete numbers

For concrete quantizers and ranges the hypotheses of `restored_dot_error` (`DotBound`) are a matter
of rational numbers (`dotBound_of_rat`), which the kernel decides. Vectors all of whose entries are
the same refute what seed document 003 says of dot products (`not_seed_matmul`,
`not_within_every_epsilon`).
-/

namespace PyOrch

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

universe u

/-- The numbers of an error bound: activations from `aMin` to `aMax` and weights from `wMin` to
`wMax`, in the ranges that their quantizers cover; `aAbs` and `wAbs` bound their absolute values;
and `bound` is `length` times the bound of one product. -/
def DotBound {α : Type u} [OrderedField α] (length : Nat) (pa pw : QuantParams α)
    (aMin aMax aAbs wMin wMax wAbs bound : α) : Prop :=
  ((0 < pa.scale ∧ pa.qMin ≤ pa.qMax) ∧ (0 < pw.scale ∧ pw.qMin ≤ pw.qMax)) ∧
    (pa.zeroPoint + pa.scale * ((pa.qMin : α) - 1 / 2) ≤ aMin ∧
      aMax ≤ pa.zeroPoint + pa.scale * ((pa.qMax : α) + 1 / 2) ∧ -aAbs ≤ aMin ∧ aMax ≤ aAbs) ∧
    (pw.zeroPoint + pw.scale * ((pw.qMin : α) - 1 / 2) ≤ wMin ∧
      wMax ≤ pw.zeroPoint + pw.scale * ((pw.qMax : α) + 1 / 2) ∧ -wAbs ≤ wMin ∧ wMax ≤ wAbs) ∧
    (length : α) * (pa.scale * wAbs / 2 + pw.scale * aAbs / 2 + pa.scale * pw.scale / 4) = bound

instance (length : Nat) (pa pw : QuantParams Rat) (aMin aMax aAbs wMin wMax wAbs bound : Rat) :
    Decidable (DotBound length pa pw aMin aMax aAbs wMin wMax wAbs bound) :=
  inferInstanceAs (Decidable (_ ∧ _))

variable {α : Type u} [OrderedField α]

/-- With concrete numbers it is a matter of rational numbers. -/
theorem dotBound_of_rat {length : Nat} {sa za sw zw aMin aMax aAbs wMin wMax wAbs bound : α}
    {qaMin qaMax qwMin qwMax : Int}
    {sa' za' sw' zw' aMin' aMax' aAbs' wMin' wMax' wAbs' bound' : Rat}
    [IsRat sa sa'] [IsRat za za'] [IsRat sw sw'] [IsRat zw zw'] [IsRat aMin aMin']
    [IsRat aMax aMax'] [IsRat aAbs aAbs'] [IsRat wMin wMin'] [IsRat wMax wMax'] [IsRat wAbs wAbs']
    [IsRat bound bound']
    (h : DotBound length ⟨sa', za', qaMin, qaMax⟩ ⟨sw', zw', qwMin, qwMax⟩ aMin' aMax' aAbs' wMin'
      wMax' wAbs' bound') :
    DotBound length ⟨sa, za, qaMin, qaMax⟩ ⟨sw, zw, qwMin, qwMax⟩ aMin aMax aAbs wMin wMax wAbs
      bound := by
  obtain ⟨⟨⟨hsa, hqa⟩, ⟨hsw, hqw⟩⟩, ⟨ha₁, ha₂, ha₃, ha₄⟩, ⟨hw₁, hw₂, hw₃, hw₄⟩, hbound⟩ := h
  exact ⟨⟨⟨numeral_lt (q := 0) hsa, hqa⟩, ⟨numeral_lt (q := 0) hsw, hqw⟩⟩,
    ⟨numeral_le (q := za' + sa' * (qaMin - 1 / 2)) ha₁,
      numeral_le (r := za' + sa' * (qaMax + 1 / 2)) ha₂, numeral_le (q := -aAbs') ha₃,
      numeral_le ha₄⟩,
    ⟨numeral_le (q := zw' + sw' * (qwMin - 1 / 2)) hw₁,
      numeral_le (r := zw' + sw' * (qwMax + 1 / 2)) hw₂, numeral_le (q := -wAbs') hw₃,
      numeral_le hw₄⟩,
    numeral_eq (q := length * (sa' * wAbs' / 2 + sw' * aAbs' / 2 + sa' * sw' / 4)) hbound⟩

/-- **Error of a quantized dot product** for concrete quantizers, ranges and length. -/
theorem DotBound.error_bound {length : Nat} {pa pw : QuantParams α}
    {aMin aMax aAbs wMin wMax wAbs bound : α}
    (hb : DotBound length pa pw aMin aMax aAbs wMin wMax wAbs bound) {round : α → Int}
    (h : IsNearest round) {l : List (α × α)} (hlength : l.length = length)
    (hl : ∀ aw ∈ l, (aMin ≤ aw.1 ∧ aw.1 ≤ aMax) ∧ (wMin ≤ aw.2 ∧ aw.2 ≤ wMax)) :
    AbsLE (dot l - dot (restored pa pw (codes round pa pw l))) bound := by
  obtain ⟨⟨⟨hsa, hqa⟩, ⟨hsw, hqw⟩⟩, ⟨ha₁, ha₂, ha₃, ha₄⟩, ⟨hw₁, hw₂, hw₃, hw₄⟩, hbound⟩ := hb
  have hin : ∀ aw ∈ l, PairInRange pa pw aAbs wAbs aw := by
    intro aw haw
    obtain ⟨⟨h1, h2⟩, ⟨h3, h4⟩⟩ := hl aw haw
    exact ⟨le_sub_iff.2 (Std.le_trans ha₁ h1), sub_le_iff.2 (Std.le_trans h2 ha₂),
      le_sub_iff.2 (Std.le_trans hw₁ h3), sub_le_iff.2 (Std.le_trans h4 hw₂),
      ⟨Std.le_trans ha₃ h1, Std.le_trans h2 ha₄⟩, ⟨Std.le_trans hw₃ h3, Std.le_trans h4 hw₄⟩⟩
  rw [← hbound, ← hlength]
  exact restored_dot_error h hsa hsw hqa hqw l hin

section
variable {sa za sw zw c cw ca c₀ : α} {qaMin qaMax qwMin qwMax : Int}
  {sa' za' sw' zw' c' cw' ca' c₀' : Rat} [IsRat sa sa'] [IsRat za za'] [IsRat sw sw'] [IsRat zw zw']
  [IsRat c c'] [IsRat cw cw'] [IsRat ca ca'] [IsRat c₀ c₀']

/-- **What hardware computes** with zero points, for concrete numbers: an integer dot product, two
sums of codes and a constant, each times a factor that is known beforehand. -/
theorem dot_restored_of_rat {length : Nat}
    (h : sa' * sw' = c' ∧ sa' * zw' = cw' ∧ za' * sw' = ca' ∧ length * (za' * zw') = c₀')
    {l : List (Int × Int)} (hlength : l.length = length) :
    dot (restored ⟨sa, za, qaMin, qaMax⟩ ⟨sw, zw, qwMin, qwMax⟩ l) = c * (dotInt l : α)
      + cw * (((l.map Prod.fst).sum : Int) : α)
      + ca * (((l.map Prod.snd).sum : Int) : α)
      + c₀ := by
  obtain ⟨hc, hcw, hca, hc₀⟩ := h
  rw [dot_restored_zeroPoint, hlength, numeral_eq (a := sa * sw) (b := c) hc,
    numeral_eq (a := sa * zw) (b := cw) hcw, numeral_eq (a := za * sw) (b := ca) hca,
    numeral_eq (a := (length : α) * (za * zw)) (b := c₀) hc₀]

omit [IsRat cw cw'] [IsRat ca ca'] [IsRat c₀ c₀'] in
/-- **What hardware computes** without zero points: an integer dot product, times one factor. -/
theorem dot_restored_of_rat_zero (h : sa' * sw' = c' ∧ za' = 0 ∧ zw' = 0) (l : List (Int × Int)) :
    dot (restored ⟨sa, za, qaMin, qaMax⟩ ⟨sw, zw, qwMin, qwMax⟩ l) = c * (dotInt l : α) := by
  obtain ⟨hc, hza, hzw⟩ := h
  rw [dot_restored (numeral_eq (a := za) hza) (numeral_eq (a := zw) hzw),
    numeral_eq (a := sa * sw) (b := c) hc]

end

/-! ## Vectors whose entries are all the same -/

/-- The dot product of two constant vectors. -/
theorem dot_replicate (length : Nat) (a w : α) :
    dot (List.replicate length (a, w)) = (length : α) * (a * w) := by
  induction length with
  | zero =>
    rw [Lean.Grind.Semiring.natCast_zero]
    simp only [List.replicate_zero, dot]
    grind
  | succ n ih =>
    rw [List.replicate_succ, dot, ih, Lean.Grind.Semiring.natCast_succ]
    grind

/-- Constant vectors refute seed 003's `matmul_int4_correct` for one quantizer and one length, where
the integer dot product, restored with one scale, misses the exact one by more than `bound`. -/
theorem not_seed_matmul {length : Nat} {round : Rat → Int} {p : QuantParams Rat}
    {bound a w : Rat} (h : AbsLE a 1 ∧ AbsLE w 1 ∧
      ¬ AbsLE ((length : Rat) * (a * w) -
        dequantize p (length * (quantize round p a * quantize round p w))) bound) :
    ¬ ∀ l : List (Rat × Rat), l.length = length → (∀ aw ∈ l, AbsLE aw.1 1 ∧ AbsLE aw.2 1) →
      AbsLE (dot l - dequantize p (dotInt (codes round p p l))) bound := by
  intro hall
  obtain ⟨ha, hw, hfar⟩ := h
  have key := hall (List.replicate length (a, w)) List.length_replicate (by
    intro aw haw
    rw [(List.mem_replicate.1 haw).2]
    exact ⟨ha, hw⟩)
  rw [codes, List.map_replicate, dotInt_replicate, dot_replicate] at key
  exact hfar key

/-- Constant vectors refute that a quantized dot product is within every `ε > 0` of the exact one,
where they are restored with an error of at least one such `ε`. -/
theorem not_within_every_epsilon {length : Nat} {round : Rat → Int} {pa pw : QuantParams Rat}
    {a w ε : Rat} (h : 0 < ε ∧ ε ≤ ratAbs ((length : Rat) * (a * w) -
      length * (dequantize pa (quantize round pa a) * dequantize pw (quantize round pw w)))) :
    ¬ ∀ (l : List (Rat × Rat)) (ε : Rat), l.length = length → 0 < ε →
      ratAbs (dot l - dot (restored pa pw (codes round pa pw l))) < ε := by
  intro hall
  obtain ⟨hε, hfar⟩ := h
  have key := hall (List.replicate length (a, w)) ε List.length_replicate hε
  rw [codes, List.map_replicate, restored, List.map_replicate, dot_replicate, dot_replicate] at key
  exact absurd hfar (Rat.not_le.2 key)

end

end PyOrch
