"""groupwise_error_bound: each group of neighbouring entries has a scale of its own (GPTQ, AWQ).

Proofs: `lean/PyOrch/MixedPrecision.lean`, `EntryQuantizer.lean` and `PackedRow.lean`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pyorch.claims.base import Family, Form, SeedClaim
from pyorch.claims.parameters import IntParameter, ListParameter, RationalParameter, Values
from pyorch.claims.quantizer import BITS, SIGNED, Quantizer
from pyorch.claims.row import MOST_QUANTIZERS, EntryErrorBound, Row, identifiers, one_each
from pyorch.model import Claim

__all__ = ["GROUPWISE_ERROR_BOUND", "Groupwise"]

GROUP_SIZE = IntParameter("group_size", "entries of a group", 128, least=1, greatest=10**6)
SCALES = ListParameter(
    "scales",
    "scale of each group of the row",
    (Fraction(1, 8), Fraction(1, 32), Fraction(3, 64)),
    element=RationalParameter("scale", "scale", Fraction(1, 8), positive=True),
    most=MOST_QUANTIZERS,
)
ZERO_POINTS = ListParameter(
    "zero_points",
    "the real number that code 0 stands for in each group, or one for all",
    (Fraction(0),),
    element=RationalParameter("zero_point", "zero point", Fraction(0)),
    most=MOST_QUANTIZERS,
)
SCALE_BITS = IntParameter(
    "scale_bits",
    "bits that a group's scale and zero point take together",
    16,
    least=0,
    greatest=256,
)

# The bounds hold whichever way ties are broken; the samples have to break them in some way.
_ROUNDING = "half_even"


@dataclass(frozen=True)
class Groupwise:
    """The error bound for one row of groups.

    Attributes:
        row: its quantizers, one a group.
        scale_bits: bits that are stored once a group.
    """

    row: Row
    scale_bits: int

    @property
    def family(self) -> Family:
        return GROUPWISE_ERROR_BOUND

    @property
    def bits(self) -> int:
        """Width of a code."""
        return self.row.quantizers[0].bits

    @property
    def average_width(self) -> Fraction:
        """Bits an entry, with its share of what is stored once a group."""
        return self.bits + Fraction(self.scale_bits, self.row.run)

    @property
    def claim(self) -> Claim:
        quantizers = self.row.quantizers
        return Claim(
            name=self.family.name,
            title=f"Error of {self.bits}-bit quantization in groups of {self.row.run}",
            formula=(
                f"|x - D(Q(x))| ≤ s/2 for entry i, of group ⌊i/{self.row.run}⌋:"
                f" {self.row.bounds('group')}; {self.average_width} bits an entry on average"
            ),
            parameters=(
                (BITS.name, str(self.bits)),
                (GROUP_SIZE.name, str(self.row.run)),
                (SCALES.name, SCALES.show(tuple(q.scale for q in quantizers))),
                (ZERO_POINTS.name, ZERO_POINTS.show(tuple(q.zero_point for q in quantizers))),
                (SIGNED.name, SIGNED.show(quantizers[0].signed)),
                (SCALE_BITS.name, str(self.scale_bits)),
            ),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (EntryErrorBound(self.row),)

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        quantizers = self.row.quantizers
        kind = "int" if quantizers[0].signed else "uint"
        return (
            f"{kind}{self.bits}_group_{self.row.run}_scale_bits_{self.scale_bits}"
            f"_scale_{identifiers(q.scale for q in quantizers)}"
            f"_zero_{identifiers(q.zero_point for q in quantizers)}",
        )


def _build_groupwise(values: Values) -> Groupwise:
    family = GROUPWISE_ERROR_BOUND
    scales = values[SCALES]
    zero_points = one_each(
        values[ZERO_POINTS], len(scales), family.name, ZERO_POINTS.name, "group of scales"
    )
    quantizers = tuple(
        Quantizer(values[BITS], scale, zero_point, values[SIGNED], _ROUNDING)
        for scale, zero_point in zip(scales, zero_points, strict=True)
    )
    return Groupwise(Row(quantizers, run=values[GROUP_SIZE]), values[SCALE_BITS])


GROUPWISE_ERROR_BOUND = Family(
    name="groupwise_error_bound",
    topic="mixed precision",
    title="Each entry errs by at most half of its group's scale (GPTQ, AWQ)",
    formula=(
        "|x_i - D_g(Q_g(x_i))| ≤ s_g/2 for s_g(q_min - 1/2) ≤ x_i - z_g ≤ s_g(q_max + 1/2), where"
        " g = ⌊i/group_size⌋; bits + scale_bits/group_size bits an entry on average"
    ),
    parameters=(BITS, GROUP_SIZE, SCALES, ZERO_POINTS, SIGNED, SCALE_BITS),
    build=_build_groupwise,
    theorems=(
        "groupwise_error_bound",
        "groupwise_error_bound_least",
        "groupwise_average_width",
    ),
    library=(
        "PyOrch.EntryQuantizer.Valid.error_bound",
        "PyOrch.EntryQuantizer.Valid.le_of_error_bound",
        "PyOrch.groupwiseBits_avg",
    ),
)
