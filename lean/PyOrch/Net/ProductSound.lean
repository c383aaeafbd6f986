import PyOrch.Net.ProductLanes

/-!
# The packed products are the products

The sums of `PyOrch.Net.Product` combine to the bounds of the rows: `columnsBounds_eq`.
-/

namespace PyOrch

/-- The five groups of sums, one above the other. -/
theorem columnsSum_eq {R k rows : Nat} (hk : k < R) (z : Nat) {es : List (List Nat)}
    (xs : List Interval) (hl : ∀ e ∈ es, e.length = rows) (h : ∀ e ∈ es, LanesLT (2 ^ (k + 1)) e) :
    columnsSum k (R * rows) (fill R 1 rows) z (es.map (pack R)) xs =
      packedSum R (es.map (·.map (· - 2 ^ k))) (xs.map (fun x => offset z x.hi)) + 2 ^ (R * rows) *
        (packedSum R es (xs.map (fun x => offset z x.hi)) + 2 ^ (R * rows) *
          (packedSum R (es.map (·.map (· - 2 ^ k))) (xs.map (fun x => offset z x.lo))
            + 2 ^ (R * rows) * (packedSum R es (xs.map (fun x => offset z x.lo))
              + 2 ^ (R * rows) * packedSum R es (xs.map (fun _ => 1))))) := by
  induction es generalizing xs with
  | nil =>
    simp only [packedSum, List.map_nil, Nat.mul_zero]
    rfl
  | cons e es ih =>
    match xs with
    | [] =>
      simp only [packedSum, List.map_nil, List.map_cons, Nat.mul_zero]
      rfl
    | x :: xs =>
      have hp := positivePart_pack hk (h e (.head _))
      rw [hl e (.head _)] at hp
      have ih := ih xs (fun e' h' => hl e' (.tail _ h')) (fun e' h' => h e' (.tail _ h'))
      simp only [List.map_cons, columnsSum_cons, columnTerm, packedSum, ih, hp, Nat.add_eq,
        Nat.mul_eq]
      generalize offset z x.hi = u
      generalize offset z x.lo = l
      show (_ + (pack R e <<< (R * rows))) * u + (((_ + (pack R e <<< (R * rows))) * l
        + (pack R e <<< (2 * (R * rows)))) <<< (2 * (R * rows))) + _ = _
      simp only [Nat.shiftLeft_eq]
      rw [show 2 * (R * rows) = R * rows + R * rows by omega, Nat.pow_add]
      generalize 2 ^ (R * rows) = W
      clear ih hp hl h hk
      grind

/-- A first column contributes its product to each row. -/
theorem rowsBounds_consColumn (ws : List Int) (rows : List (List Int)) (x : Interval)
    (xs : List Interval) : rowsBounds (consColumn ws rows) (x :: xs)
      = List.zipWith (fun w acc => (x.scale w).add acc) ws (rowsBounds rows xs) := by
  induction ws generalizing rows with
  | nil => cases rows <;> rfl
  | cons w ws ih =>
    match rows with
    | [] => rfl
    | row :: rows => simp only [consColumn, rowsBounds, dotBounds, List.zipWith_cons_cons, ih]

-- One bound of a combined sum, where the weight `e - o` is negative and where it is not.

private theorem step_of_neg {l u e o z n p q r s t : Int} :
    l * 0 + p + (u * e + q) + z * o * (n + 1) - (u * 0 + r + o * (u + s) + z * (1 * e + t))
      = (e - o) * (u - z) + (p + q + z * o * n - (r + o * s + z * t)) := by grind

private theorem step_of_nonneg {l u e o z n p q r s t : Int} :
    l * (e - o) + p + (u * e + q) + z * o * (n + 1)
        - (u * (e - o) + r + o * (u + s) + z * (1 * e + t))
      = (e - o) * (l - z) + (p + q + z * o * n - (r + o * s + z * t)) := by grind

