"""The rows of a JSONL, CSV or Parquet file, each of which knows its place in the file."""

import csv
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from calibrant.errors import CalibrantError

# Python's own limit is 128 kB a cell, which a document in a context column can exceed.
_CELL_LIMIT = 2**30


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a file.

    Attributes:
        file: The file.
        place: Where the row stands in it, such as ``line 7``.
        values: Cell by column.
        is_text: True for CSV, where a list can only be written as text.
    """

    file: Path
    place: str
    values: Mapping[str, Any]
    is_text: bool = False

    def where(self, column: str) -> str:
        """Return file, row and column, for an error."""
        return f"{self.file}, {self.place}, column {column!r}"

    def text(self, column: str) -> str | None:
        """Return a cell as text without space at its ends, or None if it is empty.

        Raises:
            CalibrantError: If it holds a list or an object.
        """
        value = self.values[column]
        if isinstance(value, list | dict):
            raise CalibrantError(
                f"holds {_kind(value)} and not a text",
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
        value = self.values[column]
        if self.is_text:
            value = _list_in(value)
        if not isinstance(value, list):
            text = self.text(column)
            return [] if text is None else [text]
        items = [None if isinstance(item, list | dict) else _as_text(item) for item in value]
        if None in items:
            raise CalibrantError(
                f"item {items.index(None) + 1} of the list is empty or not a text",
                where=self.where(column),
                repair="Write texts or numbers only",
            )
        return [item for item in items if item is not None]


def read_records(path: Path, columns: Sequence[str]) -> list[Record]:
    """Read a file by its suffix and check that it has the columns.

    Args:
        path: A ``.jsonl``, ``.csv`` or ``.parquet`` file; the first two in UTF-8.
        columns: Columns that every row must have.

    Returns:
        The rows in the order of the file; blank lines of JSONL and CSV are none.

    Raises:
        CalibrantError: If the file is missing, of another kind, broken or empty, or a column is
            missing; names the place.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise CalibrantError(
            f"files of kind {path.suffix or 'without suffix'!r} cannot be read",
            where=path,
            repair=f"Save it as {', '.join(_READERS)}",
        )
    if not path.is_file():
        raise CalibrantError(
            "there is no such file",
            where=path,
            repair="Give the path from the project's folder, or an absolute one",
        )
    records = []
    for record in reader(path):
        missing = [column for column in columns if column not in record.values]
        if missing:
            raise CalibrantError(
                f"{record.place} has no column {missing[0]!r}",
                where=path,
                repair=f"Set `columns` to what is there: {', '.join(record.values) or 'nothing'}",
            )
        records.append(record)
    if not records:
        raise CalibrantError("holds no rows", where=path, repair="Add questions to it")
    return records


def _read_jsonl(path: Path) -> Iterator[Record]:
    # Not splitlines: some characters that it splits at may stand inside a JSON string.
    for number, line in enumerate(_decoded(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except json.JSONDecodeError as error:
            raise CalibrantError(
                f"not valid JSON: {error.msg} at character {error.colno}",
                where=f"{path}, line {number}",
                repair="Write one JSON object on each line",
            ) from error
        if not isinstance(values, dict):
            raise CalibrantError(
                f"holds {_kind(values)} and not an object",
                where=f"{path}, line {number}",
                repair='Write each row as {"question": ..., "answer": ...}',
            )
        yield Record(path, f"line {number}", values)


def _read_csv(path: Path) -> Iterator[Record]:
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader(io.StringIO(_decoded(path), newline=""), strict=True)
    header: list[str] | None = None
    start = 1
    try:
        for cells in reader:
            place, start = f"line {start}", reader.line_num + 1
            if header is None:
                header = _header(path, cells)
            elif len(cells) not in (0, len(header)):
                raise CalibrantError(
                    f"has {len(cells)} cells and the header {len(header)}",
                    where=f"{path}, {place}",
                    repair="Put cells that hold a comma or a quote between double quotes",
                )
            elif cells:
                yield Record(path, place, dict(zip(header, cells, strict=True)), is_text=True)
    except csv.Error as error:
        raise CalibrantError(
            f"not valid CSV: {error}",
            where=f"{path}, line {start}",
            repair="Put cells that hold a comma or a quote between double quotes",
        ) from error


def _header(path: Path, cells: list[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    repeated = [name for name in header if header.count(name) > 1]
    if repeated:
        raise CalibrantError(
            f"two columns are called {repeated[0]!r}",
            where=f"{path}, line 1",
            repair="Give every column its own name",
        )
    return header


def _read_parquet(path: Path) -> Iterator[Record]:
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise CalibrantError(
            f"cannot be read as Parquet: {error}", where=path, repair="Save the file again"
        ) from error
    for number, values in enumerate(table.to_pylist(), start=1):
        yield Record(path, f"row {number}", values)


_READERS: dict[str, Callable[[Path], Iterator[Record]]] = {
    ".jsonl": _read_jsonl,
    ".csv": _read_csv,
    ".parquet": _read_parquet,
}


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CalibrantError(
            "is not UTF-8", where=f"{path}, line {line}", repair="Save the file as UTF-8"
        ) from error


def _list_in(cell: str) -> Any:
    if not cell.strip().startswith("["):
        return cell
    try:
        value = json.loads(cell)
    except json.JSONDecodeError:
        return cell
    return value if all(isinstance(item, str) for item in value) else cell


def _as_text(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip() or None


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, dict) else repr(value)
