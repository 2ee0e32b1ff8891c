"""CSV, JSON Lines and Parquet files as raw tables."""

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from calibrant.errors import CalibrantError
from calibrant.measures.raw_table import RawTable, columns_of


def read_utf8(path: Path) -> str:
    """Return the text of a file without its byte order mark.

    Raises:
        CalibrantError: If the file cannot be read, is empty, or is not UTF-8 (names the line).
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CalibrantError(f"cannot read: {error.strerror or error}", where=path) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CalibrantError(
            f"is not UTF-8 text (byte {error.start + 1})",
            where=f"{path}, line {line}",
            repair="Save it again with the encoding UTF-8",
        ) from error
    if not text.strip():
        raise CalibrantError("is empty", where=path, repair="Check how the file was made")
    return text


def read_csv(path: Path) -> RawTable:
    """Read a comma-separated file with a header line; all cells are texts."""
    names, rows, numbers = _csv_rows(path, read_utf8(path))
    if not rows:
        raise CalibrantError("has a header and no rows", where=path)
    positions = {name: position for position, name in enumerate(names)}
    return RawTable(
        path=path,
        kind="CSV",
        names=names,
        cells=lambda name: [row[positions[name]] for row in rows],
        unit="line",
        numbers=numbers,
    )


def _csv_rows(path: Path, text: str) -> tuple[list[str], list[list[str]], list[int]]:
    # A cell may hold a whole completion, which the default limit of 128 KiB would refuse.
    limit = csv.field_size_limit(2**31 - 1)
    rows: list[list[str]] = []
    numbers: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names: list[str] | None = None
    line = 1
    try:
        for row in reader:
            if row and names is None:
                names = row
            elif row and names is not None:
                _same_width(path, line, len(row), len(names))
                rows.append(row)
                numbers.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise CalibrantError(
            f"is not valid CSV: {error}",
            where=f"{path}, line {line}",
            repair="Check the quotation marks of that line",
        ) from error
    finally:
        csv.field_size_limit(limit)
    return names or [], rows, numbers


def _same_width(path: Path, line: int, width: int, expected: int) -> None:
    if width != expected:
        raise CalibrantError(
            f"has {width} fields where the header has {expected}",
            where=f"{path}, line {line}",
            repair="Put fields that hold a comma in quotation marks",
        )


def read_json_lines(path: Path) -> tuple[list[dict[str, object]], list[int]]:
    """Return the objects of a JSON Lines file and the number of each one's line.

    Blank lines are skipped.

    Raises:
        CalibrantError: If a line is not a JSON object; names the line.
    """
    records = []
    numbers = []
    for number, line in enumerate(read_utf8(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CalibrantError(
                f"is not valid JSON: {error}",
                where=where,
                repair="Write one JSON object per line; a file cut short ends like this",
            ) from error
        if not isinstance(record, dict):
            raise CalibrantError(
                f"holds {json.dumps(record)[:40]}, which is not a JSON object",
                where=where,
                repair='Write one object per line, such as {"correct": 1, "confidence": 0.8}',
            )
        records.append(record)
        numbers.append(number)
    return records, numbers


def json_lines_table(path: Path, records: list[dict[str, object]], numbers: list[int]) -> RawTable:
    """Return the records of ``read_json_lines`` as a table; an absent key is an empty cell."""
    return RawTable(
        path=path,
        kind="JSON Lines",
        names=columns_of(records),
        cells=lambda name: [record.get(name) for record in records],
        unit="line",
        numbers=numbers,
    )


def read_parquet(path: Path) -> RawTable:
    """Read a Parquet file; columns are loaded when asked for.

    Raises:
        CalibrantError: If it is not Parquet or has no rows.
    """
    try:
        # A handle of its own, since pyarrow would take partition columns out of the path's name.
        file = pq.ParquetFile(path)
        rows = file.metadata.num_rows
        names = file.schema_arrow.names
    except (OSError, pa.ArrowException) as error:
        raise CalibrantError(f"cannot be read as Parquet: {error}", where=path) from error
    if rows == 0:
        raise CalibrantError("has no rows", where=path)

    def cells(name: str) -> list[object]:
        try:
            return file.read(columns=[name]).column(name).to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise CalibrantError(
                f"has an unreadable column {name!r}: {error}", where=path
            ) from error

    return RawTable(
        path=path, kind="Parquet", names=names, cells=cells, unit="row", numbers=range(1, rows + 1)
    )
