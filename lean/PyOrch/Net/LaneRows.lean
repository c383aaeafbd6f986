import PyOrch.Net.LaneProducts

/-!
# Sums of products in lanes are the bounds of the rows

A lane of a row adds the products with the weights above zero and, from the other half of its group,
those with the weights beneath: `lanesHold_rowsBounds`.
-/

namespace PyOrch

section
variable {B b k : Nat}

/-- The sum of products in each lane, where a negative weight meets the other half. -/
noncomputable def rowLanes (B k : Nat) (es : List (Nat → Nat)) (v : Nat → Nat) (i : Nat) : Nat :=
  laneProducts (B + B) (above k) es v i + swapped B (laneProducts (B + B) (beneath k) es v) i

/-- The two lanes of an entry in a sum of products. -/
theorem rowLanes_apply (hb : b < B) (es : List (Nat → Nat)) (v : Nat → Nat) (r : Nat) :
    rowLanes B k es v (r * (B + B) + b)
        = laneProducts (B + B) (above k) es v (r * (B + B) + b)
          + laneProducts (B + B) (beneath k) es v (r * (B + B) + B + b) ∧
      rowLanes B k es v (r * (B + B) + B + b)
        = laneProducts (B + B) (above k) es v (r * (B + B) + B + b)
          + laneProducts (B + B) (beneath k) es v (r * (B + B) + b) := by
  have h := swapped_apply (j := r) hb (laneProducts (B + B) (beneath k) es v)
  rw [rowLanes, rowLanes, h.1, h.2]
  exact ⟨rfl, rfl⟩

/-- Lanes further up. -/
theorem LanesHold.shift {z : Nat → Int} {v : Nat → Nat} {j : Nat} {xs : List Interval}
    (h : LanesHold B z v b (j + 1) xs) :
    LanesHold B (fun i => z (i + 1)) (fun i => v (B + B + i)) b j xs := by
  induction xs generalizing j with
  | nil => trivial
  | cons x xs ih =>
    refine ⟨?_, ih h.2⟩
    have h := h.1
    simp only [LanesAt, Nat.succ_mul] at h ⊢
    rw [show B + B + (j * (B + B) + b) = j * (B + B) + (B + B) + b by omega,
      show B + B + (j * (B + B) + B + b) = j * (B + B) + (B + B) + B + b by omega]
    exact h

/-- One column more. -/
theorem LanesAt.cons {z Z : Int} {es : List (Nat → Nat)} {e v : Nat → Nat} {r : Nat}
    {x acc : Interval} (hb : b < B) (hx : LanesAt B z v b 0 x)
    (h : LanesAt B Z (rowLanes B k es fun i => v (B + B + i)) b r acc) :
    LanesAt B (z * (above k (e r) + beneath k (e r) : Nat) + Z) (rowLanes B k (e :: es) v) b r
      ((x.scale (unoffset k (e r))).add acc) := by
  have i₁ := lane_index (j := r) (k := b) (m := B + B) (by omega)
  have i₂ := lane_index (j := r) (k := B + b) (m := B + B) (by omega)
  rw [← Nat.add_assoc] at i₂
  have l := rowLanes_apply (k := k) (r := r) hb (e :: es) v
  have l' := rowLanes_apply (k := k) (r := r) hb es fun i => v (B + B + i)
  simp only [LanesAt, Nat.zero_mul, Nat.zero_add] at hx h ⊢
  rw [l.1, l.2]
  rw [l'.1, l'.2] at h
  simp only [laneProducts, i₁.1, i₁.2, i₂.1, i₂.2, Interval.add]
  obtain ⟨h₁, h₂⟩ := h
  obtain ⟨x₁, x₂⟩ := hx
  have hi : x.hi = v b - z := by omega
  have lo : x.lo = z - v (B + b) := by omega
  rw [unoffset_eq]
  simp only [above, beneath]
  generalize e r = w at *
  generalize 2 ^ k = o at *
  simp only [Int.natCast_add] at h₁ h₂
  by_cases hw : (w : Int) - o < 0
  · have p : w - o = 0 := by omega
    have q : ((o - w : Nat) : Int) = (o : Int) - w := by omega
    simp only [Interval.scale_of_neg hw, hi, lo, p, Int.natCast_add, Int.natCast_mul, q,
      Nat.zero_mul, Nat.zero_add]
    clear l l' i₁ i₂ x₁ x₂ hi lo p q hw hb
    constructor <;> simp only [Int.mul_sub, Int.sub_mul, Int.mul_comm] <;> omega
  · have hw := Int.not_lt.1 hw
    have p : ((w - o : Nat) : Int) = (w : Int) - o := by omega
    have q : o - w = 0 := by omega
    simp only [Interval.scale_of_nonneg hw, hi, lo, q, Int.natCast_add, Int.natCast_mul, p,
      Nat.zero_mul, Nat.add_zero, Nat.zero_add]
    clear l l' i₁ i₂ x₁ x₂ hi lo p q hw hb
    constructor <;> simp only [Int.mul_sub, Int.sub_mul, Int.mul_comm] <;> omega

