"""A figure as it is stored: its value, its interval, and why either is absent."""

from dataclasses import asdict
from typing import Any

from calibrant.measures.bootstrap import Interval

# An interval from fewer defined replicates than the rest of these says little about the measure.
MOST_LEFT_OUT = 0.2
FROM_ONE_QUESTION = "no interval from a single question"


def figure_entry(value: float | None, interval: Interval, undefined: str | None) -> dict[str, Any]:
    """Return value, low, high, left_out and undefined, the reason for what is None."""
    return {"value": value, **asdict(interval), "undefined": undefined}
