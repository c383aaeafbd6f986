import PyOrch.Quantization

axiom cheat : ∀ a b : Nat, a = b

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

theorem goal (n : Nat) : double n = 2 * n := cheat _ _
