"""NNet files: what they mean, their normalization, and one line for what is wrong with one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from pyorch.errors import InputError
from pyorch.nets.formats.files import InputFile
from pyorch.nets.network import Activation, Layer, Network
from pyorch.nets.reader import parse_network

VALID = """\
// Neural Network File Format
// a second comment
2,2,1,3,
2,3,1,
0,
-10.0,-10.0,
10.0,10.0,
3.0,-1.0,0.5,
2.0,4.0,8.0,
1.0,0.1,
-2.0,1e-1,
0.0,0.5,
0.25,
-1,
.5,
1.0,2.0,-1.0,
0.125,
"""


def read(text: str | bytes, *, normalize: bool = False) -> Network:
    data = text.encode() if isinstance(text, str) else text
    return parse_network(InputFile("net.nnet", data, ".nnet"), normalize=normalize)


def error(text: str | bytes, *, normalize: bool = False) -> str:
    with pytest.raises(InputError) as caught:
        read(text, normalize=normalize)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith("net.nnet: ")
    return message.removeprefix("net.nnet: ")


def test_a_valid_file() -> None:
    network = read(VALID)
    assert network == Network(
        (
            Layer.exact([[1, 0.1], [-2, 0.1], [0, 0.5]], [0.25, -1, 0.5], Activation.RELU),
            Layer.exact([[1, 2, -1]], [0.125], Activation.IDENTITY),
        )
    )


def test_line_ends_and_spaces() -> None:
    assert read(VALID.replace("\n", "\r\n")) == read(VALID)
    assert read(VALID.replace(",\n", "\n").rstrip()) == read(VALID)
    assert read(VALID.replace(",", " , ") + "\n\n") == read(VALID)


def test_normalization() -> None:
    """At x, the network proper at (x − mean)/range, times the outputs' range, plus their mean."""
    normalized = read(VALID, normalize=True)
    plain = read(VALID)
    for x, y in ((1, 2), (-7, 3), (3, -1)):
        inside = plain.evaluate_exact([Fraction(x - 3, 2), Fraction(y + 1, 4)])
        outside = normalized.evaluate_exact([Fraction(x), Fraction(y)])
        assert outside == tuple(8 * v + Fraction(1, 2) for v in inside)


def test_normalization_divides_as_floating_point_software_does() -> None:
    ranges = [6.28318530718, 3.0]
    text = VALID.replace("2.0,4.0,8.0", "6.28318530718,3.0,8.0")
    first = read(text, normalize=True).layers[0]
    weights = np.array([[1, 0.1], [-2, 0.1], [0, 0.5]]) / np.array(ranges)
    assert [[v / first.den for v in row] for row in first.weights] == weights.tolist()
    # the biases take these weights as they are, without rounding
    biases = [
        Fraction(b) - sum(Fraction(w) * mean for w, mean in zip(row, (3, -1), strict=True))
        for row, b in zip(weights.tolist(), (0.25, -1, 0.5), strict=True)
    ]
    assert [Fraction(v, first.den) for v in first.bias] == biases


