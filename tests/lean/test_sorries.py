"""Who uses sorry, as real Lean elaborates it; and the example's history."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from pyorch.lean.protocol import Environment, Server
from pyorch.lean.workbench import Workbench
from pyorch.model import Elaboration
from pyorch.report.chart import burndown_svg
from pyorch.sorries.burndown import track
from pyorch.sorries.classify import classify, findings
from pyorch.sorries.model import Reach, Sorry
from pyorch.sorries.scan import scan

INIT = Environment()


def silent(_: object) -> None:
    pass


def survey(server: Server, text: str) -> Elaboration:
    result = server.survey(text, "Sample", INIT)
    assert not result.errors, "\n".join(map(str, result.errors))
    return result


def sorries(server: Server, text: str) -> dict[str, Sorry]:
    found, _ = classify([("Sample.lean", findings(survey(server, text)))])
    return {s.name: s for s in found}


def reaches(server: Server, text: str) -> dict[str, str]:
    return {
        name: " < ".join([s.reach.value, *s.chain]) for name, s in sorries(server, text).items()
    }


def test_direct_through_a_definition_and_transitively(server: Server) -> None:
    assert reaches(
        server,
        """
def f : Nat := sorry
theorem about : f = f := rfl
def g (n : Nat) : Nat := n + f
theorem lemma₁ : 1 = 1 := by sorry
theorem uses : 1 = 1 := lemma₁
theorem top : 1 = 1 := uses
theorem unfolded : f = f + 0 := by unfold f; rfl
theorem fine : True := trivial
private theorem hidden : 2 = 2 := sorry
theorem seen : 2 = 2 := hidden
axiom assumed : f = 2
theorem onAxiom : f = 2 := assumed
""",
    ) == {
        "f": "direct",
        "about": "definition < f",
        "g": "definition < f",
        "lemma₁": "direct",
        "uses": "transitive < lemma₁",
        "top": "transitive < uses < lemma₁",
        "unfolded": "definition < f",
        "hidden": "direct",
        "seen": "transitive < hidden",
        "assumed": "definition < f",
        "onAxiom": "definition < f",
    }


def test_every_way_to_leave_a_hole(server: Server) -> None:
    found = reaches(
        server,
        """
theorem admitted : 1 = 1 := by admit
theorem stopped : 1 = 1 := by
  have : 2 = 2 := rfl
  stop
  rfl
