import PyOrch.PerChannel

/-! # Error of a matrix product with 3 output channels and 8192 products an output -/

namespace PyOrch.Emitted.length_8192_a_int8_1_127__0__neg_1__1_w_int4_1_7__1_28__3_70

universe u

/-- Activations: codes -128, …, 127; code `q` stands for `q * (1/127) + 0`. -/
noncomputable abbrev activations (α : Type u) [OrderedField α] : QuantParams α :=
  .signed 8 (1/127) 0

/-- Output channel by output channel: the codes of the weights (with the scale), the greatest weight
in absolute value, and the error bound of an output. -/
noncomputable def channels : List (Channel Rat) := [
  { params := .signed 4 (1/7) 0, absMax := 1, bound := 550912/889 },
  { params := .signed 4 (1/28) 0, absMax := 1/4, bound := 137728/889 },
  { params := .signed 4 (3/70) 0, absMax := 3/10, bound := 826368/4445 }]

/-- Output channel `j`. -/
noncomputable abbrev channel (α : Type u) [OrderedField α] (j : Fin channels.length) : Channel α :=
  channels[j].over α

/-- The numbers above are right: activations from -1 to 1, at most 1 in absolute value, and the
weights of each channel saturate by no more than half a step; and 8192 times the bound of one
product is the bound of the channel. -/
theorem channel_valid (α : Type u) [OrderedField α] (j : Fin channels.length) :
    (channel α j).Valid 8192 (activations α) (-1) 1 1 :=
  Channel.valid_of_rat (channels := channels) (by decide +kernel) _ (List.getElem_mem _)

/-- Each entry (`i`, `j`) of the matrix product of activations `A` and weights `W` and that of the
numbers that their codes stand for differ by at most the bound of channel `j`. -/
theorem channel_dot_product_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {m : Nat}
    {A : Fin m → Fin 8192 → α} {W : Fin 8192 → Fin channels.length → α}
    (hA : ∀ i t, -1 ≤ A i t ∧ A i t ≤ 1) (hW : ∀ t j, AbsLE (W t j) (channel α j).absMax)
    (i : Fin m) (j : Fin channels.length) :
    AbsLE (matmul A W i j -
        quantizedMatmul round (activations α) (fun j => (channel α j).params) A W i j)
      (channel α j).bound :=
  Channel.matmul_error_bound (channel_valid α) hround hA hW i j

/-- What hardware computes for an entry: the integer dot product of the codes, times both scales. -/
theorem channel_integer_formula {α : Type u} [OrderedField α] (round : α → Int) {m : Nat}
    (A : Fin m → Fin 8192 → α) (W : Fin 8192 → Fin channels.length → α)
    (i : Fin m) (j : Fin channels.length) :
    quantizedMatmul round (activations α) (fun j => (channel α j).params) A W i j =
      1/127 * (channel α j).params.scale *
        (dotInt (codes round (activations α) (channel α j).params (rowColumn A W i j)) : α) :=
  Channel.quantizedMatmul_eq_zero (channel_valid α) rfl round A W i j

end PyOrch.Emitted.length_8192_a_int8_1_127__0__neg_1__1_w_int4_1_7__1_28__3_70
