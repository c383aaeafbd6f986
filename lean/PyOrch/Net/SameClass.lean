import PyOrch.Net.EachOutput

/-!
# Teacher and student choose the same class

The margins of the class `c`, output `c` minus each output, are the outputs of a network that
differs in its last layer only: row `c` minus each row. Its bounds are tighter than those of the
outputs subtracted from each other, and `outputBounds` of the two networks of margins bounds the
difference of the margins, too.
-/

namespace PyOrch

universe u

/-- The layer whose outputs are output `c` minus each output (of a layer without activation). -/
noncomputable def Layer.against (c : Nat) (L : Layer) : Layer :=
  { L with
    weights := L.weights.map ((L.weights.getD c []).zipWith (· - ·))
    bias := L.bias.map (L.bias.getD c 0 - ·) }

/-- The network whose outputs are output `c` minus each output. -/
noncomputable def Network.against (c : Nat) : Network → Network
  | [] => []
  | [L] => [L.against c]
  | L :: L' :: Ls => L :: Network.against c (L' :: Ls)

/-- There is a last layer, and it has no activation. -/
def Network.endsAffine : Network → Bool
  | [] => false
  | [L] => L.activation.same .identity
  | _ :: L' :: Ls => Network.endsAffine (L' :: Ls)

/-- The teacher's margin is positive, and so is the student's: by its own bound, or by the teacher's
and that of their difference. -/
def marginPositive (t s δ : Interval) : Bool :=
  decide (0 < t.lo) && (decide (0 < s.lo) || decide (δ.hi < t.lo))

/-- All margins are positive. -/
def marginsPositive : List Interval → List Interval → List Interval → Bool
  | t :: ts, s :: ss, δ :: δs => marginPositive t s δ && marginsPositive ts ss δs
  | [], [], [] => true
  | _, _, _ => false

/-- All margins of the class `c`, which there is, are positive, except that over itself. -/
def marginsPositiveFor : Nat → List Interval → List Interval → List Interval → Bool
  | 0, _ :: ts, _ :: ss, _ :: δs => marginsPositive ts ss δs
  | c + 1, t :: ts, s :: ss, δ :: δs => marginPositive t s δ && marginsPositiveFor c ts ss δs
  | _, _, _, _ => false

/-- The bounds of the margins prove that `c` is the class. -/
def PairBounds.choose (c : Nat) (x : PairBounds) : Bool :=
  x.sameOutputs && marginsPositiveFor c x.teacher x.student x.difference

/-- Both networks choose the class `c` on the box; networks and box have matching shapes. -/
noncomputable def checkClass (T S : Network) (box : Box) (c prec : Nat) : Bool :=
  box.wellShaped && T.wellShaped box.lo && S.wellShaped box.lo && T.endsAffine && S.endsAffine
    && (outputBounds (T.against c) (S.against c) box prec).choose c

variable {α : Type u} [OrderedField α]

/-! ## The networks of margins -/

/-- The inner product with a difference of rows. -/
theorem rowDot_zipWith_sub {v w : List Int} (h : v.length = w.length) (x : List α) :
    rowDot (v.zipWith (· - ·) w) x = rowDot v x - rowDot w x := by
  have h0 : (0 : α) = 0 - 0 := by grind
  induction v generalizing w x with
  | nil => match w, h with
    | [], _ => exact h0
  | cons a v ih => match w, h with
    | b :: w, h => match x with
      | [] => exact h0
      | x :: xs =>
        simp only [List.zipWith_cons_cons, rowDot, ih (Nat.succ.inj h), intCast_sub]
        grind

/-- Rows that fit the inputs have their length. -/
theorem length_of_rowsHaveLength {inputs : List Int} {rows : List (List Int)}
    (h : rowsHaveLength inputs rows = true) : ∀ r ∈ rows, r.length = inputs.length := by
  induction rows with
  | nil => exact nofun
  | cons row rows ih =>
    rw [rowsHaveLength, Bool.and_eq_true] at h
    intro r hr
    cases hr with
    | head => exact length_eq_of_sameLength h.1
    | tail _ hr => exact ih h.2 r hr

/-- The outputs of `Layer.against` are margins. -/
theorem Layer.eval_against {L : Layer} {inputs : List Int} (hL : L.wellShaped inputs = true)
    (hf : L.activation.same .identity = true) {c : Nat} {x : List α} {y : α}
    (hy : (L.eval x)[c]? = some y) : (L.against c).eval x = (L.eval x).map (y - ·) := by
  obtain ⟨weights, bias, den, f⟩ := L
  cases Activation.same_eq hf
  simp only [Layer.wellShaped, Bool.and_eq_true] at hL
  have hrows := length_of_rowsHaveLength hL.1.1
  obtain ⟨hlt, hy⟩ := List.getElem?_eq_some_iff.1 hy
  simp only [Layer.eval, List.getElem_zipWith] at hy
  rw [Layer.eval, List.length_zipWith] at hlt
  have h1 : c < weights.length := Nat.lt_of_lt_of_le hlt (Nat.min_le_left _ _)
  have h2 : c < bias.length := Nat.lt_of_lt_of_le hlt (Nat.min_le_right _ _)
  simp only [Layer.eval, Layer.against, List.getD_eq_getElem?_getD, List.getElem?_eq_getElem h1,
    List.getElem?_eq_getElem h2, Option.getD_some]
  apply List.ext_getElem
  · simp only [List.length_map, List.length_zipWith]
  · intro j hj _
    rw [List.length_zipWith, List.length_map, List.length_map] at hj
    simp only [List.getElem_map, List.getElem_zipWith, Activation.eval] at hy ⊢
    have := rowDot_zipWith_sub (hrows _ (List.getElem_mem h1)
      |>.trans (hrows _ (List.getElem_mem (show j < weights.length by omega))).symm) x
    simp only [this, intCast_sub]
    grind

