"""Fewer exports for ``lean.wasm``.

The module exports each of its 200,000 symbols, as Lean's interpreter looks compiled functions up by
name. For each export V8 makes an object, at each start, on each of two threads: half of the time
until Lean runs. Here all but a few exports become entries of the module's function table, and the
names go into a list beside it, in which the repaired ``lean.js`` looks them up (`SYMBOLS`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pyorch.errors import InstallError
from pyorch.lean import wasm
from pyorch.lean.wasm import Kind, Op, Reader, Section

__all__ = ["SYMBOLS", "fewer_exports"]

#: The list of symbols beside ``lean.wasm``: lines ``NAME VALUE``, sorted by the bytes of the name.
#: The value of a function is its place in the table, that of data its address.
SYMBOLS = "lean.symbols"

_FUNCTION_REFERENCE = 0x70


@dataclass(frozen=True)
class _Export:
    name: str
    kind: int
    index: int


def fewer_exports(module: bytes, keep: Callable[[str], bool]) -> tuple[Iterator[bytes], bytes]:
    """Drop the exports of functions and data whose names are not to be kept.

    Returns:
        The parts of the new module, and the content of `SYMBOLS`, which has the kept ones, too.

    Raises:
        InstallError: the module has not the shape of ``lean.wasm``.
    """
    try:
        return _fewer_exports(module, keep)
    except (IndexError, KeyError, ValueError) as error:
        raise InstallError(
            f"lean.wasm is not the version that pyorch knows how to repair ({error!r})"
        ) from error


def _fewer_exports(module: bytes, keep: Callable[[str], bool]) -> tuple[Iterator[bytes], bytes]:
    found = dict(Reader.sections(module))
    exports = list(_exports(found[Section.EXPORT]))
    addresses = _addresses(found[Section.IMPORT], found[Section.GLOBAL])
    places = {f: place for place, f in reversed(list(_elements(found[Section.ELEMENT])))}
    size = _table_size(found[Section.TABLE])
    added: list[int] = []
    for export in exports:
        if export.kind == Kind.FUNCTION and export.index not in places:
            places[export.index] = size + len(added)
            added.append(export.index)
    values = {Kind.FUNCTION: places, Kind.GLOBAL: addresses}
    symbols = sorted(
        (e.name.encode(), value)
        for e in exports
        if e.kind in values and (value := values[Kind(e.kind)].get(e.index)) is not None
    )
    kept = [e for e in exports if e.kind not in values or keep(e.name)]
    # one segment of functions follows the other
    first = Reader(found[Section.ELEMENT])
    first.unsigned()
    changed: dict[int, bytes] = {
        Section.TABLE: wasm.vector([_table(size + len(added))]),
        Section.EXPORT: wasm.vector(wasm.export(e.name, e.kind, e.index) for e in kept),
        Section.ELEMENT: wasm.unsigned(2) + bytes(first.rest()) + _segment(size, added),
    }

    def parts() -> Iterator[bytes]:
        yield wasm.HEADER
        for number, content in Reader.sections(module):
            yield wasm.section(number, changed.get(number, content))

    return parts(), b"".join(b"%s %d\n" % symbol for symbol in symbols)


def _exports(content: memoryview) -> Iterator[_Export]:
    reader = Reader(content)
    for _ in range(reader.unsigned()):
        yield _Export(reader.chunk().decode(), reader.byte(), reader.unsigned())


def _addresses(imports: memoryview, content: memoryview) -> dict[int, int]:
    """Of data: the values of globals that are constants of 32 bits."""
    reader = Reader(content)
    first = _imported_globals(imports)
    addresses = {}
    for index in range(first, first + reader.unsigned()):
        _, mutable = reader.byte(), reader.byte()
        _expect(reader, Op.I32_CONST)
        value = reader.signed()
        _expect(reader, Op.END)
        if not mutable:
            addresses[index] = value
    return addresses


def _imported_globals(content: memoryview) -> int:
    reader = Reader(content)
    count = 0
    for _ in range(reader.unsigned()):
        reader.chunk()
        reader.chunk()
        kind = reader.byte()
        if kind == Kind.FUNCTION:
            reader.unsigned()
        elif kind == Kind.MEMORY:
            limited = reader.byte() & 1
            reader.unsigned()
            if limited:
                reader.unsigned()
        elif kind == Kind.GLOBAL:
            reader.at += 2
            count += 1
        else:
            raise ValueError(f"an import of kind {kind}")
    return count


def _elements(content: memoryview) -> Iterator[tuple[int, int]]:
    """The place of each function in the table, and the function: of one segment of them."""
    reader = Reader(content)
    _expect(reader, 1)
    _expect(reader, 0)
    _expect(reader, Op.I32_CONST)
    start = reader.signed()
    _expect(reader, Op.END)
    for place in range(start, start + reader.unsigned()):
        yield place, reader.unsigned()


def _segment(start: int, functions: list[int]) -> bytes:
    begin = bytes([0, Op.I32_CONST]) + wasm.signed(start) + bytes([Op.END])
    return begin + wasm.vector(wasm.unsigned(f) for f in functions)


def _table_size(content: memoryview) -> int:
    """Of the one table, which may grow without limit."""
    reader = Reader(content)
    _expect(reader, 1)
    _expect(reader, _FUNCTION_REFERENCE)
    _expect(reader, 0)
    return reader.unsigned()


def _table(size: int) -> bytes:
    return bytes([_FUNCTION_REFERENCE, 0]) + wasm.unsigned(size)


def _expect(reader: Reader, byte: int) -> None:
    if (found := reader.byte()) != byte:
        raise ValueError(f"{found:#x} in place of {byte:#x}")
