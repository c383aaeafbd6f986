import PyOrch.Quantization

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

theorem goal2 (n : Nat) : double n = 2 * n := by
  unfold double; omega
