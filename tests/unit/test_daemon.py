"""The daemon: one warm server for all commands of a user, on the fake proof server."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pyorch.errors import (
    OutputError,
    ProtocolError,
    PyorchError,
    ServerCrashed,
    ServerTimeout,
    ToolchainError,
)
from pyorch.lean import daemon
from pyorch.lean.daemon import DaemonClient, connect, socket_path, status, stop
from pyorch.lean.protocol import Environment, Limits
from tests.unit.fakes import PATIENCE, FakeLean, is_running, told, wait_until

INIT = Environment()

#: What ``python -m pyorch.lean.daemon`` does, over the fake.
DAEMON = """
import sys, os
from pathlib import Path
from pyorch.errors import PyorchError
from pyorch.lean import daemon
from tests.unit.fakes import FakeLean
folder, socket, idle, start, handover = sys.argv[1:]
daemon._HANDOVER = float(handover)
lean = FakeLean(Path(folder))
lean.note("daemon", pid=os.getpid())
try:
    daemon.serve(Path(socket), lean.server(start), float(idle))
except PyorchError as error:
    sys.exit(str(error))
"""


class Daemons:
    """Starts daemons on one path."""

    def __init__(self, lean: FakeLean, folder: Path, path: Path) -> None:
        self.lean, self.folder, self.path = lean, folder, path

    def command(
        self, *, idle: float = 600.0, start: str = "proper", handover: float = PATIENCE
    ) -> list[str]:
        arguments = [str(self.folder), str(self.path), str(idle), start, str(handover)]
        return [sys.executable, "-c", DAEMON, *arguments]

    def connect(self, **options: Any) -> DaemonClient:
        return connect(self.path, self.command(**options))

    @property
    def pids(self) -> list[int]:
        return [e["pid"] for e in self.lean.events("daemon")]

    def all_gone(self) -> bool:
        return not any(is_running(pid) for pid in self.pids)


@pytest.fixture
def daemons(
    lean: FakeLean, tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Daemons]:
    monkeypatch.setenv("PYTHONPATH", str(checkout))
    # socket names are short, those of pytest's folders long
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="pyorch-test-") as short:
        made = Daemons(lean, tmp_path, socket_path(Path(short), "key"))
        try:
            yield made
            stop(made.path)
            wait_until(made.all_gone)
            assert not made.path.exists()
        finally:
            for pid in filter(is_running, made.pids):
                os.kill(pid, signal.SIGKILL)


def test_starts_on_demand_and_stays(daemons: Daemons) -> None:
    assert status(daemons.path) is None
    first, second = daemons.connect(), daemons.connect()
    assert first.toolchain.version == "4.28.0"
    one, two = told(first.elaborate("one ∀", INIT)), told(second.elaborate("two", INIT))
    assert (one["text"], two["text"]) == ("one ∀", "two")
    assert one["pid"] == two["pid"]
    first.close()
    assert told(second.elaborate("three", INIT))["text"] == "three"
    assert len(daemons.pids) == 1


def test_status_and_stop(daemons: Daemons) -> None:
    client = daemons.connect(idle=500)
    lean_pid = told(client.elaborate("one", INIT))["pid"]
    state = status(daemons.path)
    assert state is not None
    assert [state.pid] == daemons.pids
    assert (state.lean_pid, state.requests, state.idle_exit) == (lean_pid, 1, 500)
    assert 0 <= state.uptime < 3600 and state.toolchain == client.toolchain
    assert stop(daemons.path)
    assert not is_running(state.pid) and not is_running(lean_pid)
    assert not daemons.path.exists()
    assert status(daemons.path) is None
    assert not stop(daemons.path)


def test_an_answer_of_five_megabytes(daemons: Daemons) -> None:
    result = daemons.connect().elaborate("huge", INIT)
    assert len(result.diagnostics[0].text) == 5_000_000


def test_audit_and_compile_go_through_the_socket(daemons: Daemons, tmp_path: Path) -> None:
    client = daemons.connect()
    raw = client.audit("asked", "given", ("a.b",), INIT)
    assert raw.theorems[0].name == "a.b" and told(raw.given)["text"] == "given"
    client.compile("text", "M", INIT, str(tmp_path / "m.olean"))
    assert (tmp_path / "m.olean").read_text() == "text"
    with pytest.raises(OutputError, match="cannot write"):
        client.compile("text", "M", INIT, str(tmp_path / "missing" / "m.olean"))


def test_errors_cross_the_socket_with_their_type(daemons: Daemons) -> None:
    client = daemons.connect()
    cases: list[tuple[str, type[PyorchError], str]] = [
        ("crash", ServerCrashed, "exit code 3"),
        ("stall", ServerTimeout, r"no answer within 1\.5 s"),
        ("malformed", ProtocolError, "malformed answer"),
        ("refuse", ProtocolError, "Lean refuses the request: not this"),
        ("partial", ProtocolError, "field 'declarations'"),
    ]
    for text, kind, words in cases:
        limits = Limits(seconds=1.5) if kind is ServerTimeout else Limits()
        with pytest.raises(kind, match=words) as error:
            client.elaborate(text, INIT, limits=limits)
        assert type(error.value) is kind and len(str(error.value).splitlines()) == 1
        assert told(client.elaborate("after", INIT))["text"] == "after"
    assert len(daemons.pids) == 1


def test_malformed_requests_do_no_harm(daemons: Daemons) -> None:
    client = daemons.connect()
    bad = [b"{", b"[]", b'"status"', b"{}", b'{"method": "elaborate"}', b'{"method": 3}', b"\xff"]
    for request in bad:
        with socket.socket(socket.AF_UNIX) as raw:
            raw.settimeout(PATIENCE)
            raw.connect(str(daemons.path))
            raw.sendall(request + b"\n")
            reply = json.loads(raw.makefile("rb").readline())
        assert reply["error"]["kind"] == "ProtocolError"
    for text in (b"", b'{"method": "st'):  # leaves before its request is complete
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(str(daemons.path))
            raw.sendall(text)
    assert told(client.elaborate("after", INIT))["text"] == "after"


def test_clients_that_connect_at_once_start_one_daemon(daemons: Daemons) -> None:
    with ThreadPoolExecutor(4) as pool:
        clients = list(pool.map(lambda _: daemons.connect(), range(4)))
        answers = list(pool.map(lambda c: told(c.elaborate("x", INIT))["pid"], clients))
    assert len(set(answers)) == 1
    assert len(daemons.pids) == 1


def test_concurrent_requests_get_their_own_answers(daemons: Daemons) -> None:
    client = daemons.connect()
    with ThreadPoolExecutor(8) as pool:
        texts = [f"text {k}" for k in range(40)]
        assert list(pool.map(lambda t: told(client.elaborate(t, INIT))["text"], texts)) == texts
    state = status(daemons.path)
    assert state is not None and state.requests == 40


def test_ends_when_nobody_asks(daemons: Daemons) -> None:
    client = daemons.connect(idle=1)
    wait_until(daemons.all_gone)
    assert not daemons.path.exists()
    wait_until(daemons.lean.all_gone)
    # a client that still has work finds it started again
    assert told(client.elaborate("late", INIT))["text"] == "late"
    assert len(daemons.pids) == 2


def test_does_not_end_while_it_works(daemons: Daemons) -> None:
    client = daemons.connect(idle=1)
    with pytest.raises(ServerTimeout):
        client.elaborate("stall", INIT, limits=Limits(seconds=2.5))


CLIENT = """
import sys
from pathlib import Path
from pyorch.lean.daemon import connect
from pyorch.lean.protocol import Environment, Limits
connect(Path(sys.argv[1]), []).elaborate("grandchild", Environment(), limits=Limits(None))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_client_that_goes_away_takes_its_request_with_it(daemons: Daemons, number: int) -> None:
    client = daemons.connect()
    leaving = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(daemons.path)], stderr=subprocess.DEVNULL
    )
    wait_until(lambda: daemons.lean.grandchildren)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.elaborate, "next", INIT)
        leaving.send_signal(number)
        leaving.wait(PATIENCE)
        assert told(waiting.result(PATIENCE))["text"] == "next"
    (child,) = daemons.lean.grandchildren
    wait_until(lambda: not is_running(child))
    assert len(daemons.lean.events("start")) == 2
    assert len(daemons.pids) == 1


