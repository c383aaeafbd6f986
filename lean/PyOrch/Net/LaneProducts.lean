import PyOrch.Net.LaneIntervals

/-!
# Products of a matrix with many vectors of intervals at once

A column of the matrix, split into what is above zero and what is below, times one entry of the
vectors, in all boxes and both lanes, is one multiplication: each row's group of lanes is the
entry's group times the row's weight.
-/

namespace PyOrch

noncomputable section

/-- From a column with entries `w + 2 ^ k`: the entries `max w 0`, and `shift` bits above them the
entries `max (-w) 0`. -/
def signParts (k ones shift c : Nat) : Nat :=
  let p := positivePart k ones c
  Nat.add p (Nat.shiftLeft (Nat.sub (Nat.add p (Nat.mul ones (Nat.pow 2 k))) c) shift)

/-- `signParts` of each column. -/
def signColumns (k ones shift : Nat) (cols : List Nat) : List Nat :=
  List.rec [] (fun c _ ih => signParts k ones shift c :: ih) cols

/-- The sum of the columns, each times its group of `width` bits of `x`. -/
def groupProducts (width : Nat) (cols : List Nat) (x : Nat) : Nat :=
  List.rec (fun _ => 0) (fun c _ ih x =>
    Nat.add (Nat.mul c (Nat.land x (Nat.sub (Nat.pow 2 width) 1)))
      (ih (Nat.shiftRight x width))) cols x

/-- The sum of the columns. -/
def columnsTotal (cols : List Nat) : Nat := List.rec 0 (fun c _ ih => Nat.add c ih) cols

end

/-- The part of a stored weight above zero. -/
def above (k e : Nat) : Nat := e - 2 ^ k

/-- The part of a stored weight below zero, without the sign. -/
def beneath (k e : Nat) : Nat := 2 ^ k - e

/-- The products of the entries with the groups of `v`, lane by lane, summed. -/
def laneProducts (m : Nat) (f : Nat → Nat) : List (Nat → Nat) → (Nat → Nat) → Nat → Nat
  | [], _, _ => 0
  | e :: es, v, i => f (e (i / m)) * v (i % m) + laneProducts m f es (fun i => v (m + i)) i

/-- The sum of a row's entries. -/
def rowTotal (f : Nat → Nat) : List (Nat → Nat) → Nat → Nat
  | [], _ => 0
  | e :: es, r => f (e r) + rowTotal f es r

/-- The weights that a column stores from row `r` on. -/
noncomputable def weightsFrom (k : Nat) (e : Nat → Nat) : Nat → Nat → List Int
  | _, 0 => []
  | r, n + 1 => unoffset k (e r) :: weightsFrom k e (r + 1) n

section
variable {M k n : Nat} {e : Nat → Nat}

/-- Reading a column. -/
theorem signedLanes_packTo (h : Below (2 ^ M) e n) :
    signedLanes M k n (packTo M e n) = weightsFrom k e 0 n := by
  have key : ∀ (n r : Nat) (f : Nat → Nat), (∀ i, f i = e (r + i)) → Below (2 ^ M) f n →
      signedLanes M k n (packTo M f n) = weightsFrom k e r n := by
    intro n
    induction n with
    | zero => intros; rfl
    | succ n ih =>
      intro r f hf h
      have h0 := h 0 (Nat.succ_pos n)
      rw [signedLanes_succ, packTo, lane_add_mod h0, lane_add_shiftRight h0,
        ih (r + 1) (fun i => f (i + 1)) (fun i => by
          show f (i + 1) = _; rw [hf]; congr 1; omega) h.tail, hf]
      rfl
  exact key n 0 e (fun i => by rw [Nat.zero_add]) h

/-- Columns as functions of the row. -/
theorem exists_entries {cs : List Nat} (hk : k < M) (h : ∀ c ∈ cs, IsColumn M k n c) :
    ∃ es : List (Nat → Nat), cs = es.map (packTo M · n) ∧ (∀ e ∈ es, Below (2 ^ (k + 1)) e n) ∧
      signedColumns M k n cs = es.map (weightsFrom k · 0 n) := by
  have hp : 2 ^ (k + 1) ≤ 2 ^ M := Nat.pow_le_pow_right (by decide) hk
  induction cs with
  | nil => exact ⟨[], rfl, nofun, rfl⟩
  | cons c cs ih =>
    obtain ⟨es, h₁, h₂, h₃⟩ := ih (fun c' h' => h c' (.tail _ h'))
    obtain ⟨l, hl, hlt, rfl⟩ := h c (.head _)
    have hb : Below (2 ^ (k + 1)) (l.getD · 0) n := by
      intro i hi
      have hi : i < l.length := by omega
      simp only [List.getD_eq_getElem?_getD, List.getElem?_eq_getElem hi, Option.getD_some]
      exact hlt _ (List.getElem_mem hi)
    refine ⟨(l.getD · 0) :: es, ?_, ?_, ?_⟩
    · rw [List.map_cons, ← h₁, pack_eq_packTo, hl]
    · intro e he
      cases he with
      | head => exact hb
      | tail _ he => exact h₂ e he
    · rw [signedColumns, h₃, pack_eq_packTo, hl, signedLanes_packTo (hb.mono hp), List.map_cons]

