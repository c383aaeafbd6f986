import PyOrch.Net.LaneCheck

/-!
# Any number of boxes, batch by batch

`Batch.checkAll` accepts a list of boxes where the bounds prove teacher and student to be close on
each of them: `check_of_checkAll` says that it accepts nothing that `check` would not.
-/

namespace PyOrch

namespace Batch

noncomputable section
variable (F : Batch)

/-- So many of the boxes, and the box `b` as often as there are too few. -/
def take (b : Box) (n : Nat) : List Box → List Box :=
  Nat.rec (fun _ => []) (fun _ ih bs => List.rec (b :: ih []) (fun c cs _ => c :: ih cs) bs) n

/-- The boxes after the first `n`. -/
def drop (n : Nat) : List Box → List Box :=
  Nat.rec (fun bs => bs) (fun _ ih bs => List.rec [] (fun _ cs _ => ih cs) bs) n

/-- `check` of as many batches as the boxes make, at most `fuel`. -/
def checkBatches (T S : PackedNetwork) (g p a b : Nat) (fuel : Nat) : List Box → Bool :=
  Nat.rec (fun bs => List.rec true (fun _ _ _ => false) bs)
    (fun _ ih bs => List.rec true (fun c cs _ =>
      and (F.check T S g p a b (take c F.size (c :: cs))) (ih (drop F.size (c :: cs)))) bs) fuel

/-- `check` of all boxes, batch by batch. -/
def checkAll (T S : PackedNetwork) (g p a b : Nat) (boxes : List Box) : Bool :=
  F.checkBatches T S g p a b boxes.length boxes

end

end Batch

section
variable {F : Batch} {T S : PackedNetwork} {g p a b : Nat}

/-- `take` yields as many boxes as it is asked for. -/
theorem Batch.length_take (c : Box) (n : Nat) (bs : List Box) : (Batch.take c n bs).length = n := by
  induction n generalizing bs with
  | zero => rfl
  | succ n ih => cases bs with
    | nil => exact congrArg Nat.succ (ih [])
    | cons b bs => exact congrArg Nat.succ (ih bs)

/-- A box is taken or left. -/
theorem Batch.mem_take_or_drop {c x : Box} (n : Nat) {bs : List Box} (h : x ∈ bs) :
    x ∈ Batch.take c n bs ∨ x ∈ Batch.drop n bs := by
  induction n generalizing bs with
  | zero => exact .inr h
  | succ n ih => cases h with
    | head bs => exact .inl (.head _)
    | tail b h =>
      rcases ih h with h | h
      · exact .inl (.tail _ h)
      · exact .inr h

/-- What `checkAll` accepts, `check` accepts. -/
theorem check_of_checkAll {boxes : List Box} (h : F.checkAll T S g p a b boxes = true) :
    ∀ box ∈ boxes, box.den = 2 ^ g → check T.toNetwork S.toNetwork box a b p = true := by
  have key : ∀ (fuel : Nat) (boxes : List Box), F.checkBatches T S g p a b fuel boxes = true →
      ∀ box ∈ boxes, box.den = 2 ^ g → check T.toNetwork S.toNetwork box a b p = true := by
    intro fuel
    induction fuel with
    | zero =>
      intro boxes h
      match boxes, h with
      | [], _ => exact nofun
    | succ n ih =>
      intro boxes h
      match boxes, h with
      | [], _ => exact nofun
      | c :: cs, h =>
        have h : (F.check T S g p a b (Batch.take c F.size (c :: cs))
          && F.checkBatches T S g p a b n (Batch.drop F.size (c :: cs))) = true := h
        rw [Bool.and_eq_true] at h
        intro box hbox hden
        rcases Batch.mem_take_or_drop (c := c) F.size hbox with hm | hm
        · exact check_of_batchCheck (Batch.length_take _ _ _) h.1 hm hden
        · exact ih _ h.2 box hm hden
  exact key _ _ h

end

end PyOrch
