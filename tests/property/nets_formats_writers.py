"""Networks and boxes written to each format, and ONNX graphs evaluated by other means."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper  # noqa: TID253 - a file of the tests

from pyorch.nets.network import Activation, Box, Layer, Network

TYPES = {
    "float16": TensorProto.FLOAT16,
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
}


def arrays(layer: Layer, dtype: str = "float64") -> tuple[np.ndarray, np.ndarray]:
    """Weights and biases of a layer whose values the type represents."""
    weights = np.array([[v / layer.den for v in row] for row in layer.weights], dtype)
    return weights, np.array([v / layer.den for v in layer.bias], dtype)


def json_layers(network: Network) -> list[dict[str, object]]:
    return [
        {"weights": w.tolist(), "bias": b.tolist(), "activation": layer.activation}
        for layer in network.layers
        for w, b in [arrays(layer)]
    ]


def json_network(network: Network) -> bytes:
    document = {"format": "pyorch-network-1", "layers": json_layers(network)}
    return json.dumps(document).encode()


def npz_network(
    network: Network, dtype: str = "float64", *, named: bool = True, compressed: bool = False
) -> bytes:
    content: dict[str, Any] = {}
    for index, layer in enumerate(network.layers):
        content[f"W{index}"], content[f"b{index}"] = arrays(layer, dtype)
    if named:
        content["activations"] = np.array([str(layer.activation) for layer in network.layers])
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **content)
    return file.getvalue()


def nnet_network(
    network: Network,
    means: Sequence[float] | None = None,
    ranges: Sequence[float] | None = None,
) -> bytes:
    """The layers but for their activations, which NNet does not write."""
    inputs = network.input_dim
    rows: list[Sequence[object]] = [
        [len(network.layers), inputs, network.output_dim, max(network.widths)],
        network.widths,
        [0],
        [-1.0] * inputs,
        [1.0] * inputs,
        means or [0.0] * (inputs + 1),
        ranges or [1.0] * (inputs + 1),
    ]
    for weights, bias in map(arrays, network.layers):
        rows += weights.tolist() + [[b] for b in bias.tolist()]
    text = "".join(",".join(map(repr, row)) + ",\n" for row in rows)
    return f"// Neural Network File Format\n// by hand\n{text}".encode()


def vnnlib_box(box: Box, decimals: int = 20) -> bytes:
    """A box whose bounds are decimals."""
    lines = [f"(declare-const X_{i} Real)" for i in range(box.dim)]
    lines.append("(declare-const Y_0 Real) ; not about the box")
    for index, (lo, hi) in enumerate(zip(box.lower, box.upper, strict=True)):
        lines.append(f"(assert (>= X_{index} {decimal(lo, decimals)}))")
        lines.append(f"(assert (<= X_{index} {decimal(hi, decimals)}))")
    lines.append("(assert (or (and (>= Y_0 0.5)) (<= Y_0 (- 1.5))))")
    return "\n".join(lines).encode()


def decimal(value: Fraction, decimals: int) -> str:
    scaled = value * 10**decimals
    assert scaled.denominator == 1
    digits = str(abs(scaled.numerator)).rjust(decimals + 1, "0")
    return f"{'-' * (value < 0)}{digits[:-decimals]}.{digits[-decimals:]}"


@dataclass(frozen=True)
class OnnxGraph:
    """An ONNX graph to be written: a chain from ``x0``, with constants by name."""

    shape: tuple[int | str, ...]
    dtype: str
    nodes: tuple[Any, ...]
    constants: dict[str, np.ndarray]
    output_rank: int = 2

    @property
    def batch_one(self) -> tuple[int, ...]:
        return tuple(1 if isinstance(extent, str) else extent for extent in self.shape)

    def model(self, opset: int = 17) -> Any:
        output = self.nodes[-1].output[0] if self.nodes else "x0"
        kind = TYPES[self.dtype]
        graph = helper.make_graph(
            list(self.nodes),
            "chain",
            [helper.make_tensor_value_info("x0", kind, self.shape)],
            [helper.make_tensor_value_info(output, kind, [None] * self.output_rank)],
            [numpy_helper.from_array(array, name) for name, array in self.constants.items()],
        )
        imports = [helper.make_opsetid("", opset)]
        return helper.make_model(graph, opset_imports=imports, ir_version=8)

    def data(self) -> bytes:
        return bytes(self.model().SerializeToString())


def onnx_network(network: Network, dtype: str = "float32", style: str = "gemm") -> OnnxGraph:
    """One chain of nodes a layer: Gemm, MatMul with Add, or MatMul with Sub, and a Relu."""
    nodes, constants = [], {}
    value = "x0"
    for index, layer in enumerate(network.layers):
        weights, bias = arrays(layer, dtype)
        w, b = f"W{index}", f"b{index}"
        after = f"h{index}"
        if style == "gemm":
            constants[w], constants[b] = weights, bias
            nodes.append(helper.make_node("Gemm", [value, w, b], [after], f"fc{index}", transB=1))
        else:
            constants[w] = np.ascontiguousarray(weights.T)
            constants[b] = bias if style == "add" else -bias
            nodes.append(helper.make_node("MatMul", [value, w], [f"m{index}"], f"fc{index}"))
            op = style.title()
            nodes.append(helper.make_node(op, [f"m{index}", b], [after], f"bias{index}"))
        value = after
        if layer.activation is Activation.RELU:
            nodes.append(helper.make_node("Relu", [value], [f"r{index}"], f"relu{index}"))
            value = f"r{index}"
    return OnnxGraph(("batch", network.input_dim), dtype, tuple(nodes), constants)


def exactly(array: np.ndarray) -> np.ndarray:
    """The same numbers as Fractions."""
    flat = [Fraction(v) for v in array.reshape(-1).tolist()]
    result = np.empty(len(flat), object)
    result[:] = flat
    return result.reshape(array.shape)


def evaluate_graph(graph: OnnxGraph, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The graph's value at a point in Fractions, node by node with NumPy's operations on objects,
    and how far an evaluation in the graph's own precision may be from it.

    The bound is the standard one (Higham, Accuracy and Stability of Numerical Algorithms, 3.1):
    a sum of n products, in any order, is within γ_n = n·u/(1 − n·u) times the sum of the absolute
    products; each product may lose η to underflow on top.
    """
    info = np.finfo(graph.dtype)
    unit, tiny = Fraction(float(info.eps)) / 2, Fraction(float(info.smallest_subnormal))
    value = exactly(point)
    error = exactly(np.zeros(point.shape))
    constants = {n: (a if a.dtype == np.int64 else exactly(a)) for n, a in graph.constants.items()}

    for node in graph.nodes:
        names = list(node.input)
        at = next(i for i, name in enumerate(names) if name not in constants)
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type in ("Add", "Sub"):
            other = constants[names[1 - at]]
            if node.op_type == "Sub":
                value, other = (value, -other) if at == 0 else (-value, other)
            value = value + other
            error = error + unit * (abs(value) + error) + 0 * other
        elif node.op_type == "MatMul":
            value, error = _product(value, error, constants[names[1 - at]], at, unit, tiny)
        elif node.op_type == "Gemm":
            flags = [attributes.get("transA", 0), attributes.get("transB", 0)]
            if flags[at]:
                value, error = value.T, error.T
            other = constants[names[1 - at]]
            other = other.T if flags[1 - at] else other
            value, error = _product(value, error, other, at, unit, tiny)
            alpha = Fraction(attributes.get("alpha", 1.0))
            beta = Fraction(attributes.get("beta", 1.0))
            value, error = alpha * value, abs(alpha) * error
            error = error + unit * (abs(value) + error) + tiny
            if len(names) == 3:
                addend = beta * constants[names[2]]
                value = value + addend
                error = error + unit * abs(addend) + tiny
                error = error + unit * (abs(value) + error)
        elif node.op_type == "Relu":
            value = np.maximum(value, Fraction(0))
        elif node.op_type == "Flatten":
            axis = attributes.get("axis", 1)
            rows = int(np.prod(value.shape[:axis]))
            value, error = value.reshape(rows, -1), error.reshape(rows, -1)
        elif node.op_type == "Reshape":
            shape = constants[names[1]].tolist()
            value, error = value.reshape(shape), error.reshape(shape)
        else:
            assert node.op_type == "Identity"
    return value, error


