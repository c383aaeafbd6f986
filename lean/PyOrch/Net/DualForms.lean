import PyOrch.Net.Dual

/-!
# Affine forms of two networks' values

The values of both networks as affine functions of symbols between -1 and 1 that both share, up to a
rest: a symbol for each input, and two for a pair of neurons whose sign is open, where the
certificate asks for them (zonotopes). What both networks do alike cancels on the way forward.

Coefficients are integers over one `unit`. They are rounded down, which changes a value by at most
one for each symbol; that goes into the rest, whose bounds are kept of the teacher, of the student
and of their difference.
-/

namespace PyOrch

/-- Affine forms of the values of a teacher and of a student, over one denominator. -/
structure Forms where
  /-- For each symbol its coefficients in the teacher's values and in the student's; a missing one
  is zero. -/
  symbols : List (List Int × List Int)
  /-- Bounds of what is left. -/
  rest : PairBounds

noncomputable section

/-! ## Bounds entry by entry -/

/-- Both teachers, both students and both differences, entry by entry. -/
def PairBounds.zip (f : Interval → Interval → Interval) (a b : PairBounds) : PairBounds :=
  ⟨zipRec [] (fun x y rest => f x y :: rest) a.teacher b.teacher,
    zipRec [] (fun x y rest => f x y :: rest) a.student b.student,
    zipRec [] (fun x y rest => f x y :: rest) a.difference b.difference⟩

/-- Every entry. -/
def eachBounds (f : Interval → Interval) (x : List Interval) : List Interval :=
  List.rec [] (fun z _ rest => f z :: rest) x

/-- Every entry. -/
def PairBounds.each (f : Interval → Interval) (x : PairBounds) : PairBounds :=
  ⟨eachBounds f x.teacher, eachBounds f x.student, eachBounds f x.difference⟩

/-- The bounds with these in front. -/
def PairBounds.cons (t s δ : Interval) (x : PairBounds) : PairBounds :=
  ⟨t :: x.teacher, s :: x.student, δ :: x.difference⟩

/-- Bounds of the sum. -/
def plus (x y : Interval) : Interval := ⟨fastAdd x.lo y.lo, fastAdd x.hi y.hi⟩

/-- What both allow. -/
def meet (x y : Interval) : Interval := ⟨fastMax x.lo y.lo, fastMin x.hi y.hi⟩

/-- Bounds of what is at most `m` away. -/
def grow (m : Nat) (x : Interval) : Interval := ⟨fastSub x.lo (.ofNat m), fastAdd x.hi (.ofNat m)⟩

/-- The integer as bounds. -/
def point (c : Int) : Interval := ⟨c, c⟩

/-- `k / unit * c`, rounded down. -/
def scaleDown (unit k : Nat) (c : Int) : Int :=
  bif Nat.beq k unit then c else fastFloor unit (fastScale k c)

/-- Bounds of `k / unit * x`, rounded outward. -/
def scaleBounds (unit k : Nat) (x : Interval) : Interval :=
  bif Nat.beq k unit then x
  else ⟨fastFloor unit (fastScale k x.lo), fastCeil unit (fastScale k x.hi)⟩

/-- Each entry times its factor over `unit`. -/
def scaleEach (unit : Nat) (factors : List Nat) (x : List Interval) : List Interval :=
  zipRec [] (fun k z rest => scaleBounds unit k z :: rest) factors x

/-- Each entry times its factor over `unit`. -/
def PairBounds.scaleEach (unit : Nat) (factors : List Nat) (x : PairBounds) : PairBounds :=
  ⟨PyOrch.scaleEach unit factors x.teacher, PyOrch.scaleEach unit factors x.student,
    PyOrch.scaleEach unit factors x.difference⟩

/-! ## Evaluation at once -/

/-- `f x`, after all bounds are evaluated. -/
def forcePair {γ : Type} (x : PairBounds) (f : PairBounds → γ) : γ :=
  forceBounds x.teacher fun t => forceBounds x.student fun s => forceBounds x.difference fun δ =>
    f ⟨t, s, δ⟩

/-- `forcePair` applies the function. -/
@[simp] theorem forcePair_eq {γ : Type} (x : PairBounds) (f : PairBounds → γ) :
    forcePair x f = f x := by
  simp only [forcePair, forceBounds_eq]

/-- `f xs`, after all coefficients are evaluated. -/
def forceSymbols {γ : Type} (xs : List (List Int × List Int)) :
    (List (List Int × List Int) → γ) → γ :=
  List.rec (fun f => f []) (fun x _ ih f =>
    forceInts x.1 fun a => forceInts x.2 fun b => ih fun xs => f ((a, b) :: xs)) xs

