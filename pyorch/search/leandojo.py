"""LeanDojo as a `Prover`: opens a theorem of a local repository on a native Lean.

Optional (``pip install 'pyorch[leandojo]'``, see ``docs/leandojo.md``); nothing here imports it.
LeanDojo runs in a process of its own (`pyorch.search.leandojo_worker`), because what its import and
its work do to a process cannot be undone within it: settings are read from the environment once,
the working directory changes, Lake's output goes to standard output, and a tactic that hangs can
only be ended together with the process.

What Lean accepts here is a proposal like any other: LeanDojo's Lean runs unconfined, and its word
is no verdict. `pyorch.audit` judges the whole file.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyorch.errors import (
    InputError,
    ProtocolError,
    PyorchError,
    ServerCrashed,
    ServerTimeout,
    ToolchainError,
    UsageError,
)
from pyorch.lean.process import LeanProcess
from pyorch.model import Goal, Hypothesis
from pyorch.search.model import Closed, Failed, Outcome, ProofState, Split
from pyorch.search.suggest.policy import refusal

__all__ = ["LeanDojoProver", "open_theorem"]

_WORKER = Path(__file__).with_name("leandojo_worker.py")
_GRACE = 30.0
"""Seconds beyond LeanDojo's own limit for a tactic, after which its process is ended."""
_INSTALL = "install it with `pip install 'pyorch[leandojo]'`"
_TOOLCHAIN = re.compile(r"leanprover/lean4:\S+")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*\.lean")
_CASE = re.compile(r"case (\S+)\n")


class LeanDojoProver:
    """A `Prover` over one theorem that LeanDojo has opened; made by `open_theorem`.

    Several goals stay together in one state, and tactics act on the first: LeanDojo does not
    separate them.

    Attributes:
        commit: of the repository.
        lean: version of Lean that the repository asks for.
        version: of LeanDojo.
    """

    def __init__(self, process: LeanProcess, seconds: float, opened: Mapping[str, Any]) -> None:
        self._process, self._seconds = process, seconds
        self.commit, self.lean = str(opened["commit"]), str(opened["lean"])
        self.version = str(opened["version"])

    def apply(self, state: ProofState, tactics: Sequence[str]) -> Sequence[Outcome]:
        """What each tactic makes of ``state``, one after the other.

        Raises:
            ServerTimeout, ServerCrashed: the theorem has to be opened again.
            UsageError: ``state`` was released.
        """
        return [self._apply(state, tactic) for tactic in tactics]

    def _apply(self, state: ProofState, tactic: str) -> Outcome:
        # nothing confines that Lean, and its terminal cuts long lines off and obeys controls
        problem = refusal(tactic)
        if problem is not None:
            return Failed(f"not tried: it {problem}")
        payload = {"op": "apply", "state": state.handle, "tactic": tactic}
        answer = _ask(self._process, payload, self._seconds + _GRACE)
        if "closed" in answer:
            return Closed()
        if "failed" in answer:
            return Failed(str(answer["failed"]))
        return Split((_state(answer),))

    def release(self, states: Sequence[ProofState]) -> None:
        """Forget the states here; Lean itself keeps them until the theorem is closed."""
        payload = {"op": "release", "states": [state.handle for state in states]}
        _ask(self._process, payload, _GRACE)


@contextmanager
def open_theorem(
    repo: Path,
    file: str,
    theorem: str,
    *,
    cache: Path,
    seconds: float = 60.0,
    build_seconds: float = 7200.0,
    python: str = sys.executable,
    environ: Mapping[str, str] = os.environ,
) -> Iterator[tuple[LeanDojoProver, ProofState]]:
    """Open a theorem of a local repository at its last commit.

    The first time, LeanDojo builds and traces the repository, which takes about 1.5 times as long
    as ``lake build`` and asks GitHub for the commit of Lean's version. The result is kept.

    Args:
        repo: root of a git repository with a Lake project and a ``lean-toolchain``.
        file: the Lean file, relative to ``repo``.
        theorem: fully qualified name.
        cache: pyorch's cache folder; traced repositories go to ``leandojo`` below it.
        seconds: for one tactic.
        build_seconds: for tracing and opening.
        python: an interpreter that has LeanDojo.
        environ: ``PATH`` has ``git``, and ``lake`` and ``lean`` of elan.

    Raises:
        InputError: the repository or the theorem cannot be opened by LeanDojo.
        ToolchainError: LeanDojo, git or Lean is missing, or GitHub cannot be reached.
        ServerTimeout, ServerCrashed, ProtocolError: it did not answer.
    """
    source = _Source(repo.absolute(), file, theorem)
    source.examine(environ.get("PATH", ""))
    with tempfile.TemporaryDirectory(prefix="pyorch-leandojo-") as scratch:
        env = _environment(cache, scratch, environ)
        payload = {"op": "open", "repo": str(source.repo), "file": file, "theorem": theorem}
        with LeanProcess([python, str(_WORKER)], env=env) as process:
            opened = _ask(process, {**payload, "seconds": seconds}, build_seconds, source)
            yield LeanDojoProver(process, seconds, opened), _state(opened)


