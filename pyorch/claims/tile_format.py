"""How a tile of a matrix product lies in memory: the format, its parameters, its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyorch.claims.base import Family
from pyorch.claims.parameters import IntParameter, Values

__all__ = [
    "CAPACITY",
    "FORMAT",
    "MOST",
    "SEED_CAPACITY",
    "K",
    "TileFormat",
    "show_sizes",
    "show_sum",
    "shown_parameters",
    "tile_format",
]

MOST = 65536
"""The greatest size of a tile in one direction, so that bytes are exact in float64 too."""

SEED_CAPACITY = 220 * 1024
"""Bytes of one memory in seed document 003."""


@dataclass(frozen=True)
class TileFormat:
    """How an m×n×k tile lies in memory: m×k activations, k×n weights, m×n accumulators.

    Attributes:
        activation_bits, weight_bits, accumulator_bits: of one entry; operands are packed, and the
            last byte of each is padded.
        buffers: copies of the activations and of the weights: 2 for double buffering, where those
            of the next step along k are loaded while these are multiplied. The accumulators stay.
        alignment: each copy of an operand takes a multiple of so many bytes.
    """

    activation_bits: int
    weight_bits: int
    accumulator_bits: int
    buffers: int
    alignment: int

    def operand_bytes(self, entries: int, bits: int) -> int:
        """Bytes of one copy of an operand."""
        packed = (entries * bits + 7) // 8
        return -(-packed // self.alignment) * self.alignment

    def parts(self, m: int, n: int, k: int) -> tuple[int, int, int]:
        """Bytes of all activations, of all weights, and of the accumulators."""
        return (
            self.buffers * self.operand_bytes(m * k, self.activation_bits),
            self.buffers * self.operand_bytes(k * n, self.weight_bits),
            self.operand_bytes(m * n, self.accumulator_bits),
        )

    def tile_bytes(self, m: int, n: int, k: int) -> int:
        """Bytes of an m×n×k tile."""
        return sum(self.parts(m, n, k))

    @property
    def words(self) -> str:
        """For titles and docstrings."""
        copies = "" if self.buffers == 1 else f", {self.buffers} copies of the inputs"
        aligned = "" if self.alignment == 1 else f", aligned to {self.alignment} bytes"
        return (
            f"{self.activation_bits}-bit activations, {self.weight_bits}-bit weights,"
            f" {self.accumulator_bits}-bit accumulators{copies}{aligned}"
        )

    @property
    def identifier(self) -> str:
        """As a part of a Lean identifier."""
        return (
            f"bits_{self.activation_bits}_{self.weight_bits}_{self.accumulator_bits}"
            f"_buffers_{self.buffers}_alignment_{self.alignment}"
        )


def show_sizes(sizes: Sequence[int]) -> str:
    """160×160×512."""
    return "×".join(map(str, sizes))


def show_sum(parts: Sequence[int]) -> str:
    """1 + 2 + 3 = 6."""
    return f"{' + '.join(map(str, parts))} = {sum(parts)}"


def shown_parameters(family: Family, values: dict[str, object]) -> tuple[tuple[str, str], ...]:
    """The parameters of a claim, from attributes of the same names."""
    typed = Values(values)
    return tuple((p.name, p.show(typed[p])) for p in family.parameters)


K = IntParameter("k", "inner dimension of the tile", 512, least=1, greatest=MOST)
CAPACITY = IntParameter(
    "capacity", "bytes of memory; the seed's 220 KiB", SEED_CAPACITY, least=1, greatest=2**40
)
FORMAT = (
    IntParameter("activation_bits", "bits of an activation", 8, least=1, greatest=64),
    IntParameter("weight_bits", "bits of a packed weight", 4, least=1, greatest=64),
    IntParameter("accumulator_bits", "bits of an accumulator", 32, least=1, greatest=64),
    IntParameter(
        "buffers", "copies of activations and weights; 2: double buffering", 1, least=1, greatest=8
    ),
    IntParameter(
        "alignment",
        "bytes; each copy of an operand takes a multiple of them",
        1,
        least=1,
        greatest=MOST,
    ),
)
"""The parameters of a format, in the order of its attributes."""


def tile_format(values: Values) -> TileFormat:
    """The format that the parameters say."""
    return TileFormat(*(values[parameter] for parameter in FORMAT))
