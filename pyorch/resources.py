"""Finds what pyorch carries beside its Python code: the Lean library, templates and prompts.

In a wheel these lie inside the package (`_data`, put there by the build); in a source checkout,
which an editable install uses too, beside it.
"""

from __future__ import annotations

from pathlib import Path

from pyorch.errors import ToolchainError

__all__ = ["lean_dir", "prompts_dir", "templates_dir"]

_PACKAGE = Path(__file__).resolve().parent


def lean_dir() -> Path:
    """The folder of the Lean sources: the library and the proof server.

    Raises:
        ToolchainError: if this installation lacks it; the other functions likewise.
    """
    return _find("lean")


def templates_dir() -> Path:
    """The folder of the Lean templates, ``*.lean.j2``."""
    return _find("templates")


def prompts_dir() -> Path:
    """The folder of the prompt templates, ``*.md.j2``."""
    return _find("prompts")


def _find(name: str, package: Path = _PACKAGE) -> Path:
    installed = package / "_data" / name
    if installed.is_dir():
        return installed
    # A folder called lean or templates beside an installed package would be somebody else's.
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    raise ToolchainError(
        f"this installation of pyorch lacks its folder {name!r} (looked for {installed} and"
        f" {checkout / name}); reinstall pyorch"
    )
