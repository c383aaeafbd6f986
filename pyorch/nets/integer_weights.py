"""Matrices of integer weights: rows as text, a JSON file, an NPZ array or an ONNX initializer.

A matrix has the shape (out_channels, in_features): each row has the weights that one accumulator
adds up. Further axes, as those of a convolution's kernel, are joined to in_features.

Every value has to be an integer of 32 bits; floating-point numbers that are integers are taken as
such, others are refused by name, index and value: weights that still have to be quantized are
another matrix. A zero point that the file has beside them is not subtracted.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyorch.errors import InputError
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
_ARCHIVE = re.compile(r"(?P<path>.+?\.(?P<kind>npz|onnx))(?::(?P<name>.*))?", re.IGNORECASE)
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
        data = _read(archive["path"])
        read = _from_npz if archive["kind"].lower() == "npz" else _from_onnx
        rows = read(data, _printable(archive["path"]), archive["name"])
    elif text.lower().endswith(".json"):
        data = _read(text)
        rows = _from_json(data, _printable(text))
    else:
        raise InputError(
            _printable(text),
            "",
            "neither rows such as 3,-8,7;-1,2,5 nor a .json file, an array FILE.npz:NAME or an "
            "initializer FILE.onnx:NAME",
        )
    return IntegerWeights(rows, text, hashlib.sha256(data).hexdigest())


def _printable(name: str) -> str:
    return name if name.isprintable() else repr(name)


def _read(name: str) -> bytes:
    source = _printable(name)
    try:
        with Path(name).open("rb") as file:
            # one byte past the limit tells a file that is too large; a device never ends
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise InputError(source, "", "no such file") from None
    except IsADirectoryError:
        raise InputError(source, "", "is a directory, not a file of weights") from None
    except OSError as e:
        raise InputError(source, "", f"cannot be read: {e.strerror or e}") from None
    except ValueError as e:
        raise InputError(source, "", f"not a file name: {e}") from None
    if len(data) > MAX_FILE_BYTES:
        raise InputError(source, "", f"larger than {MAX_FILE_BYTES // 2**20} MB")
    return data


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


def _from_json(data: bytes, source: str) -> Rows:
    fields = parse_json(data, source).fields(("format", "weights"), optional=("description",))
    fields["format"].choice((FORMAT,))
    if "description" in fields:
        fields["description"].text()
    rows = [list(map(_integer, row.items())) for row in fields["weights"].items()]
    return _checked(rows, source, "weights")


def _integer(node: Node) -> int:
    number = node.float64()
    if isinstance(number, float) and not number.is_integer():
        raise node.error(f"{number} is not an integer")
    return int(number)


# ---- arrays --------------------------------------------------------------------------------------


def _from_array(array: NDArray[Any], source: str, field: str) -> Rows:
    """The matrix in an array of integers or of floats that are integers."""
    import numpy as np

    _check_shape(array.shape, source, field)
    if array.dtype.kind not in "iuf":
        raise InputError(source, field, f"has entries of type {array.dtype}, not integers")
    # NaN and infinities are not equal to their rounded value or are beyond 32 bits
    with np.errstate(invalid="ignore"):
        wrong = (array != np.rint(array)) | (array < -MAX_WEIGHT - 1) | (array > MAX_WEIGHT)
    for index in np.argwhere(wrong | ~np.isfinite(array))[:1].tolist():
        value = array[tuple(index)].item()
        where = field + "".join(f"[{i}]" for i in index)
        integral = isinstance(value, int) or value.is_integer()
        problem = "is beyond 32 bits" if integral else "is not an integer"
        raise InputError(source, where, f"{value} {problem}")
    matrix: NDArray[np.int64] = array.astype(np.int64).reshape(array.shape[0], -1)
    return tuple(map(tuple, matrix.tolist()))


def _chosen(name: str | None, names: Sequence[str], what: str, source: str) -> str:
    """The name of the array that is meant."""
    shown = ", ".join(display(n) for n in names[:_NAMES_SHOWN])
    more = ", …" if len(names) > _NAMES_SHOWN else ""
    if name is not None and name in names:
        return name
    if name:
        hint = suggestion(name, names) or (f"; it has {shown}{more}" if names else "")
        raise InputError(source, "", f"has no {what} {display(name)}{hint}")
    if len(names) == 1:
        return names[0]
    if not names:
        raise InputError(source, "", f"has no {what}")
    raise InputError(source, "", f"has several {what}s, choose one as FILE:NAME: {shown}{more}")


def _from_npz(data: bytes, source: str, name: str | None) -> Rows:
    import numpy as np

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")]
            chosen = _chosen(name, names, "array", source)
            field = display(chosen)
            member = archive.getinfo(f"{chosen}.npy")
            # 8 bytes an entry at most; a bomb is told by what it says that it unpacks to, and the
            # archive's reader stops there
            if member.file_size > 8 * MAX_ENTRIES + 2**16:
                problem = f"unpacks to {member.file_size} bytes, more than {MAX_ENTRIES} weights"
                raise InputError(source, field, problem)
            content = archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as e:
        raise InputError(source, "", f"not an NPZ file: {_one_line(e)}") from None
    except (NotImplementedError, RuntimeError) as e:  # compression or encryption
        raise InputError(source, "", f"cannot be unpacked: {_one_line(e)}") from None
    _check_header(content, source, field)
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError) as e:
        raise InputError(source, field, f"not an array: {_one_line(e)}") from None
    return _from_array(array, source, field)


def _check_header(content: bytes, source: str, field: str) -> None:
    """Looks at shape and type before memory is taken for them."""
    from numpy.lib import format as npy

    file = io.BytesIO(content)
    try:
        version = npy.read_magic(file)
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        shape, _, dtype = read(file)
    except KeyError:
        raise InputError(source, field, "not an array of numbers") from None
    except (ValueError, EOFError, OSError) as e:
        raise InputError(source, field, f"not an array: {_one_line(e)}") from None
    if dtype.hasobject:
        raise InputError(source, field, "holds pickled Python objects, which are not loaded")
    _check_shape(shape, source, field)


def _from_onnx(data: bytes, source: str, name: str | None) -> Rows:
    try:
        import onnx
        from google.protobuf.message import DecodeError
        from onnx import numpy_helper
    except ImportError:
        raise InputError(
            source, "", "reading ONNX needs the package onnx: pip install 'pyorch[onnx]'"
        ) from None
    try:
        model = onnx.ModelProto.FromString(data)
    except DecodeError as e:
        raise InputError(source, "", f"not an ONNX file: {_one_line(e)}") from None
    tensors = {t.name: t for t in model.graph.initializer}
    names = _matrices_first(tensors.values()) if name is None else list(tensors)
    chosen = _chosen(name, names, "initializer", source)
    tensor, field = tensors[chosen], display(chosen)
    _check_shape(tuple(tensor.dims), source, field)
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        raise InputError(source, field, "keeps its data in another file, which is not read")
    try:
        array = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, AttributeError) as e:
        raise InputError(source, field, f"cannot be read: {_one_line(e)}") from None
    return _from_array(_standard(array), source, field)


def _matrices_first(tensors: Iterable[Any]) -> list[str]:
    """Names of the tensors that are matrices: biases and zero points are not meant."""
    return [t.name for t in tensors if len(t.dims) >= 2]


def _standard(array: NDArray[Any]) -> NDArray[Any]:
    """ONNX's narrow types (INT4, bfloat16, …), which NumPy lacks, as its own."""
    import numpy as np

    if array.dtype.isbuiltin != 2:  # 2: registered by another package
        return array
    return array.astype(np.int64 if "int" in array.dtype.name else np.float64)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