/-- The outputs of `Network.against` are margins. -/
theorem Network.eval_against {N : Network} {inputs : List Int} (hN : N.wellShaped inputs = true)
    (hf : N.endsAffine = true) {c : Nat} {x : List α} {y : α}
    (hy : (N.eval x)[c]? = some y) : (N.against c).eval x = (N.eval x).map (y - ·) := by
  induction N generalizing inputs x with
  | nil => cases hf
  | cons L Ls ih =>
    rw [Network.wellShaped, Bool.and_eq_true] at hN
    match Ls with
    | [] => exact L.eval_against hN.1 hf hy
    | L' :: Ls => exact ih hN.2 hf hy

/-- A network of margins has equally many outputs. -/
theorem Network.length_eval_against (N : Network) (c : Nat) (x : List α) :
    ((N.against c).eval x).length = (N.eval x).length := by
  induction N generalizing x with
  | nil => rfl
  | cons L Ls ih =>
    match Ls with
    | [] => simp only [Network.against, Network.eval, Layer.eval, Layer.against,
        List.length_zipWith, List.length_map]
    | L' :: Ls => exact ih (L.eval x)

/-- Denominators stay positive. -/
theorem Network.positive_against {N : Network} (h : N.Positive) (c : Nat) :
    (N.against c).Positive := by
  induction N with
  | nil => exact h
  | cons L Ls ih =>
    match Ls with
    | [] =>
      intro L' hL'
      cases hL' with
      | head => exact h L (.head _)
      | tail _ hL' => cases hL'
    | L' :: Ls =>
      intro K hK
      cases hK with
      | head => exact h L (.head _)
      | tail _ hK => exact ih (fun K hK => h K (.tail _ hK)) K hK

/-! ## The certificate -/

/-- `c` wins where every margin but its own is positive. -/
theorem Network.wins_of_margins {N : Network} {inputs : List Int}
    (hN : N.wellShaped inputs = true) (hf : N.endsAffine = true) {c : Nat} {x : List α}
    (hc : c < ((N.against c).eval x).length)
    (h : ∀ j v, ((N.against c).eval x)[j]? = some v → j ≠ c → 0 < v) : Wins c (N.eval x) := by
  rw [N.length_eval_against] at hc
  have hy := List.getElem?_eq_getElem hc
  refine ⟨_, hy, fun j z hz hj => ?_⟩
  have := h j ((N.eval x)[c] - z)
    (by rw [Network.eval_against hN hf hy, List.getElem?_map, hz]; rfl) hj
  grind

/-- Positive bounds of a teacher's and a student's value. -/
theorem pos_of_marginPositive {unit : Nat} {t s δ : Interval} {x y : α} (hu : 0 < unit)
    (h : marginPositive t s δ = true) (ht : t.Holds ((unit : α) * x))
    (hs : s.Holds ((unit : α) * y)) (hδ : δ.Holds ((unit : α) * (x - y))) : 0 < x ∧ 0 < y := by
  have hu := natCast_pos (α := α) hu
  have h0 := intCast_zero (α := α)
  have pos : ∀ {v : α}, 0 < (unit : α) * v → 0 < v := by
    intro v hv
    refine Std.not_le.1 fun hn => Std.not_le.2 hv ?_
    have := mul_le_mul_left hn (Std.le_of_lt hu)
    rwa [Lean.Grind.Semiring.mul_zero] at this
  simp only [marginPositive, Bool.and_eq_true, Bool.or_eq_true, decide_eq_true_eq] at h
  refine ⟨pos (Std.lt_of_lt_of_le (h0 ▸ intCast_lt (α := α) h.1) ht.1), pos ?_⟩
  cases h.2 with
  | inl h => exact Std.lt_of_lt_of_le (h0 ▸ intCast_lt (α := α) h) hs.1
  | inr h =>
    have := Std.lt_of_le_of_lt hδ.2 (Std.lt_of_lt_of_le (intCast_lt (α := α) h) ht.1)
    clear h hs hδ ht h0 hu pos
    grind

