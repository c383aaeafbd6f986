import PyOrch.Layers
import PyOrch.RatCast

/-!
# Errors through layers, in numbers

With a rational bound on the error and on the Lipschitz constant of each layer, the bound on the
error of the whole network is a number, `errorThrough`, which the kernel computes. It is the least
one (`exists_layers_error_eq`): layers `lip * x`, computed as `lip * x + err`, attain it. If nothing
is known of the Lipschitz constants, no bound follows (`not_errors_add_up`).
-/

namespace PyOrch

universe u v

variable {α : Type u} [OrderedField α]

/-- What is known of layers, first layer first: pairs of a bound on the layer's own error and a
Lipschitz constant. There are as many layers as bounds, and each keeps its own. -/
def WithinBounds {σ : Type v} : List (Rat × Rat) → List (ApproxLayer σ α) → Prop
  | [], [] => True
  | (err, lip) :: bounds, layer :: layers =>
    (layer.err ≤ ratCast err ∧ layer.lip ≤ ratCast lip) ∧ WithinBounds bounds layers
  | _, _ => False

/-- The bound on the error behind all layers, if it is `before` in front of them: each layer
multiplies it by its Lipschitz constant and adds its own error. -/
def errorThrough : List (Rat × Rat) → (before : Rat) → Rat
  | [], before => before
  | (err, lip) :: bounds, before => errorThrough bounds (lip * before + err)

/-- Errors and Lipschitz constants that are not negative. -/
def NonnegBounds (bounds : List (Rat × Rat)) : Prop := ∀ b ∈ bounds, 0 ≤ b.1 ∧ 0 ≤ b.2

noncomputable instance (bounds : List (Rat × Rat)) : Decidable (NonnegBounds bounds) :=
  inferInstanceAs (Decidable (∀ b ∈ bounds, _))

/-! ## Evaluation -/

/-- `errorThrough` as a fraction of natural numbers: the kernel is quick at those, and slow at
bringing rational numbers to lowest terms. -/
def errorFraction : List (Rat × Rat) → (num den : Nat) → Nat × Nat
  | [], num, den => (num, den)
  | (err, lip) :: bounds, num, den =>
    errorFraction bounds (lip.num.toNat * num * err.den + err.num.toNat * den * lip.den)
      (lip.den * den * err.den)

/-- A rational number that is not negative, times its denominator. -/
theorem mul_den_eq_toNat {q : Rat} (h : 0 ≤ q) : q * (q.den : Rat) = (q.num.toNat : Rat) := by
  have hq : (q.num : Rat) / (q.den : Rat) = q := by rw [← Rat.mkRat_eq_div, Rat.mkRat_self]
  have hden : (0 : Rat) < q.den := natCast_pos q.den_pos
  have hnum : ((q.num.toNat : Int) : Rat) = q.num :=
    congrArg _ (Int.toNat_of_nonneg (Rat.num_nonneg.2 h))
  rw [← Rat.intCast_natCast q.num.toNat, hnum]
  grind

/-- The fraction is `errorThrough`. -/
theorem errorFraction_eq {bounds : List (Rat × Rat)} (h : NonnegBounds bounds) {num den : Nat}
    (hden : 0 < den) {before : Rat} (hbefore : before * den = num) :
    0 < (errorFraction bounds num den).2 ∧
      errorThrough bounds before * (errorFraction bounds num den).2 =
        (errorFraction bounds num den).1 := by
  induction bounds generalizing num den before with
  | nil => exact ⟨hden, hbefore⟩
  | cons b bounds ih =>
    have hb := h b (List.mem_cons_self ..)
    have h1 := mul_den_eq_toNat hb.1
    have h2 := mul_den_eq_toNat hb.2
    refine ih (fun b' hb' => h b' (List.mem_cons_of_mem _ hb'))
      (Nat.mul_pos (Nat.mul_pos b.2.den_pos hden) b.1.den_pos) ?_
    simp only [Rat.natCast_mul, Rat.natCast_add]
    rw [← h1, ← h2, ← hbefore]
    grind

/-- The bound behind all layers, from equal inputs, is at most `n / d`. -/
def ErrorAtMost (bounds : List (Rat × Rat)) (n d : Nat) : Prop :=
  NonnegBounds bounds ∧ (errorFraction bounds 0 1).1 * d ≤ n * (errorFraction bounds 0 1).2

/-- The bound behind all layers, from equal inputs, is at least `n / d`. -/
def ErrorAtLeast (bounds : List (Rat × Rat)) (n d : Nat) : Prop :=
  NonnegBounds bounds ∧ n * (errorFraction bounds 0 1).2 ≤ (errorFraction bounds 0 1).1 * d

