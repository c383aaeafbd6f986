import PyOrch.Net.FastRows

/-!
# Networks as packed data

How an emitted certificate writes a large network: blocks of columns, each block one number (or a
few, put together by `joined`), from which `PackedLayer.toLayer` reads the weights. The same numbers
serve the fast checker, `packedCheck`, as they are; `PyOrch.Net.PackedCertificate` proves it equal
to `check` on the network that was read.
-/

set_option compiler.extract_closed false

namespace PyOrch

/-- A long literal from its lowest 4096 bits and the rest: reading one takes Lean time quadratic in
its length. -/
def joined (low rest : Nat) : Nat := Nat.add low (Nat.shiftLeft rest 4096)

/-- A layer in packed form. In a block of `n` columns, row `r` starts at bit `stride * r`, and its
`n` weights follow one another, `bits` bits each, every weight stored as `w + 2 ^ (bits - 1)`. -/
structure PackedLayer where
  /-- The number of outputs. -/
  outputs : Nat
  /-- The width of a weight. -/
  bits : Nat
  /-- The distance of the rows. -/
  stride : Nat
  /-- The number of columns of each block, and the block. -/
  blocks : List (Nat × Nat)
  /-- The width of a bias. -/
  biasBits : Nat
  /-- The biases, `biasBits` bits each, every bias stored as `b + 2 ^ (biasBits - 1)`. -/
  bias : Nat
  /-- The common denominator. -/
  den : Nat
  /-- The activation of every output. -/
  activation : Activation

/-- A network in packed form. -/
abbrev PackedNetwork := List PackedLayer

/-- So many columns of a block, the lowest `bits` bits of every row first, before `rest`. -/
def blockColumns (bits mask : Nat) (rest : List Nat) : Nat → Nat → List Nat
  | 0, _ => rest
  | n + 1, v => (v &&& mask) :: blockColumns bits mask rest n (v >>> bits)

/-- One step of `blockColumns`. -/
theorem blockColumns_succ (bits mask : Nat) (rest : List Nat) (n v : Nat) :
    blockColumns bits mask rest (n + 1) v
      = (v &&& mask) :: blockColumns bits mask rest n (v >>> bits) := rfl

/-- The columns of all blocks. -/
def blocksColumns (bits mask : Nat) : List (Nat × Nat) → List Nat
  | [] => []
  | b :: bs => blockColumns bits mask (blocksColumns bits mask bs) b.1 b.2

/-- The integers in the lanes of a number: `unoffset k (v % 2 ^ R)` and those of `v >>> R`, written
for the kernel. -/
noncomputable def signedLanes (R k n v : Nat) : List Int :=
  Nat.rec (fun _ => [])
    (fun _ ih v =>
      fastSubNat (Nat.mod v (Nat.pow 2 R)) (Nat.pow 2 k) :: ih (Nat.shiftRight v R)) n v

/-- One step of `signedLanes`. -/
theorem signedLanes_succ (R k n v : Nat) : signedLanes R k (n + 1) v
    = unoffset k (v % 2 ^ R) :: signedLanes R k n (v >>> R) := rfl

/-- `signedLanes`, written for the compiler. -/
def compiledLanes (R k : Nat) : Nat → Nat → List Int
  | 0, _ => []
  | n + 1, v => Int.subNatNat (v % 2 ^ R) (2 ^ k) :: compiledLanes R k n (v >>> R)

/-- They are the same. -/
@[csimp] theorem signedLanes_eq_compiledLanes : @signedLanes = @compiledLanes := by
  funext R k n v
  induction n generalizing v with
  | zero => rfl
  | succ n ih =>
    rw [signedLanes_succ, compiledLanes, ih, unoffset, fastSubNat_eq, Int.subNatNat_eq_coe]

/-- The lanes of each number. -/
def signedColumns (R k rows : Nat) : List Nat → List (List Int)
  | [] => []
  | c :: cs => signedLanes R k rows c :: signedColumns R k rows cs

namespace PackedLayer

/-- The columns of the matrix, each one number: entry `r` from bit `stride * r` on. -/
def columns (P : PackedLayer) : List Nat :=
  blocksColumns P.bits (fill P.stride (2 ^ P.bits - 1) P.outputs) P.blocks

