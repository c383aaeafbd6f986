"""`pyorch search` and `pyorch sorries` through the command line, on the real Lean."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.runner import Cli, Forked

TRUE = "/-- Kept. -/\ntheorem a (n : Nat) : n + 0 = n := by\n  sorry -- kept, too\n"
FALSE = "theorem a (n : Nat) : n < 3 := by\n  sorry\n"
HARD = "theorem a (f : Nat → Nat) (n : Nat) : f n = f (n + 1) ∨ f 0 = f 0 + n := by\n  sorry\n"


def write(cli: Cli, text: str) -> Path:
    (cli.folder / "File.lean").write_text(text, encoding="utf-8")
    return cli.folder / "File.lean"


def test_it_is_closed_in_place(lean: Cli) -> None:
    file = write(lean, TRUE)
    result = lean("search", "File.lean", "--json")
    assert (result.code, result.err) == (0, "")
    report = result.json
    assert (report["schema"], report["written"]) == ("pyorch-search-1", "File.lean")
    (hole,) = report["holes"]
    assert (hole["status"], hole["declaration"], hole["left"]) == ("proved", "a", [])
    assert report["audit"]["passed"] and report["audit"]["trust"] == "kernel"
    text = file.read_text(encoding="utf-8")
    assert text == TRUE.replace("sorry", hole["script"])
    again = lean("search", "File.lean")
    assert (again.code, again.err.count("\n")) == (2, again.err.count("\n"))
    assert "has no sorry" in again.err


def test_it_is_written_elsewhere_or_not_at_all(lean: Cli) -> None:
    file = write(lean, TRUE)
    dry = lean("search", "File.lean", "--dry-run", "-q")
    assert (dry.code, file.read_text(encoding="utf-8")) == (0, TRUE)
    assert "nothing was written" in " ".join(dry.out.split())
    assert lean("search", "File.lean", "--to", "Closed.lean", "-q").code == 0
    assert file.read_text(encoding="utf-8") == TRUE
    assert "sorry --" not in (lean.folder / "Closed.lean").read_text(encoding="utf-8")


def test_a_false_theorem_is_refuted(lean: Cli) -> None:
    file = write(lean, FALSE)
    result = lean("search", "File.lean", "--json")
    assert result.code == 1
    assert result.json["holes"][0]["status"] == "refuted"
    (refutation,) = result.json["refutations"]
    assert "¬ (type_of% @_root_.a)" in refutation
    assert file.read_text(encoding="utf-8") == FALSE


def test_what_stays_open(lean: Cli) -> None:
    file = write(lean, HARD)
    result = lean("search", "File.lean", "--tactics", "24", "--no-disprove", "-q")
    assert result.code == 4
    assert "Left to prove" in result.out and "⊢" in result.out
    assert file.read_text(encoding="utf-8") == HARD


def test_a_file_that_imports_modules_of_its_project(lean: Cli) -> None:
    project = lean.folder / "project"
    (project / "Deep").mkdir(parents=True)
    (project / "Base.lean").write_text("def twice (n : Nat) : Nat := n + n\n", encoding="utf-8")
    text = "import Base\ntheorem a (n : Nat) : twice n = 2 * n := by\n  sorry\n"
    file = project / "Deep" / "File.lean"
    file.write_text(text, encoding="utf-8")
    result = lean("search", file, "--json", "--no-disprove")
    assert (result.code, result.err) == (0, "")
    assert result.json["audit"]["passed"]
    assert "sorry" not in file.read_text(encoding="utf-8")
    assert lean.files.keys() == {"project/Base.lean", "project/Deep/File.lean"}
    file.write_text(text.replace("Base", "Nowhere"), encoding="utf-8")
    missing = lean("search", file, "-q")
    assert (missing.code, len(missing.err.splitlines())) == (2, 1)
    assert "File.lean" in missing.err and "'Nowhere'" in missing.err


@pytest.mark.slow
def test_a_folder(lean: Cli) -> None:
    folder = lean.folder / "project"
    (folder / "Deep").mkdir(parents=True)
    (folder / "Done.lean").write_text("theorem done : 1 = 1 := rfl\n", encoding="utf-8")
    (folder / "Wrong.lean").write_text("theorem wrong : 1 = := sorry\n", encoding="utf-8")
    (folder / "Deep" / "A.lean").write_text(TRUE, encoding="utf-8")
    (folder / "B.lean").write_text("import Deep.A\n" + TRUE.replace(" a ", " b "), encoding="utf-8")
    result = lean("search", "project", "--json", "--no-disprove")
    assert (result.code, result.err) == (2, "")
    report = result.json
    assert report["schema"] == "pyorch-search-files-1"
    assert {f["file"]: f["written"] for f in report["files"]} == {
        f"project/{name}.lean": f"project/{name}.lean" for name in ("Deep/A", "B")
    }
    assert all(f["audit"]["passed"] for f in report["files"])
    assert report["without_sorry"] == ["project/Done.lean"]
    (problem,) = report["problems"]
    assert "Wrong.lean" in problem
    (folder / "Wrong.lean").unlink()
    again = lean("search", "project")
    assert again.code == 0
    assert "3 without sorry" in again.out


@pytest.mark.slow
def test_an_interrupted_search_leaves_the_file(lean: Cli) -> None:
    file = write(lean, HARD)
    process = lean.start("search", "File.lean", "--budget", "300", "--no-disprove")
    try:
        assert process.stderr is not None
        deadline = time.monotonic() + 120
        for line in process.stderr:
            if " tactics, " in line:
                break
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 130
    assert err.splitlines()[-1] == "pyorch: interrupted"
    assert lean.files.keys() == {"File.lean"}
    assert file.read_text(encoding="utf-8") == HARD


HOSTILE = (
    "sorry", "exact sorryAx _", "native_decide", "run_tac pure ()", "#eval 1", "admit",
    "exact (by sorry)", "axiom x : False", "import Lean", "rfl\ntheorem b : False := sorry",
)  # fmt: skip


def test_a_hostile_model_gains_nothing(lean: Cli) -> None:
    model = pytest.importorskip("tests.unit.llm_server")
    pytest.importorskip("openai")
    text = "theorem a (f : Nat → Nat) : f 0 = f 1 := by\n  sorry\n"
    file = write(lean, text)
    with model.serving(model.suggests(*HOSTILE)) as server:
        result = lean(
            "search", "File.lean", "--tactics", "60", "--no-disprove", "--json", "--fresh",
            "--llm-model", "hostile", "--llm-base-url", server.url,
        )  # fmt: skip
        assert server.asked
    assert (result.code, file.read_text(encoding="utf-8")) == (4, text)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("nowhere.lean",), ("nowhere.lean",)),
        (("File.lean", "--budget", "soon"), ("--budget", "soon")),
        (("File.lean", "--tactics", "0"), ("--tactics", "0")),
        (("File.lean", "--dry-run", "--to", "x"), ("--dry-run", "--to")),
        (("File.lean", "--to", "/proc/x/y"), ("/proc/x",)),
        ((".", "--to", "x"), ("--to",)),
    ],
)
def test_bad_input(tmp_path: Path, arguments: tuple[str, ...], names: tuple[str, ...]) -> None:
    cli = Forked(tmp_path)
    write(cli, TRUE)
    result = cli("search", *arguments)
    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1
    assert all(name in result.err for name in names)
    assert cli.files.keys() == {"File.lean"}


def test_sorries_are_counted(lean: Cli) -> None:
    write(lean, TRUE + "theorem b : True := (fun _ => trivial) (a 1)\n")
    result = lean("sorries", "File.lean", "--fail-on-any", "--json", "--report", "r.sarif")
    assert result.code == 1
    assert result.json["schema"].startswith("pyorch-sorries-")
    assert (lean.folder / "r.sarif").exists()
    assert lean("sorries", "File.lean", "--fail-on-increase", "-q").code == 0
    write(lean, TRUE + FALSE.replace("theorem a", "theorem c"))
    assert lean("sorries", "File.lean", "--fail-on-increase", "-q").code == 1
    write(lean, "theorem wrong : 1 = 2 := rfl\n")
    assert lean("sorries", "File.lean", "-q").code == 2


def test_a_report_in_no_known_format(tmp_path: Path) -> None:
    result = Forked(tmp_path)("sorries", "--report", "x.docx")
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert "x.docx" in result.err
