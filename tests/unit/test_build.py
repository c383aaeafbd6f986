"""Compiling modules in order, each once, over the fake proof server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pyorch.errors import InputError, OutputError, ProtocolError, ServerCrashed
from pyorch.lean.build import (
    Built,
    Module,
    build,
    library_modules,
    read_module,
    split_header,
    user_modules,
)
from pyorch.lean.server import LeanServer
from pyorch.resources import lean_dir
from tests.unit.fakes import PATIENCE, FakeLean, inside, wait_until


def module(name: str, *imports: str, text: str = "def x := 1") -> Module:
    return Module(name, f"{name}.lean", text, imports)


#: D needs B and C.Sub, which need A.
DIAMOND = (
    module("D", "B", "C.Sub"),
    module("B", "A"),
    module("C.Sub", "A"),
    module("A", "Init.Core"),
)


class Builder:
    """Builds in one cache, with one server."""

    def __init__(self, lean: FakeLean, cache: Path) -> None:
        self.lean, self.cache, self.server = lean, cache, lean.server()

    def __call__(self, *modules: Module, key: str = "t1") -> Built:
        return build(modules, lambda: self.server, self.cache, key)

    @property
    def compiled(self) -> list[str]:
        """All modules that Lean was ever asked to compile."""
        return [r["module"] for r in self.lean.requests("elab")]

    @property
    def roots(self) -> list[str]:
        return inside(self.lean.roots) if self.lean.roots.exists() else []

    def view(self, built: Built) -> set[str]:
        """The compiled modules that the environment sees."""
        assert built.environment is not None
        root = self.lean.roots / built.environment.root
        return {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}


@pytest.fixture
def builder(lean: FakeLean, tmp_path: Path) -> Iterator[Builder]:
    made = Builder(lean, tmp_path)
    yield made
    made.server.close()


# ---- what is compiled ----------------------------------------------------------------------------


def test_compiles_in_the_order_of_imports(builder: Builder) -> None:
    built = builder(*DIAMOND)
    assert set(built.compiled) == {"A", "B", "C.Sub", "D"} and built.cached == ()
    assert builder.compiled == list(built.compiled)
    assert built.compiled[0] == "A" and built.compiled[-1] == "D"
    assert built.environment is not None
    assert built.environment.modules == ("Init", "A", "B", "C.Sub", "D")
    assert builder.view(built) == {"A.olean", "B.olean", "C/Sub.olean", "D.olean"}
    # each on what it imports and nothing else; the fake finds imports only on the path
    loaded = [r["modules"] for r in builder.lean.requests("load")]
    assert loaded[0] == ["Init", "Init.Core"] and loaded[-1] == ["Init", "B", "C.Sub"]


def test_nothing_is_compiled_twice(builder: Builder, tmp_path: Path) -> None:
    first = builder(*DIAMOND)
    again = build(DIAMOND, lambda: pytest.fail("the server was started"), tmp_path, "t1")
    assert again == Built(first.environment, (), again.cached, first.diagnostics)
    assert set(again.cached) == set(first.compiled)
    # nor when the modules come in another order, or some of them only
    assert builder(*reversed(DIAMOND)).environment == first.environment
    part = builder(DIAMOND[1], DIAMOND[3])
    assert (part.compiled, part.cached) == ((), ("A", "B"))
    assert builder.view(part) == {"A.olean", "B.olean"}
    assert len(builder.compiled) == 4


@pytest.mark.parametrize(
    ("changed", "expected"),
    [("A", {"A", "B", "C.Sub", "D"}), ("B", {"B", "D"}), ("C.Sub", {"C.Sub", "D"}), ("D", {"D"})],
)
def test_a_change_recompiles_what_rests_on_it(
    builder: Builder, changed: str, expected: set[str]
) -> None:
    first = builder(*DIAMOND)
    after = tuple(
        module(m.name, *m.imports, text="def x := 2") if m.name == changed else m for m in DIAMOND
    )
    second = builder(*after)
    assert set(second.compiled) == expected
    assert set(second.cached) == {m.name for m in DIAMOND} - expected
    assert second.environment != first.environment
    back = builder(*DIAMOND)
    assert (back.compiled, back.environment) == ((), first.environment)


def test_another_toolchain_shares_nothing(builder: Builder) -> None:
    assert len(builder(*DIAMOND).compiled) == 4
    assert len(builder(*DIAMOND, key="t2").compiled) == 4


def test_a_changed_name_or_import_counts_as_a_change(builder: Builder) -> None:
    builder(module("A"), module("B"))
    assert builder(module("A"), module("B", "A")).compiled == ("B",)
    assert builder(module("A"), module("C", "A")).compiled == ("C",)


def test_progress_is_told(builder: Builder, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    modules = (module("A"), module("B", "A"))
    for _ in range(2):
        build(modules, lambda: builder.server, tmp_path, "t", progress=lambda *s: told.append(s))
    assert told == [("A", 1, 2), ("B", 2, 2)]


def test_no_modules_at_all(builder: Builder) -> None:
    built = builder()
    assert built.environment is not None and built.environment.modules == ("Init",)
    assert builder.compiled == []


# ---- what goes wrong -----------------------------------------------------------------------------


def test_a_failed_module_leaves_no_root_and_the_rest_cached(builder: Builder) -> None:
    bad = module("B", "A", text="error here")
    built = builder(DIAMOND[0], bad, *DIAMOND[2:])
    assert built.environment is None
    assert "A" in built.compiled and "B" not in built.compiled
    assert [d.file for d in built.diagnostics if d.severity == "error"] == ["B.lean"]
    assert builder.roots == []
    mended = builder(*DIAMOND)
    assert mended.environment is not None
    assert set(mended.compiled) | set(built.compiled) == {"A", "B", "C.Sub", "D"}
    assert not set(mended.compiled) & set(built.compiled)


def test_lean_that_dies_leaves_no_root(builder: Builder) -> None:
    with pytest.raises(ServerCrashed):
        builder(module("A"), module("B", "A", text="crash"))
    assert builder.roots == []
    assert builder(module("A"), module("B", "A")).compiled == ("B",)


def test_lean_that_writes_nothing(builder: Builder) -> None:
    with pytest.raises(ProtocolError, match="'A'"):
        builder(module("A", text="unwritten"))
    assert builder.roots == []


def test_an_unknown_module(builder: Builder) -> None:
    with pytest.raises(InputError, match=r"B\.lean: import: unknown module 'Mathlib\.Tactic'"):
        builder(module("A"), module("B", "A", "Mathlib.Tactic"))
    assert builder.compiled == []


@pytest.mark.parametrize(
    "modules",
    [
        (module("A", "A"),),
        (module("A", "B"), module("B", "A")),
        (module("Z"), module("A", "B", "Z"), module("B", "C"), module("C", "A")),
    ],
)
def test_a_cycle(builder: Builder, modules: tuple[Module, ...]) -> None:
    with pytest.raises(InputError, match=r"modules import each other: .*A → ") as error:
        builder(*modules)
    assert len(str(error.value).splitlines()) == 1
    assert builder.compiled == []


def test_a_cache_that_cannot_be_written(builder: Builder, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write the cache") as error:
        build(DIAMOND, lambda: builder.server, tmp_path / "file", "t")
    assert len(str(error.value).splitlines()) == 1


# ---- several at once, and ends in the middle -----------------------------------------------------


def test_concurrent_builds_compile_once(lean: FakeLean, tmp_path: Path) -> None:
    servers = [lean.server() for _ in range(4)]

    def run(server: LeanServer) -> Built:
        return build(DIAMOND, lambda: server, tmp_path, "t")

    try:
        with ThreadPoolExecutor(4) as pool:
            results = list(pool.map(run, servers))
    finally:
        for server in servers:
            server.close()
    assert len({r.environment for r in results}) == 1
    assert sorted(len(r.compiled) for r in results) == [0, 0, 0, 4]
    assert len(lean.requests("elab")) == 4


CLIENT = """
import sys
from pathlib import Path
from pyorch.lean.build import Module, build
from tests.unit.fakes import FakeLean
server = FakeLean(Path(sys.argv[1])).server()
modules = [Module("A", "A.lean", "def x := 1", ()), Module("B", "B.lean", "stall", ("A",))]
build(modules, lambda: server, Path(sys.argv[1]), "t1")
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_build_that_is_ended_leaves_no_half_made_root(
    builder: Builder, tmp_path: Path, checkout: Path, number: int
) -> None:
    ended = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(tmp_path)], cwd=checkout, stderr=subprocess.DEVNULL
    )
    wait_until(lambda: builder.lean.events("stalls"))
    ended.send_signal(number)
    ended.wait(PATIENCE)
    if number == signal.SIGKILL:
        builder.lean.sweep()
    assert all(name.startswith("partial-") for name in builder.roots)
    built = builder(module("A"), module("B", "A"))
    assert (built.compiled, built.cached) == (("B",), ("A",))
    assert built.environment is not None
    assert builder.roots == [built.environment.root]


