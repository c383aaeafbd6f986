import Lean
import PyOrch.Quantization

open Lean Elab Command in
elab "cheat" : command => do
  let env ← getEnv
  setEnv env

cheat

/-- A small definition that the statement mentions. -/
def double (n : Nat) : Nat := n + n

theorem goal (n : Nat) : double n = 2 * n := by
  unfold double; omega
