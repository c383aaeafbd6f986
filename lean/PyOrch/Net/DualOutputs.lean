import PyOrch.Net.DualFormsHold

/-!
# The bounds of the outputs hold

Those on the way forward and those from the outputs back: `LayerOps.exists_of_lastAccepts` and
`LayerOps.allHoldDiff_difference`.
-/

namespace PyOrch

universe u
variable {α : Type u} [OrderedField α] {β : Type}

namespace LayerOps
variable (ops : LayerOps β)

/-- The network that is represented. -/
def toNetwork : List β → Network
  | [] => []
  | L :: Ls => ops.toLayer L :: toNetwork Ls

variable {ops} {i : Inputs} {x : List α} {tighten : Bool}

/-- `teacherSteps` go on with the teacher, and their bounds hold. -/
theorem hold_teacherSteps (h : Lawful.{u} ops) (hu : 0 < i.unit) (hi : 0 < i.den)
    (hx : AllHold (i.den : α) i.box x) {Ts : List β} (hT : ∀ T ∈ Ts, ops.Fine T)
    {ts : List Interval} {steps : List (DualStep β)} (hs : ops.Hold i.unit steps x)
    (ht : AllHold (i.unit : α) ts (ops.values steps x).1) :
    ops.Hold i.unit (ops.teacherSteps i tighten Ts ts steps) x ∧
      ops.values (ops.teacherSteps i tighten Ts ts steps) x
        = ((ops.toNetwork Ts).eval (ops.values steps x).1, (ops.values steps x).2) := by
  induction Ts generalizing ts steps with
  | nil => exact ⟨hs, rfl⟩
  | cons T Ts ih =>
    have hT₁ := hT T (.head _)
    have hb := allHold_before h hu hT₁ ht
    simp only [teacherSteps, forceBounds_eq]
    generalize hz : (bif ops.tightens tighten steps T then
      cutDownOpen (ops.teacherTop i steps T) (ops.before i.unit T ts) 0
      else ops.before i.unit T ts) = z
    have hz' : AllHold (i.unit : α) z (ops.pre T (ops.values steps x).1) := by
      rw [← hz]
      cases ops.tightens tighten steps T
      · exact hb
      · exact allHold_cutDownOpen hb 0 fun j c => by
          rw [Nat.zero_add]; exact le_teacherTop h hu hi hx hs hT₁ j c
    refine ih (fun T h => hT T (.tail _ h)) (steps := .teacher T z :: steps) ⟨hT₁, hz', hs⟩ ?_
    rw [fastActivation_eq, h.activation_eq, values, eval_eq_map_pre]
    exact allHold_activation_bounds hu _ hz'

/-- `studentSteps` go on with the student, and their bounds hold. -/
theorem hold_studentSteps (h : Lawful.{u} ops) (hu : 0 < i.unit) (hi : 0 < i.den)
    (hx : AllHold (i.den : α) i.box x) {Ss : List β} (hS : ∀ S ∈ Ss, ops.Fine S)
    {ss : List Interval} {steps : List (DualStep β)} (hs : ops.Hold i.unit steps x)
    (ht : AllHold (i.unit : α) ss (ops.values steps x).2) :
    ops.Hold i.unit (ops.studentSteps i tighten Ss ss steps) x ∧
      ops.values (ops.studentSteps i tighten Ss ss steps) x
        = ((ops.values steps x).1, (ops.toNetwork Ss).eval (ops.values steps x).2) := by
  induction Ss generalizing ss steps with
  | nil => exact ⟨hs, rfl⟩
  | cons S Ss ih =>
    have hS₁ := hS S (.head _)
    have hb := allHold_before h hu hS₁ ht
    simp only [studentSteps, forceBounds_eq]
    generalize hz : (bif ops.tightens tighten steps S then
      cutDownOpen (ops.studentTop i steps S) (ops.before i.unit S ss) 0
      else ops.before i.unit S ss) = z
    have hz' : AllHold (i.unit : α) z (ops.pre S (ops.values steps x).2) := by
      rw [← hz]
      cases ops.tightens tighten steps S
      · exact hb
      · exact allHold_cutDownOpen hb 0 fun j c => by
          rw [Nat.zero_add]; exact le_studentTop h hu hi hx hs hS₁ j c
    refine ih (fun S h => hS S (.tail _ h)) (steps := .student S z :: steps) ⟨hS₁, hz', hs⟩ ?_
    rw [fastActivation_eq, h.activation_eq, values, eval_eq_map_pre]
    exact allHold_activation_bounds hu _ hz'

