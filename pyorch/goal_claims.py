"""What is claimed of other goals than one ε for all outputs, and Lean's check of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyorch.emit_properties import emit_class_certificate, emit_output_certificate
from pyorch.lean.workbench import Workbench
from pyorch.model import Claim, Emitted, Status, Verdict
from pyorch.nets.goal_certificate import ChosenClass, GoalCertificate, GoalClaim
from pyorch.stages import Clock, compare_evaluations, establish, exact, library_for

if TYPE_CHECKING:
    from pyorch.nets.agreement import Point
    from pyorch.nets.dual_steps import DualCertificate
    from pyorch.nets.network import CertificationProblem

__all__ = ["check_goal", "class_claim", "goal_claim", "method", "why_proved"]


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
        emitted = _emit(problem, certificate)
    environment = library_for(emitted, bench, clock)
    verdict = establish(verdict, emitted, emitted.theorems, environment, bench, clock)
    if verdict.status is Status.PROVED:
        verdict = compare_evaluations(verdict, problem, emitted, point, bench, clock)
    return verdict


def _emit(problem: CertificationProblem, certificate: GoalCertificate) -> Emitted:
    claim, prec, dual = certificate.claim, certificate.prec, certificate.dual
    if isinstance(claim, ChosenClass):
        return emit_class_certificate(problem, claim, prec=prec, dual=dual)
    return emit_output_certificate(problem, claim, prec=prec, dual=dual)


def goal_claim(problem: CertificationProblem, claim: GoalClaim) -> Claim:
    """The claim as a verdict shows it."""
    if isinstance(claim, ChosenClass):
        return class_claim(problem)
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


def method(dual: DualCertificate | None) -> str:
    """What proves a bound, in words."""
    if dual is None:
        return "intervals"
    return "linear programming duality" if dual.upper or dual.lower else "linear relaxation"


def why_proved(claim: GoalClaim) -> str:
    """What holds, once it is proved."""
    if isinstance(claim, ChosenClass):
        what = f"teacher and student choose class {claim.output}"
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
