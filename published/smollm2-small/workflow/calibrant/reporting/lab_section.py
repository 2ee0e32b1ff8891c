"""The laboratory: stated confidences against probabilities that are known by construction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from calibrant.reporting.cells import number_cells
from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers, Place
from calibrant.reporting.seed_groups import SeedGroup, add_seed_count
from calibrant.reporting.table import Table
from calibrant.stage_settings.report import DatasetCard

_STYLES = {
    "truth_distance": "figure",
    "truth_bias": "signed",
    "truth_bias_near_07": "signed",
    "expected_accuracy": "figure",
}
_HEADS = ("distance from the truth", "bias", "bias near 0.7", "expected accuracy")
# The mean of fewer answers says more about chance than about the system.
FEWEST_IN_BIN = 5

Line = list[tuple[float, float]]
"""Points (true probability, stated probability) of one method."""


@dataclass(frozen=True, slots=True)
class LabSection:
    """What the page shows of the laboratory.

    Attributes:
        table: Distance and bias per dataset and method.
        lines: Dataset to method to its line.
    """

    table: Table
    lines: dict[str, dict[str, Line]]


def lab_section(
    groups: Sequence[SeedGroup], cards: Mapping[str, DatasetCard], numbers: Numbers
) -> LabSection | None:
    """Return the section, or None where no answer has a known probability."""
    known = [group for group in groups if any(map(_has_truth, group.documents))]
    if not known:
        return None
    datasets = list(dict.fromkeys(group.dataset for group in known))
    known.sort(key=lambda group: datasets.index(group.dataset))
    several = any(group.several for group in known)
    heads = ("dataset", "held out", "system", *(["seeds"] if several else []), *_HEADS)
    rows = [_row(group, cards, numbers, several=several) for group in known]
    _say_once(rows)
    lines: dict[str, dict[str, Line]] = {name: {} for name in datasets}
    for group in known:
        lines[group.dataset][group.method] = median_line(_curves(group))
    return LabSection(Table(heads, rows, quoted_heads=True), lines)


def median_line(curves: Sequence[Sequence[Mapping[str, Any]]]) -> Line:
    """Return the medians over seeds of mean true and mean stated probability, bin by bin.

    Args:
        curves: ``stated_against_true`` of every seed; bins with fewer than ``FEWEST_IN_BIN``
            answers are left out.
    """
    line = []
    for bins in zip(*curves, strict=True):
        filled = [entry for entry in bins if entry["n"] >= FEWEST_IN_BIN]
        if filled:
            true = median(entry["true"] for entry in filled)
            line.append((true, median(entry["stated"] for entry in filled)))
    return line


def _row(
    group: SeedGroup, cards: Mapping[str, DatasetCard], numbers: Numbers, *, several: bool
) -> list[tuple[str, str]]:
    documents = [document for document in group.documents if _has_truth(document)]
    absent = len(group.documents) - len(documents)
    base = f"{group.base}/lab"
    card = cards.get(group.dataset)
    cells = [
        ("quoted", group.dataset),
        ("text", "yes" if card and card.held_out else "no"),
        ("quoted", group.method),
    ]
    if several:
        places = [Place(document.path, "/seed") for document in group.documents]
        cells.append(("num", add_seed_count(numbers, f"{base}/seeds", places)))
    place = "/views/graded/measures"
    return cells + number_cells(numbers, documents, base, place, _STYLES, absent=absent)


def _say_once(rows: Sequence[list[tuple[str, str]]]) -> None:
    """Leave out the dataset, and whether it is held out, where the row above says the same."""
    for above, row in reversed(list(pairwise(rows))):
        if above[0] == row[0]:
            row[:2] = [("text", ""), ("text", "")]


def _has_truth(document: Document) -> bool:
    return "truth_distance" in document.content["views"]["graded"]["measures"]


def _curves(group: SeedGroup) -> list[list[Mapping[str, Any]]]:
    return [
        document.content["views"]["graded"]["curves"]["stated_against_true"]
        for document in group.documents
        if _has_truth(document)
    ]
