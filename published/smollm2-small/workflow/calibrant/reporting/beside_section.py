"""Beside published figures: the same measures of the same datasets, from other work and from here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calibrant.reporting.numbers import Numbers, Place
from calibrant.reporting.published_figures import START, Publication, publications
from calibrant.reporting.relative_reduction import add_reduction
from calibrant.reporting.seed_groups import SeedGroup
from calibrant.reporting.sentence import Part
from calibrant.reporting.table import Table
from calibrant.reporting.views import MEASURE_STYLES

_MEASURES = ("accuracy", "auroc", "brier", "ece")
_HEADS = (
    "system",
    "from",
    "accuracy",
    "AUROC",
    "Brier score",
    "ECE",
    "ECE less than its start has",
)
_ECE = "/views/graded/measures/ece"


@dataclass(frozen=True, slots=True)
class BesideSection:
    """What the page shows.

    Attributes:
        publication: Where the figures of others come from.
        tables: Dataset and table: first the published systems, then ours.
    """

    publication: Publication
    tables: Sequence[tuple[str, Table]]


def beside_section(
    name: str, starts: Mapping[str, str], groups: Sequence[SeedGroup], numbers: Numbers
) -> BesideSection | None:
    """Return the section, or None where the study asks for none.

    A published figure is a quotation: it is no entry of ``numbers``, so nothing that reads those
    takes it for one that was measured here.

    Args:
        name: Name of the publication, or empty.
        starts: Trained method to the method of the model that it was trained from.
        groups: The measures of the study.
        numbers: Where those of our figures that are shown are entered.
    """
    if not name:
        return None
    publication = publications()[name]
    known = {(group.method, group.dataset): group for group in groups}
    tables = []
    for dataset, systems in publication.datasets.items():
        ours = [
            _ours(known[method, dataset], known.get((starts.get(method, ""), dataset)), numbers)
            for method in dict.fromkeys([*starts.values(), *starts])
            if (method, dataset) in known
        ]
        if ours:
            rows = [_theirs(system, systems) for system in systems]
            tables.append((dataset, Table(_HEADS, [*rows, *ours])))
    return BesideSection(publication, tables)


def _theirs(system: str, systems: Mapping[str, Sequence[float]]) -> list[Part]:
    error, before = systems[system][-1], systems[START][-1]
    less = "" if system == START else f"{1 - error / before:.1%}"
    figures = [f"{value:.3f}" for value in systems[system]]
    # Two digits were kept of the AUROC.
    figures[_MEASURES.index("auroc")] = f"{systems[system][1]:.2f}"
    return [
        ("quoted", system),
        ("text", "published"),
        *[("cited", text) for text in figures],
        ("cited", less) if less else ("text", ""),
    ]


def _ours(group: SeedGroup, start: SeedGroup | None, numbers: Numbers) -> list[Part]:
    cells: list[Part] = [("quoted", group.method), ("text", "here")]
    for measure in _MEASURES:
        place = f"/views/graded/measures/{measure}"
        name = f"{group.base}/graded/{measure}"
        style = MEASURE_STYLES[measure]
        cells.append(("num", numbers.add_over_seeds(name, group.documents, place, style)))
    if start is None:
        return [*cells, ("text", "")]
    first, second = _places(group), _places(start)
    values = [[_ece(item, at) for at in range(len(item.documents))] for item in (group, start)]
    name = f"{group.base}/graded/ece_reduction"
    return [*cells, ("num", add_reduction(numbers, name, values[0], values[1], [*first, *second]))]


def _places(group: SeedGroup) -> list[Place]:
    return [Place(document.path, _ECE) for document in group.documents]


def _ece(group: SeedGroup, at: int) -> float | None:
    value: float | None = group.documents[at].content["views"]["graded"]["measures"]["ece"]["value"]
    return value
