"""Generation and scoring by any server that speaks OpenAI's protocol over HTTP."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

from calibrant.engines.interface import Reply, Request, ScoreRequest, Scores
from calibrant.engines.server_budget import Budget
from calibrant.engines.server_client import ServerClient, connect
from calibrant.engines.server_replies import ChatReply
from calibrant.engines.server_scoring import score_by_first_token, score_by_prompt
from calibrant.engines.server_settings import Server
from calibrant.engines.server_stream import stream
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json

T = TypeVar("T")
# Some servers hold a seed in 32 bits.
_SEEDS = 2**31


class ServerEngine:
    """A model behind an HTTP address.

    Requests run at once, up to ``settings.concurrency``. Failures that may pass are repeated with
    growing waits; the first one that does not pass ends the run, after what was finished has been
    yielded. The log probabilities are those the server reports; vLLM's are at temperature 1 by
    default.

    Args:
        settings: The server, how it is asked and what it may cost.
        generation: Token limit and temperature; ``batch_size`` has no meaning here.

    Attributes:
        budget: Money and attempts so far.

    Raises:
        CalibrantError: If the environment variable of the key is not set or holds no key.
    """

    def __init__(self, settings: Server, generation: Generation) -> None:
        self.budget = Budget(settings)
        self._settings = settings
        self._generation = generation
        self._key = _read_key(settings.key_variable)

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Yield one reply per request, each as soon as it is finished, in any order.

        Raises:
            CalibrantError: If the server refuses a request, no attempt is left, or a cap is reached.
        """

        async def ask(client: ServerClient, index: int) -> Reply:
            return await self._complete(client, index, requests[index])

        return self._stream(ask, len(requests))

    def score(self, requests: Sequence[ScoreRequest]) -> Iterator[Scores]:
        """Yield one result per request, each as soon as it is finished, in any order.

        Raises:
            CalibrantError: If the server refuses a request, no attempt is left, a cap is reached,
                or the reply says nothing about the continuations.
        """
        known: dict[str, list[int]] = {}

        async def ask(client: ServerClient, index: int) -> Scores:
            if self._settings.scoring == "first_token":
                return await score_by_first_token(client, index, requests[index])
            return await score_by_prompt(client, index, requests[index], known)

        return self._stream(ask, len(requests))

    def _stream(self, ask: Callable[[ServerClient, int], Awaitable[T]], count: int) -> Iterator[T]:
        @asynccontextmanager
        async def session(stopping: asyncio.Event) -> AsyncIterator[Callable[[int], Awaitable[T]]]:
            async with connect(self._settings, self._key, self.budget, stopping) as client:
                yield partial(ask, client)

        return stream(session, count, self._settings.concurrency)

    async def _complete(self, client: ServerClient, index: int, request: Request) -> Reply:
        messages = list(request.messages)
        body = {
            "model": self._settings.model,
            "messages": messages,
            "max_tokens": self._generation.max_new_tokens,
            "temperature": self._generation.temperature,
            "seed": request.seed % _SEEDS,
            "logprobs": True,
        }
        reply = await client.post(f"{self._settings.address}/chat/completions", body, ChatReply)
        choice = reply.choices[0]
        return Reply(
            index=index,
            prompt=canonical_json(messages),
            completion=choice.message.content or "",
            finish_reason="length" if choice.finish_reason == "length" else "stop",
            tokens=reply.tokens,
            log_probs=reply.log_probs,
        )


def _read_key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise CalibrantError(
            "the environment variable of the server's key is not set",
            where=variable,
            repair="Set it to the key, outside of any file of the study",
        )
    # An HTTP header holds nothing else, and the library's complaint would show the key.
    if not key.isascii() or not key.isprintable() or " " in key:
        raise CalibrantError(
            "the environment variable holds something that cannot be a key",
            where=variable,
            repair="A key is one word of ASCII characters",
        )
    return key
