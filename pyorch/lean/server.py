"""`LeanServer`: the proof server as a long-lived, restartable object."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pyorch.errors import OutputError, ProtocolError
from pyorch.lean.audits import Auditor
from pyorch.lean.connection import Connection, Workspace
from pyorch.lean.protocol import Environment, Limits, is_foreign
from pyorch.lean.remote import RemoteServer
from pyorch.lean.steps import METHODS, Steps
from pyorch.model import ToolchainId

__all__ = ["LeanServer"]

#: What runs the code in a user's modules.
_RUN_CODE = frozenset({"compile", "survey"})


class LeanServer(RemoteServer):
    """A proof server that starts on first use and again after a crash.

    A caller never has to know how often the process changed. Thread-safe: requests wait for each
    other.

    Args:
        workspace: called with a fresh private folder for each process that is started.
    """

    def __init__(self, workspace: Callable[[Path], Workspace]) -> None:
        self._lock = threading.RLock()
        self._connection = Connection(workspace)
        self._auditor = Auditor(self._connection)
        self._steps = Steps(self._connection)

    def start(self) -> ToolchainId:
        """Start the process if there is none, and say what it is."""
        with self._lock:
            self._connection.start()
            assert self._connection.toolchain is not None
            return self._connection.toolchain

    @property
    def toolchain(self) -> ToolchainId:
        return self._connection.toolchain or self.start()

    @property
    def starts(self) -> int:
        """How often a process was started."""
        return self._connection.starts

    @property
    def pid(self) -> int | None:
        """Process id of the running Lean, if any."""
        return self._connection.pid

    def abort(self) -> None:
        """End the process from another thread; a request under way raises `ServerCrashed`."""
        self._connection.abort()

    def close(self) -> None:
        with self._lock:
            self._connection.stop(grace=1.0)

    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a request of `RemoteServer`, in wire form."""
        with self._lock:
            try:
                limits = Limits(**arguments["limits"])
                environment = Environment(
                    tuple(arguments["environment"]["modules"]), arguments["environment"]["root"]
                )
                compiles = method in _RUN_CODE and is_foreign(arguments["module"])
                if self._connection.tainted and not (environment.foreign or compiles):
                    self._connection.stop()
                self._steps.close_idle(limits)
                if method in METHODS:
                    return self._steps.answer(method, arguments, environment, limits)
                if method in ("theorems", "homes"):
                    self._connection.load(environment, limits)
                    return self._connection.ask({"op": method, "env": environment.key}, limits)
                if method == "elaborate":
                    return self._elaborate(arguments, environment, limits)
                if method == "audit":
                    return self._auditor.audit(arguments, environment, limits)
                if method == "compile":
                    return self._compile(arguments, environment, limits, declarations=False)
                if method == "survey":
                    return self._compile(arguments, environment, limits, goals=True, survey=True)
            except (KeyError, TypeError) as error:
                raise ProtocolError(f"malformed call of '{method}': {error!r}") from error
            raise ProtocolError(f"unknown call '{method}'")

    def _elaborate(
        self, arguments: Mapping[str, Any], environment: Environment, limits: Limits
    ) -> dict[str, Any]:
        fields = {name: arguments[name] for name in ("file", "trusted", "goals", "steps")}
        return self._connection.elaborate(arguments["text"], environment, limits, **fields)

    def _compile(
        self,
        arguments: Mapping[str, Any],
        environment: Environment,
        limits: Limits,
        **fields: Any,
    ) -> dict[str, Any]:
        self._connection.load(environment, limits)
        workspace = self._connection.start()
        staged = workspace.stage / "module.olean"
        staged.real.unlink(missing_ok=True)
        destination = arguments["destination"]  # a survey may have none
        try:
            answer = self._connection.elaborate(
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
            self._connection.tainted |= is_foreign(arguments["module"])
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
