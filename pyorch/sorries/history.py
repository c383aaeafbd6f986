"""The history of scans: one SQLite file, ``.pyorch/sorries.db``."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

from pyorch.errors import InputError, OutputError
from pyorch.output import write_text
from pyorch.sorries.model import OpenGoal, Reach, Run, Sorry

__all__ = ["History", "default_file", "in_order", "scope_of"]

_APPLICATION = 0x70796F72  # 'pyor'
_VERSION = 1
_PATIENCE = 60.0  # seconds, for other processes that write
_HEADER = 100  # bytes of SQLite's header
_TABLES = (
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY, commit_id TEXT, scope TEXT NOT NULL, time INTEGER NOT NULL,
        subject TEXT NOT NULL, files INTEGER NOT NULL, declarations INTEGER NOT NULL, problem TEXT,
        UNIQUE (commit_id, scope))""",
    """CREATE TABLE sorries (
        run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, number INTEGER NOT NULL,
        name TEXT NOT NULL, kind TEXT NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL,
        column INTEGER NOT NULL, statement TEXT NOT NULL, type TEXT NOT NULL, reach TEXT NOT NULL,
        chain TEXT NOT NULL, goals TEXT NOT NULL, PRIMARY KEY (run, number)) WITHOUT ROWID""",
    "CREATE INDEX by_statement ON sorries (statement)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)


def default_file(root: Path) -> Path:
    """Where the history of the files below ``root`` is kept."""
    return root / ".pyorch" / "sorries.db"


def scope_of(paths: Iterable[PurePosixPath]) -> str:
    """What was scanned, in words that are the same every time: runs of one scope are compared."""
    return json.dumps(sorted({str(p) for p in paths}))


class History:
    """Scans as they were recorded, safe to use from several processes at once.

    Args:
        file: made on first use, with its folder, in which git is told to ignore everything.

    Raises:
        InputError: it is no such file, is damaged, or was made by a later version.
        OutputError: it cannot be made.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        if file.is_file() and 0 < file.stat().st_size < _HEADER:  # SQLite would overwrite it
            raise InputError(file, "", "is damaged or no history")
        try:
            if not file.parent.exists():
                file.parent.mkdir(parents=True, exist_ok=True)  # another process may be as far
                if file.parent.name == ".pyorch":
                    write_text(file.parent / ".gitignore", "*\n")
            self._connection = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)
        except (OSError, sqlite3.OperationalError) as error:
            raise OutputError(f"cannot open the history {file}: {error}") from error
        try:
            with self._transaction():
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        application, version = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        )
        tables = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if (application, version, tables) == (0, 0, 0):
            for statement in _TABLES:
                self._connection.execute(statement)
        elif application != _APPLICATION:
            raise InputError(self.file, "", "is not a history of pyorch")
        elif version != _VERSION:
            raise InputError(
                self.file, "", f"has the format {version}; this pyorch reads {_VERSION}"
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            raise OutputError(f"the history {self.file}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise InputError(self.file, "", f"is damaged or no history: {error}") from error

    def record(self, run: Run, scope: str) -> None:
        """Keep a run; what was kept of the same commit and scope is replaced."""
        with self._transaction():
            if run.commit is not None:
                found = self._connection.execute(
                    "SELECT id FROM runs WHERE commit_id = ? AND scope = ?", (run.commit, scope)
                ).fetchone()
                if found:
                    self._connection.execute("DELETE FROM sorries WHERE run = ?", found)
                    self._connection.execute("DELETE FROM runs WHERE id = ?", found)
            about = (run.commit, scope, run.time, run.subject, run.files, run.declarations)
            number = self._connection.execute(
                "INSERT INTO runs (commit_id, scope, time, subject, files, declarations, problem)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*about, run.problem),
            ).lastrowid
            self._connection.executemany(
                "INSERT INTO sorries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(number, i, *_row(s)) for i, s in enumerate(run.sorries)],
            )

    def runs(self, scope: str) -> tuple[Run, ...]:
        """All runs of a scope, the oldest first."""
        with self._transaction():
            runs = self._connection.execute(
                "SELECT id, commit_id, time, subject, files, declarations, problem FROM runs"
                " WHERE scope = ? ORDER BY time, id",
                (scope,),
            ).fetchall()
            return tuple(self._run(*row) for row in runs)

    def run_of(self, commit: str, scope: str) -> Run | None:
        """What was found in a commit; None if it was not scanned."""
        with self._transaction():
            row = self._connection.execute(
                "SELECT id, commit_id, time, subject, files, declarations, problem FROM runs"
                " WHERE commit_id = ? AND scope = ?",
                (commit, scope),
            ).fetchone()
            return None if row is None else self._run(*row)

    def _run(
        self, number: int, commit: str | None, time: int, subject: str, files: int,
        declarations: int, problem: str | None,
    ) -> Run:  # fmt: skip
        rows = self._connection.execute(
            "SELECT name, kind, file, line, column, statement, type, reach, chain, goals"
            " FROM sorries WHERE run = ? ORDER BY number",
            (number,),
        )
        try:
            sorries = tuple(_sorry(*row) for row in rows)
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(self.file, f"run {number}", f"is damaged: {error}") from error
        return Run(commit, time, sorries, files, declarations, subject, problem)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> History:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _row(sorry: Sorry) -> tuple[object, ...]:
    chain = json.dumps(sorry.chain, ensure_ascii=False)
    goals = json.dumps([asdict(g) for g in sorry.goals], ensure_ascii=False)
    return (
        sorry.name, sorry.kind, sorry.file, sorry.line, sorry.column, sorry.statement, sorry.type,
        sorry.reach.value, chain, goals,
    )  # fmt: skip


def _sorry(*row: Any) -> Sorry:
    name, kind, file, line, column, statement, type_, reach, chain, goals = row
    return Sorry(
        name, kind, file, line, column, statement, type_, Reach(reach),
        tuple(json.loads(chain)), tuple(OpenGoal(**g) for g in json.loads(goals)),
    )  # fmt: skip


def in_order(runs: Sequence[Run], commits: Sequence[str]) -> tuple[Run, ...]:
    """Those of the given commits, in their order."""
    by_commit = {r.commit: r for r in runs}
    return tuple(by_commit[c] for c in commits if c in by_commit)
