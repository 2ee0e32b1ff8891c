"""What models say of their own faithfulness, against what their other answers show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from calibrant.reporting.cells import number_cells
from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.seed_groups import SeedGroup, seed_groups
from calibrant.reporting.table import Table

_FORECASTS = {
    "mean_confidence": "figure",
    "accuracy": "figure",
    "brier": "figure",
    "ece_equal_mass": "figure",
    "auroc": "figure",
}
_FLOORED = "ece_equal_mass"
_HEADS = ("mean forecast", "share faithful", "Brier", "ECE equal mass", "AUROC")
_NONE = ("text", "")


@dataclass(frozen=True, slots=True)
class SelfJudgedFigure:
    """One reliability diagram.

    Attributes:
        name: Method and dataset.
        view: The forecasts measured, of the first seed.
    """

    name: str
    view: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SelfJudgedSection:
    """Forecasts about faithfulness.

    Attributes:
        table: Three rows per method and dataset: the forecasts, the best constant one, and the
            noise floor of the ECE.
        figures: A diagram per method and dataset with a forecast to draw.
        several: Whether a row stands for several seeds.
    """

    table: Table
    figures: list[SelfJudgedFigure]
    several: bool


def self_judged_section(
    documents: Sequence[Document], numbers: Numbers
) -> SelfJudgedSection | None:
    """Enter the figures of every method and dataset, or return None where no model was asked."""
    if not documents:
        return None
    groups = seed_groups(documents)
    rows = [row for group in groups for row in _rows(group, numbers)]
    figures = [
        SelfJudgedFigure(f"{group.method} on {group.dataset}", group.documents[0].content["view"])
        for group in groups
        if group.documents[0].content["view"]["counts"]["n"]
    ]
    heads = ("asked about itself", "replies unread", "questions measured", *_HEADS)
    return SelfJudgedSection(Table(heads, rows), figures, any(group.several for group in groups))


def _rows(group: SeedGroup, numbers: Numbers) -> list[list[tuple[str, str]]]:
    base = f"{group.base}/self_judgement"

    def cells(name: str, place: str, styles: dict[str, str]) -> list[tuple[str, str]]:
        return number_cells(numbers, group.documents, f"{base}{name}", place, styles)

    constant = {name: style for name, style in _FORECASTS.items() if name != "accuracy"}
    beside = dict(zip(constant, cells("/constant", "/view/constant", constant), strict=True))
    [floor] = cells(f"/noise_floor/{_FLOORED}", f"/view/noise_floor/{_FLOORED}", {"p95": "figure"})
    return [
        [
            ("quoted", f"{group.method} on {group.dataset}"),
            *cells("", "", {"unread": "share"}),
            *cells("", "/view/counts", {"n": "count"}),
            *cells("", "/view/measures", _FORECASTS),
        ],
        [("text", "best constant"), _NONE, _NONE, *(beside.get(key, _NONE) for key in _FORECASTS)],
        [
            ("text", "noise floor"),
            _NONE,
            _NONE,
            *(floor if key == _FLOORED else _NONE for key in _FORECASTS),
        ],
    ]
