"""The numeric cross-check: tries to refute a claim before anything is proved.

NumPy proposes points by float arithmetic; every point that matters is then evaluated exactly, so
that a counterexample is one and the largest value reported is attained. Finding none proves
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import takewhile

import numpy as np

from pyorch.claims.base import Form, Instance, Point, SeedClaim
from pyorch.model import Evidence, Witness

__all__ = ["CrossCheck", "check_form", "check_symbolically", "cross_check", "simplest_failure"]

_CONFIRMED = 256
"""How many of the samples with the greatest screened quantity are evaluated exactly."""
_SIMPLIFIED = 8
"""How many of the points at which a form fails are simplified, to keep the simplest."""
_POWERS = sorted({b**k for b in (2, 10) for k in range(1, 400) if b**k > 16})
"""Denominators that a simpler coordinate may have, beside the small ones."""


@dataclass(frozen=True)
class CrossCheck:
    """What the cross-check of a claim found.

    Attributes:
        asked: for the forms that are to be proved; a counterexample there refutes the claim.
        seeds: for the false forms of seed documents.
        symbolic: bounds compared with what SymPy derives, for the forms that have a derivation.
    """

    asked: tuple[Evidence, ...]
    seeds: tuple[tuple[SeedClaim, Evidence], ...] = ()
    symbolic: tuple[Evidence, ...] = ()

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All of it, in the order of the report."""
        return (*self.asked, *(evidence for _, evidence in self.seeds), *self.symbolic)

    @property
    def counterexamples(self) -> dict[str, Witness]:
        """Those of seeds' false forms, by the names of the seed claims."""
        return {s.name: e.counterexample for s, e in self.seeds if e.counterexample is not None}

    @property
    def failure(self) -> str | None:
        """Why a form to be proved is false, in one line; None if nothing was found against it."""
        for evidence in self.asked:
            if evidence.counterexample is not None:
                return evidence.counterexample.explanation
        for evidence in self.symbolic:
            least, bound = evidence.largest, evidence.bound
            if least is not None and bound is not None and least > bound:
                return f"no bound below {least} holds (SymPy), {bound} is claimed"
        return None


def cross_check(
    instance: Instance, *, seed: int = 0, samples: int = 100_000, symbolic: bool = True
) -> CrossCheck:
    """Samples the claim, and its false forms in seed documents.

    Args:
        seed: of the random generator; the result depends on nothing else.
        samples: number of random points for each form; corner cases come on top.
        symbolic: also derive the bound with SymPy (half a second to import).
    """
    return CrossCheck(
        asked=tuple(check_form(form, seed=seed, samples=samples) for form in instance.forms),
        seeds=tuple(
            (claim, check_form(form, seed=seed, samples=samples))
            for claim, form in instance.seed_forms
        ),
        symbolic=check_symbolically(instance.forms, seed=seed) if symbolic else (),
    )


def check_form(form: Form, *, seed: int = 0, samples: int = 100_000) -> Evidence:
    """Evaluates a form at random points and corner cases, and simplifies a counterexample."""
    proposed = form.sample(np.random.default_rng(seed), samples)
    screened = form.screen(proposed)
    greatest = np.argsort(screened, kind="stable")[max(0, len(screened) - _CONFIRMED) :]
    corners = [p for p in form.corners() if form.contains(p)]
    points = corners + [form.exact_point(row) for row in proposed[greatest].tolist()]
    exact = {p: form.quantity(p) for p in points if form.contains(p)}
    failures = sorted((p for p, value in exact.items() if _exceeds(form, value)), key=_complexity)
    simplified = (simplest_failure(form, p) for p in failures[:_SIMPLIFIED])
    counterexample = min(simplified, key=_complexity, default=None)
    return Evidence(
        checked=form.description,
        samples=len(proposed) + len(corners),
        seed=seed,
        largest=max(exact.values(), default=None),
        bound=form.bound,
        counterexample=_witness(form, counterexample) if counterexample else None,
    )


def check_symbolically(forms: Iterable[Form], *, seed: int = 0) -> tuple[Evidence, ...]:
    """Compares bounds with the least ones that computer algebra derives, where it derives them.

    A bound is too small where `largest` of the result exceeds `bound`.
    """
    derived = ((form, form.symbolic_bound()) for form in forms)
    return tuple(
        Evidence(
            checked=f"{form.description}; least bound derived by SymPy",
            samples=0,
            seed=seed,
            largest=least,
            bound=form.bound,
        )
        for form, least in derived
        if least is not None
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
        return form.contains(candidate) and _exceeds(form, form.quantity(candidate))

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
    yield from (d for d in range(1, 17) if d < value.denominator or d == 1)
    yield from takewhile(lambda d: d < value.denominator, _POWERS)


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


def _exceeds(form: Form, value: Fraction) -> bool:
    return value >= form.bound if form.strict else value > form.bound


def _complexity(point: Point) -> tuple[int, ...]:
    """Orders points by denominators, then sizes; positive before negative."""
    return (
        max(x.denominator for x in point),
        *(part for x in point for part in (x.denominator, abs(x.numerator), int(x < 0))),
    )


def _witness(form: Form, point: Point) -> Witness:
    return Witness(
        inputs=tuple(zip(form.inputs, point, strict=True)),
        explanation=f"{form.explain(point)} {'≥' if form.strict else '>'} {form.bound}",
    )
