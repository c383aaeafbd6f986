import PyOrch.Net.LaneDifference

/-!
# Bounds of two networks in all boxes of a batch

`Batch.pair` computes `pairBounds` for the boxes of a batch at once, layer by layer while the layers
pair, and each network alone from there on.
-/

namespace PyOrch

/-- Bounds of a vector in lanes, and whether all computations up to it had room. -/
structure LaneVector where
  /-- The lanes. -/
  value : Nat
  /-- There was room. -/
  fits : Bool

/-- Bounds of both networks' values and of their difference in lanes. -/
structure LaneBounds where
  /-- The teacher's values. -/
  teacher : Nat
  /-- The student's values. -/
  student : Nat
  /-- Teacher minus student. -/
  difference : Nat
  /-- All computations up to here had room. -/
  fits : Bool

namespace Batch

noncomputable section
variable (F : Batch)

/-- A layer of each network, from multiples of `2 ^ -d` to multiples of `2 ^ -p`. -/
def layers (d p : Nat) (T S : PackedLayer) (x : LaneBounds) : LaneBounds :=
  let t := F.affineValue d p T x.teacher
  let s := F.studentValue d p T S x.student
  let δ := F.inter (Nat.succ F.bits) T.outputs
    (F.affineDiffValue d p T S x.difference x.student) (F.difference T.outputs t s)
  let t' := F.activate T.activation T.outputs t
  let s' := F.activate T.activation T.outputs s
  ⟨t', s', F.activateDiff T.activation T.outputs δ t' s',
    and (and x.fits (F.affineFits d p T x.teacher))
      (F.differenceFits d p T S x.difference x.student)⟩

/-- All layers of one network. -/
def network (p : Nat) : PackedNetwork → Nat → LaneVector → LaneVector
  | [], d, x => ⟨x.value, and x.fits (Nat.beq d p)⟩
  | P :: Ps, d, x => network p Ps p
      ⟨F.activate P.activation P.outputs (F.affineValue d p P x.value),
        and x.fits (F.affineFits d p P x.value)⟩

/-- Each network alone, and their difference. -/
def networks (p outputs : Nat) (T S : PackedNetwork) (d : Nat) (x : LaneBounds) : LaneBounds :=
  let t := F.network p T d ⟨x.teacher, x.fits⟩
  let s := F.network p S d ⟨x.student, x.fits⟩
  ⟨t.value, s.value, F.difference outputs t.value s.value, and t.fits s.fits⟩

/-- Both networks, paired as far as they can be. -/
def pair (p outputs : Nat) : PackedNetwork → PackedNetwork → Nat → LaneBounds → LaneBounds
  | T :: Ts, S :: Ss, d, x =>
      bif T.pairs S then pair p outputs Ts Ss p (F.layers d p T S x)
      else bif T.toLayer.pairs S.toLayer then ⟨0, 0, 0, false⟩
      else F.networks p outputs (T :: Ts) (S :: Ss) d x
  | [], [], d, x => ⟨x.teacher, x.student, x.difference, and x.fits (Nat.beq d p)⟩
  | T, S, d, x => F.networks p outputs T S d x

end

end Batch

/-- The number of outputs. -/
def PackedNetwork.outputs (inputs : Nat) : PackedNetwork → Nat
  | [] => inputs
  | P :: Ps => PackedNetwork.outputs P.outputs Ps

section
variable {F : Batch} {d p : Nat}

/-- Rounding to the same denominator changes nothing. -/
theorem roundAll_self {u : Nat} (hu : 0 < u) (xs : List Interval) : roundAll u u xs = xs := by
  induction xs with
  | nil => rfl
  | cons x xs ih =>
    have hu : Int.ofNat u ≠ 0 := by
      rw [Int.ofNat_eq_natCast]; omega
    rw [roundAll, ih, Interval.round, Int.mul_ediv_cancel _ hu, ← Int.neg_mul,
      Int.mul_ediv_cancel _ hu, Int.neg_neg]

