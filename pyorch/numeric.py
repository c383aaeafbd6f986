"""The numeric cross-check: tries to refute a claim before anything is proved.

NumPy proposes points by float arithmetic; every point that matters is then evaluated exactly, so
that a counterexample is one and the largest value reported is attained. Finding none proves
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np

from pyorch.claims.base import Form, Instance, Point
from pyorch.model import Evidence, Witness

__all__ = ["CrossCheck", "check_form", "check_symbolically", "cross_check", "simplest_failure"]

_CONFIRMED = 256
"""How many of the samples with the greatest screened quantity are evaluated exactly."""
_SIMPLIFIED = 8
"""How many of the points at which a form fails are simplified, to keep the simplest."""


@dataclass(frozen=True)
class CrossCheck:
    """What the cross-check of a claim found.

    Attributes:
        asked: for the form that is to be proved; a counterexample there refutes the claim.
        seed_form: for the seed's false form, if the claim has one.
        symbolic: the bound compared with what SymPy derives, if there is a derivation.
    """

    asked: Evidence
    seed_form: Evidence | None = None
    symbolic: Evidence | None = None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All of it, in the order of the report."""
        return tuple(e for e in (self.asked, self.seed_form, self.symbolic) if e is not None)

    @property
    def failure(self) -> str | None:
        """Why the form to be proved is false, in one line; None if nothing was found against it."""
        if self.asked.counterexample is not None:
            return self.asked.counterexample.explanation
        if self.symbolic is None:
            return None
        least, bound = self.symbolic.largest, self.symbolic.bound
        if least is not None and bound is not None and least > bound:
            return f"no bound below {least} holds (SymPy), {bound} is claimed"
        return None


def cross_check(
    instance: Instance, *, seed: int = 0, samples: int = 100_000, symbolic: bool = True
) -> CrossCheck:
    """Samples the claim and its seed's form.

    Args:
        seed: of the random generator; the result depends on nothing else.
        samples: number of random points for each form; corner cases come on top.
        symbolic: also derive the bound with SymPy (half a second to import).
    """
    return CrossCheck(
        asked=check_form(instance.form, seed=seed, samples=samples),
        seed_form=(
            check_form(instance.seed_form, seed=seed, samples=samples)
            if instance.seed_form
            else None
        ),
        symbolic=check_symbolically(instance.form, seed=seed) if symbolic else None,
    )


def check_form(form: Form, *, seed: int = 0, samples: int = 100_000) -> Evidence:
    """Evaluates a form at random points and corner cases, and simplifies a counterexample."""
    proposed = form.sample(np.random.default_rng(seed), samples)
    screened = form.screen(proposed)
    confirmed = min(_CONFIRMED, samples)
    greatest = np.argsort(screened, kind="stable")[samples - confirmed :]
    corners = [p for p in form.corners() if form.contains(p)]
    points = corners + [form.exact_point(row) for row in proposed[greatest].tolist()]
    exact = {p: form.quantity(p) for p in points if form.contains(p)}
    failures = sorted((p for p, value in exact.items() if value > form.bound), key=_complexity)
    simplified = (simplest_failure(form, p) for p in failures[:_SIMPLIFIED])
    counterexample = min(simplified, key=_complexity, default=None)
    return Evidence(
        checked=form.description,
        samples=samples + len(corners),
        seed=seed,
        largest=max(exact.values(), default=None),
        bound=form.bound,
        counterexample=_witness(form, counterexample) if counterexample else None,
    )


def check_symbolically(form: Form, *, seed: int = 0) -> Evidence | None:
    """Compares the bound with the least one that computer algebra derives; None if it derives none.

    The bound is too small where `largest` of the result exceeds `bound`.
    """
    derived = form.symbolic_bound()
    if derived is None:
        return None
    return Evidence(
        checked=f"{form.description}; least bound derived by SymPy",
        samples=0,
        seed=seed,
        largest=derived,
        bound=form.bound,
    )


def simplest_failure(form: Form, point: Point) -> Point:
    """A point at which the form fails too, with coordinates that are simpler where possible.

    Coordinates are simplified one after the other: the smallest denominator at which rounding
    still fails, then a small numerator.
    """

    for index in range(len(point)):
        point = _simplify(form, point, index)
    return point


def _simplify(form: Form, point: Point, index: int) -> Point:
    def changed(numerator: int, den: int) -> Point:
        return (*point[:index], Fraction(numerator, den), *point[index + 1 :])

    def fails(numerator: int, den: int) -> bool:
        candidate = changed(numerator, den)
        return form.contains(candidate) and form.quantity(candidate) > form.bound

    value = point[index]
    for den in _denominators(value):
        floor = value.numerator * den // value.denominator
        # of the two neighbours the one nearer to zero first
        for numerator in sorted((floor, floor + 1), key=abs):
            if fails(numerator, den):
                return changed(_smallest(numerator, partial(fails, den=den)), den)
    return point


def _denominators(value: Fraction) -> Iterator[int]:
    """1, …, 16, then powers of two and ten below the number's own denominator."""
    powers = sorted({base**k for base in (2, 10) for k in range(1, 400)})
    yield from (d for d in range(1, 17) if d < value.denominator or d == 1)
    yield from (d for d in powers if 16 < d < value.denominator)


def _smallest(numerator: int, fails: Callable[[int], bool]) -> int:
    """An integer near zero at which `fails` still holds: no step by a power of two towards zero
    is left."""
    if fails(0):
        return 0
    sign = -1 if numerator < 0 else 1
    size = abs(numerator)
    step = 1 << size.bit_length()
    while step:
        if step <= size and fails(sign * (size - step)):
            size -= step
        else:
            step //= 2
    return sign * size


def _complexity(point: Point) -> tuple[int, ...]:
    """Orders points by denominators, then sizes; positive before negative."""
    return (
        max(x.denominator for x in point),
        *(part for x in point for part in (x.denominator, abs(x.numerator), int(x < 0))),
    )


def _witness(form: Form, point: Point) -> Witness:
    return Witness(
        inputs=tuple(zip(form.inputs, point, strict=True)),
        explanation=f"{form.explain(point)} > {form.bound}",
    )
