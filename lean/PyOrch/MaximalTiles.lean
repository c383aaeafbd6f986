import PyOrch.Sram

/-!
# All maximal tiles

For a fixed inner dimension `k` and sizes `m` and `n` that are multiples of a step up to limits, the
tiles that fit lie below a staircase of maximal ones. `IsStaircase` checks a list of those: one
tile that fits for each step, and one that does not in each inner corner. Nothing is missing then
(`IsStaircase.isMaximal_iff`, `IsStaircase.fits_iff`).
-/

namespace PyOrch

/-- The tiles in question: `m × n` with the inner dimension `k`, where `m` and `n` are multiples of
`step` up to `mLimit` and `nLimit`. -/
structure TileGrid where
  /-- The inner dimension. -/
  k : Nat
  /-- `m` and `n` are multiples of it. -/
  step : Nat
  /-- The greatest `m`. -/
  mLimit : Nat
  /-- The greatest `n`. -/
  nLimit : Nat

/-- `m × n` is one of the tiles in question, and is not empty. -/
structure TileGrid.Mem (g : TileGrid) (m n : Nat) : Prop where
  /-- `m` is a multiple of the step. -/
  step_dvd_m : g.step ∣ m
  /-- `n` is a multiple of the step. -/
  step_dvd_n : g.step ∣ n
  /-- `m` is positive. -/
  m_pos : 0 < m
  /-- `n` is positive. -/
  n_pos : 0 < n
  /-- `m` is within its limit. -/
  m_le : m ≤ g.mLimit
  /-- `n` is within its limit. -/
  n_le : n ≤ g.nLimit

/-- `m × n` is one of the tiles in question and fits; one more step in either direction leaves them,
or does not fit. -/
structure TileGrid.IsMaximal (g : TileGrid) (f : TileFormat) (capacity m n : Nat) : Prop where
  /-- It is one of the tiles in question. -/
  mem : g.Mem m n
  /-- It fits. -/
  fits : TileFits f capacity m n g.k
  /-- `m` cannot grow. -/
  m_maximal : g.Mem (m + g.step) n → ¬ TileFits f capacity (m + g.step) n g.k
  /-- `n` cannot grow. -/
  n_maximal : g.Mem m (n + g.step) → ¬ TileFits f capacity m (n + g.step) g.k

/-- The tiles, in the order of growing `m` and shrinking `n`, form the staircase to the right of
`m₀` and below `nBound`: each is in question and fits, and in each corner between two of them, and
at both ends, the tile one step outside does not fit, or is beyond the limits. -/
def IsStaircase (g : TileGrid) (f : TileFormat) (capacity : Nat) :
    (m₀ nBound : Nat) → List (Nat × Nat) → Prop
  | m₀, _, [] =>
    g.mLimit < m₀ + g.step ∨ g.nLimit < g.step ∨ ¬ TileFits f capacity (m₀ + g.step) g.step g.k
  | m₀, nBound, (m, n) :: tiles =>
    (g.step ∣ m ∧ g.step ∣ n ∧ 0 < n ∧ m₀ < m ∧ m ≤ g.mLimit ∧ n < nBound ∧
      TileFits f capacity m n g.k ∧
      (g.nLimit < n + g.step ∨ ¬ TileFits f capacity (m₀ + g.step) (n + g.step) g.k)) ∧
    IsStaircase g f capacity m n tiles

/-- A staircase is checked tile by tile. -/
def decideStaircase (g : TileGrid) (f : TileFormat) (capacity : Nat) :
    (m₀ nBound : Nat) → (tiles : List (Nat × Nat)) →
      Decidable (IsStaircase g f capacity m₀ nBound tiles)
  | _, _, [] => inferInstanceAs (Decidable (_ ∨ _ ∨ _))
  | _, _, (m, n) :: tiles =>
    have : Decidable (IsStaircase g f capacity m n tiles) := decideStaircase g f capacity m n tiles
    inferInstanceAs (Decidable (_ ∧ _))

instance (g : TileGrid) (f : TileFormat) (capacity m₀ nBound : Nat) (tiles : List (Nat × Nat)) :
    Decidable (IsStaircase g f capacity m₀ nBound tiles) :=
  decideStaircase g f capacity m₀ nBound tiles

/-- The whole staircase, of all tiles in question. -/
def IsWholeStaircase (g : TileGrid) (f : TileFormat) (capacity : Nat) (tiles : List (Nat × Nat)) :
    Prop := 0 < g.step ∧ IsStaircase g f capacity 0 (g.nLimit + 1) tiles

