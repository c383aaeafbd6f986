"""The values that pass between the stages. Frozen dataclasses; this module imports nothing of ours.

A claim goes in, a verdict comes out (`pipeline.py`):

    Claim ─► Evidence ─► Emitted ─► Elaboration ─► Audit ─► Verdict
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

__all__ = [
    "STANDARD_AXIOMS",
    "Audit",
    "Claim",
    "Declaration",
    "Diagnostic",
    "Elaboration",
    "Emitted",
    "Evidence",
    "Goal",
    "Hole",
    "Hypothesis",
    "Position",
    "Severity",
    "Status",
    "Step",
    "TheoremAudit",
    "Timing",
    "ToolchainId",
    "Trust",
    "Verdict",
    "Witness",
]

#: The axioms that a kernel-tier proof may rest on.
STANDARD_AXIOMS = frozenset({"propext", "Classical.choice", "Quot.sound"})


class Trust(StrEnum):
    """What a verdict rests on, strongest first (``docs/trust.md``)."""

    KERNEL = "kernel"
    """Lean's kernel accepted the proof; axioms within `STANDARD_AXIOMS`."""
    COMPILED = "compiled"
    """``native_decide``: Lean's compiler and interpreter are trusted too."""
    EXACT = "exact"
    """Exact rational arithmetic in Python; no Lean."""
    SAMPLED = "sampled"
    """Floating-point sampling with NumPy."""

    def at_least(self, other: Trust) -> bool:
        """Is this tier as strong as ``other``, or stronger?"""
        order = list(Trust)
        return order.index(self) <= order.index(other)


class Status(StrEnum):
    """The outcome of a claim. It has no truth value: compare it, do not test it."""

    PROVED = "proved"
    REFUTED = "refuted"
    OPEN = "open"
    ERROR = "error"

    def __bool__(self) -> bool:
        raise TypeError("a Status has no truth value; compare it with Status.PROVED")


