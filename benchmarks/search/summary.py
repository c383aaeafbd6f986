"""The table of the trials."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from methods import MCTS, PLAIN, SEQUENCE, SINGLES, Trial, in_sequence

__all__ = ["summary", "update"]

_HEADINGS = (
    "method", "closed", "median time of a proof", "mean time of a goal", "not by the sequence"
)  # fmt: skip


def summary(trials: Sequence[Trial], split: str, seconds: float) -> str:
    """Markdown: closure and time of each method, over the goals that all of them were tried on."""
    everything = [*trials, *in_sequence(trials)]
    tried: dict[str, dict[str, Trial]] = {}
    for trial in everything:
        tried.setdefault(trial.method, {})[trial.goal] = trial
    if not tried:
        return f"No trials of the split {split} with {seconds:g} s a goal yet."
    goals = set.intersection(*(set(by_goal) for by_goal in tried.values()))
    by_sequence = {t.goal for t in tried.get(SEQUENCE, {}).values() if t.closed}
    rows = []
    for method in (*SINGLES, SEQUENCE, PLAIN, MCTS):
        if method in tried:
            rows.append(_row(method, [tried[method][g] for g in sorted(goals)], by_sequence))
    loads = [t.load for t in trials if t.goal in goals]
    lines = [_HEADINGS, ("---",) * len(_HEADINGS), *rows]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    load = f"{statistics.median(loads):.1f}" if loads else "unknown"
    return (
        f"Split {split}, {len(goals)} goals, {seconds:g} s a goal, one worker; median load of the"
        f" machine {load}.\n\n{table}"
    )


def _row(method: str, trials: Sequence[Trial], by_sequence: set[str]) -> tuple[str, ...]:
    closed = [trial for trial in trials if trial.closed]
    share = f"{len(closed)} ({100 * len(closed) / len(trials):.0f} %)" if trials else "0"
    proof = f"{statistics.median(t.seconds for t in closed):.2f} s" if closed else ""
    mean = statistics.fmean(min(t.seconds, t.budget) for t in trials) if trials else 0.0
    beyond = sum(trial.goal not in by_sequence for trial in closed)
    return method, share, proof, f"{mean:.1f} s", str(beyond)


def update(path: Path, split: str, text: str) -> None:
    """Put the table between the marks of its split."""
    mark = f"<!-- measured by benchmarks/search/run.py: {split} -->"
    before, _, rest = path.read_text(encoding="utf-8").partition(mark)
    after = rest.partition(mark)[2]
    path.write_text(f"{before}{mark}\n{text}\n{mark}{after}", encoding="utf-8")
