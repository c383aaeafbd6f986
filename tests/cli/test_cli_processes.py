"""The warm server between commands, and commands that are interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pyorch.lean.workbench import Workbench
from tests.cli.runner import PATIENCE, Cli

TRIVIAL = "theorem trivially : True := trivial\n"

#: Runs for ever, and says when it has begun: /stage is a folder of its own for each Lean.
FOR_EVER = """
partial def forever (n : Nat) : Nat := forever (n + 1)
#eval IO.FS.writeFile "/stage/reached" ""
#eval forever 0
"""


def wait_until(
    condition: Callable[[], object], process: subprocess.Popen[str] | None = None
) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process is None or process.poll() is None, Cli.finish(process)
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [(signal.SIGINT, 130, ["pyorch: interrupted"]), (signal.SIGTERM, 143, [])],
    ids=["interrupt", "terminate"],
)
def test_a_lean_of_its_own_ends_with_the_command(
    lean: Cli, bench: Workbench, number: signal.Signals, code: int, words: list[str]
) -> None:
    if bench.toolchain.id.kind != "embedded":
        pytest.skip("where Lean may write is known of the embedded toolchain only")
    assert bench.build().environment is not None
    temporary = lean.folder / "tmp"
    temporary.mkdir()
    (lean.folder / "Forever.lean").write_text(FOR_EVER)
    before = lean.files
    process = lean.start("build", "Forever.lean", "--no-daemon", TMPDIR=str(temporary))
    try:
        wait_until(lambda: list(temporary.glob("*/reached")), process)
        leans = children(process.pid)
        assert leans
        process.send_signal(number)
        result = Cli.finish(process)
    finally:
        process.kill()
    assert (result.code, result.out) == (code, "")
    said = [line for line in result.err.splitlines() if line]
    assert said == ["building", "compiling Forever", *words]
    assert not any(map(is_running, leans))
    assert list(temporary.iterdir()) == []
    assert lean.files == before
    roots = bench.config.cache / "modules" / "roots"
    # other processes of these tests share the folder; what they build does not stay partial
    wait_until(lambda: list(roots.glob("partial-*")) == [])


@pytest.fixture
def own(lean: Cli, bench: Workbench) -> Iterator[Cli]:
    """The command line with a warm server that no other test asks."""
    cache = lean.folder / "c"
    cache.mkdir()
    for shared in ("toolchains", "modules"):
        (cache / shared).symlink_to(bench.config.cache / shared)
    (lean.folder / "Trivial.lean").write_text(TRIVIAL)
    cli = Cli(lean.folder, {"PYORCH_CACHE": str(cache)})
    yield cli
    cli("server", "stop")


def running(cli: Cli) -> Any:
    return cli("server", "status", "--json").json["running"]


def test_an_interrupted_request_of_the_daemon(own: Cli, bench: Workbench) -> None:
    assert bench.build().environment is not None
    (own.folder / "Forever.lean").write_text(FOR_EVER)
    assert own("audit", "Trivial.lean", "-q").code == 0
    before = running(own)
    process = own.start("build", "Forever.lean", "--quiet")
    try:
        wait_until(lambda: running(own)["busy"], process)
        process.send_signal(signal.SIGINT)
        result = Cli.finish(process)
    finally:
        process.kill()
    assert (result.code, result.out) == (130, "")
    assert result.err.strip() == "pyorch: interrupted"
    assert own("audit", "Trivial.lean").code == 0
    after = running(own)
    assert after["pid"] == before["pid"]
    assert after["lean_pid"] != before["lean_pid"]
    assert not is_running(before["lean_pid"])


def test_a_server_from_first_use_to_stop(own: Cli) -> None:
    none = own("server", "status")
    assert (none.code, none.out, none.err) == (1, "no server is running\n", "")
    assert running(own) is None

    assert own("audit", "Trivial.lean", "-q").code == 0
    status = own("server", "status", "--json")
    try:
        assert (status.code, status.json["schema"]) == (0, "pyorch-server-1")
        state = status.json["running"]
        assert state["requests"] >= 1 and state["idle_exit"] > 0
        assert is_running(state["pid"]) and is_running(state["lean_pid"])
        human = own("server", "status")
        assert human.code == 0
        assert human.out.startswith(f"running: process {state['pid']}, ")
        assert own("audit", "Trivial.lean", "-q").code == 0
        assert running(own)["pid"] == state["pid"]
    finally:
        stopped = own("server", "stop")
    assert (stopped.code, stopped.out, stopped.err) == (0, "stopped\n", "")
    assert not is_running(state["pid"]) and not is_running(state["lean_pid"])
    assert own("server", "status").code == 1
    again = own("server", "stop", "--json")
    assert (again.code, again.json["stopped"]) == (0, False)


def test_asking_after_a_server_installs_nothing(cli: Cli) -> None:
    empty = Cli(cli.folder, {"PYORCH_CACHE": str(cli.folder / "c"), "PYORCH_TOOLCHAIN": "embedded"})
    assert empty("server", "status").code == 1
    assert empty("server", "stop").code == 0
    assert cli.files == {}
