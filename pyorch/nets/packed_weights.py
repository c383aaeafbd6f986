"""Integer weights as one number, the form in which Lean's kernel adds up large layers quickly.

The mirror of `lean/PyOrch/PackedWeights.lean`: each weight is a lane of `bits` bits, stored as
w + 2^(bits - 1); a row of weights is followed by empty lanes up to a power of two of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["GROUP", "PART_BITS", "PackedWeights", "grouped_parts", "pack_rows", "packed_bits"]

PART_BITS = 4096
"""Lean reads a literal in time quadratic in its length: longer numbers are joined from such."""
GROUP = 16
"""Parts that are joined at once, so that Lean's recursion over them stays shallow."""


@dataclass(frozen=True, slots=True)
class PackedWeights:
    """A matrix in packed form.

    Attributes:
        bits: width of a weight.
        in_features: weights of a row.
        log_lanes: a row has room for 2 to this.
        out_channels: number of rows.
        data: the number.
    """

    bits: int
    in_features: int
    log_lanes: int
    out_channels: int
    data: int

    def unpack(self) -> tuple[tuple[int, ...], ...]:
        """The matrix that the number stands for, as Lean's `unpackLayer` reads it."""
        mask, offset = (1 << self.bits) - 1, 1 << (self.bits - 1)
        stride = self.bits << self.log_lanes
        return tuple(
            tuple(
                ((self.data >> (stride * r + self.bits * i)) & mask) - offset
                for i in range(self.in_features)
            )
            for r in range(self.out_channels)
        )


def _shape(rows: Sequence[Sequence[int]]) -> tuple[int, int]:
    """The width of a weight, and the binary logarithm of the lanes of a row."""
    bits = 1 + max((w if w >= 0 else ~w).bit_length() for row in rows for w in row)
    return bits, (len(rows[0]) - 1).bit_length()


def packed_bits(rows: Sequence[Sequence[int]]) -> int:
    """The bits that `pack_rows` makes of the rows."""
    bits, log_lanes = _shape(rows)
    return len(rows) * (bits << log_lanes)


def pack_rows(rows: Sequence[Sequence[int]]) -> PackedWeights:
    """The rows, all of the same length, in packed form."""
    import numpy as np

    bits, log_lanes = _shape(rows)
    codes = np.array(rows, dtype=np.int64) + (1 << (bits - 1))
    digits = np.zeros((len(rows), 1 << log_lanes, bits), dtype=np.uint8)
    digits[:, : len(rows[0])] = codes[:, :, None] >> np.arange(bits) & 1
    data = int.from_bytes(np.packbits(digits, bitorder="little").tobytes(), "little")
    return PackedWeights(bits, len(rows[0]), log_lanes, len(rows), data)


def grouped_parts(number: int) -> tuple[tuple[int, ...], ...]:
    """Groups of `GROUP` parts of `PART_BITS` bits each, the lowest first, at least one."""
    width = PART_BITS // 8
    size = max(1, -(-number.bit_length() // PART_BITS))
    data = number.to_bytes(size * width, "little")
    parts = [int.from_bytes(data[i : i + width], "little") for i in range(0, len(data), width)]
    return tuple(tuple(parts[i : i + GROUP]) for i in range(0, size, GROUP))
