"""Asks a server that speaks the chat-completions protocol, and survives whatever it does.

The only module that uses the ``openai`` and ``tenacity`` packages, which the extra ``llm``
installs. What comes back is limited in size and time.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyorch.search.suggest.llm_answer import Completion, parse_completion
from pyorch.search.suggest.llm_budget import Budget, Tokens
from pyorch.search.suggest.llm_http import NoAnswer, inspect, translated

if TYPE_CHECKING:
    import openai
    import tenacity

__all__ = ["ChatClient", "ModelServer"]

_ANSWER_TOKENS = 4096
"""Asked for at most; models that reason count that in."""
_OVERHEAD_TOKENS = 64
"""Of a prompt beside its text, whose tokens are no more than its bytes."""
_LARGEST = 1 << 20
"""Bytes of an answer."""
_ATTEMPTS = 4
_GRACE = 10.0
"""Seconds."""
_CONNECT = 10.0
"""Seconds."""


@dataclass(frozen=True)
class ModelServer:
    """Whom to ask.

    Attributes:
        url: up to and without ``/chat/completions``.
        key: None where none is to be sent.
        timeout: seconds for one answer, further attempts and pauses included.
        direct: take no proxy from the environment.
        pause: seconds before the second attempt; later pauses are longer.
    """

    model: str
    url: str
    key: str | None = field(repr=False)
    timeout: float
    direct: bool = False
    pause: float = 0.5


class ChatClient:
    """One connection pool on a thread of its own; `ask` may be called from several threads."""

    def __init__(self, server: ModelServer, budget: Budget) -> None:
        self._server, self._budget = server, budget
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: openai.AsyncOpenAI | None = None
        # What servers disagree on; corrected by what they refuse.
        self._maximum = (
            "max_completion_tokens" if "//api.openai.com/" in server.url else "max_tokens"
        )
        self._swapped = False
        self._json_mode = True

    def ask(self, prompt: str) -> Completion:
        """Have the model answer ``prompt``.

        Raises:
            NoAnswer, Malformed, Spent: see there.
        """
        client, loop = self._open()
        future = asyncio.run_coroutine_threadsafe(self._in_time(client, prompt), loop)
        try:
            # The thread keeps the time limit; this one is for when it was closed meanwhile.
            return future.result(self._server.timeout + _GRACE)
        except TimeoutError:
            raise NoAnswer("no answer in time") from None
        finally:
            future.cancel()  # an interrupt by the user ends the request too

    def close(self) -> None:
        """Close connections and end the thread. The next `ask` opens them anew."""
        with self._lock:
            client, loop, self._client, self._loop = self._client, self._loop, None, None
        if client is not None and loop is not None:
            asyncio.run_coroutine_threadsafe(client.close(), loop).result()
            loop.call_soon_threadsafe(loop.stop)

    def _open(self) -> tuple[openai.AsyncOpenAI, asyncio.AbstractEventLoop]:
        with self._lock:
            if self._client is None or self._loop is None:
                self._client = _connect(self._server)
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._loop,), daemon=True).start()
            return self._client, self._loop

    async def _in_time(self, client: openai.AsyncOpenAI, prompt: str) -> Completion:
        from tenacity import (
            AsyncRetrying,
            retry_if_exception,
            stop_after_attempt,
            stop_before_delay,
            wait_exponential,
            wait_random,
        )

        timeout, pause = self._server.timeout, self._server.pause
        backoff = wait_exponential(multiplier=pause) + wait_random(0, pause)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            return backoff(state) + (error.wait if isinstance(error, NoAnswer) else 0.0)

        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, NoAnswer) and error.again),
            # A pause that does not fit is not begun.
            stop=stop_after_attempt(_ATTEMPTS) | stop_before_delay(timeout),
            wait=wait,
            reraise=True,
        )
        try:
            async with asyncio.timeout(timeout):
                return await retrying(self._attempt, client, prompt)
        except TimeoutError:
            raise NoAnswer(f"no answer within {timeout:g} s", again=True) from None

    async def _attempt(self, client: openai.AsyncOpenAI, prompt: str) -> Completion:
        most = Tokens(len(prompt.encode()) + _OVERHEAD_TOKENS, _ANSWER_TOKENS)
        self._budget.reserve(most)
        taken = most
        try:
            completion = parse_completion(await self._post(client, prompt))
            taken = completion.tokens or most
            return completion
        except NoAnswer as error:
            if not error.billed:
                taken = Tokens()
            raise
        finally:
            self._budget.settle(most, taken)

    async def _post(self, client: openai.AsyncOpenAI, prompt: str) -> bytes:
        while True:
            try:
                return await _send(client, self._request(prompt))
            except NoAnswer as error:
                if not self._adapt(error):
                    raise

    def _request(self, prompt: str) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._server.model,
            "messages": [{"role": "user", "content": prompt}],
            self._maximum: _ANSWER_TOKENS,
        }
        return request | ({"response_format": {"type": "json_object"}} if self._json_mode else {})

    def _adapt(self, error: NoAnswer) -> bool:
        """Ask otherwise after a refusal, in each respect once."""
        if error.settings is None:
            return False
        if error.settings & {"max_tokens", "max_completion_tokens"} and not self._swapped:
            self._swapped = True
            newer = self._maximum == "max_tokens"
            self._maximum = "max_completion_tokens" if newer else "max_tokens"
            return True
        asked, self._json_mode = self._json_mode, False
        return asked


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def _connect(server: ModelServer) -> openai.AsyncOpenAI:
    try:
        import openai
        import tenacity  # noqa: F401
    except ImportError as error:
        raise NoAnswer(
            f"the package {error.name} is missing (pip install 'pyorch[llm]')", final=True
        ) from None

    async def without_key(request: Any) -> None:
        if server.key is None:
            request.headers.pop("authorization", None)

    return openai.AsyncOpenAI(
        api_key=server.key or "none",
        base_url=server.url,
        max_retries=0,
        timeout=openai.Timeout(server.timeout, connect=min(_CONNECT, server.timeout)),
        default_headers={"Accept-Encoding": "identity"},
        http_client=openai.DefaultAsyncHttpxClient(
            # Elsewhere is not where the user allowed text to be sent.
            follow_redirects=False,
            trust_env=not server.direct,
            event_hooks={"request": [without_key], "response": [inspect]},
        ),
    )


async def _send(client: openai.AsyncOpenAI, request: dict[str, Any]) -> bytes:
    body = bytearray()
    try:
        async with client.chat.completions.with_streaming_response.create(**request) as response:
            async for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _LARGEST:
                    raise NoAnswer("an answer is larger than 1 MB")
    except Exception as error:
        # Errors of libraries hold the request, and so the key: nothing of them is passed on.
        raise translated(error) from None
    return bytes(body)