/-- The teacher's steps, then the student's. -/
theorem hold_remainingSteps (h : Lawful.{u} ops) (hu : 0 < i.unit) (hi : 0 < i.den)
    (hx : AllHold (i.den : α) i.box x) {Ts Ss : List β} (hT : ∀ T ∈ Ts, ops.Fine T)
    (hS : ∀ S ∈ Ss, ops.Fine S) {ts ss : List Interval} {steps : List (DualStep β)}
    (hs : ops.Hold i.unit steps x) (ht : AllHold (i.unit : α) ts (ops.values steps x).1)
    (hss : AllHold (i.unit : α) ss (ops.values steps x).2) :
    ops.Hold i.unit
        (ops.studentSteps i tighten Ss ss (ops.teacherSteps i tighten Ts ts steps)) x ∧
      ops.values (ops.studentSteps i tighten Ss ss (ops.teacherSteps i tighten Ts ts steps)) x
        = ((ops.toNetwork Ts).eval (ops.values steps x).1,
          (ops.toNetwork Ss).eval (ops.values steps x).2) := by
  have h₁ := hold_teacherSteps (tighten := tighten) h hu hi hx hT hs ht
  have h₂ := hold_studentSteps (tighten := tighten) (ss := ss) h hu hi hx hS h₁.1
    (by rw [h₁.2]; exact hss)
  exact ⟨h₂.1, by rw [h₂.2, h₁.2]⟩

