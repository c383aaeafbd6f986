"""One Lean process and the environments that it has loaded."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyorch.errors import ProtocolError, ToolchainError
from pyorch.lean.answers import parse_toolchain
from pyorch.lean.process import LeanProcess
from pyorch.lean.protocol import Environment, Limits
from pyorch.model import ToolchainId

__all__ = ["Connection", "Place", "Workspace"]

#: Each loaded environment costs 20 to 60 MB that Lean never gives back; the embedded one has 2 GB.
_MAX_LOADS = 24


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

    def path(self, environment: Environment) -> list[str]:
        """Where Lean finds the modules of an environment."""
        path = list(self.library)
        if environment.root:
            path.append((self.roots / environment.root).inside)
        return path


class Connection:
    """A process that starts on first use and again after a crash, or when it has loaded enough.

    Environments are loaded when a request first names them, and again after a restart. What else is
    kept in the process is lost with it: see `starts`. Not thread-safe, `abort` excepted.

    Args:
        workspace: called with a fresh private folder for each process that is started.
    """

    def __init__(self, workspace: Callable[[Path], Workspace]) -> None:
        self._make = workspace
        self._process: LeanProcess | None = None
        self._workspace: Workspace | None = None
        self._stage: tempfile.TemporaryDirectory[str] | None = None
        self._loaded: set[str] = set()
        self._loads = 0
        self.toolchain: ToolchainId | None = None
        """What the process said of itself, once there was one."""
        self.starts = 0
        """How often a process was started."""
        self.tainted = False
        """Whether code of the user's may have run in the process."""

    # ---- the process -----------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.alive

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.alive else None

    def start(self) -> Workspace:
        """Start the process if there is none, and say where it finds things."""
        return self._started()[1]

    def _started(self) -> tuple[LeanProcess, Workspace]:
        if self._process is not None and self._process.alive and self._workspace is not None:
            return self._process, self._workspace
        self.stop()
        self._stage = tempfile.TemporaryDirectory(
            prefix="pyorch-stage-", ignore_cleanup_errors=True
        )
        try:
            self._workspace = self._make(Path(self._stage.name))
            self._process = LeanProcess(self._workspace.command)
            self.toolchain = parse_toolchain(self._process.info)
        except BaseException as error:
            self.stop()
            if isinstance(error, ProtocolError):
                raise ToolchainError(f"the proof server does not start: {error}") from error
            raise
        self.starts += 1
        return self._process, self._workspace

    def stop(self, *, grace: float = 0.0) -> None:
        """End the process, if there is one.

        Args:
            grace: seconds that it has to end by itself.
        """
        if self._process is not None:
            if grace:
                self._process.close(grace)
            else:
                self._process.kill()
        if self._stage is not None:
            self._stage.cleanup()
        self._process = self._workspace = self._stage = None
        self._loaded.clear()
        self._loads = 0
        self.tainted = False

    def abort(self) -> None:
        """End the process from another thread; a request under way raises `ServerCrashed`."""
        process = self._process
        if process is not None:
            process.abort()

    # ---- requests --------------------------------------------------------------------------

    def ask(
        self,
        payload: Mapping[str, Any],
        limits: Limits,
        part: Callable[[Any], None] | None = None,
    ) -> dict[str, Any]:
        """Send a request of docs/protocol.md.

        Args:
            part: gets the parts of an answer that comes in several.

        Raises:
            ProtocolError: Lean refuses it; the errors of `LeanProcess.request`.
        """
        process, _ = self._started()
        answer = process.request(payload, limits.seconds, limits.memory, part)
        if isinstance(answer.get("error"), str):
            raise ProtocolError(f"Lean refuses the request: {' '.join(answer['error'].split())}")
        return answer

    def load(self, environment: Environment, limits: Limits) -> None:
        """Have an environment loaded, in a new process if need be."""
        if environment.key in self._loaded and self.alive:
            return
        if self._loads >= _MAX_LOADS:
            self.stop()
        workspace = self.start()
        self._loads += 1
        # the user's notation and tactics are code, and will run
        self.tainted |= environment.foreign
        self.ask(
            {
                "op": "load",
                "env": environment.key,
                "modules": list(environment.modules),
                "path": workspace.path(environment),
            },
            limits,
        )
        self._loaded.add(environment.key)

    def elaborate(
        self, text: str, environment: Environment, limits: Limits, **fields: Any
    ) -> dict[str, Any]:
        """Elaborate a text; ``fields`` are those of the request ``elab``."""
        self.load(environment, limits)
        return self.ask(
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

    def forget(self, key: str, limits: Limits) -> None:
        """Drop what a request kept under ``key``."""
        if self.alive:
            self.ask({"op": "forget", "env": key}, limits)
