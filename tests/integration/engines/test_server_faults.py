"""A server that fails in every way: nothing is lost, nothing asked twice, no key is shown."""

import math
import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from tests.integration.engines.server_asking import (
    ask,
    echo,
    engine,
    error_of,
    once,
    verdict,
    verdicts,
    wait_until_closed,
    yes_for,
)
from tests.integration.engines.stub_server import (
    Answer,
    Asked,
    chat_reply,
    serving,
)

KEY = "sk-made-up-for-this-test"


@pytest.mark.slow
def test_ten_thousand_verdicts_arrive_once_each_from_a_server_that_fails_three_times_in_five() -> (
    None
):
    tries: Counter[str] = Counter()
    successes: Counter[str] = Counter()
    faults: Counter[str] = Counter()

    def unreliable(asked: Asked) -> Answer:
        tries[asked.text] += 1
        draw = random.Random(f"{asked.text}, attempt {tries[asked.text]}")
        kind = draw.choices(["429", "500", "garbage", "never", "well"], [20, 20, 16, 4, 40])[0]
        faults[kind] += 1
        if kind == "429":
            return Answer(status=429, headers={"retry-after": "0"} if draw.random() < 0.5 else {})
        if kind == "500":
            return Answer(b"Internal Server Error", status=500)
        if kind == "garbage":
            return Answer(draw.choice([b"<html>busy</html>", b'{"choices": []}', b"", b"{"]))
        if kind == "never":
            return Answer(hang=True)
        successes[asked.text] += 1
        return verdict(asked)

    count = 10_000
    before = threading.active_count()
    started = time.monotonic()
    with serving(unreliable) as server:
        # One process plays both sides, some 5 ms a reply, so a request waits for as many of them as are
        # under way: half a second. The time-out leaves room for a machine that is busy besides.
        one = engine(server, concurrency=96, timeout=5.0, attempts=100)
        results = list(one.score(verdicts(count)))
        wait_until_closed(server)
    print(f"{time.monotonic() - started:.0f} s, {dict(faults)}")

    assert sorted(scores.index for scores in results) == list(range(count))
    for scores in results:
        yes = yes_for(str(scores.index))
        assert [math.exp(log) for log in scores.log_probs] == pytest.approx([yes, 1 - yes])
    assert successes == Counter({str(index): 1 for index in range(count)})
    assert one.budget.attempts == len(server.asked) == sum(faults.values()) > 2 * count
    assert min(faults.values()) > 750
    assert threading.active_count() == before


@pytest.mark.parametrize(
    "fault",
    [
        Answer(status=408),
        Answer(status=429),
        Answer(status=500),
        Answer(status=502),
        Answer(status=503),
        Answer(status=504),
        Answer(drop=True),
        Answer(hang=True),
        Answer(b"not JSON"),
        Answer(b"\xff\xfe"),
        Answer([]),
        Answer({"choices": [{"message": {"content": "a"}}]}),
        Answer(chat_reply("a", [("a", 0.7)])),
        Answer(b'{"choices": [{"message": {"content": null}, "finish_reason": "stop"}]}'),
        Answer(b"not gzip", headers={"content-encoding": "gzip"}),
    ],
)
def test_every_fault_that_may_pass_is_asked_again(fault: Answer) -> None:
    with serving(once(fault)) as server:
        [reply] = engine(server, timeout=1.0).generate(ask("a"))
    assert reply.completion == "heard a"
    assert len(server.asked) == 2


def test_a_reply_that_trickles_in_is_timed_out_as_a_whole() -> None:
    slow = Answer(chat_reply("slow", [("slow", -1.0)]), trickle=0.05)
    with serving(once(slow)) as server:
        [reply] = engine(server, timeout=0.5).generate(ask("a"))
    assert reply.completion == "heard a"
    assert server.asked[1].at - server.asked[0].at < 5.0