/-- A further column contributes its product to each combined sum. -/
theorem combineSums_step {k z : Nat} {x : Interval} (hlo : -(z : Int) ≤ x.lo)
    (hhi : -(z : Int) ≤ x.hi) (su sl n : Nat) {e l₁ l₂ l₃ l₄ l₅ : List Nat}
    (h₁ : l₁.length = e.length) (h₂ : l₂.length = e.length) (h₃ : l₃.length = e.length)
    (h₄ : l₄.length = e.length) (h₅ : l₅.length = e.length) :
    combineSums z (2 ^ k * (offset z x.hi + su)) (2 ^ k * (offset z x.lo + sl))
        (z * 2 ^ k * (n + 1))
        (List.zipWith (fun e a => offset z x.hi * e + a) (e.map (· - 2 ^ k)) l₁)
        (List.zipWith (fun e a => offset z x.hi * e + a) e l₂)
        (List.zipWith (fun e a => offset z x.lo * e + a) (e.map (· - 2 ^ k)) l₃)
        (List.zipWith (fun e a => offset z x.lo * e + a) e l₄)
        (List.zipWith (fun e a => 1 * e + a) e l₅)
      = List.zipWith (fun w acc => (x.scale w).add acc) (e.map (unoffset k))
          (combineSums z (2 ^ k * su) (2 ^ k * sl) (z * 2 ^ k * n) l₁ l₂ l₃ l₄ l₅) := by
  induction e generalizing l₁ l₂ l₃ l₄ l₅ with
  | nil => simp only [List.map_nil, List.zipWith_nil_left, combineSums]
  | cons e es ih =>
    obtain ⟨a₁, l₁, rfl⟩ := List.exists_cons_of_length_eq_add_one h₁
    obtain ⟨a₂, l₂, rfl⟩ := List.exists_cons_of_length_eq_add_one h₂
    obtain ⟨a₃, l₃, rfl⟩ := List.exists_cons_of_length_eq_add_one h₃
    obtain ⟨a₄, l₄, rfl⟩ := List.exists_cons_of_length_eq_add_one h₄
    obtain ⟨a₅, l₅, rfl⟩ := List.exists_cons_of_length_eq_add_one h₅
    simp only [List.map_cons, List.zipWith_cons_cons, combineSums]
    refine congr (congrArg _ ?_) (ih (Nat.succ.inj h₁) (Nat.succ.inj h₂) (Nat.succ.inj h₃)
      (Nat.succ.inj h₄) (Nat.succ.inj h₅))
    clear ih h₁ h₂ h₃ h₄ h₅
    have eu := offset_eq hhi
    have el := offset_eq hlo
    generalize offset z x.hi = u at *
    generalize offset z x.lo = l at *
    simp only [Nat.add_eq, Nat.mul_eq, fastSubNat_eq, Interval.add]
    have hx : x.lo = l - z := by omega
    have hy : x.hi = u - z := by omega
    rw [unoffset_eq]
    generalize 2 ^ k = o at *
    by_cases hw : (e : Int) - o < 0
    · have hp : ((e - o : Nat) : Int) = 0 := by omega
      simp only [Interval.scale_of_neg hw, hx, hy, Int.natCast_add, Int.natCast_mul, hp,
        Interval.mk.injEq, Int.natCast_one]
      exact ⟨step_of_neg, step_of_neg⟩
    · have hw := Int.not_lt.1 hw
      have hp : ((e - o : Nat) : Int) = (e : Int) - o := by omega
      simp only [Interval.scale_of_nonneg hw, hx, hy, Int.natCast_add, Int.natCast_mul, hp,
        Interval.mk.injEq, Int.natCast_one]
      exact ⟨step_of_nonneg, step_of_nonneg⟩

/-- `sumHi` is the total of the upper factors. -/
theorem sumHi_eq (R z : Nat) (es : List (List Nat)) (xs : List Interval) :
    sumHi z (es.map (pack R)) xs = total es (xs.map (fun x => offset z x.hi)) := by
  induction es generalizing xs with
  | nil => rfl
  | cons e es ih => cases xs with
    | nil => rfl
    | cons x xs => simp only [List.map_cons, sumHi_cons, total, ih]

/-- `sumLo` is the total of the lower factors. -/
theorem sumLo_eq (R z : Nat) (es : List (List Nat)) (xs : List Interval) :
    sumLo z (es.map (pack R)) xs = total es (xs.map (fun x => offset z x.lo)) := by
  induction es generalizing xs with
  | nil => rfl
  | cons e es ih => cases xs with
    | nil => rfl
    | cons x xs => simp only [List.map_cons, sumLo_cons, total, ih]

/-- `columnCount` is the total of ones. -/
theorem columnCount_eq (R : Nat) (es : List (List Nat)) (xs : List Interval) :
    columnCount (es.map (pack R)) xs = total es (xs.map (fun _ => 1)) := by
  induction es generalizing xs with
  | nil => rfl
  | cons e es ih =>
    cases xs with
    | nil => rfl
    | cons x xs => simp only [columnCount_cons, total, List.map_cons, ih]; omega

