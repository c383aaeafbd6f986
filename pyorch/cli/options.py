"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "All",
    "BoxOption",
    "ClaimName",
    "Daemon",
    "Json",
    "Output",
    "Params",
    "Quiet",
    "Seed",
    "Student",
    "Teacher",
    "Timeout",
    "Toolchain",
    "TrustOption",
    "Weights",
    "claim_names",
]

Json = Annotated[bool, typer.Option("--json", help="Print JSON, also for errors.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")]
Params = Annotated[
    list[str] | None,
    typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter; may be repeated."),
]
Toolchain = Annotated[
    str | None,
    typer.Option(help="auto, native or embedded.", metavar="CHOICE"),
]
TrustOption = Annotated[
    str | None,
    typer.Option(
        "--trust", help="Weakest tier to accept: kernel, compiled or exact.", metavar="TIER"
    ),
]
Timeout = Annotated[
    str | None,
    typer.Option(help="Seconds for one request to Lean.", metavar="SECONDS"),
]
Seed = Annotated[
    str | None,
    typer.Option(help="Seed of all random choices.", metavar="NUMBER"),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Folder for emitted Lean files.", metavar="FOLDER"),
]
Daemon = Annotated[
    bool | None,
    typer.Option("--daemon/--no-daemon", help="Keep a warm server between commands."),
]


Weights = Annotated[
    Path | None,
    typer.Option("--weights", "-w", help="Teacher, student and box; see docs/certify.md."),
]
Teacher = Annotated[
    Path | None,
    typer.Option(help="A network: .onnx, .nnet, .npz or .json; see docs/formats.md."),
]
Student = Annotated[
    Path | None,
    typer.Option(help="A network, likewise."),
]
BoxOption = Annotated[
    Path | None,
    typer.Option("--box", help="The inputs: .vnnlib or .json."),
]


def claim_names(incomplete: str) -> list[str]:
    """For the completion of shells."""
    from pyorch import claims

    return [f.name for f in claims.all_families() if f.name.startswith(incomplete)]


ClaimName = Annotated[
    str | None,
    typer.Argument(help="See `pyorch list`.", autocompletion=claim_names, metavar="NAME"),
]
All = Annotated[bool, typer.Option("--all", help="The whole catalogue, with its defaults.")]
