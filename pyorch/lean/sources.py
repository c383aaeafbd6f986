"""The modules of a user's project that a file of it imports.

They are named by their paths in the project's folder, as `pyorch.lean.build.user_modules` names
those of a folder that is given. Here the folder is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from pyorch.errors import InputError
from pyorch.lean.build import Module, read_user_module, user_modules
from pyorch.lean.native import has_lakefile
from pyorch.lean.protocol import is_foreign

__all__ = ["imported_modules", "lean_files", "modules_at", "project_root"]


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
    places = ((folder, _place(folder, first)) for folder in above)
    # nothing imports itself
    return next((f for f, p in places if p.is_file() and p != file.resolve()), above[0])


def lean_files(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Lean files, and those in folders, each once; of a folder, those first that others import.

    Raises:
        InputError: a folder without a Lean file, or with one that cannot be a module.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        inner = _in_import_order(user_modules(path)) if path.is_dir() else [path]
        for file in inner:
            files.setdefault(file.resolve(), file)
    return tuple(files.values())


def _in_import_order(modules: Sequence[Module]) -> list[Path]:
    known = {m.name: m for m in modules}
    above = {m.name: [i for i in m.imports if i in known] for m in modules}
    try:
        order = list(TopologicalSorter(above).static_order())
    except CycleError:  # each of them will be refused, with this reason
        order = list(known)
    return [Path(known[name].file) for name in order]


def modules_at(paths: Sequence[Path]) -> tuple[Module, ...]:
    """The modules of Lean files and folders, each file once, and those of its project that a file
    imports. An import that is not there is left to whoever needs it.

    Raises:
        InputError: no such file, one that cannot be a module, or two modules of one name.
    """
    given: list[Module] = []
    imported: list[Module] = []
    for path in paths:
        found = user_modules(path)
        if path.is_file():
            (alone,) = found
            below = imported_modules(path, alone.imports, missing=True)
            imported += below
            if below:
                found = (_named_in_project(path, alone),)
        given += found
    files: dict[Path, Module] = {}
    for module in (*imported, *given):  # a file may be both, and is named as it is imported
        files.setdefault(Path(module.file).resolve(), module)
    by_name: dict[str, Module] = {}
    for module in files.values():
        other = by_name.setdefault(module.name, module)
        if other is not module:
            raise InputError(module.file, "", f"is the module '{module.name}', as {other.file} is")
    return tuple(by_name.values())


def _named_in_project(path: Path, alone: Module) -> Module:
    """As its project names it, if it can be a module there: beside ``Clamp`` may lie ``Gate.Clamp``
    that imports it."""
    root = project_root(path, alone.imports).resolve()
    name = ".".join(path.resolve().relative_to(root).with_suffix("").parts)
    try:
        return read_user_module(name, path)
    except InputError:
        return alone


def imported_modules(
    file: Path, imports: Sequence[str], *, missing: bool = False
) -> tuple[Module, ...]:
    """The modules of a file's project that it imports, directly or not; in no particular order.

    Args:
        imports: of ``file``.
        missing: leave out what is not there.

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
            if missing:
                continue
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
