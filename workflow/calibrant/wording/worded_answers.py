"""The answers of a file with their confidences in words, one by one."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from calibrant.errors import CalibrantError
from calibrant.measures.cell_values import read_confidence
from calibrant.tables.raw_table import RawTable
from calibrant.wording.hedges import hedge_for
from calibrant.wording.rewrite import Statement, rewrite
from calibrant.wording.rewrite_by_model import Reworded, Status

Rewriter = Callable[[Sequence[Sequence[Statement]]], Sequence[Reworded]]
"""Rewords answers by a model, as ``rewrite_by_model`` does once it is told which."""
Author = Literal["model", "rule"]
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
        author: Who worded it, or None where nobody did.
        refused: The check that the model's text failed where a model was asked and the rules worded
            it, else None.
    """

    text: str | None
    status: WordedStatus
    author: Author | None = None
    refused: Status | None = None


def word_answers(
    table: RawTable, *, answer: str, confidence: str, style: str, by_model: Rewriter | None = None
) -> list[Worded]:
    """Put the confidence of every answer into words.

    Several sentences share their confidence and stay together. A confidence that is missing is no
    number, so nothing is said in its place, and no model is asked.

    Args:
        table: The rows.
        answer: Column of the answers: texts or numbers, empty where there is none.
        confidence: Column of the confidences, in [0, 1], empty where missing.
        style: A style of the map (``hedges.hedge_for``).
        by_model: Rewords in this style, and by rule where its model's text fails a check. None: the
            rules reword every answer.

    Raises:
        CalibrantError: If a column is absent, a cell cannot be read, there is no such style, or the
            model cannot be asked.
    """
    # A file in which no answer states a confidence must not hide a misspelt style.
    hedge_for(0.5, style)
    answers = table.column(answer, meaning="the answer as text, empty if there is none")
    confidences = _confidences(table, confidence)
    texts = [_text(cell, table.place(index, answer)) for index, cell in enumerate(answers)]
    statements = {
        index: [Statement(text, stated)]
        for index, (text, stated) in enumerate(zip(texts, confidences, strict=True))
        if text is not None and not math.isnan(stated)
    }
    if by_model is None:
        worded = [Worded(rewrite(item, style), "worded", "rule") for item in statements.values()]
    else:
        worded = [_by_model(result) for result in by_model(list(statements.values()))]
    known = dict(zip(statements, worded, strict=True))
    return [known.get(index) or _unworded(text) for index, text in enumerate(texts)]


def _by_model(result: Reworded) -> Worded:
    if result.status == "model":
        return Worded(result.text, "worded", "model")
    return Worded(result.text, "worded", "rule", result.status)


def _unworded(text: str | None) -> Worded:
    return Worded(text, "no_answer" if text is None else "no_confidence")


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
