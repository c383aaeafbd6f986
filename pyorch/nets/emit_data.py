"""Networks, boxes and numbers as Lean terms.

Only digits, signs, brackets and the fixed field names come out: nothing that a file's author wrote
reaches Lean as code. What people wrote (file names) goes into comments, through `lean_comment`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from pyorch.nets.network import Box, Layer, Network
from pyorch.nets.packed import PackedLayer, join_lanes, signed_bits

__all__ = [
    "MAX_LISTED_COORDINATES",
    "MAX_LISTED_PARAMETERS",
    "lean_box",
    "lean_comment",
    "lean_coordinates",
    "lean_ints",
    "lean_natural",
    "lean_network",
    "lean_packed_network",
    "lean_pairs",
    "lean_ratio",
    "lean_ratios",
]

MAX_LISTED_PARAMETERS = 64
"""Parameters of teacher and student together up to which lists are readable and as quick to
elaborate as packed data (1,600 integer literals take Lean half a minute)."""

MAX_LISTED_COORDINATES = 64
"""Coordinates of a point up to which a list is written; Lean elaborates one in time quadratic in
its length (784 pixels and their bounds: half a minute)."""

LITERAL_BITS = 4096
"""Lean reads a literal in time quadratic in its length: longer numbers are joined from such."""


def lean_comment(text: str) -> str:
    """Text that stays inside a Lean comment or docstring, on one line.

    Block comments nest in Lean, so both delimiters are broken up; what is not printable (line
    breaks, direction marks, lone surrogates) is written as an escape.
    """
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
    return shown.replace("/-", "/ -").replace("-/", "- /")


def lean_ints(values: Iterable[int]) -> str:
    """A list of integer literals: [4, -6]."""
    return f"[{', '.join(map(str, values))}]"


def lean_ratio(value: Fraction) -> str:
    """A number ≥ 0 as a/b, also where b is 1: theorems about certificates are stated in that form.

    Raises:
        ValueError: for a negative number.
    """
    if value < 0:
        raise ValueError(f"{value} is negative")
    return f"{value.numerator}/{value.denominator}"


def lean_ratios(values: Iterable[Fraction]) -> str:
    """A list of numbers ≥ 0, each as a/b: [1/10, 3/1].

    Raises:
        ValueError: for a negative number.
    """
    return f"[{', '.join(map(lean_ratio, values))}]"


def lean_pairs(values: Iterable[Fraction]) -> str:
    """The same numbers as pairs of numerator and denominator: [(1, 10), (3, 1)].

    Raises:
        ValueError: for a negative number.
    """
    pairs = (lean_ratio(value).replace("/", ", ") for value in values)
    return f"[{', '.join(f'({pair})' for pair in pairs)}]"


def _layer(layer: Layer) -> str:
    rows = ", ".join(map(lean_ints, layer.weights))
    return (
        f"{{ weights := [{rows}], bias := {lean_ints(layer.bias)}, den := {layer.den},"
        f" activation := .{layer.activation.value} }}"
    )


def lean_network(network: Network) -> str:
    """A `PyOrch.Network` by list literals, a line a layer."""
    return _lines(map(_layer, network.layers))


def lean_coordinates(values: Sequence[int]) -> str:
    """A list of integers, by literals or, above `MAX_LISTED_COORDINATES`, from one large number."""
    if len(values) <= MAX_LISTED_COORDINATES:
        return lean_ints(values)
    bits = signed_bits(values)
    return f"(signedLanes {bits} {bits - 1} {len(values)} {lean_natural(join_lanes(values, bits))})"


def lean_box(box: Box) -> str:
    """A `PyOrch.Box`."""
    lower, upper = lean_coordinates(box.lo), lean_coordinates(box.hi)
    return f"{{ lo := {lower}, hi := {upper}, den := {box.den} }}"


def lean_packed_network(layers: Sequence[PackedLayer]) -> str:
    """A `PyOrch.PackedNetwork`, a line a block."""
    return _lines(map(_packed_layer, layers))


def _packed_layer(layer: PackedLayer) -> str:
    blocks = ",\n      ".join(f"({n}, {lean_natural(block)})" for n, block in layer.blocks)
    return (
        f"{{ outputs := {layer.outputs}, bits := {layer.bits}, stride := {layer.stride},\n"
        f"    blocks := [\n      {blocks}],\n"
        f"    biasBits := {layer.bias_bits}, bias := {lean_natural(layer.bias)},\n"
        f"    den := {layer.den}, activation := .{layer.activation.value} }}"
    )


def _lines(terms: Iterable[str]) -> str:
    """A list, a line an element: Lean wants the fields of a structure no further left than its
    first, so their columns must not depend on where the list is put."""
    return "[\n  " + ",\n  ".join(terms) + "]"


def lean_natural(value: int) -> str:
    """A hexadecimal literal, or several put together by Lean's `PyOrch.joined`."""
    lower: list[str] = []
    while value >> LITERAL_BITS:
        lower.append(f"(joined {value & ((1 << LITERAL_BITS) - 1):#x} ")
        value >>= LITERAL_BITS
    return f"{''.join(lower)}{value:#x}{')' * len(lower)}"
