"""Judges: how far each agrees with people, and what flips its verdicts though it should not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from calibrant.reporting.cells import number_cells
from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers, escape_pointer
from calibrant.reporting.table import Table

_AGREEMENT = {
    "rows": "count",
    "kappa": "figure",
    "ac1": "figure",
    "sensitivity": "figure",
    "specificity": "figure",
    "accuracy": "figure",
}
_AGREEMENT_HEADS = ("answers", "kappa", "AC1", "sensitivity", "specificity", "agreement")
_ALL = "*"

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class JudgeSection:
    """What the page shows of the judges.

    Attributes:
        agreement: One row per judge and domain, and per rule of plain strings.
        bands: One row per judge and how sure it was of its verdict.
        probes: One row per judge and kind of change; None where none was probed.
    """

    agreement: Table
    bands: Table
    probes: Table | None


def judge_section(documents: Sequence[Document], numbers: Numbers) -> JudgeSection | None:
    """Return the section, or None where a study has no judge."""
    if not documents:
        return None
    agreement = [row for document in documents for row in _agreement(document, numbers)]
    probes = [row for document in documents for row in _probes(document, numbers)]
    heads = ("judge", "measured on", "domain", *_AGREEMENT_HEADS)
    probe_heads = ("judge", "change", "trials", "flipped", "beyond harmless text")
    # Names of figures, rules and changes may hold digits, so they are quoted.
    shown = Table(heads, agreement, quoted_heads=True)
    bands = [row for document in documents for row in _bands(document, numbers)]
    banded = Table(("judge", "certainty", *_AGREEMENT_HEADS), bands, quoted_heads=True)
    return JudgeSection(shown, banded, Table(probe_heads, probes) if probes else None)


def _bands(document: Document, numbers: Numbers) -> Iterator[list[Cell]]:
    name = document.content["name"]
    for band in document.content["bands"]:
        place = f"/bands/{escape_pointer(band)}"
        base = f"judges/{name}/bands/{band.replace(' ', '')}"
        yield [
            ("quoted", name), ("quoted", band),
            *number_cells(numbers, [document], base, place, _AGREEMENT),
        ]  # fmt: skip


def _agreement(document: Document, numbers: Numbers) -> Iterator[list[Cell]]:
    content = document.content
    name, verdicts = content["name"], content["verdicts"]
    # All domains together come first; of a single domain they are the same.
    domains = [_ALL, *(key for key in content["agreement"] if key != _ALL)]
    if len(domains) == 2:
        domains = [domains[1]]
    for at, domain in enumerate(domains):
        place = f"/agreement/{escape_pointer(domain)}"
        names: list[Cell] = [("quoted", name), ("quoted", verdicts)] if at == 0 else [_BLANK] * 2
        yield [
            *names,
            ("text", "all") if domain == _ALL else ("quoted", domain),
            *number_cells(numbers, [document], f"judges/{name}/{domain}", place, _AGREEMENT),
        ]
    for rule in content["rules"]:
        place = f"/rules/{escape_pointer(rule)}"
        base = f"judges/{name}/rules/{rule.replace(' ', '_')}"
        yield [
            _BLANK, ("quoted", f"rule: {rule}"), ("text", "all"),
            *number_cells(numbers, [document], base, place, _AGREEMENT),
        ]  # fmt: skip


_BLANK: Cell = ("text", "")


def _probes(document: Document, numbers: Numbers) -> Iterator[list[Cell]]:
    content = document.content
    probes, name = content["probes"], content["name"]
    if probes is None:
        return
    base = f"judges/{name}/probes"

    def rate(key: str, place: str) -> list[Cell]:
        return [
            ("num", numbers.add(f"{base}/{key}/trials", document, f"{place}/trials", "count")),
            ("num", numbers.add(f"{base}/{key}", document, place, "share")),
        ]

    for key in probes["probes"]:
        place = f"/probes/probes/{escape_pointer(key)}/flips"
        yield [("quoted", name), ("quoted", key.replace("_", " ")), *rate(key, place), _BLANK]
    yield [
        ("quoted", name), ("text", "references of another question, still called right"),
        *rate("swapped_gold", "/probes/swapped_gold"), _BLANK,
    ]  # fmt: skip
    attacks = [("all attacks", "all_attacks", "/probes/all_attacks")]
    attacks += [
        (f"attack: {family.replace('_', ' ')}", f"families/{family}", f"/probes/families/{family}")
        for family in probes["families"]
    ]
    if probes["worst"] is not None:
        attacks.append(("the worst attack", "worst", "/probes/worst"))
    for words, key, place in attacks:
        beyond = numbers.add(f"{base}/{key}/beyond", document, f"{place}/beyond", "signed")
        yield [
            ("quoted", name), ("quoted", words), *rate(key, f"{place}/attack"), ("num", beyond)
        ]  # fmt: skip
