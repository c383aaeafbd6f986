"""Repairs of the npm package: texts of ``lean.js``, exports of ``lean.wasm``, and what replaces its
JavaScript. Node runs the results."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyorch.errors import InstallError
from pyorch.lean import exports, loader, wasm
from pyorch.lean.node import node_binary
from pyorch.lean.wasm import Reader, Section
from tests.unit.lean_package import DATA, STACK, lean_js, lean_wasm


def run(script: str, *arguments: str) -> object:
    """What a script of Node prints, as JSON."""
    done = subprocess.run(
        [str(node_binary()), "--eval", script, *arguments],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@given(st.integers(0, 2**64))
def test_unsigned_integers(value: int) -> None:
    assert Reader(memoryview(wasm.unsigned(value))).unsigned() == value


@given(st.integers(-(2**63), 2**63))
def test_signed_integers(value: int) -> None:
    assert Reader(memoryview(wasm.signed(value))).signed() == value


@pytest.mark.parametrize(("value", "written"), [(624485, "e58e26"), (-123456, "c0bb78")])
def test_the_examples_of_the_specification(value: int, written: str) -> None:
    write = wasm.signed if value < 0 else wasm.unsigned
    assert write(value).hex() == written


def test_a_part_that_is_too_short() -> None:
    with pytest.raises(IndexError):
        Reader(memoryview(b"\x05abc")).chunk()
    with pytest.raises(IndexError):
        Reader(memoryview(b"\x80")).unsigned()


# ---- lean.js -------------------------------------------------------------------------------------


def test_repair_drops_unused_variables_and_keeps_the_others() -> None:
    repaired = loader.repair(lean_js())
    assert "_l_Lean_f" not in repaired.script
    assert 'var _echo,wasmTable;function assignWasmExports(wasmExports){_echo=Module["_echo"]' in (
        repaired.script
    )
    assert "_data" not in repaired.script
    assert all(r.new in repaired.script for r in loader.REPAIRS)
    # used by the prelude, by a variable, without one
    assert {"setThrew", "__stack_pointer", "echo", "fail"} <= repaired.names
    assert not {"data", "l_Lean_f1"} & repaired.names


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (loader.REPAIRS[0].old, ""),
        (loader.REPAIRS[0].old, loader.REPAIRS[0].old * 2),
        ('Module["_echo"]=', ""),
        ("function assignWasmExports(", "function assign("),
        ("}var wasmImports;", "}"),
    ],
)
def test_another_version_is_refused(old: str, new: str) -> None:
    with pytest.raises(InstallError, match="not the version that pyorch knows"):
        loader.repair(lean_js().replace(old, new))


# ---- lean.wasm -----------------------------------------------------------------------------------


def write_module(folder: Path, keep: Iterable[str]) -> list[str]:
    """Write a module with fewer exports and its symbols; the arguments that name them."""
    parts, symbols = exports.fewer_exports(lean_wasm(), set(keep).__contains__)
    (folder / "lean.wasm").write_bytes(b"".join(parts))
    (folder / exports.SYMBOLS).write_bytes(symbols)
    return [str(folder / "lean.wasm"), str(folder / exports.SYMBOLS)]


_LINK = """
const fs = require('fs');
const [file, symbols] = process.argv.slice(1);
const called = [];
const wasmImports = {};
for (const name of ['invoke_v', 'invoke_jij', 'invoke_viii'])
  wasmImports[name] = (...a) => { called.push([name, ...a.map(Number)]); return 5n; };