/-- `signParts` separates the signs. -/
theorem signParts_eq (hk : k < M) (h : Below (2 ^ (k + 1)) e n) :
    signParts k (packTo M (fun _ => 1) n) (M * n) (packTo M e n)
      = packTo M (fun r => above k (e r)) n
        + 2 ^ (M * n) * packTo M (fun r => beneath k (e r)) n := by
  have hp : 2 ^ (k + 1) ≤ 2 ^ M := Nat.pow_le_pow_right (by decide) hk
  have hp' : 2 ^ k + 2 ^ k ≤ 2 ^ M := by rwa [← Nat.two_mul, ← Nat.pow_succ']
  have e₁ : positivePart k (packTo M (fun _ => 1) n) (packTo M e n)
      = packTo M (fun r => above k (e r)) n := by
    have one : (fun _ : Nat => 1) = fun _ => 2 ^ 1 - 1 := rfl
    have hm : Below (2 ^ M) (fun i => (2 ^ k - 1) * (e i / 2 ^ k % 2 ^ 1)) n := by
      intro i _
      have : e i / 2 ^ k % 2 ^ 1 ≤ 1 := by omega
      have := Nat.mul_le_mul_left (2 ^ k - 1) this
      have := Nat.two_pow_pos k
      simp only
      omega
    show packTo M e n &&& ((packTo M e n >>> k) &&& _) * (2 ^ k - 1) = _
    rw [one, packTo_bits (by omega) (h.mono hp), Nat.mul_comm _ (2 ^ k - 1), mul_packTo,
      packTo_and (h.mono hp) hm]
    refine packTo_congr fun r hr => ?_
    rw [Nat.mul_comm (2 ^ k - 1), ← Nat.shiftRight_eq_div_pow]
    exact positivePart_lane (h r hr)
  have e₂ : packTo M (fun r => above k (e r)) n + packTo M (fun _ => 1) n * 2 ^ k - packTo M e n
      = packTo M (fun r => beneath k (e r)) n := by
    rw [Nat.mul_comm, mul_packTo, packTo_add, packTo_sub]
    · refine packTo_congr fun r _ => ?_
      simp only [above, beneath]
      omega
    · intro r _
      simp only [above]
      omega
  simp only [signParts, Nat.add_eq, Nat.mul_eq, Nat.sub_eq, Nat.pow_eq, e₁, e₂]
  show _ + (_ : Nat) <<< (_ : Nat) = _
  rw [Nat.shiftLeft_eq, Nat.mul_comm _ (2 ^ (M * n))]

/-- `signColumns` separates the signs of each column. -/
theorem signColumns_eq (hk : k < M) {es : List (Nat → Nat)}
    (h : ∀ e ∈ es, Below (2 ^ (k + 1)) e n) :
    signColumns k (packTo M (fun _ => 1) n) (M * n) (es.map (packTo M · n))
      = es.map fun e => packTo M (fun r => above k (e r)) n
        + 2 ^ (M * n) * packTo M (fun r => beneath k (e r)) n := by
  induction es with
  | nil => rfl
  | cons e es ih =>
    show signParts _ _ _ _ :: signColumns _ _ _ _ = _
    rw [signParts_eq hk (h e (.head _)), ih fun e' h' => h e' (.tail _ h')]
    rfl

/-- The total of the columns. -/
theorem columnsTotal_eq (M k n : Nat) (es : List (Nat → Nat)) :
    columnsTotal (es.map fun e => packTo M (fun r => above k (e r)) n
        + 2 ^ (M * n) * packTo M (fun r => beneath k (e r)) n)
      = packTo M (rowTotal (above k) es) n
        + 2 ^ (M * n) * packTo M (rowTotal (beneath k) es) n := by
  induction es with
  | nil =>
    have : packTo M (fun _ => 0) n = 0 := by
      have := mul_packTo M 0 (fun _ => 0) n
      rw [Nat.zero_mul] at this
      exact this.symm
    show 0 = packTo M (fun _ => 0) n + _ * packTo M (fun _ => 0) n
    rw [this]
    rfl
  | cons e es ih =>
    show (packTo M (fun r => above k (e r)) n
      + 2 ^ (M * n) * packTo M (fun r => beneath k (e r)) n) + columnsTotal _ = _
    rw [ih]
    have h₁ := packTo_add M (fun r => above k (e r)) (rowTotal (above k) es) n
    have h₂ := packTo_add M (fun r => beneath k (e r)) (rowTotal (beneath k) es) n
    show _ = packTo M (fun r => above k (e r) + rowTotal (above k) es r) n
      + _ * packTo M (fun r => beneath k (e r) + rowTotal (beneath k) es r) n
    rw [← h₁, ← h₂, Nat.mul_add]
    ac_rfl

end

section
variable {R m k n : Nat}

