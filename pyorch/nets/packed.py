"""Layers as a few big numbers, the form in which Lean's kernel checks large networks quickly.

The mirror of `lean/PyOrch/Net/Packed.lean`. Consecutive columns of the weights form a block, one
number: row r starts at bit stride·r, and its weights follow one another, `bits` bits each, stored
as w + 2^(bits − 1). The kernel multiplies whole columns, whose rows are lanes of `stride` bits, so
the stride has to hold every sum that the bounds meet; `pack_pair` computes it from them. Too small
a stride would not be unsound, only slow: Lean then falls back to lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyorch.nets.bounds import Interval, common_factors, trace_pair
from pyorch.nets.network import Activation, CertificationProblem, Layer

__all__ = [
    "PackedLayer",
    "join_lanes",
    "lane_bits",
    "pack_layer",
    "pack_pair",
    "signed_bits",
    "weight_bits",
]


#: Bits by which `PackedLayer.against` widens the weights of a last layer.
_WIDENED = 2


@dataclass(frozen=True, slots=True)
class PackedLayer:
    """A layer in packed form.

    Args:
        outputs: number of rows.
        bits: width of a weight.
        stride: distance of the rows of a block.
        blocks: for each block, its number of columns and its number.
        bias_bits: width of a bias.
        bias: the biases one after another, each stored as b + 2^(bias_bits − 1).
        den: the common denominator.
        activation: of every output.
    """

    outputs: int
    bits: int
    stride: int
    blocks: tuple[tuple[int, int], ...]
    bias_bits: int
    bias: int
    den: int
    activation: Activation

    def unpack(self) -> Layer:
        """The layer that the numbers stand for, as Lean's `PackedLayer.toLayer` reads them."""
        rows: list[list[int]] = [[] for _ in range(self.outputs)]
        for columns, block in self.blocks:
            for r, row in enumerate(rows):
                row.extend(_lanes(block >> (self.stride * r), self.bits, columns))
        return Layer(
            tuple(map(tuple, rows)),
            tuple(_lanes(self.bias, self.bias_bits, self.outputs)),
            self.den,
            self.activation,
        )


def pack_layer(layer: Layer, stride: int) -> PackedLayer:
    """The layer in packed form, with as many columns in a block as the stride has room for.

    Raises:
        ValueError: for a stride narrower than a weight.
    """
    bits = weight_bits(layer)
    if stride < bits:
        raise ValueError(f"{bits}-bit weights do not fit a stride of {stride} bits")
    columns = min(stride // bits, layer.input_dim)
    blocks = []
    for start in range(0, layer.input_dim, columns):
        rows = [row[start : start + columns] for row in layer.weights]
        numbers = [join_lanes(row, bits) for row in rows]
        blocks.append((len(rows[0]), sum(v << (stride * r) for r, v in enumerate(numbers))))
    bias_bits = signed_bits(layer.bias)
    return PackedLayer(
        layer.output_dim,
        bits,
        stride,
        tuple(blocks),
        bias_bits,
        join_lanes(layer.bias, bias_bits),
        layer.den,
        layer.activation,
    )


def pack_pair(
    problem: CertificationProblem, prec: int, *, margins: bool = False
) -> tuple[tuple[PackedLayer, ...], tuple[PackedLayer, ...]]:
    """Teacher and student in packed form, with the strides that their bounds at this precision
    need; paired layers share one.

    Args:
        margins: leave room for Lean's `PackedLayer.against`, which widens the last layers.

    Raises:
        ValueError: for a negative `prec`.
    """
    trace = trace_pair(problem, prec)
    teacher, student = problem.teacher.layers, problem.student.layers
    t_bits, s_bits = (
        [weight_bits(layer) + _WIDENED * (margins and layer is layers[-1]) for layer in layers]
        for layers in (teacher, student)
    )
    t_strides = [lane_bits(b - 1, x) for b, x in zip(t_bits, trace.teacher, strict=False)]
    s_strides = [lane_bits(b - 1, x) for b, x in zip(s_bits, trace.student, strict=False)]
    for index, delta in enumerate(trace.difference[:-1]):
        k1, k2 = common_factors(teacher[index].den, student[index].den)
        offset = (k1 << (t_bits[index] - 1)) + (k2 << (s_bits[index] - 1))
        t_strides[index] = s_strides[index] = max(
            t_strides[index],
            s_strides[index],
            lane_bits(t_bits[index] - 1, delta),
            lane_bits(offset.bit_length(), trace.student[index]),
        )
    return (
        tuple(map(pack_layer, teacher, t_strides)),
        tuple(map(pack_layer, student, s_strides)),
    )


def lane_bits(k: int, x: Sequence[Interval]) -> int:
    """The narrowest lanes that pass Lean's `hasRoom` with entries offset by 2^k."""
    below = sum(max(-v, 0) for interval in x for v in interval)
    total = len(x) + 1 + sum(v + below for interval in x for v in interval)
    return k + 1 + (total - 1).bit_length()


def weight_bits(layer: Layer) -> int:
    """The width of a weight in lanes."""
    return signed_bits(v for row in layer.weights for v in row)


def signed_bits(values: Iterable[int]) -> int:
    """The least b with −2^(b−1) ≤ v < 2^(b−1) for all values."""
    return 1 + max((v if v >= 0 else ~v).bit_length() for v in values)


def join_lanes(values: Sequence[int], bits: int) -> int:
    """The numbers one after another, the first lowest, each as v + 2^(bits − 1)."""
    offset = 1 << (bits - 1)
    return sum((v + offset) << (bits * i) for i, v in enumerate(values))


def _lanes(number: int, bits: int, count: int) -> list[int]:
    mask, offset = (1 << bits) - 1, 1 << (bits - 1)
    return [((number >> (bits * i)) & mask) - offset for i in range(count)]
