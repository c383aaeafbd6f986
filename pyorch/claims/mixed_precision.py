"""mixed_precision_error_bound: quantizers that differ along a row, by a pattern that repeats.

Seed document 003 stores entries with 4 and 3 bits in turn and calls that 3.5 bits. Its error bound
lacks the range hypothesis and is false where an entry saturates. Proofs:
`lean/PyOrch/MixedPrecision.lean` and `EntryQuantizer.lean`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pyorch.claims.base import Family, Form, SeedClaim
from pyorch.claims.parameters import IntParameter, ListParameter, RationalParameter, Values
from pyorch.claims.quantizer import ROUNDING, SIGNED, ZERO_POINT, Quantizer
from pyorch.claims.row import (
    MOST_QUANTIZERS,
    EntryErrorBound,
    Row,
    UnguardedErrorBound,
    identifiers,
    one_each,
)
from pyorch.model import Claim

__all__ = ["MIXED_PRECISION_ERROR_BOUND", "WIDTHS", "MixedPrecision"]

WIDTHS = ListParameter(
    "bits",
    "width of the code at each position of the pattern, which repeats",
    (4, 3),
    element=IntParameter("bits", "width of a code", 4, least=1, greatest=64),
    most=MOST_QUANTIZERS,
)
SCALES = ListParameter(
    "scales",
    "scale of each position, or one for all",
    (Fraction(1, 8), Fraction(1, 4)),
    element=RationalParameter("scale", "scale", Fraction(1, 8), positive=True),
    most=MOST_QUANTIZERS,
)


@dataclass(frozen=True)
class MixedPrecision:
    """The error bound for one pattern of quantizers, which repeats along a row."""

    row: Row

    @property
    def family(self) -> Family:
        return MIXED_PRECISION_ERROR_BOUND

    @property
    def rounding(self) -> str:
        return self.row.quantizers[0].rounding

    @property
    def average_width(self) -> Fraction:
        """Bits an entry, over whole periods."""
        return Fraction(sum(q.bits for q in self.row.quantizers), len(self.row.quantizers))

    @property
    def greatest_half_step(self) -> Fraction:
        """The seed's bound for every entry."""
        return max(q.half_step for q in self.row.quantizers)

    @property
    def claim(self) -> Claim:
        quantizers = self.row.quantizers
        return Claim(
            name=self.family.name,
            title=f"Error of mixed precision with {self.average_width} bits an entry",
            formula=(
                f"|x - D(Q(x))| ≤ s/2 for entry i, at position i mod {len(quantizers)}:"
                f" {self.row.bounds('position')}; {self.average_width} bits an entry on average"
            ),
            parameters=(
                (WIDTHS.name, WIDTHS.show(tuple(q.bits for q in quantizers))),
                (SCALES.name, SCALES.show(tuple(q.scale for q in quantizers))),
                (ZERO_POINT.name, ZERO_POINT.show(quantizers[0].zero_point)),
                (SIGNED.name, SIGNED.show(quantizers[0].signed)),
                (ROUNDING.name, self.rounding),
            ),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (EntryErrorBound(self.row),)

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ((SEED, UnguardedErrorBound(self.row)),)

    @property
    def namespace(self) -> tuple[str, ...]:
        quantizers = self.row.quantizers
        kind = "int" if quantizers[0].signed else "uint"
        return (
            f"{kind}_{identifiers(q.bits for q in quantizers)}"
            f"_scale_{identifiers(q.scale for q in quantizers)}"
            f"_zero_{identifiers([quantizers[0].zero_point])}_{self.rounding}",
        )


SEED = SeedClaim(
    name="quantization_3p5bit_error_bound",
    source="003",
    formula="|x - D(Q(x))| ≤ max(s₄/2, s₃/2) for every real x and index, 4 and 3 bits in turn",
    why_false="Codes of 4 and 3 bits end at 7·s₄ + z and 3·s₃ + z, so that a larger x saturates.",
    refutation="not_unguarded_mixed_precision_error_bound",
)


def _build(values: Values) -> MixedPrecision:
    family = MIXED_PRECISION_ERROR_BOUND
    widths = values[WIDTHS]
    scales = one_each(values[SCALES], len(widths), family.name, SCALES.name, "position of bits")
    quantizers = tuple(
        Quantizer(bits, scale, values[ZERO_POINT], values[SIGNED], values[ROUNDING])
        for bits, scale in zip(widths, scales, strict=True)
    )
    return MixedPrecision(Row(quantizers, repeats=True))


MIXED_PRECISION_ERROR_BOUND = Family(
    name="mixed_precision_error_bound",
    topic="mixed precision",
    title="Each entry of a row of mixed precision has the error bound of its own quantizer",
    formula=(
        "|x_i - D_i(Q_i(x_i))| ≤ s_i/2 for s_i(q_min - 1/2) ≤ x_i - z ≤ s_i(q_max + 1/2), where"
        " widths and scales repeat with period p; (b_0 + … + b_(p-1))/p bits an entry on average"
    ),
    parameters=(WIDTHS, SCALES, ZERO_POINT, SIGNED, ROUNDING),
    build=_build,
    theorems=(
        "mixed_precision_error_bound",
        "mixed_precision_error_bound_least",
        "mixed_precision_average_width",
    ),
    library=(
        "PyOrch.EntryQuantizer.Valid.error_bound",
        "PyOrch.EntryQuantizer.Valid.le_of_error_bound",
        "PyOrch.rowBits_avg",
    ),
    seeds=(SEED,),
)
