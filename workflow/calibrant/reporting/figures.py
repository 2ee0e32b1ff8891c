"""The figures of the report as SVG text: reliability, confidences, risk against coverage.

Text is drawn as paths, so a figure looks the same everywhere and holds no digit as text.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from calibrant.measures.reliability_figure import draw_histogram, draw_reliability

_GREY = "#777777"


def reliability_svg(view: Mapping[str, Any], colour: str) -> str:
    """Return the reliability diagram above the histogram of confidences."""

    def draw(figure: Any) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
        draw_reliability(upper, view, colour)
        draw_histogram(lower, view["curves"]["histogram"], colour)

    return _svg(draw, (4.2, 5.0))


def risk_coverage_svg(view: Mapping[str, Any], colour: str) -> str:
    """Return the risk-coverage curve: error among the most confident answers, with intervals."""
    points = view["curves"]["risk_coverage"]

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        if points:
            _draw_risk(axes, points, colour)
        else:
            axes.text(0.5, 0.5, "no graded answer with a confidence", ha="center", color=_GREY)
        axes.set(
            xlabel="share of answers accepted, most confident first",
            ylabel="error among the accepted",
            xlim=(0, 1.02),
            ylim=(-0.02, 1.02),
        )

    return _svg(draw, (4.2, 5.0))


def _draw_risk(axes: Any, points: Sequence[Mapping[str, Any]], colour: str) -> None:
    coverage = [point["coverage"] for point in points]
    axes.fill_between(
        coverage,
        [point["risk_low"] for point in points],
        [point["risk_high"] for point in points],
        color=colour,
        alpha=0.15,
        linewidth=0,
    )
    axes.plot(coverage, [point["risk"] for point in points], "o-", color=colour, markersize=3)
    axes.axhline(points[-1]["risk"], color=_GREY, linestyle="--", linewidth=1)


def _svg(draw: Callable[[Any], None], size: tuple[float, float]) -> str:
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
