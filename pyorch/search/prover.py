"""`LeanProver`: proof states and tactics by the proof server.

States live in the server's process and go with it. What a state is made from (a hole of a text,
then tactics) is remembered here, so one that is lost is made again before it is used again.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType

from pyorch.errors import InputError, ProtocolError, StateLost
from pyorch.lean.protocol import Environment, Limits, Server
from pyorch.lean.values import Attempt, Opened, OpenHole
from pyorch.search.model import Failed, Outcome, ProofState, Split

__all__ = ["LeanProver", "OpenHole"]


@dataclass(eq=False)
class _Text:
    """A text with its holes; or with one, the theorem ``name`` of ``source`` posed at its end."""

    text: str
    environment: Environment
    limits: Limits
    name: str = ""
    source: Environment = field(default_factory=Environment)
    roots: tuple[_Node, ...] = ()

    def open(self, server: Server, session: str) -> Opened:
        if self.name:
            return server.pose(
                self.name, self.source, self.text, self.environment, session, limits=self.limits
            )
        return server.open_text(self.text, self.environment, session, limits=self.limits)


@dataclass(eq=False)
class _Node:
    """How a state is made: hole ``index`` of ``origin``, or the state number ``index`` that
    ``tactic`` makes of the state ``origin``."""

    origin: _Text | _Node
    index: int
    key: str
    tactic: str = ""
    server_handle: int = 0
    session: str = ""
    """which has it under `server_handle`"""
    wanted: bool = True

    @property
    def text(self) -> _Text:
        node: _Text | _Node = self
        while isinstance(node, _Node):
            node = node.origin
        return node


class LeanProver:
    """A `pyorch.search.model.Prover` over the proof server.

    Any number of texts may be open at a time. Thread-safe: calls wait for each other. Nothing that
    it accepts is a verdict: `pyorch.audit` judges the whole file.

    Args:
        server: warm; may be shared.
        limits: of each tactic by itself, wall clock and heartbeats.
    """

    def __init__(
        self, server: Server, *, limits: Limits = Limits(seconds=20.0, heartbeats=15_000)
    ) -> None:
        self._server = server
        self._limits = limits
        self._session = ""
        self._environment = Environment()
        self._numbers = itertools.count()
        self._nodes: dict[int, _Node] = {}
        self._dropped: list[int] = []
        self._lock = threading.RLock()
        self._new_session()
        self.replays = 0
        """How often states were made again after a loss."""

    # ---- the public side -------------------------------------------------------------------

    def open(
        self,
        text: str,
        environment: Environment,
        *,
        file: str = "<input>",
        limits: Limits = Limits(),
    ) -> tuple[OpenHole, ...]:
        """The holes of a text without a header of imports, in the order of their elaboration.

        Args:
            limits: for elaborating the text.

        Raises:
            InputError: Lean finds an error in it, or it has a command that is not allowed.
            ServerError: the server ended over it.
        """
        return self._open(_Text(text, environment, limits), file)

    def pose(
        self,
        name: str,
        source: Environment,
        environment: Environment,
        *,
        text: str = "",
        limits: Limits = Limits(),
    ) -> ProofState:
        """The statement of a theorem of ``source``, to be proved in ``environment``, which must
        not have it.

        Args:
            text: without a header of imports; it is elaborated on ``environment`` first, and the
                theorem is posed at its end.

        Raises:
            InputError: Lean finds an error in the text.
            ProtocolError: the theorem cannot be posed there; says why.
        """
        holes = self._open(_Text(text, environment, limits, name, source), name)
        if len(holes) != 1:
            raise ProtocolError(f"Lean does not pose '{name}'")
        return holes[0].state

    def _open(self, origin: _Text, file: str) -> tuple[OpenHole, ...]:
        with self._lock:
            self._environment = origin.environment
            opened = origin.open(self._server, self._session)
            errors = [(d.start, d.text) for d in opened.diagnostics if d.severity == "error"]
            refused = [(start, f"{reason} is not allowed") for start, reason in opened.refused]
            for start, problem in [*refused, *errors]:
                self._dropped += [hole.state.handle for hole in opened.holes]
                place = f"line {start.line}, column {start.column}"
                raise InputError(file, place, " ".join(problem.split()))
            origin.roots = tuple(
                _Node(origin, i, h.state.key, "", h.state.handle, self._session)
                for i, h in enumerate(opened.holes)
            )
            return tuple(
                replace(hole, state=self._register(node, hole.state))
                for node, hole in zip(origin.roots, opened.holes, strict=True)
            )

    def apply(self, state: ProofState, tactics: Sequence[str]) -> Sequence[Outcome]:
        """What each tactic makes of ``state``, which stays as it is.

        A tactic that ends the server, by running too long for instance, has `Failed`; the others
        run all the same.

        Raises:
            StateLost: the state was released, or cannot be made again.
        """
        with self._lock:
            node = self._node(state)
            outcomes: list[Outcome] = []
            while len(outcomes) < len(tactics):
                left = tactics[len(outcomes) :]
                attempt = self._attempt(node, left)
                for tactic, outcome in zip(left, attempt.outcomes, strict=False):
                    outcomes.append(self._adopt(node, tactic, outcome))
                if attempt.ended is not None:
                    outcomes.append(Failed(attempt.ended))
                    self._new_session()
            return outcomes

    def hint(self, state: ProofState, tactic: str) -> str:
        """What Lean says beside the outcome, such as the ``Try this: …`` of ``simp?``; else empty.

        Raises:
            StateLost: as `apply`.
        """
        with self._lock:
            attempt = self._attempt(self._node(state), [tactic])
            if attempt.ended is not None:
                self._new_session()
            for outcome in attempt.outcomes:
                if isinstance(outcome, Split):
                    self._dropped += [s.handle for s in outcome.states]
            return attempt.hints[0] if attempt.hints else ""

    def release(self, states: Sequence[ProofState]) -> None:
        """Forget states. The server is told together with the next tactic."""
        with self._lock:
            for state in states:
                node = self._nodes.pop(state.handle, None)
                if node is not None:
                    node.wanted = False
                    self._drop(node)

    def held(self) -> int:
        """How many states the server holds for this prover."""
        with self._lock:
            dropped, self._dropped = self._dropped, []
            return self._server.release(dropped, self._environment, self._session)

    def close(self) -> None:
        """Forget all states."""
        with self._lock:
            self._server.close_session(self._environment, self._session)
            self._nodes.clear()
            self._new_session()

    def __enter__(self) -> LeanProver:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ---- states ----------------------------------------------------------------------------

    def _new_session(self) -> None:
        """Whatever the old one has is lost; another process must not take its numbers for ours."""
        self._session = secrets.token_hex(8)
        self._dropped.clear()

    def _register(self, node: _Node, state: ProofState) -> ProofState:
        number = next(self._numbers)
        self._nodes[number] = node
        return replace(state, handle=number)

    def _node(self, state: ProofState) -> _Node:
        try:
            return self._nodes[state.handle]
        except KeyError:
            raise StateLost("the proof state has been released") from None

    def _adopt(self, node: _Node, tactic: str, outcome: Outcome) -> Outcome:
        if not isinstance(outcome, Split):
            return outcome
        return Split(
            tuple(
                self._register(_Node(node, i, s.key, tactic, s.handle, self._session), s)
                for i, s in enumerate(outcome.states)
            )
        )

    def _drop(self, node: _Node) -> None:
        if node.session == self._session:
            self._dropped.append(node.server_handle)
            node.session = ""

    # ---- making states again ---------------------------------------------------------------

    def _attempt(self, node: _Node, tactics: Sequence[str]) -> Attempt:
        """Run tactics on a state, which is made again if the server has lost it, once."""
        fresh = node.session != self._session
        if fresh:
            self._revive(node)
        attempt = self._send(node, tactics)
        if attempt.lost and not fresh:
            self._new_session()
            self._revive(node)
            attempt = self._send(node, tactics)
        if attempt.lost:
            raise StateLost("the server lost the proof state again as soon as it was made")
        return attempt

    def _send(self, node: _Node, tactics: Sequence[str]) -> Attempt:
        dropped, self._dropped = self._dropped, []
        return self._server.attempt(
            node.server_handle,
            tactics,
            node.text.environment,
            self._session,
            release=dropped,
            limits=self._limits,
        )

    def _revive(self, node: _Node) -> None:
        """Make a state again, from the last one on its way that is still there."""
        self.replays += 1
        way = [node]
        while isinstance(way[-1].origin, _Node) and way[-1].origin.session != self._session:
            way.append(way[-1].origin)
        for each in reversed(way):
            if each.session != self._session:
                self._remake(each)
        for each in way:
            if not each.wanted and each is not node:
                self._drop(each)

    def _remake(self, node: _Node) -> None:
        origin = node.origin
        if isinstance(origin, _Text):
            self._environment = origin.environment
            opened = origin.open(self._server, self._session)
            states = [hole.state for hole in opened.holes]
            siblings = list(origin.roots)
        else:
            attempt = self._send(origin, [node.tactic])
            outcome = attempt.outcomes[0] if attempt.outcomes else None
            states = list(outcome.states) if isinstance(outcome, Split) else []
            siblings = [node]
        self._dropped += [s.handle for s in states]
        for sibling in siblings:
            state = states[sibling.index] if sibling.index < len(states) else None
            if state is None or state.key != sibling.key:
                raise StateLost("a lost proof state cannot be made again: it came out otherwise")
            if sibling.wanted or sibling is node:
                sibling.server_handle, sibling.session = state.handle, self._session
                self._dropped.remove(state.handle)
