"""The theorem library: complete, without sorry, and resting on the standard axioms only."""

from __future__ import annotations

import re
from pathlib import Path

from pyorch import claims
from pyorch.lean.build import library_modules, read_module
from pyorch.lean.protocol import Environment, Limits, Server
from pyorch.lean.workbench import Workbench
from pyorch.model import STANDARD_AXIOMS
from pyorch.resources import lean_dir

PINS = lean_dir() / "PyOrchTest" / "Axioms.lean"

_SCOPE = re.compile(
    r"^(?:(?:noncomputable )?(?P<kind>namespace|section|end)\b[ \t]*(?P<name>[\w.]*)"
    r"|(?:@\[[^\]]*\]\s*)?(?:protected )?theorem (?P<theorem>[\w.'₀-₉]+))",
    re.M,
)


def _theorems(text: str) -> list[str]:
    scopes: list[str] = []
    names: list[str] = []
    code = re.sub(r"/-.*?-/", "", text, flags=re.S)
    for match in _SCOPE.finditer(code):
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
    for path in sorted(PINS.parent.glob("*Statements.lean")):
        module = read_module(f"PyOrchTest.{path.stem}", path)
        result = server.elaborate(module.text, environment, file=str(path), trusted=True)
        assert "#guard_msgs" in module.text
        assert not result.diagnostics, "\n".join(map(str, result.diagnostics))


def _pin(pins: str, bench: Workbench, server: Server) -> list[str]:
    """What `#pin_axioms` says. Its definition stands before the pins: the embedded build cannot
    load a compiled module that extends Lean's syntax."""
    library = bench.library()
    standard, *modules = library.modules
    environment = Environment((standard, "Lean", *modules), library.root)
    command = read_module("PyOrchTest.PinAxioms", PINS.with_name("PinAxioms.lean")).text
    limits = Limits(seconds=300.0)
    result = server.elaborate(
        f"{command}\n{pins}", environment, file=str(PINS), trusted=True, limits=limits
    )
    return [diagnostic.text.strip() for diagnostic in result.diagnostics]


def test_pinned_axioms(bench: Workbench, server: Server) -> None:
    assert _pin(read_module("PyOrchTest.Axioms", PINS).text, bench, server) == []


def test_a_wrong_pin_is_an_error(bench: Workbench, server: Server) -> None:
    pins = """
axiom wrong : False
theorem below (n : Nat) : n = 0 := wrong.elim
theorem above : 1 = 0 := below 1
theorem unproved : 1 = 0 := by sorry
#pin_axioms above []
#pin_axioms above [wrong, propext]
#pin_axioms above [wrong]
#pin_axioms unproved []
#pin_axioms PyOrch.roundHalfEven_tie []
#pin_axioms PyOrch.roundHalfEven_tie [propext]
#pin_axioms PyOrch.roundHalfEven_tie [propext, Quot.sound]
#pin_axioms PyOrch.roundHalfEven []
#pin_axioms PyOrch.nothing []
"""
    assert _pin(pins, bench, server) == [
        "declaration uses `sorry`",
        "it is #pin_axioms above [wrong]",
        "it is #pin_axioms above [wrong]",
        "it is #pin_axioms unproved [sorryAx]",
        "it is #pin_axioms PyOrch.roundHalfEven_tie [propext]",
        "it is #pin_axioms PyOrch.roundHalfEven_tie [propext]",
        "PyOrch.roundHalfEven is not a theorem",
        "there is no PyOrch.nothing",
    ]


def test_what_claims_and_certificates_rest_on_is_pinned() -> None:
    pinned = re.findall(r"^#pin_axioms (\S+) ", PINS.read_text(encoding="utf-8"), re.M)
    assert len(set(pinned)) == len(pinned)
    claimed = {name for family in claims.all_families() for name in family.library}
    modules = (
        "Certificate",
        "ClassRefutation",
        "DualCertificate",
        "DualGoals",
        "DualPackedCertificate",
        "DualSameClass",
        "EachOutput",
        "GoalTree",
        "PackedCertificate",
        "PackedSameClass",
        "SameClass",
        "Sound",
        "SoundPair",
        "Split",
        "SplitCertificate",
    )
    files = [lean_dir() / "PyOrch" / "Net" / f"{module}.lean" for module in modules]
    sound = {name for file in files for name in _theorems(file.read_text(encoding="utf-8"))}
    assert claimed | sound <= set(pinned)


def test_the_main_theorem_of_each_family_has_a_golden_statement() -> None:
    goldens = [file.read_text(encoding="utf-8") for file in PINS.parent.glob("*Statements.lean")]
    checked = {
        f"PyOrch.{name}" for text in goldens for name in re.findall(r"^#check @(\S+)$", text, re.M)
    }
    assert {family.library[0] for family in claims.all_families()} <= checked
