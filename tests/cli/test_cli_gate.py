"""The gate, by its own commands: the scripts of ``action.yml``, run by bash on a copy of the
example repository, and the hooks of ``.pre-commit-hooks.yaml``; with the real Lean."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pyorch.lean.workbench import Workbench
from tests.cli.gate import EXAMPLE, ROOT, Runner, git, load_yaml, run_hook

GATE = ("Look at the inputs", "Build", "Cross-check claims", "Audit")
SORRY = "\n/-- One more. -/\ntheorem clamp_self (x : Int) : clamp x x x = x := by\n  sorry\n"


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A job, for steps without Lean."""
    return Runner(tmp_path)


@pytest.fixture
def job(runner: Runner, bench: Workbench) -> Runner:
    """A job, with the session's warm server and what the example imports compiled."""
    bench.library(("PyOrch.Rounding",))
    return runner


def with_of_example() -> dict[str, str]:
    """The inputs that the example's workflow gives to the action."""
    workflow = load_yaml(EXAMPLE / ".github" / "workflows" / "ci.yml")
    (step,) = (s for s in workflow["jobs"]["gate"]["steps"] if "pyorch" in s["uses"])
    return {name.replace("-", "_"): str(value) for name, value in step["with"].items()}


def add_sorry(runner: Runner) -> None:
    file = runner.repo / "Gate" / "Todo.lean"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("\nend Gate", f"{SORRY}\nend Gate"), encoding="utf-8")


# ---- the files -----------------------------------------------------------------------------------


def test_no_input_becomes_shell_code() -> None:
    steps = load_yaml(ROOT / "action.yml")["runs"]["steps"]
    scripts = [step["run"] for step in steps if "run" in step]
    assert len(scripts) == 7
    assert not any("${{" in script for script in scripts)
    for script in scripts:
        subprocess.run(["bash", "-n", "-c", script], check=True)


def test_every_input_is_used_and_described() -> None:
    action = load_yaml(ROOT / "action.yml")
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    for name, spec in action["inputs"].items():
        assert spec["description"] and isinstance(spec["default"], str), name
        assert re.search(rf"inputs\.{name}\b", text), name
    described = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in described for name in (*action["inputs"], *action["outputs"]))


def test_the_examples_fit() -> None:
    assert {n.replace("_", "-") for n in with_of_example()} <= {
        *load_yaml(ROOT / "action.yml")["inputs"]
    }
    (used,) = load_yaml(EXAMPLE / ".pre-commit-config.yaml")["repos"]
    hooks = {hook["id"] for hook in load_yaml(ROOT / ".pre-commit-hooks.yaml")}
    assert {hook["id"] for hook in used["hooks"]} == hooks
    described = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
    for name in (".github/workflows/ci.yml", ".pre-commit-config.yaml"):
        assert (EXAMPLE / name).read_text(encoding="utf-8") in described, name
    pin = (ROOT / "lean-toolchain").read_text(encoding="utf-8")
    assert (EXAMPLE / "lean-toolchain").read_text(encoding="utf-8") == pin


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fail_on", "sometimes"),
        ("wfail", "yes"),
        ("summary", "$(touch pwned)"),
        ("base", "main"),
        ("base", "a`touch pwned`"),
    ],
)
def test_inputs_that_cannot_be_meant(runner: Runner, name: str, value: str) -> None:
    result = runner.run("Look at the inputs", **{name: value})
    assert result.code == 2
    assert f"the input '{name.replace('_', '-')}' must be" in result.err
    assert len(result.err.splitlines()) == 1
    assert not list(runner.folder.rglob("pwned"))


def test_a_claim_is_not_shell_code(runner: Runner) -> None:
    result = runner.run("Cross-check claims", claims="$(touch pwned) ; touch pwned")
    assert result.code == 2
    assert result.err.startswith("pyorch: ")
    option = runner.run("Cross-check claims", claims="--help")
    assert option.code == 2 and "'--help'" in option.err
    assert not list(runner.folder.rglob("pwned"))


