"""Ways to bounds by relaxation, and what they take the kernel.

Intervals before the activations cost next to nothing. Affine forms cost as much as they have
symbols: none but the inputs, and then the neurons with the widest gaps, twice as many in each layer
as before. Passes back cost all weights for each side of each output, and of each neuron where they
tighten its bounds, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pyorch.nets.bounds import Interval, pairs
from pyorch.nets.dual import DualBounds, DualCertificate
from pyorch.nets.network import CertificationProblem

__all__ = ["DualPlan", "dual_plans", "forms_work", "has_plan"]

_COEFFICIENT = 10
_REST = 4
"""The bounds beside the symbols take as much as so many symbols."""


@dataclass(frozen=True, slots=True)
class DualPlan:
    """A way to bounds.

    Args:
        gaps: for each output, what it proves.
        work: what the check takes, about, in multiplications.
        passes: the bounds are those from the outputs back, not those on the way forward.
    """

    relaxation: DualBounds
    gaps: tuple[Fraction, ...]
    work: int
    passes: bool

    @property
    def epsilon(self) -> Fraction:
        return max(self.gaps)


def has_plan(problem: CertificationProblem, most: int) -> bool:
    """Whether any way takes no more work than that."""
    return _passes(problem) <= most or (_pairs(problem) and _fewest(problem) <= most)


def dual_plans(problem: CertificationProblem, prec: int, most: int | None) -> Iterator[DualPlan]:
    """Ways to bounds that take no more work than that."""
    networks = (problem.teacher, problem.student)
    weights = sum(n.parameter_count for n in networks)
    tight = 2 * sum(sum(n.widths[1:-1]) for n in networks) * weights
    passes = _passes(problem)
    relaxations = [(DualBounds(problem, prec), 0)]
    relaxations += _with_forms(problem, prec, most)
    relaxations.append((DualBounds(problem, prec, tighten=True), tight))
    for relaxation, work in relaxations:
        if relaxation.symbols and relaxation.forward is not None:
            yield DualPlan(relaxation, _gaps(relaxation, relaxation.forward), work, passes=False)
        if most is None or work + passes <= most:
            bounds = relaxation.bounds(DualCertificate(prec))
            yield DualPlan(relaxation, _gaps(relaxation, bounds), work + passes, passes=True)


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


def _passes(problem: CertificationProblem) -> int:
    """What the passes from the outputs back take."""
    weights = sum(n.parameter_count for n in (problem.teacher, problem.student))
    return 2 * problem.teacher.output_dim * weights


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


def _gaps(relaxation: DualBounds, bounds: Sequence[Interval]) -> tuple[Fraction, ...]:
    return tuple(Fraction(max(-i.lo, i.hi, 0), relaxation.unit) for i in bounds)
