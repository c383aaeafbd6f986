"""Tactic steps: proof states that Lean keeps for the sessions of clients."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from pyorch.errors import ServerCrashed, ServerOutOfMemory, ServerTimeout
from pyorch.lean.connection import Connection
from pyorch.lean.protocol import Environment, Limits

__all__ = ["METHODS", "Steps"]

#: The calls of `RemoteServer` that are answered here.
METHODS = frozenset({"open", "pose", "try", "release", "close"})
#: Seconds after which the proof states of a client that does not ask are dropped. It makes them
#: again if it comes back.
_SESSION_IDLE = 600.0


class Steps:
    """Answers the calls about proof states in wire form."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sessions: dict[str, float] = {}
        self._generation = 0

    def answer(
        self,
        method: str,
        arguments: Mapping[str, Any],
        environment: Environment,
        limits: Limits,
    ) -> dict[str, Any]:
        session: str = arguments["session"]
        self._forget_lost()
        if method in ("open", "pose"):
            opened = (
                self._open(arguments["text"], session, environment, limits)
                if method == "open"
                else self._pose(arguments, session, environment, limits)
            )
            self._forget_lost()
            self._sessions[session] = time.monotonic()
            return opened
        lost = {"outcomes": [], "lost": True, "ended": None, "left": 0}
        if session not in self._sessions or not self._connection.alive:
            return lost
        self._sessions[session] = time.monotonic()
        try:
            if method == "close":
                return self._close(session, limits)
            if method == "release":
                return self._release(session, arguments["states"], limits)
            if arguments["release"]:
                self._release(session, arguments["release"], limits)
        except ServerCrashed:  # none of these is its fault: it was killed
            return lost
        return self._try(arguments, session, limits)

    def _open(
        self, text: str, session: str, environment: Environment, limits: Limits
    ) -> dict[str, Any]:
        self._connection.load(environment, limits)
        request = {
            "op": "open",
            "env": environment.key,
            "session": session,
            "text": text,
            "heartbeats": limits.heartbeats,
            "recursion": limits.recursion,
        }
        return self._connection.ask(request, limits)

    def _pose(
        self,
        arguments: Mapping[str, Any],
        session: str,
        environment: Environment,
        limits: Limits,
    ) -> dict[str, Any]:
        source = arguments["source"]
        known = Environment(tuple(source["modules"]), source["root"])
        self._connection.load(known, limits)
        self._connection.load(environment, limits)
        self._connection.load(known, limits)  # to make room for one, both may have gone
        request = {
            "op": "pose",
            "env": environment.key,
            "source": known.key,
            "name": arguments["name"],
            "session": session,
            "text": arguments["text"],
            "heartbeats": limits.heartbeats,
            "recursion": limits.recursion,
        }
        return self._connection.ask(request, limits)

    def _try(self, arguments: Mapping[str, Any], session: str, limits: Limits) -> dict[str, Any]:
        request = {
            "op": "try",
            "session": session,
            "state": arguments["state"],
            "tactics": arguments["tactics"],
            "heartbeats": limits.heartbeats,
            "recursion": limits.recursion,
        }
        outcomes: list[Any] = []
        try:
            answer = self._connection.ask(request, limits, outcomes.append)
        except (ServerCrashed, ServerOutOfMemory, ServerTimeout) as error:
            return {"outcomes": outcomes, "lost": False, "ended": str(error)}
        return {"outcomes": outcomes, "lost": answer.get("lost"), "ended": None}

    def _release(self, session: str, states: list[int], limits: Limits) -> dict[str, Any]:
        return self._connection.ask({"op": "release", "session": session, "states": states}, limits)

    def _close(self, session: str, limits: Limits) -> dict[str, Any]:
        del self._sessions[session]
        return self._connection.ask({"op": "close", "session": session}, limits)

    def close_idle(self, limits: Limits) -> None:
        """Drop the states of clients that have not asked for a while."""
        self._forget_lost()
        if self._connection.alive:
            now = time.monotonic()
            idle = [s for s, used in self._sessions.items() if now - used > _SESSION_IDLE]
            for session in idle:
                self._close(session, limits)

    def _forget_lost(self) -> None:
        if self._generation != self._connection.starts:
            self._sessions.clear()
            self._generation = self._connection.starts
