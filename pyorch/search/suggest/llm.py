"""A language model as a suggester: optional, untrusted, and never needed.

Whatever it does, the search goes on: it is asked for tactics, which pass `policy.refusal`, and a
wrong one is one more tactic that fails. See ``docs/models.md``.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from pyorch.config import Config, base_url
from pyorch.errors import OutputError, UsageError
from pyorch.search.model import ProofState, Suggestion
from pyorch.search.suggest.llm_answer import MOST, Malformed, parse_tactics, select
from pyorch.search.suggest.llm_breaker import Breaker
from pyorch.search.suggest.llm_budget import Budget, Prices, Spent, Tokens
from pyorch.search.suggest.llm_cache import AnswerCache
from pyorch.search.suggest.llm_client import ChatClient, ModelServer
from pyorch.search.suggest.llm_http import NoAnswer
from pyorch.search.suggest.llm_prompt import render

__all__ = ["LanguageModel", "ModelUse", "language_model"]

OPENAI = "https://api.openai.com/v1"

#: Names with statements, or tactics with messages, for a state.
Facts = Callable[[ProofState], Sequence[tuple[str, str]]]

_FADING = 0.8
"""The prior of each suggestion by that of the one before it."""


@dataclass(frozen=True)
class ModelUse:
    """What became of a model's help, for the report.

    Attributes:
        questions: put to the server, further attempts not counted.
        cached: answered from disk.
        failed: questions without a usable answer.
        suggestions: passed on to the search.
        tokens: spent, as the server counted or else the most that it can have been.
        cost: in the currency of the prices; None without prices.
    """

    questions: int = 0
    cached: int = 0
    failed: int = 0
    suggestions: int = 0
    tokens: Tokens = field(default_factory=Tokens)
    cost: float | None = None


class LanguageModel:
    """A `Suggester` that asks a server.

    It never raises for anything that the server does; ``say`` gets one line about each kind of
    trouble, once. After trouble that will not go away it asks no more, and after several failures
    in a row it pauses, longer each time.

    Args:
        server: whom to ask; a ``trouble`` known beforehand means that only the cache answers.
        weight: prior of the first suggestion.
        premises: theorems that may help with a state: names and statements.
        failures: what was tried on a state: tactics and Lean's messages.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        server: ModelServer,
        budget: Budget,
        cache: AnswerCache,
        *,
        say: Callable[[str], None],
        trouble: str | None = None,
        weight: float = 1.0,
        premises: Facts | None = None,
        failures: Facts | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server, self._budget, self._cache = server, budget, cache
        self._client = ChatClient(server, budget)
        self._trouble, self._weight = trouble, weight
        self._premises, self._failures = premises, failures
        self._say, self._said = say, set[str]()
        self._breaker, self._use = Breaker(clock), ModelUse()
        self._lock = threading.Lock()

    @property
    def use(self) -> ModelUse:
        return replace(self._use, tokens=self._budget.used, cost=self._budget.cost)

    def suggest(self, state: ProofState) -> Sequence[Suggestion]:
        prompt = render(
            state,
            MOST,
            self._premises(state) if self._premises else (),
            self._failures(state) if self._failures else (),
        )
        question = (self._server.url, self._server.model, prompt)
        tactics = self._cache.get(*question)
        if tactics is not None:
            tactics = select(tactics, self._server.key)
            self._count(cached=1, suggestions=len(tactics))
        else:
            tactics = self._ask(prompt)
            if tactics is None:
                return ()
            self._count(suggestions=len(tactics))
            try:
                self._cache.put(tactics, *question)
            except OutputError as error:
                self._warn(str(error))
        name = f"model {self._server.model}"
        return [
            Suggestion(tactic, self._weight * _FADING**rank, name)
            for rank, tactic in enumerate(tactics)
        ]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(self, prompt: str) -> tuple[str, ...] | None:
        with self._lock:
            if not self._breaker.closed:
                return None
        self._count(questions=1)
        try:
            if self._trouble is not None:
                raise NoAnswer(self._trouble, final=True)
            answer = self._client.ask(prompt)
            tactics = select(parse_tactics(answer.content), self._server.key)
        except (NoAnswer, Spent, Malformed) as error:
            self._count(failed=1)
            self._fail(error)
            return None
        with self._lock:
            self._breaker.worked()
        return tactics

    def _fail(self, error: NoAnswer | Spent | Malformed) -> None:
        final = isinstance(error, Spent) or (isinstance(error, NoAnswer) and error.final)
        with self._lock:
            if final:
                self._breaker.end()
            else:
                self._breaker.failed(error.wait if isinstance(error, NoAnswer) else 0.0)
        problem = f"an answer {error}" if isinstance(error, Malformed) else str(error)
        self._warn(f"{problem}; the search goes on without it" if final else problem)

    def _count(
        self, *, questions: int = 0, cached: int = 0, failed: int = 0, suggestions: int = 0
    ) -> None:
        with self._lock:
            use = self._use
            self._use = replace(
                use,
                questions=use.questions + questions,
                cached=use.cached + cached,
                failed=use.failed + failed,
                suggestions=use.suggestions + suggestions,
            )

    def _warn(self, problem: str) -> None:
        with self._lock:
            known = problem in self._said
            self._said.add(problem)
        if not known:
            self._say(f"language model: {problem}")


def language_model(
    config: Config,
    *,
    say: Callable[[str], None],
    environ: Mapping[str, str] = os.environ,
    premises: Facts | None = None,
    failures: Facts | None = None,
) -> LanguageModel | None:
    """The model that the settings name; None if they name none.

    The key comes from ``OPENAI_API_KEY`` in ``environ`` and from nowhere else. It is sent by HTTPS
    only, or to this machine.

    Raises:
        UsageError: a limit of cost without prices, or a bad ``OPENAI_BASE_URL``.
    """
    if config.llm_model is None:
        return None
    prices = None
    if config.llm_input_price is not None and config.llm_output_price is not None:
        prices = Prices(config.llm_input_price, config.llm_output_price)
    elif config.llm_cost is not None:
        raise UsageError("--llm-cost needs --llm-input-price and --llm-output-price")
    url = config.llm_base_url or _usual_url(environ)
    key, trouble = environ.get("OPENAI_API_KEY", "").strip() or None, None
    here = _is_loopback(urlsplit(url).hostname or "")
    if key is not None and not (key.isascii() and key.isprintable()):
        key, trouble = None, "OPENAI_API_KEY is not a key (it has characters that no header may)"
    elif key is None and url == OPENAI:
        trouble = "there is no OPENAI_API_KEY in the environment"
    elif key is not None and url.startswith("http:") and not here:
        key = None
        say("language model: the key is not sent, since the base URL is not https")
    return LanguageModel(
        ModelServer(config.llm_model, url, key, config.llm_timeout, direct=here),
        Budget(config.llm_tokens, config.llm_cost, prices),
        AnswerCache(config.cache / "answers"),
        say=say,
        trouble=trouble,
        premises=premises,
        failures=failures,
    )


def _usual_url(environ: Mapping[str, str]) -> str:
    try:
        return base_url(environ.get("OPENAI_BASE_URL") or OPENAI)
    except ValueError as error:
        raise UsageError(f"OPENAI_BASE_URL: {error}") from None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
