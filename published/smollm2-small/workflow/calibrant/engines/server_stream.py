"""Many requests at once behind an ordinary iterator."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")
Ask = Callable[[int], Awaitable[T]]
Session = Callable[[asyncio.Event], AbstractAsyncContextManager[Ask[T]]]


class StoppedError(Exception):
    """A request was not sent because another one has failed."""


@dataclass(frozen=True, slots=True)
class _End:
    error: Exception | None


def stream(session: Session[T], count: int, concurrency: int) -> Iterator[T]:
    """Yield the results of ``count`` requests, each as soon as it is finished, in any order.

    An event loop in a thread of its own does the asking. It runs ahead of the consumer by at most
    ``concurrency`` results, so that a consumer that is killed loses no more. When a request fails,
    no other is sent, those on their way are waited for and yielded, and then the error is raised.
    When the consumer stops early, everything under way is cancelled; thread and connections are
    closed before the iterator is.

    Args:
        session: Opens the connections and gives the function that asks request ``index``. It is
            handed an event that is set once a request has failed: what has not been sent by then
            raises ``StoppedError``.
        count: Number of requests.
        concurrency: Requests under way or finished and not yet taken, at least 1.

    Raises:
        Exception: What the first failed request raised.
    """
    run = _Run(session, count, concurrency)
    run.start()
    try:
        while not isinstance(item := run.finished.get(), _End):
            run.free_a_slot()
            yield item
        if item.error is not None:
            raise item.error
    finally:
        run.close()


class _Run(Generic[T]):
    """The thread, its event loop and what they hand over."""

    def __init__(self, session: Session[T], count: int, concurrency: int) -> None:
        self.finished: SimpleQueue[T | _End] = SimpleQueue()
        self._session = session
        self._count = count
        self._slots = asyncio.Semaphore(concurrency)
        self._stopping = asyncio.Event()
        self._error: Exception | None = None
        self._loop = asyncio.new_event_loop()
        self._main = self._loop.create_task(self._work())
        # A daemon, so that a consumer that dies with the iterator in its hands can exit.
        self._thread = threading.Thread(target=self._run, name="calibrant-server", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def free_a_slot(self) -> None:
        self._loop.call_soon_threadsafe(self._slots.release)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._main.cancel)
        # The garbage collector may close a forgotten iterator from within this very thread.
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        async def follow() -> None:
            with suppress(asyncio.CancelledError):
                await self._main

        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(follow())

    async def _work(self) -> None:
        try:
            await self._ask_all()
        except Exception as error:
            self._error = self._error or error
        self.finished.put(_End(self._error))
        # Slots are still freed while the last results are taken: only close() ends the loop.
        await asyncio.Event().wait()

    async def _ask_all(self) -> None:
        async with self._session(self._stopping) as ask, asyncio.TaskGroup() as group:
            for index in range(self._count):
                await self._slots.acquire()
                if self._stopping.is_set():
                    break
                group.create_task(self._ask_one(ask, index))

    async def _ask_one(self, ask: Ask[T], index: int) -> None:
        try:
            self.finished.put(await ask(index))
        except StoppedError:
            pass  # The failure that stopped it is reported.
        except Exception as error:
            self._error = self._error or error
            self._stopping.set()
            self._slots.release()
