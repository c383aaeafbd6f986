"""Lean text for further properties of a teacher and a student."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.emit import from_template, is_listed, pair_context
from pyorch.model import Emitted
from pyorch.nets.network import CertificationProblem
from pyorch.nets.packed import pack_pair
from pyorch.nets.properties import OneOutput

if TYPE_CHECKING:
    from pyorch.nets.attack import Witness as Gap
    from pyorch.nets.margins import ClassPoint

__all__ = ["emit_class_certificate", "emit_class_refutation", "emit_output_certificate"]


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
    problem: CertificationProblem,
    *,
    epsilons: Mapping[int, Fraction],
    prec: int,
    refutation: Gap | None = None,
) -> Emitted:
    """The Lean file that proves a tolerance for each output, or for one, or refutes it.

    Args:
        epsilons: by all outputs in order, or by the one that `problem.goal` names.
        prec: such that `proves_tolerances(problem, epsilons, prec)`.
        refutation: a point where the gap of its output exceeds that output's tolerance; the file
            then proves the negation only.
    """
    each = not isinstance(problem.goal, OneOutput)
    which = "each_output" if each else f"output_{next(iter(epsilons))}"
    names = ("not_output_certificate" if refutation else "output_certificate",)
    return from_template(
        "output_certificate.lean.j2",
        (f"weights_{problem.sha256[:16]}_{which}",),
        {
            **pair_context(problem),
            "packed": None if is_listed(problem) else pack_pair(problem, prec),
            "prec": prec,
            "each": each,
            "outputs": tuple(epsilons),
            "epsilons": tuple(epsilons.values()),
            "violated": epsilons[refutation.output] if refutation else None,
            "refutation": refutation,
        },
        names,
        names if refutation else (),
    )
