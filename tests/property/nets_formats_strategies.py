"""Hypothesis strategies for networks of one number type and for ONNX graphs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import hypothesis.strategies as st
import numpy as np
from onnx import helper  # noqa: TID253 - a file of the tests

from pyorch.nets.network import Activation, Layer, Network
from tests.property import nets_formats_writers as writers

__all__ = ["WIDTHS", "dtypes", "graphs", "networks", "numbers"]

WIDTHS = {"float16": 16, "float32": 32, "float64": 64}
dtypes = st.sampled_from(sorted(WIDTHS))


def numbers(dtype: str) -> st.SearchStrategy[float]:
    """Values of the type, whose smallest ones are there, too; magnitudes that share a layer."""
    bound = 60000.0 if dtype == "float16" else 2.0**40
    ordinary = st.floats(-bound, bound, width=WIDTHS[dtype]).filter(
        lambda x: x == 0 or dtype != "float64" or abs(x) > 1e-50
    )
    special = [0.0, -0.0, 1.0, -0.5]
    if dtype != "float64":
        info = np.finfo(dtype)
        special += [float(info.smallest_subnormal), -float(info.tiny), 3.0 * float(info.eps)]
    return st.one_of(st.sampled_from(special), ordinary)


@st.composite
def networks(draw: st.DrawFn, dtype: str, like_nnet: bool = False) -> Network:
    widths = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    layers = []
    for inputs, outputs in pairwise(widths):
        rows = draw(
            st.lists(
                st.lists(numbers(dtype), min_size=inputs, max_size=inputs),
                min_size=outputs + 1,
                max_size=outputs + 1,
            ).filter(lambda rows: all(len(row) == len(rows[0]) for row in rows))
        )
        bias = draw(st.lists(numbers(dtype), min_size=outputs, max_size=outputs))
        activation = draw(st.sampled_from(Activation))
        if like_nnet:
            is_last = len(layers) == len(widths) - 2
            activation = Activation.IDENTITY if is_last else Activation.RELU
        layers.append(Layer.exact(rows[:outputs], bias, activation))
    return Network(tuple(layers))


OPERATORS = (
    "Add",
    "Sub",
    "Relu",
    "Identity",
    "Flatten",
    "Reshape",
    "MatMul",
    "Gemm",
    "Gemm",
    "Gemm",
)


@st.composite
def graphs(draw: st.DrawFn, dtype: str) -> writers.OnnxGraph:
    """Chains of all operators that are read, in the ways that they may be applied."""
    entry = st.integers(-64, 64).map(lambda k: k / 16)
    size = draw(st.integers(1, 4))
    shape: tuple[int, ...] = draw(
        st.sampled_from([(1, size), (size,), (size, 1), (1, 1, 1, size), (1, size, 1)])
    )
    declared: tuple[int | str, ...] = shape
    if len(shape) > 1 and shape[0] == 1 and draw(st.booleans()):
        declared = ("batch", *shape[1:])
    constants: dict[str, np.ndarray] = {}
    nodes: list[Any] = []
    value = "x0"

    def constant(*extents: int) -> str:
        count = int(np.prod(extents))
        name = f"c{len(constants)}"
        values = draw(st.lists(entry, min_size=count, max_size=count))
        constants[name] = np.array(values, dtype).reshape(extents)
        return name

    for step in range(draw(st.integers(1, 6))):
        size = int(np.prod(shape))
        outputs = draw(st.integers(1, 3))
        attributes: dict[str, Any] = {}
        op = draw(st.sampled_from(OPERATORS))
        inputs = [value]
        if op in ("Add", "Sub"):
            ways = [(1,), shape, (*shape[:-1], 1), (1, 1, *shape), shape[-1:]]
            extents = draw(st.sampled_from(ways))
            inputs.append(constant(*extents))
            shape = np.broadcast_shapes(shape, extents)
            if draw(st.booleans()):
                inputs.reverse()
        elif op == "Flatten":
            axis = draw(st.integers(-len(shape), len(shape)))
            attributes["axis"] = axis
            shape = (int(np.prod(shape[:axis])) if axis else 1, -1)
            shape = (shape[0], size // shape[0])
        elif op == "Reshape":
            shape = draw(st.sampled_from([(size,), (1, size), (size, 1), (1, size, 1)]))
            target = list(shape)
            if draw(st.booleans()):
                target[draw(st.integers(0, len(target) - 1))] = -1
            name = f"c{len(constants)}"
            constants[name] = np.array(target, np.int64)
            inputs.append(name)
        elif op == "Gemm" and shape in ((1, size), (size, 1)):
            is_row = shape == (1, size) and (size > 1 or draw(st.booleans()))
            attributes["alpha"], attributes["beta"] = draw(entry), draw(entry)
            is_flipped = draw(st.booleans())
            if is_flipped != is_row:  # value (or its transpose) · constant
                extents = (size, outputs)
                if draw(st.booleans()):
                    extents, attributes["transB"] = (outputs, size), 1
                attributes |= {"transA": 1} if is_flipped else {}
                inputs.append(constant(*extents))
                shape = (1, outputs)
            else:
                extents = (outputs, size)
                if draw(st.booleans()):
                    extents, attributes["transA"] = (size, outputs), 1
                attributes |= {"transB": 1} if is_flipped else {}
                inputs.insert(0, constant(*extents))
                shape = (outputs, 1)
            if draw(st.booleans()):
                inputs.append(constant(*draw(st.sampled_from([(1,), (1, 1), shape, shape[-1:]]))))
        elif op in ("Gemm", "MatMul"):
            op = "MatMul"
            if len(shape) == 1 and draw(st.booleans()):
                inputs.insert(0, constant(outputs, size))
                shape = (outputs,)
            elif len(shape) > 1 and shape[-1] == 1:
                inputs.insert(0, constant(outputs, shape[-2]))
                shape = (*shape[:-2], outputs, 1)
            else:
                inputs.append(constant(shape[-1], outputs))
                shape = (*shape[:-1], outputs)
        nodes.append(helper.make_node(op, inputs, [f"v{step}"], f"n{step}", **attributes))
        value = f"v{step}"
    return writers.OnnxGraph(declared, dtype, tuple(nodes), constants, len(shape))
