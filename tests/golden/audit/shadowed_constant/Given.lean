import PyOrch.Quantization

namespace Other

def Nat := Unit

end Other

/-- A small definition that the statement mentions. -/
def double (n : _root_.Nat) : _root_.Nat := n + n

open Other in
theorem goal (n : _root_.Nat) : double n = double n := rfl