class Severity(StrEnum):
    """Severity of a message of Lean."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Position:
    """A place in a Lean file: ``line`` from 1, ``column`` from 0, both in code points."""

    line: int
    column: int


@dataclass(frozen=True)
class Diagnostic:
    """A message of Lean about a place in a file. The same for both toolchains."""

    severity: Severity
    file: str
    start: Position
    end: Position | None
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.start.line}:{self.start.column}: {self.severity}: {self.text}"


@dataclass(frozen=True)
class Hypothesis:
    """One local declaration of a goal; ``value`` for a ``let``."""

    name: str
    type: str
    value: str | None = None


@dataclass(frozen=True)
class Goal:
    """What is to be proved at a place: hypotheses and target, pretty-printed by Lean."""

    target: str
    hypotheses: tuple[Hypothesis, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Hole:
    """A ``sorry`` with its goals. Line 0 where it stands nowhere: a program made it."""

    declaration: str
    start: Position
    end: Position
    goals: tuple[Goal, ...]


@dataclass(frozen=True)
class Step:
    """One tactic of a proof, with the goals before and after it."""

    kind: str
    start: Position
    end: Position
    before: tuple[Goal, ...]
    after: tuple[Goal, ...]


@dataclass(frozen=True)
class Declaration:
    """A constant that a file declares.

    Attributes:
        kind: definition, theorem, axiom, opaque or inductive.
        type: its type, pretty-printed.
        statement: 64-bit fingerprint of the type and of the local definitions below it.
        axioms: all axioms it rests on, by name.
        bodyless: theorems of Lean's own library below it whose proofs the toolchain does not
            carry (embedded toolchain only; always 0 on the native one).
        direct: its own text uses ``sorry``; only a survey says so.
        through: the declarations that it mentions and that rest on ``sorry``; likewise.
        shape: of a theorem, what retrieval knows of it (`pyorch.search.theorems` parses it).
    """

    name: str
    kind: str
    type: str
    statement: str
    start: Position
    end: Position
    axioms: tuple[str, ...]
    bodyless: int
    direct: bool = False
    through: tuple[str, ...] = ()
    shape: str = ""

    @property
    def uses_sorry(self) -> bool:
        return "sorryAx" in self.axioms


@dataclass(frozen=True)
class Elaboration:
    """What Lean made of a file."""

    diagnostics: tuple[Diagnostic, ...]
    declarations: tuple[Declaration, ...]
    holes: tuple[Hole, ...] = ()
    steps: tuple[Step, ...] = ()
    refused: tuple[tuple[Position, str], ...] = ()
    """Commands that text from outside may not contain, with the reason."""
    milliseconds: int = 0

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self.diagnostics if d.severity is Severity.ERROR)


@dataclass(frozen=True)
class TheoremAudit:
    """What the audit found for one theorem. ``difference`` says how it departs from what was
    asked; None where it is exactly that."""

    name: str
    difference: str | None
    axioms: tuple[str, ...]
    bodyless: int


@dataclass(frozen=True)
class Audit:
    """The result of checking a file against what was asked.

    Attributes:
        theorems: one entry for each theorem asked for.
        kernel: what the kernel objected to when all declarations were replayed; None if nothing.
        problems: every reason not to accept, in words; empty when the audit passed.
        trust: the tier reached; None where the audit failed.
    """

    theorems: tuple[TheoremAudit, ...]
    kernel: str | None
    problems: tuple[str, ...]
    trust: Trust | None

    @property
    def passed(self) -> bool:
        return not self.problems and self.trust is not None


@dataclass(frozen=True)
class Claim:
    """A claim about numerical machine learning, with its concrete parameters.

    Attributes:
        name: as on the command line, such as ``quantization_error_bound``.
        title: one line for a person.
        formula: the claim in plain mathematics, with the parameters filled in.
        parameters: name and value as text, in a fixed order; values parse back to themselves.
    """

    name: str
    title: str
    formula: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Witness:
    """A point at which a claim fails, in exact arithmetic.

    Attributes:
        inputs: name and exact value of each input (long vectors may be abbreviated by the report).
        explanation: one line, such as ``|100 − 7| = 93 > 1/2``.
    """

    inputs: tuple[tuple[str, Fraction], ...]
    explanation: str


@dataclass(frozen=True)
class Evidence:
    """The numeric cross-check of a claim. It proves nothing and may refute.

    Attributes:
        checked: what was checked, in words (``the seed's unguarded form``, ``the repaired form``).
        samples: number of points evaluated.
        seed: of the random generator.
        largest: largest value of the bounded quantity found, exact where evaluated exactly.
        bound: the bound it is compared with.
        counterexample: a point where the claim fails, if any was found.
    """

    checked: str
    samples: int
    seed: int
    largest: Fraction | None = None
    bound: Fraction | None = None
    counterexample: Witness | None = None


@dataclass(frozen=True)
class Emitted:
    """Lean text for a claim.

    Attributes:
        text: the complete file, which stands alone on the library.
        asked: the same file with every proof replaced by ``sorry``: what has to be proved. The
            audit compares statements of `text` with these.
        theorems: fully qualified names of the theorems asked for, the main one first.
        refutations: those among `theorems` that prove the negation of a (false) form of the claim.
    """

    text: str
    asked: str
    theorems: tuple[str, ...]
    refutations: tuple[str, ...] = ()


@dataclass(frozen=True)
class ToolchainId:
    """Which Lean gave a verdict."""

    kind: str
    """``native`` or ``embedded``."""
    version: str
    commit: str

    def __str__(self) -> str:
        return f"{self.kind} Lean {self.version} ({self.commit[:10]})"


@dataclass(frozen=True)
class Timing:
    """Seconds that a stage took, wall clock."""

    stage: str
    seconds: float


@dataclass(frozen=True)
class Verdict:
    """The outcome for a claim, with everything needed to judge it.

    Attributes:
        status: proved, refuted, open or error.
        trust: the tier on which `status` rests; None for open and error.
        reason: one line: why refuted, open or error; for proved, what was proved.
        theorems: the declarations that establish it, as Lean printed them.
        evidence: numeric cross-checks, in order.
        details: further facts for the report as name and text (ε proved, largest gap, …).
    """

    claim: Claim
    status: Status
    trust: Trust | None
    reason: str
    theorems: tuple[Declaration, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    audit: Audit | None = None
    toolchain: ToolchainId | None = None
    file: str | None = None
    timings: tuple[Timing, ...] = ()
    details: tuple[tuple[str, str], ...] = field(default=())
