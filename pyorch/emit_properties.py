"""Lean text for further properties of a teacher and a student."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyorch.emit import NO_PARTS, LeanText, from_template, is_listed, pair_context, within_namespace
from pyorch.model import Emitted
from pyorch.nets.emit_data import lean_pairs
from pyorch.nets.goal_certificate import (
    ChosenClass,
    GoalCertificate,
    GoalClaim,
    OneTolerance,
    OutputTolerances,
)
from pyorch.nets.goal_packed import pack_goal
from pyorch.nets.network import CertificationProblem
from pyorch.nets.packed import pack_pair
from pyorch.nets.split import Leaf
from pyorch.nets.split_parts import cut_into_parts

if TYPE_CHECKING:
    from pyorch.nets.attack import Witness as Gap
    from pyorch.nets.margins import ClassPoint

__all__ = ["emit_class_refutation", "emit_goal_certificate", "emit_output_refutation"]

_PART = 16  # boxes in one lemma: the kernel forgets between lemmas what it computed
_NO_PROOF: dict[str, object] = {"dual": None, "parts": ()}

_ByOutput = OutputTolerances | ChosenClass


def emit_goal_certificate(problem: CertificationProblem, certificate: GoalCertificate) -> Emitted:
    """The Lean file that proves the certificate's claim.

    Args:
        certificate: one without a `first_failure`, else Lean will reject the proof.
    """
    claim = certificate.claim
    if isinstance(claim, OneTolerance):
        return from_template(
            "distillation_certificate.lean.j2",
            (within_namespace(problem, claim.epsilon),),
            {
                **pair_context(problem),
                **NO_PARTS,
                **_proof_context(problem, certificate),
                "epsilon": claim.epsilon,
                "refutation": None,
            },
            ("distillation_certificate",),
            (),
        )
    is_class = isinstance(claim, ChosenClass)
    names = ("same_class", "chosen_class") if is_class else ("output_certificate",)
    return from_template(
        "class_certificate.lean.j2" if is_class else "output_certificate.lean.j2",
        (_namespace(problem, claim),),
        {
            **pair_context(problem),
            **_claim_context(claim),
            **_proof_context(problem, certificate),
            "refutation": None,
        },
        names,
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
            **_NO_PROOF,
            "packed": None if is_listed(problem) else pack_pair(problem, 8),
            "refutation": point,
        },
        names,
        names,
    )


def emit_output_refutation(
    problem: CertificationProblem, claim: OutputTolerances, point: Gap
) -> Emitted:
    """The Lean file that proves that the tolerances do not hold everywhere on the box.

    Args:
        point: one where the gap of its output exceeds that output's tolerance.
    """
    names = ("not_output_certificate",)
    return from_template(
        "output_certificate.lean.j2",
        (_namespace(problem, claim),),
        {
            **pair_context(problem),
            **_claim_context(claim),
            **_NO_PROOF,
            "packed": None if is_listed(problem) else pack_pair(problem, 8),
            "violated": claim.by_output[point.output],
            "refutation": point,
        },
        names,
        names,
    )


def _namespace(problem: CertificationProblem, claim: _ByOutput) -> str:
    if isinstance(claim, ChosenClass):
        which = "class"
    else:
        which = "each_output" if claim.output is None else f"output_{claim.output}"
    return f"weights_{problem.sha256[:16]}_{which}"


def _claim_context(claim: _ByOutput) -> dict[str, object]:
    if isinstance(claim, ChosenClass):
        return {"chosen": claim.output}
    return {
        "each": claim.output is None,
        "outputs": tuple(claim.by_output),
        "epsilons": claim.epsilons,
    }


def _proof_context(
    problem: CertificationProblem, certificate: GoalCertificate
) -> dict[str, object]:
    """What a template says of the proof: of the whole box, or of parts."""
    listed, tree = is_listed(problem), certificate.tree
    if isinstance(tree, Leaf):
        return {
            **_NO_PROOF,
            "packed": None if listed else pack_goal(problem, certificate),
            "prec": certificate.prec,
            "dual": tree.dual,
        }
    parted, parts = cut_into_parts(certificate, _PART)
    data = pack_goal(problem, certificate)
    held, theorem = _lean_property(certificate.claim)
    return {
        **_NO_PROOF,
        "packed": None if listed else data,
        "data": data,
        "prec": certificate.prec,
        "refinement": certificate.refinement,
        "parted": parted,
        "parts": parts,
        "held": LeanText(held),
        "theorem": LeanText(theorem),
    }


def _lean_property(claim: GoalClaim) -> tuple[str, str]:
    """What holds on each part, and the theorem that says so."""
    if isinstance(claim, ChosenClass):
        return f"(BothChoose {claim.output})", "bothChoose_of_check"
    if isinstance(claim, OneTolerance):
        numbers = f"{claim.epsilon.numerator} {claim.epsilon.denominator}"
        return f"(WithinAll {numbers})", "withinAll_of_check"
    if claim.output is None:
        return f"(WithinEach {lean_pairs(claim.epsilons)})", "withinEach_of_check"
    (epsilon,) = claim.epsilons
    numbers = f"{claim.output} {epsilon.numerator} {epsilon.denominator}"
    return f"(WithinAt {numbers})", "withinAt_of_check"
