import PyOrch.LayerBounds

/-! # Error through 80 layers -/

namespace PyOrch.Emitted.layers_80_1_2048_25_and_1

universe u v

/-- 80 layers with errors of at most 2048/25 and Lipschitz constants of at most 1 have an error of at most
32768/5 together, in any distance with a triangle inequality. -/
theorem layer_error_bound {α : Type u} [OrderedField α] {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {x : σ} (hself : dist x x = 0)
    {layers : List (ApproxLayer σ α)} (hvalid : ∀ layer ∈ layers, layer.Valid dist)
    (hbounds : WithinBounds (.replicate 80 (2048/25, 1)) layers) :
    dist (runExact layers x) (runApprox layers x) ≤ 32768/5 :=
  layers_error_le triangle (by decide +kernel) hvalid hbounds hself

/-- No bound below 32768/5 holds: some such layers, over the rationals,
have that error. -/
theorem layer_error_attained :
    ∃ (layers : List (ApproxLayer Rat Rat)) (x : Rat),
      WithinBounds (.replicate 80 (2048/25, 1)) layers ∧
      (∀ layer ∈ layers, layer.Valid fun a b => ratAbs (a - b)) ∧
      32768/5 ≤ ratAbs (runExact layers x - runApprox layers x) :=
  exists_layers_error_ge (by decide +kernel)

/-- Where no layer enlarges differences, errors of at most 2048/25 add up to at most 80 times 2048/25. -/
theorem layer_error_linear {α : Type u} [OrderedField α] {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {x : σ} (hself : dist x x = 0)
    {layers : List (ApproxLayer σ α)} (hcount : layers.length = 80)
    (hvalid : ∀ layer ∈ layers, layer.Valid dist) (hlip : ∀ layer ∈ layers, layer.lip ≤ 1)
    (herr : ∀ layer ∈ layers, 0 ≤ layer.err ∧ layer.err ≤ 2048/25) :
    dist (runExact layers x) (runApprox layers x) ≤ 80 * (2048/25) :=
  layers_error_linear_of_length triangle hcount hvalid hlip herr hself

/-- Without a bound on the Lipschitz constants that is false: 80 layers `2 * x`,
computed as `2 * x + 2048/25`, turn 0 into more than 80 times 2048/25. -/
theorem not_llama70b_error_bounded :
    ¬ ∀ (layers : List (ApproxLayer Rat Rat)) (x : Rat), layers.length = 80 →
      (∀ layer ∈ layers, layer.Valid fun a b => ratAbs (a - b)) →
      (∀ layer ∈ layers, 0 ≤ layer.err ∧ layer.err ≤ 2048/25) →
      ratAbs (runExact layers x - runApprox layers x) ≤ 80 * (2048/25) :=
  not_errors_add_up 2 (by decide +kernel)

end PyOrch.Emitted.layers_80_1_2048_25_and_1
