"""Requests and answers of the proof server as values. Parsed once, here; no dicts beyond.

The wire format is described in ``docs/protocol.md``.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
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
from pyorch.search.model import Closed, Failed, Outcome, ProofState, Split

__all__ = [
    "NOWHERE",
    "Attempt",
    "Environment",
    "Homes",
    "Limits",
    "OpenHole",
    "Opened",
    "RawAudit",
    "RemoteServer",
    "Server",
    "is_foreign",
    "parse_attempt",
    "parse_audit",
    "parse_elaboration",
    "parse_homes",
    "parse_opened",
    "parse_toolchain",
]

T = TypeVar("T")

#: Where syntax stands that a program made.
NOWHERE = Position(0, 0)


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


@dataclass(frozen=True)
class OpenHole:
    """A ``sorry`` whose proof state is saved.

    Attributes:
        declaration: the declaration it is in.
        proposition: is it a proof that is missing? Else it is data, such as the body of a function,
            and any value would do for Lean.
        state: where tactics begin.
    """

    declaration: str
    start: Position
    end: Position
    proposition: bool
    state: ProofState


@dataclass(frozen=True)
class Opened:
    """What elaborating a text for its holes said; ``refused`` as in `Elaboration`."""

    diagnostics: tuple[Diagnostic, ...]
    refused: tuple[tuple[Position, str], ...]
    holes: tuple[OpenHole, ...]


@dataclass(frozen=True)
class Attempt:
    """What became of tactics on a saved state.

    Attributes:
        outcomes: of the tactics, in their order; fewer than there were tactics if the server ended.
        hints: what Lean said beside each, such as the ``Try this`` of ``exact?``; often empty.
        lost: the server does not have the state.
        ended: why the server ended while it ran the tactic after the last outcome, or None.
    """

    outcomes: tuple[Outcome, ...]
    hints: tuple[str, ...]
    lost: bool = False
    ended: str | None = None


@dataclass(frozen=True)
class Homes:
    """Where theorems come from.

    Attributes:
        imports: of each module.
        theorems: the module of each theorem whose statement needs nothing of that module.
    """

    imports: Mapping[str, tuple[str, ...]]
    theorems: Mapping[str, str]


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
        return _get(self._send("release", environment, limits, fields), "left", int)

    def close_session(
        self, environment: Environment, session: str, *, limits: Limits = Limits()
    ) -> None:
        """See `Server.close_session`."""
        self._send("close", environment, limits, {"session": session})

    def theorems(self, environment: Environment, *, limits: Limits = Limits()) -> str:
        """See `Server.theorems`."""
        return _get(self._send("theorems", environment, limits, {}), "theorems", str)

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
        direct=_optional(data, "direct", bool) or False,
        through=_strings(data, "through") if "through" in data else (),
        shape=_optional(data, "shape", str) or "",
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
    start, end = _optional(data, "start", dict), _optional(data, "end", dict)
    return Hole(
        _optional(data, "declaration", str) or "",
        NOWHERE if start is None else _position(start),
        NOWHERE if end is None else _position(end),
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


def _state(data: object) -> ProofState:
    return ProofState(
        key=_get(data, "key", str),
        goals=_all(data, "goals", _goal),
        constants=_strings(data, "constants"),
        size=_get(data, "size", int),
        handle=_get(data, "handle", int),
    )


def _open_hole(data: Any) -> OpenHole:
    return OpenHole(
        _get(data, "declaration", str),
        _position(_get(data, "start", dict)),
        _position(_get(data, "end", dict)),
        _get(data, "proposition", bool),
        _state(_get(data, "state", dict)),
    )


def parse_opened(answer: Mapping[str, Any], file: str = "<input>") -> Opened:
    """Parse the answer to an ``open`` request.

    Raises:
        ProtocolError: a field is missing or of another type.
    """
    return Opened(
        _all(answer, "messages", lambda m: _diagnostic(m, file)),
        _all(answer, "refused", _refusal),
        _all(answer, "holes", _open_hole),
    )


def parse_homes(answer: Mapping[str, Any]) -> Homes:
    """Parse the answer to a ``homes`` request.

    Raises:
        ProtocolError: a field is missing or of another type, or a line is not as it should be.
    """
    lines = [line.split("\t") for line in _get(answer, "modules", str).split("\n") if line]
    modules = [words[0] for words in lines]
    theorems = {}
    for line in _get(answer, "theorems", str).splitlines():
        name, _, index = line.partition("\t")
        if not (index.isascii() and index.isdigit() and int(index) < len(modules)):
            raise ProtocolError(f"not the home of a theorem: {line!r:.80}")
        theorems[name] = modules[int(index)]
    return Homes({words[0]: tuple(words[1:]) for words in lines}, theorems)


def _outcome(data: object) -> tuple[Outcome, str]:
    match _get(data, "kind", str):
        case "closed":
            return Closed(), _get(data, "hint", str)
        case "states":
            return Split(_all(data, "states", _state)), _get(data, "hint", str)
        case "failed":
            return Failed(_get(data, "message", str)), ""
    raise ProtocolError("unknown outcome of a tactic")


def parse_attempt(answer: Mapping[str, Any], tactics: int) -> Attempt:
    """Parse the answer to a ``try`` request for that many tactics.

    Raises:
        ProtocolError: a field is missing or of another type, or the number of outcomes is wrong.
    """
    outcomes = _all(answer, "outcomes", _outcome)
    lost = _get(answer, "lost", bool)
    ended = _optional(answer, "ended", str)
    complete = not lost and ended is None
    if len(outcomes) > tactics or (complete and len(outcomes) != tactics):
        raise ProtocolError(f"{len(outcomes)} outcomes of {tactics} tactics")
    return Attempt(tuple(o for o, _ in outcomes), tuple(hint for _, hint in outcomes), lost, ended)


def parse_toolchain(answer: Mapping[str, Any]) -> ToolchainId:
    """Parse what the server says of itself when it starts."""
    return ToolchainId(
        kind="embedded" if _get(answer, "embedded", bool) else "native",
        version=_get(answer, "version", str).split(",")[0],
        commit=_get(answer, "githash", str),
    )
