"""``pyorch sorries`` as Markdown, and as the summary of a step of GitHub Actions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pyorch.errors import OutputError
from pyorch.report import sorries_words as phrases
from pyorch.report.markdown import plain, table
from pyorch.sorries.burndown import Burndown

__all__ = ["append_step_summary", "sorries_markdown"]

_LONGEST = 300  # of a goal in a table
_MOST = 500  # rows: GitHub refuses a summary of more than a megabyte


def sorries_markdown(burndown: Burndown) -> str:
    """A section with a table of what rests on ``sorry`` and what has changed."""
    scan, gate = burndown.scan, burndown.gate
    parts = [f"## {plain(phrases.headline(burndown))}"]
    parts += [f"**Failed:** {plain(reason)}" for reason in gate.reasons]
    if scan.problems:
        shown = scan.problems[:_MOST]
        parts.append("Files that do not elaborate:")
        rows = [(f"{p.file}:{p.line}" if p.line else p.file, _short(p.text)) for p in shown]
        parts.append(table(("file", "problem"), rows))
    if burndown.comparison is not None:
        told = phrases.summary(burndown.comparison) or "no change"
        parts.append(plain(f"Since {burndown.baseline}: {told}."))
    if scan.sorries:
        since = phrases.since(burndown)
        headings = ("declaration", "place", "sorry", "since", "open goal")
        sorries = [
            (s.name, s.place, phrases.REACHES[s.reach], since.get(s, ""), _short(phrases.what(s)))
            for s in scan.sorries[:_MOST]
        ]
        parts.append(table(headings, sorries))
    if len(scan.sorries) > _MOST:
        parts.append(f"and {len(scan.sorries) - _MOST} more.")
    return "\n\n".join(parts) + "\n"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def append_step_summary(text: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Append Markdown to the summary of the step that is running, if GitHub Actions runs it.

    Raises:
        OutputError: its file cannot be written.
    """
    name = environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return False
    try:
        with Path(name).open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
    except OSError as error:
        raise OutputError(f"cannot write {name}: {error.strerror}") from error
    return True
