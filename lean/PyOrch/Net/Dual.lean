import PyOrch.Net.DualNeuron

/-!
# Bounds by linear relaxation

The untrusted half of a certificate by duality: how the bounds are computed. A linear combination of
the values of both networks is carried back to the shared input, layer by layer, and bounded over
the box there, so that what both networks do alike cancels first. At a ReLU layer the coefficients
of its outputs are replaced by multipliers of its pre-activations (`PyOrch.Net.DualNeuron`): those
of the certificate, for instance a solution of the dual linear programme, or else those of CROWN.
`PyOrch.Net.DualSound` proves that every choice is sound.

Bounds and multipliers are integers over one `unit`. The functions are written for the kernel, by
the means of `PyOrch.Net.FastInt`, and over any representation of layers, `LayerOps`.
-/

namespace PyOrch

/-- What the relaxation computes with layers that are represented by `β`. -/
structure LayerOps (β : Type) where
  /-- The layer that is represented. -/
  toLayer : β → Layer
  /-- Its denominator. -/
  den : β → Nat
  /-- Its biases. -/
  bias : β → List Int
  /-- Its activation. -/
  activation : β → Activation
  /-- Bounds of `weights · x`, as `PyOrch.rowsBounds`. -/
  rows : β → List Interval → List Interval
  /-- Bounds of `(k₁ * weights₁ - k₂ * weights₂) · x`, as `PyOrch.rowsDiffBounds`. -/
  diffRows : Nat → Nat → β → β → List Interval → List Interval
  /-- The combination of the rows of the weights with these coefficients. -/
  combine : β → List Int → List Int
  /-- The inner products of the rows of the weights with a list. -/
  dots : β → List Int → List Int
  /-- The layers pair. -/
  pairs : β → β → Bool

/-- A layer of one network or one of each, with bounds before the activation. -/
inductive DualStep (β : Type) where
  /-- One layer of each. -/
  | both (T S : β) (bounds : PairBounds)
  /-- A layer of the teacher. -/
  | teacher (T : β) (bounds : List Interval)
  /-- A layer of the student. -/
  | student (S : β) (bounds : List Interval)

/-- Multipliers for a teacher's and for a student's pre-activations in each step, the last step
first; in steps past the end those of CROWN are taken. -/
abbrev DualRow := List (List Int × List Int)

noncomputable section

/-! ## Rows of coefficients -/

/-- The first coefficient, 0 where there is none. -/
def headInt (a : List Int) : Int := List.rec (.ofNat 0) (fun c _ _ => c) a

/-- The other coefficients. -/
def tailInts (a : List Int) : List Int := List.rec [] (fun _ cs _ => cs) a

/-- The coefficient `c` at the index, after zeros. -/
def unitRow (c : Int) (index : Nat) : List Int :=
  Nat.rec [c] (fun _ row => .ofNat 0 :: row) index

/-- The inner product of integers. -/
def dotInts (a b : List Int) : Int :=
  zipRec (.ofNat 0) (fun x y rest => fastAdd (fastMul x y) rest) a b

/-- The inner products of the rows with a list. -/
def dotRows (rows : List (List Int)) (c : List Int) : List Int :=
  List.rec [] (fun row _ rest => dotInts row c :: rest) rows

/-- The teacher's multipliers in the first step, or else these. -/
def DualRow.teacherOr (row : DualRow) (others : List Int) : List Int :=
  List.rec others (fun m _ _ => m.1) row

/-- The student's multipliers in the first step, or else these. -/
def DualRow.studentOr (row : DualRow) (others : List Int) : List Int :=
  List.rec others (fun m _ _ => m.2) row

/-- The multipliers of the other steps. -/
def DualRow.rest (row : DualRow) : DualRow := List.rec [] (fun _ ms _ => ms) row

/-! ## Lists, evaluated at once -/

/-- `f a`, after all entries of `a` are evaluated. -/
def forceInts {γ : Type} (a : List Int) : (List Int → γ) → γ :=
  List.rec (fun f => f [])
    (fun c _ ih f => forceInt c fun c => ih fun cs => f (c :: cs)) a

