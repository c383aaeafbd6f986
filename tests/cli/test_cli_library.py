"""``build``, ``audit`` and ``doctor`` on the real Lean."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyorch.lean.workbench import Workbench
from tests.cli.runner import Cli

ASKED = """import PyOrch.Rounding

namespace Demo

theorem half_add_half : (1/2 : Rat) + 1/2 = 1 := by sorry

end Demo
"""
PROVED = ASKED.replace("by sorry", "by decide +kernel")


@pytest.fixture
def built(lean: Cli, bench: Workbench) -> Cli:
    """The command line, with the whole library compiled."""
    assert bench.build().environment is not None
    return lean


def test_a_second_build_compiles_nothing(built: Cli) -> None:
    result = built("build", "--json")
    assert (result.code, result.err) == (0, "")
    assert set(result.json) == {"schema", "succeeded", "compiled", "cached", "diagnostics"}
    assert (result.json["schema"], result.json["succeeded"]) == ("pyorch-build-1", True)
    assert result.json["compiled"] == []
    assert {"PyOrch", "PyOrch.Quantization"} <= set(result.json["cached"])
    human = built("build")
    assert (human.code, human.err) == (0, "building\n")
    assert "BUILT" in human.out and "0 modules compiled" in human.out


def test_a_file_of_the_users(built: Cli) -> None:
    folder = built.folder / "größe x"
    (folder / "Sub").mkdir(parents=True)
    (folder / "Sub" / "One.lean").write_text("theorem one_pos : 0 < 1 := by decide\n")
    (folder / "Two.lean").write_text(
        "import Sub.One\nimport PyOrch.Field\ntheorem two : 0 < 1 := one_pos\n"
    )
    result = built("build", folder.name, "--wfail", "--json")
    assert (result.code, result.err) == (0, "")
    assert {"Sub.One", "Two"} <= {*result.json["compiled"], *result.json["cached"]}
    assert result.json["diagnostics"] == []
    again = built("build", folder.name, "--json")
    assert again.json["compiled"] == []
    alone = built("build", f"{folder.name}/Two.lean", "--json")  # with what it imports
    assert (alone.code, alone.json["succeeded"], alone.json["compiled"]) == (0, True, [])


def test_an_error_has_its_place(built: Cli) -> None:
    (built.folder / "Wrong.lean").write_text(
        "/-! ∀ -/\ntheorem fine : True := trivial\ntheorem wrong : 1 = 2 := by\n  decide\n"
    )
    human = built("build", "Wrong.lean", COLUMNS="200")
    assert human.code == 1
    assert "FAILED" in human.out
    assert "Wrong.lean:4:2: error: " in human.out
    as_json = built("build", "Wrong.lean", "--json")
    assert (as_json.code, as_json.json["succeeded"]) == (1, False)
    (error,) = as_json.json["diagnostics"]
    assert (error["severity"], error["file"]) == ("error", "Wrong.lean")
    assert error["start"] == {"line": 4, "column": 2}


def sorry_file(folder: Path) -> str:
    """A file that no build has seen, with a ``sorry``."""
    (folder / "Open.lean").write_text(f"/-! {folder} -/\ntheorem later : 1 = 1 := by sorry\n")
    return "Open.lean"


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--wfail",), 1)])
def test_sorry_is_a_warning(built: Cli, options: tuple[str, ...], code: int) -> None:
    result = built("build", sorry_file(built.folder), *options, COLUMNS="200")
    assert result.code == code
    assert "Open.lean:2:8: warning: declaration uses" in result.out


def test_a_second_build_warns_too(built: Cli) -> None:
    file = sorry_file(built.folder)
    first, second = built("build", file, "--json"), built("build", file, "--wfail", "--json")
    assert first.json["diagnostics"] == second.json["diagnostics"] != []
    assert (first.code, second.code) == (0, 1)


def test_audit_against_what_was_asked(lean: Cli) -> None:
    (lean.folder / "Asked.lean").write_text(ASKED)
    (lean.folder / "Given x.lean").write_text(PROVED)
    human = lean("audit", "Given x.lean", "--asked", "Asked.lean", COLUMNS="200")
    assert human.code == 0
    assert human.out.startswith("ACCEPTED (kernel tier): Given x.lean")
    assert human.err == "making the library ready\nauditing\n"
    result = lean("audit", "Given x.lean", "--asked", "Asked.lean", "--json")
    assert (result.code, result.err) == (0, "")
    assert set(result.json) == {
        "schema", "file", "passed", "trust", "kernel", "problems", "theorems",
    }  # fmt: skip
    assert (result.json["schema"], result.json["file"]) == ("pyorch-audit-1", "Given x.lean")
    (theorem,) = result.json["theorems"]
    assert theorem["name"] == "Demo.half_add_half"
    assert (theorem["difference"], theorem["axioms"]) == (None, [])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (ASKED, "'Demo.half_add_half' rests on sorry"),
        (PROVED.replace("1/2 = 1", "1/2 = 2/2"), "Demo.half_add_half"),
        (PROVED.replace("half_add_half", "another"), "Demo.half_add_half"),
        (PROVED.replace("decide +kernel", "native_decide"), "compiler"),
        (PROVED.replace("decide +kernel", "nonsense"), "it does not elaborate: Given.lean:"),
        ("import Lean\n" + PROVED, "it imports 'Lean'"),
    ],
    ids=["sorry", "statement", "name", "native_decide", "error", "import"],
)
def test_audit_that_rejects(lean: Cli, given: str, problem: str) -> None:
    (lean.folder / "Asked.lean").write_text(ASKED)
    (lean.folder / "Given.lean").write_text(given)
    result = lean("audit", "Given.lean", "--asked", "Asked.lean", "--json")
    assert (result.code, result.err) == (1, "")
    assert (result.json["passed"], result.json["trust"]) == (False, None)
    assert any(problem in p for p in result.json["problems"]), result.json["problems"]


def test_audit_of_one_theorem(lean: Cli) -> None:
    text = "theorem good : True := trivial\ntheorem bad : True := by sorry\n"
    (lean.folder / "Mixed.lean").write_text(text)
    assert lean("audit", "Mixed.lean", "--theorem", "good").code == 0
    assert lean("audit", "Mixed.lean", "--theorem", "bad").code == 1
    human = lean("audit", "Mixed.lean", "--quiet")
    assert (human.code, human.err) == (1, "")
    assert human.out.startswith("REJECTED: Mixed.lean")
    missing = lean("audit", "Mixed.lean", "--theorem", "missing", "--json")
    assert missing.code == 1
    assert any("missing" in p for p in missing.json["problems"])


def test_audit_of_a_file_without_a_theorem(lean: Cli) -> None:
    (lean.folder / "Empty.lean").write_text("def x := 1\n")
    result = lean("audit", "Empty.lean", "-q")
    assert (result.code, result.out) == (2, "")
    assert result.err == "pyorch: Empty.lean: declares no theorem\n"


@pytest.mark.slow
def test_doctor(built: Cli) -> None:
    result = built("doctor", "--json")
    assert (result.code, result.err) == (0, "")
    assert set(result.json) == {"schema", "fine", "findings"}
    assert (result.json["schema"], result.json["fine"]) == ("pyorch-doctor-1", True)
    findings = {f["name"]: f for f in result.json["findings"]}
    assert {"python", "cache", "toolchain", "warm server", "self-test", "library"} <= set(findings)
    assert all(f["fine"] for f in findings.values())
    assert "truths accepted" in findings["self-test"]["text"]


def test_doctor_where_something_is_wrong(cli: Cli) -> None:
    (cli.folder / "file").write_text("")
    options = ("--toolchain", "embedded")
    cache = str(cli.folder / "file" / "cache")
    human = cli("doctor", *options, PYORCH_CACHE=cache, COLUMNS="300")
    assert human.code == 3
    assert "no  cache" in human.out and "PYORCH_CACHE" in human.out
    result = cli("doctor", *options, "--json", PYORCH_CACHE=cache)
    assert (result.code, result.err) == (3, "")
    assert result.json["fine"] is False
    wrong = [f["name"] for f in result.json["findings"] if not f["fine"]]
    assert wrong == ["cache", "toolchain"]
