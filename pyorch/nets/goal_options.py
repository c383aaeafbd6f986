"""What the options of a command line ask of a problem that a file poses."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from pyorch.errors import UsageError
from pyorch.nets.json_tree import parse_rational
from pyorch.nets.network import CertificationProblem
from pyorch.nets.properties import Kind, OneOutput, PerOutput, SameClass, choose_property

__all__ = ["EACH", "with_options"]

EACH = "each"
"""An epsilon that asks for the smallest provable one of each output."""


def with_options(
    problem: CertificationProblem,
    *,
    kind: str | None = None,
    output: str | None = None,
    epsilon: str | None = None,
) -> CertificationProblem:
    """The problem with another goal.

    Args:
        kind: ``close`` or ``class``; by default the file's, or ``close`` with other options.
        output: the one output in question, from 0. Its tolerance in the file stands.
        epsilon: a number, several separated by commas, one an output, or `EACH`.

    Raises:
        UsageError: one line that names the option.
    """
    if kind is not None and kind not in tuple(Kind):
        raise UsageError(f"--property {kind}: is not one of {', '.join(Kind)}")
    index = None if output is None else _index(output)
    epsilons = None if epsilon in (None, EACH) else _numbers(str(epsilon))
    each = epsilon == EACH or (epsilons is not None and len(epsilons) > 1)
    if kind != Kind.CLASS and output is epsilon is None:
        is_asked = kind is not None and isinstance(problem.goal, SameClass)
        return replace(problem, goal=None, epsilon=None) if is_asked else problem
    if kind != Kind.CLASS and not each:
        if index is None and isinstance(problem.goal, OneOutput):
            index = problem.goal.output
        if index is not None and epsilon is None:
            epsilons = _tolerance(problem, index)
    try:
        goal, shared = choose_property(Kind(kind or Kind.CLOSE), index, epsilons, each=each)
        return replace(problem, goal=goal, epsilon=shared)
    except ValueError as error:
        options = (("--property", kind), ("--output-index", output), ("--epsilon", epsilon))
        given = " ".join(f"{name} {value}" for name, value in options if value is not None)
        raise UsageError(f"{given}: {error}") from error


def _index(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(f"--output-index {text}: is not the number of an output, from 0")
    return int(text)


def _numbers(text: str) -> list[Fraction]:
    try:
        return [parse_rational(part.strip()) for part in text.split(",")]
    except ValueError as error:
        raise UsageError(f"--epsilon {text}: {error}") from error


def _tolerance(problem: CertificationProblem, output: int) -> list[Fraction] | None:
    """The tolerance that the file has for an output."""
    match problem.goal:
        case None:
            found = problem.epsilon
        case OneOutput(output=other, epsilon=tolerance):
            found = tolerance if other == output else None
        case PerOutput(epsilons=tolerances):
            found = tolerances[output] if tolerances and output < len(tolerances) else None
        case _:
            found = None
    return None if found is None else [found]
