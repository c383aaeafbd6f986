import PyOrch.Net.LaneAffine

/-!
# Rounded lanes hold the bounds of affine layers

What `Batch.rounded` takes out of the lanes of `Batch.unrounded` are the bounds that
`affineBounds` computes for each box.
-/

namespace PyOrch

section
variable {F : Batch} {n k g : Nat} {v : Nat → Nat}

/-- A number with one bit above the others: what is left of its upper and of its lower bits. -/
theorem topBit {w x k g : Nat} (h : k + g ≤ w) (hx : x / 2 ^ (k + g) = 2 ^ (w - (k + g))) :
    2 ^ w ≤ x ∧ x / 2 ^ k % 2 ^ g = (x - 2 ^ w) / 2 ^ k ∧ (x - 2 ^ w) / 2 ^ k < 2 ^ g := by
  have hp := Nat.two_pow_pos (k + g)
  have ew : 2 ^ w = 2 ^ (k + g) * 2 ^ (w - (k + g)) := by rw [← Nat.pow_add]; congr 1; omega
  have h1 := Nat.div_add_mod x (2 ^ (k + g))
  rw [hx, ← ew] at h1
  have h2 := Nat.mod_lt x hp
  generalize x % 2 ^ (k + g) = r at h1 h2
  have ex : x - 2 ^ w = r := by omega
  have h3 : r / 2 ^ k < 2 ^ g := Nat.div_lt_of_lt_mul (by rwa [← Nat.pow_add])
  have e' : 2 ^ w = 2 ^ k * (2 ^ g * 2 ^ (w - (k + g))) := by
    rw [← Nat.pow_add, ← Nat.pow_add]; congr 1; omega
  refine ⟨by omega, ?_, by rwa [ex]⟩
  rw [ex, ← h1, e', Nat.add_comm, Nat.add_mul_div_left _ _ (Nat.two_pow_pos k),
    Nat.add_mul_mod_self_left, Nat.mod_eq_of_lt h3]

/-- The rounded lanes, where they have the size that they should. -/
theorem Batch.Positive.rounded_eq (hF : F.Positive) (hk : k + g ≤ F.width - 1)
    (hv : Below (2 ^ F.width) v (n * (F.size + F.size)))
    (h : F.inRange n k g (packTo F.width v (n * (F.size + F.size))) = true) :
    F.rounded n k g (packTo F.width v (n * (F.size + F.size)))
        = packTo F.width (fun i => (v i - 2 ^ (F.width - 1)) / 2 ^ k) (n * (F.size + F.size)) ∧
      Below (2 ^ g) (fun i => (v i - 2 ^ (F.width - 1)) / 2 ^ k) (n * (F.size + F.size)) ∧
      ∀ i, i < n * (F.size + F.size) → 2 ^ (F.width - 1) ≤ v i := by
  have hw := hF.width
  have e : ∀ c, F.ones n * c = packTo F.width (fun _ => c) (n * (F.size + F.size)) := by
    intro c
    rw [hF.ones_eq, Nat.mul_comm, mul_packTo]
    simp only [Nat.mul_one]
  have h : (packTo F.width v (n * (F.size + F.size)) >>> (k + g)
      &&& F.ones n * (2 ^ (F.width - (k + g)) - 1))
      = F.ones n * 2 ^ (F.width - 1 - (k + g)) := Nat.eq_of_beq_eq_true h
  rw [e, e, packTo_bits (by omega) hv] at h
  have hlt : Below (2 ^ F.width) (fun _ => 2 ^ (F.width - 1 - (k + g)))
      (n * (F.size + F.size)) := by
    intro i _
    exact Nat.pow_lt_pow_right (by decide) (by omega)
  have hlt' : Below (2 ^ F.width) (fun i => v i / 2 ^ (k + g) % 2 ^ (F.width - (k + g)))
      (n * (F.size + F.size)) := by
    intro i _
    exact Nat.lt_of_lt_of_le (Nat.mod_lt _ (Nat.two_pow_pos _))
      (Nat.pow_le_pow_right (by decide) (Nat.sub_le _ _))
  have h := eq_of_packTo_eq hlt' hlt h
  have key : ∀ i, i < n * (F.size + F.size) → v i / 2 ^ (k + g) = 2 ^ (F.width - 1 - (k + g)) := by
    intro i hi
    have h := h i hi
    have hv := hv i hi
    rwa [Nat.mod_eq_of_lt] at h
    apply Nat.div_lt_of_lt_mul
    rw [← Nat.pow_add]
    exact Nat.lt_of_lt_of_le hv (Nat.pow_le_pow_right (by decide) (by omega))
  refine ⟨?_, fun i hi => (topBit hk (key i hi)).2.2, fun i hi => (topBit hk (key i hi)).1⟩
  have hr : F.rounded n k g (packTo F.width v (n * (F.size + F.size)))
      = packTo F.width v (n * (F.size + F.size)) >>> k &&& F.ones n * (2 ^ g - 1) := rfl
  rw [hr, e, packTo_bits (by omega) hv]
  exact packTo_congr fun i hi => (topBit hk (key i hi)).2.1

/-- Rounding by powers of two. -/
theorem ediv_pow {x : Int} {p q k : Nat} (h : q = k + p) :
    x * .ofNat (2 ^ p) / .ofNat (2 ^ q) = x / 2 ^ k := by
  have hp : (0 : Int) < 2 ^ p := by
    have := Nat.two_pow_pos p
    exact_mod_cast this
  have e₁ : Int.ofNat (2 ^ p) = 2 ^ p := by norm_cast
  have e₂ : Int.ofNat (2 ^ q) = 2 ^ k * 2 ^ p := by rw [h, Nat.pow_add]; norm_cast
  rw [e₁, e₂, Int.mul_ediv_mul_of_pos_left _ _ hp]

