"""Commands about distillation certificates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pyorch.cli.options import (
    BoxOption,
    Daemon,
    Json,
    Output,
    Quiet,
    Seed,
    Student,
    Teacher,
    Timeout,
    Toolchain,
    TrustOption,
    Weights,
)
from pyorch.cli.shared import EXIT, open_bench, report
from pyorch.model import Status

__all__ = ["app"]

app = typer.Typer()


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
        str | None,
        typer.Option(help="Of each layer of an .npz file: relu,identity.", metavar="NAMES"),
    ] = None,
    student_activations: Annotated[
        str | None,
        typer.Option(help="Likewise.", metavar="NAMES"),
    ] = None,
    epsilon: Annotated[
        str | None,
        typer.Option(
            "--epsilon",
            "-e",
            help="Bound to prove, such as 0.05 or 1/20; several with commas, one an output; or "
            "each, to find one for each output.",
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--property", help="close (by default) or class.", metavar="NAME"),
    ] = None,
    output_index: Annotated[
        str | None,
        typer.Option(help="The one output in question, from 0.", metavar="NUMBER"),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(help="Seconds of search for a way to split the box.", metavar="SECONDS"),
    ] = None,
    max_leaves: Annotated[
        str | None,
        typer.Option(help="Parts into which the box is split at most.", metavar="NUMBER"),
    ] = None,
    workers: Annotated[
        str | None,
        typer.Option(help="Processes for the search: a number, auto or ray.", metavar="NUMBER"),
    ] = None,
    emit_lean: Annotated[
        Path | None,
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
    from pyorch import certification
    from pyorch.lean.project import require_empty, write_project
    from pyorch.nets.goal_options import with_options
    from pyorch.nets.pair_options import PairOptions
    from pyorch.output import require_writable

    files = PairOptions(
        weights, teacher, student, box, normalize, teacher_activations, student_activations
    )
    problem = with_options(files.read(), kind=kind, output=output_index, epsilon=epsilon)
    with open_bench(
        quiet, as_json, output=output, toolchain=toolchain, trust=trust, timeout=timeout,
        seed=seed, daemon=daemon, budget=budget, max_leaves=max_leaves, workers=workers,
    ) as (bench, ui):  # fmt: skip
        require_writable(bench.config.output)
        if emit_lean is not None:
            require_empty(emit_lean)
        verdict = certification.certify(problem, bench, ui.say, progress=ui.progress)
    if emit_lean is not None and verdict.file is not None:
        names = [theorem.name for theorem in verdict.theorems]
        write_project(emit_lean, Path(verdict.file).read_text(encoding="utf-8"), names)
    report(verdict, as_json)


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
    from pyorch import certification
    from pyorch.nets.pair_options import PairOptions
    from pyorch.output import require_writable

    files = PairOptions(weights, teacher, student, box)
    against = files.read() if files != PairOptions(None, None, None, None) else None
    with open_bench(
        quiet, as_json, output=output, toolchain=toolchain, trust=trust, timeout=timeout,
        daemon=daemon,
    ) as (bench, ui):  # fmt: skip
        require_writable(bench.config.output)
        verdict = certification.verify(certificate, against, bench, ui.say)
    report(verdict, as_json, {**EXIT, Status.OPEN: 1})