/-- The total does not depend on the entries. -/
theorem total_map (f : List Nat → List Nat) (es : List (List Nat)) (us : List Nat) :
    total (es.map f) us = total es us := by
  induction es generalizing us with
  | nil => rfl
  | cons e es ih => cases us <;> simp [total, ih]

/-- As many rows as the columns have entries. -/
theorem length_rowsOfColumns {rows : Nat} {cols : List (List Int)}
    (h : ∀ c ∈ cols, c.length = rows) : (rowsOfColumns rows cols).length = rows := by
  have hcons : ∀ (ws : List Int) (m : List (List Int)),
      (consColumn ws m).length = min ws.length m.length := by
    intro ws
    induction ws with
    | nil => intro m; simp [consColumn]
    | cons w ws ih => intro m; cases m <;> simp [consColumn, ih]
  have hempty : ∀ n, (emptyRows n).length = n := by
    intro n
    induction n with
    | zero => rfl
    | succ n ih => simp only [emptyRows, List.length_cons, ih]
  induction cols with
  | nil => exact hempty rows
  | cons c cols ih =>
    rw [rowsOfColumns, hcons, ih (fun c' h' => h c' (.tail _ h')), h c (.head _), Nat.min_self]

/-- Without inputs every product is zero. -/
theorem rowsBounds_nil (rows : List (List Int)) :
    rowsBounds rows [] = List.replicate rows.length ⟨0, 0⟩ := by
  induction rows with
  | nil => rfl
  | cons row rows ih => cases row <;> simp only [rowsBounds, dotBounds, ih, List.length_cons,
      List.replicate_succ]

/-- Sums of nothing combine to zero. -/
theorem combineSums_zero (z n : Nat) :
    combineSums z 0 0 0 (List.replicate n 0) (List.replicate n 0) (List.replicate n 0)
      (List.replicate n 0) (List.replicate n 0) = List.replicate n ⟨0, 0⟩ := by
  induction n with
  | zero => rfl
  | succ n ih => simp only [List.replicate_succ, combineSums, ih]; rfl

/-- The five sums combine to the bounds of the rows. -/
theorem combineSums_lanesSum {k z rows : Nat} {es : List (List Nat)} {xs : List Interval}
    (hz : AllAbove z xs) (hl : ∀ e ∈ es, e.length = rows) :
    combineSums z (2 ^ k * total es (xs.map (fun x => offset z x.hi)))
        (2 ^ k * total es (xs.map (fun x => offset z x.lo)))
        (z * 2 ^ k * total es (xs.map (fun _ => 1)))
        (lanesSum rows (es.map (·.map (· - 2 ^ k))) (xs.map (fun x => offset z x.hi)))
        (lanesSum rows es (xs.map (fun x => offset z x.hi)))
        (lanesSum rows (es.map (·.map (· - 2 ^ k))) (xs.map (fun x => offset z x.lo)))
        (lanesSum rows es (xs.map (fun x => offset z x.lo)))
        (lanesSum rows es (xs.map (fun _ => 1)))
      = rowsBounds (rowsOfColumns rows (es.map (·.map (unoffset k)))) xs := by
  have hlen : ∀ es : List (List Nat), (∀ e ∈ es, e.length = rows) →
      ∀ c ∈ es.map (·.map (unoffset k)), c.length = rows := by
    intro es hl c hc
    simp only [List.mem_map] at hc
    obtain ⟨e, he, rfl⟩ := hc
    rw [List.length_map, hl e he]
  induction es generalizing xs with
  | nil =>
    have : rowsBounds (emptyRows rows) xs = List.replicate rows ⟨0, 0⟩ := by
      clear hlen hl
      induction rows with
      | zero => rfl
      | succ n ih => simp only [emptyRows, rowsBounds, dotBounds, List.replicate_succ, ih]
    simp only [List.map_nil, total, lanesSum, Nat.mul_zero, combineSums_zero, rowsOfColumns, this]
  | cons e es ih =>
    match xs with
    | [] =>
      rw [rowsBounds_nil, length_rowsOfColumns (hlen _ hl)]
      simp only [List.map_nil, List.map_cons, total, lanesSum, Nat.mul_zero, combineSums_zero]
    | x :: xs =>
      have htl := fun e' h' => hl e' (.tail _ h')
      have hx := hz x (.head _)
      have hp : ∀ e' ∈ es.map (·.map (· - 2 ^ k)), e'.length = rows := by
        intro c hc
        simp only [List.mem_map] at hc
        obtain ⟨e', he', rfl⟩ := hc
        rw [List.length_map, htl e' he']
      have he := hl e (.head _)
      simp only [List.map_cons, total, lanesSum, rowsOfColumns]
      rw [rowsBounds_consColumn, ← ih (fun y hy => hz y (.tail _ hy)) htl,
        Nat.add_comm 1 (total es _)]
      exact combineSums_step hx.1 hx.2 _ _ _ (by rw [length_lanesSum _ hp, he])
        (by rw [length_lanesSum _ htl, he]) (by rw [length_lanesSum _ hp, he])
        (by rw [length_lanesSum _ htl, he]) (by rw [length_lanesSum _ htl, he])

