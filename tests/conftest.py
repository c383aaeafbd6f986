"""What all tests share: one real Lean for the whole session.

The tests use the user's cache, so a machine that has run pyorch before does not install Lean
again, and the very first run does. The warm server is the daemon that the command line uses, so
that the tests which go through the command line share it too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyorch.config import load
from pyorch.lean import daemon
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


def _say(step: Progress) -> None:
    if not step.done and sys.__stderr__ is not None:
        sys.__stderr__.write(f"{step.stage}\n")


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """A workbench on the embedded toolchain with a warm server."""
    config = load({"output": tmp_path_factory.mktemp("out")})
    with Workbench(config, _say) as made:
        running = daemon.status(made.socket) is not None
        yield made
        if not running:
            daemon.stop(made.socket)


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
