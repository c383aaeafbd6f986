import PyOrch.Net.DualForms

/-!
# The steps of a relaxation, and the check

Bounds before every activation, by intervals on the way forward and, if asked, by relaxation of the
layers before; then the bounds of each output of teacher minus student, and the check of a
certificate by duality.
-/

namespace PyOrch

noncomputable section

/-! ## Tighter bounds -/

/-- The interval cut down, where `bound c` is an upper bound of `c` times the value. -/
def cutDown (bound : Int → Int) (z : Interval) : Interval :=
  ⟨fastMax z.lo (fastNeg (bound (.negSucc 0))), fastMin z.hi (bound (.ofNat 1))⟩

/-- The intervals whose sign is open cut down, where `bound j c` is an upper bound of `c` times the
value with the index `j`, from the index `n` on. -/
def cutDownOpen (bound : Nat → Int → Int) (zs : List Interval) : Nat → List Interval :=
  List.rec (fun _ => []) (fun z _ ih n =>
    (bif isOpen z then cutDown (bound n) z else z) :: ih (Nat.succ n)) zs

/-- The intervals of differences, cut down likewise where the sign of one of the values is open. -/
def cutDownDiff (bound : Nat → Int → Int) (δs : List Interval) :
    Nat → List Interval → List Interval → List Interval :=
  List.rec (fun _ _ _ => []) (fun δ _ ih n ts ss =>
    List.rec [] (fun t ts _ => List.rec [] (fun s ss _ =>
      (bif isOpen t || isOpen s then
          cutDown (bound n) ⟨fastMax δ.lo (fastSub t.lo s.hi), fastMin δ.hi (fastSub t.hi s.lo)⟩
        else ⟨fastMax δ.lo (fastSub t.lo s.hi), fastMin δ.hi (fastSub t.hi s.lo)⟩)
        :: ih (Nat.succ n) ts ss) ss) ts) δs

/-- The affine forms after an activation, if the certificate goes on with them. -/
def formsAfter (unit : Nat) (activation : Activation) (z : PairBounds) (masks : List Nat)
    (f : Forms) : Option Forms :=
  List.rec none (fun mask _ _ =>
    some (Activation.rec (f.relu unit z mask) f activation)) masks

/-- The bounds within those of the forms. -/
def meetForms (forms : Option Forms) (z : PairBounds) : PairBounds :=
  Option.rec z (fun f => z.zip meet f.bounds) forms

/-- `g forms`, after all bounds are evaluated. -/
def forceForms {γ : Type} (forms : Option Forms) (g : Option Forms → γ) : γ :=
  Option.rec (g none) (fun f => f.force fun f => g (some f)) forms

/-- `forceForms` applies the function. -/
@[simp] theorem forceForms_eq {γ : Type} (forms : Option Forms) (g : Option Forms → γ) :
    forceForms forms g = g forms := by
  cases forms
  · rfl
  · exact Forms.force_eq _ fun f => g (some f)

namespace LayerOps
variable {β : Type} (ops : LayerOps β)

/-- Bounds of a layer's pre-activations. -/
def before (unit : Nat) (L : β) (x : List Interval) : List Interval :=
  fastAffine (roundFactors unit unit (ops.den L)).1 (roundFactors unit unit (ops.den L)).2 unit
    (ops.rows L x) (ops.bias L)

/-- Bounds of the pre-activations of two layers that pair. -/
def beforePair (unit : Nat) (T S : β) (x : PairBounds) : PairBounds :=
  let k := commonFactors (ops.den T) (ops.den S)
  let q := roundFactors unit unit (k.1 * ops.den T)
  let t := ops.before unit T x.teacher
  let s := ops.before unit S x.student
  ⟨t, s, fastAffineDiff q.1 q.2 unit k.1 k.2 (ops.rows T x.difference)
    (ops.diffRows k.1 k.2 T S x.student) (ops.bias T) (ops.bias S) t s⟩

/-- A symbol's coefficients in a layer's pre-activations, from those in its inputs. -/
def image (L : β) (c : List Int) : List Int :=
  List.rec [] (fun d _ rest => fastFloor (ops.den L) d :: rest) (ops.dots L c)

/-- Affine forms of the pre-activations of two layers that pair. -/
def through (unit : Nat) (T S : β) (f : Forms) : Forms :=
  ⟨eachSymbol (ops.image T) (ops.image S) f.symbols,
    (ops.beforePair unit T S f.rest).each (grow (count f.symbols))⟩

