"""channel_dot_product_error_bound: the weights of each output channel have a scale of their own.

An output of a layer is a dot product of the activations with a column of the weight matrix, and
has the error bound of that column. Proofs: `lean/PyOrch/PerChannel.lean`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, FormDefaults, Point, SeedClaim
from pyorch.claims.dot_product import LENGTH, DotErrorBound
from pyorch.claims.operand import Operand, OperandParameters
from pyorch.claims.parameters import IntParameter, ListParameter, RationalParameter, Values
from pyorch.claims.quantizer import Quantizer
from pyorch.claims.row import MOST_QUANTIZERS, identifiers, shares
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CHANNEL_DOT_PRODUCT_ERROR_BOUND", "ChannelDotProduct", "ChannelErrorBound"]

ACTIVATION = OperandParameters.named("activation", bits=8, scale=Fraction(1, 127))
WEIGHT_BITS = IntParameter("weight_bits", "width of weights' codes", 4, least=2, greatest=64)
WEIGHT_SCALES = ListParameter(
    "weight_scales",
    "scale of each output channel's weights, which are at most q_max times it in absolute value",
    (Fraction(1, 7), Fraction(1, 28), Fraction(3, 70)),
    element=RationalParameter("weight_scale", "scale", Fraction(1, 7), positive=True),
    most=MOST_QUANTIZERS,
)

# The bound holds whichever way ties are broken; the samples have to break them in some way.
_ROUNDING = "half_even"

_SHOWN = 4
"""Channels that a formula spells out."""


@dataclass(frozen=True)
class ChannelErrorBound(FormDefaults):
    """The error of each channel's dot product, as a multiple of the channel's bound.

    A sample is the channel, and one of its `DotErrorBound`.
    """

    channels: tuple[DotErrorBound, ...]

    bound = Fraction(1)

    @property
    def description(self) -> str:
        return (
            "errors as multiples of the bound of their channel, for vectors that repeat"
            f" {self.channels[0].pairs} pairs in range"
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        return ("channel", *self.channels[0].inputs)

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        parts = []
        for number, share in enumerate(shares(count, len(self.channels))):
            columns = self.channels[number].sample(rng, share)
            parts.append(np.column_stack([np.full(share, float(number)), columns]))
        return np.concatenate(parts)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        ratios = np.empty(len(samples))
        for number, channel in enumerate(self.channels):
            rows = samples[:, 0] == number
            ratios[rows] = channel.screen(samples[rows, 1:]) / float(channel.bound / channel.unit)
        return ratios

    def exact_point(self, sample: Sequence[float]) -> Point:
        return (Fraction(sample[0]), *self.channels[int(sample[0])].exact_point(sample[1:]))

    def corners(self) -> tuple[Point, ...]:
        return tuple(
            (Fraction(number), *point)
            for number, channel in enumerate(self.channels)
            for point in channel.corners()
        )

    def contains(self, point: Point) -> bool:
        number = point[0]
        return (
            number.denominator == 1
            and 0 <= number < len(self.channels)
            and self.channels[int(number)].contains(point[1:])
        )

    def quantity(self, point: Point) -> Fraction:
        channel = self.channels[int(point[0])]
        return channel.quantity(point[1:]) / channel.bound

    def explain(self, point: Point) -> str:
        channel = self.channels[int(point[0])]
        return (
            f"channel {point[0]}: {channel.explain(point[1:])} is {self.quantity(point)} times"
            f" {channel.bound}"
        )


@dataclass(frozen=True)
class ChannelDotProduct:
    """The error bounds of the channels of one matrix.

    Attributes:
        length: number K of products of an output.
        activations: quantizer and range, the same for all channels.
        weight_bits: width of weights' codes.
        weight_scales: one a channel.
    """

    length: int
    activations: Operand
    weight_bits: int
    weight_scales: tuple[Fraction, ...]

    @property
    def family(self) -> Family:
        return CHANNEL_DOT_PRODUCT_ERROR_BOUND

    @property
    def channels(self) -> tuple[DotErrorBound, ...]:
        """The dot product of each channel, with weights up to the last code's number."""
        quantizers = (
            Quantizer(self.weight_bits, scale, Fraction(0), True, _ROUNDING)
            for scale in self.weight_scales
        )
        return tuple(
            DotErrorBound(self.length, self.activations, Operand(q, -q.upper, q.upper))
            for q in quantizers
        )

    @property
    def claim(self) -> Claim:
        a = self.activations
        shown = [
            f"{channel.bound} for |w| ≤ {channel.weights.greatest} in channel {number}"
            for number, channel in enumerate(self.channels[:_SHOWN])
        ]
        more = ["…"] if len(self.channels) > _SHOWN else []
        return Claim(
            name=self.family.name,
            title=f"Error of a matrix product of {len(self.channels)} output channels",
            formula=(
                f"|Σ a·w - Σ D(Q(a))·D(Q(w))| over {self.length} products with"
                f" {a.least} ≤ a ≤ {a.greatest} is at most {'; '.join(shown + more)}"
            ),
            parameters=(
                (LENGTH.name, str(self.length)),
                *ACTIVATION.show(a),
                (WEIGHT_BITS.name, str(self.weight_bits)),
                (WEIGHT_SCALES.name, WEIGHT_SCALES.show(self.weight_scales)),
            ),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (ChannelErrorBound(self.channels),)

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        a = self.activations
        numbers = [a.quantizer.scale, a.quantizer.zero_point, a.least, a.greatest]
        return (
            f"length_{self.length}_a_int{a.quantizer.bits}_{identifiers(numbers)}"
            f"_w_int{self.weight_bits}_{identifiers(self.weight_scales)}",
        )


def _build(values: Values) -> ChannelDotProduct:
    return ChannelDotProduct(
        length=values[LENGTH],
        activations=ACTIVATION.build(values, CHANNEL_DOT_PRODUCT_ERROR_BOUND.name, _ROUNDING),
        weight_bits=values[WEIGHT_BITS],
        weight_scales=values[WEIGHT_SCALES],
    )


CHANNEL_DOT_PRODUCT_ERROR_BOUND = Family(
    name="channel_dot_product_error_bound",
    topic="dot product",
    title="Each output of a quantized matrix product is as close as its channel's scale allows",
    formula=(
        "|(A·W)_ij - Σ_k D(Q(A_ik))·D_j(Q_j(W_kj))| ≤ K·s_j(s_a·q_max/2 + a_max/2 + s_a/4) for K"
        " products, activations in the range of their quantizer with |A_ik| ≤ a_max, and"
        " |W_kj| ≤ q_max·s_j"
    ),
    parameters=(LENGTH, *ACTIVATION.parameters, WEIGHT_BITS, WEIGHT_SCALES),
    build=_build,
    theorems=(
        "channel_dot_product_error_bound",
        "channel_integer_formula",
        "channel_valid",
    ),
    library=(
        "PyOrch.Channel.matmul_error_bound",
        "PyOrch.Channel.quantizedMatmul_eq",
        "PyOrch.Channel.quantizedMatmul_eq_zero",
    ),
)
