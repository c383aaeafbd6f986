"""Reading the user's text files, and writing result files: whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pyorch.errors import InputError, OutputError

__all__ = ["read_text", "require_writable", "safe_name", "write_bytes", "write_text"]


def read_text(path: Path) -> str:
    """Read a UTF-8 text file.

    Raises:
        InputError: it cannot be read, or is something else.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(path, "", f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(path, "", f"is not UTF-8 (byte {error.start})") from error


def safe_name(name: str, parameters: Sequence[tuple[str, str]]) -> Path:
    """A file name for a claim: its name and, where there are parameters, a short digest of them."""
    stem = re.sub(r"[^A-Za-z0-9_]+", "_", name)
    if parameters:
        text = "\n".join(f"{key}={value}" for key, value in parameters)
        stem += "_" + hashlib.sha256(text.encode()).hexdigest()[:8]
    return Path(f"{stem}.lean")


def require_writable(folder: Path) -> None:
    """Refuse early, before long work, a folder that cannot be written.

    Raises:
        OutputError: it cannot be made or written to. Nothing is left behind.
    """
    existing = folder
    try:
        while not existing.exists() and existing != existing.parent:
            existing = existing.parent
        if not existing.is_dir():
            raise OutputError(f"--output {folder}: {existing} is not a folder")
        handle, probe = tempfile.mkstemp(prefix=".pyorch-", dir=existing)
    except OSError as error:
        raise OutputError(f"--output {folder}: {error.strerror or error}") from error
    os.close(handle)
    with contextlib.suppress(OSError):
        Path(probe).unlink()


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8; see `write_bytes`.

    Raises:
        OutputError: it cannot be written; an older file of the name is untouched.
    """
    try:
        write_bytes(path, text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise OutputError(f"cannot write {path}: {error.reason}") from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file through a temporary one beside it.

    Raises:
        OutputError: it cannot be written; an older file of the name is untouched.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".pyorch-", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)  # noqa: PTH101
        os.replace(temporary, path)  # noqa: PTH105
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
