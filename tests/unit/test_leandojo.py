"""The LeanDojo adapter against the installed package, with stand-ins for ``lake`` and ``lean``.

LeanDojo is heavy, so it may be absent, or live in another virtual environment, whose interpreter
``LEANDOJO_PYTHON`` names; without it most of these tests are skipped.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from pyorch.errors import (
    InputError,
    ProtocolError,
    PyorchError,
    ServerCrashed,
    ServerTimeout,
    ToolchainError,
    UsageError,
)
from pyorch.model import Goal, Hypothesis
from pyorch.search.leandojo import open_theorem
from pyorch.search.model import Closed, Failed, Prover, Split
from tests.unit import stand_in_lake

PYTHON = os.environ.get("LEANDOJO_PYTHON", sys.executable)
needs_leandojo = pytest.mark.skipif(
    "LEANDOJO_PYTHON" not in os.environ and importlib.util.find_spec("lean_dojo") is None,
    reason="lean-dojo is not installed (pip install 'pyorch[leandojo]', or set LEANDOJO_PYTHON)",
)
DEMO = """theorem two_add_two : 2 + 2 = 4 := by
  rfl

theorem both : p → q → p ∧ q := by
  simp
"""
NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there, so that a request to GitHub fails wherever the tests run."""


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@dataclass(frozen=True)
class Place:
    """A repository, a cache, and an environment with the stand-ins."""

    repo: Path
    cache: Path
    log: Path
    environ: dict[str, str]

    def open(self, theorem: str = "both", file: str = "Demo.lean", **options: Any) -> Any:
        return open_theorem(
            self.repo,
            file,
            theorem,
            cache=self.cache,
            environ=self.environ,
            **{"python": PYTHON, **options},
        )

    def refusal(self, **options: Any) -> PyorchError:
        with pytest.raises(PyorchError) as caught, self.open(**options):
            pass
        assert "\n" not in str(caught.value)
        return caught.value


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A committed repository that LeanDojo has not seen."""
    repo = tmp_path / "demo"
    repo.mkdir()
    (repo / "Demo.lean").write_text(DEMO)
    (repo / "lakefile.toml").write_text('name = "demo"\n[[lean_lib]]\nname = "Demo"\n')
    (repo / "lean-toolchain").write_text("leanprover/lean4:v4.20.0\n")
    git(repo, "init", "--quiet")
    git(repo, "add", ".")
    git(repo, "commit", "--quiet", "--message", "A theorem")
    prefix = tmp_path / "prefix"
    (prefix / "lib").mkdir(parents=True)
    log = tmp_path / "log"
    log.touch()
    script(
        tmp_path / "bin" / "lean",
        f'''echo "lean $@" >> "$STAND_IN_LOG"
case $1 in
--version) echo "Lean (version 4.20.0, x86_64-unknown-linux-gnu, commit 77cfc4d1a4ec, Release)";;
--print-prefix) echo "{prefix}";;
*) exit 1;;
esac''',
    )
    stand_in = Path(stand_in_lake.__file__)
    script(tmp_path / "bin" / "lake", f'exec "{sys.executable}" "{stand_in}" "$@"')
    environ = {
        **os.environ,
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "STAND_IN_LOG": str(log),
        "https_proxy": NOWHERE,
        "HTTPS_PROXY": NOWHERE,
        "no_proxy": "",
        "NO_PROXY": "",
    }
    return Place(repo, tmp_path / "cache", log, environ)


@pytest.fixture
def traced(place: Place) -> Place:
    """The same, with what tracing it would have left in the cache."""
    commit = git(place.repo, "rev-parse", "HEAD")
    folder = place.cache / "leandojo" / f"gitpython-demo-{commit}" / "demo"
    shutil.copytree(place.repo, folder)
    (folder / "Lean4Repl.lean").write_text("")
    stand_in_lake.trace(folder)
    return place


# ---- what needs no LeanDojo ----------------------------------------------------------------------


def test_it_is_not_installed(place: Place, tmp_path: Path) -> None:
    bare = script(tmp_path / "python", f'exec "{sys.executable}" -I -S "$@"')
    error = place.refusal(python=str(bare))
    assert isinstance(error, ToolchainError)
    assert str(error) == (
        "LeanDojo is not installed; install it with `pip install 'pyorch[leandojo]'`"
    )


def test_it_is_too_old(place: Place, tmp_path: Path) -> None:
    info = tmp_path / "old" / "lean_dojo-2.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lean-dojo\nVersion: 2.1.0\n")
    old = script(tmp_path / "python", f'PYTHONPATH="{info.parent}" exec "{sys.executable}" -S "$@"')
    error = place.refusal(python=str(old))
    assert isinstance(error, ToolchainError)
    assert str(error).startswith("LeanDojo 2.1.0 is too old, 4.20 or later is needed; install")


def test_no_such_interpreter(place: Place, tmp_path: Path) -> None:
    error = place.refusal(python=str(tmp_path / "nothing"))
    assert isinstance(error, ToolchainError) and "cannot start" in str(error)


def test_no_lean(place: Place, tmp_path: Path) -> None:
    (tmp_path / "bin" / "lean").unlink()
    git_only = script(tmp_path / "git" / "git", "").parent
    bare = replace(place, environ={**place.environ, "PATH": f"{tmp_path / 'bin'}:{git_only}"})
    error = bare.refusal()
    assert isinstance(error, ToolchainError)
    assert str(error) == "LeanDojo needs lean on PATH; install git and elan"


@pytest.mark.parametrize(
    "file",
    ["a;reboot.lean", "$(x).lean", "two words.lean", "../Demo.lean", "/Demo.lean", "-x.lean", "x"],
)
def test_a_path_that_is_no_path(place: Place, file: str) -> None:
    error = place.refusal(file=file)
    assert isinstance(error, InputError) and "must be a path in the repository" in str(error)


def test_what_is_no_repository(place: Place) -> None:
    assert "Absent.lean: no such file" in str(place.refusal(file="Absent.lean"))
    (place.repo / "lean-toolchain").write_text("stable\n")
    assert "'stable' is not of the form leanprover/lean4:VERSION" in str(place.refusal())
    shutil.rmtree(place.repo / ".git")
    assert "is not the root of a git repository" in str(place.refusal())


def test_nothing_of_it_is_imported() -> None:
    code = (
        "import sys, pyorch.search.leandojo\n"
        "assert not {'lean_dojo', 'ray', 'loguru', 'dotenv', 'git'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- with LeanDojo -------------------------------------------------------------------------------


@needs_leandojo
def test_a_proof(traced: Place) -> None:
    with traced.open() as (prover, state):
        checked: Prover = prover
        assert (prover.commit, prover.lean) == (git(traced.repo, "rev-parse", "HEAD"), "v4.20.0")
        assert state.goals == (Goal("p → q → p ∧ q"),)
        assert (state.handle, state.size) == (0, 8)
        tactics = ["constructor", "rfl", "nonsense", "chatter", "intro ⟨hp, hq⟩"]
        split, closed, failed, chatter, intro = checked.apply(state, tactics)
        assert closed == Closed()
        assert failed == Failed("unknown tactic 'nonsense' at 0")
        assert chatter == Failed("unknown tactic")
        assert isinstance(split, Split)
        (both,) = split.states
        names = (Hypothesis("p", "Prop"), Hypothesis("q", "Prop"), Hypothesis("hp", "p"))
        assert both.goals == (Goal("p", names, "left"), Goal("q", names, "right"))
        assert both.key != state.key
        assert isinstance(intro, Split)
        assert intro.states[0].goals[0].hypotheses[3] == Hypothesis("hq", "q ∧\n    q")
        assert checked.apply(both, ["nonsense"]) == [Failed("unknown tactic 'nonsense' at 1")]
        assert checked.apply(both, ["give up"]) == [Failed("the proof has a sorry")]
        checked.release([both])
        with pytest.raises(UsageError, match="proof state 1 was released"):
            checked.apply(both, ["rfl"])
    assert [line.split()[:5] for line in traced.log.read_text().splitlines()] == [
        ["lake", "env", "lean", "--threads=1", "--memory=32768"]
    ]


@needs_leandojo
def test_some_tactics_are_not_sent(traced: Place) -> None:
    refused = ["run_tac pure ()", "exact sorry", "native_decide", "rfl\x7f", "rfl\x03", "x" * 4000]
    with traced.open() as (prover, state):
        *outcomes, long = prover.apply(state, [*refused, "ξ" * 290])
        for outcome in outcomes:
            assert isinstance(outcome, Failed) and outcome.message.startswith("not tried: it ")
        assert long == Failed(f"unknown tactic '{'ξ' * 290}' at 0")


@needs_leandojo
@pytest.mark.parametrize(
    ("tactic", "error", "words"),
    [
        ("hang", ServerTimeout, "the tactic took too long; open the theorem again"),
        ("crash", ServerCrashed, "LeanDojo's Lean ended: Unexpected EOF"),
        ("garbage", ServerCrashed, "LeanDojo's Lean ended: Invalid JSON: {"),
    ],
)
def test_a_lean_that_misbehaves(
    traced: Place, tactic: str, error: type[PyorchError], words: str
) -> None:
    with traced.open(seconds=1.0) as (prover, state), pytest.raises(error) as caught:
        prover.apply(state, [tactic])
    assert str(caught.value) == words


@needs_leandojo
def test_nothing_is_left_behind(traced: Place, tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / ".lake").mkdir(parents=True)
    (work / ".lake" / "lakefile.olean").write_text("LeanDojo deletes this where it stands")
    before = dict(os.environ), Path.cwd(), logging.getLogger().handlers[:]
    cached = sorted(traced.cache.rglob("*"))
    os.chdir(work)
    try:
        with traced.open() as (prover, state):
            prover.apply(state, ["rfl"])
            assert list(tmp_path.parent.glob(".cache")) == []
            children = psutil.Process().children(recursive=True)
            assert any("stand_in_lake" in " ".join(c.cmdline()) for c in children)
    finally:
        os.chdir(before[1])
    assert (dict(os.environ), Path.cwd(), logging.getLogger().handlers[:]) == before
    assert (work / ".lake" / "lakefile.olean").exists()
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert "lean_dojo" not in sys.modules and "ray" not in sys.modules
    assert git(traced.repo, "status", "--porcelain") == ""
    left = {p.relative_to(traced.cache) for p in {*traced.cache.rglob("*")} - {*cached}}
    own = Path("leandojo", "repos")  # LeanDojo's copy of the repository, for the next time
    assert {p for p in left if not p.is_relative_to(own)} <= {Path("leandojo.lock")}


@needs_leandojo
def test_a_theorem_that_is_not_there(traced: Place) -> None:
    error = traced.refusal(theorem="absent")
    assert isinstance(error, InputError)
    assert str(error).startswith("Demo.lean: absent: Failed to locate the theorem")


@needs_leandojo
def test_a_lean_that_it_cannot_trace(place: Place) -> None:
    (place.repo / "lean-toolchain").write_text("leanprover/lean4:v4.28.0\n")
    git(place.repo, "commit", "--quiet", "--all", "--message", "A newer Lean")
    error = place.refusal()
    assert isinstance(error, InputError)
    assert str(error).startswith(f"{place.repo}: asks for Lean v4.28.0; LeanDojo 4.")
    assert place.log.read_text() == ""


@needs_leandojo
def test_uncommitted_changes(traced: Place) -> None:
    (traced.repo / "Demo.lean").write_text(DEMO + "-- more\n")
    assert str(traced.refusal()) == (
        f"{traced.repo}: has changes that are not committed; LeanDojo opens commits"
    )


@needs_leandojo
def test_tracing_ends_at_github(place: Place) -> None:
    """LeanDojo builds and traces by the stand-ins, and reads its trace; then it asks GitHub."""
    error = place.refusal()
    assert isinstance(error, ToolchainError)
    assert str(error).startswith("LeanDojo cannot reach GitHub, which it asks once: ")
    assert place.log.read_text().splitlines() == [
        "lake exe cache get",
        "lake build",
        "lean --print-prefix",
        "lean --version",
        "lake env lean --threads 2 --run ExtractData.lean noDeps",
        "lake build Lean4Repl",
    ]


@needs_leandojo
def test_a_project_that_does_not_build(place: Place) -> None:
    error = replace(place, environ={**place.environ, "STAND_IN_FAILS": "1"}).refusal()
    assert isinstance(error, ToolchainError) and not isinstance(error, ProtocolError)
    assert "'lake build' returned non-zero exit status 1" in str(error)


@needs_leandojo
def test_a_token_asks_nobody_at_import(traced: Place) -> None:
    environ = {**traced.environ, "GITHUB_ACCESS_TOKEN": "no-token"}
    with replace(traced, environ=environ).open() as (prover, state):
        assert prover.apply(state, ["rfl"]) == [Closed()]
