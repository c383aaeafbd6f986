import PyOrch.Quantization

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

theorem goal (n : Nat) : double n = 2 * n := by
  set_option debug.skipKernelTC true in
  (unfold double; omega)