instance (g : TileGrid) (f : TileFormat) (capacity : Nat) (tiles : List (Nat × Nat)) :
    Decidable (IsWholeStaircase g f capacity tiles) := inferInstanceAs (Decidable (_ ∧ _))

/-- A multiple above another one is at least a step above it. -/
theorem add_step_le_of_lt {step a b : Nat} (ha : step ∣ a) (hb : step ∣ b) (h : a < b) :
    a + step ≤ b := by
  obtain ⟨i, rfl⟩ := ha
  obtain ⟨j, rfl⟩ := hb
  have hij : i + 1 ≤ j := Nat.lt_of_mul_lt_mul_left h
  calc step * i + step = step * (i + 1) := (Nat.mul_succ step i).symm
    _ ≤ step * j := Nat.mul_le_mul_left step hij

variable {g : TileGrid} {f : TileFormat} {capacity m₀ nBound : Nat} {tiles : List (Nat × Nat)}

/-- The tiles of a staircase. -/
theorem IsStaircase.of_mem (h : IsStaircase g f capacity m₀ nBound tiles) {t : Nat × Nat}
    (ht : t ∈ tiles) : (g.step ∣ t.1 ∧ g.step ∣ t.2 ∧ 0 < t.2 ∧ m₀ < t.1 ∧ t.1 ≤ g.mLimit ∧
      t.2 < nBound) ∧ TileFits f capacity t.1 t.2 g.k := by
  induction tiles generalizing m₀ nBound with
  | nil => cases ht
  | cons head tiles ih =>
    obtain ⟨⟨h1, h2, h3, h4, h5, h6, hfits, -⟩, hrest⟩ := h
    rcases List.mem_cons.1 ht with rfl | ht
    · exact ⟨⟨h1, h2, h3, h4, h5, h6⟩, hfits⟩
    · obtain ⟨⟨h1', h2', h3', h4', h5', h6'⟩, hfits'⟩ := ih hrest ht
      exact ⟨⟨h1', h2', h3', Nat.lt_trans h4 h4', h5', Nat.lt_trans h6' h6⟩, hfits'⟩

