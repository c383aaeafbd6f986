import PyOrch.LayerBounds

/-! # Error through 3 layers -/

namespace PyOrch.Emitted.layers_3_3_1_10_and_0_and_1_3_and_5_2

universe u v

/-- For each layer, first layer first: a bound on its own error, and its Lipschitz constant. -/
noncomputable def bounds : List (Rat × Rat) :=
  [(1/10, 5/2), (0, 5/2), (1/3, 5/2)]

/-- 3 layers with these bounds have an error of at most
23/24 together, in any distance with a triangle inequality. -/
theorem layer_error_bound {α : Type u} [OrderedField α] {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {x : σ} (hself : dist x x = 0)
    {layers : List (ApproxLayer σ α)} (hvalid : ∀ layer ∈ layers, layer.Valid dist)
    (hbounds : WithinBounds bounds layers) :
    dist (runExact layers x) (runApprox layers x) ≤ 23/24 :=
  layers_error_le triangle (by decide +kernel) hvalid hbounds hself

/-- No bound below 23/24 holds: some such layers, over the rationals,
have that error. -/
theorem layer_error_attained :
    ∃ (layers : List (ApproxLayer Rat Rat)) (x : Rat),
      WithinBounds bounds layers ∧
      (∀ layer ∈ layers, layer.Valid fun a b => ratAbs (a - b)) ∧
      23/24 ≤ ratAbs (runExact layers x - runApprox layers x) :=
  exists_layers_error_ge (by decide +kernel)

/-- Where no layer enlarges differences, errors of at most 1/3 add up to at most 3 times 1/3. -/
theorem layer_error_linear {α : Type u} [OrderedField α] {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {x : σ} (hself : dist x x = 0)
    {layers : List (ApproxLayer σ α)} (hcount : layers.length = 3)
    (hvalid : ∀ layer ∈ layers, layer.Valid dist) (hlip : ∀ layer ∈ layers, layer.lip ≤ 1)
    (herr : ∀ layer ∈ layers, 0 ≤ layer.err ∧ layer.err ≤ 1/3) :
    dist (runExact layers x) (runApprox layers x) ≤ 3 * (1/3) :=
  layers_error_linear_of_length triangle hcount hvalid hlip herr hself

end PyOrch.Emitted.layers_3_3_1_10_and_0_and_1_3_and_5_2
