"""The largest difference of teacher and student that search finds in the box.

Random points, random corners and projected sign-gradient ascent propose in float64; the best
proposals are evaluated exactly, and only exact values are reported. A point is lo + t·(hi − lo)
with t on a grid of 2^-`GRID_BITS`: inside the box whatever its bounds are, corners included, and of
few bits, so that a refutation in Lean stays cheap.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from pyorch.nets.float_network import FloatNetwork
from pyorch.nets.network import Box, CertificationProblem

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GRID_BITS", "AttackProgress", "Witness", "largest_gap"]

GRID_BITS = 16
_GRID = 1 << GRID_BITS
_STARTS = 1024  # points that climb at once
_CANDIDATES = 8  # proposals that are evaluated exactly: float64 may order near ties wrongly


@dataclass(frozen=True, slots=True)
class Witness:
    """A point of the box and the exact difference there.

    Args:
        output: index i of the output with the largest difference at the point.
        teacher, student: T_i and S_i at the point.
        point: numerators of the coordinates.
        den: their common denominator, reduced.
        evaluations: points at which the networks were evaluated in float64 to find it.
    """

    output: int
    teacher: Fraction
    student: Fraction
    point: tuple[int, ...]
    den: int
    evaluations: int

    @property
    def gap(self) -> Fraction:
        """|T_i − S_i|, exactly."""
        return abs(self.teacher - self.student)

    @property
    def coordinates(self) -> tuple[Fraction, ...]:
        return tuple(Fraction(v, self.den) for v in self.point)


@dataclass(frozen=True, slots=True)
class AttackProgress:
    """How far the search is: `done` of `total` steps, and the largest float64 gap so far."""

    done: int
    total: int
    gap: float


def largest_gap(
    problem: CertificationProblem,
    *,
    seed: int = 0,
    samples: int = 4096,
    restarts: int = 16,
    steps: int = 40,
    time_limit: float | None = None,
    stop_above: Fraction | None = None,
    progress: Callable[[AttackProgress], None] | None = None,
) -> Witness:
    """Search for max over the box and the outputs i of |T_i(x) − S_i(x)|.

    Deterministic for a seed as long as `time_limit` does not cut it short.

    Args:
        samples: random points, half of them corners, tried first.
        restarts: starts of the ascent for each output and sign, from the samples best for it.
        steps: gradient steps of each start, halving from half the box to one grid step.
        time_limit: seconds after which the best point so far is returned; None for no limit.
        stop_above: stop as soon as a gap above this is found (a refutation needs no more).
        progress: called after each step, on the caller's thread.

    Returns:
        The best point found; with its gap, a lower bound on the true maximum.
    """
    search = _Search(problem, stop_above)
    deadline = math.inf if time_limit is None else time.monotonic() + time_limit
    rng = np.random.default_rng(seed)
    dim, outputs = problem.box.dim, problem.teacher.output_dim
    half = max(samples // 2, 1)
    scales = np.concatenate(
        [
            np.full((1, dim), 0.5),
            rng.random((half, dim)),
            rng.integers(0, 2, (half, dim)).astype(np.float64),
        ]
    )
    differences = search.evaluate(scales)

    # for each output and sign, start from the samples where it is largest
    signs = np.concatenate([np.eye(outputs), -np.eye(outputs)])
    values = differences @ signs.T
    kept = max(min(restarts, len(scales)), 1)
    # of many outputs, those that are largest at the samples
    chosen = np.argsort(-values.max(axis=0), kind="stable")[: _STARTS // kept + 1]
    starts = np.argsort(-values[:, chosen], axis=0, kind="stable")[:kept]
    scales = scales[starts.T.reshape(-1)]
    directions = np.repeat(signs[chosen], kept, axis=0)
    for step in range(steps):
        if progress is not None:
            progress(AttackProgress(step, steps, search.best))
        if search.is_done or time.monotonic() > deadline:
            break
        size = 0.5 ** (1 + step * (GRID_BITS - 1) / steps)
        scales = np.clip(scales + size * np.sign(search.gradients(scales, directions)), 0.0, 1.0)
        search.evaluate(scales)
    if progress is not None:
        progress(AttackProgress(steps, steps, search.best))
    return search.witness()


class _Search:
    """The best candidates so far, over points given as their positions t in [0, 1]^n."""

    def __init__(self, problem: CertificationProblem, stop_above: Fraction | None) -> None:
        self._problem = problem
        self._teacher = FloatNetwork.of(problem.teacher)
        self._student = FloatNetwork.of(problem.student)
        self._lower = np.array([float(x) for x in problem.box.lower])
        self._width = np.array([float(x) for x in problem.box.upper]) - self._lower
        self._stop_above = stop_above
        self._candidates: dict[tuple[int, ...], float] = {}
        self._evaluations = 0
        self.best = 0.0
        self.is_done = False

    def evaluate(self, scales: NDArray[np.float64]) -> NDArray[np.float64]:
        """T − S at the grid points nearest to these positions; remembers the best of them."""
        grid = np.rint(scales * _GRID)
        points = self._lower + self._width * (grid / _GRID)
        differences = self._teacher.outputs(points) - self._student.outputs(points)
        # what overflows in float64 proposes nothing
        gaps = np.nan_to_num(np.abs(differences).max(axis=1), nan=0.0, posinf=0.0)
        self._evaluations += len(grid)
        for index in np.argsort(-gaps, kind="stable")[:_CANDIDATES]:
            self._candidates[tuple(int(k) for k in grid[index])] = float(gaps[index])
        ranked = sorted(self._candidates.items(), key=lambda item: (-item[1], item[0]))
        self._candidates = dict(ranked[:_CANDIDATES])
        improved = ranked[0][1] > self.best
        self.best = max(self.best, ranked[0][1])
        if improved and self._stop_above is not None and self.best > self._stop_above:
            self.is_done = self.witness().gap > self._stop_above
        return differences

    def gradients(
        self, scales: NDArray[np.float64], directions: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Gradient of ⟨direction, T − S⟩ by the position, up to a positive factor a coordinate."""
        points = self._lower + self._width * scales
        return self._teacher.gradients(points, directions) - self._student.gradients(
            points, directions
        )

    def witness(self) -> Witness:
        """The candidate whose exact gap is largest, and of equal ones that of fewest bits."""
        return max(
            (self._exact(grid) for grid in self._candidates),
            key=lambda witness: (witness.gap, -witness.den),
        )

    def _exact(self, grid: tuple[int, ...]) -> Witness:
        point, den = _grid_point(self._problem.box, grid)
        coordinates = tuple(Fraction(v, den) for v in point)
        teacher = self._problem.teacher.evaluate_exact(coordinates)
        student = self._problem.student.evaluate_exact(coordinates)
        output = max(range(len(teacher)), key=lambda i: abs(teacher[i] - student[i]))
        return Witness(output, teacher[output], student[output], point, den, self._evaluations)


def _grid_point(box: Box, grid: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """lo + (k / 2^GRID_BITS)·(hi − lo) on the least common denominator."""
    point = tuple(lo * (_GRID - k) + hi * k for lo, hi, k in zip(box.lo, box.hi, grid, strict=True))
    den = box.den * _GRID
    common = math.gcd(den, *point)
    return tuple(v // common for v in point), den // common
