import PyOrch.PackedWeights

/-!
# The accumulators of a layer with packed weights

The check that the kernel evaluates where the weights of a layer are one number, and its proof:
`leastWidths_of_packedNeed`. The widths are bytes of a number, too.
-/

namespace PyOrch

-- Definitions to reason about and for the kernel to evaluate, not to be compiled.
noncomputable section

/-- `P` bits hold the extreme dot products of a channel with inputs from `-lo` to `hi`. Like the
other checks, it is written with functions that the kernel computes in one step. -/
def sumsFit (lo hi pos neg P : Nat) : Bool :=
  and (Nat.blt (Nat.mul 2 (Nat.add (Nat.mul hi pos) (Nat.mul lo neg))) (Nat.pow 2 P))
    (Nat.ble (Nat.mul 2 (Nat.add (Nat.mul lo pos) (Nat.mul hi neg))) (Nat.pow 2 P))

/-- `P` bits hold them, and one bit less does not. -/
def sumsNeed (lo hi pos neg P : Nat) : Bool :=
  Nat.rec (sumsFit lo hi pos neg 0)
    (fun P _ => and (sumsFit lo hi pos neg (Nat.succ P)) (not (sumsFit lo hi pos neg P))) P

/-- The smallest widths of channels with these sums are these. -/
def sumsNeedAll (lo hi : Nat) : List (Nat × Nat) → List Nat → Bool
  | [], [] => true
  | s :: rest, P :: Ps => sumsNeed lo hi s.1 s.2 P && sumsNeedAll lo hi rest Ps
  | _, _ => false

/-- The lowest bits, without a division. -/
def lowBits (bits v : Nat) : Nat := Nat.land v (Nat.sub (Nat.pow 2 bits) 1)

/-- `lowBits` is the remainder. -/
theorem lowBits_eq (bits v : Nat) : lowBits bits v = v % 2 ^ bits :=
  Nat.and_two_pow_sub_one_eq_mod ..

/-- The smallest widths of `n` channels are the bytes of `widths`, if the sums of their positive
weights are the lanes of `positive` and the sums of their codes those of `codes`. -/
def lanesNeed (lo hi stride offset n : Nat) : (positive codes widths : Nat) → Bool :=
  Nat.rec (fun _ _ _ => true)
    (fun _ rest p c w =>
      and (sumsNeed lo hi (lowBits stride p)
          (Nat.sub (Nat.add (lowBits stride p) offset) (lowBits stride c)) (lowBits 8 w))
        (rest (Nat.shiftRight p stride) (Nat.shiftRight c stride) (Nat.shiftRight w 8))) n

/-- The check, from the codes alone. -/
def maskedNeed (lo hi bits cols k rows v widths : Nat) : Bool :=
  lanesNeed lo hi (bits * 2 ^ k) (cols * 2 ^ (bits - 1)) rows
    (laneSums rows bits k (positiveLanes bits (2 ^ k * rows) v)) (laneSums rows bits k v) widths

/-- The check: the smallest widths of the channels in `data` are the bytes of `widths`. -/
def packedNeed (lo hi bits cols k rows data widths : Nat) : Bool :=
  maskedNeed lo hi bits cols k rows
    (data &&& fillFast (bits * 2 ^ k) (2 ^ (bits * cols) - 1) rows) widths

/-- `sumsFit` decides whether both extremes fit. -/
theorem sumsFit_iff {lo hi P pos neg : Nat} {ws : List Int}
    (hpos : posSum ws = pos) (hneg : negSum ws = -(neg : Int)) :
    sumsFit lo hi pos neg P = true ↔
      FitsSigned P (minDot (-lo) hi ws) ∧ FitsSigned P (maxDot (-lo) hi ws) := by
  have hpow : ((2 ^ P : Nat) : Int) = 2 ^ P := by simp
  have h1 : maxDot (-lo) hi ws = ((hi * pos + lo * neg : Nat) : Int) := by
    rw [maxDot, hpos, hneg, Int.neg_mul_neg]
    simp
  have h2 : minDot (-lo) hi ws = -((lo * pos + hi * neg : Nat) : Int) := by
    rw [minDot, hpos, hneg, Int.neg_mul, Int.mul_neg, ← Int.neg_add]
    simp
  rw [h1, h2, FitsSigned, FitsSigned, ← hpow]
  show (Nat.blt (2 * (hi * pos + lo * neg)) (2 ^ P) &&
    Nat.ble (2 * (lo * pos + hi * neg)) (2 ^ P)) = true ↔ _
  rw [Bool.and_eq_true, Nat.ble_eq, Nat.blt_eq]
  have := Nat.two_pow_pos P
  omega

