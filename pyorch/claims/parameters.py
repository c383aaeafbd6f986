"""Typed parameters of claims, and how ``name=value`` texts become them.

Everything a user writes is checked here, once; what comes out is typed and exact.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Generic, TypeVar, cast

from pyorch.errors import UsageError
from pyorch.nets.json_tree import display, parse_rational, suggestion

__all__ = [
    "MAX_DIGITS",
    "BoolParameter",
    "ChoiceParameter",
    "IntParameter",
    "ListParameter",
    "Parameter",
    "RationalParameter",
    "Values",
    "parse_assignments",
]

MAX_DIGITS = 100
"""Decimal digits of a parameter's numerator and denominator. Every float32 has fewer than 50."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")

T = TypeVar("T")


@dataclass(frozen=True)
class Parameter(ABC, Generic[T]):
    """One parameter of a claim.

    Attributes:
        name: as written before the ``=``.
        help: one line for a person, with the unit.
        default: the value where none is given.
    """

    name: str
    help: str
    default: T

    @property
    @abstractmethod
    def domain(self) -> str:
        """The values allowed, in words."""

    @abstractmethod
    def parse(self, text: str) -> T:
        """The value that `text` writes.

        Raises:
            ValueError: with what is wrong in one line, the value included.
        """

    def show(self, value: T) -> str:
        """The text of a value, which parses back to it."""
        return str(value)

    @property
    def default_text(self) -> str:
        return self.show(self.default)


@dataclass(frozen=True)
class IntParameter(Parameter[int]):
    """An integer from `least` to `greatest`, both included."""

    least: int
    greatest: int

    @property
    def domain(self) -> str:
        return f"an integer from {self.least} to {self.greatest}"

    def parse(self, text: str) -> int:
        if not _INTEGER.fullmatch(text) or not self.least <= int(text) <= self.greatest:
            raise ValueError(f"{display(text)} is not {self.domain}")
        return int(text)


@dataclass(frozen=True)
class RationalParameter(Parameter[Fraction]):
    """An exact rational number, written as a decimal or a ratio; above 0 if `positive`."""

    positive: bool = False

    @property
    def domain(self) -> str:
        return f"a {'positive ' if self.positive else ''}decimal number or ratio, taken exactly"

    def parse(self, text: str) -> Fraction:
        value = parse_rational(text)
        if self.positive and value <= 0:
            raise ValueError(f"{display(text)} is not positive")
        if max(abs(value.numerator), value.denominator) >= 10**MAX_DIGITS:
            raise ValueError(
                f"{display(text)} has a numerator or denominator of more than {MAX_DIGITS} digits"
            )
        return value


@dataclass(frozen=True)
class ChoiceParameter(Parameter[str]):
    """One of a few words."""

    choices: tuple[str, ...]

    @property
    def domain(self) -> str:
        return " or ".join(self.choices)

    def parse(self, text: str) -> str:
        if text not in self.choices:
            raise ValueError(
                f"{display(text)} is not {self.domain}{suggestion(text, self.choices)}"
            )
        return text


@dataclass(frozen=True)
class BoolParameter(Parameter[bool]):
    """true or false."""

    @property
    def domain(self) -> str:
        return "true or false"

    def parse(self, text: str) -> bool:
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{display(text)} is not true or false")
        return text.lower() == "true"

    def show(self, value: bool) -> str:
        return "true" if value else "false"


@dataclass(frozen=True)
class ListParameter(Parameter[tuple[T, ...]]):
    """One or more values of the same kind, separated by commas, at most `most`."""

    element: Parameter[T]
    most: int

    @property
    def domain(self) -> str:
        return f"1 to {self.most} values separated by commas, each {self.element.domain}"

    def parse(self, text: str) -> tuple[T, ...]:
        parts = text.split(",")
        if len(parts) > self.most:
            raise ValueError(f"{len(parts)} values are more than {self.most}")
        return tuple(self.element.parse(part.strip()) for part in parts)

    def show(self, value: tuple[T, ...]) -> str:
        return ",".join(map(self.element.show, value))


@dataclass(frozen=True)
class Values:
    """A value for each parameter of a claim: ``values[SCALE]`` has the type of `SCALE`."""

    _by_name: Mapping[str, object]

    def __getitem__(self, parameter: Parameter[T]) -> T:
        return cast(T, self._by_name[parameter.name])


def parse_assignments(
    claim: str, parameters: tuple[Parameter[Any], ...], assignments: Iterable[str]
) -> Values:
    """The values that ``name=value`` texts give, with defaults for the rest.

    Args:
        claim: the claim's name, for messages.

    Raises:
        UsageError: one line that names the parameter and the value, for a missing ``=``, a
            parameter that is unknown or given twice, or a value that is not of its kind.
    """
    known = {p.name: p for p in parameters}
    given: dict[str, object] = {}
    for assignment in assignments:
        name, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals:
            raise UsageError(f"{display(assignment)} lacks a value: write name=value")
        if name not in known:
            hint = suggestion(name, known) or f"; it has {', '.join(known) or 'none'}"
            raise UsageError(f"{claim} has no parameter {display(name)}{hint}")
        if name in given:
            raise UsageError(f"parameter {name} of {claim} is given twice")
        try:
            given[name] = known[name].parse(text)
        except ValueError as e:
            raise UsageError(f"parameter {name} of {claim}: {e}") from None
    return Values({p.name: given.get(p.name, p.default) for p in parameters})