noncomputable instance (bounds : List (Rat × Rat)) (n d : Nat) :
    Decidable (ErrorAtMost bounds n d) := inferInstanceAs (Decidable (_ ∧ _))

noncomputable instance (bounds : List (Rat × Rat)) (n d : Nat) :
    Decidable (ErrorAtLeast bounds n d) := inferInstanceAs (Decidable (_ ∧ _))

/-- `ErrorAtMost` says what it should. -/
theorem errorAtMost_iff {bounds : List (Rat × Rat)} (h : NonnegBounds bounds) {n d : Nat} :
    ErrorAtMost bounds n d ↔ errorThrough bounds 0 * d ≤ n := by
  obtain ⟨hpos, heq⟩ := errorFraction_eq h (num := 0) (den := 1) (by decide) (Rat.zero_mul _)
  have hpos' : (0 : Rat) < (errorFraction bounds 0 1).2 := natCast_pos hpos
  rw [ErrorAtMost, and_iff_right h, ← Rat.natCast_le_natCast, Rat.natCast_mul, Rat.natCast_mul,
    ← heq]
  constructor
  · exact fun hle => le_of_mul_le_mul_right (by grind) hpos'
  · intro hle
    have := mul_le_mul_right hle (show (0 : Rat) ≤ (errorFraction bounds 0 1).2 by grind)
    grind

/-- `ErrorAtLeast` says what it should. -/
theorem errorAtLeast_iff {bounds : List (Rat × Rat)} (h : NonnegBounds bounds) {n d : Nat} :
    ErrorAtLeast bounds n d ↔ n ≤ errorThrough bounds 0 * d := by
  obtain ⟨hpos, heq⟩ := errorFraction_eq h (num := 0) (den := 1) (by decide) (Rat.zero_mul _)
  have hpos' : (0 : Rat) < (errorFraction bounds 0 1).2 := natCast_pos hpos
  rw [ErrorAtLeast, and_iff_right h, ← Rat.natCast_le_natCast, Rat.natCast_mul, Rat.natCast_mul,
    ← heq]
  constructor
  · exact fun hle => le_of_mul_le_mul_right (by grind) hpos'
  · intro hle
    have := mul_le_mul_right hle (show (0 : Rat) ≤ (errorFraction bounds 0 1).2 by grind)
    grind

/-! ## The bound -/

/-- **Errors through layers, in numbers**: outputs that differ by at most `before` in front of the
layers differ by at most `errorThrough bounds before` behind them. -/
theorem layers_error_within_of {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {bounds : List (Rat × Rat)}
    (hnonneg : NonnegBounds bounds) {layers : List (ApproxLayer σ α)}
    (hvalid : ∀ layer ∈ layers, layer.Valid dist) (hwithin : WithinBounds bounds layers)
    {before : Rat} (hbefore : 0 ≤ before) {x y : σ} (h : dist x y ≤ ratCast before) :
    dist (runExact layers x) (runApprox layers y) ≤ ratCast (errorThrough bounds before) := by
  induction bounds generalizing layers before x y with
  | nil => match layers, hwithin with
    | [], _ => exact h
  | cons b bounds ih => match layers, hwithin with
    | layer :: layers, hwithin =>
      obtain ⟨⟨herr, hlip⟩, hrest⟩ := hwithin
      have hb := hnonneg b (List.mem_cons_self ..)
      have hlayer := hvalid layer (List.mem_cons_self ..)
      have hnext : 0 ≤ b.2 * before + b.1 := Rat.add_nonneg (Rat.mul_nonneg hb.2 hbefore) hb.1
      refine ih (fun b' hb' => hnonneg b' (List.mem_cons_of_mem _ hb'))
        (fun l hl => hvalid l (List.mem_cons_of_mem _ hl)) hrest hnext ?_
      have h1 := triangle (layer.exact x) (layer.exact y) (layer.approx y)
      have h2 := hlayer.lipschitz x y
      have h3 := hlayer.error y
      have h4 := mul_le_mul_left h hlayer.lip_nonneg
      have h5 := mul_le_mul_right hlip (ratCast_nonneg hbefore)
      rw [ratCast_add, ratCast_mul]
      exact Std.le_trans h1 (Lean.Grind.OrderedAdd.add_le_add
        (Std.le_trans h2 (Std.le_trans h4 h5)) (Std.le_trans h3 herr))

