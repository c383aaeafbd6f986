"""Answers of language models on disk: one file each, named by a digest of the question."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pyorch.output import write_text
from pyorch.search.suggest.llm_answer import Malformed, parse_tactics

__all__ = ["AnswerCache"]

_LARGEST = 1 << 16
"""Bytes of a file; what is larger was not written by `AnswerCache.put`."""


class AnswerCache:
    """Remembers the tactics that were suggested, not the question and not the key.

    A file that was damaged or tampered with is as if it were not there; what a file says passes
    through the same policy as what a server says.

    Args:
        folder: need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, *question: str) -> tuple[str, ...] | None:
        """The answer to a question (model, server, prompt, …), if there is one."""
        path = self._path(question)
        try:
            with path.open("rb") as stream:
                data = stream.read(_LARGEST + 1)
            return None if len(data) > _LARGEST else parse_tactics(data.decode())
        except (OSError, UnicodeDecodeError, Malformed):
            return None

    def put(self, tactics: tuple[str, ...], *question: str) -> None:
        """Remember an answer, whole or not at all.

        Raises:
            OutputError: it cannot be written.
        """
        write_text(self._path(question), json.dumps({"tactics": tactics}) + "\n")

    def _path(self, question: tuple[str, ...]) -> Path:
        digest = hashlib.sha256(json.dumps(question).encode()).hexdigest()
        return self._folder / digest[:2] / f"{digest}.json"