def _product(
    value: np.ndarray, error: np.ndarray, other: np.ndarray, at: int, unit: Fraction, tiny: Fraction
) -> tuple[np.ndarray, np.ndarray]:
    def times(x: np.ndarray, w: np.ndarray) -> np.ndarray:
        return x @ w if at == 0 else w @ x

    count = other.shape[0] if at == 0 else other.shape[1]
    gamma = count * unit / (1 - count * unit)
    size = times(abs(value) + error, abs(other))
    return times(value, other), times(error, abs(other)) + gamma * size + count * tiny


def float64_bound(network: Network, point: Sequence[Fraction]) -> list[Fraction]:
    """How far `Network.evaluate_float` may be from the exact outputs, at a point of float64
    coordinates, by the same bound; each weight and bias is rounded once before."""
    unit, tiny = Fraction(1, 2**53), Fraction(1, 2**1074)
    values, errors = list(point), [Fraction(0)] * len(point)
    for layer in network.layers:
        count = layer.input_dim + 2  # the products, the bias, and the rounding of the weights
        gamma = count * unit / (1 - count * unit)
        rows = [[Fraction(w, layer.den) for w in row] for row in layer.weights]
        bias = [Fraction(b, layer.den) for b in layer.bias]
        sizes = [abs(v) + e for v, e in zip(values, errors, strict=True)]
        errors = [
            sum(abs(w) * e for w, e in zip(row, errors, strict=True))
            + gamma * (sum(abs(w) * s for w, s in zip(row, sizes, strict=True)) + abs(b))
            + 2 * count * tiny * (1 + max(sizes))
            for row, b in zip(rows, bias, strict=True)
        ]
        values = [
            sum(w * v for w, v in zip(row, values, strict=True)) + b
            for row, b in zip(rows, bias, strict=True)
        ]
        if layer.activation is Activation.RELU:
            values = [max(v, Fraction(0)) for v in values]
    return errors