/-- Of two tiles of a staircase, neither contains the other. -/
theorem IsStaircase.eq_of_le (h : IsStaircase g f capacity m₀ nBound tiles) {s t : Nat × Nat}
    (hs : s ∈ tiles) (ht : t ∈ tiles) (h1 : s.1 ≤ t.1) (h2 : s.2 ≤ t.2) : s = t := by
  induction tiles generalizing m₀ nBound with
  | nil => cases hs
  | cons head tiles ih =>
    have hrest := h.2
    rcases List.mem_cons.1 hs with rfl | hs' <;> rcases List.mem_cons.1 ht with rfl | ht'
    · rfl
    · have := (hrest.of_mem ht').1
      omega
    · have := (hrest.of_mem hs').1
      omega
    · exact ih hrest hs' ht'

/-- A staircase leaves out nothing to its right. -/
theorem IsStaircase.exists_of_fits (h : IsStaircase g f capacity m₀ nBound tiles)
    (hm₀ : g.step ∣ m₀) {m n : Nat} (hmem : g.Mem m n) (hm : m₀ < m)
    (hfits : TileFits f capacity m n g.k) : ∃ t ∈ tiles, m ≤ t.1 ∧ n ≤ t.2 := by
  induction tiles generalizing m₀ nBound with
  | nil =>
    have hstep := add_step_le_of_lt hm₀ hmem.step_dvd_m hm
    have hone := Nat.le_of_dvd hmem.n_pos hmem.step_dvd_n
    rcases h with h | h | h
    · exact absurd (Nat.le_trans hstep hmem.m_le) (Nat.not_le.2 h)
    · exact absurd (Nat.le_trans hone hmem.n_le) (Nat.not_le.2 h)
    · exact absurd (hfits.mono hstep hone (Nat.le_refl _)) h
  | cons head tiles ih =>
    obtain ⟨⟨h1, h2, -, -, -, -, -, hcorner⟩, hrest⟩ := h
    by_cases hright : head.1 < m
    · obtain ⟨t, ht, hle⟩ := ih hrest h1 hright
      exact ⟨t, List.mem_cons_of_mem _ ht, hle⟩
    · by_cases hbelow : n ≤ head.2
      · exact ⟨head, List.mem_cons_self .., Nat.not_lt.1 hright, hbelow⟩
      · have hstep := add_step_le_of_lt h2 hmem.step_dvd_n (Nat.not_le.1 hbelow)
        rcases hcorner with hcorner | hcorner
        · exact absurd (Nat.le_trans hstep hmem.n_le) (Nat.not_le.2 hcorner)
        · exact absurd (hfits.mono (add_step_le_of_lt hm₀ hmem.step_dvd_m hm) hstep
            (Nat.le_refl _)) hcorner

/-- The tiles of a whole staircase are in question and fit. -/
theorem IsWholeStaircase.mem_and_fits (h : IsWholeStaircase g f capacity tiles) {t : Nat × Nat}
    (ht : t ∈ tiles) : g.Mem t.1 t.2 ∧ TileFits f capacity t.1 t.2 g.k := by
  obtain ⟨⟨h1, h2, h3, h4, h5, h6⟩, hfits⟩ := h.2.of_mem ht
  exact ⟨⟨h1, h2, h4, h3, h5, Nat.le_of_lt_succ h6⟩, hfits⟩

/-- **What fits**: of the tiles in question exactly those that lie below one of the staircase. -/
theorem IsWholeStaircase.fits_iff (h : IsWholeStaircase g f capacity tiles) {m n : Nat}
    (hmem : g.Mem m n) : TileFits f capacity m n g.k ↔ ∃ t ∈ tiles, m ≤ t.1 ∧ n ≤ t.2 := by
  constructor
  · exact h.2.exists_of_fits (Nat.dvd_zero _) hmem hmem.m_pos
  · rintro ⟨t, ht, h1, h2⟩
    exact (h.mem_and_fits ht).2.mono h1 h2 (Nat.le_refl _)

/-- **The Pareto set**: the tiles of the staircase are the maximal ones, all of them. -/
theorem IsWholeStaircase.isMaximal_iff (h : IsWholeStaircase g f capacity tiles) (m n : Nat) :
    g.IsMaximal f capacity m n ↔ (m, n) ∈ tiles := by
  constructor
  · intro hmax
    obtain ⟨t, ht, h1, h2⟩ := (h.fits_iff hmax.mem).1 hmax.fits
    obtain ⟨hmem, hfits⟩ := h.mem_and_fits ht
    have hm : m = t.1 := by
      refine Nat.le_antisymm h1 (Nat.not_lt.1 fun hlt => ?_)
      have hstep := add_step_le_of_lt hmax.mem.step_dvd_m hmem.step_dvd_m hlt
      exact hmax.m_maximal ⟨Nat.dvd_add hmax.mem.step_dvd_m (Nat.dvd_refl _),
        hmax.mem.step_dvd_n, Nat.add_pos_left hmax.mem.m_pos _, hmax.mem.n_pos,
        Nat.le_trans hstep hmem.m_le, hmax.mem.n_le⟩ (hfits.mono hstep h2 (Nat.le_refl _))
    have hn : n = t.2 := by
      refine Nat.le_antisymm h2 (Nat.not_lt.1 fun hlt => ?_)
      have hstep := add_step_le_of_lt hmax.mem.step_dvd_n hmem.step_dvd_n hlt
      exact hmax.n_maximal ⟨hmax.mem.step_dvd_m,
        Nat.dvd_add hmax.mem.step_dvd_n (Nat.dvd_refl _), hmax.mem.m_pos,
        Nat.add_pos_left hmax.mem.n_pos _, hmax.mem.m_le,
        Nat.le_trans hstep hmem.n_le⟩ (hfits.mono h1 hstep (Nat.le_refl _))
    subst hm hn
    exact ht
  · intro ht
    obtain ⟨hmem, hfits⟩ := h.mem_and_fits ht
    refine ⟨hmem, hfits, fun hmem' hfits' => ?_, fun hmem' hfits' => ?_⟩
    · obtain ⟨t, ht', h1, h2⟩ := (h.fits_iff hmem').1 hfits'
      have heq := h.2.eq_of_le ht ht' (Nat.le_trans (Nat.le_add_right ..) h1) h2
      have hstep := h.1
      rw [← heq] at h1
      omega
    · obtain ⟨t, ht', h1, h2⟩ := (h.fits_iff hmem').1 hfits'
      have heq := h.2.eq_of_le ht ht' h1 (Nat.le_trans (Nat.le_add_right ..) h2)
      have hstep := h.1
      rw [← heq] at h2
      omega

end PyOrch
