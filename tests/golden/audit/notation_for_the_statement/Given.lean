import PyOrch.Quantization

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

local notation "double" => fun (n : Nat) => 2 * n

theorem goal (n : Nat) : double n = 2 * n := rfl
