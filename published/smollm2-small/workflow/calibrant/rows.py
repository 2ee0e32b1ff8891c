"""The four kinds of row that travel between stages, and their Parquet files.

A question is one row all the way: ``Question`` leaves preparation, ``Completion`` leaves an
engine, ``Prediction`` leaves grading, and ``Judgement`` is one verdict on one answer, by a person
or by a model. Every reader checks the schema, so a stage fails at its first line instead of its
thousandth.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal, TypeVar, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from calibrant.errors import CalibrantError
from calibrant.files import atomic_path

Split = Literal["train", "validation", "calibration", "test"]
AnswerType = Literal["number", "math", "choice", "yes_no", "yes_no_maybe", "short_text", "open"]
SPLITS: tuple[str, ...] = get_args(Split)
ANSWER_TYPES: tuple[str, ...] = get_args(AnswerType)
OPTION_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its accepted answers.

    Attributes:
        question_id: ``DATASET/HASH``, where HASH comes from the content (see ``data.splits``).
        dataset: Name in the catalog or in the study.
        domain: Subject, such as ``math``, ``medical`` or ``legal``.
        split: train, validation, calibration or test.
        answer_type: Decides which grader reads the answer.
        question: The text shown to the model.
        references: Accepted answers; for ``choice`` the letter of the right option.
        context: Text to be read before the question, or None.
        options: The options of a ``choice`` question in the order shown, else empty.
        source_id: Identifier in the source file, so that a row can be found there.
        group: Document or template shared with other rows, for clustering, or None.
        difficulty: Graded difficulty in [0, 1] (1 hardest), or None where unknown.
        true_probability: Probability that the reference is right where a world is built so that
            it is known, else None.
    """

    question_id: str
    dataset: str
    domain: str
    split: str
    answer_type: str
    question: str
    references: tuple[str, ...]
    context: str | None = None
    options: tuple[str, ...] = ()
    source_id: str | None = None
    group: str | None = None
    difficulty: float | None = None
    true_probability: float | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """One text a model wrote for one question.

    Attributes:
        question_id: The question answered.
        dataset: Its dataset.
        method: The system that answered.
        seed: Seed of the system (training or sampling).
        sample: 0 for the first answer to this question, 1 for the second, and so on.
        prompt: The exact text given to the model; empty for recorded transcripts without one.
        completion: The exact text it returned.
        finish_reason: ``stop``, ``length`` (cut at the token limit) or ``recorded``.
        tokens: Number of tokens generated, or None for recorded transcripts.
        recorded_confidence: Confidence in [0, 1] stored with a recorded transcript, or None.
        recorded_correct: Correctness stored with a recorded transcript, or None.
    """

    question_id: str
    dataset: str
    method: str
    seed: int
    sample: int
    prompt: str
    completion: str
    finish_reason: str
    tokens: int | None = None
    recorded_confidence: float | None = None
    recorded_correct: bool | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """One graded answer with its stated confidence: all that a measure needs.

    Attributes:
        question_id: The question answered.
        dataset: Its dataset.
        domain: Its domain.
        split: Its split.
        answer_type: Its answer type.
        method: The system that answered.
        seed: Its seed.
        sample: Number of the answer among those to the same question.
        completion: The full text.
        answer: The answer read from it, or None.
        confidence: The confidence read from it, in [0, 1], or None.
        confidence_status: ``ok`` or why there is no confidence; where sentences were asked for also
            ``stray_tag`` or ``stray_text``, which a confidence may stand beside.
        correct: True, False, or None when it could not be graded.
        grade_reason: Empty when graded, else why not.
        grader: Which grader decided.
        group: Document or template shared with other rows, or None.
        difficulty: Graded difficulty in [0, 1], or None.
        true_probability: Known probability of being right, or None.
        recorded_confidence: Confidence stored with a recorded transcript, or None.
        recorded_correct: Correctness stored with a recorded transcript, or None.
    """

    question_id: str
    dataset: str
    domain: str
    split: str
    answer_type: str
    method: str
    seed: int
    sample: int
    completion: str
    answer: str | None
    confidence: float | None
    confidence_status: str
    correct: bool | None
    grade_reason: str
    grader: str
    group: str | None = None
    difficulty: float | None = None
    true_probability: float | None = None
    recorded_confidence: float | None = None
    recorded_correct: bool | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """One verdict on one answer.

    Attributes:
        judgement_id: ``DATASET/HASH`` of question, references, answer and system.
        dataset: The judge set it belongs to.
        domain: Its domain.
        question: The question answered.
        references: Accepted answers.
        answer: The answer judged.
        system: Who wrote the answer.
        judge: Who judged: ``human`` or the identifier of a model judge.
        verdict: True for correct, False for wrong, None when the judge gave none.
    """

    judgement_id: str
    dataset: str
    domain: str
    question: str
    references: tuple[str, ...]
    answer: str
    system: str
    judge: str
    verdict: bool | None = None


Row = TypeVar("Row", Question, Completion, Prediction, Judgement)

_ARROW_TYPES: dict[str, pa.DataType] = {
    "str": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "tuple[str, ...]": pa.list_(pa.string()),
}


def schema_of(kind: type[Row]) -> pa.Schema:
    """Return the Arrow schema of a row type, derived from its annotations."""
    columns = []
    for item in fields(kind):
        name = _annotation(item.type)
        optional = name.endswith(" | None")
        arrow_type = _ARROW_TYPES[name.removesuffix(" | None")]
        columns.append(pa.field(item.name, arrow_type, nullable=optional))
    return pa.schema(columns, metadata={"calibrant_row": kind.__name__})


def _annotation(annotation: object) -> str:
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return str(annotation)


def write_rows(path: Path | str, rows: Iterable[Row], kind: type[Row]) -> int:
    """Write rows to a Parquet file, atomically.

    Equal rows give equal bytes with the same pyarrow, whatever the machine.

    Returns:
        The number of rows written.
    """
    table = pa.Table.from_pylist([asdict(row) for row in rows], schema=schema_of(kind))
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")
    return table.num_rows


def read_table(path: Path | str, kind: type[Row]) -> pa.Table:
    """Read a Parquet file written by ``write_rows`` as an Arrow table.

    Raises:
        CalibrantError: If the file is absent, not Parquet, or its columns are not those of ``kind``.
    """
    expected = schema_of(kind)
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise CalibrantError(f"cannot be read as Parquet: {error}", where=path) from error
    missing = [name for name in expected.names if name not in table.column_names]
    if missing:
        raise CalibrantError(
            f"is not a table of {kind.__name__} rows: no column {', '.join(missing)}",
            where=path,
            repair="Delete it and let the workflow make it again",
        )
    try:
        return table.select(expected.names).cast(expected)
    except (pa.ArrowException, ValueError) as error:
        raise CalibrantError(f"has a column of the wrong type: {error}", where=path) from error


def read_rows(path: Path | str, kind: type[Row]) -> Sequence[Row]:
    """Read a Parquet file written by ``write_rows`` as a list of ``kind``.

    Raises:
        CalibrantError: As ``read_table``.
    """
    lists = {item.name for item in fields(kind) if "tuple" in _annotation(item.type)}
    rows = []
    for record in read_table(path, kind).to_pylist():
        for name in lists:
            record[name] = tuple(record[name])
        rows.append(kind(**record))
    return rows
