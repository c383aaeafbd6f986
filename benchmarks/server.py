"""How fast is the proof server? Prints a Markdown table; every number is measured in this run.

    python benchmarks/server.py            # about a minute
    python benchmarks/server.py --update   # also writes it into benchmarks/README.md

Cold start, round trips of small proofs, the command line against a warm server, and the parts of
`pyorch prove`. Medians; the spread is the quarter points. No test depends on any of this.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tables import machine, spread, table, times, write

from pyorch.config import load
from pyorch.lean.protocol import Environment, Limits
from pyorch.lean.toolchain import start_server
from pyorch.lean.workbench import Workbench

PROOFS = {
    "`rfl`": "theorem t : 1 + 1 = 2 := rfl",
    "`decide`": "theorem t : 10 < 20 ∧ 7 ∣ 21 := by decide",
    "`omega`": "theorem t (a b : Nat) : a + b = b + a := by omega",
    "`simp`": "theorem t (l : List Nat) : (l ++ []).length = l.length := by simp",
    "`grind` over Rat": "theorem t (x y : Rat) (h : x < y) : 2 * x < x + y := by grind",
    "64-bit product, `decide +kernel`": (
        "theorem t : 0xfedcba9876543210 * 0x123456789abcdef = "
        f"{0xFEDCBA9876543210 * 0x123456789ABCDEF} := by decide +kernel"
    ),
}


def measure() -> str:
    """The table as Markdown."""
    rows: list[tuple[str, str, str]] = []
    with Workbench(load({}), lambda step: print(step.stage, file=sys.stderr)) as bench:
        bench.library(("PyOrch.Quantization",))
        cold, loaded = [], []
        for _ in range(4):
            server = start_server(bench.toolchain, bench.config.cache)
            start = time.perf_counter()
            server.start()
            cold.append(time.perf_counter() - start)
            server.elaborate("", Environment())
            loaded.append(time.perf_counter() - start)
            server.close()
        rows.append(("cold start: the server answers", spread(cold), ""))
        rows.append(("cold start: `Init` loaded, first request answered", spread(loaded), "8 s"))
        warm = bench.server()
        for name, text in PROOFS.items():
            warm.elaborate(text, Environment())
            seconds = times(lambda text=text: warm.elaborate(text, Environment()), 40)  # type: ignore[misc]
            rows.append((f"round trip, {name}", spread(seconds), "30 ms"))
        many = "\n".join(f"theorem t{i} : {i} + 1 = {i + 1} := rfl" for i in range(200))
        seconds = times(lambda: warm.elaborate(many, Environment(), limits=Limits(300)), 5)
        rows.append(("200 theorems in one request", spread(seconds), ""))
        rows.append(("library, nothing changed", spread(times(bench.library, 10)), "1 s"))
        pyorch = [sys.executable, "-m", "pyorch"]
        commands = {
            "`pyorch --help`": ([*pyorch, "--help"], "0.3 s"),
            "`pyorch list`": ([*pyorch, "list"], ""),
            "second `pyorch prove quantization_error_bound`": (
                [*pyorch, "prove", "quantization_error_bound", "-q", "-o", os.devnull + "-none"],
                "1.5 s",
            ),
        }
        folder = Path(bench.config.cache) / "benchmark"
        for name, (command, target) in commands.items():
            line = [str(folder) if part.endswith("-none") else part for part in command]

            def run(line: list[str] = line) -> None:
                subprocess.run(line, check=True, stdout=subprocess.DEVNULL)

            run()
            rows.append((name, spread(times(run, 7)), target))
        toolchain = bench.toolchain.id
    headings = ("what", "median (quarter points)", "target")
    return f"{machine(toolchain)}\n\n{table(headings, rows)}"


if __name__ == "__main__":
    write("server.py", __doc__, measure)
