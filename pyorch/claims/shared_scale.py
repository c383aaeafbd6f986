"""shared_scale_error_bound: each block of entries shares a scale that is a power of two (MX).

Proofs: `lean/PyOrch/EntryQuantizer.lean`, `SharedScale.lean` and `PackedRow.lean`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, Form, FormDefaults, Point, SeedClaim
from pyorch.claims.parameters import IntParameter, ListParameter
from pyorch.claims.quantizer import Quantizer
from pyorch.claims.row import MOST_QUANTIZERS, EntryErrorBound, Row, identifiers
from pyorch.claims.sampling import steps
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SHARED_SCALE_ERROR_BOUND", "SharedScale", "SharedScaleCost"]

CODE_BITS = IntParameter(
    "bits", "width of a code; the codes are symmetric about 0", 8, least=2, greatest=64
)
EXPONENTS = ListParameter(
    "exponents",
    "exponent e of each block of the row: the scale of its codes is 2^e",
    (-6, -3, 0),
    element=IntParameter("exponent", "exponent", 0, least=-300, greatest=300),
    most=MOST_QUANTIZERS,
)
BLOCK_SIZE = IntParameter("block_size", "entries of a block", 32, least=1, greatest=10**6)
EXPONENT_BITS = IntParameter(
    "exponent_bits", "bits that a block's exponent takes", 8, least=0, greatest=256
)

# The bounds hold whichever way ties are broken; the samples have to break them in some way.
_ROUNDING = "half_even"


@dataclass(frozen=True)
class SharedScaleCost(FormDefaults):
    """Error < a/q_max where 2^e is the least power of two with a ≤ q_max·2^e, and |x| ≤ a.

    The quantity is the error as a multiple of a/q_max. A sample is the index, and a and x in
    steps of 2^e.
    """

    row: Row

    inputs = ("i", "amax", "x")
    bound = Fraction(1)
    strict = True
    description = "errors as multiples of amax/q_max, where half of the scale is too little"

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        codes = float(self.row.quantizers[0].q_max)
        index = rng.integers(0, self.row.length, count).astype(float)
        # just above half of the codes the quantity comes closest to the bound
        place = np.where(rng.random(count) < 0.5, rng.random(count), rng.random(count) * 1e-6)
        amax = codes * (1 + place) / 2
        x = np.clip(steps(rng, count, -codes, codes, beyond=False), -amax, amax)
        return np.column_stack([index, amax, x])

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        _, amax, x = samples.T
        codes = float(self.row.quantizers[0].q_max)
        error: NDArray[np.float64] = np.abs(x - np.clip(np.rint(x), -codes, codes)) * codes / amax
        return error

    def exact_point(self, sample: Sequence[float]) -> Point:
        index, amax, x = sample
        q = self.row.at(int(index))
        return Fraction(index), q.at_steps(amax), q.at_steps(x)

    def corners(self) -> tuple[Point, ...]:
        tiny = Fraction(1, 10**30)
        points = []
        for group, q in enumerate(self.row.quantizers):
            for amax in (q.upper * (1 + tiny) / 2, q.upper * Fraction(3, 4), q.upper):
                marks = (Fraction(0), q.tie, -q.tie, q.scale, amax - q.scale * tiny, amax, -amax)
                points += [(Fraction(group * self.row.run), amax, x) for x in marks]
        return tuple(points)

    def contains(self, point: Point) -> bool:
        index, amax, x = point
        if not self.row.has(index):
            return False
        q = self.row.at(index)
        return q.q_max * q.half_step < amax <= q.q_max * q.scale and abs(x) <= amax

    def quantity(self, point: Point) -> Fraction:
        index, amax, x = point
        q = self.row.at(index)
        return q.error(x) / (amax / q.q_max)

    def explain(self, point: Point) -> str:
        index, amax, x = point
        q = self.row.at(index)
        return (
            f"entry {index}: |{x} - {q.restore(x)}| is {self.quantity(point)} times"
            f" {amax / q.q_max}"
        )


@dataclass(frozen=True)
class SharedScale:
    """The error bound for one row of blocks.

    Attributes:
        exponents: one a block.
        bits: width of a code.
        block_size: entries of a block.
        exponent_bits: bits that are stored once a block.
    """

    exponents: tuple[int, ...]
    bits: int
    block_size: int
    exponent_bits: int

    @property
    def family(self) -> Family:
        return SHARED_SCALE_ERROR_BOUND

    @property
    def row(self) -> Row:
        scales = (Fraction(2) ** e for e in self.exponents)
        return Row(
            tuple(
                Quantizer(self.bits, s, Fraction(0), True, _ROUNDING, narrow_range=True)
                for s in scales
            ),
            run=self.block_size,
        )

    @property
    def steps(self) -> Fraction:
        """The range in units of the scale, on each side of 0."""
        return self.row.quantizers[0].q_max + Fraction(1, 2)

    @property
    def average_width(self) -> Fraction:
        """Bits an entry, with its share of the exponent."""
        return self.bits + Fraction(self.exponent_bits, self.block_size)

    @property
    def claim(self) -> Claim:
        values = (self.bits, self.exponents, self.block_size, self.exponent_bits)
        return Claim(
            name=self.family.name,
            title=f"Error of blocks of {self.block_size} with a shared power-of-two scale",
            formula=(
                f"|x - D(Q(x))| ≤ 2^(e-1) for |x| ≤ {self.steps}·2^e:"
                f" {self.row.bounds('block')}; {self.average_width} bits an entry on average"
            ),
            parameters=tuple(
                (p.name, p.show(value))
                for p, value in zip(self.family.parameters, values, strict=True)
            ),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (EntryErrorBound(self.row), SharedScaleCost(self.row))

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        return (
            f"int{self.bits}_block_{self.block_size}_exponent_bits_{self.exponent_bits}"
            f"_exponents_{identifiers(self.exponents)}",
        )


SHARED_SCALE_ERROR_BOUND = Family(
    name="shared_scale_error_bound",
    topic="mixed precision",
    title="Each entry of a block with a shared power-of-two scale errs by at most half of it (MX)",
    formula=(
        "|x - D(Q(x))| ≤ 2^(e-1) for |x| ≤ (q_max + 1/2)·2^e, and 2^(e-1) < amax/q_max where 2^e is"
        " the least power of two with amax ≤ q_max·2^e; bits + exponent_bits/block_size bits an"
        " entry on average"
    ),
    parameters=(CODE_BITS, EXPONENTS, BLOCK_SIZE, EXPONENT_BITS),
    build=lambda values: SharedScale(
        exponents=values[EXPONENTS],
        bits=values[CODE_BITS],
        block_size=values[BLOCK_SIZE],
        exponent_bits=values[EXPONENT_BITS],
    ),
    theorems=(
        "shared_scale_error_bound",
        "shared_scale_cost",
        "scales_are_powers_of_two",
        "shared_scale_average_width",
    ),
    library=(
        "PyOrch.EntryQuantizer.Valid.error_bound",
        "PyOrch.EntryQuantizer.Valid.shared_scale_error",
        "PyOrch.groupwiseBits_avg",
    ),
)
