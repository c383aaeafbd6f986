"""The restartable server: environments survive crashes, callers share it, nothing is left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pyorch.errors import (
    OutputError,
    ProtocolError,
    PyorchError,
    ServerCrashed,
    ServerOutOfMemory,
    ServerTimeout,
    ToolchainError,
)
from pyorch.lean.connection import _MAX_LOADS, Workspace
from pyorch.lean.protocol import Environment, Limits
from pyorch.lean.server import LeanServer
from pyorch.model import ToolchainId
from tests.unit.fakes import PATIENCE, FakeLean, inside, is_running, told, wait_until

INIT = Environment()
BRIEF = Limits(seconds=1.5)


def put_module(lean: FakeLean, root: str, name: str) -> None:
    place = lean.roots / root / f"{name.replace('.', '/')}.olean"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()


def test_starts_on_first_use_and_says_what_it_is(lean: FakeLean) -> None:
    server = lean.server()
    assert (server.starts, server.pid) == (0, None)
    assert server.toolchain == ToolchainId("embedded", "4.28.0", "f" * 40)
    assert server.start() == server.toolchain
    assert server.starts == 1 and server.pid is not None and is_running(server.pid)
    server.close()
    assert server.pid is None
    assert server.toolchain.version == "4.28.0"
    assert server.starts == 1


def test_an_environment_is_loaded_once_with_its_root_on_the_path(lean: FakeLean) -> None:
    put_module(lean, "r1", "PyOrch.Field")
    server = lean.server()
    library = Environment(("Init", "PyOrch.Field"), "r1")
    for text in ("one", "two"):
        said = told(server.elaborate(text, library, file="my file.lean"))
        assert said["modules"] == ["Init", "PyOrch.Field"]
        assert said["path"] == ["/lib/lean", str(lean.roots / "r1")]
        assert (said["text"], said["file"]) == (text, "my file.lean")
    assert told(server.elaborate("three", INIT))["path"] == ["/lib/lean"]
    assert len(lean.requests("load")) == 2
    server.close()


def test_limits_reach_lean(lean: FakeLean) -> None:
    server = lean.server()
    server.elaborate("x", INIT, limits=Limits(PATIENCE, 77, 99), trusted=True, goals=True)
    (request,) = lean.requests("elab")
    assert (request["heartbeats"], request["recursion"]) == (77, 99)
    assert (request["trusted"], request["goals"], request["steps"]) == (True, True, False)
    server.close()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("crash", ServerCrashed),
        ("killed", ServerCrashed),
        ("stall", ServerTimeout),
        ("grandchild", ServerTimeout),
        ("hoard", ServerOutOfMemory),
        ("malformed", ProtocolError),
        ("stranger", ProtocolError),
        ("exit", None),
        ("refuse", ProtocolError),
        ("partial", ProtocolError),
    ],
)
def test_the_next_request_after_a_failure_is_answered(
    lean: FakeLean, text: str, kind: type[PyorchError] | None
) -> None:
    put_module(lean, "r1", "PyOrch")
    library = Environment(("Init", "PyOrch"), "r1")
    server = lean.server()
    first = told(server.elaborate("before", library))
    if kind is None:
        server.elaborate(text, library)
        wait_until(lambda: not is_running(first["pid"]))
    else:
        with pytest.raises(kind) as error:
            limits = BRIEF if kind is ServerTimeout else Limits(memory=200)
            server.elaborate(text, library, limits=limits)
        assert len(str(error.value).splitlines()) == 1
    again = told(server.elaborate("after", library))
    assert again == {**first, "text": "after", "pid": again["pid"]}
    restarted = text not in {"refuse", "partial"}  # proper frames: we are still in step
    assert (again["pid"] != first["pid"]) == restarted
    assert server.starts == 1 + restarted
    server.close()


def test_lean_that_is_killed_between_requests_is_started_again(lean: FakeLean) -> None:
    server = lean.server()
    first = told(server.elaborate("before", INIT))["pid"]
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not is_running(first))
    assert told(server.elaborate("after", INIT))["pid"] != first
    server.close()
    # closed is not the end either
    server.elaborate("and again", INIT)
    assert server.starts == 3
    server.close()


def test_restarts_before_lean_has_loaded_too_much(lean: FakeLean) -> None:
    server = lean.server()
    for number in range(2 * _MAX_LOADS + 1):
        (lean.roots / f"r{number}").mkdir(parents=True)
        said = told(server.elaborate("x", Environment(("Init",), f"r{number}")))
        assert said["path"][-1] == str(lean.roots / f"r{number}")
    assert server.starts == 3
    told(server.elaborate("x", Environment(("Init",), "r0")))
    assert server.starts == 3
    server.close()


def test_an_environment_that_does_not_load(lean: FakeLean) -> None:
    server = lean.server()
    for _ in range(2):
        with pytest.raises(ProtocolError, match="unknown module prefix 'Missing'") as error:
            server.elaborate("x", Environment(("Init", "Missing")))
        assert len(str(error.value).splitlines()) == 1
    assert told(server.elaborate("x", INIT))["text"] == "x"
    server.close()


@pytest.mark.parametrize("start", ["die", "malformed", "empty", "garbage"])
def test_a_server_that_does_not_start(lean: FakeLean, start: str) -> None:
    server = lean.server(start)
    for _ in range(2):
        with pytest.raises(ToolchainError, match="does not start") as error:
            server.elaborate("x", INIT)
        assert len(str(error.value).splitlines()) == 1
        assert server.pid is None
        with pytest.raises(ToolchainError):
            _ = server.toolchain
    # nothing is left even without close()


def test_a_server_that_starts_at_the_second_try(lean: FakeLean) -> None:
    starts = iter(["die", "noisy"])
    server = LeanServer(lambda stage: lean.workspace(stage, next(starts)))
    with pytest.raises(ToolchainError):
        server.start()
    assert told(server.elaborate("x", INIT))["text"] == "x"
    server.close()


def test_an_error_while_the_workspace_is_made_leaves_nothing(lean: FakeLean) -> None:
    def make(stage: Path) -> Workspace:
        raise ToolchainError("no image")

    with pytest.raises(ToolchainError, match="no image"):
        LeanServer(make).start()


def test_concurrent_callers_get_their_own_answers(lean: FakeLean) -> None:
    server = lean.server()
    environments = [Environment(("Init",), f"r{k}") for k in range(3)]

    def ask(number: int) -> bool:
        environment = environments[number % 3]
        if number % 10 == 7:
            with pytest.raises(ServerCrashed):
                server.elaborate("crash", environment)
            return True
        said = told(server.elaborate(f"text {number}", environment))
        return bool(said["text"] == f"text {number}") and said["path"][-1] == str(
            lean.roots / environment.root
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(40)))
    server.close()


def test_abort_from_another_thread(lean: FakeLean) -> None:
    server = lean.server()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(server.elaborate, "grandchild", INIT, limits=Limits(None))
        wait_until(lambda: lean.grandchildren)
        server.abort()
        with pytest.raises(ServerCrashed, match="SIGKILL"):
            asked.result(PATIENCE)
    assert told(server.elaborate("next", INIT))["text"] == "next"
    server.abort()
    assert told(server.elaborate("next", INIT))["text"] == "next"
    server.close()
    server.abort()


CLIENT = """
import sys
from pathlib import Path
from pyorch.lean.protocol import Environment, Limits
from tests.unit.fakes import FakeLean
lean = FakeLean(Path(sys.argv[1]))
server = lean.server()
try:
    server.elaborate("grandchild", Environment(), limits=Limits(None))