/-- `forceSymbols` applies the function. -/
@[simp] theorem forceSymbols_eq {γ : Type} (xs : List (List Int × List Int))
    (f : List (List Int × List Int) → γ) : forceSymbols xs f = f xs := by
  induction xs generalizing f with
  | nil => rfl
  | cons x xs ih =>
    show forceInts x.1 (fun a => forceInts x.2 fun b => forceSymbols xs fun xs =>
      f ((a, b) :: xs)) = _
    rw [forceInts_eq, forceInts_eq, ih]

/-- `f xs`, after all numbers are evaluated. -/
def forceNats {γ : Type} (xs : List Nat) : (List Nat → γ) → γ :=
  List.rec (fun f => f []) (fun x _ ih f => forceNat x fun x => ih fun xs => f (x :: xs)) xs

/-- `forceNats` applies the function. -/
@[simp] theorem forceNats_eq {γ : Type} (xs : List Nat) (f : List Nat → γ) :
    forceNats xs f = f xs := by
  induction xs generalizing f with
  | nil => rfl
  | cons x xs ih =>
    show forceNat x (fun x => forceNats xs fun xs => f (x :: xs)) = _
    rw [forceNat_eq, ih]

/-! ## Symbols -/

/-- How many. -/
def count (symbols : List (List Int × List Int)) : Nat :=
  List.rec 0 (fun _ _ n => Nat.succ n) symbols

/-- The coefficients, each list as `f` and `g` make it. -/
def eachSymbol (f g : List Int → List Int) (symbols : List (List Int × List Int)) :
    List (List Int × List Int) :=
  List.rec [] (fun c _ rest => (f c.1, g c.2) :: rest) symbols

/-- Two lists of symbols. -/
def bothSymbols (a b : List (List Int × List Int)) : List (List Int × List Int) :=
  List.rec b (fun c _ rest => c :: rest) a

/-- The absolute value. -/
def size (c : Int) : Nat := Int.rec (fun n => n) (fun n => Nat.succ n) c

/-- A zero for each entry. -/
def noRadii (x : List Interval) : List Nat := List.rec [] (fun _ _ rest => 0 :: rest) x

/-- The sums with the absolute values. -/
def addSizes (c : List Int) (sums : List Nat) : List Nat :=
  List.rec (fun _ => []) (fun n _ ih c => Nat.add (size (headInt c)) n :: ih (tailInts c)) sums c

/-- The sums with the absolute values of the differences. -/
def addDiffSizes (a b : List Int) (sums : List Nat) : List Nat :=
  List.rec (fun _ _ => []) (fun n _ ih a b =>
    Nat.add (size (fastSub (headInt a) (headInt b))) n :: ih (tailInts a) (tailInts b)) sums a b

/-- For each entry the sum over all symbols. -/
def radii (f : List Int × List Int → List Nat → List Nat) (x : List Interval)
    (symbols : List (List Int × List Int)) : List Nat :=
  List.rec (noRadii x) (fun c _ rest => forceNats rest (f c)) symbols

/-- Bounds of what is so far away, entry by entry. -/
def growBy (ms : List Nat) (x : List Interval) : List Interval :=
  zipRec [] (fun m z rest => grow m z :: rest) ms x

/-- Bounds of the values of which the symbols are parts. -/
def Forms.bounds (f : Forms) : PairBounds :=
  ⟨growBy (radii (fun c => addSizes c.1) f.rest.teacher f.symbols) f.rest.teacher,
    growBy (radii (fun c => addSizes c.2) f.rest.student f.symbols) f.rest.student,
    growBy (radii (fun c => addDiffSizes c.1 c.2) f.rest.difference f.symbols) f.rest.difference⟩

/-- The middle of the bounds, rounded down. -/
def middle (x : Interval) : Int := fastFloor 2 (fastAdd x.lo x.hi)

/-- The distance from the middle to the farther end. -/
def radius (x : Interval) : Int := fastSub x.hi (middle x)

/-- The bounds are zero and zero. -/
def isZeroPoint (x : Interval) : Bool := isZero x.lo && isZero x.hi

/-- The symbols of the values after the first. -/
def consZeros (symbols : List (List Int × List Int)) : List (List Int × List Int) :=
  eachSymbol (fun a => .ofNat 0 :: a) (fun b => .ofNat 0 :: b) symbols

/-- Forms with one more value of each network in front, and symbols of its own for it: one for both
networks, and one for the difference, if that is not zero. -/
def Forms.consSymbol (t δ : Interval) (f : Forms) : Forms :=
  bif isZeroPoint δ then
    ⟨([radius t], [radius t]) :: consZeros f.symbols,
      f.rest.cons (point (middle t)) (point (middle t)) (point (.ofNat 0))⟩
  else
    ⟨([radius t], [radius t]) :: ([], [fastNeg (radius δ)]) :: consZeros f.symbols,
      f.rest.cons (point (middle t)) (point (fastSub (middle t) (middle δ))) (point (middle δ))⟩

