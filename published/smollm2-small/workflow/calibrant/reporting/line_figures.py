"""Figures with one line per method: stated against true probability, and training curves."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from calibrant.reporting.svg import GREY, svg_text

Line = Sequence[tuple[float, float]]
Styles = Mapping[str, Mapping[str, Any]]
_PER_ROW = 3
# Below this many rounds the points of a line are marked.
_MOST_MARKED = 15


def truth_svg(lines: Mapping[str, Mapping[str, Line]], styles: Styles) -> str:
    """Return stated against true probability, one small square per dataset.

    Args:
        lines: Dataset to method to points (true, stated).
        styles: Method to line arguments.
    """

    def draw(figure: Any) -> None:
        for axes, (dataset, by_method) in _panels(figure, lines):
            axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
            for method, line in by_method.items():
                _plot(axes, line, styles[method], method)
            axes.set(
                title=_plain(dataset), xlabel="true probability", ylabel="stated confidence",
                xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal",
            )  # fmt: skip
        _legend(figure)

    return svg_text(draw, _size(len(lines), 3.4, lines))


def training_svg(
    lines: Mapping[str, Mapping[str, Line]], titles: Mapping[str, str], styles: Styles
) -> str:
    """Return the curves of training by rollouts, one panel per measure.

    Args:
        lines: Panel to method to points (rollouts, value).
        titles: Panel to title.
        styles: Method to line arguments.
    """

    def draw(figure: Any) -> None:
        for axes, (panel, by_method) in _panels(figure, lines):
            for method, line in by_method.items():
                _plot(axes, line, styles[method], method)
            axes.set(title=titles[panel], xlabel="rollouts")
            axes.xaxis.get_major_locator().set_params(nbins=5)
            axes.grid(color="#e4e8ec", linewidth=0.6)
        _legend(figure)

    return svg_text(draw, _size(len(lines), 2.6, lines))


def _panels(figure: Any, lines: Mapping[str, Mapping[str, Line]]) -> list[tuple[Any, Any]]:
    columns = _columns(len(lines))
    grid = figure.subplots(ceil(len(lines) / columns), columns, squeeze=False).flatten()
    for spare in grid[len(lines) :]:
        spare.axis("off")
    return list(zip(grid, lines.items(), strict=False))


def _columns(panels: int) -> int:
    """Return how many panels stand side by side, so that rows are filled evenly."""
    return ceil(panels / ceil(panels / _PER_ROW))


def _plot(axes: Any, line: Line, style: Mapping[str, Any], method: str) -> None:
    marked = {"markersize": 3.5} if len(line) <= _MOST_MARKED else {"marker": ""}
    axes.plot(
        [x for x, _ in line], [y for _, y in line], linewidth=1.3, label=_plain(method),
        **{**style, **marked},
    )  # fmt: skip


def _legend(figure: Any) -> None:
    found: dict[str, Any] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    if found:
        figure.legend(
            list(found.values()), list(found), loc="outside lower center", frameon=False,
            ncols=min(_legend_columns(found), len(found)),
        )  # fmt: skip


def _legend_columns(labels: Mapping[str, Any]) -> int:
    return max(1, 100 // (max(map(len, labels)) + 6))


def _size(
    panels: int, height: float, lines: Mapping[str, Mapping[str, Line]]
) -> tuple[float, float]:
    columns = _columns(panels)
    methods = {_plain(method): None for by_method in lines.values() for method in by_method}
    legend = ceil(len(methods) / _legend_columns(methods)) if methods else 0
    return 3.3 * columns, height * ceil(panels / columns) + 0.2 * legend


def _plain(name: str) -> str:
    # A dollar sign would start a formula, and a leading underscore hides a label.
    shown = name.replace("$", r"\$")
    return f" {shown}" if shown.startswith("_") else shown
