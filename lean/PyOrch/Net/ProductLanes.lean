import PyOrch.Net.Product

/-!
# Offsets, positive parts and sums, lane by lane

What the numbers of `PyOrch.Net.Product` hold in their lanes.
-/

namespace PyOrch

/-- `unoffset` takes the offset away. -/
theorem unoffset_eq (k e : Nat) : unoffset k e = (e : Int) - ((2 ^ k : Nat) : Int) :=
  fastSubNat_eq e (2 ^ k)

/-- `offset` adds `z`. -/
theorem offset_eq {z : Nat} {i : Int} (h : -(z : Int) ≤ i) : (offset z i : Int) = i + z := by
  cases i with
  | ofNat n =>
    show ((n + z : Nat) : Int) = _
    rw [Int.ofNat_eq_natCast]; omega
  | negSucc n =>
    show ((z - (n + 1) : Nat) : Int) = _
    omega

/-- `below` measures how far an integer is below zero. -/
theorem neg_below_le (i : Int) : -(below i : Int) ≤ i := by
  cases i with
  | ofNat n =>
    show -((0 : Nat) : Int) ≤ _
    rw [Int.ofNat_eq_natCast]; omega
  | negSucc n =>
    show -((n + 1 : Nat) : Int) ≤ _
    omega

/-- Every bound of every interval is at least `-z`. -/
def AllAbove (z : Nat) (xs : List Interval) : Prop :=
  ∀ x ∈ xs, -(z : Int) ≤ x.lo ∧ -(z : Int) ≤ x.hi

/-- The lower bound may be lowered. -/
theorem AllAbove.mono {z z' : Nat} {xs : List Interval} (h : AllAbove z xs) (hz : z ≤ z') :
    AllAbove z' xs := fun x hx => by have := h x hx; omega

/-- `belowTotal` is enough for all intervals. -/
theorem allAbove_belowTotal (xs : List Interval) : AllAbove (belowTotal xs) xs := by
  induction xs with
  | nil => intro x hx; cases hx
  | cons x xs ih =>
    have h1 := neg_below_le x.lo
    have h2 := neg_below_le x.hi
    rw [belowTotal_cons]
    intro y hy
    cases hy with
    | head => omega
    | tail _ hy => have := ih y hy; omega

/-- A lane's positive part: `e - 2 ^ k`, cut off at zero. -/
theorem positivePart_lane {k e : Nat} (h : e < 2 ^ (k + 1)) :
    e &&& (e >>> k % 2) * (2 ^ k - 1) = e - 2 ^ k := by
  rw [Nat.shiftRight_eq_div_pow]
  rw [Nat.pow_succ] at h
  rcases Nat.lt_or_ge e (2 ^ k) with hlt | hge
  · rw [Nat.div_eq_of_lt hlt, Nat.zero_mod, Nat.zero_mul, Nat.and_zero]; omega
  · rw [show e / 2 ^ k = 1 by
      apply Nat.div_eq_of_lt_le <;> omega, Nat.one_mod, Nat.one_mul,
      Nat.and_two_pow_sub_one_eq_mod, Nat.mod_eq_sub_mod hge, Nat.mod_eq_of_lt (by omega)]

/-- A list zipped with its own image. -/
theorem zipWith_map_self {α β γ : Type} (f : α → β → γ) (g : α → β) (l : List α) :
    List.zipWith f l (l.map g) = l.map (fun a => f a (g a)) := by
  induction l with
  | nil => rfl
  | cons a l ih => simp only [List.map_cons, List.zipWith_cons_cons, ih]

/-- `positivePart` acts on each lane. -/
theorem positivePart_pack {R k : Nat} (hk : k < R) {es : List Nat}
    (h : LanesLT (2 ^ (k + 1)) es) :
    positivePart k (fill R 1 es.length) (pack R es) = pack R (es.map (· - 2 ^ k)) := by
  have hR : 2 ^ (k + 1) ≤ 2 ^ R := Nat.pow_le_pow_right (by decide) hk
  have hes := h.mono hR
  have hone : fill R 1 es.length = fill R (2 ^ 1 - 1) es.length := rfl
  show pack R es &&& ((pack R es >>> k) &&& fill R 1 es.length) * (2 ^ k - 1) = _
  rw [hone, and_fill (by omega), digits_shiftRight hk hes, Nat.mul_comm, mul_pack, List.map_map,
    and_pack (by simp only [List.length_map]) hes, zipWith_map_self]
  · congr 1
    apply List.map_congr_left
    intro e he
    rw [Function.comp, Nat.mul_comm]
    exact positivePart_lane (h e he)
  · intro a ha
    simp only [List.mem_map, Function.comp] at ha
    obtain ⟨e, _, rfl⟩ := ha
    have h1 : e >>> k % 2 ≤ 1 := by omega
    have h2 : 2 ^ k ≤ 2 ^ R := Nat.pow_le_pow_right (by decide) (Nat.le_of_lt hk)
    have h3 := Nat.mul_le_mul_left (2 ^ k - 1) h1
    have h4 := Nat.two_pow_pos k
    omega

