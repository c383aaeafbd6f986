"""Networks in packed form with room for the check of a goal, on the whole box or on its parts."""

from __future__ import annotations

from dataclasses import replace

from pyorch.nets.dual_packed import pack_used
from pyorch.nets.goal_certificate import ChosenClass, GoalCertificate, relax
from pyorch.nets.network import Box, CertificationProblem
from pyorch.nets.packed import PackedLayer, pack_layer, pack_pair
from pyorch.nets.split import refine

__all__ = ["pack_goal"]

_Pair = tuple[tuple[PackedLayer, ...], tuple[PackedLayer, ...]]


def pack_goal(problem: CertificationProblem, certificate: GoalCertificate) -> _Pair:
    """Teacher and student with the widest strides that the check needs on any part.

    Raises:
        ValueError: for a certificate that proves nothing, since its boxes are no boxes.
    """
    margins = isinstance(certificate.claim, ChosenClass)
    found: list[_Pair] = []
    leaves = list(certificate.parts(problem.box))
    if any(leaf.dual is None for leaf, _ in leaves):
        # the bounds of a part are within those of the whole
        whole = refine(problem.box, certificate.refinement)
        refined = replace(problem, box=Box(whole.lo, whole.hi, whole.den))
        found.append(pack_pair(refined, certificate.prec, margins=margins))
    for leaf, part in leaves:
        if leaf.dual is not None:
            on_part = replace(problem, box=Box(part.lo, part.hi, part.den))
            relaxation = relax(on_part, certificate.claim, leaf.dual)
            relaxation.prove()  # so that it knows what numbers Lean will meet
            found.append(pack_used(relaxation.bounds))
    teacher, student = (
        tuple(
            pack_layer(layer, max(pair[side][index].stride for pair in found))
            for index, layer in enumerate(network.layers)
        )
        for side, network in enumerate((problem.teacher, problem.student))
    )
    return teacher, student
