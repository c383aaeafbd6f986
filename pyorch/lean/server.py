"""`LeanServer`: the proof server as a long-lived, restartable object."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyorch.errors import (
    OutputError,
    ProtocolError,
    ServerCrashed,
    ServerOutOfMemory,
    ServerTimeout,
    ToolchainError,
)
from pyorch.lean.answers import parse_toolchain
from pyorch.lean.process import LeanProcess
from pyorch.lean.protocol import Environment, Limits, is_foreign
from pyorch.lean.remote import RemoteServer
from pyorch.model import ToolchainId

__all__ = ["LeanServer", "Place", "Workspace"]

#: Each loaded environment costs 30 to 60 MB that Lean never gives back; the embedded one has 2 GB.
_MAX_LOADS = 16
#: Texts of what was asked that are kept elaborated.
_MAX_ASKED = 8
#: Seconds after which the proof states of a client that does not ask are dropped. It makes them
#: again if it comes back.
_SESSION_IDLE = 600.0
#: The module that a text becomes.
_TEXT = "_stdin"
#: What runs the code in a user's modules.
_RUN_CODE = frozenset({"compile", "survey"})


@dataclass(frozen=True)
class Place:
    """A folder as we see it and as Lean sees it."""

    real: Path
    inside: str

    def __truediv__(self, name: str) -> Place:
        return Place(self.real / name, f"{self.inside}/{name}")


@dataclass(frozen=True)
class Workspace:
    """Where one server process finds things.

    Attributes:
        command: argument vector that starts it.
        library: search path of Lean's own library, as Lean sees it; empty if it knows itself.
        roots: compiled modules (`pyorch.lean.build`), read-only to Lean where that can be enforced.
        stage: the one folder that Lean may write to; private to the process.
    """

    command: tuple[str, ...]
    library: tuple[str, ...]
    roots: Place
    stage: Place


class LeanServer(RemoteServer):
    """A proof server that starts on first use and again after a crash.

    Environments are loaded when a request first names them, and again after a restart, so a caller
    never has to know how often the process changed. Thread-safe: requests wait for each other.

    Args:
        workspace: called with a fresh private folder for each process that is started.
    """

    def __init__(self, workspace: Callable[[Path], Workspace]) -> None:
        self._make = workspace
        self._lock = threading.RLock()
        self._process: LeanProcess | None = None
        self._workspace: Workspace | None = None
        self._stage: tempfile.TemporaryDirectory[str] | None = None
        self._loaded: set[str] = set()
        self._asked: dict[str, dict[str, Any]] = {}
        self._sessions: dict[str, float] = {}
        self._loads = 0
        self._tainted = False
        self._toolchain: ToolchainId | None = None
        self.starts = 0
        """How often a process was started."""

    # ---- the process -----------------------------------------------------------------------

    def _started(self) -> tuple[LeanProcess, Workspace]:
        if self._process is not None and self._process.alive and self._workspace is not None:
            return self._process, self._workspace
        self._stop()
        self._stage = tempfile.TemporaryDirectory(
            prefix="pyorch-stage-", ignore_cleanup_errors=True
        )
        try:
            self._workspace = self._make(Path(self._stage.name))
            self._process = LeanProcess(self._workspace.command)
            self._toolchain = parse_toolchain(self._process.info)
        except BaseException as error:
            self._stop()
            if isinstance(error, ProtocolError):
                raise ToolchainError(f"the proof server does not start: {error}") from error
            raise
        self.starts += 1
        return self._process, self._workspace

    def _stop(self, *, grace: float = 0.0) -> None:
        if self._process is not None:
            if grace:
                self._process.close(grace)
            else:
                self._process.kill()
        if self._stage is not None:
            self._stage.cleanup()
        self._process = self._workspace = self._stage = None
        self._loaded.clear()
        self._asked.clear()
        self._sessions.clear()
        self._loads = 0
        self._tainted = False

    def start(self) -> ToolchainId:
        """Start the process if there is none, and say what it is."""
        with self._lock:
            self._started()
            return self.toolchain

    @property
    def toolchain(self) -> ToolchainId:
        if self._toolchain is None:
            self.start()
        assert self._toolchain is not None
        return self._toolchain

    @property
    def pid(self) -> int | None:
        """Process id of the running Lean, if any."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    def abort(self) -> None:
        """End the process from another thread; a request under way raises `ServerCrashed`."""
        process = self._process
        if process is not None:
            process.abort()

    def close(self) -> None:
        with self._lock:
            self._stop(grace=1.0)

    # ---- requests --------------------------------------------------------------------------

    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a request of `RemoteServer`, in wire form."""
        with self._lock:
            try:
                limits = Limits(**arguments["limits"])
                environment = Environment(
                    tuple(arguments["environment"]["modules"]), arguments["environment"]["root"]
                )
                compiles = method in _RUN_CODE and is_foreign(arguments["module"])
                if self._tainted and not (environment.foreign or compiles):
                    self._stop()
                self._close_idle(limits)
                if method in ("open", "pose", "try", "release", "close"):
                    return self._step(method, arguments, environment, limits)
                if method in ("theorems", "homes"):
                    self._load(environment, limits)
                    return self._ask({"op": method, "env": environment.key}, limits)
                if method == "elaborate":
                    return self._elaborate(arguments, environment, limits)
                if method == "audit":
                    return self._audit(arguments, environment, limits)
                if method == "compile":
                    return self._compile(arguments, environment, limits)
                if method == "survey":
                    return self._compile(arguments, environment, limits, goals=True, survey=True)
            except (KeyError, TypeError) as error:
                raise ProtocolError(f"malformed call of '{method}': {error!r}") from error
            raise ProtocolError(f"unknown call '{method}'")

    def _ask(
        self,
        payload: Mapping[str, Any],
        limits: Limits,
        part: Callable[[Any], None] | None = None,
    ) -> dict[str, Any]:
        process, _ = self._started()
        answer = process.request(payload, limits.seconds, limits.memory, part)
        if isinstance(answer.get("error"), str):
            raise ProtocolError(f"Lean refuses the request: {' '.join(answer['error'].split())}")
        return answer

    def _load(self, environment: Environment, limits: Limits) -> None:
        if environment.key in self._loaded and self._process is not None and self._process.alive:
            return
        if self._loads >= _MAX_LOADS:
            self._stop()
        _, workspace = self._started()
        self._loads += 1
        # the user's notation and tactics are code, and will run
        self._tainted |= environment.foreign
        self._ask(
            {
                "op": "load",
                "env": environment.key,
                "modules": list(environment.modules),
                "path": _path(workspace, environment),
            },
            limits,
        )
        self._loaded.add(environment.key)

    def _elab(
        self, text: str, environment: Environment, limits: Limits, **fields: Any
    ) -> dict[str, Any]:
        self._load(environment, limits)
        return self._ask(
            {
                "op": "elab",
                "env": environment.key,
                "text": text,
                "heartbeats": limits.heartbeats,
                "recursion": limits.recursion,
                **fields,
            },
            limits,
        )

    def _elaborate(
        self, arguments: Mapping[str, Any], environment: Environment, limits: Limits
    ) -> dict[str, Any]:
        fields = {name: arguments[name] for name in ("file", "trusted", "goals", "steps")}
        return self._elab(arguments["text"], environment, limits, **fields)

    def _audit(
        self, arguments: Mapping[str, Any], environment: Environment, limits: Limits
    ) -> dict[str, Any]:
        if environment.foreign:
            return self._audit_apart(arguments, environment, limits)
        self._load(environment, limits)
        generation = self.starts
        key, asked = self._keep_asked(arguments["asked"], environment, limits)
        try:
            given = self._elab(arguments["given"], environment, limits, keep="given", axioms=False)
            if self.starts != generation:
                raise ServerCrashed("Lean was restarted in the middle of an audit")
            answer = self._ask(
                {
                    "op": "audit",
                    "base": environment.key,
                    "asked": key,
                    "given": "given",
                    "names": arguments["theorems"],
                },
                limits,
            )
        finally:
            self._forget("given", limits)
        return {**answer, "asked": asked, "given": given}

    def _audit_apart(
        self, arguments: Mapping[str, Any], environment: Environment, limits: Limits
    ) -> dict[str, Any]:
        """An audit on modules of the user's. One process elaborates the texts, and code of these
        modules may run in it. Another one takes the compiled results up, runs no such code, and
        replays them, and what they need of those modules, on Lean's library and ours."""
        said: dict[str, dict[str, Any]] = {}
        compiled: dict[str, bytes] = {}
        for which in ("asked", "given"):
            self._load(environment, limits)
            _, workspace = self._started()
            staged = workspace.stage / "text.olean"
            staged.real.unlink(missing_ok=True)
            said[which] = self._elab(
                arguments[which], environment, limits, axioms=False, olean=staged.inside
            )
            if staged.real.is_file():
                compiled[which] = staged.real.read_bytes()
        self._stop()
        if compiled.keys() != said.keys():
            return {"kernel": "a text was not compiled", "theorems": [], **said}
        try:
            return {**self._judge(compiled, arguments["theorems"], environment, limits), **said}
        finally:
            self._stop()  # it has read files that such code may have written

    def _judge(
        self,
        compiled: Mapping[str, bytes],
        theorems: list[str],
        environment: Environment,
        limits: Limits,
    ) -> dict[str, Any]:
        process, workspace = self._started()
        path = _path(workspace, environment)
        for which, content in compiled.items():
            folder = workspace.stage / which
            folder.real.mkdir()
            (folder / f"{_TEXT}.olean").real.write_bytes(content)
            request = {
                "op": "load",
                "env": which,
                "modules": [*environment.modules, _TEXT],
                "path": [*path, folder.inside],
                "extensions": False,
            }
            self._ask(request, limits)
        self._ask({"op": "base", "env": "base", "of": "given", "path": path}, limits)
        request = {
            "op": "audit",
            "base": "base",
            "asked": "asked",
            "given": "given",
            "names": theorems,
        }
        answer = self._ask(request, limits)
        if process is not self._process:
            raise ServerCrashed("Lean was restarted in the middle of an audit")
        return answer

    def _keep_asked(
        self, text: str, environment: Environment, limits: Limits
    ) -> tuple[str, dict[str, Any]]:
        """Elaborate what was asked, or find it: it is trusted, and an environment is a value that
        no later text can change. What was given is elaborated each time."""
        parts = (environment.key, str(limits.heartbeats), str(limits.recursion), text)
        key = "asked-" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
        if key not in self._asked:
            answer = self._elab(text, environment, limits, keep=key, axioms=False)
            self._asked[key] = answer
            if len(self._asked) > _MAX_ASKED:
                oldest = next(iter(self._asked))
                del self._asked[oldest]
                self._forget(oldest, limits)
        return key, self._asked[key]

    def _forget(self, key: str, limits: Limits) -> None:
        if self._process is not None and self._process.alive:
            self._ask({"op": "forget", "env": key}, limits)

    # ---- tactic steps ----------------------------------------------------------------------

    def _step(
        self,
        method: str,
        arguments: Mapping[str, Any],
        environment: Environment,
        limits: Limits,
    ) -> dict[str, Any]:
        session: str = arguments["session"]
        if method == "open":
            answer = self._open(arguments["text"], session, environment, limits)
            self._sessions[session] = time.monotonic()
            return answer
        if method == "pose":
            answer = self._pose(arguments, session, environment, limits)
            self._sessions[session] = time.monotonic()
            return answer
        lost = {"outcomes": [], "lost": True, "ended": None, "left": 0}
        if session not in self._sessions or self._process is None or not self._process.alive:
            return lost
        self._sessions[session] = time.monotonic()
        try:
            if method == "close":
                return self._close(session, limits)
            if method == "release":
                return self._release(session, arguments["states"], limits)
            if arguments["release"]:
                self._release(session, arguments["release"], limits)
        except ServerCrashed:  # none of these is its fault: it was killed
            return lost
        return self._try(arguments, session, limits)

    def _open(
        self, text: str, session: str, environment: Environment, limits: Limits
    ) -> dict[str, Any]:
        self._load(environment, limits)
        request = {
            "op": "open",
            "env": environment.key,
            "session": session,
            "text": text,
            "heartbeats": limits.heartbeats,
            "recursion": limits.recursion,
        }
        return self._ask(request, limits)

    def _pose(
        self,
        arguments: Mapping[str, Any],
        session: str,
        environment: Environment,
        limits: Limits,
    ) -> dict[str, Any]:
        source = arguments["source"]
        known = Environment(tuple(source["modules"]), source["root"])
        self._load(known, limits)
        self._load(environment, limits)
        self._load(known, limits)  # to make room for one, both may have gone
        request = {
            "op": "pose",
            "env": environment.key,
            "source": known.key,
            "name": arguments["name"],
            "session": session,
            "text": arguments["text"],
            "heartbeats": limits.heartbeats,
            "recursion": limits.recursion,
        }
        return self._ask(request, limits)

    def _try(self, arguments: Mapping[str, Any], session: str, limits: Limits) -> dict[str, Any]:
        request = {
            "op": "try",
            "session": session,
            "state": arguments["state"],
            "tactics": arguments["tactics"],
            "heartbeats": limits.heartbeats,
            "recursion": limits.recursion,
        }
        outcomes: list[Any] = []
        try:
            answer = self._ask(request, limits, outcomes.append)
        except (ServerCrashed, ServerOutOfMemory, ServerTimeout) as error:
            return {"outcomes": outcomes, "lost": False, "ended": str(error)}
        return {"outcomes": outcomes, "lost": answer.get("lost"), "ended": None}

    def _release(self, session: str, states: list[int], limits: Limits) -> dict[str, Any]:
        return self._ask({"op": "release", "session": session, "states": states}, limits)

    def _close(self, session: str, limits: Limits) -> dict[str, Any]:
        del self._sessions[session]
        return self._ask({"op": "close", "session": session}, limits)

    def _close_idle(self, limits: Limits) -> None:
        if self._process is not None and self._process.alive:
            now = time.monotonic()
            idle = [s for s, used in self._sessions.items() if now - used > _SESSION_IDLE]
            for session in idle:
                self._close(session, limits)

    # ---- compiled modules ------------------------------------------------------------------

    def _compile(
        self,
        arguments: Mapping[str, Any],
        environment: Environment,
        limits: Limits,
        **fields: Any,
    ) -> dict[str, Any]:
        self._load(environment, limits)
        _, workspace = self._started()
        staged = workspace.stage / "module.olean"
        staged.real.unlink(missing_ok=True)
        destination = arguments["destination"]  # a survey may have none
        try:
            answer = self._elab(
                arguments["text"],
                environment,
                limits,
                file=arguments["file"],
                module=arguments["module"],
                trusted=True,
                olean=staged.inside if destination else "",
                **fields,
            )
        finally:
            # A user's module may run any code while it is compiled. What judges proofs afterwards
            # is a process that never saw it. Said last: a restart on the way would forget it.
            self._tainted |= is_foreign(arguments["module"])
        if answer.get("written") is True:
            if not staged.real.is_file():
                raise ProtocolError(f"Lean wrote no file for '{arguments['module']}'")
            # across file systems perhaps: copy beside the target, then rename
            target = Path(destination)
            partial = target.with_name(target.name + ".part")
            try:
                shutil.copyfile(staged.real, partial)
                partial.replace(target)
            except OSError as error:
                partial.unlink(missing_ok=True)
                raise OutputError(f"cannot write {target}: {error.strerror}") from error
            staged.real.unlink()
        return answer


def _path(workspace: Workspace, environment: Environment) -> list[str]:
    """Where Lean finds the modules of an environment."""
    path = list(workspace.library)
    if environment.root:
        path.append((workspace.roots / environment.root).inside)
    return path
