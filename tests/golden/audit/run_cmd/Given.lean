import PyOrch.Quantization

run_cmd do
  let _ ← pure ()

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

theorem goal (n : Nat) : double n = 2 * n := by
  unfold double; omega