pyorch.stubInvokes(wasmImports);
let thrown;
const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
const lean = new WebAssembly.Instance(new WebAssembly.Module(fs.readFileSync(file)), {
  env: { memory, throw: () => { throw thrown; } },
  'GOT.func': { exit: new WebAssembly.Global({ value: 'i32', mutable: true }) },
}).exports;
pyorch.linkInvokes(lean);
const find = (name) => pyorch.findSymbol(symbols, name);
const state = () => [lean.__stack_pointer.value, lean.__THREW__.value];
"""
_KEEP = ("setThrew", "__stack_pointer", "__THREW__")


def linked(folder: Path, script: str) -> object:
    """Run a script where the module and the calls that may throw are linked."""
    prelude = loader.prelude(["v", "jij", "viii"])
    print_it = f"console.log(JSON.stringify((() => {{{script}}})()));"
    return run(prelude + _LINK + print_it, *write_module(folder, _KEEP))


def test_what_is_not_exported_is_in_the_table_and_among_the_symbols(tmp_path: Path) -> None:
    script = """
    const table = lean.__indirect_function_table;
    return [Object.keys(lean).sort(), find('data'), find('absent'), table.get(find('seven'))(),
      Number(table.get(find('echo'))(1, 40n)), find('echo') === find('echo_alias'), find('seven')];
    """
    kept = ["__THREW__", "__indirect_function_table", "__stack_pointer", "memory", "setThrew"]
    # JSON has no `undefined`
    assert linked(tmp_path, script) == [kept, DATA, None, 7, 40, True, 1]


def test_a_call_that_does_not_throw(tmp_path: Path) -> None:
    script = "return [Number(wasmImports.invoke_jij(find('echo'), 3, 40n)), state(), called]"
    assert linked(tmp_path, script) == [40, [STACK, 0], []]


def test_an_exception_of_cpp_is_caught_and_the_stack_restored(tmp_path: Path) -> None:
    script = """
    thrown = 12345;
    return [wasmImports.invoke_v(find('fail')) === undefined, state(), called];
    """
    assert linked(tmp_path, script) == [True, [STACK, 1], []]


@pytest.mark.parametrize("thrown", ["new Error('x')", "'unwind'", "{ value: 1 }", "undefined"])
def test_anything_else_goes_on(tmp_path: Path, thrown: str) -> None:
    script = f"""
    thrown = {thrown};
    try {{ wasmImports.invoke_v(find('fail')); }}
    catch (error) {{ return [error === thrown, state()]; }}
    """
    assert linked(tmp_path, script) == [True, [STACK, 0]]


def test_a_function_of_another_type_is_left_to_javascript(tmp_path: Path) -> None:
    script = """
    const results = [wasmImports.invoke_v(find('seven')) === undefined,
      Number(wasmImports.invoke_jij(find('seven'), 3, 40n))];
    wasmImports.invoke_viii(0, 1, 2, 3);  // nothing is there
    return [results, called];
    """
    slow = [["invoke_v", 1], ["invoke_jij", 1, 3, 40], ["invoke_viii", 0, 1, 2, 3]]
    assert linked(tmp_path, script) == [[True, 5], slow]


def test_every_symbol_is_found_and_no_other(tmp_path: Path) -> None:
    names = sorted(
        {f"l_{'a' * (i % 7)}{i % 97}.{'é' * (i % 3)}b{i}"[: 3 + i % 9] for i in range(900)}
    )
    file = tmp_path / "symbols"
    lines = sorted((n.encode(), i) for i, n in enumerate(names))
    file.write_bytes(b"".join(b"%s %d\n" % line for line in lines))
    others = [n + "x" for n in names] + [n[:-1] for n in names] + ["", " ", "~", "\n"]
    (tmp_path / "names").write_text(json.dumps([*names, *others]), encoding="utf-8")
    script = """
    const [file, names] = process.argv.slice(1);
    const asked = JSON.parse(require('fs').readFileSync(names));
    console.log(JSON.stringify(asked.map((name) => pyorch.findSymbol(file, name) ?? null)));
    """
    places = {n: i for i, n in enumerate(names)}
    found = run(loader.prelude(["v"]) + script, str(file), str(tmp_path / "names"))
    assert found == [places.get(n) for n in [*names, *others]]


def test_everything_else_is_left_as_it_was() -> None:
    module = lean_wasm()
    parts, _ = exports.fewer_exports(module, {"seven"}.__contains__)
    before, after = dict(Reader.sections(module)), dict(Reader.sections(b"".join(parts)))
    assert list(after) == list(before)
    changed = {number for number in after if bytes(after[number]) != bytes(before[number])}
    assert changed == {Section.TABLE, Section.EXPORT, Section.ELEMENT}


@pytest.mark.parametrize("lost", [Section.TABLE, Section.EXPORT, Section.ELEMENT, Section.IMPORT])
def test_a_module_of_another_shape_is_refused(lost: Section) -> None:
    kept = [(n, c) for n, c in Reader.sections(lean_wasm()) if n != lost]
    module = wasm.HEADER + b"".join(wasm.section(n, c) for n, c in kept)
    for bad in (module, lean_wasm()[:-30], b"\0asm" * 100, b""):
        with pytest.raises(InstallError, match=r"lean\.wasm is not the version"):
            exports.fewer_exports(bad, lambda _: True)