/-- A layer of each network. -/
theorem Batch.Holds.layers (hF : F.Positive) {T S : PackedLayer} (hp : T.pairs S = true)
    {x : LaneBounds} {X : Nat → PairBounds}
    (ht : F.Holds F.bits T.inputs x.teacher fun b => (X b).teacher)
    (hs : F.Holds F.bits T.inputs x.student fun b => (X b).student)
    (hδ : F.Holds (F.bits + 1) T.inputs x.difference fun b => (X b).difference)
    (h : (F.layers d p T S x).fits = true) :
    x.fits = true ∧
    (F.Holds F.bits T.outputs (F.layers d p T S x).teacher
      fun b => (T.toLayer.pairBounds (2 ^ p) S.toLayer (2 ^ d) (X b)).teacher) ∧
    (F.Holds F.bits T.outputs (F.layers d p T S x).student
      fun b => (T.toLayer.pairBounds (2 ^ p) S.toLayer (2 ^ d) (X b)).student) ∧
    F.Holds (F.bits + 1) T.outputs (F.layers d p T S x).difference
      fun b => (T.toLayer.pairBounds (2 ^ p) S.toLayer (2 ^ d) (X b)).difference := by
  simp only [PackedLayer.pairs, Bool.and_eq_true] at hp
  obtain ⟨⟨_, hm⟩, hn⟩ := hp
  have hm := Nat.eq_of_beq_eq_true hm
  have hn := Nat.eq_of_beq_eq_true hn
  simp only [Batch.layers, Bool.and_eq_true] at h
  obtain ⟨⟨hx, fT⟩, fD⟩ := h
  have t := ht.affine hF fT
  obtain ⟨s, δ⟩ := Batch.Holds.affineDiff hF hm hn hδ hs fD
  have δ := δ.inter hF hF.room (t.difference hF s)
  have t' := t.activate hF T.activation
  have s' := s.activate hF T.activation
  have δ' := δ.activateDiff hF T.activation t' s'
  refine ⟨hx, t', s', ?_⟩
  simp only [← affineDiffBounds_eq] at δ'
  exact δ'

/-- What fits did so from the beginning. -/
theorem Batch.fits_of_network {N : PackedNetwork} {y : LaneVector}
    (h : (F.network p N d y).fits = true) : y.fits = true := by
  induction N generalizing d y with
  | nil =>
    simp only [Batch.network, Bool.and_eq_true] at h
    exact h.1
  | cons P Ps ih =>
    have := ih h
    simp only [Bool.and_eq_true] at this
    exact this.1

/-- What fits did so from the beginning. -/
theorem Batch.fits_of_networks {m : Nat} {T S : PackedNetwork} {y : LaneBounds}
    (h : (F.networks p m T S d y).fits = true) : y.fits = true := by
  simp only [Batch.networks, Bool.and_eq_true] at h
  exact Batch.fits_of_network h.1

/-- One step of `Batch.pair`. -/
theorem Batch.pair_cons (F : Batch) (p m : Nat) (T S : PackedLayer) (Ts Ss : PackedNetwork)
    (d : Nat) (x : LaneBounds) : F.pair p m (T :: Ts) (S :: Ss) d x =
      bif T.pairs S then F.pair p m Ts Ss p (F.layers d p T S x)
      else bif T.toLayer.pairs S.toLayer then ⟨0, 0, 0, false⟩
      else F.networks p m (T :: Ts) (S :: Ss) d x := rfl

/-- What fits did so from the beginning. -/
theorem Batch.fits_of_pair {m : Nat} {T S : PackedNetwork} {y : LaneBounds}
    (h : (F.pair p m T S d y).fits = true) : y.fits = true := by
  induction T generalizing S d y with
  | nil =>
    match S with
    | [] =>
      simp only [Batch.pair, Bool.and_eq_true] at h
      exact h.1
    | S :: Ss => exact Batch.fits_of_networks h
  | cons T Ts ih =>
    match S with
    | [] => exact Batch.fits_of_networks h
    | S :: Ss =>
      rw [Batch.pair_cons] at h
      cases hp : T.pairs S
      · rw [hp, cond_false] at h
        cases hq : T.toLayer.pairs S.toLayer
        · rw [hq, cond_false] at h
          exact Batch.fits_of_networks h
        · rw [hq, cond_true] at h
          exact absurd h (by decide)
      · rw [hp, cond_true] at h
        have := ih h
        simp only [Batch.layers, Bool.and_eq_true] at this
        exact this.1.1

/-- All layers of one network. -/
theorem Batch.Holds.network (hF : F.Positive) {N : PackedNetwork} {n : Nat} {x : LaneVector}
    {X : Nat → List Interval} (hN : N.wellShaped n = true) (hx : F.Holds F.bits n x.value X)
    (h : (F.network p N d x).fits = true) :
    x.fits = true ∧ F.Holds F.bits (N.outputs n) (F.network p N d x).value
      fun b => N.toNetwork.bounds (2 ^ p) (2 ^ d) (X b) := by
  induction N generalizing n x X d with
  | nil =>
    simp only [Batch.network, Bool.and_eq_true] at h
    have hd := Nat.eq_of_beq_eq_true h.2
    subst hd
    refine ⟨h.1, ?_⟩
    simp only [PackedNetwork.toNetwork, Network.bounds, roundAll_self (Nat.two_pow_pos d)]
    exact hx
  | cons P Ps ih =>
    simp only [PackedNetwork.wellShaped, Bool.and_eq_true] at hN
    obtain ⟨⟨hi, _⟩, hrest⟩ := hN
    have hi := Nat.eq_of_beq_eq_true hi
    subst hi
    have key := Batch.fits_of_network (N := Ps) h
    simp only [Bool.and_eq_true] at key
    have hy := (hx.affine hF key.2).activate hF P.activation
    exact ⟨key.1, (ih hrest hy h).2⟩

