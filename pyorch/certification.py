"""Distillation certificates: two networks and a box go in, a verdict comes out.

    networks ─► attack ─► bounds ─► split ─► emit ─► audit ─► verdict

As in `pipeline`, whatever is wrong before the audit can only end in open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from pyorch.emit import emit_certificate
from pyorch.errors import ServerCrashed, ServerOutOfMemory, ServerTimeout
from pyorch.goal_claims import by_method, check_goal, goal_claim, why_proved
from pyorch.lean.progress import Progress
from pyorch.lean.workbench import Workbench
from pyorch.model import Claim, Emitted, Evidence, Status, Trust, Verdict, Witness
from pyorch.nets.agreement import Point, middle
from pyorch.nets.certificate_file import problem_sha256, read_certificate
from pyorch.nets.goal_certificate import GoalCertificate, method_of
from pyorch.nets.properties import SameClass
from pyorch.nets.split import LEAF, SplitCertificate
from pyorch.output import safe_name, write_text
from pyorch.stages import (
    Clock,
    Say,
    above,
    below,
    compare_evaluations,
    establish,
    exact,
    library_for,
    save_certificate,
    split_progress,
    with_tiers,
)

if TYPE_CHECKING:
    from pyorch.nets.attack import Witness as Gap
    from pyorch.nets.branch import Splitting
    from pyorch.nets.network import CertificationProblem

__all__ = ["certify", "verify"]

_NEARLY = Fraction(11, 10)  # the ratio of ε and the gap found at which no smaller ε is looked for
_FINEST = 1000  # how much smaller than by intervals on the whole box ε can be expected to become
_FEWEST = 8  # leaves with which it is worth beginning
_FAR = 2.0  # how many times ε the reach of splitting may be for it to be tried
_WORTH = Fraction(10, 9)  # by which a smaller ε is worth its leaves
_BUDGET = 15.0  # seconds of search for a way to split the box


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
    from pyorch.certify_class import certify_class
    from pyorch.certify_outputs import certify_outputs
    from pyorch.nets.attack import largest_gap
    from pyorch.nets.bounds import choose_prec, provable_epsilon, smallest_epsilon

    if isinstance(problem.goal, SameClass):
        return certify_class(problem, bench, say, time_limit=time_limit, progress=progress)
    if problem.goal is not None:
        return certify_outputs(
            problem, problem.goal, bench, say, time_limit=time_limit, progress=progress
        )
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
    certificate = SplitCertificate(epsilon, precision, 0, LEAF) if epsilon >= provable else None
    loose = certificate is None if problem.epsilon else epsilon > gap.gap * _NEARLY
    if gap.gap <= epsilon and loose:
        dual = _by_duality(problem, clock)
        if dual is not None and problem.epsilon is None:
            better = dual.epsilon * _WORTH <= epsilon
            epsilon, certificate = (dual.epsilon, dual) if better else (epsilon, certificate)
        elif dual is not None and certificate is None and dual.epsilon <= epsilon:
            certificate = replace(dual, epsilon=epsilon)
    splitting = None
    wanted = (
        certificate is None if problem.epsilon else _in_reach(problem, epsilon, provable, bench)
    )
    if gap.gap <= epsilon and wanted:
        splitting, gap = _split(problem, epsilon, gap, bench, clock, progress)
    if splitting is not None and splitting.certificate is not None:
        certificate = splitting.certificate
    if certificate is not None:
        epsilon, precision = certificate.epsilon, certificate.prec
    verdict = Verdict(
        claim=_certificate_claim(problem, epsilon),
        status=Status.PROVED,
        trust=None,
        reason=_why_proved(epsilon),
        evidence=(_gap_evidence(gap, epsilon, bench.config.seed),),
        details=_certificate_details(problem, epsilon, provable, gap, certificate),
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
    if certificate is None:
        return replace(
            verdict,
            status=Status.OPEN,
            reason=_why_open(epsilon, provable, gap, splitting),
            timings=tuple(clock.timings),
        )
    verdict = _check_certificate(verdict, problem, certificate, gap, bench, clock)
    return save_certificate(verdict, problem, certificate)


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
    if isinstance(certificate, GoalCertificate):
        claim, reason = goal_claim(problem, certificate.claim), why_proved(certificate.claim)
    else:
        claim = _certificate_claim(problem, certificate.epsilon)
        reason = _why_proved(certificate.epsilon)
    verdict = Verdict(
        claim=claim,
        status=Status.PROVED,
        trust=None,
        reason=reason,
        details=(
            ("boxes", str(certificate.leaves)),
            *by_method(certificate),
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
        reason = f"its bounds do not prove what it claims on box {failing} of {certificate.leaves}"
        return replace(verdict, status=Status.OPEN, reason=reason, timings=tuple(clock.timings))
    if isinstance(certificate, GoalCertificate):
        return check_goal(verdict, problem, certificate, middle(problem.box), bench, clock)
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
            dual=certificate.dual,
        )
    if leaves > 1 or certificate.dual is not None:
        verdict = _establish_leaves(verdict, problem, certificate, emitted, bench, clock)
    else:
        verdict = establish(
            verdict, emitted, emitted.theorems, library_for(emitted, bench, clock), bench, clock
        )
    if verdict.status is Status.PROVED and verdict.trust is not Trust.EXACT:
        verdict = compare_evaluations(verdict, problem, emitted, point, bench, clock)
    return verdict


def _by_duality(problem: CertificationProblem, clock: Clock) -> SplitCertificate | None:
    """The best certificate by linear relaxation on the whole box, if Lean has time for one."""
    from pyorch.nets.bounds import round_up
    from pyorch.nets.dual_search import KERNEL_WORK, search_dual

    with clock.stage("relaxation", "relaxing the networks linearly"):
        found = search_dual(problem, most=KERNEL_WORK)
    if found is None:
        return None
    epsilon = round_up(found.epsilon, 4)
    return SplitCertificate(epsilon, found.certificate.prec, 0, LEAF, found.certificate)


def _in_reach(
    problem: CertificationProblem, epsilon: Fraction, provable: Fraction, bench: Workbench
) -> bool:
    """Whether intervals on parts of the box can be expected to prove ε or nearly: their bounds
    shrink as the sides of the parts do, with the root of their number."""
    from pyorch.nets.splitting import kernel_leaves

    leaves = max(kernel_leaves(problem, bench.config.budget or _BUDGET), 1)
    reach: float = float(provable) / leaves ** (1 / problem.box.dim)
    return reach <= _FAR * float(epsilon)


def _split(
    problem: CertificationProblem,
    epsilon: Fraction,
    gap: Gap,
    bench: Workbench,
    clock: Clock,
    progress: Callable[[Progress], None] | None,
) -> tuple[Splitting[SplitCertificate] | None, Gap]:
    """Bisect the box where the bounds on the whole do not suffice, or prove too large an ε.

    Returns:
        What came of it, None where it is not worth its leaves; and the largest gap known now.
    """
    from pyorch.nets.attack import largest_gap
    from pyorch.nets.branch import Budget
    from pyorch.nets.splitting import MAX_LEAVES, kernel_leaves, split_box

    config = bench.config
    budget = config.budget or _BUDGET
    most = MAX_LEAVES
    if problem.epsilon is None:
        # nothing is gained where the gap found is nearly ε, or where Lean has no time for leaves
        most = kernel_leaves(problem, budget)
        if epsilon <= gap.gap * _NEARLY or most < _FEWEST:
            return None, gap
    with clock.stage("split", "splitting the box"):
        splitting = split_box(
            problem,
            scale=max(gap.gap, epsilon / _FINEST),
            budget=Budget(budget, config.max_leaves or most),
            workers=config.workers,
            cache=config.cache,
            progress=split_progress(progress),
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

    leaves = certificate.leaves
    seconds = 0.0 if certificate.dual is not None else kernel_seconds(problem, leaves)
    limit = bench.config.timeout
    why = f"Lean's kernel would need about {seconds:.0f} s for them, {limit:.0f} are allowed"
    if seconds <= limit:
        try:
            verdict = establish(
                verdict, emitted, emitted.theorems, library_for(emitted, bench, clock), bench, clock
            )
        except (ServerCrashed, ServerTimeout, ServerOutOfMemory) as error:
            why = str(error)
        else:
            return with_tiers(verdict, leaves)
    file = bench.config.output / safe_name(verdict.claim.name, verdict.claim.parameters)
    with clock.stage("save", "saving"):
        write_text(file, emitted.text)
    verdict = replace(verdict, file=str(file), timings=tuple(clock.timings))
    if Trust.EXACT.at_least(bench.config.trust):
        with clock.stage("exact check", "checking every box in exact arithmetic"):
            failing = certificate.first_failure(problem)  # whatever a search or its log said
        verdict = replace(verdict, timings=tuple(clock.timings))
        if failing is None:
            return with_tiers(replace(verdict, trust=Trust.EXACT), leaves)
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


def _why_open(
    epsilon: Fraction, provable: Fraction, gap: Gap, splitting: Splitting[SplitCertificate] | None
) -> str:
    reason = f"interval bounds prove {above(provable)}, not {exact(epsilon)}"
    advice = "try a smaller box or a larger ε"
    if splitting is not None:
        reason += (
            f"; on {splitting.proved} parts of the box, {100 * splitting.volume:.3g} % of it, they "
            f"do, on {splitting.open} not yet"
        )
        advice = "run it again to go on, with a larger --budget, or try a smaller box or a larger ε"
    return f"{reason}; the largest gap found is {below(gap.gap)}: {advice}"


def _why_proved(epsilon: Fraction) -> str:
    return f"|teacher − student| ≤ {exact(epsilon)} for every input in the box"


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
    problem: CertificationProblem,
    epsilon: Fraction,
    provable: Fraction,
    gap: Gap,
    certificate: SplitCertificate | None,
) -> tuple[tuple[str, str], ...]:
    ratio = "–" if gap.gap == 0 else f"{float(epsilon / gap.gap):.3g}"
    return (
        ("epsilon", exact(epsilon)),
        *([] if certificate is None else [("method", _method(certificate))]),
        ("provable by intervals", above(provable)),
        ("largest gap found", below(gap.gap)),
        ("ratio", ratio),
        ("weights sha256", problem.sha256),
    )


def _method(certificate: SplitCertificate) -> str:
    if certificate.leaves > 1:
        return f"intervals on {certificate.leaves} parts of the box"
    return method_of(certificate.dual)
