"""Packed layers: the layout bit by bit, and the way back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pyorch.nets.bounds import choose_prec
from pyorch.nets.emit_data import LITERAL_BITS, lean_packed_network
from pyorch.nets.network import Activation, Layer
from pyorch.nets.packed import pack_layer, pack_pair
from pyorch.nets.reader import read_problem

EXAMPLES = Path(__file__).parents[2] / "examples"
LAYER = Layer(((1, -2, 3), (0, -5, 2)), (1, -1), 8, Activation.RELU)


def test_the_layout_by_hand() -> None:
    packed = pack_layer(LAYER, 8)
    # 4 bits hold −8 … 7, offset by 8; two columns a block, rows 8 bits apart
    assert (packed.outputs, packed.bits, packed.stride) == (2, 4, 8)
    assert packed.blocks == ((2, 0x38_69), (1, 0x0A_0B))
    # 2 bits hold −2 … 1, offset by 2
    assert (packed.bias_bits, packed.bias) == (2, 0b01_11)
    assert packed.unpack() == LAYER


def test_as_lean_text() -> None:
    assert lean_packed_network([pack_layer(LAYER, 8)]) == (
        "[\n  { outputs := 2, bits := 4, stride := 8,\n"
        "    blocks := [\n"
        "      (2, 0x3869),\n"
        "      (1, 0xa0b)],\n"
        "    biasBits := 2, bias := 0x7,\n"
        "    den := 8, activation := .relu }]"
    )


def test_long_numbers_are_joined() -> None:
    rows = tuple((v,) for v in range(LITERAL_BITS // 16 + 1))
    layer = Layer(rows, (0,) * len(rows), 1, Activation.IDENTITY)
    packed = pack_layer(layer, 16)
    ((_, block),) = packed.blocks
    text = lean_packed_network([packed])
    found = re.search(r"\(joined (0x\w+) (0x\w+)\)", text)
    assert found
    low, rest = (int(part, 16) for part in found.groups())
    assert (rest << LITERAL_BITS) + low == block


def test_a_stride_narrower_than_a_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="4-bit weights do not fit a stride of 3 bits"):
        pack_layer(LAYER, 3)


@pytest.mark.parametrize("name", ["digits", "digits_fp16"])
def test_the_examples_come_back(name: str) -> None:
    problem = read_problem(EXAMPLES / "digits" / f"{name}.json")
    teacher, student = pack_pair(problem, choose_prec(problem))
    assert tuple(layer.unpack() for layer in teacher) == problem.teacher.layers
    assert tuple(layer.unpack() for layer in student) == problem.student.layers
    if problem.is_paired:
        assert [layer.stride for layer in teacher] == [layer.stride for layer in student]
