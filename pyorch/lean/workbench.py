"""A Lean that is ready to check: toolchain found (or installed), server warm, library compiled.

The one place where the pieces of `pyorch.lean` meet; `pyorch.pipeline` sees only this.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from pyorch import __version__
from pyorch.config import Config
from pyorch.errors import InputError, ToolchainError
from pyorch.lean import daemon, parallel, toolchain
from pyorch.lean.build import (
    Built,
    Module,
    build,
    closure,
    is_standard,
    library_modules,
    user_modules,
)
from pyorch.lean.native import NativeToolchain, has_lakefile
from pyorch.lean.progress import Progress
from pyorch.lean.protocol import Environment, Limits, Server
from pyorch.lean.server import LeanServer
from pyorch.lean.sources import imported_modules
from pyorch.model import Severity
from pyorch.resources import lean_dir

__all__ = ["Workbench"]


class Workbench:
    """Gives what the stages need, each made on first use.

    Args:
        config: the settings.
        progress: told what long work is under way.
    """

    def __init__(self, config: Config, progress: Callable[[Progress], None]) -> None:
        self.config = config
        self._progress = progress
        self._server: Server | None = None
        self._environments: list[Environment] = []

    @cached_property
    def toolchain(self) -> toolchain.Toolchain:
        """The toolchain that the settings choose; the embedded one is installed if need be."""
        return toolchain.find(self.config.toolchain, self.config.cache, progress=self._progress)

    @property
    def limits(self) -> Limits:
        """Of one request to Lean."""
        return Limits(seconds=self.config.timeout, memory=self.config.memory)

    @property
    def socket(self) -> Path:
        """Where the daemon for this toolchain, version and source of pyorch listens."""
        own = Path(__file__).parent
        parts = [__version__, str(own), str(self.toolchain.chosen), str(self.config.cache)]
        for source in sorted(own.glob("*.py")):  # an edited checkout gets a daemon of its own
            parts.append(source.read_text(encoding="utf-8"))
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
        return daemon.socket_path(self.config.cache, key)

    def server(self) -> Server:
        """A running proof server: the daemon's, or one of our own."""
        if self._server is None:
            if self.config.daemon:
                self._server = self._daemon()
            else:
                self._server = toolchain.start_server(self.toolchain, self.config.cache)
        return self._server

    def _daemon(self) -> Server:
        command = [
            sys.executable, "-m", "pyorch.lean.daemon",
            "--socket", str(self.socket),
            "--cache", str(self.config.cache),
            "--toolchain", self.toolchain.id.kind,
            "--idle-exit", str(self.config.idle_exit),
        ]  # fmt: skip
        return daemon.connect(self.socket, command)

    def build(self, modules: tuple[Module, ...] | None = None, *, wfail: bool = False) -> Built:
        """Compile modules, by default those of the library; nothing is compiled twice.

        The whole library is Lake's business where there is Lake.

        Args:
            wfail: have Lake fail on warnings. Who calls fails on ``warnings`` in any case.
        """
        chosen = self.toolchain.chosen
        if isinstance(chosen, NativeToolchain) and modules is None:
            names = tuple(m.name for m in library_modules(lean_dir()))
            folder = toolchain.project(self.config.cache)
            return _lake(chosen, folder, "PyOrch", names, wfail)

        # where there is Lake, it has compiled most of what there is
        spare = 0 if isinstance(chosen, NativeToolchain) else parallel.room() - 1

        def report(name: str, number: int, total: int) -> None:
            self._progress(Progress(f"compiling {name}", number - 1, total))

        return build(
            library_modules(lean_dir()) if modules is None else modules,
            self.server,
            self.config.cache,
            self.toolchain.key,
            helpers=[
                toolchain.start_server(self.toolchain, self.config.cache) for _ in range(spare)
            ],
            limits=self.limits,
            progress=report,
        )

    def build_project(self, folder: Path, *, wfail: bool = False) -> Built:
        """Compile a project of the user's: ``lake build`` where there is Lake, else its Lean files
        one after the other, and the part of the library below them.

        Lake runs what the project's configuration says, with the Lean that the project asks for.

        Raises:
            InputError: no Lean files in ``folder``, or one that cannot be a module.
        """
        modules = user_modules(folder)
        chosen = self.toolchain.chosen
        if isinstance(chosen, NativeToolchain) and has_lakefile(folder):
            return _lake(chosen, folder, None, tuple(m.name for m in modules), wfail)
        return self._with_library(modules)

    def _with_library(
        self, modules: tuple[Module, ...], imports: tuple[str, ...] = (), by: str = "import"
    ) -> Built:
        """Compile modules of the user's and the part of the library below them and ``imports``."""
        library = library_modules(lean_dir())
        below = {name for m in modules for name in m.imports} & {m.name for m in library}
        ours = (name for name in imports if name.split(".")[0] == "PyOrch")
        used = {m.name: m for m in (*closure(ours, library, by), *closure(below, library))}
        return self.build((*used.values(), *modules))

    def environment_of(self, file: Path, imports: tuple[str, ...]) -> Environment:
        """The environment in which a file of the user's stands. Modules of its project that it
        imports are compiled, so code in them runs.

        Args:
            imports: of ``file``.

        Raises:
            InputError: an import that does not exist, or a module of the project that does not
                compile.
            ToolchainError: the library does not compile with this toolchain.
        """
        modules = imported_modules(file, imports)
        if not modules and "Lean" not in {name.split(".")[0] for name in imports}:
            return self.library(imports, by=str(file))
        built = self._with_library(modules, imports, str(file))
        if built.environment is None:
            first = next(d for d in built.diagnostics if d.severity is Severity.ERROR)
            if first.file not in {m.file for m in modules}:
                raise ToolchainError(f"the theorem library does not compile: {first}")
            place = f"line {first.start.line}, column {first.start.column}"
            raise InputError(first.file, place, " ".join(first.text.split()))
        names = dict.fromkeys(("Init", *imports))
        alone = all(map(is_standard, names))
        return Environment(tuple(names), "" if alone else built.environment.root)

    def library(self, imports: tuple[str, ...] = ("PyOrch",), *, by: str = "import") -> Environment:
        """The environment in which a file with these imports stands.

        Only the modules that it needs are compiled. One that was asked for before serves, if it
        has all of them: loading another one takes a second and memory.

        Args:
            by: the file that has the imports, for messages.

        Raises:
            InputError: an import of the library that does not exist.
            ToolchainError: the library does not compile with this toolchain.
        """
        ours = tuple(name for name in imports if name.split(".")[0] == "PyOrch")
        modules = closure(ours, library_modules(lean_dir()), by)
        standard = (name for name in imports if name.split(".")[0] == "Std")
        names = ("Init", *standard, *(m.name for m in modules))
        for known in self._environments:
            if set(names) <= set(known.modules):
                return known
        native = isinstance(self.toolchain.chosen, NativeToolchain)
        built = self.build(None if native else modules)
        if built.environment is None:
            first = next(d for d in built.diagnostics if d.severity is Severity.ERROR)
            raise ToolchainError(f"the theorem library does not compile: {first}")
        self._environments.append(Environment(names, built.environment.root))
        return self._environments[-1]

    def forget_environments(self) -> None:
        """From now on each environment has no more than what it is asked for."""
        self._environments.clear()

    def close(self) -> None:
        """End what is ours; the daemon stays."""
        if isinstance(self._server, LeanServer):
            self._server.close()
        self._server = None

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _lake(
    native: NativeToolchain, folder: Path, target: str | None, names: tuple[str, ...], wfail: bool
) -> Built:
    messages = native.build(folder, target, wfail=wfail)
    failed = any(m.severity is Severity.ERROR for m in messages)
    return Built(None if failed else Environment(("Init", *names)), (), names, messages)
