"""Calls that may throw a C++ exception, in WebAssembly.

Emscripten's JavaScript catches the exceptions: where one may pass, C++ calls through a function
``invoke_SIGNATURE`` of ``lean.js``, and so goes from WebAssembly to JavaScript and back. Lean's
kernel and interpreter do so all the time; it was an eighth of the running time. Two small modules
replace those functions:

- `stubs` is what ``lean.wasm`` imports. It exists before ``lean.wasm`` does, whose table and stack
  pointer are needed. So it only calls on through a table of its own.
- `calls` is linked when ``lean.wasm`` is, and put into that table.

What they do is what ``lean.js`` does: remember the stack pointer, call the function, and where
JavaScript threw, restore the stack pointer and have JavaScript look at what it threw. WebAssembly
refuses to call a function by another type than its own, which JavaScript does not mind and which
Lean's C++ does in a few places; those calls still go through ``lean.js``.

A signature is that of Emscripten: the letters of the result (``v`` for none) and the parameters.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyorch.lean import wasm
from pyorch.lean.wasm import Kind, Op, Section

__all__ = ["calls", "stubs"]

_TYPES = {"i": 0x7F, "j": 0x7E, "f": 0x7D, "d": 0x7C}
_ZEROS = {
    "i": bytes([Op.I32_CONST, 0]),
    "j": bytes([Op.I64_CONST, 0]),
    "f": bytes([Op.F32_CONST]) + bytes(4),
    "d": bytes([Op.F64_CONST]) + bytes(8),
}
_FUNCTION_TYPE, _EXTERN, _FUNCTIONS, _NONE = 0x60, 0x6F, 0x70, 0x40


def stubs(signatures: Sequence[str]) -> bytes:
    """The module that ``lean.wasm`` imports; it exports the functions and their ``table``."""
    bodies = []
    for i, signature in enumerate(signatures):
        arguments = _gets(range(len(signature)))
        bodies.append(
            _body(b"\0", arguments, _op(Op.I32_CONST), wasm.signed(i),
                  _op(Op.RETURN_CALL_INDIRECT, i, 0))
        )  # fmt: skip
    count = len(signatures)
    table = bytes([_FUNCTIONS, 1]) + wasm.unsigned(count) + wasm.unsigned(count)
    return b"".join(
        [
            wasm.HEADER,
            wasm.section(Section.TYPE, wasm.vector(_invoke_type(s) for s in signatures)),
            wasm.section(Section.FUNCTION, wasm.vector(wasm.unsigned(i) for i in range(count))),
            wasm.section(Section.TABLE, wasm.vector([table])),
            wasm.section(
                Section.EXPORT,
                wasm.vector([wasm.export("table", Kind.TABLE, 0), *_named(signatures, 0)]),
            ),
            wasm.section(Section.CODE, wasm.vector(bodies)),
        ]
    )


def calls(signatures: Sequence[str]) -> bytes:
    """The module that does the work.

    It imports from ``lean`` the ``table`` of functions, the stack ``pointer``, the ``tag`` of what
    JavaScript throws, the function ``caught`` for that, and from ``slow`` the functions of
    ``lean.js``.
    """
    count = len(signatures)
    types = [t for s in signatures for t in (_invoke_type(s), _called_type(s))]
    thrown = len(types)
    types.append(bytes([_FUNCTION_TYPE, 1, _EXTERN, 0]))
    imports = [
        _import("lean", "table", Kind.TABLE, bytes([_FUNCTIONS, 0, 0])),
        _import("lean", "pointer", Kind.GLOBAL, bytes([_TYPES["i"], 1])),
        _import("lean", "tag", Kind.TAG, b"\0" + wasm.unsigned(thrown)),
        _import("lean", "caught", Kind.FUNCTION, wasm.unsigned(thrown)),
        *(
            _import("slow", f"invoke_{s}", Kind.FUNCTION, wasm.unsigned(2 * i))
            for i, s in enumerate(signatures)
        ),
    ]
    bodies = []
    for i, signature in enumerate(signatures):
        result, parameters = signature[0], len(signature) - 1
        pointer = parameters + 1  # a local variable, after the function's place in the table
        arguments = _gets(range(1, parameters + 1))
        bodies.append(
            _body(
                bytes([1, 1, _TYPES["i"]]),
                # is it a function of this type?
                _gets([0]), _op(Op.TABLE_GET, 0), _op(Op.GC, wasm.REF_TEST), wasm.signed(2 * i + 1),
                bytes([Op.IF, _NONE]),
                _op(Op.GLOBAL_GET, 0), _op(Op.LOCAL_SET, pointer),
                bytes([Op.TRY, _NONE if result == "v" else _TYPES[result]]),
                arguments, _gets([0]), _op(Op.CALL_INDIRECT, 2 * i + 1, 0),
                _op(Op.CATCH, 0),  # what was thrown is on the stack
                _gets([pointer]), _op(Op.GLOBAL_SET, 0), _op(Op.CALL, 0),
                b"" if result == "v" else _ZEROS[result],
                _op(Op.END), _op(Op.RETURN), _op(Op.END),
                _gets([0]), arguments, _op(Op.RETURN_CALL, 1 + i),
            )
        )  # fmt: skip
    return b"".join(
        [
            wasm.HEADER,
            wasm.section(Section.TYPE, wasm.vector(types)),
            wasm.section(Section.IMPORT, wasm.vector(imports)),
            wasm.section(Section.FUNCTION, wasm.vector(wasm.unsigned(2 * i) for i in range(count))),
            wasm.section(Section.EXPORT, wasm.vector(_named(signatures, 1 + count))),
            wasm.section(Section.CODE, wasm.vector(bodies)),
        ]
    )


def _op(op: Op, *indices: int) -> bytes:
    return bytes([op]) + b"".join(map(wasm.unsigned, indices))


def _gets(variables: Sequence[int]) -> bytes:
    return b"".join(_op(Op.LOCAL_GET, v) for v in variables)


def _type(parameters: str, result: str) -> bytes:
    results = result.replace("v", "")
    return bytes([_FUNCTION_TYPE]) + b"".join(
        wasm.vector(bytes([_TYPES[t]]) for t in letters) for letters in (parameters, results)
    )


def _called_type(signature: str) -> bytes:
    return _type(signature[1:], signature[0])


def _invoke_type(signature: str) -> bytes:
    """Before the parameters is the function's place in the table."""
    return _type("i" + signature[1:], signature[0])


def _import(module: str, item: str, kind: Kind, description: bytes) -> bytes:
    return wasm.name(module) + wasm.name(item) + bytes([kind]) + description


def _named(signatures: Sequence[str], first: int) -> list[bytes]:
    """Exports of functions, the first of which has the number ``first``."""
    return [wasm.export(f"invoke_{s}", Kind.FUNCTION, first + i) for i, s in enumerate(signatures)]


def _body(variables: bytes, *code: bytes) -> bytes:
    content = variables + b"".join(code) + _op(Op.END)
    return wasm.unsigned(len(content)) + content
