"""The command line: parse, call, render, exit code. No logic of its own.

Data goes to standard output, progress and messages to standard error. Exit codes:

    0    what was asked was established
    1    the claim is refuted, or the file rejected
    2    usage, or bad input
    3    Lean is missing or broken
    4    open within the budget
    130  interrupted
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from pyorch import __version__
from pyorch.cli import certificates, claims, lean, search
from pyorch.cli.shared import print_json, print_text
from pyorch.errors import PyorchError, UsageError

__all__ = ["app", "main"]

app = typer.Typer(
    name="pyorch",
    help="Claims about numerical machine learning in, Lean 4 proofs out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for commands in (claims.app, certificates.app, search.app, lean.app):
    app.add_typer(commands)


def _version(value: bool) -> None:
    if value:
        print_text(f"pyorch {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


def _fail(error: PyorchError) -> int:
    if "--json" in sys.argv:
        from pyorch.report.json import error_json

        print_json(error_json(error))
    else:
        sys.stderr.write(f"pyorch: {error}\n")
    return error.exit_code


def main() -> None:
    """Entry point: every error of the user's is one line and an exit code, never a traceback."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # not so under nohup
            signal.signal(number, _end)
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
    if sys.stdout is None:
        sys.stderr.write("pyorch: standard output is closed\n")
        sys.exit(2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a locale without ≤ is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_guarded(lambda: app(prog_name="pyorch", standalone_mode=False)))


def _end(number: int, _: object) -> None:
    """End in good order: Lean is stopped and its temporary files are removed."""
    sys.exit(128 + number)


#: Typer has brought click along within itself since 0.20-odd and depended on it before.
_ClickError: type[Exception] = typer.BadParameter.__mro__[2]


def _guarded(run: Callable[[], object]) -> int:
    try:
        code = run()
        if code == 130:  # what newer versions of Typer make of Ctrl-C
            raise KeyboardInterrupt
    except PyorchError as error:
        return _fail(error)
    except typer.Exit as error:
        return int(error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("pyorch: interrupted\n")
        return 130
    except _ClickError as error:
        message: str = error.format_message()  # type: ignore[attr-defined]
        context = getattr(error, "ctx", None)
        if context is not None:
            message = f"{message.rstrip('.')} (see `{context.command_path} --help`)"
        return _fail(UsageError(message))
    except OSError as error:  # standard output on a full disk
        with suppress(OSError):
            sys.stdout.close()  # else Python tries once more
        sys.stderr.write(f"pyorch: {error.strerror or error}\n")
        return 2
    return code if isinstance(code, int) else 0
