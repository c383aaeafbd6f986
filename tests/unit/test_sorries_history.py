"""The history file."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import pytest

from pyorch.errors import InputError, OutputError
from pyorch.sorries.history import History, default_file, in_order, scope_of
from pyorch.sorries.model import OpenGoal, Reach
from tests.unit.sorries_values import run, sorry

SCOPE = scope_of([PurePosixPath()])


def test_what_is_recorded_comes_back(tmp_path: Path) -> None:
    file = default_file(tmp_path)
    full = sorry("é.a", chain=("b", "c"), goals=(OpenGoal(3, 4, "⊢ x"),), reach=Reach.DEFINITION)
    first, second = run(full, sorry("b"), commit=1), run(commit=2, problem="B.lean: ?")
    with History(file) as history:
        history.record(second, SCOPE)
        history.record(first, SCOPE)
    with History(file) as history:
        assert history.runs(SCOPE) == (first, second)
        assert history.run_of(f"{1:040x}", SCOPE) == first
        assert history.run_of(f"{3:040x}", SCOPE) is None
    assert (file.parent / ".gitignore").read_text() == "*\n"


def test_a_commit_has_one_run_in_each_scope(tmp_path: Path) -> None:
    other = scope_of([PurePosixPath("lean")])
    with History(tmp_path / "h.db") as history:
        history.record(run(sorry("a"), commit=1), SCOPE)
        history.record(run(sorry("b"), commit=1), other)
        history.record(run(commit=1), SCOPE)
        assert [r.sorries for r in history.runs(SCOPE)] == [()]
        assert [s.name for r in history.runs(other) for s in r.sorries] == ["b"]
    assert not (tmp_path / ".gitignore").exists()


def test_scans_without_a_commit_are_all_kept(tmp_path: Path) -> None:
    with History(tmp_path / "h.db") as history:
        history.record(run(commit=None), SCOPE)
        history.record(run(commit=None), SCOPE)
        assert len(history.runs(SCOPE)) == 2


def test_scopes_do_not_depend_on_the_order() -> None:
    a, b = PurePosixPath("a"), PurePosixPath("b/c.lean")
    assert scope_of([a, b, a]) == scope_of([b, a]) == '["a", "b/c.lean"]'


def test_runs_in_the_order_of_commits() -> None:
    runs = [run(commit=n) for n in (1, 2, 3)]
    names = [f"{n:040x}" for n in (3, 9, 1)]
    assert in_order(runs, names) == (runs[2], runs[0])


@pytest.mark.parametrize("content", [b"not a database, but long enough to be one " * 40, b"x"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "sorries.db"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"sorries\.db.*damaged or no history"):
        History(file)
    assert file.read_bytes() == content


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "sorries.db"
    with History(file) as history:
        history.record(run(*(sorry(f"a{i}") for i in range(400))), SCOPE)
    data = bytearray(file.read_bytes())
    data[1024:] = b"\xff" * (len(data) - 1024)
    file.write_bytes(data)
    with pytest.raises(InputError, match="damaged"), History(file) as history:
        history.runs(SCOPE)


def test_damaged_values_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "sorries.db"
    with History(file) as history:
        history.record(run(sorry()), SCOPE)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE sorries SET reach = 'sideways'")
    with History(file) as history, pytest.raises(InputError, match=r"run 1.*damaged"):
        history.runs(SCOPE)


def test_databases_of_others_and_of_later_versions_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE t (x)")
    with pytest.raises(InputError, match="not a history of pyorch"):
        History(file)
    later = tmp_path / "later.db"
    History(later).close()
    with sqlite3.connect(later) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(InputError, match="format 99"):
        History(later)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot open the history"):
        History(tmp_path / "file" / "sorries.db")
    with pytest.raises(OutputError, match="cannot open the history"):
        History(tmp_path)


def test_several_at_once(tmp_path: Path) -> None:
    file = tmp_path / "new" / "sorries.db"

    def write(worker: int) -> None:
        for n in range(5):
            with History(file) as history:
                history.record(run(sorry(f"w{worker}"), commit=10 * worker + n), SCOPE)
                history.record(run(sorry(f"w{worker}"), commit=7), SCOPE)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(1, 7)))
    with History(file) as history:
        runs = history.runs(SCOPE)
    assert len(runs) == 31
    assert all(len(r.sorries) == 1 for r in runs)