/-- All steps go from the input to the outputs, and their bounds hold. -/
theorem hold_steps (h : Lawful.{u} ops) (hu : 0 < i.unit) (hi : 0 < i.den)
    (hx : AllHold (i.den : α) i.box x) {Ts Ss : List β} (hT : ∀ T ∈ Ts, ops.Fine T)
    (hS : ∀ S ∈ Ss, ops.Fine S) {b : PairBounds} {masks : List Nat} {forms : Option Forms}
    {steps : List (DualStep β)} (hs : ops.Hold i.unit steps x)
    (hb : b.Hold (i.unit : α) (ops.values steps x).1 (ops.values steps x).2)
    (hforms : HoldForms (i.unit : α) forms (ops.values steps x).1 (ops.values steps x).2) :
    ops.Hold i.unit (ops.steps i tighten Ts Ss b masks forms steps) x ∧
      ops.values (ops.steps i tighten Ts Ss b masks forms steps) x
        = ((ops.toNetwork Ts).eval (ops.values steps x).1,
          (ops.toNetwork Ss).eval (ops.values steps x).2) := by
  induction Ts generalizing Ss b masks forms steps with
  | nil =>
    have := hold_remainingSteps (tighten := tighten) h hu hi hx hT hS hs hb.teacher hb.student
    cases Ss <;> exact this
  | cons T Ts ih =>
    match Ss with
    | [] => exact hold_remainingSteps h hu hi hx hT hS hs hb.teacher hb.student
    | S :: Ss =>
      simp only [LayerOps.steps, forcePair_eq, forceForms_eq]
      cases hp : ops.pairs T S
      · exact hold_remainingSteps h hu hi hx hT hS hs hb.teacher hb.student
      · rw [cond_true]
        have hT₁ := hT T (.head _)
        have hS₁ := hS S (.head _)
        have hg := holdForms_through h hu hT₁ hS₁ hp hforms
        have hz := hg.meet (hold_beforePair h hu hT₁ hS₁ hp hb)
        have hf := h.pairs_of_pairs T S hp
        simp only [Layer.pairs, Bool.and_eq_true] at hf
        have hf := Activation.same_eq hf.1.1.1
        generalize hz' : (bif ops.tightens tighten steps T then
          ops.tightenPair i steps T S (meetForms
            (Option.rec none (fun f => some (ops.through i.unit T S f)) forms)
            (ops.beforePair i.unit T S b))
          else meetForms (Option.rec none (fun f => some (ops.through i.unit T S f)) forms)
            (ops.beforePair i.unit T S b)) = z
        have hz : z.Hold (i.unit : α) (ops.pre T (ops.values steps x).1)
            (ops.pre S (ops.values steps x).2) := by
          rw [← hz']
          cases ops.tightens tighten steps T
          · exact hz
          · have ht := allHold_cutDownOpen hz.teacher 0 fun j c => by
              rw [Nat.zero_add]; exact le_teacherTop h hu hi hx hs hT₁ j c
            have hs' := allHold_cutDownOpen hz.student 0 fun j c => by
              rw [Nat.zero_add]; exact le_studentTop h hu hi hx hs hS₁ j c
            exact ⟨ht, hs', allHoldDiff_cutDownDiff hz.difference ht hs' 0 fun j c => by
              rw [Nat.zero_add]; exact le_pairTop h hu hi hx hs hT₁ hS₁ j c⟩
        have ht := allHold_activation_bounds hu (ops.toLayer T).activation hz.teacher
        have hs' := allHold_activation_bounds hu (ops.toLayer T).activation hz.student
        refine ih (fun T h => hT T (.tail _ h)) (fun S h => hS S (.tail _ h))
          (steps := .both T S z :: steps) ⟨⟨hT₁, hS₁, hf⟩, hz, hs⟩ ?_ ?_
        · rw [fastActivation_eq, fastActivation_eq, fastActivationDiff_eq, h.activation_eq, values,
            eval_eq_map_pre, eval_eq_map_pre, ← hf]
          exact ⟨ht, hs', allHoldDiff_activation_diffBounds hu _ hz.difference ht hs'⟩
        · rw [values, eval_eq_map_pre, eval_eq_map_pre, ← hf, h.activation_eq]
          exact hg.after hu hz _ masks

/-- The bounds after the last step that pass a test bound the differences of the outputs. -/
theorem exists_of_lastAccepts (h : Lawful.{u} ops) (hu : 0 < i.unit) {steps : List (DualStep β)}
    (hs : ops.Hold i.unit steps x) {accepts : List Interval → Bool}
    (hw : ops.lastAccepts accepts steps = true) :
    ∃ is, AllHoldDiff (i.unit : α) is (ops.values steps x).1 (ops.values steps x).2 ∧
      accepts is = true := by
  match steps, hs, hw with
  | .both T S z :: rest, ⟨⟨_, _, hf⟩, hz, _⟩, hw =>
    have ht := allHold_activation_bounds hu (ops.toLayer T).activation hz.teacher
    have hs' := allHold_activation_bounds hu (ops.toLayer T).activation hz.student
    have hd := allHoldDiff_activation_diffBounds hu _ hz.difference ht hs'
    rw [values, eval_eq_map_pre, eval_eq_map_pre, ← hf]
    refine ⟨_, hd, ?_⟩
    rw [← fastActivationDiff_eq, ← fastActivation_eq, ← fastActivation_eq, ← h.activation_eq]
    exact hw

private theorem neg_le_of_neg_add {u v w b : α} (h : u * (-1 * v / 1 + 1 * w / 1) ≤ b) :
    -b ≤ u * (v - w) := by grind

private theorem le_of_add_neg {u v w b : α} (h : u * (1 * v / 1 + -1 * w / 1) ≤ b) :
    u * (v - w) ≤ b := by grind

/-- `difference` bounds the differences of the outputs. -/
theorem allHoldDiff_difference (h : Lawful.{u} ops) (hu : 0 < i.unit) (hi : 0 < i.den)
    (hx : AllHold (i.den : α) i.box x) {steps : List (DualStep β)}
    (hs : ops.Hold i.unit steps x) {outputs : List Int} {y z : List α}
    (hy : y.length = outputs.length) (hz : z.length = outputs.length) (n : Nat)
    (upper lower : List DualRow)
    (hn : ∀ j c, rowDot (unitRow c (n + j)) (ops.values steps x).1 = rowDot (unitRow c j) y ∧
      rowDot (unitRow c (n + j)) (ops.values steps x).2 = rowDot (unitRow c j) z) :
    AllHoldDiff (i.unit : α) (ops.difference i steps outputs n upper lower) y z := by
  induction outputs generalizing y z n upper lower with
  | nil => match y, z, hy, hz with
    | [], [], _, _ => trivial
  | cons o os ih => match y, z, hy, hz with
    | v :: y, w :: z, hy, hz =>
      have one : ((1 : Nat) : α) = 1 := Lean.Grind.Semiring.natCast_one
      have e₁ : ((Int.negSucc 0 : Int) : α) = -1 := by
        rw [show Int.negSucc 0 = -1 from rfl, intCast_neg, intCast_one]
      have e₂ : ((Int.ofNat 1 : Int) : α) = 1 := intCast_one
      have hc := fun row c c' => le_back h hu hi hx hs row (unitRow c n) Nat.one_pos
        (unitRow c' n) Nat.one_pos
      have h0 := fun c => hn 0 c
      simp only [Nat.add_zero, rowDot_unitRow_zero] at h0
      simp only [h0, one] at hc
      refine ⟨⟨?_, ?_⟩, ih (Nat.succ.inj hy) (Nat.succ.inj hz) (n + 1) _ _ fun j c => ?_⟩
      · have := hc (List.rec [] (fun row _ _ => row) lower) (.negSucc 0) (.ofNat 1)
        rw [e₁, e₂] at this
        simp only [fastNeg_eq, intCast_neg]
        exact neg_le_of_neg_add this
      · have := hc (List.rec [] (fun row _ _ => row) upper) (.ofNat 1) (.negSucc 0)
        rw [e₁, e₂] at this
        exact le_of_add_neg this
      · have := hn (j + 1) c
        rw [rowDot_unitRow_succ, rowDot_unitRow_succ] at this
        rwa [show n + 1 + j = n + (j + 1) by omega]

/-- A network has as many outputs as `outputs` says. -/
theorem length_eval {Ls : List β} (h : Lawful.{u} ops) (hL : ∀ L ∈ Ls, ops.Fine L)
    {inputs : List Int} {x : List α} (hx : x.length = inputs.length) :
    ((ops.toNetwork Ls).eval x).length = (ops.outputs inputs Ls).length := by
  induction Ls generalizing inputs x with
  | nil => exact hx
  | cons L Ls ih =>
    refine ih (fun L h => hL L (.tail _ h)) ?_
    have hb := (hL L (.head _)).2
    rw [h.bias_eq, Layer.eval, List.length_zipWith]
    generalize (ops.toLayer L).weights = rows at hb ⊢
    generalize (ops.toLayer L).bias = bias at hb ⊢
    have : rows.length = bias.length := by
      induction rows generalizing bias with
      | nil => match bias, hb with
        | [], _ => rfl
      | cons r rs ih => match bias, hb with
        | b :: bs, hb => exact congrArg Nat.succ (ih bs hb)
    omega

end LayerOps

end PyOrch
