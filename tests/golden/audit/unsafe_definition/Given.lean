import PyOrch.Quantization

unsafe def trick : False := trick

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

theorem goal (n : Nat) : double n = 2 * n := by
  unfold double; omega
