"""The main path on one page: a claim goes in, a verdict comes out.

    claim ─► cross-check ─► emit ─► audit ─► verdict

Each stage is a function from frozen values to others; all but Lean's kernel and the audit are
untrusted, and a wrong result of theirs can only end in open, never in a false proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from pyorch import claims
from pyorch.audit import audit
from pyorch.emit import emit, emit_certificate
from pyorch.errors import InputError, PyorchError, ServerOutOfMemory, ServerTimeout
from pyorch.lean.build import Built, library_modules, split_header, user_modules
from pyorch.lean.progress import Progress
from pyorch.lean.workbench import Workbench
from pyorch.model import (
    Audit,
    Claim,
    Emitted,
    Evidence,
    Status,
    Trust,
    Verdict,
    Witness,
)
from pyorch.nets.agreement import Point, middle
from pyorch.nets.certificate_file import (
    CertificateFile,
    problem_sha256,
    read_certificate,
    write_certificate,
)
from pyorch.nets.properties import SameClass
from pyorch.nets.split import LEAF, SplitCertificate
from pyorch.output import read_text, safe_name, write_text
from pyorch.resources import lean_dir
from pyorch.stages import (
    Clock,
    Say,
    above,
    below,
    compare_evaluations,
    establish,
    exact,
    library_for,
)

if TYPE_CHECKING:
    from pyorch.nets.attack import Witness as Gap
    from pyorch.nets.branch import SearchProgress, Splitting
    from pyorch.nets.network import CertificationProblem

__all__ = ["audit_file", "build", "certify", "check", "each", "prove", "ready", "refute", "verify"]

_NEARLY = Fraction(11, 10)  # the ratio of ε and the gap found at which no smaller ε is looked for
_FINEST = 1000  # how much smaller than by intervals on the whole box ε can be expected to become
_FEWEST = 8  # leaves with which it is worth beginning
_WORTH = Fraction(10, 9)  # by which a smaller ε is worth its leaves
_LEAF_TIERS = (Trust.KERNEL, Trust.COMPILED, Trust.EXACT)


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


def certify(
    problem: CertificationProblem,
    bench: Workbench,
    say: Say,
    *,
    time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Verdict:
    """Certify |teacher(x) − student(x)| ≤ ε on a box, or refute it, or find an ε that holds; or the
    property that is the problem's goal.

    Args:
        problem: the two networks, the box, and ε or None, or another goal.
        time_limit: seconds for the attack that looks for a large gap.
        progress: told how far the search for a way to split the box is.
    """
    from pyorch.certify_goals import certify_class, certify_outputs
    from pyorch.nets.attack import largest_gap
    from pyorch.nets.bounds import choose_prec, provable_epsilon, smallest_epsilon

    if isinstance(problem.goal, SameClass):
        return certify_class(problem, bench, say, time_limit=time_limit)
    if problem.goal is not None:
        return certify_outputs(problem, problem.goal, bench, say, time_limit=time_limit)
    clock = Clock(say)
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
    splitting = None
    if gap.gap <= epsilon and (problem.epsilon is None or epsilon < provable):
        splitting, gap = _split(problem, epsilon, gap, bench, clock, progress)
    certificate = splitting.certificate if splitting else None
    if certificate is not None:
        epsilon, precision = certificate.epsilon, certificate.prec
    verdict = Verdict(
        claim=_certificate_claim(problem, epsilon),
        status=Status.PROVED,
        trust=None,
        reason=f"|teacher − student| ≤ {exact(epsilon)} for every input in the box",
        evidence=(_gap_evidence(gap, epsilon, bench.config.seed),),
        details=_certificate_details(problem, epsilon, provable, gap),
    )
    if gap.gap > epsilon:
        with clock.stage("emit", "writing Lean"):
            emitted = emit_certificate(problem, epsilon=epsilon, prec=precision, refutation=gap)
        verdict = replace(
            verdict,
            status=Status.REFUTED,
            reason=f"an input in the box has a gap of {below(gap.gap)} > {exact(epsilon)}",
        )
        return establish(
            verdict, emitted, emitted.refutations, library_for(emitted, bench, clock), bench, clock
        )
    if certificate is None and epsilon < provable:
        return replace(
            verdict,
            status=Status.OPEN,
            reason=_why_open(epsilon, provable, gap, splitting),
            timings=tuple(clock.timings),
        )
    certificate = certificate or SplitCertificate(epsilon, precision, 0, LEAF)
    verdict = _check_certificate(verdict, problem, certificate, gap, bench, clock)
    if verdict.status is Status.PROVED and verdict.file is not None:
        saved = Path(verdict.file).with_suffix(".cert")
        write_certificate(saved, CertificateFile.of(problem, certificate))
        verdict = replace(verdict, details=(*verdict.details, ("certificate", str(saved))))
    return verdict


def verify(file: Path, against: CertificationProblem | None, bench: Workbench, say: Say) -> Verdict:
    """Check a certificate file again, without any search.

    The verdict is open where it does not prove what it claims, which may still be true.

    Args:
        against: the networks and the box that it should be about; by default its own are taken.

    Raises:
        InputError: it is not a certificate file, or was altered.
    """
    clock = Clock(say)
    content = read_certificate(file)
    problem, certificate = content.problem, content.certificate
    verdict = Verdict(
        claim=_certificate_claim(problem, certificate.epsilon),
        status=Status.PROVED,
        trust=None,
        reason=f"|teacher − student| ≤ {exact(certificate.epsilon)} for every input in the box",
        details=(
            ("boxes", str(certificate.leaves)),
            ("digest of networks and box", problem.sha256),
            ("said to be made from", f"{content.weights_file}, sha256 {content.weights_sha256}"),
        ),
    )
    if against is not None and problem_sha256(against) != problem.sha256:
        reason = f"it is about other networks or another box than {against.source}"
        return replace(verdict, status=Status.OPEN, reason=reason)
    with clock.stage("exact check", "checking the bounds in exact arithmetic"):
        failing = certificate.first_failure(problem)
    if failing is not None:
        reason = f"its bounds do not prove ε on box {failing} of {certificate.leaves}"
        return replace(verdict, status=Status.OPEN, reason=reason, timings=tuple(clock.timings))
    return _check_certificate(verdict, problem, certificate, middle(problem.box), bench, clock)


def _check_certificate(
    verdict: Verdict,
    problem: CertificationProblem,
    certificate: SplitCertificate,
    point: Point,
    bench: Workbench,
    clock: Clock,
) -> Verdict:
    """Have Lean check it, and compare Lean's evaluation of the networks, at a point and others."""
    leaves = certificate.leaves
    with clock.stage("emit", "writing Lean"):
        emitted = emit_certificate(
            problem,
            epsilon=certificate.epsilon,
            prec=certificate.prec,
            split=certificate if leaves > 1 else None,
        )
    if leaves > 1:
        verdict = _establish_leaves(verdict, problem, certificate, emitted, bench, clock)
    else:
        verdict = establish(
            verdict, emitted, emitted.theorems, library_for(emitted, bench, clock), bench, clock
        )
    if verdict.status is Status.PROVED and verdict.trust is not Trust.EXACT:
        verdict = compare_evaluations(verdict, problem, emitted, point, bench, clock)
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


