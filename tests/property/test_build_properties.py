"""Splitting headers keeps every position; builds follow any acyclic graph of imports, however many
work on it."""

from __future__ import annotations

import string
import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from pyorch.errors import InputError
from pyorch.lean import parallel
from pyorch.lean.build import Built, Module, build, split_header
from pyorch.lean.protocol import Environment
from pyorch.lean.remote import RemoteServer
from pyorch.model import Diagnostic, Elaboration, Position, Severity, ToolchainId

names = (
    st.lists(st.text(string.ascii_letters + "_", min_size=1, max_size=4), min_size=1, max_size=3)
    .map(".".join)
    .filter(lambda name: name.split(".")[0] not in {"Init", "Std", "Lean"})
)
prose = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="-/!\n"), max_size=6)


def block(inner: str) -> str:
    # Lean takes /-- and /-! for documentation, which is no part of a header
    return f"/- {inner} -/"


blocks = st.recursive(
    prose.map(block), lambda b: st.tuples(prose, b, prose).map("".join).map(block), max_leaves=4
)
space = st.sampled_from([" ", "\n", "\n\n", "  \n "])
trivia = st.one_of(space, blocks, prose.map(lambda t: f"--{t}\n"))
#: Texts of the header with the module that each imports.
headers = st.lists(
    st.tuples(trivia, st.none())
    | st.tuples(names, space).map(lambda n: (f"import {n[0]}{n[1]}", n[0])),
    max_size=6,
)
fragments = st.sampled_from(
    ["import", "import A", "prelude", "--", "/-", "-/", "/--", "/-!", "-", "/", "\n", " ", "\t",
     "A.b", "«", "\r\n", "\u2028", "theorem", "ε", "\0", "'"]
)  # fmt: skip
soup = st.lists(fragments | st.text(max_size=3), max_size=12).map("".join)


@given(
    headers, st.sampled_from(["", "def x := 1", "theorem import", "/-- d -/ import A", "/-! -/"])
)
def test_a_header_is_split_off_whole(header: list[tuple[str, str | None]], body: str) -> None:
    text = "".join(part for part, _ in header)
    imports, rest = split_header(text + body, "f")
    assert imports == tuple(name for _, name in header if name is not None)
    assert rest.strip() == body
    assert rest.endswith(body)


@given(soup)
def test_every_character_stays_in_its_place(text: str) -> None:
    try:
        _, rest = split_header(text, "f")
    except InputError as error:
        assert len(str(error).splitlines()) == 1
        return
    assert len(rest) == len(text)
    kept = next((i for i, c in enumerate(rest) if not c.isspace()), len(text))
    for before, after in zip(text[:kept], rest[:kept], strict=True):
        assert after == before or (after == " " and before != "\n")
    assert rest[kept:] == text[kept:]
    assert split_header(rest, "f") == ((), rest)


class Compiler(RemoteServer):
    """Writes the text to its destination, and checks that all imports lie in the root."""

    def __init__(self, roots: Path) -> None:
        self.roots = roots
        self.compiled: list[str] = []

    @property
    def toolchain(self) -> ToolchainId:
        raise NotImplementedError

    def close(self) -> None: ...

    def call(self, method: str, arguments: object) -> dict[str, object]:
        raise NotImplementedError

    def compile(
        self, text: str, module: str, environment: Environment, destination: str, **_: object
    ) -> Elaboration:
        for name in set(environment.modules) - {"Init"}:
            inner = Path(*name.split(".")).with_suffix(".olean")
            assert (self.roots / environment.root / inner).is_file()
        self.compiled.append(module)
        if text == "error":
            start = Position(1, 0)
            return Elaboration((Diagnostic(Severity.ERROR, module, start, None, "no"),), ())
        Path(destination).write_text(text)
        return Elaboration((), ())

    def abort(self) -> None: ...


@st.composite
def graphs(draw: st.DrawFn) -> list[Module]:
    """Modules that import earlier ones, in any order."""
    chosen = draw(st.lists(names, min_size=1, max_size=6, unique_by=str.lower))
    modules = [
        Module(
            name,
            f"{name}.lean",
            draw(st.sampled_from(["", "def x := 1"])),
            tuple(draw(st.lists(st.sampled_from(["Init", *chosen[:k]]), max_size=3, unique=True))),
        )
        for k, name in enumerate(chosen)
    ]
    return draw(st.permutations(modules))


@settings(max_examples=40)
@given(graphs(), st.data())
def test_only_what_a_change_touches_is_compiled(modules: list[Module], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        server = Compiler(cache / "modules" / "roots")

        def run(sources: list[Module]) -> set[str]:
            server.compiled.clear()
            built = build(sources, lambda: server, cache, "t")
            assert built.environment is not None
            assert sorted(built.compiled) == sorted(server.compiled)
            assert sorted(built.compiled + built.cached) == sorted(m.name for m in modules)
            return set(built.compiled)

        assert run(modules) == {m.name for m in modules}
        assert run(data.draw(st.permutations(modules))) == set()
        changed = data.draw(st.sampled_from(modules))
        after = [
            Module(m.name, m.file, "changed" if m is changed else m.text, m.imports)
            for m in modules
        ]
        touched = {changed.name}
        for _ in modules:  # transitive closure
            touched |= {m.name for m in modules if touched & set(m.imports)}
        assert run(after) == touched
        assert run(modules) == set()
        assert not list(server.roots.glob("partial-*"))


@settings(max_examples=40)
@given(graphs(), st.data())
def test_helpers_change_nothing(modules: list[Module], data: st.DataObject) -> None:
    broken = data.draw(st.sets(st.sampled_from([m.name for m in modules]), max_size=2))
    sources = [replace(m, text="error") if m.name in broken else m for m in modules]
    with mock.patch.object(parallel, "_LEAST", 1):
        alone, helped = (_built(sources, helpers) for helpers in (0, 2))
    assert alone == helped
    assert (alone.environment is None) == bool(broken)


def _built(sources: list[Module], helpers: int) -> Built:
    with tempfile.TemporaryDirectory() as folder:
        server = Compiler(Path(folder) / "modules" / "roots")
        built = build(sources, lambda: server, Path(folder), "t", helpers=[server] * helpers)
        assert len(server.compiled) == len(set(server.compiled))
        assert not list(server.roots.glob("partial-*"))
        return built
