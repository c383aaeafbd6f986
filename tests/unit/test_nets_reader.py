"""The weights file: what it means, and one line for everything that is wrong with one."""

from __future__ import annotations

import copy
import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pyorch.errors import InputError
from pyorch.nets import reader
from pyorch.nets.network import Activation
from pyorch.nets.reader import parse_problem, parse_rational, read_problem

EXAMPLES = Path(__file__).parents[2] / "examples"

NETWORK = {
    "layers": [
        {"weights": [[1, 2], [3, 4], [5, 6]], "bias": [0, 0.5, 1], "activation": "relu"},
        {"weights": [[1, -1, 0.1]], "bias": [0], "activation": "identity"},
    ]
}
VALID: dict[str, Any] = {
    "format": "pyorch-pair-1",
    "teacher": NETWORK,
    "student": copy.deepcopy(NETWORK),
    "box": {"lower": [0, 0.1], "upper": [1, "1/3"]},
    "epsilon": 0.1,
}
REMOVE = object()


def changed(path: str, value: object) -> str:
    """VALID as text with one value replaced (or removed); the path is dotted."""
    document = copy.deepcopy(VALID)
    *above, last = path.split(".")
    place: Any = document
    for step in above:
        place = place[int(step)] if isinstance(place, list) else place[step]
    key = int(last) if isinstance(place, list) else last
    if value is REMOVE:
        del place[key]
    else:
        place[key] = value
    return json.dumps(document)


