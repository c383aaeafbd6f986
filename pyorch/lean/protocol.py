"""The interface between pyorch and Lean: what is asked, and on what.

What is answered is in `pyorch.lean.values`; `pyorch.lean.answers` parses it. The wire format is
described in ``docs/protocol.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pyorch.lean.values import Attempt, Homes, Opened, RawAudit
from pyorch.model import Elaboration, ToolchainId

__all__ = ["Environment", "Limits", "Server", "is_foreign"]


@dataclass(frozen=True)
class Environment:
    """What a text is elaborated on: imported modules, and where the compiled ones lie.

    Attributes:
        modules: names of modules, ``Init`` among them.
        root: name of a folder of compiled modules below the cache's ``modules/roots``; empty for
            Lean's own library alone. Its name is a hash of its content, so an environment never
            goes stale.
    """

    modules: tuple[str, ...] = ("Init",)
    root: str = ""

    @property
    def key(self) -> str:
        text = "\n".join((self.root, *self.modules))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def foreign(self) -> bool:
        """Has it modules that are neither Lean's nor ours? They may bring code that runs whenever
        something is elaborated."""
        return any(map(is_foreign, self.modules))


def is_foreign(module: str) -> bool:
    """Is the module of that name neither Lean's nor ours?"""
    return module.split(".")[0] not in ("Init", "Std", "Lean", "PyOrch")


@dataclass(frozen=True)
class Limits:
    """Limits of one request.

    Attributes:
        seconds: wall clock; past it the server process is ended. None for no limit.
        heartbeats: Lean's own deterministic measure, in thousands of small allocations.
        recursion: Lean's ``maxRecDepth``.
        memory: MiB that the server process may hold; past it, it is ended. None for no limit.
    """

    seconds: float | None = 120.0
    heartbeats: int = 200_000
    recursion: int = 512
    memory: int | None = None


class Server(Protocol):
    """The narrow seam between pyorch and Lean. `LeanServer` is the real one, `DaemonClient` the
    same behind a socket; tests have a scripted fake."""

    @property
    def toolchain(self) -> ToolchainId: ...

    def elaborate(
        self,
        text: str,
        environment: Environment,
        *,
        file: str = "<input>",
        limits: Limits = Limits(),
        trusted: bool = False,
        goals: bool = False,
        steps: bool = False,
    ) -> Elaboration:
        """Elaborate ``text`` (without a header of imports) on ``environment``.

        Text from outside stays ``trusted=False``: commands that could run code are refused.
        """
        ...

    def audit(
        self,
        asked: str,
        given: str,
        theorems: tuple[str, ...] | None,
        environment: Environment,
        *,
        file: str = "<given>",
        limits: Limits = Limits(),
        kernel_once: bool = False,
    ) -> RawAudit:
        """Elaborate both texts afresh, compare the statements of ``theorems`` (by default of all
        that ``asked`` declares), and replay every declaration of ``given`` through the kernel on
        top of the untouched imports.

        Args:
            kernel_once: the replay is the only time that the kernel sees ``given``, which takes
                half as long where the kernel computes much. For texts of our own making: a tactic
                that looks whether the kernel accepts something, as in ``first | decide +kernel``,
                would not learn that it does not, and the replay rejects what it made.
        """
        ...

    def compile(
        self,
        text: str,
        module: str,
        environment: Environment,
        destination: str,
        *,
        file: str = "<input>",
        limits: Limits = Limits(),
    ) -> Elaboration:
        """Elaborate the module and write it, compiled, to ``destination`` if it has no error.

        What it declares is not reported, which would take an eighth of the time.
        """
        ...

    def open_text(
        self, text: str, environment: Environment, session: str, *, limits: Limits = Limits()
    ) -> Opened:
        """Elaborate ``text`` as text from outside, and save the proof state at each ``sorry``.

        Args:
            session: name under which the states are kept; the caller draws it. States go with
                `close_session`, with the process, and when nobody has asked for a while.
        """
        ...

    def attempt(
        self,
        state: int,
        tactics: Sequence[str],
        environment: Environment,
        session: str,
        *,
        release: Sequence[int] = (),
        limits: Limits = Limits(),
    ) -> Attempt:
        """Run each tactic on the saved state, which stays as it is.

        Args:
            release: states that are dropped first.
            limits: of each tactic by itself.
        """
        ...

    def release(
        self,
        states: Sequence[int],
        environment: Environment,
        session: str,
        *,
        limits: Limits = Limits(),
    ) -> int:
        """Drop states. Returns how many are left in the session."""
        ...

    def close_session(
        self, environment: Environment, session: str, *, limits: Limits = Limits()
    ) -> None:
        """Drop all states of a session."""
        ...

    def theorems(self, environment: Environment, *, limits: Limits = Limits()) -> str:
        """The theorems of ``environment``, a line each (`pyorch.search.theorems` parses them)."""
        ...

    def homes(self, environment: Environment, *, limits: Limits = Limits()) -> Homes:
        """Where the theorems of ``environment`` come from."""
        ...

    def pose(
        self,
        name: str,
        source: Environment,
        text: str,
        environment: Environment,
        session: str,
        *,
        limits: Limits = Limits(),
    ) -> Opened:
        """The statement of the theorem ``name`` of ``source`` as a hole at the end of ``text`` on
        ``environment``, all hypotheses in the goal.

        Raises:
            ProtocolError: there is no such theorem, ``environment`` has it, or what its statement
                mentions is not there or not the same.
        """
        ...

    def survey(
        self,
        text: str,
        module: str,
        environment: Environment,
        *,
        destination: str | None = None,
        file: str = "<input>",
        limits: Limits = Limits(),
    ) -> Elaboration:
        """Elaborate the module, with the holes, and all declarations, private ones and examples
        too, with what they have to do with ``sorry``; with ``destination``, `compile` it, too.
        Code in it runs either way."""
        ...

    def close(self) -> None: ...
