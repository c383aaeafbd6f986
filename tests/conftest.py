"""What all tests share: one real Lean for the whole session.

The tests use the user's cache, so a machine that has run pyorch before does not install Lean
again, and the very first run does. The warm server is the daemon that the command line uses, so
that the tests which go through the command line share it too, and so do the processes among which
pytest-xdist divides the tests. At the end it is stopped, unless it ran before.
"""

from __future__ import annotations

import contextlib
import sys
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    native = find_native(lean_dir().parent, download=False)
    skip = pytest.mark.skip(reason="no native Lean 4.28 here (elan would give one)")
    for item in items:
        if item.get_closest_marker("native") and not isinstance(native, NativeToolchain):
            item.add_marker(skip)


def _socket() -> Path | None:
    """Where the daemon listens, if Lean is installed."""
    with Workbench(load({}), lambda _: None) as bench, contextlib.suppress(ToolchainError):
        toolchain.find(bench.config.toolchain, bench.config.cache, allow_install=False)
        return bench.socket
    return None


_RAN_BEFORE = pytest.StashKey[bool]()


def pytest_sessionstart(session: pytest.Session) -> None:
    socket = None if hasattr(session.config, "workerinput") else _socket()
    session.config.stash[_RAN_BEFORE] = socket is not None and daemon.status(socket) is not None


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or session.config.stash[_RAN_BEFORE]:
        return
    if (socket := _socket()) is not None:
        daemon.stop(socket)


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
