"""The goal of a certificate file as JSON."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pyorch.nets.goal_certificate import ChosenClass, GoalClaim, OneTolerance, OutputTolerances
from pyorch.nets.json_tree import Node, display
from pyorch.nets.properties import Kind

__all__ = ["goal_from_json", "goal_to_json"]

MAX_OUTPUT = 10**9


def goal_to_json(claim: GoalClaim) -> dict[str, Any]:
    """The claim as JSON's own types; `goal_from_json` reads it::

    {"property": "close", "epsilon": "1/4"}                    all outputs
    {"property": "close", "epsilons": ["1/4", "1/2", "0"]}     each output
    {"property": "close", "output": 3, "epsilon": "1/10"}      one, from 0
    {"property": "class", "class": 2}                          the same class, from 0
    """
    match claim:
        case ChosenClass(output=chosen):
            return {"property": Kind.CLASS.value, "class": chosen}
        case OneTolerance(epsilon=epsilon):
            return {"property": Kind.CLOSE.value, "epsilon": str(epsilon)}
        case OutputTolerances(epsilons=epsilons, output=None):
            return {"property": Kind.CLOSE.value, "epsilons": list(map(str, epsilons))}
        case OutputTolerances(epsilons=(epsilon,), output=output):
            return {"property": Kind.CLOSE.value, "output": output, "epsilon": str(epsilon)}
        case _:  # pragma: no cover
            raise TypeError(claim)


def goal_from_json(node: Node) -> GoalClaim:
    """What `goal_to_json` wrote, from anywhere; whether the networks have such outputs is not
    checked.

    Raises:
        InputError: names the field and what is wrong with it.
    """
    known = ("class", "output", "epsilon", "epsilons")
    kind = node.fields(("property",), known)["property"].choice(tuple(Kind))
    if kind == Kind.CLASS:
        return ChosenClass(node.fields(("property", "class"))["class"].natural(MAX_OUTPUT))
    if node.has("epsilons"):
        each = node.fields(("property", "epsilons"))["epsilons"]
        return OutputTolerances(tuple(map(_tolerance, each.items())))
    if not node.has("output"):
        return OneTolerance(_tolerance(node.fields(("property", "epsilon"))["epsilon"]))
    one = node.fields(("property", "output", "epsilon"))
    return OutputTolerances((_tolerance(one["epsilon"]),), one["output"].natural(MAX_OUTPUT))


def _tolerance(node: Node) -> Fraction:
    value = node.rational()
    if value < 0:
        raise node.error(f"{display(node.value)} is negative")
    return value
