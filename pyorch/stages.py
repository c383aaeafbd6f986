"""Stages that all verdicts share: time, the library, Lean's check, and the networks' agreement."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from pyorch.audit import audit
from pyorch.lean.build import split_header
from pyorch.lean.progress import Progress
from pyorch.lean.protocol import Environment
from pyorch.lean.workbench import Workbench
from pyorch.model import Emitted, Status, Timing, Trust, Verdict
from pyorch.nets.bounds import round_down, round_up
from pyorch.output import safe_name, write_text

if TYPE_CHECKING:
    from pyorch.nets.agreement import Point
    from pyorch.nets.branch import SearchProgress
    from pyorch.nets.goal_certificate import GoalCertificate
    from pyorch.nets.network import CertificationProblem
    from pyorch.nets.split import SplitCertificate

__all__ = [
    "Clock",
    "Say",
    "above",
    "below",
    "compare_evaluations",
    "establish",
    "exact",
    "fill_holes",
    "library_for",
    "save_certificate",
    "split_progress",
    "with_tiers",
]

_BOX_TIERS = (Trust.KERNEL, Trust.COMPILED, Trust.EXACT)

Say = Callable[[str], None]


class Clock:
    """Says what a stage does, and how long each took."""

    def __init__(self, say: Say) -> None:
        self.timings: list[Timing] = []
        self._say = say

    @contextmanager
    def stage(self, name: str, message: str) -> Iterator[None]:
        self._say(message)
        start = time.perf_counter()
        try:
            yield
        finally:
            self.timings.append(Timing(name, time.perf_counter() - start))


def library_for(emitted: Emitted, bench: Workbench, clock: Clock) -> Environment:
    """The compiled modules that ``emitted`` imports, and a server that runs."""
    imports, _ = split_header(emitted.text, "emitted file")
    with clock.stage("library", "making the library ready"):
        bench.server()
        return bench.library(imports)


def fill_holes(
    emitted: Emitted, environment: Environment, bench: Workbench, clock: Clock
) -> Emitted:
    """Search for the proofs that a template leaves open; what is not found stays ``sorry``."""
    if "sorry" not in emitted.text:
        return emitted
    from pyorch.search.closing import close_text
    from pyorch.search.proposals import suggester_for
    from pyorch.search.report import SECONDS, SearchOptions
    from pyorch.search.result import Budget

    config = bench.config
    budget = Budget(config.budget or SECONDS, config.tactics, config.nodes)
    with clock.stage("search", "searching for proofs"):
        closing = close_text(
            emitted.text,
            "emitted file",
            environment,
            bench.server(),
            suggester_for(environment, bench, lambda _: None),
            SearchOptions(budget, seed=config.seed, disprove=False, trust=config.trust),
            limits=bench.limits,
            logs=config.cache / "search",
        )
    return replace(emitted, text=closing.text)


def establish(
    verdict: Verdict,
    emitted: Emitted,
    theorems: tuple[str, ...],
    environment: Environment,
    bench: Workbench,
    clock: Clock,
) -> Verdict:
    """Have Lean check ``theorems`` of ``emitted``, and save the file.

    ``verdict`` says what holds if the audit passes; what comes back says what does hold.
    """
    config = bench.config
    server = bench.server()
    file = config.output / safe_name(verdict.claim.name, verdict.claim.parameters)
    with clock.stage("audit", "Lean is checking"):
        report, result = audit(
            server,
            asked=emitted.asked,
            given=emitted.text,
            theorems=theorems,
            environment=environment,
            file=str(file),
            required=config.trust,
            limits=bench.limits,
            kernel_once=True,
        )
    with clock.stage("save", "saving"):
        write_text(file, emitted.text)
    declared = {d.name: d for d in result.declarations}
    declarations = [
        replace(declared[t.name], axioms=t.axioms, bodyless=t.bodyless)
        for t in report.theorems
        if t.name in declared
    ]
    verdict = replace(
        verdict,
        theorems=tuple(declarations),
        diagnostics=tuple(d for d in result.diagnostics if d.severity is not d.severity.INFO),
        audit=report,
        toolchain=server.toolchain,
        file=str(file),
        timings=tuple(clock.timings),
    )
    if report.passed:
        return replace(verdict, trust=report.trust)
    return replace(verdict, status=Status.OPEN, trust=None, reason=report.problems[0])


def compare_evaluations(
    verdict: Verdict,
    problem: CertificationProblem,
    emitted: Emitted,
    point: Point,
    bench: Workbench,
    clock: Clock,
) -> Verdict:
    """Does Lean mean the same networks as NumPy? A theorem about others is worth nothing."""
    from pyorch.nets.agreement import compare_with_lean

    imports, _ = split_header(emitted.asked, "emitted file")
    environment = bench.library((*imports, "PyOrch.Net.Exact"))
    with clock.stage("agreement", "comparing Lean's evaluation with NumPy's"):
        comparison = compare_with_lean(problem, emitted, point, bench.server(), environment)
    timings = tuple(clock.timings)
    if comparison.disagreement is not None:
        return replace(
            verdict,
            status=Status.ERROR,
            trust=None,
            reason=f"Lean and NumPy evaluate the networks differently: {comparison.disagreement}",
            timings=timings,
        )
    return replace(
        verdict, details=(*verdict.details, ("agreement", comparison.text)), timings=timings
    )


def save_certificate(
    verdict: Verdict,
    problem: CertificationProblem,
    certificate: SplitCertificate | GoalCertificate,
) -> Verdict:
    """Write the certificate file of a claim that is proved, beside the Lean file."""
    from pyorch.nets.certificate_file import CertificateFile, write_certificate

    if verdict.status is not Status.PROVED or verdict.file is None:
        return verdict
    saved = Path(verdict.file).with_suffix(".cert")
    write_certificate(saved, CertificateFile.of(problem, certificate))
    return replace(verdict, details=(*verdict.details, ("certificate", str(saved))))


def split_progress(
    progress: Callable[[Progress], None] | None,
) -> Callable[[SearchProgress], None] | None:
    """What tells of the search for a way to split a box."""
    if progress is None:
        return None

    def report(found: SearchProgress) -> None:
        bound = "" if found.epsilon is None else f", ε {found.epsilon:.3g}"
        stage = f"splitting the box: {found.proved} parts proved, {found.open} open{bound}"
        progress(Progress(stage, int(1000 * found.volume), 1000))

    return report


def with_tiers(verdict: Verdict, boxes: int) -> Verdict:
    """Say how many boxes were checked, and by what."""
    if verdict.trust is None:
        return verdict
    tiers = (f"{tier} {boxes if tier is verdict.trust else 0}" for tier in _BOX_TIERS)
    return replace(verdict, details=(*verdict.details, ("boxes by tier", ", ".join(tiers))))


# Numbers in words are rounded to the side on which what is said stays true.


def exact(bound: Fraction) -> str:
    """A bound as a decimal where it is a short one, else as a fraction, else rounded up."""
    shortened = round_up(bound, 12)
    if shortened == bound:
        return f"{float(bound):.12g}"
    return str(bound) if len(str(bound)) <= 20 else above(bound)


def above(bound: Fraction) -> str:
    """A decimal that is no smaller."""
    return f"{float(round_up(bound, 6)):.6g}" if bound >= 0 else f"-{below(-bound)}"


def below(found: Fraction) -> str:
    """A decimal that is no larger."""
    return f"{float(round_down(found, 6)):.6g}" if found >= 0 else f"-{above(-found)}"