macro "todo" : tactic => `(tactic| sorry)
theorem byMacro : 1 = 1 := by todo
theorem byHand : 1 = 1 := sorryAx _ false
set_option warn.sorry false in
theorem quiet : 1 = 1 := by sorry
#guard_msgs (drop all) in
theorem swallowed : 1 = 2 := by omega
instance : Inhabited (Fin 3) := ⟨sorry⟩
def coded (n : Nat) (h : n < 3) : Fin 3 := ⟨n, by sorry⟩
partial def loops (n : Nat) : Nat := if n = 0 then loops 3 else sorry
opaque hiddenValue : Nat := sorry
unsafe def unsafe_ : Nat := sorry
def descends (n : Nat) : Nat := if n < 10 then descends (n + 1) else n
termination_by 10 - n
decreasing_by sorry
theorem given (n : Nat) : n = n := go n
where
  go (m : Nat) : m = m := by
    sorry
""",
    )
    assert found.pop("given") == "transitive < given.go"
    assert found.pop("given.go") == "direct"
    assert set(found.values()) == {"direct"}
    assert set(found) == {
        "admitted", "stopped", "byMacro", "byHand", "quiet", "swallowed",
        "instInhabitedFinOfNatNat_sample", "coded", "loops", "hiddenValue", "unsafe_", "descends",
    }  # fmt: skip


def test_structures_and_inductive_types(server: Server) -> None:
    assert reaches(
        server,
        """
structure Default where
  x : Nat := sorry
structure Field where
  x : Nat
  h : x = (sorry : Nat)
  deriving Repr
structure Proof where
  x : Nat
  h : x = x := by sorry
inductive T : Nat → Prop
  | a (n : Nat) : n = sorry → T n
def given : Default := { x := 1 }
def taken : Default := {}
def unproved : Proof := { x := 1 }
theorem onField (s : Field) : s.x = s.x := rfl
theorem onT (h : T 3) : T 3 := h
theorem onProof (s : Proof) : s.x = s.x := rfl
""",
    ) == {
        "Default": "direct",
        "Field": "direct",
        "instReprField": "definition < Field",
        "instReprField.repr": "definition < Field",
        "T": "direct",
        "taken": "direct",
        "unproved": "direct",
        "onField": "definition < Field",
        "onT": "definition < T",
    }


def test_mutual_definitions(server: Server) -> None:
    assert reaches(
        server,
        """
mutual
def even : Nat → Bool
  | 0 => true
  | n + 1 => odd n
def odd : Nat → Bool
  | 0 => sorry
  | n + 1 => even n
end
mutual
def first (n : Nat) : Bool := if n = 0 then true else second (n - 1)
termination_by n
decreasing_by sorry
def second (n : Nat) : Bool := if n = 0 then true else first (n - 1)
termination_by n
decreasing_by omega
end
""",
    ) == {
        "even": "definition < odd",
        "odd": "direct",
        "first": "direct",
        "second": "definition < first",
    }


def test_examples(server: Server) -> None:
    result = survey(
        server,
        """example : 1 = 1 := by sorry
def f : Nat := sorry
namespace N
example : f = f := rfl
example (n : Nat) : n = n := by
  induction n with
  | zero => sorry
  | succ n ih => rfl
end N
example : 1 = 1 := rfl
""",
    )
    found, clean = classify([("A.lean", findings(result))])
    assert [(s.name, s.line, s.reach, [g.text for g in s.goals]) for s in found] == [
        ("example", 1, Reach.DIRECT, ["⊢ 1 = 1"]),
        ("f", 2, Reach.DIRECT, ["⊢ Nat"]),
        ("example", 4, Reach.DEFINITION, []),
        ("example", 5, Reach.DIRECT, ["⊢ 0 = 0"]),
    ]
    assert [(d.name, d.kind) for d in clean] == [("example", "example")]


def test_what_declares_nothing_counts_for_nothing(server: Server) -> None:
    text = """
#check (sorry : Nat)
-- sorry
/-- sorry -/
theorem sorryNot : "sorry" = "sorry" := rfl
theorem given_up : 1 = 1 := by first | (have : 1 = 2 := by sorry); fail | rfl
"""
    assert reaches(server, text) == {}


def test_places_and_goals(server: Server) -> None:
    found = sorries(
        server,
        """
/-- A comment,
of two lines. -/
theorem both (n : Nat) : n = n ∧ n ≤ n := by
  constructor
  · sorry
  all_goals sorry
""",
    )["both"]
    assert (found.line, found.column, found.kind) == (4, 8, "theorem")
    assert [(g.line, g.column, g.text) for g in found.goals] == [
        (6, 4, "n : Nat ⊢ n = n"),
        (7, 12, "n : Nat ⊢ n ≤ n"),
    ]
    assert found.type == "∀ (n : Nat), n = n ∧ n ≤ n"


def test_fingerprints_know_neither_names_nor_places(server: Server) -> None:
    first = sorries(server, "theorem a (n : Nat) : n + 0 = n := sorry")["a"]
    again = sorries(server, "\n\nnamespace N\ntheorem b (m : Nat) : m + 0 = m := by sorry")["N.b"]
    other = sorries(server, "theorem a (n : Nat) : 0 + n = n := sorry")["a"]
    assert first.statement == again.statement != other.statement


def test_an_error_is_no_sorry(server: Server) -> None:
    result = server.survey("theorem wrong : 1 = 2 := by omega", "Sample", INIT)
    assert result.errors


def test_code_of_a_surveyed_module_runs(server: Server) -> None:
    text = "run_cmd pure ()\ntheorem a : 1 = 1 := sorry"
    assert not server.survey(text, "Sample", Environment(("Init", "Lean"))).refused
    assert server.elaborate(text, INIT).refused


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "Deep").mkdir(parents=True)
    (folder / "Base.lean").write_text(
        "def base : Nat := sorry\nprivate theorem hidden : 1 = 1 := by sorry\n"
        "theorem shown : 1 = 1 := hidden\n"
    )
    (folder / "Deep" / "Mid.lean").write_text(
        "import Base\ntheorem mid : base = base := rfl\ntheorem other : 1 = 1 := shown\n"
    )
    (folder / "Top.lean").write_text(
        "import Deep.Mid\nimport PyOrch.Field\ntheorem top : 1 = 1 := other\n"
    )
    return folder


def test_modules_that_import_each_other(bench: Workbench, project: Path) -> None:
    found = scan([project], bench, base=project)
    assert [(s.place, s.name, s.reach.value, s.chain) for s in found.sorries] == [
        ("Base.lean:1", "base", "direct", ()),
        ("Base.lean:2", "hidden", "direct", ()),
        ("Base.lean:3", "shown", "transitive", ("hidden",)),
        ("Deep/Mid.lean:2", "mid", "definition", ("base",)),
        ("Deep/Mid.lean:3", "other", "transitive", ("shown", "hidden")),
        ("Top.lean:3", "top", "transitive", ("other", "shown", "hidden")),
    ]
    assert scan([project], bench, base=project) == found  # from the cache
    (project / "Base.lean").write_text("def base : Nat := wrong\n")
    broken = scan([project], bench, base=project)
    assert [p.file for p in broken.problems] == ["Base.lean", "Deep/Mid.lean", "Top.lean"]
    assert "wrong" in broken.problems[0].text
    assert broken.sorries == ()


def test_the_history_of_the_example(bench: Workbench, checkout: Path, tmp_path: Path) -> None:
    example = runpy.run_path(str(checkout / "examples" / "burndown" / "make_history.py"))
    folder = tmp_path / "history"
    example["make_history"](folder)
    result = track([folder], bench, silent, commits=100, fail_on_increase=True)
    counts = [
        (r.subject, *(r.count(reach) for reach in Reach)) if r.problem is None else r.subject
        for r in result.runs
    ]
    assert counts == [
        ("State the claims", 4, 3, 0),
        ("Define clamp", 3, 0, 2),
        ("Prove the upper bound", 2, 0, 1),
        ("Bound sums and products", 4, 0, 2),
        "Rename in a hurry",
        ("Move and rename", 4, 0, 2),
        ("Prove the lower bound", 2, 0, 1),
        ("Prove the bound of a product", 1, 0, 0),
    ]
    assert result.gate.exit_code == 0
    since = {t.latest.name: t.since.subject for t in result.threads}
    assert since["codes_add_le"] == "State the claims"  # through a move
    assert since["le_mul_code"] == "Bound sums and products"  # and a change of its name
    picture = (checkout / "docs" / "pictures" / "burndown.svg").read_text(encoding="utf-8")
    assert burndown_svg(result.runs) == picture
    worse = track([folder], bench, silent, against="HEAD~5", fail_on_increase=True)
    assert worse.gate.exit_code == 0
