"""A document of an earlier stage, with where it lies."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """A document of an earlier stage: JSON, or JSON Lines.

    Attributes:
        path: Its file, as the workflow names it.
        content: What it holds; of JSON Lines, the list of the lines.
    """

    path: str
    content: Any

    @property
    def name(self) -> str:
        """Name of the file without its ending, which is the dataset's."""
        return Path(self.path).stem
