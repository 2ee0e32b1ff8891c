"""A table written again with more columns, as JSON Lines, CSV or Parquet."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from calibrant.errors import CalibrantError
from calibrant.files import atomic_path
from calibrant.tables.raw_table import RawTable

ENDINGS = (".jsonl", ".csv", ".parquet")


def check_ending(path: Path) -> None:
    """Refuse an ending that says no known format.

    Raises:
        CalibrantError: Names the path.
    """
    if path.suffix.lower() not in ENDINGS:
        raise CalibrantError(
            f"has the unknown ending {path.suffix!r}",
            where=path,
            repair=f"Use one of {', '.join(ENDINGS)}",
        )


def check_extended(path: Path | None, table: RawTable, names: Sequence[str]) -> None:
    """Refuse an ending that says no known format, and columns that are there already.

    Args:
        path: Where the table will be written, or None if it will not be.
        table: The rows.
        names: The columns to be added.

    Raises:
        CalibrantError: Names the path, or the column.
    """
    if path is not None:
        check_ending(path)
    present = list(table.names)
    for name in present:
        if present.count(name) > 1:
            raise CalibrantError(
                f"has two columns {name!r}", where=table.path, repair="Rename one of them"
            )
        if name in names:
            raise CalibrantError(
                f"already has a column {name!r}", where=table.path, repair="Rename it"
            )


def write_extended(path: Path, table: RawTable, more: Mapping[str, Sequence[object]]) -> None:
    """Write every row as it came, with more cells.

    Args:
        path: The file; its ending says the format, which may be another than that of the table.
        table: The rows.
        more: New columns, one cell per row.

    Raises:
        CalibrantError: As ``check_extended``, or if the file cannot be written.
    """
    check_extended(path, table, list(more))
    columns: dict[str, Sequence[object]] = {name: table.cells(name) for name in table.names}
    columns.update(more)
    writers = {".jsonl": _write_json_lines, ".csv": _write_csv, ".parquet": _write_parquet}
    with atomic_path(path) as temporary:
        writers[path.suffix.lower()](temporary, columns)


def _write_json_lines(path: Path, columns: dict[str, Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        for cells in zip(*columns.values(), strict=True):
            row = dict(zip(columns, cells, strict=True))
            file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")


def _write_csv(path: Path, columns: dict[str, Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for cells in zip(*columns.values(), strict=True):
            writer.writerow(map(_csv_cell, cells))


def _csv_cell(cell: object) -> object:
    if isinstance(cell, bool | list | dict):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return cell


def _write_parquet(path: Path, columns: dict[str, Sequence[object]]) -> None:
    try:
        table = pa.table({name: list(cells) for name, cells in columns.items()})
    except pa.ArrowException as error:
        raise CalibrantError(
            f"a column mixes types that Parquet cannot hold: {error}",
            where=path,
            repair="Write .jsonl instead",
        ) from error
    pq.write_table(table, path)
