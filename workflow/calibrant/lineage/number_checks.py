"""Checks of published numbers: each is read again where it comes from, and printed again."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from calibrant.errors import CalibrantError
from calibrant.files import read_json
from calibrant.lineage.findings import Findings
from calibrant.lineage.graph import Graph, StageRun
from calibrant.lineage.published_numbers import NUMBERS, PAGE, PublishedNumbers
from calibrant.reporting.curves import CURVE_ENDING, read_lines
from calibrant.reporting.document import Document
from calibrant.reporting.number_check import check_page
from calibrant.reporting.numbers import Number, Numbers, Place
from calibrant.reporting.relative_reduction import WORDS, add_reduction
from calibrant.reporting.seed_groups import add_seed_count
from calibrant.reporting.seed_summary import summarise_seeds

STYLES = ("figure", "signed", "count", "share", "level", "difference", "duration")
_SEEDS = re.compile(r"median of (\d+) seeds(?: of (.+))?")
_REDUCTION = re.compile(re.escape(WORDS).replace(r"\{\}", r"(\d+)"))
_PACE = "1000 x seconds / rollouts"


def check_numbers(graph: Graph, findings: Findings) -> None:
    """Check ``numbers.json`` against the files its numbers come from, and the page against it.

    Args:
        graph: The records.
        findings: Gets the faults.
    """
    run = graph.writer(NUMBERS)
    path = graph.root / NUMBERS
    if run is None or not path.is_file():
        return
    with findings.altered_if_refused(NUMBERS):
        numbers = PublishedNumbers(path)
        reader = _Reader(graph, run)
        for number in numbers.all():
            _check_number(reader, number, findings)
        reader.report_absent(findings)
        findings.checked["numbers"] = len(numbers)
        page = graph.root / PAGE
        if page.is_file():
            with findings.altered_if_refused(PAGE):
                check_page(page.read_text(encoding="utf-8", errors="replace"), numbers)


class _AbsentError(Exception):
    """A file that numbers come from is not there as it was."""

    def __init__(self, inner: str, what: str) -> None:
        super().__init__(inner, what)
        self.inner = inner
        self.what = what


class _Reader:
    """Reads the documents that a report was written from, each once."""

    def __init__(self, graph: Graph, run: StageRun) -> None:
        self._graph = graph
        self._run = run
        self._read = {entry["path"] for entry in run.record["inputs"]}
        self._outdated = graph.outdated(run)
        self._documents: dict[str, Document] = {}
        self._absent: dict[tuple[str, str], list[str]] = {}

    def document(self, file: str) -> Document:
        """Return a document by its recorded path.

        Raises:
            CalibrantError: If the report did not read it, or it cannot be read now.
            _AbsentError: If it is not there, or not any more what the report read.
        """
        if file not in self._documents:
            inner = self._run.inner(file)
            if file not in self._read or inner is None:
                raise CalibrantError(f"comes from {file}, which {self._run.name} did not read")
            path = self._graph.root / inner
            if not path.is_file():
                raise _AbsentError(inner, "is not there")
            if file in self._outdated:
                raise _AbsentError(inner, f"is newer than {self._run.name}")
            content = self._content(path)
            self._documents[file] = Document(file, content)
        return self._documents[file]

    def note_absent(self, error: "_AbsentError", name: str) -> None:
        """Keep the id of a number that cannot be checked."""
        self._absent.setdefault((error.inner, error.what), []).append(name)

    def report_absent(self, findings: Findings) -> None:
        """Add one fault per file that cannot be read."""
        for (inner, what), names in self._absent.items():
            comes = (
                f"{names[0]} comes from it"
                if len(names) == 1
                else f"{len(names)} numbers come from it, such as {names[0]}"
            )
            findings.missing(inner, f"{what}, and {comes}")

    @staticmethod
    def _content(path: Path) -> Any:
        return read_lines(path) if path.name.endswith(CURVE_ENDING) else read_json(path)


def _check_number(reader: _Reader, number: Number, findings: Findings) -> None:
    place = f"{NUMBERS}, {number.id}"
    try:
        again = _again(reader, number)
    except _AbsentError as error:
        reader.note_absent(error, number.id)
        return
    except CalibrantError as error:
        findings.altered(place, f"{error.what} ({number.file}#{number.pointer})")
        return
    if again is None:
        findings.note(f"numbers computed as {number.computed!r} were not computed again")
        return
    # How a number is printed is not in the file, so it must be one of the ways there are.
    ways = [again(style) for style in STYLES]
    if not any(_same(way, number) for way in ways):
        values = (ways[0].value, ways[0].low, ways[0].high)
        what = (
            f"{number.file}#{number.pointer} gives {ways[0].value!r}, not {number.value!r}"
            if values != (number.value, number.low, number.high)
            else f"{number.printed!r} is not how {number.value!r} is printed"
        )
        findings.altered(place, what)


def _same(way: Number, number: Number) -> bool:
    return replace(way, id=number.id) == number


def _again(reader: _Reader, number: Number) -> Callable[[str], Number] | None:
    """Return what makes the number anew in a style, or None where nobody here knows how."""
    places = [Place(number.file, number.pointer), *number.others]
    documents = [reader.document(place.file) for place in places]
    if number.computed == "number of seeds":
        return lambda style: _one(lambda made: add_seed_count(made, "new", places))
    if number.computed is None and not number.others:
        return lambda style: _one(lambda made: made.add("new", documents[0], number.pointer, style))
    if reduction := _REDUCTION.fullmatch(number.computed or ""):
        figures = [_value(doc, at.pointer, None) for doc, at in zip(documents, places, strict=True)]
        cut = int(reduction[1])
        return lambda _: _one(
            lambda made: add_reduction(made, "new", figures[:cut], figures[cut:], places)
        )
    match = _SEEDS.fullmatch(number.computed or "")
    of = match[2] if match else number.computed
    if of not in (None, _PACE):
        return None
    values = [
        _value(document, place.pointer, of)
        for document, place in zip(documents, places, strict=True)
    ]
    absent = (int(match[1]) if match else len(values)) - len(values)
    summary = summarise_seeds(values, absent=absent, of=of)
    return lambda style: _one(lambda made: made.add_summary("new", summary, places, style))


def _one(add: Callable[[Numbers], str]) -> Number:
    made = Numbers()
    return made[add(made)]


def _value(document: Document, pointer: str, of: str | None) -> float | None:
    if of is None:
        made = Numbers()
        return made[made.add("new", document, pointer, "figure")].value
    seconds, rollouts = (
        _one(lambda made, key=key: made.add("new", document, f"{pointer}/{key}", "figure")).value  # type: ignore[misc]
        for key in ("seconds", "rollouts")
    )
    return 1000 * seconds / rollouts if seconds is not None and rollouts else None