/-- Positive bounds of all margins. -/
theorem pos_of_marginsPositive {unit : Nat} (hu : 0 < unit) {ts ss δs : List Interval}
    {xs ys : List α} (h : marginsPositive ts ss δs = true) (ht : AllHold (unit : α) ts xs)
    (hs : AllHold (unit : α) ss ys) (hδ : AllHoldDiff (unit : α) δs xs ys) :
    (∀ x ∈ xs, 0 < x) ∧ ∀ y ∈ ys, 0 < y := by
  induction ts generalizing ss δs xs ys with
  | nil => match ss, δs, xs, ys, h, ht, hs, hδ with
    | [], [], [], [], _, _, _, _ => exact ⟨nofun, nofun⟩
  | cons t ts ih => match ss, δs, xs, ys, h, ht, hs, hδ with
    | s :: ss, δ :: δs, x :: xs, y :: ys, h, ht, hs, hδ =>
      rw [marginsPositive, Bool.and_eq_true] at h
      have := pos_of_marginPositive hu h.1 ht.1 hs.1 hδ.1
      simp only [List.forall_mem_cons]
      have ih := ih h.2 ht.2 hs.2 hδ.2
      exact ⟨⟨this.1, ih.1⟩, this.2, ih.2⟩

/-- Positive bounds of all margins but one. -/
theorem pos_of_marginsPositiveFor {unit c : Nat} (hu : 0 < unit) {ts ss δs : List Interval}
    {xs ys : List α} (h : marginsPositiveFor c ts ss δs = true) (ht : AllHold (unit : α) ts xs)
    (hs : AllHold (unit : α) ss ys) (hδ : AllHoldDiff (unit : α) δs xs ys) :
    (c < xs.length ∧ ∀ j x, xs[j]? = some x → j ≠ c → 0 < x) ∧
      c < ys.length ∧ ∀ j y, ys[j]? = some y → j ≠ c → 0 < y := by
  induction c generalizing ts ss δs xs ys with
  | zero => match ts, ss, δs, xs, ys, h, ht, hs, hδ with
    | _ :: ts, _ :: ss, _ :: δs, _ :: xs, _ :: ys, h, ht, hs, hδ =>
      have := pos_of_marginsPositive hu h ht.2 hs.2 hδ.2
      refine ⟨⟨Nat.zero_lt_succ _, fun j x hx hj => ?_⟩, Nat.zero_lt_succ _, fun j y hy hj => ?_⟩
      · match j, hx, hj with
        | j + 1, hx, _ => exact this.1 x (List.mem_of_getElem? hx)
      · match j, hy, hj with
        | j + 1, hy, _ => exact this.2 y (List.mem_of_getElem? hy)
  | succ c ih => match ts, ss, δs, xs, ys, h, ht, hs, hδ with
    | t :: ts, s :: ss, δ :: δs, x :: xs, y :: ys, h, ht, hs, hδ =>
      rw [marginsPositiveFor, Bool.and_eq_true] at h
      have h0 := pos_of_marginPositive hu h.1 ht.1 hs.1 hδ.1
      have ih := ih h.2 ht.2 hs.2 hδ.2
      refine ⟨⟨Nat.succ_lt_succ ih.1.1, fun j v hv hj => ?_⟩, Nat.succ_lt_succ ih.2.1,
        fun j v hv hj => ?_⟩
      · match j, hv with
        | 0, hv => cases hv; exact h0.1
        | j + 1, hv => exact ih.1.2 j v hv (by omega)
      · match j, hv with
        | 0, hv => cases hv; exact h0.2
        | j + 1, hv => exact ih.2.2 j v hv (by omega)

/-- A certificate of the class: where `checkClass` accepts, output `c` is strictly the greatest of
the teacher and of the student, at every point of the box, over every ordered field. -/
theorem wins_of_checkClass {T S : Network} {box : Box} {c : Nat} (prec : Nat)
    (h : checkClass T S box c prec = true) {x : List α} (hx : box.Mem x) :
    Wins c (T.eval x) ∧ Wins c (S.eval x) := by
  simp only [checkClass, PairBounds.choose, Bool.and_eq_true] at h
  obtain ⟨⟨⟨⟨⟨hbox, hT⟩, hS⟩, hfT⟩, hfS⟩, hl, hm⟩ := h
  have hold := hold_outputBounds hbox
    (Network.positive_against (Network.positive_of_wellShaped hT) c)
    (Network.positive_against (Network.positive_of_wellShaped hS) c) hl hx
  have h := pos_of_marginsPositiveFor (Nat.two_pow_pos prec) hm hold.teacher hold.student
    hold.difference
  exact ⟨Network.wins_of_margins hT hfT h.1.1 h.1.2, Network.wins_of_margins hS hfS h.2.1 h.2.2⟩

/-- Where `checkClass` accepts, teacher and student choose the same class on the box. -/
theorem sameClass_of_checkClass {T S : Network} {box : Box} {c : Nat} (prec : Nat)
    (h : checkClass T S box c prec = true) {x : List α} (hx : box.Mem x) :
    SameClass (T.eval x) (S.eval x) := ⟨c, wins_of_checkClass prec h hx⟩

end PyOrch
