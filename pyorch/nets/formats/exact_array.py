"""Arrays of dyadic rationals: what floating-point arrays hold, computed with exactly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import numpy as np

from pyorch.nets.network import MAX_NUMERATOR_BITS, Activation, Layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ExactArray", "exact_layer"]

_MANTISSA_BITS = 53


@dataclass(frozen=True, slots=True, eq=False)
class ExactArray:
    """The array numerators / 2^exponent.

    Args:
        numerators: Python integers in an object array, of any shape.
        exponent: at least 0.
    """

    numerators: NDArray[np.object_]
    exponent: int = 0

    @classmethod
    def of(cls, array: NDArray[Any]) -> ExactArray:
        """The values of a float16, float32, float64 or integer array, unchanged; −0.0 is 0.

        Raises:
            ValueError: for other types, NaN and infinity (with the index), and magnitudes so far
                apart that integers over one denominator pass `MAX_NUMERATOR_BITS` bits.
        """
        if array.dtype.kind in "iu":
            return cls(array.astype(object))
        if array.dtype.kind != "f" or array.dtype.itemsize > 8:
            raise ValueError(f"entries of type {array.dtype}, not float16, float32 or float64")
        for index in np.argwhere(~np.isfinite(array))[:1].tolist():
            where = "".join(f"[{i}]" for i in index)
            raise ValueError(
                f"{array[tuple(index)].item()} at {where or 'its value'} is not finite"
            )
        fractions, exponents = np.frexp(array.astype(np.float64).reshape(-1))
        whole = np.ldexp(fractions, _MANTISSA_BITS).astype(np.int64)
        nonzero = whole != 0
        # odd numerators first, which makes the common denominator the least one
        zeros = np.frexp((whole & -whole).astype(np.float64))[1].astype(np.int64) - nonzero
        low = np.where(nonzero, exponents - _MANTISSA_BITS + zeros, 0)
        least = min(int(low.min(initial=0)), 0)
        bits = int(np.where(nonzero, exponents - least, 0).max(initial=0))
        if bits > MAX_NUMERATOR_BITS:
            raise ValueError(
                f"the values mix too many magnitudes: {bits}-bit integers over one denominator"
                f" (limit {MAX_NUMERATOR_BITS})"
            )
        numerators = (whole >> zeros).astype(object) << (low - least).astype(object)
        return cls(numerators.reshape(array.shape), -least)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.numerators.shape

    @property
    def is_zero(self) -> bool:
        return not self.numerators.any()

    def floats(self) -> NDArray[np.float64]:
        """The nearest float64 of each."""
        # int / int is correctly rounded in Python, however large both are
        quotients: NDArray[np.float64] = (self.numerators / (1 << self.exponent)).astype(np.float64)
        return quotients

    def reshaped(self, *shape: int) -> ExactArray:
        return ExactArray(self.numerators.reshape(shape), self.exponent)

    def transposed(self) -> ExactArray:
        return ExactArray(self.numerators.T, self.exponent)

    def broadcast(self, shape: tuple[int, ...]) -> ExactArray:
        """By NumPy's rules.

        Raises:
            ValueError: where they do not allow it.
        """
        return ExactArray(np.broadcast_to(self.numerators, shape), self.exponent)

    def negated(self) -> ExactArray:
        return ExactArray(-self.numerators, self.exponent)

    def scaled(self, factor: float) -> ExactArray:
        """The product with a finite number."""
        numerator, denominator = float(factor).as_integer_ratio()
        return ExactArray(self.numerators * numerator, self.exponent + denominator.bit_length() - 1)

    def plus(self, other: ExactArray) -> ExactArray:
        """The sum with an array of the same shape."""
        exponent = max(self.exponent, other.exponent)
        return ExactArray(self._over(exponent) + other._over(exponent), exponent)

    def times(self, other: ExactArray) -> ExactArray:
        """The matrix product."""
        return ExactArray(self.numerators @ other.numerators, self.exponent + other.exponent)

    def _over(self, exponent: int) -> NDArray[np.object_]:
        """The numerators over 2^exponent."""
        shift = exponent - self.exponent
        return self.numerators << shift if shift else self.numerators


def exact_layer(weights: ExactArray, bias: ExactArray, activation: Activation) -> Layer:
    """The layer act(weights·x + bias), on the least common denominator.

    Args:
        weights: shape (outputs, inputs).
        bias: shape (outputs,).

    Raises:
        ValueError: as `Layer`.
    """
    exponent = max(weights.exponent, bias.exponent)
    matrix, vector = weights._over(exponent), bias._over(exponent)
    bits = reduce(or_, (abs(v) for part in (matrix, vector) for v in part.flat), 0)
    spare = min((bits & -bits).bit_length() - 1, exponent) if bits else exponent
    if spare:
        matrix, vector = matrix >> spare, vector >> spare
    return Layer(
        tuple(map(tuple, matrix.tolist())),
        tuple(vector.tolist()),
        1 << (exponent - spare),
        activation,
    )
