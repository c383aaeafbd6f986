"""Arrays of an NPZ archive, read without loading more than it should hold, and without pickle."""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy

from pyorch.nets.formats.files import InputFile, one_line
from pyorch.nets.json_tree import display

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["read_arrays"]

_MAX_ARRAYS = 4096
_MAX_HEADER = 2**16
_MAX_CHARACTER = 127


def read_arrays(file: InputFile, max_bytes: int) -> dict[str, NDArray[Any]]:
    """All arrays of an NPZ file by name, `max_bytes` together at most.

    The data are looked at as numbers or characters; arrays of Python objects are refused.

    Raises:
        InputError: one line that names file and array.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            members = archive.infolist()
            if len(members) > _MAX_ARRAYS:
                raise file.error("", f"has {len(members)} arrays (limit {_MAX_ARRAYS})")
            # a bomb is told by the size that it states, at which the archive's reader stops
            size = sum(member.file_size for member in members)
            if size > max_bytes + _MAX_HEADER * len(members):
                raise file.error("", f"unpacks to {size} bytes (limit {max_bytes})")
            arrays: dict[str, NDArray[Any]] = {}
            for member in members:
                name = member.filename.removesuffix(".npy")
                if name == member.filename:
                    raise file.error(display(name), "is not an array (.npy)")
                if name in arrays:
                    raise file.error(display(name), "is there twice")
                arrays[name] = _array(file, display(name), archive.read(member))
            return arrays
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as e:
        raise file.error("", f"not an NPZ file: {one_line(e)}") from None
    except (NotImplementedError, RuntimeError) as e:  # compression or encryption
        raise file.error("", f"cannot be unpacked: {one_line(e)}") from None


def _array(file: InputFile, field: str, content: bytes) -> NDArray[Any]:
    stream = io.BytesIO(content)
    try:
        version = npy.read_magic(stream)
    except (ValueError, EOFError):
        raise file.error(field, "is not an array") from None
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if version not in readers:
        raise file.error(field, f"is in version {version[0]}.{version[1]} of the array format")
    try:
        shape, is_fortran, dtype = readers[version](stream)
    # a Python literal, whose parser raises errors of many types (RecursionError, TokenError, …)
    except Exception:
        raise file.error(field, "is not an array: its header cannot be read") from None
    if dtype.hasobject:
        raise file.error(field, "holds pickled Python objects, which are not loaded")
    if dtype.kind not in "iufU" or dtype.itemsize == 0:
        raise file.error(field, f"has entries of type {_type_name(dtype)}")
    data = content[stream.tell() :]
    shown = " × ".join(map(str, shape)) or "one number"
    if any(extent < 1 for extent in shape):
        raise file.error(field, f"has the shape {shown}: nothing in it")
    if math.prod(shape) * dtype.itemsize != len(data):
        raise file.error(field, f"has {len(data)} bytes for the shape {shown} of {dtype}")
    if dtype.kind == "U":
        # NumPy makes strings of whatever is there, invalid ones too
        codes = np.frombuffer(data, np.dtype(np.uint32).newbyteorder(dtype.byteorder))
        if codes.max() > _MAX_CHARACTER:
            raise file.error(field, f"has the character {codes.max():#x}, which is not ASCII")
    array: NDArray[Any] = np.frombuffer(data, dtype)
    return array.reshape(tuple(map(int, shape)), order="F" if is_fortran else "C")


def _type_name(dtype: np.dtype[Any]) -> str:
    text = str(dtype)
    return text if len(text) <= 40 and text.isprintable() else f"kind {dtype.kind!r}"