/-- `f xs`, after all bounds are evaluated. -/
def forceBounds {γ : Type} (xs : List Interval) : (List Interval → γ) → γ :=
  List.rec (fun f => f []) (fun x _ ih f =>
    forceInt x.lo fun lo => forceInt x.hi fun hi => ih fun xs => f (⟨lo, hi⟩ :: xs)) xs

/-- `forceInts` applies the function. -/
@[simp] theorem forceInts_eq {γ : Type} (a : List Int) (f : List Int → γ) :
    forceInts a f = f a := by
  induction a generalizing f with
  | nil => rfl
  | cons c cs ih =>
    show forceInt c (fun c => forceInts cs fun cs => f (c :: cs)) = _
    rw [forceInt_eq, ih]

/-- `forceBounds` applies the function. -/
@[simp] theorem forceBounds_eq {γ : Type} (xs : List Interval) (f : List Interval → γ) :
    forceBounds xs f = f xs := by
  induction xs generalizing f with
  | nil => rfl
  | cons x xs ih =>
    show forceInt x.lo (fun lo => forceInt x.hi fun hi => forceBounds xs fun xs =>
      f (⟨lo, hi⟩ :: xs)) = _
    rw [forceInt_eq, forceInt_eq, ih]

/-! ## A layer of neurons -/

/-- The sum of `reluGap`, with coefficients `u * a` and `d * p`. -/
def gapSum (u d : Nat) (zs : List Interval) : List Int → List Int → Int :=
  List.rec (fun _ _ => .ofNat 0) (fun z _ ih a p =>
    fastAdd (forceInt (fastScale u (headInt a)) fun x => forceInt (fastScale d (headInt p)) fun y =>
        reluGap x y z)
      (ih (tailInts a) (tailInts p))) zs

/-- The sum of `pairGap`, with coefficients `u * a`, `v * b`, `d * p` and `d * q`. -/
def pairGapSum (u v d : Nat) (ts : List Interval) :
    List Interval → List Interval → List Int → List Int → List Int → List Int → Int :=
  List.rec (fun _ _ _ _ _ _ => .ofNat 0) (fun t _ ih ss δs a b p q =>
    List.rec (.ofNat 0) (fun s ss _ => List.rec (.ofNat 0) (fun δ δs _ =>
      fastAdd (forceInt (fastScale u (headInt a)) fun x => forceInt (fastScale v (headInt b))
          fun y => forceInt (fastScale d (headInt p)) fun z => forceInt (fastScale d (headInt q))
          fun w => pairGap x y z w t s δ)
        (ih ss δs (tailInts a) (tailInts b) (tailInts p) (tailInts q))) δs) ss) ts

/-- The coefficient `c / d`, rounded down to `unit`. -/
def toUnit (unit d : Nat) (c : Int) : Int := fastFloor d (fastScale unit c)

/-- CROWN's multipliers for coefficients over `d`. -/
def slopes (unit d : Nat) (zs : List Interval) : List Int → List Int :=
  List.rec (fun _ => [])
    (fun z _ ih a => slope (toUnit unit d (headInt a)) z :: ih (tailInts a)) zs

/-- CROWN's multipliers for the neurons of two layers that pair: by `f` from the coefficients. -/
def pairSlopes (f : Int → Int → Interval → Interval → Interval → Int) (unit dA dB : Nat)
    (ts : List Interval) : List Interval → List Interval → List Int → List Int → List Int :=
  List.rec (fun _ _ _ _ => []) (fun t _ ih ss δs a b =>
    List.rec [] (fun s ss _ => List.rec [] (fun δ δs _ =>
      f (toUnit unit dA (headInt a)) (toUnit unit dB (headInt b)) t s δ
        :: ih ss δs (tailInts a) (tailInts b)) δs) ss) ts