/-- **Errors through layers, in numbers**, from the same input. -/
theorem layers_error_within {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {bounds : List (Rat × Rat)}
    (hnonneg : NonnegBounds bounds) {layers : List (ApproxLayer σ α)}
    (hvalid : ∀ layer ∈ layers, layer.Valid dist) (hwithin : WithinBounds bounds layers) {x : σ}
    (hself : dist x x = 0) :
    dist (runExact layers x) (runApprox layers x) ≤ ratCast (errorThrough bounds 0) :=
  layers_error_within_of triangle hnonneg hvalid hwithin Rat.le_refl
    (by rw [hself, ratCast_zero]; exact Std.le_refl _)

/-- **Errors through layers, in numbers**: any number that `ErrorAtMost` accepts is a bound. -/
theorem layers_error_le {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {bounds : List (Rat × Rat)} {c : α}
    {q : Rat} [IsRat c q] (h : 0 ≤ q ∧ ErrorAtMost bounds q.num.toNat q.den)
    {layers : List (ApproxLayer σ α)} (hvalid : ∀ layer ∈ layers, layer.Valid dist)
    (hwithin : WithinBounds bounds layers) {x : σ} (hself : dist x x = 0) :
    dist (runExact layers x) (runApprox layers x) ≤ c := by
  have hle := (errorAtMost_iff h.2.1).1 h.2
  rw [← mul_den_eq_toNat h.1] at hle
  exact Std.le_trans (layers_error_within triangle h.2.1 hvalid hwithin hself)
    (numeral_le (le_of_mul_le_mul_right hle (natCast_pos q.den_pos)))

/-- **The linear form**, with the number of layers as a numeral: if no layer enlarges differences
and each errs by at most `e`, the outputs differ by at most `e` times the number of layers. -/
theorem layers_error_linear_of_length {σ : Type v} {dist : σ → σ → α}
    (triangle : ∀ x y z, dist x z ≤ dist x y + dist y z) {layers : List (ApproxLayer σ α)}
    {count : Nat} (hcount : layers.length = count) (hvalid : ∀ layer ∈ layers, layer.Valid dist)
    (hlip : ∀ layer ∈ layers, layer.lip ≤ 1) {e : α}
    (herr : ∀ layer ∈ layers, 0 ≤ layer.err ∧ layer.err ≤ e) {x : σ} (hself : dist x x = 0) :
    dist (runExact layers x) (runApprox layers x) ≤ OfNat.ofNat count * e := by
  have h := layers_error_linear triangle hvalid hlip herr hself
  rwa [hcount, ← Lean.Grind.Semiring.ofNat_eq_natCast] at h

/-! ## The bound is attained, and needed -/

/-- The layer `lip * x`, computed as `lip * x + err`. -/
def affineLayer (err lip : Rat) : ApproxLayer Rat Rat where
  exact := fun x => lip * x
  approx := fun x => lip * x + err
  err := err
  lip := lip

/-- Such a layer has the error and the Lipschitz constant that it says. -/
theorem affineLayer_valid {err lip : Rat} (herr : 0 ≤ err) (hlip : 0 ≤ lip) :
    (affineLayer err lip).Valid fun a b => ratAbs (a - b) := by
  refine ⟨fun x y => ?_, fun x => ?_, hlip⟩
  · rw [← absLE_iff_ratAbs_le]
    have hself : AbsLE (x - y) (ratAbs (x - y)) := absLE_iff_ratAbs_le.2 (by grind)
    exact (hself.mul_nonneg_left hlip).congr
      (show lip * (x - y) = lip * x - lip * y by grind) rfl
  · rw [← absLE_iff_ratAbs_le]
    show AbsLE (lip * x - (lip * x + err)) err
    unfold AbsLE
    grind

/-- The layers that attain the bound. -/
def affineLayers : List (Rat × Rat) → List (ApproxLayer Rat Rat)
  | [] => []
  | (err, lip) :: bounds => affineLayer err lip :: affineLayers bounds

/-- They are valid. -/
theorem affineLayers_valid {bounds : List (Rat × Rat)} (h : NonnegBounds bounds) :
    ∀ layer ∈ affineLayers bounds, layer.Valid fun a b => ratAbs (a - b) := by
  induction bounds with
  | nil => intro layer hl; cases hl
  | cons b bounds ih =>
    intro layer hl
    rcases List.mem_cons.1 hl with rfl | hl
    · have hb := h b (List.mem_cons_self ..)
      exact affineLayer_valid hb.1 hb.2
    · exact ih (fun b' hb' => h b' (List.mem_cons_of_mem _ hb')) layer hl

/-- They keep the bounds. -/
theorem affineLayers_within (bounds : List (Rat × Rat)) :
    WithinBounds bounds (affineLayers bounds) := by
  induction bounds with
  | nil => trivial
  | cons b bounds ih =>
    refine ⟨⟨?_, ?_⟩, ih⟩ <;> rw [ratCast_rat] <;> exact Rat.le_refl

/-- From 0, the exact outputs are 0 and the computed ones the bound. -/
theorem run_affineLayers (bounds : List (Rat × Rat)) (x : Rat) :
    runExact (affineLayers bounds) 0 = 0 ∧
      runApprox (affineLayers bounds) x = errorThrough bounds x := by
  induction bounds generalizing x with
  | nil => exact ⟨rfl, rfl⟩
  | cons b bounds ih =>
    refine ⟨?_, (ih _).2⟩
    show runExact (affineLayers bounds) (b.2 * 0) = 0
    rw [Rat.mul_zero]
    exact (ih 0).1

/-- **The bound is attained**, and so the least: some layers within the bounds are off by at least
any number that `ErrorAtLeast` accepts. -/
theorem exists_layers_error_ge {bounds : List (Rat × Rat)} {q : Rat}
    (h : 0 ≤ q ∧ ErrorAtLeast bounds q.num.toNat q.den) :
    ∃ (layers : List (ApproxLayer Rat Rat)) (x : Rat), WithinBounds bounds layers ∧
      (∀ layer ∈ layers, layer.Valid fun a b => ratAbs (a - b)) ∧
      q ≤ ratAbs (runExact layers x - runApprox layers x) := by
  refine ⟨affineLayers bounds, 0, affineLayers_within bounds, affineLayers_valid h.2.1, ?_⟩
  obtain ⟨hexact, happrox⟩ := run_affineLayers bounds 0
  rw [hexact, happrox]
  have hle := (errorAtLeast_iff h.2.1).1 h.2
  rw [← mul_den_eq_toNat h.1] at hle
  have hq := le_of_mul_le_mul_right hle (natCast_pos q.den_pos)
  have hnum := Rat.num_nonneg (q := 0 - errorThrough bounds 0)
  unfold ratAbs
  grind

/-- As many affine layers as bounds. -/
theorem length_affineLayers (bounds : List (Rat × Rat)) :
    (affineLayers bounds).length = bounds.length := by
  induction bounds with
  | nil => rfl
  | cons b bounds ih => exact congrArg (· + 1) ih

/-- The errors of affine layers are those of the bounds. -/
theorem exists_of_mem_affineLayers {bounds : List (Rat × Rat)} {layer : ApproxLayer Rat Rat}
    (h : layer ∈ affineLayers bounds) : ∃ b ∈ bounds, layer.err = b.1 := by
  induction bounds with
  | nil => cases h
  | cons b bounds ih =>
    rcases List.mem_cons.1 h with rfl | h
    · exact ⟨b, List.mem_cons_self .., rfl⟩
    · obtain ⟨b', hb', heq⟩ := ih h
      exact ⟨b', List.mem_cons_of_mem _ hb', heq⟩

/-- **Without a bound on the Lipschitz constants, errors do not add up**: `count` layers, each off
by at most `err`, can be off by more than `limit` together. Layers `lip * x`, computed as
`lip * x + err`, are, where their bound is not at most `limit`. -/
theorem not_errors_add_up {count : Nat} {err limit : Rat} (lip : Rat)
    (h : NonnegBounds (List.replicate count (err, lip)) ∧ 0 ≤ limit ∧
      ¬ ErrorAtMost (List.replicate count (err, lip)) limit.num.toNat limit.den) :
    ¬ ∀ (layers : List (ApproxLayer Rat Rat)) (x : Rat), layers.length = count →
      (∀ layer ∈ layers, layer.Valid fun a b => ratAbs (a - b)) →
      (∀ layer ∈ layers, 0 ≤ layer.err ∧ layer.err ≤ err) →
      ratAbs (runExact layers x - runApprox layers x) ≤ limit := by
  intro hall
  obtain ⟨hnonneg, hlimit, hnot⟩ := h
  have hle := hall (affineLayers (List.replicate count (err, lip))) 0
    (by rw [length_affineLayers, List.length_replicate]) (affineLayers_valid hnonneg) ?_
  · obtain ⟨hexact, happrox⟩ := run_affineLayers (List.replicate count (err, lip)) 0
    rw [hexact, happrox, ← absLE_iff_ratAbs_le] at hle
    refine hnot ((errorAtMost_iff hnonneg).2 ?_)
    rw [← mul_den_eq_toNat hlimit]
    have := hle.1
    exact mul_le_mul_right (by grind) (natCast_nonneg _)
  · intro layer hl
    obtain ⟨b, hb, heq⟩ := exists_of_mem_affineLayers hl
    have herr := (hnonneg b hb).1
    rw [(List.mem_replicate.1 hb).2] at heq herr
    exact ⟨heq ▸ herr, heq ▸ Rat.le_refl⟩

end PyOrch
