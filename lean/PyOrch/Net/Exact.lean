import PyOrch.Net.Certificate

/-!
# Exact values, and refutations

A network's value at a rational point, in integers over one denominator, and from it the refutation
of a claim that two networks are close: one point of the box where some output differs by more.
-/

set_option compiler.extract_closed false

namespace PyOrch

universe u

/-- The inner product of two lists of integers. -/
def dotExact : List Int → List Int → Int
  | w :: ws, x :: xs => w * x + dotExact ws xs
  | _, _ => 0

/-- The activation of a numerator. -/
def Activation.evalExact : Activation → Int → Int
  | .relu, n => max n 0
  | .identity, n => n

/-- Numerators over `den * d` of a layer's outputs, from numerators over `d` of its inputs. -/
def rowsExact (f : Activation) (d : Nat) (x : List Int) : List (List Int) → List Int → List Int
  | row :: rows, b :: bs => f.evalExact (dotExact row x + b * .ofNat d) :: rowsExact f d x rows bs
  | _, _ => []

/-- A network's value at a point: numerators and their common denominator, in and out. -/
def Network.evalExact : Network → List Int × Nat → List Int × Nat
  | [], p => p
  | L :: Ls, p =>
      Network.evalExact Ls (rowsExact L.activation p.2 p.1 L.weights L.bias, L.den * p.2)

/-- The numerator over the product of both denominators is beyond `±a / b`, at some output. -/
def exceeds (a b dy dz : Nat) : List Int → List Int → Bool
  | y :: ys, z :: zs =>
      decide (.ofNat a * (.ofNat dy * .ofNat dz) < (y * .ofNat dz - z * .ofNat dy) * .ofNat b)
        || decide (.ofNat a * (.ofNat dy * .ofNat dz) < (z * .ofNat dy - y * .ofNat dz) * .ofNat b)
        || exceeds a b dy dz ys zs
  | _, _ => false

/-- The point with numerators `x` over `d` lies between the bounds over `den`. -/
def betweenExact (den d : Nat) : List Int → List Int → List Int → Bool
  | l :: lo, h :: hi, x :: xs =>
      decide (l * .ofNat d ≤ x * .ofNat den) && decide (x * .ofNat den ≤ h * .ofNat d)
        && betweenExact den d lo hi xs
  | [], [], [] => true
  | _, _, _ => false

/-- At the point with numerators `x` over `d`, which lies in the box, some output of teacher and
student differs by more than `epsNum / epsDen`; networks and box have matching shapes. -/
def refutes (teacher student : Network) (box : Box) (epsNum epsDen : Nat) (x : List Int) (d : Nat) :
    Bool :=
  box.wellShaped && teacher.wellShaped box.lo && student.wellShaped box.lo && Nat.ble 1 epsDen
    && Nat.ble 1 d && betweenExact box.den d box.lo box.hi x
    && exceeds epsNum epsDen (teacher.evalExact (x, d)).2 (student.evalExact (x, d)).2
      (teacher.evalExact (x, d)).1 (student.evalExact (x, d)).1

variable {α : Type u} [OrderedField α]

/-- The point whose entries are the numerators divided by the denominator. -/
noncomputable def rationalPoint (p : List Int × Nat) : List α :=
  p.1.map (fun (n : Int) => (n : α) / (p.2 : α))

/-- `dotExact` is the inner product at a rational point. -/
theorem dot_rationalPoint (row xs : List Int) {d : Nat} (hd : 0 < d) :
    rowDot row (rationalPoint (xs, d)) = ((dotExact row xs : Int) : α) / (d : α) := by
  have hd' := natCast_pos (α := α) hd
  have h0 := intCast_zero (α := α)
  induction row generalizing xs with
  | nil => simp only [rowDot, dotExact]; grind
  | cons w ws ih =>
    match xs with
    | [] => simp only [rationalPoint, List.map_nil, rowDot, dotExact]; grind
    | x :: xs =>
      have := ih xs
      simp only [rationalPoint, List.map_cons, rowDot, dotExact, intCast_add, intCast_mul] at this ⊢
      grind

