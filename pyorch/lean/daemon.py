"""The warm server between commands: a per-user daemon on a Unix socket.

``python -m pyorch.lean.daemon`` holds one `LeanServer` and ends after a while without requests.
The command line starts it when it is not there. One line of JSON each way for a request:

    {"method": "elaborate", "arguments": {…}}
    → {"answer": {…}}
    → or {"error": {"kind": "ServerTimeout", "message": …}}

A client that goes away in the middle of its request (Ctrl-C) takes that request with it: Lean is
ended and started again for the next one.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock
from filelock import Timeout as LockTimeout

from pyorch import errors
from pyorch.errors import OutputError, ProtocolError, PyorchError, ServerCrashed, ToolchainError
from pyorch.lean.remote import RemoteServer
from pyorch.lean.server import LeanServer
from pyorch.model import ToolchainId

__all__ = ["DaemonClient", "DaemonStatus", "connect", "serve", "socket_path", "status", "stop"]

_KINDS: dict[str, type[PyorchError]] = {
    name: getattr(errors, name)
    for name in (
        "OutputError",
        "ProtocolError",
        "ServerCrashed",
        "ServerOutOfMemory",
        "ServerTimeout",
        "ToolchainError",
    )
}
#: Seconds that a new daemon gives one that is ending.
_HANDOVER = 30.0
#: Exit code of a daemon that found another one, which is busy or takes its time to end.
_OCCUPIED = os.EX_TEMPFAIL
#: Seconds for a client that is told that the daemon ends to read that.
_LAST_WORDS = 1.0
#: How often a client starts a daemon that others end before it has been asked anything.
_STARTS = 3


class _NotBegun(ServerCrashed):
    """The daemon ended, and has not begun the request."""


def socket_path(cache: Path, key: str) -> Path:
    """Where the daemon for this toolchain and version of pyorch listens.

    Socket names are limited to about 100 bytes, so a long cache path falls back to a private
    folder below the run-time or temporary directory.

    Raises:
        OutputError: the folder cannot be made.
        ToolchainError: it belongs to somebody else.
    """
    folder = cache / "run"
    if len(os.fsencode(folder)) > 70:
        base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        folder = Path(base) / f"pyorch-{os.getuid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.lstat().st_uid != os.getuid():
            raise ToolchainError(f"{folder} belongs to another user; set XDG_RUNTIME_DIR")
        folder.chmod(0o700)
    except OSError as error:
        raise OutputError(f"cannot make {folder}: {error.strerror}") from error
    return folder / f"{key}.sock"


# ---- the client ----------------------------------------------------------------------------------


class DaemonClient(RemoteServer):
    """`Server` over the daemon's socket. One connection for each call.

    A daemon that has ended meanwhile, for lack of requests, is started again.
    """

    def __init__(
        self, path: Path, command: list[str], start_timeout: float, toolchain: ToolchainId
    ) -> None:
        self._path = path
        self._command = command
        self._start_timeout = start_timeout
        self._toolchain = toolchain

    @property
    def toolchain(self) -> ToolchainId:
        return self._toolchain

    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        request = {"method": method, "arguments": arguments}
        for _ in range(_STARTS):
            with contextlib.suppress(_NotBegun):
                return _exchange(self._path, request)
            _start(self._path, self._command, self._start_timeout)
        return _exchange(self._path, request)

    def close(self) -> None:
        """Nothing to do: the daemon stays."""


def _exchange(
    path: Path, request: Mapping[str, Any], timeout: float | None = None
) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise _NotBegun("no server listens") from error
        try:
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as stream:
                line = stream.readline()
        except OSError as error:
            raise ServerCrashed(f"the server went away: {error}") from error
    if not line.endswith(b"\n"):
        raise ServerCrashed("the server went away in the middle of an answer")
    reply: dict[str, Any] = json.loads(line)
    if "not_begun" in reply:
        raise _NotBegun(reply["not_begun"])
    if "error" in reply:
        kind = _KINDS.get(reply["error"]["kind"], ProtocolError)
        raise kind(reply["error"]["message"])
    answer: dict[str, Any] = reply["answer"]
    return answer


@dataclass(frozen=True)
class DaemonStatus:
    """What a running daemon says of itself."""

    pid: int
    lean_pid: int | None
    uptime: float
    """seconds"""
    requests: int
    busy: int
    """requests under way or waiting"""
    idle_exit: float
    """seconds without a request after which it ends"""
    toolchain: ToolchainId


def status(path: Path) -> DaemonStatus | None:
    """Ask the daemon for its state; None if there is none."""
    try:
        answer = _exchange(path, {"method": "status", "arguments": {}}, timeout=10)
    except (OSError, ServerCrashed):
        return None
    return DaemonStatus(
        pid=answer["pid"],
        lean_pid=answer["lean_pid"],
        uptime=answer["uptime"],
        requests=answer["requests"],
        busy=answer["busy"],
        idle_exit=answer["idle_exit"],
        toolchain=ToolchainId(**answer["toolchain"]),
    )


def stop(path: Path, *, if_idle: bool = False) -> bool:
    """End the daemon. Returns whether there was one that ends.

    Args:
        if_idle: leave one alone that has work.
    """
    state = status(path)
    if state is None:
        return False
    with contextlib.suppress(OSError, ServerCrashed):
        request = {"method": "stop", "arguments": {"if_idle": if_idle}}
        if not _exchange(path, request, timeout=10)["stopping"]:
            return False
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _is_running(state.pid):
        time.sleep(0.02)
    return True


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def connect(path: Path, command: list[str], *, start_timeout: float = 120.0) -> DaemonClient:
    """Connect to the daemon at ``path``, starting it with ``command`` if there is none.

    Raises:
        ToolchainError: it does not start; its last words are in the message.
    """
    state = status(path)
    if state is None:
        state = _start(path, command, start_timeout)
    return DaemonClient(path, command, start_timeout, state.toolchain)


def _retire_others(path: Path) -> None:
    """End idle daemons of other toolchains or versions: each holds two gigabytes of memory."""
    for other in path.parent.glob("*.sock"):
        # another version may answer otherwise; it then ends by itself, when it has been idle
        with contextlib.suppress(KeyError, TypeError, PyorchError):
            if other != path and (state := status(other)) is not None and not state.busy:
                stop(other, if_idle=True)


def _start(path: Path, command: list[str], timeout: float) -> DaemonStatus:
    log = path.with_suffix(".log")
    with FileLock(str(path.with_suffix(".lock"))):
        state = status(path)  # another client may have been quicker
        if state is not None:
            return state
        _retire_others(path)
        process = _spawn(command, log)
        deadline = time.monotonic() + timeout
        try:
            while time.monotonic() < deadline:
                state = status(path)
                if state is not None:
                    return state
                if process.poll() == _OCCUPIED:
                    process = _spawn(command, log)
                elif process.poll() is not None:
                    break
                time.sleep(0.03)
        except BaseException:
            process.terminate()
            raise
        process.terminate()
        words = log.read_text(errors="replace").strip().splitlines()
        raise ToolchainError(
            f"the proof server does not start: {words[-1] if words else 'no message'} ({log})"
        )


def _spawn(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    try:
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
    except OSError as error:
        raise ToolchainError(f"the proof server does not start: {error}") from error
    # else it would remain as a zombie of ours when it ends
    threading.Thread(target=process.wait, daemon=True).start()
    return process


# ---- the daemon ----------------------------------------------------------------------------------


class _Daemon:
    def __init__(self, server: LeanServer, idle_exit: float) -> None:
        self.server = server
        self.idle_exit = idle_exit
        self.started = time.monotonic()
        self.last = time.monotonic()
        self.requests = 0
        self.busy = 0
        self.stopping = threading.Event()
        self.handlers: list[threading.Thread] = []
        self.turn = threading.Lock()
        self.counting = threading.Lock()

    def accept(self, listener: socket.socket) -> bool:
        """Serve the next client. Returns whether there was one."""
        try:
            connection, _ = listener.accept()
        except (TimeoutError, BlockingIOError):
            return False
        connection.setblocking(True)
        handler = threading.Thread(target=self.handle, args=(connection,), daemon=True)
        self.handlers = [h for h in self.handlers if h.is_alive()] + [handler]
        handler.start()
        return True

    def handle(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            line = stream.readline()
            if not line:
                return
            reply: dict[str, Any]
            try:
                reply = {"answer": self._answer(json.loads(line), connection)}
            except _NotBegun as error:
                reply = {"not_begun": str(error)}
            except PyorchError as error:
                reply = {"error": {"kind": type(error).__name__, "message": str(error)}}
            except (ValueError, KeyError, TypeError, OSError) as error:
                reply = {"error": {"kind": "ProtocolError", "message": repr(error)}}
            with contextlib.suppress(OSError):
                connection.sendall(json.dumps(reply).encode() + b"\n")

    def _answer(self, request: Any, connection: socket.socket) -> dict[str, Any]:
        method = request["method"]
        if self.stopping.is_set():
            raise _NotBegun("the server is being stopped")
        if method == "status":
            toolchain = self.server.toolchain
            return {
                "pid": os.getpid(),
                "lean_pid": self.server.pid,
                "uptime": time.monotonic() - self.started,
                "requests": self.requests,
                "busy": self.busy,
                "idle_exit": self.idle_exit,
                "toolchain": {
                    "kind": toolchain.kind,
                    "version": toolchain.version,
                    "commit": toolchain.commit,
                },
            }
        if method == "stop":
            with self.counting:
                if not (request["arguments"].get("if_idle") and self._is_wanted()):
                    self.stopping.set()
            return {"stopping": self.stopping.is_set()}
        with self.counting:
            self.busy += 1
        try:
            with self.turn:  # only the request whose turn it is may abort Lean
                if self.stopping.is_set() or _gone(connection):
                    raise _NotBegun("the server is being stopped")
                self.requests += 1
                done = threading.Event()
                watch = threading.Thread(target=self._watch, args=(connection, done), daemon=True)
                watch.start()
                try:
                    return self.server.call(method, request["arguments"])
                finally:
                    done.set()
                    watch.join()
        finally:
            with self.counting:
                self.busy -= 1
                self.last = time.monotonic()

    def _is_wanted(self) -> bool:
        """At work, or started a moment ago by somebody who is about to ask."""
        return self.busy > 0 or (not self.requests and time.monotonic() - self.started < _HANDOVER)

    def _watch(self, connection: socket.socket, done: threading.Event) -> None:
        while not done.wait(0.2):  # again and again: there is nothing to abort during a restart
            if self.stopping.is_set() or _gone(connection):
                self.server.abort()


def _gone(connection: socket.socket) -> bool:
    """Has the other side closed? A client sends nothing after its request."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


