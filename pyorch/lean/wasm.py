"""WebAssembly modules as bytes: what is read and written of them to repair the embedded Lean.

The binary format: https://webassembly.github.io/spec/core/binary/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum

__all__ = [
    "HEADER",
    "REF_TEST",
    "Kind",
    "Op",
    "Reader",
    "Section",
    "export",
    "name",
    "section",
    "signed",
    "unsigned",
    "vector",
]

#: Magic number and version.
HEADER = b"\0asm\1\0\0\0"


class Section(IntEnum):
    """The sections of a module, by their numbers."""

    TYPE = 1
    IMPORT = 2
    FUNCTION = 3
    TABLE = 4
    GLOBAL = 6
    EXPORT = 7
    ELEMENT = 9
    CODE = 10


class Kind(IntEnum):
    """What is imported or exported."""

    FUNCTION = 0
    TABLE = 1
    MEMORY = 2
    GLOBAL = 3
    TAG = 4


class Op(IntEnum):
    """The first byte of an instruction."""

    IF = 0x04
    TRY = 0x06
    CATCH = 0x07
    END = 0x0B
    RETURN = 0x0F
    CALL = 0x10
    CALL_INDIRECT = 0x11
    RETURN_CALL = 0x12
    RETURN_CALL_INDIRECT = 0x13
    LOCAL_GET = 0x20
    LOCAL_SET = 0x21
    GLOBAL_GET = 0x23
    GLOBAL_SET = 0x24
    TABLE_GET = 0x25
    I32_CONST = 0x41
    I64_CONST = 0x42
    F32_CONST = 0x43
    F64_CONST = 0x44
    GC = 0xFB  # the prefix of instructions on references, such as `REF_TEST`


#: After `Op.GC`: is a reference of a type?
REF_TEST = 20


class Reader:
    """Reads a part of a module from its start on.

    Raises:
        IndexError: by each method, where the part is too short.
    """

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        """The next byte."""
        self.at += 1
        return self.data[self.at - 1]

    def unsigned(self) -> int:
        """An unsigned integer in LEB128."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def signed(self) -> int:
        """A signed integer in LEB128."""
        start = self.at
        value = self.unsigned()
        bits = 7 * (self.at - start)
        return value - (1 << bits) if value >> (bits - 1) else value

    def chunk(self) -> bytes:
        """A vector of bytes, such as a name."""
        length = self.unsigned()
        if self.at + length > len(self.data):
            raise IndexError(self.at)
        self.at += length
        return bytes(self.data[self.at - length : self.at])

    def rest(self) -> memoryview:
        """What was not read."""
        return self.data[self.at :]

    @staticmethod
    def sections(module: bytes) -> Iterator[tuple[int, memoryview]]:
        """The number and the content of each section of a whole module, in order."""
        reader = Reader(memoryview(module))
        reader.at = len(HEADER)
        while reader.at < len(module):
            number, length = reader.byte(), reader.unsigned()
            yield number, reader.data[reader.at : reader.at + length]
            reader.at += length


def unsigned(value: int) -> bytes:
    """An integer as unsigned LEB128."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value: int) -> bytes:
    """An integer as signed LEB128."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value & 127)
    return bytes(out)


def vector(items: Iterable[bytes]) -> bytes:
    """The number of the items, and the items."""
    parts = list(items)
    return unsigned(len(parts)) + b"".join(parts)


def name(text: str) -> bytes:
    """A name in UTF-8."""
    data = text.encode()
    return unsigned(len(data)) + data


def export(text: str, kind: int, index: int) -> bytes:
    """An entry of the export section: what is exported by which name."""
    return name(text) + bytes([kind]) + unsigned(index)


def section(number: int, content: bytes | memoryview) -> bytes:
    """A section with its number and length."""
    return bytes([number]) + unsigned(len(content)) + content
