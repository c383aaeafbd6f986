"""What is claimed of two networks, and Lean's check of it where it may be proved part by part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyorch.emit_properties import emit_goal_certificate
from pyorch.errors import ServerCrashed, ServerOutOfMemory, ServerTimeout
from pyorch.lean.progress import Progress
from pyorch.lean.workbench import Workbench
from pyorch.model import Claim, Emitted, Status, Trust, Verdict, Witness
from pyorch.nets.branch import Budget, Splitting
from pyorch.nets.goal_certificate import (
    ChosenClass,
    GoalCertificate,
    GoalClaim,
    OneTolerance,
    method_of,
)
from pyorch.nets.goal_splitting import most_leaves, split_goal
from pyorch.nets.split import Leaf, SplitCertificate
from pyorch.nets.splitting import MAX_LEAVES
from pyorch.output import safe_name, write_text
from pyorch.stages import (
    Clock,
    compare_evaluations,
    establish,
    exact,
    library_for,
    split_progress,
    with_tiers,
)

if TYPE_CHECKING:
    from fractions import Fraction

    from pyorch.nets.agreement import Point
    from pyorch.nets.attack import Witness as Gap
    from pyorch.nets.margins import ClassPoint
    from pyorch.nets.network import CertificationProblem

__all__ = [
    "advice",
    "by_method",
    "check_goal",
    "class_claim",
    "goal_claim",
    "how_far",
    "how_proved",
    "split_for",
    "why_proved",
    "witness",
]

_BUDGET = 15.0  # seconds of search for a way to split the box


def check_goal(
    verdict: Verdict,
    problem: CertificationProblem,
    certificate: GoalCertificate,
    point: Point,
    bench: Workbench,
    clock: Clock,
) -> Verdict:
    """Have Lean check it, and compare Lean's evaluation of the networks, at a point and others."""
    with clock.stage("emit", "writing Lean"):
        emitted = emit_goal_certificate(problem, certificate)
    limit, exact_enough = bench.config.timeout, Trust.EXACT.at_least(bench.config.trust)
    if exact_enough and certificate.leaves > max(most_leaves(problem, certificate.claim, limit), 1):
        why = f"Lean's kernel would need longer than {limit:.0f} s"
        verdict = _without_lean(verdict, problem, certificate, emitted, why, bench, clock)
    else:
        environment = library_for(emitted, bench, clock)
        try:
            verdict = establish(verdict, emitted, emitted.theorems, environment, bench, clock)
        except (ServerCrashed, ServerTimeout, ServerOutOfMemory) as error:
            why = str(error)
            verdict = _without_lean(verdict, problem, certificate, emitted, why, bench, clock)
    if certificate.leaves > 1:
        verdict = with_tiers(verdict, certificate.leaves)
    if verdict.status is Status.PROVED and verdict.trust is not Trust.EXACT:
        verdict = compare_evaluations(verdict, problem, emitted, point, bench, clock)
    return verdict


def _without_lean(
    verdict: Verdict,
    problem: CertificationProblem,
    certificate: GoalCertificate,
    emitted: Emitted,
    why: str,
    bench: Workbench,
    clock: Clock,
) -> Verdict:
    """Our exact check alone, where Lean gave up and that is accepted."""
    file = bench.config.output / safe_name(verdict.claim.name, verdict.claim.parameters)
    with clock.stage("save", "saving"):
        write_text(file, emitted.text)
    with clock.stage("exact check", "checking every box in exact arithmetic"):
        failing = certificate.first_failure(problem)
    verdict = replace(verdict, file=str(file), timings=tuple(clock.timings))
    if failing is not None:
        reason = f"its bounds do not prove what it claims on box {failing} of {certificate.leaves}"
        return replace(verdict, status=Status.OPEN, reason=reason)
    if Trust.EXACT.at_least(bench.config.trust):
        return replace(verdict, trust=Trust.EXACT)
    return replace(
        verdict,
        status=Status.OPEN,
        reason=(
            f"exact arithmetic proves it on {certificate.leaves} boxes, but {why}: raise"
            " --timeout, or accept --trust exact"
        ),
    )


def by_method(certificate: SplitCertificate | GoalCertificate) -> list[tuple[str, str]]:
    """The row that counts the boxes by the methods that prove them, where there are several."""
    if not isinstance(certificate, GoalCertificate) or certificate.leaves == 1:
        return []
    counted = certificate.methods().most_common()
    return [("boxes by method", ", ".join(f"{method} {count}" for method, count in counted))]


