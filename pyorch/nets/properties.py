"""What can be asked of a teacher and a student on a box, besides one ε for all outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyorch.nets.network import Network

__all__ = ["Kind", "OneOutput", "PerOutput", "Property", "SameClass", "choose_property"]


class Kind(StrEnum):
    """How a property is named in files and on the command line."""

    CLOSE = "close"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class PerOutput:
    """|T_i(x) − S_i(x)| ≤ ε_i for all outputs i.

    Args:
        epsilons: one an output; None where the smallest provable ones are asked for.

    Raises:
        ValueError: for one that is not positive.
    """

    epsilons: tuple[Fraction, ...] | None

    def __post_init__(self) -> None:
        for output, epsilon in enumerate(self.epsilons or ()):
            if epsilon <= 0:
                raise ValueError(f"epsilon {epsilon} of output {output} is not positive")

    def require(self, teacher: Network, student: Network) -> None:
        """Raises ValueError where there are not as many outputs as tolerances."""
        if self.epsilons is not None and len(self.epsilons) != teacher.output_dim:
            raise ValueError(f"{len(self.epsilons)} tolerances for {teacher.output_dim} outputs")


@dataclass(frozen=True, slots=True)
class OneOutput:
    """|T_i(x) − S_i(x)| ≤ ε for one output i, counted from 0.

    Args:
        epsilon: None where the smallest provable one is asked for.

    Raises:
        ValueError: for an epsilon that is not positive.
    """

    output: int
    epsilon: Fraction | None

    def __post_init__(self) -> None:
        if self.epsilon is not None and self.epsilon <= 0:
            raise ValueError(f"epsilon {self.epsilon} is not positive")

    def require(self, teacher: Network, student: Network) -> None:
        """Raises ValueError where there is no such output."""
        if not 0 <= self.output < teacher.output_dim:
            raise ValueError(
                f"there is no output {self.output}: they count from 0 to {teacher.output_dim - 1}"
            )


@dataclass(frozen=True, slots=True)
class SameClass:
    """One and the same output is strictly the greatest of the teacher and of the student."""

    def require(self, teacher: Network, student: Network) -> None:
        """Raises ValueError where there is nothing to choose, or where a last layer has an
        activation, of which Lean's check knows nothing."""
        if teacher.output_dim < 2:
            raise ValueError("one output is no choice of a class")
        for name, network in (("teacher", teacher), ("student", student)):
            if network.layers[-1].activation != "identity":
                raise ValueError(
                    f"for a class, the last layer has to be without activation (identity); the"
                    f" {name}'s has {network.layers[-1].activation}"
                )


Property = PerOutput | OneOutput | SameClass


def choose_property(
    kind: Kind, output: int | None, epsilons: Sequence[Fraction] | None, *, each: bool
) -> tuple[Property | None, Fraction | None]:
    """What is asked for, in the fields of a problem: a property and no ε, or else the one ε that
    all outputs share (None for the smallest provable one).

    Args:
        output: the output in question, if it is one.
        epsilons: one or more, as they were given.
        each: whether each output has its own.

    Raises:
        ValueError: for what does not go together, or an epsilon that is not positive.
    """
    if kind is Kind.CLASS:
        if output is not None or epsilons is not None or each:
            raise ValueError("a class has neither an epsilon nor an output")
        return SameClass(), None
    if output is not None:
        if each or (epsilons is not None and len(epsilons) > 1):
            raise ValueError("one output has one epsilon")
        return OneOutput(output, epsilons[0] if epsilons else None), None
    if each:
        return PerOutput(None if epsilons is None else tuple(epsilons)), None
    return None, epsilons[0] if epsilons else None