/-- `sumsNeed` decides the smallest width. -/
theorem isLeastWidth_of_sumsNeed {lo hi P pos neg : Nat} {ws : List Int}
    (hpos : posSum ws = pos) (hneg : negSum ws = -(neg : Int))
    (h : sumsNeed lo hi pos neg P = true) : IsLeastWidth P (-lo) hi ws := by
  cases P with
  | zero => exact ⟨(sumsFit_iff hpos hneg).1 h, .inl rfl⟩
  | succ P =>
    have h : (sumsFit lo hi pos neg (P + 1) && !sumsFit lo hi pos neg P) = true := h
    rw [Bool.and_eq_true, Bool.not_eq_true'] at h
    refine ⟨(sumsFit_iff hpos hneg).1 h.1, .inr fun hless => ?_⟩
    rw [Nat.add_sub_cancel] at hless
    exact absurd h.2 (ne_false_of_eq_true ((sumsFit_iff hpos hneg).2 hless))

/-- `sumsNeedAll` decides the smallest widths. -/
theorem leastWidths_of_sumsNeedAll {lo hi : Nat} {weights : List (List Int)} {widths : List Nat}
    (h : sumsNeedAll lo hi (weights.map fun ws => ((posSum ws).toNat, (-negSum ws).toNat))
      widths = true) : LeastWidths (-lo) hi weights widths := by
  induction weights generalizing widths with
  | nil => cases widths with
    | nil => exact ⟨rfl, fun c hc => by cases hc⟩
    | cons P Ps => cases h
  | cons ws weights ih => cases widths with
    | nil => cases h
    | cons P Ps =>
      rw [List.map_cons, sumsNeedAll, Bool.and_eq_true] at h
      obtain ⟨hlen, hall⟩ := ih h.2
      have hpos := posSum_nonneg ws
      have hneg := negSum_nonpos ws
      refine ⟨by rw [List.length_cons, List.length_cons, hlen], fun c hc => ?_⟩
      rw [List.zip_cons_cons] at hc
      rcases List.mem_cons.1 hc with rfl | hc
      · exact isLeastWidth_of_sumsNeed (by simp only; omega) (by simp only; omega) h.1
      · exact hall c hc

/-- `lanesNeed` checks lane by lane what `sumsNeedAll` checks of lists. -/
theorem lanesNeed_eq (lo hi stride offset n p c w : Nat) :
    lanesNeed lo hi stride offset n p c w =
      sumsNeedAll lo hi (signedSums offset (unpack stride n p) (unpack stride n c))
        (unpack 8 n w) := by
  induction n generalizing p c w with
  | zero => rfl
  | succ n ih =>
    rw [unpack, unpack, unpack, signedSums, List.zipWith_cons_cons, sumsNeedAll]
    rw [← lowBits_eq, ← lowBits_eq, ← lowBits_eq]
    exact congrArg (and _) (ih (p >>> stride) (c >>> stride) (w >>> 8))

/-- **The smallest widths of packed channels**, by a check that the kernel evaluates. -/
theorem leastWidths_of_packedNeed {b cols k rows data widths lo hi : Nat} {xMin xMax : Int}
    (hx : -(lo : Int) = xMin ∧ (hi : Int) = xMax) (hk : cols ≤ 2 ^ k)
    (h : packedNeed lo hi (b + 1) cols k rows data widths = true) :
    LeastWidths xMin xMax (unpackLayer (b + 1) cols k rows data) (unpack 8 rows widths) := by
  rw [← hx.1, ← hx.2]
  refine leastWidths_of_sumsNeedAll ?_
  rw [← packedSums_eq hk, packedSums, maskedSums, ← lanesNeed_eq]
  exact h

/-- The greatest of `n` lanes. -/
def maxLane (R n : Nat) : Nat → Nat :=
  Nat.rec (fun _ => 0)
    (fun _ rest v =>
      Nat.add (rest (Nat.shiftRight v R))
        (Nat.sub (Nat.mod v (Nat.pow 2 R)) (rest (Nat.shiftRight v R)))) n

/-- `maxLane` is the greatest of the lanes. -/
theorem mem_and_le_maxLane {R n v top : Nat} (h : maxLane R (n + 1) v = top) :
    top ∈ unpack R (n + 1) v ∧ ∀ a ∈ unpack R (n + 1) v, a ≤ top := by
  subst h
  induction n generalizing v with
  | zero =>
    have e : maxLane R 1 v = v % 2 ^ R := Nat.zero_add _
    rw [e]
    exact ⟨.head _, fun a ha => by simp [unpack] at ha; omega⟩
  | succ n ih =>
    obtain ⟨h1, h2⟩ := ih (v := v >>> R)
    have e : maxLane R (n + 2) v =
        maxLane R (n + 1) (v >>> R) + (v % 2 ^ R - maxLane R (n + 1) (v >>> R)) := rfl
    rw [e, unpack]
    constructor
    · by_cases hle : v % 2 ^ R ≤ maxLane R (n + 1) (v >>> R)
      · rw [Nat.sub_eq_zero_of_le hle]
        exact List.mem_cons_of_mem _ h1
      · rw [Nat.add_sub_cancel' (by omega)]
        exact .head _
    · intro a ha
      rcases List.mem_cons.1 ha with rfl | ha
      · omega
      · have := h2 a ha
        omega

end

end PyOrch
