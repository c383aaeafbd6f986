"""Margins of a class: output c minus each other output, of a teacher and of a student.

The mirror of `lean/PyOrch/Net/SameClass.lean`. The margins of class c are the outputs of a network
that differs from the given one in its last layer only, row c minus each row; so their bounds, those
of their difference included, come from `bound_pair`, tighter than from bounds of the outputs.

Where both networks choose the same class everywhere on a box, they choose one class there: on the
way from one class to another, two outputs of the teacher would be equal somewhere, and no class
chosen. So it is enough to look at the class that the teacher chooses in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain

from pyorch.nets.bounds import PRECS, Interval, PairBounds, bound_pair
from pyorch.nets.network import Box, CertificationProblem, Layer, Network
from pyorch.nets.properties import SameClass

__all__ = [
    "ClassPoint",
    "against",
    "center",
    "choose_class_prec",
    "class_margin",
    "evaluate_class",
    "is_classifier",
    "margin_bounds",
    "margin_problem",
    "proves_class",
]


@dataclass(frozen=True, slots=True)
class ClassPoint:
    """Both networks' exact outputs at a point of the box.

    Args:
        teacher, student: the outputs.
        point: numerators of the coordinates.
        den: their common denominator.
    """

    teacher: tuple[Fraction, ...]
    student: tuple[Fraction, ...]
    point: tuple[int, ...]
    den: int

    @property
    def coordinates(self) -> tuple[Fraction, ...]:
        return tuple(Fraction(v, self.den) for v in self.point)

    @property
    def rivals(self) -> tuple[int, int] | None:
        """Two outputs that are each greatest in one of the networks, the first one in the teacher:
        then no class is chosen by both. None where both choose the same class."""
        first, *others = _greatest(self.teacher)
        others += [j for j in _greatest(self.student) if j != first]
        return (first, others[0]) if others else None

    @property
    def is_tie(self) -> bool:
        """Whether the `rivals` are both greatest in the teacher."""
        return len(_greatest(self.teacher)) > 1

    @property
    def chosen(self) -> int | None:
        """The class that both choose, if they do."""
        return None if self.rivals else _greatest(self.teacher)[0]

    def margin(self, c: int) -> Fraction:
        """The least of the margins of class c over another one, in either network."""
        return min(
            outputs[c] - value
            for outputs in (self.teacher, self.student)
            for j, value in enumerate(outputs)
            if j != c
        )


def is_classifier(problem: CertificationProblem) -> bool:
    """Whether `SameClass` can be asked of these networks."""
    try:
        SameClass().require(problem.teacher, problem.student)
    except ValueError:
        return False
    return True


def against(network: Network, c: int) -> Network:
    """The network whose outputs are output c minus each output (of one that ends without an
    activation).

    Raises:
        ValueError: where the differences no longer fit `MAX_NUMERATOR_BITS`-bit integers.
    """
    *layers, last = network.layers
    row, bias = last.weights[c], last.bias[c]
    differences = tuple(
        tuple(v - w for v, w in zip(row, other, strict=True)) for other in last.weights
    )
    margins = Layer(differences, tuple(bias - b for b in last.bias), last.den, last.activation)
    return Network((*layers, margins))


def margin_problem(problem: CertificationProblem, c: int) -> CertificationProblem:
    """The same problem about the margins of class c.

    Raises:
        ValueError: as `against`.
    """
    return replace(
        problem, teacher=against(problem.teacher, c), student=against(problem.student, c)
    )


def margin_bounds(problem: CertificationProblem, c: int, prec: int) -> PairBounds:
    """Bounds of the margins of class c on the box, over the denominator 2^prec.

    Raises:
        ValueError: for a negative `prec`, and as `against`.
    """
    return bound_pair(margin_problem(problem, c), prec)


def class_margin(bounds: PairBounds, c: int) -> Fraction:
    """The largest number that these bounds put below every margin of class c, of the teacher and
    of the student. The student's are bounded by themselves, or by the teacher's and the difference.
    """
    rows = list(zip(bounds.teacher, bounds.student, bounds.difference, strict=True))
    least = min(chain.from_iterable(map(_lower_ends, rows[:c] + rows[c + 1 :])))
    return Fraction(least, bounds.den)


def proves_class(problem: CertificationProblem, c: int, prec: int) -> bool:
    """What Lean's `checkClass` and `packedCheckClass` decide, for networks and a box that fit."""
    if not is_classifier(problem) or not 0 <= c < problem.teacher.output_dim:
        return False
    return class_margin(margin_bounds(problem, c, prec), c) > 0


def choose_class_prec(problem: CertificationProblem, c: int) -> int:
    """A small precision that is enough: the smallest listed one whose margin is positive and within
    1 % of that of the finest; where the finest proves nothing, the smallest within 1 % of it.

    Raises:
        ValueError: as `against`.
    """
    margins = margin_problem(problem, c)
    finest = class_margin(bound_pair(margins, PRECS[-1]), c)
    target = finest - abs(finest) / 100
    return next(p for p in PRECS if class_margin(bound_pair(margins, p), c) >= target)


def center(box: Box) -> tuple[tuple[int, ...], int]:
    """The middle of the box: numerators and their denominator."""
    return tuple(lo + hi for lo, hi in zip(box.lo, box.hi, strict=True)), 2 * box.den


def evaluate_class(problem: CertificationProblem, point: Sequence[int], den: int) -> ClassPoint:
    """Both networks' exact outputs at the point with these numerators over `den`."""
    coordinates = tuple(Fraction(v, den) for v in point)
    return ClassPoint(
        problem.teacher.evaluate_exact(coordinates),
        problem.student.evaluate_exact(coordinates),
        tuple(point),
        den,
    )


def _greatest(outputs: Sequence[Fraction]) -> list[int]:
    top = max(outputs)
    return [i for i, value in enumerate(outputs) if value == top]


def _lower_ends(row: tuple[Interval, Interval, Interval]) -> tuple[int, int]:
    t, s, delta = row
    return t.lo, max(s.lo, t.lo - delta.hi)
