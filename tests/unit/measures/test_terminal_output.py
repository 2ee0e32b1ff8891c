"""What a terminal and a log get to see: tables and remarks."""

import io
from typing import Any

from calibrant.measures.summary import measure_sample
from calibrant.measures.terminal_table import print_groups, print_summary


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def summary_of(confidence: list[float], correct: list[int]) -> dict[str, Any]:
    return measure_sample(
        confidence, correct, policy="drop", bins=10, replicates=100, level=0.95, seed=17
    )


def test_a_terminal_gets_a_drawn_table_with_brackets_intact() -> None:
    summary = summary_of([0.2, 0.9, 0.8, 0.4], [0, 1, 0, 1])
    stream = Terminal()
    print_summary(summary, stream)
    print_groups("name", {"a [b]": summary, "bell\x07": summary}, stream)
    text = stream.getvalue()
    assert "│" in text
    assert "a [b]" in text
    assert "bell?" in text and "\x07" not in text


def test_ece_within_the_noise_floor_is_remarked() -> None:
    stream = io.StringIO()
    print_summary(summary_of([0.5] * 40, [0, 1] * 20), stream)
    assert "ECE, equal width: within the noise floor" in stream.getvalue()
    stream = io.StringIO()
    print_summary(summary_of([0.99] * 40, [0, 1] * 20), stream)
    assert "within the noise floor" not in stream.getvalue()


def test_an_interval_that_misses_its_value_is_explained() -> None:
    # Perfectly calibrated by construction: ECE is 0, and every redraw moves it up.
    stream = io.StringIO()
    confidence = [0.25] * 40 + [0.75] * 40
    print_summary(summary_of(confidence, [1, 0, 0, 0] * 10 + [1, 1, 1, 0] * 10), stream)
    assert "ECE, equal width: the interval misses the value" in stream.getvalue()
    assert "Brier score: the interval" not in stream.getvalue()
