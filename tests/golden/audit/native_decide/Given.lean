import PyOrch.Quantization

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

theorem fact : (2 : Nat) ^ 64 % 7 = 2 := by native_decide

theorem goal (n : Nat) : double n = 2 * n := by
  have := fact
  unfold double; omega
