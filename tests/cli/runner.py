"""Runs the real command line: in a process of its own, or quicker in this one."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from pyorch.cli import main

__all__ = ["PATIENCE", "Cli", "InProcess", "Result"]

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
class InProcess(Cli):
    """The same without a process: quicker, for what ends before anything is started."""

    def __call__(self, *arguments: str | Path, **env: str) -> Result:
        handlers = {s: signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGHUP)}
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            with (
                mock.patch.dict(os.environ, {**self.env, **env}),
                mock.patch.object(sys, "argv", ["pyorch", *map(str, arguments)]),
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(err),
                contextlib.suppress(SystemExit),
            ):
                try:
                    main()
                except SystemExit as end:
                    code = end.code
                    raise
        finally:
            os.chdir(before)
            for number, handler in handlers.items():
                signal.signal(number, handler)
        texts = []
        for stream in (out, err):
            stream.flush()
            texts.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
        return Result(code, *texts)
