"""Runs what ``action.yml`` and ``.pre-commit-hooks.yaml`` say, as GitHub and pre-commit would.

The scripts are taken from the files as they stand. What is stood in for: the actions of others
(``uses``), which are skipped, and the evaluation of ``${{ … }}`` in what is not a script.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import PATIENCE, Result

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")

__all__ = ["EXAMPLE", "ROOT", "Runner", "git", "load_yaml", "run_hook"]

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples" / "gate"
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_CONDITION = re.compile(r"inputs\.([\w-]+) != '([^']*)'")


def load_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _run(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> Result:
    done = subprocess.run(
        list(command),
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", "PYTHONIOENCODING": "utf-8", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=PATIENCE,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def _on_path(folder: Path) -> str:
    """``pyorch`` of these tests, as a command."""
    folder.mkdir(exist_ok=True)
    command = folder / "pyorch"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pyorch "$@"\n')
    command.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@dataclass
class Runner:
    """A job that uses the action, in a repository that is a copy of the example.

    Attributes:
        folder: scratch space, in which ``repo`` lies.
        event: the ``github.event`` of the job.
        ran: the steps that were run, with their results.
    """

    folder: Path
    event: dict[str, str] = field(default_factory=dict)
    ran: dict[str, Result] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.action = load_yaml(ROOT / "action.yml")
        self.repo = self.folder / "größe x" / "repo"  # a name that careless shell code trips over
        shutil.copytree(EXAMPLE, self.repo)
        git(self.repo, "init", "--quiet", "--initial-branch", "main")
        self.commit()
        self.temp = self.folder / "temp"
        self.temp.mkdir()
        self.outputs: dict[str, str] = {}
        self.env = {"PATH": _on_path(self.folder / "bin"), "RUNNER_TEMP": str(self.temp)}

    def commit(self) -> str:
        git(self.repo, "add", ".")
        git(self.repo, "commit", "--quiet", "--allow-empty", "--message", "State")
        return git(self.repo, "rev-parse", "HEAD")

    @property
    def summary(self) -> str:
        return self._file("GITHUB_STEP_SUMMARY").read_text(encoding="utf-8")

    def _file(self, variable: str) -> Path:
        path = self.folder / variable
        path.touch()
        return path

    def run(self, *names: str, **inputs: str) -> Result:
        """Run the steps of these names in order, up to the first that fails.

        Args:
            inputs: those of the action, with ``_`` for ``-``.
        """
        given = {name: str(spec.get("default", "")) for name, spec in self.action["inputs"].items()}
        changed = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert set(changed) <= set(given), "the action has no such input"
        given |= changed
        steps = {step["name"]: step for step in self.action["runs"]["steps"]}
        result = Result(0, "", "")
        for name in names:
            step = steps[name]
            if "uses" in step or not self._wanted(step.get("if"), given):
                continue
            result = self.ran[name] = self._step(step, given)
            if result.code != 0:
                break
        return result

    def _wanted(self, condition: str | None, inputs: Mapping[str, str]) -> bool:
        if condition is None or condition == "always()":
            return True
        match = _CONDITION.fullmatch(condition)
        assert match is not None, f"a condition that these tests cannot evaluate: {condition}"
        return inputs[match[1]] != match[2]

    def _step(self, step: Mapping[str, Any], inputs: Mapping[str, str]) -> Result:
        context = {f"inputs.{name}": value for name, value in inputs.items()}
        context |= {f"github.event.{name}": value for name, value in self.event.items()}
        context["github.action_path"] = str(ROOT)

        def evaluate(text: str) -> str:
            def value(match: re.Match[str]) -> str:
                names = (name.strip() for name in match[1].split("||"))
                return next((v for name in names if (v := context.get(name, ""))), "")

            return _EXPRESSION.sub(value, text)

        files = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
        env = {name: str(self._file(name)) for name in files} | self.env
        env |= {name: evaluate(str(value)) for name, value in step.get("env", {}).items()}
        script = self.folder / "script.sh"
        script.write_text(step["run"], encoding="utf-8")
        assert step["shell"] == "bash"  # which GitHub takes to mean this
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        place = evaluate(step.get("working-directory", "."))
        result = _run(command, self.repo / place, env)
        self.outputs = _pairs(self._file("GITHUB_OUTPUT"))
        self.env |= _pairs(self._file("GITHUB_ENV"))
        added = self._file("GITHUB_PATH").read_text(encoding="utf-8").split("\n")
        self.env["PATH"] = os.pathsep.join([*filter(None, added), self.env["PATH"]])
        return result


def _pairs(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def run_hook(runner: Runner, name: str, args: Sequence[str] | None = None) -> Result:
    """Run a hook as pre-commit does: at the root of the repository, without a shell."""
    hooks = {hook["id"]: hook for hook in load_yaml(ROOT / ".pre-commit-hooks.yaml")}
    hook = hooks[name]
    assert hook["pass_filenames"] is False and hook["language"] == "python"
    command = [*shlex.split(hook["entry"]), *(hook["args"] if args is None else args)]
    found = shutil.which(command[0], path=runner.env["PATH"])
    assert found is not None
    return _run([found, *command[1:]], runner.repo, runner.env)
