"""Questions from a file of the user's own: JSONL, CSV or Parquet."""

from pathlib import Path

from calibrant.data.question_row import QuestionRow, read_question_rows
from calibrant.data.raw import Loaded, RawQuestion
from calibrant.data.references import as_reference
from calibrant.data.settings import OwnDataset
from calibrant.data.splits import collapse_whitespace
from calibrant.errors import CalibrantError
from calibrant.rows import OPTION_LETTERS

PART = "own"


def load_own(name: str, settings: OwnDataset) -> Loaded:
    """Read the questions of a file.

    A cell with several accepted answers, or with options, is a list; in CSV a JSON list of strings
    such as ``["Paris", "Paris, France"]``. For ``choice`` the answer is a letter or the text of an
    option and becomes a letter.

    Args:
        name: Name of the dataset in the study.
        settings: File, columns, domain and answer type.

    Returns:
        One row of the part ``own`` for each row of the file, in its order.

    Raises:
        CalibrantError: If the file, a column or a cell cannot be used; names file, row and column.
    """
    _check_options_column(name, settings)
    columns = settings.columns.model_dump(exclude_none=True)
    rows = read_question_rows(Path(settings.file), columns)
    return Loaded(questions=[_question(row, settings) for row in rows])


def _check_options_column(name: str, settings: OwnDataset) -> None:
    where = f"datasets.own.{name}.columns.options"
    is_choice = settings.answer_type == "choice"
    if is_choice and settings.columns.options is None:
        raise CalibrantError(
            "answer type choice needs options",
            where=where,
            repair="Name the column that holds the list of options",
        )
    if not is_choice and settings.columns.options is not None:
        raise CalibrantError(
            f"answer type {settings.answer_type} has no options",
            where=where,
            repair="Take the setting out, or set `answer_type: choice`",
        )


def _question(row: QuestionRow, settings: OwnDataset) -> RawQuestion:
    columns = settings.columns
    options: tuple[str, ...] = ()
    if columns.options is not None:
        options = _options(row, columns.options)
        references: tuple[str, ...] = (_letter(row, columns.answer, options),)
    else:
        references = _references(row, settings)
    return RawQuestion(
        part=PART,
        question=_required(row, columns.question, "Write the question or delete the row"),
        references=references,
        answer_type=settings.answer_type,
        domain=settings.domain
        if columns.domain is None
        else _required(row, columns.domain, "Write the subject of the question"),
        context=_optional(row, columns.context),
        options=options,
        source_id=_optional(row, columns.id),
        group=_optional(row, columns.group),
    )


def _required(row: QuestionRow, column: str, repair: str) -> str:
    text = _optional(row, column)
    if text is None:
        raise CalibrantError("is empty", where=row.where(column), repair=repair)
    return text


def _optional(row: QuestionRow, column: str | None) -> str | None:
    return None if column is None else row.text(column)


def _references(row: QuestionRow, settings: OwnDataset) -> tuple[str, ...]:
    column = settings.columns.answer
    answers = row.texts(column)
    if not answers:
        raise CalibrantError(
            "holds no answer",
            where=row.where(column),
            repair="Write the accepted answer or delete the row",
        )
    references = []
    for answer in answers:
        reference = as_reference(answer, settings.answer_type)
        if reference is None:
            raise CalibrantError(
                f"{answer!r} cannot be an answer of type {settings.answer_type}",
                where=row.where(column),
                repair="Correct the answer, or set another `answer_type`",
            )
        references.append(reference)
    return tuple(dict.fromkeys(references))


def _options(row: QuestionRow, column: str) -> tuple[str, ...]:
    options = row.texts(column)
    collapsed = list(map(collapse_whitespace, options))
    if not 2 <= len(options) <= len(OPTION_LETTERS):
        raise CalibrantError(
            f"holds {len(options)} options",
            where=row.where(column),
            repair='Write a list of 2 to 26 options, in CSV as ["first", "second"]',
        )
    if len(set(collapsed)) < len(collapsed):
        raise CalibrantError(
            "holds the same option twice",
            where=row.where(column),
            repair="Make the options different",
        )
    return tuple(options)


def _letter(row: QuestionRow, column: str, options: tuple[str, ...]) -> str:
    answers = row.texts(column)
    if len(answers) != 1:
        raise CalibrantError(
            f"holds {len(answers)} answers and must hold one",
            where=row.where(column),
            repair="Write one letter, or the text of one option",
        )
    answer = collapse_whitespace(answers[0])
    by_letter = dict(zip(OPTION_LETTERS, options, strict=False)).get(answer.upper())
    by_text = [option for option in options if collapse_whitespace(option) == answer]
    found = {option for option in (by_letter, *by_text) if option is not None}
    if len(found) != 1:
        raise CalibrantError(
            f"{answer!r} is the letter of one option and the text of another"
            if found
            else f"{answer!r} is not among the options {' / '.join(options)}",
            where=row.where(column),
            repair=f"Write a letter from A to {OPTION_LETTERS[len(options) - 1]}, or its text",
        )
    return OPTION_LETTERS[options.index(found.pop())]
