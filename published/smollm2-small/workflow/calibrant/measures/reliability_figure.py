"""The reliability diagram above the histogram of confidences, as SVG, PNG or PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.files import atomic_path

FIGURE_ENDINGS = (".svg", ".png", ".pdf")
_COLOUR = "#1f5fa8"
_PALE = "#b9cde5"
_GREY = "#777777"


@dataclass(frozen=True, slots=True)
class Words:
    """What the diagram calls what it draws.

    Attributes:
        outcome: The share on the upright axis.
        stated: The probability on the level axis.
        items: What is counted.
        right: Items with the outcome.
        wrong: Items without it.
        nothing: Said where there is none to draw.
    """

    outcome: str = "accuracy"
    stated: str = "stated confidence"
    items: str = "answers"
    right: str = "right"
    wrong: str = "wrong"
    nothing: str = "no graded answer with a confidence"


ANSWERS = Words()


def check_figure_path(path: Path) -> None:
    """Refuse an ending that no figure is written in.

    Raises:
        CalibrantError: If the file ends in none of .svg, .png and .pdf.
    """
    if path.suffix.lower() not in FIGURE_ENDINGS:
        raise CalibrantError(
            f"has the unknown ending {path.suffix!r} for a figure",
            where=path,
            repair=f"Use one of {', '.join(FIGURE_ENDINGS)}",
        )


def write_reliability_figure(
    path: Path, summary: Mapping[str, Any], *, title: str, colour: str = _COLOUR
) -> None:
    """Draw accuracy against stated confidence, and how often each confidence is stated.

    Equal summaries give equal bytes with the same matplotlib.

    Args:
        path: Where to write; the ending decides the format.
        summary: What ``summary.measure_sample`` returned.
        title: Printed on top.
        colour: Colour of points and bars, #rrggbb.

    Raises:
        CalibrantError: If the ending is unknown or the file cannot be written.
    """
    check_figure_path(path)
    import matplotlib
    from matplotlib.figure import Figure

    kind = path.suffix.lower().removeprefix(".")
    dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}
    with matplotlib.rc_context({"svg.hashsalt": "calibrant", "font.size": 9}):
        figure = Figure(figsize=(4.5, 5.4), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
        draw_reliability(upper, summary, colour)
        draw_histogram(lower, summary["curves"]["histogram"], colour)
        # A dollar sign in a file name would start a formula.
        upper.set_title(title.replace("$", r"\$"))
        with atomic_path(path) as temporary:
            figure.savefig(temporary, format=kind, metadata=dates[kind], dpi=150)


def draw_reliability(
    axes: Any, summary: Mapping[str, Any], colour: str, words: Words = ANSWERS
) -> None:
    """Draw accuracy with its intervals against mean confidence, one point per filled bin."""
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle="--", label="calibrated")
    filled = [entry for entry in summary["curves"]["reliability"] if entry["n"]]
    if filled:
        level = f"{100 * summary['settings']['level']:.4g} % interval"
        axes.errorbar(
            [entry["confidence"] for entry in filled],
            [entry["accuracy"] for entry in filled],
            yerr=_reach(filled),
            fmt="o",
            color=colour,
            capsize=2,
            label=f"{words.outcome}, {level}",
        )
    else:
        axes.text(0.5, 0.5, words.nothing, ha="center", color=_GREY)
    axes.text(0.03, 0.80, _caption(summary), va="top", transform=axes.transAxes)
    axes.set(ylabel=words.outcome, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.legend(loc="upper left", frameon=False)


def _reach(filled: Sequence[Mapping[str, Any]]) -> list[list[float]]:
    below = [max(0.0, entry["accuracy"] - entry["accuracy_low"]) for entry in filled]
    above = [max(0.0, entry["accuracy_high"] - entry["accuracy"]) for entry in filled]
    return [below, above]


def _caption(summary: Mapping[str, Any]) -> str:
    value = summary["measures"]["ece"]["value"]
    floor = summary["noise_floor"]["ece"]["p95"]
    lines = [f"n = {summary['counts']['n']}"]
    if value is not None and floor is not None:
        lines.append(f"ECE {value:.3f} (noise floor {floor:.3f})")
    return "\n".join(lines)


def draw_histogram(
    axes: Any, entries: Sequence[Mapping[str, Any]], colour: str, words: Words = ANSWERS
) -> None:
    """Draw how often each confidence is stated, right and wrong answers apart."""
    left = [entry["low"] for entry in entries]
    width = [entry["high"] - entry["low"] for entry in entries]
    right = [entry["right"] for entry in entries]
    wrong = [entry["n"] - entry["right"] for entry in entries]
    axes.bar(left, right, width, align="edge", color=colour, label=words.right)
    axes.bar(left, wrong, width, bottom=right, align="edge", color=_PALE, label=words.wrong)
    axes.set(xlabel=words.stated, ylabel=words.items)
    axes.legend(loc="upper left", frameon=False)
