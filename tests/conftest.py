"""What all tests share: one real Lean for the whole session.

The tests use the user's cache, so a machine that has run pyorch before does not install Lean
again, and the very first run does. The warm server is the daemon that the command line uses, so
that the tests which go through the command line share it too. At the end it is stopped, unless it
ran before. Each of the processes among which pytest-xdist divides the tests has a server of its
own, on the same toolchain and the same compiled modules.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyorch.config import load
from pyorch.errors import ToolchainError
from pyorch.lean import daemon, toolchain
from pyorch.lean.native import NativeToolchain, find_native
from pyorch.lean.progress import Progress
from pyorch.lean.protocol import Environment, Server
from pyorch.lean.workbench import Workbench
from pyorch.resources import lean_dir

# A shell that runs the tests in the background has Ctrl-C ignored in all that it starts; here some
# processes are interrupted on purpose.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    native = find_native(lean_dir().parent, download=False)
    skip = pytest.mark.skip(reason="no native Lean 4.28 here (elan would give one)")
    for item in items:
        if item.get_closest_marker("native") and not isinstance(native, NativeToolchain):
            item.add_marker(skip)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        return
    cache = load({}).cache  # a server belongs to a cache
    own = Path(tempfile.mkdtemp(prefix="pyorch-tests-"))
    for shared in ("toolchains", "modules"):
        (cache / shared).mkdir(parents=True, exist_ok=True)
        (own / shared).symlink_to(cache / shared)
    os.environ["PYORCH_CACHE"] = str(own)


def _socket() -> Path | None:
    """Where the daemon listens, if Lean is installed."""
    with Workbench(load({}), lambda _: None) as bench, contextlib.suppress(ToolchainError):
        toolchain.find(bench.config.toolchain, bench.config.cache, allow_install=False)
        return bench.socket
    return None


_RAN_BEFORE = pytest.StashKey[bool]()


def pytest_sessionstart(session: pytest.Session) -> None:
    socket = _socket()
    session.config.stash[_RAN_BEFORE] = socket is not None and daemon.status(socket) is not None


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not session.config.stash[_RAN_BEFORE] and (socket := _socket()) is not None:
        daemon.stop(socket)
    if hasattr(session.config, "workerinput"):
        shutil.rmtree(load({}).cache, ignore_errors=True)  # links are removed, not what is there


def _say(step: Progress) -> None:
    if not step.done and sys.__stderr__ is not None:
        sys.__stderr__.write(f"{step.stage}\n")


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A workbench on the embedded toolchain with a warm server."""
    config = load({"output": tmp_path_factory.mktemp("out")})
    with Workbench(config, _say) as made:
        yield made


@pytest.fixture(scope="session")
def server(bench: Workbench) -> Server:
    """The real proof server."""
    return bench.server()


@pytest.fixture(scope="session")
def library(bench: Workbench) -> Environment:
    """The compiled theorem library."""
    return bench.library()


@pytest.fixture
def checkout() -> Path:
    """The root of the source tree."""
    return Path(__file__).resolve().parent.parent
