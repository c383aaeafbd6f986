"""What an installation tells its caller while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Progress", "ProgressCallback", "Stage"]


class Stage(StrEnum):
    """The stages of an installation in their order; the value is a text for a person."""

    WAITING = "waiting for another installation"
    DOWNLOADING = "downloading Lean"
    VERIFYING = "verifying"
    UNPACKING = "unpacking"
    COMPILING = "compiling the proof server"
    TESTING = "testing"


@dataclass(frozen=True)
class Progress:
    """How far long work is: ``done`` of ``total``; ``total`` is 0 where it is not known.

    ``stage`` is a text for a person, a `Stage` during an installation.
    """

    stage: str
    done: int = 0
    total: int = 0


ProgressCallback = Callable[[Progress], None]
