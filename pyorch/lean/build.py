"""Compiling Lean modules, each once and after what it imports (`pyorch.lean.parallel`).

Embedded side of ``pyorch build``; on the native side Lake does the same (`pyorch.lean.native`).

A module's key is the hash of its text, of the keys of what it imports and of the toolchain. The
compiled module lies in ``modules/objects/KEY.olean``. Lean finds modules by name, so a *root*
(``modules/roots/KEY/PyOrch/Field.olean``), made of hard links to objects, gives the view that one
set of sources needs; its name is a hash of its content, and it is complete or absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from filelock import FileLock

from pyorch.errors import InputError, OutputError, ProtocolError
from pyorch.lean.parallel import Compiler, Helper, Schedule, work
from pyorch.lean.protocol import Environment, Limits, is_foreign
from pyorch.model import Diagnostic, Elaboration, Position, Severity
from pyorch.output import read_text, write_text

__all__ = [
    "Built",
    "Module",
    "build",
    "closure",
    "environment_for",
    "is_standard",
    "library_modules",
    "module_keys",
    "read_module",
    "read_user_module",
    "split_header",
    "user_modules",
]

#: Roots of Lean's own library: always there, never ours to build.
_STANDARD = frozenset({"Init", "Std", "Lean"})
#: Roots that no module of the user's may have: Lake is of Lean, too, and a text that is elaborated
#: becomes the module ``_stdin``.
_RESERVED = _STANDARD | {"PyOrch", "Lake", "_stdin"}
#: Changes whenever compiled modules of the user's are written otherwise.
_FORM = "placeholders"
_HEADER = re.compile(
    r"\s*(?:--[^\n]*\n|(?P<comment>/-)(?![-!])|prelude\b|import\s+(?P<name>(?:(?!--|/-)\S)+))"
)
_BRACKET = re.compile(r"/-|-/")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_']*(?:\.[A-Za-z_][A-Za-z0-9_']*)*\Z")


@dataclass(frozen=True)
class Module:
    """A Lean source file.

    Attributes:
        name: module name, such as ``PyOrch.Field``.
        file: as shown in messages.
        text: the file with its header of imports blanked out, so that positions stay right.
        imports: the modules it imports.
    """

    name: str
    file: str
    text: str
    imports: tuple[str, ...]


@dataclass(frozen=True)
class Built:
    """The result of a build.

    Attributes:
        environment: all modules that were built, ready to be imported; None if one failed.
        compiled: names of the modules that were compiled now, in an order of imports.
        cached: names of those that were there.
        diagnostics: what Lean said of both; up to the first module in the order that failed.
    """

    environment: Environment | None
    compiled: tuple[str, ...]
    cached: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self.diagnostics if d.severity is Severity.WARNING)


def split_header(text: str, source: str) -> tuple[tuple[str, ...], str]:
    """Split the leading ``import`` lines off: their modules, and the text with them blanked out.

    Raises:
        InputError: an import that is not a module name.
    """
    names: list[str] = []
    at = 0
    while match := _HEADER.match(text, at):
        name = match["name"]
        if name is not None:
            if not _NAME.match(name):
                raise InputError(source, "import", f"{name!r} is not a module name")
            names.append(name)
        end = match.end() if match["comment"] is None else _comment_end(text, match.end())
        if end is None:
            break
        at = end
    blank = re.sub(r"[^\n]", " ", text[:at])
    return tuple(names), blank + text[at:]


def _comment_end(text: str, at: int) -> int | None:
    """Where a block comment that was opened before ``at`` ends; they nest."""
    depth = 1
    for bracket in _BRACKET.finditer(text, at):
        depth += 1 if bracket[0] == "/-" else -1
        if depth == 0:
            return bracket.end()
    return None


def read_module(name: str, path: Path) -> Module:
    """Read a module from its file.

    Raises:
        InputError: it cannot be read, or is not UTF-8.
    """
    text = read_text(path)
    imports, body = split_header(text, str(path))
    return Module(name, str(path), body, imports)


def library_modules(lean: Path) -> tuple[Module, ...]:
    """The modules of the theorem library below ``lean/``: ``PyOrch`` and ``PyOrch.*``."""
    files = sorted([lean / "PyOrch.lean", *(lean / "PyOrch").rglob("*.lean")])
    return tuple(read_module(".".join(f.relative_to(lean).with_suffix("").parts), f) for f in files)


def user_modules(path: Path) -> tuple[Module, ...]:
    """The modules of a Lean file, or of all Lean files below a folder, named by their paths in it.

    Raises:
        InputError: no such file, no Lean file in it, or a path that is no module name.
    """
    try:
        if path.is_dir():
            files, base = _lean_files(path), path
        elif path.is_file():
            files, base = [path], path.parent
        else:
            raise InputError(path, "", "no such file or folder")
    except OSError as error:
        raise InputError(path, "", f"cannot be read: {error.strerror}") from error
    if not files:
        raise InputError(path, "", "holds no Lean file")
    modules = []
    for file in files:
        parts = file.relative_to(base).with_suffix("").parts
        name = ".".join(parts)
        # A.b.lean would be a second module A.b beside A/b.lean
        if any("." in part for part in parts):
            raise InputError(file, "", f"{name!r} cannot be the name of a module")
        modules.append(read_user_module(name, file))
    return tuple(modules)


def read_user_module(name: str, file: Path) -> Module:
    """Read a module of the user's from its file.

    Raises:
        InputError: it cannot be read, or not be called so.
    """
    if not _NAME.match(name) or name.split(".")[0] in _RESERVED:
        raise InputError(file, "", f"{name!r} cannot be the name of a module")
    return read_module(name, file)


def _lean_files(folder: Path) -> list[Path]:
    """Those below ``folder``, without folders that no module can lie in (``.lake``, ``my-out``)."""
    inner = [f.relative_to(folder) for f in sorted(folder.rglob("*.lean")) if not f.is_dir()]
    inner = [f for f in inner if all(map(_NAME.match, f.parent.parts))]
    return [folder / f for f in inner if f.name != "lakefile.lean"]


def closure(
    names: Iterable[str], modules: Iterable[Module], by: str = "import"
) -> tuple[Module, ...]:
    """Those of ``modules`` that are named, or imported by one that is.

    Args:
        by: the file that names them, for messages.

    Raises:
        InputError: a name that none of them has.
    """
    by_name = {m.name: m for m in modules}
    found: dict[str, Module] = {}
    todo = [(name, by) for name in names]
    while todo:
        name, by = todo.pop()
        if name in found or name.split(".")[0] in _STANDARD:
            continue
        if name not in by_name:
            raise InputError(by, "import", f"unknown module '{name}'")
        found[name] = by_name[name]
        todo += [(i, by_name[name].file) for i in by_name[name].imports]
    return tuple(found[name] for name in sorted(found))


def _ordered(modules: Mapping[str, Module]) -> list[Module]:
    graph = {
        name: [i for i in m.imports if i.split(".")[0] not in _STANDARD]
        for name, m in modules.items()
    }
    for name, imports in graph.items():
        for missing in (i for i in imports if i not in modules):
            raise InputError(modules[name].file, "import", f"unknown module '{missing}'")
    try:
        return [modules[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise InputError(
            modules[error.args[1][0]].file,
            "import",
            "modules import each other: " + " → ".join(error.args[1]),
        ) from error


def _keys(order: Iterable[Module], toolchain_key: str) -> dict[str, str]:
    keys: dict[str, str] = {}
    for m in order:
        below = [f"{i}={keys.get(i, '')}" for i in m.imports]
        form = (_FORM,) if is_foreign(m.name) else ()
        keys[m.name] = _digest(toolchain_key, m.name, m.text, *below, *form)
    return keys


def module_keys(modules: Iterable[Module], toolchain_key: str) -> dict[str, str]:
    """A key for each module, in the order of their imports: it is another one whenever the module,
    or one below it, is.

    Raises:
        InputError: an import of an unknown module, or a cycle.
    """
    return _keys(_ordered({m.name: m for m in modules}), toolchain_key)


def environment_for(module: Module, root: str) -> Environment:
    """What a module is elaborated on. One that needs only Lean's own library gets one that is the
    same for all, and so is loaded once."""
    alone = all(map(is_standard, module.imports))
    return Environment(("Init", *module.imports), "" if alone else root)


def is_standard(name: str) -> bool:
    """Is the module of that name one of Lean's own?"""
    return name.split(".")[0] in _STANDARD


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def build(
    modules: Iterable[Module],
    server: Callable[[], Compiler],
    cache: Path,
    toolchain_key: str,
    *,
    helpers: Sequence[Helper] = (),
    limits: Limits = Limits(),
    progress: Callable[[str, int, int], None] | None = None,
) -> Built:
    """Compile ``modules``, reusing what is compiled already.

    Args:
        server: gives the server on first need; not called when nothing has changed.
        helpers: servers of our own that are not started yet; they are closed.
        cache: the cache folder of pyorch; ``modules/`` below it is used.
        toolchain_key: changes when compiled modules of one toolchain do not fit another.
        progress: called with a module's name when it is begun, how many modules are begun or were
            there, and the number of modules; by one thread at a time.

    Raises:
        InputError: an import of an unknown module, or a cycle.
        OutputError: the cache cannot be written.
    """
    by_name = {m.name: m for m in modules}
    order = _ordered(by_name)
    keys = _keys(order, toolchain_key)
    root = _digest(*(f"{name}={key}" for name, key in sorted(keys.items())))
    environment = Environment(("Init", *sorted(by_name)), root)
    roots, objects = cache / "modules" / "roots", cache / "modules" / "objects"

    def ready() -> Built:
        said = (d for m in order for d in _recalled(objects, keys[m.name], m.file))
        return Built(environment, (), tuple(m.name for m in order), tuple(said))

    try:
        if (roots / root).is_dir():
            return ready()
        roots.mkdir(parents=True, exist_ok=True)
        objects.mkdir(parents=True, exist_ok=True)
        with FileLock(str(cache / "modules" / ".lock")):
            if (roots / root).is_dir():  # somebody else was quicker
                return ready()
            run = _Run(order, keys, environment, roots, objects, limits, progress)
            return run.build(server, helpers)
    except OSError as error:
        raise OutputError(f"cannot write the cache {cache}: {error}") from error


