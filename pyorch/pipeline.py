"""The main path on one page: a claim goes in, a verdict comes out.

    claim ─► cross-check ─► emit ─► audit ─► verdict

Each stage is a function from frozen values to others; all but Lean's kernel and the audit are
untrusted, and a wrong result of theirs can only end in open, never in a false proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pyorch import claims
from pyorch.audit import NO_THEOREM, audit
from pyorch.emit import emit
from pyorch.errors import InputError, PyorchError
from pyorch.lean.build import Built, library_modules, split_header
from pyorch.lean.progress import Progress
from pyorch.lean.sources import modules_at
from pyorch.lean.workbench import Workbench
from pyorch.model import (
    Audit,
    Claim,
    Status,
    Trust,
    Verdict,
)
from pyorch.output import read_text
from pyorch.resources import lean_dir
from pyorch.stages import (
    Clock,
    Say,
    establish,
    fill_holes,
    library_for,
)

if TYPE_CHECKING:
    pass

__all__ = ["audit_file", "build", "check", "each", "prove", "ready", "refute"]


def check(name: str, parameters: Sequence[str], bench: Workbench, say: Say) -> Verdict:
    """Cross-check a claim numerically; no Lean.

    The status is open where nothing was found against it: sampling proves nothing. With the default
    parameters each false claim of a seed document must have its counterexample.
    """
    from pyorch.numeric import cross_check

    clock = Clock(say)
    instance = claims.get(name).instantiate(parameters)
    with clock.stage("cross-check", f"checking {name} numerically"):
        checks = cross_check(instance, seed=bench.config.seed, samples=bench.config.samples)
    failure = checks.failure
    status = Status.OPEN if failure is None else Status.REFUTED
    missing = [seed.name for seed, _ in checks.seeds if seed.name not in checks.counterexamples]
    if failure is None and missing and not parameters:
        status = Status.ERROR
        failure = f"no counterexample to {', '.join(missing)} was found, said to be false"
    return Verdict(
        claim=instance.claim,
        status=status,
        trust=Trust.EXACT if status is Status.REFUTED else None,
        reason=failure or "no counterexample found; run `pyorch prove` for a proof",
        evidence=checks.evidence,
        timings=tuple(clock.timings),
    )


def prove(name: str, parameters: Sequence[str], bench: Workbench, say: Say) -> Verdict:
    """Prove a claim of the catalogue for concrete parameters, and refute its false seed form."""
    from pyorch.numeric import check_symbolically, cross_check

    clock = Clock(say)
    config = bench.config
    instance = claims.get(name).instantiate(parameters)
    with clock.stage("cross-check", f"checking {name} numerically"):
        checks = cross_check(instance, seed=config.seed, samples=config.samples, symbolic=False)
    verdict = Verdict(
        claim=instance.claim,
        status=Status.REFUTED,
        trust=Trust.EXACT,
        reason=checks.failure or "",
        evidence=checks.evidence,
        timings=tuple(clock.timings),
    )
    if checks.failure is not None:
        return verdict
    with clock.stage("emit", "writing Lean"):
        emitted = emit(instance, checks.counterexamples)
    main = [t for t in emitted.theorems if t not in emitted.refutations]
    reason = f"{len(main)} theorem{'s' if len(main) > 1 else ''} proved"
    if emitted.refutations:
        reason += "; the claim as the seed states it is refuted"
    verdict = replace(verdict, status=Status.PROVED, trust=None, reason=reason)
    environment = library_for(emitted, bench, clock)
    emitted = fill_holes(emitted, environment, bench, clock)
    with ThreadPoolExecutor(1) as beside:  # SymPy takes half a second to load; Lean works meanwhile
        symbolic = beside.submit(check_symbolically, instance.forms, seed=config.seed)
        verdict = establish(verdict, emitted, emitted.theorems, environment, bench, clock)
        checks = replace(checks, symbolic=symbolic.result())
    verdict = replace(verdict, evidence=checks.evidence)
    if checks.failure is not None:
        return replace(verdict, status=Status.ERROR, trust=None, reason=checks.failure)
    return verdict


def ready(bench: Workbench, say: Say) -> None:
    """Compile the whole library and load it once, for all claims to come."""
    say("making the library ready")
    bench.server()
    bench.library()


def each(
    task: Callable[[str], Verdict], names: Iterable[str], progress: Callable[[Progress], None]
) -> Iterator[Verdict]:
    """One claim after the other; what goes wrong with one is its verdict and stops no other.

    Args:
        task: `prove`, `refute` or `check` with everything but the name.
    """
    todo = tuple(names)
    for number, name in enumerate(todo):
        progress(Progress(name, number, len(todo)))
        try:
            yield task(name)
        except PyorchError as error:
            family = claims.get(name)
            yield Verdict(
                claim=Claim(name, family.title, family.formula),
                status=Status.ERROR,
                trust=None,
                reason=str(error),
            )


def refute(name: str, parameters: Sequence[str], bench: Workbench, say: Say) -> Verdict:
    """Prove the negation of a claim as a seed document states it.

    Args:
        name: of a family, whose false seed claims are all refuted, or of one seed claim.
    """
    from pyorch.numeric import cross_check

    clock = Clock(say)
    instance = claims.get(name).instantiate(parameters)
    config = bench.config
    false_seeds = claims.false_seeds(name)
    claim = replace(
        instance.claim,
        formula="; ".join(s.formula for s in false_seeds) or instance.claim.formula,
    )
    with clock.stage("cross-check", f"looking for a counterexample to {name}"):
        checks = cross_check(instance, seed=config.seed, samples=config.samples, symbolic=False)
    found = [(s, e) for s, e in checks.seeds if s in false_seeds]
    missing = [s.name for s, e in found if e.counterexample is None]
    if missing or not found:
        return Verdict(
            claim=claim,
            status=Status.OPEN,
            trust=None,
            reason=(
                f"no counterexample found to {', '.join(missing)}"
                if missing
                else "no seed document states it in a form that is known to be false"
            ),
            evidence=checks.evidence,
            timings=tuple(clock.timings),
        )
    witnesses = {s.name: e.counterexample for s, e in found if e.counterexample is not None}
    with clock.stage("emit", "writing Lean"):
        emitted = emit(instance, witnesses)
    verdict = Verdict(
        claim=claim,
        status=Status.REFUTED,
        trust=None,
        reason="false: " + "; ".join(w.explanation for w in witnesses.values()),
        evidence=tuple(e for _, e in found),
    )
    return establish(
        verdict, emitted, emitted.refutations, library_for(emitted, bench, clock), bench, clock
    )


def audit_file(
    file: Path, asked: Path | None, theorems: tuple[str, ...], bench: Workbench, say: Say
) -> Audit:
    """Audit a Lean file from anywhere against what was asked.

    Args:
        file: the file with the proofs.
        asked: the file that states the theorems; without it the statements are taken as they are,
            and only what they rest on is audited.
        theorems: those to audit; by default all that ``asked`` declares.

    Raises:
        InputError: a file cannot be read, or declares no theorem.
    """
    given_text = read_text(file)
    asked_text = given_text if asked is None else read_text(asked)
    imports, _ = split_header(asked_text, str(asked or file))
    more, _ = split_header(given_text, str(file))
    say("making the library ready")
    environment = bench.library((*imports, *more))
    say("auditing")
    report, _ = audit(
        bench.server(),
        asked=asked_text,
        given=given_text,
        theorems=theorems or None,
        environment=environment,
        file=str(file),
        required=bench.config.trust,
        limits=bench.limits,
    )
    if not theorems and report.problems == (NO_THEOREM,):
        raise InputError(asked or file, "", "declares no theorem")
    return report


def build(paths: tuple[Path, ...], bench: Workbench, say: Say, *, wfail: bool = False) -> Built:
    """Compile the theorem library, or a project in a folder, or Lean files on top of the library.

    Args:
        paths: one folder is a project, which Lake builds where there is Lake and a lakefile. A file
            is taken with the modules of its project that it imports.
        wfail: warnings are failures.
    """
    extra = modules_at(paths)
    say("building")
    if not paths:
        return bench.build(wfail=wfail)
    if len(paths) == 1 and paths[0].is_dir():
        return bench.build_project(paths[0], wfail=wfail)
    return bench.build((*library_modules(lean_dir()), *extra))
