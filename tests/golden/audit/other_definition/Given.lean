import PyOrch.Quantization

/-- Looks alike. -/
def double (n : Nat) : Nat := 2 * n

theorem goal (n : Nat) : double n = 2 * n := rfl
