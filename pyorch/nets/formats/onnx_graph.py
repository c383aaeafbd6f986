"""ONNX files as plain data: the graph's input, nodes, constants and output.

What a file may have beside a graph of standard operators with its data inside (functions, sparse
or external tensors, subgraphs, other operator sets) is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pyorch.nets.formats.files import InputFile, one_line
from pyorch.nets.json_tree import display

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Attribute", "Graph", "Node", "Tensor", "check_model", "read_graph", "read_model"]

MIN_OPSET = 7
"""From here on, Add and Sub broadcast as NumPy does."""

_STANDARD_DOMAINS = ("", "ai.onnx")


@dataclass(frozen=True, slots=True)
class Tensor:
    """A constant, not yet decoded.

    Args:
        where: how messages call it, such as ``initializer 'W'``.
        proto: the TensorProto.
    """

    where: str
    proto: Any

    def array(self, file: InputFile) -> NDArray[Any]:
        """The values, as float16, float32, float64 or int64.

        Raises:
            InputError: for other types, data elsewhere, no entries, or shapes that do not fit.
        """
        from onnx import TensorProto, numpy_helper

        proto = self.proto
        kinds = (TensorProto.FLOAT16, TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64)
        if proto.data_type not in kinds:
            raise file.error(self.where, f"is of type {type_name(proto.data_type)}")
        shown = " × ".join(map(str, proto.dims))
        if any(extent < 1 for extent in proto.dims):
            raise file.error(self.where, f"has the shape {shown}: nothing in it")
        try:
            array: NDArray[Any] = numpy_helper.to_array(proto)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as e:
            raise file.error(self.where, f"cannot be read: {one_line(e)}") from None
        return array


@dataclass(frozen=True, slots=True)
class Attribute:
    """A parameter of an operation.

    Args:
        type: ONNX's name, such as INTS.
        value: a number, a list of numbers or a `Tensor`; None for another type.
    """

    type: str
    value: Any


@dataclass(frozen=True, slots=True)
class Node:
    """An operation.

    Args:
        where: how messages call it: ``node 'fc1' (Gemm)``, or by its place if it has no name.
    """

    where: str
    op: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True, slots=True)
class Graph:
    """What a model computes, before its operators are given a meaning.

    Args:
        input: name of the only input that is not a constant.
        shape: the input's, with 1 for a symbolic batch.
        dtype: the input's.
        constants: initializers by name.
        output: name of the only output.
    """

    input: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    nodes: tuple[Node, ...]
    constants: Mapping[str, Tensor]
    output: str


def type_name(number: int) -> str:
    """ONNX's name of an element type."""
    from onnx import TensorProto

    try:
        return str(TensorProto.DataType.Name(number))
    except ValueError:
        return str(number)


def read_model(file: InputFile) -> Any:
    """The ModelProto in a file.

    Raises:
        InputError: for other files, and without the package onnx.
    """
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError:
        raise file.error(
            "", "reading ONNX needs the package onnx: pip install 'pyorch[onnx]'"
        ) from None
    try:
        return onnx.ModelProto.FromString(file.data)
    except DecodeError as e:
        raise file.error("", f"not an ONNX file: {one_line(e)}") from None


def check_model(file: InputFile, model: Any) -> None:
    """Whether ONNX's own checker finds nothing against the model.

    Raises:
        InputError: with what it finds.
    """
    from onnx import checker

    try:
        checker.check_model(model)
    except (checker.ValidationError, ValueError, TypeError, RuntimeError) as e:
        raise file.error("", f"is refused by ONNX's checker: {one_line(e)}") from None


def read_graph(file: InputFile, model: Any) -> Graph:
    """The graph of a model.

    Raises:
        InputError: one line that names what is refused.
    """
    from onnx import defs

    if not model.HasField("graph"):
        raise file.error("", "not an ONNX file: has no graph")
    if model.functions:
        raise file.error("", "defines functions, which are not read")
    opsets = [o.version for o in model.opset_import if _text(file, o.domain) in _STANDARD_DOMAINS]
    if len(opsets) != 1:
        raise file.error("", f"names {len(opsets)} versions of the standard operators, expected 1")
    if not MIN_OPSET <= opsets[0] <= defs.onnx_opset_version():
        known = f"{MIN_OPSET} to {defs.onnx_opset_version()}"
        raise file.error("", f"is of opset {opsets[0]}; those from {known} are read")
    graph = model.graph
    if graph.sparse_initializer:
        raise file.error("", "has sparse initializers, which are not read")
    constants: dict[str, Tensor] = {}
    for proto in graph.initializer:
        name = _text(file, proto.name)
        where = f"initializer {display(name)}"
        _refuse_external(file, where, proto)
        if name in constants:
            raise file.error(where, "is there twice")
        constants[name] = Tensor(where, proto)
    inputs = [i for i in graph.input if _text(file, i.name) not in constants]
    name, shape, dtype = _input(file, inputs)
    if len(graph.output) != 1:
        raise file.error("", f"has {len(graph.output)} outputs, expected 1")
    nodes = tuple(_node(file, index, proto) for index, proto in enumerate(graph.node))
    return Graph(name, shape, dtype, nodes, constants, _text(file, graph.output[0].name))


