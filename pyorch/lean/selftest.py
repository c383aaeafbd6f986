"""Does this Lean accept what is true and reject what is false?

The embedded toolchain is a third party's build. A miscompiled kernel could accept a falsehood, so
none is used before it has passed this: goals whose answers are known, big-integer arithmetic
compared with Python's own on random numbers among them. It cannot show a toolchain right; it can
show it wrong.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from pyorch.errors import ToolchainError
from pyorch.lean.protocol import Environment, Limits, Server

__all__ = ["SelfTest", "goals", "run"]

#: Each is a proposition and a proof that works if and only if the proposition is true.
_LOGIC = [
    ("∀ a b : Nat, a + b = b + a", "by omega", True),
    ("∀ a b : Nat, a - b + b = a", "by omega", False),
    ("∀ p q : Prop, p ∧ q → q ∧ p", "fun _ _ ⟨hp, hq⟩ => ⟨hq, hp⟩", True),
    ("∀ p q : Prop, p ∨ q → p ∧ q", "by simp_all", False),
    ("∀ x : Rat, 0 < x → x < 2 * x", "by grind", True),
    ("∀ x : Rat, x < 2 * x", "by grind", False),
    ("(2 : Nat) + 2 = 4", "rfl", True),
    ("(2 : Nat) + 2 = 5", "rfl", False),
    ("∃ n : Nat, n * n = 144", "⟨12, rfl⟩", True),
    ("∃ n : Nat, n * n = 145", "⟨12, rfl⟩", False),
    ("∀ l : List Nat, (l ++ []).length = l.length", "by simp", True),
    ("∀ l : List Nat, (l ++ [0]).length = l.length", "by simp", False),
    ("False", "by decide", False),
    ("∀ b : Bool, (b && !b) = false", "by decide", True),
    ("∀ b : Bool, (b || !b) = false", "by decide", False),
    ("(300 : Int) % 7 = 6 ∧ (-300 : Int) / 7 = -43", "by decide +kernel", True),
    ("(-300 : Int) / 7 = -42", "by decide +kernel", False),
]


@dataclass(frozen=True)
class SelfTest:
    """Counts of a passed self-test."""

    accepted: int
    rejected: int


def goals(seed: int = 0) -> list[tuple[str, str, bool]]:
    """The goals: proposition, proof, and whether it is true.

    Arithmetic is checked around the places where multi-word integer code goes wrong: powers of
    two, all-ones patterns and carries, up to a few thousand bits. Each true equation has a false
    twin that differs in one bit.
    """
    rng = random.Random(seed)  # noqa: S311 - test data
    found = list(_LOGIC)
    for bits in (8, 31, 32, 33, 63, 64, 65, 127, 128, 129, 512, 1021, 2048, 4096):
        a = rng.getrandbits(bits) | 1 << (bits - 1)
        b = rng.choice([(1 << bits) - 1, 1 << bits, rng.getrandbits(bits) | 1])
        small = rng.getrandbits(bits // 2 + 1) | 1
        shift = rng.randrange(1, bits)
        for text, value in (
            (f"{a:#x} * {b:#x}", a * b),
            (f"{a:#x} + {b:#x}", a + b),
            (f"({a:#x} + {b:#x}) - {b:#x}", a),
            (f"{a:#x} / {small:#x}", a // small),
            (f"{a:#x} % {small:#x}", a % small),
            (f"Nat.gcd {a:#x} {small:#x}", _gcd(a, small)),
            (f"{a:#x} <<< {shift}", a << shift),
            (f"{a:#x} >>> {shift}", a >> shift),
            (f"{a:#x} ^^^ {b:#x}", a ^ b),
            (f"{a:#x} &&& {b:#x}", a & b),
        ):
            wrong = value ^ (1 << rng.randrange(max(value.bit_length(), 1)))
            found.append((f"({text} : Nat) = {value:#x}", "by decide +kernel", True))
            found.append((f"({text} : Nat) = {wrong:#x}", "by decide +kernel", False))
        order = "<" if a < b else "≤" if a <= b else ">"
        found.append((f"({a:#x} : Nat) {order} {b:#x}", "by decide +kernel", True))
        found.append((f"¬ (({a:#x} : Nat) {order} {b:#x})", "by decide +kernel", False))
    return found


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def run(server: Server) -> SelfTest:
    """Put all goals to Lean.

    Raises:
        ToolchainError: it accepts a falsehood or rejects a truth.
    """
    cases = goals()
    text = "\n".join(
        f"theorem goal{i} : {proposition} := {proof}"
        for i, (proposition, proof, _) in enumerate(cases)
    )
    result = server.elaborate(text, Environment(), file="<self-test>", limits=Limits(seconds=300))
    proved = {d.name for d in result.declarations if "sorryAx" not in d.axioms}
    failed = {d.start.line for d in result.errors}
    if result.refused:
        raise ToolchainError(f"self-test: Lean refuses the test itself: {result.refused[0][1]}")
    for i, (proposition, _, truth) in enumerate(cases):
        accepted = f"goal{i}" in proved and i + 1 not in failed
        if accepted and not truth:
            raise ToolchainError(f"self-test: this Lean accepts the falsehood {proposition:.120}")
        if not accepted and truth:
            raise ToolchainError(f"self-test: this Lean rejects the truth {proposition:.120}")
    true = sum(truth for _, _, truth in cases)
    return SelfTest(accepted=true, rejected=len(cases) - true)
