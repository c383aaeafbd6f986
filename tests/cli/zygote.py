"""Forks processes that run the command line of pyorch, their imports done.

Each line of standard input asks for one, as a JSON object: ``arguments``, ``folder``,
``environment``, and the files ``out`` and ``err`` for its output. The answers are two lines, its
process id and its exit code.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pyorch
from pyorch.cli import app, main


def prepare() -> None:
    """Import what commands import when they need it."""
    for module in walk_packages(pyorch.__path__, "pyorch."):
        if not module.name.endswith(".__main__"):
            import_module(module.name)
    for name in ("scipy.optimize", "sympy"):
        import_module(name)
    with Path(os.devnull).open("w") as nothing, redirect_stdout(nothing):
        app(["list"], standalone_mode=False)  # Typer and Rich have imports of that kind, too


def serve() -> None:
    """Returns in each forked process, to run the command; at the end of input all is over."""
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            become(**request)
            return
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
    os._exit(0)


def become(
    arguments: list[str], folder: str, environment: dict[str, str], out: str, err: str
) -> None:
    """Be as if started there, with nothing to read."""
    streams = os.open(os.devnull, os.O_RDONLY), os.open(out, os.O_WRONLY), os.open(err, os.O_WRONLY)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["pyorch", *arguments]


def run() -> None:
    """End without taking all modules apart, which copies them first: they are shared."""
    code: object = 1

    def end() -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)

    atexit.register(end)  # the first, so it is called last
    try:
        main()
    except SystemExit as exit_:
        code = exit_.code
        raise


if __name__ == "__main__":
    prepare()
    serve()
    run()
