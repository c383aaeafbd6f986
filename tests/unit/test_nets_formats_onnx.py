"""ONNX files: what chains of operators mean."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper  # noqa: TID253 - a file of the tests
from onnx.reference import ReferenceEvaluator  # noqa: TID253

from pyorch.nets.network import Activation, Layer, Network
from tests.property import nets_formats_writers as writers
from tests.unit.onnx_models import B, W, graph, node, read


def affine(weights: Any, bias: Any, activation: Activation = Activation.IDENTITY) -> Layer:
    return Layer.exact(np.asarray(weights).tolist(), np.asarray(bias).tolist(), activation)


def test_the_acas_xu_form() -> None:
    """Input 1 × 1 × 1 × n, the mean subtracted, Flatten, MatMul and Add, Relu."""
    mean = np.array([0.5, -2, 0.25], np.float32).reshape(1, 1, 1, 3)
    network = read(
        graph(
            node("Sub", ["x0", "mean"], ["s"]),
            node("Flatten", ["s"], ["f"]),
            node("MatMul", ["f", "W"], ["m"]),
            node("Add", ["m", "B"], ["a"]),
            node("Relu", ["a"], ["r"]),
            node("MatMul", ["r", "V"], ["y"]),
            shape=(1, 1, 1, 3),
            mean=mean,
            W=W,
            B=B,
            V=W.T,
        ).model()
    )
    first = affine(W.T, B - W.T @ mean.reshape(-1), Activation.RELU)
    assert network == Network((first, affine(W, [0, 0, 0])))


def test_a_matrix_after_a_matrix_is_a_layer_of_its_own() -> None:
    nodes = (node("MatMul", ["x0", "W"], ["m"]), node("Gemm", ["m", "V", "B3"], ["y"]))
    network = read(graph(*nodes, W=W, V=W.T, B3=np.ones(3, np.float32)).model())
    assert network == Network((affine(W.T, [0, 0]), affine(W, [1, 1, 1])))


def test_relu_without_a_matrix() -> None:
    identity = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    relu = affine(identity, [0, 0, 0], Activation.RELU)
    assert read(graph(node("Relu", ["x0"], ["y"])).model()) == Network((relu,))
    twice = graph(node("Relu", ["x0"], ["r"]), node("Relu", ["r"], ["y"]))
    assert read(twice.model()) == Network((relu,))
    shifted = graph(
        node("Sub", ["c", "x0"], ["s"]), node("Relu", ["s"], ["y"]), c=np.float32([1, 2, 3])
    )
    minus = [[-v for v in row] for row in identity]
    assert read(shifted.model()) == Network((affine(minus, [1, 2, 3], Activation.RELU),))


def test_a_graph_that_only_renames_its_input() -> None:
    identity = affine([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, 0, 0])
    assert read(graph(node("Identity", ["x0"], ["y"])).model()) == Network((identity,))


def test_constants_from_nodes_and_shared_weights() -> None:
    tensor = numpy_helper.from_array(W)
    network = read(
        graph(
            node("Constant", [], ["W"], value=tensor),
            node("Constant", [], ["half"], value_float=0.5),
            node("Constant", [], ["B"], value_floats=[1.0, 2.0]),
            node("Constant", [], ["shape"], value_ints=[-1, 3]),
            node("Identity", ["W"], ["W2"]),
            node("Reshape", ["x0", "shape"], ["x"]),
            node("MatMul", ["x", "W2"], ["m"]),
            node("Add", ["m", "B"], ["a"]),
            node("Add", ["half", "a"], ["y"]),
        ).model()
    )
    assert network == Network((affine(W.T, [1.5, 2.5]),))


def test_initializers_that_are_listed_as_inputs() -> None:
    """As older models have them."""
    model = graph(node("MatMul", ["x0", "W"], ["y"]), W=W).model()
    model.graph.input.append(helper.make_tensor_value_info("W", TensorProto.FLOAT, W.shape))
    assert read(model) == Network((affine(W.T, [0, 0]),))


def test_initializers_in_typed_fields() -> None:
    for kind, dtype in ((TensorProto.FLOAT, "float32"), (TensorProto.FLOAT16, "float16")):
        model = graph(node("MatMul", ["x0", "W"], ["y"]), dtype=dtype, W=W.astype(dtype)).model()
        tensor = helper.make_tensor("W", kind, W.shape, W.astype(dtype).reshape(-1))
        assert not tensor.HasField("raw_data")
        model.graph.initializer[0].CopyFrom(tensor)
        assert read(model) == Network((affine(W.T, [0, 0]),))


@pytest.mark.parametrize(
    ("at", "trans_a", "trans_b", "addend"),
    list(product((0, 1), (0, 1), (0, 1), (None, (), (1,), "columns", "rows"))),
)
def test_gemm(at: int, trans_a: int, trans_b: int, addend: Any) -> None:
    """Every way of giving a Gemm its value and constants, against ONNX's own evaluator."""
    flips = (trans_a, trans_b)
    row = (at == 0) != bool(flips[at])  # whether the value is 1 × 3
    shape = (1, 3) if row else (3, 1)
    matrix = W if at == 0 else W.T
    result = (1, 2) if at == 0 else (2, 1)
    constants = {"W": matrix.T if flips[1 - at] else matrix}
    inputs = ["x0", "W"] if at == 0 else ["W", "x0"]
    if addend is not None:
        extents = {"columns": result[1:], "rows": result}.get(addend, addend)
        constants["C"] = np.arange(1, 1 + np.prod(extents, dtype=int), dtype=np.float32)
        constants["C"] = constants["C"].reshape(extents)
        inputs.append("C")
    attributes = {"alpha": 0.1, "beta": -1.5, "transA": trans_a, "transB": trans_b}
    gemm = graph(node("Gemm", inputs, ["y"], **attributes), shape=shape, **constants)
    network = read(gemm.model())
    point = np.array([1, -2, 0.5], np.float32).reshape(shape)
    exact, bound = writers.evaluate_graph(gemm, point)
    values = network.evaluate_exact([Fraction(v) for v in point.reshape(-1).tolist()])
    assert values == tuple(exact.reshape(-1))
    (computed,) = ReferenceEvaluator(gemm.model()).run(None, {"x0": point})
    assert (abs(writers.exactly(computed) - exact) <= bound).all()


def test_alpha_is_the_float32_of_the_file() -> None:
    nodes = (node("Gemm", ["x0", "W"], ["y"], alpha=0.1),)
    (layer,) = read(graph(*nodes, W=np.ones((3, 1), np.float32)).model()).layers
    assert Fraction(layer.weights[0][0], layer.den) == Fraction(float(np.float32(0.1)))


def test_denormals_and_negative_zero() -> None:
    small = np.array([[2.0**-149], [-0.0], [2.0**-126]], np.float32)
    (layer,) = read(graph(node("MatMul", ["x0", "W"], ["y"]), W=small).model()).layers
    assert layer.den == 2**149
    assert layer.weights == ((1, 0, 2**23),)


@pytest.mark.parametrize(
    ("target", "allowzero", "after"),
    [([0, 3], 0, (1, 3)), ([0, -1], 0, (1, 3)), ([-1], 0, (3,)), ([1, 3], 1, (1, 3))],
)
def test_reshape(target: list[int], allowzero: int, after: tuple[int, ...]) -> None:
    nodes = (
        node("Reshape", ["x0", "s"], ["x"], allowzero=allowzero),
        node("MatMul", ["x", "W"], ["y"]),
    )
    s = np.array(target, np.int64)
    assert read(graph(*nodes, s=s, W=W).model()) == Network((affine(W.T, [0, 0]),))
