import PyOrch.PerChannel

/-! # Error of a matrix product with 1 output channel and 1 product an output -/

namespace PyOrch.Emitted.length_1_a_int8_1_100__1_3__0__1_w_int2_1

universe u

/-- Activations: codes -128, …, 127; code `q` stands for `q * (1/100) + (1/3)`. -/
noncomputable abbrev activations (α : Type u) [OrderedField α] : QuantParams α :=
  .signed 8 (1/100) (1/3)

/-- Output channel by output channel: the codes of the weights (with the scale), the greatest weight
in absolute value, and the error bound of an output. -/
noncomputable def channels : List (Channel Rat) := [
  { params := .signed 2 1 0, absMax := 1, bound := 203/400 }]

/-- Output channel `j`. -/
noncomputable abbrev channel (α : Type u) [OrderedField α] (j : Fin channels.length) : Channel α :=
  channels[j].over α

/-- The numbers above are right: activations from 0 to 1, at most 1 in absolute value, and the
weights of each channel saturate by no more than half a step; and 1 times the bound of one
product is the bound of the channel. -/
theorem channel_valid (α : Type u) [OrderedField α] (j : Fin channels.length) :
    (channel α j).Valid 1 (activations α) 0 1 1 :=
  Channel.valid_of_rat (channels := channels) (by decide +kernel) _ (List.getElem_mem _)

/-- Each entry (`i`, `j`) of the matrix product of activations `A` and weights `W` and that of the
numbers that their codes stand for differ by at most the bound of channel `j`. -/
theorem channel_dot_product_error_bound {α : Type u} [OrderedField α]
    {round : α → Int} (hround : IsNearest round) {m : Nat}
    {A : Fin m → Fin 1 → α} {W : Fin 1 → Fin channels.length → α}
    (hA : ∀ i t, 0 ≤ A i t ∧ A i t ≤ 1) (hW : ∀ t j, AbsLE (W t j) (channel α j).absMax)
    (i : Fin m) (j : Fin channels.length) :
    AbsLE (matmul A W i j -
        quantizedMatmul round (activations α) (fun j => (channel α j).params) A W i j)
      (channel α j).bound :=
  Channel.matmul_error_bound (channel_valid α) hround hA hW i j

/-- What hardware computes for an entry: the integer dot product of the codes times both scales, and
a correction by the sum of the channel's codes. -/
theorem channel_integer_formula {α : Type u} [OrderedField α] (round : α → Int) {m : Nat}
    (A : Fin m → Fin 1 → α) (W : Fin 1 → Fin channels.length → α)
    (i : Fin m) (j : Fin channels.length) :
    quantizedMatmul round (activations α) (fun j => (channel α j).params) A W i j =
      (channel α j).params.scale *
        (1/100 * (dotInt (codes round (activations α) (channel α j).params (rowColumn A W i j)) : α)
          + 1/3 *
            (((codes round (activations α) (channel α j).params (rowColumn A W i j)).map Prod.snd).sum : α)) :=
  Channel.quantizedMatmul_eq (channel_valid α) round A W i j

end PyOrch.Emitted.length_1_a_int8_1_100__1_3__0__1_w_int2_1
