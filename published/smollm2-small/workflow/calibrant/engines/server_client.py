"""One request to a server: sent within the budget, repeated where that may help, checked."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import httpx
from pydantic import ValidationError

from calibrant.engines.server_budget import Budget
from calibrant.engines.server_connections import ServerConnections
from calibrant.engines.server_refusal import RETRIED, quote, refusal
from calibrant.engines.server_replies import ServerReply
from calibrant.engines.server_retry import AttemptError, Backoff, parse_retry_after, retry
from calibrant.engines.server_settings import Server
from calibrant.engines.server_stream import StoppedError
from calibrant.errors import CalibrantError

R = TypeVar("R", bound=ServerReply)
_LOOK_FOR_ROOM = 0.02  # seconds


class ServerClient:
    """Posts JSON to one server.

    Args:
        connections: Connections to the server.
        settings: Address, time-out and attempts.
        budget: Asked before every attempt.
        stopping: Once it is set, nothing more is sent.
    """

    def __init__(
        self,
        connections: ServerConnections,
        settings: Server,
        budget: Budget,
        stopping: asyncio.Event,
    ) -> None:
        self.settings = settings
        self._connections = connections
        self._budget = budget
        self._stopping = stopping
        self._backoff = Backoff(settings, random.Random(settings.jitter_seed))

    async def post(self, url: str, body: dict[str, Any], shape: type[R]) -> R:
        """Send ``body`` and return the reply.

        Args:
            url: Whole address.
            body: What is asked; with ``max_tokens`` it is counted as paid for, without as free.
            shape: What a usable reply looks like.

        Raises:
            CalibrantError: If the server refuses the request, no attempt is left, or a cap is
                reached.
            StoppedError: If the run stops before it was sent.
        """
        # ASCII, because half of a surrogate pair has no UTF-8.
        content = json.dumps(body).encode("ascii")
        # A token is at least one byte of the text.
        most = self._budget.cost(len(content), body["max_tokens"]) if "max_tokens" in body else 0.0
        attempts = self.settings.attempts
        attempt = partial(self._attempt, url, content, shape, most)
        try:
            return await retry(attempt, attempts, self._backoff, self._pause)
        except AttemptError as error:
            raise CalibrantError(
                f"no usable reply after {attempts} attempts; the last one: {error}",
                where=url,
                repair="Check that the server runs and can keep up, or lower concurrency, or raise "
                "timeout or attempts",
            ) from error

    async def _attempt(self, url: str, content: bytes, shape: type[R], most: float) -> R:
        await self._reserve(most)
        # Unless it turns out to be less: whoever got no answer may have to pay all the same.
        cost = most
        try:
            async with asyncio.timeout(self.settings.timeout):
                response = await self._connections.post(url, content)
            if not response.is_success:
                cost = 0.0
                raise self._failure(response)
            reply = _read(response.content, shape)
            if most and reply.usage is not None:
                cost = self._budget.cost(reply.usage.prompt_tokens, reply.usage.completion_tokens)
            return reply
        except TimeoutError as error:
            raise AttemptError(f"no answer within {self.settings.timeout:g} s") from error
        except httpx.ConnectError as error:
            cost = 0.0
            raise AttemptError(f"no connection: {error}") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise AttemptError(f"the connection broke: {error or type(error).__name__}") from error
        finally:
            self._budget.settle(most, cost)

    async def _reserve(self, most: float) -> None:
        # Two runs may share the budget from two event loops, so neither can wake the other.
        while not self._stopping.is_set():
            if self._budget.reserve(most):
                return
            await self._pause(_LOOK_FOR_ROOM)
        raise StoppedError

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    def _failure(self, response: httpx.Response) -> Exception:
        status = response.status_code
        said = quote(response.text, self._connections.key)
        if status not in RETRIED:
            return refusal(status, str(response.url), said, self.settings)
        wait = parse_retry_after(response.headers.get("retry-after"), datetime.now(UTC))
        return AttemptError(f"status {status}{said}", wait)


@asynccontextmanager
async def connect(
    settings: Server, key: str | None, budget: Budget, stopping: asyncio.Event
) -> AsyncIterator[ServerClient]:
    """Open connections to the server as they are needed and close them at the end.

    Args:
        settings: The server and how it is asked.
        key: Sent as a bearer token; None sends none.
        budget: Asked before every attempt.
        stopping: Once it is set, nothing more is sent.
    """
    async with ServerConnections(key) as connections:
        yield ServerClient(connections, settings, budget, stopping)


def _read(content: bytes, shape: type[R]) -> R:
    try:
        return shape.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise AttemptError(f"the reply cannot be used: {place}: {first['msg']}") from error
