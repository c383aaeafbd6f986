"""Requests and answers of the proof server as values. Parsed once, here; no dicts beyond.

The wire format is described in ``docs/protocol.md``.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol, TypeVar

from pyorch.errors import ProtocolError
from pyorch.model import (
    Declaration,
    Diagnostic,
    Elaboration,
    Goal,
    Hole,
    Hypothesis,
    Position,
    Severity,
    Step,
    TheoremAudit,
    ToolchainId,
)

__all__ = [
    "Environment",
    "Limits",
    "RawAudit",
    "RemoteServer",
    "Server",
    "parse_audit",
    "parse_elaboration",
    "parse_toolchain",
]

T = TypeVar("T")


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


@dataclass(frozen=True)
class RawAudit:
    """The server's part of an audit: facts, no judgement (`pyorch.audit` judges).

    Attributes:
        theorems: how each theorem compares with what was asked, and its axioms.
        kernel: the kernel's objection when everything was replayed, or None.
        asked, given: what elaborating the two texts said.
    """

    theorems: tuple[TheoremAudit, ...]
    kernel: str | None
    asked: Elaboration
    given: Elaboration


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
        theorems: tuple[str, ...],
        environment: Environment,
        *,
        file: str = "<given>",
        limits: Limits = Limits(),
    ) -> RawAudit:
        """Elaborate both texts afresh, compare the statements of ``theorems``, and replay every
        declaration of ``given`` through the kernel on top of the untouched imports."""
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
        """Elaborate the module and write it, compiled, to ``destination`` if it has no error."""
        ...

    def close(self) -> None: ...


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
        theorems: tuple[str, ...],
        environment: Environment,
        *,
        file: str = "<given>",
        limits: Limits = Limits(),
    ) -> RawAudit:
        """See `Server.audit`."""
        fields = {"asked": asked, "given": given, "theorems": list(theorems)}
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

    def _send(
        self, method: str, environment: Environment, limits: Limits, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        return self.call(
            method, {**fields, "environment": asdict(environment), "limits": asdict(limits)}
        )


# ---- parsing -----------------------------------------------------------------------------------


def _get(data: object, key: str, kind: type[T]) -> T:
    if not isinstance(data, Mapping):
        raise ProtocolError(f"expected an object with '{key}'")
    value = data.get(key)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ProtocolError(f"field '{key}' is {value!r:.80}, expected {kind.__name__}")
    return value


def _optional(data: object, key: str, kind: type[T]) -> T | None:
    if isinstance(data, Mapping) and data.get(key) is None:
        return None
    return _get(data, key, kind)


def _all(data: object, key: str, parse: Callable[[Any], T]) -> tuple[T, ...]:
    return tuple(parse(item) for item in _get(data, key, list))


def _strings(data: object, key: str) -> tuple[str, ...]:
    items = _get(data, key, list)
    if not all(isinstance(item, str) for item in items):
        raise ProtocolError(f"field '{key}' is {items!r:.80}, expected strings")
    return tuple(items)


def _severity(text: str) -> Severity:
    try:
        return Severity(text)
    except ValueError:
        raise ProtocolError(f"unknown severity {text!r:.80}") from None


def _fingerprint(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise ProtocolError(f"field 'statement' is {text!r:.80}, expected a 64-bit number")
    return f"{int(text):016x}"


def _position(data: object) -> Position:
    return Position(_get(data, "line", int), _get(data, "column", int))


def _diagnostic(data: Any, file: str) -> Diagnostic:
    end = _optional(data, "end", dict)
    return Diagnostic(
        _severity(_get(data, "severity", str)),
        file,
        _position(_get(data, "start", dict)),
        None if end is None else _position(end),
        _get(data, "text", str),
    )


def _declaration(data: Any) -> Declaration:
    return Declaration(
        name=_get(data, "name", str),
        kind=_get(data, "kind", str),
        type=_get(data, "type", str),
        statement=_fingerprint(_get(data, "statement", str)),
        start=_position(_get(data, "start", dict)),
        end=_position(_get(data, "end", dict)),
        axioms=_strings(data, "axioms"),
        bodyless=_get(data, "bodyless", int),
    )


def _hypothesis(data: Any) -> Hypothesis:
    return Hypothesis(
        _get(data, "name", str), _get(data, "type", str), _optional(data, "value", str)
    )


def _goal(data: Any) -> Goal:
    return Goal(
        _get(data, "target", str), _all(data, "hypotheses", _hypothesis), _get(data, "name", str)
    )


def _hole(data: Any) -> Hole:
    return Hole(
        _optional(data, "declaration", str) or "",
        _position(_get(data, "start", dict)),
        _position(_get(data, "end", dict)),
        _all(data, "goals", _goal),
    )


def _step(data: Any) -> Step:
    return Step(
        _get(data, "kind", str),
        _position(_get(data, "start", dict)),
        _position(_get(data, "end", dict)),
        _all(data, "before", _goal),
        _all(data, "after", _goal),
    )


def _refusal(data: Any) -> tuple[Position, str]:
    return _position(_get(data, "start", dict)), _get(data, "reason", str)


def parse_elaboration(answer: Mapping[str, Any], file: str) -> Elaboration:
    """Parse the answer to an ``elab`` request.

    Raises:
        ProtocolError: a field is missing or of another type.
    """
    return Elaboration(
        diagnostics=_all(answer, "messages", lambda m: _diagnostic(m, file)),
        declarations=_all(answer, "declarations", _declaration),
        holes=_all(answer, "holes", _hole),
        steps=_all(answer, "steps", _step),
        refused=_all(answer, "refused", _refusal),
        milliseconds=_get(answer, "ms", int),
    )


def _theorem(data: Any) -> TheoremAudit:
    return TheoremAudit(
        _get(data, "name", str),
        _optional(data, "difference", str),
        _strings(data, "axioms"),
        _get(data, "bodyless", int),
    )


def parse_audit(answer: Mapping[str, Any], file: str = "<given>") -> RawAudit:
    """Parse the answer to an ``audit`` request.

    Raises:
        ProtocolError: a field is missing or of another type.
    """
    return RawAudit(
        _all(answer, "theorems", _theorem),
        _optional(answer, "kernel", str),
        asked=parse_elaboration(_get(answer, "asked", dict), "<asked>"),
        given=parse_elaboration(_get(answer, "given", dict), file),
    )


def parse_toolchain(answer: Mapping[str, Any]) -> ToolchainId:
    """Parse what the server says of itself when it starts."""
    return ToolchainId(
        kind="embedded" if _get(answer, "embedded", bool) else "native",
        version=_get(answer, "version", str).split(",")[0],
        commit=_get(answer, "githash", str),
    )