def error(text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(InputError) as caught:
        parse_problem(data, "pair.json")
    message = str(caught.value)
    assert message.isprintable()  # so one line
    assert message.startswith("pair.json: ")
    return message.removeprefix("pair.json: ")


def test_a_valid_file() -> None:
    data = json.dumps(VALID).encode()
    problem = parse_problem(data, "pair.json")
    assert problem.teacher.widths == problem.student.widths == (2, 3, 1)
    assert [layer.activation for layer in problem.teacher.layers] == [
        Activation.RELU,
        Activation.IDENTITY,
    ]
    first, last = problem.teacher.layers
    assert (first.weights, first.bias, first.den) == (((2, 4), (6, 8), (10, 12)), (0, 1, 2), 2)
    # a weight is the float64, a bound and epsilon are the decimals
    assert Fraction(last.weights[0][2], last.den) == Fraction(0.1) != Fraction(1, 10)
    assert problem.box.lower == (Fraction(0), Fraction(1, 10))
    assert problem.box.upper == (Fraction(1), Fraction(1, 3))
    assert problem.epsilon == Fraction(1, 10)
    assert problem.source == "pair.json"
    assert problem.sha256 == hashlib.sha256(data).hexdigest()


def test_epsilon_may_be_absent() -> None:
    assert parse_problem(changed("epsilon", REMOVE).encode(), "pair.json").epsilon is None


def test_a_box_by_center_and_radius() -> None:
    box = {"center": [0.05, 0.5], "radius": "0.1", "clip": [0, 0.55]}
    problem = parse_problem(changed("box", box).encode(), "pair.json")
    assert problem.box.lower == (Fraction(0), Fraction(2, 5))
    assert problem.box.upper == (Fraction(3, 20), Fraction(11, 20))
    del box["clip"]
    problem = parse_problem(changed("box", box).encode(), "pair.json")
    assert problem.box.lower == (Fraction(-1, 20), Fraction(2, 5))


def test_a_byte_order_mark_and_a_description_are_allowed() -> None:
    parse_problem(b"\xef\xbb\xbf" + changed("description", "-/ theorem").encode(), "pair.json")


def test_an_integer_weight_past_2_53_is_exact() -> None:
    text = changed("teacher.layers.0.weights.0.0", 2**53 + 1)
    layer = parse_problem(text.encode(), "pair.json").teacher.layers[0]
    assert Fraction(layer.weights[0][0], layer.den) == 2**53 + 1


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("format", REMOVE, "the field 'format' is missing"),
        ("format", "pyorch-pair-2", "format: 'pyorch-pair-2' is not one of pyorch-pair-1; did"),
        ("format", 1, "format: expected a string, not 1"),
        ("description", None, "description: expected a string, not null"),
        ("teacher", REMOVE, "the field 'teacher' is missing"),
        ("teacher", [], "teacher: expected an object, not an empty array"),
        ("techer", NETWORK, "unknown field 'techer'; did you mean 'teacher'?"),
        ("zzz", 1, "unknown field 'zzz'"),
        ("teacher.layers", [], "teacher.layers: expected a non-empty array, not an empty array"),
        ("teacher.layers", {}, "teacher.layers: expected a non-empty array, not an object"),
        ("teacher.layers.0", 7, "teacher.layers[0]: expected an object, not 7"),
        (
            "teacher.layers.0.activation",
            REMOVE,
            "teacher.layers[0]: the field 'activation' is missing",
        ),
        (
            "student.layers.1.activation",
            "ReLu",
            "student.layers[1].activation: 'ReLu' is not one of relu, identity; did you mean",
        ),
        (
            "teacher.layers.0.activation",
            "gelu\n-/",
            "teacher.layers[0].activation: 'gelu\\n-/' is not one of relu, identity",
        ),
        ("teacher.layers.0.activation", None, "teacher.layers[0].activation: expected a string"),
        ("teacher.layers.0.weight", [], "teacher.layers[0]: unknown field 'weight'; did you mean"),
        (
            "teacher.layers.0.weights.1",
            [1],
            "teacher.layers[0].weights[1]: has 1 numbers, the rows before 2",
        ),
        ("teacher.layers.0.weights.1", [], "teacher.layers[0].weights[1]: expected a non-empty"),
        ("teacher.layers.0.weights.1", 5, "teacher.layers[0].weights[1]: expected a non-empty"),
        (
            "teacher.layers.0.weights.1.0",
            True,
            "teacher.layers[0].weights[1][0]: expected a number, not true",
        ),
        (
            "teacher.layers.0.weights.1.0",
            None,
            "teacher.layers[0].weights[1][0]: expected a number, not null",
        ),
        (
            "teacher.layers.0.weights.1.0",
            "1",
            "teacher.layers[0].weights[1][0]: expected a number, not '1'",
        ),
        (
            "teacher.layers.0.weights.1.0",
            float("nan"),
            "teacher.layers[0].weights[1][0]: NaN is not a finite float64",
        ),
        (
            "student.layers.0.bias.1",
            float("-inf"),
            "student.layers[0].bias[1]: -Infinity is not a finite float64",
        ),
        ("teacher.layers.0.bias", [1, 2], "teacher.layers[0].bias: has 2 numbers for 3 rows"),
        (
            "teacher.layers.1.weights",
            [[1, 2]],
            "teacher.layers[1]: weights take 2 inputs, the layer before has 3 outputs",
        ),
        (
            "teacher.layers.1.weights.0",
            [1e300, 1e-300, 0],
            "teacher.layers[1]: the values mix too many magnitudes: 2046-bit integers",
        ),
        ("student.layers", NETWORK["layers"][:1], "student: has 3 outputs, the teacher 1"),
        (
            "student.layers",
            [{"weights": [[1]], "bias": [0], "activation": "identity"}],
            "student: has 1 inputs, the teacher 2",
        ),
        ("box", {}, "box: the field 'lower' is missing"),
        ("box.lower", [0], "box.lower: has 1 numbers, expected 2"),
        ("box.lower", [0, 0, 0], "box.lower: has 3 numbers, expected 2"),
        ("box.lower.0", 2, "box: no input is inside: coordinate 0 from 2 to 1"),
        ("box.lower.0", False, "box.lower[0]: expected a number or a string such as '1/3', not"),
        ("box.lower.0", "1/0", "box.lower[0]: '1/0' divides by zero"),
        ("box.lower.0", "__import__('os')", "box.lower[0]: \"__import__('os')\" is not a decimal"),
        ("box.lower.0", "0_1", "box.lower[0]: '0_1' is not a decimal"),
        ("box.lower.0", "1e-99999999999", "box.lower[0]: the exponent of '1e-99999999999' is"),
        ("box.upper.0", float("inf"), "box.upper[0]: 'Infinity' is not a decimal"),
        ("box.upper.0", 1e300, "box: the bounds need 1002-bit integers"),
        ("box.center", [0, 0], "box: unknown field 'lower'"),
        ("box", {"center": [0, 0], "radius": -1}, "box.radius: -1 is negative"),
        ("box", {"center": [0, 0], "radius": [1, 1]}, "box.radius: expected a number or a string"),
        ("box", {"radius": 1}, "box: the field 'center' is missing"),
        (
            "box",
            {"center": [0, 5], "radius": 1, "clip": [0, 1]},
            "box: no input is inside: coordinate 1 from 4 to 1",
        ),
        ("box", {"center": [0, 5], "radius": 1, "clip": 1}, "box.clip: expected a non-empty"),
        ("epsilon", 0, "epsilon: 0 is not positive"),
        ("epsilon", "-1/2", "epsilon: -1/2 is not positive"),
        ("epsilon", None, "epsilon: expected a number or a string such as '1/3', not null"),
        ("epsilon", True, "epsilon: expected a number or a string such as '1/3', not true"),
    ],
)
def test_what_is_refused(path: str, value: object, message: str) -> None:
    assert error(changed(path, value)).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON: Expecting value (line 1, column 1)"),
        ('{\n "a": }', "not valid JSON: Expecting value (line 2, column 7)"),
        ("[1]", "expected an object, not an array"),
        ("3", "expected an object, not 3"),
        ('{"format": "x", "format": "y"}', "the field 'format' is there twice"),
        (
            json.dumps(VALID).replace('"bias": [0]', '"bias": [0], "bias": [1]', 1),
            "teacher.layers[1]: the field 'bias' is there twice",
        ),
        (
            json.dumps(VALID).replace("0.5", "1e999", 1),
            "teacher.layers[0].bias[1]: 1e999 is not a finite float64",
        ),
        (
            json.dumps(VALID).replace("0.5", "9" * 5000, 1),
            "teacher.layers[0].bias[1]: 9999",
        ),
        ('{"\\ud800": 1}', "unknown field '\\ud800'"),
        (b'{"a": "\xff"}', "not UTF-8 text: byte 7"),
        ("[" * 100_000, "not a weights file: nested too deeply"),
    ],
)
def test_documents_that_are_refused(text: str | bytes, message: str) -> None:
    assert error(text).startswith(message)


