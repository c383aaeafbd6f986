import PyOrch.Net.SameClass

/-!
# Teacher and student do not choose the same class

One point of the box refutes it, at which two different outputs are each greatest in one of the
networks: the same one or not. A class chosen by both would have to be each of the two. Two equal
greatest outputs of one network are such a case.
-/

namespace PyOrch

universe u

/-- No entry is above `y`. -/
def allAtMost (y : Int) : List Int → Bool
  | [] => true
  | z :: zs => decide (z ≤ y) && allAtMost y zs

/-- There is an entry `i`, and none is above it. -/
def isGreatest (ys : List Int) : Nat → List Int → Bool
  | 0, y :: _ => allAtMost y ys
  | i + 1, _ :: zs => isGreatest ys i zs
  | _, [] => false

/-- At the point with numerators `x` over `d`, which lies in the box, the outputs `i` and `k`, two
different ones, are each greatest in the teacher or in the student. -/
def refutesClass (T S : Network) (box : Box) (i k : Nat) (x : List Int) (d : Nat) : Bool :=
  isPoint T S box x d && !Nat.beq i k
    && noClass i k (T.evalExact (x, d)).1 (S.evalExact (x, d)).1
where
  /-- Each of `i` and `k` is greatest in one of the lists. -/
  noClass (i k : Nat) (ys zs : List Int) : Bool :=
    (isGreatest ys i ys || isGreatest zs i zs) && (isGreatest ys k ys || isGreatest zs k zs)

variable {α : Type u} [OrderedField α]

/-- `allAtMost` means every entry. -/
theorem le_of_allAtMost {y : Int} {zs : List Int} (h : allAtMost y zs = true) :
    ∀ z ∈ zs, z ≤ y := by
  induction zs with
  | nil => exact nofun
  | cons z zs ih =>
    rw [allAtMost, Bool.and_eq_true, decide_eq_true_eq] at h
    simp only [List.forall_mem_cons]
    exact ⟨h.1, ih h.2⟩

/-- `isGreatest` finds the entry. -/
theorem exists_of_isGreatest {i : Nat} {ys zs : List Int} (h : isGreatest ys i zs = true) :
    ∃ y, zs[i]? = some y ∧ ∀ z ∈ ys, z ≤ y := by
  induction i generalizing zs with
  | zero => match zs, h with
    | y :: zs, h => exact ⟨y, rfl, le_of_allAtMost h⟩
  | succ i ih => match zs, h with
    | _ :: zs, h => exact ih h

/-- Only a greatest output can win. -/
theorem eq_of_wins_of_isGreatest {i c d : Nat} (hd : 0 < d) {ys : List Int}
    (h : isGreatest ys i ys = true) (hw : Wins c (rationalPoint (ys, d) : List α)) : c = i := by
  have hd := natCast_pos (α := α) hd
  obtain ⟨y, hy, hle⟩ := exists_of_isGreatest h
  obtain ⟨z, hz, hw⟩ := hw
  rw [rationalPoint, List.getElem?_map] at hz
  obtain ⟨n, hn, rfl⟩ := Option.map_eq_some_iff.1 hz
  refine Classical.byContradiction fun hne => ?_
  have h1 : (y : α) / (d : α) < (n : α) / (d : α) :=
    hw i _ (by rw [rationalPoint, List.getElem?_map, hy]; rfl) (Ne.symm hne)
  have h2 := intCast_le (α := α) (hle n (List.mem_of_getElem? hn))
  have h3 : (n : α) / (d : α) ≤ (y : α) / (d : α) := by
    rw [div_le_iff hd, div_mul_cancel hd]
    exact h2
  exact Std.not_le.2 h1 h3

/-- Where a greatest output of one network and a different one of either are named, no class is
chosen by both. -/
theorem not_sameClass_of_noClass {i k dy dz : Nat} (hdy : 0 < dy) (hdz : 0 < dz)
    (hne : i ≠ k) {ys zs : List Int} (h : refutesClass.noClass i k ys zs = true) :
    ¬ SameClass (rationalPoint (ys, dy) : List α) (rationalPoint (zs, dz)) := by
  rintro ⟨c, hT, hS⟩
  have key : ∀ j, (isGreatest ys j ys || isGreatest zs j zs) = true → c = j := by
    intro j hj
    rw [Bool.or_eq_true] at hj
    rcases hj with hj | hj
    · exact eq_of_wins_of_isGreatest hdy hj hT
    · exact eq_of_wins_of_isGreatest hdz hj hS
  rw [refutesClass.noClass, Bool.and_eq_true] at h
  exact hne ((key i h.1).symm.trans (key k h.2))

/-- A refutation: where `refutesClass` accepts, teacher and student do not choose the same class
everywhere on the box. -/
theorem not_sameClass_of_refutesClass {T S : Network} {box : Box} (i k : Nat) (x : List Int)
    (d : Nat) (h : refutesClass T S box i k x d = true) :
    ¬ ∀ x : List α, box.Mem x → SameClass (T.eval x) (S.eval x) := by
  simp only [refutesClass, Bool.and_eq_true, Bool.not_eq_true'] at h
  obtain ⟨⟨hp, hne⟩, h⟩ := h
  obtain ⟨hx, ⟨hT, hdT⟩, hS, hdS⟩ := spec_of_isPoint (α := α) hp
  intro hc
  have hc := hc _ hx
  rw [hT, hS] at hc
  refine not_sameClass_of_noClass hdT hdS (fun e => ?_) h hc
  rw [e, Nat.beq_refl] at hne
  cases hne

end PyOrch
