"""Verdicts as Markdown, for pull requests and notebooks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pyorch.model import Declaration, Evidence, Verdict
from pyorch.report import words

__all__ = ["verdict_markdown"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")
_FENCE = re.compile("`{3,}")


def verdict_markdown(verdict: Verdict) -> str:
    """A section with the verdict, its theorems in Lean and its evidence."""
    claim = verdict.claim
    parts = [
        f"## {_plain(claim.name)}: {_plain(words.headline(verdict))}",
        f"{_plain(claim.title)}: {_plain(claim.formula)}",
        _plain(verdict.reason),
    ]
    if claim.parameters:
        parts.append(_table(("parameter", "value"), claim.parameters))
    parts += [_theorem(t) for t in verdict.theorems]
    if verdict.evidence:
        headings = ("checked", "points", "largest", "bound", "fails at")
        parts.append(_table(headings, [_evidence_row(e) for e in verdict.evidence]))
    if rows := words.foundations(verdict):
        parts.append(_table(("", ""), rows))
    return "\n\n".join(parts) + "\n"


def _theorem(theorem: Declaration) -> str:
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


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *([_plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _plain(text: str) -> str:
    """Text on one line that Markdown shows as it is, also inside a table."""
    return _SPECIAL.sub(r"\\\1", " ".join(words.printable(text).split()))
