"""Train the networks of examples/digits on scikit-learn's handwritten digits.

    python scripts/train_digits.py [FOLDER]

writes three weights files (format `pyorch-pair-1`, see `pyorch.nets.reader`):

- digits.json: a teacher 64→32→10, and a student 64→16→10 distilled from the teacher's logits, with
  every pixel within 1/256 of a test image;
- digits_fp16.json: the same teacher, and its own weights rounded to float16, with every pixel
  within 1/16 of that image.

Needs scikit-learn. Seeded, so that a run repeats itself; another BLAS may round differently.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from training import Layers, evaluate, float16, layers, write_pair

SEED = 0


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
    student = layers(regressor.fit(inputs, evaluate(teacher, inputs)))
    rounded = float16(teacher)

    def report(name: str, network: Layers) -> None:
        accuracy = np.mean(np.argmax(evaluate(network, test_x), axis=1) == test_y)
        print(f"{name}: test accuracy {accuracy:.3f}", file=sys.stderr)

    for name, network in (("teacher", teacher), ("student", student), ("float16", rounded)):
        report(name, network)
    deeper = MLPRegressor(hidden_layer_sizes=(24, 16), alpha=0.1, max_iter=100, random_state=SEED)
    deep = layers(deeper.fit(inputs, evaluate(teacher, inputs)))
    report("deeper student", deep)
    image, label = test_x[0], int(test_y[0])
    around = f"around test image 0, a {label}"
    for name, description, other, radius in (
        ("digits", "64-16-10 student distilled from its logits", student, "1/256"),
        ("digits_fp16", "its weights rounded to float16", rounded, "1/16"),
        ("digits_deeper", "64-24-16-10 student distilled from its logits", deep, "1/1024"),
    ):
        write_pair(
            folder / f"{name}.json",
            f"scikit-learn digits, 64-32-10 teacher and {description}, {around}",
            teacher,
            other,
            {"center": image.tolist(), "radius": radius, "clip": [0, 1]},
        )


if __name__ == "__main__":
    default = Path(__file__).parents[1] / "examples" / "digits"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
