"""channel_accumulator_width: the least accumulator of each output channel of known weights.

The extreme dot products of weights w with inputs from [x_min, x_max] are x_max·Σw⁺ + x_min·Σw⁻ and
x_min·Σw⁺ + x_max·Σw⁻. Proofs: `lean/PyOrch/ChannelWidth.lean` and `lean/PyOrch/LayerWidth.lean`;
`lean/PyOrch/PackedWidths.lean` for large layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from pyorch.claims.accumulator import TOPIC
from pyorch.claims.base import Family, Form, SeedClaim, require
from pyorch.claims.channel_forms import Channels, ChannelSums, WitnessWraps
from pyorch.claims.parameters import BoolParameter, IntParameter, Values
from pyorch.claims.weights_parameter import WeightsParameter
from pyorch.model import Claim
from pyorch.names import identifier
from pyorch.nets.integer_weights import IntegerWeights, parse_rows
from pyorch.nets.packed_weights import (
    GROUP,
    PART_BITS,
    PackedWeights,
    grouped_parts,
    pack_rows,
    packed_bits,
)

__all__ = ["CHANNEL_ACCUMULATOR_WIDTH", "MAX_CHANNELS", "MAX_PACKED_BITS", "ChannelWidths"]

NAME = "channel_accumulator_width"

MAX_LISTED = 16
"""Weights up to which the emitted file lists them; more are packed, which is quicker to check."""
MAX_CHANNELS = 1024
MAX_FEATURES = 16384
MAX_PACKED_BITS = 2**21
"""What Lean elaborates and checks in about ten seconds: 262,144 INT8 weights in full rows."""
_SHOWN = 8


@dataclass(frozen=True)
class ChannelWidths:
    """The claim for one matrix and one range of inputs."""

    channels: Channels
    transposed: bool = False

    @property
    def family(self) -> Family:
        return CHANNEL_ACCUMULATOR_WIDTH

    @property
    def weights(self) -> IntegerWeights:
        return self.channels.weights

    @property
    def claim(self) -> Claim:
        c = self.channels
        w = c.weights
        widths = ", ".join(map(str, c.widths[:_SHOWN]))
        more = f", … ({min(c.widths)} to {c.widest})" if len(c.widths) > _SHOWN else ""
        return Claim(
            name=NAME,
            title=f"Accumulators of {self.shape}",
            formula=(
                f"P bits hold every partial sum of a channel, in every order, for inputs from"
                f" {c.x_min} to {c.x_max}, if and only if P ≥ {widths}{more}"
            ),
            parameters=(
                (WEIGHTS.name, WEIGHTS.show(w)),
                *((("sha256", w.sha256),) if w.sha256 else ()),
                (TRANSPOSED.name, TRANSPOSED.show(self.transposed)),
                (X_MIN.name, X_MIN.show(c.x_min)),
                (X_MAX.name, X_MAX.show(c.x_max)),
            ),
        )

    @property
    def shape(self) -> str:
        """The shape of the weights in words."""
        w = self.weights
        plural = "s" if w.out_channels > 1 else ""
        return f"{w.out_channels} channel{plural} with {w.in_features} weights each"

    @property
    def listed(self) -> bool:
        """Whether the weights are few enough to be readable in the emitted file."""
        return self.weights.size <= MAX_LISTED

    @property
    def overflowing(self) -> tuple[int, ...]:
        """The channels that need an accumulator."""
        return tuple(i for i, bits in enumerate(self.channels.widths) if bits > 0)

    @cached_property
    def packed(self) -> PackedWeights:
        return pack_rows(self.weights.rows)

    @property
    def data_parts(self) -> tuple[tuple[int, ...], ...]:
        return grouped_parts(self.packed.data)

    @property
    def width_parts(self) -> tuple[tuple[int, ...], ...]:
        """The widths, a byte each, as one number."""
        return grouped_parts(int.from_bytes(bytes(self.channels.widths), "little"))

    @property
    def part_bits(self) -> int:
        return PART_BITS

    @property
    def group_bits(self) -> int:
        return PART_BITS * GROUP

    @property
    def forms(self) -> tuple[Form, ...]:
        c = self.channels
        return (ChannelSums(c, c.widths), WitnessWraps(c))

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        c = self.channels
        ends = f"{identifier(Fraction(c.x_min))}_to_{identifier(Fraction(c.x_max))}"
        return (f"weights_{c.weights.digest[:16]}_inputs_{ends}",)


WEIGHTS = WeightsParameter(
    "weights",
    "integer weights, shape (out_channels, in_features)",
    parse_rows("3,-8,7;-1,2,5"),
)
TRANSPOSED = BoolParameter(
    "transposed",
    "the weights are (in_features, out_channels), as those of ONNX's MatMul",
    False,
)
X_MIN = IntParameter("x_min", "the least input", 0, least=-(2**16), greatest=0)
X_MAX = IntParameter("x_max", "the greatest input", 255, least=0, greatest=2**16)


def _build(values: Values) -> ChannelWidths:
    weights = values[WEIGHTS]
    if values[TRANSPOSED]:
        weights = weights.transposed()
    require(
        weights.out_channels <= MAX_CHANNELS,
        NAME,
        f"at most {MAX_CHANNELS} output channels",
        f"the weights have {weights.out_channels}",
    )
    require(
        weights.in_features <= MAX_FEATURES,
        NAME,
        f"at most {MAX_FEATURES} weights a channel",
        f"the channels have {weights.in_features}",
    )
    bits = packed_bits(weights.rows)
    require(
        bits <= MAX_PACKED_BITS,
        NAME,
        f"at most {MAX_PACKED_BITS} bits of weights, to be checked in a few seconds",
        f"{weights.out_channels} channels of {weights.in_features} weights take {bits} bits with"
        " rows filled up to a power of two",
    )
    channels = Channels(weights, values[X_MIN], values[X_MAX])
    require(
        channels.widest > 0,
        NAME,
        "a weight and an input other than 0",
        f"all products are 0 for inputs from {channels.x_min} to {channels.x_max}",
    )
    return ChannelWidths(channels, values[TRANSPOSED])


CHANNEL_ACCUMULATOR_WIDTH = Family(
    name=NAME,
    topic=TOPIC,
    title="The least accumulator of each output channel of given integer weights",
    formula=(
        "P bits hold every partial sum of a channel, in every order, for inputs from x_min to"
        " x_max, if and only if -2^(P - 1) ≤ x_min·Σw⁺ + x_max·Σw⁻ and"
        " x_max·Σw⁺ + x_min·Σw⁻ < 2^(P - 1)"
    ),
    parameters=(WEIGHTS, TRANSPOSED, X_MIN, X_MAX),
    build=_build,
    theorems=(NAME, "layer_accumulator_width", "channel_overflow"),
    library=(
        "PyOrch.LeastWidths.noOverflow_iff",
        "PyOrch.LeastWidths.layer_noOverflow_iff",
        "PyOrch.LeastWidths.overflowWitness_wraps",
        "PyOrch.leastWidths_of_packedNeed",
    ),
)