/-- An upper bound of `c` times a pre-activation of the teacher's next layer. -/
def teacherTop (i : Inputs) (steps : List (DualStep β)) (T : β) (n : Nat) (c : Int) : Int :=
  fastAdd (ops.biasTerm i.unit T (unitRow c n) 1)
    (ops.back i steps [] (ops.combine T (unitRow c n)) (ops.den T) [] 1)

/-- An upper bound of `c` times a pre-activation of the student's next layer. -/
def studentTop (i : Inputs) (steps : List (DualStep β)) (S : β) (n : Nat) (c : Int) : Int :=
  fastAdd (ops.biasTerm i.unit S (unitRow c n) 1)
    (ops.back i steps [] [] 1 (ops.combine S (unitRow c n)) (ops.den S))

/-- An upper bound of `c` times a difference of pre-activations of the next layers. -/
def pairTop (i : Inputs) (steps : List (DualStep β)) (T S : β) (n : Nat) (c : Int) : Int :=
  fastAdd (fastAdd (ops.biasTerm i.unit T (unitRow c n) 1)
      (ops.biasTerm i.unit S (unitRow (fastNeg c) n) 1))
    (ops.back i steps [] (ops.combine T (unitRow c n)) (ops.den T)
      (ops.combine S (unitRow (fastNeg c) n)) (ops.den S))

/-- Bounds from the steps before are asked for, and of any use. -/
def tightens (tighten : Bool) (steps : List (DualStep β)) (L : β) : Bool :=
  tighten && List.rec false (fun _ _ _ => true) steps
    && Activation.rec true false (ops.activation L)

/-- The teacher's remaining steps, in front of the others. -/
def teacherSteps (i : Inputs) (tighten : Bool) :
    List β → List Interval → List (DualStep β) → List (DualStep β)
  | [], _, steps => steps
  | T :: Ts, x, steps =>
      forceBounds (ops.before i.unit T x) fun z =>
      forceBounds (bif ops.tightens tighten steps T then
        cutDownOpen (ops.teacherTop i steps T) z 0 else z) fun z =>
      teacherSteps i tighten Ts (fastActivation (ops.activation T) z) (.teacher T z :: steps)

/-- The student's remaining steps, in front of the others. -/
def studentSteps (i : Inputs) (tighten : Bool) :
    List β → List Interval → List (DualStep β) → List (DualStep β)
  | [], _, steps => steps
  | S :: Ss, x, steps =>
      forceBounds (ops.before i.unit S x) fun z =>
      forceBounds (bif ops.tightens tighten steps S then
        cutDownOpen (ops.studentTop i steps S) z 0 else z) fun z =>
      studentSteps i tighten Ss (fastActivation (ops.activation S) z) (.student S z :: steps)

/-- Tighter bounds of the pre-activations of two layers that pair. -/
def tightenPair (i : Inputs) (steps : List (DualStep β)) (T S : β) (z : PairBounds) : PairBounds :=
  let t := cutDownOpen (ops.teacherTop i steps T) z.teacher 0
  let s := cutDownOpen (ops.studentTop i steps S) z.student 0
  ⟨t, s, cutDownDiff (ops.pairTop i steps T S) z.difference 0 t s⟩

/-- All steps, the last first: layers while they pair, then the teacher's others, then the
student's. Affine forms go on as far as there are masks. -/
def steps (i : Inputs) (tighten : Bool) : List β → List β → PairBounds → List Nat →
    Option Forms → List (DualStep β) → List (DualStep β)
  | T :: Ts, S :: Ss, x, masks, forms, steps =>
      bif ops.pairs T S then
        forceForms (Option.rec none (fun f => some (ops.through i.unit T S f)) forms) fun forms =>
        forcePair (meetForms forms (ops.beforePair i.unit T S x)) fun z =>
        forcePair (bif ops.tightens tighten steps T then ops.tightenPair i steps T S z else z)
          fun z =>
        let t := fastActivation (ops.activation T) z.teacher
        let s := fastActivation (ops.activation T) z.student
        LayerOps.steps i tighten Ts Ss
          ⟨t, s, fastActivationDiff (ops.activation T) z.difference t s⟩
          (List.rec [] (fun _ masks _ => masks) masks)
          (Option.rec none (formsAfter i.unit (ops.activation T) z masks) forms)
          (.both T S z :: steps)
      else ops.studentSteps i tighten (S :: Ss) x.student
        (ops.teacherSteps i tighten (T :: Ts) x.teacher steps)
  | Ts, Ss, x, _, _, steps =>
      ops.studentSteps i tighten Ss x.student (ops.teacherSteps i tighten Ts x.teacher steps)

