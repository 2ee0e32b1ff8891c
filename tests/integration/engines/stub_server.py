"""An HTTP server on this machine that answers and fails as a test tells it to."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One attempt that arrived: its path, headers (lower case), body and time (seconds)."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float

    @property
    def text(self) -> str:
        """The last message."""
        return str(self.body["messages"][-1]["content"])


@dataclass(frozen=True)
class Answer:
    """What the server does: after ``delay`` seconds it answers, hangs, or breaks the connection.

    With ``trickle`` it sends one byte at a time, so many seconds apart.
    """

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    trickle: float = 0.0
    hang: bool = False
    drop: bool = False

    def to_bytes(self) -> bytes:
        raw = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        lines = [f"HTTP/1.1 {self.status} As told", f"content-length: {len(raw)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + raw


class StubServer:
    """The server; ``address`` is what an engine is given.

    Attributes:
        asked: Every attempt, in the order of arrival.
        connections: Number of connections that are open.
    """

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self.address = ""
        self._answer = answer
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="stub-server", daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(30)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=1024)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        self._ready.set()
        await self._stop.wait()
        server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while (asked := await _read(reader)) is not None:
                self.asked.append(asked)
                answer = self._answer(asked)
                if answer.delay:
                    await asyncio.sleep(answer.delay)
                if answer.hang:
                    await reader.read()
                if answer.hang or answer.drop:
                    break
                await _write(writer, answer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # The client went away, which is its right.
        finally:
            self.connections -= 1
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    """Read one request, or None at the end of the connection."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers["content-length"]))
    return Asked(first.split()[1], headers, json.loads(body), time.monotonic())


async def _write(writer: asyncio.StreamWriter, answer: Answer) -> None:
    raw = answer.to_bytes()
    size = 1 if answer.trickle else len(raw)
    for start in range(0, len(raw), size):
        writer.write(raw[start : start + size])
        await writer.drain()
        await asyncio.sleep(answer.trickle)


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[StubServer]:
    """Yield a running server that does what ``answer`` says, called once per attempt."""
    server = StubServer(answer)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def chat_reply(text: str, tokens: list[tuple[str, float]], finish: str = "stop") -> dict[str, Any]:
    """Return a completion whose tokens have the given log probabilities; 100 tokens were read."""
    content = [{"token": token, "logprob": log, "top_logprobs": []} for token, log in tokens]
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish,
        "logprobs": {"content": content},
    }
    usage = {"prompt_tokens": 100, "completion_tokens": len(tokens)}
    return {"object": "chat.completion", "choices": [choice], "usage": usage}


def first_token_reply(listed: dict[str, float]) -> dict[str, Any]:
    """Return a completion of one token with the likeliest tokens and their log probabilities."""
    reply = chat_reply("", [next(iter(listed.items()))], "length")
    reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"] = [
        {"token": token, "logprob": log} for token, log in listed.items()
    ]
    return reply
