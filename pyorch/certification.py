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
from pyorch.epsilon_search import NEARLY, WORTH, by_duality, in_reach, split, split_by_duality
from pyorch.errors import ServerCrashed, ServerOutOfMemory, ServerTimeout
from pyorch.goal_claims import (
    by_method,
    check_goal,
    goal_claim,
    how_far,
    how_proved,
    why_proved,
)
from pyorch.lean.progress import Progress
from pyorch.lean.workbench import Workbench
from pyorch.model import Emitted, Evidence, Status, Trust, Verdict, Witness
from pyorch.nets.agreement import Point, middle
from pyorch.nets.certificate_file import problem_sha256, read_certificate
from pyorch.nets.goal_certificate import GoalCertificate, GoalClaim, OneTolerance
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
    with_tiers,
)

if TYPE_CHECKING:
    from pyorch.nets.attack import Witness as Gap
    from pyorch.nets.branch import Splitting
    from pyorch.nets.network import CertificationProblem

__all__ = ["certify", "verify"]


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
    loose = certificate is None if problem.epsilon else epsilon > gap.gap * NEARLY
    if gap.gap <= epsilon and loose:
        dual = by_duality(problem, clock)
        if dual is not None and problem.epsilon is None:
            better = dual.epsilon * WORTH <= epsilon
            epsilon, certificate = (dual.epsilon, dual) if better else (epsilon, certificate)
        elif dual is not None and certificate is None and dual.epsilon <= epsilon:
            certificate = replace(dual, epsilon=epsilon)
    splitting = None
    wanted = certificate is None if problem.epsilon else in_reach(problem, epsilon, provable, bench)
    if gap.gap <= epsilon and wanted:
        splitting, gap = split(problem, epsilon, gap, bench, clock, progress)
    if splitting is not None and splitting.certificate is not None:
        certificate = splitting.certificate
    if certificate is not None:
        epsilon, precision = certificate.epsilon, certificate.prec
    duality = None
    if problem.epsilon is not None and splitting is not None and gap.gap <= epsilon:
        duality = split_by_duality(problem, epsilon, certificate, bench, clock, progress)
    proof = (duality and duality.certificate) or certificate
    verdict = Verdict(
        claim=goal_claim(problem, OneTolerance(epsilon)),
        status=Status.PROVED,
        trust=None,
        reason=why_proved(OneTolerance(epsilon)),
        evidence=(_gap_evidence(gap, epsilon, bench.config.seed),),
        details=_certificate_details(problem, epsilon, provable, gap, proof),
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
    if proof is None:
        return replace(
            verdict,
            status=Status.OPEN,
            reason=_why_open(epsilon, provable, gap, splitting, duality),
            timings=tuple(clock.timings),
        )
    verdict = _check_certificate(verdict, problem, proof, gap, bench, clock)
    return save_certificate(verdict, problem, proof)


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
        claim: GoalClaim = certificate.claim
    else:
        claim = OneTolerance(certificate.epsilon)
    verdict = Verdict(
        claim=goal_claim(problem, claim),
        status=Status.PROVED,
        trust=None,
        reason=why_proved(claim),
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
    return _check_certificate(verdict, problem, certificate, middle(problem.box), bench, clock)


def _check_certificate(
    verdict: Verdict,
    problem: CertificationProblem,
    certificate: SplitCertificate | GoalCertificate,
    point: Point,
    bench: Workbench,
    clock: Clock,
) -> Verdict:
    """Have Lean check it, and compare Lean's evaluation of the networks, at a point and others."""
    if isinstance(certificate, GoalCertificate):
        return check_goal(verdict, problem, certificate, point, bench, clock)
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
    epsilon: Fraction,
    provable: Fraction,
    gap: Gap,
    splitting: Splitting[SplitCertificate] | None,
    duality: Splitting[GoalCertificate] | None,
) -> str:
    reason = f"interval bounds prove {above(provable)}, not {exact(epsilon)}"
    advice = "try a smaller box or a larger ε"
    if splitting is not None:
        reason += how_far(splitting) + how_far(duality, "duality does")
        advice = "run it again to go on, with a larger --budget, or try a smaller box or a larger ε"
    return f"{reason}; the largest gap found is {below(gap.gap)}: {advice}"


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
    certificate: SplitCertificate | GoalCertificate | None,
) -> tuple[tuple[str, str], ...]:
    ratio = "–" if gap.gap == 0 else f"{float(epsilon / gap.gap):.3g}"
    return (
        ("epsilon", exact(epsilon)),
        *how_proved(certificate),
        ("provable by intervals", above(provable)),
        ("largest gap found", below(gap.gap)),
        ("ratio", ratio),
        ("weights sha256", problem.sha256),
    )
