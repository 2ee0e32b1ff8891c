"""Progress of a long loop: a bar for a person, a line now and then for a log."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO, TypeVar

QUIET_SECONDS = 2.0
LINE_SECONDS = 5.0

Item = TypeVar("Item")


def progress(
    iterable: Iterable[Item],
    total: int,
    what: str,
    *,
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Item]:
    """Yield the items of ``iterable`` and show how far it is.

    On a terminal this is a bar; elsewhere a line such as ``generate: 40 of 200, 1 min left`` at
    most every 5 s. Nothing is shown in the first 2 s, and so nothing for what is done by then.

    Args:
        iterable: What to go through.
        total: Number of its items.
        what: What is being done, in a word or two.
        stream: Where to write; standard error by default, to keep it apart from results.
        clock: Returns the time in seconds.
    """
    target = stream or sys.stderr
    show = _bar if target.isatty() else _lines
    yield from show(iterable, total, what, target, clock)


def duration(seconds: float) -> str:
    """Return a duration as a person says it: ``40 s``, ``1 min``, ``2 h 5 min``."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _lines(
    iterable: Iterable[Item], total: int, what: str, stream: TextIO, clock: Callable[[], float]
) -> Iterator[Item]:
    start = clock()
    shown: float | None = None
    done = 0
    for done, item in enumerate(iterable, start=1):
        yield item
        now = clock()
        due = now - start >= QUIET_SECONDS if shown is None else now - shown >= LINE_SECONDS
        if due and done < total:
            left = (now - start) / done * (total - done)
            # The first items say little about the rest: what is set up once counts against them.
            guess = f", {duration(left)} left" if done >= total / 20 else ""
            print(f"{what}: {done} of {total}{guess}", file=stream, flush=True)
            shown = now
    if shown is not None:
        text = f"{what}: {done} of {total}, done in {duration(clock() - start)}"
        print(text, file=stream, flush=True)


def _bar(
    iterable: Iterable[Item], total: int, what: str, stream: TextIO, clock: Callable[[], float]
) -> Iterator[Item]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining(),
        console=Console(file=stream), get_time=clock,
    )  # fmt: skip
    task = bar.add_task(what, total=total)
    start = clock()
    try:
        for item in iterable:
            yield item
            bar.advance(task)
            if not bar.live.is_started and clock() - start >= QUIET_SECONDS:
                bar.start()
    finally:
        if bar.live.is_started:
            bar.stop()
