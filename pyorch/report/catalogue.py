"""The page of all claims: what the seed documents say, whether it is true, and what is proved.

`scripts/claims.py` writes it to ``docs/claims.md`` from the catalogue and from verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyorch.claims.base import Family, SeedClaim
from pyorch.model import Declaration, Status, Verdict
from pyorch.report.markdown import plain, table, theorem_block

__all__ = ["catalogue_markdown", "catalogue_rows"]

_HEADINGS = ("claim", "of", "verdict", "theorem", "axioms", "trust")
_INTRODUCTION = """\
# The claims

Written by `scripts/claims.py` from the catalogue and from the verdicts of `pyorch prove --all`; do
not edit it. The first column is the name in the seed document, or our own where no seed states the
claim; both work on the command line. A false claim is refuted by a theorem that proves its
negation, and a repaired one is proved in the same file. *Axioms* are those that our own proofs use;
what the standard library rests on is another matter, see [trust.md](trust.md)."""


def catalogue_markdown(families: Sequence[Family], verdicts: Sequence[Verdict]) -> str:
    """The whole page, with the times of this run.

    Args:
        families, verdicts: of the same claims, in the same order; the verdicts have their theorems.
    """
    seconds = {v.claim.name: f"{sum(t.seconds for t in v.timings):.2f} s" for v in verdicts}
    rows = catalogue_rows(families, verdicts)
    timed = [(*row, seconds[family.name]) for family, of in rows for row in of]
    toolchain = next((str(v.toolchain) for v in verdicts if v.toolchain), "no toolchain")
    parts = [
        _INTRODUCTION,
        table((*_HEADINGS, "time"), timed),
        f"Checked with {plain(toolchain)}, one warm server; times are of the whole claim, with"
        " sampling.",
    ]
    topic = ""
    for family, verdict in zip(families, verdicts, strict=True):
        if family.topic != topic:
            topic = family.topic
            parts.append(f"## {plain(topic[:1].upper() + topic[1:])}")
        parts += _section(family, verdict)
    return "\n\n".join(parts) + "\n"


def catalogue_rows(
    families: Iterable[Family], verdicts: Iterable[Verdict]
) -> list[tuple[Family, list[tuple[str, ...]]]]:
    """For each family the rows of the first table, without times."""
    found = []
    for family, verdict in zip(families, verdicts, strict=True):
        theorems = {t.name.rpartition(".")[2]: t for t in verdict.theorems}
        rows = [_row(verdict, seed, theorems) for seed in family.seeds]
        if family.name not in {seed.name for seed in family.seeds if seed.holds}:
            main = theorems.get(family.theorems[0])
            kind = "repaired: " if family.false_seeds else ""
            rows.append((family.name, "pyorch", f"{kind}{verdict.status}", *_basis(verdict, main)))
        found.append((family, rows))
    return found


def _row(verdict: Verdict, seed: SeedClaim, theorems: dict[str, Declaration]) -> tuple[str, ...]:
    theorem = theorems.get(seed.refutation if seed.refutation else verdict.claim.name)
    established = theorem is not None and verdict.status is Status.PROVED
    if seed.holds:
        said = f"true: {verdict.status}"
    else:
        said = f"false: {'refuted' if established else verdict.status}"
    return (", ".join(seed.names), seed.source, said, *_basis(verdict, theorem))


def _basis(verdict: Verdict, theorem: Declaration | None) -> tuple[str, str, str]:
    if theorem is None:
        return ("", "", "")
    name = theorem.name.rpartition(".")[2]
    return (name, ", ".join(theorem.axioms) or "none", str(verdict.trust or ""))


def _section(family: Family, verdict: Verdict) -> list[str]:
    parts = [f"### {plain(family.name)}", f"{plain(family.title)}: {plain(family.formula)}."]
    for seed in family.seeds:
        if seed.holds:
            said = f"True as *{plain(seed.name)}* ({plain(seed.source)}) states it"
            parts.append(f"{said}: {plain(seed.formula)}.")
        else:
            said = f"False as *{plain(seed.name)}* ({plain(seed.source)}) states it"
            parts.append(f"{said}: {plain(seed.formula)}. {plain(seed.why_false)}")
    if verdict.theorems:
        parts += ["With the default parameters, in Lean:", theorem_block(verdict.theorems[0])]
    headings = ("parameter", "default", "values", "meaning")
    parameters = [(p.name, p.default_text, p.domain, p.help) for p in family.parameters]
    parts.append(table(headings, parameters))
    library = ", ".join(f"`{name}`" for name in family.library)
    parts.append(f"From the library: {library}.")
    return parts
