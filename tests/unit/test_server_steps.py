"""Tactic steps on the fake proof server: answers in parts, and sessions that come and go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pyorch.errors import ProtocolError
from pyorch.lean import steps
from pyorch.lean.protocol import Environment, Limits
from pyorch.lean.server import LeanServer
from pyorch.lean.values import Attempt
from pyorch.search.model import Failed
from tests.unit.fakes import FakeLean

INIT = Environment()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LeanServer]:
    made = FakeLean(tmp_path).server()
    yield made
    made.close()


def attempt(server: LeanServer, *tactics: str, seconds: float = 60.0) -> Attempt:
    return server.attempt(0, tactics, INIT, "s", limits=Limits(seconds))


def words(found: Attempt) -> list[str]:
    return [o.message.split()[0] for o in found.outcomes if isinstance(o, Failed)]


def test_each_tactic_has_its_part(server: LeanServer) -> None:
    server.open_text("", INIT, "s")
    found = attempt(server, "a", "b", "c")
    assert (words(found), found.lost, found.ended) == (["a", "b", "c"], False, None)
    assert words(attempt(server)) == []


def test_what_was_known_before_the_end_is_kept(server: LeanServer) -> None:
    server.open_text("", INIT, "s")
    found = attempt(server, "a", "b", "crash", "c")
    assert words(found) == ["a", "b"]
    assert found.ended is not None
    assert attempt(server, "a") == Attempt((), (), lost=True)
    server.open_text("", INIT, "s")
    assert words(attempt(server, "a")) == ["a"]
    assert server.starts == 2


def test_the_time_limit_is_for_each_tactic(server: LeanServer) -> None:
    server.open_text("", INIT, "s")
    found = attempt(server, "a", "stall", "b", seconds=0.5)
    assert words(found) == ["a"]
    assert found.ended == "no answer within 0.5 s; Lean was stopped"


@pytest.mark.parametrize("tactic", ["stranger", "anonymous", "malformed", "list", "twice"])
def test_a_part_that_makes_no_sense_ends_the_process(server: LeanServer, tactic: str) -> None:
    server.open_text("", INIT, "s")
    with pytest.raises(ProtocolError):
        attempt(server, "a", tactic)


def test_a_session_that_is_not_there(server: LeanServer) -> None:
    assert attempt(server, "a").lost
    assert server.release([1], INIT, "s") == 0
    server.close_session(INIT, "s")
    assert server.starts == 0
    server.open_text("", INIT, "s")
    server.close_session(INIT, "s")
    assert attempt(server, "a").lost


def test_idle_sessions_are_dropped(server: LeanServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.open_text("", INIT, "s")
    assert not attempt(server, "a").lost
    monkeypatch.setattr(steps, "_SESSION_IDLE", -1.0)
    assert attempt(server, "a").lost
