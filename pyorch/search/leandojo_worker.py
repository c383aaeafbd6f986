"""LeanDojo in a process of its own: what `pyorch.search.leandojo` starts.

This is a script, not to be imported. Importing LeanDojo reads settings from the environment once
and for all, loads the nearest ``.env``, resets loguru, runs git, logs in to GitHub if there is a
token, makes a cache folder and loads ray; at work it changes the working directory, deletes files
there and prints to standard output. All of that ends with this process. It needs LeanDojo and the
standard library only, so it also runs under the interpreter of another virtual environment.

The conversation is that of `pyorch.lean.process`: the first line is a marker, and each line that
begins with it is an answer.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module, metadata
from pathlib import Path
from traceback import extract_tb
from typing import Any

OLDEST = (4, 20)
"""The version of LeanDojo whose API is used here."""
BROKEN: dict[tuple[int, ...], tuple[int, ...]] = {(4, 20): (4, 28)}
"""For versions of LeanDojo the first Lean known not to take its ``ExtractData.lean``."""


class Refused(Exception):
    """What pyorch is to say to its user; ``kind`` selects the class of the error."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


# ---- LeanDojo ------------------------------------------------------------------------------------


def load_lean_dojo() -> Any:
    """Import LeanDojo without its reading of ``.env`` and its log-in to GitHub."""
    try:
        version = metadata.version("lean-dojo")
    except metadata.PackageNotFoundError:
        raise Refused("missing", "LeanDojo is not installed") from None
    if _numbers(version) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise Refused("missing", f"LeanDojo {version} is too old, {oldest} or later is needed")
    vars(import_module("dotenv"))["load_dotenv"] = lambda *_, **__: False
    token = os.environ.pop("GITHUB_ACCESS_TOKEN", None)
    try:
        import lean_dojo
    except ImportError as error:
        raise Refused("missing", f"LeanDojo cannot be imported: {error}") from error
    if token:
        github = import_module("github")
        logged_in = github.Github(auth=github.Auth.Token(token))
        vars(import_module("lean_dojo.data_extraction.lean"))["GITHUB"] = logged_in
        os.environ["GITHUB_ACCESS_TOKEN"] = token
    return lean_dojo


def _numbers(version: str) -> tuple[int, ...]:
    """``v4.20.0-rc1`` as (4, 20)."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


class Session:
    """One theorem, and the proof states that are kept of it."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.states: dict[int, Any] = {}
        self.dojo: Any = None
        self.lean_dojo: Any = None

    def open(self, request: dict[str, Any]) -> dict[str, Any]:
        self.lean_dojo = lean_dojo = load_lean_dojo()
        folder = request["repo"]
        if import_module("git").Repo(folder).is_dirty(untracked_files=True):
            raise Refused(
                "repository", "has changes that are not committed; LeanDojo opens commits"
            )
        repo = lean_dojo.LeanGitRepo.from_path(folder)
        version, lean = lean_dojo.__version__, repo.lean_version
        if _numbers(lean) >= BROKEN.get(_numbers(version), (sys.maxsize,)):
            raise Refused(
                "repository", f"asks for Lean {lean}; LeanDojo {version} cannot trace that"
            )
        theorem = lean_dojo.Theorem(repo, Path(request["file"]), request["theorem"])
        dojo = lean_dojo.Dojo(theorem, timeout=request["seconds"], build_deps=False)
        self.dojo, state = self.stack.enter_context(dojo)
        return {
            "state": self.keep(state),
            "commit": repo.commit,
            "lean": lean,
            "version": version,
        }

    def keep(self, state: Any) -> dict[str, Any]:
        self.states[state.id] = state
        goals = [
            {
                "target": goal.conclusion,
                "hypotheses": [[d.ident, d.lean_type] for d in goal.assumptions],
            }
            for goal in state.goals
        ]
        return {"id": state.id, "text": state.pp, "goals": goals}

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["state"] not in self.states:
            raise Refused("usage", f"proof state {request['state']} was released")
        try:
            result = self.dojo.run_tac(self.states[request["state"]], request["tactic"])
        except AssertionError:
            return {"failed": "LeanDojo cannot read the proof state that it leads to"}
        if isinstance(result, self.lean_dojo.ProofFinished):
            return {"closed": True}
        if isinstance(result, self.lean_dojo.ProofGivenUp):
            return {"failed": "the proof has a sorry"}
        if isinstance(result, self.lean_dojo.LeanError):
            return {"failed": result.error}
        return {"state": self.keep(result)}

    def release(self, request: dict[str, Any]) -> dict[str, Any]:
        for number in request["states"]:
            self.states.pop(number, None)
        return {}


# ---- errors --------------------------------------------------------------------------------------

#: By name, since the packages that define them are not imported before they are needed.
_KINDS = {
    "DojoInitError": "theorem",
    "DojoTacticTimeoutError": "timeout",
    "DojoCrashError": "crash",
    "CalledProcessError": "command",
    "GitError": "repository",
    "NoSuchPathError": "repository",
    "GithubException": "network",
    "RequestException": "network",
    "URLError": "network",
    "Refused": "",
}


def describe(error: BaseException) -> dict[str, str]:
    """Kind and message of an error; what lies below it counts where it is the network."""
    found = [(each, kind) for each in _chain(error) if (kind := _kind(each)) is not None]
    networks = [pair for pair in found if pair[1] == "network"]
    cause, kind = (networks or found or [(error, "internal")])[0]
    if isinstance(cause, Refused):
        kind = cause.kind
    words = " ".join(str(cause).split())
    if kind in {"internal", "network"}:
        words = f"{type(cause).__name__}: {words}" if words else type(cause).__name__
    if kind == "internal" and cause.__traceback__ is not None:
        frame = extract_tb(cause.__traceback__)[-1]
        words += f" ({Path(frame.filename).name}:{frame.lineno})"
    return {"kind": kind, "message": words[:400]}


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or at.__context__
    return chain


def _kind(error: BaseException) -> str | None:
    names = (cls.__name__ for cls in type(error).__mro__)
    return next((_KINDS[name] for name in names if name in _KINDS), None)


# ---- the conversation ----------------------------------------------------------------------------


def main() -> None:
    # an importable name of this folder (`model`, `tree`, …) must not hide one of LeanDojo's
    here = str(Path(__file__).resolve().parent)
    sys.path[:] = [place for place in sys.path if str(Path(place or ".").resolve()) != here]
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    os.chdir(os.environ["TMP_DIR"])  # LeanDojo deletes files of Lake's where it stands
    # what Lake and LeanDojo print is chatter, and our questions are not for them to read
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    marker = questions.readline().rstrip("\n")

    def say(answer: dict[str, Any]) -> None:
        answers.write(f"{marker}{json.dumps(answer)}\n")
        answers.flush()

    say({"python": sys.version.split()[0]})
    session = Session()
    handlers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "open": session.open,
        "apply": session.apply,
        "release": session.release,
    }
    with session.stack:
        for line in questions:
            request = json.loads(line)
            try:
                answer = handlers[request["op"]](request)
            except Exception as error:
                answer = {"error": describe(error)}
            say({**answer, "id": request["id"]})


if __name__ == "__main__":
    main()
