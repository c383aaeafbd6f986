"""A tolerance for each output, or for one: bounds, precision, and the search for a violation.

The mirror of the tests in `lean/PyOrch/Net/EachOutput.lean`; the bounds themselves are those of
`bound_pair`, which has one for each output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from pyorch.nets.attack import AttackProgress, Witness, largest_gap
from pyorch.nets.bounds import PRECS, bound_pair, round_up
from pyorch.nets.dual_steps import DualCertificate
from pyorch.nets.network import (
    MAX_NUMERATOR_BITS,
    CertificationProblem,
    Layer,
    Network,
)
from pyorch.nets.properties import OneOutput, PerOutput

__all__ = [
    "Tolerances",
    "choose_tolerances",
    "closest_gap",
    "proves_tolerances",
    "requested",
]

_STEPS = 1024  # in which the attack weighs the output of the largest tolerance


@dataclass(frozen=True, slots=True)
class Tolerances:
    """What is to be proved, with all numbers filled in.

    Args:
        epsilons: by outputs, in order.
        by_intervals: the best that intervals on the whole box prove, by the same outputs.
        provable: the best that is proved: by intervals, or by `dual`.
        prec: the precision at which it is.
        dual: a certificate by duality, where that is what proves it.
    """

    epsilons: Mapping[int, Fraction]
    by_intervals: Mapping[int, Fraction]
    provable: Mapping[int, Fraction]
    prec: int
    dual: DualCertificate | None = None

    @property
    def missed(self) -> tuple[int, ...]:
        """The outputs whose tolerance the bounds do not prove."""
        return tuple(i for i, epsilon in self.epsilons.items() if self.provable[i] > epsilon)


def requested(
    problem: CertificationProblem, goal: PerOutput | OneOutput
) -> dict[int, Fraction | None]:
    """The tolerance of each output in question; None where the smallest provable one is wanted."""
    if isinstance(goal, OneOutput):
        return {goal.output: goal.epsilon}
    if goal.epsilons is None:
        return dict.fromkeys(range(problem.teacher.output_dim))
    return dict(enumerate(goal.epsilons))


def choose_tolerances(problem: CertificationProblem, goal: PerOutput | OneOutput) -> Tolerances:
    """Tolerances that were not given, and the smallest listed precision that proves all of them, or
    that comes within 1 % of what the finest proves.
    """
    asked = requested(problem, goal)
    finest = bound_pair(problem, PRECS[-1]).gaps
    targets = {
        i: epsilon if epsilon is not None and finest[i] <= epsilon else finest[i] * 101 / 100
        for i, epsilon in asked.items()
    }
    for prec in PRECS:
        gaps = bound_pair(problem, prec).gaps
        if prec == PRECS[-1] or all(gaps[i] <= target for i, target in targets.items()):
            break
    provable = {i: gaps[i] for i in asked}
    epsilons = {i: round_up(gaps[i]) if e is None else e for i, e in asked.items()}
    return Tolerances(epsilons, provable, provable, prec)


def proves_tolerances(
    problem: CertificationProblem, epsilons: Mapping[int, Fraction], prec: int
) -> bool:
    """What Lean's `checkBounds` decides about these outputs, for networks and a box that fit."""
    gaps = bound_pair(problem, prec).gaps
    return all(i < len(gaps) and gaps[i] <= epsilon for i, epsilon in epsilons.items())


def closest_gap(
    problem: CertificationProblem,
    epsilons: Mapping[int, Fraction],
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: Callable[[AttackProgress], None] | None = None,
) -> Witness:
    """The point found, and the output in question there, whose gap is the largest part of its
    tolerance; it violates it if the gap is larger.

    The search runs on the outputs in question, multiplied so that their tolerances are about equal.
    """
    weighed = _weighed(problem, epsilons)
    found = largest_gap(
        weighed,
        seed=seed,
        time_limit=time_limit,
        stop_above=_STEPS * max(epsilons.values()) * Fraction(1025, 1024),
        progress=progress,
    )
    teacher = problem.teacher.evaluate_exact(found.coordinates)
    student = problem.student.evaluate_exact(found.coordinates)
    output = max(epsilons, key=lambda i: _part(abs(teacher[i] - student[i]), epsilons[i]))
    return replace(found, output=output, teacher=teacher[output], student=student[output])


def _part(gap: Fraction, epsilon: Fraction) -> tuple[bool, Fraction]:
    """How large a part of a tolerance a gap is; any gap exceeds the tolerance 0."""
    return (gap > 0, gap) if epsilon == 0 else (False, gap / epsilon)


def _weighed(
    problem: CertificationProblem, epsilons: Mapping[int, Fraction]
) -> CertificationProblem:
    largest = max(epsilons.values())
    last = (network.layers[-1] for network in (problem.teacher, problem.student))
    room = MAX_NUMERATOR_BITS - max(layer.numerator_bits for layer in last)
    limit = min(_STEPS**3, 1 << room)
    factors = {
        i: max(1, min(round(_STEPS * largest / e) if e else _STEPS, limit))
        for i, e in epsilons.items()
    }
    return replace(
        problem,
        teacher=_multiplied(problem.teacher, factors),
        student=_multiplied(problem.student, factors),
        goal=None,
    )


def _multiplied(network: Network, factors: Mapping[int, int]) -> Network:
    """Some outputs, each multiplied by a factor above 0, which both activations let through."""
    *layers, last = network.layers
    rows = tuple(tuple(k * w for w in last.weights[i]) for i, k in factors.items())
    bias = tuple(k * last.bias[i] for i, k in factors.items())
    return Network((*layers, Layer(rows, bias, last.den, last.activation)))
