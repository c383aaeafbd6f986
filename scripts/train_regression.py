"""Train the networks of examples/regression: a function of two inputs, and one of five.

    python scripts/train_regression.py [FOLDER]

- surface.json: a teacher 2→16→16→1 of a smooth surface and a student 2→8→1 distilled from it, on a
  box; small enough to draw the gap (`scripts/picture_gap.py`).
- control_teacher.onnx, control_fp16.onnx, control.vnnlib: a network of the shape of ACAS Xu's,
  5→6×50→5, trained on five costs of a pursuit, and its own weights rounded to float16, with a small
  box of inputs.

Needs scikit-learn and onnx. Seeded, so that a run repeats itself; another BLAS may round
differently.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.neural_network import MLPRegressor
from training import Layers, evaluate, float16, layers, write_onnx, write_pair

SEED = 0
RADIUS = 0.05


def surface(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """One output of two inputs in [0, 1]."""
    return np.sin(3 * x[:, 0]) * np.cos(2 * x[:, 1]) + x[:, 0] * x[:, 1]


def costs(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """How bad each of five turns is, for a pursuer at (distance, bearing) with a heading and two
    speeds, all in [-1, 1]: its distance from us two seconds later, negated."""
    distance, bearing, heading, own, other = x.T
    turns = np.linspace(-1, 1, 5)
    own_speed, other_speed = 1 + own / 2, 1 + other / 2
    far = 2 + distance
    found = []
    for turn in turns:
        dx = far * np.cos(np.pi * bearing) + other_speed * np.cos(np.pi * heading)
        dy = far * np.sin(np.pi * bearing) + other_speed * np.sin(np.pi * heading)
        found.append(-np.hypot(dx - own_speed * np.cos(turn), dy - own_speed * np.sin(turn)))
    return np.stack(found, axis=1)


def train(
    hidden: tuple[int, ...],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    epochs: int,
    solver: str = "adam",
    restarts: int = 1,
) -> Layers:
    """The best of several fits: a few ReLUs easily end in a bad corner."""
    models = [
        MLPRegressor(
            hidden_layer_sizes=hidden,
            max_iter=epochs,
            alpha=1e-4,
            random_state=SEED + number,
            tol=1e-7,
            solver=solver,
        ).fit(x, y)
        for number in range(restarts)
    ]
    return layers(max(models, key=lambda model: model.score(x, y)))


def report(name: str, network: Layers, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    error = np.sqrt(np.mean((evaluate(network, x) - y) ** 2))
    print(f"{name}: root mean square error {error:.4f}", file=sys.stderr)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    x = rng.uniform(0, 1, (4000, 2))
    y = surface(x).reshape(-1, 1)
    teacher = train((16, 16), x, y.ravel(), 2000, "lbfgs", 3)
    report("surface teacher", teacher, x, y)
    student = train((8,), x, evaluate(teacher, x).ravel(), 4000, "lbfgs", 8)
    report("surface student", student, x, evaluate(teacher, x))
    write_pair(
        folder / "surface.json",
        "a surface over [0, 1]², 2-16-16-1 teacher and 2-8-1 student distilled from it",
        teacher,
        student,
        {"lower": [0, 0], "upper": [1, 1]},
    )

    x = rng.uniform(-1, 1, (12000, 5))
    y = costs(x)
    control = train((50,) * 6, x, y, 60)
    report("control", control, x, y)
    rounded = float16(control)
    report("control float16", rounded, x, evaluate(control, x))
    write_onnx(folder / "control_teacher.onnx", control)
    write_onnx(folder / "control_fp16.onnx", rounded, np.float16)
    center = np.round(rng.uniform(-0.5, 0.5, 5), 2)
    lines = [f"(declare-const X_{i} Real)" for i in range(5)]
    for i, value in enumerate(center):
        lines.append(f"(assert (>= X_{i} {value - RADIUS:.2f}))")
        lines.append(f"(assert (<= X_{i} {value + RADIUS:.2f}))")
    text = "\n".join(lines) + "\n"
    (folder / "control.vnnlib").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    default = Path(__file__).parents[1] / "examples" / "regression"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
