"""What closing a file is asked for, and what comes out, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pyorch.errors import InputError, NoSorry
from pyorch.model import Audit, Goal, Position, Status, ToolchainId, Trust
from pyorch.search.result import Budget, SearchResult

__all__ = ["SECONDS", "Closing", "HoleReport", "SearchOptions", "Searched"]

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


@dataclass
class Searched:
    """Several files, as far as they are done.

    Attributes:
        closings: what came of each, and where it was written to, if it was.
        without: files that have no ``sorry``.
        problems: why others could not be searched, a line each.
    """

    closings: list[tuple[Closing, str | None]] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def pass_over(self, file: Path, error: InputError) -> None:
        """Note a file in which there is nothing to close, or nothing can be."""
        if isinstance(error, NoSorry):
            self.without.append(str(file))
        else:
            self.problems.append(str(error))

    @property
    def exit_code(self) -> int:
        """Of the command: 2 if a file could not be searched, 1 if a theorem is false, 4 if a
        ``sorry`` is open, else 0."""
        statuses = {hole.status for closing, _ in self.closings for hole in closing.holes}
        if self.problems:
            return 2
        if Status.REFUTED in statuses:
            return 1
        return 0 if statuses <= {Status.PROVED} else 4
