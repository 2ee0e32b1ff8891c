"""The figures of one view as SVG text: reliability, confidences, risk against coverage."""

from collections.abc import Mapping, Sequence
from typing import Any

from calibrant.measures.reliability_figure import (
    ANSWERS,
    Words,
    draw_histogram,
    draw_reliability,
)
from calibrant.reporting.svg import GREY, svg_text

FORECASTS = Words(
    outcome="share faithful",
    stated="forecast of being faithful",
    items="first answers",
    right="faithful",
    wrong="not faithful",
    nothing="no forecast to compare",
)
"""Of a model's forecasts about its own faithfulness."""


def reliability_svg(view: Mapping[str, Any], colour: str, words: Words = ANSWERS) -> str:
    """Return the reliability diagram above the histogram of confidences, or of forecasts."""

    def draw(figure: Any) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
        draw_reliability(upper, view, colour, words)
        draw_histogram(lower, view["curves"]["histogram"], colour, words)

    return svg_text(draw, (4.2, 5.0))


def risk_coverage_svg(view: Mapping[str, Any], colour: str) -> str:
    """Return the risk-coverage curve: error among the most confident answers, with intervals."""
    points = view["curves"]["risk_coverage"]

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        if points:
            _draw_risk(axes, points, colour)
        else:
            axes.text(0.5, 0.5, "no graded answer with a confidence", ha="center", color=GREY)
        axes.set(
            xlabel="share of answers accepted, most confident first",
            ylabel="error among the accepted",
            xlim=(0, 1.02),
            ylim=(-0.02, 1.02),
        )

    return svg_text(draw, (4.2, 5.0))


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
    axes.axhline(points[-1]["risk"], color=GREY, linestyle="--", linewidth=1)
