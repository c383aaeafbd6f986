"""Networks and boxes by suffix, pairs from separate files, and their digest."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pyorch.errors import InputError, UsageError
from pyorch.nets.network import Activation, Layer, Network
from pyorch.nets.pair import load_box, load_network, pair_problem, read_pair
from pyorch.nets.reader import parse_activations, read_box, read_network

LAYER = {"weights": [[1, 0.5]], "bias": [0.25], "activation": "relu"}
NETWORK = Network((Layer.exact([[1, 0.5]], [0.25], Activation.RELU),))
JSON: dict[str, Any] = {"format": "pyorch-network-1", "layers": [LAYER]}
BOX = {"format": "pyorch-box-1", "lower": [0, "-1/3"], "upper": [0.1, 1]}
NNET = "1,2,1,2,\n2,1,\n0,\n0,0,\n1,1,\n1,1,1,\n2,2,2,\n1,0.5,\n0.25,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "t.json").write_text(json.dumps(JSON))
    (tmp_path / "s.json").write_text(json.dumps(JSON | {"description": "the same"}))
    (tmp_path / "s.nnet").write_text(NNET)
    (tmp_path / "box.json").write_text(json.dumps(BOX))
    np.savez(tmp_path / "s.npz", W0=[[1, 0.5]], b0=[0.25])
    return tmp_path


def line(error: pytest.ExceptionInfo[Exception]) -> str:
    message = str(error.value)
    assert message.isprintable()
    return message


def test_networks_by_suffix(folder: Path) -> None:
    assert read_network(folder / "t.json") == NETWORK
    assert read_network(folder / "s.npz", activations=(Activation.RELU,)) == NETWORK
    identity = Layer.exact([[1, 0.5]], [0.25], Activation.IDENTITY)
    assert read_network(folder / "s.nnet") == Network((identity,))
    (folder / "T.JSON").write_text(json.dumps(JSON))
    assert read_network(folder / "T.JSON") == NETWORK


def test_a_box(folder: Path) -> None:
    box = read_box(folder / "box.json", 2)
    assert (box.lower, box.upper) == ((0, Fraction(-1, 3)), (Fraction(1, 10), 1))
    (folder / "c.json").write_text(
        json.dumps({"format": "pyorch-box-1", "center": [0, 1], "radius": 1, "clip": [0, 1]})
    )
    assert read_box(folder / "c.json", 2).lower == (0, 0)


def test_a_pair(folder: Path) -> None:
    problem = read_pair(
        folder / "t.json", folder / "s.json", folder / "box.json", epsilon=Fraction(1, 9)
    )
    assert problem.teacher == problem.student == NETWORK
    assert problem.box == read_box(folder / "box.json", 2)
    assert problem.epsilon == Fraction(1, 9)
    assert problem.source == "t.json, s.json, box.json"


def test_the_digest_covers_files_and_options(folder: Path) -> None:
    def digest(name: str) -> str:
        return hashlib.sha256((folder / name).read_bytes()).hexdigest()

    def expected(student: str, options: str) -> str:
        text = (
            f"pyorch-pair-files-1\nteacher {digest('t.json')}\n"
            f"student {digest(student)}{options}\nbox {digest('box.json')}\n"
        )
        return hashlib.sha256(text.encode()).hexdigest()

    teacher, box = folder / "t.json", folder / "box.json"
    plain = read_pair(teacher, folder / "s.nnet", box)
    assert plain.sha256 == expected("s.nnet", "")
    normalized = read_pair(teacher, folder / "s.nnet", box, normalize=True)
    assert normalized.sha256 == expected("s.nnet", " normalize")
    assert normalized.student != plain.student
    named = read_pair(teacher, folder / "s.npz", box, student_activations=(Activation.RELU,))
    assert named.sha256 == expected("s.npz", " activations=relu")
    assert len({plain.sha256, normalized.sha256, named.sha256}) == 3


def test_dimensions_that_disagree(folder: Path) -> None:
    layer = LAYER | {"weights": [[1, 2, 3]]}
    (folder / "wide.json").write_text(json.dumps(JSON | {"layers": [layer]}))
    layer = {"weights": [[1, 2]] * 3, "bias": [0] * 3, "activation": "identity"}
    (folder / "tall.json").write_text(json.dumps(JSON | {"layers": [layer]}))
    box = folder / "box.json"
    with pytest.raises(InputError) as caught:
        read_pair(folder / "t.json", folder / "wide.json", box)
    assert line(caught).endswith(f"wide.json: has 3 inputs, {folder / 't.json'} 2")
    with pytest.raises(InputError) as caught:
        read_pair(folder / "t.json", folder / "tall.json", box)
    assert line(caught).endswith(f"tall.json: has 3 outputs, {folder / 't.json'} 1")
    with pytest.raises(InputError, match=r"lower: has 2 numbers, expected 3"):
        read_pair(folder / "wide.json", folder / "wide.json", box)
    teacher = load_network(folder / "wide.json")
    with pytest.raises(InputError, match=r"box.json: has 2 coordinates, .*wide.json 3 inputs"):
        pair_problem(teacher, teacher, load_box(box, 2))
    narrow = load_network(folder / "t.json")
    with pytest.raises(ValueError, match="epsilon 0 is not positive"):
        pair_problem(narrow, narrow, load_box(box, 2), Fraction(0))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("net.pt", {}, "ends in '.pt'; a network is read from .json, .nnet, .npz, .onnx"),
        ("net", {}, "has no suffix; a network is read from"),
        ("net.onnx\n", {}, "ends in '.onnx\\n'; a network is read from"),
        ("t.json", {"normalize": True}, "has no normalization to apply: .json is not .nnet"),
        ("s.npz", {"normalize": True}, "has no normalization to apply: .npz is not .nnet"),
        ("s.nnet", {"activations": ()}, "has activations of its own: .nnet is not .npz"),
    ],
)
def test_networks_that_are_refused(
    folder: Path, name: str, options: dict[str, Any], message: str
) -> None:
    if not (folder / name).exists():
        (folder / name).write_text("{}")
    with pytest.raises(InputError) as caught:
        read_network(folder / name, **options)
    assert f": {message}" in line(caught)


def test_normalization_without_a_file_that_has_one(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"normalization is a part of \.nnet files"):
        read_pair(folder / "t.json", folder / "s.json", folder / "box.json", normalize=True)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (JSON | {"format": "pyorch-pair-1"}, "format: 'pyorch-pair-1' is not one of"),
        ({"layers": [LAYER]}, "the field 'format' is missing"),
        (JSON | {"box": {}}, "unknown field 'box'"),
        (JSON | {"description": 1}, "description: expected a string, not 1"),
        (JSON | {"layers": []}, "layers: expected a non-empty array, not an empty array"),
        (JSON | {"layers": [{**LAYER, "bias": []}]}, "layers[0].bias: expected a non-empty array"),
        ({"teacher": JSON, "student": JSON}, "holds a pair of networks, not one; a pair's file is"),
        (
            JSON | {"layers": [{**LAYER, "weights": [[0] * 70000]}]},
            "layers: 70000 inputs or outputs of a layer (limit 65536)",
        ),
    ],
)
def test_network_files_that_are_refused(folder: Path, document: object, message: str) -> None:
    (folder / "x.json").write_text(json.dumps(document))
    with pytest.raises(InputError) as caught:
        read_network(folder / "x.json")
    assert line(caught).startswith(f"{folder / 'x.json'}: {message}")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (BOX | {"format": "pyorch-network-1"}, "format: 'pyorch-network-1' is not one of"),
        ({"lower": [0, 0], "upper": [1, 1]}, "the field 'format' is missing"),
        (BOX | {"radius": 1}, "unknown field 'lower'"),
        (BOX | {"upper": [-1, 1]}, "no input is inside: coordinate 0 from 0 to -1"),
        (BOX | {"upper": [1]}, "upper: has 1 numbers, expected 2"),
        ([BOX], "expected an object, not an array"),
    ],
)
def test_box_files_that_are_refused(folder: Path, document: object, message: str) -> None:
    (folder / "x.json").write_text(json.dumps(document))
    with pytest.raises(InputError) as caught:
        read_box(folder / "x.json", 2)
    assert line(caught).startswith(f"{folder / 'x.json'}: {message}")


def test_files_that_cannot_be_read(folder: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.onnx: no such file"):
        read_network(folder / "absent.onnx")
    with pytest.raises(InputError, match="is a directory, not a box"):
        read_box(folder, 2)
    with pytest.raises(InputError, match=r"box\.txt: ends in '\.txt'; a box is read from"):
        (folder / "box.txt").write_text("")
        read_box(folder / "box.txt", 2)


def test_activations_as_text() -> None:
    relu, identity = Activation.RELU, Activation.IDENTITY
    assert parse_activations("relu, relu,identity") == (relu, relu, identity)
    for text, message in (
        ("relu,rely", r"'rely' is not one of relu, identity; did you mean 'relu'\?"),
        ("", "'' is not one of relu, identity"),
        ("relu,", "'' is not one of relu, identity"),
    ):
        with pytest.raises(ValueError, match=message):
            parse_activations(text)


def test_json_needs_neither_numpy_nor_onnx(folder: Path) -> None:
    code = (
        "import sys\nfrom pyorch.nets.pair import read_pair\n"
        f"read_pair({str(folder / 't.json')!r}, {str(folder / 's.json')!r},"
        f" {str(folder / 'box.json')!r})\n"
        "sys.exit(bool({'numpy', 'onnx'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
