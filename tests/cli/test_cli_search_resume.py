"""A search for a proof that was killed goes on where it was; an interrupted one leaves nothing."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from pyorch.lean.workbench import Workbench
from tests.cli.runner import PATIENCE, Cli

#: It takes some dozens of tactics.
LONG = """/-! {mark} -/
theorem a (xs : List Nat) (h : ∀ x ∈ xs, x ≤ 3) : xs.sum ≤ 3 * xs.length := by
  sorry
"""
#: It has no proof.
HARD = """/-! {mark} -/
theorem a (f : Nat → Nat) (n : Nat) : f n = f (n + 1) ∨ f 0 = f 0 + n := by
  sorry
"""
ENOUGH = 8  # outcomes


def outcomes(log: Path) -> list[tuple[bytes, bytes]]:
    """States and tactics that a log has."""
    with closing(sqlite3.connect(log)) as database:
        try:
            return database.execute("SELECT state, tactic FROM outcomes").fetchall()
        except sqlite3.OperationalError:  # it is just being made
            return []


def has_begun(log: Path) -> bool:
    return len(outcomes(log)) >= ENOUGH


@contextmanager
def search_under_way(
    cli: Cli, logs: Path, *arguments: str
) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process of `pyorch search` whose log has some outcomes, and that log."""
    before = set(logs.glob("*.sqlite"))
    process = cli.start("search", *arguments)
    try:
        deadline = time.monotonic() + PATIENCE
        while not (new := [log for log in set(logs.glob("*.sqlite")) - before if has_begun(log)]):
            assert process.poll() is None, Cli.finish(process)
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield process, new[0]
    finally:
        if process.poll() is None:
            process.kill()
            Cli.finish(process)


def test_a_search_that_was_killed_goes_on(lean: Cli, bench: Workbench) -> None:
    text = LONG.format(mark=lean.folder)  # so that no search before was for it
    file = lean.folder / "File.lean"
    file.write_text(text, encoding="utf-8")
    arguments = ("File.lean", "--no-disprove", "--json", "--budget", "60")
    with search_under_way(lean, bench.config.cache / "search", *arguments) as (process, log):
        process.send_signal(signal.SIGKILL)
        process.wait()
        known = outcomes(log)
    assert file.read_text(encoding="utf-8") == text
    resumed = lean("search", *arguments, "--dry-run").json["holes"][0]
    assert resumed["status"] == "proved"
    assert resumed["statistics"]["recalled"] >= len(known) >= ENOUGH
    # nothing was run twice: each of them is in the log once, and all were run now or before
    tried = outcomes(log)
    assert set(known) < set(tried)
    assert resumed["statistics"]["recalled"] + new_tactics(resumed) == len(tried)
    afresh = lean("search", *arguments, "--dry-run", "--fresh").json["holes"][0]
    assert afresh["statistics"]["recalled"] == 0
    assert (afresh["script"], new_tactics(afresh)) == (resumed["script"], len(tried))
    for field in ("nodes", "proved", "depth"):
        assert afresh["statistics"][field] == resumed["statistics"][field]


def new_tactics(hole: dict[str, dict[str, int]]) -> int:
    """Tactics that were run, but for those that made a lost state again."""
    return hole["statistics"]["tactics"] - hole["statistics"]["replayed"]


def test_ctrl_c_leaves_nothing_behind(lean: Cli, bench: Workbench) -> None:
    text = HARD.format(mark=lean.folder)
    file = lean.folder / "File.lean"
    file.write_text(text, encoding="utf-8")
    arguments = ("File.lean", "--no-disprove", "--budget", "300", "--no-daemon")
    with search_under_way(lean, bench.config.cache / "search", *arguments) as (process, _):
        children = psutil.Process(process.pid).children(recursive=True)
        assert children, "Lean runs below it"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err.splitlines()[-1]) == (130, "", "pyorch: interrupted")
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert not alive and len(gone) == len(children)
    assert lean.files.keys() == {"File.lean"}
    assert file.read_text(encoding="utf-8") == text
