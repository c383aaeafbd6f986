"""Putting a tactic script in the place of a ``sorry``. Text in, text out; Lean says what fits.

Whether a ``sorry`` stands for a tactic or for a term, and whether a script of several lines can
stand where it stood, is for Lean's grammar to say. So there are candidates, the one that reads
best first, and the first with which the file elaborates is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyorch.model import Position

__all__ = ["Edit", "apply_edits", "candidates", "offset", "together"]

_STEP = "  "
#: After these words or signs a term may begin with ``by`` on the same line, without parentheses.
_OPENS_TERM = (":=", "=>", "from", "<|", "$", "↦")


@dataclass(frozen=True)
class Edit:
    """Replace the code points from ``start`` to before ``end`` by ``text``."""

    start: int
    end: int
    text: str


def offset(text: str, position: Position) -> int:
    """Index of a position of Lean's (lines from 1, columns from 0, in code points)."""
    begin = 0
    for _ in range(position.line - 1):
        begin = text.index("\n", begin) + 1
    return begin + position.column


def together(scripts: Sequence[str]) -> Iterator[str]:
    """Ways to have one script for all goals of a place."""
    yield from scripts
    if len(scripts) > 1:
        alternatives = (script.replace("\n", "\n    ") for script in scripts)
        yield "\n".join(["first", *(f"  | {each}" for each in alternatives)])


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """All edits at once; they must not overlap."""
    for edit in sorted(edits, key=lambda e: e.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def candidates(text: str, start: Position, end: Position, script: str) -> tuple[Edit, ...]:
    """Ways to replace the ``sorry`` between two positions by ``script``, whose first line begins at
    column 0; no two are the same."""
    first, last = offset(text, start), offset(text, end)
    line = text[text.rfind("\n", 0, first) + 1 : first]
    lines = script.split("\n")
    margin = line[: len(line) - len(line.lstrip())] + _STEP
    below = "\n" + _joined(lines, margin, first=margin)
    gap = first - (len(line) - len(line.rstrip()))  # a line break takes the place of blanks
    here = Edit(first, last, _joined(lines, " " * len(line)))
    guarded = Edit(first, last, f"({_joined(lines, ' ' * (len(line) + 1))})")
    if len(lines) == 1:
        term = Edit(first, last, f"by {script}")
        enclosed = Edit(first, last, f"(by {script})")
    else:
        term = Edit(first, last, f"by{below}")
        enclosed = Edit(first, last, f"(by{below})")
    before = line.rstrip()
    if before.endswith(_OPENS_TERM) and not before.endswith("=>"):
        order: Sequence[Edit] = (term, enclosed, here)
    elif before.endswith("by") and len(lines) > 1:
        order = (Edit(gap, last, below), here, enclosed)
    else:
        order = (here, guarded, term, enclosed)
    return tuple(dict.fromkeys(order))


def _joined(lines: Sequence[str], margin: str, first: str = "") -> str:
    head, *tail = lines
    return "\n".join([first + head, *(margin + each if each else "" for each in tail)])
