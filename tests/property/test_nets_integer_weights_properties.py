"""Any bytes as a file of weights: a matrix or one line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper, numpy_helper  # noqa: TID253

from pyorch.errors import InputError
from pyorch.nets.integer_weights import IntegerWeights, parse_rows, read_weights

ROWS = ((3, -8, 7), (-1, 2, 5))


def _npz() -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, w=np.array(ROWS), b=np.zeros(2))
    return stream.getvalue()


def _onnx() -> bytes:
    tensors = [numpy_helper.from_array(np.array(ROWS, dtype=np.int8), "w")]
    graph = helper.make_graph([], "graph", [], [], initializer=tensors)
    data: bytes = helper.make_model(graph).SerializeToString()
    return data


def _json() -> bytes:
    return json.dumps({"format": "pyorch-weights-1", "weights": ROWS}).encode()


FILES = {".npz": _npz(), ".onnx": _onnx(), ".json": _json()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


def read(folder: Path, kind: str, data: bytes, name: str) -> IntegerWeights | None:
    path = folder / f"w{kind}"
    path.write_bytes(data)
    try:
        return read_weights(f"{path}{name}")
    except InputError as e:
        assert str(e).isprintable()
        assert str(e).startswith(str(path))
        return None


@given(st.sampled_from(sorted(FILES)), st.data())
def test_damaged_files(folder: Path, kind: str, data: st.DataObject) -> None:
    damaged = bytearray(FILES[kind])
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.just(len(damaged)) | st.integers(0, len(damaged)))
    weights = read(folder, kind, bytes(damaged[:cut]), "" if kind == ".json" else ":w")
    assert weights is None or weights.size >= 1


@given(st.sampled_from(sorted(FILES)), st.binary(max_size=200))
def test_arbitrary_bytes(folder: Path, kind: str, data: bytes) -> None:
    assert read(folder, kind, data, "") is None


@given(
    st.lists(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=3, max_size=3), min_size=1),
    st.sampled_from(["i4", "i8", "f8"]),
)
def test_all_formats_hold_the_same_matrix(folder: Path, rows: list[list[int]], dtype: str) -> None:
    array = np.array(rows, dtype=dtype)
    stream = io.BytesIO()
    np.savez(stream, w=array)
    tensors = [numpy_helper.from_array(array, "w")]
    model = helper.make_model(helper.make_graph([], "graph", [], [], initializer=tensors))
    written: dict[str, Any] = {
        ".npz": stream.getvalue(),
        ".onnx": model.SerializeToString(),
        ".json": json.dumps({"format": "pyorch-weights-1", "weights": array.tolist()}).encode(),
    }
    inline = parse_rows(";".join(",".join(map(str, row)) for row in rows))
    for kind, data in written.items():
        weights = read(folder, kind, data, "")
        assert weights is not None
        assert weights.rows == inline.rows == tuple(map(tuple, rows))
        assert weights.digest == inline.digest


@given(st.text(max_size=30))
def test_arbitrary_text(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_weights(text + ".")
    assert str(caught.value).isprintable()
