"""How many tactics a second run on saved proof states? Every number is measured in this run.

    python benchmarks/search_steps.py            # about a minute
    python benchmarks/search_steps.py --update   # also writes it into benchmarks/README.md

Cheap tactics on small goals through `LeanProver` and the daemon: text to Lean and parsed outcomes
back, states released. Also: what starting at a hole costs, and making states again after Lean was
killed. Medians; the spread is the quarter points. No test depends on any of this.
"""

from __future__ import annotations

import itertools
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tables import machine, spread, table, times, write

from pyorch.config import load
from pyorch.lean.protocol import Environment
from pyorch.lean.server import LeanServer
from pyorch.lean.toolchain import start_server
from pyorch.lean.workbench import Workbench
from pyorch.search.model import ProofState, Split
from pyorch.search.prover import LeanProver
from pyorch.search.theorems import theorems_of

INIT = Environment()
TEXT = """
theorem t : ∀ (a b c : Nat), a ≤ b → a * c ≤ b * c ∧ a + 0 = a := by sorry
theorem u (p q : Prop) (hp : p) (hq : q) : p ∧ q := by sorry
theorem v (a b : Nat) (h : a < b) (q : b < a + 2) : b = a + 1 ∧ a ≤ b := by sorry
"""
ROUNDS = 12
TARGET = "300"


def fresh() -> Iterator[str]:
    """Tactics that leave goals which nobody has seen before."""
    for i in itertools.count():
        yield f"refine And.intro (Nat.le_antisymm (b := a + 1 + {i} * 0) ?_ ?_) ?_"


def rates(
    prover: LeanProver, state: ProofState, tactics: Callable[[], Sequence[str]]
) -> list[float]:
    """Tactics a second, for each of some rounds."""
    found = []
    for _ in range(ROUNDS):
        batch = tactics()
        start = time.perf_counter()
        for outcome in prover.apply(state, batch):
            if isinstance(outcome, Split):
                prover.release(outcome.states)
        found.append(len(batch) / (time.perf_counter() - start))
    return found


def shown(found: list[float]) -> str:
    low, middle, high = statistics.quantiles(found, n=4)
    return f"{middle:.0f} a second ({low:.0f} to {high:.0f})"


def restart(lean: LeanServer, prover: LeanProver, state: ProofState) -> float:
    """Seconds until a state is there again after Lean was killed."""
    if lean.pid is not None:
        os.kill(lean.pid, signal.SIGKILL)
    while lean.pid is not None:
        pass
    start = time.perf_counter()
    prover.apply(state, ["skip"])
    return time.perf_counter() - start


def measure() -> str:
    """The table as Markdown."""
    rows: list[tuple[str, str, str]] = []
    with Workbench(load({}), lambda step: print(step.stage, file=sys.stderr)) as bench:
        server = bench.server()
        with LeanProver(server) as prover:
            opening = times(lambda: prover.open(TEXT, INIT), 20)
            rows.append(("three holes opened, the text elaborated", spread(opening), ""))
            t, u, v = (hole.state for hole in prover.open(TEXT, INIT))
            mixed = ["intro a b c h", "constructor", "exact foo", "intro x y"]
            goals = fresh()
            cases: list[tuple[str, ProofState, Callable[[], Sequence[str]]]] = [
                ("`intro a b c h`, one at a time", t, lambda: ["intro a b c h"]),
                ("`intro a b c h`, 32 in a batch", t, lambda: ["intro a b c h"] * 32),
                ("`constructor`, 32 in a batch", u, lambda: ["constructor"] * 32),
                ("`exact ⟨hp, hq⟩` (closes), 32 in a batch", u, lambda: ["exact ⟨hp, hq⟩"] * 32),
                ("`exact ⟨hq, hp⟩` (fails), 32 in a batch", u, lambda: ["exact ⟨hq, hp⟩"] * 32),
                ("these mixed, 32 in a batch", t, lambda: mixed * 8),
                ("`refine`, three goals never seen before", v, lambda: [next(goals)] * 8),
                ("`omega` (closes), 32 in a batch", v, lambda: ["omega"] * 32),
                ("`simp` (fails), 32 in a batch", v, lambda: ["simp"] * 32),
            ]
            for name, state, tactics in cases:
                rates(prover, state, tactics)
                target = TARGET if "`intro" in name or "`con" in name or "exact" in name else ""
                rows.append((name, shown(rates(prover, state, tactics)), target))
        with tempfile.TemporaryDirectory() as folder:
            asked = times(
                lambda: theorems_of(server, INIT, Path(tempfile.mkdtemp(dir=folder)), ""), 4
            )
            rows.append(("the theorems of `Init`, asked of Lean", spread(asked), "5 s"))
            kept = times(lambda: theorems_of(server, INIT, Path(folder), ""), 6)[1:]
            rows.append(("the theorems of `Init`, from the cache", spread(kept), ""))
        lean = start_server(bench.toolchain, bench.config.cache)
        with LeanProver(lean) as prover:
            state = prover.open(TEXT, INIT)[0].state
            for _ in range(10):
                (outcome,) = prover.apply(state, ["try rfl"])
                assert isinstance(outcome, Split)
                state = outcome.states[0]
            again = [restart(lean, prover, state) for _ in range(4)]
            rows.append(("Lean killed: a state 10 steps deep made again", spread(again), ""))
        lean.close()
        toolchain = bench.toolchain.id
    headings = ("what", "median (quarter points)", "target")
    return f"{machine(toolchain)}\n\n{table(headings, rows)}"


if __name__ == "__main__":
    write("search_steps.py", __doc__, measure)