/-- Lanes that hold sums of products give lanes that hold the bounds of the layer. -/
theorem lanesHold_affineBounds {B b d o p e w : Nat} {Z : Nat → Nat} {bias : List Int}
    {a V : Nat → Nat} (hb : b < B) (hk : e + d = k + p)
    (ho : ∀ r, -(o : Int) ≤ bias.getD r 0 ∧ bias.getD r 0 ≤ o)
    (hV : ∀ i, i < n * (B + B) → 2 ^ w ≤ V i ∧
      V i + (Z (i / (B + B)) + o * 2 ^ d) = a i + (biasLane B o bias i * 2 ^ d
        + (2 ^ w + (2 ^ (g - 1 + k) + (2 ^ k - 1)))))
    {rows : List Interval} (hrows : rows.length = n) (hbias : bias.length = n)
    (h : LanesHold B (fun r => (Z r : Int)) a b 0 rows) :
    LanesHold B (fun _ => (2 ^ (g - 1) : Nat)) (fun i => (V i - 2 ^ w) / 2 ^ k) b 0
      (affineBounds (2 ^ p) (2 ^ d) (2 ^ e) rows bias) := by
  have lane : ∀ (i : Nat) (x : Int), i < n * (B + B) →
      (a i : Int) + biasLane B o bias i * 2 ^ d = x + Z (i / (B + B)) + o * 2 ^ d →
      (((V i - 2 ^ w) / 2 ^ k : Nat) : Int) = -(-x / 2 ^ k) + (2 ^ (g - 1) : Nat) := by
    intro i x hi hx
    obtain ⟨h₁, h₂⟩ := hV i hi
    apply neg_neg_ediv
    have hpk := Nat.two_pow_pos k
    rw [Nat.pow_add] at h₂
    have h₂ := congrArg (Nat.cast (R := Int)) h₂
    have e₁ : ((V i - 2 ^ w : Nat) : Int) = V i - (2 ^ w : Nat) := by omega
    have e₂ : ((2 ^ k - 1 : Nat) : Int) = (2 ^ k : Nat) - 1 := by omega
    have e₃ : ((2 ^ k : Nat) : Int) = 2 ^ k := by norm_cast
    have e₄ : ((2 ^ d : Nat) : Int) = 2 ^ d := by norm_cast
    simp only [Int.natCast_add, Int.natCast_mul, e₂, e₃, e₄] at h₂
    rw [e₁]
    clear hV hb hk ho hrows hbias h e₁ e₂ e₃ e₄ h₁ hpk
    generalize (biasLane B o bias i : Int) * 2 ^ d = u at *
    generalize (o : Int) * 2 ^ d = t at *
    generalize ((2 ^ (g - 1) : Nat) : Int) * 2 ^ k = s at *
    generalize (2 : Int) ^ k = q at *
    omega
  have key : ∀ (j : Nat) (rows : List Interval) (bs : List Int),
      (∀ i, bs.getD i 0 = bias.getD (j + i) 0) → rows.length = bs.length → j + rows.length = n →
      LanesHold B (fun r => (Z r : Int)) a b j rows →
      LanesHold B (fun _ => (2 ^ (g - 1) : Nat)) (fun i => (V i - 2 ^ w) / 2 ^ k) b j
        (affineBounds (2 ^ p) (2 ^ d) (2 ^ e) rows bs) := by
    intro j rows
    induction rows generalizing j with
    | nil => intro bs _ _ _ _; cases bs <;> trivial
    | cons r rows ih =>
      intro bs hbs hl hj hold
      match bs, hl with
      | c :: bs, hl =>
        simp only [List.length_cons] at hl hj
        refine ⟨?_, ih (j + 1) bs (fun i => ?_) (by omega) (by omega) hold.2⟩
        · have hc : bias.getD j 0 = c := by
            have := hbs 0
            rw [List.getD_cons_zero, Nat.add_zero] at this
            exact this.symm
          have hbj := biasLane_apply hb (ho j)
          rw [hc] at hbj
          have hm := Nat.mul_le_mul_right (B + B) (show j + 1 ≤ n by omega)
          rw [Nat.succ_mul] at hm
          have i₁ := lane_index (j := j) (k := b) (m := B + B) (by omega)
          have i₂ := lane_index (j := j) (k := B + b) (m := B + B) (by omega)
          rw [← Nat.add_assoc] at i₂
          have hold := hold.1
          simp only [LanesAt] at hold
          have l₁ := lane (j * (B + B) + b) (r.hi + c * 2 ^ d) (by omega) (by
            rw [i₁.1, hbj.1, hold.1, Int.add_mul]; ac_rfl)
          have l₂ := lane (j * (B + B) + B + b) (-(r.lo + c * 2 ^ d)) (by omega) (by
            rw [i₂.1, hbj.2, hold.2, Int.sub_mul]; clear lane ih; omega)
          have ed : Int.ofNat (2 ^ d) = 2 ^ d := by norm_cast
          have ee : 2 ^ e * 2 ^ d = 2 ^ (e + d) := (Nat.pow_add 2 e d).symm
          simp only [LanesAt, l₁, l₂, Interval.round, Interval.shift, ee, ed]
          rw [← Int.neg_mul, ediv_pow hk, ediv_pow hk, Int.neg_neg]
          omega
        · have := hbs (i + 1)
          rw [List.getD_cons_succ] at this
          rw [this]
          congr 1
          omega
  exact key 0 rows bias (fun i => by rw [Nat.zero_add]) (by omega) (by omega) h

end

end PyOrch
