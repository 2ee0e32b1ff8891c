"""CommonsenseQA: everyday knowledge, five options (Talmor et al., arXiv:1811.00937)."""

from pathlib import Path
from typing import Any

from calibrant.data.loaders.reading import each_row, json_lines, text_of
from calibrant.data.raw import Loaded, RawQuestion
from calibrant.rows import OPTION_LETTERS

# The labels of the official test set are not public, so the official dev set is the test.
_PARTS = {"train_rand_split": "train", "dev_rand_split": "test"}


def load(files: dict[str, Path], options: dict[str, str | int | bool], seed: int) -> Loaded:
    """Read the files; the official dev set is part ``test``."""
    loaded = Loaded()

    def read(row: dict[str, Any], number: int) -> RawQuestion:
        asked = row["question"]
        choices = asked["choices"]
        letters = [choice["label"] for choice in choices]
        if letters != list(OPTION_LETTERS[: len(choices)]):
            raise ValueError(f"the options are lettered {letters}")
        if row["answerKey"] not in letters:
            raise ValueError(f"answerKey {row['answerKey']!r} is no option")
        return RawQuestion(
            part=_PARTS[path.stem],
            question=text_of(asked, "stem"),
            references=(row["answerKey"],),
            answer_type="choice",
            domain="commonsense",
            options=tuple(text_of(choice, "text") for choice in choices),
            source_id=text_of(row, "id"),
        )

    for path in files.values():
        loaded.questions += each_row(path, json_lines(path), read)
    return loaded
