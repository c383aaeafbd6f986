"""The log of a search, by which one that was killed goes on, and none runs a tactic twice.

One SQLite file for a statement in an environment on a toolchain. It holds outcomes: what a tactic
made of a state. As a search is deterministic, running it again with the same outcomes takes it
to where it was; they are looked up on the way. Several processes may use a log at once.

A log is a cache: no verdict rests on it, and a file that is not a sound log of this version is
set aside (renamed) and begun anew. If it cannot be written any more, the search goes on without.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from pyorch.errors import OutputError
from pyorch.search.model import Outcome
from pyorch.search.outcome_json import parse_outcome, render_outcome

__all__ = ["SCHEMA_VERSION", "OutcomeLog"]

SCHEMA_VERSION = 1

#: "pyor": marks the file as ours (SQLite's ``application_id``).
_APPLICATION = 0x70796F72
#: Seconds to wait for another process that opens or writes the log.
_PATIENCE = 30.0
_SCHEMA = (
    "CREATE TABLE subject (text TEXT NOT NULL)",
    "CREATE TABLE outcomes (state BLOB NOT NULL, tactic BLOB NOT NULL, outcome TEXT NOT NULL,"
    " PRIMARY KEY (state, tactic)) WITHOUT ROWID",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
_TABLES = [("outcomes",), ("subject",)]


class OutcomeLog:
    """Outcomes of tactics, on disk.

    Args:
        folder: where logs are kept; made if need be.
        statement: fingerprint of what is to be proved.
        environment: key of what it may use.
        toolchain: version and commit of Lean.

    Attributes:
        path: the file.
        set_aside: where a file went that stood in its place and was no sound log; else None.
        problem: why the log is not used any more; None while it is.

    Raises:
        OutputError: there can be no file here.
    """

    def __init__(self, folder: Path, statement: str, environment: str, toolchain: str) -> None:
        subject = json.dumps([statement, environment, toolchain])
        name = hashlib.sha256(subject.encode()).hexdigest()[:32]
        self.path = folder / f"{name}.sqlite"
        self.set_aside: Path | None = None
        self.problem: str | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.path.with_suffix(".lock"), timeout=_PATIENCE):
                self._database = self._open(subject)
        except Timeout:
            raise OutputError(f"cannot open {self.path}: another process is opening it") from None
        except (OSError, sqlite3.Error) as error:
            raise OutputError(f"cannot open {self.path}: {error}") from error

    def recall(self, state: str, tactics: Iterable[str]) -> dict[str, Outcome]:
        """What is known of these tactics on a state (`pyorch.search.graph.identity`). The handles
        of its states mean nothing."""
        if self.problem is not None:
            return {}
        try:
            rows: dict[object, object] = dict(
                self._database.execute(
                    "SELECT tactic, outcome FROM outcomes WHERE state = ?", (_blob(state),)
                )
            )
        except sqlite3.Error as error:
            self._give_up(error)
            return {}
        known = {tactic: parse_outcome(rows.get(_blob(tactic))) for tactic in tactics}
        return {tactic: outcome for tactic, outcome in known.items() if outcome is not None}

    def record(self, state: str, outcomes: Iterable[tuple[str, Outcome]]) -> None:
        """Keep what tactics made of a state. It is on disk, even if this process is killed."""
        rows = [(_blob(state), _blob(tactic), render_outcome(o)) for tactic, o in outcomes]
        self._write("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?)", rows)

    def forget(self, state: str, tactic: str) -> None:
        """What is recorded of a tactic proved wrong."""
        row = (_blob(state), _blob(tactic))
        self._write("DELETE FROM outcomes WHERE state = ? AND tactic = ?", [row])

    def clear(self) -> None:
        """Forget everything, as before a fresh start. The file stays: others may have it open."""
        self._write("DELETE FROM outcomes", [()])

    def __enter__(self) -> OutcomeLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._database.close()

    def _open(self, subject: str) -> sqlite3.Connection:
        try:
            return _connect(self.path, subject)
        except (sqlite3.DatabaseError, _Foreign) as error:
            if isinstance(error, sqlite3.OperationalError):  # busy, full, not allowed
                raise
        number = 0
        while (aside := self.path.with_suffix(f".bad-{number}")).exists():
            number += 1
        for suffix in ("-wal", "-shm", ""):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}{suffix}").rename(f"{aside}{suffix}")
        self.set_aside = aside
        return _connect(self.path, subject)

    def _write(self, statement: str, rows: Sequence[tuple[bytes | str, ...]]) -> None:
        if self.problem is not None or not rows:
            return
        try:
            with self._database:  # commits, or rolls back
                self._database.execute("BEGIN IMMEDIATE")
                self._database.executemany(statement, rows)
        except sqlite3.Error as error:
            self._give_up(error)

    def _give_up(self, error: sqlite3.Error) -> None:
        self.problem = f"{self.path} is not used any more: {error}"


class _Foreign(Exception):
    """A sound database that is not this log."""


def _connect(path: Path, subject: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("damaged")
        tables = database.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
        if tables:
            _check(database, tables, subject)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        if not tables:
            with database:
                database.execute("BEGIN IMMEDIATE")
                for statement in _SCHEMA:
                    database.execute(statement)
                database.execute("INSERT INTO subject VALUES (?)", (subject,))
    except BaseException:
        database.close()
        raise
    return database


def _check(database: sqlite3.Connection, tables: list[tuple[str]], subject: str) -> None:
    marks = [
        database.execute(f"PRAGMA {mark}").fetchone()[0]
        for mark in ("application_id", "user_version")
    ]
    if tables != _TABLES or marks != [_APPLICATION, SCHEMA_VERSION]:
        raise _Foreign
    if database.execute("SELECT * FROM subject").fetchall() != [(subject,)]:
        raise _Foreign


def _blob(text: str) -> bytes:
    """A tactic from a model may hold half a surrogate pair, which SQLite's text cannot."""
    return text.encode("utf-8", "surrogatepass")
