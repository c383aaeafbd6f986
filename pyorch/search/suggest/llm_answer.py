"""What a language model's server answered, read with distrust and never evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyorch.search.suggest.llm_budget import Tokens
from pyorch.search.suggest.policy import refusal

__all__ = ["MOST", "Completion", "Malformed", "parse_completion", "parse_tactics", "select"]

MOST = 16
"""Suggestions that are taken from one answer."""

_FENCED = re.compile(r"```(?:json)?[ \t]*\r?\n(?P<inside>.*?)```", re.DOTALL)
_MOST_TOKENS = 10**9


class Malformed(Exception):
    """An answer is not of the agreed form. The message never quotes it."""


@dataclass(frozen=True)
class Completion:
    """One answer of the chat-completions protocol.

    Attributes:
        content: what the model wrote; None if it wrote no text.
        tokens: as the server counted them; None if it does not say, or nothing believable.
    """

    content: str | None
    tokens: Tokens | None


def parse_completion(body: bytes) -> Completion:
    """Read the body of an HTTP answer.

    Raises:
        Malformed: it is not a chat completion.
    """
    data = _json(body)
    match data:
        case {"choices": [{"message": {"content": str() | None as content}}, *_]}:
            return Completion(content, _tokens(data.get("usage")))
        case _:
            raise Malformed("is not a chat completion")


def parse_tactics(content: str | None) -> tuple[str, ...]:
    """Read what the model wrote: ``{"tactics": ["…", …]}``, in a code fence or not.

    Raises:
        Malformed: it is anything else.
    """
    text = (content or "").strip()
    fenced = _FENCED.fullmatch(text)
    match _json(fenced["inside"] if fenced else text):
        case {"tactics": [*tactics]} if all(isinstance(tactic, str) for tactic in tactics):
            return tuple(tactics)
        case _:
            raise Malformed("is not the list of tactics that was asked for")


def select(tactics: Iterable[str], secret: str | None = None) -> tuple[str, ...]:
    """The first `MOST` different tactics that pass the policy and do not tell ``secret``."""
    kept: dict[str, None] = {}
    for tactic in tactics:
        tactic = tactic.strip()
        if refusal(tactic) is None and not (secret and secret in tactic):
            kept[tactic] = None
        if len(kept) == MOST:
            break
    return tuple(kept)


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("is not JSON") from None


def _tokens(usage: object) -> Tokens | None:
    match usage:
        case {"prompt_tokens": int() as prompt, "completion_tokens": int() as answer}:
            if all(0 <= n <= _MOST_TOKENS and not isinstance(n, bool) for n in (prompt, answer)):
                return Tokens(prompt, answer)
    return None
