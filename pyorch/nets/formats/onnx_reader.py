"""Networks in ONNX: chains of affine operators and ReLUs.

Read are Add, Constant, Flatten, Gemm, Identity, MatMul, Relu, Reshape and Sub, in a graph in which
each value feeds one node only; whatever else a graph holds is refused by node. Weights are the
float16, float32 or float64 numbers of the file, exactly. A shape's first axis, if it is symbolic,
is the batch, of which one element is looked at; the network's inputs are the entries of the input
tensor in row-major order, and likewise its outputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from pyorch.errors import InputError
from pyorch.nets.formats.affine_chain import AffineChain
from pyorch.nets.formats.exact_array import ExactArray
from pyorch.nets.formats.files import InputFile, one_line
from pyorch.nets.formats.onnx_graph import (
    Graph,
    Node,
    Tensor,
    check_model,
    read_graph,
    read_model,
)
from pyorch.nets.formats.onnx_shapes import Shape, flatten, reshape, times
from pyorch.nets.json_tree import display
from pyorch.nets.network import Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["parse_network"]


def parse_network(file: InputFile) -> Network:
    """The network in an ONNX file.

    Raises:
        InputError: one line that names file, node or initializer, and value.
    """
    model = read_model(file)
    try:
        network = _Walk(file, read_graph(file, model)).network()
    except UnicodeDecodeError:
        raise file.error("", "not an ONNX file: a name is not UTF-8 text") from None
    check_model(file, model)
    return network


class _Walk:
    """Goes through the nodes in the order of the file, which is that of evaluation."""

    def __init__(self, file: InputFile, graph: Graph) -> None:
        self._file = file
        self._graph = graph
        self._constants = dict(graph.constants)
        self._value = graph.input  # the name of the value so far
        self._past: set[str] = set()  # names of the values before it
        self._shape = graph.shape
        try:
            self._chain = AffineChain(math.prod(graph.shape))
        except ValueError as e:
            raise file.error(f"input {display(graph.input)}", str(e)) from None

    def network(self) -> Network:
        for node in self._graph.nodes:
            try:
                self._step(node)
            except ValueError as e:
                raise self._error(node, one_line(e)) from None
        if self._graph.output != self._value:
            raise self._file.error(
                f"output {display(self._graph.output)}", "is not what the last node computes"
            )
        try:
            return self._chain.network()
        except ValueError as e:
            raise self._file.error("", str(e)) from None

    def _step(self, node: Node) -> None:
        if node.op not in _OPERATORS:
            raise self._error(
                node, f"the operator is not read; those that are: {', '.join(_OPERATORS)}"
            )
        operator, least, most, attributes = _OPERATORS[node.op]
        if not least <= len(node.inputs) <= most:
            raise self._error(node, f"has {len(node.inputs)} inputs")
        for name, attribute in node.attributes.items():
            if attributes.get(name) != attribute.type:
                raise self._error(
                    node, f"has the attribute {display(name)} ({attribute.type}), which is not read"
                )
        if node.output in self._constants or node.output in {self._value, *self._past}:
            raise self._error(node, f"writes {display(node.output)}, which is there already")
        places = self._places(node)
        if node.op == "Constant":
            self._constants[node.output] = self._constant(node)
        elif node.op == "Identity" and not places:  # shared weights
            self._constants[node.output] = self._constants[node.inputs[0]]
        elif len(places) != 1:
            times = len(places) or "no"
            raise self._error(node, f"takes the network's value at {times} inputs, expected one")
        else:
            operator(self, node, places[0])
            self._past.add(self._value)
            self._value = node.output

    def _places(self, node: Node) -> list[int]:
        """At which inputs the node takes the value so far; the others have to be constants."""
        for name in node.inputs:
            if name in self._past:
                raise self._error(node, f"takes {display(name)}, from which the graph branches")
            if name == "" and node.op == "Gemm":  # C may be left out
                continue
            if name not in self._constants and name != self._value:
                later = any(name == other.output for other in self._graph.nodes)
                is_what = (
                    "comes from a later node: a cycle, or nodes out of order"
                    if later
                    else "is neither an initializer nor what a node computes"
                )
                raise self._error(node, f"takes {display(name)}, which {is_what}")
        return [index for index, name in enumerate(node.inputs) if name == self._value]

    # ---- operators: `at` is the input with the value so far --------------------------------------

    def _constant(self, node: Node) -> Tensor:
        from onnx import numpy_helper

        if len(node.attributes) != 1:
            raise self._error(node, f"has {len(node.attributes)} attributes, expected one value")
        ((name, attribute),) = node.attributes.items()
        if isinstance(attribute.value, Tensor):
            return attribute.value
        dtype = np.float32 if name.startswith("value_float") else np.int64
        array = np.array(attribute.value, dtype)
        return Tensor(node.where, numpy_helper.from_array(array))

    def _keep(self, node: Node, at: int) -> None:
        """Identity: nothing changes."""

    def _relu(self, node: Node, at: int) -> None:
        self._chain.relu()

    def _add(self, node: Node, at: int) -> None:
        constant = self._numbers(node, 1 - at)
        try:
            shape = np.broadcast_shapes(self._shape, constant.shape)
        except ValueError:
            shape = ()
        if math.prod(shape) != math.prod(self._shape) or not shape:
            raise self._error(
                node, f"joins the value {times(self._shape)} with {times(constant.shape)}"
            )
        vector = constant.broadcast(shape).reshaped(-1)
        if node.op == "Sub":
            if at == 0:
                vector = vector.negated()
            else:
                self._chain.negate()
        self._chain.add(vector)
        self._shape = shape

    def _matmul(self, node: Node, at: int) -> None:
        matrix = self._matrix(node, 1 - at)
        shape = self._shape
        rows: Shape
        after: Shape = ()
        if at == 0:
            matrix, rows, width = matrix.transposed(), shape[:-1], shape[-1]
        elif len(shape) == 1:
            rows, width = (), shape[0]
        else:
            rows, width, after = shape[:-2], shape[-2], shape[-1:]
        self._multiply(node, matrix, width, (*rows, *after))
        self._shape = (*rows, matrix.shape[0], *after)

    def _gemm(self, node: Node, at: int) -> None:
        flags = [bool(self._integer(node, name, 0)) for name in ("transA", "transB")]
        if at == 2:
            raise self._error(node, "takes the network's value as C")
        if len(self._shape) != 2:
            raise self._error(node, f"takes the value {times(self._shape)}, expected two axes")
        value = self._shape[::-1] if flags[at] else self._shape
        matrix = self._matrix(node, 1 - at)
        if flags[1 - at]:
            matrix = matrix.transposed()
        # A'·B' is x·B' or A'·x, of which the layer's matrix is B'ᵀ or A'
        if at == 0:
            matrix = matrix.transposed()
            rows, width = value
            shape = (rows, matrix.shape[0])
        else:
            width, rows = value
            shape = (matrix.shape[0], rows)
        alpha, beta = (self._number(node, name) for name in ("alpha", "beta"))
        self._multiply(node, matrix.scaled(alpha), width, (rows,))
        self._shape = shape
        if len(node.inputs) == 3 and node.inputs[2]:
            addend = self._numbers(node, 2)
            try:
                vector = addend.broadcast(shape).reshaped(-1)
            except ValueError:
                raise self._error(
                    node, f"adds {times(addend.shape)} to the value {times(shape)}"
                ) from None
            self._chain.add(vector.scaled(beta))

    def _multiply(
        self, node: Node, matrix: ExactArray, width: int, others: tuple[int, ...]
    ) -> None:
        if math.prod(others) != 1:
            raise self._error(
                node, f"multiplies the value {times(self._shape)}, which is not one vector"
            )
        if matrix.shape[1] != width:
            raise self._error(
                node, f"takes vectors of {matrix.shape[1]}, the value has {width} entries"
            )
        self._chain.multiply(matrix)

    def _flatten(self, node: Node, at: int) -> None:
        self._shape = flatten(self._shape, self._integer(node, "axis", 1))

    def _reshape(self, node: Node, at: int) -> None:
        if at != 0:
            raise self._error(node, "the shape is not a constant")
        target = self._array(node, 1)
        if target.dtype != np.int64 or target.ndim != 1:
            raise self._error(node, "the shape is not a list of int64")
        allow_zero = self._integer(node, "allowzero", 0) != 0
        self._shape = reshape(self._shape, target.tolist(), allow_zero=allow_zero)

    # ---- their constants and attributes ----------------------------------------------------------

    def _array(self, node: Node, index: int) -> NDArray[Any]:
        name = node.inputs[index]
        if not name:
            raise self._error(node, f"lacks input {index}")
        return self._constants[name].array(self._file)

    def _numbers(self, node: Node, index: int) -> ExactArray:
        """Floating-point numbers, of the type that the graph computes in."""
        array = self._array(node, index)
        where = self._constants[node.inputs[index]].where
        if array.dtype != self._graph.dtype:
            raise self._file.error(
                where, f"is of type {array.dtype}, the network's input of {self._graph.dtype}"
            )
        try:
            return ExactArray.of(array)
        except ValueError as e:
            raise self._file.error(where, str(e)) from None

    def _matrix(self, node: Node, index: int) -> ExactArray:
        matrix = self._numbers(node, index)
        if len(matrix.shape) != 2:
            raise self._error(node, f"multiplies by {times(matrix.shape)}, which is not a matrix")
        return matrix

    def _integer(self, node: Node, name: str, default: int) -> int:
        return int(node.attributes[name].value) if name in node.attributes else default

    def _number(self, node: Node, name: str) -> float:
        value = float(node.attributes[name].value) if name in node.attributes else 1.0
        if not math.isfinite(value):
            raise self._error(node, f"the attribute {name} is {value}")
        return value

    def _error(self, node: Node, problem: str) -> InputError:
        return self._file.error(node.where, problem)


_Operator = Callable[[_Walk, Node, int], None]
_GEMM = {"alpha": "FLOAT", "beta": "FLOAT", "transA": "INT", "transB": "INT"}
_CONSTANT = {
    "value": "TENSOR",
    "value_float": "FLOAT",
    "value_floats": "FLOATS",
    "value_int": "INT",
    "value_ints": "INTS",
}
# what reads it, the least and the greatest number of inputs, its attributes
_OPERATORS: dict[str, tuple[_Operator, int, int, dict[str, str]]] = {
    "Add": (_Walk._add, 2, 2, {}),
    "Constant": (_Walk._keep, 0, 0, _CONSTANT),
    "Flatten": (_Walk._flatten, 1, 1, {"axis": "INT"}),
    "Gemm": (_Walk._gemm, 2, 3, _GEMM),
    "Identity": (_Walk._keep, 1, 1, {}),
    "MatMul": (_Walk._matmul, 2, 2, {}),
    "Relu": (_Walk._relu, 1, 1, {}),
    "Reshape": (_Walk._reshape, 2, 2, {"allowzero": "INT"}),
    "Sub": (_Walk._add, 2, 2, {}),
}
