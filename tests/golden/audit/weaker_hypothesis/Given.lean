import PyOrch.Quantization

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

theorem goal (n : Nat) (h : n = 0) : double n = 2 * n := by
  subst h; rfl
