"""Does Lean evaluate the same networks as NumPy?

A certificate speaks of the networks that the Lean file defines. Here Lean evaluates those
definitions exactly at sample points (`Network.evalExact`, proved equal to `Network.eval`), and the
result is compared with our exact evaluation, which must agree to the last bit, and with NumPy's in
float64, which must agree up to rounding.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from pyorch.errors import ProtocolError
from pyorch.lean.build import split_header
from pyorch.lean.protocol import Environment, Limits, Server
from pyorch.model import Emitted, Severity
from pyorch.nets.network import Box, CertificationProblem, Network

__all__ = ["Agreement", "Point", "compare_with_lean", "sample_points"]

#: float64 evaluates a network of some hundred terms a layer to much better than this.
_RELATIVE = 1e-9

_ANSWER = re.compile(r'"\(\[(?P<values>[-0-9, ]*)\], (?P<den>[0-9]+)\)"\Z')


class Point(Protocol):
    """A point that a search found: numerators over one denominator."""

    @property
    def point(self) -> tuple[int, ...]: ...

    @property
    def den(self) -> int: ...


@dataclass(frozen=True)
class AnyPoint:
    """A point for its own sake."""

    point: tuple[int, ...]
    den: int


def middle(box: Box) -> AnyPoint:
    """The middle of a box."""
    return AnyPoint(tuple(lo + hi for lo, hi in zip(box.lo, box.hi, strict=True)), 2 * box.den)


@dataclass(frozen=True)
class Agreement:
    """What the comparison found: ``disagreement`` is None where all agree."""

    text: str
    disagreement: str | None


def sample_points(box: Box, seed: int, count: int) -> list[tuple[tuple[int, ...], int]]:
    """Points of the box as numerators over one denominator: middle, corners, random ones."""
    rng = random.Random(seed)  # noqa: S311 - sampling
    points = [(tuple(lo + hi for lo, hi in zip(box.lo, box.hi, strict=True)), 2 * box.den)]
    points += [(box.lo, box.den), (box.hi, box.den)]
    while len(points) < count:
        steps = [rng.randrange(0, 257) for _ in box.lo]
        values = (256 * lo + k * (hi - lo) for lo, hi, k in zip(box.lo, box.hi, steps, strict=True))
        points.append((tuple(values), 256 * box.den))
    return points[:count]


def compare_with_lean(
    problem: CertificationProblem,
    emitted: Emitted,
    found: Point,
    server: Server,
    environment: Environment,
    *,
    count: int = 4,
    seed: int = 0,
    limits: Limits = Limits(seconds=300.0),
) -> Agreement:
    """Evaluate both networks of ``emitted`` in Lean at ``count`` points and at ``found``.

    Raises:
        ProtocolError: Lean does not evaluate them.
    """
    points = [*sample_points(problem.box, seed, count), (found.point, found.den)]
    _, body = split_header(emitted.asked, "emitted file")
    namespace = emitted.theorems[0].rsplit(".", 1)[0]
    calls = [
        f"#eval toString (PyOrch.Network.evalExact {namespace}.{name} "
        f"([{', '.join(map(str, point))}], {den}))"
        for point, den in points
        for name in ("teacher", "student")
    ]
    # trusted: the text is ours, made of digits and of names that we chose
    text = f"{body}\n"
    first = text.count("\n") + 1
    result = server.elaborate(
        text + "\n".join(calls) + "\n", environment, trusted=True, limits=limits
    )
    answers = {
        d.start.line - first: d.text
        for d in result.diagnostics
        if d.severity is Severity.INFO and d.start.line >= first
    }
    number = 0
    for point, den in points:
        exact_point = tuple(Fraction(value, den) for value in point)
        for name, network in (("teacher", problem.teacher), ("student", problem.student)):
            lean = _parse(answers.get(number, ""))
            if lean is None:
                said = answers.get(number) or "; ".join(str(d) for d in result.errors[:1])
                raise ProtocolError(f"Lean does not evaluate the {name}: {said:.200}")
            number += 1
            difference = _difference(network, exact_point, lean)
            if difference is not None:
                return Agreement("", f"the {name} at a point of the box: {difference}")
    return Agreement(f"Lean, exact and NumPy evaluation agree at {len(points)} points", None)


def _parse(text: str) -> tuple[Fraction, ...] | None:
    match = _ANSWER.match(text.strip())
    if match is None or int(match["den"]) == 0:
        return None
    values = [v for v in match["values"].split(",") if v.strip()]
    return tuple(Fraction(int(v), int(match["den"])) for v in values)


def _difference(
    network: Network, point: tuple[Fraction, ...], lean: tuple[Fraction, ...]
) -> str | None:
    exact = network.evaluate_exact(point)
    if exact != lean:
        return f"exactly {tuple(map(float, exact))}, in Lean {tuple(map(float, lean))}"
    floats = network.evaluate_float([float(x) for x in point])
    scale = 1.0 + max((abs(float(v)) for v in exact), default=0.0)
    for value, approximate in zip(exact, floats.tolist(), strict=True):
        if not abs(float(value) - approximate) <= _RELATIVE * scale:
            return f"exactly {float(value)}, in NumPy {approximate}"
    return None
