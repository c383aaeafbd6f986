"""What the benchmarks share: repeated timing, and tables in benchmarks/README.md."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path

__all__ = ["machine", "spread", "table", "times", "write"]


def spread(seconds: list[float]) -> str:
    """``1.2 s (1.1 to 1.4)``: the median and the quarter points."""
    low, middle, high = statistics.quantiles(seconds, n=4)
    unit, factor = ("ms", 1000) if middle < 1 else ("s", 1)
    return f"{middle * factor:.3g} {unit} ({low * factor:.3g} to {high * factor:.3g})"


def times(run: Callable[[], object], count: int) -> list[float]:
    """Seconds of each of ``count`` runs."""
    found = []
    for _ in range(count):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return found


def machine(toolchain: object) -> str:
    """One line on what ran where."""
    cpu = platform.processor() or platform.machine()
    return (
        f"{toolchain}; Python {platform.python_version()}; {os.cpu_count()} cores, {cpu}; "
        f"load {os.getloadavg()[0]:.1f} at the end."
    )


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table of cells that are Markdown already."""
    heads = list(headings)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def write(script: str, description: str | None, measure: Callable[[], str]) -> None:
    """Run a benchmark; with ``--update`` its text replaces the one in README.md.

    Args:
        script: file name; the place in README.md is marked with it.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--update", action="store_true", help="write benchmarks/README.md")
    update = parser.parse_args().update
    text = measure()
    print(text)
    if update:
        mark = f"<!-- measured by benchmarks/{script} -->"
        path = Path(__file__).with_name("README.md")
        before, _, rest = path.read_text(encoding="utf-8").partition(mark)
        after = rest.partition(mark)[2]
        path.write_text(f"{before}{mark}\n{text}\n{mark}{after}", encoding="utf-8")
