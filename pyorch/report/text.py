"""Verdicts for a terminal, as rich renderables.

Everything is `Text`, never markup: names and messages come from files and from Lean, and may hold
brackets or control characters. Colours, width and NO_COLOR are the business of rich's console.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from pyorch.model import Audit, Declaration, Evidence, Severity, Status, Verdict
from pyorch.report import words

if TYPE_CHECKING:
    from pyorch.claims.base import Family
    from pyorch.doctor import Finding
    from pyorch.lean.build import Built

__all__ = [
    "render_audit",
    "render_build",
    "render_catalogue",
    "render_checks",
    "render_doctor",
    "render_families",
    "render_family",
    "render_verdict",
]

_STYLES = {
    Status.PROVED: "green",
    Status.REFUTED: "red",
    Status.OPEN: "yellow",
    Status.ERROR: "red",
}


def render_verdict(verdict: Verdict) -> RenderableType:
    """The whole report: panel, theorems, evidence, what it rests on, messages of Lean."""
    parts: list[RenderableType] = [_panel(verdict)]
    if verdict.theorems:
        parts += _theorems(verdict.theorems)
    if verdict.evidence:
        parts += [_text("Cross-check:"), *map(_evidence, verdict.evidence)]
    if verdict.audit and verdict.audit.problems:
        parts += [_text("The audit found:"), _bullets(verdict.audit.problems)]
    errors = [d for d in verdict.diagnostics if d.severity is Severity.ERROR]
    if errors:
        parts += [_text("Lean said:"), _bullets(map(str, errors))]
    parts.append(_facts(words.foundations(verdict)))
    return Group(*parts)


def render_families(families: Iterable[Family]) -> RenderableType:
    """The claims known, one a row."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("claim", no_wrap=True)
    table.add_column("what it says")
    topics: set[str] = set()
    for family in families:
        if family.topic not in topics:
            topics.add(family.topic)
            table.add_row(_text(family.topic, "italic"), "")
        table.add_row(_text(f"  {family.name}", "bold"), _text(family.title))
    return table


def render_catalogue(verdicts: Iterable[Verdict], families: Iterable[Family]) -> RenderableType:
    """One line a claim, with the number of seeds' claims that are refuted beside it; below that
    table what stands in the way of those without a theorem."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("claim", no_wrap=True)
    table.add_column("verdict")
    table.add_column("trust")
    for heading in ("theorems", "refuted", "seconds"):
        table.add_column(heading, justify="right")
    problems: list[RenderableType] = []
    for verdict, family in zip(verdicts, families, strict=True):
        table.add_row(
            _text(verdict.claim.name, "bold"),
            _text(verdict.status, _STYLES[verdict.status]),
            _text(verdict.trust or ""),
            _text(str(len(verdict.theorems) or "")),
            _text(str(len(family.false_seeds) or "")),
            _text(f"{sum(t.seconds for t in verdict.timings):.2f}"),
        )
        if not verdict.theorems:
            problems.append(_text(f"{verdict.claim.name}: {verdict.reason}"))
    return Group(table, *problems)


def render_checks(verdicts: Iterable[Verdict]) -> RenderableType:
    """One line a claim that was cross-checked, and whatever was found against one."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("claim", no_wrap=True)
    table.add_column("verdict")
    for heading in ("points", "refuted forms", "seconds"):
        table.add_column(heading, justify="right")
    problems: list[RenderableType] = []
    for verdict in verdicts:
        refuted = sum(e.counterexample is not None for e in verdict.evidence)
        table.add_row(
            _text(verdict.claim.name, "bold"),
            _text(verdict.status, _STYLES[verdict.status]),
            _text(f"{sum(e.samples for e in verdict.evidence):,}"),
            _text(str(refuted or "")),
            _text(f"{sum(t.seconds for t in verdict.timings):.2f}"),
        )
        if verdict.status is not Status.OPEN:
            problems.append(_text(f"{verdict.claim.name}: {verdict.reason}"))
    note = "Open: nothing was found against it, which proves nothing; `pyorch prove` does."
    return Group(table, *problems, _text(note))


