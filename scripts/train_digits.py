"""Train the networks of examples/digits on scikit-learn's handwritten digits.

    python scripts/train_digits.py [FOLDER]

writes two weights files (format `pyorch-pair-1`, see `pyorch.nets.reader`):

- digits.json: a teacher 64→32→10, and a student 64→16→10 distilled from the teacher's logits, with
  every pixel within 1/256 of a test image;
- digits_fp16.json: the same teacher, and its own weights rounded to float16, with every pixel
  within 1/16 of that image.

Needs scikit-learn. Seeded, so that a run repeats itself; another BLAS may round differently.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 0
TINY = 2.0**-20
"""Weights below this become 0: weight decay leaves such at pixels that are never lit, and their
exponents would lengthen every integer of the layer."""


@dataclass(frozen=True, slots=True)
class Affine:
    """Weights (outputs × inputs) and bias of a layer, float32 values."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]


Layers = tuple[Affine, ...]


def main(folder: Path) -> None:
    pixels, digits = load_digits(return_X_y=True)
    # pixels are 0..16: sixteenths, exact in binary
    train_x, test_x, train_y, test_y = train_test_split(
        pixels / 16, digits, test_size=0.25, random_state=SEED
    )
    classifier = MLPClassifier(hidden_layer_sizes=(32,), alpha=0.5, max_iter=400, random_state=SEED)
    teacher = layers(classifier.fit(train_x, train_y))
    # pixel noise between the images: the student is to follow the teacher there as well
    noise = np.random.default_rng(SEED).normal(0, 0.1, (8, *train_x.shape))
    inputs = np.clip(train_x + noise, 0, 1).reshape(-1, train_x.shape[1])
    regressor = MLPRegressor(hidden_layer_sizes=(16,), alpha=0.1, max_iter=200, random_state=SEED)
    student = layers(regressor.fit(inputs, logits(teacher, inputs)))
    rounded = tuple(
        Affine(
            layer.weights.astype(np.float16).astype(np.float32),
            layer.bias.astype(np.float16).astype(np.float32),
        )
        for layer in teacher
    )
    for name, network in (("teacher", teacher), ("student", student), ("float16", rounded)):
        accuracy = np.mean(np.argmax(logits(network, test_x), axis=1) == test_y)
        print(f"{name}: test accuracy {accuracy:.3f}", file=sys.stderr)

    image, label = test_x[0], int(test_y[0])
    write(
        folder / "digits.json",
        f"scikit-learn digits, 64-32-10 teacher and 64-16-10 student distilled from its logits,"
        f" around test image 0, a {label}",
        teacher,
        student,
        image,
        "1/256",
    )
    write(
        folder / "digits_fp16.json",
        f"scikit-learn digits, 64-32-10 teacher and its weights rounded to float16,"
        f" around test image 0, a {label}",
        teacher,
        rounded,
        image,
        "1/16",
    )


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


def logits(network: Layers, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Outputs, ReLU after every layer but the last; shape (points, outputs)."""
    *hidden, last = network
    for layer in hidden:
        points = np.maximum(points @ layer.weights.T + layer.bias, 0)
    return points @ last.weights.T + last.bias


def write(
    path: Path,
    description: str,
    teacher: Layers,
    student: Layers,
    center: NDArray[np.float64],
    radius: str,
) -> None:
    """One weights file, a line a field or row of weights."""
    box = {"center": center.tolist(), "radius": radius, "clip": [0, 1]}
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


if __name__ == "__main__":
    default = Path(__file__).parents[1] / "examples" / "digits"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
