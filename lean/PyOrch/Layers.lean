import PyOrch.Field

/-!
# Errors through layers

Each layer is computed approximately, with an error of at most `err` on its own, and enlarges the
error of its input by a factor of at most `lip`. After all layers the error is at most
`Σ_l err_l Π_{j>l} lip_j` (`layers_error`). It is linear in the number of layers if no factor
exceeds 1 (`layers_error_linear`). Seed document 003 claims the linear form without any assumption
on the factors (`llama70b_error_bounded`); that does not follow (`not_layers_error_linear`).
-/

namespace PyOrch

universe u v

variable {α : Type u} [OrderedField α]

/-- A layer as it should be and as it is computed, with a bound on its own error and on how much it
enlarges differences. -/
structure ApproxLayer (σ : Type v) (α : Type u) where
  /-- The layer as it should be. -/
  exact : σ → σ
  /-- The layer as it is computed, for example from quantized weights. -/
  approx : σ → σ
  /-- A bound on the layer's own error. -/
  err : α
  /-- A Lipschitz constant of the exact layer. -/
  lip : α

/-- The output of the exact layers, the first of the list first. -/
def runExact {σ : Type v} : List (ApproxLayer σ α) → σ → σ
  | [], x => x
  | layer :: rest, x => runExact rest (layer.exact x)

/-- The output of the computed layers. -/
def runApprox {σ : Type v} : List (ApproxLayer σ α) → σ → σ
  | [], x => x
  | layer :: rest, x => runApprox rest (layer.approx x)

/-- The product of the Lipschitz constants. -/
def lipProduct {σ : Type v} : List (ApproxLayer σ α) → α
  | [] => 1
  | layer :: rest => layer.lip * lipProduct rest

/-- `Σ_l err_l Π_{j>l} lip_j`: each layer's own error, enlarged by all later layers. -/
def accumulatedError {σ : Type v} : List (ApproxLayer σ α) → α
  | [] => 0
  | layer :: rest => layer.err * lipProduct rest + accumulatedError rest

/-- The two bounds of a layer hold, with distances measured by `dist`. -/
structure ApproxLayer.Valid {σ : Type v} (dist : σ → σ → α) (layer : ApproxLayer σ α) : Prop where
  /-- The exact layer enlarges distances by a factor of at most `lip`. -/
  lipschitz : ∀ x y, dist (layer.exact x) (layer.exact y) ≤ layer.lip * dist x y
  /-- The computed layer is off by at most `err`. -/
  error : ∀ x, dist (layer.exact x) (layer.approx x) ≤ layer.err
  /-- The factor is not negative. -/
  lip_nonneg : 0 ≤ layer.lip

/-- A product of factors that are not negative is not negative. -/
theorem lipProduct_nonneg {σ : Type v} {layers : List (ApproxLayer σ α)}
    (h : ∀ layer ∈ layers, 0 ≤ layer.lip) : 0 ≤ lipProduct layers := by
  induction layers with
  | nil => exact Std.le_of_lt Lean.Grind.OrderedRing.zero_lt_one
  | cons layer rest ih =>
    exact mul_nonneg (h _ (List.mem_cons_self ..)) (ih fun l hl => h l (List.mem_cons_of_mem _ hl))

private theorem through_layer {p l d e s : α} :
    p * (l * d + e) + s = l * p * d + (e * p + s) := by grind

