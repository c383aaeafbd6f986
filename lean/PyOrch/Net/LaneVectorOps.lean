import PyOrch.Net.LaneLists

/-!
# Differences and activations in lanes

The operations on vectors of intervals between affine layers, in all boxes of a batch at once, and
that they are those of `PyOrch.Net.Bounds`.
-/

namespace PyOrch

namespace Batch

noncomputable section
variable (F : Batch)

/-- The differences of two vectors; they have a bit more. -/
def difference (n t s : Nat) : Nat := Nat.add t (F.swap n s)

/-- What is in both of two vectors of `g` bits. -/
def inter (g n x y : Nat) : Nat := laneMin g (F.ones n) x y

/-- The vector after an activation. -/
def activate (f : Activation) (n x : Nat) : Nat :=
  let origin := Nat.mul (F.ones n) (Nat.pow 2 (Nat.pred F.bits))
  Activation.rec
    (mixHalves (Nat.mul F.width F.size) (F.lowBits n) (laneMax F.bits (F.ones n) x origin)
      (laneMin F.bits (F.ones n) x origin))
    x f

/-- The difference after an activation, from that before it (`δ`) and from the vectors after it. -/
def activateDiff (f : Activation) (n δ t s : Nat) : Nat :=
  let swapped := F.swap n s
  let kink := Nat.add (mixHalves (Nat.mul F.width F.size) (F.lowBits n) swapped t)
    (Nat.mul (F.ones n) (Nat.pow 2 (Nat.pred F.bits)))
  let g := Nat.succ F.bits
  Activation.rec
    (laneMin g (F.ones n) (laneMax g (F.ones n) δ kink) (Nat.add t swapped))
    δ f

end

/-- In every box of the batch, the lanes of `x` hold the `n` intervals of `Y`, in `g` bits. -/
def Holds (F : Batch) (g n x : Nat) (Y : Nat → List Interval) : Prop :=
  ∃ v : Nat → Nat, x = packTo F.width v (n * (F.size + F.size)) ∧
    Below (2 ^ g) v (n * (F.size + F.size)) ∧
    ∀ b, b < F.size → (Y b).length = n ∧
      LanesHold F.size (fun _ => (2 ^ (g - 1) : Nat)) v b 0 (Y b)

end Batch

/-! ## Lists of intervals -/

section
variable {B b : Nat} {z : Int} {v w d : Nat → Nat} {xs ys δs : List Interval} {j : Nat}

/-- Bounds of differences. -/
theorem LanesHold.sub (hb : b < B) (hx : LanesHold B (fun _ => z) v b j xs)
    (hy : LanesHold B (fun _ => z) w b j ys) :
    LanesHold B (fun _ => z + z) (fun i => v i + swapped B w i) b j (subAll xs ys) := by
  induction xs generalizing ys j with
  | nil => cases ys <;> trivial
  | cons x xs ih => match ys with
    | [] => trivial
    | y :: ys => exact ⟨hx.1.sub hb hy.1, ih hx.2 hy.2⟩

/-- What is in both. -/
theorem LanesHold.inter (hx : LanesHold B (fun _ => z) v b j xs)
    (hy : LanesHold B (fun _ => z) w b j ys) :
    LanesHold B (fun _ => z) (fun i => min (v i) (w i)) b j (interAll xs ys) := by
  induction xs generalizing ys j with
  | nil => cases ys <;> trivial
  | cons x xs ih => match ys with
    | [] => trivial
    | y :: ys => exact ⟨hx.1.inter hy.1, ih hx.2 hy.2⟩

/-- Bounds after `max · 0`. -/
theorem LanesHold.relu {c : Nat} (hb : b < B) (hc : (c : Int) = z)
    (hx : LanesHold B (fun _ => z) v b j xs) :
    LanesHold B (fun _ => z) (mixed B (fun i => max (v i) c) (fun i => min (v i) c)) b j
      (Activation.bounds .relu xs) := by
  induction xs generalizing j with
  | nil => trivial
  | cons x xs ih => exact ⟨hx.1.relu hb hc, ih hx.2⟩

/-- Bounds of differences after `max · 0`. -/
theorem LanesHold.reluDiff {c : Nat} (hb : b < B) (hc : (c : Int) = z)
    (hd : LanesHold B (fun _ => z + z) d b j δs) (hx : LanesHold B (fun _ => z) v b j xs)
    (hy : LanesHold B (fun _ => z) w b j ys) :
    LanesHold B (fun _ => z + z) (fun i => min (max (d i) (mixed B (swapped B w) v i + c))
      (v i + swapped B w i)) b j (Activation.diffBounds .relu δs xs ys) := by
  induction δs generalizing xs ys j with
  | nil => cases xs <;> cases ys <;> trivial
  | cons δ δs ih => match xs, ys with
    | [], _ => trivial
    | _ :: _, [] => trivial
    | x :: xs, y :: ys => exact ⟨hd.1.reluDiff hb hc hx.1 hy.1, ih hd.2 hx.2 hy.2⟩

