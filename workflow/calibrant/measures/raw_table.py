"""Rows as a file holds them, before anything is read from their cells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from calibrant.errors import CalibrantError


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """Rows of a file, column by column.

    Attributes:
        path: The file.
        kind: What the file is, as a person would call it.
        names: Names of its columns, in order.
        cells: Returns the cells of a column, one per row; None is an empty cell.
        unit: What a row is called in this file: ``line``, ``row`` or ``sample``.
        numbers: Number of every row in the file, counted from 1.
        correct: Name of the column of correctness.
        notes: What a reader should know about how the file was read.
    """

    path: Path
    kind: str
    names: Sequence[str]
    cells: Callable[[str], Sequence[object]]
    unit: str
    numbers: Sequence[int]
    correct: str = "correct"
    notes: tuple[str, ...] = ()

    def column(self, name: str, *, meaning: str) -> Sequence[object]:
        """Return the cells of a column that must be there exactly once.

        Args:
            name: Name of the column.
            meaning: What it should hold, for the error message.

        Raises:
            CalibrantError: If there is no such column, or more than one; lists those present.
        """
        count = list(self.names).count(name)
        if count == 1:
            return self.cells(name)
        if count > 1:
            raise CalibrantError(
                f"has {count} columns named {name!r}", where=self.path, repair="Rename all but one"
            )
        present = ", ".join(map(repr, self.names)) or "none"
        raise CalibrantError(
            f"has no column {name!r} ({meaning}); its columns are {present}",
            where=self.path,
            repair=self._hint(name),
        )

    def _hint(self, name: str) -> str:
        if len(self.names) == 1 and ";" in self.names[0]:
            return "It looks separated by semicolons: save it with commas"
        near = [other for other in self.names if other.strip().lower() == name.lower()]
        if near:
            return f"Rename {near[0]!r} to {name!r}"
        return f"Add the column {name!r} or rename the one that holds it"

    def place(self, index: int, name: str) -> str:
        """Return ``file, line 7, column 'confidence'`` for the cell of a row (index from 0)."""
        return f"{self.path}, {self.unit} {self.numbers[index]}, column {name!r}"


def columns_of(records: Sequence[dict[str, object]]) -> list[str]:
    """Return the keys of all records in the order of their first appearance."""
    return list(dict.fromkeys(key for record in records for key in record))