def render_family(family: Family) -> RenderableType:
    """One claim with its parameters, and the seed's form where that is false."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("parameter", "default", "values", "meaning"):
        table.add_column(heading)
    for p in family.parameters:
        table.add_row(_text(p.name, "bold"), _text(p.default_text), _text(p.domain), _text(p.help))
    parts: list[RenderableType] = [
        _text(family.name, "bold"),
        _text(family.title),
        _indented(_text(family.formula)),
    ]
    for seed in family.seeds:
        verdict = "true" if seed.holds else "false"
        parts += [
            _text(f"{', '.join(seed.names)} of seed document {seed.source}, {verdict}:"),
            _indented(_text(f"{seed.formula}\n{seed.why_false}".rstrip())),
        ]
    return Group(*parts, table)


def render_audit(file: str, audit: Audit) -> RenderableType:
    """Accepted or rejected, with every reason."""
    if audit.passed:
        head = _text(f"ACCEPTED ({audit.trust} tier): {file}", "bold green")
    else:
        head = _text(f"REJECTED: {file}", "bold red")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("theorem", "as asked", "axioms"):
        table.add_column(heading, overflow="fold")
    for theorem in audit.theorems:
        axioms = ", ".join(theorem.axioms) or "none"
        if theorem.bodyless:
            axioms += f" (+ {theorem.bodyless} theorems of Lean's library without bodies)"
        as_asked = _text("yes", "green") if theorem.difference is None else _text("no", "red")
        table.add_row(_text(theorem.name), as_asked, _text(axioms))
    parts: list[RenderableType] = [head]
    if audit.problems:
        parts.append(_bullets(audit.problems))
    if audit.theorems:
        parts.append(table)
    return Group(*parts)


def render_build(built: Built) -> RenderableType:
    """Counts, and each message of Lean."""
    if built.environment is None:
        head = _text("FAILED", "bold red")
    else:
        head = _text("BUILT", "bold green")
    counts = _text(f"{len(built.compiled)} modules compiled, {len(built.cached)} as they were")
    messages = [d for d in built.diagnostics if d.severity is not Severity.INFO]
    return Group(head, counts, _bullets(map(str, messages)))


def render_doctor(findings: Iterable[Finding]) -> RenderableType:
    """One row for each thing that was looked at."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for finding in findings:
        mark = _text("ok", "green") if finding.fine else _text("no", "bold red")
        grid.add_row(mark, _text(finding.name), _text(finding.text))
    return grid


def _panel(verdict: Verdict) -> Panel:
    style = _STYLES[verdict.status]
    lines = [_text(words.headline(verdict), f"bold {style}"), _text(verdict.claim.title)]
    lines += [_text(verdict.claim.formula)]
    if verdict.claim.parameters:
        given = ", ".join(f"{name} = {value}" for name, value in verdict.claim.parameters)
        lines.append(_text(f"with {given}", "dim"))
    lines.append(_text(verdict.reason))
    title = _text(verdict.claim.name, "bold")
    return Panel(Group(*lines), title=title, title_align="left", border_style=style)


def _theorems(theorems: tuple[Declaration, ...]) -> list[RenderableType]:
    """The statements, with the namespace that they share said once."""
    namespaces = {t.name.rpartition(".")[0] for t in theorems}
    (shared,) = namespaces if len(namespaces) == 1 else ("",)
    heading = f"In Lean, namespace {shared}:" if shared else "In Lean:"
    parts: list[RenderableType] = [_text(heading)]
    for theorem in theorems:
        name = theorem.name.removeprefix(f"{shared}.")
        parts.append(_indented(_text(f"{theorem.kind} {name} :", "bold")))
        parts.append(_indented(_indented(_text(theorem.type))))
    return parts


def _evidence(evidence: Evidence) -> RenderableType:
    rows = []
    if evidence.samples:
        rows.append(("points", words.points(evidence)))
    if evidence.counterexample:
        rows.append(("fails at", words.counterexample(evidence.counterexample)))
    elif evidence.largest is not None:
        rows.append(("largest", words.short(evidence.largest)))
    if evidence.bound is not None:
        rows.append(("bound", words.short(evidence.bound)))
    return _indented(Group(_text(evidence.checked), _indented(_facts(rows))))


def _text(text: str, style: str = "") -> Text:
    return Text(words.printable(text), style)


def _facts(rows: Iterable[tuple[str, str]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for name, value in rows:
        grid.add_row(_text(name), _text(value))
    return grid


def _bullets(lines: Iterable[str]) -> RenderableType:
    return _indented(Group(*(_text(f"- {line}") for line in lines)))


def _indented(renderable: RenderableType) -> RenderableType:
    return Padding(renderable, (0, 0, 0, 2), expand=False)