/-- The columns' multiples, lane by lane, summed. -/
noncomputable def lanesSum (rows : Nat) : List (List Nat) → List Nat → List Nat
  | e :: es, u :: us => List.zipWith (fun e a => u * e + a) e (lanesSum rows es us)
  | _, _ => List.replicate rows 0

/-- A sum for each row. -/
theorem length_lanesSum {rows : Nat} {es : List (List Nat)} (us : List Nat)
    (h : ∀ e ∈ es, e.length = rows) : (lanesSum rows es us).length = rows := by
  induction es generalizing us with
  | nil => simp only [lanesSum, List.length_replicate]
  | cons e es ih =>
    match us with
    | [] => simp only [lanesSum, List.length_replicate]
    | u :: us =>
      simp only [lanesSum, List.length_zipWith, ih us (fun e' h' => h e' (.tail _ h')),
        h e (.head _), Nat.min_self]

/-- The sum of the factors that meet a column. -/
def total : List (List Nat) → List Nat → Nat
  | _ :: es, u :: us => u + total es us
  | _, _ => 0

/-- The multiples of packed columns, summed. -/
def packedSum (R : Nat) : List (List Nat) → List Nat → Nat
  | e :: es, u :: us => u * pack R e + packedSum R es us
  | _, _ => 0

/-- Zeros pack to zero. -/
theorem pack_replicate_zero (R n : Nat) : pack R (List.replicate n 0) = 0 := by
  induction n with
  | zero => rfl
  | succ n ih => simp only [List.replicate_succ, pack, ih, Nat.mul_zero]

/-- The sum of packed columns packs the sums of the lanes. -/
theorem packedSum_eq (R : Nat) {rows : Nat} {es : List (List Nat)} (us : List Nat)
    (h : ∀ e ∈ es, e.length = rows) : packedSum R es us = pack R (lanesSum rows es us) := by
  induction es generalizing us with
  | nil => simp only [packedSum, lanesSum, pack_replicate_zero]
  | cons e es ih =>
    match us with
    | [] => simp only [packedSum, lanesSum, pack_replicate_zero]
    | u :: us =>
      have htl := fun e' h' => h e' (.tail _ h')
      have hl := length_lanesSum us htl
      rw [packedSum, lanesSum, ih us htl, mul_pack, pack_add
        (by rw [List.length_map, hl, h e (.head _)]), List.zipWith_map_left]

/-- No lane exceeds the largest entry times the sum of the factors. -/
theorem lanesSum_le {b rows : Nat} {es : List (List Nat)} (us : List Nat)
    (h : ∀ e ∈ es, LanesLT (b + 1) e) : ∀ a ∈ lanesSum rows es us, a ≤ b * total es us := by
  induction es generalizing us with
  | nil =>
    intro a ha
    simp only [lanesSum] at ha
    rw [List.eq_of_mem_replicate ha]; exact Nat.zero_le _
  | cons e es ih =>
    match us with
    | [] =>
      intro a ha
      simp only [lanesSum] at ha
      rw [List.eq_of_mem_replicate ha]; exact Nat.zero_le _
    | u :: us =>
      have ih := ih us (fun e' h' => h e' (.tail _ h'))
      have he := h e (.head _)
      intro a ha
      simp only [lanesSum] at ha
      generalize lanesSum rows es us = t at ih ha
      clear h
      induction e generalizing t with
      | nil => simp only [List.zipWith_nil_left, List.not_mem_nil] at ha
      | cons x e ihe =>
        match t with
        | [] => simp only [List.zipWith_nil_right, List.not_mem_nil] at ha
        | y :: t =>
          simp only [List.zipWith_cons_cons, List.mem_cons] at ha
          rcases ha with rfl | ha
          · have h1 := he x (.head _)
            have h2 := ih y (.head _)
            have h3 : u * x ≤ u * b := Nat.mul_le_mul_left u (by omega)
            rw [total, Nat.mul_add, Nat.mul_comm b u]
            omega
          · exact ihe (fun z hz => he z (.tail _ hz)) t (fun z hz => ih z (.tail _ hz)) ha

end PyOrch
