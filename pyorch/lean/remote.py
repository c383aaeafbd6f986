"""The server's interface over one untyped call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pyorch.lean.answers import (
    get_field,
    parse_attempt,
    parse_audit,
    parse_elaboration,
    parse_homes,
    parse_opened,
)
from pyorch.lean.protocol import Environment, Limits
from pyorch.lean.values import Attempt, Homes, Opened, RawAudit
from pyorch.model import Elaboration

__all__ = ["RemoteServer"]


class RemoteServer(ABC):
    """`Server` in terms of one untyped call: what our own server and the daemon's client share."""

    @abstractmethod
    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out ``method`` and return the answer of the wire."""

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
        """See `Server.elaborate`."""
        fields = {"text": text, "file": file, "trusted": trusted, "goals": goals, "steps": steps}
        return parse_elaboration(self._send("elaborate", environment, limits, fields), file)

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
        """See `Server.audit`."""
        fields = {
            "asked": asked,
            "given": given,
            "theorems": None if theorems is None else list(theorems),
            "kernel_once": kernel_once,
        }
        return parse_audit(self._send("audit", environment, limits, fields), file)

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
        """See `Server.compile`."""
        fields = {"text": text, "module": module, "destination": destination, "file": file}
        return parse_elaboration(self._send("compile", environment, limits, fields), file)

    def open_text(
        self, text: str, environment: Environment, session: str, *, limits: Limits = Limits()
    ) -> Opened:
        """See `Server.open_text`."""
        fields = {"text": text, "session": session}
        return parse_opened(self._send("open", environment, limits, fields))

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
        """See `Server.attempt`."""
        fields = {
            "state": state,
            "tactics": list(tactics),
            "session": session,
            "release": list(release),
        }
        return parse_attempt(self._send("try", environment, limits, fields), len(tactics))

    def release(
        self,
        states: Sequence[int],
        environment: Environment,
        session: str,
        *,
        limits: Limits = Limits(),
    ) -> int:
        """See `Server.release`."""
        fields = {"states": list(states), "session": session}
        return get_field(self._send("release", environment, limits, fields), "left", int)

    def close_session(
        self, environment: Environment, session: str, *, limits: Limits = Limits()
    ) -> None:
        """See `Server.close_session`."""
        self._send("close", environment, limits, {"session": session})

    def theorems(self, environment: Environment, *, limits: Limits = Limits()) -> str:
        """See `Server.theorems`."""
        return get_field(self._send("theorems", environment, limits, {}), "theorems", str)

    def homes(self, environment: Environment, *, limits: Limits = Limits()) -> Homes:
        """See `Server.homes`."""
        return parse_homes(self._send("homes", environment, limits, {}))

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
        """See `Server.pose`."""
        fields = {"name": name, "source": asdict(source), "text": text, "session": session}
        return parse_opened(self._send("pose", environment, limits, fields))

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
        """See `Server.survey`."""
        fields = {"text": text, "module": module, "destination": destination, "file": file}
        return parse_elaboration(self._send("survey", environment, limits, fields), file)

    def _send(
        self, method: str, environment: Environment, limits: Limits, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        return self.call(
            method, {**fields, "environment": asdict(environment), "limits": asdict(limits)}
        )