def _split(
    problem: CertificationProblem,
    epsilon: Fraction,
    gap: Gap,
    bench: Workbench,
    clock: Clock,
    progress: Callable[[Progress], None] | None,
) -> tuple[Splitting | None, Gap]:
    """Bisect the box where the bounds on the whole do not suffice, or prove too large an ε.

    Returns:
        What came of it, None where it is not worth its leaves; and the largest gap known now.
    """
    from pyorch.nets.attack import largest_gap
    from pyorch.nets.branch import Budget
    from pyorch.nets.splitting import MAX_LEAVES, kernel_leaves, split_box

    config = bench.config
    most = MAX_LEAVES
    if problem.epsilon is None:
        # nothing is gained where the gap found is nearly ε, or where Lean has no time for leaves
        most = kernel_leaves(problem, config.budget)
        if epsilon <= gap.gap * _NEARLY or most < _FEWEST:
            return None, gap
    with clock.stage("split", "splitting the box"):
        splitting = split_box(
            problem,
            scale=max(gap.gap, epsilon / _FINEST),
            budget=Budget(config.budget, config.max_leaves or most),
            workers=config.workers,
            cache=config.cache,
            progress=None if progress is None else lambda found: progress(_progress(found)),
        )
        found = largest_gap(
            replace(problem, box=splitting.worst), seed=config.seed, stop_above=problem.epsilon
        )
    if found.gap > gap.gap:
        gap = replace(found, evaluations=gap.evaluations + found.evaluations)
    certificate = splitting.certificate
    if problem.epsilon is None and certificate and certificate.epsilon * _WORTH > epsilon:
        return None, gap
    return splitting, gap


