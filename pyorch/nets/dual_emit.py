"""A certificate by duality as a Lean term, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyorch.nets.dual import DualCertificate, DualRow, Multipliers
from pyorch.nets.emit_data import lean_natural
from pyorch.nets.json_tree import Node
from pyorch.nets.packed import join_lanes, signed_bits

__all__ = ["dual_from_json", "dual_to_json", "lean_dual_certificate"]

MAX_PREC = 4096
MAX_BITS = 8192
"""Of a multiplier."""


def lean_dual_certificate(certificate: DualCertificate) -> str:
    """A `PyOrch.DualCertificate` on one line: digits, brackets and fixed names only."""
    upper, lower = (
        f"[{', '.join(map(_lean_row, rows))}]" for rows in (certificate.upper, certificate.lower)
    )
    return (
        f"{{ prec := {certificate.prec}, tighten := {str(certificate.tighten).lower()},"
        f" symbols := [{', '.join(map(str, certificate.symbols))}],"
        f" upper := {upper}, lower := {lower} }}"
    )


def _lean_row(row: DualRow) -> str:
    steps = (f"({_lean_multipliers(m.teacher)}, {_lean_multipliers(m.student)})" for m in row)
    return f"[{', '.join(steps)}]"


def _lean_multipliers(values: Sequence[int]) -> str:
    """Signed lanes of one number, which Lean reads much faster than a list of literals."""
    if not values:
        return "[]"
    bits = signed_bits(values)
    return f"signedLanes {bits} {bits - 1} {len(values)} {lean_natural(join_lanes(values, bits))}"


def dual_to_json(certificate: DualCertificate) -> dict[str, Any]:
    """The certificate as JSON's own types; `dual_from_json` reads it::

        {"prec": 24, "tighten": true, "symbols": [31, 0, 6],
         "upper": [0, [[[5, -7], 0], …]], "lower": [0, 0]}

    In `upper` and `lower`, which are left out where CROWN's slopes do, each output has its row: for
    each step, the last one first, the multipliers of the teacher and of the student. What is empty
    is written as 0. `symbols` are the bits of `DualCertificate.symbols`, left out without forms.
    """
    rows = {"upper": certificate.upper, "lower": certificate.lower}
    return {
        "prec": certificate.prec,
        "tighten": certificate.tighten,
        **({"symbols": list(certificate.symbols)} if certificate.symbols else {}),
        **{name: list(map(_row_json, side)) for name, side in rows.items() if side},
    }


def _row_json(row: DualRow) -> Any:
    return [[list(m.teacher) or 0, list(m.student) or 0] for m in row] or 0


def dual_from_json(node: Node) -> DualCertificate:
    """What `dual_to_json` wrote, from anywhere; nothing but the form is checked.

    Raises:
        InputError: names the field and what is wrong with it.
    """
    fields = node.fields(("prec", "tighten"), ("symbols", "upper", "lower"))
    prec = _integer(fields["prec"])
    if not 0 <= prec <= MAX_PREC:
        raise fields["prec"].error(f"{prec} is not between 0 and {MAX_PREC}")
    tighten = fields["tighten"].value
    if not isinstance(tighten, bool):
        raise fields["tighten"].error("expected true or false")
    upper, lower = (
        tuple(_row(row) for row in fields[name].items()) if name in fields else ()
        for name in ("upper", "lower")
    )
    symbols = tuple(map(_mask, fields["symbols"].items())) if "symbols" in fields else ()
    return DualCertificate(prec, tighten, upper, lower, symbols)


def _mask(node: Node) -> int:
    mask = _integer(node)
    if mask < 0:
        raise node.error(f"{mask} is negative, not bits")
    return mask


def _row(node: Node) -> DualRow:
    return () if _is_zero(node) else tuple(_step(step) for step in node.items())


def _step(node: Node) -> Multipliers:
    sides = list(node.items())
    if len(sides) != 2:
        raise node.error(f"expected multipliers of two networks, not of {len(sides)}")
    teacher, student = (
        () if _is_zero(side) else tuple(_integer(value) for value in side.items()) for side in sides
    )
    return Multipliers(teacher, student)


def _is_zero(node: Node) -> bool:
    return not isinstance(node.value, list) and _integer(node) == 0


def _integer(node: Node) -> int:
    value = node.rational()
    if value.denominator != 1 or value.numerator.bit_length() > MAX_BITS:
        raise node.error(f"expected an integer of at most {MAX_BITS} bits")
    return value.numerator