/-- **Errors through layers**, from inputs `x` and `y` that may already differ: the difference of
the inputs times all Lipschitz constants, and `Σ_l err_l Π_{j>l} lip_j`. -/
theorem layers_error_of_input {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {layers : List (ApproxLayer σ α)}
    (h : ∀ layer ∈ layers, layer.Valid dist) (x y : σ) :
    dist (runExact layers x) (runApprox layers y) ≤
      lipProduct layers * dist x y + accumulatedError layers := by
  induction layers generalizing x y with
  | nil =>
    rw [lipProduct, accumulatedError, Lean.Grind.Semiring.one_mul,
      Lean.Grind.AddCommMonoid.add_zero]
    exact Std.le_refl _
  | cons layer rest ih =>
    have hlayer := h layer (List.mem_cons_self ..)
    have hvalid := fun l hl => h l (List.mem_cons_of_mem layer hl)
    have hrest := ih hvalid (layer.exact x) (layer.approx y)
    have hnonneg := lipProduct_nonneg fun l hl => (hvalid l hl).lip_nonneg
    have hstep := Std.le_trans (triangle (layer.exact x) (layer.exact y) (layer.approx y))
      (Lean.Grind.OrderedAdd.add_le_add (hlayer.lipschitz x y) (hlayer.error y))
    rw [lipProduct, accumulatedError, ← through_layer]
    exact Std.le_trans hrest
      (Lean.Grind.OrderedAdd.add_le_add (mul_le_mul_left hstep hnonneg) (Std.le_refl _))

/-- **Errors through layers**: from the same input the outputs differ by at most
`Σ_l err_l Π_{j>l} lip_j`. -/
theorem layers_error {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {layers : List (ApproxLayer σ α)}
    (h : ∀ layer ∈ layers, layer.Valid dist) {x : σ} (hself : dist x x = 0) :
    dist (runExact layers x) (runApprox layers x) ≤ accumulatedError layers := by
  have := layers_error_of_input triangle h x x
  rwa [hself, Lean.Grind.Semiring.mul_zero, Lean.Grind.AddCommMonoid.zero_add] at this

/-- A product of factors from [0, 1] is at most 1. -/
theorem lipProduct_le_one {σ : Type v} {layers : List (ApproxLayer σ α)}
    (h : ∀ layer ∈ layers, 0 ≤ layer.lip ∧ layer.lip ≤ 1) : lipProduct layers ≤ 1 := by
  induction layers with
  | nil => exact Std.le_refl _
  | cons layer rest ih =>
    have hlayer := h _ (List.mem_cons_self ..)
    have hprod := ih fun l hl => h l (List.mem_cons_of_mem _ hl)
    have := mul_le_mul_left hprod hlayer.1
    rw [Lean.Grind.Semiring.mul_one] at this
    exact Std.le_trans this hlayer.2

/-- Where every factor is from [0, 1] and every error from [0, e], the accumulated error is at most
`e` a layer. -/
theorem accumulatedError_le {σ : Type v} {layers : List (ApproxLayer σ α)} {e : α}
    (h : ∀ layer ∈ layers, 0 ≤ layer.lip ∧ layer.lip ≤ 1)
    (he : ∀ layer ∈ layers, 0 ≤ layer.err ∧ layer.err ≤ e) :
    accumulatedError layers ≤ (layers.length : α) * e := by
  induction layers with
  | nil =>
    have h0 : (([] : List (ApproxLayer σ α)).length : α) = 0 := Lean.Grind.Semiring.natCast_zero
    rw [accumulatedError, h0, Lean.Grind.Semiring.zero_mul]
    exact Std.le_refl _
  | cons layer rest ih =>
    have herr := he _ (List.mem_cons_self ..)
    have hrest := fun l hl => h l (List.mem_cons_of_mem layer hl)
    have hsum := ih hrest fun l hl => he l (List.mem_cons_of_mem _ hl)
    have := mul_le_mul_left (lipProduct_le_one hrest) herr.1
    have hlen : (((layer :: rest).length : Nat) : α) = (rest.length : α) + 1 :=
      Lean.Grind.Semiring.natCast_succ _
    rw [Lean.Grind.Semiring.mul_one] at this
    rw [accumulatedError, hlen, Lean.Grind.Semiring.right_distrib, Lean.Grind.Semiring.one_mul,
      Lean.Grind.AddCommMonoid.add_comm]
    exact Lean.Grind.OrderedAdd.add_le_add hsum (Std.le_trans this herr.2)

/-- **The linear form**: if no layer enlarges differences and each errs by at most `e`, the outputs
differ by at most `e` times the number of layers. -/
theorem layers_error_linear {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {layers : List (ApproxLayer σ α)} {e : α}
    (h : ∀ layer ∈ layers, layer.Valid dist) (hlip : ∀ layer ∈ layers, layer.lip ≤ 1)
    (he : ∀ layer ∈ layers, 0 ≤ layer.err ∧ layer.err ≤ e) {x : σ} (hself : dist x x = 0) :
    dist (runExact layers x) (runApprox layers x) ≤ (layers.length : α) * e := by
  have h1 := layers_error triangle h hself
  have h2 := accumulatedError_le (fun l hl => ⟨(h l hl).lip_nonneg, hlip l hl⟩) he
  exact Std.le_trans h1 h2

/-- Seed 003's `llama70b_error_bounded` with the assumptions that it needs: 80 layers that do not
enlarge differences, each off by at most `8192 * scale`, are off by at most `80 * 8192 * scale`. -/
theorem llama70b_error_bounded {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {layers : List (ApproxLayer σ α)}
    (hcount : layers.length = 80) {scale : α}
    (h : ∀ layer ∈ layers, layer.Valid dist) (hlip : ∀ layer ∈ layers, layer.lip ≤ 1)
    (he : ∀ layer ∈ layers, 0 ≤ layer.err ∧ layer.err ≤ 8192 * scale) {x : σ}
    (hself : dist x x = 0) :
    dist (runExact layers x) (runApprox layers x) ≤ 80 * 8192 * scale := by
  have hlin := layers_error_linear triangle h hlip he hself
  have hlen : ((80 : Nat) : α) = 80 := (Lean.Grind.Semiring.ofNat_eq_natCast 80).symm
  rwa [hcount, hlen, ← Lean.Grind.Semiring.mul_assoc] at hlin

/-- **Without a bound on the Lipschitz constants the linear form is false**: two layers `2 x`, each
computed as `2 x + 1` and so off by 1, turn 0 into 3 instead of 0, which is more than `2 * 1`. -/
theorem not_layers_error_linear :
    ¬ ∀ (layers : List (ApproxLayer Rat Rat)) (e x : Rat),
      (∀ layer ∈ layers, layer.Valid fun a b => ratAbs (a - b)) →
      (∀ layer ∈ layers, 0 ≤ layer.err ∧ layer.err ≤ e) →
      ratAbs (runExact layers x - runApprox layers x) ≤ (layers.length : Rat) * e := by
  intro h
  let double : ApproxLayer Rat Rat :=
    { exact := fun x => 2 * x, approx := fun x => 2 * x + 1, err := 1, lip := 2 }
  have hvalid : double.Valid fun a b => ratAbs (a - b) := by
    refine ⟨fun x y => ?_, fun x => ?_, by decide⟩
    · rw [← absLE_iff_ratAbs_le]
      have hself : AbsLE (x - y) (ratAbs (x - y)) := absLE_iff_ratAbs_le.2 (by grind)
      exact (hself.mul_nonneg_left (show (0 : Rat) ≤ 2 by decide)).congr
        (show 2 * (x - y) = 2 * x - 2 * y by grind) rfl
    · rw [← absLE_iff_ratAbs_le]
      show AbsLE (2 * x - (2 * x + 1)) 1
      unfold AbsLE
      grind
  have hbound := h [double, double] 1 0
    (by intro l hl; simp only [List.mem_cons, List.not_mem_nil, or_false, or_self] at hl
        exact hl ▸ hvalid)
    (by intro l hl; simp only [List.mem_cons, List.not_mem_nil, or_false, or_self] at hl
        exact hl ▸ (by decide : (0 : Rat) ≤ 1 ∧ (1 : Rat) ≤ 1))
  revert hbound
  decide +kernel

end PyOrch