def _establish_leaves(
    verdict: Verdict,
    problem: CertificationProblem,
    certificate: SplitCertificate,
    emitted: Emitted,
    bench: Workbench,
    clock: Clock,
) -> Verdict:
    """Have Lean check the leaves of a split box, as `establish`; or where they are too many for it
    and that is accepted, let our exact check of them stand."""
    from pyorch.nets.splitting import kernel_seconds

    leaves, seconds = certificate.leaves, kernel_seconds(problem, certificate.leaves)
    limit = bench.config.timeout
    why = f"Lean's kernel would need about {seconds:.0f} s for them, {limit:.0f} are allowed"
    if seconds <= limit:
        try:
            verdict = establish(
                verdict, emitted, emitted.theorems, library_for(emitted, bench, clock), bench, clock
            )
        except (ServerTimeout, ServerOutOfMemory) as error:
            why = str(error)
        else:
            return _with_leaves(verdict, leaves)
    file = bench.config.output / safe_name(verdict.claim.name, verdict.claim.parameters)
    with clock.stage("save", "saving"):
        write_text(file, emitted.text)
    verdict = replace(verdict, file=str(file), timings=tuple(clock.timings))
    if Trust.EXACT.at_least(bench.config.trust):
        with clock.stage("exact check", "checking every box in exact arithmetic"):
            failing = certificate.first_failure(problem)  # whatever a search or its log said
        verdict = replace(verdict, timings=tuple(clock.timings))
        if failing is None:
            return _with_leaves(replace(verdict, trust=Trust.EXACT), leaves)
        reason = f"its bounds do not prove ε on box {failing} of {leaves}"
        return replace(verdict, status=Status.OPEN, reason=reason)
    return replace(
        verdict,
        status=Status.OPEN,
        reason=(
            f"exact arithmetic proves it on {leaves} boxes, but {why}: raise --timeout, or "
            "accept --trust exact"
        ),
    )


def _with_leaves(verdict: Verdict, leaves: int) -> Verdict:
    """Say how many boxes were checked, and by what."""
    if verdict.trust is None:
        return verdict
    tiers = (f"{tier} {leaves if tier is verdict.trust else 0}" for tier in _LEAF_TIERS)
    return replace(verdict, details=(*verdict.details, ("boxes by tier", ", ".join(tiers))))


def _why_open(epsilon: Fraction, provable: Fraction, gap: Gap, splitting: Splitting | None) -> str:
    reason = f"interval bounds prove {above(provable)}, not {exact(epsilon)}"
    advice = "try a smaller box or a larger ε"
    if splitting is not None:
        reason += (
            f"; on {splitting.proved} parts of the box, {100 * splitting.volume:.3g} % of it, they "
            f"do, on {splitting.open} not yet"
        )
        advice = "run it again to go on, with a larger --budget, or try a smaller box or a larger ε"
    return f"{reason}; the largest gap found is {below(gap.gap)}: {advice}"


def _progress(found: SearchProgress) -> Progress:
    stage = f"splitting the box: {found.proved} parts proved, {found.open} open"
    return Progress(f"{stage}, ε {found.epsilon:.3g}", int(1000 * found.volume), 1000)


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
        f"{below(gap.gap)} > {exact(epsilon)}",
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
        ("epsilon", exact(epsilon)),
        ("provable by intervals", above(provable)),
        ("largest gap found", below(gap.gap)),
        ("ratio", ratio),
        ("weights sha256", problem.sha256),
    )
