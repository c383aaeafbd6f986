"""Draw the gap of a pair with two inputs and one output over its box, beside the bound proved.

    python scripts/picture_gap.py [WEIGHTS.json [PICTURE.svg]]

It certifies the pair first, so that the bound in the picture is one that Lean's kernel accepted.
Needs matplotlib.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt

from pyorch import certification
from pyorch.config import load
from pyorch.lean.workbench import Workbench
from pyorch.model import Status
from pyorch.nets.float_network import FloatNetwork
from pyorch.nets.reader import read_problem
from pyorch.ui import Ui

ROOT = Path(__file__).parents[1]
POINTS = 201


def main(weights: Path, target: Path) -> None:
    problem = read_problem(weights)
    if (problem.box.dim, problem.teacher.output_dim) != (2, 1):
        sys.exit(f"{weights}: a picture takes two inputs and one output")
    with Ui(quiet=False) as ui, Workbench(load(), ui.progress) as bench:
        verdict = certification.certify(problem, bench, ui.say)
    if verdict.status is not Status.PROVED:
        sys.exit(f"{weights}: {verdict.reason}")
    epsilon = float(Fraction(dict(verdict.claim.parameters)["epsilon"]))
    box = problem.box
    axes = [
        np.linspace(float(lo), float(hi), POINTS)
        for lo, hi in zip(box.lower, box.upper, strict=True)
    ]
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    teacher, student = FloatNetwork.of(problem.teacher), FloatNetwork.of(problem.student)
    gap = (teacher.outputs(grid) - student.outputs(grid)).reshape(POINTS, POINTS)
    mpl.rcParams["svg.hashsalt"] = "pyorch"  # the same picture for the same data
    figure, (over_box, along) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    image = over_box.pcolormesh(
        *axes, gap, cmap="RdBu", vmin=-epsilon, vmax=epsilon, rasterized=True
    )
    figure.colorbar(image, ax=over_box, label="teacher − student")
    over_box.set(xlabel="$x_0$", ylabel="$x_1$", title="gap over the box")
    along.fill_between(axes[0], gap.min(axis=0), gap.max(axis=0), alpha=0.6, label="all $x_1$")
    for sign in (-1, 1):
        along.axhline(sign * epsilon, color="black", label="proved" if sign > 0 else None)
    along.set(
        xlabel="$x_0$", title=f"|gap| ≤ {epsilon:.3g} is proved, {abs(gap).max():.3g} attained"
    )
    along.legend()
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    defaults = [
        ROOT / "examples" / "regression" / "surface.json",
        ROOT / "docs" / "pictures" / "gap.svg",
    ]
    main(*given, *defaults[len(given) :])
