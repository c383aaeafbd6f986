"""What `pyorch search` found, for a terminal. All of it is `Text`: it comes from files and Lean."""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pyorch.model import Goal, Status
from pyorch.search.report import Closing, HoleReport, Searched

__all__ = ["goal_text", "render_closing", "render_files", "summary"]

_STYLES = {
    Status.PROVED: "green",
    Status.REFUTED: "red",
    Status.OPEN: "yellow",
    Status.ERROR: "red",
}
_WORDS = {Status.PROVED: "closed", Status.ERROR: "passed over"}


def render_closing(closing: Closing, where: str | None) -> RenderableType:
    """A table of the holes, then the script or the reason of each.

    Args:
        where: the file that the new text was written to; None if it was not.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading, right in (
        ("place", False), ("declaration", False), ("", False), ("tactics", True), ("seconds", True),
    ):  # fmt: skip
        table.add_column(heading, overflow="fold", justify="right" if right else "left")
    for hole in closing.holes:
        done = hole.result.statistics if hole.result else None
        table.add_row(
            Text(f"{hole.start.line}:{hole.start.column}"),
            Text(hole.declaration),
            Text(word(hole), _STYLES[hole.status]),
            Text("" if done is None else str(done.tactics + done.recalled)),
            Text("" if done is None else f"{done.seconds:.1f}"),
        )
    return Group(table, *_details(closing), Text(summary(closing, where)))


def word(hole: HoleReport) -> str:
    """The status of a hole as it is printed."""
    return _WORDS.get(hole.status, str(hole.status))


def summary(closing: Closing, where: str | None) -> str:
    """One line."""
    trust = closing.audit.trust if closing.audit is not None else None
    text = f"{closing.closed} of {len(closing.holes)} closed"
    if trust is not None:
        text += f", audited ({trust} tier, {closing.toolchain})"
    if where is not None:
        text += f"; written to {where}"
    elif closing.changed:
        text += "; nothing was written"
    return text


def render_files(done: Searched) -> RenderableType:
    """The files that were passed over, and one line on all."""
    holes = sum(len(closing.holes) for closing, _ in done.closings)
    closed = sum(closing.closed for closing, _ in done.closings)
    text = f"{closed} of {holes} closed in {len(done.closings)} files"
    if done.without:
        text += f"; {len(done.without)} without sorry"
    lines = [Text(f"{problem}", "red") for problem in done.problems]
    return Group(*lines, Text(text))


def goal_text(goal: Goal) -> str:
    """A goal as Lean shows it."""
    return "\n".join([*(f"{h.name} : {h.type}" for h in goal.hypotheses), f"⊢ {goal.target}"])


def _details(closing: Closing) -> Iterator[RenderableType]:
    for hole in closing.holes:
        place = f"{closing.file}:{hole.start.line}:{hole.start.column}"
        reason = f": {hole.reason}" if hole.reason else ""
        yield Text(f"{place}: {word(hole)}{reason}", _STYLES[hole.status])
        if hole.script:
            yield Padding(Text(hole.script), (0, 0, 0, 4))
        if hole.left:
            yield Padding(Text("Left to prove:"), (0, 0, 0, 2))
            for goal in hole.left:
                yield Padding(Text(goal_text(goal)), (0, 0, 1, 4))
