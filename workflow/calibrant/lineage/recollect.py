"""The numbers of a report collected anew, by the same code, from the same files."""

import inspect
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibrant.lineage.findings import Findings, refused_content
from calibrant.lineage.graph import Graph, StageRun
from calibrant.lineage.page_checks import check_rendered
from calibrant.lineage.present_code import differing_modules
from calibrant.lineage.published_numbers import NUMBERS, PublishedNumbers
from calibrant.reporting.document import Document

if TYPE_CHECKING:
    from calibrant.reporting.evidence import Evidence
    from calibrant.reporting.numbers import Numbers


def check_collected(graph: Graph, findings: Findings, *, quick: bool = False) -> None:
    """Check that the report has the numbers that its inputs and settings give, and no others.

    A number may be right by itself and still not be the one its name promises. Only the code that
    wrote the report knows which it is, so nothing is compared where that code is not here.

    Args:
        graph: The records.
        findings: Gets the faults.
        quick: Do not render the page anew.
    """
    # numpy, pydantic and jinja2 are not needed to print the help.
    from calibrant.reporting.collect import collect
    from calibrant.reporting.numbers import Numbers
    from calibrant.stage_settings.report import ReportSettings

    run = graph.writer(NUMBERS)
    if run is None or not (graph.root / NUMBERS).is_file():
        return
    if hindrance := _hindrance(graph, run):
        findings.note(f"numbers were not collected anew: {hindrance}")
        return
    with findings.altered_if_refused(NUMBERS):
        numbers = Numbers()
        # This is the code that wrote the report, so with this evidence and these settings it did
        # not fail.
        with refused_content():
            settings = ReportSettings(**run.record["settings"])
            evidence = _read(graph, run)
            collect(evidence, settings, numbers)
        _compare(numbers, PublishedNumbers(graph.root / NUMBERS), findings)
        findings.checked["numbers collected anew"] = len(numbers)
        if not quick:
            check_rendered(graph.root, run, evidence, settings, findings)


def _hindrance(graph: Graph, run: StageRun) -> str | None:
    """Return why the numbers cannot be collected anew, or None."""
    if changed := differing_modules("reporting/collect.py", run.record):
        return f"{changed[0]} is not the code that wrote the report"
    if outdated := graph.outdated(run):
        return f"{next(iter(outdated))} is newer than the report"
    kinds = _kinds()
    for entry in run.record["inputs"]:
        if entry["name"] not in kinds or not _path(graph, run, entry["path"]).is_file():
            return f"{entry['path']} cannot be read"
    return None


def _kinds() -> list[str]:
    from calibrant.reporting.evidence import read_evidence

    return list(inspect.signature(read_evidence).parameters)


def _path(graph: Graph, run: StageRun, path: str) -> Path:
    return graph.root / (run.inner(path) or path)


def _read(graph: Graph, run: StageRun) -> "Evidence":
    """Return the evidence under the names that the report's record has for it."""
    from calibrant.reporting.evidence import read_evidence

    names: dict[str, str] = {}
    inputs: dict[str, list[Path]] = {kind: [] for kind in _kinds()}
    for entry in run.record["inputs"]:
        path = _path(graph, run, entry["path"])
        inputs[entry["name"]].append(path)
        names[path.as_posix()] = entry["path"]
    evidence: Evidence = _renamed(read_evidence(**inputs), names)
    return evidence


def _renamed(item: Any, names: dict[str, str]) -> Any:
    if isinstance(item, Document):
        return replace(item, path=names[item.path])
    if isinstance(item, tuple):
        return tuple(_renamed(part, names) for part in item)
    if is_dataclass(item) and not isinstance(item, type):
        parts = {part.name: getattr(item, part.name) for part in fields(item)}
        return replace(item, **{name: _renamed(part, names) for name, part in parts.items()})
    return item


def _compare(made: "Numbers", published: PublishedNumbers, findings: Findings) -> None:
    ids = [entry["id"] for entry in made.document()["numbers"]]
    for number in (made[name] for name in ids):
        place = f"{NUMBERS}, {number.id}"
        if number.id not in published:
            findings.altered(place, "is not among the numbers, but its inputs give it")
        elif published[number.id] != number:
            old = published[number.id]
            what = (
                f"is taken from {old.file}#{old.pointer}, not from {number.file}#{number.pointer}"
                if (old.file, old.pointer) != (number.file, number.pointer)
                else f"is {old.printed!r} instead of {number.printed!r}"
            )
            findings.altered(place, what)
    known = set(ids)
    for number in published.all():
        if number.id not in known:
            findings.altered(f"{NUMBERS}, {number.id}", "no input gives this number")
