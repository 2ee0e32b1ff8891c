"""Everything a report is written from: the documents of earlier stages, with where they lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from calibrant.files import read_json
from calibrant.reporting.curves import Curve, read_curve
from calibrant.reporting.document import Document


@dataclass(frozen=True, slots=True)
class Evidence:
    """The documents of one study.

    Attributes:
        measures: One per method, seed and dataset.
        accounts: One per dataset: rows kept, dropped, repaired.
        overlap: Training sets against evaluation sets, or None without training.
        published: Comparisons with published figures.
        audit: What the rewards ask for, or None without rewards.
        curves: One per training.
        judges: One per judge: how good it is.
        selection: Which questions were trained on, or None where all were.
        self_rating: What the model said of its own answers to them, or None where it was not asked.
        judged: One per method, seed and dataset that a judge graded: figures corrected for it.
        certificates: One per certificate: what its threshold does on each dataset.
        comparisons: One per dataset on which methods are compared.
        transfer: Held-out datasets against those in domain, or None.
        faithfulness: One per method, seed and dataset that was sampled several times.
        self_judged: One per method, seed and dataset whose model was asked how faithful it was.
    """

    measures: tuple[Document, ...]
    accounts: tuple[Document, ...]
    overlap: Document | None
    published: tuple[Document, ...]
    audit: Document | None = None
    curves: tuple[Curve, ...] = ()
    judges: tuple[Document, ...] = ()
    selection: Document | None = None
    self_rating: Document | None = None
    judged: tuple[Document, ...] = ()
    certificates: tuple[Document, ...] = ()
    faithfulness: tuple[Document, ...] = ()
    self_judged: tuple[Document, ...] = ()
    comparisons: tuple[Document, ...] = ()
    transfer: Document | None = None


def read_evidence(  # noqa: PLR0913 (one list per kind of document)
    *,
    measures: Sequence[Path],
    accounts: Sequence[Path],
    overlap: Sequence[Path],
    published: Sequence[Path],
    audit: Sequence[Path] = (),
    curves: Sequence[Path] = (),
    judges: Sequence[Path] = (),
    selection: Sequence[Path] = (),
    self_rating: Sequence[Path] = (),
    judged: Sequence[Path] = (),
    certificates: Sequence[Path] = (),
    faithfulness: Sequence[Path] = (),
    self_judged: Sequence[Path] = (),
    comparisons: Sequence[Path] = (),
    transfer: Sequence[Path] = (),
) -> Evidence:
    """Read the documents.

    Raises:
        CalibrantError: If one is absent or not JSON, or a curve is not named as such.
    """
    return Evidence(
        measures=_documents(measures),
        accounts=_documents(accounts),
        overlap=next(iter(_documents(overlap)), None),
        published=_documents(published),
        audit=next(iter(_documents(audit)), None),
        curves=tuple(map(read_curve, curves)),
        judges=_documents(judges),
        selection=next(iter(_documents(selection)), None),
        self_rating=next(iter(_documents(self_rating)), None),
        judged=_documents(judged),
        certificates=_documents(certificates),
        faithfulness=_documents(faithfulness),
        self_judged=_documents(self_judged),
        comparisons=_documents(comparisons),
        transfer=next(iter(_documents(transfer)), None),
    )


def _documents(paths: Sequence[Path]) -> tuple[Document, ...]:
    return tuple(Document(path.as_posix(), read_json(path)) for path in paths)