/-- The biases. -/
def biases (P : PackedLayer) : List Int :=
  signedLanes P.biasBits (P.biasBits - 1) P.outputs P.bias

/-- The layer that the data stand for. -/
def toLayer (P : PackedLayer) : Layer where
  weights := rowsOfColumns P.outputs
    (signedColumns P.stride (P.bits - 1) P.outputs P.columns)
  bias := P.biases
  den := P.den
  activation := P.activation

/-- The number of inputs. -/
noncomputable def inputs (P : PackedLayer) : Nat :=
  List.rec 0 (fun b _ ih => Nat.add b.1 ih) P.blocks

/-! ## The same, quickly in the kernel -/

/-- As `blockColumns`. -/
noncomputable def fastBlock (bits mask : Nat) (rest : List Nat) (n v : Nat) : List Nat :=
  Nat.rec (fun _ => rest) (fun _ ih v => Nat.land v mask :: ih (Nat.shiftRight v bits)) n v

/-- As `columns`. -/
noncomputable def fastColumns (P : PackedLayer) : List Nat :=
  List.rec [] (fun b _ rest =>
    fastBlock P.bits (fastFill P.stride (2 ^ P.bits - 1) P.outputs) rest b.1 b.2) P.blocks

/-- `fastColumns` are the columns. -/
theorem fastColumns_eq (P : PackedLayer) : P.fastColumns = P.columns := by
  have block : ∀ (m : Nat) (rest : List Nat) (n v : Nat),
      fastBlock P.bits m rest n v = blockColumns P.bits m rest n v := by
    intro m rest n
    induction n with
    | zero => intro v; rfl
    | succ n ih =>
      intro v
      rw [blockColumns_succ, ← ih]
      rfl
  rw [fastColumns, columns, fastFill_eq_fill]
  generalize P.blocks = bs
  induction bs with
  | nil => rfl
  | cons b bs ih => exact (block _ _ _ _).trans (congrArg (blockColumns _ _ · _ _) ih)

/-- As `PyOrch.rowsBounds` of the layer's weights. -/
noncomputable def rowsBounds (P : PackedLayer) (x : List Interval) : List Interval :=
  bif allZero x then zeroRows P.outputs
  else bif hasRoom P.stride (P.bits - 1) P.fastColumns x then
    columnsBounds P.stride (P.bits - 1) P.outputs (fastFill P.stride 1 P.outputs)
      P.fastColumns x
  else PyOrch.rowsBounds P.toLayer.weights x

/-- The exponent of an offset that keeps `k₁ * v - k₂ * w` from becoming negative. -/
def diffExponent (k₁ k₂ : Nat) (T S : PackedLayer) : Nat :=
  Nat.log2 (k₁ * 2 ^ (T.bits - 1) + k₂ * 2 ^ (S.bits - 1)) + 1

/-- The columns of `k₁ * T - k₂ * S`, to whose lanes `shift` is added. -/
noncomputable def diffColumns (k₁ k₂ shift : Nat) : List Nat → List Nat → List Nat :=
  zipRec [] fun v w rest => Nat.sub (Nat.add (Nat.mul k₁ v) shift) (Nat.mul k₂ w) :: rest

/-- As `PyOrch.rowsDiffBounds` of the layers' weights. -/
noncomputable def rowsDiffBounds (k₁ k₂ : Nat) (T S : PackedLayer) (x : List Interval) :
    List Interval :=
  let k := diffExponent k₁ k₂ T S
  let ones := fastFill T.stride 1 T.outputs
  let columns := diffColumns k₁ k₂
    ((2 ^ k + k₂ * 2 ^ (S.bits - 1) - k₁ * 2 ^ (T.bits - 1)) * ones) T.fastColumns S.fastColumns
  bif Nat.beq T.stride S.stride && hasRoom T.stride k columns x then
    columnsBounds T.stride k T.outputs ones columns x
  else PyOrch.rowsDiffBounds (.ofNat k₁) (.ofNat k₂) T.toLayer.weights S.toLayer.weights x

/-- As `Layer.bounds`. -/
noncomputable def bounds (unit : Nat) (P : PackedLayer) (d : Nat) (x : List Interval) :
    List Interval :=
  let q := roundFactors unit d P.den
  fastActivation P.activation (fastAffine q.1 q.2 d (P.rowsBounds x) P.biases)

