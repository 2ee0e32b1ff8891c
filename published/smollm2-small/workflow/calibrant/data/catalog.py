"""The catalog of public datasets: address, digest, licence, domain and the source's known faults.

The entries stand in ``catalog.yaml``, so that a new dataset is a reviewable block of text. An
address is a commit, never a branch, or a digest pins the file: the same study reads the same bytes
in ten years.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

import yaml
from pydantic import Field, model_validator

from calibrant.rows import AnswerType, Split
from calibrant.settings import Settings

# Not among READS_FILES: stages never read the catalog, they are told their part of it, so that a new
# dataset reruns nothing.
CATALOG_FILE = Path(__file__).with_name("catalog.yaml")


class SourceFile(Settings):
    """One file of a public repository at a pinned commit, or of a server that its digest pins."""

    repository: str
    """``owner/name``; for a file published elsewhere, any two names joined so."""
    commit: str | None = Field(default=None, pattern="^[0-9a-f]{40}$")
    """The commit."""
    published: str | None = Field(default=None, pattern="^https?://.*[^/]$")
    """Folder that a file outside GitHub is published in. It has no commit: its digest alone pins it."""
    file: str
    """Path inside the repository or the folder."""
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    """SHA-256 of the file."""
    bytes: int = Field(ge=1)
    """Size of the file."""

    @model_validator(mode="after")
    def _stands_in_one_place(self) -> "SourceFile":
        if (self.commit is None) == (self.published is None):
            raise ValueError("a file has a commit or is published elsewhere")
        return self

    @property
    def path(self) -> str:
        """Relative path in the mirror and in the cache: ``owner/name/commit/file``.

        A file that has no commit stands under its digest instead.
        """
        return f"{self.repository}/{self.commit or self.sha256}/{self.file}"

    @property
    def address(self) -> str:
        """Where the file is published."""
        if self.published is not None:
            return f"{self.published}/{quote(self.file)}"
        return f"https://raw.githubusercontent.com/{quote(self.path)}"


class CatalogEntry(Settings):
    """One dataset."""

    title: str
    """Name in full."""
    homepage: str
    """Where its authors describe it."""
    licence: str
    """Licence of the data."""
    domain: str
    """Subject; rows may carry a finer one."""
    answer_type: AnswerType
    """Which grader reads most of its answers; rows decide one by one."""
    kind: Literal["questions", "transcripts", "judgements"] = "questions"
    """What its rows are."""
    loader: str
    """Module of ``data.loaders`` that reads it."""
    options: dict[str, str | int | bool] = {}
    """Arguments of the loader."""
    held_out: bool = False
    """Never used for training, warm-up, selection or tuning."""
    trainable: bool = True
    """False where the authors ask that it never be trained on."""
    parts: dict[str, dict[Split, Annotated[float, Field(ge=0, le=1)]]] = {}
    """How each part of the source is shared out among the splits, by content hash."""
    systems: list[str] = []
    """Systems whose answers are recorded (kind ``transcripts``)."""
    scale: str | None = None
    """Scale the recorded confidences are written in (kind ``transcripts``)."""
    faults: list[str] = []
    """Faults of the source that the loader deals with."""
    notes: str = ""
    """What a reader should know."""
    sources: list[SourceFile]
    """Its files."""


@cache
def load_catalog() -> dict[str, CatalogEntry]:
    """Return all entries by name, in the order of the file."""
    document = yaml.load(CATALOG_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {name: CatalogEntry(**fields) for name, fields in document.items()}
