"""Commands about ``sorry``: closing them, and counting them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pyorch.cli.options import Daemon, Json, Quiet, Seed, Timeout, Toolchain, TrustOption
from pyorch.cli.shared import open_bench, print_json, print_rich
from pyorch.errors import InputError, UsageError

if TYPE_CHECKING:
    from pyorch.lean.protocol import Environment
    from pyorch.search.model import Suggester

__all__ = ["app"]

app = typer.Typer()


@app.command()
def search(
    paths: Annotated[
        list[Path], typer.Argument(help="Lean files with `sorry`, or folders.", metavar="FILE...")
    ],
    budget: Annotated[
        str | None, typer.Option(help="Seconds for each `sorry`; 30.", metavar="SECONDS")
    ] = None,
    tactics: Annotated[
        str | None, typer.Option(help="Tactics to run at most for each.", metavar="NUMBER")
    ] = None,
    nodes: Annotated[
        str | None, typer.Option(help="Proof states to keep at most for each.", metavar="NUMBER")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="Write the new text there, and leave the file.", metavar="FILE"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    disprove: Annotated[
        bool, typer.Option("--disprove/--no-disprove", help="Look for counterexamples, too.")
    ] = True,
    priors: Annotated[
        bool, typer.Option("--priors/--no-priors", help="Use learned priors of tactics.")
    ] = True,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget what earlier searches learned.")
    ] = False,
    llm_model: Annotated[
        str | None,
        typer.Option(help="A language model to ask, too; see docs/models.md.", metavar="NAME"),
    ] = None,
    llm_base_url: Annotated[
        str | None, typer.Option(help="Of a compatible server.", metavar="URL")
    ] = None,
    llm_timeout: Annotated[
        str | None, typer.Option(help="For one question.", metavar="SECONDS")
    ] = None,
    llm_tokens: Annotated[
        str | None, typer.Option(help="Tokens to spend at most.", metavar="NUMBER")
    ] = None,
    llm_cost: Annotated[
        str | None, typer.Option(help="Money to spend at most; needs prices.", metavar="NUMBER")
    ] = None,
    llm_input_price: Annotated[
        str | None, typer.Option(help="Of a million tokens asked.", metavar="NUMBER")
    ] = None,
    llm_output_price: Annotated[
        str | None, typer.Option(help="Of a million tokens answered.", metavar="NUMBER")
    ] = None,
    toolchain: Toolchain = None,
    trust: TrustOption = None,
    timeout: Timeout = None,
    seed: Seed = None,
    daemon: Daemon = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Close the `sorry`s of Lean files by a search over tactics, and audit the result."""
    from pyorch.lean.sources import lean_files
    from pyorch.output import require_writable, write_text
    from pyorch.report.search_json import closing_json, files_json
    from pyorch.report.search_text import render_closing, render_files
    from pyorch.search.closing import close_file
    from pyorch.search.proposals import suggester_for
    from pyorch.search.report import SECONDS, Searched, SearchOptions
    from pyorch.search.result import Budget

    if dry_run and to is not None:
        raise UsageError("--dry-run writes nothing, so it does not go with --to")
    files = lean_files(paths)
    several = len(files) > 1 or any(path.is_dir() for path in paths)
    if several and to is not None:
        raise UsageError("--to takes one file; several are written where they are")
    done = Searched()
    with open_bench(
        quiet, as_json, toolchain=toolchain, trust=trust, timeout=timeout, seed=seed, daemon=daemon,
        budget=budget, tactics=tactics, nodes=nodes,
        llm_model=llm_model, llm_base_url=llm_base_url, llm_timeout=llm_timeout,
        llm_tokens=llm_tokens, llm_cost=llm_cost, llm_input_price=llm_input_price,
        llm_output_price=llm_output_price,
    ) as (bench, ui):  # fmt: skip
        suggesters: dict[str, Suggester] = {}

        def suggester(environment: Environment) -> Suggester:
            if environment.key not in suggesters:
                made = suggester_for(environment, bench, ui.say, priors=priors)
                suggesters[environment.key] = made
            return suggesters[environment.key]

        config = bench.config
        limits = Budget(config.budget or SECONDS, config.tactics, config.nodes)
        options = SearchOptions(
            limits, seed=config.seed, disprove=disprove, fresh=fresh, trust=config.trust
        )
        for file in files:
            target = None if dry_run else to or file
            if target is not None:
                require_writable(target.parent)
            if several:
                ui.say(str(file))
            try:
                closing = close_file(
                    file, bench, suggester, options, say=ui.say, progress=ui.progress
                )
            except InputError as error:
                if not several:
                    raise
                done.pass_over(file, error)
                continue
            written = None
            if target is not None and (closing.changed or to is not None):
                write_text(target, closing.text)
                written = str(target)
            done.closings.append((closing, written))
    if as_json:
        print_json(files_json(done) if several else closing_json(*done.closings[0]))
    else:
        for closing, written in done.closings:
            print_rich(render_closing(closing, written))
        if several:
            print_rich(render_files(done))
    raise typer.Exit(done.exit_code)


@app.command()
def sorries(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Lean files and folders; this one by default.")
    ] = None,
    fail_on_increase: Annotated[
        bool, typer.Option("--fail-on-increase", help="Exit code 1 if there are more than before.")
    ] = False,
    fail_on_any: Annotated[
        bool, typer.Option("--fail-on-any", help="Exit code 1 if there is one.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(help="The commit to compare with; the last one by default.", metavar="COMMIT"),
    ] = None,
    commits: Annotated[
        int, typer.Option(help="Count in so many of the latest commits, too.", min=0)
    ] = 0,
    history: Annotated[
        Path | None,
        typer.Option(help="The database; .pyorch/sorries.db by default.", metavar="FILE"),
    ] = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(help="Also write .json, .md, .sarif, .xml or .svg; may be repeated."),
    ] = None,
    toolchain: Toolchain = None,
    timeout: Timeout = None,
    daemon: Daemon = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Count what rests on `sorry`, compare it with what was there before, and keep the history."""
    from pyorch.report.sorries_files import require_format, write_report
    from pyorch.report.sorries_json import sorries_json
    from pyorch.report.sorries_text import render_sorries
    from pyorch.sorries.burndown import track

    for target in report or []:
        require_format(target)
    with open_bench(
        quiet, as_json, toolchain=toolchain, timeout=timeout, daemon=daemon
    ) as (bench, ui):  # fmt: skip
        burndown = track(
            paths or [Path()],
            bench,
            ui.progress,
            database=history,
            against=since,
            commits=commits,
            fail_on_any=fail_on_any,
            fail_on_increase=fail_on_increase,
        )
    for target in report or []:
        write_report(burndown, target)
    if as_json:
        print_json(sorries_json(burndown))
    else:
        print_rich(render_sorries(burndown))
    raise typer.Exit(burndown.gate.exit_code)