/-- The largest value of two combinations of the inputs, with coefficients `k₁ * a` and
`k₂ * b`. -/
def inputTop (k₁ k₂ : Nat) (xs : List Interval) : List Int → List Int → Int :=
  List.rec (fun _ _ => .ofNat 0) (fun x _ ih a b =>
    fastAdd (top (fastAdd (fastScale k₁ (headInt a)) (fastScale k₂ (headInt b))) x)
      (ih (tailInts a) (tailInts b))) xs

/-! ## Back to the input -/

namespace LayerOps
variable {β : Type} (ops : LayerOps β)

/-- What the biases of a layer add, over `unit`, to a combination `p / d` of its pre-activations. -/
def biasTerm (unit : Nat) (L : β) (p : List Int) (d : Nat) : Int :=
  fastCeil (ops.den L * d) (fastScale unit (dotInts p (ops.bias L)))

/-- The inputs' intervals, over their denominator. -/
structure Inputs where
  /-- The denominator of the output: of all bounds and multipliers. -/
  unit : Nat
  /-- The bounds of the inputs. -/
  box : List Interval
  /-- Their denominator. -/
  den : Nat

/-- An upper bound, over `unit`, of `a · t / dA + b · s / dB`, where `t` and `s` are the values
after the steps (the last step first). -/
def back (i : Inputs) : List (DualStep β) → DualRow → List Int → Nat → List Int → Nat → Int
  | [], _, a, dA, b, dB =>
      let k := commonFactors dA dB
      fastCeil (k.1 * dA * i.den) (fastScale i.unit (inputTop k.1 k.2 i.box a b))
  | .teacher T zs :: rest, row, a, dA, b, dB =>
      match ops.activation T with
      | .identity => fastAdd (ops.biasTerm i.unit T a dA)
          (forceInts (ops.combine T a) fun a =>
            back i rest row.rest a (ops.den T * dA) b dB)
      | .relu => forceInts (row.teacherOr (slopes i.unit dA zs a)) fun p =>
          fastAdd (fastCeil (dA * i.unit) (gapSum i.unit dA zs a p))
            (fastAdd (ops.biasTerm i.unit T p i.unit)
              (forceInts (ops.combine T p) fun a =>
                back i rest row.rest a (ops.den T * i.unit) b dB))
  | .student S zs :: rest, row, a, dA, b, dB =>
      match ops.activation S with
      | .identity => fastAdd (ops.biasTerm i.unit S b dB)
          (forceInts (ops.combine S b) fun b =>
            back i rest row.rest a dA b (ops.den S * dB))
      | .relu => forceInts (row.studentOr (slopes i.unit dB zs b)) fun q =>
          fastAdd (fastCeil (dB * i.unit) (gapSum i.unit dB zs b q))
            (fastAdd (ops.biasTerm i.unit S q i.unit)
              (forceInts (ops.combine S q) fun b =>
                back i rest row.rest a dA b (ops.den S * i.unit)))
  | .both T S z :: rest, row, a, dA, b, dB =>
      match ops.activation T with
      | .identity => fastAdd (fastAdd (ops.biasTerm i.unit T a dA) (ops.biasTerm i.unit S b dB))
          (forceInts (ops.combine T a) fun a => forceInts (ops.combine S b) fun b =>
            back i rest row.rest a (ops.den T * dA) b (ops.den S * dB))
      | .relu =>
          let k := commonFactors dA dB
          forceInts (row.teacherOr (pairSlopes (fun c _ => teacherSlope c) i.unit dA dB z.teacher
            z.student z.difference a b)) fun p =>
          forceInts (row.studentOr (pairSlopes studentSlope i.unit dA dB z.teacher z.student
            z.difference a b)) fun q =>
          fastAdd (fastCeil (k.1 * dA * i.unit) (pairGapSum (i.unit * k.1) (i.unit * k.2)
              (k.1 * dA) z.teacher z.student z.difference a b p q))
            (fastAdd (fastAdd (ops.biasTerm i.unit T p i.unit) (ops.biasTerm i.unit S q i.unit))
              (forceInts (ops.combine T p) fun a => forceInts (ops.combine S q) fun b =>
                back i rest row.rest a (ops.den T * i.unit) b (ops.den S * i.unit)))

end LayerOps

end

end PyOrch
