"""What the proof server answers, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyorch.model import Diagnostic, Elaboration, Position, TheoremAudit
from pyorch.search.model import Outcome, ProofState

__all__ = ["NOWHERE", "Attempt", "Homes", "OpenHole", "Opened", "RawAudit"]

#: Where syntax stands that a program made.
NOWHERE = Position(0, 0)


@dataclass(frozen=True)
class RawAudit:
    """The server's part of an audit: facts, no judgement (`pyorch.audit` judges).

    Attributes:
        theorems: how each theorem compares with what was asked, and its axioms.
        kernel: the kernel's objection when everything was replayed, or None.
        asked, given: what elaborating the two texts said.
    """

    theorems: tuple[TheoremAudit, ...]
    kernel: str | None
    asked: Elaboration
    given: Elaboration


@dataclass(frozen=True)
class OpenHole:
    """A ``sorry`` whose proof state is saved.

    Attributes:
        declaration: the declaration it is in.
        proposition: is it a proof that is missing? Else it is data, such as the body of a function,
            and any value would do for Lean.
        state: where tactics begin.
    """

    declaration: str
    start: Position
    end: Position
    proposition: bool
    state: ProofState


@dataclass(frozen=True)
class Opened:
    """What elaborating a text for its holes said; ``refused`` as in `Elaboration`."""

    diagnostics: tuple[Diagnostic, ...]
    refused: tuple[tuple[Position, str], ...]
    holes: tuple[OpenHole, ...]


@dataclass(frozen=True)
class Attempt:
    """What became of tactics on a saved state.

    Attributes:
        outcomes: of the tactics, in their order; fewer than there were tactics if the server ended.
        hints: what Lean said beside each, such as the ``Try this`` of ``exact?``; often empty.
        lost: the server does not have the state.
        ended: why the server ended while it ran the tactic after the last outcome, or None.
    """

    outcomes: tuple[Outcome, ...]
    hints: tuple[str, ...]
    lost: bool = False
    ended: str | None = None


@dataclass(frozen=True)
class Homes:
    """Where theorems come from.

    Attributes:
        imports: of each module.
        theorems: the module of each theorem whose statement needs nothing of that module.
    """

    imports: Mapping[str, tuple[str, ...]]
    theorems: Mapping[str, str]
