"""The modules of a user's project that a file of it imports.

They are named by their paths in the project's folder, as `pyorch.lean.build.user_modules` names
those of a folder that is given. Here the folder is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pyorch.errors import InputError
from pyorch.lean.build import Module, read_user_module, user_modules
from pyorch.lean.native import has_lakefile
from pyorch.lean.protocol import is_foreign

__all__ = ["imported_modules", "lean_files", "project_root"]


def project_root(file: Path, imports: Sequence[str]) -> Path:
    """The folder in which a file's project lies: the nearest one at or above it with a lakefile.

    Without a lakefile, the nearest one in which the first import that is neither Lean's nor ours
    is found; without that, the folder of the file.
    """
    above = file.resolve().parents
    lake = next((folder for folder in above if has_lakefile(folder)), None)
    if lake is not None:
        return lake
    first = next(filter(is_foreign, imports), None)
    if first is None:
        return above[0]
    return next((folder for folder in above if _place(folder, first).is_file()), above[0])


def lean_files(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Lean files, and those in folders, each once.

    Raises:
        InputError: a folder without a Lean file, or with one that cannot be a module.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        inner = [Path(m.file) for m in user_modules(path)] if path.is_dir() else [path]
        for file in inner:
            files.setdefault(file.resolve(), file)
    return tuple(files.values())


def imported_modules(file: Path, imports: Sequence[str]) -> tuple[Module, ...]:
    """The modules of a file's project that it imports, directly or not; in no particular order.

    Args:
        imports: of ``file``.

    Raises:
        InputError: one is not there, cannot be read, or has a name that no module of a user's has.
    """
    root = project_root(file, imports)
    found: dict[str, Module] = {}
    todo = [(name, str(file)) for name in imports]
    while todo:
        name, by = todo.pop(0)
        if name in found or not is_foreign(name):
            continue
        place = _place(root, name)
        if not place.is_file():
            raise InputError(by, "import", f"unknown module '{name}': {place} is not there")
        found[name] = read_user_module(name, _shown(place))
        todo += [(i, found[name].file) for i in found[name].imports]
    return tuple(found.values())


def _place(root: Path, name: str) -> Path:
    *folders, last = name.split(".")
    return root.joinpath(*folders, f"{last}.lean")


def _shown(path: Path) -> Path:
    """Relative to the working directory where it is below that, as people name files."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
