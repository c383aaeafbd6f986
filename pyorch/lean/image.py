"""The image of the proof server: its code, compiled once for the embedded toolchain.

``lean/Embedded/Boot.lean`` elaborates the server's sources and writes it (see there).
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from pyorch.errors import InstallError
from pyorch.lean.node import CODE, DRIVER, EmbeddedToolchain, Mount
from pyorch.lean.package import process_group

__all__ = ["IMAGE", "STUB", "build_image", "image_key"]

IMAGE = "PyOrchServerImage.olean"
STUB = "Stub.lean"

_STUB_TEXT = "prelude\nimport PyOrchServerImage\n"
#: Seconds; it takes 30 on two slow cores.
_TIME_LIMIT = 600.0


def _sources(lean: Path) -> list[Path]:
    return sorted(
        [lean / "PyOrchServer.lean", *lean.glob("PyOrchServer/**/*.lean"),
         *lean.glob("Embedded/*.lean")]
    )  # fmt: skip


def image_key(lean: Path) -> str:
    """Changes whenever the image of the server in the folder ``lean`` would.

    Raises:
        InstallError: a source cannot be read.
    """
    digest = hashlib.sha256(_STUB_TEXT.encode())
    try:
        for path in [*_sources(lean), DRIVER]:
            digest.update(f"\0{path.name}\0".encode() + path.read_bytes())
    except OSError as error:
        raise InstallError(f"{error.filename}: {error.strerror}; reinstall pyorch") from error
    return digest.hexdigest()[:16]


def build_image(toolchain: EmbeddedToolchain, lean: Path) -> None:
    """Write the image of the server in the folder ``lean`` to ``toolchain.image``, a new folder.

    Raises:
        InstallError: Lean fails; with its own words.
    """
    work = toolchain.image.with_name("work")  # left to whoever removes the staging folder
    for path in _sources(lean):
        copy = work / path.relative_to(lean)
        copy.parent.mkdir(exist_ok=True, parents=True)
        shutil.copyfile(path, copy)
    command = toolchain.command(
        [Mount("/boot", work, writable=True)],
        ["--run", "/boot/Embedded/Boot.lean"],
        save=work / CODE,
    )
    output = _run(command)
    # The exit code says nothing about success.
    if "image written" not in output.splitlines() or not (work / IMAGE).is_file():
        words = [t for line in output.splitlines() if (t := line.strip())]
        telling = [t for t in words if "error" in t.lower() and not t.startswith("[DEBUG")]
        raise InstallError(
            f"compiling the proof server failed: {' '.join(telling[:1] or words[-1:])[:300]}"
        )
    toolchain.image.mkdir()
    for made in (IMAGE, CODE):
        if (work / made).is_file():
            (work / made).rename(toolchain.image / made)
    (toolchain.image / STUB).write_text(_STUB_TEXT, encoding="utf-8")


def _run(command: list[str]) -> str:
    """Both output streams of a command."""
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise InstallError(f"cannot run {command[0]}: {error.strerror}") from error
    with process_group(process):
        try:
            return process.communicate(timeout=_TIME_LIMIT)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            raise InstallError(
                f"compiling the proof server took more than {_TIME_LIMIT:g} s; free some memory"
            ) from None
