"""A record of the files in a folder, by which damage is noticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["NAME", "Entry", "Manifest"]

#: File name of a manifest in the folder that it describes.
NAME = "manifest.json"


@dataclass(frozen=True)
class Entry:
    """One file: its path below the folder, its size in bytes and its SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a folder held when it was complete. Written last, so its presence means completeness."""

    entries: tuple[Entry, ...]

    @staticmethod
    def take(root: Path, parts: Iterable[str]) -> Manifest:
        """Read the files and folders ``parts`` below ``root``."""
        entries = []
        for path in _files(root, parts):
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            entries.append(Entry(str(path.relative_to(root)), path.stat().st_size, digest))
        return Manifest(tuple(entries))

    @staticmethod
    def load(root: Path) -> Manifest | None:
        """The manifest in ``root``; None if there is none that can be read."""
        try:
            rows = json.loads((root / NAME).read_bytes())
            entries = tuple(Entry(str(p), int(n), str(h)) for p, n, h in rows)
        except (OSError, ValueError, TypeError):
            return None
        return Manifest(entries) if entries else None

    def save(self, root: Path) -> None:
        """Write it to ``root``."""
        rows = [[e.path, e.size, e.sha256] for e in self.entries]
        (root / NAME).write_text(json.dumps(rows, indent=0), encoding="utf-8")

    def damage(self, root: Path, *, thorough: bool) -> str | None:
        """The first thing wrong with ``root``, in words; None if nothing is.

        Args:
            thorough: read all files. Otherwise only sizes are compared, which takes 10 ms for
                Lean's 2,000 files and finds what an interrupted or full-disk copy leaves.
        """
        for entry in self.entries:
            path = root / entry.path
            try:
                size = path.stat().st_size
                if size != entry.size:
                    return f"{entry.path} has {size} bytes, not {entry.size}"
                if thorough:
                    with path.open("rb") as file:
                        if hashlib.file_digest(file, "sha256").hexdigest() != entry.sha256:
                            return f"{entry.path} has changed"
            except OSError as error:
                return f"{entry.path}: {error.strerror}"
        if thorough:
            known = {e.path for e in self.entries}
            parts = {p.split("/")[0] for p in known}
            for path in _files(root, sorted(parts)):
                if (name := str(path.relative_to(root))) not in known:
                    return f"{name} does not belong there"
        return None


def _files(root: Path, parts: Iterable[str]) -> Iterable[Path]:
    for part in parts:
        if (root / part).is_file():
            yield root / part
        else:
            yield from sorted(p for p in (root / part).rglob("*") if p.is_file())
