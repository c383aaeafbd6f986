"""Points of the box where teacher and student do not choose one class.

The search is that for the largest gap: between a constant above all margins and the margins of a
class. Where the least margin found is not positive, either the networks differ there, or both
choose another class; then somewhere on the way from the middle of the box the teacher changes its
class, and at that point, found exactly, none of its outputs is strictly the greatest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

from pyorch.nets.attack import AttackProgress, largest_gap
from pyorch.nets.bounds import bound_pair
from pyorch.nets.margins import ClassPoint, against, center, evaluate_class
from pyorch.nets.network import Activation, CertificationProblem, Layer, Network

__all__ = ["ClassAttack", "attack_class"]

_BISECTIONS = 64


@dataclass(frozen=True, slots=True)
class ClassAttack:
    """What the search found.

    Args:
        middle: the middle of the box. Where it refutes the property, nothing else was searched.
        least: the point with the least margin of the class that is chosen in the middle.
        refutation: a point where no class is chosen by both, if one was found.
        evaluations: points at which the networks were evaluated in float64.
    """

    middle: ClassPoint
    least: ClassPoint
    refutation: ClassPoint | None
    evaluations: int


def attack_class(
    problem: CertificationProblem,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: Callable[[AttackProgress], None] | None = None,
) -> ClassAttack:
    """Search for a point of the box where teacher and student do not choose the same class, and for
    the least margin of the class that they choose in the middle.

    Args:
        problem: networks that satisfy `is_classifier`.
        time_limit: seconds for each of the two networks.
        progress: called after each step.

    Raises:
        ValueError: as `against`.
    """
    middle = evaluate_class(problem, *center(problem.box))
    c = middle.chosen
    if c is None:
        return ClassAttack(middle, middle, middle, 0)
    least, evaluations = middle, 0
    for network in (problem.teacher, problem.student):
        gap_problem, above = _constant_minus_margins(problem, network, c)
        found = largest_gap(
            gap_problem, seed=seed, time_limit=time_limit, stop_above=above, progress=progress
        )
        evaluations += found.evaluations
        least = min(
            least, evaluate_class(problem, found.point, found.den), key=lambda p: p.margin(c)
        )
        if least.margin(c) <= 0:
            break
    refutation = None
    if least.rivals is not None:
        refutation = least
    elif least.chosen != c:
        refutation = _change_between(problem, middle, least)
    return ClassAttack(middle, least, refutation, evaluations)


def _constant_minus_margins(
    problem: CertificationProblem, network: Network, c: int
) -> tuple[CertificationProblem, Fraction]:
    """A problem whose gap is largest where the network's least margin of class c is least: a
    constant against the margins. The constant is above them all, so a gap above it is a negative
    margin."""
    *layers, last = against(network, c).layers
    margins = Network(
        (
            *layers,
            replace(
                last,
                weights=last.weights[:c] + last.weights[c + 1 :],
                bias=last.bias[:c] + last.bias[c + 1 :],
            ),
        )
    )
    alone = replace(problem, teacher=margins, student=margins, goal=None)
    above = max(1, max(-(-x.hi // 256) for x in bound_pair(alone, 8).teacher))
    constant = Layer(
        ((0,) * problem.box.dim,) * margins.output_dim,
        (above,) * margins.output_dim,
        1,
        Activation.IDENTITY,
    )
    return replace(alone, teacher=Network((constant,))), Fraction(above)


def _change_between(
    problem: CertificationProblem, start: ClassPoint, end: ClassPoint
) -> ClassPoint | None:
    """A point on the way from `start` to `end`, at which both networks choose one class and
    another one, where there is none that both choose. Bisection, until the teacher is linear
    between two points of different classes; there it is found exactly."""
    below, above = Fraction(0), Fraction(1)
    first, last = start, end
    for _ in range(_BISECTIONS):
        a, b = first.chosen, last.chosen
        if a is None or b is None:  # cannot be: such a point is returned at once
            return None
        lead, deficit = (p.teacher[a] - p.teacher[b] for p in (first, last))
        for t, is_middle in (
            (below + (above - below) * lead / (lead - deficit), False),
            ((below + above) / 2, True),
        ):
            point = _between(problem, start, end, t)
            if point.rivals is not None:
                return point
            if is_middle and point.chosen == a:
                below, first = t, point
            elif is_middle:
                above, last = t, point
    return None


def _between(
    problem: CertificationProblem, start: ClassPoint, end: ClassPoint, t: Fraction
) -> ClassPoint:
    den = lcm(start.den, end.den)
    k, scale = t.numerator, t.denominator
    point = [
        x * (den // start.den) * (scale - k) + y * (den // end.den) * k
        for x, y in zip(start.point, end.point, strict=True)
    ]
    return evaluate_class(problem, point, den * scale)
