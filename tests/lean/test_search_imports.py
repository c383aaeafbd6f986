"""`pyorch search` on files that import modules of their own project, and what such modules try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from pyorch.audit import audit
from pyorch.errors import InputError
from pyorch.lean.workbench import Workbench
from pyorch.model import Status
from pyorch.search.closing import close_file
from pyorch.search.model import ProofState, Suggestion
from pyorch.search.report import Closing, SearchOptions
from pyorch.search.result import Budget


@dataclass(frozen=True)
class Scripted:
    """Suggests the same tactics everywhere."""

    tactics: tuple[str, ...]

    def suggest(self, state: ProofState) -> Sequence[Suggestion]:
        return [Suggestion(tactic, 1.0, "script") for tactic in self.tactics]


@pytest.fixture
def close(bench: Workbench, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Close a file beside modules, with the tactics that are given."""

    def run(modules: dict[str, str], text: str, *tactics: str) -> Closing:
        for name, content in {**modules, "File": text}.items():
            place = tmp_path / "project" / f"{name.replace('.', '/')}.lean"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content, encoding="utf-8")
        return close_file(
            tmp_path / "project" / "File.lean", bench, lambda _: Scripted(tactics),
            SearchOptions(Budget(60.0, 30), disprove=False, fresh=True), say=lambda _: None,
        )  # fmt: skip

    return run


# ---- modules that cheat --------------------------------------------------------------------------

ASSUMED = """axiom assumed : 1 = 2
axiom deep : 0 = 1
theorem onAxiom : 1 = 3 := absurd deep (by decide)
theorem left_open : 1 = 4 := sorry
def data : Nat × PLift (1 = 5) := sorry
theorem sound : 1 = 1 := rfl
"""
#: What is proved, by what, and what that rests on.
FALSE = (
    ("1 = 2", "exact assumed", "the axiom assumed"),
    ("1 = 3", "exact onAxiom", "the axiom deep"),
    ("1 = 4", "exact left_open", "sorry"),
    ("1 = 5", "exact data.2.down", "sorry"),
)