def serve(path: Path, server: LeanServer, idle_exit: float) -> None:
    """Listen at ``path`` until told to stop, or until ``idle_exit`` seconds pass without a request.

    Only one daemon serves a path: the holder of the lock file.
    """
    lock = FileLock(str(path.with_suffix(".serving")), timeout=_HANDOVER)
    try:
        lock.acquire()
    except LockTimeout:
        raise SystemExit(_OCCUPIED) from None
    daemon = _Daemon(server, idle_exit)
    starting = True

    def end(*_: object) -> None:
        daemon.stopping.set()
        if starting:
            raise SystemExit(1)  # it may take minutes

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    try:
        server.start()
        starting = False
        daemon.last = time.monotonic()
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(path))
            path.chmod(0o600)
            listener.listen(32)
            listener.settimeout(0.2)
            while not daemon.stopping.is_set():
                if not daemon.busy and time.monotonic() - daemon.last > idle_exit:
                    break
                daemon.accept(listener)
            path.unlink(missing_ok=True)
            daemon.stopping.set()
            listener.settimeout(0)
            while daemon.accept(listener):  # clients that came before are told, not dropped
                pass
    finally:
        starting = False
        path.unlink(missing_ok=True)
        daemon.stopping.set()  # ends a request under way, too
        with daemon.turn:
            server.close()
        lock.release()
        for handler in daemon.handlers:
            handler.join(_LAST_WORDS)


def main(argv: list[str] | None = None) -> None:
    """Entry point of the daemon process."""
    from pyorch.lean.toolchain import find, start_server

    parser = argparse.ArgumentParser(prog="python -m pyorch.lean.daemon")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--toolchain", required=True)
    parser.add_argument("--idle-exit", type=float, required=True)
    arguments = parser.parse_args(argv)
    try:
        chosen = find(arguments.toolchain, arguments.cache, allow_install=False)
        server = start_server(chosen, arguments.cache)
        serve(arguments.socket, server, arguments.idle_exit)
    except PyorchError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
