"""MedMCQA: questions of Indian medical entrance examinations (Pal et al., arXiv:2203.14371)."""

from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import each_row, json_lines, text_of
from calibrant.data.raw import Loaded, RawQuestion
from calibrant.rows import OPTION_LETTERS

ALIKE = "all options are the same"
_COLUMNS = ("opa", "opb", "opc", "opd")


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the official dev set; its explanations are never shown."""
    loaded = Loaded()
    for path in files.values():
        for row in each_row(path, json_lines(path), _read):
            if len(set(row.options)) == 1:
                loaded.dropped[ALIKE] += 1
            else:
                loaded.questions.append(row)
    return loaded


def _read(row: dict[str, Any], number: int) -> RawQuestion:
    # ``cop`` counts from 1.
    if row["cop"] not in range(1, len(_COLUMNS) + 1):
        raise ValueError(f"cop {row['cop']!r} is not one of 1 to {len(_COLUMNS)}")
    return RawQuestion(
        part="dev",
        question=text_of(row, "question"),
        references=(OPTION_LETTERS[row["cop"] - 1],),
        answer_type="choice",
        domain="medical",
        options=tuple(text_of(row, column) for column in _COLUMNS),
        source_id=text_of(row, "id"),
    )
