"""What a family of claims has to provide.

A `Family` is a claim with open parameters, such as ``quantization_error_bound``; `instantiate`
fills them in. The resulting `Instance` is what the stages work on: its forms are cross-checked by
`pyorch.numeric`, and its template is filled in by `pyorch.emit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from pyorch.claims.parameters import Parameter, Values, parse_assignments
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Family", "Form", "Instance", "Point", "SeedForm", "identifier"]

Point = tuple[Fraction, ...]
"""The exact inputs of a claim, in the order of `Form.inputs`."""


@dataclass(frozen=True)
class SeedForm:
    """A claim as a seed document states it, where that is false.

    Attributes:
        formula: the claim in plain mathematics.
        why_false: one sentence.
        source: the document.
    """

    formula: str
    why_false: str
    source: str


class Form(Protocol):
    """A statement ∀ x ∈ domain, quantity(x) ≤ bound, to be sampled.

    The float side (`sample`, `screen`) only proposes points; `quantity` decides exactly. They are
    best written independently of each other. The units of samples are the form's own.
    """

    @property
    def description(self) -> str:
        """What is checked, in words."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the coordinates of a point."""

    @property
    def bound(self) -> Fraction:
        """What the quantity is compared with."""

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Finite sample points, shape (count, number of sample coordinates)."""

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        """The quantity at each sample up to a positive factor and rounding, shape (count,)."""

    def exact_point(self, sample: Sequence[float]) -> Point:
        """The exact inputs that a sample stands for."""

    def corners(self) -> tuple[Point, ...]:
        """Exact inputs that are always evaluated: ends of ranges, ties, tiny and huge values."""

    def contains(self, point: Point) -> bool:
        """Whether the point is in the domain."""

    def quantity(self, point: Point) -> Fraction:
        """The bounded quantity, exactly, straight from the definitions."""

    def explain(self, point: Point) -> str:
        """One line with the quantity worked out, such as ``|1 - 7/8| = 1/8``."""

    def symbolic_bound(self) -> Fraction | None:
        """The least upper bound of the quantity as computer algebra derives it, if it can."""


class Instance(Protocol):
    """A claim with concrete parameters. The template sees it as ``claim``."""

    @property
    def family(self) -> Family: ...

    @property
    def claim(self) -> Claim:
        """The claim in words, for the report."""

    @property
    def form(self) -> Form:
        """The form that is to be proved."""

    @property
    def seed_form(self) -> Form | None:
        """The seed's false form, if there is one."""

    @property
    def namespace(self) -> tuple[str, ...]:
        """Components of the Lean namespace below ``PyOrch.Emitted``, unique to the parameters."""


@dataclass(frozen=True)
class Family:
    """A claim with open parameters.

    Attributes:
        name: as on the command line; the main theorem and the template are called so too.
        title: one line for a person.
        formula: the claim in plain mathematics.
        parameters: in the order of the report.
        build: makes an instance of parsed values.
        theorems: names of the emitted theorems without namespace, the main one first.
        refutations: names of those emitted for a counterexample of the seed's form.
        seed_form: the seed's form of the claim, where it is false.
    """

    name: str
    title: str
    formula: str
    parameters: tuple[Parameter[Any], ...]
    build: Callable[[Values], Instance]
    theorems: tuple[str, ...]
    refutations: tuple[str, ...] = ()
    seed_form: SeedForm | None = None

    @property
    def template(self) -> str:
        """File name in the folder of templates."""
        return f"{self.name}.lean.j2"

    def instantiate(self, assignments: Iterable[str] = ()) -> Instance:
        """The claim with parameters from ``name=value`` texts, defaults for the rest.

        Raises:
            UsageError: one line that names the parameter and the value.
        """
        return self.build(parse_assignments(self.name, self.parameters, assignments))


def identifier(value: Fraction) -> str:
    """A number as a part of a Lean identifier: neg_5_3 for -5/3."""
    return str(value).replace("-", "neg_").replace("/", "_")
