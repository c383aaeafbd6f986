"""`LeanProver` makes lost states again, on a scripted server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pyorch.errors import InputError, OutputError, ProtocolError, StateLost
from pyorch.lean.protocol import Environment
from pyorch.lean.remote import RemoteServer
from pyorch.model import ToolchainId
from pyorch.search.model import Closed, Failed, ProofState, Split
from pyorch.search.prover import LeanProver
from pyorch.search.suggest.theorem import Conclusion, Theorem
from pyorch.search.theorems import parse_theorems, theorems_of

INIT = Environment()
Json = dict[str, Any]


class Scripted(RemoteServer):
    """A state is the path to it. ``split`` makes two of it, ``die`` ends the server."""

    toolchain = ToolchainId("embedded", "4.28.0", "f" * 40)

    def __init__(self) -> None:
        self.sessions: dict[str, dict[int, str]] = {}
        self.calls: list[str] = []
        self.numbers = 0
        self.salt = ""
        self.answers: list[Json] = []
        """to be given to ``try`` in place of proper ones"""

    def kill(self) -> None:
        self.sessions.clear()
        self.numbers = 0

    def close(self) -> None: ...

    def state(self, session: str, path: str) -> Json:
        number, self.numbers = self.numbers, self.numbers + 1
        self.sessions[session][number] = path
        goal = {"name": "", "target": path, "hypotheses": []}
        return {
            "key": path + self.salt,
            "goals": [goal],
            "constants": [],
            "size": 1,
            "handle": number,
        }

    def call(self, method: str, arguments: Mapping[str, Any]) -> Json:
        self.calls.append(method)
        session = arguments.get("session", "")
        if method == "theorems":
            return {"theorems": "a\tEq\tf\tEq\tf\nb\tLT.lt\tLT.lt\tLT.lt\n"}
        if method == "open":
            return self.opened(session, arguments["text"])
        if session not in self.sessions:
            return {"outcomes": [], "lost": True, "ended": None, "left": 0}
        states = self.sessions[session]
        for number in arguments.get("release", arguments.get("states", ())):
            del states[number]
        if method == "close":
            del self.sessions[session]
            return {}
        if method == "release":
            return {"left": len(states)}
        if self.answers:
            return self.answers.pop(0)
        path = states[arguments["state"]]
        outcomes: list[Json] = []
        for tactic in arguments["tactics"]:
            if tactic == "die":
                self.kill()
                return {"outcomes": outcomes, "lost": False, "ended": "no answer within 2 s"}
            outcomes.append(self.outcome(session, path, tactic))
        return {"outcomes": outcomes, "lost": False, "ended": None}

    def outcome(self, session: str, path: str, tactic: str) -> Json:
        if tactic == "split":
            states = [self.state(session, f"{path}.{i}") for i in range(2)]
            return {"kind": "states", "states": states, "hint": "hm"}
        if tactic == "close":
            return {"kind": "closed", "hint": "Try this: rfl"}
        return {"kind": "failed", "message": f"no {tactic}"}

    def opened(self, session: str, text: str) -> Json:
        self.sessions.setdefault(session, {})
        place = {"line": 1, "column": 0}
        holes = [
            {
                "declaration": word,
                "start": place,
                "end": place,
                "proposition": True,
                "state": self.state(session, word),
            }
            for word in text.split()
            if word != "wrong"
        ]
        message = {"severity": "error", "start": place, "end": None, "text": "wrong\n word"}
        messages = [message] if "wrong" in text else []
        return {"messages": messages, "refused": [], "holes": holes}


@pytest.fixture
def server() -> Scripted:
    return Scripted()


@pytest.fixture
def prover(server: Scripted) -> LeanProver:
    return LeanProver(server)


def opened(prover: LeanProver, text: str = "A") -> ProofState:
    return prover.open(text, INIT)[0].state


def children(prover: LeanProver, state: ProofState) -> tuple[ProofState, ...]:
    (outcome,) = prover.apply(state, ["split"])
    assert isinstance(outcome, Split)
    return outcome.states


def test_outcomes_in_their_order(prover: LeanProver) -> None:
    outcomes = prover.apply(opened(prover), ["close", "nothing", "close"])
    assert outcomes == [Closed(), Failed("no nothing"), Closed()]


def test_handles_are_of_this_prover(prover: LeanProver, server: Scripted) -> None:
    state = opened(prover)
    left, right = children(prover, state)
    server.kill()
    other = children(prover, left)
    handles = [s.handle for s in (state, left, right, *other)]
    assert len(set(handles)) == len(handles)


def test_the_tactic_that_ends_the_server_fails_and_the_rest_runs(
    prover: LeanProver, server: Scripted
) -> None:
    state = opened(prover)
    outcomes = prover.apply(state, ["split", "die", "close", "die", "split"])
    assert outcomes[1:4] == [Failed("no answer within 2 s"), Closed(), outcomes[1]]
    first, last = outcomes[0], outcomes[4]
    assert isinstance(first, Split) and isinstance(last, Split)
    assert server.calls.count("open") == 3
    # the states of before can be used too
    assert prover.apply(first.states[1], ["close"]) == [Closed()]
    assert prover.apply(last.states[0], ["close"]) == [Closed()]
    assert server.calls.count("open") == 3


def test_a_lost_state_is_made_again_from_what_is_left_of_its_way(
    prover: LeanProver, server: Scripted
) -> None:
    state = opened(prover)
    left, _ = children(prover, state)
    _, deep = children(prover, left)
    server.kill()
    server.calls.clear()
    (outcome,) = prover.apply(deep, ["split"])
    assert isinstance(outcome, Split)
    assert outcome.states[0].goals[0].target == "A.0.1.0"
    assert server.calls == ["try", "open", "try", "try", "try"]
    server.calls.clear()
    assert prover.apply(left, ["close"]) == [Closed()]
    assert server.calls == ["try"]


def test_nothing_is_held_that_nobody_wants(prover: LeanProver, server: Scripted) -> None:
    state = opened(prover, "A B")
    left, right = children(prover, state)
    deep, _ = children(prover, left)
    assert prover.held() == 6
    prover.release([left, right])
    assert prover.held() == 4
    server.kill()
    assert prover.apply(deep, ["close"]) == [Closed()]
    # both roots, the state itself; its way was made again and dropped
    assert prover.held() == 3
    prover.release([state, state, deep])
    assert prover.held() == 1
    with pytest.raises(StateLost, match="released"):
        prover.apply(deep, ["close"])
    prover.close()
    assert server.sessions == {}


def test_a_state_that_comes_out_otherwise_is_lost(prover: LeanProver, server: Scripted) -> None:
    state = opened(prover)
    server.kill()
    server.salt = "'"
    with pytest.raises(StateLost, match="otherwise"):
        prover.apply(state, ["close"])


def test_a_state_that_is_lost_again_at_once(prover: LeanProver, server: Scripted) -> None:
    state = opened(prover)
    lost = {"outcomes": [], "lost": True, "ended": None}
    server.answers = [lost, lost]
    with pytest.raises(StateLost, match="again"):
        prover.apply(state, ["close"])
    server.answers = [lost]
    assert prover.apply(state, ["close"]) == [Closed()]


def test_the_server_ends_while_a_state_is_made_again(prover: LeanProver, server: Scripted) -> None:
    left, _ = children(prover, opened(prover))
    server.kill()
    server.answers = [{"outcomes": [], "lost": False, "ended": "killed"}]
    with pytest.raises(StateLost):
        prover.apply(left, ["close"])


@pytest.mark.parametrize(
    "answer",
    [
        {"outcomes": [], "lost": False, "ended": None},
        {"outcomes": [{"kind": "closed", "hint": ""}] * 2, "lost": False, "ended": None},
        {"outcomes": [{"kind": "proved"}], "lost": False, "ended": None},
        {"outcomes": [{"kind": "states", "hint": ""}], "lost": False, "ended": None},
        {"outcomes": [{"kind": "closed", "hint": ""}], "lost": None, "ended": None},
        {"outcomes": [{}], "lost": False, "ended": None},
        {},
    ],
)
def test_an_answer_that_makes_no_sense_proves_nothing(
    prover: LeanProver, server: Scripted, answer: Json
) -> None:
    state = opened(prover)
    server.answers = [answer]
    with pytest.raises(ProtocolError):
        prover.apply(state, ["close"])


def test_hints(prover: LeanProver, server: Scripted) -> None:
    state = opened(prover)
    assert prover.hint(state, "close") == "Try this: rfl"
    assert prover.hint(state, "nothing") == ""
    assert prover.hint(state, "split") == "hm"
    assert prover.held() == 1
    assert prover.hint(state, "die") == ""
    assert prover.hint(state, "close") == "Try this: rfl"


def test_a_text_with_an_error_has_no_holes(prover: LeanProver) -> None:
    with pytest.raises(InputError, match="F: line 1, column 0: wrong word"):
        prover.open("A wrong B", INIT, file="F")
    assert prover.held() == 0


def test_theorems_are_asked_for_once(server: Scripted, tmp_path: Path) -> None:
    expected = (
        Theorem("a", ("Eq", "f"), "f", Conclusion.EQ),
        Theorem("b", ("LT.lt",), "LT.lt", Conclusion.OTHER),
    )
    for _ in range(2):
        assert theorems_of(server, INIT, tmp_path, "k") == expected
    assert server.calls == ["theorems"]
    theorems_of(server, INIT, tmp_path, "another")
    theorems_of(server, Environment(("Init", "X")), tmp_path, "k")
    assert server.calls == ["theorems"] * 3
    (tmp_path / "file").touch()
    with pytest.raises(OutputError):
        theorems_of(server, INIT, tmp_path / "file", "k")


@pytest.mark.parametrize("text", ["a", "a\tEq", "a\tEq\tf\nb"])
def test_what_is_no_theorem(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse_theorems(text)