/-- The packed products are the bounds of the rows, where the lanes have room. -/
theorem columnsBounds_eq {R k rows : Nat} {es : List (List Nat)} {xs : List Interval}
    (hl : ∀ e ∈ es, e.length = rows) (h : ∀ e ∈ es, LanesLT (2 ^ (k + 1)) e)
    (hroom : hasRoom R k (es.map (pack R)) xs = true) :
    columnsBounds R k rows (fill R 1 rows) (es.map (pack R)) xs
      = rowsBounds (rowsOfColumns rows (es.map (·.map (unoffset k)))) xs := by
  have hz := allAbove_belowTotal xs
  rw [← combineSums_lanesSum hz hl]
  simp only [hasRoom, Nat.ble_eq, Nat.succ_eq_add_one] at hroom
  simp only [columnsBounds, combineLanes_eq, unpack_sumGroup]
  generalize belowTotal xs = z at *
  have hroom : 2 ^ (k + 1) * (columnCount (es.map (pack R)) xs + (sumHi z (es.map (pack R)) xs
    + sumLo z (es.map (pack R)) xs) + 1) ≤ 2 ^ R := hroom
  rw [sumHi_eq, sumLo_eq, columnCount_eq] at hroom
  have hk : k < R := by
    refine Nat.lt_of_not_le fun hle => ?_
    have h1 : 2 ^ R < 2 ^ (k + 1) := Nat.pow_lt_pow_right (by decide) (by omega)
    have h2 := Nat.mul_le_mul_left (2 ^ (k + 1)) (Nat.le_add_left 1 (total es (xs.map fun _ => 1)
      + (total es (xs.map fun x => offset z x.hi) + total es (xs.map fun x => offset z x.lo))))
    rw [Nat.mul_one] at h2
    exact Nat.not_le_of_lt h1 (Nat.le_trans h2 hroom)
  have hpl : ∀ e ∈ es.map (·.map (· - 2 ^ k)), e.length = rows := by
    intro c hc
    simp only [List.mem_map] at hc
    obtain ⟨e, he, rfl⟩ := hc
    rw [List.length_map, hl e he]
  have hplt : ∀ e ∈ es.map (·.map (· - 2 ^ k)), LanesLT (2 ^ (k + 1)) e := by
    intro c hc a ha
    simp only [List.mem_map] at hc
    obtain ⟨e, he, rfl⟩ := hc
    simp only [List.mem_map] at ha
    obtain ⟨b, hb, rfl⟩ := ha
    exact Nat.lt_of_le_of_lt (Nat.sub_le _ _) (h e he b hb)
  have hb : ∀ (es' : List (List Nat)) (us : List Nat), (∀ e ∈ es', LanesLT (2 ^ (k + 1)) e) →
      total es' us ≤ total es (xs.map fun _ => 1) + (total es (xs.map fun x => offset z x.hi)
        + total es (xs.map fun x => offset z x.lo)) → LanesLT (2 ^ R) (lanesSum rows es' us) := by
    intro es' us h' ht a ha
    have hpos := Nat.two_pow_pos (k + 1)
    have h1 := lanesSum_le (b := 2 ^ (k + 1) - 1) us
      (fun e he => by rw [Nat.sub_add_cancel hpos]; exact h' e he) a ha
    have h2 := Nat.mul_le_mul (Nat.sub_le (2 ^ (k + 1)) 1) ht
    rw [Nat.mul_add, Nat.mul_one] at hroom
    exact Nat.lt_of_le_of_lt (Nat.le_trans h1 h2)
      (Nat.lt_of_lt_of_le (Nat.lt_add_of_pos_right hpos) hroom)
  have hi := Nat.le_trans (Nat.le_add_right (total es (xs.map fun x => offset z x.hi))
    (total es (xs.map fun x => offset z x.lo))) (Nat.le_add_left _ (total es (xs.map fun _ => 1)))
  have lo := Nat.le_trans (Nat.le_add_left (total es (xs.map fun x => offset z x.lo))
    (total es (xs.map fun x => offset z x.hi))) (Nat.le_add_left _ (total es (xs.map fun _ => 1)))
  have b₁ := hb _ (xs.map fun x => offset z x.hi) hplt (by rw [total_map]; exact hi)
  have b₂ := hb _ (xs.map fun x => offset z x.hi) h hi
  have b₃ := hb _ (xs.map fun x => offset z x.lo) hplt (by rw [total_map]; exact lo)
  have b₄ := hb _ (xs.map fun x => offset z x.lo) h lo
  have b₅ := hb _ (xs.map fun _ => 1) h (Nat.le_add_right ..)
  clear hi lo hb hroom hplt
  have hs := columnsSum_eq hk z xs hl h
  rw [packedSum_eq R _ hpl, packedSum_eq R _ hl, packedSum_eq R _ hpl, packedSum_eq R _ hl,
    packedSum_eq R _ hl] at hs
  have l₁ := length_lanesSum (xs.map fun x => offset z x.hi) hpl
  have l₂ := length_lanesSum (xs.map fun x => offset z x.hi) hl
  have l₃ := length_lanesSum (xs.map fun x => offset z x.lo) hpl
  have l₄ := length_lanesSum (xs.map fun x => offset z x.lo) hl
  have l₅ := length_lanesSum (xs.map fun _ => 1) hl
  rw [sumHi_eq, sumLo_eq, columnCount_eq]
  generalize lanesSum rows (es.map (·.map (· - 2 ^ k))) (xs.map fun x => offset z x.hi) = m₁ at *
  generalize lanesSum rows es (xs.map fun x => offset z x.hi) = m₂ at *
  generalize lanesSum rows (es.map (·.map (· - 2 ^ k))) (xs.map fun x => offset z x.lo) = m₃ at *
  generalize lanesSum rows es (xs.map fun x => offset z x.lo) = m₄ at *
  generalize lanesSum rows es (xs.map fun _ => 1) = m₅ at *
  have hs' : columnsSum k (R * rows) (fill R 1 rows) z (es.map (pack R)) xs
      = pack R (m₁ ++ (m₂ ++ (m₃ ++ (m₄ ++ (m₅ ++ []))))) := by
    rw [hs]
    simp only [pack_append, l₁, l₂, l₃, l₄, l₅, pack, Nat.mul_zero, Nat.add_zero]
  have u : ∀ {m t : List Nat}, m.length = rows → LanesLT (2 ^ R) m →
      unpack R rows (pack R (m ++ t)) = m ∧ pack R (m ++ t) >>> (R * rows) = pack R t := by
    intro m t hm hlt
    subst hm
    exact ⟨unpack_pack_append hlt t, pack_append_shiftRight hlt t⟩
  simp only [Nat.mul_eq, Nat.zero_mul, Nat.one_mul, Nat.shiftRight_zero]
  rw [hs']
  generalize hS : pack R (m₁ ++ (m₂ ++ (m₃ ++ (m₄ ++ (m₅ ++ []))))) = S
  have s₁ : S >>> (R * rows) = pack R (m₂ ++ (m₃ ++ (m₄ ++ (m₅ ++ [])))) := by
    rw [← hS, (u l₁ b₁).2]
  have s₂ : S >>> (2 * (R * rows)) = pack R (m₃ ++ (m₄ ++ (m₅ ++ []))) := by
    rw [show 2 * (R * rows) = R * rows + R * rows by omega, Nat.shiftRight_add, s₁, (u l₂ b₂).2]
  have s₃ : S >>> (3 * (R * rows)) = pack R (m₄ ++ (m₅ ++ [])) := by
    rw [show 3 * (R * rows) = 2 * (R * rows) + R * rows by omega, Nat.shiftRight_add, s₂,
      (u l₃ b₃).2]
  have s₄ : S >>> (4 * (R * rows)) = pack R (m₅ ++ []) := by
    rw [show 4 * (R * rows) = 3 * (R * rows) + R * rows by omega, Nat.shiftRight_add, s₃,
      (u l₄ b₄).2]
  show combineSums z _ _ _ (unpack R rows S) (unpack R rows (S >>> (R * rows)))
    (unpack R rows (S >>> (2 * (R * rows)))) (unpack R rows (S >>> (3 * (R * rows))))
    (unpack R rows (S >>> (4 * (R * rows)))) = _
  rw [s₁, s₂, s₃, s₄, ← hS, (u l₁ b₁).1, (u l₂ b₂).1, (u l₃ b₃).1, (u l₄ b₄).1, (u l₅ b₅).1]
  rfl

end PyOrch
