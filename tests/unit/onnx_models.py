"""ONNX models for tests, and what the reader says to them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper  # noqa: TID253 - a file of the tests

from pyorch.errors import InputError
from pyorch.nets.formats.files import InputFile
from pyorch.nets.network import Network
from pyorch.nets.reader import parse_network
from tests.property import nets_formats_writers as writers

__all__ = ["B", "W", "error", "graph", "node", "read"]

node = helper.make_node

W = np.array([[1, 2.5], [-0.5, 0.25], [3, 0]], np.float32)  # inputs × outputs, as MatMul wants
B = np.array([0.5, -1], np.float32)


def graph(
    *nodes: Any, shape: tuple[Any, ...] = ("N", 3), dtype: str = "float32", **constants: Any
) -> writers.OnnxGraph:
    arrays = {name: np.asarray(value) for name, value in constants.items()}
    return writers.OnnxGraph(shape, dtype, nodes, arrays)


def read(data: Any) -> Network:
    content = data if isinstance(data, bytes) else data.SerializeToString()
    return parse_network(InputFile("net.onnx", content, ".onnx"))


def error(data: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(data)
    message = str(caught.value)
    assert message.isprintable()
    assert message.startswith("net.onnx: ")
    return message.removeprefix("net.onnx: ")
