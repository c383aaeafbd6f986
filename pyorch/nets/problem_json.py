"""Two networks and a box as JSON, in exact integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyorch.nets.json_tree import Node
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network

__all__ = ["problem_from_json", "problem_to_json"]


def problem_to_json(problem: CertificationProblem) -> dict[str, Any]:
    """The problem's networks and box as JSON's own types; `problem_from_json` reads them::

    {"teacher": [{"weights": [[…]], "bias": […], "den": 1024, "activation": "relu"}, …],
     "student": […], "box": {"lo": […], "hi": […], "den": 16}}
    """
    box = problem.box
    return {
        "teacher": _network_json(problem.teacher),
        "student": _network_json(problem.student),
        "box": {"lo": box.lo, "hi": box.hi, "den": box.den},
    }


def problem_from_json(node: Node, source: str, fields: Mapping[str, Node]) -> CertificationProblem:
    """What `problem_to_json` wrote, from anywhere; it asks for nothing.

    Args:
        node: the object.
        fields: its fields, among which those of the problem are.

    Raises:
        InputError: names the field and what is wrong with it.
    """
    teacher, student = _network(fields["teacher"]), _network(fields["student"])
    box = fields["box"].fields(("lo", "hi", "den"))
    try:
        return CertificationProblem(
            teacher,
            student,
            Box(_integers(box["lo"]), _integers(box["hi"]), box["den"].integer()),
            None,
            "",
            source,
        )
    except ValueError as error:
        raise node.error(str(error)) from None


def _network(node: Node) -> Network:
    layers = []
    for item in node.items():
        fields = item.fields(("weights", "bias", "den", "activation"))
        try:
            layers.append(
                Layer(
                    tuple(_integers(row) for row in fields["weights"].items()),
                    _integers(fields["bias"]),
                    fields["den"].integer(),
                    Activation(fields["activation"].choice([a.value for a in Activation])),
                )
            )
        except ValueError as error:
            raise item.error(str(error)) from None
    try:
        return Network(tuple(layers))
    except ValueError as error:
        raise node.error(str(error)) from None


def _integers(node: Node) -> tuple[int, ...]:
    return tuple(item.integer() for item in node.items())


def _network_json(network: Network) -> list[dict[str, Any]]:
    return [
        {
            "weights": layer.weights,
            "bias": layer.bias,
            "den": layer.den,
            "activation": layer.activation.value,
        }
        for layer in network.layers
    ]
