"""ONNX files: one line for every graph that is no chain of operators that are read."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")

from onnx import AttributeProto, ModelProto, TensorProto, numpy_helper  # noqa: TID253 - of the tests

from pyorch.nets.formats import files
from tests.unit.onnx_models import B, W, error, graph, node

MATMUL = node("MatMul", ["x0", "W"], ["y"], "fc")


@pytest.mark.parametrize(
    ("nodes", "constants", "message"),
    [
        (
            [node("Conv", ["x0", "W"], ["y"], "conv1", kernel_shape=[1])],
            {"W": W},
            "node 'conv1' (Conv): the operator is not read; those that are: Add, Constant,",
        ),
        (
            [node("Sigmoid", ["x0"], ["y"])],
            {},
            "node 0 (Sigmoid): the operator is not read",
        ),
        (
            [node("Relu", ["x0"], ["y"], "r", domain="com.microsoft")],
            {},
            "node 'r' (Relu): is of the operator set 'com.microsoft'",
        ),
        ([MATMUL], {}, "node 'fc' (MatMul): takes 'W', which is neither an initializer nor"),
        (
            [node("Add", ["x0", "b"], ["a"], "a"), node("Add", ["a", "x0"], ["b"], "b")],
            {},
            "node 'a' (Add): takes 'b', which comes from a later node: a cycle, or nodes out",
        ),
        (
            [node("Relu", ["x0"], ["r"]), node("Relu", ["x0"], ["y"], "s")],
            {},
            "node 's' (Relu): takes 'x0', from which the graph branches",
        ),
        (
            [node("Relu", ["x0"], ["r"]), node("Add", ["r", "x0"], ["y"], "skip")],
            {},
            "node 'skip' (Add): takes 'x0', from which the graph branches",
        ),
        (
            [node("Add", ["x0", "x0"], ["y"], "twice")],
            {},
            "node 'twice' (Add): takes the network's value at 2 inputs, expected one",
        ),
        (
            [node("Add", ["B", "B"], ["y"], "c")],
            {"B": B},
            "node 'c' (Add): takes the network's value at no inputs, expected one",
        ),
        (
            [node("Relu", ["x0"], ["x0"], "r")],
            {},
            "node 'r' (Relu): writes 'x0', which is there already",
        ),
        (
            [node("Relu", ["x0"], ["W"], "r")],
            {"W": W},
            "node 'r' (Relu): writes 'W', which is there already",
        ),
        ([node("Relu", ["x0", "x0"], ["y"], "r")], {}, "node 'r' (Relu): has 2 inputs"),
        ([node("Relu", ["x0"], ["y", "z"], "r")], {}, "node 'r' (Relu): has 2 outputs, expected 1"),
        ([node("Relu", ["x0"], [""], "r")], {}, "node 'r' (Relu): has 1 outputs, expected 1"),
        (
            [node("Relu", ["x0"], ["y"], "r", slope=0.5)],
            {},
            "node 'r' (Relu): has the attribute 'slope' (FLOAT), which is not read",
        ),
        (
            [node("Add", ["x0", "B"], ["y"], "a", axis=1, broadcast=1)],
            {"B": B},
            "node 'a' (Add): has the attribute 'axis' (INT), which is not read",
        ),
        (
            [node("Gemm", ["x0", "W"], ["y"], "g", alpha=1)],
            {"W": W},
            "node 'g' (Gemm): has the attribute 'alpha' (INT), which is not read",
        ),
        (
            [node("Gemm", ["x0", "W"], ["y"], "g", alpha=float("nan"))],
            {"W": W},
            "node 'g' (Gemm): the attribute alpha is nan",
        ),
        (
            [node("Gemm", ["W", "V", "x0"], ["y"], "g")],
            {"W": W, "V": W.T},
            "node 'g' (Gemm): takes the network's value as C",
        ),
        (
            [node("Gemm", ["x0", "W", "C"], ["y"], "g")],
            {"W": W, "C": np.ones(3, np.float32)},
            "node 'g' (Gemm): adds 3 to the value 1 × 2",
        ),
        (
            [node("Gemm", ["x0", "W"], ["y"], "g", transA=1)],
            {"W": W},
            "node 'g' (Gemm): multiplies the value 1 × 3, which is not one vector",
        ),
        (
            [node("Gemm", ["x0", ""], ["y"], "g")],
            {},
            "node 'g' (Gemm): lacks input 1",
        ),
        (
            [MATMUL],
            {"W": W.T},
            "node 'fc' (MatMul): takes vectors of 2, the value has 3 entries",
        ),
        (
            [MATMUL],
            {"W": np.ones((1, 3, 2), np.float32)},
            "node 'fc' (MatMul): multiplies by 1 × 3 × 2, which is not a matrix",
        ),
        (
            [MATMUL],
            {"W": np.ones(3, np.float32)},
            "node 'fc' (MatMul): multiplies by 3, which is not a matrix",
        ),
        (
            [node("Add", ["x0", "B"], ["y"], "a")],
            {"B": B},
            "node 'a' (Add): joins the value 1 × 3 with 2",
        ),
        (
            [node("Add", ["x0", "B"], ["y"], "a")],
            {"B": np.ones((4, 3), np.float32)},
            "node 'a' (Add): joins the value 1 × 3 with 4 × 3",
        ),
        (
            [node("Reshape", ["x0", "s"], ["y"], "r")],
            {"s": np.array([2, 2])},
            "node 'r' (Reshape): reshapes 1 × 3 to 2 × 2",
        ),
        (
            [node("Reshape", ["x0", "s"], ["y"], "r")],
            {"s": np.array([-1, -1])},
            "node 'r' (Reshape): reshapes 1 × 3 to -1 × -1",
        ),
        (
            [node("Reshape", ["x0", "s"], ["y"], "r")],
            {"s": np.array([1, 3, 0])},
            "node 'r' (Reshape): reshapes 1 × 3 to 1 × 3 × 0",
        ),
        (
            [node("Reshape", ["x0", "s"], ["y"], "r", allowzero=1)],
            {"s": np.array([0, 3])},
            "node 'r' (Reshape): reshapes 1 × 3 to 0 × 3",
        ),
        (
            [node("Reshape", ["x0", "s"], ["y"], "r")],
            {"s": B},
            "node 'r' (Reshape): the shape is not a list of int64",
        ),
        (
            [node("Flatten", ["x0"], ["y"], "f", axis=3)],
            {},
            "node 'f' (Flatten): axis is 3, the value has 2 axes",
        ),
        (
            [node("Constant", [], ["c"], "k"), MATMUL],
            {"W": W},
            "node 'k' (Constant): has 0 attributes, expected one value",
        ),
        (
            [node("Constant", [], ["c"], "k", value_string="x"), MATMUL],
            {"W": W},
            "node 'k' (Constant): has the attribute 'value_string' (STRING), which is not read",
        ),
        (
            [MATMUL],
            {"W": W.astype(np.float64)},
            "initializer 'W': is of type float64, the network's input of float32",
        ),
        (
            [MATMUL],
            {"W": W.astype(np.int64)},
            "initializer 'W': is of type int64, the network's input of float32",
        ),
        ([MATMUL], {"W": W.astype(np.int8)}, "initializer 'W': is of type INT8"),
        (
            [MATMUL],
            {"W": W * np.float32("nan")},
            "initializer 'W': nan at [0][0] is not finite",
        ),
        (
            [node("Add", ["x0", "b"], ["y"])],
            {"b": np.float32("-inf")},
            "initializer 'b': -inf at its value is not finite",
        ),
        ([MATMUL], {"W": np.ones((3, 0), np.float32)}, "initializer 'W': has the shape 3 × 0: not"),
    ],
)
def test_graphs_that_are_refused(
    nodes: list[Any], constants: dict[str, np.ndarray], message: str
) -> None:
    assert error(graph(*nodes, **constants).model()).startswith(message)


def model() -> Any:
    return graph(MATMUL, W=W).model()


def external(changed: Any) -> None:
    tensor = changed.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def dims(changed: Any, *values: Any) -> None:
    shape = changed.graph.input[0].type.tensor_type.shape
    del shape.dim[:]
    for value in values:
        shape.dim.add(**({"dim_param": value} if isinstance(value, str) else {"dim_value": value}))


def double(changed: Any) -> None:
    changed.graph.initializer.append(changed.graph.initializer[0])


def set_dims(changed: Any, *values: int) -> None:
    changed.graph.initializer[0].dims[:] = values


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.ClearField("graph"), "not an ONNX file: has no graph"),
        (lambda m: m.graph.ClearField("node"), "output 'y': is not what the last node computes"),
        (lambda m: m.graph.ClearField("output"), "has 0 outputs, expected 1"),
        (lambda m: m.graph.ClearField("input"), "has 0 inputs, expected 1"),
        (lambda m: m.graph.input.add(name="z"), "has 2 inputs ('x0', 'z'), expected 1"),
        (lambda m: m.graph.output.add(name="z"), "has 2 outputs, expected 1"),
        (lambda m: m.graph.input[0].ClearField("type"), "input 'x0': is not a tensor of known"),
        (lambda m: dims(m), "input 'x0': has no axes"),
        (lambda m: dims(m, "N"), "input 'x0': is of no fixed size along axis 0"),
        (lambda m: dims(m, "N", "M"), "input 'x0': is of no fixed size along axis 1"),
        (lambda m: dims(m, 1, 0), "input 'x0': is of size 0 along axis 1"),
        (lambda m: dims(m, 8, 3), "node 'fc' (MatMul): multiplies the value 8 × 3, which is not"),
        (lambda m: dims(m, 1, 10**6), "input 'x0': 1000000 inputs or outputs of a layer (limit"),
        (lambda m: dims(m, 2**62, 2**62), f"input 'x0': {2**124} inputs or outputs of a layer"),
        (
            lambda m: setattr(m.graph.input[0].type.tensor_type, "elem_type", TensorProto.UINT8),
            "input 'x0': is of type UINT8",
        ),
        (lambda m: setattr(m.opset_import[0], "version", 6), "is of opset 6; those from 7 to "),
        (lambda m: m.ClearField("opset_import"), "names 0 versions of the standard operators"),
        (
            lambda m: setattr(m.opset_import[0], "version", 9999),
            "is of opset 9999; those from 7 to ",
        ),
        (lambda m: m.functions.add(name="Relu"), "defines functions, which are not read"),
        (lambda m: m.graph.sparse_initializer.add(), "has sparse initializers, which are not"),
        (external, "initializer 'W': keeps its data in another file, which is not read"),
        (double, "initializer 'W': is there twice"),
        (lambda m: set_dims(m, -1, 2), "initializer 'W': has the shape -1 × 2: nothing in it"),
        (lambda m: set_dims(m, 3, 3), "initializer 'W': cannot be read: cannot reshape array of"),
        (lambda m: set_dims(m, 2**40, 2**40), "initializer 'W': cannot be read: "),
        (
            lambda m: setattr(m.graph.initializer[0], "data_type", TensorProto.BFLOAT16),
            "initializer 'W': is of type BFLOAT16",
        ),
        (
            lambda m: setattr(m.graph.initializer[0], "data_type", 9999),
            "initializer 'W': is of type 9999",
        ),
        (
            lambda m: m.graph.initializer[0].float_data.append(1),
            "is refused by ONNX's checker: TensorProto (tensor name: W) should contain one",
        ),
        (
            lambda m: setattr(m.graph.node[0], "name", "a\n-/"),
            "node 'a\\n-/' (MatMul): takes 'Z'",
        ),
    ],
)
def test_models_that_are_refused(change: Any, message: str) -> None:
    changed = model()
    change(changed)
    if changed.graph.node and "\n" in changed.graph.node[0].name:
        changed.graph.node[0].input[1] = "Z"
    assert error(changed).startswith(message)


def test_external_data_of_a_constant_node() -> None:
    tensor = numpy_helper.from_array(W)
    tensor.external_data.add(key="location", value="w.bin")
    constant = node("Constant", [], ["W"], "c", value=tensor)
    assert error(graph(constant, MATMUL).model()).startswith("node 'c' (Constant): keeps its data")


@pytest.mark.parametrize("data", [b"", b"\x00", b"garbage", b"\x89PNG\r\n\x1a\n" * 9, b"\xff" * 99])
def test_garbage(data: bytes) -> None:
    assert error(data).startswith("not an ONNX file: ")


def test_a_name_that_is_not_text() -> None:
    data = model().SerializeToString().replace(b"MatMul", b"MatM\xff\xfe")
    assert error(data) == "not an ONNX file: a name is not UTF-8 text"


def test_magnitudes_far_apart() -> None:
    wide = np.array([[1e300], [1e-300], [0]])
    message = "initializer 'W': the values mix too many magnitudes: "
    assert error(graph(MATMUL, dtype="float64", W=wide).model()).startswith(message)
    # each array may do, the layer of both may not
    nodes = (MATMUL, node("Add", ["y", "B"], ["z"], "a"), node("Relu", ["z"], ["r"], "act"))
    large, small = np.full((3, 1), 2.0**150), np.array([2.0**-200])
    message = "node 'act' (Relu): the values mix too many magnitudes: "
    assert error(graph(*nodes, dtype="float64", W=large, B=small).model()).startswith(message)


def test_too_many_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_PARAMETERS", 7)
    assert error(model()) == "node 'fc' (MatMul): 8 weights and biases (limit 7)"
    monkeypatch.setattr(files, "MAX_PARAMETERS", 11)
    message = "node 0 (Relu): 12 weights and biases (limit 11)"
    assert error(graph(node("Relu", ["x0"], ["y"])).model()) == message


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def refuse(name: str, *args: Any, **options: Any) -> Any:
        if name == "onnx":
            raise ImportError
        return original(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    message = "reading ONNX needs the package onnx: pip install 'pyorch[onnx]'"
    assert error(b"") == message


def test_deep_nesting() -> None:
    deep = ModelProto()
    place = deep.graph
    for _ in range(150):
        attribute = place.node.add(op_type="If").attribute.add(name="a", type=AttributeProto.GRAPH)
        place = attribute.g
    assert error(deep.SerializeToString()).startswith("not an ONNX file: ")
