import PyOrch.Quantization

section
variable (k : Nat)

/-- Looks alike. -/
def double (_n : Nat) : Nat := k + k

theorem goal (n : Nat) : double k n = 2 * k := by
  unfold double; omega

end
