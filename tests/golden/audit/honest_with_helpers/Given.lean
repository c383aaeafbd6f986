import PyOrch.Quantization

theorem helper (a b : Nat) : a + b = b + a := by omega

namespace Deep

inductive Tree | leaf | node (l r : Tree)

def Tree.size : Tree → Nat
  | .leaf => 1
  | .node l r => l.size + r.size

end Deep

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

theorem goal (n : Nat) : double n = 2 * n := by
  unfold double; omega
