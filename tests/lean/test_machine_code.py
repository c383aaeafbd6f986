"""Machine code that V8 made of Lean when it was installed is used again, or refused by V8."""

from __future__ import annotations

import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pyorch.lean import toolchain
from pyorch.lean.node import CODE, EmbeddedToolchain
from pyorch.lean.protocol import Environment
from pyorch.lean.toolchain import Toolchain
from pyorch.lean.workbench import Workbench

_ASK = """
const [code, wasm] = ["CODE", "WASM"].map((file) => fs.readFileSync(file));
const module = %DeserializeWasmModule(new Uint8Array(code).buffer, wasm);
console.log(module instanceof WebAssembly.Module);
"""


@pytest.fixture
def embedded(bench: Workbench) -> EmbeddedToolchain:
    if not isinstance(bench.toolchain.chosen, EmbeddedToolchain):
        pytest.skip("a native Lean is machine code")
    return bench.toolchain.chosen


def _taken(embedded: EmbeddedToolchain, code: Path) -> str:
    script = _ASK.replace("CODE", str(code)).replace("WASM", str(embedded.package / "lean.wasm"))
    node = [a for a in embedded.command([], [])[:-2] if not a.startswith("--permission")]
    node = [a for a in node if not a.startswith("--allow-") or a == "--allow-natives-syntax"]
    return subprocess.run(
        [*node, "--eval", script], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_it_is_taken(embedded: EmbeddedToolchain) -> None:
    code = embedded.image / CODE
    assert code.stat().st_size > 2**20
    assert _taken(embedded, code) == "true"


def test_what_v8_refuses_is_not_used(
    embedded: EmbeddedToolchain, bench: Workbench, tmp_path: Path
) -> None:
    """As that of another version of V8 would be, whose mark is in the first bytes."""
    image = tmp_path / "image"
    image.mkdir()
    for path in embedded.image.iterdir():
        (image / path.name).write_bytes(path.read_bytes())
    code = bytearray((image / CODE).read_bytes())
    code[:64] = bytes(64)
    (image / CODE).write_bytes(code)
    assert _taken(embedded, image / CODE) == "false"
    other = replace(embedded, image=image)
    chosen: Toolchain = replace(bench.toolchain, chosen=other)
    with closing(toolchain.start_server(chosen, bench.config.cache)) as server:
        result = server.elaborate("theorem two : 1 + 1 = 2 := rfl", Environment())
    assert not result.errors
    assert [d.name for d in result.declarations] == ["two"]
