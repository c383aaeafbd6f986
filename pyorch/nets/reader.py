"""The weights file: a teacher, a student, the box of inputs and the tolerance, in JSON.

Format ``pyorch-pair-1``::

    {
      "format": "pyorch-pair-1",
      "description": "optional text for people",
      "teacher": {"layers": [
        {"weights": [[0.5, -1.25], [2, 0.1]], "bias": [0, 0.25], "activation": "relu"},
        {"weights": [[1, -1]],                "bias": [0.5],     "activation": "identity"}
      ]},
      "student": {"layers": [...]},
      "box": {"lower": [0, 0], "upper": [1, "1/3"]},
      "epsilon": 0.1
    }

- ``weights`` is an array of rows, outputs × inputs: a layer computes act(W·x + b).
- ``activation`` is ``relu`` or ``identity``. It has no default, nor has the format: a layer whose
  activation was assumed is a proof about another network.
- ``box`` is either ``lower`` and ``upper`` (a number an input each), or ``center`` (a number an
  input), ``radius`` (one number) and, if wanted, ``clip``: [least, greatest] for every coordinate.
- ``epsilon`` may be absent; the smallest provable one is then reported.
- Other fields are refused, so that a misspelt one is noticed.

Which number is meant:

- A weight or bias is the value that floating-point software has in memory: an integer is itself,
  any other number is the float64 nearest to what is written, exactly. So 0.1 is
  3602879701896397/2^55, and a float32 or float16 weight written with all its digits is unchanged.
- A bound, center, radius, clip or epsilon is the decimal as it is written: 0.1 is 1/10. These may
  also be strings, "1/3" or "0.1".

Limits: files up to 32 MB, and values of a layer that fit `MAX_NUMERATOR_BITS`-bit integers over
one denominator.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from os import PathLike, fspath
from pathlib import Path

from pyorch.errors import InputError
from pyorch.nets.json_tree import Node, parse_json, parse_rational
from pyorch.nets.network import Activation, Box, CertificationProblem, Layer, Network

__all__ = ["FORMAT", "MAX_FILE_BYTES", "parse_problem", "parse_rational", "read_problem"]

FORMAT = "pyorch-pair-1"
MAX_FILE_BYTES = 32 * 2**20


def read_problem(path: str | PathLike[str]) -> CertificationProblem:
    """The problem in a weights file.

    Raises:
        InputError: one line that names file, field and value, for whatever is wrong with it.
    """
    name = fspath(path)
    source = name if name.isprintable() and name else repr(name)
    try:
        with Path(name).open("rb") as file:
            # one byte past the limit tells a file that is too large; a device never ends
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise InputError(source, "", "no such file") from None
    except IsADirectoryError:
        raise InputError(source, "", "is a directory, not a weights file") from None
    except OSError as e:
        raise InputError(source, "", f"cannot be read: {e.strerror or e}") from None
    except ValueError as e:
        raise InputError(source, "", f"not a file name: {e}") from None
    if len(data) > MAX_FILE_BYTES:
        raise InputError(source, "", f"larger than {MAX_FILE_BYTES // 2**20} MB")
    return parse_problem(data, source)


def parse_problem(data: bytes, source: str) -> CertificationProblem:
    """The problem in the bytes of a weights file; `source` names it in errors.

    Raises:
        InputError: as `read_problem`.
    """
    root = parse_json(data, source)
    fields = root.fields(
        ("format", "teacher", "student", "box"), optional=("description", "epsilon")
    )
    fields["format"].choice((FORMAT,))
    if "description" in fields:
        fields["description"].text()
    teacher = _network(fields["teacher"])
    student = _network(fields["student"])
    for what, ours, theirs in (
        ("inputs", student.input_dim, teacher.input_dim),
        ("outputs", student.output_dim, teacher.output_dim),
    ):
        if ours != theirs:
            raise fields["student"].error(f"has {ours} {what}, the teacher {theirs}")
    box = _box(fields["box"], teacher.input_dim)
    epsilon = None
    if "epsilon" in fields:
        epsilon = fields["epsilon"].rational()
        if epsilon <= 0:
            raise fields["epsilon"].error(f"{_short(epsilon)} is not positive")
    return CertificationProblem(
        teacher, student, box, epsilon, hashlib.sha256(data).hexdigest(), source
    )


def _network(node: Node) -> Network:
    layers: list[Layer] = []
    for item in node.fields(("layers",))["layers"].items():
        layer = _layer(item)
        if layers and layer.input_dim != layers[-1].output_dim:
            raise item.error(
                f"weights take {layer.input_dim} inputs,"
                f" the layer before has {layers[-1].output_dim} outputs"
            )
        layers.append(layer)
    return Network(tuple(layers))


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


def _box(node: Node, dim: int) -> Box:
    if node.has("center") or node.has("radius"):
        fields = node.fields(("center", "radius"), optional=("clip",))
        center = _point(fields["center"], dim)
        radius = fields["radius"].rational()
        if radius < 0:
            raise fields["radius"].error(f"{_short(radius)} is negative")
        lower, upper = [x - radius for x in center], [x + radius for x in center]
        if "clip" in fields:
            least, greatest = _point(fields["clip"], 2)
            lower, upper = [max(x, least) for x in lower], [min(x, greatest) for x in upper]
    else:
        fields = node.fields(("lower", "upper"))
        lower, upper = _point(fields["lower"], dim), _point(fields["upper"], dim)
    for index, (lo, hi) in enumerate(zip(lower, upper, strict=True)):
        if lo > hi:
            raise node.error(
                f"no input is inside: coordinate {index} from {_short(lo)} to {_short(hi)}"
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


def _short(value: Fraction) -> str:
    text = str(value)
    # a value within the limits of `parse_rational` may have hundreds of digits
    return text if len(text) <= 40 else f"{text[:40]}…"
