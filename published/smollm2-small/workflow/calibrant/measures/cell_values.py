"""What a cell of correctness, confidence or a label says; anything doubtful is an error."""

import json
import math
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from calibrant.errors import CalibrantError
from calibrant.measures.sample import FloatArray
from calibrant.tables.raw_table import RawTable

EMPTY_LABEL = "(empty)"
_WORDS = {"true": True, "false": False}


def read_correct(table: RawTable, name: str) -> FloatArray:
    """Return a column of correctness as 0 and 1, NaN where empty (ungraded), shape (n,).

    Raises:
        CalibrantError: If a cell is not 0, 1, true, false or empty, or the column mixes them.
    """
    meaning = "1 or true for a right answer, 0 or false for a wrong one"
    return _read(table, name, _one_correct, meaning)


def read_confidence(table: RawTable) -> FloatArray:
    """Return confidences in [0, 1], NaN where the cell is empty (missing), shape (n,).

    Raises:
        CalibrantError: If a cell is not a number from 0 to 1 or empty, or the column mixes texts
            and numbers. Percentages are refused and never guessed: 1 could be 1 or 100 %.
    """
    meaning = "a number from 0 to 1, empty if missing"
    return _read(table, "confidence", _one_probability, meaning)


def read_true_probability(table: RawTable) -> FloatArray:
    """Return the known probabilities that the answers are right, NaN where empty, shape (n,).

    Raises:
        CalibrantError: As ``read_confidence``.
    """
    meaning = "the known probability that the answer is right, from 0 to 1, empty if not known"
    return _read(table, "true_probability", _one_probability, meaning)


def read_labels(table: RawTable, name: str, *, may_be_empty: bool, meaning: str) -> list[str]:
    """Return the cells of a column as texts.

    Args:
        table: The rows.
        name: Name of the column.
        may_be_empty: Whether an empty cell becomes ``(empty)`` or is an error.
        meaning: What the column should hold, for the error message.

    Raises:
        CalibrantError: If the column is absent, or a cell is empty where it may not be.
    """
    labels = []
    for index, cell in enumerate(table.column(name, meaning=meaning)):
        if _is_empty(cell):
            if not may_be_empty:
                raise CalibrantError(
                    "is empty",
                    where=table.place(index, name),
                    repair=f"Fill it, or remove the column {name!r} to count every row by itself",
                )
            labels.append(EMPTY_LABEL)
        else:
            labels.append(_as_text(cell))
    return labels


def _as_text(cell: object) -> str:
    if isinstance(cell, bool | list | dict):
        return json.dumps(cell, sort_keys=True, ensure_ascii=False, default=str)
    return str(cell)


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _read(
    table: RawTable, name: str, parse: Callable[[object, str], float], meaning: str
) -> FloatArray:
    cells = table.column(name, meaning=meaning)
    values = np.full(len(cells), np.nan)
    first: tuple[int, str] | None = None
    for index, cell in enumerate(cells):
        if _is_empty(cell):
            continue
        values[index] = parse(cell, table.place(index, name))
        kind = _kind(cell)
        if first is None:
            first = (index, kind)
        elif kind != first[1]:
            raise CalibrantError(
                f"is {kind}, but {table.unit} {table.numbers[first[0]]} has {first[1]}",
                where=table.place(index, name),
                repair="Write the whole column in one way",
            )
    return values


def _kind(cell: object) -> str:
    if isinstance(cell, str):
        word = cell.strip().lower() in _WORDS
        return "true or false in text" if word else "a number in text"
    return "true or false" if isinstance(cell, bool) else "a number"


def _one_correct(cell: object, where: str) -> float:
    value = _WORDS.get(cell.strip().lower()) if isinstance(cell, str) else None
    number = _number(cell) if value is None else float(value)
    if number in (0.0, 1.0):
        return float(number)
    raise CalibrantError(
        f"is {_shown(cell)}, which is none of 0, 1, true and false",
        where=where,
        repair="Write 1 for a right answer and 0 for a wrong one, and nothing if it is not graded",
    )


def _one_probability(cell: object, where: str) -> float:
    number = None if isinstance(cell, bool) else _number(cell)
    if number is not None and 0 <= number <= 1:
        return number
    raise CalibrantError(
        f"is {_shown(cell)}, which is not a number from 0 to 1",
        where=where,
        repair=_repair_probability(cell, number),
    )


def _repair_probability(cell: object, number: float | None) -> str:
    if number is not None and 1 < number <= 100:
        return "It looks like percent: divide the column by 100"
    if isinstance(cell, str) and cell.strip().endswith("%"):
        return "It looks like percent: drop the sign and divide the column by 100"
    return "Write the probability that the answer is right, and nothing if there is none"


def _number(cell: object) -> float | None:
    """Return a cell as a float (NaN and infinities included), or None if it is not a number."""
    if isinstance(cell, bool):
        return float(cell)
    # float() reads digits grouped by underscores, which no file means.
    if isinstance(cell, str) and "_" not in cell:
        try:
            return float(cell)
        except ValueError:
            return None
    if isinstance(cell, int | float | Decimal):
        try:
            return float(cell)
        except OverflowError:
            return math.inf if cell > 0 else -math.inf
    return None


def _shown(cell: object) -> str:
    text = repr(cell) if isinstance(cell, str) else _as_text(cell)
    return text if len(text) <= 40 else text[:37] + "..."
