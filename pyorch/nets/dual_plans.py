"""Ways to bounds by relaxation, and what they take the kernel.

Intervals before the activations cost next to nothing. Affine forms cost as much as they have
symbols: none but the inputs, and then the neurons with the widest gaps, twice as many in each layer
as before. Passes back cost all weights for each side of each output, and of each neuron where they
tighten its bounds, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pyorch.nets.bounds import pairs
from pyorch.nets.dual import DualBounds, DualCertificate
from pyorch.nets.dual_goals import Key, Target, bound_targets, forward_tops
from pyorch.nets.network import CertificationProblem

__all__ = ["DualPlan", "best_plan", "dual_plans", "forms_work", "has_plan", "passes_work"]

_COEFFICIENT = 10
_REST = 4
"""The bounds beside the symbols take as much as so many symbols."""


@dataclass(frozen=True, slots=True)
class DualPlan:
    """A way to bounds of targets.

    Args:
        tops: the bounds, over the relaxation's unit.
        work: what the check takes, about, in multiplications.
        passes: the bounds are those from the outputs back, not those on the way forward.
    """

    relaxation: DualBounds
    tops: Mapping[Key, int]
    work: int
    passes: bool


def has_plan(problem: CertificationProblem, targets: Mapping[Key, Target], most: int) -> bool:
    """Whether any way takes no more work than that."""
    return passes_work(problem, len(targets)) <= most or (
        _pairs(problem) and _fewest(problem) <= most
    )


def dual_plans(
    problem: CertificationProblem, targets: Mapping[Key, Target], prec: int, most: int | None
) -> Iterator[DualPlan]:
    """Ways to bounds that take no more work than that."""
    hidden = sum(sum(n.widths[1:-1]) for n in (problem.teacher, problem.student))
    passes = passes_work(problem, len(targets))
    relaxations = [(DualBounds(problem, prec), 0)]
    relaxations += _with_forms(problem, prec, most)
    relaxations.append((DualBounds(problem, prec, tighten=True), passes_work(problem, 2 * hidden)))
    for relaxation, work in relaxations:
        forward = forward_tops(relaxation, targets) if relaxation.symbols else None
        if forward is not None:
            yield DualPlan(relaxation, forward, work, passes=False)
        if most is None or work + passes <= most:
            tops = bound_targets(relaxation, targets, DualCertificate(prec))
            yield DualPlan(relaxation, tops, work + passes, passes=True)


def best_plan(
    plans: Iterable[DualPlan], need: Callable[[DualPlan], Fraction], enough: Fraction | None
) -> DualPlan | None:
    """The one with the least work among those that are good enough; or else the best.

    Args:
        need: how far a plan's bounds are from good; small is good.
        enough: a need that is; None for as small a one as possible.
    """
    known = [(need(plan), plan) for plan in plans]
    if enough is not None and (good := [plan for found, plan in known if found <= enough]):
        return min(good, key=lambda plan: plan.work)
    return min(known, key=lambda pair: (pair[0], pair[1].work), default=(None, None))[1]


def _with_forms(
    problem: CertificationProblem, prec: int, most: int | None
) -> Iterator[tuple[DualBounds, int]]:
    """Affine forms with more and more symbols, and the work that they take."""
    if not _pairs(problem):
        return
    widest, before = 0, None
    while most is None or _fewest(problem) <= most:
        relaxation = DualBounds(problem, prec, widest=widest)
        counts = [len(forms.symbols) for forms in relaxation.forms]
        work = forms_work(problem, counts)
        if counts == before or (most is not None and work > most):
            return
        yield relaxation, work
        widest, before = 2 * widest or 1, counts


def passes_work(problem: CertificationProblem, passes: int) -> int:
    """What so many passes from the outputs back take."""
    return passes * sum(n.parameter_count for n in (problem.teacher, problem.student))


def _pairs(problem: CertificationProblem) -> bool:
    """Whether there can be forms of both networks."""
    return pairs(problem.teacher.layers[0], problem.student.layers[0])


def _fewest(problem: CertificationProblem) -> int:
    """What forms without any neuron's symbols take."""
    return forms_work(problem, [problem.box.dim] * len(problem.teacher.layers))


def forms_work(problem: CertificationProblem, counts: Sequence[int]) -> int:
    """What affine forms take with so many symbols before each layer, in multiplications of a pass:
    a coefficient takes as long as some of them."""
    layers = zip(problem.teacher.layers, counts, strict=False)
    return sum(
        _COEFFICIENT * (count + _REST) * (layer.input_dim + layer.output_dim)
        for layer, count in layers
    )