def test_a_single_layer_has_both_normalizations() -> None:
    text = "1,1,1,1,\n1,1,\n0,\n0,\n1,\n1,2,\n2,4,\n3,\n5,\n"
    (layer,) = read(text, normalize=True).layers
    # ((x − 1)/2·3 + 5)·4 + 2 = 6x + 16
    assert (Fraction(layer.weights[0][0], layer.den), Fraction(layer.bias[0], layer.den)) == (6, 16)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2,2,1,3,", "2,2,1,", "line 3: has 3 numbers, expected 4 (layers, inputs, outputs,"),
        ("2,2,1,3,", "2,2,1,x,", "line 3: 'x' is not a count"),
        ("2,2,1,3,", "2.0,2,1,3,", "line 3: '2.0' is not a count"),
        ("2,2,1,3,", "-2,2,1,3,", "line 3: '-2' is not a count"),
        ("2,2,1,3,", "2,2,1,99999999999,", "line 3: '99999999999' is not a count"),
        ("2,2,1,3,", "0,2,1,3,", "line 3: 0 layers"),
        ("2,2,1,3,", "3,2,1,3,", "line 4: has 3 numbers, expected 4 (widths)"),
        ("2,2,1,3,", "999999999,2,1,3,", "line 4: has 3 numbers, expected 1000000000 (widths)"),
        ("2,2,1,3,", "2,3,1,3,", "line 4: the widths say 2 inputs, line 3 says 3"),
        ("2,2,1,3,", "2,2,2,3,", "line 4: the widths say 1 outputs, line 3 says 2"),
        ("2,2,1,3,", "2,2,1,2,", "line 4: a width is 3, line 3 says 2 at most"),
        ("2,3,1,", "2,0,1,", "line 4: a layer needs at least one output and one input"),
        ("\n0,\n", "\n1,\n", "line 5: the flag is 1.0; symmetric networks are not read"),
        ("\n0,\n", "\n", "line 5: has 2 numbers, expected 1 (flag)"),
        ("-10.0,-10.0,", "-10.0,", "line 6: has 1 numbers, expected 2 (minimums)"),
        ("3.0,-1.0,0.5,", "3.0,-1.0,", "line 8: has 2 numbers, expected 3 (means)"),
        ("1.0,0.1,", "1.0,0.1,7,", "line 10: has 3 numbers, expected 2 (weights of layer 1)"),
        ("1.0,0.1,", "1.0,nan,", "line 10: 'nan' is not a decimal number"),
        ("1.0,0.1,", "1.0,inf,", "line 10: 'inf' is not a decimal number"),
        ("1.0,0.1,", "1.0,0x1p3,", "line 10: '0x1p3' is not a decimal number"),
        ("1.0,0.1,", "1.0,1_0,", "line 10: '1_0' is not a decimal number"),
        ("1.0,0.1,", "1.0,,", "line 10: '' is not a decimal number"),
        ("1.0,0.1,", "1.0,1e999,", "line 10: '1e999' is not a finite float64"),
        ("1.0,0.1,", f"1.0,{'1' * 401},", "line 10: '1111111111111111111111111111111111111111…'"),
        ("1.0,0.1,", "1e300,1e-300,", "layer 1: the values mix too many magnitudes: "),
        ("0.25,", "0.25,1,", "line 13: has 2 numbers, expected 1 (bias of layer 1)"),
        ("0.25,", "__import__('os'),", "line 13: \"__import__('os')\" is not a decimal number"),
        ("0.125,\n", "", "ends after line 16, before the bias of layer 2"),
        ("0.125,\n", "0.125,\n7,\n", "line 18: follows the last bias"),
        ("0.125,\n", "\n0.125,\n", "line 17: has 0 numbers, expected 1 (bias of layer 2)"),
    ],
)
def test_what_is_refused(old: str, new: str, message: str) -> None:
    assert VALID.count(old) == 1
    assert error(VALID.replace(old, new)).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ends after line 0, before the layers, inputs, outputs, largest width"),
        ("// only a comment\n", "ends after line 1, before the layers"),
        (b"\xff\xfe", "not UTF-8 text: byte 0 (invalid start byte)"),
        (b"\x00" * 9, "line 1: has 1 numbers, expected 4"),
        ("1,1000000,1,1000000,\n1000000,1,\n", "line 2: 1000000 inputs or outputs of a layer"),
        ("2,4000,1,4000,\n4000,4000,1,\n", "line 2: 16008001 weights and biases (limit 4194304)"),
    ],
)
def test_files_that_are_refused(text: str | bytes, message: str) -> None:
    assert error(text).startswith(message)


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ("0.0,4.0,8.0,", "line 9: the range of input 0 is 0"),
        ("2.0,-0.0,8.0,", "line 9: the range of input 1 is 0"),
        ("2.0,1e-320,8.0,", "line 9: inf at [0][1] is not finite"),
    ],
)
def test_ranges_that_are_refused(ranges: str, message: str) -> None:
    text = VALID.replace("2.0,4.0,8.0,", ranges)
    read(text)  # they do not matter without normalization
    assert error(text, normalize=True).startswith(message)
