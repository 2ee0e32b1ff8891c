"""Answers that a judge graded: its figures as they are, and corrected with its measured errors."""

from collections.abc import Sequence
from dataclasses import dataclass

from calibrant.reporting.cells import number_cells
from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.seed_groups import seed_groups
from calibrant.reporting.table import Table

_STYLES = {"accuracy": "figure", "gap": "signed", "brier": "figure", "ece": "figure"}
_HEADS = ("accuracy", "gap", "Brier", "ECE")


@dataclass(frozen=True, slots=True)
class JudgedSection:
    """What the page shows of judged answers.

    Attributes:
        table: Two rows per method and dataset: by the judge, and corrected.
        errors: One row per method's dataset and domain: what was corrected with.
    """

    table: Table
    errors: Table


def judged_section(documents: Sequence[Document], numbers: Numbers) -> JudgedSection | None:
    """Return the section, or None where no judge graded anything."""
    if not documents:
        return None
    rows, errors, seen = [], [], set()
    for group in seed_groups(documents):
        name = ("quoted", f"{group.method} on {group.dataset}")
        for kind, words in (("judged", "by the judge"), ("corrected", "corrected")):
            cells = [("num", _judged_count(group.base, group.documents, numbers))]
            for measure, style in _STYLES.items():
                cells += number_cells(
                    numbers,
                    group.documents,
                    f"{group.base}/{kind}/{measure}",
                    f"/measures/{measure}",
                    {kind: style},
                )
            rows.append([name if kind == "judged" else ("text", ""), ("text", words), *cells])
        for domain in group.documents[0].content["errors"]:
            key = (group.documents[0].content["judge"], domain)
            if key not in seen:
                seen.add(key)
                errors.append(_errors(group.documents[0], domain, numbers))
    heads = ("answers of", "figures", "answers judged", *_HEADS)
    error_heads = ("judge", "answers about", "errors measured on", "sensitivity", "specificity")
    return JudgedSection(Table(heads, rows), Table(error_heads, errors))


def _judged_count(base: str, documents: Sequence[Document], numbers: Numbers) -> str:
    return numbers.add_over_seeds(f"{base}/judged/count", documents, "/counts/judged", "count")


def _errors(document: Document, domain: str, numbers: Numbers) -> list[tuple[str, str]]:
    content = document.content
    judge, measured = content["judge"], content["errors"][domain]["measured_in"]
    where = content["measured_on"] + ("" if measured == "*" else f", {measured}")
    styles = {"sensitivity": "figure", "specificity": "figure"}
    base = f"judged/{judge}/{domain}"
    cells = number_cells(numbers, [document], base, f"/errors/{domain}", styles)
    return [("quoted", judge), ("quoted", domain), ("quoted", where), *cells]