def test_a_claim_that_is_false(runner: Runner) -> None:
    assert runner.run("Cross-check claims", claims="no_such_claim").code == 2
    assert runner.run("Cross-check claims", claims="none") is not None
    assert runner.run("Cross-check claims", claims="quantization_error_bound").code == 0


# ---- on the example ------------------------------------------------------------------------------


def test_the_example_passes(job: Runner) -> None:
    result = job.run(*GATE, **with_of_example())
    assert result.code == 0, result
    assert list(job.ran) == list(GATE)
    assert "BUILT" in job.ran["Build"].out
    assert "Gate/Todo.lean:8:8: warning: declaration uses `sorry`" in job.ran["Build"].out
    assert "ACCEPTED (kernel tier): Gate/Clamp.lean" in job.ran["Audit"].out


def test_a_warning_fails_by_default(job: Runner) -> None:
    result = job.run(*GATE)
    assert (result.code, list(job.ran)) == (1, ["Look at the inputs", "Build"])


def test_a_project_in_a_folder(job: Runner) -> None:
    folder = job.repo / "proofs"
    folder.mkdir()
    shutil.move(job.repo / "Gate", folder / "Gate")
    (job.repo / "Gate.lean").unlink()
    assert job.run("Build", path="proofs", wfail="false").code == 0
    assert job.run("Build", path=".", toolchain="sideways").code == 2


def test_a_file_that_does_not_compile(job: Runner) -> None:
    (job.repo / "Gate" / "Wrong.lean").write_text("theorem wrong : 1 = 2 := by decide\n")
    result = job.run(*GATE, **with_of_example())
    assert (result.code, list(job.ran)) == (1, ["Look at the inputs", "Build"])
    assert "Gate/Wrong.lean:1:" in result.out and "error: " in result.out


def test_an_audit_that_fails(job: Runner) -> None:
    (job.repo / "Open.lean").write_text("theorem later : 1 = 1 := by sorry\n")
    (job.repo / "--help.lean").write_text("theorem now : 1 = 1 := rfl\n")
    result = job.run("Audit", audit="--help.lean\n\nOpen.lean\nGate/Clamp.lean\n")
    assert result.code == 1
    assert "ACCEPTED (kernel tier): --help.lean" in result.out
    assert "REJECTED: Open.lean" in result.out
    assert "Clamp" not in result.out


def test_hooks(job: Runner) -> None:
    (used,) = load_yaml(EXAMPLE / ".pre-commit-config.yaml")["repos"]
    given = {hook["id"]: hook.get("args") for hook in used["hooks"]}
    assert run_hook(job, "pyorch-build", given["pyorch-build"]).code == 0
    assert run_hook(job, "pyorch-build").code == 1  # its default is --wfail
    assert run_hook(job, "pyorch-check", given["pyorch-check"]).code == 0


# ---- sorries: the script, with a stand-in for the command ----------------------------------------

RECORDER = """#!/bin/sh
echo "$(git rev-parse HEAD) $*" >> "$RUNNER_TEMP/asked"
for argument; do
  case $argument in *.json|*.md) echo "a report" > "$argument";; esac
done
[ -z "$(find . -name Wrong.lean)" ] || exit 1
exit "${SAYS:-0}"
"""


@pytest.fixture
def recorded(runner: Runner) -> Runner:
    """A job whose ``pyorch`` notes at which commit it is asked for what."""
    (runner.folder / "bin" / "pyorch").write_text(RECORDER)
    return runner


def asked(runner: Runner) -> list[list[str]]:
    text = (runner.temp / "asked").read_text(encoding="utf-8")
    return [line.split() for line in text.replace(f"{runner.temp}/", "").splitlines()]


HISTORY = ["--history", "pyorch-reports/history.sqlite"]
REPORTS = ["--report", "pyorch-reports/sorries.json", "--report", "pyorch-reports/sorries.md"]


