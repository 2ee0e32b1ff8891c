"""Answers to certify or to route, from the kinds of file that ``calibrant measure`` reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.measures.cell_values import read_confidence, read_correct, read_labels
from calibrant.measures.harness_samples import harness_table, is_harness_samples
from calibrant.measures.inspect_log import read_inspect_log
from calibrant.measures.sample import FloatArray
from calibrant.tables.plain_tables import read_table
from calibrant.tables.raw_table import RawTable

# Columns that say which system answered what: a certificate covers the values it has seen.
SYSTEM_COLUMNS = ("method", "seed")
SCOPE_COLUMNS = (*SYSTEM_COLUMNS, "dataset", "domain")
_OTHER_ENDING = "Use a .jsonl, .csv or .parquet file, or a .json log of Inspect"


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers of a file.

    Attributes:
        table: The file as it is.
        confidence: In [0, 1], NaN where missing, shape (n,).
        correct: 1 and 0, NaN where ungraded, shape (n,), or None if the file has no such column.
        question: The question of every answer, or the number of its row where there is no column.
        names_questions: Whether the file has a column ``question_id``.
        labels: The cells of the scope columns that the file has, by column.
    """

    table: RawTable
    confidence: FloatArray
    correct: FloatArray | None
    question: list[str]
    names_questions: bool
    labels: dict[str, list[str]]


def read_answers(path: Path, *, by: str | None, correct: str | None, needs_labels: bool) -> Answers:
    """Read answers with their confidences.

    Args:
        path: The file.
        by: A column that the certificate tells apart, besides the usual ones.
        correct: Column, metric or scorer of correctness where it is not the usual one.
        needs_labels: Whether a table without a column of correctness is an error.

    Raises:
        CalibrantError: If the file or a cell in it cannot be read.
    """
    table, name = _open(path, correct)
    named = "question_id" in table.names
    if named:
        question = read_labels(
            table, "question_id", may_be_empty=False, meaning="the question answered"
        )
    else:
        question = [f"row {number}" for number in table.numbers]
    columns = [column for column in SCOPE_COLUMNS if column in table.names or column == by]
    if by is not None and by not in columns:
        columns.append(by)
    return Answers(
        table=table,
        confidence=read_confidence(table),
        correct=read_correct(table, name)
        if needs_labels or correct is not None or name in table.names
        else None,
        question=question,
        names_questions=named,
        labels={
            column: read_labels(table, column, may_be_empty=True, meaning="what a row belongs to")
            for column in columns
        },
    )


def check_outputs(sources: Sequence[Path], outputs: Sequence[Path | None]) -> None:
    """Refuse an output that is a folder, a source or another output, before any work is done.

    Raises:
        CalibrantError: Names the path.
    """
    paths = [path for path in outputs if path is not None]
    for path in paths:
        if path.is_dir():
            raise CalibrantError("is a folder", where=path, repair="Name a file to write")
        if path.resolve() in [source.resolve() for source in sources]:
            raise CalibrantError("is a file to be read", where=path, repair="Write to another file")
    if len({path.resolve() for path in paths}) < len(paths):
        raise CalibrantError("would be written twice", where=paths[0], repair="Name two files")


def _open(path: Path, correct: str | None) -> tuple[RawTable, str]:
    if path.suffix.lower() == ".json":
        return read_inspect_log(path, correct), "correct"
    table = read_table(path, repair=_OTHER_ENDING)
    if is_harness_samples(table):
        return harness_table(table, correct)
    return table, "correct" if correct is None else correct
