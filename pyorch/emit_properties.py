"""Lean text for further properties of a teacher and a student."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyorch.emit import from_template, is_listed, pair_context
from pyorch.model import Emitted
from pyorch.nets.dual_packed import pack_used
from pyorch.nets.dual_steps import DualCertificate
from pyorch.nets.goal_certificate import ChosenClass, GoalClaim, OutputTolerances, relax
from pyorch.nets.network import CertificationProblem
from pyorch.nets.packed import PackedLayer, pack_pair

if TYPE_CHECKING:
    from pyorch.nets.attack import Witness as Gap
    from pyorch.nets.margins import ClassPoint

__all__ = [
    "emit_class_certificate",
    "emit_class_refutation",
    "emit_output_certificate",
    "emit_output_refutation",
]


def emit_class_certificate(
    problem: CertificationProblem,
    claim: ChosenClass,
    *,
    prec: int,
    dual: DualCertificate | None = None,
) -> Emitted:
    """The Lean file that proves that both networks choose the class on the box.

    Args:
        prec: such that `claim.is_proved(problem, prec)`, else Lean will reject the proof.
        dual: multipliers that prove it in place of intervals.
    """
    return from_template(
        "class_certificate.lean.j2",
        (f"weights_{problem.sha256[:16]}_class",),
        {
            **pair_context(problem),
            "packed": _packed(problem, claim, prec, dual),
            "prec": prec,
            "chosen": claim.output,
            "dual": dual,
            "refutation": None,
        },
        ("same_class", "chosen_class"),
        (),
    )


def emit_class_refutation(problem: CertificationProblem, point: ClassPoint) -> Emitted:
    """The Lean file that proves that they do not choose the same class everywhere on the box.

    Args:
        point: one that has `rivals`.
    """
    names = ("not_same_class",)
    return from_template(
        "class_certificate.lean.j2",
        (f"weights_{problem.sha256[:16]}_class",),
        {
            **pair_context(problem),
            "packed": None if is_listed(problem) else pack_pair(problem, 8),
            "dual": None,
            "refutation": point,
        },
        names,
        names,
    )


def emit_output_certificate(
    problem: CertificationProblem,
    claim: OutputTolerances,
    *,
    prec: int,
    dual: DualCertificate | None = None,
) -> Emitted:
    """The Lean file that proves a tolerance for each output, or for one.

    Args:
        prec: such that `claim.is_proved(problem, prec)`.
        dual: multipliers that prove it in place of intervals.
    """
    return _emit_outputs(problem, claim, prec=prec, dual=dual, refutation=None)


def emit_output_refutation(
    problem: CertificationProblem, claim: OutputTolerances, point: Gap
) -> Emitted:
    """The Lean file that proves that the tolerances do not hold everywhere on the box.

    Args:
        point: one where the gap of its output exceeds that output's tolerance.
    """
    return _emit_outputs(problem, claim, prec=8, dual=None, refutation=point)


def _packed(
    problem: CertificationProblem, claim: GoalClaim, prec: int, dual: DualCertificate | None
) -> tuple[tuple[PackedLayer, ...], tuple[PackedLayer, ...]] | None:
    """Teacher and student with room for the check; None where they are written as lists."""
    if is_listed(problem):
        return None
    if dual is not None:
        return pack_used(relax(problem, claim, dual).bounds)
    return pack_pair(problem, prec, margins=isinstance(claim, ChosenClass))


def _emit_outputs(
    problem: CertificationProblem,
    claim: OutputTolerances,
    *,
    prec: int,
    dual: DualCertificate | None,
    refutation: Gap | None,
) -> Emitted:
    which = "each_output" if claim.output is None else f"output_{claim.output}"
    names = ("not_output_certificate" if refutation else "output_certificate",)
    return from_template(
        "output_certificate.lean.j2",
        (f"weights_{problem.sha256[:16]}_{which}",),
        {
            **pair_context(problem),
            "packed": _packed(problem, claim, prec, dual),
            "prec": prec,
            "dual": dual,
            "each": claim.output is None,
            "outputs": tuple(claim.by_output),
            "epsilons": claim.epsilons,
            "violated": claim.by_output[refutation.output] if refutation else None,
            "refutation": refutation,
        },
        names,
        names if refutation else (),
    )
