"""Integer weights from rows, JSON, NPZ and ONNX, and one line for everything that is wrong."""

from __future__ import annotations

import builtins
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx  # noqa: TID253
import pytest
from onnx import TensorProto, helper, numpy_helper  # noqa: TID253

from pyorch.errors import InputError
from pyorch.nets.integer_weights import MAX_ENTRIES, parse_rows, read_weights

ROWS = ((3, -8, 7), (-1, 2, 5))


def wrong(path: str | Path) -> str:
    """The problem with a file, without its folder; always one line."""
    with pytest.raises(InputError) as caught:
        read_weights(path)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 400
    return message.replace(f"{Path(str(path)).parent}/", "")


def npz(folder: Path, **arrays: Any) -> Path:
    path = folder / "w.npz"
    np.savez(path, **arrays)
    return path


def model(folder: Path, *tensors: onnx.TensorProto) -> Path:
    """A model with one MatMul and these initializers."""
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", tensors[0].name if tensors else "w"], ["y"])],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])],
        initializer=list(tensors),
    )
    path = folder / "m.onnx"
    path.write_bytes(helper.make_model(graph).SerializeToString())
    return path


# ---- rows in the text ----------------------------------------------------------------------------


def test_rows() -> None:
    weights = parse_rows(" 3,-8, +7 ;\n-1,2,5")
    assert weights.rows == ROWS
    assert (weights.out_channels, weights.in_features, weights.size) == (2, 3, 6)
    assert weights.sha256 == weights.label == ""
    assert weights.transposed().rows == ((3, -1), (-8, 2), (7, 5))
    assert weights.digest == parse_rows("3,-8,7;-1,2,5").digest != weights.transposed().digest
    assert parse_rows("0").rows == ((0,),)
    assert parse_rows(f"{2**31 - 1},{-(2**31)}").rows == ((2**31 - 1, -(2**31)),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "[0][0]: '' is not an integer"),
        ("1,2;", "[1][0]: '' is not an integer"),
        ("1,,2", "[0][1]: '' is not an integer"),
        ("1,2;3", "[1]: has 1 weights, the rows before 2"),
        ("1,--2", "[0][1]: '--2' is not an integer"),
        ("1 2", "[0][0]: '1 2' is not an integer"),
        ("2147483648", "[0][0]: '2147483648' is beyond 32 bits"),
        ("1,-2147483649", "[0][1]: '-2147483649' is beyond 32 bits"),
        ("9" * 1000, f"[0][0]: '{'9' * 40}…' is not an integer"),
    ],
)
def test_wrong_rows_are_named(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_rows(text)
    assert str(caught.value) == f"weights: {message}"


# ---- JSON ----------------------------------------------------------------------------------------


def test_json(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    document = {"format": "pyorch-weights-1", "weights": ROWS, "description": "two channels"}
    path.write_text(json.dumps(document))
    weights = read_weights(path)
    assert weights.rows == ROWS
    assert weights.source == str(path)
    assert weights.label == "w.json"
    assert weights.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_text('{"format": "pyorch-weights-1", "weights": [[3.0, -8e0, 7]]}')
    assert read_weights(path).rows == ((3, -8, 7),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON: Expecting value (line 1, column 1)"),
        ('{"format": "pyorch-weights-1", "weights": [[1, 2], [', "not valid JSON: Expecting value"),
        ("[1]", "expected an object, not an array"),
        ("{}", "the field 'format' is missing"),
        ('{"format": "pyorch-weights-1"}', "the field 'weights' is missing"),
        (
            '{"format": "pyorch-weights-2", "weights": [[1]]}',
            "format: 'pyorch-weights-2' is not one of pyorch-weights-1; did you mean",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": [[1]], "bias": 0}',
            "unknown field 'bias'",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": [[1]], "weights": [[2]]}',
            "the field 'weights' is there twice",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": [1]}',
            "weights[0]: expected a non-empty array, not 1",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": []}',
            "weights: expected a non-empty array, not an empty array",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": [[1], []]}',
            "weights[1]: expected a non-empty array, not an empty array",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": [[1, 2], [3]]}',
            "weights[1]: has 1 weights, the rows before 2",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": [[1, 0.5]]}',
            "weights[0][1]: 0.5 is not an integer",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": [[NaN]]}',
            "weights[0][0]: NaN is not a finite float64",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": [[1e999]]}',
            "weights[0][0]: 1e999 is not a finite float64",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": [["1"]]}',
            "weights[0][0]: expected a number, not '1'",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": [[true]]}',
            "weights[0][0]: expected a number, not true",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": [[1, 1e300]]}',
            "is beyond 32 bits",
        ),
        (
            '{"format": "pyorch-weights-1", "weights": [[' + "9" * 401 + "]]}",
            "has more than 400 digits",
        ),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_wrong_json_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "w.json"
    path.write_text(text)
    assert message in wrong(path)
    assert wrong(path).startswith("w.json: ")


# ---- NPZ -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["i1", "i2", "<i4", ">i4", "i8", "f2", "f4", "f8", "longdouble"])
def test_npz_of_any_type_whose_values_are_integers(tmp_path: Path, dtype: str) -> None:
    path = npz(tmp_path, w=np.array(ROWS, dtype=dtype), bias=np.zeros(2))
    weights = read_weights(f"{path}:w")
    assert weights.rows == ROWS
    assert weights.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert weights.source == f"{path}:w"
    assert weights.label == "w.npz:w"
    np.savez_compressed(path, w=np.asfortranarray(np.array(ROWS, dtype=dtype)))
    assert read_weights(path).rows == ROWS


def test_npz_of_unsigned_codes_and_kernels(tmp_path: Path) -> None:
    kernel = np.arange(2 * 3 * 2 * 2, dtype=np.uint8).reshape(2, 3, 2, 2)
    path = npz(tmp_path, **{"layer/kernel:0": kernel})
    weights = read_weights(f"{path}:layer/kernel:0")
    assert weights.rows == (tuple(range(12)), tuple(range(12, 24)))
    assert weights.label == "w.npz:layer/kernel:0"


def test_wrong_arrays_are_named(tmp_path: Path) -> None:
    path = npz(
        tmp_path,
        half=np.array([[1, 2], [3, 4.5]]),
        nan=np.array([[1, np.nan]]),
        inf=np.array([[-np.inf]]),
        big=np.array([[2**31]], dtype=np.uint64),
        vector=np.arange(3),
        number=np.array(3),
        text=np.array([["a"]]),
        large=np.zeros((1024, 1025), dtype=np.int8),
    )
    for name, message in {
        "half": "'half'[1][1]: 4.5 is not an integer",
        "nan": "'nan'[0][1]: nan is not an integer",
        "inf": "'inf'[0][0]: -inf is not an integer",
        "big": "'big'[0][0]: 2147483648 is beyond 32 bits",
        "vector": "'vector': has the shape 3, expected (out_channels, in_features)",
        "number": "'number': has the shape a single number, expected (out_channels, in_features)",
        "text": "'text': has entries of type <U1, not integers",
        "large": f"'large': has 1024 × 1025 weights, more than {MAX_ENTRIES}",
        "hals": "has no array 'hals'; did you mean 'half'?",
        "x" * 99: f"has no array '{'x' * 40}…'; it has 'half', 'nan', 'inf', 'big', 'vector', …",
    }.items():
        assert wrong(f"{path}:{name}").removeprefix("w.npz: ") == message
    assert wrong(path) == (
        "w.npz: has several arrays, choose one as FILE:NAME: 'half', 'nan', 'inf', 'big',"
        " 'vector', …"
    )
    assert wrong(npz(tmp_path)) == "w.npz: has no array"


def test_pickled_objects_are_not_loaded(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return pytest.fail, ("unpickled",)

    path = npz(tmp_path, w=np.array([[Bomb()]], dtype=object))
    assert wrong(f"{path}:w") == ("w.npz: 'w': holds pickled Python objects, which are not loaded")


def header(shape: str, descr: str = "'<i8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "'w'"),
        (b"not an array", "'w'"),
        (b"\x93NUMPY\x07\x00", "'w'"),
        (b"\x93NUMPY\x01\x00\xff\xff{", "'w'"),
        (header("(2, 3)"), "'w'"),
        (header("(2, 3)") + bytes(47), "'w'"),
        (header("(1000000000, 1000000000)"), "'w'"),
        (header("(99999999999999999999, 1)"), "'w'"),
        (header("(-1, 3)"), "'w'"),
        (header("(2, 0)"), "'w'"),
        (header("__import__('os')"), "'w'"),
        (header("(1, 1)", "'|O'") + bytes(8), "pickled"),
    ],
)
def test_wrong_headers(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "w.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("w.npy", content)
    assert message in wrong(f"{path}:w")


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("w.npy", "w", force_zip64=True) as member,
    ):
        member.write(header("(1, 36000000)"))
        for _ in range(288):
            member.write(bytes(10**6))
    assert path.stat().st_size < 10**6
    assert "unpacks to 288000" in wrong(path)


def test_wrong_archives(tmp_path: Path) -> None:
    whole = npz(tmp_path, w=np.array(ROWS)).read_bytes()
    path = tmp_path / "w.npz"
    for data in (b"", b"PK", whole[:-30], whole[30:], bytes(100)):
        path.write_bytes(data)
        assert wrong(path).startswith("w.npz: not an NPZ file: ")
    stream = io.BytesIO()
    np.save(stream, np.array(ROWS))
    path.write_bytes(stream.getvalue())  # .npy
    assert wrong(path).startswith("w.npz: not an NPZ file: ")


# ---- ONNX ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data_type",
    [
        TensorProto.INT4,
        TensorProto.INT8,
        TensorProto.INT16,
        TensorProto.INT32,
        TensorProto.INT64,
        TensorProto.FLOAT16,
        TensorProto.BFLOAT16,
        TensorProto.FLOAT,
        TensorProto.DOUBLE,
    ],
)
@pytest.mark.parametrize("raw", [False, True])
def test_onnx(tmp_path: Path, data_type: int, raw: bool) -> None:
    tensor = helper.make_tensor("fc.weight", data_type, [2, 3], [v for row in ROWS for v in row])
    if raw:
        tensor = numpy_helper.from_array(numpy_helper.to_array(tensor), "fc.weight")
    bias = numpy_helper.from_array(np.zeros(2, dtype=np.int32), "fc.bias")
    path = model(tmp_path, tensor, bias)
    weights = read_weights(f"{path}:fc.weight")
    assert weights.rows == read_weights(path).rows == ROWS
    assert weights.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_onnx_names_of_any_length(tmp_path: Path) -> None:
    long = "/model/layers.0/self_attn/q_proj/MatMul_quant/weight"
    first, second = (
        numpy_helper.from_array(np.full((1, 2), value, dtype=np.int8), f"{long}.{value}")
        for value in (1, 2)
    )
    path = model(tmp_path, first, second)
    assert read_weights(f"{path}:{long}.2").rows == ((2, 2),)
    assert "has several initializers, choose one as FILE:NAME" in wrong(path)


def test_wrong_initializers_are_named(tmp_path: Path) -> None:
    external = numpy_helper.from_array(np.array(ROWS), "external")
    external.data_location = TensorProto.EXTERNAL
    huge = TensorProto(name="huge", data_type=TensorProto.INT8, dims=[10**9, 10**9])
    short = TensorProto(name="short", data_type=TensorProto.INT32, dims=[2, 3], raw_data=b"1234")
    typeless = TensorProto(name="typeless", data_type=99, dims=[1, 1], raw_data=b"1")
    path = model(
        tmp_path,
        numpy_helper.from_array(np.array([[1, 0.5]]), "half"),
        helper.make_tensor("text", TensorProto.STRING, [1, 1], [b"1"]),
        helper.make_tensor("mask", TensorProto.BOOL, [1, 1], [True]),
        numpy_helper.from_array(np.zeros((0, 3)), "empty"),
        numpy_helper.from_array(np.array(3), "scalar"),
        external,
        huge,
        short,
        typeless,
    )
    for name, message in {
        "half": "'half'[0][1]: 0.5 is not an integer",
        "text": "'text': has entries of type object, not integers",
        "mask": "'mask': has entries of type bool, not integers",
        "empty": "'empty': has the shape 0 × 3: no weights",
        "scalar": "'scalar': has the shape a single number",
        "external": "'external': keeps its data in another file, which is not read",
        "huge": f"'huge': has 1000000000 × 1000000000 weights, more than {MAX_ENTRIES}",
        "short": "'short': cannot be read: ",
        "typeless": "'typeless': cannot be read: ",
        "hafl": "has no initializer 'hafl'; did you mean 'half'?",
        "zzz": "has no initializer 'zzz'; it has 'half', 'text', 'mask', 'empty', 'scalar', …",
    }.items():
        assert wrong(f"{path}:{name}").removeprefix("m.onnx: ").startswith(message)
    twice = model(tmp_path, *[numpy_helper.from_array(np.array(ROWS), "w")] * 2)
    assert wrong(twice) == "m.onnx: has two initializers of the same name"


def test_wrong_onnx_files(tmp_path: Path) -> None:
    path = model(tmp_path, numpy_helper.from_array(np.array(ROWS), "w"))
    whole = path.read_bytes()
    for data in (whole[:-3], b"\xff" * 50):
        path.write_bytes(data)
        assert wrong(path).startswith("m.onnx: not an ONNX file: ")
    for data in (b"", whole[5:]):  # fields that ONNX does not know are skipped
        path.write_bytes(data)
        assert wrong(path) == "m.onnx: has no initializer"


def test_onnx_is_optional(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = model(tmp_path, numpy_helper.from_array(np.array(ROWS), "w"))
    real = builtins.__import__

    def without_onnx(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "onnx":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_onnx)
    assert wrong(f"{path}:w") == (
        "m.onnx: reading ONNX needs the package onnx: pip install 'pyorch[onnx]'"
    )


# ---- files ---------------------------------------------------------------------------------------


def test_what_is_no_file_of_weights(tmp_path: Path) -> None:
    (tmp_path / "folder.npz").mkdir()
    assert wrong(tmp_path / "folder.npz") == "folder.npz: is a directory, not a file of weights"
    for name in ("none.json", "none.npz", "none.npz:w", "none.onnx:w"):
        assert wrong(tmp_path / name) == f"{name.partition(':')[0]}: no such file"
    for name in ("w.txt", "weights", "w.npy", "w.npz.bak"):
        assert wrong(tmp_path / name).startswith(f"{name}: neither rows such as 3,-8,7;-1,2,5 nor")
    assert wrong("a\nb").startswith(r"'a\nb': neither rows")
    assert "not a file name" in wrong("a\0b.json")