def test_a_client_that_leaves_the_queue_is_not_served(daemons: Daemons) -> None:
    client = daemons.connect()
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(client.elaborate, "stall", INIT, limits=Limits(seconds=2))
        wait_until(lambda: daemons.lean.events("stalls"))
        arguments = {"text": "never mind"}
        with socket.socket(socket.AF_UNIX) as raw:
            raw.connect(str(daemons.path))
            raw.sendall(json.dumps({"method": "elaborate", "arguments": arguments}).encode())
            raw.sendall(b"\n")
        with pytest.raises(ServerTimeout):
            busy.result(PATIENCE)
    assert told(client.elaborate("next", INIT))["text"] == "next"
    state = status(daemons.path)
    assert state is not None and state.requests == 2


def test_the_daemon_is_killed(daemons: Daemons) -> None:
    client = daemons.connect()
    client.elaborate("one", INIT)
    (first,) = daemons.pids
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not is_running(first))
    wait_until(daemons.lean.all_gone)  # its input has ended
    assert daemons.path.exists()
    assert status(daemons.path) is None
    assert not stop(daemons.path)
    assert told(daemons.connect().elaborate("two", INIT))["text"] == "two"
    assert told(client.elaborate("three", INIT))["text"] == "three"
    assert len(daemons.pids) == 2
    assert stop(daemons.path)
    daemons.lean.sweep()


