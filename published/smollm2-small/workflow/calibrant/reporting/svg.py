"""A matplotlib figure as SVG text that is the same in every run.

Text is drawn as paths, so a figure looks the same everywhere and holds no digit as text.
"""

import io
from collections.abc import Callable
from typing import Any

GREY = "#777777"


def svg_text(draw: Callable[[Any], None], size: tuple[float, float]) -> str:
    """Return what ``draw`` draws on an empty figure.

    Args:
        draw: Given the matplotlib figure.
        size: Width and height (inches).
    """
    import matplotlib
    from matplotlib.figure import Figure

    buffer = io.StringIO()
    # A fixed salt makes the names inside the file, and so its bytes, the same in every run.
    with matplotlib.rc_context(
        {"svg.hashsalt": "calibrant", "svg.fonttype": "path", "font.size": 9}
    ):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
