"""Self-rating: what the model said of its own answers, and the sets of questions made by that."""

from dataclasses import dataclass

from calibrant.reporting.cells import number_cells
from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers, escape_pointer
from calibrant.reporting.table import Table

_COUNTS = {
    "rated": "asked about",
    "unread": "rating not readable",
    "unknown": "faithfulness not known",
}
_SETS = {
    "pool": "pool",
    "lowest": "metacognitive, lowest half",
    "highest": "metacognitive, highest half",
    "random": "random",
    "active": "active",
}
_SET_STYLES = {"size": "count", "rating": "figure", "faithfulness": "figure"}


@dataclass(frozen=True, slots=True)
class SelfRatingSection:
    """What the page shows of the self-rating.

    Attributes:
        model: Who was asked.
        per_end: Number id of the questions taken from each end.
        counts: One row per training dataset: questions asked about and left out.
        sets: One row per training dataset and set.
        histogram: One row per bin of rating, all datasets together.
    """

    model: str
    per_end: str
    counts: Table
    sets: Table
    histogram: Table


def self_rating_section(document: Document | None, numbers: Numbers) -> SelfRatingSection | None:
    """Return the section, or None where the model was not asked."""
    if document is None:
        return None
    counts, sets = [], []
    for name in document.content["datasets"]:
        base, place = f"self_rating/{name}", f"/datasets/{escape_pointer(name)}"
        styles = dict.fromkeys(_COUNTS, "count")
        counts.append([("quoted", name), *number_cells(numbers, [document], base, place, styles)])
        for part, label in _SETS.items():
            cells = number_cells(
                numbers, [document], f"{base}/{part}", f"{place}/sets/{part}", _SET_STYLES
            )
            sets.append([("quoted", name), ("text", label), *cells])
    styles = {"low": "level", "high": "level", **dict.fromkeys(_SETS, "count")}
    bins = [
        number_cells(numbers, [document], f"self_rating/bins/{at}", f"/all/histogram/{at}", styles)
        for at in range(len(document.content["all"]["histogram"]))
    ]
    return SelfRatingSection(
        model=document.content["model"],
        per_end=numbers.add("self_rating/per_end", document, "/per_end", "count"),
        counts=Table(("dataset", *_COUNTS.values()), counts),
        sets=Table(("dataset", "set", "questions", "mean rating", "mean faithfulness"), sets),
        histogram=Table(
            ("rating from", "to", "pool", "lowest", "highest", "random", "active"), bins
        ),
    )