/-- A quick test that implies `Layer.pairs`. -/
noncomputable def pairs (T S : PackedLayer) : Bool :=
  T.activation.same S.activation && Nat.beq T.outputs S.outputs && Nat.beq T.inputs S.inputs

/-- As `Layer.pairBounds`. -/
noncomputable def pairBounds (unit : Nat) (T S : PackedLayer) (d : Nat) (x : PairBounds) :
    PairBounds :=
  let k := commonFactors T.den S.den
  fastPairStep unit d T.den S.den T.activation T.biases S.biases
    (T.rowsBounds x.teacher) (S.rowsBounds x.student) (T.rowsBounds x.difference)
    (rowsDiffBounds k.1 k.2 T S x.student)

end PackedLayer

/-- The network that the data stand for. -/
def PackedNetwork.toNetwork : PackedNetwork → Network
  | [] => []
  | P :: Ps => P.toLayer :: PackedNetwork.toNetwork Ps

/-- As `Network.bounds`. -/
noncomputable def PackedNetwork.bounds (unit : Nat) :
    PackedNetwork → Nat → List Interval → List Interval
  | [], d, x => roundAll unit d x
  | P :: Ps, d, x => PackedNetwork.bounds unit Ps unit (P.bounds unit d x)

/-- As `independentBounds`. -/
noncomputable def packedIndependentBounds (unit : Nat) (T S : PackedNetwork) (d : Nat)
    (x : PairBounds) : PairBounds :=
  let t := T.bounds unit d x.teacher
  let s := S.bounds unit d x.student
  ⟨t, s, subAll t s⟩

/-- As `pairBounds`. -/
noncomputable def packedPairBounds (unit : Nat) :
    PackedNetwork → PackedNetwork → Nat → PairBounds → PairBounds
  | T :: Ts, S :: Ss, d, x =>
      bif T.pairs S || T.toLayer.pairs S.toLayer then
        packedPairBounds unit Ts Ss unit (T.pairBounds unit S d x)
      else packedIndependentBounds unit (T :: Ts) (S :: Ss) d x
  | [], [], d, x =>
      ⟨roundAll unit d x.teacher, roundAll unit d x.student, roundAll unit d x.difference⟩
  | T, S, d, x => packedIndependentBounds unit T S d x

/-- One step of `packedPairBounds`. -/
theorem packedPairBounds_cons (unit : Nat) (T S : PackedLayer) (Ts Ss : PackedNetwork) (d : Nat)
    (x : PairBounds) : packedPairBounds unit (T :: Ts) (S :: Ss) d x =
      bif T.pairs S || T.toLayer.pairs S.toLayer then
        packedPairBounds unit Ts Ss unit (T.pairBounds unit S d x)
      else packedIndependentBounds unit (T :: Ts) (S :: Ss) d x := rfl

/-- As `outputBounds`. -/
noncomputable def packedOutputBounds (T S : PackedNetwork) (box : Box) (prec : Nat) : PairBounds :=
  packedPairBounds (2 ^ prec) T S box.den box.pairBounds

/-- The list has so many entries. -/
def hasCount : List Int → Nat → Bool
  | [], 0 => true
  | _ :: xs, n + 1 => hasCount xs n
  | _, _ => false

/-- Each layer takes as many inputs as there are, and has a positive denominator. -/
noncomputable def PackedNetwork.wellShaped (inputs : Nat) : PackedNetwork → Bool
  | [] => true
  | P :: Ps =>
      Nat.beq P.inputs inputs && Nat.ble 1 P.den && PackedNetwork.wellShaped P.outputs Ps

/-- The shapes match, from these inputs on. -/
noncomputable def PackedNetwork.fits (inputs : List Int) : PackedNetwork → Bool
  | [] => true
  | P :: Ps => hasCount inputs P.inputs && PackedNetwork.wellShaped P.inputs (P :: Ps)

/-- As `check` of the networks that the data stand for, quickly. -/
noncomputable def packedCheck (T S : PackedNetwork) (box : Box) (epsNum epsDen prec : Nat) : Bool :=
  box.wellShaped
    && T.fits box.lo && S.fits box.lo
    && Nat.ble 1 epsDen
    && (packedOutputBounds T S box prec).within (2 ^ prec) epsNum epsDen

end PyOrch
