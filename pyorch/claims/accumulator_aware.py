"""Accumulator-aware quantization: bounds on the norm of weights that rule out overflow.

A2Q (Colbert, Pappalardo, Petri-Koenig, arXiv:2308.13504) bounds ‖q‖₁ of each channel's integer
weights; A2Q+ (Colbert, Pappalardo, Petri-Koenig, Umuroglu, arXiv:2401.10432) allows about twice as
much where the weights of a channel sum to zero, and without that its bound is not enough. Proofs:
`lean/PyOrch/AccumulatorAware.lean`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from pyorch.claims.accumulator import TOPIC
from pyorch.claims.base import Family, Form, SeedClaim, require
from pyorch.claims.channel_forms import Channels, ChannelSums
from pyorch.claims.norm_forms import Accumulator, NormBound, WithinBound
from pyorch.claims.parameters import BoolParameter, IntParameter, Values
from pyorch.claims.weights_parameter import OptionalWeightsParameter
from pyorch.model import Claim
from pyorch.nets.integer_weights import IntegerWeights

__all__ = ["A2Q_L1_BOUND", "A2Q_PLUS_L1_BOUND", "AccumulatorAware"]

MAX_WEIGHTS = 64
"""Weights up to which a list is readable and quick to elaborate."""

P = IntParameter("P", "width of the accumulator in bits", 16, least=2, greatest=64)
N = IntParameter("N", "width of the inputs in bits", 8, least=1, greatest=32)
SIGNED = BoolParameter("signed", "two's complement inputs; false: inputs from 0", False)
WEIGHTS = OptionalWeightsParameter(
    "weights", "integer weights to apply it to, a row for each output channel", None
)


@dataclass(frozen=True)
class AccumulatorAware:
    """The claim for one accumulator and range of inputs.

    Attributes:
        bound: on the norm of a channel's weights.
        weights: to which it is applied, or None.
    """

    bound: NormBound
    weights: IntegerWeights | None

    @property
    def family(self) -> Family:
        family = A2Q_PLUS_L1_BOUND if self.bound.zero_centred else A2Q_L1_BOUND
        if self.weights is None:
            return family
        return replace(family, theorems=(*family.theorems, "weights_no_overflow"))

    @property
    def claim(self) -> Claim:
        b, acc = self.bound, self.bound.accumulator
        zero = "Σq = 0 and " if b.zero_centred else ""
        return Claim(
            name=self.family.name,
            title=f"A norm of weights that a {acc.bits}-bit accumulator allows",
            formula=(
                f"if {zero}‖q‖₁ ≤ {b.norm_formula} = {b.norm}, no partial sum of products with"
                f" inputs from {acc.x_min} to {acc.x_max}, in any order, overflows {acc.bits} bits"
            ),
            parameters=(
                (P.name, P.show(acc.bits)),
                (N.name, N.show(acc.input_bits)),
                (SIGNED.name, SIGNED.show(acc.signed)),
                (WEIGHTS.name, WEIGHTS.show(self.weights)),
                *((("sha256", w.sha256),) if (w := self.weights) and w.sha256 else ()),
            ),
        )

    @staticmethod
    def pairs(witness: Mapping[str, Fraction]) -> tuple[tuple[Fraction, Fraction], ...]:
        """The inputs and weights of a witness, without those whose weight is 0."""
        values = list(witness.values())
        return tuple((x, q) for x, q in zip(values[0::2], values[1::2], strict=True) if q)

    @property
    def forms(self) -> tuple[Form, ...]:
        within = WithinBound(self.bound)
        if self.weights is None:
            return (within,)
        acc = self.bound.accumulator
        channels = Channels(self.weights, acc.x_min, acc.x_max)
        return (within, ChannelSums(channels, (acc.bits,) * self.weights.out_channels))

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        if not self.bound.zero_centred:
            return ()
        return ((UNCENTRED, WithinBound(self.bound, zero_sum=False)),)

    @property
    def namespace(self) -> tuple[str, ...]:
        acc = self.bound.accumulator
        weights = f"_weights_{self.weights.digest[:16]}" if self.weights else ""
        return (f"{'int' if acc.signed else 'uint'}{acc.input_bits}_in_{acc.bits}_bits{weights}",)


UNCENTRED = SeedClaim(
    name="a2q_plus_without_zero_centring",
    source="A2Q+ without zero-centring",
    formula="no partial sum overflows P bits if ‖q‖₁ ≤ (2^P - 2)/(2^N - 1), whatever Σq is",
    why_false=(
        "Weights of one sign do not cancel: their sums reach ‖q‖₁ times the greatest input, about"
        " twice what fits."
    ),
    refutation="not_a2q_plus_without_zero_centring",
)


def _build(values: Values, *, zero_centred: bool) -> AccumulatorAware:
    accumulator = Accumulator(values[P], values[N], values[SIGNED])
    bound = NormBound(accumulator, zero_centred)
    claim = "a2q_plus_l1_bound" if zero_centred else "a2q_l1_bound"
    weights = values[WEIGHTS]
    if weights is not None:
        require(
            weights.size <= MAX_WEIGHTS,
            claim,
            f"at most {MAX_WEIGHTS} weights (channel_accumulator_width takes more)",
            f"there are {weights.size}",
        )
        for index, row in enumerate(weights.rows):
            norm = sum(map(abs, row))
            require(
                norm <= bound.norm,
                claim,
                f"‖q‖₁ ≤ {bound.norm_formula} = {bound.norm} for each channel",
                f"the norm of channel {index} is {norm}",
            )
            if zero_centred:
                require(
                    sum(row) == 0,
                    claim,
                    "Σq = 0 for each channel",
                    f"the weights of channel {index} sum to {sum(row)}",
                )
    return AccumulatorAware(bound, weights)


A2Q_L1_BOUND = Family(
    name="a2q_l1_bound",
    topic=TOPIC,
    title="A bound on the norm of weights under which no accumulator overflows (A2Q)",
    formula=(
        "if ‖q‖₁ ≤ (2^(P - 1) - 1)·2^(signed - N), no partial sum of products of the weights q"
        " with N-bit inputs, in any order, overflows P bits"
    ),
    parameters=(P, N, SIGNED, WEIGHTS),
    build=lambda values: _build(values, zero_centred=False),
    theorems=("a2q_l1_bound", "a2q_wrapping_exact"),
    library=("PyOrch.a2q_noOverflow", "PyOrch.NoOverflow.wrappingDot_toInt"),
)

A2Q_PLUS_L1_BOUND = Family(
    name="a2q_plus_l1_bound",
    topic=TOPIC,
    title="About twice that bound for weights that sum to zero (A2Q+)",
    formula=(
        "if Σq = 0 and ‖q‖₁ ≤ (2^P - 2)/(2^N - 1), no partial sum of products of the weights q"
        " with N-bit inputs, in any order, overflows P bits"
    ),
    parameters=(P, N, SIGNED, WEIGHTS),
    build=lambda values: _build(values, zero_centred=True),
    theorems=("a2q_plus_l1_bound", "a2q_plus_wrapping_exact"),
    library=(
        "PyOrch.a2qPlus_noOverflow",
        "PyOrch.NoOverflow.wrappingDot_toInt",
        "PyOrch.not_noOverflow",
    ),
    seeds=(UNCENTRED,),
)
