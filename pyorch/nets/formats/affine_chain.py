"""Operations one after another, gathered into layers without rounding."""

from __future__ import annotations

import numpy as np

from pyorch.nets.formats.exact_array import ExactArray, exact_layer
from pyorch.nets.formats.files import check_widths
from pyorch.nets.network import Activation, Layer, Network

__all__ = ["AffineChain"]


class AffineChain:
    """Builds a network from additions, matrix products and ReLUs, in the order of evaluation.

    An open affine map gathers additions. It becomes a layer at a ReLU, at the end, or where another
    matrix follows: products of two matrices are not formed, so that the numbers stay as small as in
    the file. A shift ahead of a matrix goes into that layer's bias.

    Raises:
        ValueError: here and in all methods, past the limits of networks and layers.
    """

    def __init__(self, inputs: int) -> None:
        check_widths([inputs])
        self._widths = [inputs]
        self._layers: list[Layer] = []
        self._weights: ExactArray | None = None  # None: the identity
        self._shift: ExactArray | None = None  # None: zero

    @property
    def width(self) -> int:
        """Of the value so far."""
        return self._widths[-1]

    def add(self, vector: ExactArray) -> None:
        """x ↦ x + vector, of shape (width,)."""
        if not vector.is_zero:
            self._shift = vector if self._shift is None else self._shift.plus(vector)

    def negate(self) -> None:
        """x ↦ −x."""
        self._weights = self._matrix().negated()
        self._shift = None if self._shift is None else self._shift.negated()

    def multiply(self, matrix: ExactArray) -> None:
        """x ↦ matrix·x, of shape (outputs, width)."""
        if self._weights is not None:
            self._close(Activation.IDENTITY)
        self._widen(matrix.shape[0])
        self._weights = matrix
        self._shift = None if self._shift is None else matrix.times(self._shift)

    def relu(self) -> None:
        """x ↦ max(x, 0)."""
        if self._is_open or not self._layers:  # else the layer below ends with one
            self._close(Activation.RELU)

    def network(self) -> Network:
        """What was built."""
        if self._is_open or not self._layers:
            self._close(Activation.IDENTITY)
        return Network(tuple(self._layers))

    @property
    def _is_open(self) -> bool:
        return self._weights is not None or self._shift is not None

    def _matrix(self) -> ExactArray:
        if self._weights is not None:
            return self._weights
        self._widen(self.width)
        return ExactArray(np.eye(self.width, dtype=np.int64).astype(object))

    def _widen(self, outputs: int) -> None:
        check_widths([*self._widths, outputs])
        self._widths.append(outputs)

    def _close(self, activation: Activation) -> None:
        weights = self._matrix()
        shift = self._shift
        if shift is None:
            shift = ExactArray(np.zeros(self.width, dtype=np.int64).astype(object))
        self._layers.append(exact_layer(weights, shift, activation))
        self._weights = self._shift = None
