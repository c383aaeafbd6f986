"""Runs the real command line: in a new process, or quicker in a forked one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["PATIENCE", "Cli", "Forked", "Result"]

#: Seconds after which a command that should have ended is taken for stuck.
PATIENCE = 600.0


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, all of it, as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Cli:
    """``pyorch`` in ``folder``.

    Attributes:
        env: variables beside those of this process.
        command: what runs pyorch.
    """

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = (sys.executable, "-m", "pyorch")

    def __call__(self, *arguments: str | Path, **env: str) -> Result:
        process = self.start(*arguments, **env)
        try:
            return self.finish(process)
        except BaseException:
            process.kill()
            raise

    def start(self, *arguments: str | Path, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.command, *map(str, arguments)],
            cwd=self.folder,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )

    @staticmethod
    def finish(process: subprocess.Popen[str]) -> Result:
        out, err = process.communicate(timeout=PATIENCE)
        return Result(process.returncode, out, err)

    @property
    def files(self) -> dict[str, bytes]:
        """Every file below the folder with its content."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }


@dataclass(frozen=True)
class Forked(Cli):
    """The same without a new Python, which would spend half a second on imports."""

    def __call__(self, *arguments: str | Path, **env: str) -> Result:
        zygote = _zygote()
        assert zygote.stdin is not None and zygote.stdout is not None
        with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
            request = {
                "arguments": [*map(str, arguments)],
                "folder": str(self.folder),
                "environment": {**os.environ, **self.env, **env},
                "out": out.name,
                "err": err.name,
            }
            zygote.stdin.write(json.dumps(request) + "\n")
            zygote.stdin.flush()
            pid = int(zygote.stdout.readline())
            stuck = threading.Timer(PATIENCE, os.kill, (pid, signal.SIGKILL))
            stuck.start()
            try:
                code = int(zygote.stdout.readline())
            except BaseException:
                zygote.kill()
                os.kill(pid, signal.SIGKILL)
                raise
            finally:
                stuck.cancel()
            return Result(code, *(file.read().decode(errors="replace") for file in (out, err)))


@cache
def _zygote() -> subprocess.Popen[str]:
    """It ends with us: its input does."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.cli.zygote"],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
