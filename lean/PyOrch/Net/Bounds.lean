import PyOrch.Net.Network

/-!
# Interval and differential bounds of networks, in integers

The untrusted half of a distillation certificate: how the bounds are computed. All numbers are
integers over a denominator that is known from the context: the box's for the inputs, `2 ^ prec`
after the first layer, because each layer rounds outward to it. `PyOrch.Net.Sound` proves that
the bounds hold.
-/

set_option compiler.extract_closed false

namespace PyOrch

/-- The integers from `lo` to `hi`, as bounds of a numerator. -/
structure Interval where
  /-- The lower bound. -/
  lo : Int
  /-- The upper bound. -/
  hi : Int

namespace Interval

/-- Bounds of `w * x` for an integer `w`. -/
def scale (w : Int) (x : Interval) : Interval :=
  match w with
  | .ofNat _ => ⟨w * x.lo, w * x.hi⟩
  | .negSucc _ => ⟨w * x.hi, w * x.lo⟩

/-- The product with a weight that is not negative. -/
theorem scale_of_nonneg {w : Int} (h : 0 ≤ w) (x : Interval) :
    x.scale w = ⟨w * x.lo, w * x.hi⟩ := by
  cases w with
  | ofNat n => rfl
  | negSucc n => omega

/-- The product with a negative weight: the bounds change places. -/
theorem scale_of_neg {w : Int} (h : w < 0) (x : Interval) :
    x.scale w = ⟨w * x.hi, w * x.lo⟩ := by
  cases w with
  | ofNat n => rw [Int.ofNat_eq_natCast] at h; omega
  | negSucc n => rfl

/-- Bounds of `x + y`. -/
def add (x y : Interval) : Interval := ⟨x.lo + y.lo, x.hi + y.hi⟩

/-- Bounds of `x - y`. -/
def sub (x y : Interval) : Interval := ⟨x.lo - y.hi, x.hi - y.lo⟩

/-- Bounds of `x + c`. -/
def shift (x : Interval) (c : Int) : Interval := ⟨x.lo + c, x.hi + c⟩

/-- The numbers in both. -/
def inter (x y : Interval) : Interval := ⟨max x.lo y.lo, min x.hi y.hi⟩

/-- From the denominator `den` to `unit`, rounded outward. -/
def round (unit den : Nat) (x : Interval) : Interval :=
  ⟨x.lo * .ofNat unit / .ofNat den, -(-(x.hi * .ofNat unit) / .ofNat den)⟩

/-- Bounds of `max x 0`. -/
def relu (x : Interval) : Interval := ⟨max x.lo 0, max x.hi 0⟩

/-- Bounds of `max t 0 - max s 0`, from bounds of `t - s` and of the two *outputs*. -/
def reluDiff (d t s : Interval) : Interval :=
  ⟨max (min d.lo t.lo) (t.lo - s.hi), min (max d.hi (-s.lo)) (t.hi - s.lo)⟩

end Interval

/-- Bounds of the inner product of a row of integers with a point. -/
def dotBounds : List Int → List Interval → Interval
  | w :: ws, x :: xs => (x.scale w).add (dotBounds ws xs)
  | _, _ => ⟨0, 0⟩

/-- Bounds of `weights · x`, not rounded. -/
def rowsBounds : List (List Int) → List Interval → List Interval
  | row :: rows, x => dotBounds row x :: rowsBounds rows x
  | [], _ => []

/-- Bounds of the inner product of `k₁ * row₁ - k₂ * row₂` with a point. -/
def dotDiffBounds (k₁ k₂ : Int) : List Int → List Int → List Interval → Interval
  | v :: vs, w :: ws, x :: xs => (x.scale (k₁ * v - k₂ * w)).add (dotDiffBounds k₁ k₂ vs ws xs)
  | _, _, _ => ⟨0, 0⟩

/-- Bounds of `(k₁ * weights₁ - k₂ * weights₂) · x`, not rounded. -/
def rowsDiffBounds (k₁ k₂ : Int) :
    List (List Int) → List (List Int) → List Interval → List Interval
  | r₁ :: rows₁, r₂ :: rows₂, x => dotDiffBounds k₁ k₂ r₁ r₂ x :: rowsDiffBounds k₁ k₂ rows₁ rows₂ x
  | _, _, _ => []

/-- Bounds of `(products + bias) / den`, where the products come over `d`; rounded to `unit`. -/
def affineBounds (unit d den : Nat) : List Interval → List Int → List Interval
  | r :: rs, b :: bs =>
      (r.shift (b * .ofNat d)).round unit (den * d) :: affineBounds unit d den rs bs
  | _, _ => []

