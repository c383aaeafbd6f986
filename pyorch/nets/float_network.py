"""Networks in float64 NumPy, for search only: nothing computed here is trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pyorch.nets.network import Activation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from pyorch.nets.network import Network

__all__ = ["FloatNetwork"]


@dataclass(frozen=True, slots=True)
class FloatNetwork:
    """A network rounded to float64 arrays (exact where the weights came from float64)."""

    weights: tuple[NDArray[np.float64], ...]
    biases: tuple[NDArray[np.float64], ...]
    activations: tuple[Activation, ...]

    @classmethod
    def of(cls, network: Network) -> FloatNetwork:
        # int / int is correctly rounded in Python, however large both are
        return cls(
            tuple(
                np.array([[v / layer.den for v in row] for row in layer.weights])
                for layer in network.layers
            ),
            tuple(np.array([v / layer.den for v in layer.bias]) for layer in network.layers),
            tuple(layer.activation for layer in network.layers),
        )

    @np.errstate(over="ignore", invalid="ignore")
    def outputs(self, points: ArrayLike) -> NDArray[np.float64]:
        """Outputs (…, outputs) at points (…, inputs); what overflows is inf or NaN."""
        values = np.asarray(points, dtype=np.float64)
        for weights, bias, activation in zip(
            self.weights, self.biases, self.activations, strict=True
        ):
            values = values @ weights.T + bias
            if activation is Activation.RELU:
                values = np.maximum(values, 0.0)
        return values

    @np.errstate(over="ignore", invalid="ignore")
    def gradients(
        self, points: NDArray[np.float64], directions: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Gradient of ⟨direction, outputs⟩ by the inputs, with 0 for ReLU's slope at 0.

        Args:
            points: shape (batch, inputs).
            directions: shape (batch, outputs).

        Returns:
            Shape (batch, inputs).
        """
        active: list[NDArray[np.bool_] | None] = []
        values = points
        for weights, bias, activation in zip(
            self.weights, self.biases, self.activations, strict=True
        ):
            values = values @ weights.T + bias
            if activation is Activation.RELU:
                active.append(values > 0)
                values = np.maximum(values, 0.0)
            else:
                active.append(None)
        gradient = directions
        for weights, mask in zip(reversed(self.weights), reversed(active), strict=True):
            if mask is not None:
                gradient = gradient * mask
            gradient = gradient @ weights
        return gradient