@dataclass(frozen=True)
class _Source:
    """What is to be opened."""

    repo: Path
    file: str
    theorem: str

    def examine(self, path: str) -> None:
        """Find out what LeanDojo would trip over."""
        missing = [
            name for name in ("git", "lake", "lean") if shutil.which(name, path=path) is None
        ]
        if missing:
            raise ToolchainError(
                f"LeanDojo needs {' and '.join(missing)} on PATH; install git and elan"
            )
        if not (self.repo / ".git").exists():
            raise InputError(self.repo, "", "is not the root of a git repository")
        pin = self.repo / "lean-toolchain"
        text = pin.read_text(encoding="utf-8").strip() if pin.is_file() else "nothing"
        if not _TOOLCHAIN.fullmatch(text):
            raise InputError(pin, "", f"{text!r} is not of the form leanprover/lean4:VERSION")
        # LeanDojo puts the path into a command line
        if not _FILE.fullmatch(self.file) or ".." in self.file.split("/"):
            raise InputError(
                self.file, "", "must be a path in the repository, of letters, digits and ./_-"
            )
        if not (self.repo / self.file).is_file():
            raise InputError(self.file, "", f"no such file in {self.repo}")

    def error(self, kind: str, message: str, process: LeanProcess) -> PyorchError:
        """The exception for what the worker reports."""
        if kind == "theorem":
            return InputError(self.file, self.theorem, message)
        if kind == "repository":
            return InputError(self.repo, "", message)
        if kind == "command":
            said = next((t for t in reversed(process.chatter) if t.startswith("error")), "")
            return ToolchainError(f"{message} {said}".strip())
        return _error(kind, message)


def _error(kind: str, message: str) -> PyorchError:
    match kind:
        case "missing":
            return ToolchainError(f"{message}; {_INSTALL}")
        case "network":
            return ToolchainError(f"LeanDojo cannot reach GitHub, which it asks once: {message}")
        case "timeout":
            return ServerTimeout("the tactic took too long; open the theorem again")
        case "crash":
            return ServerCrashed(f"LeanDojo's Lean ended: {message}")
        case "usage":
            return UsageError(message)
        case _:
            return ProtocolError(f"LeanDojo failed: {message}")


def _environment(cache: Path, scratch: str, environ: Mapping[str, str]) -> dict[str, str]:
    traced = cache.absolute() / "leandojo"
    traced.mkdir(parents=True, exist_ok=True)
    return {
        **environ,
        "CACHE_DIR": str(traced),
        "TMP_DIR": scratch,
        "DISABLE_REMOTE_CACHE": "1",  # a traced repository of somebody else's is not to be trusted
        "NUM_PROCS": "2",  # with one worker LeanDojo starts no ray
        "GIT_TERMINAL_PROMPT": "0",
        "RAY_USAGE_STATS_ENABLED": "0",
    }


def _ask(
    process: LeanProcess, payload: Mapping[str, Any], seconds: float, source: _Source | None = None
) -> Mapping[str, Any]:
    answer = process.request(payload, seconds)
    error = answer.get("error")
    if error is None:
        return answer
    kind, message = str(error["kind"]), str(error["message"])
    raise _error(kind, message) if source is None else source.error(kind, message, process)


def _state(answer: Mapping[str, Any]) -> ProofState:
    state = answer["state"]
    text = str(state["text"])
    names = [match[1] if (match := _CASE.match(goal)) else "" for goal in text.split("\n\n")]
    goals = tuple(
        Goal(
            target=str(goal["target"]),
            hypotheses=tuple(Hypothesis(str(n), str(t)) for n, t in goal["hypotheses"]),
            name=name,
        )
        for goal, name in zip(state["goals"], names, strict=False)
    )
    return ProofState(
        key=hashlib.sha256(text.encode()).hexdigest(),
        goals=goals,
        size=len(re.findall(r"\w+|[^\w\s]", text)),
        handle=int(state["id"]),
    )
