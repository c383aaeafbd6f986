"""When to leave a server that fails alone."""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["Breaker"]

_PATIENCE = 3
"""Failures in a row after which the server is left alone."""
_FIRST_REST, _LONGEST_REST = 30.0, 900.0
"""Seconds."""


class Breaker:
    """Lets questions through until they fail too often, and then one now and again.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._until, self._in_a_row = clock, -math.inf, 0

    @property
    def closed(self) -> bool:
        """May a question be asked now?"""
        return self._clock() >= self._until

    def worked(self) -> None:
        self._in_a_row = 0

    def failed(self, wait: float = 0.0) -> None:
        """Another failure; ask nothing for ``wait`` seconds, or longer after several in a row."""
        self._in_a_row += 1
        beyond = self._in_a_row - _PATIENCE
        if beyond >= 0:
            wait = max(wait, min(_FIRST_REST * 2.0 ** min(beyond, 10), _LONGEST_REST))
        self._until = max(self._until, self._clock() + wait)

    def end(self) -> None:
        """Ask nothing any more."""
        self._until = math.inf