# ---- files ---------------------------------------------------------------------------------------


def write(folder: Path, name: str, text: str | bytes = "") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_modules_of_a_folder_are_named_by_their_paths(tmp_path: Path) -> None:
    base = tmp_path / ".lake" / "my proofs"  # only a .lake below the folder is left out
    write(base, "Main.lean", "import Sub.One\ndef x := 1\n")
    write(base, "Sub/One.lean")
    write(base, "lakefile.lean")
    write(base, ".lake/build/Other.lean")
    (base / "Folder.lean").mkdir()
    modules = user_modules(base)
    assert [(m.name, m.imports) for m in modules] == [("Main", ("Sub.One",)), ("Sub.One", ())]
    assert modules[0].text == " " * 14 + "\ndef x := 1\n"
    assert modules[0].file == str(base / "Main.lean")


def test_a_single_file(tmp_path: Path) -> None:
    path = write(tmp_path, "Main.lean", "theorem t : True := trivial\r\n")
    (only,) = user_modules(path)
    assert (only.name, only.text) == ("Main", "theorem t : True := trivial\n")


@pytest.mark.parametrize(
    "name",
    ["a b.lean", "a-b.lean", "1a.lean", "é.lean", "A.b.lean", "a;#eval.lean", "Init.lean",
     "Lean/Elab.lean", "PyOrch/Field.lean", "Std.lean", '"x".lean', "..lean", "«x».lean",
     "a\nb.lean", "x" * 251 + "/.lean"],
)  # fmt: skip
def test_names_that_no_module_can_have(tmp_path: Path, name: str) -> None:
    if len(name) > 250:
        with pytest.raises(InputError):
            user_modules(tmp_path / name)
        return
    write(tmp_path / "p", name)
    with pytest.raises(InputError, match="cannot be the name of a module"):
        user_modules(tmp_path / "p")


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.lean")).touch()
    with pytest.raises(InputError, match="cannot be the name of a module") as error:
        user_modules(tmp_path)
    str(error.value).encode(errors="backslashreplace")


