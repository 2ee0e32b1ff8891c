"""From one domain to another: calibration on held-out questions against in-domain ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.sentence import Part, Sentence
from calibrant.reporting.table import Table

_MEASURES = {
    "debiased_ece": "debiased ECE",
    "smooth_ece": "smooth ECE",
    "brier": "Brier score",
    "gap": "gap",
    "accuracy": "accuracy",
}


@dataclass(frozen=True, slots=True)
class TransferSection:
    """What the page shows of transfer.

    Attributes:
        sentences: One per row: whether calibration is worse on the held-out questions.
        table: Per method, in-domain and held-out dataset: the differences.
        level: Number id of the level of the intervals.
    """

    sentences: Sequence[Sentence]
    table: Table
    level: str


def transfer_section(document: Document | None, numbers: Numbers) -> TransferSection | None:
    """Return the section, or None where a study has no held-out dataset.

    Args:
        document: As ``transfer_gap`` writes it.
        numbers: Where its numbers are entered.
    """
    if document is None:
        return None
    rows, sentences = [], []
    for at, row in enumerate(document.content["rows"]):
        base = f"transfer/{row['method']}/{row['in_domain']}/{row['held_out']}"
        names = {
            key: numbers.add(f"{base}/{key}", document, f"/rows/{at}/{key}/difference", "signed")
            for key in _MEASURES
        }
        seeds = numbers.add(f"{base}/seeds", document, f"/rows/{at}/seeds", "count")
        rows.append(
            [
                ("quoted", row["method"]),
                ("num", seeds),
                ("quoted", row["in_domain"]),
                ("quoted", row["held_out"]),
                *[("num", name) for name in names.values()],
            ]
        )
        sentences.append(_sentence(row, names["debiased_ece"]))
    heads = ("system", "seeds", "in domain", "held out", *_MEASURES.values())
    level = numbers.add("transfer/level", document, "/settings/level", "level")
    return TransferSection(sentences, Table(heads, rows), level)


def _sentence(row: Mapping[str, Any], name: str) -> Sentence:
    found = row["debiased_ece"]["difference"]
    value, low, high = found["value"], found["low"], found["high"]
    if value is None:
        words = "whether the calibration error differs cannot be said"
    elif low is None or low <= 0 <= high:
        words = "the calibration error is not shown to differ"
    else:
        words = f"the calibration error is {'higher' if value > 0 else 'lower'}"
    parts: list[Part] = [
        ("quoted", row["method"]),
        ("text", f": {words} on "),
        ("quoted", row["held_out"]),
        ("text", " than on " if "is " in words and "not" not in words else " and "),
        ("quoted", row["in_domain"]),
        ("text", ": "),
        ("num", name),
        ("text", "."),
    ]
    return parts
