"""What the report begins with: whether calibration learnt in one domain holds in another."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.sentence import Part, Sentence
from calibrant.reporting.table import Table

_HEADS = (
    "system",
    "seeds",
    "in domain",
    "not trained on",
    "ECE in domain",
    "ECE there",
    "difference",
)


@dataclass(frozen=True, slots=True)
class LeadSection:
    """What the page begins with.

    Attributes:
        sentence: For whom, and where, calibration is shown not to have transferred.
        table: Per trained method, in-domain and held-out dataset: both calibration errors, and the
            difference with its interval over questions and seeds.
        level: Number id of the level of the intervals.
    """

    sentence: Sentence
    table: Table
    level: str


def lead_section(
    document: Document | None, trained: Collection[str], numbers: Numbers
) -> LeadSection | None:
    """Return the section, or None where no trained method answers in domain and elsewhere.

    Args:
        document: As ``transfer_gap`` writes it.
        trained: Names of the methods that were trained.
        numbers: Where its numbers are entered.
    """
    rows, found = [], []
    content = {"rows": []} if document is None else document.content
    for at, row in enumerate(content["rows"]):
        if document is None or row["method"] not in trained:
            continue
        base, place = (
            f"transfer/{row['method']}/{row['in_domain']}/{row['held_out']}",
            f"/rows/{at}",
        )
        error = f"{place}/debiased_ece"
        name = numbers.add(f"{base}/debiased_ece", document, f"{error}/difference", "signed")
        cells: list[Part] = [("quoted", row["method"])]
        cells.append(("num", numbers.add(f"{base}/seeds", document, f"{place}/seeds", "count")))
        cells += [("quoted", row["in_domain"]), ("quoted", row["held_out"])]
        for side in ("in_domain", "held_out"):
            given = numbers.add(
                f"{base}/debiased_ece/{side}", document, f"{error}/{side}", "figure"
            )
            cells.append(("num", given))
        rows.append([*cells, ("num", name)])
        found.append((row, name))
    if document is None or not rows:
        return None
    level = numbers.add("transfer/level", document, "/settings/level", "level")
    return LeadSection(_sentence(found), Table(_HEADS, rows, quoted_heads=True), level)


def _sentence(found: Sequence[tuple[Mapping[str, Any], str]]) -> Sentence:
    """Say for which methods and datasets the error is shown to be higher, from the intervals."""
    intervals = [(row, name, row["debiased_ece"]["difference"]) for row, name in found]
    known = [(row, name, each) for row, name, each in intervals if each["low"] is not None]
    lost = [(row, name) for row, name, each in known if each["low"] > 0]
    if not known:
        return [
            (
                "text",
                "Whether calibration transferred cannot be said: no difference has an interval.",
            )
        ]
    if not lost:
        return [("text", "Nowhere is calibration shown to be worse on questions not trained on.")]
    parts: list[Part] = [("text", "Calibration did not transfer for ")]
    for position, (row, name) in enumerate(lost):
        parts += [("text", "; ")] if position else []
        parts += [("quoted", row["method"]), ("text", " from "), ("quoted", row["in_domain"])]
        parts += [("text", " to "), ("quoted", row["held_out"]), ("text", ": "), ("num", name)]
    rest = len(lost) < len(intervals)
    return [*parts, ("text", ". Elsewhere no loss is shown." if rest else ".")]
