import PyOrch.Quantization

initialize secret : IO.Ref Nat ← IO.mkRef 0

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

theorem goal (n : Nat) : double n = 2 * n := by
  unfold double; omega
