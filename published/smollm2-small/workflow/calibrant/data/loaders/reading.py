"""Reading source files row by row, so that every error names the file and the row.

Sources are other people's files at a pinned commit. They hold what they held when their loader was
written, unless somebody points the catalog at another commit; then the first strange row must stop
the run and say where it stands.
"""

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from calibrant.errors import CalibrantError
from calibrant.files import read_json

T = TypeVar("T")
Document = TypeVar("Document", list[Any], dict[str, Any])

_REPAIR = "Compare the file with its loader: the source may have changed its form"


def each_row(path: Path, rows: Iterable[Any], read: Callable[[Any, int], T]) -> list[T]:
    """Return ``read(row, number)`` for every row, numbered from 1.

    Raises:
        CalibrantError: If ``read`` trips over a row (a missing column, a value of the wrong kind,
            or a ``ValueError`` of its own); names the file and the row.
    """
    results = []
    for number, row in enumerate(rows, 1):
        try:
            results.append(read(row, number))
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            what = f"has no {error}" if isinstance(error, KeyError) else str(error)
            raise CalibrantError(f"row {number}: {what}", where=path, repair=_REPAIR) from error
    return results


def text_of(row: Mapping[str, Any], column: str) -> str:
    """Return the text in a column without space at its ends.

    Raises:
        ValueError: If it is not a text, or an empty one.
    """
    value = row[column]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{column} is {value!r}, not a text")
    return value.strip()


def local_file(files: Mapping[str, Path], name: str) -> Path:
    """Return the local path of the file ``name`` of the source repository.

    Raises:
        CalibrantError: If the dataset was fetched without it.
    """
    if name not in files:
        raise CalibrantError(
            "the file was not fetched", where=name, repair="Add it to `sources` in the catalog"
        )
    return files[name]


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, line ends as they are.

    Raises:
        CalibrantError: If it cannot be read or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise CalibrantError(f"cannot read: {error.strerror}", where=path) from error
    except UnicodeDecodeError as error:
        raise CalibrantError(f"is not UTF-8: {error}", where=path, repair=_REPAIR) from error


def accepted_answers(answers: Iterable[str]) -> tuple[str, ...]:
    """Return the answers without empty and repeated ones, in their order.

    Raises:
        ValueError: If it is not a list of texts, or none is left.
    """
    if isinstance(answers, str):
        raise ValueError(f"accepted answers are {answers!r}, not a list")
    kept = tuple(dict.fromkeys(answer.strip() for answer in answers if answer.strip()))
    if not kept:
        raise ValueError("there is no accepted answer")
    return kept


def json_document(path: Path, kind: type[Document]) -> Document:
    """Return a JSON file that must hold a ``kind``, ``list`` or ``dict``.

    Raises:
        CalibrantError: If it is not JSON or holds something else.
    """
    document = read_json(path)
    if not isinstance(document, kind):
        what = f"holds a {type(document).__name__}, a {kind.__name__} is expected"
        raise CalibrantError(what, where=path, repair=_REPAIR)
    return document


def json_values(path: Path) -> list[Any]:
    """Return the rows of a file that is one JSON list.

    Raises:
        CalibrantError: As ``json_document``.
    """
    return json_document(path, list)


def json_lines(path: Path) -> list[Any]:
    """Return the rows of a file with one JSON value per line; an empty line at the end is none.

    Raises:
        CalibrantError: If a line is not JSON; names the file and the line.
    """
    # Not splitlines(): JSON texts may hold U+2028, which is no line end here.
    lines = read_text(path).rstrip("\n").split("\n")
    return each_row(path, lines, lambda line, _: json.loads(line))


def csv_rows(path: Path, delimiter: str = ",") -> list[list[str]]:
    """Return the rows of a CSV or TSV file as lists, the header included where it has one.

    Raises:
        CalibrantError: If the file is not CSV.
    """
    try:
        # The csv module finds the line ends itself: a quoted cell may hold some.
        return list(csv.reader(StringIO(read_text(path), newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise CalibrantError(f"is not CSV: {error}", where=path, repair=_REPAIR) from error


def csv_records(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """Return the rows of a CSV or TSV file with a header, by column.

    Raises:
        CalibrantError: If the file is not CSV or a row has not as many cells as the header.
    """
    header, *rows = csv_rows(path, delimiter) or [[]]
    return each_row(path, rows, lambda row, _: dict(zip(header, row, strict=True)))


def arrow_records(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file in Arrow's stream format, by column.

    Raises:
        CalibrantError: If it cannot be read as such.
    """
    import pyarrow as pa

    try:
        with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as stream:
            rows: list[dict[str, Any]] = stream.read_all().to_pylist()
            return rows
    except (OSError, pa.ArrowException) as error:
        what = f"cannot be read as an Arrow stream: {error}"
        raise CalibrantError(what, where=path, repair=_REPAIR) from error
