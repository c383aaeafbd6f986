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
from pyorch.errors import UsageError
from pyorch.model import Claim

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Family",
    "FiniteForm",
    "Form",
    "FormDefaults",
    "Instance",
    "Point",
    "SeedClaim",
    "require",
]

Point = tuple[Fraction, ...]
"""The exact inputs of a claim, in the order of `Form.inputs`."""


@dataclass(frozen=True)
class SeedClaim:
    """A claim as a seed document states it.

    Attributes:
        name: as in the document; `pyorch refute` and `prove` know the family by this name too.
        source: the document.
        formula: the claim in plain mathematics.
        why_false: one sentence; empty where the claim is true.
        refutation: name of the emitted theorem that proves the negation; empty where it is true.
        also: other names under which the document states the same.
    """

    name: str
    source: str
    formula: str
    why_false: str = ""
    refutation: str = ""
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.also)

    @property
    def holds(self) -> bool:
        return not self.why_false


class Form(Protocol):
    """A statement ∀ x ∈ domain, quantity(x) ≤ bound, to be sampled.

    The float side (`sample`, `screen`) only proposes points; `quantity` decides exactly. They are
    best written independently of each other. The units of samples are the form's own. An equality
    is the form whose quantity is the distance of both sides and whose bound is 0.

    `FormDefaults` provides what most forms leave alone; `FiniteForm` is for few points.
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

    @property
    def strict(self) -> bool:
        """Whether the statement is quantity(x) < bound."""

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Finite sample points, shape (at most count, number of sample coordinates)."""

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        """The quantity at each sample up to a positive factor and rounding, one a sample."""

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


class FormDefaults:
    """Base of forms: no corner cases, every point allowed, not strict, no symbolic bound."""

    strict: bool = False

    def corners(self) -> tuple[Point, ...]:
        return ()

    def contains(self, point: Point) -> bool:
        return True

    def symbolic_bound(self) -> Fraction | None:
        return None


@dataclass(frozen=True)
class FiniteForm(FormDefaults):
    """A form that is decided by evaluating a few points, all of them: nothing is random.

    Attributes:
        points: all points of the domain.
        evaluate: the quantity at a point, exactly.
        show: the line that explains the quantity at a point.
    """

    description: str
    inputs: tuple[str, ...]
    bound: Fraction
    points: tuple[Point, ...]
    evaluate: Callable[[Point], Fraction]
    show: Callable[[Point], str]

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        return np.empty((0, len(self.inputs)))

    def screen(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        return np.empty(0)

    def exact_point(self, sample: Sequence[float]) -> Point:
        return tuple(map(Fraction, sample))

    def corners(self) -> tuple[Point, ...]:
        return self.points

    def contains(self, point: Point) -> bool:
        return point in self.points

    def quantity(self, point: Point) -> Fraction:
        return self.evaluate(point)

    def explain(self, point: Point) -> str:
        return self.show(point)


class Instance(Protocol):
    """A claim with concrete parameters. The template sees it as ``claim``."""

    @property
    def family(self) -> Family: ...

    @property
    def claim(self) -> Claim:
        """The claim in words, for the report."""

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms that are to be proved, the main one first."""

    @property
    def seed_forms(self) -> tuple[tuple[SeedClaim, Form], ...]:
        """The false forms of the seeds, to be refuted."""

    @property
    def namespace(self) -> tuple[str, ...]:
        """Components of the Lean namespace below ``PyOrch.Emitted``, unique to the parameters."""


@dataclass(frozen=True)
class Family:
    """A claim with open parameters.

    Attributes:
        name: as on the command line; the main theorem and the template are called so too.
        topic: heading in the catalogue.
        title: one line for a person.
        formula: the claim in plain mathematics.
        parameters: in the order of the report.
        build: makes an instance of parsed values; raises UsageError (see `require`) where they do
            not satisfy the theorem's hypotheses.
        theorems: names of the emitted theorems without namespace, the main one first.
        library: the theorems of `lean/PyOrch` that they instantiate, fully qualified.
        seeds: the claims of the seed documents that this one repairs or contains.
    """

    name: str
    topic: str
    title: str
    formula: str
    parameters: tuple[Parameter[Any], ...]
    build: Callable[[Values], Instance]
    theorems: tuple[str, ...]
    library: tuple[str, ...]
    seeds: tuple[SeedClaim, ...] = ()

    @property
    def template(self) -> str:
        """File name in the folder of templates."""
        return f"{self.name}.lean.j2"

    @property
    def false_seeds(self) -> tuple[SeedClaim, ...]:
        """The claims of the seed documents that are refuted."""
        return tuple(seed for seed in self.seeds if not seed.holds)

    def instantiate(self, assignments: Iterable[str] = ()) -> Instance:
        """The claim with parameters from ``name=value`` texts, defaults for the rest.

        Raises:
            UsageError: one line that names the parameter and the value.
        """
        return self.build(parse_assignments(self.name, self.parameters, assignments))


def require(holds: bool, claim: str, hypothesis: str, values: str) -> None:
    """Stops where parameters do not satisfy a hypothesis of the theorem.

    Args:
        claim: name of the family.
        hypothesis: in plain mathematics, with the names of parameters.
        values: the same with numbers, such as ``8192·2^14 = 134217728 > 32767``.

    Raises:
        UsageError: with all three in one line.
    """
    if not holds:
        raise UsageError(f"{claim} needs {hypothesis}, but {values}")
