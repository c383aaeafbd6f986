"""Audits: what was given is compared with what was asked, by Lean's kernel."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from pyorch.errors import ServerCrashed
from pyorch.lean.connection import Connection
from pyorch.lean.protocol import Environment, Limits

__all__ = ["Auditor"]

#: Texts of what was asked that are kept elaborated.
_MAX_ASKED = 8
#: The module that a text becomes.
_TEXT = "_stdin"


class Auditor:
    """Answers `Server.audit` in wire form."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asked: dict[str, dict[str, Any]] = {}
        self._generation = 0

    def audit(
        self, arguments: Mapping[str, Any], environment: Environment, limits: Limits
    ) -> dict[str, Any]:
        if environment.foreign:
            return self._apart(arguments, environment, limits)
        self._connection.load(environment, limits)
        generation = self._connection.starts
        key, asked = self._keep_asked(arguments["asked"], environment, limits)
        try:
            given = self._connection.elaborate(
                arguments["given"], environment, limits, keep="given", axioms=False,
                unchecked=arguments["kernel_once"],
            )  # fmt: skip
            if self._connection.starts != generation:
                raise ServerCrashed("Lean was restarted in the middle of an audit")
            answer = self._connection.ask(
                {
                    "op": "audit",
                    "base": environment.key,
                    "asked": key,
                    "given": "given",
                    "names": _names(arguments, asked),
                },
                limits,
            )
        finally:
            self._connection.forget("given", limits)
        return {**answer, "asked": asked, "given": given}

    def _apart(
        self, arguments: Mapping[str, Any], environment: Environment, limits: Limits
    ) -> dict[str, Any]:
        """An audit on modules of the user's. One process elaborates the texts, and code of these
        modules may run in it. Another one takes the compiled results up, runs no such code, and
        replays them, and what they need of those modules, on Lean's library and ours."""
        said: dict[str, dict[str, Any]] = {}
        compiled: dict[str, bytes] = {}
        for which in ("asked", "given"):
            self._connection.load(environment, limits)
            workspace = self._connection.start()
            staged = workspace.stage / "text.olean"
            staged.real.unlink(missing_ok=True)
            said[which] = self._connection.elaborate(
                arguments[which], environment, limits, axioms=False, olean=staged.inside
            )
            if staged.real.is_file():
                compiled[which] = staged.real.read_bytes()
        self._connection.stop()
        if compiled.keys() != said.keys():
            return {"kernel": "a text was not compiled", "theorems": [], **said}
        names = _names(arguments, said["asked"])
        try:
            return {**self._judge(compiled, names, environment, limits), **said}
        finally:
            self._connection.stop()  # it has read files that such code may have written

    def _judge(
        self,
        compiled: Mapping[str, bytes],
        theorems: list[str],
        environment: Environment,
        limits: Limits,
    ) -> dict[str, Any]:
        workspace = self._connection.start()
        generation = self._connection.starts
        path = workspace.path(environment)
        for which, content in compiled.items():
            folder = workspace.stage / which
            folder.real.mkdir()
            (folder / f"{_TEXT}.olean").real.write_bytes(content)
            request = {
                "op": "load",
                "env": which,
                "modules": [*environment.modules, _TEXT],
                "path": [*path, folder.inside],
                "extensions": False,
            }
            self._connection.ask(request, limits)
        self._connection.ask({"op": "base", "env": "base", "of": "given", "path": path}, limits)
        request = {
            "op": "audit",
            "base": "base",
            "asked": "asked",
            "given": "given",
            "names": theorems,
        }
        answer = self._connection.ask(request, limits)
        if self._connection.starts != generation:
            raise ServerCrashed("Lean was restarted in the middle of an audit")
        return answer

    def _keep_asked(
        self, text: str, environment: Environment, limits: Limits
    ) -> tuple[str, dict[str, Any]]:
        """Elaborate what was asked, or find it: it is trusted, and an environment is a value that
        no later text can change. What was given is elaborated each time."""
        parts = (environment.key, str(limits.heartbeats), str(limits.recursion), text)
        key = "asked-" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
        if self._generation != self._connection.starts:
            self._asked.clear()
            self._generation = self._connection.starts
        if key not in self._asked:
            # what the kernel says of it is of no use: its statements are compared with those of
            # the given text, which are replayed
            answer = self._connection.elaborate(
                text, environment, limits, keep=key, axioms=False, unchecked=True
            )
            self._asked[key] = answer
            if len(self._asked) > _MAX_ASKED:
                oldest = next(iter(self._asked))
                del self._asked[oldest]
                self._connection.forget(oldest, limits)
        return key, self._asked[key]


def _names(arguments: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    """Of the theorems to audit: those that were named, or all that were asked for."""
    names: list[str] | None = arguments["theorems"]
    if names is None:
        names = [d["name"] for d in asked["declarations"] if d["kind"] == "theorem"]
    return names
