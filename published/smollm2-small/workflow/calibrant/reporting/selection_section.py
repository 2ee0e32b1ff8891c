"""Selection: how hard the training questions are for the starting model, and which were kept."""

from dataclasses import dataclass

from calibrant.reporting.cells import number_cells
from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers, escape_pointer
from calibrant.reporting.table import Table

_COLUMNS = {
    "questions": ("questions", "count"),
    "sampled": ("sampled", "count"),
    "always_right": ("always right", "count"),
    "always_wrong": ("always wrong", "count"),
    "ungradable": ("not readable", "count"),
    "to_judge": ("take a judge", "count"),
    "kept": ("kept", "count"),
    "consistency": ("self-consistency", "figure"),
    "auroc": ("AUROC of it", "figure"),
}
_BIN = {"low": "level", "high": "level", "sampled": "count", "kept": "count"}

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SelectionSection:
    """What the page shows of the selection.

    Attributes:
        model: Who answered.
        samples: Number id of the answers per question.
        temperature: Number id of their temperature.
        table: One row per training dataset, and one for all where there are several.
        histogram: One row per bin of difficulty, all datasets together.
    """

    model: str
    samples: str
    temperature: str
    table: Table
    histogram: Table


def selection_section(document: Document | None, numbers: Numbers) -> SelectionSection | None:
    """Return the section, or None where all questions were trained on."""
    if document is None:
        return None
    styles = {key: style for key, (_, style) in _COLUMNS.items()}

    def row(name: Cell, base: str, place: str) -> list[Cell]:
        return [name, *number_cells(numbers, [document], base, place, styles)]

    datasets = document.content["datasets"]
    rows = [
        row(("quoted", name), f"selection/datasets/{name}", f"/datasets/{escape_pointer(name)}")
        for name in datasets
    ]
    if len(datasets) > 1:
        rows.append(row(("text", "all"), "selection/all", "/all"))
    bins = [
        number_cells(numbers, [document], f"selection/bins/{at}", f"/all/histogram/{at}", _BIN)
        for at in range(len(document.content["all"]["histogram"]))
    ]
    return SelectionSection(
        model=document.content["model"],
        samples=numbers.add("selection/samples", document, "/samples", "count"),
        temperature=numbers.add("selection/temperature", document, "/temperature", "level"),
        table=Table(("dataset", *(head for head, _ in _COLUMNS.values())), rows),
        histogram=Table(("difficulty from", "to", "sampled", "kept"), bins),
    )
