"""Progress: quiet when short, one line now and then in a log, a bar on a terminal."""

import io
from collections.abc import Callable, Iterator

import pytest

from calibrant.progress import duration, progress, progress_reports


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def ticking() -> tuple[list[float], Callable[[], float]]:
    now = [0.0]
    return now, lambda: now[0]


def run(count: int, seconds: float, stream: io.StringIO) -> list[int]:
    now, clock = ticking()

    def items() -> Iterator[int]:
        for number in range(count):
            now[0] += seconds
            yield number

    return list(progress(items(), count, "generate", stream=stream, clock=clock))


@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_short_work_shows_nothing_and_yields_everything(kind: type[io.StringIO]) -> None:
    stream = kind()
    assert run(10, 0.19, stream) == list(range(10))
    assert stream.getvalue() == ""


def test_a_log_gets_a_line_at_most_every_five_seconds() -> None:
    stream = io.StringIO()
    assert run(200, 0.125, stream) == list(range(200))
    assert stream.getvalue().splitlines() == [
        "generate: 16 of 200, 23 s left",
        "generate: 56 of 200, 18 s left",
        "generate: 96 of 200, 13 s left",
        "generate: 136 of 200, 8 s left",
        "generate: 176 of 200, 3 s left",
        "generate: 200 of 200, done in 25 s",
    ]


def test_a_terminal_gets_a_bar() -> None:
    stream = Terminal()
    assert run(30, 1.0, stream) == list(range(30))
    assert "generate" in stream.getvalue()
    assert "30/30" in stream.getvalue()


def test_an_error_inside_the_loop_passes_through_the_bar() -> None:
    now, clock = ticking()
    stream = Terminal()
    with pytest.raises(ValueError, match="third"):
        for number in progress(range(9), 9, "work", stream=stream, clock=clock):
            now[0] += 2
            if number == 3:
                raise ValueError("third")


def test_nothing_to_do_shows_nothing() -> None:
    stream = io.StringIO()
    assert run(0, 1.0, stream) == []
    assert stream.getvalue() == ""


def report_two_stages(stream: io.StringIO, group: str = "") -> None:
    now, clock = ticking()
    reports = (
        (1, "bootstrap", 1), (3, "bootstrap", 3), (5, "bootstrap", 10),
        (8, "noise floor", 5), (9, "noise floor", 6), (9, "noise floor", 10),
    )  # fmt: skip
    with progress_reports(stream=stream, clock=clock) as report:
        for now[0], stage, done in reports:
            report(f"{group}{stage}", done, 10)


def test_stages_follow_each_other_in_a_log() -> None:
    stream = io.StringIO()
    report_two_stages(stream)
    assert stream.getvalue().splitlines() == [
        "bootstrap: 3 of 10, 7 s left",
        "bootstrap: 10 of 10, done in 5 s",
        "noise floor: 5 of 10, 3 s left",
        "noise floor: 10 of 10, done in 4 s",
    ]


def test_stages_follow_each_other_on_one_bar_that_is_gone_at_the_end() -> None:
    stream = Terminal()
    report_two_stages(stream, group="law [/b] [EU], ")
    text = stream.getvalue()
    assert "law [/b] [EU], " in text and "10/10" in text and "of 10" not in text
    # The one line of the bar is erased (ANSI EL), and no newline is left behind it.
    assert text.endswith("\x1b[2K")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (40.4, "40 s"), (61, "1 min"), (3599, "1 h 0 min"), (7500, "2 h 5 min")],
)
def test_durations_are_said_in_two_units_at_most(seconds: float, text: str) -> None:
    assert duration(seconds) == text
