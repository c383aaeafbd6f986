"""Fixtures of the unit tests."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.fakes import FakeLean, is_running, wait_until


@pytest.fixture
def lean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLean]:
    """The fake proof server. At the end no process and no stage folder of it may be left."""
    stages = tmp_path / "stages"
    stages.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(stages))
    fake = FakeLean(tmp_path)
    try:
        yield fake
        wait_until(fake.all_gone)
        assert list(stages.iterdir()) == []
    finally:
        for pid in filter(is_running, fake.pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
