"""How long is waited, and how often is asked again."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.engines.server_retry import AttemptError, Backoff, parse_retry_after, retry
from calibrant.engines.server_settings import Server

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
BOUNDS = Server(
    address="http://127.0.0.1:8000/v1",
    model="made-up",
    first_wait=1.0,
    longest_wait=10.0,
    longest_retry_after=30.0,
)


def backoff(seed: int) -> Backoff:
    return Backoff(BOUNDS, random.Random(seed))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("7", 7.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("Sun, 01 Mar 2026 12:00:05 GMT", 5.0),
        ("Sunday, 01-Mar-26 12:00:05 GMT", 5.0),
        ("Sun, 01 Mar 2026 13:00:05 +0100", 5.0),
        ("Sun, 01 Mar 2026 12:00:05 -0000", 5.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("-3", None),
        ("soon", None),
        ("", None),
        (".", None),
        ("1.2.3", None),
        ("²", None),
        ("1e3", None),
        ("nan", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, NOW) == seconds


@given(st.text(max_size=40))
def test_any_header_is_a_wait_or_nothing(header: str) -> None:
    seconds = parse_retry_after(header, NOW)
    assert seconds is None or seconds >= 0


@given(st.integers(0, 10**7))
def test_a_date_is_as_far_away_as_it_says(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(date, NOW) == seconds


@given(st.integers(1, 1000), st.integers(0, 2**32))
def test_a_wait_lies_between_nothing_and_the_doubled_bound(attempt: int, seed: int) -> None:
    bound = [1, 2, 4, 8, 10][min(attempt, 5) - 1]
    assert 0 <= backoff(seed).wait(attempt, None) <= bound


def test_waits_are_spread_over_the_whole_range() -> None:
    one = backoff(0)
    waits = [one.wait(4, None) for _ in range(4000)]
    # Uniform on [0, 8]: mean 4 with a standard error of 0.037.
    assert sum(waits) / len(waits) == pytest.approx(4, abs=0.15)
    assert min(waits) < 0.1 and max(waits) > 7.9


def test_the_same_seed_waits_the_same() -> None:
    first, again, other = ([backoff(seed).wait(3, None)] for seed in (5, 5, 6))
    assert first == again != other


@pytest.mark.parametrize(("asked", "kept"), [(0.0, 0.0), (7.0, 7.0), (3600.0, 30.0)])
def test_a_wait_the_server_names_is_kept_and_capped(asked: float, kept: float) -> None:
    for seed in range(50):
        assert kept <= backoff(seed).wait(1, asked) <= kept + 1.0


def attempts_until(success: int, attempts: int) -> tuple[int, list[float], str]:
    """Ask something that succeeds at try ``success`` and asks for 7 s of patience before."""
    tries = 0
    waits = []

    async def attempt() -> str:
        nonlocal tries
        tries += 1
        if tries < success:
            raise AttemptError(f"failure {tries}", 7.0)
        return "done"

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    try:
        outcome = asyncio.run(retry(attempt, attempts, backoff(0), pause))
    except AttemptError as error:
        outcome = str(error)
    return tries, waits, outcome


def test_attempts_go_on_until_one_succeeds() -> None:
    tries, waits, outcome = attempts_until(3, 5)
    assert (tries, outcome, len(waits)) == (3, "done", 2)
    assert all(7 <= wait <= 8 for wait in waits)


def test_the_last_failure_is_raised_when_no_attempt_is_left() -> None:
    tries, waits, outcome = attempts_until(9, 4)
    assert (tries, outcome, len(waits)) == (4, "failure 4", 3)


def test_a_failure_that_does_not_pass_is_raised_at_once() -> None:
    async def attempt() -> None:
        raise KeyError("not an attempt's")

    async def pause(seconds: float) -> None:
        raise AssertionError("nothing to wait for")

    with pytest.raises(KeyError):
        asyncio.run(retry(attempt, 5, backoff(0), pause))
