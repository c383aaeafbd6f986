"""What a relaxation is made of: its steps, combinations of values, and the certificate."""

from __future__ import annotations

from dataclasses import dataclass

from pyorch.nets.bounds import Interval
from pyorch.nets.network import Activation, Layer

__all__ = ["DualCertificate", "DualRow", "Intervals", "Multipliers", "Side", "Step"]


@dataclass(frozen=True, slots=True)
class Multipliers:
    """The multipliers of one step's pre-activations, over unit; empty for a network that does not
    take part in it. A missing one counts as 0, one too many is ignored."""

    teacher: tuple[int, ...]
    student: tuple[int, ...]


DualRow = tuple[Multipliers, ...]
"""Multipliers of each step, the last one first; steps past the end take CROWN's slopes. Those of a
step without a ReLU are not read."""


@dataclass(frozen=True, slots=True)
class DualCertificate:
    """What Lean needs besides the networks and the box.

    Args:
        prec: all bounds and multipliers are over 2^prec.
        tighten: bound pre-activations by relaxation, too, not by intervals alone.
        upper: for each output, the multipliers that bound teacher minus student.
        lower: the same for student minus teacher.
        symbols: for the inputs and for each layer but the last, the values that have symbols of
            their own in affine forms, as bits; layers past the end do without forms.
    """

    prec: int
    tighten: bool = False
    upper: tuple[DualRow, ...] = ()
    lower: tuple[DualRow, ...] = ()
    symbols: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """A linear combination of one network's values: numerators of the coefficients, over den."""

    row: tuple[int, ...]
    den: int

    def padded(self, n: int) -> tuple[int, ...]:
        """Exactly n coefficients."""
        return self.row[:n] + (0,) * (n - len(self.row))


Intervals = tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One layer of the teacher, of the student, or one of each, and the bounds over unit of their
    pre-activations.

    Args:
        teacher, student: the layers; None for a network that does not take part.
        teacher_bounds, student_bounds: empty where the layer is None.
        difference_bounds: of teacher minus student; empty where one is None.
    """

    teacher: Layer | None
    student: Layer | None
    teacher_bounds: Intervals
    student_bounds: Intervals
    difference_bounds: Intervals

    @property
    def is_relu(self) -> bool:
        layer = self.teacher or self.student
        return layer is not None and layer.activation is Activation.RELU

    @property
    def after(self) -> tuple[Intervals, Intervals, Intervals]:
        """The bounds after the activation."""
        if not self.is_relu:
            return self.teacher_bounds, self.student_bounds, self.difference_bounds
        t, s = (
            tuple(z.relu() for z in bounds) for bounds in (self.teacher_bounds, self.student_bounds)
        )
        delta = tuple(map(Interval.relu_diff, self.difference_bounds, t, s))
        return t, s, delta
