"""One colour, dash and marker per method, the same in every figure of a report."""

from collections.abc import Sequence
from typing import Any

# Told apart by readers with any common colour blindness when neighbours differ in marker too.
_COLOURS = ("#d55e00", "#009e73", "#8a4fa3", "#b8860b", "#c2417a", "#56a3d9", "#4d4d4d")
_DASHES = ("-", "--", ":", "-.")
_MARKERS = "osD^vPX*"


def method_styles(methods: Sequence[str], colour: str) -> dict[str, dict[str, Any]]:
    """Return matplotlib's line arguments by method.

    Args:
        methods: Names in the order of the study.
        colour: The study's colour, #rrggbb; the first method has it.
    """
    colours = (colour, *_COLOURS)
    return {
        name: {
            "color": colours[at % len(colours)],
            "linestyle": _DASHES[at // len(colours) % len(_DASHES)],
            "marker": _MARKERS[at % len(_MARKERS)],
        }
        for at, name in enumerate(methods)
    }
