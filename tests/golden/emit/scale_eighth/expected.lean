import PyOrch.Quantization

/-! # Sums of codes of scale 1/8 -/

namespace PyOrch.Emitted.sum_scale_1_8

universe u

/-- Two codes may be added before they are multiplied by 1/8. -/
theorem scale_distrib {α : Type u} [OrderedField α] (q₁ q₂ : Int) :
    ((q₁ + q₂ : Int) : α) * (1/8) = (q₁ : α) * (1/8) + (q₂ : α) * (1/8) :=
  PyOrch.scale_distrib q₁ q₂ _

/-- So may any number of codes. -/
theorem scale_distrib_sum {α : Type u} [OrderedField α] (codes : List Int) :
    ((codes.sum : Int) : α) * (1/8) = (codes.map fun q : Int => (q : α) * (1/8)).sum :=
  PyOrch.scale_distrib_sum codes _

end PyOrch.Emitted.sum_scale_1_8
