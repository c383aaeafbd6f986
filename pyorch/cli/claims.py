"""Commands about the catalogue of claims."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from pyorch.cli.options import (
    All,
    ClaimName,
    Daemon,
    Json,
    Output,
    Params,
    Quiet,
    Seed,
    Timeout,
    Toolchain,
    TrustOption,
    claim_names,
)
from pyorch.cli.shared import (
    EXIT,
    one_or_all,
    open_bench,
    print_json,
    print_rich,
    report,
    report_all,
    silent,
)
from pyorch.errors import UsageError
from pyorch.model import Status

__all__ = ["app"]

app = typer.Typer()


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

    one_or_all(name, everything, param)

    with open_bench(
        quiet, as_json, output=output, toolchain=toolchain, trust=trust, timeout=timeout,
        seed=seed, daemon=daemon,
    ) as (bench, ui):  # fmt: skip
        require_writable(bench.config.output)
        if name is not None:
            verdict = pipeline.prove(name, param or [], bench, ui.say)
        else:
            families = claims.all_families()
            pipeline.ready(bench, ui.say)
            task = partial(pipeline.prove, parameters=(), bench=bench, say=silent)
            verdicts = list(pipeline.each(task, (f.name for f in families), ui.progress))
    if name is None:
        report_all(verdicts, families, as_json, Status.PROVED)
    report(verdict, as_json)


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

    one_or_all(name, everything, param)

    with open_bench(
        quiet, as_json, output=output, toolchain=toolchain, timeout=timeout, seed=seed,
        daemon=daemon,
    ) as (bench, ui):  # fmt: skip
        require_writable(bench.config.output)
        if name is not None:
            verdict = pipeline.refute(name, param or [], bench, ui.say)
        else:
            families = tuple(f for f in claims.all_families() if f.false_seeds)
            pipeline.ready(bench, ui.say)
            task = partial(pipeline.refute, parameters=(), bench=bench, say=silent)
            verdicts = list(pipeline.each(task, (f.name for f in families), ui.progress))
    if name is None:
        report_all(verdicts, families, as_json, Status.REFUTED)
    report(verdict, as_json, {**EXIT, Status.REFUTED: 0, Status.PROVED: 1})


@app.command()
def check(
    name: Annotated[
        str | None,
        typer.Argument(help="A claim; all of them by default.", autocompletion=claim_names),
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
    with open_bench(quiet, as_json, seed=seed) as (bench, ui):
        if name is not None:
            verdicts = [pipeline.check(name, param or [], bench, ui.say)]
        else:
            names = [f.name for f in claims.all_families()]
            task = partial(pipeline.check, parameters=(), bench=bench, say=silent)
            verdicts = list(pipeline.each(task, names, ui.progress))
    if as_json:
        print_json({"schema": "pyorch-check-1", "verdicts": [verdict_json(v) for v in verdicts]})
    elif name is not None:
        print_rich(render_verdict(verdicts[0]))
    else:
        print_rich(render_checks(verdicts))
    if any(v.status is not Status.OPEN for v in verdicts):
        raise typer.Exit(1)


@app.command(name="list")
def list_(
    name: Annotated[
        str | None,
        typer.Argument(help="A claim, for its parameters.", autocompletion=claim_names),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the claims, or the parameters of one."""
    from pyorch import claims
    from pyorch.report.json import family_json
    from pyorch.report.text import render_families, render_family

    families = claims.all_families() if name is None else (claims.get(name),)
    if as_json:
        print_json({"schema": "pyorch-list-1", "claims": [family_json(f) for f in families]})
    else:
        print_rich(render_families(families) if name is None else render_family(families[0]))
