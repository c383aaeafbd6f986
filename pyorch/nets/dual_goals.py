"""Tolerances by output and margins of a class by linear relaxation, as Lean checks them.

The mirror of `lean/PyOrch/Net/DualGoals.lean` and `lean/PyOrch/Net/DualSameClass.lean`. A *target*
is a linear combination of the outputs of both networks that has to be small: teacher minus student
in one output, or another output minus that of a class in one network. Each has multipliers of its
own, or CROWN's.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from pyorch.nets.dual import DualBounds
from pyorch.nets.dual_steps import DualCertificate, DualRow, Side

__all__ = [
    "Key",
    "Target",
    "bound_targets",
    "class_targets",
    "forward_tops",
    "gaps_of",
    "output_targets",
    "row_of",
]

Key = tuple[int, bool]
"""An output, and whether its multipliers are those of the certificate's `upper`, else `lower`."""

Target = tuple[Side, Side]
"""Coefficients of the outputs of the teacher and of the student."""

_NONE = Side((), 1)


def output_targets(outputs: tuple[int, ...]) -> dict[Key, Target]:
    """Teacher minus student in these outputs (upper), and student minus teacher (lower)."""
    return {
        (i, upper): (_unit(i, 1 if upper else -1), _unit(i, -1 if upper else 1))
        for i in outputs
        for upper in (True, False)
    }


def class_targets(chosen: int, count: int) -> dict[Key, Target]:
    """Every other output minus output `chosen`, in the teacher (upper) and in the student
    (lower)."""
    found: dict[Key, Target] = {}
    for j in range(count):
        if j != chosen:
            rival = Side(tuple((i == j) - (i == chosen) for i in range(max(j, chosen) + 1)), 1)
            found[j, True], found[j, False] = (rival, _NONE), (_NONE, rival)
    return found


def row_of(certificate: DualCertificate, key: Key) -> DualRow:
    """The certificate's multipliers for a target; none where it has CROWN's."""
    index, upper = key
    rows = certificate.upper if upper else certificate.lower
    return rows[index] if index < len(rows) else ()


def bound_targets(
    relaxation: DualBounds, targets: Mapping[Key, Target], certificate: DualCertificate
) -> dict[Key, int]:
    """Upper bounds, over the relaxation's unit."""
    return {
        key: relaxation.back(relaxation.steps, row_of(certificate, key), *target)
        for key, target in targets.items()
    }


def forward_tops(relaxation: DualBounds, targets: Mapping[Key, Target]) -> dict[Key, int] | None:
    """The same on the way forward, for those of `output_targets`; None for others, or where the
    last layers do not pair."""
    forward = relaxation.forward
    if forward is None or targets != output_targets(tuple(i for i, upper in targets if upper)):
        return None
    return {(i, upper): forward[i].hi if upper else -forward[i].lo for i, upper in targets}


def gaps_of(tops: Mapping[Key, int], unit: int) -> dict[int, Fraction]:
    """For each output of `output_targets`, a bound of |T_i − S_i|."""
    return {
        i: Fraction(max(tops[i, True], tops[i, False], 0), unit)
        for i in sorted({i for i, _ in tops})
    }


def _unit(index: int, sign: int) -> Side:
    return Side((*(0,) * index, sign), 1)
