"""What the tracking of ``sorry`` speaks of. Frozen dataclasses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Declared", "OpenGoal", "Problem", "Reach", "Run", "Scan", "Sorry", "count"]


class Reach(StrEnum):
    """How a declaration comes by ``sorry``, the gravest first."""

    DIRECT = "direct"
    """Its own text uses it."""
    DEFINITION = "definition"
    """It mentions a definition (or an instance, a type, an axiom) that rests on one: what it says,
    or what it computes, is not settled."""
    TRANSITIVE = "transitive"
    """It uses theorems that rest on one."""


@dataclass(frozen=True)
class OpenGoal:
    """A goal that a ``sorry`` leaves open.

    Attributes:
        line: from 1; 0 where the ``sorry`` stands nowhere in the text.
        column: from 0.
        text: hypotheses and target, on one line.
    """

    line: int
    column: int
    text: str


@dataclass(frozen=True)
class Sorry:
    """A declaration that rests on ``sorry``.

    Attributes:
        name: as a person wrote it, fully qualified; ``example`` for an example.
        kind: theorem, definition, axiom, opaque, inductive or example.
        file: relative to the repository or the working directory, with ``/``.
        line: where its name stands, from 1.
        column: likewise, from 0.
        statement: the server's 64-bit fingerprint of its type; no name of its own is in it.
        type: pretty-printed by Lean.
        chain: the declarations from the first that it mentions to the one that uses ``sorry``
            itself; empty for `Reach.DIRECT`.
        goals: those that its own ``sorry``s leave open.
    """

    name: str
    kind: str
    file: str
    line: int
    column: int
    statement: str
    type: str
    reach: Reach
    chain: tuple[str, ...] = ()
    goals: tuple[OpenGoal, ...] = ()

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def is_proposition(self) -> bool:
        """Is its type what is to be proved? Of a definition it says little."""
        return self.kind in {"theorem", "example"}

    @property
    def explanation(self) -> str:
        """``a uses b, which uses sorry``."""
        links = [*self.chain, "sorry"]
        return f"{self.name} uses " + ", which uses ".join(links)


@dataclass(frozen=True)
class Declared:
    """A declaration that does not rest on ``sorry``."""

    name: str
    kind: str
    file: str
    statement: str


@dataclass(frozen=True)
class Problem:
    """A file that does not elaborate, so that nothing is known of it. ``line`` 0 for all of it."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


@dataclass(frozen=True)
class Scan:
    """What was found in a set of files.

    Attributes:
        sorries: in the order of the files, and of the lines in each.
        clean: all other declarations.
        problems: files that do not elaborate. Unless this is empty, no count is complete.
        files: their number, those with problems among them.
    """

    sorries: tuple[Sorry, ...] = ()
    clean: tuple[Declared, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: int = 0

    @property
    def declarations(self) -> int:
        return len(self.sorries) + len(self.clean)


@dataclass(frozen=True)
class Run:
    """A scan as the history keeps it.

    Attributes:
        commit: its full id; None for one of files without git.
        time: of the commit, or else of the scan; seconds since 1970.
        subject: first line of the commit's message.
        problem: why the files of the commit could not be scanned; None if they could.
    """

    commit: str | None
    time: int
    sorries: tuple[Sorry, ...]
    files: int = 0
    declarations: int = 0
    subject: str = ""
    problem: str | None = None

    def count(self, reach: Reach) -> int:
        return count(self.sorries)[reach]


def count(sorries: tuple[Sorry, ...]) -> dict[Reach, int]:
    """How many there are of each reach."""
    found = Counter(s.reach for s in sorries)
    return {reach: found[reach] for reach in Reach}
