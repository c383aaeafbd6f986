"""`LeanServer`s over the scripted fake, and what tests ask about it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyorch.lean.connection import Place, Workspace
from pyorch.lean.server import LeanServer
from pyorch.model import Elaboration

FAKE = Path(__file__).with_name("fake_lean.py")

#: Seconds after which something that should have happened is taken for never.
PATIENCE = 60.0


class FakeLean:
    """Makes servers over the fake and reads its log.

    Args:
        folder: for the log, for the compiled modules (``modules/roots``), and for temporary
            files (``stages``).
    """

    def __init__(self, folder: Path) -> None:
        self.log = folder / "fake.log"
        self.log.touch()
        self.roots = folder / "modules" / "roots"
        self.stages = folder / "stages"

    def command(self, start: str = "proper") -> tuple[str, ...]:
        return (sys.executable, "-S", str(FAKE), str(self.log), start)

    def server(self, start: str = "proper") -> LeanServer:
        return LeanServer(lambda stage: self.workspace(stage, start))

    def workspace(self, stage: Path, start: str = "proper") -> Workspace:
        return Workspace(
            command=self.command(start),
            library=("/lib/lean",),
            roots=Place(self.roots, str(self.roots)),
            stage=Place(stage, str(stage)),
        )

    def note(self, event: str, **fields: object) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps({"event": event, **fields}) + "\n")

    def events(self, event: str) -> list[dict[str, Any]]:
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [e for e in map(json.loads, lines) if e["event"] == event]

    def requests(self, op: str) -> list[dict[str, Any]]:
        return [e for e in self.events("request") if e["op"] == op]

    @property
    def pids(self) -> list[int]:
        """Of all processes that the fake was, and of those that it started."""
        return [e["pid"] for e in self.events("start")] + self.grandchildren

    @property
    def grandchildren(self) -> list[int]:
        return [e["child"] for e in self.events("grandchild")]

    def sweep(self) -> None:
        """Remove what the killing of a client left: nobody else could."""
        for pid in filter(is_running, self.pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for stage in self.stages.iterdir():
            shutil.rmtree(stage)

    def all_gone(self) -> bool:
        return not any(is_running(pid) for pid in self.pids)


def told(result: Elaboration) -> dict[str, Any]:
    """What the fake says in its proper answer: pid, modules, path, file, text."""
    answer: dict[str, Any] = json.loads(result.diagnostics[0].text)
    return answer


def inside(folder: Path) -> list[str]:
    """The names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def is_running(pid: int) -> bool:
    """A process that is neither gone nor a zombie that nobody has waited for."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return False
        try:  # not Linux
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for something that other processes do."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
