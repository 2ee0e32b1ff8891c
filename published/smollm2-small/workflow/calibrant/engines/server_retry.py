"""Asking a server again: which failures, how often, and how long to wait before."""

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt

from calibrant.engines.server_settings import Server

T = TypeVar("T")


class AttemptError(Exception):
    """An attempt failed in a way that may pass.

    Args:
        what: What happened.
        retry_after: Wait the server asked for (seconds), or None.
    """

    def __init__(self, what: str, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class Backoff:
    """The wait before the next attempt.

    Exponential with full jitter: uniform between 0 and ``first_wait`` doubled at every attempt, at
    most ``longest_wait`` (Brooker, "Exponential Backoff and Jitter", AWS 2015). Where the server
    named a wait, that one, at most ``longest_retry_after``, plus up to ``first_wait``, so that
    those who were told the same do not all come back at once.

    Args:
        settings: The bounds (seconds).
        jitter: Source of the random part.
    """

    def __init__(self, settings: Server, jitter: random.Random) -> None:
        self._settings = settings
        self._jitter = jitter

    def __call__(self, state: RetryCallState) -> float:
        """Return the seconds to wait after the attempt of ``state`` failed."""
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, AttemptError) else None
        return self.wait(state.attempt_number, asked)

    def wait(self, attempt: int, retry_after: float | None) -> float:
        """Return the seconds to wait after attempt number ``attempt``, counted from 1."""
        first = self._settings.first_wait
        if retry_after is not None:
            asked = min(retry_after, self._settings.longest_retry_after)
            return asked + self._jitter.uniform(0, first)
        longest = min(self._settings.longest_wait, first * 2.0 ** (attempt - 1))
        return self._jitter.uniform(0, longest)


async def retry(
    attempt: Callable[[], Awaitable[T]],
    attempts: int,
    backoff: Backoff,
    pause: Callable[[float], Awaitable[None]],
) -> T:
    """Call ``attempt`` until it succeeds.

    Args:
        attempt: Raises ``AttemptError`` where another attempt may help; any other error ends it.
        attempts: How often it is called at most.
        backoff: Says how long to wait in between.
        pause: Waits that many seconds.

    Raises:
        AttemptError: The last one, when no attempt is left.
    """
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(AttemptError),
        stop=stop_after_attempt(attempts),
        wait=backoff,
        sleep=pause,
        reraise=True,
    )
    return await retrying(attempt)


def parse_retry_after(header: str | None, now: datetime) -> float | None:
    """Read a Retry-After header: seconds, or a date (RFC 9110, section 10.2.3).

    Args:
        header: Its value, or None where the server sent none.
        now: The present time, with its time zone.

    Returns:
        Seconds from now, never negative; None where there is no header or it makes no sense, which
        the RFC leaves to the recipient.
    """
    if header is None:
        return None
    text = header.strip()
    if text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
