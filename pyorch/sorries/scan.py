"""Scanning Lean files for ``sorry``, by elaboration.

Every module is elaborated once, with its goals; one that others import is compiled as it is. What
was found is kept in the cache under the key of the module (`pyorch.lean.build`), so that only what
has changed is elaborated again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pyorch.errors import (
    ServerCrashed,
    ServerOutOfMemory,
    ServerTimeout,
    ToolchainError,
)
from pyorch.lean.build import (
    Module,
    build,
    closure,
    environment_for,
    is_standard,
    library_modules,
    module_keys,
)
from pyorch.lean.image import image_key
from pyorch.lean.progress import Progress
from pyorch.lean.protocol import Environment, Limits
from pyorch.lean.sources import modules_at
from pyorch.lean.workbench import Workbench
from pyorch.model import Diagnostic, Elaboration, Severity
from pyorch.output import write_text
from pyorch.resources import lean_dir
from pyorch.sorries.classify import Found, classify, findings
from pyorch.sorries.model import OpenGoal, Problem, Scan

__all__ = ["scan", "scan_modules"]

#: Changes whenever what is kept of a module means something else.
_VERSION = "1"


def scan(
    paths: Sequence[Path],
    bench: Workbench,
    *,
    base: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Scan:
    """Find every declaration in the files at ``paths`` that rests on ``sorry``.

    The files are elaborated as `pyorch build` compiles them: code in them runs.

    Args:
        paths: Lean files, taken with the modules of their project that they import, and folders.
        base: what file names are relative to; the working directory by default.

    Raises:
        InputError: a file cannot be read, or modules import each other.
    """
    return scan_modules(modules_at(paths), bench, base=base, progress=progress)


def scan_modules(
    modules: Sequence[Module],
    bench: Workbench,
    *,
    base: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Scan:
    """`scan` of modules that were read."""
    base = (base or Path()).resolve()
    labels = {m.name: _label(m.file, base) for m in modules}
    survey = _Survey(bench, modules, labels, progress)
    sorries, clean = classify(survey.found)
    return Scan(sorries, clean, tuple(survey.problems), len(modules))


def _label(file: str, base: Path) -> str:
    path = Path(file).resolve()
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()


class _Survey:
    """One scan under way: what was found in each file, and files that do not elaborate."""

    def __init__(
        self,
        bench: Workbench,
        modules: Sequence[Module],
        labels: dict[str, str],
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.found: list[tuple[str, tuple[Found, ...]]] = []
        self.problems: list[Problem] = []
        self._bench = bench
        self._labels = labels
        self._library = library_modules(lean_dir())
        self._good = {m.name: m for m in modules}
        self._report = progress or (lambda _: None)
        self._cache = _Cache(bench.config.cache)
        self._without_unknown_imports()
        everything = (*self._library, *self._good.values())
        self._keys = module_keys(closure(self._good, everything), bench.toolchain.key)
        self._elaborate(self._compile())
        self.found.sort()
        self.problems.sort(key=lambda p: (p.file, p.line))

    def _without_unknown_imports(self) -> None:
        known = {*self._good, *(m.name for m in self._library)}
        for module in tuple(self._good.values()):
            unknown = [i for i in module.imports if not is_standard(i) and i not in known]
            if unknown:
                self._drop(module.name, [f"imports '{unknown[0]}', which is not here"])

    def _drop(self, name: str, texts: Iterable[str], line: int = 0) -> None:
        """A module that does not elaborate, and with it those that import it."""
        if self._good.pop(name, None) is None:
            return
        self.problems += [Problem(self._labels[name], line, text) for text in texts]
        for module in tuple(self._good.values()):
            if name in module.imports:
                self._drop(module.name, [f"imports '{name}', which does not elaborate"])

    def _drop_for(self, name: str, diagnostics: Iterable[Diagnostic]) -> None:
        errors = [d for d in diagnostics if d.severity is Severity.ERROR]
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if errors[1:] else ""
        self._drop(name, [f"{' '.join(first.text.split())}{more}"], first.start.line)

    def _compile(self) -> str:
        """Compile what others import; the root of the compiled modules."""
        while True:
            imported = {i for m in self._good.values() for i in m.imports}
            inner = closure(imported, (*self._library, *self._good.values()))
            if not inner:
                return ""
            built = build(
                inner,
                lambda: self,
                self._bench.config.cache,
                self._bench.toolchain.key,
                limits=self._bench.limits,
            )
            if built.environment is not None:
                return built.environment.root
            error = next(d for d in built.diagnostics if d.severity is Severity.ERROR)
            failed = [m.name for m in self._good.values() if m.file == error.file]
            if not failed:
                raise ToolchainError(f"the theorem library does not compile: {error}")
            self._drop_for(failed[0], [d for d in built.diagnostics if d.file == error.file])

    def compile(
        self,
        text: str,
        module: str,
        environment: Environment,
        destination: str,
        *,
        file: str = "<input>",
        limits: Limits = Limits(),
    ) -> Elaboration:
        """For a build, as `Compiler`: what is compiled is surveyed at once."""
        server = self._bench.server()
        if module not in self._good:
            return server.compile(text, module, environment, destination, file=file, limits=limits)
        self._report(Progress(f"elaborating {module}", 0, 0))
        result = server.survey(
            text, module, environment, destination=destination, file=file, limits=limits
        )
        if not result.errors:
            self._cache.put(self._keys[module], findings(result))
        return result

    def _elaborate(self, root: str) -> None:
        todo = [name for name in self._keys if name in self._good]
        for number, name in enumerate(todo):
            module = self._good.get(name)
            if module is None:  # below one that has just been dropped
                continue
            found = self._cache.get(self._keys[name])
            if found is None:
                self._report(Progress(f"elaborating {name}", number, len(todo)))
                result = self._ask(module, environment_for(module, root))
                if result is None:
                    continue
                found = findings(result)
                self._cache.put(self._keys[name], found)
            self.found.append((self._labels[name], found))

    def _ask(self, module: Module, environment: Environment) -> Elaboration | None:
        server, limits = self._bench.server(), self._bench.limits
        try:
            result = server.survey(
                module.text, module.name, environment, file=module.file, limits=limits
            )
        except (ServerCrashed, ServerTimeout, ServerOutOfMemory) as error:
            del self._good[module.name]  # what imports it was compiled, and can be asked
            self.problems.append(Problem(self._labels[module.name], 0, str(error)))
            return None
        if result.errors:
            self._drop_for(module.name, result.diagnostics)
            return None
        return result


class _Cache:
    """What was found in a module, under its key."""

    def __init__(self, cache: Path) -> None:
        self._folder = cache / "modules" / "surveys"
        self._image = image_key(lean_dir())

    def _file(self, key: str) -> Path:
        text = "\0".join((_VERSION, self._image, key))
        return self._folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"

    def get(self, key: str) -> tuple[Found, ...] | None:
        try:
            data = json.loads(self._file(key).read_text(encoding="utf-8"))
            return tuple(_parse(item) for item in data)
        except (
            OSError,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
        ):  # not there, or half written long ago
            return None

    def put(self, key: str, found: Iterable[Found]) -> None:
        write_text(self._file(key), json.dumps([asdict(f) for f in found], ensure_ascii=False))


def _parse(data: dict[str, Any]) -> Found:
    goals = tuple(OpenGoal(**g) for g in data.pop("goals"))
    return Found(**{**data, "through": tuple(data["through"])}, goals=goals)
