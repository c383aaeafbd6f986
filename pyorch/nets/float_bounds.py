"""The bounds of `pyorch.nets.bounds` in float64, for many boxes at once: for search only.

The same formulas without the rounding to 2^-prec, so what comes out is a proposal that an exact
check has to confirm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyorch.nets.bounds import pairs
from pyorch.nets.float_network import FloatNetwork
from pyorch.nets.network import Activation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyorch.nets.network import CertificationProblem

    Floats = NDArray[np.float64]

__all__ = ["FloatBounds"]


@dataclass(frozen=True, slots=True)
class _Affine:
    """W·x + b for boxes of x, by the parts of W above and below zero (transposed)."""

    positive: Floats
    negative: Floats
    bias: Floats

    @classmethod
    def of(cls, weights: Floats, bias: Floats) -> _Affine:
        return cls(np.maximum(weights, 0.0).T, np.minimum(weights, 0.0).T, bias)

    def __call__(self, x: _Boxes) -> _Boxes:
        return _Boxes(
            x.lo @ self.positive + x.hi @ self.negative + self.bias,
            x.hi @ self.positive + x.lo @ self.negative + self.bias,
        )


@dataclass(frozen=True, slots=True)
class _Boxes:
    """Boxes one a row: bounds of shape (boxes, coordinates)."""

    lo: Floats
    hi: Floats

    def minus(self, other: _Boxes) -> _Boxes:
        return _Boxes(self.lo - other.hi, self.hi - other.lo)

    def inter(self, other: _Boxes) -> _Boxes:
        return _Boxes(np.maximum(self.lo, other.lo), np.minimum(self.hi, other.hi))

    def activated(self, activation: Activation) -> _Boxes:
        if activation is Activation.IDENTITY:
            return self
        return _Boxes(np.maximum(self.lo, 0.0), np.maximum(self.hi, 0.0))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A layer of both networks, with the difference of their weights."""

    teacher: _Affine
    student: _Affine
    change: _Affine
    activation: Activation

    def __call__(self, t: _Boxes, s: _Boxes, delta: _Boxes) -> tuple[_Boxes, _Boxes, _Boxes]:
        linear = _Affine(self.teacher.positive, self.teacher.negative, np.zeros(1))(delta)
        moved = self.change(s)
        t, s = self.teacher(t), self.student(s)
        delta = _Boxes(linear.lo + moved.lo, linear.hi + moved.hi).inter(t.minus(s))
        t, s = t.activated(self.activation), s.activated(self.activation)
        if self.activation is Activation.RELU:
            kink = _Boxes(np.minimum(delta.lo, t.lo), np.maximum(delta.hi, -s.lo))
            delta = kink.inter(t.minus(s))
        return t, s, delta


class FloatBounds:
    """Bounds of a problem's networks over boxes inside its own."""

    def __init__(self, problem: CertificationProblem) -> None:
        teacher, student = FloatNetwork.of(problem.teacher), FloatNetwork.of(problem.student)
        self._paired: list[_Pair] = []
        for index, (t, s) in enumerate(
            zip(problem.teacher.layers, problem.student.layers, strict=False)
        ):
            if not pairs(t, s):
                break
            w, v = teacher.weights[index], student.weights[index]
            b, c = teacher.biases[index], student.biases[index]
            self._paired.append(
                _Pair(_Affine.of(w, b), _Affine.of(v, c), _Affine.of(w - v, b - c), t.activation)
            )
        self._alone = [
            [
                (_Affine.of(w, b), activation)
                for w, b, activation in zip(
                    network.weights[len(self._paired) :],
                    network.biases[len(self._paired) :],
                    network.activations[len(self._paired) :],
                    strict=True,
                )
            ]
            for network in (teacher, student)
        ]

    @np.errstate(over="ignore", invalid="ignore")
    def gaps(self, lo: Floats, hi: Floats) -> Floats:
        """A bound of max_i |T_i − S_i| on each box, up to rounding; infinite where it overflows.

        Args:
            lo, hi: the boxes' corners, shape (boxes, inputs).
        """
        x = _Boxes(lo, hi)
        t, s, delta = x, x, _Boxes(np.zeros_like(lo), np.zeros_like(hi))
        for pair in self._paired:
            t, s, delta = pair(t, s, delta)
        if any(self._alone):
            t, s = (self._rest(layers, x) for layers, x in zip(self._alone, (t, s), strict=True))
            delta = t.minus(s)
        largest: Floats = np.maximum(-delta.lo, delta.hi).max(axis=1)
        return np.nan_to_num(largest, nan=np.inf, posinf=np.inf)

    def influence(self) -> Floats:
        """How strongly each input may act on the outputs of either network: the product of the
        absolute weights, shape (inputs,)."""
        total = 0.0
        for paired, rest in zip(("teacher", "student"), self._alone, strict=True):
            affine = [getattr(pair, paired) for pair in self._paired] + [a for a, _ in rest]
            product: Floats = np.eye(affine[0].positive.shape[0])
            for layer in affine:
                product = product @ (layer.positive - layer.negative)
                product /= max(float(product.max()), 1e-300)  # only the proportions matter
            total = total + product.max(axis=1)
        return np.asarray(total, dtype=np.float64)

    @staticmethod
    def _rest(layers: Sequence[tuple[_Affine, Activation]], x: _Boxes) -> _Boxes:
        for affine, activation in layers:
            x = affine(x).activated(activation)
        return x
