"""Bounds of two networks' difference by linear relaxation, bit for bit as Lean computes them.

The mirror of `lean/PyOrch/Net/Dual.lean`. A linear combination of the outputs of both networks is
carried back to the shared input, layer by layer, and bounded there over the box, so that what both
networks do alike cancels first. At a ReLU layer the coefficients a of the outputs relu(z) are
replaced by coefficients p of z, and the largest a·relu(z) − p·z, neuron by neuron over the bounds
of z, is added. Every p is sound (weak duality): they are the multipliers of the constraints
z = W·y + b. With a slope of the triangle relaxation this is CROWN; the best p solve a linear
programme (`pyorch.nets.dual_search`). Where layers of both networks pair, two neurons are relaxed
together, over the bounds of z_T, of z_S and of z_T − z_S.

The bounds of z come from intervals and, if asked, from affine forms (`pyorch.nets.dual_forms`) or
from passes of their own. Those of the outputs may suffice, without any pass.

All bounds and multipliers are integers over unit = 2^prec, whatever the depth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from pyorch.nets.bounds import (
    Interval,
    affine_bounds,
    common_factors,
    layer_pair_bounds,
    pairs,
)
from pyorch.nets.dual_forms import Forms, Pair, noise, widest_gaps
from pyorch.nets.dual_neuron import pair_gap, pair_slopes, relu_gap, slope, top
from pyorch.nets.dual_steps import (
    DualCertificate,
    DualRow,
    Intervals,
    Multipliers,
    Side,
    Step,
)
from pyorch.nets.network import Activation, CertificationProblem, Layer

__all__ = ["DualBounds", "DualCertificate", "DualRow", "Multipliers", "Side", "Step"]

_NOTHING = Side((), 1)


class DualBounds:
    """The relaxation of one problem at one precision.

    Args:
        problem: networks and box.
        prec: of bounds and multipliers.
        tighten: bound pre-activations by relaxation, too, with CROWN's slopes.
        symbols: those of affine forms, as in `DualCertificate`.
        widest: choose the symbols: for all inputs, and for so many neurons of each layer, those
            with the widest gaps. Once `steps` are known, `symbols` has them.
    """

    def __init__(
        self, problem: CertificationProblem, prec: int, *, tighten: bool = False,
        symbols: tuple[int, ...] = (), widest: int | None = None,
    ) -> None:  # fmt: skip
        self.problem, self.unit, self.tighten = problem, 1 << prec, tighten
        self.widest = widest
        self.symbols = symbols if widest is None else ((1 << problem.box.dim) - 1,)
        self._forms: list[Forms] = []
        self._inputs = tuple(map(Interval, problem.box.lo, problem.box.hi))
        self.combined: dict[int, int] = {}
        """For each layer, by `id`, the largest sum of coefficients that Lean has met in a
        combination of its rows, moved up so that none is negative: lanes have to hold it."""

    @classmethod
    def of(cls, problem: CertificationProblem, certificate: DualCertificate) -> DualBounds:
        """The relaxation that a certificate asks for."""
        return cls(
            problem, certificate.prec, tighten=certificate.tighten, symbols=certificate.symbols
        )

    @cached_property
    def inputs(self) -> Intervals:
        """The box over unit, rounded outward."""
        return tuple(x.round(self.unit, self.problem.box.den) for x in self._inputs)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All steps, the last first: on the way forward what pairs, then the teacher's rest, then
        the student's."""
        unit, teacher, student = self.unit, self.problem.teacher.layers, self.problem.student.layers
        t = s = self.inputs
        delta: tuple[Interval, ...] = (Interval(0, 0),) * len(t)
        steps: tuple[Step, ...] = ()
        forms = noise(Pair(t, s, delta), self.symbols[0]) if self.symbols else None
        paired = 0
        for layer, other in zip(teacher, student, strict=False):
            if not pairs(layer, other):
                break
            found = Pair(
                *layer_pair_bounds(unit, _affine(layer), _affine(other), unit, t, s, delta)
            )
            if forms is not None:
                self._forms.append(forms)
                forms = forms.through(unit, layer, other)
                found = found.meet(forms.bounds)
            step = self._tightened(Step(layer, other, *found), steps)
            steps = (step, *steps)
            t, s, delta = step.after
            paired += 1
            if forms is not None:
                forms = self._forms_after(step, forms, paired)
        for layer in teacher[paired:]:
            alone = tuple(affine_bounds(unit, layer, unit, t))
            steps = (self._tightened(Step(layer, None, alone, (), ()), steps), *steps)
            t = steps[0].after[0]
        for layer in student[paired:]:
            alone = tuple(affine_bounds(unit, layer, unit, s))
            steps = (self._tightened(Step(None, layer, (), alone, ()), steps), *steps)
            s = steps[0].after[1]
        return steps

    def _forms_after(self, step: Step, forms: Forms, layer: int) -> Forms | None:
        """Those of the inputs of the layer with this number, if the symbols go as far."""
        z = Pair(step.teacher_bounds, step.student_bounds, step.difference_bounds)
        if layer == min(len(self.problem.teacher.layers), len(self.problem.student.layers)):
            return None
        if self.widest is not None:
            self.symbols += (widest_gaps(z, self.widest) if step.is_relu else 0,)
        if layer >= len(self.symbols):
            return None
        if not step.is_relu:
            return forms
        return forms.relu(self.unit, z, self.symbols[layer])

    @property
    def forms(self) -> tuple[Forms, ...]:
        """The affine forms of the inputs of each layer that has any."""
        return tuple(self._forms) if self.steps else ()

    @property
    def forward(self) -> Intervals | None:
        """Bounds over unit of teacher minus student for each output, on the way forward; None where
        the last layers do not pair."""
        last = self.steps[0]
        return last.after[2] if last.teacher and last.student else None

    def bound(self, output: int, *, upper: bool, row: DualRow = ()) -> int:
        """A bound over unit of teacher minus student in one output (of student minus teacher, if
        not `upper`)."""
        sign = 1 if upper else -1
        zeros = (0,) * output
        return self.back(self.steps, row, Side((*zeros, sign), 1), Side((*zeros, -sign), 1))

    def bounds(self, certificate: DualCertificate) -> tuple[Interval, ...]:
        """Bounds over unit of teacher minus student for each output."""
        below, above = (
            [
                self.bound(i, upper=upper, row=rows[i] if i < len(rows) else ())
                for i in range(self.problem.teacher.output_dim)
            ]
            for upper, rows in ((False, certificate.lower), (True, certificate.upper))
        )
        return tuple(Interval(-lo, hi) for lo, hi in zip(below, above, strict=True))

    def epsilon(self, certificate: DualCertificate) -> Fraction:
        """The smallest ε that the certificate proves, on the way forward or back."""
        found = [self.bounds(certificate), self.forward]
        widest = min(max(max(-i.lo, i.hi, 0) for i in bounds) for bounds in found if bounds)
        return Fraction(widest, self.unit)

    def back(self, steps: Sequence[Step], row: DualRow, t: Side, s: Side) -> int:
        """A bound over unit of the sum of both combinations of the values after the steps."""
        total = 0
        for index, step in enumerate(steps):
            given = row[index] if index < len(row) else None
            if step.is_relu:
                (t, s), gap = self._relax(step, given, t, s)
                total += gap
            if step.teacher:
                t, constant = self._through(step.teacher, t)
                total += constant
            if step.student:
                s, constant = self._through(step.student, s)
                total += constant
        k_t, k_s = common_factors(t.den, s.den)
        n = len(self._inputs)
        numerators = zip(t.padded(n), s.padded(n), self._inputs, strict=True)
        most = sum(top(k_t * a + k_s * b, x) for a, b, x in numerators)
        return total + _ceil(self.unit * most, k_t * t.den * self.problem.box.den)

    def _through(self, layer: Layer, side: Side) -> tuple[Side, int]:
        """From a layer's pre-activations to its inputs, and what its biases add, over unit."""
        row, used = [0] * layer.input_dim, side.padded(layer.output_dim)
        moved = sum(used) + layer.output_dim * sum(max(-c, 0) for c in side.row)
        self.combined[id(layer)] = max(moved, self.combined.get(id(layer), 0))
        for c, weights in zip(side.row, layer.weights, strict=False):
            if c:
                row = [r + c * w for r, w in zip(row, weights, strict=True)]
        den = side.den * layer.den
        constant = sum(c * b for c, b in zip(side.row, layer.bias, strict=False))
        return Side(tuple(row), den), _ceil(self.unit * constant, den)

    def _relax(
        self, step: Step, given: Multipliers | None, t: Side, s: Side
    ) -> tuple[tuple[Side, Side], int]:
        """From a ReLU layer's outputs to its pre-activations, and what that adds, over unit."""
        unit = self.unit
        chosen = given or self.slopes(step, t, s)
        if step.teacher and step.student:
            n = step.teacher.output_dim
            k_t, k_s = common_factors(t.den, s.den)
            den = k_t * t.den
            p, q = Side(chosen.teacher, unit), Side(chosen.student, unit)
            gap = sum(
                pair_gap(unit * k_t * a, unit * k_s * b, den * c, den * d, *bounds)
                for a, b, c, d, *bounds in zip(
                    t.padded(n), s.padded(n), p.padded(n), q.padded(n),
                    step.teacher_bounds, step.student_bounds, step.difference_bounds, strict=True,
                )
            )  # fmt: skip
            return (p, q), _ceil(gap, den * unit)
        side, bounds, multipliers = (
            (t, step.teacher_bounds, chosen.teacher)
            if step.teacher
            else (s, step.student_bounds, chosen.student)
        )
        p, n = Side(multipliers, unit), len(bounds)
        gap = _ceil(
            sum(
                relu_gap(unit * a, side.den * c, z)
                for a, c, z in zip(side.padded(n), p.padded(n), bounds, strict=True)
            ),
            side.den * unit,
        )
        return ((p, s) if step.teacher else (t, p)), gap

    def slopes(self, step: Step, t: Side, s: Side) -> Multipliers:
        """CROWN's multipliers of a ReLU layer's pre-activations, by the signs of the coefficients
        of its outputs."""
        unit = self.unit
        a = [unit * c // t.den for c in t.padded(len(step.teacher_bounds))]
        b = [unit * c // s.den for c in s.padded(len(step.student_bounds))]
        if not (step.teacher and step.student):
            return Multipliers(
                tuple(map(slope, a, step.teacher_bounds)),
                tuple(map(slope, b, step.student_bounds)),
            )
        chosen = map(
            pair_slopes, a, b, step.teacher_bounds, step.student_bounds, step.difference_bounds
        )
        p, q = zip(*chosen, strict=True)
        return Multipliers(p, q)

    def _tightened(self, step: Step, before: tuple[Step, ...]) -> Step:
        """The step with bounds from the relaxation of those before it, where a sign is open."""
        if not (self.tighten and before and step.is_relu):
            return step

        def bound(j: int, i: Interval, of_teacher: int, of_student: int) -> Interval:
            def above(sign: int) -> int:
                t, s, total = _NOTHING, _NOTHING, 0
                if step.teacher and of_teacher:
                    t, total = self._through(step.teacher, _unit(j, sign * of_teacher))
                if step.student and of_student:
                    s, constant = self._through(step.student, _unit(j, sign * of_student))
                    total += constant
                return total + self.back(before, (), t, s)

            return i.inter(Interval(-above(-1), above(1)))

        teacher, student = (
            tuple(bound(j, i, *side) if i.lo < 0 < i.hi else i for j, i in enumerate(intervals))
            for intervals, side in ((step.teacher_bounds, (1, 0)), (step.student_bounds, (0, 1)))
        )
        difference = step.difference_bounds
        if difference:
            difference = tuple(
                bound(j, d.inter(t.sub(s)), 1, -1) if t.lo < 0 < t.hi or s.lo < 0 < s.hi
                else d.inter(t.sub(s))
                for j, (d, t, s) in enumerate(zip(difference, teacher, student, strict=True))
            )  # fmt: skip
        return replace(
            step, teacher_bounds=teacher, student_bounds=student, difference_bounds=difference
        )


def _affine(layer: Layer) -> Layer:
    return replace(layer, activation=Activation.IDENTITY)


def _unit(j: int, sign: int) -> Side:
    return Side((0,) * j + (sign,), 1)


def _ceil(numerator: int, den: int) -> int:
    return -(-numerator // den)
