"""Made-up requests, an engine that is quick to ask again, and how the stub server answers."""

import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.engines.stub_server import (
    Answer,
    Asked,
    StubServer,
    chat_reply,
    first_token_reply,
)

from calibrant.engines.interface import Request, ScoreRequest
from calibrant.engines.server_engine import ServerEngine
from calibrant.engines.server_settings import Server
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError


def engine(server: StubServer, **settings: Any) -> ServerEngine:
    quick: dict[str, Any] = {"first_wait": 0.001, "longest_wait": 0.02, "model": "made-up"}
    return ServerEngine(Server(address=server.address, **quick | settings), Generation())


def ask(*texts: str) -> list[Request]:
    return [Request(({"role": "user", "content": text},), seed) for seed, text in enumerate(texts)]


def verdicts(count: int) -> list[ScoreRequest]:
    return [
        ScoreRequest(({"role": "user", "content": str(index)},), ("yes", "no"))
        for index in range(count)
    ]


def echo(asked: Asked) -> Answer:
    return Answer(chat_reply(f"heard {asked.text}", [("heard", -0.5), (asked.text, -0.25)]))


def yes_for(text: str) -> float:
    """A different P(yes) for every question, so that no verdict can pass for another."""
    return (int(text) + 1) / 20_000


def verdict(asked: Asked) -> Answer:
    yes = yes_for(asked.text)
    return Answer(first_token_reply({"no": math.log(1 - yes), "yes": math.log(yes)}))


def once(first: Answer, then: Callable[[Asked], Answer] = echo) -> Callable[[Asked], Answer]:
    """Answer the first attempt of every question with ``first``."""
    seen: Counter[str] = Counter()

    def answer(asked: Asked) -> Answer:
        seen[asked.text] += 1
        return first if seen[asked.text] == 1 else then(asked)

    return answer


def error_of(items: Any) -> tuple[list[Any], CalibrantError]:
    """Return what was yielded before the error, and the error."""
    yielded = []
    with pytest.raises(CalibrantError) as caught:
        for item in items:
            yielded.append(item)
    return yielded, caught.value


def wait_until_closed(server: StubServer) -> None:
    deadline = time.monotonic() + 5
    while server.connections and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.connections == 0
