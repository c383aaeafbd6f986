"""The log of a search, from which an interrupted one goes on.

A line a fact, written whole: `split PATH DIM`, or `proved PATH` (`pyorch.nets.paths`), followed by
a certificate if the proof is not by intervals (`pyorch.nets.dual_emit.dual_to_json`), so that a
line needs no other to be understood. Every line ends in a digest of itself and of what the search
is about; what was torn by a crash, or belongs elsewhere, does not count.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

from pyorch.errors import OutputError
from pyorch.nets.dual_emit import dual_from_json, dual_to_json
from pyorch.nets.json_tree import parse_json
from pyorch.nets.paths import is_path
from pyorch.nets.split import LEAF, Leaf

__all__ = ["SearchLog"]


class SearchLog:
    """What a search found out, on disk.

    Args:
        folder: where logs are kept; made if need be.
        subject: all that the facts depend on.

    Attributes:
        splits: coordinate in which the box of a path is bisected.
        proved: by paths, what proves it on the boxes that the exact check accepted.

    Raises:
        OutputError: the log cannot be read or written.
    """

    def __init__(self, folder: Path, subject: str) -> None:
        self._key = hashlib.sha256(subject.encode()).hexdigest()
        self._path = folder / f"{self._key[:32]}.log"
        self.splits: dict[str, int] = {}
        self.proved: dict[str, Leaf] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
            self._file = os.open(self._path, flags, 0o666)
            text = self._path.read_bytes().decode("ascii", errors="replace")
        except OSError as error:
            raise OutputError(f"cannot write {self._path}: {error.strerror or error}") from error
        for line in text.split("\n"):
            self._read(line)
        if text and not text.endswith("\n"):
            self._write("\n")  # the torn line ends here

    def split(self, nodes: Iterable[tuple[str, int]]) -> None:
        """The boxes of these paths are bisected in these coordinates."""
        new = dict(nodes)
        self.splits |= new
        self._append(f"split {path} {dim}" for path, dim in new.items())

    def prove(self, leaves: Mapping[str, Leaf]) -> None:
        """The exact check accepted these proofs on the boxes of these paths."""
        self.proved |= leaves
        self._append(f"proved {path}{_leaf_text(leaf)}" for path, leaf in leaves.items())

    def remove(self) -> None:
        """The search is over."""
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> SearchLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def _read(self, line: str) -> None:
        fact, _, digest = line.rpartition(" ")
        if digest != self._digest(fact):
            return
        kind, path, *rest = fact.split(" ")
        if not is_path(path):
            return
        if kind == "split":
            self.splits.setdefault(path, int(rest[0]))
        else:
            self.proved[path] = _leaf_of(rest)

    def _append(self, facts: Iterable[str]) -> None:
        self._write("".join(f"{fact} {self._digest(fact)}\n" for fact in facts))

    def _write(self, text: str) -> None:
        data = text.encode()
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            raise OutputError(f"cannot write {self._path}: {error.strerror or error}") from error

    def _digest(self, fact: str) -> str:
        return hashlib.sha256(f"{self._key} {fact}".encode()).hexdigest()[:16]


def _leaf_text(leaf: Leaf) -> str:
    if leaf.dual is None:
        return ""
    return " " + json.dumps(dual_to_json(leaf.dual), separators=(",", ":"))


def _leaf_of(words: list[str]) -> Leaf:
    return Leaf(dual_from_json(parse_json(words[0].encode(), "log"))) if words else LEAF
