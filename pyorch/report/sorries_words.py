"""Phrases that the reports on ``sorry`` share."""

from __future__ import annotations

from datetime import UTC, datetime

from pyorch.sorries.burndown import Burndown
from pyorch.sorries.compare import Comparison
from pyorch.sorries.model import Reach, Run, Sorry, count

__all__ = ["REACHES", "day", "headline", "run_name", "since", "summary", "what"]

REACHES = {
    Reach.DIRECT: "uses it itself",
    Reach.DEFINITION: "through a definition",
    Reach.TRANSITIVE: "through a theorem",
}


def headline(burndown: Burndown) -> str:
    """``3 declarations use sorry (1 fewer), 2 more rest on them``."""
    scan = burndown.scan
    if scan.problems:
        return f"{'; '.join(burndown.gate.reasons)}: no count is complete"
    if not scan.sorries:
        return f"no sorry in {scan.declarations} declarations"
    counts = count(scan.sorries)
    direct, more = counts[Reach.DIRECT], len(scan.sorries) - counts[Reach.DIRECT]
    text = f"{direct} declaration{'s use' if direct != 1 else ' uses'} sorry"
    if burndown.comparison is not None and burndown.comparison.increase:
        change = burndown.comparison.increase
        text += f" ({abs(change)} {'more' if change > 0 else 'fewer'})"
    return text + (f", {more} more rest{'s' if more == 1 else ''} on that" if more else "")


def summary(comparison: Comparison) -> str:
    """``added 1, closed 2 (1 proved, 1 gone), moved 1``; empty if nothing has changed."""
    parts = []
    for kind in ("added", "closed", "moved", "renamed", "changed"):
        found = comparison.of(kind)
        if found and kind == "closed":
            proved = sum(c.proved for c in found)
            parts.append(f"closed {len(found)} ({proved} proved, {len(found) - proved} gone)")
        elif found:
            parts.append(f"{kind} {len(found)}")
    return ", ".join(parts)


def what(sorry: Sorry) -> str:
    """The goals that are open, or why it rests on ``sorry`` without one of its own."""
    if sorry.chain:
        return sorry.explanation
    return "; ".join(g.text for g in sorry.goals) or f"⊢ {' '.join(sorry.type.split())}"


def since(burndown: Burndown) -> dict[Sorry, str]:
    """For each that is open, since when, as far as the history goes back."""
    return {t.latest: run_name(t.since) for t in burndown.threads if t.closed is None}


def run_name(run: Run) -> str:
    """``1a2b3c4 2026-01-31``; for a scan without a commit the day, or that it is in none yet."""
    if run.commit is not None:
        return f"{run.commit[:7]} {day(run.time)}"
    return run.subject or day(run.time)


def day(time: int) -> str:
    """The date, in Greenwich."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d")
