"""The figure of the audit: what rewards ask for, and where the bandit ends, against the truth."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.files import atomic_path
from calibrant.rewards.verdict_table import noise_label

_GREY = "#777777"
_COLOURS = ("#1f5fa8", "#c2571a", "#2e7d4f", "#8e3b8a", "#a8901f", "#4a4a4a", "#c23a3a", "#3fa7a0")
_COLUMNS = 3


def check_audit_figure_path(path: Path) -> None:
    """Refuse a name that is not an SVG's.

    Raises:
        CalibrantError: If the file does not end in .svg.
    """
    if path.suffix.lower() != ".svg":
        raise CalibrantError(
            f"has the ending {path.suffix!r}, but the figure is an SVG",
            where=path,
            repair="Let the name end in .svg",
        )


def write_audit_figure(path: Path, report: Mapping[str, Any]) -> None:
    """Draw c*(p) of every reward, then the bandit's ends for every reward and judge.

    Equal reports give equal bytes with the same matplotlib.

    Args:
        path: Where to write; must end in .svg.
        report: What ``audit`` returned.

    Raises:
        CalibrantError: If the ending is another one or the file cannot be written.
    """
    check_audit_figure_path(path)
    import matplotlib
    from matplotlib.figure import Figure

    panels = _panels(report["bandit"])
    rows = -(-(1 + len(panels)) // _COLUMNS)
    with matplotlib.rc_context({"svg.hashsalt": "calibrant", "font.size": 8}):
        figure = Figure(figsize=(3.6 * _COLUMNS, 3.4 * rows), layout="constrained")
        axes = figure.subplots(rows, _COLUMNS, squeeze=False).ravel().tolist()
        _draw_reports(axes[0], report["verdicts"])
        for place, (title, cells) in zip(axes[1:], panels.items(), strict=False):
            _draw_bandit(place, title, cells)
        for place in axes[1 + len(panels) :]:
            place.set_axis_off()
        with atomic_path(path) as temporary:
            figure.savefig(temporary, format="svg", metadata={"Date": None})


def _panels(cells: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    panels: dict[str, list[Mapping[str, Any]]] = {}
    for cell in cells:
        title = f"{cell['reward']}, labels {noise_label(cell['noise'])}"
        panels.setdefault(title, []).append(cell)
    return panels


def _draw_reports(axes: Any, verdicts: Mapping[str, Mapping[str, Any]]) -> None:
    _frame(axes, "confidence asked for, c*(p)")
    for position, (name, verdict) in enumerate(verdicts.items()):
        colour = _COLOURS[position % len(_COLOURS)]
        style = "-" if verdict["single"] else ":"
        # Proper rules share the diagonal: later curves are thinner so that all stay visible.
        width = max(0.8, 3.0 - 0.5 * position)
        axes.plot(
            verdict["p"], verdict["report"], style, color=colour, linewidth=width,
            label=_plain(name),
        )  # fmt: skip
    axes.legend(loc="upper left", frameon=False, fontsize=7)


def _draw_bandit(axes: Any, title: str, cells: Sequence[Mapping[str, Any]]) -> None:
    _frame(axes, title)
    if cells[0]["asked"]:
        axes.plot(cells[0]["p"], cells[0]["asked"], "x", color="black", label="asked for")
    estimators = list(dict.fromkeys(cell["estimator"] for cell in cells))
    for cell in cells:
        shared = cell["outcomes"] == "shared"
        below = [mean - low for mean, low in zip(cell["mean"], cell["low"], strict=True)]
        above = [high - mean for mean, high in zip(cell["mean"], cell["high"], strict=True)]
        axes.errorbar(
            cell["p"], cell["mean"], yerr=[below, above], fmt="s:" if shared else "o-", markersize=3,
            linewidth=0.8, capsize=2,
            color=_COLOURS[estimators.index(cell["estimator"]) % len(_COLOURS)],
            label=_plain(cell["estimator"]) + (", shared outcome" if shared else ""),
        )  # fmt: skip
    axes.legend(loc="upper left", frameon=False, fontsize=6)


def _frame(axes: Any, title: str) -> None:
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle="--")
    axes.set(
        title=_plain(title),
        xlabel="true probability of being right",
        ylabel="stated confidence",
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
    )


def _plain(text: str) -> str:
    # A dollar sign in a name would start a formula.
    return text.replace("$", r"\$")
