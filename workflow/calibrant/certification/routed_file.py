"""Routed answers as a file: the rows as they came, with three more columns."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from calibrant.certification.route import Routed
from calibrant.errors import CalibrantError
from calibrant.files import atomic_path
from calibrant.tables.raw_table import RawTable

NEW_COLUMNS = ("decision", "reason", "detail")
_ENDINGS = (".jsonl", ".csv", ".parquet")


def check_routed_path(path: Path) -> None:
    """Refuse an ending that says no known format.

    Raises:
        CalibrantError: Names the path.
    """
    if path.suffix.lower() not in _ENDINGS:
        raise CalibrantError(
            f"has the unknown ending {path.suffix!r}",
            where=path,
            repair=f"Use one of {', '.join(_ENDINGS)}",
        )


def write_routed(path: Path, table: RawTable, routed: Sequence[Routed]) -> None:
    """Write every row with its decision, reason and detail.

    Raises:
        CalibrantError: If the ending is unknown, the rows have such a column already, or the file
            cannot be written.
    """
    check_routed_path(path)
    taken = [name for name in NEW_COLUMNS if name in table.names]
    if taken:
        raise CalibrantError(
            f"already has a column {taken[0]!r}", where=table.path, repair="Rename it"
        )
    columns: dict[str, Sequence[object]] = {name: table.cells(name) for name in table.names}
    columns |= {name: [getattr(row, name) for row in routed] for name in NEW_COLUMNS}
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