class _Run:
    """One build, by whoever holds the lock of the cache."""

    def __init__(
        self,
        order: Sequence[Module],
        keys: Mapping[str, str],
        environment: Environment,
        roots: Path,
        objects: Path,
        limits: Limits,
        progress: Callable[[str, int, int], None] | None,
    ) -> None:
        self._modules = {m.name: m for m in order}
        self._keys = keys
        self._environment = environment
        self._roots = roots
        self._objects = objects
        self._limits = limits
        self._progress = progress
        # It grows, but what one module imports is there before an environment of it is loaded, and
        # is the same whenever the name is: it is a hash of all.
        self._partial = roots / f"partial-{environment.root}"
        self._begun: set[str] = set()
        self._telling = threading.Lock()
        self._results: dict[str, Elaboration] = {}

    def build(self, server: Callable[[], Compiler], helpers: Sequence[Helper]) -> Built:
        for stale in self._roots.glob("partial-*"):  # of a run that was killed
            shutil.rmtree(stale, ignore_errors=True)
        self._partial.mkdir()
        try:
            cached = [name for name in self._modules if self._object(name).is_file()]
            self._begun.update(cached)
            for name in cached:
                self._place(name)
            missing = {n: m.imports for n, m in self._modules.items() if n not in self._begun}
            work(Schedule(missing), self._compile, server, helpers)
            built = self._built()
            if built.environment is not None:
                self._partial.rename(self._roots / self._environment.root)
        finally:
            shutil.rmtree(self._partial, ignore_errors=True)
        return built

    def _compile(self, server: Compiler, name: str) -> bool:
        module, target = self._modules[name], self._object(name)
        with self._telling:
            self._begun.add(name)
            if self._progress is not None:
                self._progress(name, len(self._begun), len(self._modules))
        result = server.compile(
            module.text,
            name,
            environment_for(module, self._partial.name),
            str(target),
            file=module.file,
            limits=self._limits,
        )
        if not result.errors:
            if not target.is_file():
                raise ProtocolError(f"Lean compiled '{name}' but wrote nothing")
            _remember(self._objects, self._keys[name], result.diagnostics)
            self._place(name)
        self._results[name] = result
        return not result.errors

    def _object(self, name: str) -> Path:
        return self._objects / f"{self._keys[name]}.olean"

    def _place(self, name: str) -> None:
        place = self._partial.joinpath(*name.split(".")).with_suffix(".olean")
        place.parent.mkdir(parents=True, exist_ok=True)
        _link(self._object(name), place)

    def _built(self) -> Built:
        compiled: list[str] = []
        cached: list[str] = []
        diagnostics: list[Diagnostic] = []
        for name, module in self._modules.items():
            result = self._results.get(name)
            if result is None:
                cached.append(name)
                diagnostics.extend(_recalled(self._objects, self._keys[name], module.file))
                continue
            diagnostics.extend(result.diagnostics)
            if result.errors:
                return Built(None, tuple(compiled), tuple(cached), tuple(diagnostics))
            compiled.append(name)
        return Built(self._environment, tuple(compiled), tuple(cached), tuple(diagnostics))


def _remember(objects: Path, key: str, diagnostics: Iterable[Diagnostic]) -> None:
    """Keep what Lean said of a module beside it: a warning holds until the module changes."""
    said = [asdict(d) for d in diagnostics]
    if said:
        write_text(objects / f"{key}.json", json.dumps(said))


def _recalled(objects: Path, key: str, file: str) -> tuple[Diagnostic, ...]:
    try:
        said = json.loads((objects / f"{key}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(
        Diagnostic(
            severity=Severity(d["severity"]),
            file=file,
            start=Position(**d["start"]),
            end=Position(**d["end"]) if d["end"] else None,
            text=d["text"],
        )
        for d in said
    )


def _link(source: Path, place: Path) -> None:
    with contextlib.suppress(OSError):  # no hard links here
        os.link(source, place)
        return
    shutil.copyfile(source, place)
