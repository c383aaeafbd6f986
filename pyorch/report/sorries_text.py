"""``pyorch sorries`` for a terminal."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pyorch.report import sorries_words as phrases
from pyorch.report.words import printable
from pyorch.sorries.burndown import Burndown
from pyorch.sorries.model import Reach

__all__ = ["render_sorries"]

_STYLES = {Reach.DIRECT: "red", Reach.DEFINITION: "magenta", Reach.TRANSITIVE: "yellow"}


def render_sorries(burndown: Burndown) -> RenderableType:
    """A line each, what has changed, files that do not elaborate, and the judgement."""
    scan = burndown.scan
    parts: list[RenderableType] = [_text(phrases.headline(burndown), "bold")]
    if scan.sorries:
        since = phrases.since(burndown)
        table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
        for heading in ("declaration", "place", "sorry", "since", "open goal"):
            table.add_column(heading, overflow="fold")
        for s in scan.sorries:
            table.add_row(
                _text(s.name, "bold"),
                _text(s.place),
                _text(phrases.REACHES[s.reach], _STYLES[s.reach]),
                _text(since.get(s, "")),
                _text(phrases.what(s)),
            )
        parts.append(table)
    if burndown.comparison is not None:
        told = phrases.summary(burndown.comparison) or "no change"
        parts.append(_text(f"since {burndown.baseline}: {told}"))
        parts += [_text(f"  closed: {c.before.name} ({c.before.place}), "
                        f"{'proved' if c.proved else 'gone'}", "green")
                  for c in burndown.comparison.of("closed") if c.before is not None]  # fmt: skip
    parts += [_text(f"error: {problem}", "red") for problem in scan.problems]
    parts += [_text(f"failed: {reason}", "red") for reason in burndown.gate.reasons]
    return Group(*parts)


def _text(text: str, style: str = "") -> Text:
    return Text(printable(text), style=style)
