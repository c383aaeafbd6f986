"""Certificates of goals that may be proved part by part: what is claimed, and what proves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from pyorch.nets.bounds import bound_pair
from pyorch.nets.dual import DualBounds
from pyorch.nets.dual_goals import (
    Key,
    Target,
    bound_targets,
    class_targets,
    forward_tops,
    gaps_of,
    output_targets,
)
from pyorch.nets.dual_steps import DualCertificate
from pyorch.nets.margins import proves_class
from pyorch.nets.network import Box, CertificationProblem, Network
from pyorch.nets.properties import SameClass
from pyorch.nets.split import (
    LEAF,
    Corners,
    Leaf,
    SplitTree,
    count_leaves,
    leaves_and_boxes,
    leaves_of,
    refine,
)
from pyorch.nets.tolerances import proves_tolerances

__all__ = [
    "ChosenClass",
    "GoalCertificate",
    "GoalClaim",
    "OneTolerance",
    "OutputTolerances",
    "Relaxation",
    "method_of",
    "proves",
    "relax",
]

_SHOWN = 16


@dataclass(frozen=True, slots=True)
class OneTolerance:
    """|T_i(x) − S_i(x)| ≤ ε for every output i.

    Raises:
        ValueError: for a negative tolerance.
    """

    epsilon: Fraction

    def __post_init__(self) -> None:
        if self.epsilon < 0:
            raise ValueError(f"epsilon {self.epsilon} is negative")

    def __str__(self) -> str:
        return f"every output within {self.epsilon}"

    def require(self, teacher: Network, student: Network) -> None:
        """Says nothing: all networks of a problem have such outputs."""

    def is_proved(self, problem: CertificationProblem, prec: int) -> bool:
        """Whether bounds of the whole box by intervals prove it."""
        return bound_pair(problem, prec).gap <= self.epsilon

    def targets(self, count: int) -> dict[Key, Target]:
        """The combinations of `count` outputs that duality has to bound."""
        return output_targets(tuple(range(count)))

    def is_proved_by(self, tops: Mapping[Key, int], unit: int) -> bool:
        """Whether bounds of `targets` over `unit` prove it."""
        return all(gap <= self.epsilon for gap in gaps_of(tops, unit).values())


@dataclass(frozen=True, slots=True)
class OutputTolerances:
    """|T_i(x) − S_i(x)| ≤ ε_i for every output i, or for one.

    Args:
        epsilons: one an output, or the one of `output`; none is negative.
        output: the one output in question, from 0; None for every output.

    Raises:
        ValueError: for a negative tolerance, none, or several for one output.
    """

    epsilons: tuple[Fraction, ...]
    output: int | None = None

    def __post_init__(self) -> None:
        if not self.epsilons or (self.output is not None and len(self.epsilons) > 1):
            raise ValueError(f"{len(self.epsilons)} tolerances")
        for epsilon in self.epsilons:
            if epsilon < 0:
                raise ValueError(f"epsilon {epsilon} is negative")

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.epsilons[:_SHOWN]))
        more = f", … ({len(self.epsilons)} in all)" if len(self.epsilons) > _SHOWN else ""
        which = "each output" if self.output is None else f"output {self.output}"
        return f"{which} within {shown}{more}"

    @property
    def by_output(self) -> Mapping[int, Fraction]:
        """The tolerances of the outputs in question."""
        return dict(enumerate(self.epsilons, self.output or 0))

    def require(self, teacher: Network, student: Network) -> None:
        """Raises ValueError where the networks have no such outputs."""
        count = teacher.output_dim
        if self.output is None:
            if len(self.epsilons) != count:
                raise ValueError(f"{len(self.epsilons)} tolerances for {count} outputs")
        elif not 0 <= self.output < count:
            raise ValueError(f"there is no output {self.output}: they count from 0 to {count - 1}")

    def is_proved(self, problem: CertificationProblem, prec: int) -> bool:
        """Whether bounds of the whole box by intervals prove it."""
        return proves_tolerances(problem, self.by_output, prec)

    def targets(self, count: int) -> dict[Key, Target]:
        """The combinations of `count` outputs that duality has to bound."""
        del count
        return output_targets(tuple(self.by_output))

    def is_proved_by(self, tops: Mapping[Key, int], unit: int) -> bool:
        """Whether bounds of `targets` over `unit` prove it."""
        gaps = gaps_of(tops, unit)
        return all(gaps[i] <= epsilon for i, epsilon in self.by_output.items())


@dataclass(frozen=True, slots=True)
class ChosenClass:
    """Output `output` (from 0) is strictly the greatest of the teacher and of the student."""

    output: int

    def __str__(self) -> str:
        return f"class {self.output}"

    def require(self, teacher: Network, student: Network) -> None:
        """Raises ValueError where the networks choose no class, or have none of this number."""
        SameClass().require(teacher, student)
        if not 0 <= self.output < teacher.output_dim:
            raise ValueError(
                f"there is no class {self.output}: they count from 0 to {teacher.output_dim - 1}"
            )

    def is_proved(self, problem: CertificationProblem, prec: int) -> bool:
        """Whether bounds of the whole box by intervals prove it."""
        try:
            return proves_class(problem, self.output, prec)
        except ValueError:  # margins that do not fit our integers, which Lean never sees
            return False

    def targets(self, count: int) -> dict[Key, Target]:
        """The combinations of `count` outputs that duality has to bound."""
        return class_targets(self.output, count)

    def is_proved_by(self, tops: Mapping[Key, int], unit: int) -> bool:
        """Whether bounds of `targets` over `unit` prove it."""
        del unit
        return all(top < 0 for top in tops.values())


GoalClaim = OneTolerance | OutputTolerances | ChosenClass


@dataclass(frozen=True, slots=True)
class GoalCertificate:
    """A claim with all that Lean needs to check it.

    In multipliers for a claim about outputs, `upper` and `lower` are as for one ε; in those for a
    class, `upper` has the multipliers of the other outputs minus that of the class for the teacher,
    `lower` for the student.

    Args:
        prec: binary digits after the point in bounds by intervals.
        refinement: cuts are numerators over 2^refinement times the denominator of the box.
        tree: how the box is bisected, and by what method each part is proved.
    """

    claim: GoalClaim
    prec: int
    refinement: int = 0
    tree: SplitTree = LEAF

    @property
    def leaves(self) -> int:
        return count_leaves(self.tree)

    def parts(self, box: Box) -> Iterator[tuple[Leaf, Corners]]:
        """The leaves and their boxes, from left to right."""
        return leaves_and_boxes(self.tree, refine(box, self.refinement))

    def methods(self) -> Counter[str]:
        """How many boxes are proved by each method."""
        return Counter(method_of(leaf.dual) for leaf in leaves_of(self.tree))

    def first_failure(self, problem: CertificationProblem) -> int | None:
        """The number of the first box, from 1, on which the bounds do not prove the claim: what
        Lean's checker decides, for networks of which the claim speaks."""
        for number, (leaf, part) in enumerate(self.parts(problem.box), 1):
            try:
                self.claim.require(problem.teacher, problem.student)
                on_part = replace(problem, box=Box(part.lo, part.hi, part.den))
            except ValueError:  # no such outputs, or crossed bounds
                return number
            if not proves(on_part, self.claim, self.prec, leaf):
                return number
        return None


