"""Progress on standard error: a spinner and bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID
    from rich.status import Status

    from pyorch.lean.progress import Progress

__all__ = ["Ui"]


class Ui:
    """Shows what is going on. Says nothing where ``quiet``; draws only on a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._live = not quiet and sys.stderr.isatty()
        self._console: Console | None = None
        self._status: Status | None = None
        self._bars: Bars | None = None
        self._task: TaskID | None = None
        self._last = ""

    def __enter__(self) -> Ui:
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def _clear(self) -> None:
        if self._status is not None:
            self._status.stop()
        if self._bars is not None:
            self._bars.stop()
        self._status = self._bars = self._task = None

    def _err(self) -> Console:
        if self._console is None:
            from rich.console import Console

            self._console = Console(stderr=True, highlight=False)
        return self._console

    def say(self, message: str) -> None:
        """A stage begins."""
        if self._quiet:
            return
        if not self._live:
            if message != self._last:
                sys.stderr.write(f"{message}\n")
                sys.stderr.flush()
                self._last = message
            return
        from rich.text import Text

        if self._status is None:
            self._clear()
            self._status = self._err().status(Text(message))
            self._status.start()
        else:
            self._status.update(Text(message))

    def progress(self, step: Progress) -> None:
        """Long work moves on; ``total`` of it is known or 0."""
        if self._quiet:
            return
        if not self._live or not step.total:
            self.say(str(step.stage))
            return
        if self._bars is None:
            from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bars

            self._clear()
            self._bars = Bars(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TaskProgressColumn(),
                TimeRemainingColumn(),
                console=self._err(),
                transient=True,
            )
            self._bars.start()
        if self._task is None or str(step.stage) != self._last:
            if self._task is not None:
                self._bars.remove_task(self._task)
            self._task = self._bars.add_task(str(step.stage), total=step.total)
            self._last = str(step.stage)
        self._bars.update(self._task, completed=step.done, total=step.total)
