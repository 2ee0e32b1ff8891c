"""StrategyQA: yes-no questions that need several facts (Geva et al., arXiv:2101.02235).

The facts and the decomposition stand beside each question and are never shown.
"""

from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import each_row, json_values, text_of
from calibrant.data.raw import Loaded, RawQuestion

_PARTS = {"train": "train", "dev": "test"}
_ANSWERS = {True: "yes", False: "no"}


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the files; the official dev set is part ``test``."""
    loaded = Loaded()

    def read(row: dict[str, Any], number: int) -> RawQuestion:
        if not isinstance(row["answer"], bool):
            raise ValueError(f"answer is {row['answer']!r}, not true or false")
        return RawQuestion(
            part=_PARTS[path.stem],
            question=text_of(row, "question"),
            references=(_ANSWERS[row["answer"]],),
            answer_type="yes_no",
            domain="commonsense",
            source_id=text_of(row, "qid"),
        )

    for path in files.values():
        loaded.questions += each_row(path, json_values(path), read)
    return loaded
