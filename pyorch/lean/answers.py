"""Parsing what the proof server answers. Parsed once, here; no dicts beyond.

The wire format is described in ``docs/protocol.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pyorch.errors import ProtocolError
from pyorch.lean.values import NOWHERE, Attempt, Homes, Opened, OpenHole, RawAudit
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
    "get_field",
    "parse_attempt",
    "parse_audit",
    "parse_elaboration",
    "parse_homes",
    "parse_opened",
    "parse_toolchain",
]

T = TypeVar("T")


def get_field(data: object, key: str, kind: type[T]) -> T:
    """A field of an answer.

    Raises:
        ProtocolError: it is missing or of another type.
    """
    if not isinstance(data, Mapping):
        raise ProtocolError(f"expected an object with '{key}'")
    value = data.get(key)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ProtocolError(f"field '{key}' is {value!r:.80}, expected {kind.__name__}")
    return value


def _optional(data: object, key: str, kind: type[T]) -> T | None:
    if isinstance(data, Mapping) and data.get(key) is None:
        return None
    return get_field(data, key, kind)


def _all(data: object, key: str, parse: Callable[[Any], T]) -> tuple[T, ...]:
    return tuple(parse(item) for item in get_field(data, key, list))


def _strings(data: object, key: str) -> tuple[str, ...]:
    items = get_field(data, key, list)
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
    return Position(get_field(data, "line", int), get_field(data, "column", int))


def _diagnostic(data: Any, file: str) -> Diagnostic:
    end = _optional(data, "end", dict)
    return Diagnostic(
        _severity(get_field(data, "severity", str)),
        file,
        _position(get_field(data, "start", dict)),
        None if end is None else _position(end),
        get_field(data, "text", str),
    )


def _declaration(data: Any) -> Declaration:
    return Declaration(
        name=get_field(data, "name", str),
        kind=get_field(data, "kind", str),
        type=get_field(data, "type", str),
        statement=_fingerprint(get_field(data, "statement", str)),
        start=_position(get_field(data, "start", dict)),
        end=_position(get_field(data, "end", dict)),
        axioms=_strings(data, "axioms"),
        bodyless=get_field(data, "bodyless", int),
        direct=_optional(data, "direct", bool) or False,
        through=_strings(data, "through") if "through" in data else (),
        shape=_optional(data, "shape", str) or "",
    )


def _hypothesis(data: Any) -> Hypothesis:
    return Hypothesis(
        get_field(data, "name", str), get_field(data, "type", str), _optional(data, "value", str)
    )


def _goal(data: Any) -> Goal:
    return Goal(
        get_field(data, "target", str),
        _all(data, "hypotheses", _hypothesis),
        get_field(data, "name", str),
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
        get_field(data, "kind", str),
        _position(get_field(data, "start", dict)),
        _position(get_field(data, "end", dict)),
        _all(data, "before", _goal),
        _all(data, "after", _goal),
    )


def _refusal(data: Any) -> tuple[Position, str]:
    return _position(get_field(data, "start", dict)), get_field(data, "reason", str)


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
        milliseconds=get_field(answer, "ms", int),
    )


def _theorem(data: Any) -> TheoremAudit:
    return TheoremAudit(
        get_field(data, "name", str),
        _optional(data, "difference", str),
        _strings(data, "axioms"),
        get_field(data, "bodyless", int),
    )


def parse_audit(answer: Mapping[str, Any], file: str = "<given>") -> RawAudit:
    """Parse the answer to an ``audit`` request.

    Raises:
        ProtocolError: a field is missing or of another type.
    """
    return RawAudit(
        _all(answer, "theorems", _theorem),
        _optional(answer, "kernel", str),
        asked=parse_elaboration(get_field(answer, "asked", dict), "<asked>"),
        given=parse_elaboration(get_field(answer, "given", dict), file),
    )


def _state(data: object) -> ProofState:
    return ProofState(
        key=get_field(data, "key", str),
        goals=_all(data, "goals", _goal),
        constants=_strings(data, "constants"),
        size=get_field(data, "size", int),
        handle=get_field(data, "handle", int),
    )


def _open_hole(data: Any) -> OpenHole:
    return OpenHole(
        get_field(data, "declaration", str),
        _position(get_field(data, "start", dict)),
        _position(get_field(data, "end", dict)),
        get_field(data, "proposition", bool),
        _state(get_field(data, "state", dict)),
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
    lines = [line.split("\t") for line in get_field(answer, "modules", str).split("\n") if line]
    modules = [words[0] for words in lines]
    theorems = {}
    for line in get_field(answer, "theorems", str).splitlines():
        name, _, index = line.partition("\t")
        if not (index.isascii() and index.isdigit() and int(index) < len(modules)):
            raise ProtocolError(f"not the home of a theorem: {line!r:.80}")
        theorems[name] = modules[int(index)]
    return Homes({words[0]: tuple(words[1:]) for words in lines}, theorems)


def _outcome(data: object) -> tuple[Outcome, str]:
    match get_field(data, "kind", str):
        case "closed":
            return Closed(), get_field(data, "hint", str)
        case "states":
            return Split(_all(data, "states", _state)), get_field(data, "hint", str)
        case "failed":
            return Failed(get_field(data, "message", str)), ""
    raise ProtocolError("unknown outcome of a tactic")


def parse_attempt(answer: Mapping[str, Any], tactics: int) -> Attempt:
    """Parse the answer to a ``try`` request for that many tactics.

    Raises:
        ProtocolError: a field is missing or of another type, or the number of outcomes is wrong.
    """
    outcomes = _all(answer, "outcomes", _outcome)
    lost = get_field(answer, "lost", bool)
    ended = _optional(answer, "ended", str)
    complete = not lost and ended is None
    if len(outcomes) > tactics or (complete and len(outcomes) != tactics):
        raise ProtocolError(f"{len(outcomes)} outcomes of {tactics} tactics")
    return Attempt(tuple(o for o, _ in outcomes), tuple(hint for _, hint in outcomes), lost, ended)


def parse_toolchain(answer: Mapping[str, Any]) -> ToolchainId:
    """Parse what the server says of itself when it starts."""
    return ToolchainId(
        kind="embedded" if get_field(answer, "embedded", bool) else "native",
        version=get_field(answer, "version", str).split(",")[0],
        commit=get_field(answer, "githash", str),
    )
