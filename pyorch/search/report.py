"""What closing a file is asked for, and what comes out, as values."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyorch.model import Audit, Goal, Position, Status, ToolchainId, Trust
from pyorch.search.result import Budget, SearchResult

__all__ = ["SECONDS", "Closing", "HoleReport", "SearchOptions"]

#: What is usual for each hole.
SECONDS = 30.0


@dataclass(frozen=True)
class SearchOptions:
    """How to search.

    Attributes:
        budget: for each hole.
        seed: of all random choices.
        disprove: also look for a proof that a theorem is false.
        fresh: forget what earlier searches learned.
        trust: the weakest tier that is accepted.
    """

    budget: Budget = field(default_factory=lambda: Budget(SECONDS))
    seed: int = 0
    disprove: bool = True
    fresh: bool = False
    trust: Trust = Trust.KERNEL


@dataclass(frozen=True)
class HoleReport:
    """What became of a ``sorry``.

    Attributes:
        declaration: in which it stands.
        start: where.
        goals: what was to be proved.
        status: proved, refuted (the theorem is false), open, or error (it cannot be searched for).
        script: the proof; for open the best partial one, with ``sorry`` in it.
        left: the goals that the partial script leaves.
        reason: one line.
        result: of the search for a proof; None where there was none.
    """

    declaration: str
    start: Position
    goals: tuple[Goal, ...]
    status: Status
    script: str = ""
    left: tuple[Goal, ...] = ()
    reason: str = ""
    result: SearchResult | None = None


@dataclass(frozen=True)
class Closing:
    """The outcome for a file.

    Attributes:
        text: the file with what was proved in place; the same as before if nothing was.
        audit: of the theorems that have no ``sorry`` any more; None if there are none.
        refutations: proved negations of theorems, each a complete Lean theorem.
        changed: is `text` another one?
    """

    file: str
    holes: tuple[HoleReport, ...]
    text: str
    audit: Audit | None
    refutations: tuple[str, ...]
    toolchain: ToolchainId
    changed: bool

    @property
    def closed(self) -> int:
        return sum(hole.status is Status.PROVED for hole in self.holes)
