"""Fixtures of the tests through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyorch.lean.workbench import Workbench
from tests.cli.runner import Cli, Forked


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command line in an empty folder."""
    return Cli(tmp_path)


@pytest.fixture
def lean(tmp_path: Path, bench: Workbench) -> Cli:
    """The same, forked, with the session's warm server."""
    bench.server()
    return Forked(tmp_path)
