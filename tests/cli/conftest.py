"""Fixtures of the tests through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyorch.lean.workbench import Workbench
from tests.cli.runner import Cli


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """The command line in an empty folder."""
    return Cli(tmp_path)


@pytest.fixture
def lean(cli: Cli, bench: Workbench) -> Cli:
    """The same, with the session's warm server."""
    bench.server()
    return cli