def test_what_imported_modules_assume(close, bench: Workbench, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    # retrieval does not quote what rests on it
    (tmp_path / "Evil.lean").write_text(ASSUMED, encoding="utf-8")
    environment = bench.environment_of(tmp_path / "File.lean", ("Evil",))
    lines = bench.server().theorems(environment).splitlines()
    quoted = {line.partition("\t")[0] for line in lines}
    assert "sound" in quoted and not quoted & {"onAxiom", "left_open", "assumed"}
    # and where it is found all the same, it is told
    claims = [f"theorem t{i} : {false} := by\n  sorry\n" for i, (false, *_) in enumerate(FALSE)]
    text = "import Evil\n" + "".join(claims) + "theorem fine : 1 = 1 := by\n  sorry\n"
    closing = close({"Evil": ASSUMED}, text, *(tactic for _, tactic, _ in FALSE), "rfl")
    *holes, fine = closing.holes
    assert fine.status is Status.PROVED
    for hole, (_, _, rests_on) in zip(holes, FALSE, strict=True):
        assert hole.status is Status.OPEN
        assert "closed, but its theorem rests on" in hole.reason and rests_on in hole.reason
    assert closing.audit is not None
    assert [t.name for t in closing.audit.theorems] == ["fine"]


META = """import Lean
open Lean Elab Command
"""
#: A theorem that no kernel has seen.
UNCHECKED = """
def false : Declaration := .thmDecl
  { name := `bad, levelParams := [], type := .const ``False [], value := .const ``True.intro [] }
elab "cheat" : command => do
  match (← getEnv).addDeclCore 0 false none (doCheck := false) with
  | .ok env => setEnv env
  | .error _ => pure ()
cheat
"""
#: Whatever is asked, something else is elaborated.
HOOKED = """
@[command_elab Lean.Parser.Command.declaration] def hooked : CommandElab := fun stx => do
  if (stx.getArg 1).isOfKind ``Lean.Parser.Command.theorem then
    let name := (stx.getArg 1).getArg 1 |>.getArg 0 |>.getId
    let type : Expr := if name == `a then mkApp3 (.const ``Eq [1]) (.const ``Nat [])
      (mkNatLit 1) (mkNatLit 2) else .const ``True []
    let d : Declaration := .thmDecl
      { name, levelParams := [], type, value := .const ``True.intro [] }
    match (← getEnv).addDeclCore 0 d none (doCheck := false) with
    | .ok env => setEnv env
    | .error _ => pure ()
  else throwUnsupportedSyntax
"""


def test_a_theorem_that_no_kernel_has_seen(close) -> None:  # type: ignore[no-untyped-def]
    text = "import Evil\ntheorem a : 1 = 2 := by\n  sorry\ntheorem b : 1 = 1 := by\n  sorry\n"
    closing = close({"Evil": META + UNCHECKED}, text, "exact bad.elim", "rfl")
    assert {hole.status for hole in closing.holes} == {Status.OPEN}
    assert "the kernel rejects 'bad'" in closing.holes[0].reason
    assert not closing.changed
    assert closing.audit is not None and not closing.audit.passed


def test_a_module_that_takes_over_the_elaborator(bench: Workbench, tmp_path: Path) -> None:
    """What it makes of a text is checked in a process where its code never ran."""
    (tmp_path / "Evil.lean").write_text(META + HOOKED, encoding="utf-8")
    environment = bench.environment_of(tmp_path / "File.lean", ("Evil",))
    text = "theorem a : True := trivial\n"
    report, said = audit(
        bench.server(), asked=text, given=text, theorems=("a",), environment=environment
    )
    assert not said.errors, "the module must seem to succeed"
    assert not report.passed
    assert "the kernel rejects 'a'" in report.problems[0]


@pytest.mark.parametrize("name", ["Lake.Evil", "_stdin"])
def test_a_module_that_would_pass_for_another(close, name: str) -> None:  # type: ignore[no-untyped-def]
    text = f"import {name}\ntheorem a : 1 = 2 := by\n  sorry\n"
    with pytest.raises(InputError, match="cannot be the name of a module"):
        close({name: "theorem bad : False := sorry\n"}, text, "exact bad.elim")


# ---- modules that are in order -------------------------------------------------------------------


def test_modules_of_the_project(close) -> None:  # type: ignore[no-untyped-def]
    modules = {
        "Deep.Base": "import PyOrch.Field\n/-- Twice. -/\ndef twice (n : Nat) : Nat := n + n\n",
        "Deep.Facts": "import Deep.Base\ntheorem twice_eq (n : Nat) : twice n = 2 * n := by\n"
        '  unfold twice; omega\nnotation "⟪" n "⟫" => twice n\n'
        'macro "finish" : tactic => `(tactic| omega)\n',
    }
    text = "import Deep.Facts\ntheorem a : ⟪3⟫ = 6 := by\n  sorry\n"
    closing = close(modules, text, "rw [twice_eq]", "finish")
    assert [hole.status for hole in closing.holes] == [Status.PROVED], closing.holes
    assert closing.audit is not None and closing.audit.passed
    assert closing.audit.theorems[0].axioms == ()
    assert "sorry" not in closing.text


@pytest.mark.parametrize(
    ("modules", "text", "problem"),
    [
        ({}, "import Nope\n", r"File\.lean: import: unknown module 'Nope'"),
        ({"A": "import B.C\n"}, "import A\n", r"A\.lean: import: unknown module 'B\.C'"),
        ({"A": "\ndef a : Nat := b\n"}, "import A\n", r"A\.lean: line 2, column 15: .*`b`"),
        ({"A": "import B\n", "B": "import A\n"}, "import A\n", "import each other"),
        ({"A": ""}, "import A\nimport PyOrch.Nope\n", r"File\.lean: .*'PyOrch\.Nope'"),
    ],
)
def test_imports_that_cannot_be(close, modules: dict[str, str], text: str, problem: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=problem) as error:
        close(modules, text + "theorem a : 1 = 1 := sorry\n")
    assert len(str(error.value).splitlines()) == 1
