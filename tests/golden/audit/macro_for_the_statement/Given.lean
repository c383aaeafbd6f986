import PyOrch.Quantization

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

macro_rules | `(2 * $n) => `($n + $n)

theorem goal (n : Nat) : double n = 2 * n := rfl
