"""Reading networks, boxes and pairs; this page describes the weights file, a pair in one JSON file.

Other formats have modules of their own in `pyorch.nets.formats`, and docs/formats.md describes
them. The weights file has a teacher, a student, the box of inputs and the tolerance, in the format
``pyorch-pair-1``::

    {
      "format": "pyorch-pair-1",
      "description": "optional text for people",
      "teacher": {"layers": [
        {"weights": [[0.5, -1.25], [2, 0.1]], "bias": [0, 0.25], "activation": "relu"},
        {"weights": [[1, -1]],                "bias": [0.5],     "activation": "identity"}
      ]},
      "student": {"layers": [...]},
      "box": {"lower": [0, 0], "upper": [1, "1/3"]},
      "property": "close",
      "epsilon": 0.1
    }

- ``weights`` is an array of rows, outputs × inputs: a layer computes act(W·x + b).
- ``activation`` is ``relu`` or ``identity``. It has no default, nor has the format: a layer whose
  activation was assumed is a proof about another network.
- ``box`` is either ``lower`` and ``upper`` (a number an input each), or ``center`` (a number an
  input), ``radius`` (one number) and, if wanted, ``clip``: [least, greatest] for every coordinate.
- ``property`` may be absent: ``close``, outputs that differ by at most epsilon, or ``class``, the
  same output strictly greatest in both, which takes none of the fields below.
- ``epsilon`` may be absent; the smallest provable one is then reported. It is one number for all
  outputs or an array, one an output.
- ``output`` may be absent: the one output in question, counted from 0.
- Other fields are refused, so that a misspelt one is noticed.

Which number is meant:

- A weight or bias is the value that floating-point software has in memory: an integer is itself,
  any other number is the float64 nearest to what is written, exactly. So 0.1 is
  3602879701896397/2^55, and a float32 or float16 weight written with all its digits is unchanged.
- A bound, center, radius, clip or epsilon is the decimal as it is written: 0.1 is 1/10. These may
  also be strings, "1/3" or "0.1".

Limits: files up to 32 MB, layers and networks up to `files.MAX_WIDTH` and `files.MAX_PARAMETERS`,
and values of a layer that fit `MAX_NUMERATOR_BITS`-bit integers over one denominator.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from os import PathLike

from pyorch.nets.formats import json_reader, vnnlib
from pyorch.nets.formats.files import MAX_FILE_BYTES, InputFile, read_file
from pyorch.nets.formats.json_reader import short
from pyorch.nets.json_tree import Node, display, parse_json, parse_rational, suggestion
from pyorch.nets.network import Activation, Box, CertificationProblem, Network
from pyorch.nets.properties import Kind, Property, choose_property

__all__ = [
    "FORMAT",
    "MAX_FILE_BYTES",
    "parse_activations",
    "parse_box",
    "parse_network",
    "parse_problem",
    "parse_rational",
    "read_box",
    "read_network",
    "read_problem",
]

FORMAT = "pyorch-pair-1"


def read_problem(path: str | PathLike[str]) -> CertificationProblem:
    """The problem in a weights file.

    Raises:
        InputError: one line that names file, field and value, for whatever is wrong with it.
    """
    file = read_file(path, "weights file", MAX_FILE_BYTES)
    return parse_problem(file.data, file.source)


def parse_problem(data: bytes, source: str) -> CertificationProblem:
    """The problem in the bytes of a weights file; `source` names it in errors.

    Raises:
        InputError: as `read_problem`.
    """
    root = parse_json(data, source)
    fields = root.fields(
        ("format", "teacher", "student", "box"),
        optional=("description", "property", "output", "epsilon"),
    )
    fields["format"].choice((FORMAT,))
    if "description" in fields:
        fields["description"].text()
    teacher, student = (
        json_reader.network(fields[name].fields(("layers",))["layers"])
        for name in ("teacher", "student")
    )
    for what, ours, theirs in (
        ("inputs", student.input_dim, teacher.input_dim),
        ("outputs", student.output_dim, teacher.output_dim),
    ):
        if ours != theirs:
            raise fields["student"].error(f"has {ours} {what}, the teacher {theirs}")
    box = json_reader.box(fields["box"], teacher.input_dim)
    goal, epsilon = _goal(root, fields)
    try:
        return CertificationProblem(
            teacher, student, box, epsilon, hashlib.sha256(data).hexdigest(), source, goal
        )
    except ValueError as e:
        names = (name for name in ("output", "epsilon", "property") if name in fields)
        raise fields[next(names)].error(str(e)) from None


def _goal(root: Node, fields: Mapping[str, Node]) -> tuple[Property | None, Fraction | None]:
    """What is asked for: a property, or one epsilon for all outputs."""
    kind = Kind(fields["property"].choice(tuple(Kind))) if "property" in fields else Kind.CLOSE
    output = epsilons = None
    if "output" in fields:
        number = fields["output"].float64()
        if not isinstance(number, int):
            raise fields["output"].error(f"{number} is not a whole number")
        output = number
    each = "epsilon" in fields and isinstance(fields["epsilon"].value, list)
    if "epsilon" in fields:
        nodes = fields["epsilon"].items() if each else (fields["epsilon"],)
        epsilons = [_positive(node) for node in nodes]
    try:
        return choose_property(kind, output, epsilons, each=each)
    except ValueError as e:
        raise root.error(str(e)) from None


def _positive(node: Node) -> Fraction:
    value = node.rational()
    if value <= 0:
        raise node.error(f"{short(value)} is not positive")
    return value


def read_network(
    path: str | PathLike[str],
    *,
    normalize: bool = False,
    activations: Sequence[Activation] | None = None,
) -> Network:
    """The network in a file, in the format that the suffix names; see docs/formats.md.

    Args:
        normalize: for .nnet: make the normalization of inputs and outputs a part of the network.
        activations: for .npz: of each layer, where the file does not say.

    Raises:
        InputError: one line that names file, field and value, for whatever is wrong with it.
    """
    return parse_network(read_file(path, "network"), normalize=normalize, activations=activations)


def parse_network(
    file: InputFile, *, normalize: bool = False, activations: Sequence[Activation] | None = None
) -> Network:
    """As `read_network`, for a file that was read."""
    # numpy and onnx are imported for the formats that need them only
    suffix = _suffix(file, (".json", ".nnet", ".npz", ".onnx"), "network")
    if normalize and suffix != ".nnet":
        raise file.error("", f"has no normalization to apply: {suffix} is not .nnet")
    if activations is not None and suffix != ".npz":
        raise file.error("", f"has activations of its own: {suffix} is not .npz")
    match suffix:
        case ".nnet":
            from pyorch.nets.formats import nnet_reader

            return nnet_reader.parse_network(file, normalize=normalize)
        case ".npz":
            from pyorch.nets.formats import npz_reader

            return npz_reader.parse_network(file, activations)
        case ".onnx":
            from pyorch.nets.formats import onnx_reader

            return onnx_reader.parse_network(file)
        case _:
            return json_reader.parse_network(file)


def parse_activations(text: str) -> tuple[Activation, ...]:
    """The activations that a text such as ``relu,relu,identity`` lists.

    Raises:
        ValueError: with a one-line message that names the one that is none.
    """
    names = [name.strip() for name in text.split(",")]
    known = tuple(Activation)
    for name in names:
        if name not in known:
            hint = suggestion(name, known)
            raise ValueError(f"{display(name)} is not one of {', '.join(known)}{hint}")
    return tuple(map(Activation, names))


def read_box(path: str | PathLike[str], dim: int) -> Box:
    """The box of `dim` coordinates in a .json or .vnnlib file; see docs/formats.md.

    Raises:
        InputError: one line that names file, field and value, for whatever is wrong with it.
    """
    return parse_box(read_file(path, "box"), dim)


def parse_box(file: InputFile, dim: int) -> Box:
    """As `read_box`, for a file that was read."""
    if _suffix(file, (".json", ".vnnlib"), "box") == ".json":
        return json_reader.parse_box(file, dim)
    return vnnlib.parse_box(file, dim)


def _suffix(file: InputFile, known: tuple[str, ...], what: str) -> str:
    if file.suffix not in known:
        shown = f"ends in {display(file.suffix)}" if file.suffix else "has no suffix"
        raise file.error("", f"{shown}; a {what} is read from {', '.join(known)}")
    return file.suffix
