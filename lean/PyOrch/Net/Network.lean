import PyOrch.Field

/-!
# Feed-forward networks: what a certificate talks about

A network with exact weights, its value at a point of any ordered field, a box of inputs, and what
it means that two outputs are close. Nothing here computes bounds; read this file to know what a
certificate states.
-/

namespace PyOrch

universe u

/-- What a layer applies to each of its affine outputs. -/
inductive Activation where
  /-- `max x 0` -/
  | relu
  /-- `x` itself -/
  | identity

/-- A dense layer. Every weight and every bias is an integer divided by the layer's `den`. -/
structure Layer where
  /-- Numerators of the weights: a row for each output, an entry for each input. -/
  weights : List (List Int)
  /-- Numerators of the biases, one for each output. -/
  bias : List Int
  /-- The common denominator. -/
  den : Nat
  /-- The activation of every output. -/
  activation : Activation

/-- A feed-forward network: its layers from the input to the output. -/
abbrev Network := List Layer

section Eval
variable {α : Type u} [OrderedField α]

/-- The activation as a function on an ordered field. -/
noncomputable def Activation.eval (f : Activation) (x : α) : α :=
  open Classical in
  match f with
  | .relu => if 0 ≤ x then x else 0
  | .identity => x

/-- The inner product of integer weights with a point. -/
noncomputable def rowDot : List Int → List α → α
  | w :: ws, x :: xs => (w : α) * x + rowDot ws xs
  | _, _ => 0

/-- The outputs of a layer at a point: the activation of `(weights · x + bias) / den`. -/
noncomputable def Layer.eval (L : Layer) (x : List α) : List α :=
  L.weights.zipWith
    (fun row (b : Int) => L.activation.eval ((rowDot row x + (b : α)) / (L.den : α))) L.bias

/-- The outputs of a network at a point: layer after layer. -/
noncomputable def Network.eval (N : Network) (x : List α) : List α :=
  match N with
  | [] => x
  | L :: Ls => Network.eval Ls (L.eval x)

/-- Each entry of `x` lies between the corresponding entries of `lo / den` and `hi / den`. -/
def Between (den : Nat) : List Int → List Int → List α → Prop
  | l :: lo, h :: hi, x :: xs =>
      ((l : α) / (den : α) ≤ x ∧ x ≤ (h : α) / (den : α)) ∧ Between den lo hi xs
  | [], [], [] => True
  | _, _, _ => False

/-- Equally many outputs, and each differs by at most `ε`. -/
def Close : List α → List α → α → Prop
  | y :: ys, z :: zs, ε => AbsLE (y - z) ε ∧ Close ys zs ε
  | [], [], _ => True
  | _, _, _ => False

end Eval

/-- A box of inputs: the bounds of each input, as integers divided by a common `den`. -/
structure Box where
  /-- Numerators of the lower bounds. -/
  lo : List Int
  /-- Numerators of the upper bounds. -/
  hi : List Int
  /-- The common denominator. -/
  den : Nat

/-- The point `x` lies in the box. -/
def Box.Mem {α : Type u} [OrderedField α] (box : Box) (x : List α) : Prop :=
  Between box.den box.lo box.hi x

end PyOrch
