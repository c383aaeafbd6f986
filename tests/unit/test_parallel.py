"""Several servers compile at once: who gets what, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from pyorch.errors import ServerCrashed
from pyorch.lean import parallel
from pyorch.lean.build import Built, Module, build
from pyorch.lean.parallel import Schedule, room
from pyorch.lean.server import LeanServer
from tests.unit.fakes import PATIENCE, FakeLean, inside, wait_until

#: A long chain on A, a short one on B, and C alone.
IMPORTS: dict[str, tuple[str, ...]] = {
    "C": (), "B": (), "B1": ("B",), "A": ("Init",), "A1": ("A",), "A2": ("A1",), "A3": ("A2",),
}  # fmt: skip


# ---- the schedule --------------------------------------------------------------------------------


def drained(schedule: Schedule, bad: Sequence[str] = ()) -> list[str]:
    """What one worker is handed."""
    given = []
    name = schedule.take()
    while name is not None:
        given.append(name)
        name = schedule.done(name, good=name not in bad)
    return given


def test_the_longest_chain_comes_first() -> None:
    assert drained(Schedule(IMPORTS)) == ["A", "A1", "B", "A2", "C", "B1", "A3"]


def test_nothing_comes_before_what_it_imports() -> None:
    schedule = Schedule(IMPORTS)
    taken = [schedule.take() for _ in range(3)]
    assert taken == ["A", "B", "C"]
    assert schedule.done("B", good=True) == "B1"
    assert schedule.done("A", good=True) == "A1"
    assert schedule.done("A1", good=True) == "A2"


def test_after_a_failure_only_what_comes_before_it_in_the_order() -> None:
    assert drained(Schedule(IMPORTS), bad=["A1"]) == ["A", "A1", "B", "C", "B1"]
    assert drained(Schedule(IMPORTS), bad=["A1", "B"]) == ["A", "A1", "B", "C"]


def test_what_is_given_back_is_handed_out_again() -> None:
    schedule = Schedule({"A": (), "B": ("A",)})
    assert schedule.take() == "A"
    schedule.give_back("A")
    assert drained(schedule) == ["A", "B"]


def test_nothing_after_the_end() -> None:
    schedule = Schedule(IMPORTS)
    assert schedule.take() == "A"
    schedule.stop()
    schedule.give_back("A")
    assert schedule.take() is None
    assert Schedule({}).take() is None


# ---- room ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cores", "gigabytes", "expected"),
    [(1, 100, 1), (2, 100, 2), (64, 100, 3), (4, 8, 3), (4, 1, 1), (3, 6, 2), (2, 4, 1)],
)
def test_room(monkeypatch: pytest.MonkeyPatch, cores: int, gigabytes: int, expected: int) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(cores), raising=False)
    memory = SimpleNamespace(available=gigabytes * 2**30)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    assert room() == expected


# ---- over the fake -------------------------------------------------------------------------------


def modules(*texts: str) -> list[Module]:
    """As many that import nothing."""
    return [Module(f"M{k}", f"M{k}.lean", text, ()) for k, text in enumerate(texts)]


def run(
    lean: FakeLean, cache: Path, given: Sequence[Module], helpers: Sequence[LeanServer]
) -> Built:
    own = lean.server()
    try:
        return build(given, lambda: own, cache, "t", helpers=helpers)
    finally:
        own.close()


def pids(lean: FakeLean) -> set[int]:
    return {e["pid"] for e in lean.requests("elab")}


class Meeting(LeanServer):
    """Compiles when another one does at the same time."""

    def __init__(self, lean: FakeLean, barrier: threading.Barrier) -> None:
        super().__init__(lean.workspace)
        self._barrier = barrier

    def compile(self, *args: object, **named: object):  # type: ignore[no-untyped-def]
        self._barrier.wait(PATIENCE)
        return super().compile(*args, **named)  # type: ignore[arg-type]


def test_independent_modules_are_compiled_at_once(lean: FakeLean, tmp_path: Path) -> None:
    barrier = threading.Barrier(2)
    own = Meeting(lean, barrier)
    try:
        built = build(
            modules(*["def x := 1"] * 10),
            lambda: own,
            tmp_path,
            "t",
            helpers=[Meeting(lean, barrier)],
        )
    finally:
        own.close()
    assert built.compiled == tuple(f"M{k}" for k in range(10))
    assert len(pids(lean)) == 2
    assert inside(lean.stages) == []


def test_for_a_few_modules_no_helper_starts(lean: FakeLean, tmp_path: Path) -> None:
    helper = lean.server()
    built = run(lean, tmp_path, modules(*["def x := 1"] * 8), [helper])
    assert (len(built.compiled), helper.starts) == (8, 0)


def test_a_chain_needs_no_helper(lean: FakeLean, tmp_path: Path) -> None:
    chain = [Module(f"M{k}", f"M{k}.lean", "", (f"M{k - 1}",) if k else ()) for k in range(12)]
    helper = lean.server()
    built = run(lean, tmp_path, chain, [helper])
    assert (len(built.compiled), helper.starts) == (12, 0)


def test_a_failure_reads_the_same_with_helpers(
    lean: FakeLean, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "_LEAST", 1)
    given = modules(*["def x := 1"] * 3, "error", *["def x := 1"] * 3, "error")
    alone = run(lean, tmp_path / "alone", given, [])
    lean.roots = tmp_path / "helped" / "modules" / "roots"
    helped = run(lean, tmp_path / "helped", given, [lean.server(), lean.server()])
    assert alone.environment is helped.environment is None
    assert alone.compiled == helped.compiled == ("M0", "M1", "M2")
    assert [(d.severity, d.file) for d in alone.diagnostics] == [
        (d.severity, d.file) for d in helped.diagnostics
    ]
    assert inside(lean.roots) == []


@pytest.mark.parametrize("start", ["die", "empty"])
def test_a_helper_that_does_not_start_is_done_without(
    lean: FakeLean, tmp_path: Path, start: str
) -> None:
    built = run(lean, tmp_path, modules(*["def x := 1"] * 10), [lean.server(start)])
    assert len(built.compiled) == 10 and built.environment is not None


def test_lean_that_dies_of_a_module(lean: FakeLean, tmp_path: Path) -> None:
    with pytest.raises(ServerCrashed):
        run(lean, tmp_path, modules(*["crash"] * 10), [lean.server(), lean.server()])
    assert inside(lean.roots) == []


CLIENT = """
import sys
from pathlib import Path
from pyorch.lean.build import Module, build
from tests.unit.fakes import FakeLean
lean = FakeLean(Path(sys.argv[1]))
server = lean.server()
modules = [Module(f"M{k}", f"M{k}.lean", "stall", ()) for k in range(10)]
build(modules, lambda: server, Path(sys.argv[1]), "t", helpers=[lean.server(sys.argv[2])])
"""


@pytest.mark.parametrize(("start", "stalls"), [("proper", 2), ("silent", 1)])
def test_ctrl_c_ends_helpers_too(
    lean: FakeLean, tmp_path: Path, checkout: Path, start: str, stalls: int
) -> None:
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(tmp_path), start],
        cwd=checkout,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: len(lean.events("stalls")) == stalls and len(lean.events("start")) == 2)
    client.send_signal(signal.SIGINT)
    _, said = client.communicate(timeout=PATIENCE)
    assert said.splitlines()[-1] == "KeyboardInterrupt" and "Exception in thread" not in said
    assert lean.all_gone()
    assert inside(lean.stages) == [] and inside(lean.roots) == []
    assert inside(tmp_path / "modules" / "objects") == []