@pytest.mark.parametrize("says", [0, 1, 3])
@pytest.mark.parametrize("event", ["before", "pull_request.base.sha"])
def test_it_is_compared_with_the_base(recorded: Runner, says: int, event: str) -> None:
    base, head = recorded.commit(), recorded.commit()
    recorded.event = {event: base}
    recorded.env["SAYS"] = "0"
    assert recorded.run("Count sorries").code == 0
    assert asked(recorded) == [
        [head, "sorries", *HISTORY, "--fail-on-increase", "--since", base, *REPORTS, "."],
    ]
    assert recorded.outputs == {"report": str(recorded.temp / "pyorch-reports" / "sorries.json")}
    assert recorded.summary == "a report\n"
    recorded.env["SAYS"] = str(says)
    assert recorded.run("Count sorries", fail_on="any").code == says
    assert asked(recorded)[1] == [head, "sorries", *HISTORY, "--fail-on-any", *REPORTS, "."]


def test_a_base_is_fetched(recorded: Runner) -> None:
    there = recorded.folder / "there"
    git(recorded.folder, "clone", "--quiet", str(recorded.repo), str(there))
    (there / "More.lean").write_text("")
    git(there, "add", ".")
    git(there, "commit", "--quiet", "--message", "More")
    git(recorded.repo, "remote", "add", "origin", str(there))
    base = git(there, "rev-parse", "HEAD")
    assert recorded.run("Count sorries", base=base).code == 0
    assert asked(recorded)[0][-len(REPORTS) - 2 : -len(REPORTS) - 1] == [base]
    assert git(recorded.repo, "cat-file", "-t", base) == "commit"


@pytest.mark.parametrize("base", ["f" * 40, "0" * 40])
def test_nothing_to_compare_with(recorded: Runner, base: str) -> None:
    recorded.commit()
    result = recorded.run("Count sorries", base=base)
    assert result.code == 0
    words = "notice::pyorch: there is no base" if base == "0" * 40 else "warning::pyorch: there is"
    assert result.out.startswith(f"::{words}")
    assert asked(recorded)[-1][1:] == ["sorries", *HISTORY, *REPORTS, "."]


def test_without_a_summary(recorded: Runner) -> None:
    assert recorded.run("Count sorries", fail_on="never", summary="false").code == 0
    assert recorded.summary == ""
    assert [line[1:] for line in asked(recorded)] == [["sorries", *HISTORY, *REPORTS, "."]]


# ---- sorries: for real ---------------------------------------------------------------------------


@pytest.mark.slow
def test_sorries_may_not_increase(job: Runner) -> None:
    job.event = {"before": job.commit()}
    same = job.run("Count sorries")
    assert same.code == 0, same
    add_sorry(job)
    job.commit()
    more = job.run("Count sorries")
    assert more.code == 1
    assert "clamp_self" in more.out
    assert "clamp_self" in job.summary and "clamp_clamp" in job.summary
    report = json.loads(Path(job.outputs["report"]).read_text(encoding="utf-8"))
    assert report["schema"].startswith("pyorch-sorries-")
    assert git(job.repo, "worktree", "list").count("\n") == 0
    assert git(job.repo, "status", "--porcelain") == ""


@pytest.mark.slow
def test_one_sorry_is_too_many(job: Runner) -> None:
    assert job.run("Count sorries", fail_on="any").code == 1
    assert job.run("Count sorries", fail_on="never", summary="false").code == 0
    assert job.summary.count("clamp_clamp") == 1


@pytest.mark.slow
def test_without_a_base(job: Runner) -> None:
    job.event = {"before": "0" * 40}
    result = job.run("Count sorries")
    assert result.code == 0
    assert "::notice::pyorch: there is no base" in result.out


@pytest.mark.slow
def test_a_base_that_does_not_elaborate(job: Runner) -> None:
    wrong = job.repo / "Gate" / "Wrong.lean"
    wrong.write_text("theorem wrong : 1 = 2 := by decide\n")
    job.event = {"before": job.commit()}
    assert job.run("Count sorries").code != 0
    wrong.unlink()
    job.commit()
    result = job.run("Count sorries")
    assert result.code == 0
    assert "no change" in result.out


@pytest.mark.slow
def test_the_hook_for_sorries(job: Runner) -> None:
    assert run_hook(job, "pyorch-sorries").code == 0
    job.commit()
    add_sorry(job)
    assert run_hook(job, "pyorch-sorries").code == 1
