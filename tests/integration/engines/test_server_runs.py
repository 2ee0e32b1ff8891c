"""No run costs more than its cap, and none leaves a thread or a connection behind."""

import subprocess
import sys
import threading

import pytest
from tests.integration.engines.server_asking import (
    ask,
    echo,
    engine,
    error_of,
    once,
    wait_until_closed,
)
from tests.integration.engines.stub_server import (
    Answer,
    Asked,
    StubServer,
    serving,
)


def server_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "calibrant-server"]


def test_the_run_stops_before_it_costs_more_than_the_cap() -> None:
    # 100 tokens read and 2 written: 104 a reply.
    prices = {"price_per_million_input": 1e6, "price_per_million_output": 2e6}
    with serving(lambda asked: Answer(echo(asked).body, delay=0.02)) as server:
        one = engine(server, max_cost=1_500.0, **prices)
        yielded, error = error_of(one.generate(ask(*map(str, range(100)))))
        assert one.budget.spent == 104 * len(yielded) <= 1_500
        assert f"{one.budget.spent:.6g} was spent" in str(error)
        assert "max_cost is 1500" in str(error)
        assert len(server.asked) == len(yielded) > 10
        error_of(one.generate(ask("the budget is the engine's, not the run's")))
        assert len(server.asked) == len(yielded)


def test_attempts_that_may_have_been_charged_count_as_the_most_they_can_cost() -> None:
    with serving(once(Answer(hang=True))) as server:
        one = engine(server, timeout=0.3, price_per_million_output=1e6)
        assert len(list(one.generate(ask("a")))) == 1
    assert one.budget.spent == 64 + 2


def test_refused_attempts_cost_nothing() -> None:
    with serving(once(Answer(status=500))) as server:
        one = engine(server, price_per_million_output=1e6)
        assert len(list(one.generate(ask("a")))) == 1
    assert one.budget.spent == 2


def test_the_cap_on_attempts_counts_repeated_ones() -> None:
    with serving(once(Answer(status=500))) as server:
        one = engine(server, concurrency=1, max_requests=5)
        yielded, error = error_of(one.generate(ask("a", "b", "c")))
    assert [reply.index for reply in yielded] == [0, 1]
    assert len(server.asked) == 5
    assert "5 attempts were made, the cap max_requests is 5" in str(error)


def test_closing_early_leaves_no_thread_and_no_connection() -> None:
    def slow_later(asked: Asked) -> Answer:
        return echo(asked) if asked.text == "0" else Answer(hang=True)

    with serving(slow_later) as server:
        replies = engine(server).generate(ask(*map(str, range(50))))
        assert next(replies).index == 0
        assert len(server_threads()) == 1
        replies.close()  # type: ignore[attr-defined]
        assert server_threads() == []
        wait_until_closed(server)


def test_a_consumer_that_fails_leaves_no_thread_and_no_connection() -> None:
    def consume(server: StubServer) -> None:
        for reply in engine(server).generate(ask(*map(str, range(50)))):
            raise ZeroDivisionError(reply.index)

    with serving(echo) as server:
        with pytest.raises(ZeroDivisionError):
            consume(server)
        assert server_threads() == []
        wait_until_closed(server)


def test_a_process_that_dies_with_the_iterator_in_its_hands_ends() -> None:
    program = """
from calibrant.engines.interface import Request
from calibrant.engines.server_engine import ServerEngine
from calibrant.engines.server_settings import Server
from calibrant.engines.settings import Generation
server = Server(address={address!r}, model="made-up")
requests = [Request(({{"role": "user", "content": str(i)}},), i) for i in range(50)]
replies = ServerEngine(server, Generation()).generate(requests)
next(replies)
1 / 0
"""

    def slow_later(asked: Asked) -> Answer:
        return echo(asked) if asked.text == "0" else Answer(hang=True)

    with serving(slow_later) as server:
        done = subprocess.run(
            [sys.executable, "-c", program.format(address=server.address)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
        )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("ZeroDivisionError: division by zero")


def test_a_run_inside_a_running_event_loop_works_too() -> None:
    import asyncio

    async def notebook(server: StubServer) -> int:
        return len(list(engine(server).generate(ask("a", "b"))))

    with serving(echo) as server:
        assert asyncio.run(notebook(server)) == 2