def goal_claim(problem: CertificationProblem, claim: GoalClaim) -> Claim:
    """The claim as a verdict shows it."""
    if isinstance(claim, ChosenClass):
        return class_claim(problem)
    if isinstance(claim, OneTolerance):
        return _claim(
            problem,
            "distillation_certificate",
            "agree on a box",
            "|teacher(x)ᵢ − student(x)ᵢ| ≤ ε for every x in the box and every output i",
            ("epsilon", str(claim.epsilon)),
        )
    which = "every output i" if claim.output is None else f"the output i = {claim.output}"
    return _claim(
        problem,
        "output_certificate",
        "agree on a box",
        f"|teacher(x)ᵢ − student(x)ᵢ| ≤ εᵢ for every x in the box and {which}",
        ("outputs", ", ".join(map(str, claim.by_output))),
        ("epsilon", ", ".join(map(str, claim.epsilons))),
    )


def class_claim(problem: CertificationProblem) -> Claim:
    """That both choose the same class, whichever it is."""
    return _claim(
        problem,
        "class_certificate",
        "choose the same class",
        "one output is strictly the greatest of teacher(x) and of student(x), for every x in the"
        " box",
    )


def why_proved(claim: GoalClaim) -> str:
    """What holds, once it is proved."""
    if isinstance(claim, ChosenClass):
        what = f"teacher and student choose class {claim.output}"
    elif isinstance(claim, OneTolerance):
        what = f"|teacher − student| ≤ {exact(claim.epsilon)}"
    elif claim.output is None:
        what = "|teacher − student| ≤ ε in each output, by its own tolerance,"
    else:
        what = f"|teacher − student| ≤ {exact(claim.epsilons[0])} in output {claim.output} (from 0)"
    return f"{what} for every input in the box"


def _claim(
    problem: CertificationProblem,
    name: str,
    what: str,
    formula: str,
    *parameters: tuple[str, str],
) -> Claim:
    teacher = "→".join(map(str, problem.teacher.widths))
    student = "→".join(map(str, problem.student.widths))
    return Claim(
        name=name,
        title=f"Teacher {teacher} and student {student} {what}",
        formula=formula,
        parameters=(
            ("weights", Path(problem.source).name),
            ("sha256", problem.sha256),
            *parameters,
        ),
    )


def split_for(
    problem: CertificationProblem,
    claim: GoalClaim,
    scale: Fraction,
    bench: Workbench,
    clock: Clock,
    progress: Callable[[Progress], None] | None,
    *,
    most: int | None = None,
) -> Splitting[GoalCertificate]:
    """Bisect the box where nothing proves the claim on the whole.

    Args:
        scale: a size of bounds that matters, such as the smallest tolerance; above 0.
        most: parts that are worth a search; None for all for which Lean has time, or for any number
            where our own check of them is accepted.
    """
    config = bench.config
    if most is None and Trust.EXACT.at_least(config.trust):
        most = MAX_LEAVES
    elif most is None:
        most = most_leaves(problem, claim, config.timeout)
    with clock.stage("split", "splitting the box"):
        return split_goal(
            problem,
            claim,
            scale=scale,
            budget=Budget(config.budget or _BUDGET, min(config.max_leaves or most, most)),
            workers=config.workers,
            cache=config.cache,
            progress=split_progress(progress),
        )


def how_proved(certificate: SplitCertificate | GoalCertificate | None) -> list[tuple[str, str]]:
    """What proves the claim, in words."""
    if certificate is None:
        return []
    if isinstance(certificate.tree, Leaf):
        whole = certificate.dual if isinstance(certificate, SplitCertificate) else None
        return [("method", method_of(whole or certificate.tree.dual))]
    if isinstance(certificate, SplitCertificate):
        return [("method", f"intervals on {certificate.leaves} parts of the box")]
    parts = ("method", f"{certificate.leaves} parts of the box")
    return [parts, *by_method(certificate)]


def how_far(splitting: Splitting[Any] | None, what: str = "they do") -> str:
    """How far a search came that did not prove the claim, to go into a sentence."""
    if splitting is None:
        return ""
    return (
        f"; on {splitting.proved} parts of the box, {100 * splitting.volume:.3g} % of it, {what},"
        f" on {splitting.open} not yet"
    )


def advice(splitting: Splitting[GoalCertificate] | None) -> str:
    """What may help such a search, to go into a sentence."""
    if splitting is None:
        return ""
    return "run it again to go on, with a larger --budget or --timeout, or "


def witness(point: Gap | ClassPoint, explanation: str) -> Witness:
    """A point for a report."""
    return Witness(
        tuple((f"x[{i}]", value) for i, value in enumerate(point.coordinates)), explanation
    )
