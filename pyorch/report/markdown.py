"""Verdicts as Markdown, for pull requests and notebooks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pyorch.model import Declaration, Evidence, Verdict
from pyorch.report import words

__all__ = ["plain", "table", "theorem_block", "verdict_markdown"]

#: An underscore within a word is one in GitHub's Markdown, too.
_SPECIAL = re.compile(r"([\\`*{}\[\]<>#|~!&$]|(?<!\w)_|_(?!\w))")
_FENCE = re.compile("`{3,}")


def verdict_markdown(verdict: Verdict) -> str:
    """A section with the verdict, its theorems in Lean and its evidence."""
    claim = verdict.claim
    parts = [
        f"## {plain(claim.name)}: {plain(words.headline(verdict))}",
        f"{plain(claim.title)}: {plain(claim.formula)}",
        plain(verdict.reason),
    ]
    if claim.parameters:
        parts.append(table(("parameter", "value"), claim.parameters))
    parts += [theorem_block(t) for t in verdict.theorems]
    if verdict.evidence:
        headings = ("checked", "points", "largest", "bound", "fails at")
        parts.append(table(headings, [_evidence_row(e) for e in verdict.evidence]))
    if rows := words.foundations(verdict):
        parts.append(table(("", ""), rows))
    return "\n\n".join(parts) + "\n"


def theorem_block(theorem: Declaration) -> str:
    """The statement as Lean prints it, in a fence that it cannot end."""
    code = words.printable(
        f"{theorem.kind} {theorem.name} :\n  " + theorem.type.replace("\n", "\n  ")
    )
    longest = max((len(run) for run in _FENCE.findall(code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}lean\n{code}\n{fence}"


def _evidence_row(evidence: Evidence) -> tuple[str, ...]:
    return (
        evidence.checked,
        words.points(evidence),
        "" if evidence.largest is None else words.short(evidence.largest),
        "" if evidence.bound is None else words.short(evidence.bound),
        words.counterexample(evidence.counterexample) if evidence.counterexample else "",
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of plain text."""
    lines = [headings, ["---"] * len(headings), *([plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def plain(text: str) -> str:
    """Text on one line that Markdown shows as it is, also inside a table."""
    return _SPECIAL.sub(r"\\\1", " ".join(words.printable(text).split()))
