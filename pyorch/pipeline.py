"""The main path on one page: a claim goes in, a verdict comes out.

    claim ─► cross-check ─► emit ─► audit ─► verdict

Each stage is a function from frozen values to others; all but Lean's kernel and the audit are
untrusted, and a wrong result of theirs can only end in open, never in a false proved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from pyorch import claims
from pyorch.audit import audit
from pyorch.emit import emit, emit_certificate
from pyorch.errors import InputError, PyorchError
from pyorch.lean.build import Built, library_modules, split_header, user_modules
from pyorch.lean.progress import Progress
from pyorch.lean.protocol import Environment
from pyorch.lean.workbench import Workbench
from pyorch.model import (
    Audit,
    Claim,
    Emitted,
    Evidence,
    Status,
    Timing,
    Trust,
    Verdict,
    Witness,
)
from pyorch.nets.bounds import round_down, round_up
from pyorch.output import read_text, safe_name, write_text
from pyorch.resources import lean_dir

if TYPE_CHECKING:
    from pyorch.nets.attack import Witness as Gap
    from pyorch.nets.network import CertificationProblem

__all__ = ["audit_file", "build", "certify", "check", "each", "prove", "ready", "refute"]

Say = Callable[[str], None]


class _Clock:
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


def check(name: str, parameters: Sequence[str], bench: Workbench, say: Say) -> Verdict:
    """Cross-check a claim numerically; no Lean.

    The status is open where nothing was found against it: sampling proves nothing. With the default
    parameters each false claim of a seed document must have its counterexample.
    """
    from pyorch.numeric import cross_check

    clock = _Clock(say)
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

    clock = _Clock(say)
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
    environment = _ready(emitted, bench, clock)
    with ThreadPoolExecutor(1) as beside:  # SymPy takes half a second to load; Lean works meanwhile
        symbolic = beside.submit(check_symbolically, instance.forms, seed=config.seed)
        verdict = _establish(verdict, emitted, emitted.theorems, environment, bench, clock)
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

    clock = _Clock(say)
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
    return _establish(
        verdict, emitted, emitted.refutations, _ready(emitted, bench, clock), bench, clock
    )


def certify(
    problem: CertificationProblem, bench: Workbench, say: Say, *, time_limit: float | None = None
) -> Verdict:
    """Certify |teacher(x) − student(x)| ≤ ε on a box, or refute it, or find an ε that holds.

    Args:
        problem: the two networks, the box, and ε or None.
        time_limit: seconds for the attack that looks for a large gap.
    """
    from pyorch.nets.attack import largest_gap
    from pyorch.nets.bounds import choose_prec, provable_epsilon, smallest_epsilon

    clock = _Clock(say)
    with clock.stage("attack", "looking for a large gap"):
        gap = largest_gap(
            problem,
            seed=bench.config.seed,
            time_limit=time_limit,
            stop_above=problem.epsilon,
        )
    with clock.stage("bounds", "bounding the difference"):
        precision = choose_prec(problem)
        provable = provable_epsilon(problem, precision)
        epsilon = problem.epsilon
        if epsilon is None:
            epsilon = smallest_epsilon(problem, precision)
    claim = _certificate_claim(problem, epsilon)
    evidence = (_gap_evidence(gap, epsilon, bench.config.seed),)
    details = _certificate_details(problem, epsilon, provable, gap)
    verdict = Verdict(
        claim=claim,
        status=Status.PROVED,
        trust=None,
        reason=f"|teacher − student| ≤ {_exact(epsilon)} for every input in the box",
        evidence=evidence,
        details=details,
    )
    if gap.gap > epsilon:
        with clock.stage("emit", "writing Lean"):
            emitted = emit_certificate(problem, epsilon=epsilon, prec=precision, refutation=gap)
        verdict = replace(
            verdict,
            status=Status.REFUTED,
            reason=f"an input in the box has a gap of {_below(gap.gap)} > {_exact(epsilon)}",
        )
        return _establish(
            verdict, emitted, emitted.refutations, _ready(emitted, bench, clock), bench, clock
        )
    if provable > epsilon:
        return replace(
            verdict,
            status=Status.OPEN,
            reason=(
                f"interval bounds prove {_above(provable)}, not {_exact(epsilon)}; the largest "
                f"gap found is {_below(gap.gap)}: try a smaller box or a larger ε"
            ),
            timings=tuple(clock.timings),
        )
    with clock.stage("emit", "writing Lean"):
        emitted = emit_certificate(problem, epsilon=epsilon, prec=precision)
    verdict = _establish(
        verdict, emitted, emitted.theorems, _ready(emitted, bench, clock), bench, clock
    )
    if verdict.status is Status.PROVED:
        verdict = _compare_evaluations(verdict, problem, emitted, gap, bench, clock)
    return verdict


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
    limits = bench.limits
    given_text = read_text(file)
    asked_text = given_text if asked is None else read_text(asked)
    imports, body = split_header(asked_text, str(asked or file))
    more, _ = split_header(given_text, str(file))
    say("making the library ready")
    environment = bench.library((*imports, *more))
    server = bench.server()
    say("auditing")
    if not theorems:
        result = server.elaborate(body, environment, file=str(asked or file), limits=limits)
        theorems = tuple(d.name for d in result.declarations if d.kind == "theorem")
        if not theorems and not result.refused and not result.errors:
            raise InputError(asked or file, "", "declares no theorem")
    report, _ = audit(
        server,
        asked=asked_text,
        given=given_text,
        theorems=theorems,
        environment=environment,
        file=str(file),
        required=bench.config.trust,
        limits=limits,
    )
    return report


def build(paths: tuple[Path, ...], bench: Workbench, say: Say) -> Built:
    """Compile the theorem library, and the Lean files at ``paths`` on top of it."""
    extra = tuple(module for path in paths for module in user_modules(path))
    say("building")
    return bench.build((*library_modules(lean_dir()), *extra) if extra else None)


# ---- stages that prove and certify share ---------------------------------------------------------


def _ready(emitted: Emitted, bench: Workbench, clock: _Clock) -> Environment:
    """The compiled modules that ``emitted`` imports, and a server that runs."""
    imports, _ = split_header(emitted.text, "emitted file")
    with clock.stage("library", "making the library ready"):
        bench.server()
        return bench.library(imports)


def _establish(
    verdict: Verdict,
    emitted: Emitted,
    theorems: tuple[str, ...],
    environment: Environment,
    bench: Workbench,
    clock: _Clock,
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


def _compare_evaluations(
    verdict: Verdict,
    problem: CertificationProblem,
    emitted: Emitted,
    gap: Gap,
    bench: Workbench,
    clock: _Clock,
) -> Verdict:
    """Does Lean mean the same networks as NumPy? A theorem about others is worth nothing."""
    from pyorch.nets.agreement import compare_with_lean

    imports, _ = split_header(emitted.asked, "emitted file")
    environment = bench.library((*imports, "PyOrch.Net.Exact"))
    with clock.stage("agreement", "comparing Lean's evaluation with NumPy's"):
        comparison = compare_with_lean(problem, emitted, gap, bench.server(), environment)
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


def _certificate_claim(problem: CertificationProblem, epsilon: Fraction) -> Claim:
    teacher = "→".join(map(str, problem.teacher.widths))
    student = "→".join(map(str, problem.student.widths))
    return Claim(
        name="distillation_certificate",
        title=f"Teacher {teacher} and student {student} agree on a box",
        formula="|teacher(x)ᵢ − student(x)ᵢ| ≤ ε for every x in the box and every output i",
        parameters=(
            ("weights", Path(problem.source).name),
            ("sha256", problem.sha256),
            ("epsilon", str(epsilon)),
        ),
    )


def _gap_evidence(gap: Gap, epsilon: Fraction, seed: int) -> Evidence:
    witness = Witness(
        tuple((f"x[{i}]", value) for i, value in enumerate(gap.coordinates)),
        f"output {gap.output}: |{float(gap.teacher):.6g} − {float(gap.student):.6g}| ≈ "
        f"{_below(gap.gap)} > {_exact(epsilon)}",
    )
    return Evidence(
        checked="random and gradient attack on the gap",
        samples=gap.evaluations,
        seed=seed,
        largest=gap.gap,
        bound=epsilon,
        counterexample=witness if gap.gap > epsilon else None,
    )


def _certificate_details(
    problem: CertificationProblem, epsilon: Fraction, provable: Fraction, gap: Gap
) -> tuple[tuple[str, str], ...]:
    ratio = "–" if gap.gap == 0 else f"{float(epsilon / gap.gap):.3g}"
    return (
        ("epsilon", _exact(epsilon)),
        ("provable by intervals", _above(provable)),
        ("largest gap found", _below(gap.gap)),
        ("ratio", ratio),
        ("weights sha256", problem.sha256),
    )


# Numbers in words are rounded to the side on which what is said stays true.


def _exact(bound: Fraction) -> str:
    """A bound as a decimal where it is a short one, else as a fraction, else rounded up."""
    shortened = round_up(bound, 12)
    if shortened == bound:
        return f"{float(bound):.12g}"
    return str(bound) if len(str(bound)) <= 20 else _above(bound)


def _above(bound: Fraction) -> str:
    return f"{float(round_up(bound, 6)):.6g}"


def _below(found: Fraction) -> str:
    return f"{float(round_down(found, 6)):.6g}"
