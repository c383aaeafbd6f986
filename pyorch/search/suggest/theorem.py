"""What retrieval knows of a theorem. Apart from the index, which needs NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Conclusion", "Theorem"]


class Conclusion(StrEnum):
    """What a theorem concludes, after its hypotheses."""

    EQ = "eq"
    IFF = "iff"
    OTHER = "other"


@dataclass(frozen=True)
class Theorem:
    """A theorem of the environment.

    Attributes:
        name: fully qualified.
        constants: those that its statement mentions.
        head: the constant at the head of the conclusion; of an equation or equivalence, at the
            head of its left-hand side; empty where that is a variable.
        conclusion: what a tactic can do with it.
    """

    name: str
    constants: tuple[str, ...]
    head: str
    conclusion: Conclusion
