"""The theorem library: complete, without sorry, and resting on the standard axioms only."""

from __future__ import annotations

import re
from pathlib import Path

from pyorch.lean.build import library_modules, read_module
from pyorch.lean.protocol import Limits, Server
from pyorch.lean.workbench import Workbench
from pyorch.model import STANDARD_AXIOMS
from pyorch.resources import lean_dir

_SCOPE = re.compile(
    r"^(?:(?P<kind>namespace|section|end)\b[ \t]*(?P<name>[\w.]*)"
    r"|(?:@\[[^\]]*\]\s*)?(?:protected )?theorem (?P<theorem>[\w.'₀-₉]+))",
    re.M,
)


def _theorems(text: str) -> list[str]:
    scopes: list[str] = []
    names: list[str] = []
    for match in _SCOPE.finditer(text):
        if match["theorem"]:
            inside = [s for s in scopes if s]
            names.append(".".join([*inside, match["theorem"]]))
        elif match["kind"] == "namespace":
            scopes.append(match["name"])
        elif match["kind"] == "section":
            scopes.append("")
        elif scopes:
            scopes.pop()
    return names


def test_the_root_imports_every_module() -> None:
    modules = library_modules(lean_dir())
    root = next(m for m in modules if m.name == "PyOrch")
    assert sorted(root.imports) == sorted(m.name for m in modules if m.name != "PyOrch")


def test_every_theorem_rests_on_the_standard_axioms(bench: Workbench, server: Server) -> None:
    texts = [Path(m.file).read_text(encoding="utf-8") for m in library_modules(lean_dir())]
    names = tuple(name for text in texts for name in _theorems(text))
    assert len(names) > 200
    found = server.audit("", "", names, bench.library(), limits=Limits(seconds=300.0))
    assert {t.name for t in found.theorems} == set(names)
    for theorem in found.theorems:
        assert theorem.difference is None, theorem
        assert set(theorem.axioms) <= STANDARD_AXIOMS, theorem


def test_lean_files_are_of_a_readable_size_and_documented() -> None:
    for path in sorted(lean_dir().rglob("*.lean")):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, path
        assert "/-! #" in text or "/-!\n#" in text, f"{path} has no title"
        if path.parent.name != "PyOrchTest":  # those lines are as Lean breaks them
            assert max(map(len, text.splitlines())) <= 100, path


def test_golden_statements(bench: Workbench, server: Server) -> None:
    """`lean/PyOrchTest` holds what `#check` must print; Lake builds it natively."""
    environment = bench.library()
    for path in sorted((lean_dir() / "PyOrchTest").glob("*.lean")):
        module = read_module(f"PyOrchTest.{path.stem}", path)
        result = server.elaborate(module.text, environment, file=str(path), trusted=True)
        assert "#guard_msgs" in module.text
        assert not result.diagnostics, "\n".join(map(str, result.diagnostics))
