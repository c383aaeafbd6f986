"""Input files: their bytes, read once, and what a network in them may be at most."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from os import PathLike, fspath
from pathlib import Path

from pyorch.errors import InputError

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_PARAMETERS",
    "MAX_WIDTH",
    "InputFile",
    "check_widths",
    "one_line",
    "read_file",
]

MAX_FILE_BYTES = 32 * 2**20
MAX_WIDTH = 2**16
"""Inputs or outputs of a layer."""
MAX_PARAMETERS = 2**22
"""Weights and biases of a network."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """The bytes of a file, read once, so that what is parsed is what is hashed.

    Args:
        source: the file as the user named it, printable.
        suffix: of its name, in lower case, with the dot.
    """

    source: str
    data: bytes
    suffix: str = ""

    @property
    def sha256(self) -> str:
        """Hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    def error(self, field: str, problem: str) -> InputError:
        """An error about this file; the caller raises it."""
        return InputError(self.source, field, problem)

    def text(self) -> str:
        """The content as UTF-8 text.

        Raises:
            InputError: for other bytes.
        """
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError as e:
            raise self.error("", f"not UTF-8 text: byte {e.start} ({e.reason})") from None


def read_file(
    path: str | PathLike[str], what: str = "file", limit: int = MAX_FILE_BYTES
) -> InputFile:
    """The file at `path`, which should be a `what`, of at most `limit` bytes.

    Raises:
        InputError: one line, for what cannot be read.
    """
    name = fspath(path)
    source = name if name.isprintable() and name else repr(name)
    try:
        with Path(name).open("rb") as file:
            # one byte past the limit tells a file that is too large; a device never ends
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise InputError(source, "", "no such file") from None
    except IsADirectoryError:
        raise InputError(source, "", f"is a directory, not a {what}") from None
    except OSError as e:
        raise InputError(source, "", f"cannot be read: {e.strerror or e}") from None
    except ValueError as e:
        raise InputError(source, "", f"not a file name: {e}") from None
    if len(data) > limit:
        raise InputError(source, "", f"larger than {limit // 2**20} MB")
    return InputFile(source, data, Path(name).suffix.lower())


def check_widths(widths: Sequence[int]) -> None:
    """Whether dense layers of these widths, the inputs first, are within the limits.

    Raises:
        ValueError: where they are not.
    """
    for width in widths:
        if width < 1:
            raise ValueError("a layer needs at least one output and one input")
        if width > MAX_WIDTH:
            raise ValueError(f"{width} inputs or outputs of a layer (limit {MAX_WIDTH})")
    count = sum(outputs * (inputs + 1) for inputs, outputs in pairwise(widths))
    if count > MAX_PARAMETERS:
        raise ValueError(f"{count} weights and biases (limit {MAX_PARAMETERS})")


def one_line(error: BaseException) -> str:
    """An exception of another library as a part of a message."""
    text = " ".join(str(error).split())[:200]
    return text if text.isprintable() and text else type(error).__name__