/-- Forms of values of which only bounds are known: a rest, or symbols where `mask` has the bit. -/
def noise (t : List Interval) : List Interval → List Interval → Nat → Forms :=
  List.rec (fun _ _ _ => ⟨[], ⟨[], [], []⟩⟩) (fun t _ ih s δ mask =>
    List.rec ⟨[], ⟨[], [], []⟩⟩ (fun s ss _ => List.rec ⟨[], ⟨[], [], []⟩⟩ (fun δ δs _ =>
      bif Nat.beq (Nat.mod mask 2) 1 then (ih ss δs (Nat.div mask 2)).consSymbol t δ
      else ⟨consZeros (ih ss δs (Nat.div mask 2)).symbols,
        (ih ss δs (Nat.div mask 2)).rest.cons t s δ⟩) δ) s) t

/-! ## Layers of neurons -/

/-- The slope `λ` for each neuron, over `unit`: that of the chord. -/
def chords (unit : Nat) (ts : List Interval) : List Nat :=
  List.rec [] (fun t _ rest =>
    Int.rec (fun k => k) (fun _ => 0) (chord (.ofNat unit) t) :: rest) ts

/-- The sign is known, and the slope is that of the neuron. -/
def isLinear (unit k : Nat) (z : Interval) : Bool :=
  bif isNonneg z.lo then Nat.beq k unit else Nat.beq k 0 && isNonneg (fastNeg z.hi)

/-- Bounds of `relu z - k / unit * z`. -/
def gapBounds (unit k : Nat) (z : Interval) : Interval :=
  bif isLinear unit k z then point (.ofNat 0) else
  forceInt (fastNeg (.ofNat k)) fun m =>
  ⟨fastFloor unit (fastNeg (reluGap (fastNeg (.ofNat unit)) m z)),
    fastCeil unit (reluGap (.ofNat unit) (.ofNat k) z)⟩

/-- Bounds of the difference of such gaps of two neurons. -/
def pairGapBounds (unit k : Nat) (t s δ : Interval) : Interval :=
  bif isLinear unit k t && isLinear unit k s then point (.ofNat 0) else
  forceInt (fastNeg (.ofNat k)) fun m => forceInt (fastNeg (.ofNat unit)) fun v =>
  ⟨fastFloor unit (fastNeg (pairGap v (.ofNat unit) m (.ofNat k) t s δ)),
    fastCeil unit (pairGap (.ofNat unit) v (.ofNat k) m t s δ)⟩

/-- `gapBounds` of each neuron. -/
def gapsBounds (unit : Nat) (factors : List Nat) (zs : List Interval) : List Interval :=
  zipRec [] (fun k z rest => gapBounds unit k z :: rest) factors zs

/-- `pairGapBounds` of each pair of neurons. -/
def pairGapsBounds (unit : Nat) (factors : List Nat) :
    List Interval → List Interval → List Interval → List Interval :=
  List.rec (fun _ _ _ => []) (fun k _ ih ts ss δs =>
    List.rec [] (fun t ts _ => List.rec [] (fun s ss _ => List.rec [] (fun δ δs _ =>
      pairGapBounds unit k t s δ :: ih ts ss δs) δs) ss) ts) factors

/-- Coefficients, each times its factor over `unit`. -/
def scaleInts (unit : Nat) (factors : List Nat) : List Int → List Int :=
  zipRec [] (fun k c rest => scaleDown unit k c :: rest) factors

namespace Forms

/-- Forms of the sums. -/
def plus (f g : Forms) : Forms :=
  ⟨bothSymbols g.symbols f.symbols, f.rest.zip PyOrch.plus g.rest⟩

/-- Forms of the values times the factors over `unit`. -/
def scale (unit : Nat) (factors : List Nat) (f : Forms) : Forms :=
  ⟨eachSymbol (scaleInts unit factors) (scaleInts unit factors) f.symbols,
    (f.rest.scaleEach unit factors).each (grow (count f.symbols))⟩

/-- After a ReLU, from bounds `z` of the values before it: `λ` times those and a gap, with symbols
of its own where `mask` has the bit. -/
def relu (unit : Nat) (z : PairBounds) (mask : Nat) (f : Forms) : Forms :=
  forceNats (chords unit z.teacher) fun factors =>
  forcePair ⟨gapsBounds unit factors z.teacher, gapsBounds unit factors z.student,
    pairGapsBounds unit factors z.teacher z.student z.difference⟩ fun gaps =>
  plus (f.scale unit factors) (noise gaps.teacher gaps.student gaps.difference mask)

/-- `g f`, after everything is evaluated. -/
def force {γ : Type} (f : Forms) (g : Forms → γ) : γ :=
  forceSymbols f.symbols fun symbols => forcePair f.rest fun rest => g ⟨symbols, rest⟩

/-- `force` applies the function. -/
@[simp] theorem force_eq {γ : Type} (f : Forms) (g : Forms → γ) : f.force g = g f := by
  simp only [force, forceSymbols_eq, forcePair_eq]

end Forms

end

end PyOrch
