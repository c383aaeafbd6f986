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

/-! ## Arithmetic: each without the hypotheses around it, and with variables in place of casts -/

private theorem zero_div {d : α} : 0 / d = 0 := by
  rw [Lean.Grind.Field.div_eq_mul_inv, Lean.Grind.Semiring.zero_mul]

private theorem mul_div_add {w x r d : α} : w * (x / d) + r / d = (w * x + r) / d := by grind

private theorem add_mul_div {r b d e : α} (hd : 0 < d) :
    (r / d + b) / e = (r + b * d) / (e * d) := by grind

private theorem div_mul_comm {x d e : α} : x / d * e = x * e / d := by grind

private theorem sub_div_mul {y z p q b : α} (hp : 0 < p) (hq : 0 < q) :
    (y / p - z / q) * (p * q * b) = (y * q - z * p) * b := by
  have hy := div_mul_cancel (a := y) hp
  have hz := div_mul_cancel (a := z) hq
  generalize y / p = y' at *
  generalize z / q = z' at *
  subst hy hz
  clear hp hq
  grind

private theorem mul_le_of_sub_le {a b y z p q : α} (hb : 0 < b) (hp : 0 < p) (hq : 0 < q)
    (h : y / p - z / q ≤ a / b) : (y * q - z * p) * b ≤ a * (p * q) := by
  have := mul_le_mul_right h (Std.le_of_lt (mul_pos (mul_pos hp hq) hb))
  rwa [sub_div_mul hp hq, div_mul_mul_cancel hb, Lean.Grind.CommSemiring.mul_comm _ a] at this

/-- `dotExact` is the inner product at a rational point. -/
theorem dot_rationalPoint (row xs : List Int) {d : Nat} (hd : 0 < d) :
    rowDot row (rationalPoint (xs, d)) = ((dotExact row xs : Int) : α) / (d : α) := by
  have hd' := natCast_pos (α := α) hd
  have h0 := intCast_zero (α := α)
  induction row generalizing xs with
  | nil => simp only [rowDot, dotExact, h0, zero_div]
  | cons w ws ih =>
    match xs with
    | [] => simp only [rationalPoint, List.map_nil, rowDot, dotExact, h0, zero_div]
    | x :: xs =>
      have := ih xs
      simp only [rationalPoint, List.map_cons, rowDot, dotExact, intCast_add, intCast_mul] at this ⊢
      rw [this, mul_div_add]

/-- `evalExact` is the activation of a rational number. -/
theorem Activation.eval_div (f : Activation) (n : Int) {d : Nat} (hd : 0 < d) :
    f.eval ((n : α) / (d : α)) = ((f.evalExact n : Int) : α) / (d : α) := by
  have hd' := natCast_pos (α := α) hd
  have h0 := intCast_zero (α := α)
  cases f with
  | identity => rfl
  | relu =>
    simp only [Activation.eval, Activation.evalExact]
    by_cases hn : 0 ≤ n
    · rw [if_pos ((le_div_iff hd').2 ?_), Int.max_eq_left hn]
      rw [Lean.Grind.Semiring.zero_mul, ← h0]
      exact intCast_le hn
    · rw [if_neg fun h => hn ?_, Int.max_eq_right (Int.le_of_lt (Int.not_le.1 hn)), h0, zero_div]
      rw [le_div_iff hd', Lean.Grind.Semiring.zero_mul, ← h0] at h
      exact intCast_le_iff.1 h

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
      exact add_mul_div hd'

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
      · rw [div_mul_comm, le_div_iff hd']
        exact h1
      · rw [div_mul_comm, div_le_iff hd']
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
      simp only [exceeds, Bool.or_eq_true, decide_eq_true_eq] at h
      rcases h with (h | h) | h
      · have := intCast_lt (α := α) h
        simp only [intCast_mul, intCast_sub, intCast_ofNat] at this
        exact Std.not_le.2 this (mul_le_of_sub_le hb' hdy' hdz' hc.1.2)
      · have := intCast_lt (α := α) h
        simp only [intCast_mul, intCast_sub, intCast_ofNat] at this
        rw [Lean.Grind.CommSemiring.mul_comm (dy : α)] at this
        exact Std.not_le.2 this (mul_le_of_sub_le hb' hdz' hdy' hc.1.symm.2)
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
