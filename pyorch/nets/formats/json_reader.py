"""Networks and boxes in JSON: parts of a pair file (`pyorch.nets.reader`) or files of their own.

A network's file is ``{"format": "pyorch-network-1", "layers": [...]}``, a box's file is
``{"format": "pyorch-box-1", "lower": [...], "upper": [...]}``; the fields are those of a pair file,
and ``description`` may be added.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from pyorch.nets.formats.files import InputFile, check_widths
from pyorch.nets.json_tree import Node, parse_json
from pyorch.nets.network import Activation, Box, Layer, Network

__all__ = ["BOX_FORMAT", "NETWORK_FORMAT", "box", "network", "parse_box", "parse_network", "short"]

NETWORK_FORMAT = "pyorch-network-1"
BOX_FORMAT = "pyorch-box-1"


def parse_network(file: InputFile) -> Network:
    """The network in a file of its own.

    Raises:
        InputError: one line that names file, field and value.
    """
    root = parse_json(file.data, file.source)
    if root.has("teacher") and root.has("student"):
        raise root.error("holds a pair of networks, not one; a pair's file is given with --weights")
    fields = root.fields(("format", "layers"), optional=("description",))
    _check_header(fields, NETWORK_FORMAT)
    return network(fields["layers"])


def parse_box(file: InputFile, dim: int) -> Box:
    """The box in a file of its own, of `dim` coordinates.

    Raises:
        InputError: one line that names file, field and value.
    """
    root = parse_json(file.data, file.source)
    fields = _box_fields(root, ("format",), ("description",))
    _check_header(fields, BOX_FORMAT)
    return _box(root, fields, dim)


def _check_header(fields: Mapping[str, Node], name: str) -> None:
    fields["format"].choice((name,))
    if "description" in fields:
        fields["description"].text()


def network(node: Node) -> Network:
    """The network in an array of layers.

    Raises:
        InputError: one line that names file, field and value.
    """
    layers: list[Layer] = []
    for item in node.items():
        layer = _layer(item)
        if layers and layer.input_dim != layers[-1].output_dim:
            raise item.error(
                f"weights take {layer.input_dim} inputs,"
                f" the layer before has {layers[-1].output_dim} outputs"
            )
        layers.append(layer)
    result = Network(tuple(layers))
    try:
        check_widths(result.widths)
    except ValueError as e:
        raise node.error(str(e)) from None
    return result


def _layer(node: Node) -> Layer:
    fields = node.fields(("weights", "bias", "activation"))
    rows: list[list[int | float]] = []
    for row in fields["weights"].items():
        values = [item.float64() for item in row.items()]
        if rows and len(values) != len(rows[0]):
            raise row.error(f"has {len(values)} numbers, the rows before {len(rows[0])}")
        rows.append(values)
    bias = [item.float64() for item in fields["bias"].items()]
    if len(bias) != len(rows):
        raise fields["bias"].error(f"has {len(bias)} numbers for {len(rows)} rows of weights")
    activation = Activation(fields["activation"].choice(tuple(Activation)))
    try:
        return Layer.exact(rows, bias, activation)
    except ValueError as e:
        raise node.error(str(e)) from None


def box(node: Node, dim: int) -> Box:
    """The box in an object, of `dim` coordinates.

    Raises:
        InputError: one line that names file, field and value.
    """
    return _box(node, _box_fields(node), dim)


def _box_fields(
    node: Node, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()
) -> dict[str, Node]:
    if node.has("center") or node.has("radius"):
        return node.fields((*required, "center", "radius"), (*optional, "clip"))
    return node.fields((*required, "lower", "upper"), optional)


def _box(node: Node, fields: Mapping[str, Node], dim: int) -> Box:
    if "center" in fields:
        center = _point(fields["center"], dim)
        radius = fields["radius"].rational()
        if radius < 0:
            raise fields["radius"].error(f"{short(radius)} is negative")
        lower, upper = [x - radius for x in center], [x + radius for x in center]
        if "clip" in fields:
            least, greatest = _point(fields["clip"], 2)
            lower, upper = [max(x, least) for x in lower], [min(x, greatest) for x in upper]
    else:
        lower, upper = _point(fields["lower"], dim), _point(fields["upper"], dim)
    for index, (lo, hi) in enumerate(zip(lower, upper, strict=True)):
        if lo > hi:
            raise node.error(
                f"no input is inside: coordinate {index} from {short(lo)} to {short(hi)}"
            )
    try:
        return Box.exact(lower, upper)
    except ValueError as e:
        raise node.error(str(e)) from None


def _point(node: Node, dim: int) -> list[Fraction]:
    values = [item.rational() for item in node.items()]
    if len(values) != dim:
        raise node.error(f"has {len(values)} numbers, expected {dim}")
    return values


def short(value: Fraction) -> str:
    """A number for a message."""
    text = str(value)
    # a value within the limits of `parse_rational` may have hundreds of digits
    return text if len(text) <= 40 else f"{text[:40]}…"
