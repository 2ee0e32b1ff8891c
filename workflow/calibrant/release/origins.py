"""The datasets of a study as its records tell of them: name, licence, address, source files."""

from dataclasses import dataclass, field
from typing import Any

from calibrant.lineage.explanation import fetched_files
from calibrant.lineage.graph import Graph, StageRun
from calibrant.lineage.published_numbers import NUMBERS
from calibrant.release.licences import refusal

# What Calibrant generates is under its own licence, as the report's cards have it.
_OWN_LICENCE = "Apache-2.0"
_PREPARING = ("prepare", "prepare_verdicts")
_MADE_HERE = ("generated", "lab", "verdicts")


@dataclass(slots=True)
class Origin:
    """One dataset.

    Attributes:
        name: Name in the study.
        title: Name in full.
        licence: Licence as the catalog or the study states it; empty where neither does.
        origin: Address of its home page, or in words where it comes from.
        files: Source files that were fetched: address, file, licence, sha256, bytes.
        refusal: Why its rows are not published, or None where they are.
    """

    name: str
    title: str
    licence: str
    origin: str
    files: list[dict[str, str]] = field(default_factory=list)
    refusal: str | None = None


def read_origins(graph: Graph, allowed: frozenset[str]) -> dict[str, Origin]:
    """Return every dataset that a study prepared or fetched, by name.

    Args:
        graph: The records of the study.
        allowed: Datasets whose rows the person who releases may publish, whatever the licence
            is called here.
    """
    report = graph.writer(NUMBERS)
    cards = {card["name"]: card for card in report.record["settings"]["datasets"]} if report else {}
    origins: dict[str, Origin] = {}
    for run in graph.runs:
        name = dataset_of(run)
        if name is None:
            continue
        known = origins.setdefault(name, _origin(name, cards.get(name)))
        known.files += _sources(graph, run)
        if not known.licence:
            known.licence = _licence(run)
    for origin in origins.values():
        origin.refusal = None if origin.name in allowed else refusal(origin.licence)
    return dict(sorted(origins.items()))


def dataset_of(run: StageRun) -> str | None:
    """Return the dataset that a run fetched or prepared, or None for another stage."""
    if run.record["stage"] not in ("fetch", *_PREPARING):
        return None
    return str(run.record["settings"]["dataset"])


def _sources(graph: Graph, run: StageRun) -> list[dict[str, str]]:
    asked = {
        item["sha256"]: str(item["bytes"]) for item in run.record["settings"].get("sources", [])
    }
    return [{**item, "bytes": asked[item["sha256"]]} for item in fetched_files(graph, run)]


def _origin(name: str, card: dict[str, Any] | None) -> Origin:
    if card is None:
        return Origin(name, name, "", "")
    return Origin(name, card["title"], card["licence"], card["origin"])


def _licence(run: StageRun) -> str:
    settings = run.record["settings"]
    if any(settings.get(kind) for kind in _MADE_HERE):
        return _OWN_LICENCE
    return str(settings.get("licence", ""))
