"""How long do the theorem library and the claims of the catalogue take?

    python benchmarks/claims.py            # about three minutes
    python benchmarks/claims.py --update   # also writes it into benchmarks/README.md

The library is compiled from nothing in a cache of its own. Each claim is then proved five times
with its default parameters in one warm server: cross-check, emission, elaboration, audit and all.
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tables import machine, spread, table, times, write

from pyorch import claims, pipeline
from pyorch.config import load
from pyorch.lean.workbench import Workbench
from pyorch.model import Status, Verdict

RUNS = 5


def _library(cache: Path) -> float:
    """Seconds to compile all modules with the toolchain of ``cache``."""
    with tempfile.TemporaryDirectory() as empty:
        (Path(empty) / "toolchains").symlink_to(cache / "toolchains")
        settings = {"cache": empty, "daemon": False}
        with Workbench(load(settings), lambda step: print(step.stage, file=sys.stderr)) as bench:
            bench.server()
            start = time.perf_counter()
            bench.library()
            return time.perf_counter() - start


def _stages(verdicts: list[Verdict], names: tuple[str, ...]) -> list[float]:
    return [sum(t.seconds for t in v.timings if t.stage in names) for v in verdicts]


def measure() -> str:
    """The table as Markdown."""
    config = load({"output": tempfile.mkdtemp()})
    rows = [("library from nothing", f"{_library(config.cache):.1f} s", "", "3 min")]
    with Workbench(config, lambda step: print(step.stage, file=sys.stderr)) as bench:
        pipeline.ready(bench, lambda _: None)
        for family in claims.all_families():
            verdicts: list[Verdict] = []
            task = partial(pipeline.prove, family.name, (), bench, lambda _: None)
            task()
            seconds = times(lambda task=task, to=verdicts: to.append(task()), RUNS)  # type: ignore[misc]
            assert all(v.status is Status.PROVED for v in verdicts)
            lean = spread(_stages(verdicts, ("library", "audit")))
            rows.append((f"`{family.name}`", spread(seconds), lean, "1 s"))
        toolchain = bench.toolchain.id
    headings = ("what", "median (quarter points)", "of that Lean", "target")
    return f"{machine(toolchain)}\n\n{table(headings, rows)}"


if __name__ == "__main__":
    write("claims.py", __doc__, measure)