/-- `evalExact` is the activation of a rational number. -/
theorem Activation.eval_div (f : Activation) (n : Int) {d : Nat} (hd : 0 < d) :
    f.eval ((n : α) / (d : α)) = ((f.evalExact n : Int) : α) / (d : α) := by
  have hd' := natCast_pos (α := α) hd
  have h0 := intCast_zero (α := α)
  cases f with
  | identity => rfl
  | relu =>
    have hn : (0 : α) ≤ n / d ↔ (0 : α) ≤ n := by
      rw [le_div_iff hd']; grind
    simp only [Activation.eval, Activation.evalExact]
    have h := intCast_max (α := α) n 0
    by_cases hp : (0 : α) ≤ n
    · rw [if_pos (hn.2 hp)]
      grind
    · rw [if_neg (fun h => hp (hn.1 h))]
      grind

/-- `rowsExact` is the layer's value at a rational point. -/
theorem Layer.eval_rationalPoint (f : Activation) (xs : List Int) {d den : Nat} (hd : 0 < d)
    (hden : 0 < den) (rows : List (List Int)) (bias : List Int) :
    Layer.eval ⟨rows, bias, den, f⟩ (rationalPoint (xs, d) : List α)
      = rationalPoint (rowsExact f d xs rows bias, den * d) := by
  have hd' := natCast_pos (α := α) hd
  have hden' := natCast_pos (α := α) hden
  simp only [Layer.eval, rationalPoint]
  induction rows generalizing bias with
  | nil => simp only [rowsExact, List.zipWith_nil_left, List.map_nil]
  | cons row rows ih =>
    match bias with
    | [] => simp only [rowsExact, List.zipWith_nil_right, List.map_nil]
    | b :: bs =>
      have h := dot_rationalPoint (α := α) row xs hd
      simp only [rationalPoint] at h
      simp only [rowsExact, List.zipWith_cons_cons, List.map_cons, ih bs, h]
      congr 1
      rw [← f.eval_div _ (Nat.mul_pos hden hd)]
      congr 1
      simp only [intCast_add, intCast_mul, intCast_ofNat, natCast_mul]
      grind

/-- The denominator stays positive. -/
theorem Network.evalExact_den_pos (N : Network) (hN : N.Positive) {p : List Int × Nat}
    (hp : 0 < p.2) : 0 < (N.evalExact p).2 := by
  induction N generalizing p with
  | nil => exact hp
  | cons L Ls ih =>
    exact ih (fun L' h => hN L' (.tail _ h)) (Nat.mul_pos (hN L (.head _)) hp)

/-- The integers of `evalExact` are the network's value at a rational point. -/
theorem Network.eval_rationalPoint (N : Network) (hN : N.Positive) {p : List Int × Nat}
    (hp : 0 < p.2) : N.eval (rationalPoint p : List α) = rationalPoint (N.evalExact p) := by
  induction N generalizing p with
  | nil => rfl
  | cons L Ls ih =>
    have hL := hN L (.head _)
    simp only [Network.eval, Network.evalExact]
    rw [← ih (fun L' h => hN L' (.tail _ h)) (Nat.mul_pos hL hp)]
    exact congrArg _ (Layer.eval_rationalPoint L.activation p.1 hp hL L.weights L.bias)

/-- `betweenExact` puts the rational point between the bounds. -/
theorem between_of_betweenExact {den d : Nat} (hden : 0 < den) (hd : 0 < d) {lo hi x : List Int}
    (h : betweenExact den d lo hi x = true) :
    Between den lo hi (rationalPoint (x, d) : List α) := by
  have hden' := natCast_pos (α := α) hden
  have hd' := natCast_pos (α := α) hd
  induction lo generalizing hi x with
  | nil => match hi, x, h with
    | [], [], _ => trivial
  | cons l lo ih => match hi, x, h with
    | u :: hi, x :: xs, h =>
      simp only [betweenExact, Bool.and_eq_true, decide_eq_true_eq] at h
      refine ⟨?_, ih h.2⟩
      have h1 := intCast_le (α := α) h.1.1
      have h2 := intCast_le (α := α) h.1.2
      simp only [intCast_mul, intCast_ofNat] at h1 h2
      rw [div_le_iff hden', le_div_iff hden']
      constructor
      · rw [show (x : α) / d * den = (x * den) / d by grind, le_div_iff hd']
        exact h1
      · rw [show (x : α) / d * den = (x * den) / d by grind, div_le_iff hd']
        exact h2

/-- `exceeds` refutes closeness. -/
theorem not_close_of_exceeds {a b dy dz : Nat} (hb : 0 < b) (hdy : 0 < dy) (hdz : 0 < dz)
    {ys zs : List Int} (h : exceeds a b dy dz ys zs = true) :
    ¬ Close (rationalPoint (ys, dy) : List α) (rationalPoint (zs, dz)) ((a : α) / (b : α)) := by
  have hb' := natCast_pos (α := α) hb
  have hdy' := natCast_pos (α := α) hdy
  have hdz' := natCast_pos (α := α) hdz
  induction ys generalizing zs with
  | nil => simp only [exceeds, Bool.false_eq_true] at h
  | cons y ys ih => match zs with
    | [] => simp only [exceeds, Bool.false_eq_true] at h
    | z :: zs =>
      intro hc
      have hpos := mul_pos hb' (mul_pos hdy' hdz')
      have h1 := mul_le_mul_right hc.1.1 (by grind : 0 ≤ (b : α) * (dy * dz))
      have h2 := mul_le_mul_right hc.1.2 (by grind : 0 ≤ (b : α) * (dy * dz))
      have e1 : (a : α) / b * (b * (dy * dz)) = a * (dy * dz) := by grind
      have e2 : ((y : α) / dy - z / dz) * (b * (dy * dz)) = (y * dz - z * dy) * b := by grind
      rw [e2] at h1 h2
      rw [e1] at h2
      rw [show -((a : α) / b) * (b * (dy * dz)) = -((a : α) / b * (b * (dy * dz))) by grind, e1]
        at h1
      simp only [exceeds, Bool.or_eq_true, decide_eq_true_eq] at h
      rcases h with (h | h) | h
      · have := intCast_lt (α := α) h
        simp only [intCast_mul, intCast_sub, intCast_ofNat] at this
        grind
      · have := intCast_lt (α := α) h
        simp only [intCast_mul, intCast_sub, intCast_ofNat] at this
        grind
      · exact ih h hc.2

/-- A refutation: where `refutes` accepts, teacher and student are not `ε`-close on the box. -/
theorem not_close_of_refutes {T S : Network} {box : Box} {epsNum epsDen : Nat} (x : List Int)
    (d : Nat) (h : refutes T S box epsNum epsDen x d = true) :
    ¬ ∀ x : List α, box.Mem x →
      Close (T.eval x) (S.eval x) (OfNat.ofNat epsNum / OfNat.ofNat epsDen : α) := by
  simp only [refutes, Box.wellShaped, Bool.and_eq_true, Nat.ble_eq] at h
  obtain ⟨⟨⟨⟨⟨⟨⟨_, hbox⟩, hT⟩, hS⟩, hb⟩, hd⟩, hx⟩, he⟩ := h
  have hT := Network.positive_of_wellShaped hT
  have hS := Network.positive_of_wellShaped hS
  intro hc
  have hc := hc _ (between_of_betweenExact hbox hd hx)
  rw [T.eval_rationalPoint hT (p := (x, d)) hd, S.eval_rationalPoint hS (p := (x, d)) hd,
    Lean.Grind.Semiring.ofNat_eq_natCast, Lean.Grind.Semiring.ofNat_eq_natCast] at hc
  exact not_close_of_exceeds hb (T.evalExact_den_pos hT (p := (x, d)) hd)
    (S.evalExact_den_pos hS (p := (x, d)) hd) he hc

end PyOrch
