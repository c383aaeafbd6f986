"""Answers of the wire as values; anything else is a `ProtocolError`."""

from __future__ import annotations

from typing import Any

import pytest

from pyorch.errors import ProtocolError
from pyorch.lean.answers import parse_audit, parse_elaboration, parse_toolchain
from pyorch.lean.protocol import Environment, Limits
from pyorch.lean.remote import RemoteServer
from pyorch.model import (
    Declaration,
    Diagnostic,
    Goal,
    Hole,
    Hypothesis,
    Position,
    Severity,
    Step,
    TheoremAudit,
    ToolchainId,
)

AT = {"line": 3, "column": 4}
TO = {"line": 5, "column": 0}
GOAL = {
    "target": "0 ≤ x",
    "name": "case a",
    "hypotheses": [{"name": "x", "type": "Rat"}, {"name": "y", "type": "Nat", "value": "2"}],
}
DECLARATION = {
    "name": "PyOrch.t", "kind": "theorem", "type": "True", "statement": str(2**64 - 1),
    "start": AT, "end": TO, "axioms": ["propext", "sorryAx"], "bodyless": 2,
}  # fmt: skip


def elaboration(**fields: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {k: [] for k in ("messages", "declarations", "holes", "steps")}
    return {**empty, "refused": [], "ms": 7, "id": 1, **fields}


def test_an_elaboration() -> None:
    result = parse_elaboration(
        elaboration(
            messages=[
                {"severity": "error", "start": AT, "end": TO, "text": "no"},
                {"severity": "warning", "start": AT, "text": "sorry"},
            ],
            declarations=[DECLARATION],
            holes=[{"declaration": "t", "start": AT, "end": TO, "goals": [GOAL]}],
            steps=[{"kind": "simp", "start": AT, "end": TO, "before": [GOAL], "after": []}],
            refused=[{"start": AT, "reason": "'run_cmd'"}],
        ),
        "a.lean",
    )
    at, to = Position(3, 4), Position(5, 0)
    goal = Goal("0 ≤ x", (Hypothesis("x", "Rat"), Hypothesis("y", "Nat", "2")), "case a")
    assert result.diagnostics == (
        Diagnostic(Severity.ERROR, "a.lean", at, to, "no"),
        Diagnostic(Severity.WARNING, "a.lean", at, None, "sorry"),
    )
    assert result.errors == result.diagnostics[:1]
    assert result.declarations == (
        Declaration("PyOrch.t", "theorem", "True", "f" * 16, at, to, ("propext", "sorryAx"), 2),
    )
    assert result.declarations[0].uses_sorry
    assert result.holes == (Hole("t", at, to, (goal,)),)
    assert result.steps == (Step("simp", at, to, (goal,), ()),)
    assert result.refused == ((at, "'run_cmd'"),)
    assert result.milliseconds == 7


def test_a_hole_outside_a_declaration() -> None:
    hole: dict[str, Any] = {"declaration": None, "start": AT, "end": TO, "goals": []}
    assert parse_elaboration(elaboration(holes=[hole]), "f").holes[0].declaration == ""


def test_an_audit() -> None:
    theorem = {"name": "t", "difference": None, "axioms": ["propext"], "bodyless": 0}
    raw = parse_audit(
        {
            "theorems": [theorem, {**theorem, "difference": "its type differs"}],
            "kernel": "deep recursion",
            "asked": elaboration(),
            "given": elaboration(ms=8),
        }
    )
    assert raw.theorems == (
        TheoremAudit("t", None, ("propext",), 0),
        TheoremAudit("t", "its type differs", ("propext",), 0),
    )
    assert raw.kernel == "deep recursion"
    assert (raw.asked.milliseconds, raw.given.milliseconds) == (7, 8)


@pytest.mark.parametrize(("embedded", "kind"), [(True, "embedded"), (False, "native")])
def test_a_toolchain(embedded: bool, kind: str) -> None:
    info = {"version": "4.28.0, x86_64, Release", "githash": "38f3", "embedded": embedded}
    assert parse_toolchain(info) == ToolchainId(kind, "4.28.0", "38f3")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ms": True}, "field 'ms' is True, expected int"),
        ({"ms": 1.0}, "field 'ms' is 1.0, expected int"),
        ({"messages": None}, "field 'messages' is None, expected list"),
        ({"messages": ["x"]}, "expected an object"),
        ({"messages": [{"severity": "fatal", "start": AT, "text": ""}]}, "severity 'fatal'"),
        ({"declarations": [{**DECLARATION, "statement": "0x1"}]}, "'statement' is '0x1'"),
        ({"declarations": [{**DECLARATION, "statement": "-1"}]}, "'statement'"),
        ({"declarations": [{**DECLARATION, "statement": "٣"}]}, "'statement'"),
        ({"declarations": [{**DECLARATION, "statement": "9" * 10_000}]}, "'statement'"),
        ({"declarations": [{**DECLARATION, "axioms": [None]}]}, "'axioms'"),
        ({"refused": [{"start": {"line": 1}, "reason": ""}]}, "field 'column' is None"),
        ({"holes": [{"declaration": 5}]}, "field 'declaration' is 5"),
    ],
)
def test_what_is_not_an_elaboration(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ProtocolError) as error:
        parse_elaboration(elaboration(**fields), "f")
    assert words in str(error.value)
    assert len(str(error.value).splitlines()) == 1 and len(str(error.value)) < 200


def test_environments_are_told_apart() -> None:
    environments = [
        Environment(), Environment(("Init", "A")), Environment(("Init",), "A"),
        Environment(("A", "Init")), Environment(("Init", "A"), "r"),
    ]  # fmt: skip
    assert len({e.key for e in environments}) == len(environments)
    assert Environment().key == Environment(("Init",), "").key


class Recorder(RemoteServer):
    """Answers what it is told to, and keeps the calls."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def call(self, method: str, arguments: Any) -> dict[str, Any]:
        self.calls.append((method, dict(arguments)))
        return self.answer


def test_requests_are_plain_data() -> None:
    server = Recorder(elaboration())
    environment, limits = Environment(("Init", "A"), "r"), Limits(None, 1, 2)
    server.elaborate("t", environment, file="f", limits=limits, steps=True)
    server.compile("t", "M", environment, "/d", limits=limits)
    shared = {
        "environment": {"modules": ("Init", "A"), "root": "r"},
        "limits": {"seconds": None, "heartbeats": 1, "recursion": 2, "memory": None},
        "text": "t",
    }
    assert server.calls == [
        ("elaborate", {**shared, "file": "f", "trusted": False, "goals": False, "steps": True}),
        ("compile", {**shared, "file": "<input>", "module": "M", "destination": "/d"}),
    ]