/-- The products of all columns. -/
theorem groupProducts_eq (hm : 0 < m) (es : List (Nat → Nat)) {v : Nat → Nat}
    (hv : Below (2 ^ R) v (es.length * m)) :
    groupProducts (R * m) (es.map fun e => packTo (R * m) (fun r => above k (e r)) n
        + 2 ^ (R * m * n) * packTo (R * m) (fun r => beneath k (e r)) n)
        (packTo R v (es.length * m))
      = packTo R (laneProducts m (above k) es v) (n * m)
        + 2 ^ (R * m * n) * packTo R (laneProducts m (beneath k) es v) (n * m) := by
  induction es generalizing v with
  | nil =>
    have : packTo R (fun _ => 0) (n * m) = 0 := by
      have := mul_packTo R 0 (fun _ => 0) (n * m)
      rw [Nat.zero_mul] at this
      exact this.symm
    show 0 = packTo R (fun _ => 0) (n * m) + _ * packTo R (fun _ => 0) (n * m)
    rw [this]
    rfl
  | cons e es ih =>
    have hl : (e :: es).length * m = m + es.length * m := by
      rw [List.length_cons, Nat.succ_mul]; omega
    rw [hl] at hv ⊢
    have h0 : Below (2 ^ R) v m := fun i hi => hv i (by omega)
    have h1 : Below (2 ^ R) (fun i => v (m + i)) (es.length * m) :=
      fun i hi => hv (m + i) (by omega)
    show _ * (packTo R v (m + es.length * m) &&& (2 ^ (R * m) - 1))
      + groupProducts _ _ (packTo R v (m + es.length * m) >>> (R * m)) = _
    rw [Nat.and_two_pow_sub_one_eq_mod, packTo_split, packTo_mod h0, packTo_shiftRight h0, ih h1,
      Nat.add_mul, Nat.mul_assoc, packTo_mul_packTo hm, packTo_mul_packTo hm]
    have h₁ := packTo_add R (fun i => above k (e (i / m)) * v (i % m))
      (laneProducts m (above k) es fun i => v (m + i)) (n * m)
    have h₂ := packTo_add R (fun i => beneath k (e (i / m)) * v (i % m))
      (laneProducts m (beneath k) es fun i => v (m + i)) (n * m)
    show _ = packTo R (fun i => above k (e (i / m)) * v (i % m)
        + laneProducts m (above k) es (fun i => v (m + i)) i) (n * m)
      + _ * packTo R (fun i => beneath k (e (i / m)) * v (i % m)
        + laneProducts m (beneath k) es (fun i => v (m + i)) i) (n * m)
    rw [← h₁, ← h₂, Nat.mul_add]
    ac_rfl

/-- The products with what is above zero and with what is beneath are bounded together. -/
theorem laneProducts_le {b : Nat} {es : List (Nat → Nat)} {v : Nat → Nat} {i i' : Nat}
    (he : ∀ e ∈ es, Below (2 ^ (k + 1)) e n) (hr : i / m < n) (hi : i' / m = i / m)
    (hv : ∀ i, i < es.length * m → v i ≤ b) (hm : 0 < m) :
    laneProducts m (above k) es v i + laneProducts m (beneath k) es v i'
      ≤ es.length * (2 ^ k * b) := by
  induction es generalizing v with
  | nil => simp only [laneProducts, List.length_nil, Nat.zero_mul]; exact Nat.le_refl 0
  | cons e es ih =>
    have hl : (e :: es).length * m = m + es.length * m := by
      rw [List.length_cons, Nat.succ_mul]; omega
    have ih := ih (fun e' h' => he e' (.tail _ h')) (v := fun i => v (m + i))
      (fun i hi => hv (m + i) (by omega))
    have h0 := hv (i % m) (by have := Nat.mod_lt i hm; omega)
    have h1 := hv (i' % m) (by have := Nat.mod_lt i' hm; omega)
    have hw : above k (e (i / m)) + beneath k (e (i / m)) ≤ 2 ^ k := by
      have := he e (.head _) _ hr
      rw [Nat.pow_succ] at this
      simp only [above, beneath]
      omega
    have h2 := Nat.mul_le_mul_left (above k (e (i / m))) h0
    have h3 := Nat.mul_le_mul_left (beneath k (e (i / m))) h1
    have h4 := Nat.mul_le_mul_right b hw
    rw [Nat.add_mul] at h4
    simp only [laneProducts, List.length_cons, Nat.succ_mul, hi] at ih ⊢
    omega

/-- A row's weights are bounded. -/
theorem rowTotal_le {es : List (Nat → Nat)} (he : ∀ e ∈ es, Below (2 ^ (k + 1)) e n) {r : Nat}
    (hr : r < n) : rowTotal (above k) es r + rowTotal (beneath k) es r ≤ es.length * 2 ^ k := by
  induction es with
  | nil => exact Nat.zero_le _
  | cons e es ih =>
    have ih := ih fun e' h' => he e' (.tail _ h')
    have := he e (.head _) r hr
    rw [Nat.pow_succ] at this
    simp only [rowTotal, List.length_cons, Nat.succ_mul, above, beneath] at ih ⊢
    omega

end

end PyOrch
