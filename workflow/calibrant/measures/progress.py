"""Progress of a measurement on standard error, shown only once it takes long."""

import sys
import time
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import Progress, TaskID

PATIENCE_SECONDS = 2.0


class DelayedProgress:
    """A callback for ``replicates.Progress`` that keeps quiet for the first two seconds.

    On a terminal it then draws a bar; elsewhere it prints a plain line every two seconds. Use it as
    a context manager, so that the bar is gone before anything else is printed.
    """

    def __init__(self, stream: TextIO | None = None, patience: float = PATIENCE_SECONDS) -> None:
        self._stream = stream or sys.stderr
        self._patience = patience
        self._last = time.monotonic()
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "DelayedProgress":
        """Start the clock."""
        self._last = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note of ``done`` out of ``total`` replicates in a stage."""
        if self._bar is not None:
            self._draw(self._bar, stage, done, total)
        elif time.monotonic() - self._last >= self._patience:
            self._last = time.monotonic()
            if self._stream.isatty():
                self._bar = Progress(console=Console(file=self._stream), transient=True)
                self._bar.start()
                self._draw(self._bar, stage, done, total)
            else:
                print(f"{stage}: {done} of {total}", file=self._stream, flush=True)

    def _draw(self, bar: Progress, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = bar.add_task(stage, total=total)
        bar.update(self._tasks[stage], completed=done)
