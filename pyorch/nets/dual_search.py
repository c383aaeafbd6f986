"""Multipliers for a relaxation: the dual linear programme, solved by HiGHS, rounded.

For one output the smallest bound that `DualBounds.back` can yield is a linear programme in the
multipliers p of all ReLU layers. The coefficients of a layer's outputs are a = Wᵀ·p' for those p'
of the layer after, and the gap of a neuron is the largest a·relu(z) − p·z over the ends of z's
bounds and 0 (for a pair of neurons, over the corners of the region of z_T and z_S):

    minimise   Σ gap + Σ p·bias + Σ top
    subject to gap ≥ a·relu(z) − p·z           for each neuron and each corner z,
               top ≥ e·lo, top ≥ e·hi          for each input, e the coefficient that reaches it

It is the dual of the relaxation in which each neuron's graph is replaced by its convex hull. A
solution needs not be optimal, not even feasible: whatever multipliers come out are rounded, and
`DualBounds` computes in integers what they prove.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from pyorch.nets.bounds import PRECS, Interval
from pyorch.nets.dual import DualBounds, DualCertificate, DualRow, Multipliers, Side, Step
from pyorch.nets.dual_goals import gaps_of, output_targets
from pyorch.nets.dual_neuron import is_open
from pyorch.nets.dual_plans import best_plan, dual_plans, has_plan
from pyorch.nets.network import CertificationProblem, Layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = [
    "KERNEL_WORK",
    "DualResult",
    "has_open_sign",
    "optimal_row",
    "row_for",
    "search_dual",
]

KERNEL_WORK = 300_000
"""Multiplications of a check by duality for which Lean has time; about a minute of the kernel."""
MAX_PROGRAMMES = 64
"""Linear programmes that one search solves."""
_LOSS = Fraction(1001, 1000)


@dataclass(frozen=True, slots=True)
class DualResult:
    """A certificate and what it proves.

    Args:
        epsilon: the largest of `gaps`.
        gaps: for each output, a bound of the difference.
        programmes: how many linear programmes were solved.
    """

    certificate: DualCertificate
    gaps: tuple[Fraction, ...]
    programmes: int = 0

    @property
    def epsilon(self) -> Fraction:
        return max(self.gaps)


def search_dual(
    problem: CertificationProblem,
    prec: int | None = None,
    *,
    optimise: bool = True,
    most: int | None = None,
) -> DualResult | None:
    """A certificate for the problem's ε that is checked quickly, or else for a small ε: the best of
    affine forms, and of CROWN with and without tightened bounds, and then the best multipliers for
    the outputs whose bound is the largest, as long as that helps.

    Args:
        prec: of the bounds; chosen if None.
        optimise: solve linear programmes (by SciPy), where a sign is open.
        most: work that the check may take, about, in multiplications; None for no limit.

    Returns:
        None where every check would take more.
    """
    targets = output_targets(tuple(range(problem.teacher.output_dim)))
    if most is not None and not has_plan(problem, targets, most):
        return None
    if prec is None:
        prec = choose_dual_prec(problem)
    unit, target = 1 << prec, problem.epsilon
    plan = best_plan(
        dual_plans(problem, targets, prec, most),
        lambda plan: Fraction(max(*plan.tops.values(), 0), unit),
        target,
    )
    if plan is None:
        return None
    relaxation, gaps = plan.relaxation, tuple(gaps_of(plan.tops, unit).values())
    certificate = DualCertificate(prec, relaxation.tighten, symbols=relaxation.symbols)
    enough = target is not None and max(gaps) <= target
    if enough or not plan.passes or not optimise or not has_open_sign(relaxation):
        return DualResult(certificate, gaps)
    return _optimised(relaxation, certificate)


def _optimised(relaxation: DualBounds, certificate: DualCertificate) -> DualResult:
    """The best multipliers for the outputs whose bound is the largest, as long as that helps."""
    bounds = relaxation.bounds(certificate)
    rows: dict[tuple[int, bool], DualRow] = {}
    tops = {
        (index, upper): i.hi if upper else -i.lo
        for index, i in enumerate(bounds)
        for upper in (True, False)
    }
    solved: set[tuple[int, bool]] = set()
    while len(solved) < MAX_PROGRAMMES:
        worst = max(tops, key=lambda key: tops[key])
        if worst in solved:
            break
        solved.add(worst)
        row = optimal_row(relaxation, worst[0], upper=worst[1])
        top = relaxation.bound(worst[0], upper=worst[1], row=row)
        if top < tops[worst]:
            rows[worst], tops[worst] = row, top
    outputs = range(relaxation.problem.teacher.output_dim)
    upper_rows, lower_rows = (
        tuple(rows.get((index, upper), ()) for index in outputs) for upper in (True, False)
    )
    if rows:
        certificate = replace(certificate, upper=upper_rows, lower=lower_rows)
    gaps = tuple(Fraction(max(tops[i, True], tops[i, False], 0), relaxation.unit) for i in outputs)
    return DualResult(certificate, gaps, len(solved))


def choose_dual_prec(problem: CertificationProblem) -> int:
    """The smallest listed precision that loses less than a thousandth of CROWN's ε."""

    def epsilon(prec: int) -> Fraction:
        bounds = DualBounds(problem, prec).bounds(DualCertificate(prec))
        return Fraction(max(max(-i.lo, i.hi) for i in bounds), 1 << prec)

    finest = epsilon(PRECS[-1])
    return next((p for p in PRECS if epsilon(p) <= finest * _LOSS), PRECS[-1])


