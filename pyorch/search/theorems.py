"""The theorems of an environment, for retrieval: asked of Lean once, then read from the cache;
and those of a text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from pyorch.errors import OutputError, ProtocolError
from pyorch.lean.protocol import Environment, Limits, Server
from pyorch.model import Declaration, Position
from pyorch.search.suggest.theorem import Conclusion, Theorem

__all__ = ["theorems_above", "theorems_of"]

_CONCLUSIONS = {"Eq": Conclusion.EQ, "Iff": Conclusion.IFF}


def theorems_of(
    server: Server,
    environment: Environment,
    cache: Path,
    toolchain_key: str,
    *,
    limits: Limits = Limits(),
) -> tuple[Theorem, ...]:
    """All theorems that the environment imports, but for private and internal ones.

    Args:
        cache: the user's cache; the answer is kept in ``theorems/`` there.
        toolchain_key: of the toolchain (`Toolchain.key`); it is part of the file's name.

    Raises:
        OutputError: the cache cannot be written.
        ServerError: Lean does not answer.
    """
    key = hashlib.sha256(f"{toolchain_key}\n{environment.key}".encode()).hexdigest()[:16]
    path = cache / "theorems" / f"{key}.txt"
    try:
        return parse_theorems(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ProtocolError):
        text = server.theorems(environment, limits=limits)
    theorems = parse_theorems(text)
    partial = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    return theorems


def parse_theorems(text: str) -> tuple[Theorem, ...]:
    """Parse the lines of the server: name, head of the conclusion, head of what it rewrites (or the
    same again), constants of the statement. ``_`` stands for what is no constant.

    Raises:
        ProtocolError: a line has too few words.
    """
    theorems = {}  # Lean may have one in several modules
    for line in text.split("\n"):
        match line.split("\t"):
            case [name, *words] if words:
                theorems[name] = _theorem(name, words)
            case [""]:
                pass
            case _:
                raise ProtocolError(f"not a theorem: {line!r:.80}")
    return tuple(theorems.values())


def theorems_above(declarations: Iterable[Declaration], place: Position) -> tuple[Theorem, ...]:
    """Those of a text's theorems whose command ends before ``place``.

    Raises:
        ProtocolError: the server described one otherwise than it should.
    """
    return tuple(
        _theorem(d.name, d.shape.split("\t"))
        for d in declarations
        if d.kind == "theorem" and (d.end.line, d.end.column) <= (place.line, place.column)
    )


def _theorem(name: str, words: Sequence[str]) -> Theorem:
    match words:
        case [conclusion, head, *constants]:
            kind = _CONCLUSIONS.get(conclusion, Conclusion.OTHER)
            return Theorem(name, tuple(constants), "" if head == "_" else head, kind)
    raise ProtocolError(f"not a theorem: {name!r:.80}")
