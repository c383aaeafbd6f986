"""What the scripts that train example networks share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Affine", "Layers", "evaluate", "float16", "layers", "write_onnx", "write_pair"]

TINY = 2.0**-20
"""Weights below this become 0: weight decay leaves such at pixels that are never lit, and their
exponents would lengthen every integer of the layer."""


@dataclass(frozen=True, slots=True)
class Affine:
    """Weights (outputs × inputs) and bias of a layer, float32 values."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


Layers = tuple[Affine, ...]
"""ReLU after every layer but the last."""


def layers(model: Any) -> Layers:
    """The fitted model's layers; scikit-learn stores inputs × outputs."""
    pairs = zip(model.coefs_, model.intercepts_, strict=True)
    return tuple(
        Affine(
            np.where(np.abs(weights.T) < TINY, 0, weights.T).astype(np.float32),
            np.where(np.abs(bias) < TINY, 0, bias).astype(np.float32),
        )
        for weights, bias in pairs
    )


def evaluate(network: Layers, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Outputs, ReLU after every layer but the last; shape (points, outputs)."""
    *hidden, last = network
    for layer in hidden:
        points = np.maximum(points @ layer.weights.T + layer.bias, 0)
    return points @ last.weights.T + last.bias


def write_pair(
    path: Path,
    description: str,
    teacher: Layers,
    student: Layers,
    box: dict[str, Any],
) -> None:
    """One weights file (`pyorch-pair-1`), a line a field or row of weights."""
    path.write_text(
        f"""{{
"format": "pyorch-pair-1",
"description": {json.dumps(description)},
"teacher": {{"layers": [
{layers_text(teacher)}
]}},
"student": {{"layers": [
{layers_text(student)}
]}},
"box": {json.dumps(box)}
}}
""",
        encoding="utf-8",
    )


def layers_text(network: Layers) -> str:
    texts = []
    for index, layer in enumerate(network):
        rows = ",\n".join(json.dumps(row) for row in layer.weights.tolist())
        activation = "identity" if index == len(network) - 1 else "relu"
        texts.append(
            f'{{"activation": "{activation}", "bias": {json.dumps(layer.bias.tolist())},'
            f' "weights": [\n{rows}]}}'
        )
    return ",\n".join(texts)


def float16(network: Layers) -> Layers:
    """The same network with every weight and bias rounded to float16."""
    return tuple(
        Affine(
            layer.weights.astype(np.float16).astype(np.float32),
            layer.bias.astype(np.float16).astype(np.float32),
        )
        for layer in network
    )


def write_onnx(path: Path, network: Layers, dtype: type[np.floating[Any]] = np.float32) -> None:
    """An ONNX file of Gemm and Relu nodes; the weights are stored as `dtype`."""
    from onnx import TensorProto, checker, helper, numpy_helper, save

    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    nodes, initializers, last = [], [], "input"
    for number, layer in enumerate(network):
        weights, bias = f"weights_{number}", f"bias_{number}"
        initializers += [
            numpy_helper.from_array(layer.weights.astype(dtype), weights),
            numpy_helper.from_array(layer.bias.astype(dtype), bias),
        ]
        out = "output" if number == len(network) - 1 else f"affine_{number}"
        nodes.append(helper.make_node("Gemm", [last, weights, bias], [out], transB=1))
        last = out
        if number < len(network) - 1:
            nodes.append(helper.make_node("Relu", [out], [f"hidden_{number}"]))
            last = f"hidden_{number}"
    graph = helper.make_graph(
        nodes,
        path.stem,
        [helper.make_tensor_value_info("input", kind, [1, network[0].weights.shape[1]])],
        [helper.make_tensor_value_info("output", kind, [1, network[-1].weights.shape[0]])],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    assert kind in (TensorProto.FLOAT, TensorProto.FLOAT16)
    checker.check_model(model)
    save(model, path)
