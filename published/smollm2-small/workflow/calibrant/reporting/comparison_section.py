"""Methods against the baseline: what changed, by how much, and whether it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calibrant.reporting.cells import number_cells
from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers, escape_pointer
from calibrant.reporting.sentence import Part, Sentence
from calibrant.reporting.table import Table

_MEASURES = {
    "accuracy": "accuracy",
    "brier": "Brier score",
    "auroc": "AUROC",
    "debiased_ece": "debiased ECE",
    "smooth_ece": "smooth ECE",
}
_TESTS = {
    "difference": "signed",
    "over_questions": "signed",
    "p_value": "level",
    "adjusted_p_value": "level",
    "detectable": "figure",
    "improvement": "figure",
}
_TEST_HEADS = (
    "difference", "with the seeds as they are", "p", "p adjusted", "detectable",
    "probability of improvement", "interquartile mean over seeds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compared:
    """One dataset.

    Attributes:
        dataset: Its name.
        baseline: The method that all others are compared with.
        shared: Number id of the questions compared.
        sentences: What is shown, in words, one per method.
        differences: One row per method.
        tests: One row per method and measure.
        left_out: Questions of each method that are not compared; None where all are.
    """

    dataset: str
    baseline: str
    shared: str
    sentences: Sequence[Sentence]
    differences: Table
    tests: Table
    left_out: Table | None


@dataclass(frozen=True, slots=True)
class ComparisonSection:
    """What the page shows of comparisons.

    Attributes:
        datasets: One entry per dataset.
        level: Number id of the level of the intervals.
        power: Number id of the power of detectable differences.
        margin: Number id of the loss of accuracy that does not matter.
        tests: Number id of the tests in the family of one dataset.
    """

    datasets: Sequence[Compared]
    level: str
    power: str
    margin: str
    tests: str


def comparison_section(documents: Sequence[Document], numbers: Numbers) -> ComparisonSection | None:
    """Return the section, or None where a study compares nothing.

    Args:
        documents: As ``compare_methods`` writes them, one per dataset.
        numbers: Where their numbers are entered.
    """
    if not documents:
        return None
    names = {
        key: numbers.add(f"comparison/{key}", documents[0], f"/settings/{key}", style)
        for key, style in {
            "level": "level", "power": "level", "margin": "level", "tests": "count"
        }.items()
    }  # fmt: skip
    return ComparisonSection([_compared(document, numbers) for document in documents], **names)


def _compared(document: Document, numbers: Numbers) -> Compared:
    content = document.content
    base = f"comparison/{content['dataset']}"
    rows = list(enumerate(content["rows"]))
    return Compared(
        dataset=content["dataset"],
        baseline=content["baseline"],
        shared=numbers.add(f"{base}/questions", document, "/questions/shared", "count"),
        differences=_differences(document, numbers, base),
        tests=_tests(document, numbers, base),
        sentences=[_sentence(content, row, f"{base}/{row['method']}") for _, row in rows],
        left_out=_left_out(document, numbers, base),
    )


def _differences(document: Document, numbers: Numbers, base: str) -> Table:
    rows = []
    for at, row in enumerate(document.content["rows"]):
        name, place = f"{base}/{row['method']}", f"/rows/{at}"
        cells: list[Part] = [("quoted", row["method"])]
        cells += number_cells(numbers, [document], name, place, {"seeds": "count"})
        for measure in _MEASURES:
            found = f"{place}/{measure}/difference"
            cells.append(
                ("num", numbers.add(f"{name}/{measure}/difference", document, found, "signed"))
            )
        cells += number_cells(numbers, [document], name, place, {"relative_smooth_ece": "share"})
        most = f"{place}/non_inferiority/most"
        cells.append(("num", numbers.add(f"{name}/non_inferiority", document, most, "signed")))
        rows.append(cells)
    heads = (
        "system",
        "seeds",
        *_MEASURES.values(),
        "change of smooth ECE",
        "accuracy lost at most",
    )
    return Table(heads, rows)


def _tests(document: Document, numbers: Numbers, base: str) -> Table:
    rows = []
    for at, row in enumerate(document.content["rows"]):
        for measure, words in _MEASURES.items():
            name, method = f"{base}/{row['method']}/{measure}", row["method"]
            first: Part = ("quoted", method) if measure == "accuracy" else ("text", "")
            cells = number_cells(numbers, [document], name, f"/rows/{at}/{measure}", _TESTS)
            place = f"/methods/{escape_pointer(method)}/interquartile_mean/{measure}"
            mean = numbers.add(f"{name}/interquartile_mean", document, place, "figure")
            rows.append([first, ("text", words), *cells, ("num", mean)])
    return Table(("system", "measure", *_TEST_HEADS), rows)


def _left_out(document: Document, numbers: Numbers, base: str) -> Table | None:
    rows: list[list[Part]] = []
    for method, count in document.content["questions"]["left_out"].items():
        if count:
            place = f"/questions/left_out/{escape_pointer(method)}"
            name = numbers.add(f"{base}/{method}/left_out", document, place, "count")
            rows.append([("quoted", method), ("num", name)])
    return Table(("system", "questions left out"), rows) if rows else None


def _sentence(content: Mapping[str, Any], row: Mapping[str, Any], base: str) -> Sentence:
    """Say what is shown of one method: its calibration, and then its accuracy."""
    level = content["settings"]["level"]
    error, accuracy = row["debiased_ece"], row["accuracy"]
    parts: list[Part] = [("quoted", row["method"])]
    parts += _change(error, f"{base}/debiased_ece/difference", level, "the calibration error")
    parts.append(("text", ", and "))
    found = accuracy["difference"]
    if found["value"] == 0 and found["low"] is None:
        # Same answers, another confidence: nothing about accuracy is left open.
        parts += [("text", "its answers to these questions are as often right: ")]
        parts.append(("num", f"{base}/accuracy/difference"))
    elif row["non_inferiority"]["shown"] and not _shown(accuracy, level):
        parts += [
            ("text", "if its accuracy is lower, then by less than "),
            ("num", "comparison/margin"),
            ("text", ": "),
            ("num", f"{base}/accuracy/difference"),
        ]
    else:
        words = _words(accuracy, level)
        parts += [("text", f"its accuracy {words}: "), ("num", f"{base}/accuracy/difference")]
        kept = row["non_inferiority"]["shown"]
        if not kept and words != "is higher":
            parts += [
                ("text", "; that it loses less than "),
                ("num", "comparison/margin"),
                ("text", " is not shown"),
            ]
    return [*parts, ("text", ".")]


def _change(measure: Mapping[str, Any], name: str, level: float, what: str) -> list[Part]:
    value = measure["difference"]["value"]
    if value is None:
        return [("text", f": whether {what} changes cannot be said")]
    if not _shown(measure, level):
        return [("text", f": a change of {what} is not shown, "), ("num", name)]
    verb = "lowers" if value < 0 else "raises"
    return [("text", f" {verb} {what}: "), ("num", name)]


def _words(measure: Mapping[str, Any], level: float) -> str:
    value = measure["difference"]["value"]
    if value is None:
        return "cannot be compared"
    if not _shown(measure, level):
        return "is not shown to differ"
    return "is lower" if value < 0 else "is higher"


def _shown(measure: Mapping[str, Any], level: float) -> bool:
    """Return whether a difference stands after the correction for the number of tests."""
    adjusted = measure["adjusted_p_value"]["value"]
    return adjusted is not None and adjusted <= 1 - level + 1e-12
