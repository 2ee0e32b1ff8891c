"""Graded answers with confidences from a file of somebody else's making."""

from dataclasses import dataclass
from pathlib import Path

from calibrant.measures.cell_values import (
    read_confidence,
    read_correct,
    read_labels,
    read_true_probability,
)
from calibrant.measures.harness_samples import harness_table, is_harness_samples
from calibrant.measures.inspect_log import read_inspect_log
from calibrant.measures.sample import FloatArray
from calibrant.tables.plain_tables import read_table
from calibrant.tables.raw_table import RawTable

_OTHER_ENDING = "Use a .jsonl, .csv or .parquet file, or a .json log of Inspect"
_BINARY_LOG = "Export the log with `inspect log dump LOG.eval > LOG.json`"


@dataclass(frozen=True, slots=True, eq=False)
class GradedTable:
    """Answers of a file, ready to be measured.

    Attributes:
        path: The file.
        kind: What it was read as.
        confidence: In [0, 1], NaN where missing, shape (n,).
        correct: 0 or 1, NaN where ungraded, shape (n,).
        true_probability: Known probability of every answer of being right, NaN where empty, shape
            (n,), or None if the file has no such column.
        question_id: The question of every answer, or None if the file does not say.
        groups: The cells of the column asked for, or None.
        notes: What a reader should know about how the file was read.
    """

    path: Path
    kind: str
    confidence: FloatArray
    correct: FloatArray
    true_probability: FloatArray | None
    question_id: list[str] | None
    groups: list[str] | None
    notes: tuple[str, ...]


def read_table_file(
    path: Path | str, *, by: str | None = None, correct: str | None = None
) -> GradedTable:
    """Read a file of graded answers.

    JSON Lines, CSV and Parquet need the columns ``correct`` (0 or 1, true or false, empty for
    ungraded) and ``confidence`` (0 to 1, empty for missing); ``question_id`` and
    ``true_probability`` are optional. Sample logs of lm-evaluation-harness (.jsonl) and evaluation
    logs of Inspect (.json) are recognised.

    Args:
        path: The file; its ending says what it is.
        by: A column to return as ``groups``.
        correct: Column, metric or scorer of correctness where it is not the usual one.

    Raises:
        CalibrantError: If the file or a cell in it cannot be read; names file, row and column.
    """
    path = Path(path)
    table, name = _open(path, correct)
    return GradedTable(
        path=path,
        kind=table.kind,
        confidence=read_confidence(table),
        correct=read_correct(table, name),
        true_probability=_true_probability(table),
        question_id=_question_ids(table),
        groups=_groups(table, by),
        notes=table.notes,
    )


def _open(path: Path, correct: str | None) -> tuple[RawTable, str]:
    """Return the table of a file and the name of its column of correctness."""
    ending = path.suffix.lower()
    if ending == ".json":
        return read_inspect_log(path, correct), "correct"
    table = read_table(path, repair=_BINARY_LOG if ending == ".eval" else _OTHER_ENDING)
    if is_harness_samples(table):
        return harness_table(table, correct)
    return table, "correct" if correct is None else correct


def _true_probability(table: RawTable) -> FloatArray | None:
    return read_true_probability(table) if "true_probability" in table.names else None


def _question_ids(table: RawTable) -> list[str] | None:
    if "question_id" not in table.names:
        return None
    return read_labels(table, "question_id", may_be_empty=False, meaning="the question answered")


def _groups(table: RawTable, by: str | None) -> list[str] | None:
    if by is None:
        return None
    return read_labels(table, by, may_be_empty=True, meaning="asked for with --by")