def optimal_row(relaxation: DualBounds, output: int, *, upper: bool) -> DualRow:
    """The multipliers of the least bound of one output, over the relaxation's unit; CROWN's, if
    the solver fails."""
    sign = 1 if upper else -1
    return row_for(relaxation, *(Side((0,) * output + (s,), 1) for s in (sign, -sign)))


def row_for(relaxation: DualBounds, teacher: Side, student: Side) -> DualRow:
    """The multipliers of the least bound of the sum of two combinations of the outputs; CROWN's, if
    the solver fails."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    programme = _Programme(relaxation.unit)
    blocks = programme.add_steps(relaxation, teacher, student)
    rows, columns, values = programme.entries
    solution = linprog(
        programme.costs,
        A_ub=coo_array((values, (rows, columns)), shape=(len(programme.limits), programme.size)),
        b_ub=programme.limits,
        bounds=(None, None),
        method="highs",
    )
    if solution.x is None:
        return ()

    def rounded(block: _Block | None) -> tuple[int, ...]:
        if block is None:
            return ()
        chosen = solution.x[block.start : block.start + block.size]
        return tuple(round(v * relaxation.unit) for v in chosen.tolist())

    return tuple(Multipliers(rounded(t), rounded(s)) for t, s in blocks)


@dataclass(frozen=True, slots=True)
class _Block:
    """Consecutive variables of the programme."""

    start: int
    size: int


@dataclass(frozen=True, slots=True)
class _Row:
    """Coefficients of some values as functions of the variables: matrix · block + constant."""

    block: _Block | None
    matrix: Array
    constant: Array


@dataclass(slots=True)
class _Programme:
    """A linear programme while it is put together: costs · x least, with entries · x ≤ limits."""

    unit: int
    size: int = 0
    costs: list[float] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    entries: tuple[list[int], list[int], list[float]] = field(default_factory=lambda: ([], [], []))

    def variables(self, costs: Sequence[float]) -> _Block:
        block = _Block(self.size, len(costs))
        self.size += block.size
        self.costs += costs
        return block

    def at_least(
        self, variable: int, terms: Sequence[tuple[_Row, int, float]],
        others: Sequence[tuple[int, float]],
    ) -> None:  # fmt: skip
        """variable ≥ Σ factor · coefficient + Σ factor · other variable."""
        rows, columns, values = self.entries
        number, limit = len(self.limits), 0.0
        for row, index, factor in terms:
            limit -= factor * float(row.constant[index])
            if row.block is not None and factor:
                columns += range(row.block.start, row.block.start + row.block.size)
                values += (factor * row.matrix[index]).tolist()
                rows += [number] * row.block.size
        for other, factor in (*others, (variable, -1.0)):
            if factor:
                rows.append(number)
                columns.append(other)
                values.append(factor)
        self.limits.append(limit)

    def add_steps(
        self, relaxation: DualBounds, teacher: Side, student: Side
    ) -> list[tuple[_Block | None, _Block | None]]:
        """All steps' variables and constraints; the blocks of each step's multipliers."""
        n = relaxation.problem.teacher.output_dim
        t, s = (
            _Row(None, np.zeros((n, 0)), np.array(side.padded(n), float) / side.den)
            for side in (teacher, student)
        )
        blocks: list[tuple[_Block | None, _Block | None]] = []
        for step in relaxation.steps:
            p = q = None
            if step.is_relu:
                before_t, before_s = t, s
                if step.teacher:
                    p, t = self._multipliers(step.teacher)
                if step.student:
                    q, s = self._multipliers(step.student)
                self._gaps(step, before_t, before_s, p, q)
            if step.teacher:
                t = self._through(step.teacher, t)
            if step.student:
                s = self._through(step.student, s)
            blocks.append((p, q))
        box = relaxation.problem.box
        top = self.variables([1.0] * box.dim)
        for j, ends in enumerate(zip(box.lower, box.upper, strict=True)):
            for end in map(float, ends):
                self.at_least(top.start + j, [(t, j, end), (s, j, end)], [])
        return blocks

    def _through(self, layer: Layer, row: _Row) -> _Row:
        """To the inputs of a layer; what its biases add is counted."""
        if row.block is not None:
            biases = np.array([b / layer.den for b in layer.bias])
            for j, cost in enumerate((biases @ row.matrix).tolist(), row.block.start):
                self.costs[j] += cost
        weights = np.array([[w / layer.den for w in ws] for ws in layer.weights])
        return _Row(row.block, weights.T @ row.matrix, weights.T @ row.constant)

    def _multipliers(self, layer: Layer) -> tuple[_Block, _Row]:
        """Variables for the coefficients of a layer's pre-activations."""
        block = self.variables([0.0] * layer.output_dim)
        return block, _Row(block, np.eye(block.size), np.zeros(block.size))

    def _gaps(self, step: Step, t: _Row, s: _Row, p: _Block | None, q: _Block | None) -> None:
        count = len(step.teacher_bounds or step.student_bounds)
        gap = self.variables([1.0] * count)
        for j in range(count):
            for v, w in _corners(step, j, self.unit):
                terms, others = [], []
                if p is not None:
                    terms.append((t, j, max(v, 0.0)))
                    others.append((p.start + j, -v))
                if q is not None:
                    terms.append((s, j, max(w, 0.0)))
                    others.append((q.start + j, -w))
                self.at_least(gap.start + j, terms, others)


