"""Certified thresholds: what was certified, and what it did on answers not calibrated on."""

from collections.abc import Sequence
from dataclasses import dataclass

from calibrant.reporting.cells import number_cells
from calibrant.reporting.document import Document
from calibrant.reporting.numbers import Numbers
from calibrant.reporting.table import Table

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CertificateSection:
    """What the page shows of certificates.

    Attributes:
        table: Per certificate and dataset one row.
        alpha: Number id of the highest error rate allowed.
        delta: Number id of the probability that a certified threshold exceeds it.
    """

    table: Table
    alpha: str
    delta: str


def certificate_section(
    documents: Sequence[Document], numbers: Numbers
) -> CertificateSection | None:
    """Return the section, or None where a study asks for no certificate.

    Every document is what one certificate did: ``applied.applied_certificate`` with the method, the
    seed and the dataset it was certified on.
    """
    if not documents:
        return None
    alpha = numbers.add("certificates/alpha", documents[0], "/alpha", "level")
    delta = numbers.add("certificates/delta", documents[0], "/delta", "level")
    rows = [row for document in documents for row in _rows(document, numbers)]
    heads = (
        "certificate of", "accept at", "applied to", "covered", "questions",
        "accepted share", "error rate among them", "fixed rule: accepted", "fixed rule: errors",
    )  # fmt: skip
    return CertificateSection(Table(heads, rows), alpha, delta)


def _rows(document: Document, numbers: Numbers) -> list[list[Cell]]:
    content = document.content
    method, seed, dataset = content["method"], content["seed"], content["dataset"]
    base = f"certificates/{method}/{seed}/{dataset}"
    rows = []
    for at, cell in enumerate(content["cells"]):
        place = f"/cells/{at}"
        name = f"{base}/{cell['dataset']}"
        shares = [
            item
            for rule in ("certified", "fixed")
            for item in number_cells(
                numbers, [document], f"{name}/{rule}", f"{place}/{rule}",
                {"coverage": "figure", "risk": "figure"},
            )
        ]  # fmt: skip
        first: list[Cell] = [("text", ""), ("text", "")]
        if at == 0:
            threshold = numbers.add(f"{base}/threshold", document, "/threshold", "level")
            first = [("quoted", f"{method}, seed {seed}, on {dataset}"), ("num", threshold)]
        questions = numbers.add(f"{name}/questions", document, f"{place}/questions", "count")
        covered = "yes" if cell["covered"] else "no"
        rows.append(
            [*first, ("quoted", cell["dataset"]), ("text", covered), ("num", questions), *shares]
        )
    return rows