def test_the_daemon_is_killed_during_a_request(daemons: Daemons) -> None:
    client = daemons.connect()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(client.elaborate, "stall", INIT)
        wait_until(lambda: daemons.lean.events("stalls"))
        os.kill(daemons.pids[0], signal.SIGKILL)
        with pytest.raises(ServerCrashed, match="went away"):
            asked.result(PATIENCE)
    # a zombie may still have threads, and they the socket
    wait_until(lambda: not daemon._is_running(daemons.pids[0]))
    assert told(client.elaborate("next", INIT))["text"] == "next"
    assert stop(daemons.path)
    daemons.lean.sweep()  # the first Lean never reads the end of its input


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, None])
def test_ends_in_good_order_with_requests_under_way(daemons: Daemons, number: int | None) -> None:
    client = daemons.connect()
    with ThreadPoolExecutor(1) as pool, socket.socket(socket.AF_UNIX) as waiting:
        asked = pool.submit(client.elaborate, "grandchild", INIT)
        wait_until(lambda: daemons.lean.grandchildren)
        waiting.settimeout(PATIENCE)
        waiting.connect(str(daemons.path))
        waiting.sendall(b'{"method": "elaborate", "arguments": {}}\n')
        if number is None:
            assert stop(daemons.path)
        else:
            os.kill(daemons.pids[0], number)
        with pytest.raises(ServerCrashed):
            asked.result(PATIENCE)
        with contextlib.suppress(ConnectionResetError):  # if it was not yet accepted
            assert b"answer" not in waiting.recv(1000)
    assert len(daemons.lean.events("start")) == 1
    wait_until(daemons.all_gone)
    wait_until(daemons.lean.all_gone)
    assert not daemons.path.exists()


def test_a_second_daemon_on_the_same_path_gives_up(daemons: Daemons) -> None:
    client = daemons.connect()
    second = subprocess.run(daemons.command(handover=0.1), timeout=PATIENCE, capture_output=True)
    assert (second.returncode, second.stderr) == (os.EX_TEMPFAIL, b"")
    assert told(client.elaborate("x", INIT))["text"] == "x"
    assert len(daemons.lean.events("start")) == 1


def test_a_new_daemon_waits_for_one_that_is_ending(daemons: Daemons) -> None:
    daemons.connect()
    os.kill(daemons.pids[0], signal.SIGTERM)
    wait_until(lambda: not daemons.path.exists())
    assert told(daemons.connect().elaborate("x", INIT))["text"] == "x"


def test_a_request_that_an_ending_daemon_has_not_begun_goes_to_the_next(daemons: Daemons) -> None:
    toolchain = daemons.connect().toolchain
    stop(daemons.path)
    asked: list[bytes] = []

    def end(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            asked.append(stream.readline())
            daemons.path.unlink()
            connection.sendall(b'{"not_begun": "the server is being stopped"}\n')

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(daemons.path))
        listener.listen()
        ending = threading.Thread(target=end, args=(listener,))
        ending.start()
        client = DaemonClient(daemons.path, daemons.command(), PATIENCE, toolchain)
        assert told(client.elaborate("x", INIT))["text"] == "x"
        ending.join()
    assert len(asked) == 1 and len(daemons.pids) == 2


def test_no_request_is_lost_to_others_who_want_the_memory(daemons: Daemons) -> None:
    clients = [daemons.connect() for _ in range(4)]
    done = threading.Event()

    def retire() -> int:
        ended = 0
        while not done.is_set():
            ended += stop(daemons.path, if_idle=True)
        return ended

    def ask(client: DaemonClient) -> list[str]:
        return [told(client.elaborate(f"text {n}", INIT))["text"] for n in range(6)]

    with ThreadPoolExecutor(5) as pool:
        others = pool.submit(retire)
        try:
            answers = list(pool.map(ask, clients))
        finally:
            done.set()
        assert answers == [[f"text {n}" for n in range(6)]] * 4
        assert others.result() > 0


