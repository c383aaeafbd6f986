"""What every command does: open the workbench, print, and end with the right exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from pyorch.errors import UsageError
from pyorch.model import Status, Verdict

if TYPE_CHECKING:
    from pyorch.claims import Family
    from pyorch.lean.workbench import Workbench
    from pyorch.ui import Ui

__all__ = [
    "EXIT",
    "one_or_all",
    "open_bench",
    "print_json",
    "print_rich",
    "print_text",
    "report",
    "report_all",
    "silent",
]


@contextmanager
def open_bench(quiet: bool, as_json: bool, **flags: Any) -> Iterator[tuple[Workbench, Ui]]:
    """The workbench with the settings that ``flags`` and the rest of the configuration give."""
    from pyorch.config import load
    from pyorch.lean.workbench import Workbench
    from pyorch.ui import Ui

    with Ui(quiet=quiet or as_json) as ui, Workbench(load(flags), ui.progress) as bench:
        yield bench, ui


def silent(_: str) -> None:
    """No word on the stages of one claim among many."""


def print_text(text: str) -> None:
    """Data as it is."""
    sys.stdout.write(text)
    sys.stdout.flush()


def print_json(value: object) -> None:
    """Data for programs."""
    from pyorch.report.json import dumps

    sys.stdout.buffer.write(dumps(value).encode())  # JSON is UTF-8 whatever the locale
    sys.stdout.flush()


def print_rich(renderable: Any) -> None:
    """Data for people."""
    from rich.console import Console

    Console(highlight=False).print(renderable)


EXIT = {Status.PROVED: 0, Status.REFUTED: 1, Status.OPEN: 4, Status.ERROR: 3}
"""Exit code of each verdict."""
_BY_WEIGHT = (0, 4, 1, 3)
"""Exit codes; where several claims end differently, the last of these counts."""


def report(verdict: Verdict, as_json: bool, codes: dict[Status, int] = EXIT) -> None:
    """Print a verdict and end."""
    if as_json:
        from pyorch.report.json import verdict_json

        print_json(verdict_json(verdict))
    else:
        from pyorch.report.text import render_verdict

        print_rich(render_verdict(verdict))
    raise typer.Exit(codes[verdict.status])


def report_all(
    verdicts: list[Verdict], families: Iterable[Family], as_json: bool, wanted: Status
) -> None:
    """Print the verdicts of many claims and end; all of them should have been ``wanted``."""
    if as_json:
        from pyorch.report.json import verdict_json

        reports = [verdict_json(v) for v in verdicts]
        print_json({"schema": "pyorch-catalogue-1", "verdicts": reports})
    else:
        from pyorch.report.text import render_catalogue

        print_rich(render_catalogue(verdicts, families))
    codes = [0 if v.status is wanted else EXIT[v.status] or 1 for v in verdicts]
    raise typer.Exit(max(codes, key=_BY_WEIGHT.index))


def one_or_all(name: str | None, everything: bool, param: list[str] | None) -> None:
    """Refuse both of a name and --all, and neither."""
    if everything and (name is not None or param):
        raise UsageError("--all takes neither the name of a claim nor --param")
    if not everything and name is None:
        raise UsageError("name a claim, or say --all (`pyorch list` shows all names)")
