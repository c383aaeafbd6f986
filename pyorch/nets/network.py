"""Exact feed-forward networks: every weight is the dyadic rational that its float64 is.

A layer maps x (length inputs) to act(W·x + b), with W of shape outputs × inputs. Its weights and
biases are integers over one power of two, so that evaluation, bounds and the emitted Lean text work
on integers alone and nothing is rounded on the way in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from pyorch.nets.properties import Property

__all__ = [
    "MAX_NUMERATOR_BITS",
    "Activation",
    "Box",
    "CertificationProblem",
    "Layer",
    "Network",
]

MAX_NUMERATOR_BITS = 320
"""Largest size of a layer's (or a box's) integers once they share one denominator.

The finite float32 numbers span 2^-149 to 2^128, 277 bits, so every float32 layer passes; float64
layers are refused only where they mix magnitudes that no training produces.
"""


class Activation(StrEnum):
    """What a layer applies to each of its outputs."""

    RELU = "relu"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Layer:
    """One affine map and its activation: act((weights·x + bias) / den).

    Args:
        weights: numerators, a tuple of rows, outputs × inputs.
        bias: numerators, one an output.
        den: the common denominator of weights and bias, a power of two.
        activation: applied to each output.

    Raises:
        ValueError: for an empty or ragged shape, a denominator that is no power of two, or
            numerators of more than `MAX_NUMERATOR_BITS` bits.
    """

    weights: tuple[tuple[int, ...], ...]
    bias: tuple[int, ...]
    den: int
    activation: Activation

    def __post_init__(self) -> None:
        if not self.weights or not self.weights[0]:
            raise ValueError("a layer needs at least one output and one input")
        if any(len(row) != len(self.weights[0]) for row in self.weights):
            raise ValueError("the rows of the weights differ in length")
        if len(self.bias) != len(self.weights):
            raise ValueError(f"{len(self.bias)} biases for {len(self.weights)} outputs")
        if self.den < 1 or self.den & (self.den - 1):
            raise ValueError(f"the denominator {self.den} is not a power of two")
        bits = self.numerator_bits
        if bits > MAX_NUMERATOR_BITS:
            raise ValueError(
                f"the values mix too many magnitudes: {bits}-bit integers over one denominator"
                f" (limit {MAX_NUMERATOR_BITS})"
            )

    @classmethod
    def exact(
        cls,
        weights: Sequence[Sequence[int | float]],
        bias: Sequence[int | float],
        activation: Activation,
    ) -> Layer:
        """The layer with exactly these finite values, on the smallest common denominator."""
        ratios = [[_ratio(v) for v in row] for row in (*weights, bias)]
        den = max((d for row in ratios for _, d in row), default=1)
        *rows, last = (tuple(n * (den // d) for n, d in row) for row in ratios)
        return cls(tuple(rows), last, den, activation)

    @property
    def input_dim(self) -> int:
        return len(self.weights[0])

    @property
    def output_dim(self) -> int:
        return len(self.weights)

    @property
    def numerator_bits(self) -> int:
        """Bits of the largest numerator in absolute value."""
        return max(v.bit_length() for row in (*self.weights, self.bias) for v in row)


@dataclass(frozen=True, slots=True)
class Network:
    """Layers applied in order.

    Raises:
        ValueError: for no layer, or layers that do not fit each other.
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if not self.layers:
            raise ValueError("a network needs at least one layer")
        for index, (below, layer) in enumerate(pairwise(self.layers), 1):
            if layer.input_dim != below.output_dim:
                raise ValueError(
                    f"layer {index} takes {layer.input_dim} inputs,"
                    f" layer {index - 1} has {below.output_dim} outputs"
                )

    @property
    def input_dim(self) -> int:
        return self.layers[0].input_dim

    @property
    def output_dim(self) -> int:
        return self.layers[-1].output_dim

    @property
    def widths(self) -> tuple[int, ...]:
        """Input size, then the output size of each layer: (64, 32, 10)."""
        return (self.input_dim, *(layer.output_dim for layer in self.layers))

    @property
    def parameter_count(self) -> int:
        """Weights and biases together."""
        return sum(layer.output_dim * (layer.input_dim + 1) for layer in self.layers)

    def evaluate_exact(self, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """The outputs at a rational point, without any rounding.

        Raises:
            ValueError: if the point does not have `input_dim` coordinates.
        """
        if len(point) != self.input_dim:
            raise ValueError(f"{len(point)} coordinates for {self.input_dim} inputs")
        den = math.lcm(*(x.denominator for x in point))
        values = [x.numerator * (den // x.denominator) for x in point]
        for layer in self.layers:
            values = [
                sum(map(mul, row, values)) + b * den
                for row, b in zip(layer.weights, layer.bias, strict=True)
            ]
            den *= layer.den
            if layer.activation is Activation.RELU:
                values = [max(v, 0) for v in values]
        return tuple(Fraction(v, den) for v in values)

    def evaluate_float(self, points: ArrayLike) -> NDArray[np.float64]:
        """The outputs in float64, shape (…, outputs), at points of shape (…, inputs)."""
        from pyorch.nets.float_network import FloatNetwork

        return FloatNetwork.of(self).outputs(points)


@dataclass(frozen=True, slots=True)
class Box:
    """The inputs x with lo/den ≤ x ≤ hi/den in each coordinate.

    Raises:
        ValueError: for no coordinate, bounds of different lengths, a lower bound above its upper
            bound, a denominator below 1, or numerators of more than `MAX_NUMERATOR_BITS` bits.
    """

    lo: tuple[int, ...]
    hi: tuple[int, ...]
    den: int

    def __post_init__(self) -> None:
        if not self.lo:
            raise ValueError("a box needs at least one coordinate")
        if len(self.lo) != len(self.hi):
            raise ValueError(f"{len(self.lo)} lower and {len(self.hi)} upper bounds")
        if self.den < 1:
            raise ValueError(f"the denominator {self.den} is not positive")
        for index, (lo, hi) in enumerate(zip(self.lo, self.hi, strict=True)):
            if lo > hi:
                raise ValueError(
                    f"coordinate {index}: lower bound {Fraction(lo, self.den)}"
                    f" above upper bound {Fraction(hi, self.den)}"
                )
        bits = max(v.bit_length() for v in (*self.lo, *self.hi, self.den))
        if bits > MAX_NUMERATOR_BITS:
            raise ValueError(
                f"the bounds need {bits}-bit integers over one denominator"
                f" (limit {MAX_NUMERATOR_BITS})"
            )

    @classmethod
    def exact(cls, lower: Sequence[Fraction], upper: Sequence[Fraction]) -> Box:
        """The box with exactly these bounds, on their least common denominator."""
        den = 1
        for x in (*lower, *upper):
            den = math.lcm(den, x.denominator)
            if den.bit_length() > MAX_NUMERATOR_BITS:  # before many of them multiply up
                raise ValueError(
                    f"the bounds have no common denominator of {MAX_NUMERATOR_BITS} bits"
                )
        lo, hi = (
            tuple(x.numerator * (den // x.denominator) for x in side) for side in (lower, upper)
        )
        return cls(lo, hi, den)

    @property
    def dim(self) -> int:
        return len(self.lo)

    @property
    def lower(self) -> tuple[Fraction, ...]:
        return tuple(Fraction(v, self.den) for v in self.lo)

    @property
    def upper(self) -> tuple[Fraction, ...]:
        return tuple(Fraction(v, self.den) for v in self.hi)

    def contains(self, point: Sequence[Fraction]) -> bool:
        return len(point) == self.dim and all(
            lo <= x * self.den <= hi for lo, x, hi in zip(self.lo, point, self.hi, strict=True)
        )


@dataclass(frozen=True, slots=True)
class CertificationProblem:
    """Teacher and student on one box of inputs, and the tolerance on their difference.

    Args:
        teacher: the network to be imitated.
        student: the network that imitates it; any depth and width, same inputs and outputs.
        box: the inputs in question.
        epsilon: claimed bound on |T_i(x) − S_i(x)| for all outputs i and all x of the box; None
            where only the smallest provable one is asked for.
        sha256: hexadecimal digest of the file's bytes.
        source: the file as the user named it.
        goal: what is asked for instead of one epsilon for all outputs; None where that is.

    Raises:
        ValueError: where the dimensions disagree, epsilon is not positive, or the networks have no
            such property.
    """

    teacher: Network
    student: Network
    box: Box
    epsilon: Fraction | None
    sha256: str
    source: str
    goal: Property | None = None

    def __post_init__(self) -> None:
        for what, theirs, ours in (
            ("student.input_dim", self.student.input_dim, self.teacher.input_dim),
            ("student.output_dim", self.student.output_dim, self.teacher.output_dim),
            ("box.dim", self.box.dim, self.teacher.input_dim),
        ):
            if theirs != ours:
                raise ValueError(f"{what} is {theirs}, the teacher's is {ours}")
        if self.epsilon is not None and self.epsilon <= 0:
            raise ValueError(f"epsilon {self.epsilon} is not positive")
        if self.goal is not None:
            self.goal.require(self.teacher, self.student)

    @property
    def is_paired(self) -> bool:
        """Whether the layers match one to one, in widths and activations."""
        return self.teacher.widths == self.student.widths and all(
            t.activation is s.activation
            for t, s in zip(self.teacher.layers, self.student.layers, strict=True)
        )

    def difference_at(self, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """T_i(x) − S_i(x) for each output i, exactly."""
        return tuple(
            t - s
            for t, s in zip(
                self.teacher.evaluate_exact(point), self.student.evaluate_exact(point), strict=True
            )
        )


def _ratio(value: int | float) -> tuple[int, int]:
    """(n, d) with value = n/d exactly and d a power of two.

    Raises:
        ValueError: for an infinity or NaN.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is not a finite number")
    return value.as_integer_ratio()