end

/-! ## Vectors of a batch -/

section
variable {F : Batch} {n t s δ : Nat} {T S D : Nat → List Interval}

/-- The offset of a value, twice. -/
theorem Batch.Positive.offset_double (hF : F.Positive) :
    ((2 ^ (F.bits - 1) : Nat) : Int) + (2 ^ (F.bits - 1) : Nat) = (2 ^ (F.bits + 1 - 1) : Nat) := by
  have : 2 ^ (F.bits + 1 - 1) = 2 ^ (F.bits - 1) + 2 ^ (F.bits - 1) := by
    rw [← Nat.two_mul, ← Nat.pow_succ']
    congr 1
    have := hF.bits
    omega
  omega

/-- `difference` holds the differences. -/
theorem Batch.Holds.difference (hF : F.Positive) (ht : F.Holds F.bits n t T)
    (hs : F.Holds F.bits n s S) :
    F.Holds (F.bits + 1) n (F.difference n t s) fun b => subAll (T b) (S b) := by
  obtain ⟨v, rfl, hv, hT⟩ := ht
  obtain ⟨w, rfl, hw, hS⟩ := hs
  have hw' := hw.mono (Nat.pow_le_pow_right (by decide : 0 < 2)
    (show F.bits ≤ F.width by have := hF.room; omega))
  refine ⟨fun i => v i + swapped F.size w i, ?_, ?_, fun b hb => ⟨?_, ?_⟩⟩
  · show packTo _ _ _ + F.swap _ _ = _
    rw [hF.swap_eq hw', packTo_add]
  · intro i hi
    have h1 := hv i hi
    have h2 := hw.swapped i hi
    rw [Nat.pow_succ]
    simp only
    omega
  · exact length_subAll (hT b hb).1 (hS b hb).1
  · have := (hT b hb).2.sub hb (hS b hb).2
    rwa [hF.offset_double] at this

/-- `inter` holds the intersections. -/
theorem Batch.Holds.inter (hF : F.Positive) {g : Nat} (hg : g < F.width) (ht : F.Holds g n t T)
    (hs : F.Holds g n s S) : F.Holds g n (F.inter g n t s) fun b => interAll (T b) (S b) := by
  obtain ⟨v, rfl, hv, hT⟩ := ht
  obtain ⟨w, rfl, hw, hS⟩ := hs
  refine ⟨fun i => min (v i) (w i), ?_, ?_, fun b hb => ⟨?_, ?_⟩⟩
  · rw [Batch.inter, hF.ones_eq, laneMin_eq hg hv hw]
  · intro i hi
    have := hv i hi
    simp only
    omega
  · exact length_interAll (hT b hb).1 (hS b hb).1
  · exact (hT b hb).2.inter (hS b hb).2

/-- `activate` holds the bounds after the activation. -/
theorem Batch.Holds.activate (hF : F.Positive) (f : Activation) (ht : F.Holds F.bits n t T) :
    F.Holds F.bits n (F.activate f n t) fun b => f.bounds (T b) := by
  cases f with
  | identity =>
    have e : (fun b => Activation.identity.bounds (T b)) = T := by
      funext b; cases T b <;> rfl
    rw [e]
    exact ht
  | relu =>
    obtain ⟨v, rfl, hv, hT⟩ := ht
    have hg : F.bits < F.width := by have := hF.room; omega
    have hpow : 2 ^ F.bits ≤ 2 ^ F.width := Nat.pow_le_pow_right (by decide) (by omega)
    have hz : Below (2 ^ F.bits) (fun _ => 2 ^ (F.bits - 1)) (n * (F.size + F.size)) := fun _ _ =>
      Nat.pow_lt_pow_right (by decide) (by have := hF.bits; omega)
    have hmax : Below (2 ^ F.bits) (fun i => max (v i) (2 ^ (F.bits - 1)))
        (n * (F.size + F.size)) := by
      intro i hi
      have := hv i hi
      have := hz i hi
      simp only at *
      omega
    have hmin : Below (2 ^ F.bits) (fun i => min (v i) (2 ^ (F.bits - 1)))
        (n * (F.size + F.size)) := by
      intro i hi
      have := hv i hi
      simp only
      omega
    refine ⟨mixed F.size (fun i => max (v i) (2 ^ (F.bits - 1)))
      (fun i => min (v i) (2 ^ (F.bits - 1))), ?_, hmax.mixed hmin, fun b hb => ⟨?_, ?_⟩⟩
    · have ez : F.ones n * 2 ^ (F.bits - 1)
          = packTo F.width (fun _ => 2 ^ (F.bits - 1)) (n * (F.size + F.size)) := by
        rw [hF.ones_eq, Nat.mul_comm, mul_packTo]
        simp only [Nat.mul_one]
      show mixHalves _ _ (laneMax _ _ _ (F.ones n * 2 ^ (F.bits - 1)))
        (laneMin _ _ _ (F.ones n * 2 ^ (F.bits - 1))) = _
      rw [ez, hF.ones_eq, hF.lowBits_eq, laneMax_eq hg hv hz, laneMin_eq hg hv hz]
      exact mixHalves_eq hF.size (hmax.mono hpow) (hmin.mono hpow)
    · exact (length_activation _ _).trans (hT b hb).1
    · exact (hT b hb).2.relu hb rfl

/-- `activateDiff` holds the bounds of the differences after the activation. -/
theorem Batch.Holds.activateDiff (hF : F.Positive) (f : Activation)
    (hδ : F.Holds (F.bits + 1) n δ D) (ht : F.Holds F.bits n t T) (hs : F.Holds F.bits n s S) :
    F.Holds (F.bits + 1) n (F.activateDiff f n δ t s)
      fun b => f.diffBounds (D b) (T b) (S b) := by
  cases f with
  | identity =>
    have e : (fun b => Activation.identity.diffBounds (D b) (T b) (S b)) = D := by
      funext b; cases D b <;> cases T b <;> cases S b <;> rfl
    rw [e]
    exact hδ
  | relu =>
    obtain ⟨d, rfl, hd, hD⟩ := hδ
    obtain ⟨v, rfl, hv, hT⟩ := ht
    obtain ⟨w, rfl, hw, hS⟩ := hs
    have hg : F.bits + 1 < F.width := hF.room
    have hpow : 2 ^ F.bits ≤ 2 ^ F.width := Nat.pow_le_pow_right (by decide) (by omega)
    have hsucc : 2 ^ (F.bits + 1) = 2 ^ F.bits + 2 ^ F.bits := by rw [Nat.pow_succ]; omega
    have hz : 2 ^ (F.bits - 1) < 2 ^ F.bits :=
      Nat.pow_lt_pow_right (by decide) (by have := hF.bits; omega)
    have hsw := hw.swapped
    have hmix := hsw.mixed hv
    have hkink : Below (2 ^ (F.bits + 1)) (fun i => mixed F.size (swapped F.size w) v i
        + 2 ^ (F.bits - 1)) (n * (F.size + F.size)) := by
      intro i hi
      have := hmix i hi
      simp only
      omega
    have hmax : Below (2 ^ (F.bits + 1)) (fun i => max (d i)
        (mixed F.size (swapped F.size w) v i + 2 ^ (F.bits - 1))) (n * (F.size + F.size)) := by
      intro i hi
      have h1 := hd i hi
      have h2 := hkink i hi
      simp only at *
      omega
    have hsum : Below (2 ^ (F.bits + 1)) (fun i => v i + swapped F.size w i)
        (n * (F.size + F.size)) := by
      intro i hi
      have h1 := hv i hi
      have h2 := hsw i hi
      simp only
      omega
    refine ⟨fun i => min (max (d i) (mixed F.size (swapped F.size w) v i + 2 ^ (F.bits - 1)))
        (v i + swapped F.size w i), ?_, ?_, fun b hb => ⟨?_, ?_⟩⟩
    · have ez : F.ones n * 2 ^ (F.bits - 1)
          = packTo F.width (fun _ => 2 ^ (F.bits - 1)) (n * (F.size + F.size)) := by
        rw [hF.ones_eq, Nat.mul_comm, mul_packTo]
        simp only [Nat.mul_one]
      show laneMin (F.bits + 1) _ (laneMax (F.bits + 1) _ _ (mixHalves _ _ (F.swap _ _) _
        + F.ones n * 2 ^ (F.bits - 1))) (_ + F.swap _ _) = _
      rw [ez, hF.ones_eq, hF.lowBits_eq, hF.swap_eq (hw.mono hpow)]
      have em := mixHalves_eq hF.size (hsw.mono hpow) (hv.mono hpow)
      have em : mixHalves (Nat.mul F.width F.size) (halfBits F.width F.size n)
        (packTo F.width (swapped F.size w) (n * (F.size + F.size)))
        (packTo F.width v (n * (F.size + F.size))) = _ := em
      rw [em, packTo_add, packTo_add, laneMax_eq hg hd hkink, laneMin_eq hg hmax hsum]
    · intro i hi
      have h1 := hmax i hi
      simp only at *
      omega
    · exact length_activationDiff _ (hD b hb).1 (hT b hb).1 (hS b hb).1
    · have h := (hD b hb).2
      rw [← hF.offset_double] at h ⊢
      exact h.reluDiff hb rfl (hT b hb).2 (hS b hb).2

end

end PyOrch
