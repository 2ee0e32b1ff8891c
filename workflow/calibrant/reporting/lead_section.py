"""What the report begins with: whether calibration learnt in one domain holds in another."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.sentence import Part, Sentence
from calibrant.reporting.table import Table

_FIGURES = ("ECE in domain", "ECE there", "difference")
_HEADS = ("system", "seeds", "in domain", "not trained on", *_FIGURES)
_PARTS = {"sealed": "held out", "others": "not trained on"}


@dataclass(frozen=True, slots=True)
class LeadSection:
    """What the page begins with.

    Attributes:
        sentence: For whom, and where, calibration is shown not to have transferred.
        averages: The means over datasets, of every method, trained or not: per part of what is not
            trained on, the same figures.
        table: Per trained method, in-domain and held-out dataset: both calibration errors, and the
            difference with its interval over questions and seeds.
        level: Number id of the level of the intervals.
    """

    sentence: Sentence
    averages: Table
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
    if document is None:
        return None
    rows, found = [], []
    for at, row in enumerate(document.content["rows"]):
        if row["method"] not in trained:
            continue
        base = f"transfer/{row['method']}/{row['in_domain']}/{row['held_out']}"
        seeds, *figures = _figures(document, numbers, base, f"/rows/{at}")
        named = [("quoted", row[key]) for key in ("method", "in_domain", "held_out")]
        rows.append([named[0], seeds, *named[1:], *figures])
        found.append((row, figures[-1][1]))
    if not rows:
        return None
    level = numbers.add("transfer/level", document, "/settings/level", "level")
    table = Table(_HEADS, rows, quoted_heads=True)
    return LeadSection(_sentence(found), _averages(document, numbers), table, level)


def _averages(document: Document, numbers: Numbers) -> Table:
    rows = []
    for at, row in enumerate(document.content["averages"]):
        base = f"transfer-average/{row['method']}/{row['part']}"
        seeds, *figures = _figures(document, numbers, base, f"/averages/{at}")
        there = f"{_PARTS[row['part']]}: {', '.join(row['held_out'])}"
        here = ", ".join(row["in_domain"])
        named = [("quoted", text) for text in (row["method"], here, there)]
        rows.append([named[0], seeds, *named[1:], *figures])
    return Table(("system", "seeds", "in domain", "where", *_FIGURES), rows, quoted_heads=True)


def _figures(document: Document, numbers: Numbers, base: str, place: str) -> list[Part]:
    """Return the cells of the seeds, the calibration error on both sides, and the difference."""
    error = f"{place}/debiased_ece"
    names = [numbers.add(f"{base}/seeds", document, f"{place}/seeds", "count")]
    names += [
        numbers.add(f"{base}/debiased_ece/{side}", document, f"{error}/{side}", "figure")
        for side in ("in_domain", "held_out")
    ]
    names.append(numbers.add(f"{base}/debiased_ece", document, f"{error}/difference", "signed"))
    return [("num", name) for name in names]


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
