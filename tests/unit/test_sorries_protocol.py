"""The part of the protocol that surveys are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pyorch.errors import OutputError, ProtocolError
from pyorch.lean.answers import parse_elaboration
from pyorch.lean.protocol import Environment
from pyorch.lean.values import NOWHERE
from tests.unit.fakes import FakeLean

INIT = Environment()
PLACE = {"line": 1, "column": 2}


def answer(**fields: object) -> dict[str, Any]:
    declaration = {
        "name": "a", "kind": "theorem", "type": "P", "statement": "255", "start": PLACE,
        "end": PLACE, "axioms": ["sorryAx"], "bodyless": 0, **fields,
    }  # fmt: skip
    hole = {"declaration": "a", "start": None, "end": None, "goals": []}
    return {
        "messages": [], "declarations": [declaration], "holes": [hole], "steps": [], "refused": [],
        "ms": 1,
    }  # fmt: skip


def test_surveys_say_more_of_a_declaration() -> None:
    plain = parse_elaboration(answer(), "A.lean").declarations[0]
    assert (plain.direct, plain.through, plain.statement) == (False, (), "00000000000000ff")
    told = parse_elaboration(answer(direct=True, through=["b", "c"]), "A.lean").declarations[0]
    assert (told.direct, told.through) == (True, ("b", "c"))


def test_a_hole_may_stand_nowhere() -> None:
    (hole,) = parse_elaboration(answer(), "A.lean").holes
    assert (hole.start, hole.end) == (NOWHERE, NOWHERE)


@pytest.mark.parametrize("fields", [{"direct": 1}, {"through": [1]}, {"through": "b"}])
def test_what_makes_no_sense_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ProtocolError):
        parse_elaboration(answer(**fields), "A.lean")


def test_a_survey_asks_for_goals_and_compiles_if_told_to(lean: FakeLean, tmp_path: Path) -> None:
    server = lean.server()
    server.survey("def a := 1", "M", INIT, file="M.lean")
    target = tmp_path / "M.olean"
    server.survey("def a := 2", "M", INIT, destination=str(target))
    assert target.read_text() == "def a := 2"
    first, second = lean.requests("elab")
    for request in (first, second):
        assert (request["module"], request["trusted"]) == ("M", True)
        assert (request["survey"], request["goals"]) == (True, True)
    assert (first["olean"], bool(second["olean"])) == ("", True)
    with pytest.raises(OutputError):
        server.survey("def a := 2", "M", INIT, destination=str(tmp_path / "none" / "M.olean"))
    server.close()


@pytest.mark.parametrize("text", ["def a := 1", "error"])
def test_what_judges_proofs_never_saw_a_surveyed_module(lean: FakeLean, text: str) -> None:
    server = lean.server()
    server.survey("def a := 1", "PyOrch.Ours", INIT)
    own = server.pid
    server.elaborate("", INIT)
    server.survey(text, "Theirs", INIT)
    server.survey("def a := 1", "Others", INIT)  # code of the same trust
    assert server.pid == own
    server.elaborate("", INIT)
    assert server.pid != own
    server.close()
