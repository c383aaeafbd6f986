"""Fixtures of the unit tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.fakes import FakeLean, inside, wait_until


@pytest.fixture
def lean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLean]:
    """The fake proof server. At the end no process and no stage folder of it may be left."""
    fake = FakeLean(tmp_path)
    fake.stages.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(fake.stages))
    monkeypatch.setenv("TMPDIR", str(fake.stages))  # of clients that tests start
    try:
        yield fake
        wait_until(fake.all_gone)
        assert inside(fake.stages) == []
    finally:
        fake.sweep()
