"""CSV, JSON Lines and Parquet files as raw tables."""

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from calibrant.errors import CalibrantError
from calibrant.tables.raw_table import RawTable, columns_of


def read_table(path: Path, *, repair: str = "Use a .jsonl, .csv or .parquet file") -> RawTable:
    """Read a table of JSON Lines, CSV (both in UTF-8) or Parquet.

    Blank lines are no rows. A CSV cell is a text, and a line number of CSV is that of the row's
    first line. A key that a JSON object lacks is an empty cell. A Parquet column is loaded when
    asked for.

    Args:
        path: The file; its ending says what it is.
        repair: What to do about another ending.

    Raises:
        CalibrantError: If the file is missing, a folder, of another kind, broken, or without rows;
            names the line.
    """
    check_file(path)
    readers = {".jsonl": _read_json_lines, ".csv": _read_csv, ".parquet": _read_parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise CalibrantError(f"has the unknown ending {path.suffix!r}", where=path, repair=repair)
    return reader(path)


def check_file(path: Path) -> None:
    """Check that there is a file.

    Raises:
        CalibrantError: If there is nothing, or a folder.
    """
    if path.is_dir():
        raise CalibrantError("is a folder", where=path, repair="Name one file in it")
    if not path.exists():
        raise CalibrantError(
            "no such file",
            where=path,
            repair="Check the path: it starts at the folder you run this in, or is absolute",
        )


def read_utf8(path: Path) -> str:
    """Return the text of a file without its byte order mark.

    Raises:
        CalibrantError: If the file cannot be read, is empty, or is not UTF-8 (names the line).
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CalibrantError(
            f"cannot read: {error.strerror or error}",
            where=path,
            repair="Check that you may read it",
        ) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CalibrantError(
            f"is not UTF-8 text (byte {error.start + 1})",
            where=f"{path}, line {line}",
            repair="Save it again as UTF-8",
        ) from error
    if not text.strip():
        raise _ill_made(path, "is empty")
    return text


def _read_csv(path: Path) -> RawTable:
    rows = _csv_rows(path)
    names = [name.strip() for name in rows.pop(next(iter(rows)))]
    if not rows:
        raise _ill_made(path, "has a header and no rows")
    if len(names) == 1 and ";" in names[0]:
        raise CalibrantError(
            "is separated by semicolons",
            where=path,
            repair="Save it with commas, and with a point in numbers",
        )
    for line, row in rows.items():
        if len(row) != len(names):
            raise CalibrantError(
                f"has {len(row)} fields where the header has {len(names)}",
                where=f"{path}, line {line}",
                repair="Put fields that hold a comma in quotation marks",
            )
    return RawTable(
        path=path,
        kind="CSV",
        names=names,
        cells=lambda name: [row[names.index(name)] for row in rows.values()],
        unit="line",
        numbers=list(rows),
    )


def _csv_rows(path: Path) -> dict[int, list[str]]:
    """Return the rows that are not blank, the header among them, by the line each starts at."""
    reader = csv.reader(io.StringIO(read_utf8(path), newline=""), strict=True)
    rows: dict[int, list[str]] = {}
    line = 1
    # A cell may hold a whole completion, which the default limit of 128 KiB would refuse.
    limit = csv.field_size_limit(2**31 - 1)
    try:
        for row in reader:
            if row:
                rows[line] = row
            line = reader.line_num + 1
    except csv.Error as error:
        raise CalibrantError(
            f"is not valid CSV: {error}",
            where=f"{path}, line {line}",
            repair="Check the quotation marks of that line",
        ) from error
    finally:
        csv.field_size_limit(limit)
    return rows


def _read_json_lines(path: Path) -> RawTable:
    # Not splitlines: some characters that it splits at may stand inside a JSON string.
    lines = enumerate(read_utf8(path).split("\n"), start=1)
    records = {
        number: _json_object(line, f"{path}, line {number}")
        for number, line in lines
        if line.strip()
    }
    rows = list(records.values())
    return RawTable(
        path=path,
        kind="JSON Lines",
        names=columns_of(rows),
        cells=lambda name: [row.get(name) for row in rows],
        unit="line",
        numbers=list(records),
        records=rows,
    )


def _json_object(line: str, where: str) -> dict[str, object]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = str(error)
        if isinstance(error, json.JSONDecodeError):
            # The decoder's own words also give a line, which here is always 1.
            reason = f"{error.msg} at character {error.colno}"
        raise CalibrantError(
            f"is not valid JSON: {reason}",
            where=where,
            repair="Write one JSON object per line; a file cut short ends like this",
        ) from error
    if not isinstance(record, dict):
        raise CalibrantError(
            f"holds {json.dumps(record)[:40]}, which is not a JSON object",
            where=where,
            repair='Write every row as an object with its columns, such as {"name": "Ada"}',
        )
    return record


def _read_parquet(path: Path) -> RawTable:
    try:
        # A handle of its own, since pyarrow would take partition columns out of the path's name.
        file = pq.ParquetFile(path)
        rows = file.metadata.num_rows
        names = file.schema_arrow.names
    except (OSError, pa.ArrowException) as error:
        raise _ill_made(path, f"cannot be read as Parquet: {error}") from error
    if rows == 0:
        raise _ill_made(path, "has no rows")

    def cells(name: str) -> list[object]:
        try:
            return _values(file.read(columns=[name]).column(name))
        except (OSError, pa.ArrowException) as error:
            raise _ill_made(path, f"has an unreadable column {name!r}: {error}") from error

    return RawTable(
        path=path, kind="Parquet", names=names, cells=cells, unit="row", numbers=range(1, rows + 1)
    )


def _values(column: pa.ChunkedArray) -> list[object]:
    values: list[object] = column.to_pylist()
    if column.type in (pa.float16(), pa.float32()):
        # 0.1 in a narrow float is what somebody wrote as 0.1, and not 0.10000000149011612.
        kind = column.type.to_pandas_dtype()
        return [None if value is None else float(str(kind(value))) for value in values]
    return values


def _ill_made(path: Path, what: str) -> CalibrantError:
    return CalibrantError(what, where=path, repair="Check how the file was made")
