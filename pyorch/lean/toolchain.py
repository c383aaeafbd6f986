"""Choosing a toolchain, and starting its proof server."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from pyorch import resources
from pyorch.errors import ToolchainError, UsageError
from pyorch.lean import selftest
from pyorch.lean.connection import Place, Workspace
from pyorch.lean.install import install, installed
from pyorch.lean.native import NativeToolchain, find_native
from pyorch.lean.node import EmbeddedToolchain, Mount
from pyorch.lean.progress import ProgressCallback
from pyorch.lean.server import LeanServer
from pyorch.model import Severity, ToolchainId

__all__ = ["SERIES", "Toolchain", "find", "install_embedded", "project", "start_server"]

#: The versions of Lean that this version of pyorch is made for.
SERIES = "4.28."


@dataclass(frozen=True)
class Toolchain:
    """The toolchain in use, and in words why this one."""

    chosen: NativeToolchain | EmbeddedToolchain
    reason: str

    @property
    def id(self) -> ToolchainId:
        kind = "native" if isinstance(self.chosen, NativeToolchain) else "embedded"
        return ToolchainId(kind, self.chosen.version, self.chosen.commit)

    @property
    def key(self) -> str:
        """Differs between toolchains whose compiled modules do not fit each other."""
        if isinstance(self.chosen, EmbeddedToolchain):
            return self.chosen.key
        return f"native-{self.chosen.version}-{self.chosen.commit[:10]}"


def find(
    choice: str,
    cache: Path,
    *,
    progress: ProgressCallback | None = None,
    allow_install: bool = True,
) -> Toolchain:
    """The toolchain that the user asked for, installed if need be.

    Args:
        choice: ``native``, ``embedded``, or ``auto``: native if there is one that fits.
        cache: pyorch's cache folder.
        progress: told about an installation of the embedded toolchain.
        allow_install: may something be downloaded?

    Raises:
        ToolchainError: there is none; asking for one kind never gives the other.
        InstallError: the embedded one cannot be installed.
        UsageError: another choice.
    """
    if choice not in {"auto", "native", "embedded"}:
        raise UsageError(f"toolchain {choice!r}: choose one of auto, native, embedded")
    reason = "asked for"
    if choice != "embedded":
        native = _native(download=choice == "native" and allow_install)
        if isinstance(native, NativeToolchain):
            return Toolchain(native, f"{native.lake} answers with Lean {native.version}")
        if choice == "native":
            raise ToolchainError(
                f"no native toolchain: {native}; install elan, or use --toolchain embedded"
            )
        reason = f"no native toolchain: {native}"
    embedded = installed(cache, resources.lean_dir())
    if embedded is None:
        if not allow_install:
            raise ToolchainError(
                "the embedded toolchain is not installed; run `pyorch toolchain install`"
            )
        embedded = install_embedded(cache, progress=progress)
    return Toolchain(embedded, reason)


def _native(*, download: bool) -> NativeToolchain | str:
    found = find_native(resources.lean_dir().parent, download=download)
    if isinstance(found, NativeToolchain) and not found.version.startswith(SERIES):
        return f"{found.lake} answers with Lean {found.version}, not {SERIES}x"
    return found


def install_embedded(
    cache: Path,
    *,
    archive: Path | None = None,
    progress: ProgressCallback | None = None,
    force: bool = False,
) -> EmbeddedToolchain:
    """`install` with the sources and the self-test of this version of pyorch."""

    def test(toolchain: EmbeddedToolchain) -> None:
        server = _server(toolchain, cache)
        try:
            selftest.run(server)
        finally:
            server.close()

    return install(
        cache,
        image_sources=resources.lean_dir(),
        archive=archive,
        progress=progress,
        selftest=test,
        force=force,
    )


def start_server(toolchain: Toolchain, cache: Path) -> LeanServer:
    """A proof server of ``toolchain``; its process starts on first use.

    Raises:
        ToolchainError: the native server cannot be built.
    """
    return _server(toolchain.chosen, cache)


def _server(toolchain: NativeToolchain | EmbeddedToolchain, cache: Path) -> LeanServer:
    roots = cache / "modules" / "roots"
    try:
        roots.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolchainError(
            f"{roots} cannot be made ({error.strerror}); set PYORCH_CACHE to another folder"
        ) from error
    if isinstance(toolchain, EmbeddedToolchain):
        return LeanServer(lambda stage: _embedded_workspace(toolchain, roots, stage))
    folder = project(cache)
    for message in toolchain.build(folder, "pyorch-server"):
        if message.severity is Severity.ERROR:
            raise ToolchainError(f"the native proof server does not compile: {message}")
    command = tuple(toolchain.server_command(folder))
    return LeanServer(
        lambda stage: Workspace(command, (), Place(roots, str(roots)), Place(stage, str(stage)))
    )


def _embedded_workspace(toolchain: EmbeddedToolchain, roots: Path, stage: Path) -> Workspace:
    mounts = [
        Mount("/image", toolchain.image),
        Mount("/roots", roots),
        Mount("/stage", stage, writable=True),
    ]
    return Workspace(
        command=tuple(toolchain.command(mounts, ["--run", "/image/Stub.lean"])),
        library=("/lib/lean",),
        roots=Place(roots, "/roots"),
        stage=Place(stage, "/stage"),
    )


def project(cache: Path) -> Path:
    """The Lake project of the theorem library, or a copy of it where Lake cannot write to it."""
    lean = resources.lean_dir()
    folder = lean.parent
    if os.access(folder, os.W_OK):
        return folder
    sources = [*sorted(lean.rglob("*.lean")), folder / "lakefile.lean", folder / "lean-toolchain"]
    digest = hashlib.sha256()
    for path in sources:
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    copy = cache / "native" / digest.hexdigest()[:16]
    for path in sources:
        target = copy / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return copy