@pytest.mark.parametrize("start", ["die", "malformed", "empty"])
def test_a_daemon_whose_lean_does_not_start(daemons: Daemons, start: str) -> None:
    with pytest.raises(ToolchainError, match="the proof server does not start: ") as error:
        daemons.connect(start=start)
    assert "Traceback" not in str(error.value) and len(str(error.value).splitlines()) == 1
    assert daemons.path.with_suffix(".log").name in str(error.value)
    wait_until(daemons.all_gone)
    daemons.connect()


def test_a_daemon_that_does_not_get_ready_is_ended(daemons: Daemons) -> None:
    with pytest.raises(ToolchainError, match="does not start"):
        connect(daemons.path, daemons.command(start="silent"), start_timeout=2.0)
    wait_until(daemons.all_gone)


@pytest.mark.parametrize("command", [["/no/such/python"], [sys.executable, "-c", ""]])
def test_a_command_that_is_no_daemon(daemons: Daemons, command: list[str]) -> None:
    with pytest.raises(ToolchainError, match="the proof server does not start") as error:
        connect(daemons.path, command)
    assert len(str(error.value).splitlines()) == 1


def test_a_daemon_of_ours_leaves_no_zombie(daemons: Daemons) -> None:
    daemons.connect()
    (pid,) = daemons.pids
    stop(daemons.path)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


# ---- where it listens ----------------------------------------------------------------------------


def test_a_new_version_retires_an_idle_one_and_leaves_a_busy_one(daemons: Daemons) -> None:
    client = daemons.connect()
    client.elaborate("once", INIT)
    old = daemons.pids[0]
    newer = Daemons(daemons.lean, daemons.folder, daemons.path.with_name("newer.sock"))
    newest = Daemons(daemons.lean, daemons.folder, daemons.path.with_name("newest.sock"))
    try:
        newer.connect()
        assert not is_running(old)
        replacement = status(newer.path)
        assert replacement is not None
        with contextlib.suppress(ServerCrashed):
            busy = threading.Thread(target=_stall, args=(newer.connect(),), daemon=True)
            busy.start()
            wait_until(lambda: (state := status(newer.path)) is not None and state.busy == 1)
            newest.connect()
            assert is_running(replacement.pid)
    finally:
        stop(newer.path)
        stop(newest.path)
    assert told(client.elaborate("again", INIT))["text"] == "again", "a client starts one anew"


def _stall(client: DaemonClient) -> None:
    with contextlib.suppress(PyorchError):
        client.elaborate("stall", INIT)


def test_the_folder_is_private() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        (Path(short) / "run").mkdir(mode=0o777)
        path = socket_path(Path(short), "key")
        assert path == Path(short) / "run" / "key.sock"
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_socket_is_private(daemons: Daemons) -> None:
    daemons.connect()
    assert stat.S_IMODE(daemons.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("variable", [True, False])
def test_a_long_cache_path_falls_back_to_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: bool
) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        if variable:
            monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        else:
            monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
            monkeypatch.setattr(tempfile, "tempdir", short)
        long = tmp_path / ("ö" * 60) / "cache"
        path = socket_path(long, "0123456789abcdef")
        assert path.parent.parent == Path(short)
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert not long.exists()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))


def test_a_folder_of_somebody_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 12_345_678)
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as short,
        pytest.raises(ToolchainError, match="belongs to another user"),
    ):
        socket_path(Path(short), "key")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a link away")
def test_a_link_of_somebody_else_to_a_folder_of_ours_is_refused() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        ours, link = Path(short) / "ours", Path(short) / "run"
        ours.mkdir(mode=0o755)
        link.symlink_to(ours)
        os.chown(link, 65534, 65534, follow_symlinks=False)
        with pytest.raises(ToolchainError, match="belongs to another user"):
            socket_path(Path(short), "key")
        assert stat.S_IMODE(ours.stat().st_mode) == 0o755


def test_a_cache_that_is_a_file() -> None:
    with (
        tempfile.NamedTemporaryFile(dir="/tmp") as file,
        pytest.raises(OutputError, match="cannot make"),
    ):
        socket_path(Path(file.name), "key")


def test_main_names_the_error_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    arguments = ["--socket", "s", "--cache", str(tmp_path), "--toolchain", "neither"]
    with pytest.raises(SystemExit, match="toolchain 'neither'"):
        daemon.main([*arguments, "--idle-exit", "1"])
