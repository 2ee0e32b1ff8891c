"""Everything a report is written from: the documents of earlier stages, with where they lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibrant.files import read_json


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document of an earlier stage.

    Attributes:
        path: Its file, as the workflow names it.
        content: What it holds.
    """

    path: str
    content: dict[str, Any]

    @property
    def name(self) -> str:
        """Name of the file without its ending, which is the dataset's."""
        return Path(self.path).stem


@dataclass(frozen=True, slots=True)
class Evidence:
    """The documents of one study.

    Attributes:
        measures: One per method, seed and dataset.
        accounts: One per dataset: rows kept, dropped, repaired.
        overlap: Training sets against evaluation sets, or None without training.
        published: Comparisons with published figures.
        audit: What the rewards ask for, or None without rewards.
    """

    measures: tuple[Document, ...]
    accounts: tuple[Document, ...]
    overlap: Document | None
    published: tuple[Document, ...]
    audit: Document | None = None


def read_evidence(
    *,
    measures: Sequence[Path],
    accounts: Sequence[Path],
    overlap: Sequence[Path],
    published: Sequence[Path],
    audit: Sequence[Path] = (),
) -> Evidence:
    """Read the documents.

    Raises:
        CalibrantError: If one is absent or not JSON.
    """
    return Evidence(
        measures=_documents(measures),
        accounts=_documents(accounts),
        overlap=next(iter(_documents(overlap)), None),
        published=_documents(published),
        audit=next(iter(_documents(audit)), None),
    )


def _documents(paths: Sequence[Path]) -> tuple[Document, ...]:
    return tuple(Document(path.as_posix(), read_json(path)) for path in paths)
