"""Big-Math, the problems with a number as answer (Albalak et al., arXiv:2502.17387).

These are the 1,000 test rows that the authors of RLCR drew. Some retell a training question of
GSM8K, mostly with the unknown moved to another place; they are found by their 8-word runs.
"""

from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import (
    arrow_records,
    each_row,
    json_lines,
    local_file,
    text_of,
)
from calibrant.data.raw import Loaded, RawQuestion
from calibrant.data.shingles import words_of

ROWS = "data/big-math-digits/test/data-00000-of-00001.arrow"
GSM8K_TRAIN = "grade_school_math/data/train.jsonl"
REPEATS_GSM8K = "half or more of its 8-word runs stand in training questions of GSM8K"
_RUN = 8  # words


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the file; difficulty is the share of Llama-3.1-8B's attempts that failed."""
    train = local_file(files, GSM8K_TRAIN)
    known: set[tuple[str, ...]] = set()
    for question in each_row(train, json_lines(train), lambda row, _: text_of(row, "question")):
        known |= _runs(question)
    path = local_file(files, ROWS)
    loaded = Loaded()
    for row in each_row(path, arrow_records(path), _read):
        runs = _runs(row.question)
        if 2 * len(runs & known) >= len(runs):
            loaded.dropped[REPEATS_GSM8K] += 1
        else:
            loaded.questions.append(row)
    return loaded


def _read(row: dict[str, Any], number: int) -> RawQuestion:
    answer = text_of(row, "answer")
    float(answer)
    solved = row["llama8b_solve_rate"]
    if not 0 <= solved <= 1:
        raise ValueError(f"llama8b_solve_rate {solved!r} is not a share")
    return RawQuestion(
        part="test",
        question=text_of(row, "problem"),
        references=(answer,),
        answer_type="number",
        domain="math",
        source_id=f"{text_of(row, 'source')}:{number}",
        difficulty=1 - solved,
    )


def _runs(text: str) -> set[tuple[str, ...]]:
    words = words_of(text)
    return {tuple(words[start : start + _RUN]) for start in range(max(1, len(words) - _RUN + 1))}
