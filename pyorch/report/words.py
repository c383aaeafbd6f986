"""Phrases that the reports for people share."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from pyorch.model import Evidence, Trust, Verdict, Witness

__all__ = [
    "counterexample",
    "foundations",
    "headline",
    "library_note",
    "points",
    "printable",
    "short",
    "timings",
]

_BASIS = {
    Trust.KERNEL: "by Lean's kernel",
    Trust.COMPILED: "by Lean's kernel and compiler (native_decide)",
    Trust.EXACT: "in exact arithmetic, not in Lean",
    Trust.SAMPLED: "by floating-point sampling",
}
_LONGEST = 24
_SHOWN_INPUTS = 8


def headline(verdict: Verdict) -> str:
    """``PROVED by the kernel``: the status and what it rests on."""
    if verdict.trust is None:
        return verdict.status.upper()
    return f"{verdict.status.upper()} {_BASIS[verdict.trust]}"


def short(value: Fraction) -> str:
    """The exact number, or its first digits where it is long: 1/16, ≈ 1.06e+30."""
    exact = str(value)
    if len(exact) <= _LONGEST:
        return exact
    # Decimal, since a float's exponents end at ±308
    return f"≈ {Decimal(value.numerator) / Decimal(value.denominator):.3g}"


def counterexample(witness: Witness) -> str:
    """``x = 1: |1 - 7/8| = 1/8 > 1/16``; only the first inputs of a long vector."""
    shown = ", ".join(f"{name} = {short(x)}" for name, x in witness.inputs[:_SHOWN_INPUTS])
    more = len(witness.inputs) - _SHOWN_INPUTS
    inputs = f"{shown} and {more} more" if more > 0 else shown
    return f"{inputs}: {witness.explanation}"


def points(evidence: Evidence) -> str:
    """How many points were evaluated, and from which random numbers."""
    return f"{evidence.samples:,} (seed {evidence.seed})" if evidence.samples else ""


def library_note(verdict: Verdict) -> str | None:
    """What a toolchain without the proofs of Lean's own library leaves unchecked; None if nothing.

    The theorems share what they rest on, hence the greatest of their counts.
    """
    bodyless = max((t.bodyless for t in verdict.theorems), default=0)
    if not bodyless:
        return None
    return f"standard-library theorems without bodies: {bodyless}"


def foundations(verdict: Verdict) -> list[tuple[str, str]]:
    """Details, axioms, toolchain: what a reader needs beside the verdict, as name and text."""
    rows = list(verdict.details)
    if verdict.theorems:
        axioms = sorted({a for t in verdict.theorems for a in t.axioms})
        rows.append(("axioms", ", ".join(axioms) or "none"))
    if note := library_note(verdict):
        rows.append(("note", note))
    if verdict.toolchain:
        rows.append(("toolchain", str(verdict.toolchain)))
    if verdict.file:
        rows.append(("file", verdict.file))
    if verdict.timings:
        rows.append(("time", timings(verdict)))
    return rows


def timings(verdict: Verdict) -> str:
    """``emit 0.01 s, elaborate 1.20 s; 1.21 s in all``."""
    stages = ", ".join(f"{t.stage} {t.seconds:.2f} s" for t in verdict.timings)
    return f"{stages}; {sum(t.seconds for t in verdict.timings):.2f} s in all"


def printable(text: str) -> str:
    """The text with control and direction characters escaped, line breaks kept."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\u{ord(c):04x}" for c in text)