/-- Bounds of teacher minus student before the activation, from `k₁ * weights₁ · δ` (unscaled, `a`),
from `(k₁ * weights₁ - k₂ * weights₂) · s` (`b`), the biases, and the bounds of each one alone. -/
def affineDiffBounds (unit d den : Nat) (k₁ k₂ : Int) :
    List Interval → List Interval → List Int → List Int → List Interval → List Interval →
    List Interval
  | a :: as, b :: bs, c₁ :: cs₁, c₂ :: cs₂, t :: ts, s :: ss =>
      ((((a.scale k₁).add b).shift ((k₁ * c₁ - k₂ * c₂) * .ofNat d)).round unit (den * d)).inter
          (t.sub s)
        :: affineDiffBounds unit d den k₁ k₂ as bs cs₁ cs₂ ts ss
  | _, _, _, _, _, _ => []

/-- Bounds after an activation. -/
def Activation.bounds : Activation → List Interval → List Interval
  | .identity, x => x
  | .relu, [] => []
  | .relu, x :: xs => x.relu :: Activation.bounds .relu xs

/-- Bounds of teacher minus student after an activation, from those before it (`δ`) and from the
bounds of the two outputs. -/
def Activation.diffBounds : Activation → List Interval → List Interval → List Interval →
    List Interval
  | .identity, δ, _, _ => δ
  | .relu, d :: ds, t :: ts, s :: ss => d.reluDiff t s :: Activation.diffBounds .relu ds ts ss
  | .relu, _, _, _ => []

/-- Bounds of a layer's outputs over `unit` from bounds of its inputs over `d`. -/
def Layer.bounds (unit : Nat) (L : Layer) (d : Nat) (x : List Interval) : List Interval :=
  L.activation.bounds (affineBounds unit d L.den (rowsBounds L.weights x) L.bias)

/-- Each interval rounded outward from `d` to `unit`. -/
def roundAll (unit d : Nat) : List Interval → List Interval
  | x :: xs => x.round unit d :: roundAll unit d xs
  | [] => []

/-- The intervals of the differences. -/
def subAll : List Interval → List Interval → List Interval
  | t :: ts, s :: ss => t.sub s :: subAll ts ss
  | _, _ => []

/-- Bounds of a network's outputs over `unit` from bounds of its inputs over `d`. -/
def Network.bounds (unit : Nat) : Network → Nat → List Interval → List Interval
  | [], d, x => roundAll unit d x
  | L :: Ls, d, x => Network.bounds unit Ls unit (L.bounds unit d x)

/-- Bounds of a teacher's values, of a student's, and of teacher minus student. -/
structure PairBounds where
  /-- The teacher's values. -/
  teacher : List Interval
  /-- The student's values. -/
  student : List Interval
  /-- Teacher minus student. -/
  difference : List Interval

/-- The lists are equally long. (Three instances of one function: the interpreter of the embedded
toolchain cannot call a function that ignores its type argument.) -/
def sameLength : List Int → List Int → Bool
  | [], [] => true
  | _ :: xs, _ :: ys => sameLength xs ys
  | _, _ => false

/-- A bias for each row. -/
def biasForEach : List (List Int) → List Int → Bool
  | [], [] => true
  | _ :: rows, _ :: bias => biasForEach rows bias
  | _, _ => false

/-- Equally many intervals. -/
def sameOutputs : List Interval → List Interval → Bool
  | [], [] => true
  | _ :: t, _ :: s => sameOutputs t s
  | _, _ => false

/-- The matrices have equally many rows and the rows equally many entries. -/
def sameShape : List (List Int) → List (List Int) → Bool
  | [], [] => true
  | x :: xs, y :: ys => sameLength x y && sameShape xs ys
  | _, _ => false

/-- The activations are equal. -/
def Activation.same : Activation → Activation → Bool
  | .relu, .relu => true
  | .identity, .identity => true
  | _, _ => false

/-- Every row has as many entries as `inputs`. -/
def rowsHaveLength (inputs : List Int) : List (List Int) → Bool
  | [] => true
  | row :: rows => sameLength row inputs && rowsHaveLength inputs rows

/-- A weight for each input in every row, a bias for each row, a positive denominator. -/
def Layer.wellShaped (inputs : List Int) (L : Layer) : Bool :=
  rowsHaveLength inputs L.weights && biasForEach L.weights L.bias && Nat.ble 1 L.den

/-- Each layer takes as many inputs as the layer before has outputs. -/
def Network.wellShaped (inputs : List Int) : Network → Bool
  | [] => true
  | L :: Ls => L.wellShaped inputs && Network.wellShaped L.bias Ls

/-- Two layers whose difference can be bounded row by row. -/
def Layer.pairs (T S : Layer) : Bool :=
  T.activation.same S.activation && sameLength T.bias S.bias && biasForEach T.weights T.bias
    && sameShape T.weights S.weights