def _input(file: InputFile, inputs: list[Any]) -> tuple[str, tuple[int, ...], np.dtype[Any]]:
    from onnx import TensorProto

    if len(inputs) != 1:
        names = ", ".join(display(i.name) for i in inputs[:3])
        raise file.error("", f"has {len(inputs)} inputs{names and f' ({names})'}, expected 1")
    (proto,) = inputs
    where = f"input {display(proto.name)}"
    tensor = proto.type.tensor_type
    if not proto.type.HasField("tensor_type") or not tensor.HasField("shape"):
        raise file.error(where, "is not a tensor of known shape")
    types = {
        TensorProto.FLOAT16: np.float16,
        TensorProto.FLOAT: np.float32,
        TensorProto.DOUBLE: np.float64,
    }
    if tensor.elem_type not in types:
        raise file.error(where, f"is of type {type_name(tensor.elem_type)}")
    if not proto.name or not tensor.shape.dim:
        raise file.error(where, "has no axes" if proto.name else "has no name")
    shape = []
    for axis, dim in enumerate(tensor.shape.dim):
        if dim.HasField("dim_value"):
            extent = dim.dim_value
        elif axis == 0 and len(tensor.shape.dim) > 1:  # the batch, of which one is looked at
            extent = 1
        else:
            raise file.error(where, f"is of no fixed size along axis {axis}")
        if extent < 1:
            raise file.error(where, f"is of size {extent} along axis {axis}")
        shape.append(extent)
    return proto.name, tuple(shape), np.dtype(types[tensor.elem_type])


def _node(file: InputFile, index: int, proto: Any) -> Node:
    name, op, domain = (_text(file, s) for s in (proto.name, proto.op_type, proto.domain))
    where = f"node {display(name) if name else index} ({op if op.isidentifier() else display(op)})"
    if domain not in _STANDARD_DOMAINS:
        raise file.error(where, f"is of the operator set {display(domain)}")
    inputs, outputs = (tuple(_text(file, s) for s in part) for part in (proto.input, proto.output))
    if len(outputs) != 1 or not outputs[0]:
        raise file.error(where, f"has {len(outputs)} outputs, expected 1")
    attributes: dict[str, Attribute] = {}
    for attribute in proto.attribute:
        key = _text(file, attribute.name)
        if key in attributes:
            raise file.error(where, f"the attribute {display(key)} is there twice")
        attributes[key] = _attribute(file, where, attribute)
    return Node(where, op, inputs, outputs[0], attributes)


def _attribute(file: InputFile, where: str, proto: Any) -> Attribute:
    from onnx import AttributeProto

    name = AttributeProto.AttributeType.Name(proto.type)
    value: Any = None
    if proto.ref_attr_name:
        name = "reference"
    elif proto.type == AttributeProto.FLOAT:
        value = proto.f
    elif proto.type == AttributeProto.INT:
        value = proto.i
    elif proto.type == AttributeProto.FLOATS:
        value = list(proto.floats)
    elif proto.type == AttributeProto.INTS:
        value = list(proto.ints)
    elif proto.type == AttributeProto.TENSOR:
        _refuse_external(file, where, proto.t)
        value = Tensor(where, proto.t)
    return Attribute(name, value)


def _text(file: InputFile, value: str | bytes) -> str:
    # protobuf hands out strings that are not UTF-8 as bytes, or raises
    if isinstance(value, bytes):
        raise file.error("", "not an ONNX file: a name is not UTF-8 text")
    return value


def _refuse_external(file: InputFile, where: str, proto: Any) -> None:
    from onnx import TensorProto

    if proto.data_location != TensorProto.DEFAULT or proto.external_data:
        raise file.error(where, "keeps its data in another file, which is not read")
