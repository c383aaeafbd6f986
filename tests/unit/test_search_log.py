"""The log of outcomes: what it keeps, and what can happen to its file."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyorch.errors import OutputError
from pyorch.model import Goal, Hypothesis
from pyorch.search.log import SCHEMA_VERSION, OutcomeLog
from pyorch.search.model import Closed, Failed, Outcome, ProofState, Split
from pyorch.search.outcome_json import parse_outcome, render_outcome

STATE = ProofState("key", (Goal("p ∧ q", (Hypothesis("x", "Nat", "5"),), "inl"),), ("And",), 3)
OUTCOMES: dict[str, Outcome] = {
    "simp": Closed(),
    "exact 'h'": Failed("unknown identifier"),
    "constructor\n  · rfl": Split((STATE, STATE)),
    "lone surrogate \ud800": Failed("no"),
}


def log(folder: Path, statement: str = "statement") -> OutcomeLog:
    return OutcomeLog(folder, statement, "environment", "toolchain")


def test_keeps_outcomes(tmp_path: Path) -> None:
    with log(tmp_path / "new" / "folder") as one:
        assert one.recall("state", OUTCOMES) == {}
        one.record("state", OUTCOMES.items())
        one.record("other", [("simp", Failed("no"))])
        assert one.recall("state", OUTCOMES) == OUTCOMES
    with log(tmp_path / "new" / "folder") as two:
        assert two.recall("state", OUTCOMES) == OUTCOMES
        assert (two.set_aside, two.problem) == (None, None)


def test_handles_are_not_kept() -> None:
    state = ProofState("key", (), (), 0, handle=7)
    assert parse_outcome(render_outcome(Split((state,)))) == Split((ProofState("key", ()),))


def test_another_statement_environment_or_toolchain_is_another_log(tmp_path: Path) -> None:
    with log(tmp_path) as one:
        one.record("state", OUTCOMES.items())
    for subject in [("s", "environment", "toolchain"), ("statement", "e", "toolchain")]:
        with OutcomeLog(tmp_path, *subject) as other:
            assert other.recall("state", OUTCOMES) == {}


def test_forgets(tmp_path: Path) -> None:
    with log(tmp_path) as one:
        one.record("state", OUTCOMES.items())
        one.forget("state", "simp")
        assert one.recall("state", OUTCOMES).keys() == OUTCOMES.keys() - {"simp"}
        one.clear()
        assert one.recall("state", OUTCOMES) == {}


@pytest.mark.parametrize(
    "content",
    [b"no database at all, but some text that is long enough", b"SQLite format 3\0torn", b"\0" * 9],
)
def test_a_file_that_is_no_database_is_set_aside(tmp_path: Path, content: bytes) -> None:
    with log(tmp_path) as one:
        path = one.path
    path.write_bytes(content)
    with log(tmp_path) as two:
        assert two.set_aside is not None
        assert two.set_aside.read_bytes() == content
        two.record("state", OUTCOMES.items())
    path.write_bytes(content)
    with log(tmp_path) as three:
        assert three.set_aside not in {None, two.set_aside}


def test_a_database_with_damaged_pages_is_set_aside(tmp_path: Path) -> None:
    with log(tmp_path) as one:
        for number in range(200):
            one.record(f"state {number}", OUTCOMES.items())
    data = bytearray(one.path.read_bytes())
    data[4096 * 3 : 4096 * 9] = os.urandom(4096 * 6)
    one.path.write_bytes(data)
    with log(tmp_path) as two:
        assert two.set_aside is not None
        assert two.recall("state 1", OUTCOMES) == {}


@pytest.mark.parametrize(
    "change",
    [
        f"PRAGMA user_version = {SCHEMA_VERSION + 1}",
        "PRAGMA application_id = 5",
        "DROP TABLE subject",
        "DELETE FROM subject",
        "UPDATE subject SET text = 'another'",
        "CREATE TABLE more (x)",
    ],
)
def test_a_foreign_database_is_set_aside(tmp_path: Path, change: str) -> None:
    with log(tmp_path) as one:
        path = one.path
    with sqlite3.connect(path) as database:
        database.execute(change)
    database.close()
    with log(tmp_path) as two:
        assert two.set_aside is not None
        two.record("state", OUTCOMES.items())
        assert two.recall("state", OUTCOMES) == OUTCOMES


def test_rows_that_are_no_outcomes_are_ignored(tmp_path: Path) -> None:
    rows: list[object] = ["", "{}", "[]", '{"split": [{}]}', '{"split": 1}', '{"closed": 1.0}']
    rows += [1, b"\xff", '{"failed": null}', "[" * 100_000, '{"split": [{"key": 1}]}']
    rows += ['{"split": [{"key": "", "goals": [{}], "constants": [1], "size": 0}]}']
    with log(tmp_path) as one:
        for number, row in enumerate(rows):
            one._database.execute(
                "INSERT INTO outcomes VALUES (?, ?, ?)", (b"state", str(number).encode(), row)
            )
        one._database.execute("INSERT INTO outcomes VALUES (?, 'text', '{}')", (b"state",))
        one._database.execute(
            "INSERT INTO outcomes VALUES (?, ?, ?)", (b"state", b"\xff", '{"closed": true}')
        )
        one.record("state", [("good", Closed())])
        tactics = ["good", "text", *map(str, range(len(rows)))]
        assert one.recall("state", tactics) == {"good": Closed()}


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot open"):
        log(tmp_path / "file" / "folder")


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with log(tmp_path) as one:
        path = one.path
    path.unlink()
    path.mkdir()
    with pytest.raises(OutputError, match="cannot open"):
        log(tmp_path)


def test_when_it_cannot_be_written_any_more(tmp_path: Path) -> None:
    with log(tmp_path) as one:
        one._database.execute("PRAGMA query_only = ON")
        one.record("state", OUTCOMES.items())
        assert one.problem is not None and str(one.path) in one.problem
        assert one.recall("state", OUTCOMES) == {}
        one.record("state", OUTCOMES.items())
        one.forget("state", "simp")


def test_two_at_once(tmp_path: Path) -> None:
    with log(tmp_path) as one, log(tmp_path) as two:
        for number in range(20):
            one.record(f"state {number}", [("simp", Closed())])
            two.record(f"state {number}", [("simp", Closed()), ("rfl", Failed("no"))])
        assert one.recall("state 7", OUTCOMES) == two.recall("state 7", OUTCOMES)
        two.clear()
        assert one.recall("state 7", OUTCOMES) == {}
        assert one.problem is two.problem is None


WRITER = """
    import sys
    from pathlib import Path
    from pyorch.search.log import OutcomeLog
    from pyorch.search.model import Closed

    log = OutcomeLog(Path(sys.argv[1]), "statement", "environment", "toolchain")
    number = 0
    while True:
        log.record(f"state {number}", [("simp", Closed())])
        print(number, flush=True)
        number += 1
"""


def test_processes_that_are_killed_leave_all_that_they_wrote(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path)]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    written = []
    for writer in writers:
        assert writer.stdout is not None
        for _ in range(50):
            last = writer.stdout.readline()
        written.append(int(last))
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
    with log(tmp_path) as one:
        assert one.set_aside is None
        for number in range(max(written) + 1):
            assert one.recall(f"state {number}", OUTCOMES) == {"simp": Closed()}


goals = st.builds(
    Goal,
    st.text(),
    st.lists(st.builds(Hypothesis, st.text(), st.text(), st.none() | st.text())).map(tuple),
    st.text(),
)
states = st.builds(
    ProofState,
    st.text(),
    st.lists(goals, max_size=3).map(tuple),
    st.lists(st.text(), max_size=3).map(tuple),
    st.integers(0),
)
outcomes = (
    st.just(Closed())
    | st.builds(Failed, st.text(max_size=500))
    | st.builds(Split, st.lists(states, max_size=3).map(tuple))
)


@given(outcomes)
def test_outcomes_as_text(outcome: Outcome) -> None:
    text = render_outcome(outcome)
    assert text.isascii() and "\n" not in text
    assert parse_outcome(text) == outcome
