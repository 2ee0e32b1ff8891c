"""The numbers of a report collected anew, by the same code, from the same files."""

import inspect
from dataclasses import replace
from pathlib import Path

from calibrant.lineage.findings import Findings
from calibrant.lineage.graph import Graph
from calibrant.lineage.present_code import differing_modules
from calibrant.lineage.published_numbers import NUMBERS, PublishedNumbers
from calibrant.reporting.numbers import Number


def check_collected(graph: Graph, findings: Findings) -> None:
    """Check that the report has the numbers that its inputs and settings give, and no others.

    A number may be right by itself and still not be the one its name promises. Only the code that
    wrote the report knows which it is, so nothing is compared where that code is not here.

    Args:
        graph: The records.
        findings: Gets the faults.
    """
    # numpy, pydantic and jinja2 are not needed to print the help.
    from calibrant.reporting.collect import collect
    from calibrant.reporting.evidence import read_evidence
    from calibrant.reporting.numbers import Numbers
    from calibrant.stage_settings.report import ReportSettings

    run = graph.writer(NUMBERS)
    if run is None or not (graph.root / NUMBERS).is_file():
        return
    if changed := differing_modules("reporting/collect.py", run.record):
        findings.note(
            f"numbers were not collected anew: {changed[0]} is not the code that wrote the report"
        )
        return
    names: dict[str, str] = {}
    inputs: dict[str, list[Path]] = {
        kind: [] for kind in inspect.signature(read_evidence).parameters
    }
    for entry in run.record["inputs"]:
        path = graph.root / (run.inner(entry["path"]) or entry["path"])
        if entry["name"] not in inputs or not path.is_file():
            findings.note(f"numbers were not collected anew: {entry['path']} cannot be read")
            return
        inputs[entry["name"]].append(path)
        names[path.as_posix()] = entry["path"]
    with findings.altered_if_refused(NUMBERS):
        numbers = Numbers()
        collect(read_evidence(**inputs), ReportSettings(**run.record["settings"]), numbers)
        published = PublishedNumbers(graph.root / NUMBERS)
        ids = [entry["id"] for entry in numbers.document()["numbers"]]
        _compare([_renamed(numbers[name], names) for name in ids], published, findings)
        findings.checked["numbers collected anew"] = len(ids)


def _renamed(number: Number, names: dict[str, str]) -> Number:
    others = tuple(replace(place, file=names[place.file]) for place in number.others)
    return replace(number, file=names[number.file], others=others)


def _compare(made: list[Number], published: PublishedNumbers, findings: Findings) -> None:
    for number in made:
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
    known = {number.id for number in made}
    for number in published.all():
        if number.id not in known:
            findings.altered(f"{NUMBERS}, {number.id}", "no input gives this number")
