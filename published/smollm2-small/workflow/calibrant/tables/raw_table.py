"""Rows as a file holds them, before anything is read from their cells."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from calibrant.errors import CalibrantError

Records = Sequence[dict[str, object]]


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
        records: The objects of a JSON Lines file, where a row may lack a column; else empty.
        notes: What a reader should know about how the file was read.
    """

    path: Path
    kind: str
    names: Sequence[str]
    cells: Callable[[str], Sequence[object]]
    unit: str
    numbers: Sequence[int]
    records: Records = ()
    notes: tuple[str, ...] = ()

    def column(
        self, name: str, *, meaning: str, repair: str | None = None, in_every_row: bool = False
    ) -> Sequence[object]:
        """Return the cells of a column that must be there exactly once.

        Args:
            name: Name of the column.
            meaning: What it should hold, for the error message.
            repair: What to do if nothing like it is there; None advises to add or rename it.
            in_every_row: Whether a row of JSON Lines without it is an error, or an empty cell.

        Raises:
            CalibrantError: If there is no such column, or more than one; lists those present.
        """
        count = list(self.names).count(name)
        if count > 1:
            raise CalibrantError(
                f"has {count} columns named {name!r}", where=self.path, repair="Rename all but one"
            )
        headers: list[Collection[str]] = [self.names, *(self.records if in_every_row else ())]
        for number, names in enumerate(headers):
            if name not in names:
                present = ", ".join(map(repr, names)) or "none"
                raise CalibrantError(
                    f"has no column {name!r} ({meaning}); its columns are {present}",
                    where=self._row(number - 1) if number else self.path,
                    repair=_hint(name, list(names), repair),
                )
        return self.cells(name)

    def place(self, index: int, name: str) -> str:
        """Return ``file, line 7, column 'confidence'`` for the cell of a row (index from 0)."""
        return f"{self._row(index)}, column {name!r}"

    def _row(self, index: int) -> str:
        return f"{self.path}, {self.unit} {self.numbers[index]}"


def columns_of(records: Records) -> list[str]:
    """Return the keys of all records in the order of their first appearance."""
    return list(dict.fromkeys(key for record in records for key in record))


def _hint(name: str, names: Sequence[str], repair: str | None) -> str:
    if len(names) == 1 and ";" in names[0]:
        return "It looks separated by semicolons: save it with commas"
    near = [other for other in names if other.strip().lower() == name.lower()]
    if near:
        return f"Rename {near[0]!r} to {name!r}"
    return repair or f"Add the column {name!r} or rename the one that holds it"