def _ends(z: Interval) -> list[int]:
    return [z.lo, 0, z.hi] if is_open(z) else [z.lo, z.hi]


def _corners(step: Step, j: int, unit: int) -> Iterator[tuple[float, float]]:
    """The corners of the region of both pre-activations, cut where one is 0."""
    if not step.teacher:
        yield from ((0.0, z / unit) for z in _ends(step.student_bounds[j]))
        return
    if not step.student:
        yield from ((z / unit, 0.0) for z in _ends(step.teacher_bounds[j]))
        return
    t, s, delta = step.teacher_bounds[j], step.student_bounds[j], step.difference_bounds[j]
    if not (is_open(t) or is_open(s)):  # each alone, as `pair_gap` has it
        yield from ((v / unit, w / unit) for v, w in product(_ends(t), _ends(s)))
        return
    found = {
        *product(_ends(t), _ends(s)),
        *((v, v - d) for v in _ends(t) for d in delta),
        *((w + d, w) for w in _ends(s) for d in delta),
    }
    for v, w in sorted(found):
        if t.lo <= v <= t.hi and s.lo <= w <= s.hi and delta.lo <= v - w <= delta.hi:
            yield v / unit, w / unit


def has_open_sign(relaxation: DualBounds) -> bool:
    """Whether any neuron's sign is open, so that multipliers matter."""
    return any(
        step.is_relu and any(map(is_open, (*step.teacher_bounds, *step.student_bounds)))
        for step in relaxation.steps
    )