def test_a_file_with_spaces_and_unicode_in_its_name(tmp_path: Path) -> None:
    path = tmp_path / "mon réseau 学生.json"
    path.write_text(json.dumps(VALID), encoding="utf-8")
    assert read_problem(path).source == str(path)


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_problem(tmp_path / "absent.json")
    with pytest.raises(InputError, match="is a directory, not a weights file"):
        read_problem(tmp_path)
    with pytest.raises(InputError, match="not a file name: embedded null"):
        read_problem("a\0b")
    with pytest.raises(InputError, match="cannot be read: File name too long"):
        read_problem("a" * 5000)
    with pytest.raises(InputError, match="'': is a directory"):
        read_problem("")
    strange = tmp_path / "two\nlines.json"
    strange.write_text("{")
    with pytest.raises(InputError) as caught:
        read_problem(strange)
    assert str(caught.value).isprintable()
    monkeypatch.setattr(reader, "MAX_FILE_BYTES", 2**20)
    (tmp_path / "large.json").write_bytes(b" " * (2**20 + 1))
    with pytest.raises(InputError, match="larger than 1 MB"):
        read_problem(tmp_path / "large.json")


def test_an_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    # chmod does not stop root
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        read_problem(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Fraction(1, 10)),
        ("-1e-3", Fraction(-1, 1000)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("1/3", Fraction(1, 3)),
        ("+2E2", Fraction(200)),
    ],
)
def test_rationals(text: str, value: Fraction) -> None:
    assert parse_rational(text) == value


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1/", "1/-3", "0x1", "1e", "nan", "١", "1e401", "1" * 401, "1.5/2"]
)
def test_what_is_no_rational(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_rational(text)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/*.json")), ids=lambda path: path.stem)
def test_the_examples_are_read(path: Path) -> None:
    assert read_problem(path).teacher.input_dim in (2, 64)
    assert path.stat().st_size < 200_000
