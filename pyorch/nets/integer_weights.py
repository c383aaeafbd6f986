"""Matrices of integer weights: rows as text, a JSON file, an NPZ array or an ONNX initializer.

A matrix has the shape (out_channels, in_features): each row has the weights that one accumulator
adds up. Further axes, as those of a convolution's kernel, are joined to in_features.

Every value has to be an integer of 32 bits; floating-point numbers that are integers are taken as
such, others are refused by name, index and value: weights that still have to be quantized are
another matrix. A zero point that the file has beside them is not subtracted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pyorch.errors import InputError
from pyorch.nets.formats.files import InputFile, one_line, read_file
from pyorch.nets.json_tree import Node, display, parse_json, suggestion

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "FORMAT",
    "MAX_ENTRIES",
    "MAX_FILE_BYTES",
    "MAX_WEIGHT",
    "IntegerWeights",
    "parse_rows",
    "read_weights",
]

FORMAT = "pyorch-weights-1"
MAX_FILE_BYTES = 256 * 2**20
MAX_ENTRIES = 2**20
"""Weights of one matrix; claims about it may have narrower limits."""
MAX_WEIGHT = 2**31 - 1
"""Weights are of 32 bits: from -2^31 to this."""

INLINE = re.compile(r"[0-9+\-,;\s]*")
_INTEGER = re.compile(r"[+-]?[0-9]{1,12}")
_ARCHIVE = re.compile(r"(?P<path>.+?\.(?:npz|onnx))(?::(?P<name>.*))?", re.I | re.S)
_WHAT = "file of weights"
_NAMES_SHOWN = 5

Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class IntegerWeights:
    """A matrix of integer weights.

    Attributes:
        rows: shape (out_channels, in_features), at least one of each.
        source: what the user wrote: the rows, or where the matrix is.
        sha256: of the file it is from, in hexadecimal; empty for rows in the text.
    """

    rows: Rows
    source: str
    sha256: str = ""

    @property
    def out_channels(self) -> int:
        return len(self.rows)

    @property
    def in_features(self) -> int:
        return len(self.rows[0])

    @property
    def size(self) -> int:
        return self.out_channels * self.in_features

    @property
    def label(self) -> str:
        """What a person calls the file and the array; empty for rows in the text."""
        archive = _ARCHIVE.fullmatch(self.source)
        if not self.sha256 or archive is None:
            return PurePath(self.source).name if self.sha256 else ""
        name = f":{archive['name']}" if archive["name"] else ""
        return PurePath(archive["path"]).name + name

    @property
    def digest(self) -> str:
        """Of the weights alone, in hexadecimal: the same for the same matrix in any format."""
        text = ";".join(",".join(map(str, row)) for row in self.rows)
        return hashlib.sha256(text.encode()).hexdigest()

    def transposed(self) -> IntegerWeights:
        """The matrix with rows and columns exchanged."""
        return IntegerWeights(tuple(zip(*self.rows, strict=True)), self.source, self.sha256)


def parse_rows(text: str) -> IntegerWeights:
    """The matrix that rows such as ``3,-8,7; -1,2,5`` write.

    Raises:
        InputError: one line that names the row and the value.
    """
    rows: list[list[int]] = []
    for index, line in enumerate(text.split(";")):
        for column, entry in enumerate(line.split(",")):
            where = f"[{index}][{column}]"
            if not _INTEGER.fullmatch(entry.strip()):
                raise InputError("weights", where, f"{display(entry.strip())} is not an integer")
        rows.append([int(entry) for entry in line.split(",")])
    return IntegerWeights(_checked(rows, "weights", ""), text)


def read_weights(path: str | PathLike[str]) -> IntegerWeights:
    """The matrix in a file: ``FILE.json``, ``FILE.npz``, ``FILE.npz:NAME`` or ``FILE.onnx:NAME``.

    Without a name, an archive has to have one matrix only. ONNX needs the package onnx, which comes
    with ``pip install 'pyorch[onnx]'``; data that an ONNX file keeps in other files are not read.

    Raises:
        InputError: one line that names file, array and value, for whatever is wrong with it.
    """
    text = fspath(path)
    archive = _ARCHIVE.fullmatch(text)
    if archive is not None:
        file = read_file(archive["path"], _WHAT, MAX_FILE_BYTES)
        read = _from_npz if file.suffix == ".npz" else _from_onnx
        rows = read(file, archive["name"] or None)
    elif text.lower().endswith(".json"):
        file = read_file(text, _WHAT)
        rows = _from_json(file)
    else:
        raise InputError(
            text if text.isprintable() else repr(text),
            "",
            "neither rows such as 3,-8,7;-1,2,5 nor a .json file, an array FILE.npz:NAME or an "
            "initializer FILE.onnx:NAME",
        )
    return IntegerWeights(rows, text, file.sha256)


def _checked(rows: Sequence[Sequence[int]], source: str, field: str) -> Rows:
    """Rows of the same length, with weights of 32 bits, not too many."""
    for index, row in enumerate(rows):
        where = f"{field}[{index}]"
        if len(row) != len(rows[0]):
            raise InputError(
                source, where, f"has {len(row)} weights, the rows before {len(rows[0])}"
            )
        for column, value in enumerate(row):
            if not -MAX_WEIGHT - 1 <= value <= MAX_WEIGHT:
                problem = f"{display(str(value))} is beyond 32 bits"
                raise InputError(source, f"{where}[{column}]", problem)
    _check_shape((len(rows), len(rows[0])), source, field)
    return tuple(map(tuple, rows))


def _check_shape(shape: Sequence[int], source: str, field: str) -> None:
    shown = " × ".join(map(str, shape)) or "a single number"
    if len(shape) < 2:
        problem = f"has the shape {shown}, expected (out_channels, in_features)"
        raise InputError(source, field, problem)
    size = 1
    for extent in shape:
        size *= max(extent, 0)
    if size == 0:
        raise InputError(source, field, f"has the shape {shown}: no weights")
    if size > MAX_ENTRIES:
        raise InputError(source, field, f"has {shown} weights, more than {MAX_ENTRIES}")


# ---- JSON ----------------------------------------------------------------------------------------


def _from_json(file: InputFile) -> Rows:
    fields = parse_json(file.data, file.source).fields(
        ("format", "weights"), optional=("description",)
    )
    fields["format"].choice((FORMAT,))
    if "description" in fields:
        fields["description"].text()
    rows = [list(map(_integer, row.items())) for row in fields["weights"].items()]
    return _checked(rows, file.source, "weights")


def _integer(node: Node) -> int:
    number = node.float64()
    if isinstance(number, float) and not number.is_integer():
        raise node.error(f"{number} is not an integer")
    return int(number)


# ---- arrays --------------------------------------------------------------------------------------


def _from_npz(file: InputFile, name: str | None) -> Rows:
    from pyorch.nets.formats.npz_archive import read_arrays

    arrays = read_arrays(file, MAX_FILE_BYTES)
    chosen = _chosen(file, name, list(arrays), "array")
    return _from_array(file, display(chosen), arrays[chosen])


def _from_onnx(file: InputFile, name: str | None) -> Rows:
    from pyorch.nets.formats.onnx_graph import read_model

    model = read_model(file)
    try:
        tensors = {str(t.name): t for t in model.graph.initializer}
    except UnicodeDecodeError:
        raise file.error("", "not an ONNX file: a name is not UTF-8 text") from None
    if len(tensors) < len(model.graph.initializer):
        raise file.error("", "has two initializers of the same name")
    # without a name, biases and zero points are not meant
    names = [n for n, t in tensors.items() if name is not None or len(t.dims) >= 2]
    chosen = _chosen(file, name, names, "initializer")
    tensor, field = tensors[chosen], display(chosen)
    _check_shape(tuple(tensor.dims), file.source, field)
    if tensor.data_location or tensor.external_data:
        raise file.error(field, "keeps its data in another file, which is not read")
    return _from_array(file, field, _onnx_array(file, field, tensor))


def _onnx_array(file: InputFile, field: str, tensor: Any) -> NDArray[Any]:
    """The values of a tensor; those of narrow types that NumPy lacks (INT4, …) as wider ones."""
    import numpy as np
    from onnx import numpy_helper

    try:
        array: NDArray[Any] = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as e:
        raise file.error(field, f"cannot be read: {one_line(e)}") from None
    if array.dtype.isbuiltin != 2:  # 2: registered with NumPy by another package
        return array
    return array.astype(np.int64 if "int" in array.dtype.name else np.float64)


def _chosen(file: InputFile, name: str | None, names: Sequence[str], what: str) -> str:
    """The name of the array that is meant."""
    if name in names and name is not None:
        return name
    shown = ", ".join(map(display, names[:_NAMES_SHOWN]))
    shown += ", …" if len(names) > _NAMES_SHOWN else ""
    if not names:
        raise file.error("", f"has no {what}")
    if name:
        hint = suggestion(name, names) or f"; it has {shown}"
        raise file.error("", f"has no {what} {display(name)}{hint}")
    if len(names) > 1:
        raise file.error("", f"has several {what}s, choose one as FILE:NAME: {shown}")
    return names[0]


def _from_array(file: InputFile, field: str, array: NDArray[Any]) -> Rows:
    """The matrix in an array of integers or of floats that are integers."""
    import numpy as np

    _check_shape(array.shape, file.source, field)
    if array.dtype.kind not in "iuf":
        raise file.error(field, f"has entries of type {array.dtype}, not integers")
    if array.dtype.kind == "f":  # float16 does not reach the limits
        array = array.astype(np.promote_types(array.dtype, np.float64))
    fits = (array >= -MAX_WEIGHT - 1) & (array <= MAX_WEIGHT)  # false for NaN
    for index in np.argwhere(~fits | (array != np.rint(array)))[:1].tolist():
        value = array[tuple(index)].item()
        where = field + "".join(f"[{i}]" for i in index)
        whole = isinstance(value, int) or value.is_integer()
        raise file.error(where, f"{value} is {'beyond 32 bits' if whole else 'not an integer'}")
    matrix: NDArray[np.int64] = array.astype(np.int64).reshape(array.shape[0], -1)
    return tuple(map(tuple, matrix.tolist()))
