import PyOrch.Quantization

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

local instance (priority := high) strange : HMul Nat Nat Nat := ⟨fun _ b => b + b⟩

theorem goal (n : Nat) : double n = 2 * n := rfl