/-- The lanes of the sum of products hold the bounds of the rows, moved by `z` times the row's
absolute weights. -/
theorem lanesHold_rowsBounds {z : Int} (n : Nat) {es : List (Nat → Nat)} {v : Nat → Nat}
    {xs : List Interval} (hb : b < B) (hl : xs.length = es.length)
    (h : LanesHold B (fun _ => z) v b 0 xs) :
    LanesHold B (fun r => z * (rowTotal (above k) es r + rowTotal (beneath k) es r : Nat))
      (rowLanes B k es v) b 0
      (rowsBounds (rowsOfColumns n (es.map (weightsFrom k · 0 n))) xs) := by
  induction es generalizing v xs with
  | nil =>
    match xs, hl with
    | [], _ =>
      have key : ∀ n r, LanesHold B (fun _ => z * ((0 + 0 : Nat) : Int)) (fun _ => 0 + 0) b r
          (rowsBounds (emptyRows n) []) := by
        intro n
        induction n with
        | zero => intro r; trivial
        | succ n ih =>
          intro r
          refine ⟨?_, ih (r + 1)⟩
          simp only [LanesAt, dotBounds]
          constructor <;> simp
      have e : rowLanes B k [] v = fun _ => 0 + 0 := by
        funext i
        simp only [rowLanes, laneProducts, swapped]
        split <;> rfl
      rw [e]
      exact key n 0
  | cons e es ih =>
    match xs, hl, h with
    | x :: xs, hl, h =>
      have ih := ih (v := fun i => v (B + B + i)) (Nat.succ.inj hl) h.2.shift
      rw [List.map_cons, rowsOfColumns, rowsBounds_consColumn]
      revert ih
      have len : (rowsBounds (rowsOfColumns n (es.map (weightsFrom k · 0 n))) xs).length = n := by
        have hlen : ∀ c ∈ es.map (weightsFrom k · 0 n), c.length = n := by
          intro c hc
          simp only [List.mem_map] at hc
          obtain ⟨e', _, rfl⟩ := hc
          have : ∀ n r, (weightsFrom k e' r n).length = n := by
            intro n
            induction n with
            | zero => intro r; rfl
            | succ n ih => intro r; simp only [weightsFrom, List.length_cons, ih]
          exact this n 0
        have : ∀ M : List (List Int), (rowsBounds M xs).length = M.length := by
          intro M
          induction M with
          | nil => rfl
          | cons r M ih => simp only [rowsBounds, List.length_cons, ih]
        rw [this, length_rowsOfColumns hlen]
      generalize rowsBounds (rowsOfColumns n (es.map (weightsFrom k · 0 n))) xs = accs at len ⊢
      have key : ∀ (n r : Nat) (accs : List Interval), accs.length = n →
          LanesHold B (fun r => z * (rowTotal (above k) es r + rowTotal (beneath k) es r : Nat))
            (rowLanes B k es fun i => v (B + B + i)) b r accs →
          LanesHold B (fun r => z * (rowTotal (above k) (e :: es) r
              + rowTotal (beneath k) (e :: es) r : Nat)) (rowLanes B k (e :: es) v) b r
            (List.zipWith (fun w acc => (x.scale w).add acc) (weightsFrom k e r n) accs) := by
        intro n
        induction n with
        | zero => intro r accs _ _; trivial
        | succ n ih =>
          intro r accs hlen hold
          match accs, hlen, hold with
          | acc :: accs, hlen, hold =>
            refine ⟨?_, ih (r + 1) accs (Nat.succ.inj hlen) hold.2⟩
            have := LanesAt.cons (k := k) (e := e) (z := z) hb h.1 hold.1
            rw [← Int.mul_add, ← Int.natCast_add] at this
            have i : above k (e r) + beneath k (e r)
                + (rowTotal (above k) es r + rowTotal (beneath k) es r)
                = rowTotal (above k) (e :: es) r + rowTotal (beneath k) (e :: es) r := by
              simp only [rowTotal]; omega
            rwa [i] at this
      exact key n 0 accs len

end

end PyOrch