/-- Each network alone. -/
theorem Batch.Holds.networks (hF : F.Positive) {T S : PackedNetwork} {n m : Nat} {x : LaneBounds}
    {X : Nat → PairBounds} (hT : T.wellShaped n = true) (hS : S.wellShaped n = true)
    (mT : T.outputs n = m) (mS : S.outputs n = m)
    (ht : F.Holds F.bits n x.teacher fun b => (X b).teacher)
    (hs : F.Holds F.bits n x.student fun b => (X b).student)
    (h : (F.networks p m T S d x).fits = true) :
    (F.Holds F.bits m (F.networks p m T S d x).teacher fun b =>
      (independentBounds (2 ^ p) T.toNetwork S.toNetwork (2 ^ d) (X b)).teacher) ∧
    (F.Holds F.bits m (F.networks p m T S d x).student fun b =>
      (independentBounds (2 ^ p) T.toNetwork S.toNetwork (2 ^ d) (X b)).student) ∧
    F.Holds (F.bits + 1) m (F.networks p m T S d x).difference fun b =>
      (independentBounds (2 ^ p) T.toNetwork S.toNetwork (2 ^ d) (X b)).difference := by
  simp only [Batch.networks, Bool.and_eq_true] at h
  have t := (Batch.Holds.network hF (x := ⟨x.teacher, x.fits⟩) hT ht h.1).2
  have s := (Batch.Holds.network hF (x := ⟨x.student, x.fits⟩) hS hs h.2).2
  rw [mT] at t
  rw [mS] at s
  exact ⟨t, s, t.difference hF s⟩

/-- Both networks. -/
theorem Batch.Holds.pair (hF : F.Positive) {T S : PackedNetwork} {n m : Nat} {x : LaneBounds}
    {X : Nat → PairBounds} (hT : T.wellShaped n = true) (hS : S.wellShaped n = true)
    (mT : T.outputs n = m) (mS : S.outputs n = m)
    (ht : F.Holds F.bits n x.teacher fun b => (X b).teacher)
    (hs : F.Holds F.bits n x.student fun b => (X b).student)
    (hδ : F.Holds (F.bits + 1) n x.difference fun b => (X b).difference)
    (h : (F.pair p m T S d x).fits = true) :
    (F.Holds F.bits m (F.pair p m T S d x).teacher fun b =>
      (pairBounds (2 ^ p) T.toNetwork S.toNetwork (2 ^ d) (X b)).teacher) ∧
    (F.Holds F.bits m (F.pair p m T S d x).student fun b =>
      (pairBounds (2 ^ p) T.toNetwork S.toNetwork (2 ^ d) (X b)).student) ∧
    F.Holds (F.bits + 1) m (F.pair p m T S d x).difference fun b =>
      (pairBounds (2 ^ p) T.toNetwork S.toNetwork (2 ^ d) (X b)).difference := by
  induction T generalizing S n x X d with
  | nil =>
    match S with
    | [] =>
      simp only [Batch.pair, Bool.and_eq_true] at h
      have hd := Nat.eq_of_beq_eq_true h.2
      subst hd
      have hn : n = m := mT
      subst hn
      simp only [PackedNetwork.toNetwork, pairBounds, roundAll_self (Nat.two_pow_pos d)]
      exact ⟨ht, hs, hδ⟩
    | S :: Ss => exact Batch.Holds.networks hF hT hS mT mS ht hs h
  | cons T Ts ih =>
    match S with
    | [] => exact Batch.Holds.networks hF hT hS mT mS ht hs h
    | S :: Ss =>
      rw [Batch.pair_cons] at h ⊢
      simp only [PackedNetwork.toNetwork, pairBounds_cons]
      cases hp : T.pairs S
      · rw [hp, cond_false] at h
        rw [cond_false]
        cases hq : T.toLayer.pairs S.toLayer
        · rw [hq, cond_false] at h
          exact Batch.Holds.networks hF hT hS mT mS ht hs h
        · rw [hq, cond_true] at h
          exact absurd h (by decide)
      · rw [hp, cond_true] at h
        simp only [PackedLayer.layer_pairs hp, cond_true]
        simp only [PackedNetwork.wellShaped, Bool.and_eq_true] at hT hS
        obtain ⟨⟨iT, _⟩, rT⟩ := hT
        obtain ⟨⟨iS, _⟩, rS⟩ := hS
        have iT := Nat.eq_of_beq_eq_true iT
        subst iT
        have hm : T.outputs = S.outputs :=
          PackedLayer.outputs_eq_of_layer_pairs (PackedLayer.layer_pairs hp)
        rw [← hm] at rS
        have mS : PackedNetwork.outputs S.outputs Ss = m := mS
        rw [← hm] at mS
        obtain ⟨_, t, s, δ⟩ := Batch.Holds.layers hF hp ht hs hδ (Batch.fits_of_pair h)
        exact ih rT rS mT mS t s δ h

end

end PyOrch