except KeyboardInterrupt:
    print(server.pid, flush=True)
server.elaborate("after", Environment())
server.close()
print("done")
"""


def test_ctrl_c_during_a_request(lean: FakeLean, tmp_path: Path, checkout: Path) -> None:
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(tmp_path)],
        cwd=checkout,
        stdout=subprocess.PIPE,
    )
    wait_until(lambda: lean.grandchildren)
    client.send_signal(signal.SIGINT)
    output, _ = client.communicate(timeout=PATIENCE)
    assert output.split() == [b"None", b"done"]
    assert len(lean.events("start")) == 2


# ---- audit ---------------------------------------------------------------------------------------


def test_an_audit_keeps_no_proof_in_lean(lean: FakeLean) -> None:
    server = lean.server()
    raw = server.audit("statements", "proofs", ("a", "b"), INIT)
    assert [t.name for t in raw.theorems] == ["a", "b"]
    assert told(raw.asked)["text"] == "statements" and told(raw.given)["text"] == "proofs"
    assert [r["env"] for r in lean.requests("forget")] == ["given"]
    assert not any(r["trusted"] for r in lean.requests("elab") if "trusted" in r)
    server.close()


def test_what_was_asked_is_elaborated_once_and_proofs_each_time(lean: FakeLean) -> None:
    server = lean.server()

    def texts() -> list[str]:
        return [r["begins"] for r in lean.requests("elab")]

    server.audit("statements", "proofs", ("a",), INIT)
    raw = server.audit("statements", "proofs", ("a",), INIT)
    assert told(raw.asked)["text"] == "statements"
    assert texts() == ["statements", "proofs", "proofs"]
    server.audit("statements", "proofs", ("a",), INIT, limits=Limits(heartbeats=7))
    server.audit("others", "proofs", ("a",), INIT)
    assert texts()[3:] == ["statements", "proofs", "others", "proofs"]
    server.abort()  # a new process has nothing of it
    server.audit("others", "proofs", ("a",), INIT)
    assert texts()[7:] == ["others", "proofs"]
    for number in range(20):  # and only the latest are kept
        server.audit(f"statements {number}", "proofs", ("a",), INIT)
    forgotten = [r["env"] for r in lean.requests("forget") if r["env"] != "given"]
    assert len(forgotten) == len(set(forgotten)) == 20 + 1 - 8
    server.close()


def test_an_audit_whose_text_crashes_lean(lean: FakeLean) -> None:
    server = lean.server()
    with pytest.raises(ServerCrashed, match="exit code 3"):
        server.audit("statements", "crash", ("a",), INIT)
    with pytest.raises(ServerTimeout):
        server.audit("statements", "stall", ("a",), INIT, limits=BRIEF)
    assert server.audit("statements", "proofs", ("a",), INIT).kernel is None
    server.close()


def test_an_audit_with_a_restart_in_it_does_not_count(lean: FakeLean) -> None:
    server = lean.server()
    with pytest.raises(ServerCrashed):
        # ends after its answer: what was asked is lost before what was given is elaborated
        server.audit("exit", "proofs", ("a",), INIT)
    assert server.audit("statements", "proofs", ("a",), INIT).kernel is None
    server.close()


def test_an_audit_on_foreign_modules_is_judged_where_none_of_their_code_ran(lean: FakeLean) -> None:
    put_module(lean, "r1", "Theirs")
    theirs = Environment(("Init", "Theirs"), "r1")
    server = lean.server()
    first = told(server.elaborate("x", INIT))["pid"]
    raw = server.audit("statements", "proofs", ("a",), theirs)
    assert told(raw.asked)["pid"] == told(raw.given)["pid"] == first
    (judged,) = lean.requests("audit")
    assert judged["pid"] not in (first, server.pid)
    loads = [r for r in lean.requests("load") if r["pid"] == judged["pid"]]
    assert [(r["env"], r["modules"], r["extensions"]) for r in loads] == [
        (which, ["Init", "Theirs", "_stdin"], False) for which in ("asked", "given")
    ]
    assert [r["of"] for r in lean.requests("base")] == ["given"]
    assert not is_running(judged["pid"])
    assert server.audit("statements", "error", ("a",), theirs).kernel is not None
    assert len(lean.requests("audit")) == 1  # there was nothing to judge
    server.close()


def test_lean_that_loaded_foreign_modules_serves_nobody_else(lean: FakeLean) -> None:
    put_module(lean, "r1", "Theirs")
    theirs = Environment(("Init", "Theirs"), "r1")
    server = lean.server()
    pids = [
        told(server.elaborate("x", environment))["pid"]
        for environment in (INIT, theirs, theirs, INIT, INIT)
    ]
    assert pids[0] == pids[1] == pids[2] != pids[3] == pids[4]
    server.close()


# ---- compile -------------------------------------------------------------------------------------


def test_a_compiled_module_arrives_whole_or_not_at_all(lean: FakeLean, tmp_path: Path) -> None:
    server = lean.server()
    target = tmp_path / "out" / "módulo 1.olean"
    target.parent.mkdir()
    result = server.compile("def a := 1", "M", INIT, str(target), file="M.lean")
    assert not result.errors
    assert target.read_text() == "def a := 1"
    assert inside(target.parent) == [target.name]
    (request,) = lean.requests("elab")
    assert (request["module"], request["trusted"]) == ("M", True)
    other = target.with_name("other.olean")
    assert server.compile("error", "M", INIT, str(other)).errors
    for text, kind in (("unwritten", ProtocolError), ("crash", ServerCrashed)):
        with pytest.raises(kind):
            server.compile(text, "M", INIT, str(other))
    assert inside(target.parent) == [target.name]
    server.close()


@pytest.mark.parametrize("text", ["def a := 1", "error", "unwritten", "refuse", "crash"])
def test_what_judges_proofs_never_saw_a_foreign_module(
    lean: FakeLean, tmp_path: Path, text: str
) -> None:
    server = lean.server()

    def compiled(module: str, text: str) -> int:
        with contextlib.suppress(ProtocolError, ServerCrashed):
            server.compile(text, module, INIT, str(tmp_path / "m.olean"))
        pid: int = lean.requests("elab")[-1]["pid"]
        return pid

    first = told(server.elaborate("x", INIT))["pid"]
    assert compiled("PyOrch.Field", "def a := 1") == first
    assert told(server.elaborate("x", INIT))["pid"] == first
    foreign = compiled("Theirs", text)
    again = compiled("Theirs.More", text)  # among themselves they may share one
    assert (again == foreign) == (text != "crash")
    for pid in (compiled("PyOrch.Field", "def a := 1"), told(server.elaborate("x", INIT))["pid"]):
        assert pid not in {foreign, again}
    server.close()


def test_a_compiled_module_that_has_no_place(lean: FakeLean, tmp_path: Path) -> None:
    server = lean.server()
    (tmp_path / "folder.olean").mkdir()
    for target in (tmp_path / "missing" / "a.olean", tmp_path / "folder.olean"):
        with pytest.raises(OutputError, match="cannot write"):
            server.compile("def a := 1", "M", INIT, str(target))
    assert not list(tmp_path.glob("*.part"))
    server.close()


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"limits": {"seconds": 1, "surprise": 2}, "environment": {"modules": [], "root": ""}},
        {"limits": {}, "environment": {"modules": []}},
        {"limits": [], "environment": {}},
        {"limits": {}, "environment": {"modules": ["Init"], "root": ""}},
    ],
)
@pytest.mark.parametrize("method", ["elaborate", "audit", "compile", "evaluate"])
def test_malformed_calls_are_refused(
    lean: FakeLean, method: str, arguments: dict[str, object]
) -> None:
    server = lean.server()
    with pytest.raises(ProtocolError):
        server.call(method, arguments)
    server.close()


def test_threads_do_not_pile_up(lean: FakeLean) -> None:
    server = lean.server()
    server.elaborate("warm", INIT)
    before = threading.active_count()
    for _ in range(3):
        with pytest.raises(ServerCrashed):
            server.elaborate("crash", INIT)
        server.elaborate("warm", INIT)
    assert threading.active_count() == before
    server.close()
