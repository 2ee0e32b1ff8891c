"""The cells of a row of questions, as texts and lists of texts."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.tables.plain_tables import read_table
from calibrant.tables.raw_table import RawTable

_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_TEXT: dict[type, str] = {
    list: "a list",
    dict: "an object",
    bytes: "raw bytes",
    str: "half of a surrogate pair",
}


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One row of a table of questions.

    Attributes:
        table: The table.
        index: Number of the row in it, from 0.
        cells: Cell by column.
    """

    table: RawTable
    index: int
    cells: Mapping[str, object]

    def where(self, column: str) -> str:
        """Return file, row and column, for an error."""
        return self.table.place(self.index, column)

    def text(self, column: str) -> str | None:
        """Return a cell as text without space at its ends, or None if it is empty.

        Raises:
            CalibrantError: If it holds a list or an object.
        """
        value = self.cells[column]
        if not _is_plain(value):
            raise CalibrantError(
                f"holds {_NOT_TEXT.get(type(value), type(value).__name__)} and not a text",
                where=self.where(column),
                repair="Write a text or a number",
            )
        return _as_text(value)

    def texts(self, column: str) -> list[str]:
        """Return a cell as a list of texts; a single value is a list of one, an empty cell of none.

        In CSV a cell is a list if it is a JSON list of strings. Anything else is one text, since
        ``[1, 2]`` may be an answer itself.

        Raises:
            CalibrantError: If an item is empty or neither text nor number.
        """
        value = self.cells[column]
        if self.table.kind == "CSV" and isinstance(value, str):
            value = _list_in(value)
        if not isinstance(value, list):
            text = self.text(column)
            return [] if text is None else [text]
        items = [_as_text(item) if _is_plain(item) else None for item in value]
        if None in items:
            raise CalibrantError(
                f"item {items.index(None) + 1} of the list is empty or not a text",
                where=self.where(column),
                repair="Write texts or numbers only",
            )
        return [item for item in items if item is not None]


def read_question_rows(path: Path, columns: Mapping[str, str]) -> list[QuestionRow]:
    """Read a table of which every row has certain columns.

    Args:
        path: A ``.jsonl``, ``.csv`` or ``.parquet`` file.
        columns: What a column holds, as the study's ``columns`` names it, to the column's name.

    Raises:
        CalibrantError: If the file cannot be read, or a column is missing; names the place.
    """
    table = read_table(path)
    cells = {
        column: table.column(
            column,
            meaning=f"the {role}",
            repair=f"Set `columns.{role}` to the one that holds it, or add it to every row",
            in_every_row=True,
        )
        for role, column in columns.items()
    }
    return [
        QuestionRow(table, index, {name: column[index] for name, column in cells.items()})
        for index in range(len(table.numbers))
    ]


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        # Half of a surrogate pair can stand in JSON but in no file.
        return value.isascii() or not _SURROGATE.search(value)
    return not isinstance(value, list | dict | bytes)


def _list_in(cell: str) -> object:
    if not cell.strip().startswith("["):
        return cell
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return value if all(isinstance(item, str) for item in value) else cell


def _as_text(value: object) -> str | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() or None