def test_a_folder_that_is_not_utf8(builder: Builder, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    write(folder, "Main.lean", "def x := 1")
    built = builder(*user_modules(folder))
    assert built.compiled == ("Main",)


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"def caf\xe9 := 1", "is not UTF-8 (byte 7)"), ("import A;B", "'A;B' is not a module name")],
)
def test_a_file_that_is_refused(tmp_path: Path, content: str | bytes, problem: str) -> None:
    path = write(tmp_path, "Main.lean", content)
    with pytest.raises(InputError) as error:
        user_modules(path)
    assert str(error.value).startswith(str(path)) and problem in str(error.value)


@pytest.mark.parametrize("name", ["missing", "missing/Main.lean", "x" * 300, "nul\0"])
def test_no_such_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as error:
        user_modules(tmp_path / name)
    assert len(str(error.value).splitlines()) == 1


def test_a_folder_without_lean_files(tmp_path: Path) -> None:
    write(tmp_path, "readme.md")
    with pytest.raises(InputError, match="holds no Lean file"):
        user_modules(tmp_path)


def test_a_broken_link(tmp_path: Path) -> None:
    (tmp_path / "Main.lean").symlink_to(tmp_path / "gone")
    with pytest.raises(InputError, match="cannot be read"):
        user_modules(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_module("Main", tmp_path / "Main.lean")


def test_the_library_is_in_order(builder: Builder) -> None:
    modules = library_modules(lean_dir())
    assert {"PyOrch", "PyOrch.Field", "PyOrch.Quantization"} <= {m.name for m in modules}
    built = builder(*modules)
    assert len(built.compiled) == len(modules) and built.compiled[-1] == "PyOrch"


# ---- headers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "imports", "rest"),
    [
        ("", (), ""),
        ("def x := 1", (), "def x := 1"),
        ("import A\nimport B.C\ndef x", ("A", "B.C"), "\n\ndef x"),
        ("import A import B\nx", ("A", "B"), "\nx"),
        ("import A -- why\nimport B--\nx", ("A", "B"), "\nx"),
        ("import A/- why -/\nx", ("A",), "\nx"),
        ("prelude\nimport Init.Prelude\nx", ("Init.Prelude",), "x"),
        ("/- licence\n-/\nimport A\nx", ("A",), "x"),
        ("/- a /- b -/ import C -/ import A\nx", ("A",), "x"),
        ("-- import B\nimport A\nx", ("A",), "x"),
        ("import A\n/-! # Title\nimport B -/\nx", ("A",), "/-! # Title\nimport B -/\nx"),
        ("/-- doc -/ import A", (), "/-- doc -/ import A"),
        ("/- unterminated\nimport A", (), "/- unterminated\nimport A"),
        ("/- a /- b -/ import A", (), "/- a /- b -/ import A"),
        ("-- only a comment", (), "-- only a comment"),
        ("importance", (), "importance"),
        ("preludes", (), "preludes"),
        ("import\n  A\nx", ("A",), "x"),
        ("import A'\nimport _b1\nx", ("A'", "_b1"), "x"),
        ("def import A", (), "def import A"),
    ],
)
def test_headers(text: str, imports: tuple[str, ...], rest: str) -> None:
    found, body = split_header(text, "f")
    assert found == imports
    assert body.strip() == rest.strip()
    assert len(body) == len(text) and body.count("\n") == text.count("\n")


@pytest.mark.parametrize("name", ["A;", "«A»", "A..B", ".A", "A.", "1", "A-B", '"A"', "É"])
def test_imports_that_are_no_names(name: str) -> None:
    with pytest.raises(InputError, match="is not a module name") as error:
        split_header(f"import Init\nimport {name}\n", "file.lean")
    assert str(error.value).startswith("file.lean: import: ")