/-- Factors `k₁`, `k₂` with `k₁ * den₁ = k₂ * den₂`, small where one divides the other. -/
def commonFactors (den₁ den₂ : Nat) : Nat × Nat :=
  match den₁ % den₂, den₂ % den₁ with
  | 0, _ => (1, den₁ / den₂)
  | _, 0 => (den₂ / den₁, 1)
  | _, _ => (den₂, den₁)

/-- Equally many values of both networks. -/
def PairBounds.sameOutputs (x : PairBounds) : Bool := PyOrch.sameOutputs x.teacher x.student

/-- Bounds after one layer of each network, from the products of its weights with the bounds before
it over `d`: `t` and `s` those of each network alone, `a` and `b` those of the difference. -/
def Layer.pairStep (unit : Nat) (T S : Layer) (d : Nat) (t s a b : List Interval) : PairBounds :=
  let (k₁, k₂) := commonFactors T.den S.den
  let t := affineBounds unit d T.den t T.bias
  let s := affineBounds unit d S.den s S.bias
  let δ := affineDiffBounds unit d (k₁ * T.den) (.ofNat k₁) (.ofNat k₂) a b T.bias S.bias t s
  let t' := T.activation.bounds t
  let s' := T.activation.bounds s
  ⟨t', s', T.activation.diffBounds δ t' s'⟩

/-- Bounds after one layer of each network, from bounds before it over `d`. -/
def Layer.pairBounds (unit : Nat) (T S : Layer) (d : Nat) (x : PairBounds) : PairBounds :=
  let (k₁, k₂) := commonFactors T.den S.den
  T.pairStep unit S d (rowsBounds T.weights x.teacher) (rowsBounds S.weights x.student)
    (rowsBounds T.weights x.difference)
    (rowsDiffBounds (.ofNat k₁) (.ofNat k₂) T.weights S.weights x.student)

/-- Bounds of each network alone, and their difference. -/
def independentBounds (unit : Nat) (T S : Network) (d : Nat) (x : PairBounds) : PairBounds :=
  let t := T.bounds unit d x.teacher
  let s := S.bounds unit d x.student
  ⟨t, s, subAll t s⟩

/-- Bounds of two networks' outputs over `unit` from bounds of their inputs over `d`: layer by layer
while the layers pair, each network alone from there on. -/
def pairBounds (unit : Nat) : Network → Network → Nat → PairBounds → PairBounds
  | T :: Ts, S :: Ss, d, x =>
      bif T.pairs S then pairBounds unit Ts Ss unit (T.pairBounds unit S d x)
      else independentBounds unit (T :: Ts) (S :: Ss) d x
  | [], [], d, x =>
      ⟨roundAll unit d x.teacher, roundAll unit d x.student, roundAll unit d x.difference⟩
  | T, S, d, x => independentBounds unit T S d x

/-- One step of `pairBounds`. -/
theorem pairBounds_cons (unit : Nat) (T S : Layer) (Ts Ss : Network) (d : Nat) (x : PairBounds) :
    pairBounds unit (T :: Ts) (S :: Ss) d x =
      bif T.pairs S then pairBounds unit Ts Ss unit (T.pairBounds unit S d x)
      else independentBounds unit (T :: Ts) (S :: Ss) d x := rfl

/-- The intervals of a box. -/
def boxIntervals : List Int → List Int → List Interval
  | l :: lo, h :: hi => ⟨l, h⟩ :: boxIntervals lo hi
  | _, _ => []

/-- A zero interval for each interval. -/
def zeros : List Interval → List Interval
  | _ :: xs => ⟨0, 0⟩ :: zeros xs
  | [] => []

/-- Bounds at the shared input: no difference. -/
def Box.pairBounds (box : Box) : PairBounds :=
  let x := boxIntervals box.lo box.hi
  ⟨x, x, zeros x⟩

/-- The bounds that the certificate checker computes, as numerators over `2 ^ prec`. -/
def outputBounds (teacher student : Network) (box : Box) (prec : Nat) : PairBounds :=
  pairBounds (2 ^ prec) teacher student box.den box.pairBounds

/-- Intervals as text: `lo,hi` and a space after each. -/
def intervalsToString : List Interval → String
  | [] => ""
  | i :: is => toString i.lo ++ "," ++ toString i.hi ++ " " ++ intervalsToString is

/-- `teacher | student | difference`, for `#eval` and for comparison with other programs. -/
instance : ToString PairBounds where
  toString x := intervalsToString x.teacher ++ "| " ++ intervalsToString x.student ++ "| "
    ++ intervalsToString x.difference

end PyOrch
