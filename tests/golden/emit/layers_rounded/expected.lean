import PyOrch.LayerBounds

/-! # Error through 100 layers -/

namespace PyOrch.Emitted.layers_100_1_1_1000_and_21_20

universe u v

/-- 100 layers with errors of at most 1/1000 and Lipschitz constants of at most 21/20 have an error of at most
261002515693/100000000000 (rounded up) together, in any distance with a triangle inequality. -/
theorem layer_error_bound {α : Type u} [OrderedField α] {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {x : σ} (hself : dist x x = 0)
    {layers : List (ApproxLayer σ α)} (hvalid : ∀ layer ∈ layers, layer.Valid dist)
    (hbounds : WithinBounds (.replicate 100 (1/1000, 21/20)) layers) :
    dist (runExact layers x) (runApprox layers x) ≤ 261002515693/100000000000 :=
  layers_error_le triangle (by decide +kernel) hvalid hbounds hself

/-- No bound below 65250628923/25000000000 (rounded down) holds: some such layers, over the rationals,
have that error. -/
theorem layer_error_attained :
    ∃ (layers : List (ApproxLayer Rat Rat)) (x : Rat),
      WithinBounds (.replicate 100 (1/1000, 21/20)) layers ∧
      (∀ layer ∈ layers, layer.Valid fun a b => ratAbs (a - b)) ∧
      65250628923/25000000000 ≤ ratAbs (runExact layers x - runApprox layers x) :=
  exists_layers_error_ge (by decide +kernel)

/-- Where no layer enlarges differences, errors of at most 1/1000 add up to at most 100 times 1/1000. -/
theorem layer_error_linear {α : Type u} [OrderedField α] {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {x : σ} (hself : dist x x = 0)
    {layers : List (ApproxLayer σ α)} (hcount : layers.length = 100)
    (hvalid : ∀ layer ∈ layers, layer.Valid dist) (hlip : ∀ layer ∈ layers, layer.lip ≤ 1)
    (herr : ∀ layer ∈ layers, 0 ≤ layer.err ∧ layer.err ≤ 1/1000) :
    dist (runExact layers x) (runApprox layers x) ≤ 100 * (1/1000) :=
  layers_error_linear_of_length triangle hcount hvalid hlip herr hself

/-- Without a bound on the Lipschitz constants that is false: 100 layers `5/4 * x`,
computed as `5/4 * x + 1/1000`, turn 0 into more than 100 times 1/1000. -/
theorem not_llama70b_error_bounded :
    ¬ ∀ (layers : List (ApproxLayer Rat Rat)) (x : Rat), layers.length = 100 →
      (∀ layer ∈ layers, layer.Valid fun a b => ratAbs (a - b)) →
      (∀ layer ∈ layers, 0 ≤ layer.err ∧ layer.err ≤ 1/1000) →
      ratAbs (runExact layers x - runApprox layers x) ≤ 100 * (1/1000) :=
  not_errors_add_up (5/4) (by decide +kernel)

end PyOrch.Emitted.layers_100_1_1_1000_and_21_20
