import PyOrch.Numerals
import PyOrch.Rounding

/-!
# Symmetric quantization of activations

Seed document 003 multiplies an activation by a factor, rounds and clamps to the codes `-m`, …, `m`
(`m = 127` for 8 bits). That the code is in range is `clampInt_mem`; here is what the seed's
hypothesis on the activation is good for: it keeps the code from saturating, and so bounds the
error.
-/

namespace PyOrch

universe u

variable {α : Type u} [OrderedField α]

/-- Activations up to `b = m/factor` do not saturate. -/
theorem activation_code_unsaturated {round : α → Int} (h : IsNearest round) {m : Int}
    {factor b x : α} (hfactor : 0 ≤ factor) (hb : b * factor = (m : α)) (hx : AbsLE x b) :
    clampInt (-m) m (round (x * factor)) = round (x * factor) := by
  have hscaled := hx.mul_nonneg_right hfactor
  rw [hb] at hscaled
  have h1 := hscaled.1; have h2 := hscaled.2
  clear hb hx hfactor hscaled
  refine clampInt_of_mem (h.le_round ?_) (h.round_le ?_)
  · rw [intCast_neg]; grind
  · grind

/-- Activations up to `b = m/factor` are restored with an error of at most `c = 1/(2 factor)`. -/
theorem activation_error_bound {round : α → Int} (h : IsNearest round) {m : Int}
    {factor b c x : α} (hfactor : 0 < factor) (hb : b * factor = (m : α)) (hc : c * factor = 1 / 2)
    (hx : AbsLE x b) :
    AbsLE (x - (clampInt (-m) m (round (x * factor)) : α) / factor) c := by
  rw [activation_code_unsaturated h (Std.le_of_lt hfactor) hb hx]
  have herr := h (x * factor)
  have hx' : (x - (round (x * factor) : α) / factor) * factor =
      x * factor - round (x * factor) := by
    rw [Lean.Grind.CommSemiring.mul_comm, mul_sub, mul_div_cancel hfactor,
      Lean.Grind.CommSemiring.mul_comm]
  have hneg := Lean.Grind.Ring.neg_mul c factor
  rw [← hx', ← hc] at herr
  exact ⟨le_of_mul_le_mul_right (hneg ▸ herr.1) hfactor,
    le_of_mul_le_mul_right herr.2 hfactor⟩

/-- The activations `-b` and `b`, where `b = m/factor`, get the codes `-m` and `m`. -/
theorem activation_code_attained {round : α → Int} (h : IsNearest round) {m : Int} {factor b : α}
    (hm : 0 ≤ m) (hb : b * factor = (m : α)) :
    clampInt (-m) m (round (-b * factor)) = -m ∧ clampInt (-m) m (round (b * factor)) = m := by
  have hneg : -b * factor = ((-m : Int) : α) := by
    rw [intCast_neg, ← hb, Lean.Grind.Ring.neg_mul]
  rw [hneg, hb, h.round_intCast, h.round_intCast]
  exact ⟨clampInt_of_mem (by omega) (by omega), clampInt_of_mem (by omega) (by omega)⟩

end PyOrch
