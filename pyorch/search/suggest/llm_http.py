"""HTTP answers and failures in our words.

No text of the server, of the request or of a library's error is in any message: it could repeat
the key.
"""

from __future__ import annotations

import math
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

__all__ = ["NoAnswer", "inspect", "translated"]

_LARGEST_REFUSAL = 1 << 16
"""Bytes."""
_LONGEST_WAIT = 3600.0
"""Seconds."""

_ADVICE = {
    HTTPStatus.UNAUTHORIZED: "; check OPENAI_API_KEY",
    HTTPStatus.FORBIDDEN: "; check OPENAI_API_KEY and what it allows",
    HTTPStatus.NOT_FOUND: "; check the model's name and the base URL",
}

#: Of all questions, not of one that is too long or asked in a way the server does not like.
_FINAL = frozenset({*_ADVICE, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.METHOD_NOT_ALLOWED})


class NoAnswer(Exception):
    """There is no usable answer.

    Attributes:
        again: another attempt may succeed.
        final: no later question will fare better.
        wait: seconds for which the server asked to be left alone.
        billed: the server may have made an answer all the same.
        settings: it does not like how it was asked: the names of settings that it mentioned.
    """

    def __init__(
        self,
        problem: str,
        *,
        again: bool = False,
        final: bool = False,
        wait: float = 0.0,
        billed: bool = True,
        settings: frozenset[str] | None = None,
    ) -> None:
        super().__init__(problem)
        self.again, self.final, self.wait = again, final, wait
        self.billed, self.settings = billed, settings


async def inspect(response: Any) -> None:
    """Judge an answer by its head, before its body is read.

    Raises:
        NoAnswer: it is not one that can be used.
    """
    status = response.status_code
    if status == HTTPStatus.OK:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise NoAnswer("an answer is compressed, which it was asked not to be")
        return
    if status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > _LARGEST_REFUSAL:
                break
        names = ("max_tokens", "max_completion_tokens", "response_format")
        mentioned = frozenset(name for name in names if name.encode() in body)
        raise NoAnswer(_words(status), billed=False, settings=mentioned)
    again = status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) or status >= 500
    wait = _seconds(response.headers.get("retry-after", "")) if again else 0.0
    raise NoAnswer(
        _words(status), again=again, final=status in _FINAL or status < 400, wait=wait, billed=False
    )


def _words(status: int) -> str:
    if 300 <= status < 400:
        return f"the server points elsewhere (status {status}), which is not followed"
    try:
        known = HTTPStatus(status)
    except ValueError:
        return f"the server answered with status {status}"
    return f"the server answered {known.value} {known.phrase}{_ADVICE.get(known, '')}"


def _seconds(text: str) -> float:
    """What a ``Retry-After`` header asks for; 0 where it makes no sense."""
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, OverflowError):
            return 0.0
    return 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), _LONGEST_WAIT)


def translated(error: Exception) -> NoAnswer:
    """What ``openai`` raises, or what it wraps, in our words."""
    cause = error.__cause__ or error
    for known in (error, cause):
        if isinstance(known, NoAnswer):
            return known
    kind = type(cause).__name__
    if kind in {"ConnectError", "ConnectTimeout"}:
        # Rarely heals within seconds, which the search has better use for.
        return NoAnswer("the server cannot be reached", billed=False)
    return NoAnswer(f"the connection failed ({kind})", again=True)
