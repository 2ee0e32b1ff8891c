"""Big-Math-Digits for training: the rows of Big-Math with a number as answer that are not too easy.

Big-Math RL-Verified (Albalak et al., arXiv:2502.17387) says of most problems how often Llama-3.1-8B
solved them. RLCR (arXiv:2507.16806) keeps those whose answer is a short number and whose solve rate
lies above 0 and below 0.75. The test rows its authors drew are ``big_math_digits``.
"""

import math
from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import arrow_records, each_row, json_lines, text_of
from calibrant.data.raw import Loaded, RawQuestion
from calibrant.errors import CalibrantError

LONG_ANSWER = "the answer has 20 characters or more"
WORDED_ANSWER = "the answer holds \\text"
NO_NUMBER = "the answer is not a finite number"
NO_RATE = "no solve rate is known"
TOO_HARD = "solved too rarely"
TOO_EASY = "solved too often"
_LONGEST = 20  # characters

_Record = dict[str, Any]


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the files; all rows are part ``train`` and difficulty is the share of failed attempts.

    Args:
        files: Parquet, Arrow (stream) or JSON lines with the columns ``problem``, ``answer``,
            ``source`` and ``llama8b_solve_rate``.
        options: ``solved_above`` and ``solved_below``: bounds of the solve rate, neither included
            (percent; 0 and 75).
        seed: Not used: nothing is drawn.

    Raises:
        CalibrantError: If a file is of another kind, or a row lacks a column or holds a solve rate
            that is no share; names the file and the row.
    """
    lowest, highest = int(options.get("solved_above", 0)), int(options.get("solved_below", 75))
    loaded = Loaded()

    def read(row: _Record, number: int) -> None:
        if fault := _fault(row, lowest / 100, highest / 100):
            loaded.dropped[fault] += 1
        else:
            loaded.questions.append(_question(row, f"{path.name}:{number}"))

    for path in files.values():
        each_row(path, _records(path), read)
    return loaded


def _records(path: Path) -> list[_Record]:
    if path.suffix == ".parquet":
        return _parquet_records(path)
    if path.suffix == ".arrow":
        return arrow_records(path)
    if path.suffix == ".jsonl":
        return json_lines(path)
    raise CalibrantError(
        f"is of the unknown kind {path.suffix!r}",
        where=path,
        repair="Give .parquet, .arrow or .jsonl",
    )


def _parquet_records(path: Path) -> list[_Record]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: list[_Record] = pq.read_table(path).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise CalibrantError(f"cannot be read as Parquet: {error}", where=path) from error
    return rows


def _fault(row: _Record, lowest: float, highest: float) -> str | None:
    """Return why a row is left out, or None."""
    answer, rate = text_of(row, "answer"), row["llama8b_solve_rate"]
    if len(answer) >= _LONGEST:
        return LONG_ANSWER
    if "text" in answer:
        return WORDED_ANSWER
    if not _is_number(answer):
        return NO_NUMBER
    if rate is None:
        return NO_RATE
    if not 0 <= rate <= 1:
        raise ValueError(f"llama8b_solve_rate {rate!r} is not a share")
    if rate <= lowest:
        return TOO_HARD
    return TOO_EASY if rate >= highest else None


def _is_number(answer: str) -> bool:
    try:
        # Python's float also reads 1_000, which no grader and no reader takes for a number.
        return "_" not in answer and math.isfinite(float(answer))
    except ValueError:
        return False


def _question(row: _Record, source_id: str) -> RawQuestion:
    return RawQuestion(
        part="train",
        question=text_of(row, "problem"),
        references=(text_of(row, "answer"),),
        answer_type="number",
        domain="math",
        source_id=f"{text_of(row, 'source')}:{source_id}",
        difficulty=1 - row["llama8b_solve_rate"],
    )
