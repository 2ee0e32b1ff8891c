"""The answers of a file with their confidences in words, one by one."""

import math
from dataclasses import dataclass, replace
from typing import Literal, get_args

from calibrant.errors import CalibrantError
from calibrant.measures.cell_values import read_confidence
from calibrant.tables.raw_table import RawTable
from calibrant.wording.hedges import hedge_for
from calibrant.wording.rewrite import Statement, rewrite

WordedStatus = Literal["worded", "no_confidence", "no_answer"]
"""``worded``: the answer opens with the words of its confidence. ``no_confidence``: there is none, and
the answer stays as it is. ``no_answer``: there is nothing to word."""
WORDED_STATUSES: tuple[WordedStatus, ...] = get_args(WordedStatus)


@dataclass(frozen=True, slots=True)
class Worded:
    """One answer.

    Attributes:
        text: The answer, behind the words of its confidence where it has one, or None.
        status: What became of it.
    """

    text: str | None
    status: WordedStatus


def word_answers(table: RawTable, *, answer: str, confidence: str, style: str) -> list[Worded]:
    """Put the confidence of every answer into words.

    Several sentences share their confidence and stay together. A confidence that is missing is no
    number, so nothing is said in its place.

    Args:
        table: The rows.
        answer: Column of the answers: texts or numbers, empty where there is none.
        confidence: Column of the confidences, in [0, 1], empty where missing.
        style: A style of the map (``hedges.hedge_for``).

    Raises:
        CalibrantError: If a column is absent, a cell cannot be read, or there is no such style.
    """
    # A file in which no answer states a confidence must not hide a misspelt style.
    hedge_for(0.5, style)
    answers = table.column(answer, meaning="the answer as text, empty if there is none")
    confidences = _confidences(table, confidence)
    return [
        _worded(_text(cell, table.place(index, answer)), stated, style)
        for index, (cell, stated) in enumerate(zip(answers, confidences, strict=True))
    ]


def _worded(text: str | None, stated: float, style: str) -> Worded:
    if text is None:
        return Worded(None, "no_answer")
    if math.isnan(stated):
        return Worded(text, "no_confidence")
    return Worded(rewrite([Statement(text, stated)], style), "worded")


def _text(cell: object, place: str) -> str | None:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return str(cell)
    raise CalibrantError(
        f"is {str(cell)[:40]!r}, which is neither a text nor a number",
        where=place,
        repair="Name the column of the answers with --answer",
    )


def _confidences(table: RawTable, column: str) -> list[float]:
    """Read a column as ``read_confidence`` does, whatever its name."""
    cells = table.column(column, meaning="a number from 0 to 1, empty if missing")
    named = replace(table, names=["confidence"], cells=lambda _: cells, records=())
    try:
        return [float(value) for value in read_confidence(named)]
    except CalibrantError as error:
        where = str(error.where).replace("column 'confidence'", f"column {column!r}")
        raise CalibrantError(error.what, where=where, repair=error.repair) from error