def proves(problem: CertificationProblem, claim: GoalClaim, prec: int, leaf: Leaf) -> bool:
    """Whether the bounds of the whole box prove the claim, by the method of the leaf."""
    if leaf.dual is None:
        return claim.is_proved(problem, prec)
    return relax(problem, claim, leaf.dual).prove()


def method_of(dual: DualCertificate | None) -> str:
    """What proves a bound, in words."""
    if dual is None:
        return "intervals"
    if dual.upper or dual.lower:
        return "linear programming duality"
    if not dual.symbols:
        return "linear relaxation"
    neurons = sum(mask.bit_count() for mask in dual.symbols[1:])
    return "affine forms in the inputs" + (f" and {neurons} neurons" if neurons else "")


class Relaxation:
    """What a certificate by duality makes of a problem.

    Args:
        bounds: the relaxation, which knows how large its numbers become in what was asked for.
    """

    def __init__(self, bounds: DualBounds, claim: GoalClaim, certificate: DualCertificate) -> None:
        self.bounds, self._claim, self._certificate = bounds, claim, certificate
        self._targets = claim.targets(bounds.problem.teacher.output_dim)

    @cached_property
    def tops(self) -> Mapping[Key, int]:
        """The bounds of the claim's targets from the outputs back, over the unit."""
        return bound_targets(self.bounds, self._targets, self._certificate)

    def prove(self) -> bool:
        """Whether the bounds prove the claim: those on the way forward, or else those back, which
        are asked for then only."""
        forward = forward_tops(self.bounds, self._targets)
        unit = self.bounds.unit
        return (
            forward is not None and self._claim.is_proved_by(forward, unit)
        ) or self._claim.is_proved_by(self.tops, unit)


def relax(
    problem: CertificationProblem, claim: GoalClaim, certificate: DualCertificate
) -> Relaxation:
    """The bounds that the certificate's symbols and multipliers yield."""
    return Relaxation(DualBounds.of(problem, certificate), claim, certificate)
