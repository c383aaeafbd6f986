"""`pyorch sorries`: scan, compare with what was there before, remember, judge.

    paths ─► scan ─► compare with the baseline ─► record ─► gate

The baseline is a commit that was named, or else the last one before what is scanned: the commit
that is checked out where files were edited, its parent where none was. One that does not elaborate
is passed over for its parent. Without git it is the scan before this one.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pyorch.errors import InputError, UsageError
from pyorch.lean.progress import Progress
from pyorch.lean.workbench import Workbench
from pyorch.sorries.compare import Comparison, Gate, Thread, compare, gate, threads
from pyorch.sorries.git import Commit, Repository, find_repository
from pyorch.sorries.history import History, default_file, in_order, scope_of
from pyorch.sorries.model import Run, Scan
from pyorch.sorries.scan import scan

__all__ = ["Burndown", "scan_commit", "scan_commits", "track"]

Report = Callable[[Progress], None]

#: Commits that are tried as the baseline until one elaborates, and the one that is checked out.
_FURTHEST = 10


@dataclass(frozen=True)
class Burndown:
    """The result of `track`.

    Attributes:
        scan: of the files as they are now.
        runs: the history, the oldest first; what was scanned now is the last, unless it has
            problems.
        comparison: with the baseline; None where there was nothing before, or where some file does
            not elaborate.
        baseline: what `comparison` compares with, in words.
        gate: the judgement; its exit code is that of the command.
        recorded: was this scan added to the history? Edits that are in no commit yet are not.
    """

    scan: Scan
    runs: tuple[Run, ...]
    comparison: Comparison | None
    baseline: str
    gate: Gate
    recorded: bool

    @property
    def threads(self) -> tuple[Thread, ...]:
        """All declarations that ever rested on ``sorry``, with when they came and went."""
        return threads(self.runs)


def track(
    paths: Sequence[Path],
    bench: Workbench,
    report: Report,
    *,
    database: Path | None = None,
    against: str | None = None,
    commits: int = 0,
    fail_on_any: bool = False,
    fail_on_increase: bool = False,
) -> Burndown:
    """Scan files, compare them with what they were, and judge.

    Args:
        paths: Lean files and folders.
        database: the history; by default ``.pyorch/sorries.db`` at the top of the repository, or
            without one in the working directory.
        against: a commit to compare with.
        commits: scan so many of the latest commits too, if they are not in the history yet.

    Raises:
        UsageError: no such commit, or ``fail_on_increase`` in a shallow clone that lacks the
            commit before.
        InputError: a file cannot be read, the history is damaged, or no commit that could be
            compared with elaborates.
    """
    repository = find_repository(paths[0])
    if repository is None:
        if against is not None or commits:
            raise UsageError(f"{paths[0]} is in no git repository, so there are no commits")
        return _without_git(paths, bench, report, database, fail_on_any, fail_on_increase)
    inner = [repository.inner(p) for p in paths]
    scope = scope_of(inner)
    found = scan(paths, bench, base=repository.root, progress=report)
    head = repository.head()
    clean = repository.is_clean(inner)
    with History(database or default_file(repository.root)) as history:
        if commits and head is not None:
            scan_commits(repository, repository.commits(head.id, commits), paths, bench, history,
                         report)  # fmt: skip
        if head is not None and clean and not found.problems:
            history.record(_run(found, head), scope)
        base = _baseline(
            repository, head, clean, against, paths, bench, history, report,
            needed=fail_on_increase,
        )  # fmt: skip
        runs = history.runs(scope)
    if head is not None:
        runs = in_order(runs, [c.id for c in repository.commits(head.id)])
    recorded = head is not None and clean and not found.problems
    if not recorded and not found.problems:
        runs = (*runs, _now(found, "not committed"))
    baseline = "no earlier commit was scanned"
    if base is not None and base.commit is not None:
        baseline = f"{base.commit[:10]} {base.subject}".rstrip()
    comparison = None if base is None or found.problems else compare(base.sorries, found)
    return Burndown(
        found,
        runs,
        comparison,
        baseline,
        gate(found, comparison, fail_on_any=fail_on_any, fail_on_increase=fail_on_increase),
        recorded=recorded,
    )


def _without_git(
    paths: Sequence[Path],
    bench: Workbench,
    report: Report,
    database: Path | None,
    fail_on_any: bool,
    fail_on_increase: bool,
) -> Burndown:
    found = scan(paths, bench, progress=report)
    root = Path().resolve()
    scope = scope_of(
        PurePosixPath(p.relative_to(root) if p.is_relative_to(root) else p)
        for p in (path.resolve() for path in paths)
    )
    with History(database or default_file(root)) as history:
        earlier = [r for r in history.runs(scope) if r.problem is None]
        if not found.problems:
            history.record(_now(found), scope)
        runs = history.runs(scope)
    comparison = compare(earlier[-1].sorries, found) if earlier and not found.problems else None
    return Burndown(
        found,
        runs,
        comparison,
        "the scan before" if earlier else "there is no earlier scan",
        gate(found, comparison, fail_on_any=fail_on_any, fail_on_increase=fail_on_increase),
        recorded=not found.problems,
    )


def _baseline(
    repository: Repository,
    head: Commit | None,
    clean: bool,
    against: str | None,
    paths: Sequence[Path],
    bench: Workbench,
    history: History,
    report: Report,
    *,
    needed: bool,
) -> Run | None:
    """The run to compare with: the last one before that could be scanned.

    It is looked for in the history alone, unless one was named or is needed: then it is scanned.
    """
    if against is not None:
        before = repository.commits(repository.commit(against).id, _FURTHEST)[::-1]
    elif head is not None:
        before = repository.commits(head.id, _FURTHEST)[::-1][1 if clean else 0 :]
    else:
        return None
    if not before and needed and repository.is_shallow:
        raise UsageError(
            "the commit before is not in this shallow clone: fetch it (with actions/checkout: "
            "fetch-depth: 0), or name one to compare with"
        )
    scope = scope_of(repository.inner(p) for p in paths)
    for commit in before:
        run = history.run_of(commit.id, scope)
        if (run is None or run.problem is not None) and (needed or against is not None):
            (run,) = scan_commits(repository, [commit], paths, bench, history, report)
        if run is not None and run.problem is None:
            return run
    if before and (needed or against is not None):
        raise InputError(
            repository.root,
            "",
            f"{before[0].id[:10]} and the {len(before) - 1} commits before it do not elaborate: "
            "name another one to compare with",
        )
    return None


def scan_commit(
    repository: Repository, commit: Commit, paths: Sequence[Path], bench: Workbench, report: Report
) -> Run:
    """Scan ``paths`` as they were in a commit. What does not elaborate is said in the run."""
    inner = [repository.inner(p) for p in paths]
    with tempfile.TemporaryDirectory(prefix="pyorch-commit-") as folder:
        base = Path(folder)
        present = repository.extract(commit, inner, base)
        try:
            found = scan(present, bench, base=base, progress=report)
        except InputError as error:
            return Run(commit.id, commit.time, (), subject=commit.subject, problem=str(error))
    return _run(found, commit)


def scan_commits(
    repository: Repository,
    commits: Sequence[Commit],
    paths: Sequence[Path],
    bench: Workbench,
    history: History,
    report: Report,
) -> tuple[Run, ...]:
    """Scan those of ``commits`` that are not in the history, or could not be scanned, and add them.

    Args:
        paths: as they are called now.

    Returns:
        A run for each commit, in their order.
    """
    scope = scope_of(repository.inner(p) for p in paths)
    runs = []
    for number, commit in enumerate(commits):
        report(Progress(f"commit {commit.id[:10]}", number, len(commits)))
        run = history.run_of(commit.id, scope)
        if run is None or run.problem is not None:
            run = scan_commit(repository, commit, paths, bench, report)
            history.record(run, scope)
        runs.append(run)
    return tuple(runs)


def _now(found: Scan, subject: str = "") -> Run:
    return Run(
        None, int(time.time()), found.sorries, found.files, found.declarations, subject=subject
    )


def _run(found: Scan, commit: Commit) -> Run:
    problem = "; ".join(map(str, found.problems)) or None
    sorries = () if found.problems else found.sorries
    return Run(
        commit.id, commit.time, sorries, found.files, found.declarations, commit.subject, problem
    )