def test_the_wait_that_the_server_asks_for_is_kept_and_capped() -> None:
    def gap(header: str, **settings: Any) -> float:
        busy = Answer(status=429, headers={"retry-after": header})
        with serving(once(busy)) as server:
            assert len(list(engine(server, **settings).generate(ask("a")))) == 1
        first, second = server.asked
        return second.at - first.at

    assert gap("1") >= 1.0
    in_three_seconds = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    assert gap(in_three_seconds) >= 1.0
    assert 0.5 <= gap("3600", longest_retry_after=0.5) < 10


def test_the_last_attempt_ends_in_an_error_that_says_server_status_and_attempts() -> None:
    def broken(asked: Asked) -> Answer:
        return Answer(b"on fire", status=503) if asked.text == "bad" else echo(asked)

    with serving(broken) as server:
        one = engine(server, attempts=3, concurrency=1)
        yielded, error = error_of(one.generate(ask("a", "bad", "never asked")))
    assert [reply.index for reply in yielded] == [0]
    for part in (server.address, "3 attempts", "status 503", "on fire"):
        assert part in str(error)
    assert [asked.text for asked in server.asked] == ["a", "bad", "bad", "bad"]


def test_a_time_out_that_stays_is_named() -> None:
    with serving(lambda _: Answer(hang=True)) as server:
        _, error = error_of(engine(server, attempts=2, timeout=0.2).generate(ask("a")))
    assert "2 attempts" in str(error) and "no answer within 0.2 s" in str(error)


def test_a_server_that_is_not_there_is_named() -> None:
    with serving(echo) as server:
        gone = engine(server, attempts=2)
    _, error = error_of(gone.generate(ask("a")))
    assert server.address in str(error) and "no connection" in str(error)


def test_what_is_on_its_way_when_another_request_fails_is_still_yielded() -> None:
    def bad_or_slow(asked: Asked) -> Answer:
        if asked.text == "bad":
            return Answer(status=400, body={"error": {"message": "too long"}}, delay=0.2)
        return Answer(echo(asked).body, delay=0.6)

    with serving(bad_or_slow) as server:
        one = engine(server, concurrency=3)
        yielded, error = error_of(one.generate(ask("a", "bad", "c", "never asked")))
    assert sorted(reply.index for reply in yielded) == [0, 2]
    assert "status 400" in str(error) and "too long" in str(error)
    assert len(server.asked) == 3


def test_a_failure_ends_the_waits_of_the_others() -> None:
    def bad_or_busy(asked: Asked) -> Answer:
        if asked.text == "bad":
            return Answer(status=400, delay=0.3)
        return Answer(status=429, headers={"retry-after": "60"})

    with serving(bad_or_busy) as server:
        started = time.monotonic()
        error_of(engine(server).generate(ask("bad", "b", "c")))
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("status", "parts"),
    [
        (401, ["refuses the key", "MADE_UP_KEY"]),
        (403, ["refuses the key", "MADE_UP_KEY"]),
        (404, ["'made-up'", "Check model and address"]),
        (422, ["refuses the request"]),
        (307, ["refuses the request"]),
    ],
)
def test_a_refusal_is_an_error_at_once_and_never_shows_the_key(
    status: int, parts: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    monkeypatch.setenv("MADE_UP_KEY", KEY)
    told = Answer({"error": f"the key {KEY} is bad"}, status=status)
    with serving(lambda _: told) as server:
        _, error = error_of(engine(server, key_variable="MADE_UP_KEY").generate(ask("a")))
    [asked] = server.asked
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    for part in [*parts, f"status {status}", server.address]:
        assert part in str(error)
    links: list[BaseException] = [error]
    while (before := links[-1].__cause__ or links[-1].__context__) is not None:
        links.append(before)
    assert not [link for link in links if KEY in f"{link!s}{link!r}"]
    assert KEY not in caplog.text


def test_a_server_that_repeats_the_key_in_a_fault_does_not_bring_it_into_the_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MADE_UP_KEY", KEY)
    with serving(lambda _: Answer({"error": KEY}, status=500)) as server:
        one = engine(server, key_variable="MADE_UP_KEY", attempts=2)
        _, error = error_of(one.generate(ask("a")))
    assert "(key)" in str(error) and KEY not in str(error)
