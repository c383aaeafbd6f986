"""Lean text for further properties of a teacher and a student."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyorch.emit import from_template, is_listed, pair_context
from pyorch.model import Emitted
from pyorch.nets.network import CertificationProblem
from pyorch.nets.packed import pack_pair

if TYPE_CHECKING:
    from pyorch.nets.attack import Witness as Gap
    from pyorch.nets.goal_certificate import OutputTolerances
    from pyorch.nets.margins import ClassPoint

__all__ = [
    "emit_class_certificate",
    "emit_class_refutation",
    "emit_output_certificate",
    "emit_output_refutation",
]


def emit_class_certificate(problem: CertificationProblem, *, chosen: int, prec: int) -> Emitted:
    """The Lean file that proves that both networks choose the class `chosen` on the box.

    Args:
        prec: such that `proves_class(problem, chosen, prec)`, else Lean will reject the proof.
    """
    return from_template(
        "class_certificate.lean.j2",
        (f"weights_{problem.sha256[:16]}_class",),
        {
            **pair_context(problem),
            "packed": None if is_listed(problem) else pack_pair(problem, prec, margins=True),
            "prec": prec,
            "chosen": chosen,
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
            "refutation": point,
        },
        names,
        names,
    )


def emit_output_certificate(
    problem: CertificationProblem, claim: OutputTolerances, *, prec: int
) -> Emitted:
    """The Lean file that proves a tolerance for each output, or for one.

    Args:
        prec: such that `claim.is_proved(problem, prec)`.
    """
    return _emit_outputs(problem, claim, prec=prec, refutation=None)


def emit_output_refutation(
    problem: CertificationProblem, claim: OutputTolerances, point: Gap
) -> Emitted:
    """The Lean file that proves that the tolerances do not hold everywhere on the box.

    Args:
        point: one where the gap of its output exceeds that output's tolerance.
    """
    return _emit_outputs(problem, claim, prec=8, refutation=point)


def _emit_outputs(
    problem: CertificationProblem, claim: OutputTolerances, *, prec: int, refutation: Gap | None
) -> Emitted:
    which = "each_output" if claim.output is None else f"output_{claim.output}"
    names = ("not_output_certificate" if refutation else "output_certificate",)
    return from_template(
        "output_certificate.lean.j2",
        (f"weights_{problem.sha256[:16]}_{which}",),
        {
            **pair_context(problem),
            "packed": None if is_listed(problem) else pack_pair(problem, prec),
            "prec": prec,
            "each": claim.output is None,
            "outputs": tuple(claim.by_output),
            "epsilons": claim.epsilons,
            "violated": claim.by_output[refutation.output] if refutation else None,
            "refutation": refutation,
        },
        names,
        names if refutation else (),
    )
