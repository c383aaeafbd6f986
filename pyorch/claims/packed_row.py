"""packed_row_size: bits and bytes of a row whose entries have different widths, by a pattern.

Seed document 003 calls entries of 4 and 3 bits in turn 3.5 bits; here that is a theorem about the
size. Proofs: `lean/PyOrch/PackedRow.lean`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle, islice
from typing import TYPE_CHECKING

from pyorch.claims.base import Family, FiniteForm, Form, FormDefaults, Point, SeedClaim
from pyorch.claims.mixed_precision import WIDTHS
from pyorch.claims.parameters import IntParameter
from pyorch.claims.row import identifiers
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PACKED_ROW_SIZE", "PackedRow", "RowBits"]

LENGTH = IntParameter("length", "number of entries of the row", 8192, least=1, greatest=10**15)


@dataclass(frozen=True)
class RowBits(FormDefaults):
    """The first n entries take whole periods and the rest of one: counted, and by the formula.

    Attributes:
        widths: those of one period, in bits.
        longest: greatest n that is sampled; counting takes as many additions.
    """

    widths: tuple[int, ...]
    longest: int = 4096

    inputs = ("n",)
    bound = Fraction(0)

    @property
    def description(self) -> str:
        return f"bits of the first n entries, counted less computed, for n ≤ {self.longest}"

    def computed(self, n: int) -> int:
        """Bits of n entries, by the formula."""
        periods, rest = divmod(n, len(self.widths))
        return periods * sum(self.widths) + sum(self.widths[:rest])

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        return rng.integers(0, self.longest + 1, (count, 1)).astype(float)

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        n = samples[:, 0].astype(np.int64)
        counted = np.cumsum([0, *islice(cycle(self.widths), self.longest)])[n]
        period = len(self.widths)
        # position j occurs ⌈(n - j)/period⌉ times among n entries
        places = (width * -(-(n - j) // period) for j, width in enumerate(self.widths))
        difference: NDArray[np.float64] = np.abs(counted - sum(places)).astype(float)
        return difference

    def exact_point(self, sample: Sequence[float]) -> Point:
        return (Fraction(sample[0]),)

    def corners(self) -> tuple[Point, ...]:
        period = len(self.widths)
        return tuple((Fraction(n),) for n in sorted({0, 1, period - 1, period, period + 1, 2048}))

    def contains(self, point: Point) -> bool:
        return point[0].denominator == 1 and 0 <= point[0] <= self.longest

    def quantity(self, point: Point) -> Fraction:
        n = int(point[0])
        return Fraction(abs(sum(islice(cycle(self.widths), n)) - self.computed(n)))

    def explain(self, point: Point) -> str:
        n = int(point[0])
        return (
            f"|{sum(islice(cycle(self.widths), n))} - {self.computed(n)}| = {self.quantity(point)}"
        )


@dataclass(frozen=True)
class PackedRow:
    """The size of one row.

    Attributes:
        widths: of the entries of one period, in bits.
        length: number of entries.
    """

    widths: tuple[int, ...]
    length: int

    @property
    def family(self) -> Family:
        return PACKED_ROW_SIZE

    @property
    def period_bits(self) -> int:
        return sum(self.widths)

    @property
    def bits(self) -> int:
        return RowBits(self.widths).computed(self.length)

    @property
    def bytes(self) -> int:
        return -(-self.bits // 8)

    @property
    def average_width(self) -> Fraction:
        """Bits an entry of this row."""
        return Fraction(self.bits, self.length)

    @property
    def claim(self) -> Claim:
        return Claim(
            name=self.family.name,
            title=f"Size of a packed row of {self.length}",
            formula=(
                f"{self.length} entries of {WIDTHS.show(self.widths)} bits in turn take {self.bits}"
                f" bits = {self.bytes} bytes, {self.average_width} bits an entry"
            ),
            parameters=(
                (WIDTHS.name, WIDTHS.show(self.widths)),
                (LENGTH.name, LENGTH.show(self.length)),
            ),
        )

    @property
    def forms(self) -> tuple[Form, ...]:
        return (
            FiniteForm(
                description="bytes of the row, computed less the fewest that hold its entries",
                inputs=("length",),
                bound=Fraction(0),
                points=((Fraction(self.length),),),
                evaluate=lambda point: Fraction(abs(self.bytes - self._fewest_bytes)),
                show=lambda point: f"|{self.bytes} - {self._fewest_bytes}|",
            ),
            RowBits(self.widths),
        )

    @property
    def _fewest_bytes(self) -> int:
        """Bytes for the entries counted position by position."""
        period = len(self.widths)
        counts = (len(range(place, self.length, period)) for place in range(period))
        bits = sum(count * width for count, width in zip(counts, self.widths, strict=True))
        return next(n for n in range(bits // 8, bits // 8 + 2) if 8 * n >= bits)

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        return ()

    @property
    def namespace(self) -> tuple[str, ...]:
        return (f"bits_{identifiers(self.widths)}_length_{self.length}",)


PACKED_ROW_SIZE = Family(
    name="packed_row_size",
    topic="mixed precision",
    title="Bits and bytes of a packed row whose entries have different widths",
    formula=(
        "n entries take ⌊n/p⌋(b_0 + … + b_(p-1)) + b_0 + … + b_((n mod p)-1) bits, where the widths"
        " repeat with period p, and as many bytes as hold them, ⌈bits/8⌉"
    ),
    parameters=(WIDTHS, LENGTH),
    build=lambda values: PackedRow(values[WIDTHS], values[LENGTH]),
    theorems=(
        "packed_row_size",
        "packed_row_size_least",
        "packed_row_average_width",
        "packed_row_bits",
    ),
    library=("PyOrch.rowBits_formula", "PyOrch.rowBytes_eq", "PyOrch.rowBytes_le"),
)
