"""Breaking a long tactic into lines that Lean reads as the same tactic.

Lean cares about columns: arguments, the tactics of a ``by`` block and the alternatives of a
``with`` have to stand further right than where their block began; only brackets lift that. So a
line is broken after a comma between brackets; after ``by``, ``=>``, ``with`` and ``first``, where
a new block begins; and at other spaces only as long as no block has begun in the middle of a line.
"""

from __future__ import annotations

import re

__all__ = ["wrap"]

#: Inside these nothing is broken: strings, characters, quoted names, comments.
_ATOM = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.[^\']*|[^\'\\])\'|«[^»]*»|--.*|/-.*')
_BLOCK = re.compile(r"(?<![\w.])(?:by|=>|with(?= \|)|first(?= \|))(?= )")
_INDENT = 2


def wrap(tactic: str, width: int | None) -> list[str]:
    """The lines of a tactic, the first one beginning at column 0.

    Args:
        width: longest line; kept where the tactic has a place to break at. A tactic that has
            several lines already is left as it is.
    """
    lines = tactic.split("\n")
    if width is None or len(lines) > 1:
        return lines
    mask = _ATOM.sub(lambda match: "_" * len(match[0]), tactic)
    terms = _term_starts(mask)
    made: list[str] = []
    start, indent, begins, inside = 0, 0, True, False
    while indent + len(tactic) - start > width:
        block = _BLOCK.search(mask, start)
        free = start if inside else len(mask) if block is None else block.start()
        spaces = [match.start() + 1 for match in re.finditer(" ", mask[:free])]
        fit = width - indent
        places = [
            place
            for place in (*terms, *spaces, *([block.end()] if block else []))
            if start < place and 0 < len(tactic[start:place].strip()) <= fit
        ]
        if not places:
            break
        cut = max(places)
        made.append(" " * indent + tactic[start:cut].strip())
        new_block = block is not None and cut == block.end()
        indent += _INDENT if begins or new_block else 0
        begins = new_block
        inside = not begins and (inside or (block is not None and block.end() < cut))
        start = cut
    return [*made, " " * indent + tactic[start:].strip()]


def _term_starts(mask: str) -> list[int]:
    """Where a new line is read like the same text without one, wherever it begins."""
    places: list[int] = []
    depth = 0
    for position, char in enumerate(mask):
        depth += (char in "([{⟨⦃") - (char in ")]}⟩⦄")
        if char == "," and depth > 0 and mask[position + 1 : position + 2] == " ":
            places.append(position + 2)
    return places
