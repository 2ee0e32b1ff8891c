"""Progress of long work: a bar for a person, a line now and then for a log."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TextIO, TypeVar

QUIET_SECONDS = 2.0
LINE_SECONDS = 5.0

Item = TypeVar("Item")
Clock = Callable[[], float]
Report = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is to do."""


def progress(
    iterable: Iterable[Item],
    total: int,
    what: str,
    *,
    stream: TextIO | None = None,
    clock: Clock = time.monotonic,
) -> Iterator[Item]:
    """Yield the items of ``iterable`` and show how far it is, as ``progress_reports`` does.

    Args:
        iterable: What to go through.
        total: Number of its items.
        what: What is being done, in a word or two.
        stream: Where to write; standard error by default, to keep it apart from results.
        clock: Returns the time in seconds.
    """
    with progress_reports(stream=stream, clock=clock) as report:
        for done, item in enumerate(iterable, start=1):
            yield item
            report(what, done, total)


def progress_reports(
    *, stream: TextIO | None = None, clock: Clock = time.monotonic
) -> AbstractContextManager[Report]:
    """Return a context that shows what is reported to it, one piece of work after the other.

    On a terminal this is a bar, gone at the end; elsewhere a line such as ``generate: 40 of 200,
    1 min left`` at most every 5 s. Nothing is shown in the first 2 s, and so nothing for what is
    done by then.

    Args:
        stream: Where to write; standard error by default.
        clock: Returns the time in seconds.
    """
    target = stream or sys.stderr
    return (_bar if target.isatty() else _lines)(target, clock)


def duration(seconds: float) -> str:
    """Return a duration as a person says it: ``40 s``, ``1 min``, ``2 h 5 min``."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@contextmanager
def _lines(stream: TextIO, clock: Clock) -> Iterator[Report]:
    last = clock()
    due = last + QUIET_SECONDS
    # The first report comes when a part is done: what is reported began with the report before.
    began: dict[str, float] = {}
    shown: set[str] = set()
    say = partial(print, file=stream, flush=True)

    def report(what: str, done: int, total: int) -> None:
        nonlocal last, due
        start = began.setdefault(what, last)
        last = clock()
        if done >= total and what in shown:
            say(f"{what}: {done} of {total}, done in {duration(last - start)}")
        elif 0 < done < total and last >= due:
            left = (last - start) / done * (total - done)
            # The first items say little about the rest: what is set up once counts against them.
            guess = f", {duration(left)} left" if done >= total / 20 else ""
            say(f"{what}: {done} of {total}{guess}")
            due = last + LINE_SECONDS
            shown.add(what)

    yield report


@contextmanager
def _bar(stream: TextIO, clock: Clock) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    bar = Progress(
        # What is being done can be a name from a file, with brackets that are no markup.
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), Remaining(),
        console=Console(file=stream), get_time=clock, transient=True,
    )  # fmt: skip
    task = bar.add_task("")
    quiet_until = clock() + QUIET_SECONDS

    def report(what: str, done: int, total: int) -> None:
        if bar.tasks[0].description != what:
            bar.reset(task, description=what, total=total)
        bar.update(task, completed=done)
        if not bar.live.is_started and clock() >= quiet_until:
            bar.start()

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()
