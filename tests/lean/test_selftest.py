"""The self-test passes on this Lean, and refuses one that lies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pyorch.errors import ToolchainError
from pyorch.lean import selftest
from pyorch.lean.protocol import Server
from pyorch.model import Declaration, Diagnostic, Elaboration, Position, Severity


def test_it_passes(server: Server) -> None:
    result = selftest.run(server)
    assert result.accepted > 100
    assert result.rejected > 100


def test_each_truth_is_one_and_each_falsehood_is_one() -> None:
    numeric = [(p, t) for p, _, t in selftest.goals() if p.startswith("(") and ": Nat) = 0x" in p]
    assert len(numeric) > 200
    operators = {"<<<": "<<", ">>>": ">>", "^^^": "^", "&&&": "&", "/": "//"}
    for proposition, truth in numeric:
        left, right = proposition.removesuffix(")").split(" : Nat) = ")
        left = left.removeprefix("(")
        for lean, python in operators.items():
            left = left.replace(f" {lean} ", f" {python} ")
        if left.startswith("Nat.gcd"):
            continue
        assert (_value(left) == int(right, 16)) is truth, proposition


def _value(text: str) -> int:
    import ast
    import operator

    table: dict[type[ast.operator], Any] = {
        ast.Mult: operator.mul,
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.FloorDiv: operator.floordiv,
        ast.Mod: operator.mod,
        ast.LShift: operator.lshift,
        ast.RShift: operator.rshift,
        ast.BitXor: operator.xor,
        ast.BitAnd: operator.and_,
    }

    def walk(node: ast.expr) -> int:
        if isinstance(node, ast.BinOp):
            return table[type(node.op)](walk(node.left), walk(node.right))
        assert isinstance(node, ast.Constant)
        return node.value

    return walk(ast.parse(text, mode="eval").body)


class _Liar:
    """Answers like a Lean that takes everything, or nothing, for proved."""

    def __init__(self, accepts: bool) -> None:
        self.accepts = accepts

    def elaborate(self, text: str, *_: object, **__: object) -> Elaboration:
        lines = text.splitlines()
        here = [Position(i + 1, 0) for i in range(len(lines))]
        if self.accepts:
            declarations = tuple(
                Declaration(f"goal{i}", "theorem", "", "", at, at, (), 0)
                for i, at in enumerate(here)
            )
            return Elaboration((), declarations)
        errors = tuple(Diagnostic(Severity.ERROR, "x", at, None, "no") for at in here)
        return Elaboration(errors, ())


@pytest.mark.parametrize(("accepts", "word"), [(True, "falsehood"), (False, "truth")])
def test_a_liar_is_refused(accepts: bool, word: str) -> None:
    with pytest.raises(ToolchainError, match=word):
        selftest.run(_Liar(accepts))  # type: ignore[arg-type]


def test_a_single_accepted_falsehood_is_refused(server: Server) -> None:
    class Flips:
        def elaborate(self, *args: Any, **kwargs: Any) -> Elaboration:
            result = server.elaborate(*args, **kwargs)
            lie = result.errors[-1]
            return replace(
                result,
                diagnostics=tuple(d for d in result.diagnostics if d.start.line != lie.start.line),
                declarations=(
                    *result.declarations,
                    Declaration(
                        f"goal{lie.start.line - 1}", "theorem", "", "", lie.start, lie.start, (), 0
                    ),
                ),
            )

    with pytest.raises(ToolchainError, match="falsehood"):
        selftest.run(Flips())  # type: ignore[arg-type]
