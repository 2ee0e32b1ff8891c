"""Graded answers with confidences from a file of somebody else's making."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.measures.cell_values import read_confidence, read_correct, read_labels
from calibrant.measures.harness_samples import harness_table, is_harness_samples
from calibrant.measures.inspect_log import read_inspect_log
from calibrant.measures.plain_tables import (
    json_lines_table,
    read_csv,
    read_json_lines,
    read_parquet,
)
from calibrant.measures.raw_table import RawTable
from calibrant.measures.sample import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class GradedTable:
    """Answers of a file, ready to be measured.

    Attributes:
        path: The file.
        kind: What it was read as.
        confidence: In [0, 1], NaN where missing, shape (n,).
        correct: 0 or 1, NaN where ungraded, shape (n,).
        question_id: The question of every answer, or None if the file does not say.
        groups: The cells of the column asked for, or None.
        notes: What a reader should know about how the file was read.
    """

    path: Path
    kind: str
    confidence: FloatArray
    correct: FloatArray
    question_id: list[str] | None
    groups: list[str] | None
    notes: tuple[str, ...]


def read_table_file(
    path: Path | str, *, by: str | None = None, correct: str | None = None
) -> GradedTable:
    """Read a file of graded answers.

    JSON Lines, CSV and Parquet need the columns ``correct`` (0 or 1, true or false, empty for
    ungraded) and ``confidence`` (0 to 1, empty for missing); ``question_id`` is optional. Sample
    logs of lm-evaluation-harness (.jsonl) and evaluation logs of Inspect (.json) are recognised.

    Args:
        path: The file; its ending says what it is.
        by: A column to return as ``groups``.
        correct: Column, metric or scorer of correctness where it is not the usual one.

    Raises:
        CalibrantError: If the file or a cell in it cannot be read; names file, row and column.
    """
    path = Path(path)
    table = _open(path, correct)
    return GradedTable(
        path=path,
        kind=table.kind,
        confidence=read_confidence(table),
        correct=read_correct(table),
        question_id=_question_ids(table),
        groups=_groups(table, by),
        notes=table.notes,
    )


def _open(path: Path, correct: str | None) -> RawTable:
    if path.is_dir():
        raise CalibrantError("is a folder", where=path, repair="Name one file in it")
    if not path.exists():
        raise CalibrantError("no such file", where=path, repair="Check the path")
    ending = path.suffix.lower()
    readers: dict[str, Callable[[Path], RawTable]] = {".csv": read_csv, ".parquet": read_parquet}
    if ending in readers:
        return _with_correct(readers[ending](path), correct)
    if ending == ".jsonl":
        records, numbers = read_json_lines(path)
        if is_harness_samples(records):
            return harness_table(path, records, numbers, correct)
        return _with_correct(json_lines_table(path, records, numbers), correct)
    if ending == ".json":
        return read_inspect_log(path, correct)
    raise CalibrantError(
        f"has the unknown ending {path.suffix!r}", where=path, repair=_repair_ending(ending)
    )


def _repair_ending(ending: str) -> str:
    if ending == ".eval":
        return "Export the log with `inspect log dump LOG.eval > LOG.json`"
    return "Use a .jsonl, .csv or .parquet file, or a .json log of Inspect"


def _with_correct(table: RawTable, correct: str | None) -> RawTable:
    return table if correct is None else replace(table, correct=correct)


def _question_ids(table: RawTable) -> list[str] | None:
    if "question_id" not in table.names:
        return None
    return read_labels(table, "question_id", may_be_empty=False, meaning="the question answered")


def _groups(table: RawTable, by: str | None) -> list[str] | None:
    if by is None:
        return None
    return read_labels(table, by, may_be_empty=True, meaning="asked for with --by")