/-! ## The outputs -/

/-- Bounds of teacher minus student for each output from the index `n` on. -/
def difference (i : Inputs) (steps : List (DualStep β)) (outputs : List Int) :
    Nat → List DualRow → List DualRow → List Interval :=
  List.rec (fun _ _ _ => []) (fun _ _ ih n upper lower =>
    ⟨fastNeg (ops.back i steps (List.rec [] (fun row _ _ => row) lower)
        (unitRow (.negSucc 0) n) 1 (unitRow (.ofNat 1) n) 1),
      ops.back i steps (List.rec [] (fun row _ _ => row) upper)
        (unitRow (.ofNat 1) n) 1 (unitRow (.negSucc 0) n) 1⟩
      :: ih (Nat.succ n) (List.rec [] (fun _ rows _ => rows) upper)
        (List.rec [] (fun _ rows _ => rows) lower)) outputs

/-- A list with an entry for each output. -/
def outputs (ops : LayerOps β) (inputs : List Int) : List β → List Int
  | [] => inputs
  | L :: Ls => outputs ops (ops.bias L) Ls

end LayerOps

/-- The bounds of each output of teacher minus student after the last step, if it is one of both
networks, pass a test. -/
def LayerOps.lastAccepts {β : Type} (ops : LayerOps β) (accepts : List Interval → Bool)
    (steps : List (DualStep β)) : Bool :=
  List.rec false (fun step _ _ => DualStep.rec
    (fun T _ z => accepts (fastActivationDiff (ops.activation T) z.difference
      (fastActivation (ops.activation T) z.teacher) (fastActivation (ops.activation T) z.student)))
    (fun _ _ => false) (fun _ _ => false) step) steps

/-- The box as a relaxation uses it. -/
def Box.inputs (box : Box) (unit : Nat) : LayerOps.Inputs :=
  ⟨unit, boxIntervals box.lo box.hi, box.den⟩

/-- A certificate by duality: what the check needs besides networks, box and bound. -/
structure DualCertificate where
  /-- All bounds and multipliers are over `2 ^ prec`. -/
  prec : Nat
  /-- Pre-activations are bounded by relaxation, too. -/
  tighten : Bool
  /-- For the inputs and for each layer but the last, the values that have symbols of their own in
  affine forms, as bits; layers past the end do without forms. -/
  symbols : List Nat
  /-- For each output, multipliers for the upper bound of teacher minus student. -/
  upper : List DualRow
  /-- For each output, multipliers for the upper bound of student minus teacher. -/
  lower : List DualRow

/-- The affine forms of the inputs, if the certificate has any. -/
def firstForms (x : PairBounds) (symbols : List Nat) : Option Forms :=
  List.rec none (fun mask _ _ => some (noise x.teacher x.student x.difference mask)) symbols

/-- All steps of two networks, with the bounds that a certificate asks for. -/
def dualSteps {β : Type} (ops : LayerOps β) (T S : List β) (box : Box) (c : DualCertificate) :
    List (DualStep β) :=
  let i := box.inputs (2 ^ c.prec)
  let x := roundAll i.unit box.den i.box
  ops.steps i c.tighten T S ⟨x, x, zeros x⟩ (List.rec [] (fun _ masks _ => masks) c.symbols)
    (firstForms ⟨x, x, zeros x⟩ c.symbols) []

/-- The bounds over `2 ^ c.prec` of teacher minus student for each output. -/
def dualDifference {β : Type} (ops : LayerOps β) (T S : List β) (box : Box)
    (c : DualCertificate) : List Interval :=
  ops.difference (box.inputs (2 ^ c.prec)) (dualSteps ops T S box c) (ops.outputs box.lo T) 0
    c.upper c.lower

/-- Both networks have equally many outputs, and the bounds of their differences pass a test: those
on the way forward, or else those from the outputs back. -/
def dualAccepts {β : Type} (accepts : List Interval → Bool) (ops : LayerOps β) (T S : List β)
    (box : Box) (c : DualCertificate) : Bool :=
  sameLength (ops.outputs box.lo T) (ops.outputs box.lo S)
    && (ops.lastAccepts accepts (dualSteps ops T S box c)
      || accepts (dualDifference ops T S box c))

end

end PyOrch
